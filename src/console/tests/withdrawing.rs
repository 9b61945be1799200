//! A launch taken back: out of the queue while it waits, a reason once it has begun.

use super::{Place, fakes::job, key, scenes, works::Works};
use crate::{
    chord::Chord,
    layer::{Button, Layer},
    memory::{Memory, Recall},
    message::{Assignment, Effect, Message},
    state::Change,
};
use crossterm::event::KeyCode;
use domain::Lang;
use jobs::{End, JobRow, Phase};
use runs::RunId;

const ENTER: Chord = Chord::key(KeyCode::Enter);
const RIGHT: Chord = Chord::key(KeyCode::Right);
const UNDO: Chord = Chord::ctrl('z');

/// A console that has sent a training to a cluster, where it waits.
fn sent() -> Works {
    let mut works = Works::open(scenes::place(), Lang::En, (100, 30));
    works.press(&[Chord::f(8)]);
    works.proceed();
    assert_eq!(works.phases(), [Phase::Queued]);
    assert!(matches!(works.state.done.last(), Some(Change::Launched(_))));
    works
}

fn says(works: &Works) -> &str {
    super::said(&works.state)
}

#[test]
fn a_training_that_waits_leaves_the_queue_when_that_is_meant() {
    let mut works = sent();
    let changes = works.state.done.len();
    works.press(&[UNDO]);
    let Some(Layer::Confirm(confirm)) = works.state.layers.last() else {
        panic!("{:?}", works.state.layers);
    };
    assert_eq!(confirm.button, Button::Cancel);
    assert!(confirm.plan.command.starts_with("makook jobs stop 300"));
    let consequence = confirm.plan.consequence.en.clone();
    assert!(
        consequence.contains("made 0 has not begun"),
        "{consequence}"
    );
    works.draw();
    // Whoever thinks better of it can come back to it.
    works.press(&[ENTER]);
    assert_eq!(works.phases(), [Phase::Queued]);
    assert_eq!(works.state.done.len(), changes);
    works.press(&[UNDO, RIGHT, ENTER]);
    let end = End::Cancelled;
    assert_eq!(works.phases(), [Phase::Ended { end }]);
    assert_eq!(works.state.done.len(), changes - 1);
    assert!(
        says(&works).contains("leaves the queue"),
        "{}",
        says(&works)
    );
    let journal = works.journal();
    assert!(journal.last().unwrap().contains("withdraw 300"));
    // It is not sent again by a single key.
    works.press(&[Chord::ctrl('y')]);
    assert_eq!(works.phases().len(), 1);
}

#[test]
fn one_that_begins_while_it_is_asked_about_goes_on() {
    let mut works = sent();
    works.press(&[UNDO, RIGHT]);
    works.begin_jobs();
    works.press(&[ENTER]);
    assert_eq!(works.phases(), [Phase::Running]);
    assert!(
        says(&works).contains("has begun meanwhile"),
        "{}",
        says(&works)
    );
    // It is stepped over then, so that the change before it can be taken back.
    let changes = works.state.done.len();
    works.press(&[Chord::f(5), UNDO]);
    assert!(works.state.layers.is_empty());
    assert!(says(&works).contains("F7 stops it"), "{}", says(&works));
    assert_eq!(works.state.done.len(), changes - 1);
    assert_eq!(works.phases(), [Phase::Running]);
}

/// A run that was sent off and a console that knows of it.
fn launched(place: &mut Place) -> (crate::State, RunId) {
    let run = place.run("sent").id().clone();
    let mut state = place.state(Lang::En, (100, 30));
    place.tell(&mut state, Message::Launched(vec![run.clone()]));
    (state, run)
}

fn queued(id: &str, run: &RunId) -> JobRow {
    let mut row = job(id, Some(run), "sent");
    row.view.phase = Phase::Queued;
    row
}

#[test]
fn one_whose_run_is_not_listed_yet_either_can_be_taken_back_later() {
    let mut place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    place.list(&mut state, Vec::new());
    let run = place.run("sent").id().clone();
    place.tell(&mut state, Message::Launched(vec![run.clone()]));
    assert!(state.runs.find(&run).is_none());
    place.press(&mut state, &[UNDO]);
    let says = super::said(&state);
    assert!(says.contains("not listed so far"), "{says}");
    assert_eq!(state.done.len(), 1);
    place.list(&mut state, vec![queued("7", &run)]);
    place.press(&mut state, &[UNDO]);
    assert!(matches!(state.layers.last(), Some(Layer::Confirm(_))));
}

#[test]
fn a_job_that_is_not_listed_yet_can_be_taken_back_later() {
    let mut place = Place::new();
    let (mut state, run) = launched(&mut place);
    place.list(&mut state, Vec::new());
    place.press(&mut state, &[UNDO]);
    let toast = state.toast.as_ref().unwrap();
    assert!(
        toast.says.en.contains("not listed so far"),
        "{}",
        toast.says
    );
    assert_eq!(state.done.len(), 1);
    // A console of later can do it too, also on a host: the foreman is asked.
    let mut later = place.state(Lang::En, (100, 30));
    Memory::of(&state).recall(&mut later, Recall::All);
    place.list(&mut later, vec![queued("7", &run)]);
    let effects = place.press(&mut later, &[UNDO, RIGHT, ENTER]);
    let asked = |effect: &Effect| matches!(effect, Effect::Assign(Assignment::Withdraw { runs, jobs }) if *runs == [run.clone()] && jobs.len() == 1);
    assert!(effects.iter().any(asked), "{effects:?}");
    place.tell(&mut later, Message::Withdrawn(vec![run]));
    assert!(later.done.is_empty());
}

#[test]
fn of_a_sweep_those_that_wait_are_taken_back_by_their_number() {
    let mut place = Place::new();
    let runs: Vec<RunId> = (0..3).map(|_| place.run("sweep").id().clone()).collect();
    let mut state = place.state(Lang::Ko, (80, 24));
    place.tell(&mut state, Message::Launched(runs.clone()));
    let mut rows: Vec<JobRow> = runs.iter().map(|run| queued(run.as_str(), run)).collect();
    rows[0].view.phase = Phase::Running;
    rows.push(queued(
        "another",
        &"20240131-235959-x-1a2b".parse().unwrap(),
    ));
    place.list(&mut state, rows);
    place.press(&mut state, &[UNDO]);
    let Some(Layer::Confirm(confirm)) = state.layers.last() else {
        panic!("{:?}", state.layers);
    };
    assert_eq!(confirm.plan.word.as_deref(), Some("2"));
    assert!(confirm.plan.consequence.ko.contains("이미 시작한 1개"));
    let effects = place.press(&mut state, &[Chord::char('2'), RIGHT, ENTER]);
    assert!(
        matches!(&effects[..], [Effect::Assign(Assignment::Withdraw { jobs, .. })] if jobs.len() == 2),
        "{effects:?}"
    );
}

#[test]
fn a_read_only_console_takes_no_training_back() {
    let mut place = Place::new();
    let (mut state, run) = launched(&mut place);
    place.list(&mut state, vec![queued("7", &run)]);
    state.read_only = true;
    place.press(&mut state, &[UNDO, key(KeyCode::Right), ENTER]);
    assert!(state.layers.is_empty());
    assert_eq!(state.done.len(), 1);
}
