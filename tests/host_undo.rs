//! Undo on a host, against a real sshd: what was done there is taken back there.
//!
//! Skipped, with a line that says so, where no sshd can be run.

use crate::{
    host::{Far, Screen, content},
    place::wait_until,
};
use std::fs;

#[test]
fn a_save_there_is_taken_back_there() {
    let Some(far) = Far::up("a_save_there_is_taken_back_there") else {
        return;
    };
    let file = far.place.path().join("configs/mine.toml");
    let mut screen = Screen::open(&far);
    screen.press(b"2");
    screen.wait_for("default");
    screen.press(b"\x06agent.gamma\r");
    screen.wait_for("filter: agent.gamma");
    screen.press(b"\r");
    screen.wait_for("Esc");
    screen.press(b"\x150.9\r");
    screen.wait_for("changes 1");
    screen.press(b"\x0f");
    screen.wait_for("Name of the new file");
    screen.press(b"mine\r");
    screen.wait_for("configs/mine.toml is made");
    screen.press(b"\x1b[C\r");
    screen.wait_for("saved to configs/mine.toml");
    let text = "[agent]\ngamma = 0.9\n";
    assert_eq!(content(&file), text);
    screen.press(b"\x1a");
    screen.wait_for("mine.toml is gone again");
    assert!(!file.exists());
    screen.press(b"\x19");
    screen.wait_for("mine.toml holds its other text again");
    assert_eq!(content(&file), text);
    // Whoever changed it there meanwhile loses nothing.
    fs::write(&file, "# theirs\n").unwrap();
    screen.press(b"\x1a");
    screen.wait_for("was changed since by another program");
    assert_eq!(content(&file), "# theirs\n");
    screen.press(b"\x1b[21~");
    screen.wait_for_end();
}

#[test]
fn a_launch_there_that_still_waits_is_taken_back_there() {
    let Some(far) = Far::up("a_launch_there_that_still_waits_is_taken_back_there") else {
        return;
    };
    let place = &far.place;
    place.ok(0, &["config", "set", "jobs.slots=1"]);
    let endless = ["train.total_steps=4000000000", "train.threads=1"];
    let mut first = place.training(&["train", "--name", "first"], &endless);
    first.extend(["--on", "local", "--detach", "--json"]);
    let first = place.json(&first)["run"].as_str().unwrap().to_owned();
    let mut screen = Screen::open(&far);
    screen.wait_for("first-");
    screen.wait_for("running");
    screen.press(b"\x1b[19~");
    screen.wait_for("Where shall it run?");
    screen.press(b"\r");
    screen.wait_for("makook-worker run");
    screen.press(b"\r");
    // Once the host has told that it is sent, and not before, there is something to take back.
    screen.wait_for("[3 Run]");
    screen.wait_for("queued");
    screen.press(b"7");
    screen.wait_for("[7 Jobs]");
    screen.wait_for("btc");
    screen.press(b"\x1a");
    screen.wait_for("Take the training back");
    screen.wait_for("has not begun. It leaves the queue");
    screen.press(b"\x1b[C\r");
    screen.wait_for("leaves the queue before it begins");
    let phases = || {
        let jobs = place.json(&["jobs", "list", "--json"]);
        let all = jobs["jobs"].as_array().unwrap().iter();
        all.map(|job| job["phase"]["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // The pool there takes it out as soon as it has read the wish.
    wait_until("it has left the queue", || {
        !phases().contains(&"queued".to_owned())
    });
    assert!(phases().contains(&"running".to_owned()), "{:?}", phases());
    screen.press(b"\x1b[21~");
    screen.press(b"\r");
    screen.wait_for_end();
    place.ok(0, &["jobs", "cancel", &first]);
}
