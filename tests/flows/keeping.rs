//! What is kept: marks, changes and their undo, files, the view of a later console.

use super::stage::{Stage, chosen, header};
use crate::place::wait_until;
use std::fs;

const ENTER: &[u8] = b"\r";
const DOWN: &[u8] = b"\x1b[B";
const RIGHT: &[u8] = b"\x1b[C";
const END: &[u8] = b"\x1b[F";
const DELETE: &[u8] = b"\x1b[3~";
const F1: &[u8] = b"\x1bOP";
const F3: &[u8] = b"\x1bOR";
const F5: &[u8] = b"\x1b[15~";
const F8: &[u8] = b"\x1b[19~";
const F9: &[u8] = b"\x1b[20~";
const F12: &[u8] = b"\x1b[24~";
const CTRL_F: &[u8] = b"\x06";
const CTRL_O: &[u8] = b"\x0f";
const CTRL_U: &[u8] = b"\x15";
const CTRL_Y: &[u8] = b"\x19";
const CTRL_Z: &[u8] = b"\x1a";

#[test]
fn two_marked_runs_are_put_side_by_side() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b" ");
    screen.press(DOWN);
    screen.press(b" ");
    screen.press(F9);
    let shown = screen.wait_for("test/sharpe");
    assert!(shown.contains("alpha") && shown.contains("beta"), "{shown}");
    screen.quit();
}

#[test]
fn a_change_of_the_form_is_taken_back_and_done_again() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"2");
    screen.wait_for("default");
    screen.press(CTRL_F);
    screen.press(b"agent.clip_range\r");
    screen.wait_for("filter: agent.clip_range");
    for _ in 0..3 {
        screen.press(RIGHT);
    }
    screen.wait_for("0.26");
    screen.press(CTRL_Z);
    screen.wait_for("0.24");
    screen.press(CTRL_Z);
    screen.press(CTRL_Z);
    screen.wait_without("changes 1");
    screen.press(CTRL_Y);
    screen.wait_for("0.22");
    screen.quit();
}

#[test]
fn a_run_goes_to_the_trash_only_when_that_is_meant_and_comes_back() {
    let stage = Stage::lived_in();
    let run = stage.runs().remove(0);
    let mut screen = stage.on_alpha(&[]);
    screen.press(DELETE);
    let shown = screen.wait_for("makook runs rm");
    assert!(shown.contains("[> Cancel <]"), "{shown}");
    // Enter alone does nothing.
    screen.press(ENTER);
    screen.wait_without("makook runs rm");
    assert!(run.join("run.toml").is_file());
    screen.press(DELETE);
    screen.wait_for("makook runs rm");
    screen.press(RIGHT);
    screen.press(ENTER);
    screen.wait_for("is in the trash");
    assert!(!run.exists());
    screen.press(CTRL_Z);
    screen.wait_until("alpha is back", |shown| shown.contains("alpha-"));
    assert!(run.join("run.toml").is_file());
    screen.quit();
}

#[test]
fn a_run_at_work_is_not_put_into_the_trash() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(DELETE);
    let shown = screen.wait_for("the run is active; stop it first");
    assert!(!shown.contains("makook runs rm"), "{shown}");
    assert_eq!(stage.runs().len(), 2);
    screen.quit();
}

#[test]
fn a_chart_is_exported_and_the_files_are_taken_away_again() {
    let stage = Stage::lived_in();
    let exports = stage.runs().remove(0).join("exports");
    let count = || fs::read_dir(&exports).map_or(0, Iterator::count);
    let mut screen = stage.on_alpha(&[]);
    screen.press(b"3");
    screen.wait_for("Approx. KL");
    screen.press(CTRL_O);
    screen.wait_for(".svg");
    assert_eq!(count(), 3, "SVG, CSV and JSON");
    screen.press(CTRL_Z);
    screen.wait_for("are gone again");
    assert_eq!(count(), 0);
    screen.quit();
}

#[test]
fn a_file_is_saved_with_its_comments() {
    let stage = Stage::lived_in();
    let file = stage.place.path().join("configs/zz.toml");
    fs::write(&file, "# mine\n[agent]\n# how far\ngamma = 0.99 # usual\n").unwrap();
    let mut screen = stage.opened(&[]);
    screen.press(b"2");
    screen.wait_for("default");
    screen.press(F3);
    screen.wait_for("configs/zz.toml");
    screen.press(END);
    screen.press(ENTER);
    screen.wait_for("experiment: configs/zz.toml");
    screen.press(CTRL_F);
    screen.press(b"agent.gamma\r");
    screen.wait_for("filter: agent.gamma");
    screen.press(ENTER);
    screen.press(CTRL_U);
    screen.press(b"0.9");
    screen.press(ENTER);
    screen.wait_for("changed here");
    screen.press(CTRL_O);
    screen.wait_until("where to", |shown| {
        !shown.contains("F1 Help") || shown.contains("zz.toml")
    });
    screen.press(ENTER);
    screen.wait_for("comments and the rest stay");
    screen.press(RIGHT);
    screen.press(ENTER);
    screen.wait_for("saved to configs/zz.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, "# mine\n[agent]\n# how far\ngamma = 0.9 # usual\n");
    screen.quit();
}

#[test]
fn a_later_console_shows_what_the_last_one_showed() {
    let stage = Stage::lived_in();
    let mut screen = stage.on_alpha(&[]);
    screen.press(b"4");
    screen.wait_for("trades 25");
    screen.press(CTRL_F);
    screen.press(b"pnl<0\r");
    screen.wait_for("filter: pnl<0");
    screen.press(DOWN);
    screen.quit();
    let mut screen = stage.open(&[]);
    let shown = screen.wait_for("filter: pnl<0");
    assert_eq!(header(&shown), "4 Trades", "{shown}");
    screen.wait_for("trades 12/25");
    screen.quit();
}

#[test]
fn a_console_of_another_name_begins_anew() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"7");
    screen.wait_until("the jobs", |shown| header(shown) == "7 Jobs");
    screen.quit();
    let mut other = stage.opened(&[("MAKOOK_SESSION", "other")]);
    let shown = other.wait_for("alpha");
    assert_eq!(header(&shown), "1 Dashboard", "{shown}");
    other.quit();
}

#[test]
fn two_consoles_see_what_the_other_does() {
    let stage = Stage::lived_in();
    let mut first = stage.on_alpha(&[("MAKOOK_SESSION", "first")]);
    // Waited for once: a frame that is seen does not come again.
    let mut second = stage.open(&[("MAKOOK_SESSION", "second")]);
    second.wait_for("alpha-");
    first.press(DELETE);
    first.wait_for("makook runs rm");
    first.press(RIGHT);
    first.press(ENTER);
    first.wait_for("is in the trash");
    second.wait_without("alpha-");
    first.press(CTRL_Z);
    second.wait_for("alpha-");
    second.quit();
    first.quit();
}

#[test]
fn a_read_only_console_has_no_action_that_touches_anything() {
    let stage = Stage::lived_in();
    let mut screen = stage.on_alpha(&[("MAKOOK_CONSOLE__READ_ONLY", "true")]);
    screen.press(DELETE);
    screen.wait_for("! Move to trash: the console is read-only");
    screen.press(F8);
    screen.wait_for("! Start training: the console is read-only");
    screen.press(F1);
    let shown = screen.wait_for("Esc closes");
    let shown = shown.replace("! Start training: the console is read-only", "");
    for gone in ["Start training", "Move to trash", "Stop", "makook runs rm"] {
        assert!(!shown.contains(gone), "{gone}:\n{shown}");
    }
    screen.press(b"\x1b");
    screen.wait_without("Esc closes");
    assert_eq!(stage.runs().len(), 2);
    screen.quit();
}

#[test]
fn the_language_chosen_is_back_unless_the_start_or_the_settings_say_another() {
    const ENGLISH: &str = "1 Dashboard";
    const KOREAN: &str = "1 대시보드";
    let stage = Stage::lived_in();
    let opens_in = |title: &str, env: &[(&str, &str)]| {
        let mut screen = stage.open(env);
        screen.wait_until(title, |shown| {
            shown.contains("beta") && header(shown) == title
        });
        screen
    };
    let mut screen = opens_in(ENGLISH, &[]);
    screen.press(F12);
    screen.wait_until("Korean by hand", |shown| header(shown) == KOREAN);
    screen.quit();
    opens_in(KOREAN, &[]).quit();
    // Looked at and used in between, which writes the memory anew.
    for asked in [("MAKOOK_LANG", "en"), ("MAKOOK_CONSOLE__LANGUAGE", "en")] {
        let mut screen = opens_in(ENGLISH, &[asked]);
        screen.press(b"5");
        screen.wait_until("the report", |shown| header(shown) == "5 Report");
        screen.press(b"1");
        screen.wait_until("the first screen", |shown| header(shown) == ENGLISH);
        screen.quit();
    }
    opens_in(KOREAN, &[]).quit();
    let settings = stage.place.path().join("configs/default.toml");
    let before = fs::read_to_string(&settings).unwrap();
    // Its last section is the console's.
    let after = format!("{before}language = \"en\"\n");
    fs::write(&settings, after).unwrap();
    opens_in(ENGLISH, &[]).quit();
}

#[test]
fn a_read_only_console_remembers_nothing_and_one_that_cannot_write_says_so() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[("MAKOOK_CONSOLE__READ_ONLY", "true")]);
    screen.press(F12);
    screen.wait_for("한국어로 표시");
    screen.quit();
    let views = stage.place.path().join("logs/console");
    let written = fs::read_dir(&views).into_iter().flatten().flatten();
    let written: Vec<_> = written
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .collect();
    assert!(written.is_empty(), "{written:?}");
    // A folder where the file belongs holds root too.
    let mut screen = stage.opened(&[("USER", "kim")]);
    fs::create_dir_all(views.join("kim@console.json")).unwrap();
    screen.press(F12);
    screen.wait_for("기억하지 못합니다");
    screen.quit();
}

#[test]
fn a_new_run_appears_by_itself_and_at_once_when_asked() {
    let mut stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    stage.judged("gamma");
    screen.press(F5);
    let shown = screen.wait_for("gamma-");
    assert!(chosen(&shown).contains("beta"), "{shown}");
    stage.judged("delta");
    screen.wait_for("delta-");
    screen.quit();
}

#[test]
fn the_view_is_written_down_while_one_works_and_not_only_at_the_end() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"5");
    screen.wait_until("the report", |shown| header(shown) == "5 Report");
    let views = stage.place.path().join("logs/console");
    wait_until("the view is written", || {
        let files = fs::read_dir(&views).into_iter().flatten().flatten();
        // Whole files alone: one that is being written has another ending.
        let mut views = files.map(|file| file.path());
        views.any(|view| {
            let text = fs::read_to_string(&view).unwrap_or_default();
            view.extension().is_some_and(|kind| kind == "json")
                && text.contains("\"screen\":\"report\"")
        })
    });
    screen.signal("KILL");
    drop(screen.hang_up().wait());
    let mut screen = stage.open(&[]);
    screen.wait_until("the report", |shown| header(shown) == "5 Report");
    screen.quit();
}
