//! The form in a pseudo-terminal: presets, saving, sweeps, comparing, each by keys that every
//! terminal and input method delivers.

use crate::{console::Screen, place::Place};
use std::fs;

const ENTER: &[u8] = b"\r";
const ESC: &[u8] = b"\x1b";
const DOWN: &[u8] = b"\x1b[B";
const RIGHT: &[u8] = b"\x1b[C";
const F2: &[u8] = b"\x1bOQ";
const F8: &[u8] = b"\x1b[19~";
const F10: &[u8] = b"\x1b[21~";

fn ctrl(letter: u8) -> [u8; 1] {
    [letter & 0x1f]
}

/// Opens the console on the form.
fn form(place: &Place, env: &[(&str, &str)]) -> Screen {
    let mut screen = Screen::open(place, 100, 30, env);
    screen.wait_for("F10");
    screen.press(b"2");
    screen.wait_for("default");
    screen
}

/// Puts the cursor of the form on the setting `path`.
fn find(screen: &mut Screen, path: &str) {
    screen.press(&ctrl(b'f'));
    screen.press(&ctrl(b'u'));
    screen.press(path.as_bytes());
    screen.press(ENTER);
    screen.wait_for(&format!("filter: {path}"));
}

/// Types `text` for the setting `path`; returns what is shown then.
fn set(screen: &mut Screen, path: &str, text: &str) -> String {
    find(screen, path);
    screen.press(ENTER);
    screen.press(&ctrl(b'u'));
    screen.press(text.as_bytes());
    screen.wait_for(text);
    screen.press(ENTER);
    screen.wait_for("changed here")
}

fn quit(mut screen: Screen) {
    screen.press(F10);
    assert_eq!(screen.end().0, 0);
}

#[test]
fn a_preset_is_picked_and_taken_back() {
    let place = Place::new();
    let mut screen = form(&place, &[]);
    screen.press(F2);
    screen.wait_for("First try");
    screen.press(DOWN);
    screen.press(DOWN);
    let shown = screen.wait_for("seven seeds");
    assert!(shown.contains("stop_kl 1.0"), "{shown}");
    screen.press(ENTER);
    screen.wait_for("settings changed; Ctrl-Z takes them back");
    screen.wait_for("changes 8");
    screen.press(&ctrl(b'z'));
    screen.wait_without("changes 8");
    quit(screen);
}

#[test]
fn what_was_saved_and_what_was_typed_outlives_the_console() {
    let place = Place::new();
    let mut screen = form(&place, &[]);
    set(&mut screen, "agent.clip_range", "0.1");
    screen.press(&ctrl(b'o'));
    screen.wait_for("Name of the new file");
    screen.press(b"mine");
    screen.press(ENTER);
    let shown = screen.wait_for("Does the same as");
    assert!(shown.contains("+   2  clip_range = 0.1"), "{shown}");
    assert!(shown.contains("--file configs/mine.toml"), "{shown}");
    let file = place.path().join("configs/mine.toml");
    assert!(!file.exists(), "written before it was asked for");
    screen.press(RIGHT);
    screen.press(ENTER);
    screen.wait_for("saved to configs/mine.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, "[agent]\nclip_range = 0.1\n");
    set(&mut screen, "agent.epochs", "7");
    quit(screen);
    // The next console has the file, the edit that was not saved, and can take both back.
    let mut screen = Screen::open(&place, 100, 30, &[]);
    let shown = screen.wait_for("experiment: configs/mine.toml");
    assert!(shown.contains("7 passes"), "{shown}");
    screen.press(&ctrl(b'z'));
    screen.press(&ctrl(b'z'));
    screen.wait_for("experiment: none");
    screen.press(&ctrl(b'f'));
    screen.press(&ctrl(b'u'));
    screen.press(b"agent.clip_range");
    screen.press(ENTER);
    screen.wait_for("*Clip range");
    quit(screen);
}

#[test]
fn a_sweep_says_how_many_jobs_before_anything_is_sent() {
    let place = Place::new();
    let mut screen = form(&place, &[]);
    let shown = set(&mut screen, "agent.gamma", "{0.9..0.99 4}");
    assert!(shown.contains("4 values: 0.9, 0.93, 0.96, 0.99"), "{shown}");
    screen.press(F8);
    screen.wait_for("jobs: 4");
    screen.press(ESC);
    screen.wait_for("jobs 4");
    quit(screen);
}

#[test]
fn the_form_is_held_against_the_defaults() {
    let place = Place::new();
    let mut screen = form(&place, &[]);
    set(&mut screen, "agent.epochs", "7");
    screen.press(&ctrl(b'd'));
    screen.wait_for("built-in defaults");
    screen.press(ENTER);
    screen.press(&ctrl(b'f'));
    screen.press(&ctrl(b'u'));
    screen.press(ENTER);
    screen.press(&ctrl(b'n'));
    let shown = screen.wait_for("differing");
    assert!(shown.contains("Epochs (epochs)"), "{shown}");
    assert!(!shown.contains("Horizon (horizon)"), "{shown}");
    quit(screen);
}

#[test]
fn a_setting_is_found_by_korean_initials_and_explained() {
    let place = Place::new();
    let mut screen = Screen::open(&place, 80, 24, &[("MAKOOK_LANG", "ko")]);
    screen.wait_for("F10");
    screen.press(b"2");
    screen.wait_for("기본값");
    screen.press(&ctrl(b'f'));
    screen.press("ㅎㅅㄹ".as_bytes());
    screen.press(ENTER);
    screen.wait_for("학습률 (learning_rate)");
    screen.press(&ctrl(b'e'));
    let shown = screen.wait_for("높이면:");
    assert!(
        shown.contains("낮추면:") && shown.contains("보통"),
        "{shown}"
    );
    screen.press(ESC);
    screen.wait_for("F2 프리셋");
    quit(screen);
}
