//! The tour: each step waits for its own key, says so gently, and the last one starts a training.

use super::{Place, caps, fakes::destinations, key, scenes::Scene};
use crate::{
    caps::Glyphs,
    chord::Chord,
    message::{Assignment, Effect, Message},
    state::{Screen, State},
    theme::Theme,
    tour::{PRESET, Step},
    view::view,
};
use crossterm::event::KeyCode;
use domain::Lang;
use jobs::Preview;
use ratatui::{buffer::Buffer, layout::Rect};
use runs::Roster;

const TOUR: Chord = Chord::ctrl('v');
const ESC: Chord = Chord::key(KeyCode::Esc);

/// Goes on until `wanted` waits for its key; returns the effects on the way.
fn go_to(place: &Place, state: &mut State, wanted: Step) -> Vec<Effect> {
    place.tell(state, Message::Destinations(destinations()));
    place.press(state, &[TOUR]);
    let mut all = Vec::new();
    for step in Step::ALL.into_iter().take_while(|step| *step != wanted) {
        let effects = place.press(state, &[step.key()]);
        for effect in &effects {
            if let Effect::Assign(Assignment::Preview(order)) = effect {
                let (order, outcome) = (order.clone(), Ok(local()));
                place.tell(state, Message::Previewed { order, outcome });
            }
        }
        all.extend(effects);
    }
    all
}

fn local() -> Preview {
    let command = ["makook-worker", "run", "logs/runs/20240131-235959-btc-1a2b"];
    Preview {
        command: command.map(str::to_owned).to_vec(),
        script: None,
    }
}

/// Every step of the tour, as a scene.
pub(super) const STEPS: &[Scene] = &[
    ("tour-1-welcome", |place, state| {
        go_to(place, state, Step::Welcome);
    }),
    ("tour-2-digits", |place, state| {
        go_to(place, state, Step::Digits);
    }),
    ("tour-3-raise", |place, state| {
        go_to(place, state, Step::Raise);
    }),
    ("tour-4-help", |place, state| {
        go_to(place, state, Step::Help);
    }),
    ("tour-5-launch", |place, state| {
        go_to(place, state, Step::Launch);
    }),
    ("tour-6-place", |place, state| {
        go_to(place, state, Step::Place);
    }),
    ("tour-7-send", |place, state| {
        go_to(place, state, Step::Send);
        place.press(state, &[Chord::f(7)]);
    }),
    ("tour-8-watch", |place, state| {
        go_to(place, state, Step::Watch);
        let run = state.runs.all[0].id.clone();
        place.tell(state, Message::Launched(vec![run]));
        place.look(state);
    }),
];

#[test]
fn every_step_goes_on_with_its_own_key_alone() {
    let place = Place::new();
    let keys = [
        ESC,
        Chord::key(KeyCode::Enter),
        Chord::key(KeyCode::Left),
        Chord::key(KeyCode::Right),
        Chord::key(KeyCode::Tab),
        Chord::char('1'),
        Chord::char('2'),
        Chord::char(' '),
        Chord::char('q'),
        Chord::f(1),
        Chord::f(7),
        Chord::f(8),
        Chord::ctrl('z'),
    ];
    for step in Step::ALL {
        for pressed in keys {
            let mut state = place.state(Lang::En, (80, 24));
            go_to(&place, &mut state, step);
            assert_eq!(state.tour.map(|tour| tour.step), Some(step));
            let (screen, layers) = (state.screen, state.layers.len());
            let sets = state.form.sets();
            let effects = place.press(&mut state, &[pressed]);
            let Some(tour) = state.tour else {
                assert!(pressed == ESC || step == Step::Watch, "{step:?} {pressed}");
                continue;
            };
            if pressed == step.key() {
                assert!(tour.step > step && !tour.nudged, "{step:?} {pressed}");
                continue;
            }
            assert!(effects.is_empty(), "{step:?} {pressed}: {effects:?}");
            assert_eq!((tour.step, tour.nudged), (step, true), "{pressed}");
            assert_eq!((state.screen, state.layers.len()), (screen, layers));
            assert_eq!(state.form.sets(), sets);
            for lang in [Lang::En, Lang::Ko] {
                state.lang = lang;
                let seen = super::screen(&state, Glyphs::Unicode);
                let key = step.key().to_string();
                let asks = match lang {
                    Lang::En => format!("press {key}"),
                    Lang::Ko => format!("{key} 키를 누르"),
                };
                assert!(seen.contains(&asks), "{asks}: {seen}");
            }
        }
    }
}

#[test]
fn it_ends_with_a_training_of_the_first_preset() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let effects = go_to(&place, &mut state, Step::Watch);
    let Some(Effect::Assign(Assignment::Train(order))) = effects.last() else {
        panic!("{effects:?}");
    };
    let preset = state.form.presets.iter().find(|one| one.name == PRESET);
    for set in preset.unwrap().sets() {
        assert!(order.sets.contains(&set), "{set} is not in {order:?}");
    }
    let raised = |set: &String| set.starts_with("agent.learning_rate=");
    assert!(order.sets.iter().any(raised), "{order:?}");
    // A refusal opens the dialog again, and the tour steps aside.
    let refused = Message::Refused {
        order: order.clone(),
        why: domain::Phrase::new("no", "아니요"),
    };
    place.tell(&mut state, refused);
    assert!(state.tour.is_none() && !state.layers.is_empty());
}

#[test]
fn it_begins_by_itself_only_where_nothing_was_ever_done() {
    let begins = |place: &Place, greets: bool, read_only: bool| {
        let project = place.home.root().parent().unwrap();
        let mut state = State::new(project, Lang::Ko, (80, 24), None);
        (state.greets, state.read_only) = (greets, read_only);
        let runs = Roster::new(place.home.clone())
            .refresh(&place.clock)
            .unwrap();
        place.tell(&mut state, Message::Roster(Ok(runs)));
        state
    };
    let empty = Place::new();
    let mut used = Place::new();
    used.judged("one");
    assert!(begins(&used, true, false).tour.is_none());
    assert!(begins(&empty, false, false).tour.is_none());
    assert!(begins(&empty, true, true).tour.is_none());
    let mut state = begins(&empty, true, false);
    assert!(state.tour.is_some());
    // Left once, it does not come back with the next look at the runs.
    empty.press(&mut state, &[ESC]);
    empty.tell(&mut state, Message::Roster(Ok(Vec::new())));
    assert!(state.tour.is_none() && state.screen == Screen::Dashboard);
    // F12 speaks the other language and waits on.
    empty.press(&mut state, &[TOUR, Chord::f(12)]);
    assert!(state.lang == Lang::En && state.tour.is_some());
    empty.press(&mut state, &[Chord::f(10)]);
    assert!(state.tour.is_none());
}

#[test]
fn it_points_at_the_real_screen() {
    let place = Place::new();
    for lang in [Lang::En, Lang::Ko] {
        for (step, row) in [(Step::Digits, 0), (Step::Help, 23)] {
            let mut state = place.state(lang, (80, 24));
            go_to(&place, &mut state, step);
            let caps = caps(Glyphs::Unicode);
            let theme = Theme::new(config::keys::Theme::Dark, caps.depth);
            let area = Rect::new(0, 0, 80, 24);
            let draw = |state: &State| {
                let mut buffer = Buffer::empty(area);
                view(state, &caps, &theme, lang, area, &mut buffer);
                let style = |x: u16| buffer[(x, row)].style();
                (0..80).map(style).collect::<Vec<_>>()
            };
            let marked = draw(&state);
            state.tour = None;
            let plain = draw(&state);
            let count = marked.iter().zip(&plain).filter(|(a, b)| a != b).count();
            assert!((5..20).contains(&count), "{lang:?} {step:?}: {count} cells");
        }
    }
}

#[test]
fn a_small_screen_shows_what_to_press() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (40, 12));
    go_to(&place, &mut state, Step::Digits);
    let seen = super::screen(&state, Glyphs::Unicode);
    assert!(seen.contains("Press 2."), "{seen}");
    assert_eq!(key(KeyCode::Enter), Step::Welcome.key());
}
