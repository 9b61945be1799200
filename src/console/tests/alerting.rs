//! What needs a person: that it is told, leads to where something can be done, and that nothing is
//! told where nothing is the matter.

use super::{
    Place,
    fakes::{job, queue},
    key, screen,
};
use crate::{
    alerts::{Alert, Goal, alerts},
    caps::Glyphs,
    chord::Chord,
    hands::LineTrouble,
    host::Host,
    layer::Layer,
    memory::{Memory, Recall},
    message::{Effect, Errand, LineNews, Message},
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, Phrase};
use jobs::{End, JobRow, Phase};
use rstest::rstest;
use runs::{Best, Failure, Outcome, RunDir, Segment, State as RunState};
use std::time::Duration;

const ENTER: Chord = Chord::key(KeyCode::Enter);
const NEEDS: Chord = Chord::f(3);

fn failed(place: &mut Place, name: &str, cancelled: bool) -> RunDir {
    let run = place.run(name);
    let segment = Segment::begin(&run, None, &place.clock).unwrap();
    let failure = Failure {
        at: place.clock.now(),
        segment: 1,
        says: Phrase::new("the disk is full", "디스크가 가득 찼습니다"),
        hint: Phrase::new("make room", "공간을 비우세요"),
        causes: Vec::new(),
        cancelled,
    };
    segment
        .finish(&Outcome::Failed(failure), &place.clock)
        .unwrap();
    run
}

fn said(state: &State) -> Vec<String> {
    alerts(state).into_iter().map(|one| one.says.en).collect()
}

fn only(state: &State) -> Alert {
    let mut found = alerts(state);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn where_nothing_is_the_matter_nothing_needs_anybody() {
    let mut place = Place::new();
    place.judged("one");
    failed(&mut place, "given up", true);
    let mut state = place.state(Lang::En, (120, 40));
    // Jobs that run, that wait their turn, and that ended well or by a person's will.
    let calm = |row: &JobRow| row.badges.is_empty();
    place.list(&mut state, queue(None).into_iter().filter(calm).collect());
    assert_eq!(said(&state), [""; 0]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("Nothing needs you"), "{seen}");
    assert!(place.press(&mut state, &[NEEDS]).is_empty());
    assert!(state.layers.is_empty());
    let says = state.toast.unwrap().says.en;
    assert_eq!(says, "nothing needs you now");
}

#[test]
fn a_failed_run_leads_to_its_log_and_is_told_once() {
    let mut place = Place::new();
    let run = failed(&mut place, "one", false);
    place.judged("two");
    let mut state = place.state(Lang::En, (120, 40));
    let end = &run.id().as_str()[run.id().as_str().len() - 4..];
    assert_eq!(
        said(&state),
        [format!("one {end} failed: the disk is full")]
    );
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
        let seen = screen(&state, glyphs);
        assert!(seen.contains("Needs you 1  F3"), "{seen}");
        assert!(seen.contains("failed: the disk is full"), "{seen}");
    }
    place.press(&mut state, &[NEEDS]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("its log says why"), "{seen}");
    place.press(&mut state, &[ENTER]);
    assert_eq!(state.screen, Screen::Logs);
    assert_eq!(state.runs.chosen.as_ref(), Some(run.id()));
    assert_eq!(said(&state), [""; 0]);
    // The next console knows too.
    let memory = Memory::of(&state);
    let project = place.home.root().parent().unwrap();
    let mut later = State::new(project, Lang::En, (120, 40), None);
    memory.recall(&mut later, Recall::All);
    place.look(&mut later);
    assert_eq!(said(&later), [""; 0]);
}

#[test]
fn what_failed_long_before_the_newest_run_is_let_rest() {
    let mut place = Place::new();
    failed(&mut place, "old", false);
    place.clock.advance(Duration::from_secs(8 * 86_400));
    place.judged("new");
    let state = place.state(Lang::En, (120, 40));
    assert_eq!(said(&state), [""; 0]);
}

#[test]
fn a_crashed_and_a_paused_run_are_told() {
    let mut place = Place::new();
    let (_run, segment) = place.training("held");
    segment
        .status()
        .edit(|status| status.state = RunState::Paused);
    segment.status().write_now(&place.clock).unwrap();
    place.judged("gone");
    let mut state = place.state(Lang::En, (120, 40));
    state.runs.all[0].state = RunState::Crashed;
    let told = said(&state).join("\n");
    assert!(
        told.contains(" crashed") && told.contains(" is paused"),
        "{told}"
    );
    place.press(&mut state, &[NEEDS, Chord::char('2')]);
    assert_eq!(state.screen, Screen::Run);
    assert!(state.run().unwrap().name == "held");
}

#[test]
fn jobs_that_want_a_look_lead_to_themselves() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (120, 40));
    place.list(&mut state, queue(None));
    let told = said(&state);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].starts_with("ppo btc has stood still"), "{told:?}");
    assert!(told[2].starts_with("crashed one ended without"), "{told:?}");
    place.press(&mut state, &[NEEDS, key(KeyCode::Down), ENTER]);
    assert_eq!(state.screen, Screen::Jobs);
    assert_eq!(state.jobs.chosen().unwrap().row.title, "local one");
}

#[rstest]
#[case("InvalidAccount", true)]
#[case("JobHeldUser", true)]
#[case("DependencyNeverSatisfied", true)]
#[case("PartitionTimeLimit", true)]
#[case("Priority", false)]
#[case("QOSMaxJobsPerUserLimit", false)]
#[case("QOSGrpGRES", false)]
#[case("JobArrayTaskLimit", false)]
#[case("BeginTime", false)]
#[case("SomethingNew", false)]
fn a_job_that_waits_needs_a_person_only_for_some_reasons(#[case] raw: &str, #[case] needs: bool) {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (120, 40));
    let waiting = |phase| {
        let mut row = job("9", None, "waiting one");
        (row.view.phase, row.view.raw_reason) = (phase, Some(raw.to_owned()));
        row
    };
    place.list(&mut state, vec![waiting(Phase::Queued)]);
    assert_eq!(said(&state).len(), usize::from(needs), "{:?}", said(&state));
    // One that runs is held up by nothing, whatever its scheduler remembers.
    place.list(&mut state, vec![waiting(Phase::Running)]);
    assert_eq!(said(&state), [""; 0]);
}

#[test]
fn a_severe_finding_of_the_chosen_run_opens_its_page() {
    let mut place = Place::new();
    let (run, _segment) = place.training("one");
    let mut state = place.state(Lang::En, (120, 40));
    let alert = only(&state);
    assert!(
        alert
            .says
            .en
            .ends_with("a figure of the update is no number")
    );
    assert_eq!(alert.goal, Goal::Health(run.id().clone()));
    place.press(&mut state, &[NEEDS, ENTER]);
    assert!(matches!(state.layers.last(), Some(Layer::Page(_))));
    // It lasts until it is mended.
    assert_eq!(alerts(&state).len(), 1);
}

#[test]
fn a_full_disk_and_a_lost_line_are_told_while_they_last() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (120, 40));
    let full = Host {
        low_disk: Some(3),
        ..Host::default()
    };
    place.tell(&mut state, Message::Host(full));
    assert!(only(&state).says.en.ends_with("nearly full: 3 GiB left"));
    place.tell(&mut state, Message::Host(Host::default()));
    assert_eq!(said(&state), [""; 0]);
    let line = |lost: bool| {
        Message::Line(LineNews {
            host: "klone".into(),
            trouble: Some(LineTrouble {
                lost,
                why: Phrase::new("the network went away", "네트워크가 끊겼습니다"),
            }),
            silent: Duration::from_secs(90),
        })
    };
    place.tell(&mut state, line(false));
    assert_eq!(said(&state), [""; 0]);
    place.tell(&mut state, line(true));
    assert!(
        only(&state)
            .says
            .en
            .starts_with("the line to klone is lost")
    );
    let effects = place.press(&mut state, &[NEEDS, ENTER]);
    assert_eq!(effects, [Effect::Run(Errand::Reconnect)]);
}

#[test]
fn a_sweep_that_ended_names_its_best_run() {
    let mut place = Place::new();
    let mut runs = Vec::new();
    for (name, value) in [("low", 0.1), ("high", 0.4), ("odd", f64::NAN)] {
        let run = place.run(name);
        let segment = Segment::begin(&run, None, &place.clock).unwrap();
        segment.status().edit(|status| {
            status.state = RunState::Interrupted;
            let metric = "valid/score".to_owned();
            let (step, seed) = (1, None);
            status.best = Some(Best {
                metric,
                value,
                step,
                seed,
            });
        });
        segment.status().write_now(&place.clock).unwrap();
        let why = Phrase::new("stopped", "멈춤");
        segment
            .suspend(RunState::Interrupted, why, &place.clock)
            .unwrap();
        runs.push(run.id().clone());
    }
    let mut state = place.state(Lang::En, (120, 40));
    let task = |n: usize, phase| {
        let mut row = job(&format!("77_{n}"), Some(&runs[n]), "task");
        row.view.phase = phase;
        row
    };
    let end = End::Completed;
    let over = |n: usize| task(n, Phase::Ended { end });
    place.list(&mut state, vec![over(0), over(1), task(2, Phase::Running)]);
    assert_eq!(said(&state), [""; 0]);
    place.list(&mut state, vec![over(0), over(1), over(2)]);
    let says = only(&state).says.en;
    assert!(
        says.starts_with("sweep 77 of 3 jobs ended; the best is high"),
        "{says}"
    );
    place.press(&mut state, &[NEEDS, ENTER]);
    assert_eq!(state.runs.chosen.as_ref(), Some(&runs[1]));
    assert_eq!(said(&state), [""; 0]);
}

#[test]
fn many_alerts_leave_room_for_the_list_at_any_size() {
    let mut place = Place::new();
    place.judged("one");
    for n in 0..12 {
        failed(&mut place, &format!("bad {n}"), false);
    }
    for size in [(80, 24), (120, 40), (200, 60), (40, 12), (1, 1)] {
        for lang in [Lang::En, Lang::Ko] {
            let state = place.state(lang, size);
            let seen = screen(&state, Glyphs::Unicode);
            if size.1 >= 24 {
                assert!(seen.contains("F3"), "{seen}");
                assert!(seen.contains("bad-11") && seen.contains("bad-9"), "{seen}");
            }
        }
    }
}
