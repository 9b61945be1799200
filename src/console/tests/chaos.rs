//! Any keys at any size: nothing panics, nothing leaves the screen.

use super::{Place, destinations, drawn, preview, queue};
use crate::{
    State,
    caps::Glyphs,
    chord::Chord,
    message::{Assignment, Effect, Message},
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase};
use proptest::{prelude::*, test_runner::TestRunner};

fn chord() -> impl Strategy<Value = Chord> {
    let codes = prop_oneof![
        Just(KeyCode::Up),
        Just(KeyCode::Down),
        Just(KeyCode::Left),
        Just(KeyCode::Right),
        Just(KeyCode::Enter),
        Just(KeyCode::Esc),
        Just(KeyCode::Tab),
        Just(KeyCode::Home),
        Just(KeyCode::End),
        Just(KeyCode::PageUp),
        Just(KeyCode::PageDown),
        Just(KeyCode::Backspace),
        Just(KeyCode::Delete),
        (1_u8..=12).prop_map(KeyCode::F),
        proptest::char::range(' ', '~').prop_map(KeyCode::Char),
        Just(KeyCode::Char('ㅎ')),
        Just(KeyCode::Char('한')),
    ];
    (codes, prop::bool::weighted(0.2), prop::bool::weighted(0.1))
        .prop_map(|(code, ctrl, shift)| Chord { code, ctrl, shift })
}

fn size() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![
        (1_u16..40, 1_u16..20),
        (40_u16..=400, 10_u16..=200),
        Just((80, 24))
    ]
}

/// Answers what the backends are asked, now with a script, now with a refusal.
fn reply(place: &Place, state: &mut State, effect: Effect) {
    let Effect::Assign(assignment) = effect else {
        return;
    };
    let why = || Phrase::new("no\nnot here", "안 됨\n여기서는 안 됨");
    let message = match assignment {
        Assignment::Preview(order) => {
            let scripted = order.on.as_deref() == Some("klone");
            let outcome = if scripted { Ok(preview()) } else { Err(why()) };
            Message::Previewed { order, outcome }
        }
        Assignment::Train(order) => Message::Refused { order, why: why() },
        Assignment::Throttle { job, at_most } => Message::Throttled { job, at_most },
        _ => return,
    };
    place.tell(state, message);
}

#[test]
fn nothing_panics() {
    let mut place = Place::new();
    place.judged("하나");
    let (run, _segment) = place.training("two");
    let sizes = prop::collection::vec(size(), 1..6);
    let chords = prop::collection::vec(chord(), 1..60);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(48));
    let outcome = runner.run(
        &(sizes, chords, any::<bool>()),
        |(sizes, chords, korean)| {
            let lang = if korean { Lang::Ko } else { Lang::En };
            let mut state = place.state(lang, sizes[0]);
            place.list(&mut state, queue(Some(run.id())));
            place.tell(&mut state, Message::Destinations(destinations()));
            for (index, chord) in chords.into_iter().enumerate() {
                let effects = place.tell(&mut state, Message::Press(chord));
                effects
                    .into_iter()
                    .for_each(|effect| reply(&place, &mut state, effect));
                if index % 10 == 0 {
                    let (columns, rows) = sizes[index / 10 % sizes.len()];
                    place.tell(&mut state, Message::Resize(columns, rows));
                    place.read_chosen(&mut state);
                    let mut jobs = queue(Some(run.id()));
                    jobs.truncate(index / 10);
                    place.list(&mut state, jobs);
                }
                let glyphs = if index % 2 == 0 {
                    Glyphs::Unicode
                } else {
                    Glyphs::Ascii
                };
                drawn(&state, glyphs);
            }
            Ok(())
        },
    );
    outcome.unwrap();
}

#[test]
fn every_screen_survives_every_small_size() {
    let mut place = Place::new();
    place.judged("하나");
    let mut state = place.state(Lang::Ko, (80, 24));
    place.list(&mut state, queue(None));
    place.tell(&mut state, Message::Destinations(destinations()));
    let scenes = [
        "1", "2", "3", "4", "5", "7", "0", "0?", "2:", "3\n", "7x", "7  x", "8", "8\n", "9", "9\n",
    ];
    for keys in scenes {
        for c in keys.chars() {
            let code = if c == '\n' {
                KeyCode::Enter
            } else {
                KeyCode::Char(c)
            };
            place.tell(&mut state, Message::Press(Chord::key(code)));
        }
        for columns in 1..30 {
            for rows in 1..16 {
                place.tell(&mut state, Message::Resize(columns, rows));
                drawn(&state, Glyphs::Unicode);
            }
        }
        place.tell(&mut state, Message::Press(Chord::key(KeyCode::Esc)));
        place.tell(&mut state, Message::Press(Chord::key(KeyCode::Esc)));
    }
}
