//! The SSH line is cut while a person works on the host itself: nothing is lost, the jobs run on,
//! and the same view is back.
//!
//! Skipped, with a line that says so, where no sshd can be run (tests/lab/ssh-up.sh).

use crate::{
    host::{Far, HOST, Screen},
    place::{SMALL, read_json, wait_until},
};
use std::{path::PathBuf, process::Command};

/// The console on the host, seen through an ordinary `ssh -tt`.
fn console(far: &Far) -> Screen {
    let ssh = far.bin().join("ssh").display().to_string();
    let there = format!("TERM=xterm-256color LANG=C.UTF-8 {}", far.program());
    Screen::run(far, &ssh, &["-tt".to_owned(), HOST.to_owned(), there])
}

fn cut(screen: &mut Screen) {
    let pid = screen.child.process_id().unwrap().to_string();
    let killed = Command::new("kill").args(["-9", &pid]).status().unwrap();
    assert!(killed.success());
    let _ = screen.child.wait();
}

/// Where the console keeps its view.
fn views(far: &Far) -> Vec<PathBuf> {
    let dir = far.place.path().join("logs/console");
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[test]
fn the_view_and_an_unsaved_edit_are_back_and_the_training_ran_on() {
    let name = "the_view_and_an_unsaved_edit_are_back_and_the_training_ran_on";
    let Some(far) = Far::up(name) else {
        return;
    };
    let more = ["run.name=longer", "train.total_steps=400000"];
    let training = far.place.training(&["train", "--detach"], &more);
    let id = far.place.ok(0, &training).trim().to_owned();
    let run = far.place.path().join("logs/runs").join(&id);

    let mut screen = console(&far);
    screen.wait_for("longer");
    screen.press(b"2");
    screen.wait_for("experiment:");
    screen.press(b"/");
    screen.wait_for("Enter takes");
    screen.press(b"clip_range\r");
    screen.wait_for("agent.clip_range");
    screen.press(b"\x1b[C");
    screen.wait_for("0.22");
    cut(&mut screen);

    let kept = || {
        let files = views(&far);
        files.iter().any(|path| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            text.contains("agent.clip_range") && text.contains("0.22")
        })
    };
    wait_until("the cut console keeps its view", kept);

    let mut again = console(&far);
    // The same screen, filter, setting and unsaved value, without a key.
    let shown = again.wait_for("0.22");
    assert!(
        shown.contains("[2 Config]") && shown.contains("agent.clip_range"),
        "{shown}"
    );
    again.press(b"\x1b[21~");
    again.wait_for_end();

    wait_until("the training ends well", || run.join("done.json").exists());
    let claims = std::fs::read_dir(run.join("meta")).unwrap().flatten();
    let claims = claims.filter(|entry| entry.file_name().to_string_lossy().contains("claim"));
    assert_eq!(claims.count(), 1, "the cut did not reach the worker");
}

#[test]
fn a_submission_that_was_cut_off_happened_whole_or_not_at_all() {
    let Some(far) = Far::up("a_submission_that_was_cut_off_happened_whole_or_not_at_all") else {
        return;
    };
    let ssh = far.bin().join("ssh");
    let mut words = vec!["train".to_owned(), "--detach".to_owned()];
    for setting in SMALL {
        words.extend(["--set".to_owned(), format!("'{setting}'")]);
    }
    let there = format!("{} {}", far.program(), words.join(" "));
    let runs = far.place.path().join("logs/runs");
    for round in 0..6_u32 {
        let before = newest_run(&runs);
        let mut client = Command::new(&ssh)
            .args([HOST, &there])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Each round lets one more thing happen before the cut: a run, its record, its worker.
        wait_until("it gets that far or ends", || {
            let newest = newest_run(&runs).filter(|run| Some(run) != before.as_ref());
            let reached = match round % 3 {
                0 => newest.is_some(),
                1 => newest.is_some_and(|run| run.join("job.json").exists()),
                _ => newest.is_some_and(|run| run.join("meta/0001.claim.json").exists()),
            };
            reached || client.try_wait().unwrap().is_some()
        });
        let _ = client.kill();
        let _ = client.wait();
    }
    let listed = far.place.json(&["runs", "list", "--json"]);
    for run in listed.as_array().unwrap() {
        let id = run["id"].as_str().unwrap().to_owned();
        let dir = runs.join(&id);
        assert!(run["problems"].as_array().unwrap().is_empty(), "{run}");
        if !dir.join("job.json").exists() {
            // Written down and never sent: it waits for a person and can be sent.
            far.place.ok(0, &["jobs", "submit", &id]);
        }
        wait_until("it ends well", || dir.join("done.json").exists());
        let job = read_json(&dir.join("job.json"));
        assert_eq!(job["ids"].as_array().unwrap().len(), 1, "{job}");
    }
}

fn newest_run(runs: &std::path::Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(runs).ok()?.flatten();
    let mut dirs: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("run.toml").exists())
        .collect();
    dirs.sort();
    dirs.pop()
}
