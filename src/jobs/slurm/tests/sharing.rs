//! One answer for all consoles of a user: how often the scheduler is asked, and what is shown while
//! it does not answer.

use super::{Lab, Listed, listing, run_id};
use crate::{JobsError, Launcher, Phase};
use domain::Clock;
use std::time::Duration;

const RUN: &str = "20240131-235959-ppo-1a2b";

fn phase(poll: &crate::Poll, id: &str) -> Option<Phase> {
    poll.jobs
        .iter()
        .find(|job| job.id.as_str() == id)
        .map(|job| job.phase)
}

#[test]
fn five_consoles_ask_once_each_ten_seconds() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("7", "RUNNING", RUN)]));
    let mut consoles: Vec<_> = (0..5).map(|_| lab.slurm()).collect();
    for _ in 0..60 {
        for console in &mut consoles {
            assert_eq!(console.poll().unwrap().jobs.len(), 1);
        }
        lab.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(lab.calls("squeue").len(), 6);
    assert!(lab.calls("sacct").is_empty());
}

#[test]
fn each_project_finds_the_runs_of_its_arrays_whoever_asked() {
    let lab = Lab::new();
    let comment = format!("{RUN}*2");
    let task = |task| Listed {
        array: "100",
        task,
        ..Listed::new("100", "RUNNING", &comment)
    };
    lab.says("squeue.txt", &listing(&[task("0"), task("1")]));
    let (mut other, mut ours) = (lab.slurm_of("elsewhere"), lab.slurm());
    let runs = |slurm: &mut crate::slurm::Slurm| -> Vec<_> {
        let jobs = slurm.poll().unwrap().jobs;
        jobs.into_iter().map(|job| job.run).collect()
    };
    // The other project asks; what it cannot know is not spoilt for us.
    assert_eq!(runs(&mut other), [None, None]);
    // Not on this disk yet, as a network file system may have it: looked for again next time.
    assert_eq!(runs(&mut ours), [None, None]);
    let second = "20240131-235959-ppo-1a2d";
    let list = format!("[\"{RUN}\",\"{second}\"]");
    std::fs::write(lab.run(RUN).dir.join("launch.runs"), list).unwrap();
    let found = [Some(run_id(RUN)), Some(run_id(second))];
    assert_eq!(runs(&mut ours), found);
    lab.clock.advance(Duration::from_secs(10));
    assert_eq!(runs(&mut other), [None, None]);
    assert_eq!(runs(&mut ours), found);
    assert_eq!(lab.calls("squeue").len(), 2);
}

#[test]
fn consoles_at_the_same_moment_ask_once() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("7", "RUNNING", RUN)]));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let mut console = lab.slurm();
            scope.spawn(move || assert_eq!(console.poll().unwrap().jobs.len(), 1));
        }
    });
    assert_eq!(lab.calls("squeue").len(), 1);
}

#[test]
fn nothing_live_is_asked_seldom_and_an_action_often() {
    let lab = Lab::new();
    let mut slurm = lab.slurm();
    for _ in 0..60 {
        slurm.poll().unwrap();
        lab.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(lab.calls("squeue").len(), 2);
    slurm.submit(&lab.spec(&[RUN])).unwrap();
    lab.says(
        "squeue.txt",
        &listing(&[Listed::new("100", "PENDING", RUN)]),
    );
    let before = lab.calls("squeue").len();
    // Another console learns of it through the shared folder.
    let mut other = lab.slurm();
    for _ in 0..30 {
        lab.clock.advance(Duration::from_secs(1));
        other.poll().unwrap();
    }
    assert_eq!(lab.calls("squeue").len() - before, 10);
}

#[test]
fn a_silent_scheduler_is_asked_ever_less_and_the_old_answer_kept() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("7", "RUNNING", RUN)]));
    let mut slurm = lab.slurm();
    slurm.poll().unwrap();
    lab.fails(
        "squeue",
        Some("slurm_load_jobs error: Unable to contact slurm controller"),
    );
    let mut said = Vec::new();
    for second in 1..=42 {
        lab.clock.advance(Duration::from_secs(1));
        let poll = slurm.poll().unwrap();
        assert_eq!(poll.jobs.len(), 1);
        if second == 42 {
            said = poll.problems;
        }
    }
    assert_eq!(said[0].en, "Slurm silent for 0:42");
    assert_eq!(said[0].ko, "Slurm 응답 없음 0:42");
    // After 10 s, then 20 s later.
    assert_eq!(lab.calls("squeue").len(), 3);
    for _ in 0..600 {
        lab.clock.advance(Duration::from_secs(1));
        slurm.poll().unwrap();
    }
    // At 70 s, 150 s, and each 120 s from then on.
    assert_eq!(lab.calls("squeue").len(), 3 + 6);
    lab.fails("squeue", None);
    lab.clock.advance(Duration::from_secs(120));
    assert!(slurm.poll().unwrap().problems.is_empty());
}

#[test]
fn without_any_answer_the_failure_is_told_to_every_console_but_asked_once() {
    let lab = Lab::new();
    lab.fails(
        "squeue",
        Some("slurm_load_jobs error: Unable to contact slurm controller"),
    );
    for _ in 0..3 {
        let error = lab.slurm().poll().unwrap_err();
        assert!(matches!(error, JobsError::Silent { .. }), "{error}");
    }
    assert_eq!(lab.calls("squeue").len(), 1);
}

#[test]
fn a_cache_that_cannot_be_written_costs_no_further_calls() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("7", "RUNNING", RUN)]));
    std::fs::remove_dir(lab.path("cache")).unwrap();
    std::fs::write(lab.path("cache"), "a file in the way").unwrap();
    let mut slurm = lab.slurm();
    for _ in 0..10 {
        assert_eq!(slurm.poll().unwrap().jobs.len(), 1);
        lab.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(lab.calls("squeue").len(), 1);
}

#[test]
fn a_torn_answer_of_another_process_is_replaced() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("7", "RUNNING", RUN)]));
    lab.slurm().poll().unwrap();
    std::fs::write(lab.path("cache/slurm-lab/queue.json"), "{\"asked\": 17").unwrap();
    assert_eq!(lab.slurm().poll().unwrap().jobs.len(), 1);
    assert_eq!(lab.calls("squeue").len(), 2);
}

#[test]
fn how_a_job_ended_is_asked_once_for_all() {
    let lab = Lab::new();
    let names: Vec<String> = (7..12).map(|n: u32| n.to_string()).collect();
    let jobs: Vec<Listed<'_>> = names
        .iter()
        .map(|name| Listed::new(name, "RUNNING", RUN))
        .collect();
    lab.says("squeue.txt", &listing(&jobs));
    let mut slurm = lab.slurm();
    slurm.poll().unwrap();
    lab.says("squeue.txt", "");
    let row = |id: &str, state: &str, code: &str| {
        [
            id,
            state,
            code,
            "1795630000",
            "1795630060",
            "g3001",
            "cpu=1",
        ]
        .join("\u{1f}")
            + "\n"
    };
    lab.says(
        "sacct.txt",
        &(row("7", "FAILED", "4:0")
            + &row("8", "COMPLETED", "0:0")
            + &row("9", "PREEMPTED", "0:0")
            + &row("10", "REQUEUED", "0:0")
            + &row("10", "TIMEOUT", "0:0")),
    );
    lab.clock.advance(Duration::from_secs(10));
    let poll = slurm.poll().unwrap();
    assert_eq!(lab.calls("sacct").len(), 1);
    assert!(lab.calls("sacct")[0].ends_with("-j 7,8,9,10,11"));
    let word = |poll: &crate::Poll, id| phase(poll, id).map(Phase::word);
    assert_eq!(word(&poll, "7"), Some("interrupted"));
    assert_eq!(word(&poll, "8"), Some("completed"));
    assert_eq!(word(&poll, "10"), Some("timed_out"));
    // Pushed out: may come back. Unknown to everybody: not lost yet.
    assert_eq!(word(&poll, "9"), Some("stopping"));
    assert_eq!(word(&poll, "11"), Some("stopping"));
    for _ in 0..31 {
        lab.clock.advance(Duration::from_secs(10));
        slurm.poll().unwrap();
    }
    assert!(lab.calls("sacct").len() <= 1 + 320 / 15);
    let poll = slurm.poll().unwrap();
    assert_eq!(word(&poll, "9"), Some("interrupted"));
    assert_eq!(word(&poll, "11"), Some("lost"));
    // Ended jobs are forgotten after an hour.
    lab.clock.advance(Duration::from_secs(3_600));
    assert!(slurm.poll().unwrap().jobs.is_empty());
}

#[test]
fn without_accounting_the_controller_s_memory_decides() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("26", "RUNNING", RUN)]));
    let mut slurm = lab.slurm();
    slurm.poll().unwrap();
    lab.says("squeue.txt", "");
    lab.fails(
        "sacct",
        Some(include_str!("../fixtures/sacct-disabled.txt")),
    );
    lab.says("show-job.txt", include_str!("../fixtures/show-job.txt"));
    lab.clock.advance(Duration::from_secs(10));
    assert_eq!(
        phase(&slurm.poll().unwrap(), "26").map(Phase::word),
        Some("cancelled")
    );
    let attempts = slurm.history(&[crate::JobId::new("26")]).unwrap();
    assert_eq!((attempts.len(), attempts[0].phase.word()), (1, "cancelled"));
    lab.fails(
        "show-job",
        Some("slurm_load_jobs error: Invalid job id specified"),
    );
    let error = slurm.history(&[crate::JobId::new("27")]).unwrap_err();
    assert!(matches!(error, JobsError::NoHistory { .. }), "{error}");
}

#[test]
fn tasks_cancelled_while_they_waited_are_cancelled_and_not_lost() {
    let lab = Lab::new();
    let comment = format!("{RUN}*2");
    let task = |task| Listed {
        array: "22",
        task,
        ..Listed::new("22", "PENDING", &comment)
    };
    lab.says("squeue.txt", &listing(&[task("0"), task("1")]));
    let mut slurm = lab.slurm();
    slurm.poll().unwrap();
    lab.says(
        "squeue.txt",
        &listing(&[Listed::new("22", "CANCELLED", &comment)]),
    );
    lab.clock.advance(Duration::from_secs(10));
    let poll = slurm.poll().unwrap();
    let seen: Vec<(&str, &str)> = poll
        .jobs
        .iter()
        .map(|job| (job.id.as_str(), job.phase.word()))
        .collect();
    assert_eq!(seen, [("22_0", "cancelled"), ("22_1", "cancelled")]);
}

#[test]
fn a_job_that_comes_back_is_as_it_was() {
    let lab = Lab::new();
    let running = listing(&[Listed::new("7", "RUNNING", RUN)]);
    lab.says("squeue.txt", &running);
    let mut slurm = lab.slurm();
    slurm.poll().unwrap();
    lab.says("squeue.txt", "");
    lab.clock.advance(Duration::from_secs(10));
    assert_eq!(phase(&slurm.poll().unwrap(), "7"), Some(Phase::Stopping));
    lab.says("squeue.txt", &running);
    lab.clock.advance(Duration::from_secs(10));
    let poll = slurm.poll().unwrap();
    assert_eq!(phase(&poll, "7"), Some(Phase::Running));
    assert_eq!((poll.jobs.len(), poll.seen_at), (1, lab.clock.now()));
    assert_eq!(poll.jobs[0].run, Some(run_id(RUN)));
}

#[test]
fn a_missing_program_is_named() {
    let lab = Lab::new();
    std::fs::remove_file(lab.path("bin/squeue")).unwrap();
    let error = lab.slurm().poll().unwrap_err();
    assert_eq!(error.to_string(), "squeue is not on this machine");
    let error = lab.slurm().poll().unwrap_err();
    assert!(matches!(error, JobsError::NoScheduler { .. }), "{error}");
}
