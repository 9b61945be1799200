//! Terminals that can do less, that change their size, and homes that cannot be written.

use super::stage::{Stage, header};
use crate::{console::Screen, place::wait_until};
use rstest::rstest;
use std::{fs, path::PathBuf};

#[rstest]
#[case::dumb(&[("TERM", "dumb")])]
#[case::unset(&[("TERM", "")])]
#[case::no_color(&[("NO_COLOR", "1")])]
#[case::plain_locale(&[("LC_ALL", "C")])]
#[case::linux(&[("TERM", "linux")])]
#[case::vt220(&[("TERM", "vt220")])]
#[case::screen(&[("TERM", "screen-256color")])]
#[case::true_colour(&[("COLORTERM", "truecolor")])]
#[case::ascii_in_korean(&[("LC_ALL", "C"), ("MAKOOK_LANG", "ko")])]
fn every_kind_of_terminal_is_enough(#[case] env: &[(&str, &str)]) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(env);
    for digit in ["3", "2", "0", "7"] {
        screen.press(digit.as_bytes());
        screen.wait_until(digit, |shown| header(shown).starts_with(digit));
    }
    screen.quit();
}

/// Returns whether some cell has a colour.
fn is_coloured(terminal: &vt100::Screen) -> bool {
    let (rows, columns) = terminal.size();
    let columns = columns.get();
    let cells = (0..rows.get()).flat_map(|row| (0..columns).map(move |column| (row, column)));
    cells.into_iter().any(|(row, column)| {
        let cell = terminal.cell(row, column);
        cell.is_some_and(|cell| {
            cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default
        })
    })
}

#[rstest]
#[case::usual(&[], true)]
#[case::no_color(&[("NO_COLOR", "1")], false)]
#[case::dumb(&[("TERM", "dumb")], false)]
fn colours_are_there_only_where_they_are_wanted(
    #[case] env: &[(&str, &str)],
    #[case] coloured: bool,
) {
    let stage = Stage::lived_in();
    let screen = stage.opened(env);
    assert_eq!(is_coloured(screen.terminal()), coloured);
    screen.quit();
}

#[test]
fn a_plain_locale_gets_nothing_but_ascii() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[("LC_ALL", "C")]);
    screen.press(b"3");
    let shown = screen.wait_for("Approx. KL");
    assert!(shown.is_ascii(), "{shown}");
    screen.quit();
}

#[test]
fn a_dumb_terminal_is_asked_nothing() {
    let stage = Stage::lived_in();
    let screen = stage.opened(&[("TERM", "dumb")]);
    assert_eq!(screen.asked, 0);
    screen.quit();
}

#[rstest]
#[case(1, 1)]
#[case(2, 40)]
#[case(40, 2)]
#[case(79, 23)]
#[case(400, 200)]
fn every_size_is_drawn_and_left(#[case] columns: u16, #[case] rows: u16) {
    let stage = Stage::lived_in();
    let mut screen = Screen::open(&stage.place, columns, rows, &[]);
    screen.wait_until("anything", |_| true);
    for key in [&b"2"[..], b"3", b"\x1bOP"] {
        screen.press(key);
        screen.wait_until("anything", |_| true);
    }
    screen.press(b"\x03");
    screen.end();
}

#[rstest]
#[case::to_more(200, 60)]
#[case::to_less(80, 24)]
fn a_change_of_size_is_followed(#[case] columns: u16, #[case] rows: u16) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.resize(columns, rows);
    screen.wait_until("the footer in the last row", |shown| {
        let lines: Vec<&str> = shown.lines().collect();
        lines.len() == usize::from(rows) && lines[lines.len() - 1].contains("F10")
    });
    screen.quit();
}

/// What a fresh console of that size shows is what one shows that was torn to it.
#[test]
fn fifty_changes_of_size_end_as_one() {
    let stage = Stage::lived_in();
    let settled = |shown: &str| {
        let rows = shown.lines().count();
        rows == 40
            && shown
                .lines()
                .last()
                .is_some_and(|line| line.contains("F10"))
    };
    let wanted = |shown: &str| settled(shown) && shown.contains("Rollout return");
    let mut fresh = Screen::open(&stage.place, 120, 40, &[("MAKOOK_SESSION", "fresh")]);
    let expected = fresh.wait_until("the dashboard", wanted);
    fresh.quit();
    let mut torn = stage.opened(&[("MAKOOK_SESSION", "torn")]);
    for step in 0..50_u16 {
        torn.resize(60 + step * 7 % 140, 10 + step * 5 % 50);
    }
    torn.resize(120, 40);
    // The host's figures may differ; what is laid out may not.
    let plain = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    torn.wait_until("the same dashboard", |shown| {
        plain(shown) == plain(&expected)
    });
    torn.quit();
}

/// A file, where nothing can be made below.
fn occupied(stage: &Stage) -> PathBuf {
    let path = stage.place.path().join("occupied");
    fs::write(&path, "").unwrap();
    path
}

#[test]
fn a_home_that_cannot_be_written_keeps_nobody_out() {
    let stage = Stage::lived_in();
    let home = occupied(&stage).join("below").display().to_string();
    let mut screen = stage.open(&[("MAKOOK_HOME", &home)]);
    screen.wait_for("[1 Dashboard]");
    screen.press(b"2");
    screen.wait_for("default");
    screen.quit();
}

#[test]
fn a_home_that_is_missing_is_an_empty_one() {
    let stage = Stage::lived_in();
    let home = stage.place.path().join("nowhere").display().to_string();
    let mut screen = stage.open(&[("MAKOOK_HOME", &home)]);
    let shown = screen.wait_for("[1 Dashboard]");
    assert!(!shown.contains("alpha-"), "{shown}");
    screen.quit();
}

#[test]
fn settings_that_cannot_be_read_keep_nobody_out() {
    let stage = Stage::lived_in();
    let file = stage.place.path().join("configs/default.toml");
    fs::write(&file, "[console\n").unwrap();
    let mut screen = stage.opened(&[]);
    screen.press(b"2");
    screen.wait_for("[2 Config]");
    screen.quit();
}

#[test]
fn a_run_that_vanishes_while_it_is_shown_is_gone() {
    let stage = Stage::lived_in();
    let run = stage.runs().remove(0);
    let mut screen = stage.on_alpha(&[]);
    screen.press(b"3");
    screen.wait_for("Approx. KL");
    fs::remove_dir_all(&run).unwrap();
    screen.press(b"1");
    screen.wait_without("alpha-");
    wait_until("nothing made it again", || !run.exists());
    screen.quit();
}
