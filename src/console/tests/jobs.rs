//! The screen of jobs: what keys and news do to it.

use super::{
    Place,
    fakes::{job, queue},
    key, screen, typed,
};
use crate::{
    caps::Glyphs,
    chord::Chord,
    job_list::JobName,
    layer::Layer,
    message::{Assignment, Effect, Errand, Message},
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase};
use jobs::{End, JobId, JobRow, Phase, Signal};
use rstest::rstest;

fn opened(place: &Place, jobs: Vec<JobRow>) -> State {
    let mut state = place.state(Lang::En, (100, 30));
    place.list(&mut state, jobs);
    place.press(&mut state, &[Chord::char('7')]);
    state
}

fn chosen(state: &State) -> &str {
    state
        .jobs
        .chosen()
        .map_or("", |job| job.row.view.id.as_str())
}

fn name(id: &str) -> JobName {
    JobName {
        profile: "klone".into(),
        id: JobId::new(id),
    }
}

/// The command of the question on top.
fn question(state: &State) -> (&str, &str) {
    match state.layers.last() {
        Some(Layer::Confirm(confirm)) => (&confirm.plan.command, &confirm.plan.consequence.en),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_choice_stays_on_its_job_when_the_list_changes() {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    place.press(&mut state, &[key(KeyCode::Down); 4]);
    assert_eq!(chosen(&state), "260");
    let mut jobs = queue(None);
    jobs.insert(0, job("300", None, "newer"));
    jobs.remove(3);
    place.list(&mut state, jobs);
    assert_eq!(chosen(&state), "260");
    let without: Vec<JobRow> = queue(None)
        .into_iter()
        .filter(|row| row.view.id.as_str() != "260")
        .collect();
    place.list(&mut state, without);
    assert_eq!(chosen(&state), "l-000013", "the nearest row");
    place.list(&mut state, Vec::new());
    assert!(state.jobs.chosen().is_none());
    place.press(&mut state, &[Chord::f(7), key(KeyCode::Enter)]);
    assert!(state.layers.is_empty());
}

#[test]
fn a_job_that_got_another_number_keeps_the_choice_by_its_run() {
    let mut place = Place::new();
    let run = place.judged("one");
    let jobs = |id| vec![job("1", None, "a"), job(id, Some(run.id()), "b")];
    let mut state = opened(&place, jobs("2"));
    assert_eq!(chosen(&state), "2", "the chosen run's job is gone to");
    let mut news = jobs("7");
    news.insert(0, job("9", None, "c"));
    place.list(&mut state, news);
    assert_eq!(chosen(&state), "7");
}

#[rstest]
#[case(Chord::f(7), Signal::Stop, "makook jobs stop 259_3")]
#[case(Chord::char('x'), Signal::Kill, "makook jobs cancel 259_3")]
#[case(Chord::ctrl('u'), Signal::Requeue, "makook jobs requeue 259_3")]
fn one_job_is_asked_after_a_question_with_the_exact_command(
    #[case] chord: Chord,
    #[case] signal: Signal,
    #[case] command: &str,
) {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    place.press(&mut state, &[chord]);
    assert_eq!(question(&state).0, command);
    assert!(place.press(&mut state, &[key(KeyCode::Enter)]).is_empty());
    place.press(&mut state, &[chord, key(KeyCode::Right)]);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let jobs = vec![name("259_3")];
    assert_eq!(
        effects,
        [Effect::Assign(Assignment::Signal { jobs, signal })]
    );
}

#[test]
fn several_jobs_need_their_number_typed() {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    let mark = Chord::char(' ');
    place.press(&mut state, &[mark, mark, key(KeyCode::Delete)]);
    assert_eq!(question(&state).0, "makook jobs cancel 259_3 259_4");
    place.press(&mut state, &[key(KeyCode::Right)]);
    assert!(place.press(&mut state, &[key(KeyCode::Enter)]).is_empty());
    assert!(!state.layers.is_empty(), "the number is missing");
    place.press(&mut state, &typed("3"));
    assert!(place.press(&mut state, &[key(KeyCode::Enter)]).is_empty());
    place.press(&mut state, &[key(KeyCode::Backspace), Chord::char('2')]);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let expected = Assignment::Signal {
        jobs: vec![name("259_3"), name("259_4")],
        signal: Signal::Kill,
    };
    assert_eq!(effects, [Effect::Assign(expected)]);
}

#[test]
fn what_is_over_is_not_asked_again() {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    place.press(&mut state, &[key(KeyCode::End), Chord::f(7)]);
    assert!(state.layers.is_empty());
    assert!(super::said(&state).contains("is over"));
    // Of several marked ones only those that are alive are meant.
    let mark = Chord::char(' ');
    place.press(&mut state, &[mark, key(KeyCode::Home), mark, Chord::f(7)]);
    assert_eq!(question(&state).0, "makook jobs stop 259_3");
    let waits = [key(KeyCode::Esc), key(KeyCode::Esc), key(KeyCode::Home)];
    place.press(&mut state, &waits);
    place.press(&mut state, &[key(KeyCode::Down); 4]);
    place.press(&mut state, &[Chord::ctrl('u')]);
    assert!(state.layers.is_empty(), "a waiting job cannot be requeued");
    place.press(&mut state, &[Chord::f(7)]);
    assert!(question(&state).1.contains("leaves the queue"));
}

#[test]
fn an_array_is_throttled_from_what_runs_then_from_what_was_allowed() {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    place.press(&mut state, &[Chord::char('+')]);
    assert_eq!(question(&state).0, "makook jobs throttle 259 4");
    place.press(&mut state, &[key(KeyCode::Right)]);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let throttle = Assignment::Throttle {
        job: name("259_3"),
        at_most: 4,
    };
    assert_eq!(effects, [Effect::Assign(throttle)]);
    let done = Message::Throttled {
        job: name("259_3"),
        at_most: 4,
    };
    place.tell(&mut state, done);
    place.press(&mut state, &[Chord::char('+')]);
    assert_eq!(question(&state).0, "makook jobs throttle 259 8");
    place.press(&mut state, &[key(KeyCode::Esc), Chord::char('-')]);
    assert_eq!(question(&state).0, "makook jobs throttle 259 2");
    place.press(&mut state, &[key(KeyCode::Esc)]);
    place.press(&mut state, &[key(KeyCode::Down); 2]);
    place.press(&mut state, &[Chord::char('+')]);
    assert!(state.layers.is_empty(), "a single job is no array");
}

#[test]
fn the_job_decides_which_run_is_looked_at_and_opened() {
    let mut place = Place::new();
    let run = place.judged("one");
    let other = place.judged("two");
    let jobs = vec![job("1", None, "a"), job("2", Some(run.id()), "b")];
    let mut state = opened(&place, jobs);
    assert_eq!(state.runs.chosen.as_ref(), Some(other.id()));
    assert!(state.run().is_none(), "job 1 has no run here");
    let effects = place.press(&mut state, &[key(KeyCode::Down)]);
    let watches =
        |effect: &Effect| matches!(effect, Effect::Watch(Some((id, _))) if id == run.id());
    assert!(effects.iter().any(watches), "{effects:?}");
    let effects = place.press(&mut state, &[Chord::ctrl('o')]);
    assert!(
        matches!(&effects[..], [Effect::Run(Errand::Script { run: asked, .. })] if asked == run.id())
    );
    place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(state.screen, Screen::Performance);
    assert_eq!(state.runs.chosen.as_ref(), Some(run.id()));
    place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!((state.screen, chosen(&state)), (Screen::Jobs, "2"));
}

#[test]
fn a_script_is_shown_and_left_again() {
    let mut place = Place::new();
    let run = place.judged("one");
    let mut state = opened(&place, queue(Some(run.id())));
    let script = Message::Script {
        run: run.id().clone(),
        outcome: Ok("#!/bin/bash\n".repeat(60) + "exec last"),
    };
    place.tell(&mut state, script);
    place.press(&mut state, &[key(KeyCode::End)]);
    assert!(screen(&state, Glyphs::Unicode).contains("exec last"));
    place.press(&mut state, &[key(KeyCode::Esc)]);
    assert!(state.layers.is_empty());
}

#[test]
fn a_filter_narrows_and_escape_shows_all() {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    place.press(&mut state, &[Chord::char('/')]);
    place.press(&mut state, &typed("ckpt big"));
    assert_eq!(state.jobs.count(), 0, "no single text has both");
    place.press(&mut state, &[Chord::ctrl('u')]);
    place.press(&mut state, &typed("QOSMax"));
    place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!((state.jobs.count(), chosen(&state)), (1, "260"));
    place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!((state.jobs.count(), chosen(&state)), (9, "260"));
}

#[test]
fn read_only_leaves_looking() {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    state.read_only = true;
    let keys = [
        Chord::f(7),
        Chord::char('x'),
        Chord::ctrl('u'),
        Chord::char('+'),
        Chord::f(8),
    ];
    assert!(place.press(&mut state, &keys).is_empty());
    assert!(state.layers.is_empty());
}

#[test]
fn a_backend_that_fails_says_so_and_the_former_list_stays() {
    let place = Place::new();
    let mut state = opened(&place, queue(None));
    let why = Phrase::new(
        "squeue gave no answer within 20 s",
        "squeue가 20초 안에 답하지 않았습니다",
    );
    place.tell(&mut state, Message::Jobs(Err(why)));
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("! squeue gave no answer") && seen.contains("259_4"),
        "{seen}"
    );
}

#[test]
fn the_run_has_the_last_word_on_what_came_out() {
    let place = Place::new();
    let mut row = job("1", None, "a");
    row.view.phase = Phase::Ended {
        end: End::Completed,
    };
    row.state = Some(runs::State::Failed);
    let state = opened(&place, vec![row]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains(runs::State::Failed.label().en), "{seen}");
}

#[test]
fn the_dashboard_sums_the_jobs_up() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    place.list(&mut state, queue(None));
    let seen = screen(&state, Glyphs::Unicode);
    let line = seen.lines().find(|line| line.starts_with("Jobs")).unwrap();
    for part in [
        "running 3",
        "waiting 3",
        "to look at 3",
        "GPUs 2",
        "klone 0:20 ago",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}
