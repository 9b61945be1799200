//! What a typed line does: actions by title, identifier or number, rows by number, keys by name,
//! settings by path, and the answers to whatever was asked.
//!
//! Nothing that touches a job or a file is done without the word that its question asks for. Start
//! at [`take`].

use super::{Numbered, account, layers};
use crate::{
    action::{self, Action},
    actions,
    caps::{Caps, Depth, Glyphs},
    cells,
    chord::Chord,
    form, fuzzy,
    launch::{Launch, Stage},
    layer::{Button, Confirm, EntryFor, Layer},
    line_edit::LineEdit,
    message::Effect,
    press, search,
    state::State,
    theme::Theme,
    view, words,
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase, Text, phrase};
use ratatui::buffer::Buffer;

const ENTER: Chord = Chord::key(KeyCode::Enter);
const ESC: Chord = Chord::key(KeyCode::Esc);
/// Actions that a few letters may mean before they are too few.
const MOST: usize = 9;

/// Takes a typed line.
pub fn take(state: &mut State, typed: &str) -> Vec<Effect> {
    let typed = typed.trim();
    match state.layers.last() {
        Some(_) => in_layer(state, typed),
        None => on_screen(state, typed),
    }
}

/// Returns whether `typed` is `word` in either language.
fn is(typed: &str, word: Text) -> bool {
    typed.eq_ignore_ascii_case(word.en) || typed == word.ko
}

fn answer(state: &mut State, lines: Vec<Phrase>) {
    if let Some(dialogue) = &mut state.dialogue {
        dialogue.answer(lines);
    }
}

fn on_screen(state: &mut State, typed: &str) -> Vec<Effect> {
    if typed.is_empty() || is(typed, words::READ) {
        let lines = read(state);
        answer(state, lines);
    } else if typed == "?" || is(typed, words::HELP) {
        help(state);
    } else if is(typed, words::LIST) {
        list(state);
    } else if let Ok(number) = typed.parse::<usize>() {
        return take_number(state, number);
    } else if let Some(action) = exact(state, typed) {
        return press::perform(state, action);
    } else if let Some(chord) = chord(typed) {
        return press::on_screen(state, chord);
    } else if let Some(effects) = take_setting(state, typed) {
        return effects;
    } else {
        return take_words(state, typed);
    }
    Vec::new()
}

/// Lists what can be done here, numbered, each with the reason where it cannot.
fn help(state: &mut State) {
    let existing: Vec<&Action> = action::existing(state).collect();
    let mut lines = vec![Phrase::from(words::SAY_COMMAND)];
    lines.extend(layers::numbered(
        existing.iter().map(|action| layers::action(state, action)),
    ));
    let ids = existing.iter().map(|action| action.id).collect();
    answer(state, lines);
    number(state, Numbered::Actions(ids));
}

fn number(state: &mut State, numbered: Numbered) {
    if let Some(dialogue) = &mut state.dialogue {
        dialogue.numbered = numbered;
    }
}

/// Lists the rows of the screen, numbered; a screen that is no list is read out.
fn list(state: &mut State) {
    let lines = match account::rows(state) {
        Some(rows) => layers::numbered(rows.into_iter()),
        None => read(state),
    };
    answer(state, lines);
    number(state, Numbered::Rows);
}

fn take_number(state: &mut State, number: usize) -> Vec<Effect> {
    let numbered = state.dialogue.as_ref().map(|dialogue| &dialogue.numbered);
    let Some(row) = number.checked_sub(1) else {
        answer(state, vec![words::NO_SUCH_NUMBER.into()]);
        return Vec::new();
    };
    if let Some(Numbered::Actions(ids)) = numbered {
        let id = ids.get(row).copied();
        let still = |action: &&Action| Some(action.id) == id;
        let found = action::existing(state).find(still);
        return match found {
            Some(action) => press::perform(state, action),
            None => {
                answer(state, vec![words::NO_SUCH_NUMBER.into()]);
                Vec::new()
            }
        };
    }
    let within = account::rows(state).is_none_or(|rows| row < rows.len());
    if !within {
        answer(state, vec![words::NO_SUCH_NUMBER.into()]);
        return Vec::new();
    }
    // As a person would walk there, so that every screen knows what is chosen.
    let mut effects = press::on_screen(state, Chord::key(KeyCode::Home));
    for _ in 0..row {
        effects.extend(press::on_screen(state, Chord::key(KeyCode::Down)));
    }
    effects
}

/// Returns the action that is called `typed` here, the one that can be done first.
fn exact(state: &State, typed: &str) -> Option<&'static Action> {
    let called = |action: &&'static Action| typed == action.id || is(typed, action.title);
    let found: Vec<&Action> = action::existing(state).filter(called).collect();
    let enabled = found.iter().find(|action| (action.enabled)(state).is_ok());
    enabled.or(found.first()).copied()
}

/// Shows or changes the setting that `typed` names: `agent.gamma`, `agent.gamma=0.9`.
fn take_setting(state: &mut State, typed: &str) -> Option<Vec<Effect>> {
    let (path, value) = match typed.split_once('=') {
        Some((path, value)) => (path.trim(), Some(value.trim())),
        None => (typed, None),
    };
    let key = config::find(path)?;
    press::show_setting(state, key);
    let Some(value) = value else {
        return Some(Vec::new());
    };
    if let Err(refusal) = form::check(key, value) {
        let (what, hint) = (refusal.message, refusal.hint);
        let says = Phrase::new(
            format!("{}; {}", what.en, hint.en),
            format!("{}. {}", what.ko, hint.ko),
        );
        answer(state, vec![says]);
        return Some(Vec::new());
    }
    Some(actions::change_setting(state, key, Some(value.to_owned())))
}

/// Does the only action that `typed` can mean, or asks which.
fn take_words(state: &mut State, typed: &str) -> Vec<Effect> {
    let mut found: Vec<(i32, &'static Action)> = action::existing(state)
        .filter_map(|action| {
            let texts = [action.title.en, action.title.ko, action.id];
            Some((fuzzy::best(typed, texts)?, action))
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.truncate(MOST);
    match found[..] {
        [] => {
            let says = phrase!(
                "nothing here is called {typed}; type help",
                "{typed}: 여기에 그런 동작이 없습니다. 도움말을 입력하세요"
            );
            answer(state, vec![says]);
        }
        [(_, action)] => return press::perform(state, action),
        _ => {
            let mut lines = vec![Phrase::from(words::WHICH_ONE)];
            let each = found
                .iter()
                .map(|(_, action)| layers::action(state, action));
            lines.extend(layers::numbered(each));
            let ids = found.iter().map(|(_, action)| action.id).collect();
            answer(state, lines);
            number(state, Numbered::Actions(ids));
        }
    }
    Vec::new()
}

/// Reads the screen out: its rows as they are drawn, without what is only drawn.
fn read(state: &State) -> Vec<Phrase> {
    let lines = |lang| {
        let caps = Caps {
            depth: Depth::Mono,
            glyphs: Glyphs::Ascii,
        };
        let theme = Theme::new(config::keys::Theme::Dark, caps.depth);
        let area = ratatui::layout::Rect::new(0, 0, state.size.0, state.size.1);
        let mut buffer = Buffer::empty(area);
        view::view(state, &caps, &theme, lang, area, &mut buffer);
        let body = state.areas().body;
        let rows = (body.top()..body.bottom()).map(|y| said_row(&buffer, y));
        rows.collect::<Vec<String>>()
    };
    let both = lines(Lang::En).into_iter().zip(lines(Lang::Ko));
    let said = both.filter(|(en, ko)| !en.is_empty() || !ko.is_empty());
    let said = said.map(|(en, ko)| Phrase::new(en, ko));
    said.chain(account::figures(state)).collect()
}

/// Returns the words of a row; what holds no letter or digit is a line, a bar or a picture.
fn said_row(buffer: &Buffer, y: u16) -> String {
    let mut row = String::new();
    let mut hidden = 0;
    for x in 0..buffer.area.width {
        let symbol = buffer[(x, y)].symbol();
        if hidden == 0 {
            row.push_str(symbol);
            hidden = cells::width(symbol).saturating_sub(1);
        } else {
            hidden -= 1;
        }
    }
    let says = |word: &&str| word.chars().any(char::is_alphanumeric);
    without_rules(&row)
        .split_whitespace()
        .filter(says)
        .collect::<Vec<&str>>()
        .join(" ")
}

/// Cuts out what is drawn with one character again and again; two of a kind are left.
fn without_rules(row: &str) -> String {
    let mut out = String::with_capacity(row.len());
    let mut rest = row;
    while let Some(first) = rest.chars().next() {
        let run = rest.len() - rest.trim_start_matches(first).len();
        let (same, others) = rest.split_at(run);
        match first.is_alphanumeric() || same.chars().nth(2).is_none() {
            true => out.push_str(same),
            false => out.push(' '),
        }
        rest = others;
    }
    out
}

/// Returns the key that is called `typed`.
fn chord(typed: &str) -> Option<Chord> {
    typed.parse().ok()
}

fn in_layer(state: &mut State, typed: &str) -> Vec<Effect> {
    if is(typed, words::CANCEL) {
        return press::on_screen(state, ESC);
    }
    if is(typed, words::HELP) || is(typed, words::READ) {
        if let Some(layer) = state.layers.last() {
            let lines = layers::lines(state, layer);
            answer(state, lines);
        }
        return Vec::new();
    }
    let number = typed.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let Some(layer) = state.layers.pop() else {
        return Vec::new();
    };
    match layer {
        Layer::Page(_) if typed.is_empty() => Vec::new(),
        Layer::Page(_) => on_screen(state, typed),
        Layer::Confirm(confirm) => in_confirm(state, confirm, typed),
        Layer::Pick(mut pick) => {
            let chosen = number.filter(|at| *at < pick.items.len());
            if let Some(at) = chosen {
                pick.cursor.set(at, pick.items.len(), pick.items.len());
            }
            state.layers.push(Layer::Pick(pick));
            take_if(state, chosen.is_some() || typed.is_empty(), ENTER)
        }
        Layer::Entry(mut entry) => {
            let filters = matches!(
                entry.purpose,
                EntryFor::RunFilter
                    | EntryFor::JobFilter
                    | EntryFor::SettingFilter
                    | EntryFor::LogSearch
                    | EntryFor::TradeFilter
                    | EntryFor::ModelFilter
            );
            if typed.is_empty() && !filters {
                return Vec::new();
            }
            entry.line = LineEdit::new(typed);
            state.layers.push(Layer::Entry(entry));
            press::on_screen(state, ENTER)
        }
        Layer::Launch(launch) => in_launch(state, launch, typed, number),
        Layer::NewKey(waiting) => {
            state.layers.push(Layer::NewKey(waiting));
            let key = chord(typed);
            take_if(state, key.is_some(), key.unwrap_or(ESC))
        }
        mut finder @ (Layer::Help(_) | Layer::Palette(_)) => {
            let count = search::hits(state, &finder).len();
            let chosen = number.filter(|at| *at < count);
            if let Layer::Help(found) | Layer::Palette(found) = &mut finder {
                match chosen {
                    Some(at) => found.cursor.set(at, count, count),
                    None => {
                        found.query = LineEdit::new(typed);
                        found.cursor = Default::default();
                    }
                }
            }
            state.layers.push(finder);
            match chosen {
                Some(_) => press::on_screen(state, ENTER),
                None => Vec::new(),
            }
        }
    }
}

/// Presses `key` where `fits`, else says that it was no answer.
fn take_if(state: &mut State, fits: bool, key: Chord) -> Vec<Effect> {
    if fits {
        return press::on_screen(state, key);
    }
    answer(state, vec![words::NO_ANSWER.into()]);
    Vec::new()
}

fn in_confirm(state: &mut State, mut confirm: Confirm, typed: &str) -> Vec<Effect> {
    let meant = match &confirm.plan.word {
        Some(word) => typed == word,
        None => is(typed, words::PROCEED),
    };
    if meant {
        confirm.button = Button::Proceed;
        confirm.typed = LineEdit::new(typed);
    }
    state.layers.push(Layer::Confirm(confirm));
    take_if(state, meant, ENTER)
}

fn in_launch(
    state: &mut State,
    mut launch: Box<Launch>,
    typed: &str,
    number: Option<usize>,
) -> Vec<Effect> {
    let count = state.jobs.destinations.len();
    let mut key = ENTER;
    let fits = match launch.stage {
        Stage::Choose => {
            let chosen = number.filter(|at| *at < count);
            if let Some(at) = chosen {
                launch.cursor.set(at, count, count);
            }
            chosen.is_some()
        }
        Stage::Preview => match chord(typed) {
            Some(pressed) if typed.len() > 1 && pressed != ENTER => {
                key = pressed;
                true
            }
            _ => is(typed, words::PROCEED),
        },
        Stage::Count => {
            launch.typed = LineEdit::new(typed);
            typed == launch.count().to_string()
        }
        Stage::Edit => match chord(typed) {
            Some(pressed) if typed.chars().count() > 1 => {
                key = pressed;
                true
            }
            // A typed line goes in where the caret is.
            _ => {
                launch.script.insert(typed);
                true
            }
        },
    };
    state.layers.push(Layer::Launch(launch));
    take_if(state, fits, key)
}
