//! Arrays: one submission for several runs, one task sent back without the others, throttled.

use super::{
    driver::{Backend, Driver, ENDLESS, Sent, phase_of, resumed_from, segments},
    lab::{Knobs, Lab},
};
use crate::place::text;
use rstest::rstest;
use serde_json::json;

macro_rules! driver {
    ($backend:expr, $test:literal) => {
        match Driver::open($backend, concat!("jobs::arrays::", $test)) {
            Some(driver) => driver,
            None => return,
        }
    };
}

/// Makes `count` runs that wait, and sends them off as one array.
fn array(driver: &Driver, count: usize, at_most: &str) -> Vec<Sent> {
    let later = ["jobs.options=[\"--begin=now+1hour\"]"];
    let runs: Vec<Sent> = (0..count)
        .map(|number| {
            let name = format!("task {number}");
            let settings = [ENDLESS, if driver.is_cluster() { &later } else { &[] }].concat();
            driver.send(&name, &settings)
        })
        .collect();
    for run in &runs {
        driver.ask("cancel", run);
        driver.wait_phase(run, &["cancelled", "absent", "interrupted"]);
    }
    let mut arguments = vec!["jobs", "submit", "--json", "--at-most", at_most];
    arguments.extend(runs.iter().map(|run| run.id.as_str()));
    let said = driver.json(&arguments);
    let jobs = said["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), count, "{said}");
    if driver.is_cluster() {
        // The runs say that they start in an hour; an administrator is in a hurry.
        let first = jobs[0].as_str().unwrap();
        let (array, _) = first.split_once('_').unwrap();
        let array = format!("jobid={array}");
        driver
            .lab()
            .root("scontrol", &["update", &array, "starttime=now"]);
    }
    let named = |(run, job): (&Sent, &serde_json::Value)| Sent {
        job: job.as_str().unwrap().to_owned(),
        ..run.clone()
    };
    runs.iter().zip(jobs).map(named).collect()
}

/// `scontrol requeue $SLURM_JOB_ID` in the last task starts the whole array again, since that task
/// carries the array's own number.
#[rstest]
fn requeueing_the_last_task_leaves_the_others_alone(
    #[values(Backend::Slurm, Backend::Accounts)] backend: Backend,
) {
    let driver = driver!(backend, "requeueing_the_last_task_leaves_the_others_alone");
    let tasks = array(&driver, 3, "3");
    for task in &tasks {
        driver.wait_checkpoints(task, 1);
    }
    let before: Vec<usize> = tasks.iter().map(segments).collect();
    let last = &tasks[2];
    // From outside, and by the worker itself on a warning.
    driver.ask("requeue", last);
    driver.wait_segment(last, before[2] + 1);
    driver.wait("it continues", last, || {
        resumed_from(last, before[2] + 1) > Some(0)
    });
    driver
        .lab()
        .root("scancel", &["-b", "-s", "USR1", &last.job]);
    driver.wait_segment(last, before[2] + 2);
    driver.wait("it continues", last, || {
        resumed_from(last, before[2] + 2) > Some(0)
    });
    for (task, before) in tasks[..2].iter().zip(&before) {
        assert_eq!(segments(task), *before, "{} was started again", task.job);
        assert_eq!(driver.phase(task), "running");
    }
}

#[rstest]
fn an_array_runs_as_many_tasks_as_it_may(
    #[values(Backend::Local, Backend::Slurm)] backend: Backend,
) {
    let driver = driver!(backend, "an_array_runs_as_many_tasks_as_it_may");
    let tasks = array(&driver, 3, "1");
    let phases = || {
        let mut phases: Vec<String> = tasks
            .iter()
            .flat_map(|task| driver.rows(task))
            .filter(|row| row["phase"]["name"] != "ended")
            .map(|row| phase_of(&row))
            .collect();
        phases.sort();
        phases
    };
    driver.wait("one of three runs", &tasks[0], || {
        phases() == ["queued", "queued", "running"]
    });
    driver.ok(&["jobs", "throttle", &tasks[0].job, "2"]);
    driver.wait("two of three run", &tasks[0], || {
        phases() == ["queued", "running", "running"]
    });
}

#[test]
fn an_array_too_large_for_the_cluster_is_refused_and_leaves_no_run() {
    let test = "jobs::arrays::an_array_too_large_for_the_cluster_is_refused_and_leaves_no_run";
    let lab = Lab::open(Knobs {
        max_array: 3,
        ..Knobs::default()
    });
    let Some(driver) = Driver::on(lab, test) else {
        return;
    };
    let site = driver.json(&["doctor", "--cluster", "--json"]);
    assert_eq!(site["max_array"], 3, "{site}");
    let sent = |count: usize| {
        let sweep = format!("agent.gamma={{0.9..0.99 {count}}}");
        let later = "jobs.options=[\"--begin=now+1hour\"]";
        driver.run(&driver.sending("sweep", &[&sweep, later]))
    };
    let refused = sent(4);
    let said = text(&refused);
    let words = "4 trainings are more than the 3 tasks that an array has here";
    assert!(!refused.status.success() && said.contains(words), "{said}");
    assert_eq!(driver.json(&["runs", "list", "--json"]), json!([]));
    let taken = sent(3);
    assert!(taken.status.success(), "{}", text(&taken));
    let jobs = driver.list();
    assert_eq!(jobs["jobs"].as_array().map(Vec::len), Some(3), "{jobs}");
}
