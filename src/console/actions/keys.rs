//! Giving actions other keys, and writing them into the settings for everybody.
//!
//! A key that was changed here is the user's own until it is saved: then the settings hold it, and
//! whoever edits them later is heard. Start at [`ACTIONS`] and [`wait_for_key`].

use super::{reasons, saving::relative};
use crate::{
    action::{self, Act, Action, Risk},
    chord::Chord,
    keymap::Keymap,
    layer::{Layer, NewKey},
    look::{Choice, Said},
    message::{Effect, Errand},
    saving::{Exchange, SavedKeys, Saving, Source, Target},
    state::{Change, State, Tone},
};
use config::{Draft, Value};
use crossterm::event::KeyCode;
use domain::{Phrase, Place, Text, phrase};
use std::{collections::BTreeMap, path::PathBuf};

/// The setting that holds keys.
const KEYS: &str = "console.keys";
/// What saving them is called.
pub(super) const SAVE: Text = Text::new("Save keys", "키 저장");

/// The action.
pub const ACTIONS: &[Action] = &[Action {
    id: "app.save_keys",
    title: SAVE,
    help: Text::new(
        "Write the keys changed here into the project's settings, for everybody who opens them; shows the file and every line that changes first.",
        "여기서 바꾼 키를 프로젝트 설정에 저장해 모두가 쓰게 합니다. 저장하기 전에 파일과 바뀌는 줄을 모두 보여 줍니다.",
    ),
    keys: &[Chord::shift(KeyCode::F(9))],
    on: &[],
    risk: Risk::R2,
    rank: 0,
    enabled: reasons::can_save_keys,
    act: Act::Open(draft),
}];

/// Asks what saving the keys would write: where the settings hold keys already, else into the
/// project's own file.
fn draft(state: &mut State) -> Vec<Effect> {
    let file = match state.look.keys.place() {
        Place::File { path, .. } | Place::Path(path) => PathBuf::from(path),
        _ => state.project.join("configs").join("default.toml"),
    };
    let entries = state.look.keys.merged();
    let texts = entries.iter().cloned().map(Value::Text);
    let typed = Value::List(texts.collect()).to_string();
    vec![Effect::Run(Errand::Draft(Saving {
        file,
        target: Target::Existing,
        changes: vec![(KEYS, typed)],
        source: Source::Keys(entries),
    }))]
}

/// Says what follows from saving keys into `file`.
pub(super) fn consequence(file: &str) -> Phrase {
    phrase!(
        "These lines of {file} change; the keys hold for everybody who opens this project.",
        "{file} 파일의 다음 줄이 바뀝니다. 이 프로젝트를 여는 모두에게 적용됩니다."
    )
}

/// Goes by the `entries` that were saved. Taking that back restores keys and file.
pub(super) fn saved(state: &mut State, entries: &[String], draft: &Draft) -> Vec<Effect> {
    let keys = &state.look.keys;
    let saved = SavedKeys {
        before: keys.entries().to_vec(),
        after: entries.to_vec(),
        chosen: keys.kept(),
        exchange: Exchange::of(draft),
    };
    // Whatever was changed meanwhile is in no file.
    let fresh = Keymap::of(entries, &Place::Default);
    let is_later =
        |(id, (_, keys)): &(String, Choice<String>)| !entries.contains(&format!("{id}={keys}"));
    let later = keys.kept().into_iter().filter(is_later);
    let later = later.map(|(id, (_, keys))| (id.clone(), (fresh.told(&id), keys)));
    go_by(state, entries, later.collect(), &saved);
    let file = relative(&draft.file, &state.project);
    let undo = action::named("app.undo").map(|undo| state.look.keys.shown(undo));
    let undo = undo.unwrap_or_default();
    let says = phrase!(
        "the keys are saved to {file}; {undo} takes that back",
        "키를 {file} 파일에 저장했습니다. {undo} 키로 되돌립니다"
    );
    state.say(Tone::Good, says);
    state.undone.clear();
    state.done.push(Change::KeysSaved(saved));
    vec![state.resolve_settings()]
}

/// Gives keys and file back what they were before `saved`.
pub(super) fn give_back(state: &mut State, saved: &SavedKeys) -> Effect {
    go_by(state, &saved.before, saved.chosen.clone(), saved);
    Effect::Run(Errand::Exchange(saved.exchange.back()))
}

/// Saves again what was taken back.
pub(super) fn save_again(state: &mut State, saved: &SavedKeys) -> Effect {
    go_by(state, &saved.after, BTreeMap::new(), saved);
    Effect::Run(Errand::Exchange(saved.exchange.clone()))
}

fn go_by(
    state: &mut State,
    entries: &[String],
    chosen: BTreeMap<String, Choice<String>>,
    saved: &SavedKeys,
) {
    // An option or a variable goes on counting more than the file.
    if state.look.keys.said() == Said::ByStart {
        return;
    }
    let place = Place::Path(saved.exchange.file.display().to_string());
    let mut keys = Keymap::of(entries, &place);
    keys.recall(chosen);
    state.look.keys = keys;
}

/// Waits for the key that `action` is to have.
pub fn wait_for_key(state: &mut State, action: &'static Action) -> Vec<Effect> {
    let refusal = None;
    state.layers.push(Layer::NewKey(NewKey { action, refusal }));
    Vec::new()
}

/// Gives the action that waits the pressed key, or says why it cannot have it.
pub fn take_key(state: &mut State, waiting: &NewKey, key: Chord) -> Vec<Effect> {
    let (action, key) = (waiting.action, key.on_latin_layout());
    if let Err(Phrase { en, ko }) = change_keys(state, action, Some(key)) {
        let refusal = Some(phrase!("{key}: {en}", "{key}: {ko}"));
        state.layers.push(Layer::NewKey(NewKey { action, refusal }));
    }
    Vec::new()
}

/// Gives `action` back the keys that the settings or the registry say.
pub fn usual_keys(state: &mut State, action: &'static Action) -> Vec<Effect> {
    // Whatever is in the way of a usual key only keeps that key.
    let _ = change_keys(state, action, None);
    Vec::new()
}

fn change_keys(
    state: &mut State,
    action: &'static Action,
    key: Option<Chord>,
) -> Result<(), Phrase> {
    let before = state.look.keys.give(action, key)?;
    let after = key.map(|key| vec![key]);
    let keys = state.look.keys.shown(action);
    let undo = action::named("app.undo").map(|undo| state.look.keys.shown(undo));
    let (undo, Text { en, ko }) = (undo.unwrap_or_default(), action.title);
    let says = phrase!(
        "{en}: {keys}; {undo} takes it back",
        "{ko}: {keys}. {undo} 키로 되돌립니다"
    );
    if before != after {
        state.undone.clear();
        state.done.push(Change::Keys {
            action: action.id,
            before,
            after,
        });
    }
    state.say(Tone::Good, says);
    Ok(())
}
