//! What is said of a key that does nothing where it was pressed: where it does something.
//!
//! Nobody has to wonder whether the key arrived. Keys that move say nothing, since what they would
//! move is not there. Start at [`says`].

use crate::{
    action::{self, Action, Risk},
    actions, cells,
    chord::Chord,
    cursor::Step,
    state::State,
};
use crossterm::event::KeyCode;
use domain::{Phrase, Text, phrase};

/// Actions of a key that are told at most: a line has no room for more.
const TOLD: usize = 2;

/// Says what `chord`, which belongs to no action here, does elsewhere; `None` for a key that moves
/// or chooses.
#[must_use]
pub fn says(state: &State, chord: Chord) -> Option<Phrase> {
    if moves(chord) {
        return None;
    }
    let latin = chord.on_latin_layout();
    let has = |action: &&Action| {
        let keys = state.look.keys.keys(action);
        keys.contains(&chord) || keys.contains(&latin)
    };
    let known = actions::all().filter(|action| action.id != action::RECONNECT);
    let known: Vec<&Action> = known.filter(has).collect();
    if let Some(here) = known.iter().find(|action| action.is_on(state.screen)) {
        return Some(read_only(here));
    }
    let allowed = |action: &&&Action| !state.read_only || action.risk < Risk::R2;
    let allowed: Vec<&Action> = known.iter().filter(allowed).copied().collect();
    Some(match (allowed.is_empty(), known.first()) {
        (false, _) => elsewhere(chord, &allowed),
        (true, Some(action)) => read_only(action),
        (true, None) => unknown(chord),
    })
}

/// Says of a key of no action that it does nothing; one that is not drawn as it is has no name.
fn unknown(chord: Chord) -> Phrase {
    let name = chord.to_string();
    match cells::clean(&name) == name {
        true => phrase!(
            "{name} does nothing; F1 shows every key",
            "{name} 키는 하는 일이 없습니다. 모든 키는 F1에 나옵니다"
        ),
        false => Phrase::new(
            "this key does nothing; F1 shows every key",
            "이 키는 하는 일이 없습니다. 모든 키는 F1에 나옵니다",
        ),
    }
}

/// Returns whether a key moves or chooses wherever there is something to.
pub fn moves(chord: Chord) -> bool {
    let sideways = matches!(chord.code, KeyCode::Left | KeyCode::Right | KeyCode::Tab);
    sideways || matches!(chord.code, KeyCode::Enter | KeyCode::Esc) || Step::of(chord).is_some()
}

/// Says that `action`, which does more than look, is not done here.
#[must_use]
pub fn read_only(action: &Action) -> Phrase {
    let (en, ko) = (action.title.en, action.title.ko);
    phrase!("{en}: the console is read-only", "{ko}: 읽기 전용입니다")
}

/// Says on which screens `chord` does something, and what.
fn elsewhere(chord: Chord, known: &[&Action]) -> Phrase {
    let told = |get: fn(&Text) -> &'static str| {
        let told = known.iter().take(TOLD).map(|action| {
            let screens = action.on.iter().map(|screen| match screen.digit() {
                Some(digit) => format!("{} ({digit})", get(&screen.title())),
                None => get(&screen.title()).to_owned(),
            });
            let screens: Vec<String> = screens.collect();
            format!("{}: {}", screens.join(", "), get(&action.title))
        });
        told.collect::<Vec<_>>().join("; ")
    };
    let (en, ko) = (told(|text| text.en), told(|text| text.ko));
    phrase!(
        "{chord} does nothing here. {en}",
        "{chord} 키는 여기서 하는 일이 없습니다. {ko}"
    )
}
