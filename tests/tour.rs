//! The tour in a pseudo-terminal: it greets whoever was never here, ends with a training that runs,
//! and does not come back.

use crate::{console::Screen, place::Place};
use std::path::Path;

const ENTER: &[u8] = b"\r";
const ESC: &[u8] = b"\x1b";
const RIGHT: &[u8] = b"\x1b[C";
const F1: &[u8] = b"\x1bOP";
const F7: &[u8] = b"\x1b[18~";
const F8: &[u8] = b"\x1b[19~";
const F10: &[u8] = b"\x1b[21~";
const F12: &[u8] = b"\x1b[24~";

#[test]
fn a_newcomer_is_shown_around_until_a_training_runs() {
    let place = Place::unused();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data/sample/binance_spot_BTCUSDT_1h_2017-08_2024-01.parquet");
    let sample = sample.to_string_lossy().into_owned();
    let env = [("MAKOOK_DATA__SOURCE", sample.as_str())];
    let mut screen = Screen::open(&place, 80, 24, &env);
    screen.wait_for("Tour 1/8");
    screen.press(F12);
    screen.wait_for("둘러보기 1/8");
    screen.press(F12);
    screen.wait_for("Press Enter.");
    screen.press(ENTER);
    screen.wait_for("Press 2.");
    // A wrong key is answered gently and does nothing.
    screen.press(b"3");
    screen.wait_for("Not that one yet: press 2");
    screen.press(b"2");
    screen.wait_for("Press Right.");
    screen.press(RIGHT);
    screen.wait_for("Press F1.");
    screen.press(F1);
    screen.wait_for("Press F8.");
    screen.press(F8);
    screen.wait_for("Tour 6/8");
    screen.wait_for("local");
    screen.press(ENTER);
    screen.wait_for("This would be sent");
    screen.press(ENTER);
    screen.wait_for("Tour 8/8");
    screen.wait_for("[3 Run]");
    screen.press(ENTER);
    screen.wait_without("Tour 8/8");
    screen.wait_for("running");
    screen.press(F7);
    screen.wait_for("[> Cancel <]");
    screen.press(RIGHT);
    screen.press(ENTER);
    screen.wait_for("interrupted");
    screen.press(F10);
    assert_eq!(screen.end().0, 0);
    let runs = place.json(&["runs", "list", "--json"]);
    assert_eq!(runs.as_array().unwrap().len(), 1, "{runs}");
    let run = place.latest();
    let settings = std::fs::read_to_string(run.join("run.toml")).unwrap();
    assert!(settings.contains("total_steps = 300_000"), "{settings}");
    let mut screen = Screen::open(&place, 80, 24, &[]);
    let shown = screen.wait_for("F10");
    assert!(!shown.contains("Tour"), "{shown}");
    screen.press(F10);
    assert_eq!(screen.end().0, 0);
}

#[test]
fn whoever_leaves_it_is_not_greeted_again() {
    let place = Place::unused();
    let mut screen = Screen::open(&place, 80, 24, &[("MAKOOK_LANG", "ko")]);
    screen.wait_for("둘러보기 1/8");
    screen.press(ENTER);
    screen.wait_for("2 키를 누르세요.");
    screen.press(ESC);
    screen.wait_for("아직 실행이 없습니다");
    screen.press(F10);
    assert_eq!(screen.end().0, 0);
    let mut screen = Screen::open(&place, 80, 24, &[]);
    let shown = screen.wait_for("No runs yet");
    assert!(!shown.contains("Tour"), "{shown}");
    screen.press(F10);
    assert_eq!(screen.end().0, 0);
}
