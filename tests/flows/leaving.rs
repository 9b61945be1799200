//! Every way out gives the terminal back, and none touches a job.

use super::stage::Stage;
use crate::{console::Screen, place::wait_until};
use rstest::rstest;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

const ENTER: &[u8] = b"\r";
const F8: &[u8] = b"\x1b[19~";

#[rstest]
#[case::f10(b"\x1b[21~")]
#[case::letter(b"q")]
#[case::letter_of_a_korean_keyboard("ㅂ".as_bytes())]
#[case::ctrl_c(b"\x03")]
fn a_key_ends_it(#[case] key: &[u8]) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(key);
    assert_eq!(screen.end().0, 0);
}

#[test]
fn ctrl_c_ends_it_also_while_something_is_typed() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"/");
    screen.press("학습".as_bytes());
    screen.wait_for("학습");
    screen.press(b"\x03");
    screen.end();
}

#[rstest]
fn a_signal_ends_it(#[values("HUP", "TERM", "INT")] name: &str) {
    let stage = Stage::lived_in();
    let screen = stage.opened(&[]);
    screen.signal(name);
    screen.end();
}

#[test]
fn it_stops_and_comes_back_as_it_was() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"7");
    screen.wait_for("[7 Jobs]");
    screen.signal("TSTP");
    screen.wait_for_terminal("the shell's screen", |terminal| {
        !terminal.alternate_screen() && !terminal.hide_cursor()
    });
    let state = format!("/proc/{}/stat", screen.pid());
    wait_until("it is stopped", || {
        fs::read_to_string(&state).is_ok_and(|text| text.contains(") T "))
    });
    screen.signal("CONT");
    screen.wait_for_terminal("its own screen", |terminal| {
        terminal.alternate_screen() && terminal.contents().contains("[7 Jobs]")
    });
    screen.press(b"1");
    screen.wait_for("[1 Dashboard]");
    screen.quit();
}

#[test]
fn it_ends_with_the_terminal() {
    let stage = Stage::lived_in();
    let screen = stage.opened(&[]);
    let mut left = screen.hang_up();
    left.wait().unwrap();
}

/// A worker that does nothing but be there, and tells its process id.
fn idle_worker(stage: &Stage) -> (String, std::path::PathBuf) {
    let path = stage.place.path().join("worker");
    let told = stage.place.path().join("worker.pid");
    let script = format!(
        "#!/bin/sh\necho $$ >'{0}.part' && mv '{0}.part' '{0}'\nexec tail -f /dev/null\n",
        told.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (path.display().to_string(), told)
}

#[test]
fn killing_the_console_touches_no_job() {
    let stage = Stage::new();
    let (worker, told) = idle_worker(&stage);
    let mut screen = stage.open(&[("MAKOOK_WORKER", &worker)]);
    screen.wait_for("F8");
    screen.press(F8);
    screen.wait_for("local");
    screen.press(ENTER);
    screen.wait_for("/worker run");
    screen.press(ENTER);
    wait_until("the job is at work", || told.exists());
    let job = fs::read_to_string(&told).unwrap().trim().to_owned();
    screen.signal("KILL");
    drop(screen.hang_up().wait());
    let alive = || Path::new(&format!("/proc/{job}")).exists();
    assert!(alive(), "the job died with the console");
    let mut again = stage.open(&[("MAKOOK_WORKER", &worker)]);
    again.wait_for("[");
    assert!(alive());
    again.quit();
    let killed = Command::new("kill").args(["-9", &job]).status().unwrap();
    assert!(killed.success());
    wait_until("the pool has noticed", || !alive());
}

#[test]
fn a_console_behind_a_pipe_says_that_it_needs_a_terminal() {
    let stage = Stage::lived_in();
    let mut command = portable_pty::CommandBuilder::new("/bin/sh");
    command.args(["-c", &format!("'{}' | cat", env!("CARGO_BIN_EXE_makook"))]);
    command.env("MAKOOK_PROJECT", stage.place.path());
    command.env("HOME", stage.place.path());
    command.env("LANG", "C.UTF-8");
    let (_, terminal) = Screen::of(command, 100, 30).end();
    let shown = terminal.screen().contents();
    assert!(shown.contains("needs a terminal"), "{shown}");
}
