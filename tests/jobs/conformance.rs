//! What every backend must do, in the same words: submit, watch, save, stop, cancel, requeue, be
//! killed, be watched again, share with another console, run out of disk.

use super::{
    driver::{Backend, Driver, ENDLESS, events, is_alive, resumed_from, segments, worker_of},
    lab::send,
};
use crate::place::text;
use rstest::rstest;
use std::{fs, path::Path, process::Stdio};

macro_rules! driver {
    ($backend:expr, $test:literal) => {
        match Driver::open($backend, concat!("jobs::conformance::", $test)) {
            Some(driver) => driver,
            None => return,
        }
    };
}

#[rstest]
fn a_job_is_watched_to_its_end(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_job_is_watched_to_its_end");
    let sent = driver.send("whole", &[]);
    let rows = driver.rows(&sent);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["profile"], driver.profile());
    driver.wait("its outcome is there", &sent, || {
        sent.run.join("done.json").exists()
    });
    assert_eq!(driver.state(&sent), "done");
    driver.wait_phase(&sent, &["completed"]);
    let shown = driver.json(&["jobs", "show", &sent.id, "--json"]);
    assert!(shown.to_string().contains(&sent.job), "{shown}");
    assert_eq!(segments(&sent), 1);
}

#[rstest]
fn a_job_saves_when_asked_and_goes_on(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_job_saves_when_asked_and_goes_on");
    let never = [
        "train.checkpoint_every_steps=0",
        "train.checkpoint_every_seconds=604800",
    ];
    let sent = driver.send("saving", &[ENDLESS, &never].concat());
    driver.wait_segment(&sent, 1);
    driver.ask("save", &sent);
    driver.wait_checkpoints(&sent, 1);
    let answers = events(&sent, "command_acknowledged");
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0]["answer"], "accepted");
    driver.wait_phase(&sent, &["running"]);
    assert!(is_alive(worker_of(&sent)));
}

#[rstest]
fn a_stopped_job_is_over_and_can_be_resumed(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_stopped_job_is_over_and_can_be_resumed");
    let sent = driver.send("stopped", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    let worker = worker_of(&sent);
    driver.ask("stop", &sent);
    driver.wait("the worker ended", &sent, || !is_alive(worker));
    driver.wait_phase(&sent, &["interrupted", "cancelled"]);
    assert_eq!(driver.state(&sent), "interrupted");
    let again = driver.resume(&sent);
    assert_ne!(again.job, sent.job);
    driver.wait_segment(&again, 2);
    driver.wait("it continues", &again, || resumed_from(&again, 2).is_some());
    assert!(resumed_from(&again, 2) > Some(0));
}

#[rstest]
fn a_waiting_job_is_cancelled_and_never_starts(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_waiting_job_is_cancelled_and_never_starts");
    let later = ["jobs.options=[\"--begin=now+1hour\"]"];
    let waiting = if driver.is_cluster() {
        driver.send("waiting", &later)
    } else {
        driver.ok(&["config", "set", "jobs.slots=1"]);
        let first = driver.send("first", ENDLESS);
        driver.wait_segment(&first, 1);
        driver.send("waiting", &[])
    };
    driver.wait_phase(&waiting, &["queued"]);
    driver.wait("it says why", &waiting, || {
        driver.rows(&waiting)[0]["reason"]["en"].is_string()
    });
    driver.ask("cancel", &waiting);
    driver.wait_phase(&waiting, &["cancelled", "absent"]);
    assert_eq!(segments(&waiting), 0);
}

#[rstest]
fn a_cancelled_job_does_not_come_back(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_cancelled_job_does_not_come_back");
    let sent = driver.send("cancelled", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    let worker = worker_of(&sent);
    driver.ask("cancel", &sent);
    driver.wait("the worker ended", &sent, || !is_alive(worker));
    driver.wait_phase(&sent, &["cancelled"]);
    assert_eq!(segments(&sent), 1);
    assert!(!sent.run.join("done.json").exists());
    if driver.is_cluster() {
        let shown = driver
            .lab()
            .root("scontrol", &["-o", "show", "job", &sent.job]);
        assert!(shown.contains("Restarts=0"), "{shown}");
        assert!(!shown.contains("JobState=PENDING"), "{shown}");
    }
}

#[rstest]
fn a_requeued_job_keeps_its_name_and_continues(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_requeued_job_keeps_its_name_and_continues");
    let sent = driver.send("again", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    driver.ask("requeue", &sent);
    driver.wait_segment(&sent, 2);
    driver.wait("it continues", &sent, || resumed_from(&sent, 2) > Some(0));
    driver.wait("the list says so", &sent, || {
        let rows = driver.rows(&sent);
        rows.len() == 1 && rows[0]["restarts"] == 1 && rows[0]["id"] == sent.job.as_str()
    });
}

#[rstest]
fn a_killed_worker_is_reported_and_its_run_resumable(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_killed_worker_is_reported_and_its_run_resumable");
    let sent = driver.send("killed", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    send("-KILL", worker_of(&sent));
    driver.wait_phase(&sent, &["failed"]);
    let row = &driver.rows(&sent)[0];
    assert!(row["badges"].to_string().contains("died"), "{row}");
    // Its machine goes by another name there, so only a heartbeat that stands still tells.
    driver.wait("its run can be resumed", &sent, || {
        let listed = driver.json(&["runs", "list", "--json"]);
        listed[0]["resumable"] == true
    });
    let again = driver.resume(&sent);
    driver.wait_segment(&again, 2);
    driver.wait("it continues", &again, || resumed_from(&again, 2) > Some(0));
}

#[rstest]
fn a_job_outlives_the_console_that_sent_it(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_job_outlives_the_console_that_sent_it");
    // Follows its run: the process that a person has in front of them.
    let mut sender = driver
        .command(&driver.sending("outlives", ENDLESS))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let home = driver.root().join("logs/runs");
    let found = || {
        let entry = fs::read_dir(&home).into_iter().flatten().flatten().next()?;
        let record = fs::read(entry.path().join("job.json")).ok()?;
        let record: serde_json::Value = serde_json::from_slice(&record).ok()?;
        Some(super::driver::Sent {
            id: entry.file_name().to_string_lossy().into_owned(),
            job: record["ids"][0].as_str()?.to_owned(),
            run: entry.path(),
        })
    };
    crate::place::wait_until("it is sent", || found().is_some());
    let sent = found().unwrap();
    driver.wait_checkpoints(&sent, 1);
    sender.kill().unwrap();
    sender.wait().unwrap();
    let saved = events(&sent, "checkpoint_saved").len();
    driver.wait_checkpoints(&sent, saved + 1);
    driver.wait_phase(&sent, &["running"]);
    driver.ask("stop", &sent);
    driver.wait_phase(&sent, &["interrupted", "cancelled"]);
    assert_eq!(driver.state(&sent), "interrupted");
}

#[rstest]
fn two_who_submit_the_same_run_get_one_job(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "two_who_submit_the_same_run_get_one_job");
    let sent = driver.send("shared", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    driver.ask("stop", &sent);
    driver.wait_phase(&sent, &["interrupted", "cancelled"]);
    let submitter = || {
        driver
            .command(&["jobs", "submit", &sent.id, "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both: Vec<_> = [submitter(), submitter(), submitter()]
        .into_iter()
        .map(|child| child.wait_with_output().unwrap())
        .collect();
    let mut jobs: Vec<String> = both
        .iter()
        .filter(|output| output.status.success())
        .map(|output| {
            let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            said["jobs"][0].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(
        !jobs.is_empty(),
        "{}",
        both.iter().map(text).collect::<String>()
    );
    jobs.dedup();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    driver.wait_segment(&sent, 2);
    let live = |row: &&serde_json::Value| row["phase"]["name"] != "ended";
    assert_eq!(driver.rows(&sent).iter().filter(live).count(), 1);
    assert_eq!(segments(&sent), 2);
}

#[rstest]
fn a_name_with_spaces_and_hangul_arrives_whole(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_name_with_spaces_and_hangul_arrives_whole");
    let home = driver.root().join("큰 디스크 'a|b' $HOME");
    fs::create_dir_all(&home).unwrap();
    driver.own(&home);
    let name = "비트코인 첫 실험: a|b \"c\" 100%";
    let mut arguments = driver.sending(name, &[]);
    arguments.extend(["--detach", "--json"]);
    let output = driver
        .command(&arguments)
        .env("MAKOOK_HOME", &home)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = Path::new(said["path"].as_str().unwrap());
    assert!(run.starts_with(&home), "{said}");
    let list = || {
        let output = driver
            .command(&["jobs", "list", "--json", "--on", driver.profile()])
            .env("MAKOOK_HOME", &home)
            .output()
            .unwrap();
        let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = list["jobs"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["run"] == said["run"])
    };
    assert_eq!(list().expect("it is listed")["title"], name);
    crate::place::wait_until("its outcome is there", || run.join("done.json").exists());
}

#[rstest]
fn a_full_disk_costs_no_checkpoint(
    #[values(Backend::Local, Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let mut driver = driver!(backend, "a_full_disk_costs_no_checkpoint");
    let small = driver.root().join("logs");
    if !driver.mounts_small_disk(&small) {
        println!(
            "SKIPPED: jobs::conformance::a_full_disk_costs_no_checkpoint: no small disk can be \
             mounted here"
        );
        return;
    }
    let sent = driver.send("full", ENDLESS);
    driver.wait_checkpoints(&sent, 2);
    let filler = small.join("filler");
    // What others do on a shared disk: takes the last block.
    let fill = || {
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&filler)
            .unwrap();
        while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    };
    let log = || {
        let mut said = String::new();
        for entry in fs::read_dir(sent.run.join("log"))
            .into_iter()
            .flatten()
            .flatten()
        {
            said.push_str(&String::from_utf8_lossy(
                &fs::read(entry.path()).unwrap_or_default(),
            ));
        }
        said + &text(&driver.run(&["runs", "show", &sent.id]))
    };
    driver.wait("the disk is full and the worker met that", &sent, || {
        fill();
        let failed = events(&sent, "checkpoint_failed");
        !failed.is_empty() || !is_alive(worker_of(&sent)) || log().contains("No space left")
    });
    fs::remove_file(&filler).unwrap();
    // It may have gone on, or ended by the full disk a moment ago.
    let stopped = driver.run(&["jobs", "stop", &sent.id]);
    driver.wait("the worker ended", &sent, || !is_alive(worker_of(&sent)));
    let over = text(&stopped).contains("over");
    assert!(stopped.status.success() || over, "{}", text(&stopped));
    driver.wait("the job is over", &sent, || {
        matches!(
            driver.phase(&sent).as_str(),
            "interrupted" | "cancelled" | "failed" | "completed"
        )
    });
    let again = driver.resume(&sent);
    driver.wait_segment(&again, 2);
    driver.wait("it continues", &again, || resumed_from(&again, 2) > Some(0));
    assert!(events(&again, "checkpoint_refused").is_empty());
}
