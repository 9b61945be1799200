//! The screen of logs from its opening to its end, and the console's own log.

use super::stage::{Stage, chosen, header};
use crate::console::Screen;
use std::{fs, io::Write, path::PathBuf};

const ESC: &[u8] = b"\x1b";
const CTRL_E: &[u8] = b"\x05";
const CTRL_F: &[u8] = b"\x06";
const F3: &[u8] = b"\x1bOR";
const SHIFT_F3: &[u8] = b"\x1b[1;2R";
const HOME: &[u8] = b"\x1b[H";
const END: &[u8] = b"\x1b[F";

/// The log of the run that is at work.
struct Written(PathBuf);

impl Written {
    fn of(stage: &Stage) -> Self {
        let runs = stage.runs();
        let beta = runs
            .iter()
            .find(|path| path.to_string_lossy().contains("beta-"));
        Self(beta.unwrap().join("log/0001.log"))
    }

    fn append(&self, text: &str) {
        let log = fs::OpenOptions::new().append(true).open(&self.0);
        log.unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// A hundred lines, of which two are warnings and one an error.
    fn work(&self) {
        let line = |n: u32| match n {
            20 | 60 => format!("WARN slow step {n}\n"),
            40 => format!("ERROR lost step {n}\n"),
            n => format!("INFO step {n}\n"),
        };
        self.append(&(1..=100).map(line).collect::<String>());
    }
}

/// Whether the chosen line ends with `text`.
fn is_on(shown: &str, text: &str) -> bool {
    chosen(shown).trim_end().ends_with(text)
}

/// The console on the log of `beta`, which ends with `text`.
fn opened_at(stage: &Stage, text: &str) -> Screen {
    let mut screen = stage.opened(&[]);
    screen.press(b"0");
    screen.wait_for(text);
    screen
}

#[test]
fn a_log_is_followed_searched_walked_and_followed_again() {
    let stage = Stage::lived_in();
    let log = Written::of(&stage);
    let mut screen = opened_at(&stage, "gaps repaired");
    screen.wait_for("following");
    log.work();
    screen.wait_until("the end", |shown| {
        shown.contains("step 100") && shown.contains("103/103") && !shown.contains("step 50")
    });
    screen.press(HOME);
    screen.wait_until("the beginning", |shown| {
        is_on(shown, "importing data") && shown.contains("held")
    });
    // Held still, it stays where it is.
    log.append("INFO behind\n");
    screen.wait_for("1/104");
    screen.press(CTRL_F);
    screen.wait_for("Find in log");
    screen.press(b"STEP 2\r");
    screen.wait_until("the first", |shown| is_on(shown, "step 2"));
    screen.press(F3);
    screen.wait_until("the next", |shown| is_on(shown, "step 20"));
    screen.press(SHIFT_F3);
    screen.wait_until("the one before", |shown| is_on(shown, "step 2"));
    screen.press(SHIFT_F3);
    screen.wait_until("around the beginning", |shown| {
        is_on(shown, "step 29") && shown.contains("around the end")
    });
    screen.press(END);
    screen.wait_for("INFO behind");
    log.append("INFO at last\n");
    screen.wait_for("INFO at last");
    screen.quit();
}

#[test]
fn a_log_is_searched_by_an_expression_and_a_bad_one_is_explained() {
    let stage = Stage::lived_in();
    Written::of(&stage).work();
    let mut screen = opened_at(&stage, "step 100");
    screen.press(HOME);
    screen.wait_for("importing data");
    screen.press(CTRL_F);
    screen.wait_for("as it is written");
    screen.press(b"\t");
    screen.wait_for("as a regular expression");
    screen.press(b"(slow|lost\r");
    screen.wait_for("character 1: this ( is not closed");
    screen.press(b") step [46]\r");
    screen.wait_until("the first", |shown| is_on(shown, "lost step 40"));
    screen.press(F3);
    screen.wait_until("the second", |shown| is_on(shown, "slow step 60"));
    screen.wait_for("(regular expression)");
    screen.quit();
}

#[test]
fn a_log_is_narrowed_to_its_loud_lines_and_whole_again() {
    let stage = Stage::lived_in();
    Written::of(&stage).work();
    let mut screen = opened_at(&stage, "step 100");
    screen.press(CTRL_E);
    let shown = screen.wait_without("INFO");
    assert!(
        shown.contains("slow step 20") && shown.contains("lost step 40"),
        "{shown}"
    );
    screen.press(CTRL_E);
    let shown = screen.wait_without("WARN");
    assert!(shown.contains("lost step 40"), "{shown}");
    screen.press(ESC);
    screen.wait_for("step 100");
    screen.quit();
}

#[test]
fn a_click_chooses_a_line() {
    let stage = Stage::lived_in();
    Written::of(&stage).work();
    let mut screen = opened_at(&stage, "step 100");
    let shown = screen.wait_for("following");
    let row = shown
        .lines()
        .position(|line| line.trim_end().ends_with("step 90"))
        .unwrap()
        + 1;
    screen.press(format!("\x1b[<0;9;{row}M\x1b[<0;9;{row}m").as_bytes());
    let after = screen.wait_until("the line", |shown| is_on(shown, "step 90"));
    let lines = |shown: &str| shown.lines().filter(|line| line.contains("step")).count();
    assert_eq!(lines(&after), lines(&shown), "the page stays");
    screen.press(b" ");
    screen.wait_until("its mark", |shown| {
        shown
            .lines()
            .any(|line| line.starts_with(">*") && line.trim_end().ends_with("step 90"))
    });
    screen.quit();
}

#[test]
fn a_session_leaves_its_own_log() {
    let stage = Stage::lived_in();
    let folder = stage.place.path().join("logs/console");
    let mut screen = stage.opened(&[]);
    screen.press(b"0");
    screen.wait_until("the logs", |shown| header(shown).starts_with('0'));
    screen.press(b"\r");
    screen.wait_for("this console");
    screen.press(END);
    screen.press(b"\r");
    screen.wait_for("the console opens on");
    screen.quit();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let files = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|file| file.path());
    let own: Vec<PathBuf> = files.filter(|path| name(path).ends_with(".log")).collect();
    let [own] = own.as_slice() else {
        panic!("{own:?}");
    };
    let day = name(own);
    let day = day
        .strip_prefix("makook.")
        .and_then(|day| day.strip_suffix(".log"));
    let is_day = |day: &str| day.len() == 10 && day.split('-').count() == 3;
    assert!(day.is_some_and(is_day), "{own:?}");
    let text = fs::read_to_string(own).unwrap();
    for says in ["INFO", "the console opens on", "the console closes"] {
        assert!(text.contains(says), "{says}: {text}");
    }
}
