//! The list, the comparison and the trash.

use super::{Place, SETTINGS, died, elsewhere, grow_old, pretend_owner};
use crate::{
    Best, Outcome, Roster, RunsError, State, Success, Verdict, compare, list,
    trash::{KEEP, gc, remove, restore},
};
use domain::Phrase;
use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, SystemTime},
};

fn success(place: &Place, sharpe: f64) -> Outcome {
    use domain::Clock;
    Outcome::Done(Success {
        at: place.clock.now(),
        verdict: Some(Verdict {
            word: "no_edge".to_owned(),
            says: Phrase::new("no edge", "우위 없음"),
            positive: false,
        }),
        metrics: BTreeMap::from([("test/sharpe".to_owned(), sharpe)]),
    })
}

#[test]
fn a_line_holds_what_the_list_shows() {
    let mut place = Place::new();
    let run = place.run("PPO 비트코인");
    let segment = place.begin(&run);
    segment.status().edit(|status| {
        status.state = State::Running;
        (status.step, status.total_steps) = (250, 1000);
        status.best = Some(Best {
            metric: "valid/sharpe".to_owned(),
            value: 1.5,
            step: 200,
            seed: Some(7),
        });
    });
    segment.status().beat(&place.clock).unwrap();
    let [line] = list(&place.home, &place.clock).unwrap().try_into().unwrap();
    assert_eq!(line.name, "PPO 비트코인");
    assert_eq!(line.state, State::Running);
    assert_eq!(line.progress, Some(0.25));
    place.clock.advance(Duration::from_secs(90));
    segment.finish(&success(&place, 0.5), &place.clock).unwrap();
    let [line] = list(&place.home, &place.clock).unwrap().try_into().unwrap();
    assert_eq!(line.state, State::Done);
    assert_eq!(line.verdict.unwrap().word, "no_edge");
    assert_eq!(line.duration_seconds, Some(90.0));
    assert_eq!(line.last, BTreeMap::from([("test/sharpe".to_owned(), 0.5)]));
    assert_eq!(line.best.unwrap().step, 200);
}

#[test]
fn the_list_is_newest_first_and_survives_broken_runs() {
    let mut place = Place::new();
    for name in ["first", "second", "third"] {
        place.run(name);
        place.clock.advance(Duration::from_secs(1));
    }
    let torn = place.home.find("second").unwrap();
    fs::remove_file(torn.join("run.toml")).unwrap();
    fs::write(place.home.root().join("stray.txt"), "x").unwrap();
    let lines = list(&place.home, &place.clock).unwrap();
    let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["third", "second", "first"]);
    assert_eq!(lines[1].state, State::Unknown);
    assert!(lines[1].problems[0].en.contains("run.toml is missing"));
    assert!(lines[0].problems.is_empty());
}

#[test]
fn a_roster_notices_every_change() {
    let mut place = Place::new();
    let run = place.run("x");
    let mut roster = Roster::new(place.home.clone());
    let state = |roster: &mut Roster, place: &Place| {
        roster
            .refresh(&place.clock)
            .unwrap()
            .first()
            .map(|line| line.state)
    };
    assert_eq!(state(&mut roster, &place), Some(State::Queued));
    let segment = place.begin(&run);
    assert_eq!(state(&mut roster, &place), Some(State::Starting));
    let failed = Outcome::Failed(crate::Failure::default());
    segment.finish(&failed, &place.clock).unwrap();
    assert_eq!(state(&mut roster, &place), Some(State::Failed));
    let again = place.begin(&run);
    assert_eq!(state(&mut roster, &place), Some(State::Starting));
    again.finish(&success(&place, 1.0), &place.clock).unwrap();
    assert_eq!(state(&mut roster, &place), Some(State::Done));
    remove(&place.home, run.path(), &place.clock).unwrap();
    assert_eq!(state(&mut roster, &place), None);
}

#[test]
fn a_home_that_cannot_be_listed_is_said_so_every_time() {
    let mut place = Place::new();
    place.run("first");
    let mut roster = Roster::new(place.home.clone());
    let away = place.home.root().with_extension("away");
    fs::rename(place.home.root(), &away).unwrap();
    fs::write(place.home.root(), "no folder").unwrap();
    for _ in 0..6 {
        assert!(roster.look(&place.clock).is_err());
        place.clock.advance(Duration::from_secs(1));
    }
    fs::remove_file(place.home.root()).unwrap();
    fs::rename(&away, place.home.root()).unwrap();
    assert!(roster.look(&place.clock).unwrap());
    assert_eq!(roster.runs().len(), 1);
}

/// Has the home have changed long ago: some file systems count in coarse steps.
fn grow_quiet(place: &Place) {
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let home = fs::File::open(place.home.root()).unwrap();
    home.set_modified(long_ago).unwrap();
}

#[test]
fn runs_that_come_and_go_are_noticed_however_long_the_home_was_quiet() {
    let mut place = Place::new();
    place.run("first");
    let mut roster = Roster::new(place.home.clone());
    let names = |roster: &Roster| -> Vec<String> {
        roster.runs().iter().map(|run| run.name.clone()).collect()
    };
    assert!(roster.look(&place.clock).unwrap());
    grow_quiet(&place);
    for _ in 0..5 {
        place.clock.advance(Duration::from_secs(1));
        assert!(!roster.look(&place.clock).unwrap());
    }
    let second = place.run("second");
    assert!(roster.look(&place.clock).unwrap());
    assert_eq!(names(&roster), ["second", "first"]);
    grow_quiet(&place);
    for _ in 0..5 {
        place.clock.advance(Duration::from_secs(1));
        assert!(!roster.look(&place.clock).unwrap());
    }
    remove(&place.home, second.path(), &place.clock).unwrap();
    assert!(roster.look(&place.clock).unwrap());
    assert_eq!(names(&roster), ["first"]);
    fs::remove_dir_all(place.home.root()).unwrap();
    assert!(roster.look(&place.clock).unwrap());
    assert!(roster.runs().is_empty());
}

#[test]
fn a_comparison_shows_what_differs_and_what_came_out() {
    let mut place = Place::new();
    let one = place.run("one");
    let two = place.run_with("two", &SETTINGS.replace("3e-4", "1e-3"));
    for (run, sharpe) in [(&one, 0.5), (&two, 1.25)] {
        let outcome = success(&place, sharpe);
        place.begin(run).finish(&outcome, &place.clock).unwrap();
    }
    let compared = compare(&[one, two], &place.clock);
    let [row] = compared.settings.as_slice() else {
        panic!("{:?}", compared.settings);
    };
    assert_eq!(row.key, "train.learning_rate");
    assert_eq!(
        row.values,
        [Some("0.0003".to_owned()), Some("0.001".to_owned())]
    );
    assert_eq!(compared.figures[0].key, "test/sharpe");
    assert_eq!(compared.figures[0].values, [Some(0.5), Some(1.25)]);
    assert!(compared.problems.is_empty());
}

#[test]
fn removed_runs_wait_a_week() {
    let mut place = Place::new();
    let run = place.run("x");
    remove(&place.home, run.path(), &place.clock).unwrap();
    assert!(list(&place.home, &place.clock).unwrap().is_empty());
    assert!(gc(&place.home, &place.clock, KEEP).unwrap().is_empty());
    restore(&place.home, run.id()).unwrap();
    assert_eq!(place.home.open("latest").unwrap(), run);
    let trashed = remove(&place.home, run.path(), &place.clock).unwrap();
    place.clock.advance(KEEP + Duration::from_secs(1));
    assert_eq!(gc(&place.home, &place.clock, KEEP).unwrap(), [trashed]);
    assert!(matches!(
        restore(&place.home, run.id()),
        Err(RunsError::NotFound { .. })
    ));
}

#[test]
fn a_run_at_work_is_not_removed() {
    let mut place = Place::new();
    let run = place.run("x");
    let segment = place.begin(&run);
    let refused = |place: &Place| {
        let result = remove(&place.home, run.path(), &place.clock);
        matches!(result, Err(RunsError::StillActive { .. }))
    };
    assert!(refused(&place));
    drop(segment);
    pretend_owner(&run, elsewhere);
    assert!(refused(&place));
    pretend_owner(&run, died);
    place.clock.advance(Duration::from_secs(61));
    grow_old(&run);
    remove(&place.home, run.path(), &place.clock).unwrap();
}

#[test]
fn a_half_written_run_can_be_removed_and_a_stranger_cannot() {
    let mut place = Place::new();
    let run = place.run("x");
    fs::remove_file(run.layout().settings()).unwrap();
    remove(&place.home, run.path(), &place.clock).unwrap();
    let stranger = tempfile::tempdir().unwrap();
    let error = remove(&place.home, stranger.path(), &place.clock).unwrap_err();
    assert!(error.to_string().contains("is not a run of"), "{error}");
}
