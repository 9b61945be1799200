//! Answers recorded from a real cluster (22.05.8), and what is made of them.

use super::{Listed, START, listing};
use crate::{
    End, Phase,
    slurm::{account, queue},
};
use domain::{Nanos, time::SECOND};
use rstest::rstest;

const SQUEUE: &str = include_str!("../fixtures/squeue.txt");
const SACCT: &str = include_str!("../fixtures/sacct.txt");
const SHOWN: &str = include_str!("../fixtures/show-job.txt");

#[test]
fn the_recorded_queue_is_read_whole() {
    let (rows, odd) = queue::read(SQUEUE);
    assert!(odd.is_empty(), "{odd:?}");
    let seen: Vec<(&str, &str, &str)> = rows
        .iter()
        .map(|row| {
            (
                row.view.id.as_str(),
                row.view.phase.word(),
                row.view.name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("20", "running", "a|b c"),
            ("21", "running", "두 줄\n이름"),
            ("22_0", "running", "mk:array"),
            ("22_1", "running", "mk:array"),
            ("22_2", "queued", "mk:array"),
            ("22_3", "queued", "mk:array"),
            ("23", "requeued", "sbatch"),
            ("24", "running", "sbatch"),
            ("25", "queued", "sbatch"),
            ("26", "cancelled", "gone"),
            ("27", "queued", "later"),
        ]
    );
    let by_id = |id: &str| rows.iter().find(|row| row.view.id.as_str() == id).unwrap();
    let odd_name = by_id("20");
    assert_eq!(odd_name.view.run.as_ref().unwrap().slug(), "a-b-c");
    assert_eq!((odd_name.view.gpus, odd_name.view.cpus), (1, 1));
    assert_eq!(odd_name.view.node.as_deref(), Some("g3001"));
    assert_eq!(odd_name.view.starts, Some(Nanos(1_795_631_958 * SECOND)));
    assert_eq!(odd_name.view.limit.unwrap().as_secs(), 3_600);
    assert_eq!(by_id("21").view.run.as_ref().unwrap().slug(), "한글-이름");
    assert_eq!(by_id("22_2").task, Some(2));
    let again = &by_id("23").view;
    let until = Some(Nanos(1_795_631_967 * SECOND));
    assert_eq!(
        (again.phase, again.restarts),
        (Phase::Requeued { until }, 1)
    );
    let limited = &by_id("25").view;
    assert_eq!(
        limited.raw_reason.as_deref(),
        Some("QOSMaxJobsPerUserLimit")
    );
    assert!(limited.reason.as_ref().unwrap().ko.contains("QOS"));
    assert_eq!(by_id("27").view.run, None);
    assert_eq!(by_id("26").view.raw_reason, None);
}

#[test]
fn the_recorded_history_is_read_whole() {
    let attempts = account::read(SACCT);
    let seen: Vec<(&str, &str, Option<i32>)> = attempts
        .iter()
        .filter(|one| !one.id.as_str().starts_with("2_"))
        .map(|one| (one.id.as_str(), one.phase.word(), one.exit_code))
        .collect();
    assert_eq!(
        seen,
        [
            ("1", "failed", Some(0)),
            ("3", "cancelled", Some(0)),
            ("14_0", "interrupted", Some(4)),
            ("14_1", "requeued", None),
            ("14_2", "interrupted", Some(4)),
            ("14_3", "interrupted", Some(4)),
            ("14_1", "cancelled", Some(0)),
            ("18", "completed", Some(1)),
            ("19", "cancelled", Some(0)),
            ("22_0", "running", None),
            ("22_1", "running", None),
            ("22_2", "queued", None),
            ("22_3", "queued", None),
            ("23", "requeued", None),
            ("23", "running", None),
        ]
    );
    let first = &attempts[0];
    assert_eq!((first.cpus, first.gpus), (1, 1));
    assert_eq!(first.node.as_deref(), Some("g3001"));
    assert!(first.started.is_some() && first.ended.is_some());
}

#[rstest]
#[case("JobId=26 ", "cancelled", 1)]
#[case("JobId=29 ", "running", 2)]
#[case("JobId=23 ", "running", 1)]
#[case("JobId=21 ", "running", 1)]
fn the_controller_s_memory_is_read(#[case] head: &str, #[case] phase: &str, #[case] cpus: u32) {
    let record = &SHOWN[SHOWN.find(head).unwrap()..];
    let attempt = account::shown(record).unwrap();
    assert_eq!((attempt.phase.word(), attempt.cpus), (phase, cpus));
}

#[rstest]
#[case("PENDING", "Resources", "3", "queued")]
#[case("PENDING", "BeginTime", "0", "queued")]
#[case("PENDING", "BeginTime", "1", "requeued")]
#[case("CONFIGURING", "None", "0", "starting")]
#[case("SUSPENDED", "None", "0", "running")]
#[case("COMPLETING", "None", "0", "stopping")]
#[case("COMPLETING", "None", "1", "stopping")]
#[case("SIGNALING", "None", "0", "stopping")]
#[case("PREEMPTED", "None", "1", "requeued")]
#[case("REQUEUED", "None", "1", "requeued")]
#[case("REQUEUE_HOLD", "job requeued in held state", "1", "requeued")]
#[case("SPECIAL_EXIT", "job requeued in special exit state", "1", "requeued")]
#[case("NODE_FAIL", "NodeFail", "0", "requeued")]
#[case("COMPLETED", "None", "0", "completed")]
#[case("TIMEOUT", "TimeLimit", "0", "timed_out")]
#[case("DEADLINE", "DeadLine", "0", "timed_out")]
#[case("OUT_OF_MEMORY", "OutOfMemory", "0", "out_of_memory")]
#[case("CANCELLED", "None", "0", "cancelled")]
#[case("BOOT_FAIL", "None", "0", "node_failed")]
#[case("FAILED", "NonZeroExitCode", "0", "failed")]
fn states_become_phases(
    #[case] state: &str,
    #[case] reason: &str,
    #[case] restarts: &str,
    #[case] phase: &str,
) {
    let listed = Listed {
        reason,
        restarts,
        ..Listed::new("7", state, "")
    };
    let (rows, odd) = queue::read(&listing(&[listed]));
    assert!(odd.is_empty());
    assert_eq!(rows[0].view.phase.word(), phase);
}

#[rstest]
#[case("CANCELLED by 1001", "0:0", Some(End::Cancelled))]
#[case("CANCELLED+", "0:15", Some(End::Cancelled))]
#[case("FAILED", "1:0", Some(End::Completed))]
#[case("FAILED", "4:0", Some(End::Interrupted))]
#[case("FAILED", "1024", Some(End::Interrupted))]
#[case("FAILED", "0:9", Some(End::Failed))]
#[case("FAILED", "9", Some(End::Failed))]
#[case("FAILED", "", Some(End::Failed))]
#[case("PREEMPTED", "0:0", Some(End::Interrupted))]
#[case("NODE_FAIL", "0:0", Some(End::NodeFailed))]
#[case("WHAT_IS_THIS", "0:0", None)]
fn ends(#[case] state: &str, #[case] code: &str, #[case] expected: Option<End>) {
    assert_eq!(account::end(state, account::exit(code)), expected);
}

#[rstest]
#[case("259", &["259"])]
#[case("259_3", &["259_3"])]
#[case("259_[0-1,7%2]", &["259_0", "259_1", "259_7"])]
#[case("259+0", &[])]
#[case("259.batch", &[])]
#[case("", &[])]
fn rows_of_several_tasks(#[case] id: &str, #[case] expected: &[&str]) {
    let row = [id, "CANCELLED by 1001", "0:0", "None", "1795632580", "", ""].join("\u{1f}");
    let found = account::read(&row);
    let found: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_job_being_cleared_away_for_its_next_start_is_no_end() {
    let listed = Listed {
        restarts: "1",
        ..Listed::new("7", "COMPLETING", "")
    };
    let answer = listing(&[listed]).replace("\u{1f}1:00\u{1f}", "\u{1f}0:00\u{1f}");
    let (rows, _) = queue::read(&answer);
    assert_eq!(rows[0].view.phase, Phase::Requeued { until: None });
}

#[test]
fn a_line_that_does_not_fit_is_left_out_and_reported() {
    let mut answer = listing(&[Listed::new("7", "RUNNING", "")]);
    answer.push_str("slurm_load_jobs: something\u{1e}\n");
    answer.push_str(&listing(&[Listed::new("8", "NO_SUCH_STATE", "")]));
    answer.push_str(&listing(&[Listed::new("9", "PENDING", "")]));
    let (rows, odd) = queue::read(&answer);
    assert_eq!(rows.len(), 2);
    assert_eq!(odd.len(), 1);
    assert!(
        odd[0].en.starts_with("2 lines of squeue made no sense"),
        "{}",
        odd[0].en
    );
}

#[test]
fn a_thousand_jobs() {
    let names: Vec<String> = (1..=1_000).map(|n: u32| n.to_string()).collect();
    let jobs: Vec<Listed<'_>> = names
        .iter()
        .rev()
        .map(|name| Listed::new(name, "PENDING", ""))
        .collect();
    let (rows, odd) = queue::read(&listing(&jobs));
    assert_eq!((rows.len(), odd.len()), (1_000, 0));
    assert_eq!(rows[9].view.id.as_str(), "10");
    assert!(rows.iter().all(|row| row.view.starts > Some(START)));
}

#[test]
fn any_truncation_is_read_without_panic() {
    let whole = queue::read(SQUEUE).0.len();
    for cut in (0..SQUEUE.len()).filter(|cut| SQUEUE.is_char_boundary(*cut)) {
        let (rows, odd) = queue::read(&SQUEUE[..cut]);
        assert!(rows.len() <= whole);
        let ends_whole = SQUEUE[..cut].ends_with(['\u{1e}', '\n']) || cut == 0;
        assert!(ends_whole || !odd.is_empty() || SQUEUE[..cut].ends_with("\u{1e}\n"));
    }
    for cut in (0..SACCT.len()).filter(|cut| SACCT.is_char_boundary(*cut)) {
        let _ = account::read(&SACCT[..cut]);
    }
    for cut in (0..SHOWN.len())
        .step_by(5)
        .filter(|cut| SHOWN.is_char_boundary(*cut))
    {
        let _ = account::shown(&SHOWN[..cut]);
        let _ = account::shown(&SHOWN[cut..]);
    }
}

#[test]
fn every_byte_may_be_wrong() {
    // The separators themselves, digits and letters, each put in the place of each byte.
    for at in (0..SQUEUE.len())
        .step_by(7)
        .filter(|at| SQUEUE.is_char_boundary(*at))
    {
        for wrong in ['\u{1f}', '\u{1e}', '\n', '9', '-', '_', '한'] {
            let mut text = SQUEUE.to_owned();
            text.insert(at, wrong);
            let _ = queue::read(&text);
        }
    }
}
