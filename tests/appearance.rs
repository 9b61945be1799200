//! How the console looks and answers in a pseudo-terminal: the mouse, the clipboard, the theme and
//! keys of one's own, with the bytes that real terminals send.

use crate::{console::Screen, place::Place};
use std::fs;

const DOWN: &[u8] = b"\x1b[B";
const ENTER: &[u8] = b"\r";
const F10: &[u8] = b"\x1b[21~";
const SHIFT_F11: &[u8] = b"\x1b[23;2~";
const SHIFT_F12: &[u8] = b"\x1b[24;2~";

/// The left button, down and up again in column 16 of the first row, on the screen of settings.
const CLICK_ON_CONFIG: &[u8] = b"\x1b[<0;26;1M\x1b[<0;26;1m";

fn quit(mut screen: Screen) {
    screen.press(F10);
    assert_eq!(screen.end().0, 0);
}

#[test]
fn a_click_goes_where_it_is_seen_and_the_mouse_can_be_left_to_the_terminal() {
    let place = Place::new();
    let mut screen = Screen::open(&place, 100, 30, &[]);
    screen.wait_for("F10");
    assert!(screen.hears_the_mouse());
    screen.press(CLICK_ON_CONFIG);
    screen.wait_for("Settings of the next training");
    screen.press(SHIFT_F11);
    screen.wait_for("the mouse is off");
    assert!(!screen.hears_the_mouse());
    screen.press(SHIFT_F11);
    screen.wait_for("the mouse is on");
    assert!(screen.hears_the_mouse());
    quit(screen);
}

#[test]
fn a_console_without_mouse_never_asks_for_it() {
    let place = Place::new();
    let mut screen = Screen::open(&place, 80, 24, &[("MAKOOK_CONSOLE__MOUSE", "false")]);
    screen.wait_for("F10");
    assert!(!screen.hears_the_mouse());
    quit(screen);
}

#[test]
fn a_setting_is_copied_into_a_file_too() {
    let place = Place::new();
    let mut screen = Screen::open(&place, 120, 30, &[]);
    screen.wait_for("F10");
    screen.press(b"2");
    screen.wait_for("Settings of the next training");
    screen.press(DOWN);
    screen.press(b"y");
    screen.wait_for("copied: setting");
    let copied = fs::read_to_string(place.path().join("logs/console/clipboard.txt")).unwrap();
    assert!(
        copied.starts_with("data.") && copied.contains('='),
        "{copied}"
    );
    quit(screen);
}

#[test]
fn what_is_wrong_with_keys_is_told_on_the_command_line_and_stops_nothing() {
    let place = Place::new();
    let keys = "console.keys=run.fly=m, run.mark=f8";
    let output = place.run(&["config", "validate", "--set", keys]);
    let said = crate::place::text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("there is no action `run.fly`"), "{said}");
    assert!(said.contains("run.mark=F8: the key belongs to"), "{said}");
    assert!(said.contains("0 error(s), 2 warning(s)"), "{said}");
    let fine = place.ok(
        0,
        &["config", "validate", "--set", "console.keys=run.mark=m"],
    );
    assert!(fine.contains("0 error(s), 0 warning(s)"), "{fine}");

    let mut doctor = place.command(&["doctor"]);
    doctor.env("MAKOOK_CONSOLE__KEYS", "[\"run.fly=m\"]");
    let said = crate::place::text(&doctor.output().unwrap());
    assert!(
        said.contains("console keys") && said.contains("run.fly"),
        "{said}"
    );
}

#[test]
fn a_theme_is_remembered_and_keys_of_the_settings_are_told_and_obeyed() {
    let place = Place::new();
    let mut screen = Screen::open(&place, 120, 30, &[]);
    screen.wait_for("F10");
    screen.press(SHIFT_F12);
    screen.wait_for("red-green");
    screen.press(DOWN);
    screen.press(ENTER);
    screen.wait_for("theme light, remembered");
    quit(screen);
    let keys = [(
        "MAKOOK_CONSOLE__KEYS",
        "[\"app.help=f11\", \"app.refresh=f8\"]",
    )];
    let mut screen = Screen::open(&place, 120, 30, &keys);
    screen.wait_for("app.refresh=F8: the key belongs to");
    screen.wait_for("F11 Help");
    screen.press(SHIFT_F12);
    screen.wait_for("For light backgrounds.");
    screen.press(ENTER);
    quit(screen);
}
