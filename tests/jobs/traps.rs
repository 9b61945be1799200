//! Traps of preemption on a real Slurm, each of which cost somebody a training: the warning before
//! it, a clean exit within it, a shell that dies of it, a row that looks like an end.

use super::{
    driver::{
        Backend, Driver, ENDLESS, Sent, events, is_alive, phase_of, resumed_from, segments,
        worker_of,
    },
    lab::{Lab, send},
};
use rstest::rstest;

macro_rules! driver {
    ($backend:expr, $test:literal) => {
        match Driver::open($backend, concat!("jobs::traps::", $test)) {
            Some(driver) => driver,
            None => return,
        }
    };
}

/// Sends an endless training to a node where owners may push it out.
fn preemptible(driver: &Driver, name: &str, partition: &str, node: &str) -> Sent {
    let partition = format!("jobs.partition={partition}");
    let node = format!("jobs.options=[\"--nodelist={node}\"]");
    let gpu = "jobs.gpus=1";
    // On the processor: the GPUs of the lab are empty devices.
    let settings = [partition.as_str(), &node, gpu, "train.device=cpu"];
    let sent = driver.send(name, &[ENDLESS, &settings].concat());
    driver.wait_checkpoints(&sent, 1);
    sent
}

/// Returns how often Slurm says that it started the job again.
fn restarts(lab: &Lab, job: &str) -> u32 {
    let shown = lab.root("scontrol", &["-o", "show", "job", job]);
    let word = shown
        .split(' ')
        .find_map(|word| word.strip_prefix("Restarts="));
    word.unwrap().parse().unwrap()
}

/// Returns every row that the accounting keeps of a job.
fn accounted(lab: &Lab, job: &str) -> Vec<String> {
    let rows = lab.root("sacct", &["-X", "-D", "-P", "-n", "-j", job, "-o", "State"]);
    rows.lines().map(str::to_owned).collect()
}

/// Grace 5 warns with a signal first, and a worker that ends by itself then is over for good;
/// grace 0 ends it in the same breath.
#[rstest]
#[case::with_grace("ckpt", "g3001")]
#[case::without_grace("ckpt-g2", "g3002")]
fn an_owner_s_job_pushes_a_training_out_and_it_comes_back(
    #[case] partition: &str,
    #[case] node: &str,
    #[values(Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(
        backend,
        "an_owner_s_job_pushes_a_training_out_and_it_comes_back"
    );
    let _node = driver.lab().keep(node);
    let sent = preemptible(&driver, "pushed", partition, node);
    let worker = worker_of(&sent);
    let owner = driver.lab().owner_takes(node, 4);
    let mut seen = Vec::new();
    driver.wait("it gave way", &sent, || {
        seen.extend(driver.rows(&sent).iter().map(phase_of));
        !is_alive(worker)
    });
    // The whole time until it is back: never an end, always listed.
    driver.wait("it is back", &sent, || {
        seen.extend(driver.rows(&sent).iter().map(phase_of));
        segments(&sent) >= 2
    });
    seen.dedup();
    let calm = ["running", "stopping", "requeued", "queued", "starting"];
    assert!(
        seen.iter().all(|phase| calm.contains(&phase.as_str())),
        "{seen:?}"
    );
    driver.wait("it continues", &sent, || resumed_from(&sent, 2) > Some(0));
    assert_eq!(restarts(driver.lab(), &sent.job), 1);
    assert!(!sent.run.join("failed.json").exists() && !sent.run.join("done.json").exists());
    driver.wait("the list says so", &sent, || {
        let rows = driver.rows(&sent);
        rows.len() == 1 && rows[0]["restarts"] == 1 && phase_of(&rows[0]) == "running"
    });
    if backend == Backend::Accounts {
        let rows = accounted(driver.lab(), &sent.job);
        assert!(rows.len() >= 2, "{rows:?}");
        assert!(!rows.iter().any(|row| row == "COMPLETED"), "{rows:?}");
    }
    driver.lab().root("scancel", &[&owner]);
}

/// What was saved in the warning time is not lost: at most what came after the signal.
#[rstest]
fn the_warning_time_is_used_to_save(#[values(Backend::Slurm)] backend: Backend) {
    let driver = driver!(backend, "the_warning_time_is_used_to_save");
    let partition = ["jobs.partition=ckpt", "jobs.options=[\"--nodelist=g3002\"]"];
    let rare = [
        "train.checkpoint_every_steps=0",
        "train.checkpoint_every_seconds=604800",
    ];
    let settings = [
        ENDLESS,
        &partition,
        &rare,
        &["jobs.gpus=1", "train.device=cpu"],
    ]
    .concat();
    let _node = driver.lab().keep("g3002");
    let sent = driver.send("warned", &settings);
    driver.wait("it trains", &sent, || {
        let shown = driver.json(&["runs", "show", &sent.id, "--json"]);
        shown["summary"]["step"].as_u64() > Some(0)
    });
    let owner = driver.lab().owner_takes("g3002", 2);
    driver.wait_segment(&sent, 2);
    driver.wait("it continues", &sent, || resumed_from(&sent, 2).is_some());
    assert!(resumed_from(&sent, 2) > Some(0));
    assert_eq!(events(&sent, "signal").len(), 1);
    driver.lab().root("scancel", &[&owner]);
}

/// The same signals as a preemption, but a person's wish: it must not come back.
#[rstest]
fn a_cancel_in_the_warning_time_stays_a_cancel(
    #[values(Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "a_cancel_in_the_warning_time_stays_a_cancel");
    let _node = driver.lab().keep("g3001");
    let sent = preemptible(&driver, "unwanted", "ckpt", "g3001");
    let worker = worker_of(&sent);
    driver.ask("cancel", &sent);
    let owner = driver.lab().owner_takes("g3001", 2);
    driver.wait("the worker ended", &sent, || !is_alive(worker));
    driver.wait_phase(&sent, &["cancelled"]);
    driver.wait("the owner's job is done", &sent, || {
        let shown = driver.lab().ask("scontrol", &["-o", "show", "job", &owner]);
        String::from_utf8_lossy(&shown.stdout).contains("JobState=COMPLETED")
    });
    assert_eq!(segments(&sent), 1);
    assert_eq!(restarts(driver.lab(), &sent.job), 0);
}

/// A person at a shell, who does not know of makook's own verb.
#[rstest]
fn a_plain_scancel_stays_a_cancel(#[values(Backend::Slurm, Backend::Accounts)] backend: Backend) {
    let driver = driver!(backend, "a_plain_scancel_stays_a_cancel");
    let _node = driver.lab().keep("g3002");
    let sent = preemptible(&driver, "withdrawn", "ckpt", "g3002");
    let worker = worker_of(&sent);
    driver.lab().root("scancel", &[&sent.job]);
    driver.wait("the worker ended", &sent, || !is_alive(worker));
    driver.wait_phase(&sent, &["cancelled"]);
    assert_eq!(driver.state(&sent), "interrupted");
    assert_eq!(segments(&sent), 1);
    assert_eq!(restarts(driver.lab(), &sent.job), 0);
}

/// A shell between Slurm and the worker dies of the warning that should save the training. The
/// generated script replaces itself by the worker, so that the worker gets it.
#[rstest]
fn the_warning_reaches_the_worker_and_not_a_shell(#[values(Backend::Slurm)] backend: Backend) {
    let driver = driver!(backend, "the_warning_reaches_the_worker_and_not_a_shell");
    let _node = driver.lab().keep("g3002");
    let sent = preemptible(&driver, "warned", "ckpt", "g3002");
    driver
        .lab()
        .root("scancel", &["-b", "-s", "USR1", &sent.job]);
    driver.wait("the worker heard it", &sent, || {
        !events(&sent, "signal").is_empty()
    });
    driver.wait_segment(&sent, 2);
    driver.wait("it continues", &sent, || resumed_from(&sent, 2) > Some(0));
    assert!(!sent.run.join("failed.json").exists());
}

/// The counter-example: a person's own script that starts the worker as a child loses the job to
/// the warning. It is shown as failed with its run resumable, never as an end like any other.
#[rstest]
fn a_script_without_exec_dies_of_the_warning_and_is_reported(
    #[values(Backend::Slurm)] backend: Backend,
) {
    let driver = driver!(
        backend,
        "a_script_without_exec_dies_of_the_warning_and_is_reported"
    );
    let preview = driver.ok(&[driver.sending("shown", ENDLESS), vec!["--dry-run"]].concat());
    let start = preview
        .find("#!/bin/bash")
        .expect("the preview holds the script");
    let script = &preview[start..];
    assert!(script.contains("\nexec "), "{script}");
    let _node = driver.lab().keep("g3001");
    let sent = preemptible(&driver, "first", "gpu-a40", "g3001");
    driver.ask("stop", &sent);
    driver.wait_phase(&sent, &["interrupted", "cancelled"]);
    let kept = std::fs::read_to_string(sent.run.join("launch.sbatch")).unwrap();
    let edited = driver.root().join("edited.sbatch");
    std::fs::write(&edited, kept.replace("\nexec ", "\n")).unwrap();
    driver.own(&edited);
    let said = driver.json(&[
        "jobs",
        "submit",
        &sent.id,
        "--json",
        "--script",
        "edited.sbatch",
    ]);
    let again = Sent {
        job: said["jobs"][0].as_str().unwrap().to_owned(),
        ..sent
    };
    driver.wait_segment(&again, 2);
    driver
        .lab()
        .root("scancel", &["-b", "-s", "USR1", &again.job]);
    driver.wait_phase(&again, &["failed"]);
    // What a site with control groups does to a job's left-over processes.
    let orphan = worker_of(&again);
    if is_alive(orphan) {
        send("-KILL", orphan);
    }
    driver.wait("its run can be resumed", &again, || {
        let listed = driver.json(&["runs", "list", "--json"]);
        listed[0]["resumable"] == true
    });
}
