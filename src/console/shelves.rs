//! What comes of the shelves: asks for what lies there, and takes in how an import or a promotion
//! went.
//!
//! Start at [`ask`].

use crate::{
    cells,
    cursor::Cursor,
    importing::{ImportNews, Imported, Importing},
    layer::{Layer, Page},
    message::{Effect, Errand},
    state::{Change, Screen, State, Tone},
};
use config::keys::Data;
use domain::{Phrase, phrase};
use runs::{ModelId, Pointer};
use std::path::PathBuf;

/// Has what is shown read, once each time that it may have changed. What lies on a host is not
/// here to be read.
pub fn ask(state: &mut State, effects: &mut Vec<Effect>) {
    if state.line.is_some() {
        return;
    }
    match state.screen {
        Screen::Data if !state.data_list.asked => {
            state.data_list.asked = true;
            effects.push(Effect::Run(Errand::Data(folder(state))));
        }
        Screen::Models if !state.model_list.asked => {
            state.model_list.asked = true;
            effects.push(Effect::Run(Errand::Models));
        }
        _ => {}
    }
}

/// Returns the folder of market data as the settings say.
fn folder(state: &State) -> PathBuf {
    let resolved = state.form.resolved.as_ref();
    let named = resolved.map(|resolved| resolved.config.data.store.clone());
    named.unwrap_or_else(|| Data::default().store).into()
}

/// Takes in how an import goes.
pub fn take_import(state: &mut State, news: ImportNews) {
    match news {
        ImportNews::Begun(order) => {
            let name = &order.name;
            let says = phrase!(
                "{name} is being imported; that goes on when this console is closed",
                "{name}: 가져오는 중입니다. 콘솔을 닫아도 계속됩니다"
            );
            state.data_list.last = Some(order.clone());
            state.data_list.importing = Some(Importing::new(order, state.now));
            state.say(Tone::Good, says);
        }
        ImportNews::At(stage, percent) => {
            let now = state.now;
            if let Some(importing) = &mut state.data_list.importing {
                importing.take((stage, percent), now);
            }
        }
        ImportNews::Ended(Ok(imported)) => {
            state.data_list.importing = None;
            state.data_list.asked = false;
            state.data_list.choose(&imported.name);
            state.say(Tone::Good, said(&imported));
        }
        ImportNews::Ended(Err(why)) => {
            state.data_list.importing = None;
            state.data_list.asked = false;
            let says = Phrase::new("the import failed", "가져오지 못했습니다");
            state.say(Tone::Bad, says);
            let room = usize::from(state.size.0.min(120)).saturating_sub(4);
            let lines = why.get(state.lang).lines();
            let lines = lines.flat_map(|line| cells::wrap(&cells::clean(line), room));
            // Whatever was begun meanwhile stays on top.
            let page = Layer::Page(Page {
                title: Phrase::new("The import failed", "가져오기 실패"),
                lines: lines.collect(),
                scroll: Cursor::default(),
            });
            state.layers.insert(0, page);
        }
    }
}

fn said(imported: &Imported) -> Phrase {
    let Imported {
        name,
        bars,
        gaps,
        warnings,
    } = imported;
    let mut says = phrase!(
        "{name} imported: {bars} bars, {gaps} gaps",
        "{name} 가져옴: 봉 {bars}개, 공백 {gaps}곳"
    );
    if *warnings > 0 {
        says.en.push_str("; Enter shows what was found");
        says.ko.push_str(". Enter로 발견된 점을 봅니다");
    }
    says
}

/// Takes in that a name of models points elsewhere.
pub fn named(state: &mut State, name: String, before: Option<Pointer>, now: Option<&ModelId>) {
    state.model_list.asked = false;
    let says = match now {
        Some(model) => phrase!(
            "{name} is {model} now; Ctrl-Z takes that back",
            "{name}: 이제 {model}입니다. Ctrl-Z로 되돌립니다"
        ),
        None => phrase!(
            "{name} is no model's name any more; Ctrl-Z takes that back",
            "{name}: 이름을 뗐습니다. Ctrl-Z로 되돌립니다"
        ),
    };
    state.say(Tone::Good, says);
    state.done.push(Change::Named { name, before });
}
