//! Preempted, requeued, cancelled: the real worker inside a scheduler that is played by a script.
//!
//! `scontrol` is a script that writes down how it was called; what a real scheduler does next
//! (kill, start again with a higher count) the tests do.

use crate::place::{Place, metrics, read_json, text, wait_until, weights_hash};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

const LONG: &[&str] = &[
    "train.total_steps=262144",
    "train.checkpoint_every_steps=8192",
];

/// Checkpoints neither by steps nor by time nor by validation.
const UNSAVED: &[&str] = &[
    "train.total_steps=100000000",
    "train.checkpoint_every_steps=100000000",
    "train.checkpoint_every_seconds=3600",
    "train.validate_every_steps=100000000",
];

/// A run inside a cluster of one job.
struct Cluster {
    place: Place,
    run: PathBuf,
}

impl Cluster {
    /// Writes a run without starting it, and the record of the job that was sent for it.
    fn new(more: &[&str], requeue: bool) -> Self {
        let place = Place::new();
        let arguments = place.training(&["train"], more);
        // Stands for a worker that has not begun yet.
        let written = place
            .command(&arguments)
            .env("MAKOOK_WORKER", "/bin/true")
            .output()
            .unwrap();
        let shown = place.run(&["runs", "path", "latest"]);
        assert!(shown.status.success(), "{}", text(&written));
        let cluster = Self {
            run: place.latest(),
            place,
        };
        let record = json!({
            "profile": "local", "ids": ["12_3", "13"], "submitted": 1, "command": ["sbatch"],
            "resources": { "requeue": requeue },
        });
        fs::write(cluster.run.join("job.json"), record.to_string()).unwrap();
        cluster.scontrol("#!/bin/sh\necho \"$@\" >>\"$CALLS\"\necho JobState=RUNNING\n");
        cluster
    }

    fn scontrol(&self, script: &str) {
        let bin = self.place.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        let path = bin.join("scontrol");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The worker as the scheduler starts it: the last task of an array, whose job id is the
    /// array's own.
    fn worker(&self, restart: u32) -> Command {
        let mut command = self.by_hand();
        command
            .env("SLURM_JOB_ID", "12")
            .env("SLURM_ARRAY_JOB_ID", "12")
            .env("SLURM_ARRAY_TASK_ID", "3")
            .env("SLURM_RESTART_COUNT", restart.to_string());
        command
    }

    /// The worker as a person starts it.
    fn by_hand(&self) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = self.place.path().join("bin");
        let mut command = Command::new(env!("CARGO_BIN_EXE_makook-worker"));
        command
            .arg("run")
            .arg(&self.run)
            .current_dir(self.place.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("CALLS", self.calls_file())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn start(&self, restart: u32) -> Child {
        let child = self.worker(restart).spawn().unwrap();
        let pid = u64::from(child.id());
        wait_until("the worker holds the run", || {
            self.claims()
                .last()
                .is_some_and(|claim| claim["pid"] == pid)
        });
        child
    }

    fn claims(&self) -> Vec<Value> {
        let mut paths: Vec<PathBuf> = fs::read_dir(self.run.join("meta"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().ends_with("claim.json"))
            .collect();
        paths.sort();
        paths.iter().map(|path| read_json(path)).collect()
    }

    fn calls_file(&self) -> PathBuf {
        self.place.path().join("calls")
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.calls_file()).unwrap_or_default()
    }

    fn status(&self) -> Value {
        read_json(&self.run.join("status.json"))
    }

    fn state(&self) -> String {
        self.status()["state"].as_str().unwrap().to_owned()
    }

    fn latest_checkpoint(&self) -> u64 {
        fs::read_to_string(self.run.join("seeds/3/checkpoints/LATEST"))
            .ok()
            .and_then(|name| name.trim().parse().ok())
            .unwrap_or(0)
    }

    fn says(&self, segment: u32, word: &str) -> bool {
        let path = self.run.join(format!("events/{segment:04}.jsonl"));
        fs::read_to_string(path).is_ok_and(|text| text.contains(word))
    }

    /// Whether figures of at least one update are on disk.
    fn has_trained(&self, segment: u32) -> bool {
        let path = self.run.join(format!("seeds/3/metrics/{segment:04}.jsonl"));
        fs::read_to_string(path).is_ok_and(|text| text.contains('\n'))
    }

    fn post(&self, kind: &str) {
        let letter = json!({ "posted": 1, "by": "test", "command": { "kind": kind } });
        let mailbox = self.run.join("mailbox");
        fs::write(mailbox.join("letter.tmp"), letter.to_string()).unwrap();
        fs::rename(mailbox.join("letter.tmp"), mailbox.join("000001.json")).unwrap();
    }

    /// Starts, waits for a checkpoint and holds the worker still, so that what is posted and
    /// signalled next reaches it at the same moment.
    fn frozen(&self) -> Child {
        let child = self.start(0);
        wait_until("it trains", || self.latest_checkpoint() > 0);
        signal("-STOP", &child);
        child
    }

    /// Waits for the requeue and does what the scheduler does then.
    fn killed_after_requeue(&self, mut child: Child) {
        wait_until("it asks for its requeue", || {
            self.calls().contains("requeue 12_3")
        });
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

fn signal(name: &str, child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(sent.success());
}

fn code(mut child: Child) -> Option<i32> {
    child.wait().unwrap().code()
}

#[test]
fn a_preempted_task_saves_requeues_itself_alone_and_waits_to_be_cleared() {
    let cluster = Cluster::new(LONG, true);
    let mut child = cluster.frozen();
    signal("-TERM", &child);
    signal("-CONT", &child);
    wait_until("it asks for its requeue", || {
        cluster.calls().contains("requeue")
    });
    let calls = cluster.calls();
    let requeues: Vec<&str> = calls
        .lines()
        .filter(|call| call.contains("requeue"))
        .collect();
    assert_eq!(requeues, ["requeue 12_3"]);
    assert_eq!(cluster.state(), "preempted");
    let saved = cluster.latest_checkpoint();
    assert_eq!(Value::from(saved), cluster.status()["step"]);
    // Ending now, unasked, would look like a job that is done; the scheduler's own signal that
    // clears its place is the moment to leave.
    assert!(child.try_wait().unwrap().is_none());
    signal("-TERM", &child);
    assert_eq!(code(child), Some(4));
    assert_eq!(cluster.state(), "preempted");
}

#[test]
fn a_warning_and_the_end_at_once_lose_no_bit() {
    let cluster = Cluster::new(LONG, true);
    let undisturbed = cluster.place.train(LONG);
    let child = cluster.frozen();
    for name in ["-USR1", "-CONT", "-TERM", "-TERM"] {
        signal(name, &child);
    }
    cluster.killed_after_requeue(child);
    assert_eq!(
        Value::from(cluster.latest_checkpoint()),
        cluster.status()["step"],
        "the save is of the last step"
    );
    let ended = cluster.worker(1).status().unwrap();
    assert!(matches!(ended.code(), Some(0 | 1)), "{ended}");
    assert_eq!(weights_hash(&cluster.run, 3), weights_hash(&undisturbed, 3));
    assert_eq!(metrics(&cluster.run, 3), metrics(&undisturbed, 3));
    let sample = fs::read_to_string(cluster.run.join("resources/0001.jsonl")).unwrap();
    for line in sample.lines() {
        let sample: Value = serde_json::from_str(line).unwrap();
        assert!(sample["rss_mib"].as_f64().unwrap() > 1.0, "{line}");
    }
}

#[test]
fn without_requeue_or_scheduler_it_saves_and_ends_with_four() {
    let ends: [(&str, bool, Option<&str>); 4] = [
        ("not asked for", false, None),
        (
            "refused",
            true,
            Some("#!/bin/sh\necho Requested operation is presently disabled >&2\nexit 1\n"),
        ),
        (
            "cancelled",
            true,
            Some("#!/bin/sh\necho \"$@\" >>\"$CALLS\"\necho JobState=CANCELLED\n"),
        ),
        ("missing", true, Some("")),
    ];
    for (what, requeue, script) in ends {
        let cluster = Cluster::new(LONG, requeue);
        match script {
            Some("") => fs::remove_file(cluster.place.path().join("bin/scontrol")).unwrap(),
            Some(script) => cluster.scontrol(script),
            None => {}
        }
        let child = cluster.frozen();
        signal("-TERM", &child);
        signal("-CONT", &child);
        assert_eq!(code(child), Some(4), "{what}");
        assert!(!cluster.calls().contains("requeue"), "{what}");
        let expected = if what == "cancelled" {
            "interrupted"
        } else {
            "preempted"
        };
        assert_eq!(cluster.state(), expected, "{what}");
        if what == "refused" {
            let reason = cluster.status()["reason"].to_string();
            assert!(reason.contains("presently disabled"), "{reason}");
        }
    }
}

#[test]
fn a_persons_stop_is_not_requeued_and_not_taken_up_by_the_next_link() {
    let cluster = Cluster::new(LONG, true);
    let child = cluster.frozen();
    cluster.post("stop");
    signal("-USR1", &child);
    signal("-CONT", &child);
    assert_eq!(code(child), Some(4));
    assert_eq!(cluster.state(), "interrupted");
    assert_eq!(cluster.calls(), "");
    let mut link = cluster.by_hand();
    let ended = link.env("SLURM_JOB_ID", "13").status().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(cluster.claims().len(), 1, "the link left the run alone");
}

#[test]
fn a_cancelled_run_is_taken_up_by_a_person_alone() {
    let cluster = Cluster::new(LONG, true);
    let child = cluster.frozen();
    cluster.post("cancel");
    signal("-TERM", &child);
    signal("-CONT", &child);
    assert_eq!(code(child), Some(4));
    assert_eq!(cluster.calls(), "");
    let failed = read_json(&cluster.run.join("failed.json"));
    assert_eq!(failed["cancelled"], true);
    assert_eq!(cluster.worker(1).status().unwrap().code(), Some(0));
    let mut link = cluster.by_hand();
    link.env("SLURM_JOB_ID", "13");
    assert_eq!(link.status().unwrap().code(), Some(0));
    assert_eq!(cluster.claims().len(), 1);
    let resumed = cluster.place.run(&["resume", "latest"]);
    assert!(
        matches!(resumed.status.code(), Some(0 | 1)),
        "{}",
        text(&resumed)
    );
    assert!(cluster.run.join("done.json").exists());
}

#[test]
fn three_starts_for_nothing_end_the_run_with_the_reason() {
    let cluster = Cluster::new(UNSAVED, true);
    for restart in 0..3 {
        die_in_training(&cluster, restart);
    }
    assert_eq!(cluster.worker(3).status().unwrap().code(), Some(3));
    let failed = read_json(&cluster.run.join("failed.json"));
    let says = failed["says"]["en"].as_str().unwrap();
    assert!(
        says.starts_with("no progress between preemptions: checkpoint interval 3600 s > median"),
        "{says}"
    );
    assert_ne!(failed["says"]["ko"], failed["says"]["en"]);
    assert_eq!(cluster.calls(), "", "it does not requeue");
    // Whatever starts it again by itself finds it ended.
    assert_eq!(cluster.worker(4).status().unwrap().code(), Some(0));
    assert_eq!(cluster.claims().len(), 4);
}

#[test]
fn a_checkpoint_in_between_keeps_the_hope_up() {
    let cluster = Cluster::new(UNSAVED, true);
    die_in_training(&cluster, 0);
    let child = cluster.start(1);
    wait_until("it has trained", || cluster.has_trained(2));
    signal("-TERM", &child);
    cluster.killed_after_requeue(child);
    assert!(cluster.latest_checkpoint() > 0);
    die_in_training(&cluster, 2);
    die_in_training(&cluster, 3);
    // The fourth in a row counts only two fruitless ones since that checkpoint.
    die_in_training(&cluster, 4);
    assert!(!cluster.run.join("failed.json").exists());
    assert_eq!(cluster.worker(5).status().unwrap().code(), Some(3));
}

fn die_in_training(cluster: &Cluster, restart: u32) {
    let mut child = cluster.start(restart);
    wait_until("it trains", || cluster.says(restart + 1, "training"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_link_that_finds_the_run_done_ends_at_once() {
    let cluster = Cluster::new(&[], true);
    let first = cluster.worker(0).status().unwrap().code();
    assert!(matches!(first, Some(0 | 1)), "{first:?}");
    let mut link = cluster.by_hand();
    let again = link.env("SLURM_JOB_ID", "13").status().unwrap().code();
    assert_eq!(again, first);
    assert_eq!(cluster.claims().len(), 1);
}

#[test]
fn a_signal_outside_training_ends_promptly_and_can_be_resumed() {
    // Long enough to be met by a signal, whatever the machine: each takes many seconds.
    let phases: [(&str, &[&str]); 2] = [
        ("import", &["env.synthetic_bars=10000000"]),
        ("test", &["evaluate.bootstrap_samples=1000000"]),
    ];
    for (phase, more) in phases {
        let cluster = Cluster::new(more, true);
        let child = cluster.start(0);
        let begun = format!("\"name\":\"{phase}\"");
        wait_until("the phase begins", || cluster.says(1, &begun));
        signal("-TERM", &child);
        cluster.killed_after_requeue(child);
        assert_eq!(cluster.state(), "preempted", "{phase}");
        assert!(cluster.says(1, "SIGTERM"), "{phase}");
        assert!(!cluster.run.join("failed.json").exists(), "{phase}");
        let trained = cluster.run.join("seeds/3/trained.json").exists();
        assert_eq!(trained, phase == "test");
    }
}

#[test]
fn at_a_terminal_a_signal_outside_training_interrupts() {
    let cluster = Cluster::new(&["evaluate.bootstrap_samples=1000000"], false);
    let child = cluster.by_hand().spawn().unwrap();
    wait_until("it tests", || cluster.says(1, "\"name\":\"test\""));
    signal("-INT", &child);
    assert_eq!(code(child), Some(4));
    assert_eq!(cluster.state(), "interrupted");
    assert!(cluster.run.join("seeds/3/trained.json").exists());
}
