//! Every screen as text, at three sizes, in both languages.
//!
//! The pictures are in `snapshots/`; `MAKOOK_BLESS=1` writes them anew, for a person to review.

use super::{
    scenes::{SCENES, Scene, place, scene},
    screen,
};
use crate::{caps::Glyphs, cells, state::State};
use domain::{Clock, Lang};
use std::{fs, path::Path};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

#[test]
fn screens_look_as_reviewed() {
    look_as_reviewed(SCENES);
}

/// Holds every picture of `scenes` against the reviewed one.
pub(super) fn look_as_reviewed(scenes: &[Scene]) {
    let place = place();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let bless = std::env::var_os("MAKOOK_BLESS").is_some();
    let mut differing = Vec::new();
    for one in scenes {
        for (lang, name) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
            for size in SIZES {
                let seen = screen(&scene(&place, one, lang, size), Glyphs::Unicode);
                let path = folder.join(format!("{}-{name}-{}x{}.txt", one.0, size.0, size.1));
                if bless {
                    fs::create_dir_all(&folder).unwrap();
                    fs::write(&path, &seen).unwrap();
                } else if fs::read_to_string(&path).unwrap_or_default() != seen {
                    differing.push(format!("{}\n{seen}", path.display()));
                }
            }
        }
    }
    assert!(
        differing.is_empty(),
        "MAKOOK_BLESS=1 accepts:\n{}",
        differing.join("\n")
    );
}

#[test]
fn nothing_is_of_ambiguous_width() {
    let place = place();
    for one in SCENES {
        for lang in [Lang::En, Lang::Ko] {
            let seen = screen(&scene(&place, one, lang, (120, 40)), Glyphs::Unicode);
            assert_eq!(
                cells::clean(&seen.replace('\n', "")),
                seen.replace('\n', ""),
                "{}",
                one.0
            );
        }
    }
}

#[test]
fn an_ascii_terminal_gets_ascii() {
    let place = place();
    for one in SCENES
        .iter()
        // These show texts of the user's own.
        .filter(|one| !matches!(one.0, "logs" | "palette" | "jobs-script"))
        .filter(|one| !one.0.starts_with("jobs") && !one.0.starts_with("launch-"))
    {
        let mut state = scene(&place, one, Lang::En, (80, 24));
        // The user's own names stay as they are.
        state.runs.all.retain(|run| run.name.is_ascii());
        let seen = screen(&state, Glyphs::Ascii);
        let odd: String = seen.chars().filter(|c| !c.is_ascii()).collect();
        assert!(
            odd.is_empty() || one.0 == "compare",
            "{}: {odd}\n{seen}",
            one.0
        );
    }
}

#[test]
fn the_first_frame_says_who_we_are_before_any_file_was_read() {
    let state = State::new(Path::new("."), Lang::Ko, (80, 24), None);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("makook") && seen.contains("실행을 찾는 중"),
        "{seen}"
    );
    assert!(seen.contains("F10 끝내기"), "{seen}");
}

#[test]
fn colour_is_not_needed_to_see_what_is_chosen() {
    let place = place();
    let seen = screen(&place.state(Lang::En, (80, 24)), Glyphs::Ascii);
    assert!(seen.lines().any(|line| line.starts_with('>')), "{seen}");
    assert!(place.clock.now().0 > 0);
}
