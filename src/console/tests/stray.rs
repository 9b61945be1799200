//! Keys that do nothing where they are pressed: what is said of them.

use super::{Place, key};
use crate::{
    State,
    action::{self, RECONNECT},
    chord::Chord,
    state::{Screen, Tone},
    stray,
};
use crossterm::event::KeyCode;
use domain::Lang;
use rstest::rstest;

fn said(state: &State) -> Option<(Tone, String)> {
    let toast = state.toast.as_ref()?;
    Some((toast.tone, toast.says.get(state.lang).to_owned()))
}

#[rstest]
#[case(Lang::En, Chord::char('U'), "U does nothing; F1 shows every key")]
#[case(
    Lang::En,
    Chord::char('§'),
    "this key does nothing; F1 shows every key"
)]
#[case(
    Lang::Ko,
    Chord::char('ㅆ'),
    "ㅆ 키는 하는 일이 없습니다. 모든 키는 F1에 나옵니다"
)]
fn a_stray_key_says_where_it_does_something(
    #[case] lang: Lang,
    #[case] chord: Chord,
    #[case] says: &str,
) {
    let place = Place::new();
    let mut state = place.state(lang, (80, 24));
    assert!(place.press(&mut state, &[chord]).is_empty());
    assert_eq!(said(&state), Some((Tone::Bad, says.to_owned())));
}

#[test]
fn every_key_of_another_screen_is_told_with_that_screen() {
    let place = Place::new();
    for screen in Screen::ALL {
        let mut state = place.state(Lang::En, (80, 24));
        state.screen = screen;
        let others = crate::actions::all().filter(|action| !action.is_on(screen));
        let others: Vec<_> = others.filter(|action| action.id != RECONNECT).collect();
        for chord in others.iter().flat_map(|action| action.keys) {
            if action::of_chord(&state, *chord).is_some() || stray::moves(*chord) {
                continue;
            }
            state.toast = None;
            place.press(&mut state, &[*chord]);
            let (_, says) = said(&state).unwrap_or_else(|| panic!("{chord} on {screen:?}"));
            let first = others.iter().find(|action| action.keys.contains(chord));
            let (on, does) = (first.unwrap().on, first.unwrap().title.en);
            let screens = on.iter().all(|on| says.contains(on.title().en));
            let begins = says.starts_with(&format!("{chord} does nothing here. "));
            assert!(
                begins && screens && says.contains(&format!(": {does}")),
                "{says}"
            );
            assert_eq!(state.screen, screen);
        }
    }
}

#[test]
fn a_key_that_would_change_something_says_that_the_console_only_looks() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    state.read_only = true;
    place.press(&mut state, &[Chord::f(8)]);
    let (_, says) = said(&state).unwrap();
    assert!(says.ends_with(": the console is read-only"), "{says}");
    // Nobody is sent to another screen for it.
    state.screen = Screen::Data;
    place.press(&mut state, &[Chord::f(7)]);
    let (_, says) = said(&state).unwrap();
    assert!(says.ends_with(": the console is read-only"), "{says}");
    // What only looks is done elsewhere.
    place.press(&mut state, &[Chord::char('f')]);
    let (_, says) = said(&state).unwrap();
    assert!(says.contains("Logs (0)"), "{says}");
}

#[test]
fn keys_that_move_say_nothing() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let moves = [
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::PageDown,
        KeyCode::Up,
    ];
    for code in moves {
        place.press(&mut state, &[key(code)]);
        assert_eq!(said(&state), None, "{code:?}");
    }
}
