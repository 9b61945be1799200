//! What keys and messages do, step by step.

use super::{Place, drawn, key, typed};
use crate::{
    canvas::Canvas,
    caps::Glyphs,
    chord::Chord,
    layer::Layer,
    message::{Effect, Errand, Message},
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, Phrase};
use runs::Command;
use std::time::Duration;

fn opened(place: &Place) -> State {
    place.state(Lang::En, (100, 30))
}

#[test]
fn stopping_needs_a_second_deliberate_key() {
    let mut place = Place::new();
    let (_, _segment) = place.training("one");
    let mut state = opened(&place);
    place.press(&mut state, &[Chord::f(7)]);
    assert!(
        place.press(&mut state, &[key(KeyCode::Enter)]).is_empty(),
        "Cancel is chosen first"
    );
    place.press(&mut state, &[Chord::f(7), key(KeyCode::Right)]);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let stops = |effect: &Effect| {
        matches!(
            effect,
            Effect::Run(Errand::Post {
                command: Command::Stop,
                ..
            })
        )
    };
    assert!(effects.len() == 1 && stops(&effects[0]), "{effects:?}");
    assert!(state.layers.is_empty());
}

#[test]
fn a_list_that_changes_does_not_redirect_a_question() {
    let mut place = Place::new();
    let (run, _segment) = place.training("one");
    let mut state = opened(&place);
    place.press(&mut state, &[Chord::f(7)]);
    place.judged("newer");
    place.look(&mut state);
    place.press(
        &mut state,
        &[key(KeyCode::Up), key(KeyCode::Down), key(KeyCode::Right)],
    );
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let to = match &effects[..] {
        [Effect::Run(Errand::Post { path, .. })] => path.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(to, run.path());
}

#[test]
fn tuning_goes_from_list_to_line_to_question() {
    let mut place = Place::new();
    let (_, _segment) = place.training("one");
    let mut state = opened(&place);
    place.press(
        &mut state,
        &[Chord::f(6), key(KeyCode::Enter), Chord::ctrl('u')],
    );
    place.press(&mut state, &typed("2"));
    place.press(&mut state, &[key(KeyCode::Enter)]);
    let refused = matches!(state.layers.last(), Some(Layer::Entry(e)) if e.refusal.is_some());
    assert!(refused, "a learning rate of 2 is out of range");
    place.press(&mut state, &[Chord::ctrl('u')]);
    place.press(&mut state, &typed("1e-4"));
    place.press(&mut state, &[key(KeyCode::Enter), key(KeyCode::Right)]);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let set = Command::Set {
        key: "agent.learning_rate".into(),
        value: "1e-4".into(),
    };
    let posts =
        matches!(&effects[..], [Effect::Run(Errand::Post { command, .. })] if *command == set);
    assert!(posts, "{effects:?}");
}

#[test]
fn changes_reach_the_launch_and_can_be_taken_back() {
    let place = Place::new();
    let mut state = opened(&place);
    place.press(&mut state, &[Chord::char('2'), Chord::ctrl('f')]);
    place.press(&mut state, &typed("clip_range"));
    place.press(&mut state, &[key(KeyCode::Enter)]);
    let effects = place.press(&mut state, &[key(KeyCode::Right)]);
    assert!(
        matches!(&effects[..], [Effect::Run(Errand::Settings { sets, .. })] if sets == &["agent.clip_range=0.22"])
    );
    place.press(&mut state, &[Chord::f(8)]);
    let Some(Layer::Launch(launch)) = state.layers.last() else {
        panic!("{:?}", state.layers);
    };
    assert_eq!(launch.order.sets, ["agent.clip_range=0.22"]);
    place.press(&mut state, &[key(KeyCode::Esc)]);
    place.press(&mut state, &[Chord::ctrl('z')]);
    assert!(state.form.changes.is_empty());
    place.press(&mut state, &[Chord::ctrl('y')]);
    assert_eq!(state.form.sets(), ["agent.clip_range=0.22"]);
}

#[test]
fn a_launched_training_is_shown() {
    let mut place = Place::new();
    let mut state = opened(&place);
    let run = place.run("fresh");
    place.tell(&mut state, Message::Launched(vec![run.id().clone()]));
    place.look(&mut state);
    assert_eq!(state.screen, Screen::Run);
    assert_eq!(state.run().map(|run| run.name.as_str()), Some("fresh"));
}

#[test]
fn a_removed_run_comes_back_with_undo() {
    let mut place = Place::new();
    let run = place.judged("one");
    let mut state = opened(&place);
    place.press(&mut state, &[key(KeyCode::Delete), key(KeyCode::Right)]);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert!(matches!(&effects[..], [Effect::Run(Errand::Remove { .. })]));
    place.tell(&mut state, Message::Removed(run.id().clone()));
    let effects = place.press(&mut state, &[Chord::ctrl('z')]);
    assert_eq!(effects, [Effect::Run(Errand::Restore(run.id().clone()))]);
}

#[test]
fn the_choice_stays_when_runs_come_and_go() {
    let mut place = Place::new();
    place.judged("one");
    let second = place.judged("two");
    let mut state = opened(&place);
    assert_eq!(state.runs.chosen.as_ref(), Some(second.id()));
    let third = place.judged("three");
    place.look(&mut state);
    assert_eq!(state.runs.chosen.as_ref(), Some(second.id()));
    std::fs::remove_dir_all(second.path()).unwrap();
    place.look(&mut state);
    assert!(state.run().is_some());
    std::fs::remove_dir_all(third.path()).unwrap();
    place.look(&mut state);
    assert_eq!(state.run().map(|run| run.name.as_str()), Some("one"));
}

#[test]
fn data_of_another_run_are_not_shown() {
    let mut place = Place::new();
    place.judged("one");
    place.judged("two");
    let mut state = opened(&place);
    assert!(state.data().is_some());
    let effects = place.press(&mut state, &[key(KeyCode::Down)]);
    assert!(matches!(&effects[..], [Effect::Watch(Some(_))]));
    assert!(state.data().is_none());
}

#[test]
fn escape_leads_out_layer_by_layer() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = opened(&place);
    place.press(
        &mut state,
        &[Chord::char('3'), key(KeyCode::Enter), Chord::f(1)],
    );
    let esc = [key(KeyCode::Esc)];
    place.press(&mut state, &esc);
    assert!(state.layers.is_empty() && state.zoomed);
    place.press(&mut state, &esc);
    assert!(!state.zoomed && state.screen == Screen::Run);
    place.press(&mut state, &esc);
    assert_eq!(state.screen, Screen::Dashboard);
}

#[test]
fn a_remark_goes_by_itself() {
    let place = Place::new();
    let mut state = opened(&place);
    place.tell(&mut state, Message::Failed(Phrase::new("no", "안 됨")));
    assert!(state.toast.is_some());
    place.clock.advance(Duration::from_secs(11));
    place.tell(&mut state, Message::Tick);
    assert!(state.toast.is_none());
    assert!(place.clock.steady() > Duration::ZERO);
}

#[test]
fn help_does_what_it_lists() {
    let place = Place::new();
    let mut state = opened(&place);
    place.press(&mut state, &[Chord::f(1)]);
    place.press(&mut state, &typed("screen.logs"));
    place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(state.screen, Screen::Logs);
}

#[test]
fn an_arrow_key_in_a_list_costs_few_bytes() {
    let mut place = Place::new();
    for n in 0..12 {
        place.run(&format!("run {n}"));
    }
    let mut state = place.state(Lang::En, (200, 60));
    let (mut canvas, mut out) = (Canvas::default(), Vec::new());
    let full = canvas
        .show(&mut out, drawn(&state, Glyphs::Unicode), None)
        .unwrap();
    assert!(full <= 24 * 1024, "{full} bytes for the whole screen");
    place.press(&mut state, &[Chord::char('2')]);
    canvas
        .show(&mut out, drawn(&state, Glyphs::Unicode), None)
        .unwrap();
    place.press(&mut state, &[key(KeyCode::Down); 4]);
    canvas
        .show(&mut out, drawn(&state, Glyphs::Unicode), None)
        .unwrap();
    place.press(&mut state, &[Chord::char('1')]);
    canvas
        .show(&mut out, drawn(&state, Glyphs::Unicode), None)
        .unwrap();
    place.press(&mut state, &[key(KeyCode::Down)]);
    let step = canvas
        .show(&mut out, drawn(&state, Glyphs::Unicode), None)
        .unwrap();
    assert!(
        step <= 600,
        "{step} bytes for one arrow key, with the run beside the list"
    );
}
