//! The first three uses of an action explain it in one line, also across consoles.

use super::{Place, key, screen};
use crate::{
    caps::Glyphs,
    chord::Chord,
    memory::{Memory, Recall},
    state::State,
};
use crossterm::event::KeyCode;
use domain::Lang;

const RAISE: Chord = Chord::key(KeyCode::Right);

fn explains(state: &State) -> bool {
    let seen = screen(state, Glyphs::Unicode);
    let says = match state.lang {
        Lang::En => "Raise: One step up.",
        Lang::Ko => "높이기: 한 단계 높입니다.",
    };
    seen.contains(says)
}

#[test]
fn three_uses_are_explained_and_no_more() {
    for lang in [Lang::En, Lang::Ko] {
        let place = Place::new();
        let mut state = place.state(lang, (80, 24));
        crate::press::show_setting(&mut state, config::find("agent.epochs").unwrap());
        for _ in 0..2 {
            place.press(&mut state, &[RAISE]);
            assert!(explains(&state));
        }
        // Looking around needs no explanation, and ends the last one.
        place.press(&mut state, &[key(KeyCode::Down)]);
        assert!(!explains(&state) && state.lesson.is_none());
        // A console of later goes on counting.
        let memory: Memory = serde_json::from_slice(&Memory::of(&state).bytes()).unwrap();
        let mut later = place.state(lang, (80, 24));
        memory.recall(&mut later, Recall::All);
        crate::press::show_setting(&mut later, config::find("agent.epochs").unwrap());
        place.press(&mut later, &[RAISE]);
        assert!(explains(&later));
        place.press(&mut later, &[RAISE]);
        assert!(!explains(&later));
        assert!(
            later.form.sets() != state.form.sets(),
            "it did it all the same"
        );
    }
}

#[test]
fn an_action_that_cannot_be_done_is_not_counted() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let before = Memory::of(&state);
    place.press(&mut state, &[Chord::f(7)]);
    assert!(state.lesson.is_none());
    assert_eq!(Memory::of(&state), before);
}
