//! What lies over the screen, as lines, each with how it is answered.

use super::account::joined;
use crate::{
    action::Action,
    form, keymap,
    launch::{Launch, Stage},
    layer::{Confirm, Entry, EntryFor, Layer, Pick},
    search::{self, Hit},
    state::State,
    view, words,
};
use domain::{Phrase, Text, phrase};

/// Rows of a list that are read out.
const MOST: usize = 200;

/// Words `layer`.
pub fn lines(state: &State, layer: &Layer) -> Vec<Phrase> {
    match layer {
        Layer::Help(_) | Layer::Palette(_) => {
            let hits = search::hits(state, layer);
            let mut lines = numbered(hits.iter().take(MOST).map(|hit| self::hit(state, hit)));
            lines.push(words::SAY_FIND.into());
            lines
        }
        Layer::Confirm(confirm) => self::confirm(confirm),
        Layer::Pick(pick) => self::pick(pick),
        Layer::Entry(entry) => self::entry(entry),
        Layer::Launch(launch) => self::launch(state, launch),
        Layer::NewKey(waiting) => {
            let keys = keymap::written(state.look.keys.keys(waiting.action));
            let mut lines = vec![waiting.action.title.into()];
            lines.push(joined(words::KEYS_NOW.into(), &Phrase::same(keys)));
            lines.extend(waiting.refusal.clone());
            lines.push(words::SAY_KEY.into());
            lines
        }
        Layer::Page(page) => {
            let lines = page.lines.iter().cloned().map(Phrase::same);
            let first = std::iter::once(page.title.clone());
            first
                .chain(lines)
                .chain([words::SAY_CLOSE.into()])
                .collect()
        }
    }
}

/// Numbers lines from 1.
pub fn numbered(lines: impl Iterator<Item = Phrase>) -> Vec<Phrase> {
    let one = |(at, Phrase { en, ko }): (usize, Phrase)| {
        let number = at + 1;
        phrase!("{number}. {en}", "{number}. {ko}")
    };
    lines.enumerate().map(one).collect()
}

/// Words an action: its keys and what it does, or why it cannot be done.
pub fn action(state: &State, action: &Action) -> Phrase {
    let Text { en, ko } = action.title;
    let key = state.look.keys.shown(action);
    match (action.enabled)(state) {
        Ok(()) => Phrase::new(
            format!("{en} ({key}): {}", action.help.en),
            format!("{ko} ({key}): {}", action.help.ko),
        ),
        Err(why) => Phrase::new(
            format!("{en} ({key}), not now: {}", why.en),
            format!("{ko} ({key}), 지금은 안 됨: {}", why.ko),
        ),
    }
}

fn hit(state: &State, hit: &Hit) -> Phrase {
    match hit {
        Hit::Action(one) => action(state, one),
        Hit::Remark(says) => says.clone(),
        Hit::Run(run) => Phrase::same(run.to_string()),
        Hit::Setting(key) => {
            let (Text { en, ko }, path) = (key.label, key.path);
            phrase!("{en} ({path})", "{ko} ({path})")
        }
    }
}

fn confirm(confirm: &Confirm) -> Vec<Phrase> {
    let mut lines = vec![confirm.title.into(), confirm.plan.consequence.clone()];
    lines.extend(confirm.lines.iter().cloned().map(Phrase::same));
    let command = Phrase::same(confirm.plan.command.clone());
    lines.push(joined(words::SAME_AS.into(), &command));
    lines.push(match &confirm.plan.word {
        Some(word) => phrase!(
            "type {word} to go on, or cancel",
            "계속하려면 {word}, 그만두려면 취소를 입력하세요"
        ),
        None => words::SAY_PROCEED.into(),
    });
    lines
}

fn pick(pick: &Pick) -> Vec<Phrase> {
    let items = pick.items.iter().enumerate().map(|(at, item)| {
        let chosen = at == pick.cursor.at;
        let (en, ko) = match chosen {
            true => (" (chosen)", " (선택됨)"),
            false => ("", ""),
        };
        let (label, help) = (&item.label, &item.help);
        Phrase::new(
            format!("{}{en}. {}", label.en, help.en),
            format!("{}{ko}. {}", label.ko, help.ko),
        )
    });
    let mut lines = vec![pick.title.clone()];
    lines.extend(numbered(items));
    lines.push(words::SAY_NUMBER.into());
    lines
}

fn entry(entry: &Entry) -> Vec<Phrase> {
    let mut lines = vec![entry.title.clone()];
    let text = entry.line.text();
    if !text.is_empty() {
        lines.push(phrase!("now: {text}", "지금 값: {text}"));
    }
    lines.push(entry.hint.clone());
    lines.extend(entry.refusal.clone().map(Phrase::same));
    lines.push(match entry.purpose {
        EntryFor::RunFilter
        | EntryFor::JobFilter
        | EntryFor::SettingFilter
        | EntryFor::LogSearch
        | EntryFor::TradeFilter => words::SAY_FILTER.into(),
        _ => words::SAY_LINE.into(),
    });
    lines
}

fn launch(state: &State, launch: &Launch) -> Vec<Phrase> {
    let mut lines = vec![Phrase::from(words::LAUNCH)];
    lines.extend(launch.refusal.clone());
    if launch.stage == Stage::Choose {
        lines.push(words::WHERE_TO.into());
        let places = state.jobs.destinations.iter();
        lines.extend(numbered(places.map(|place| {
            joined(Phrase::same(place.profile.clone()), &place.about)
        })));
        lines.push(words::SAY_NUMBER.into());
        return lines;
    }
    let preview = match &launch.preview {
        None => {
            lines.push(words::ASKING.into());
            return lines;
        }
        Some(Err(why)) => {
            lines.extend([words::REFUSED.into(), why.clone(), words::SAY_CANCEL.into()]);
            return lines;
        }
        Some(Ok(preview)) => preview,
    };
    let count = launch.count();
    if count > 1 {
        lines.push(phrase!("{count} jobs", "작업 {count}개"));
        for set in &launch.order.sets {
            let values = set.split_once('=').and_then(|(path, typed)| {
                form::sweep_words(config::find(path)?, Some(&typed.to_owned()))
            });
            lines.extend(values);
        }
    }
    let command = Phrase::same(view::shell(&preview.command));
    lines.push(joined(words::WOULD_SEND.into(), &command));
    if launch.has_script() {
        let script = launch.script.lines().iter().cloned();
        lines.extend(script.map(Phrase::same));
    }
    lines.push(match launch.stage {
        Stage::Count => phrase!(
            "type {count} to send all, or cancel",
            "모두 보내려면 {count}, 그만두려면 취소를 입력하세요"
        ),
        Stage::Edit => words::SAY_EDIT.into(),
        _ if launch.has_script() => words::SAY_SCRIPT.into(),
        _ => words::SAY_PROCEED.into(),
    });
    lines
}
