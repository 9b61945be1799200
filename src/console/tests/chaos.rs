//! Any keys at any size: nothing panics, nothing leaves the screen.

use super::{Place, drawn};
use crate::{caps::Glyphs, chord::Chord, message::Message};
use crossterm::event::KeyCode;
use domain::Lang;
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

#[test]
fn nothing_panics() {
    let mut place = Place::new();
    place.judged("하나");
    let (_, _segment) = place.training("two");
    let sizes = prop::collection::vec(size(), 1..6);
    let chords = prop::collection::vec(chord(), 1..60);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(48));
    let outcome = runner.run(
        &(sizes, chords, any::<bool>()),
        |(sizes, chords, korean)| {
            let lang = if korean { Lang::Ko } else { Lang::En };
            let mut state = place.state(lang, sizes[0]);
            for (index, chord) in chords.into_iter().enumerate() {
                place.tell(&mut state, Message::Press(chord));
                if index % 10 == 0 {
                    let (columns, rows) = sizes[index / 10 % sizes.len()];
                    place.tell(&mut state, Message::Resize(columns, rows));
                    place.read_chosen(&mut state);
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
    for keys in ["1", "2", "3", "4", "5", "0", "0?", "2:", "3\n"] {
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
