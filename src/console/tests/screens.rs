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

/// What the users of the scenes wrote themselves, which no terminal's characters change.
const USERS: [&str; 5] = [
    "첫-실험",
    "첫 실험",
    "비트코인 한 시간봉 두 번째 실험",
    "ERROR 학습 중단",
    "ㅎㅅㄹ",
];

fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣' | 'ㄱ'..='ㅣ')
}

#[test]
fn an_ascii_terminal_gets_ascii() {
    let place = place();
    // A page of health is laid out when it is opened, before the scene is drawn as ASCII.
    for one in SCENES.iter().filter(|one| one.0 != "run-health") {
        for lang in [Lang::En, Lang::Ko] {
            let seen = screen(&scene(&place, one, lang, (80, 24)), Glyphs::Ascii);
            let ours = |c: &char| !c.is_ascii() && !is_hangul(*c);
            let odd: String = seen.chars().filter(ours).collect();
            assert!(odd.is_empty(), "{}: {odd}\n{seen}", one.0);
            // In English every Hangul word is a user's.
            let words = seen
                .split(|c: char| !is_hangul(c))
                .filter(|word| !word.is_empty());
            for word in words.filter(|_| lang == Lang::En) {
                let known = USERS.iter().any(|text| text.contains(word));
                assert!(known, "{}: `{word}`\n{seen}", one.0);
            }
        }
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
