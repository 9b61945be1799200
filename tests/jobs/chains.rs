//! A finite chain of jobs, for sites with a time limit and no requeue.

use super::driver::{Backend, Driver, is_alive, resumed_from, segments, worker_of};
use crate::place::read_json;
use runs::{Mailbox, RunDir};

/// The first link comes to its time limit, the second goes on from the checkpoint and finishes,
/// and what is left of the chain ends at once on the outcome.
#[test]
fn a_chain_goes_on_after_its_time_limit_and_ends_on_the_outcome() {
    let test = "jobs::chains::a_chain_goes_on_after_its_time_limit_and_ends_on_the_outcome";
    let Some(driver) = Driver::open(Backend::Slurm, test) else {
        return;
    };
    let profile = driver.root().join("configs/clusters/lab.toml");
    let written = std::fs::read_to_string(&profile).unwrap();
    let chained = written.replace("requeue = true", "requeue = false\nchain = 3");
    assert_ne!(written, chained);
    std::fs::write(&profile, chained).unwrap();
    let settings = [
        "train.total_steps=2000000",
        "train.checkpoint_every_steps=65536",
        "train.validate_every_steps=1048576",
    ];
    let sent = driver.send("chained", &settings);
    let record = read_json(&sent.run.join("job.json"));
    let ids = record["ids"].as_array().unwrap();
    let links: Vec<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(links.len(), 3, "{record}");
    let show = |link: &str| driver.lab().root("scontrol", &["-o", "show", "job", link]);
    driver.wait_checkpoints(&sent, 1);
    // Paused, so that it cannot end before its limit, however fast the machine.
    let run = RunDir::open_path(&sent.run).unwrap();
    let mailbox = Mailbox::of(run.layout());
    mailbox
        .post(&runs::Command::Pause, "test", domain::Nanos(0))
        .unwrap();
    driver.own(&sent.run.join("mailbox"));
    driver.wait("it waits", &sent, || driver.state(&sent) == "paused");
    for link in &links[1..] {
        assert!(
            show(link).contains("Dependency=afterany:"),
            "{}",
            show(link)
        );
    }
    let worker = worker_of(&sent);
    // Slurm counts limits in minutes and looks every half minute.
    driver.lab().root(
        "scontrol",
        &["update", &format!("jobid={}", links[0]), "timelimit=1"],
    );
    driver.wait("the first link is over", &sent, || !is_alive(worker));
    driver.wait("the second link took the run", &sent, || {
        segments(&sent) == 2
    });
    assert!(show(links[0]).contains("Restarts=0"), "{}", show(links[0]));
    driver.wait("it continues", &sent, || resumed_from(&sent, 2) > Some(0));
    driver.wait("its outcome is there", &sent, || {
        sent.run.join("done.json").exists()
    });
    driver.wait("the last link is over", &sent, || {
        let shown = show(links[2]);
        let waits = ["PENDING", "RUNNING", "COMPLETING"];
        !waits
            .iter()
            .any(|state| shown.contains(&format!("JobState={state}")))
    });
    assert!(
        !show(links[2]).contains("JobState=CANCELLED"),
        "{}",
        show(links[2])
    );
    assert_eq!(segments(&sent), 2, "the last link found nothing to do");
    assert_eq!(driver.state(&sent), "done");
}
