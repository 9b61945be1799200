//! Settings that break while they are shown.

use super::{scenes, screen, shipped, works::Works};
use crate::{caps::Glyphs, chord::Chord};
use domain::Lang;
use std::fs;

#[test]
fn settings_that_break_while_they_are_shown_are_told_and_mended() {
    let mut works = Works::open(scenes::place(), Lang::En, (120, 40));
    let file = works.state.project.join("configs/default.toml");
    let whole = fs::read(&file).or_else(|_| fs::read(shipped().join("default.toml")));
    let whole = whole.unwrap_or_default();
    for (broken, says) in [
        (&b"[agent\n"[..], "default.toml"),
        (b"[agent]\ngamma = 7\n", "gamma"),
        (b"\xff\xfe", "default.toml"),
        (b"[agent]\nno_such_key = 1\n", "no_such_key"),
    ] {
        works.press(&[Chord::char('2')]);
        works.press(&[Chord::f(5)]);
        let before = screen(&works.state, Glyphs::Unicode);
        assert!(!before.contains("problems"), "{before}");
        fs::write(&file, broken).unwrap();
        works.press(&[Chord::f(5)]);
        works.draw();
        let seen = screen(&works.state, Glyphs::Unicode);
        assert!(seen.contains("problems") && seen.contains(says), "{seen}");
        // Nothing is launched with them; everything else goes on.
        works.press(&[Chord::f(8)]);
        assert!(works.state.layers.is_empty());
        works.press(&[Chord::char('1')]);
        assert!(screen(&works.state, Glyphs::Unicode).contains("Runs 2"));
        fs::write(&file, &whole).unwrap();
    }
}
