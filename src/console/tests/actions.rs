//! The registry of actions, held to its promises.

use super::{Place, key, queue};
use crate::{
    action::{self, Act, Action, Risk},
    actions::all,
    caps::Glyphs,
    cells,
    chord::Chord,
    message::Effect,
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::Lang;
use std::collections::BTreeSet;

const SCREENS: [Screen; 10] = Screen::ALL;

#[test]
fn identifiers_are_unique() {
    let mut seen = BTreeSet::new();
    for action in all() {
        assert!(seen.insert(action.id), "{}", action.id);
    }
}

#[test]
fn every_action_can_be_reached_without_a_letter() {
    for action in all() {
        assert!(
            action.keys.iter().any(|key| !key.is_letter()),
            "{}",
            action.id
        );
    }
}

#[test]
fn no_key_is_one_that_terminals_or_multiplexers_take() {
    let taken = ['a', 'b', 's', 'h', 'i', 'j', 'm', 'q'];
    for action in all() {
        for key in action.keys {
            let bad = matches!(key.code, KeyCode::Char(c) if key.ctrl && taken.contains(&c));
            assert!(!bad, "{} uses {key}", action.id);
            // Nothing asks yes or no; copying has had that letter everywhere since vi.
            let answers = matches!(key.code, KeyCode::Char('y' | 'Y')) && !key.ctrl;
            assert!(!answers || action.id == "app.copy", "{}", action.id);
        }
    }
}

#[test]
fn a_key_means_one_thing_on_a_screen() {
    for screen in SCREENS {
        let mut seen: Vec<(Chord, &Action)> = Vec::new();
        for action in all().filter(|action| action.is_on(screen)) {
            for key in action.keys {
                let other = seen.iter().find(|(taken, _)| taken == key);
                let fine = other.is_none_or(|(_, other)| !action.meets(other));
                assert!(fine, "{screen:?}: {key} is {} and {other:?}", action.id);
                seen.push((*key, action));
            }
        }
    }
}

#[test]
fn every_text_exists_in_both_languages_and_can_be_drawn() {
    for action in all() {
        for text in [action.title, action.help] {
            for wording in [text.en, text.ko] {
                assert!(!wording.is_empty(), "{}", action.id);
                assert_eq!(cells::clean(wording), wording, "{}", action.id);
            }
            assert_ne!(text.en, text.ko, "{}", action.id);
        }
    }
}

#[test]
fn what_touches_a_job_or_a_file_asks_first() {
    for action in all() {
        let asks = matches!(action.act, Act::Ask(_) | Act::Open(_));
        assert_eq!(asks, action.risk >= Risk::R2, "{}", action.id);
    }
}

#[test]
fn a_read_only_console_has_no_such_actions() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    assert!(action::existing(&state).any(|action| action.risk >= Risk::R2));
    state.read_only = true;
    assert!(action::existing(&state).all(|action| action.risk < Risk::R2));
    assert!(place.press(&mut state, &[Chord::f(8)]).is_empty() && state.layers.is_empty());
}

#[test]
fn looking_never_has_an_effect_on_files() {
    let mut place = Place::new();
    let run = place.judged("one");
    for screen in SCREENS {
        for action in all().filter(|action| action.is_on(screen) && action.risk == Risk::R0) {
            let mut state = place.state(Lang::En, (80, 24));
            place.list(&mut state, queue(Some(run.id())));
            state.screen = screen;
            let effects = crate::press::perform(&mut state, action);
            let harmless = |effect: &Effect| {
                !matches!(
                    effect,
                    Effect::Run(
                        crate::message::Errand::Post { .. } | crate::message::Errand::Remove { .. }
                    ) | Effect::Assign(_)
                )
            };
            assert!(effects.iter().all(harmless), "{}", action.id);
        }
    }
}

#[test]
fn the_footer_always_shows_help_and_the_way_out() {
    let mut place = Place::new();
    place.judged("one");
    for lang in [Lang::En, Lang::Ko] {
        for screen in SCREENS {
            let mut state = place.state(lang, (80, 24));
            state.screen = screen;
            let seen = super::screen(&state, Glyphs::Unicode);
            let footer = seen.lines().last().unwrap();
            assert!(
                footer.contains("F1 ") && footer.contains("F10 "),
                "{screen:?} {footer}"
            );
        }
    }
}

#[test]
fn a_disabled_key_says_why() {
    let place = Place::new();
    let mut state = place.state(Lang::Ko, (80, 24));
    place.press(&mut state, &[Chord::f(7)]);
    assert!(state.layers.is_empty());
    assert!(
        state
            .toast
            .unwrap()
            .says
            .ko
            .contains("선택한 실행이 없습니다")
    );
}

#[test]
fn a_korean_keyboard_quits_and_moves() {
    let mut place = Place::new();
    place.judged("one");
    place.judged("two");
    let mut state = place.state(Lang::Ko, (80, 24));
    let first = state.runs.chosen.clone();
    place.press(&mut state, &[Chord::char('ㅓ')]);
    assert_ne!(state.runs.chosen, first);
    assert_eq!(
        place.press(&mut state, &[Chord::char('ㅂ')]),
        [Effect::Quit]
    );
}

#[test]
fn every_screen_of_the_header_has_its_digit() {
    let place = Place::new();
    let mut state: State = place.state(Lang::En, (80, 24));
    for screen in Screen::NUMBERED {
        place.press(&mut state, &[Chord::char(screen.digit().unwrap())]);
        assert_eq!(state.screen, screen);
    }
    place.press(&mut state, &[key(KeyCode::Tab)]);
    assert_eq!(state.screen, Screen::Dashboard);
}
