//! Submitting and asking: nothing twice, nothing left behind, nothing without a name.

use super::{Lab, Listed, listing, run_id};
use crate::{JobId, JobRecord, JobsError, Launcher, Signal};
use rstest::rstest;
use runs::{Command, Layout, Mailbox};
use std::fs;

const RUN: &str = "20240131-235959-ppo-1a2b";
const OTHER: &str = "20240131-235959-한글-1a2c";

fn ids(jobs: &[JobId]) -> Vec<&str> {
    jobs.iter().map(JobId::as_str).collect()
}

fn recorded(lab: &Lab, run: &str) -> Option<Vec<String>> {
    let record = JobRecord::read(&lab.path("runs").join(run)).unwrap()?;
    Some(record.ids.iter().map(ToString::to_string).collect())
}

fn letters(lab: &Lab, run: &str) -> Vec<Command> {
    let mailbox = Mailbox::of(&Layout::new(lab.path("runs").join(run)));
    let all = mailbox.take_new(0).unwrap();
    all.into_iter()
        .map(|letter| letter.command.unwrap())
        .collect()
}

/// No call of scancel may lack the job it means.
fn every_scancel_names_its_job(lab: &Lab) {
    for call in lab.calls("scancel") {
        assert!(call.ends_with(|c: char| c.is_ascii_digit()), "{call}");
        assert!(!call.contains("--user") && !call.contains("--me"), "{call}");
    }
}

#[test]
fn one_run_is_sent_once_and_recorded() {
    let lab = Lab::new();
    let mut slurm = lab.slurm();
    let spec = lab.spec(&[RUN]);
    assert_eq!(ids(&slurm.submit(&spec).unwrap()), ["100"]);
    assert_eq!(recorded(&lab, RUN).unwrap(), ["100"]);
    let script = fs::read_to_string(spec.script_path().unwrap()).unwrap();
    assert_eq!(Some(script), slurm.preview(&spec).unwrap().script);
    let record = JobRecord::read(&spec.runs[0].dir).unwrap().unwrap();
    assert_eq!(record.command, slurm.preview(&spec).unwrap().command);
    // It is shown at once, without another question.
    let poll = slurm.poll().unwrap();
    assert_eq!(poll.jobs[0].run, Some(run_id(RUN)));
    lab.says(
        "squeue.txt",
        &listing(&[Listed::new("100", "PENDING", RUN)]),
    );
    assert_eq!(ids(&lab.slurm().submit(&spec).unwrap()), ["100"]);
    assert_eq!(lab.calls("sbatch").len(), 2);
    assert!(lab.calls("sbatch")[0].starts_with("sbatch --test-only"));
}

#[test]
fn a_kill_between_sbatch_and_the_record_is_made_good() {
    let lab = Lab::new();
    let spec = lab.spec(&[RUN]);
    lab.says("squeue.txt", &listing(&[Listed::new("77", "RUNNING", RUN)]));
    assert_eq!(recorded(&lab, RUN), None);
    assert_eq!(ids(&lab.slurm().submit(&spec).unwrap()), ["77"]);
    assert_eq!(recorded(&lab, RUN).unwrap(), ["77"]);
    assert!(lab.calls("sbatch").is_empty());
}

#[test]
fn a_job_that_is_ending_is_waited_for_and_not_taken_for_a_live_one() {
    let lab = Lab::new();
    let ending = listing(&[Listed::new("77", "COMPLETING", RUN)]);
    lab.says("squeue.0.txt", &ending);
    assert_eq!(
        ids(&lab.slurm().submit(&lab.spec(&[RUN])).unwrap()),
        ["100"]
    );
    assert_eq!(lab.calls("squeue").len(), 2);
    assert_eq!(recorded(&lab, RUN).unwrap(), ["100"]);
}

#[test]
fn a_job_that_is_over_does_not_stand_in_the_way() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("77", "FAILED", RUN)]));
    assert_eq!(
        ids(&lab.slurm().submit(&lab.spec(&[RUN])).unwrap()),
        ["100"]
    );
}

#[test]
fn an_array_knows_the_run_of_each_task() {
    let lab = Lab::new();
    let mut slurm = lab.slurm();
    let sent = slurm.submit(&lab.spec(&[RUN, OTHER])).unwrap();
    assert_eq!(ids(&sent), ["100_0", "100_1"]);
    assert_eq!(recorded(&lab, OTHER).unwrap(), ["100_1"]);
    let comment = format!("{RUN}*2");
    let task = |task| Listed {
        array: "100",
        task,
        ..Listed::new("100", "PENDING", &comment)
    };
    lab.says("squeue.txt", &listing(&[task("0"), task("1"), task("7")]));
    lab.clock.advance(std::time::Duration::from_secs(10));
    let poll = lab.slurm().poll().unwrap();
    let runs: Vec<_> = poll.jobs.iter().map(|job| job.run.clone()).collect();
    assert_eq!(runs, [Some(run_id(RUN)), Some(run_id(OTHER)), None]);
    // Asked for one of them alone: it has a job already.
    assert_eq!(ids(&slurm.submit(&lab.spec(&[OTHER])).unwrap()), ["100_1"]);
    assert_eq!(lab.calls("sbatch").len(), 2);
}

#[test]
fn a_chain_waits_link_by_link() {
    let lab = Lab::new();
    let mut spec = lab.spec(&[RUN]);
    spec.resources.chain = 3;
    assert_eq!(ids(&lab.slurm().submit(&spec).unwrap()), ["100"]);
    assert_eq!(recorded(&lab, RUN).unwrap(), ["100", "101", "102"]);
    let sent = lab.calls("sbatch");
    assert!(!sent[1].contains("--dependency"));
    assert!(sent[2].contains("--dependency=afterany:100 "));
    assert!(sent[3].contains("--dependency=afterany:101 "));
}

#[test]
fn a_chain_that_breaks_leaves_nothing_behind() {
    let lab = Lab::new();
    let mut spec = lab.spec(&[RUN]);
    spec.resources.chain = 3;
    lab.says("refuse-102", "sbatch: error: QOSMaxSubmitJobPerUserLimit\n");
    let error = lab.slurm().submit(&spec).unwrap_err();
    assert_eq!(error.to_string(), "sbatch: QOSMaxSubmitJobPerUserLimit");
    assert_eq!(lab.calls("scancel"), ["scancel 101", "scancel 100"]);
    assert_eq!(recorded(&lab, RUN), None);
}

#[test]
fn a_chain_that_was_killed_half_way_is_completed() {
    let lab = Lab::new();
    let mut spec = lab.spec(&[RUN]);
    spec.resources.chain = 3;
    lab.says("squeue.txt", &listing(&[Listed::new("77", "RUNNING", RUN)]));
    assert_eq!(ids(&lab.slurm().submit(&spec).unwrap()), ["77"]);
    assert_eq!(recorded(&lab, RUN).unwrap(), ["77", "100", "101"]);
    assert!(lab.calls("sbatch")[0].contains("--dependency=afterany:77 "));
}

#[test]
fn a_refusal_is_clean_and_nothing_is_sent() {
    let lab = Lab::new();
    lab.fails("sbatch-test", Some("sbatch: error: invalid partition specified: nope\nallocation failure: Invalid partition name specified\n"));
    let error = lab.slurm().submit(&lab.spec(&[RUN])).unwrap_err();
    assert!(matches!(error, JobsError::Refused { .. }));
    assert!(
        error
            .to_string()
            .starts_with("sbatch: invalid partition specified: nope;"),
        "{error}"
    );
    assert_eq!(lab.calls("sbatch").len(), 1);
    assert_eq!(recorded(&lab, RUN), None);
}

#[test]
fn an_answer_that_got_lost_is_found_by_the_comment() {
    let lab = Lab::new();
    lab.says(
        "refuse-100",
        "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n",
    );
    let mut slurm = lab.slurm();
    let spec = lab.spec(&[RUN]);
    let error = slurm.submit(&spec).unwrap_err();
    assert!(error.is_transient(), "{error}");
    // The second time, the job does stand in the queue when it is looked for.
    lab.says(
        "squeue.txt",
        &listing(&[Listed::new("100", "PENDING", RUN)]),
    );
    assert_eq!(ids(&slurm.submit(&spec).unwrap()), ["100"]);
    assert_eq!(recorded(&lab, RUN).unwrap(), ["100"]);
}

#[test]
fn an_edited_script_is_sent_and_still_found_again() {
    let lab = Lab::new();
    let mut spec = lab.spec(&[RUN]);
    spec.script = Some("#!/bin/bash\nexec /opt/makook-worker run x\n".into());
    lab.slurm().submit(&spec).unwrap();
    let kept = fs::read_to_string(spec.script_path().unwrap()).unwrap();
    assert_eq!(Some(kept), spec.script);
    assert!(lab.calls("sbatch")[1].contains(&format!("--comment={RUN} ")));
    spec.script = Some("echo".into());
    assert!(lab.slurm().submit(&spec).is_err());
}

#[rstest]
#[case("PENDING", Signal::Stop, &["scancel --state=PENDING 7"], None)]
#[case("PENDING", Signal::Kill, &["scancel --state=PENDING 7"], None)]
#[case("CONFIGURING", Signal::Stop, &["scancel 7"], None)]
#[case("RUNNING", Signal::Stop, &["scancel --batch --signal=USR1 7"], Some(Command::Stop))]
#[case("RUNNING", Signal::Kill, &["scancel 7"], Some(Command::Cancel))]
#[case("RUNNING", Signal::Requeue, &[], None)]
#[case("COMPLETED", Signal::Stop, &[], None)]
fn words_to_a_job(
    #[case] state: &str,
    #[case] signal: Signal,
    #[case] calls: &[&str],
    #[case] letter: Option<Command>,
) {
    let lab = Lab::new();
    lab.run(RUN);
    lab.says("squeue.txt", &listing(&[Listed::new("7", state, RUN)]));
    lab.slurm().signal(&JobId::new("7"), signal).unwrap();
    assert_eq!(lab.calls("scancel"), calls);
    assert_eq!(letters(&lab, RUN), letter.into_iter().collect::<Vec<_>>());
    let requeued = lab.calls("scontrol") == ["scontrol requeue 7"];
    assert_eq!(requeued, signal == Signal::Requeue);
    every_scancel_names_its_job(&lab);
}

#[test]
fn the_later_links_of_a_chain_go_first() {
    let lab = Lab::new();
    let mut spec = lab.spec(&[RUN]);
    spec.resources.chain = 3;
    let mut slurm = lab.slurm();
    slurm.submit(&spec).unwrap();
    let waits = |job| Listed {
        reason: "Dependency",
        ..Listed::new(job, "PENDING", RUN)
    };
    lab.says(
        "squeue.txt",
        &listing(&[
            Listed::new("100", "RUNNING", RUN),
            waits("101"),
            waits("102"),
        ]),
    );
    slurm.signal(&JobId::new("100"), Signal::Stop).unwrap();
    assert_eq!(
        lab.calls("scancel"),
        [
            "scancel 102",
            "scancel 101",
            "scancel --batch --signal=USR1 100"
        ]
    );
    every_scancel_names_its_job(&lab);
}

#[test]
fn a_task_goes_back_to_the_queue_under_its_own_name() {
    let lab = Lab::new();
    let task = |job, task| Listed {
        array: "259",
        task,
        ..Listed::new(job, "RUNNING", "")
    };
    // The last task carries the array's own number.
    lab.says(
        "squeue.txt",
        &listing(&[task("260", "0"), task("259", "1")]),
    );
    let mut slurm = lab.slurm();
    slurm.signal(&JobId::new("259_1"), Signal::Requeue).unwrap();
    assert_eq!(lab.calls("scontrol"), ["scontrol requeue 259_1"]);
    // The array's number means each of its tasks.
    slurm.signal(&JobId::new("259"), Signal::Kill).unwrap();
    assert_eq!(lab.calls("scancel"), ["scancel 259_0", "scancel 259_1"]);
    slurm.throttle(&JobId::new("259_1"), 4).unwrap();
    assert_eq!(
        lab.calls("scontrol")[1],
        "scontrol update jobid=259 arraytaskthrottle=4"
    );
}

#[test]
fn withdrawing_a_waiting_task_leaves_its_neighbours() {
    let lab = Lab::new();
    let task = |job, task| Listed {
        array: "259",
        task,
        ..Listed::new(job, "PENDING", "")
    };
    lab.says(
        "squeue.txt",
        &listing(&[task("259", "0"), task("259", "1")]),
    );
    lab.slurm()
        .signal(&JobId::new("259_1"), Signal::Stop)
        .unwrap();
    // `--state=PENDING` with a task's name withdraws every waiting task of the array.
    assert_eq!(lab.calls("scancel"), ["scancel 259_1"]);
}

#[test]
fn a_job_that_starts_while_it_is_withdrawn_is_told_to_stop() {
    let lab = Lab::new();
    lab.run(RUN);
    lab.says("squeue.txt", &listing(&[Listed::new("7", "PENDING", RUN)]));
    lab.says("squeue-one.txt", "RUNNING\n");
    lab.says(
        "after-withdrawal",
        &listing(&[Listed::new("7", "RUNNING", RUN)]),
    );
    lab.slurm().signal(&JobId::new("7"), Signal::Stop).unwrap();
    assert_eq!(
        lab.calls("scancel"),
        [
            "scancel --state=PENDING 7",
            "scancel --batch --signal=USR1 7"
        ]
    );
    assert_eq!(letters(&lab, RUN), [Command::Stop]);
}

#[test]
fn what_is_not_there_cannot_be_asked() {
    let lab = Lab::new();
    lab.says("squeue.txt", &listing(&[Listed::new("7", "PENDING", RUN)]));
    let mut slurm = lab.slurm();
    for id in ["99", "", "7_1", "--user=netid"] {
        let error = slurm.signal(&JobId::new(id), Signal::Kill).unwrap_err();
        assert!(matches!(error, JobsError::NoSuchJob(_)), "{error}");
    }
    assert!(matches!(
        slurm.throttle(&JobId::new("99"), 1),
        Err(JobsError::NoSuchJob(_))
    ));
    assert!(matches!(
        slurm.throttle(&JobId::new("7"), 1),
        Err(JobsError::Refused { .. })
    ));
    assert!(matches!(
        slurm.signal(&JobId::new("7"), Signal::Requeue),
        Err(JobsError::Refused { .. })
    ));
    assert!(lab.calls("scancel").is_empty());
}

#[rstest]
#[case::stop(Signal::Stop)]
#[case::kill(Signal::Kill)]
fn a_mailbox_that_cannot_be_written_keeps_no_job_running(#[case] signal: Signal) {
    let lab = Lab::new();
    let dir = lab.run(RUN).dir;
    fs::write(dir.join("mailbox"), "no folder").unwrap();
    fs::write(dir.join("job.json"), "{").unwrap();
    lab.says("squeue.txt", &listing(&[Listed::new("77", "RUNNING", RUN)]));
    lab.slurm().signal(&JobId::new("77"), signal).unwrap();
    assert_eq!(lab.calls("scancel"), ["scancel 77"]);
}

#[test]
fn a_submission_leaves_the_user_s_language_and_formats_to_the_job() {
    let lab = Lab::new();
    lab.says("show-environment", "");
    lab.slurm().submit(&lab.spec(&[RUN])).unwrap();
    let seen = fs::read_to_string(lab.path("fake/environment")).unwrap();
    assert!(
        !seen.contains("LC_ALL") && !seen.contains("SLURM_TIME_FORMAT"),
        "{seen}"
    );
}
