//! The state a run is really in.

use super::{Place, died, elsewhere, pretend_owner, say};
use crate::{Observer, RunDir, State, observe, observe::STALENESS};
use domain::{Clock, Nanos};
use rstest::rstest;
use std::{fs, time::Duration};

/// A run whose worker says that it runs.
fn running(place: &mut Place) -> RunDir {
    let run = place.run("x");
    let segment = place.begin(&run);
    segment
        .status()
        .edit(|status| status.state = State::Running);
    segment.status().beat(&place.clock).unwrap();
    run
}

#[test]
fn a_worker_of_this_machine_is_looked_up_as_a_process() {
    let mut place = Place::new();
    let run = running(&mut place);
    place.clock.advance(Duration::from_secs(600));
    let seen = observe(run.path(), &place.clock, STALENESS);
    assert_eq!(seen.state, State::Running);
    assert_eq!(seen.silent, Duration::from_secs(600));
    pretend_owner(&run, died);
    let seen = observe(run.path(), &place.clock, STALENESS);
    assert!(seen.state == State::Crashed && seen.is_resumable());
}

#[test]
fn a_worker_elsewhere_is_judged_by_its_heartbeat() {
    let mut place = Place::new();
    let run = running(&mut place);
    pretend_owner(&run, elsewhere);
    place.clock.advance(STALENESS - Duration::from_secs(1));
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Running
    );
    place.clock.advance(Duration::from_secs(1));
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Crashed
    );
}

#[rstest]
#[case::hour_behind(-3_600)]
#[case::hour_ahead(3_600)]
fn whoever_watches_does_not_care_about_a_wrong_clock(#[case] skew_seconds: i64) {
    let mut place = Place::new();
    let run = running(&mut place);
    pretend_owner(&run, elsewhere);
    let mut observer = Observer::new(STALENESS);
    let _ = observer.observe(run.path(), &place.clock);
    for _ in 0..3 {
        place.clock.advance(Duration::from_secs(5));
        let wrong = Nanos(place.clock.now().0 + skew_seconds * 1_000_000_000);
        say(&run, |status| {
            status.beat += 1;
            status.at = wrong;
        });
        let seen = observer.observe(run.path(), &place.clock);
        assert_eq!((seen.state, seen.silent), (State::Running, Duration::ZERO));
    }
    assert_eq!(
        observer.observe(run.path(), &place.clock).state,
        State::Running
    );
    place.clock.advance(STALENESS);
    assert_eq!(
        observer.observe(run.path(), &place.clock).state,
        State::Crashed
    );
}

#[rstest]
#[case::no_status(None)]
#[case::empty(Some(""))]
#[case::torn(Some("{\"state\":\"run"))]
#[case::other_json(Some("[1,2]"))]
fn a_missing_or_torn_status_is_no_disaster(#[case] text: Option<&str>) {
    let mut place = Place::new();
    let run = running(&mut place);
    let path = run.layout().status();
    match text {
        Some(text) => fs::write(&path, text).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    let seen = observe(run.path(), &place.clock, STALENESS);
    assert_eq!(seen.state, State::Starting);
    assert_eq!(seen.problems.is_empty(), text.is_none());
    pretend_owner(&run, died);
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Crashed
    );
}

#[test]
fn a_state_of_a_newer_makook_is_unknown_not_wrong() {
    let mut place = Place::new();
    let run = running(&mut place);
    let path = run.layout().status();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"running\"", "\"hibernating\"")).unwrap();
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Unknown
    );
}

#[test]
fn a_new_start_counts_before_its_first_status() {
    let mut place = Place::new();
    let run = running(&mut place);
    say(&run, |status| status.state = State::Interrupted);
    let path = run.layout().claim(2);
    fs::copy(run.layout().claim(1), path).unwrap();
    assert_eq!(
        observe(run.path(), &place.clock, STALENESS).state,
        State::Starting
    );
}

#[test]
fn a_directory_that_vanished_is_queued_with_nothing_known() {
    let mut place = Place::new();
    let run = running(&mut place);
    fs::remove_dir_all(run.path()).unwrap();
    let seen = observe(run.path(), &place.clock, STALENESS);
    assert!(seen.problems.is_empty() && seen.owner.is_none());
}
