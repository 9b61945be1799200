//! One worker at a time, also where the file system knows no locks.

use super::{Place, died, elsewhere, grow_old, pretend_owner, say};
use crate::{
    Failure, Launch, Outcome, Owner, Provenance, RunsError, Segment, State, Success, observe,
    observe::STALENESS, segment,
};
use domain::{Clock, Phrase};
use rustix::io::Errno;
use std::{fs, fs::File, time::Duration};

fn no_locks(_: &File) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

#[test]
fn a_second_worker_is_refused_and_told_who_holds_the_run() {
    let mut place = Place::new();
    let run = place.run("x");
    let first = place.begin(&run);
    let error = Segment::begin(&run, None, &place.clock).unwrap_err();
    let pid = std::process::id();
    assert!(
        error.to_string().contains(&format!("process {pid} on ")),
        "{error}"
    );
    drop(first);
    assert_eq!(place.begin(&run).number(), 2);
}

#[test]
fn the_lock_decides_even_where_the_status_is_wrong() {
    let mut place = Place::new();
    let run = place.run("x");
    let _first = place.begin(&run);
    say(&run, |status| status.state = State::Interrupted);
    assert!(matches!(
        Segment::begin(&run, None, &place.clock),
        Err(RunsError::Busy { .. })
    ));
}

#[test]
fn without_locks_the_owners_process_decides() {
    let mut place = Place::new();
    let run = place.run("x");
    let begin = || Segment::begin_with(&run, None, &place.clock, &Launch::default(), no_locks);
    drop(begin().unwrap());
    // The process that dropped it is still alive, so it may as well be at work.
    assert!(matches!(begin(), Err(RunsError::Busy { .. })));
    pretend_owner(&run, died);
    assert_eq!(begin().unwrap().number(), 2);
}

#[test]
fn without_locks_a_suspended_run_is_free() {
    let mut place = Place::new();
    let run = place.run("x");
    let begin = || Segment::begin_with(&run, None, &place.clock, &Launch::default(), no_locks);
    let reason = Phrase::new("SIGTERM", "SIGTERM");
    let first = begin().unwrap();
    first
        .suspend(State::Interrupted, reason, &place.clock)
        .unwrap();
    assert_eq!(begin().unwrap().number(), 2);
}

#[test]
fn a_worker_on_another_machine_is_waited_for_until_its_heartbeat_is_stale() {
    let mut place = Place::new();
    let run = place.run("x");
    drop(place.begin(&run));
    pretend_owner(&run, elsewhere);
    place.clock.advance(Duration::from_secs(20));
    let error = Segment::begin(&run, None, &place.clock).unwrap_err();
    assert!(error.to_string().contains("on g3001"), "{error}");
    let RunsError::Busy { retry_after, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(retry_after, Duration::from_secs(40));
    place.clock.advance(retry_after);
    grow_old(&run);
    assert_eq!(place.begin(&run).number(), 2);
}

#[test]
fn of_two_that_claim_the_same_segment_one_wins() {
    let mut place = Place::new();
    let run = place.run("x");
    let owner = Owner::myself(place.clock.now());
    segment::claim(&run, 1, &owner).unwrap();
    assert!(matches!(
        segment::claim(&run, 1, &owner),
        Err(RunsError::Busy { .. })
    ));
}

#[test]
fn an_unreadable_claim_does_not_block_the_run_for_ever() {
    let mut place = Place::new();
    let run = place.run("x");
    drop(place.begin(&run));
    fs::write(run.layout().claim(1), "{\"pid\":").unwrap();
    assert!(matches!(
        Segment::begin(&run, None, &place.clock),
        Err(RunsError::Busy { .. })
    ));
    place.clock.advance(STALENESS);
    grow_old(&run);
    assert_eq!(place.begin(&run).number(), 2);
}

#[test]
fn a_wrong_clock_here_takes_no_run_from_a_worker_elsewhere() {
    let mut place = Place::new();
    let run = place.run("x");
    drop(place.begin(&run));
    pretend_owner(&run, elsewhere);
    place.clock.advance(Duration::from_secs(3_600));
    let seen = observe(run.path(), &place.clock, STALENESS);
    assert_eq!(seen.state, State::Crashed, "all that this clock can tell");
    let RunsError::Busy { retry_after, .. } = Segment::begin(&run, None, &place.clock).unwrap_err()
    else {
        panic!("it was taken");
    };
    assert!(!retry_after.is_zero() && retry_after <= STALENESS);
    assert!(matches!(
        crate::trash::remove(&place.home, run.path(), &place.clock),
        Err(RunsError::StillActive { .. })
    ));
    grow_old(&run);
    assert_eq!(place.begin(&run).number(), 2);
}

#[test]
fn a_done_run_is_not_started_again() {
    let mut place = Place::new();
    let run = place.run("x");
    let done = Outcome::Done(Success::default());
    place.begin(&run).finish(&done, &place.clock).unwrap();
    assert!(matches!(
        Segment::begin(&run, None, &place.clock),
        Err(RunsError::AlreadyDone(_))
    ));
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Done
    );
}

#[test]
fn a_failed_run_may_be_tried_again_and_keeps_its_history() {
    let mut place = Place::new();
    let run = place.run("x");
    let failure = Failure {
        segment: 1,
        says: Phrase::new("disk full", "디스크 부족"),
        ..Failure::default()
    };
    let failed = Outcome::Failed(failure);
    place.begin(&run).finish(&failed, &place.clock).unwrap();
    let seen = observe(run.path(), &place.clock, STALENESS);
    assert!(seen.state == State::Failed && seen.is_resumable());
    let second = place.begin(&run);
    assert!(run.layout().past_failure(1).exists());
    second
        .finish(&Outcome::Done(Success::default()), &place.clock)
        .unwrap();
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Done
    );
}

#[test]
fn the_outcome_decides_whatever_the_status_says() {
    let mut place = Place::new();
    let run = place.run("x");
    let done = Outcome::Done(Success::default());
    place.begin(&run).finish(&done, &place.clock).unwrap();
    say(&run, |status| status.state = State::Running);
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Done
    );
}

#[test]
fn provenance_is_written_once_a_segment() {
    let mut place = Place::new();
    let run = place.run("x");
    let mut segment = place.begin(&run);
    let provenance = Provenance {
        device: "cpu".to_owned(),
        seeds: vec![1, 2, 3],
        ..Provenance::default()
    };
    segment.describe_data("unasked", "f00d").unwrap();
    assert!(!run.layout().meta(1).exists());
    segment.describe(provenance.clone()).unwrap();
    assert!(segment.describe(provenance).is_err());
    segment.describe_data("btcusdt-1h", "cafe").unwrap();
    let text = fs::read_to_string(run.layout().meta(1)).unwrap();
    let meta: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(meta["device"], "cpu");
    assert_eq!(
        meta["data_hashes"],
        serde_json::json!({ "btcusdt-1h": "cafe" })
    );
    assert_eq!(meta["run"], run.id().as_str());
    assert_eq!(meta["owner"]["pid"], std::process::id());
}
