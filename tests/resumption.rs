//! Stopped, killed and started again: nothing is lost beyond the last checkpoint, nothing corrupt.

use crate::place::{Place, metrics, read_json, text, wait_until, weights_hash};
use domain::{Clock, SystemClock};
use runs::{Command as Wish, Mailbox, RunDir, State, segments::history};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Enough steps to be interrupted in the middle.
const LONG: &[&str] = &[
    "train.total_steps=262144",
    "train.checkpoint_every_steps=8192",
];

/// Steps between two checkpoints of [`LONG`].
const INTERVAL: u64 = 8_192;

fn checkpoints(run: &Path) -> usize {
    let dir = run.join("seeds/3/checkpoints");
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().parse::<u64>().is_ok())
        .count()
}

/// Returns the claims of every start of a worker, oldest first.
fn claims(run: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(run.join("meta")).into_iter().flatten();
    let mut claims: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".claim.json"))
        .collect();
    claims.sort();
    claims
}

fn worker_of(run: &Path) -> Option<u32> {
    let claim = read_json(claims(run).last()?);
    u32::try_from(claim["pid"].as_u64()?).ok()
}

fn signal(name: &str, pid: u32) {
    assert!(
        Command::new("kill")
            .args([name, &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

/// Posts `wish` to the worker of `run` and waits until it has answered.
fn ask(run: &RunDir, wish: &Wish) {
    let posted = Mailbox::of(run.layout()).post(wish, "test", SystemClock::new().now());
    let number = posted.unwrap();
    wait_until("the worker answers", || {
        let files = std::fs::read_dir(run.layout().events()).into_iter();
        let texts = files.flatten().flatten();
        let mut texts = texts.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default());
        texts.any(|text| {
            let lines = text.lines();
            let mut events = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
            events.any(|event| event["kind"] == "command_acknowledged" && event["number"] == number)
        })
    });
}

/// Halts the training of `run` where its figures are written down and no checkpoint holds them yet:
/// a kill there loses work for certain.
fn halt_between_checkpoints(run: &Path) {
    let run = RunDir::open_path(run).unwrap();
    loop {
        ask(&run, &Wish::Pause);
        let last = history(&run).pop().unwrap();
        if last.state == State::Paused && last.to_step > last.saved_step {
            return;
        }
        ask(&run, &Wish::Resume);
    }
}

fn started(place: &Place) -> PathBuf {
    wait_until("a run appears", || {
        place.run(&["runs", "path", "latest"]).status.success()
    });
    place.latest()
}

#[test]
fn stopped_and_resumed_gives_the_bits_of_an_undisturbed_run() {
    let place = Place::new();
    let whole = place.train(LONG);
    let mut child = place.start(LONG);
    wait_until("a second run appears", || place.latest() != whole);
    let run = place.latest();
    wait_until("it has a checkpoint", || checkpoints(&run) > 0);
    place.ok(0, &["stop"]);
    assert_eq!(child.wait().unwrap().code(), Some(4));
    assert!(
        !run.join("done.json").exists(),
        "it was stopped in the middle"
    );
    let code = place.run(&["resume"]).status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
    assert_eq!(weights_hash(&run, 3), weights_hash(&whole, 3));
    assert_eq!(metrics(&run, 3), metrics(&whole, 3));
}

#[test]
fn a_signal_saves_and_ends_with_four() {
    let place = Place::new();
    let mut child = place.start(LONG);
    let run = started(&place);
    wait_until("it trains", || checkpoints(&run) > 0);
    signal("-TERM", worker_of(&run).unwrap());
    assert_eq!(child.wait().unwrap().code(), Some(4));
    let shown = place.json(&["runs", "list", "--json"]);
    assert_eq!(shown[0]["state"], "interrupted");
    assert_eq!(shown[0]["resumable"], true);
}

#[test]
fn ten_kills_leave_a_run_that_finishes_with_the_same_bits() {
    let place = Place::new();
    // So long that it can be halted more than once where a checkpoint happens to hold everything.
    let longer = [LONG, &["train.total_steps=524288"]].concat();
    let whole = place.train(&longer);
    let mut child = place.start(&longer);
    wait_until("a second run appears", || place.latest() != whole);
    let run = place.latest();
    let mut kills = 0;
    let mut seen = 0;
    while kills < 10 && !run.join("seeds/3/trained.json").exists() {
        wait_until("the worker holds the run", || claims(&run).len() > seen);
        // Every kill comes at another moment: the busier the machine, the more varied.
        wait_until("it moves", || {
            checkpoints(&run) > kills.min(2) || run.join("seeds/3/trained.json").exists()
        });
        if kills == 1 {
            halt_between_checkpoints(&run);
        }
        seen = claims(&run).len();
        if let Some(pid) = worker_of(&run) {
            let _ = Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status();
        }
        let _ = child.wait();
        kills += 1;
        let mut command = place.command(&["resume", "latest"]);
        child = command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
    }
    let _ = child.wait();
    assert_eq!(kills, 10, "it was trained before the tenth kill");
    if !run.join("done.json").exists() {
        let _ = place.run(&["resume", "latest"]);
    }
    assert!(
        run.join("done.json").exists(),
        "it finished after {kills} kills"
    );
    assert_eq!(weights_hash(&run, 3), weights_hash(&whole, 3));
    assert_eq!(metrics(&run, 3), metrics(&whole, 3));
    let starts = history(&RunDir::open_path(&run).unwrap());
    assert!(starts.len() > kills, "{} starts", starts.len());
    for start in &starts {
        assert!(start.lost_steps <= INTERVAL, "{start:?}");
    }
    // The bound is no idle one.
    assert!(starts.iter().any(|one| one.lost_steps > 0), "{starts:?}");
}

#[test]
fn a_corrupt_checkpoint_is_named_and_the_one_before_is_taken() {
    let place = Place::new();
    let whole = place.train(LONG);
    let mut child = place.start(LONG);
    wait_until("a second run appears", || place.latest() != whole);
    let run = place.latest();
    wait_until("it has two checkpoints", || checkpoints(&run) > 1);
    place.ok(0, &["stop"]);
    child.wait().unwrap();
    let dir = run.join("seeds/3/checkpoints");
    let latest = std::fs::read_to_string(dir.join("LATEST")).unwrap();
    let damaged = std::fs::read_dir(&dir)
        .unwrap()
        .flatten()
        .find(|entry| {
            entry.file_name().to_string_lossy().parse::<u64>().ok() == latest.trim().parse().ok()
        })
        .unwrap()
        .path()
        .join("policy.safetensors");
    let mut bytes = std::fs::read(&damaged).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&damaged, bytes).unwrap();
    let _ = place.run(&["resume"]);
    assert!(run.join("done.json").exists());
    let events = std::fs::read_to_string(run.join("events/0002.jsonl")).unwrap();
    assert!(
        events.contains("checkpoint_refused") && events.contains("policy.safetensors"),
        "{events}"
    );
    assert_eq!(weights_hash(&run, 3), weights_hash(&whole, 3));
}

#[test]
fn a_damaged_agent_of_a_trained_seed_is_told_with_a_way_out_that_works() {
    let place = Place::new();
    let two = [LONG, &["train.seeds=[3, 4]"]].concat();
    let mut child = place.start(&two);
    let run = started(&place);
    wait_until("the first seed is trained", || {
        run.join("seeds/3/trained.json").exists()
    });
    place.ok(0, &["stop"]);
    child.wait().unwrap();
    let before = weights_hash(&run, 3);
    let seed = run.join("seeds/3");
    let chosen = read_json(&seed.join("trained.json"))["chosen_step"].clone();
    let weights = seed.join(format!("checkpoints/{chosen}/policy.safetensors"));
    let mut bytes = std::fs::read(&weights).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&weights, bytes).unwrap();
    // Twice the same: the hint does not lead in a circle.
    for _ in 0..2 {
        let output = place.run(&["resume"]);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(3), "{said}");
        let way = "remove that folder, then `makook resume`";
        assert!(said.contains("seeds/3") && said.contains(way), "{said}");
    }
    std::fs::remove_dir_all(&seed).unwrap();
    let output = place.run(&["resume"]);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        text(&output)
    );
    assert_eq!(weights_hash(&run, 3), before);
}
