//! What leaves the form for trainings: sweeps that become several jobs, and live settings that a
//! worker answers.

use super::{
    Place,
    fakes::destinations,
    form::{at, set},
    key, preview, screen, typed,
};
use crate::{
    awaiting::Posted,
    caps::Glyphs,
    chord::Chord,
    launch::Stage,
    layer::Layer,
    message::{Assignment, Effect, Errand, Message},
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase};
use runs::{Ack, Command};

const ENTER: Chord = Chord::key(KeyCode::Enter);
const DOWN: Chord = Chord::key(KeyCode::Down);

#[test]
fn a_sweep_is_previewed_while_it_is_typed_and_refused_in_the_same_words() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    at(&place, &mut state, "agent.gamma");
    place.press(&mut state, &[ENTER, Chord::ctrl('u')]);
    place.press(&mut state, &typed("{0.9..0.99 4}"));
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("4 values: 0.9, 0.93, 0.96, 0.99"), "{seen}");
    place.press(&mut state, &[Chord::ctrl('u')]);
    place.press(&mut state, &typed("{0.9, 1.5}"));
    assert!(place.press(&mut state, &[ENTER]).is_empty());
    let single = config::find("agent.gamma")
        .unwrap()
        .parse("1.5")
        .unwrap_err();
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains(&single.message.en), "{seen}");
    place.press(&mut state, &[Chord::ctrl('u')]);
    place.press(&mut state, &typed("{0.9,0.99}"));
    place.press(&mut state, &[ENTER]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("{0.9,0.99}") && seen.contains("jobs 2"),
        "{seen}"
    );
}

#[test]
fn a_sweep_is_sent_only_after_its_number_was_typed() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    place.tell(&mut state, Message::Destinations(destinations()));
    set(&place, &mut state, "agent.gamma", "{0.9,0.95,0.99}");
    set(&place, &mut state, "agent.epochs", "{2,4}");
    place.press(&mut state, &[Chord::f(8)]);
    assert!(screen(&state, Glyphs::Unicode).contains("jobs: 6"));
    let effects = place.press(&mut state, &[DOWN, ENTER]);
    let [Effect::Assign(Assignment::Preview(order))] = &effects[..] else {
        panic!("{effects:?}");
    };
    let answered = Message::Previewed {
        order: order.clone(),
        outcome: Ok(preview()),
    };
    place.tell(&mut state, answered);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("agent.epochs: 2 values: 2, 4"), "{seen}");
    assert!(place.press(&mut state, &[ENTER]).is_empty());
    assert!(
        place
            .press(&mut state, &[Chord::char('7'), ENTER])
            .is_empty()
    );
    let counting = |state: &State| match state.layers.last() {
        Some(Layer::Launch(launch)) => launch.stage == Stage::Count,
        _ => false,
    };
    assert!(counting(&state));
    let effects = place.press(
        &mut state,
        &[key(KeyCode::Backspace), Chord::char('6'), ENTER],
    );
    let sent = |effect: &Effect| matches!(effect, Effect::Assign(Assignment::Train(sent)) if sent == order);
    assert!(
        effects.iter().all(sent) && effects.len() == 1,
        "{effects:?}"
    );
    assert!(state.layers.is_empty());
}

#[test]
fn a_live_setting_of_the_form_goes_to_the_running_training() {
    let mut place = Place::new();
    let (_run, _segment) = place.training("one");
    let mut state = place.state(Lang::En, (100, 30));
    set(&place, &mut state, "agent.clip_range", "0.1");
    assert_eq!(state.screen, Screen::Config);
    place.press(&mut state, &[Chord::f(6)]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("Clip range") && seen.contains("0.1"),
        "{seen}"
    );
    let effects = place.press(&mut state, &[ENTER, key(KeyCode::Right), ENTER]);
    let posted = |effect: &Effect| matches!(effect, Effect::Run(Errand::Post { command, .. }) if command.to_string() == "set agent.clip_range = 0.1");
    assert!(effects.iter().any(posted), "{effects:?}");
    // Any other setting of the form opens the list.
    at(&place, &mut state, "agent.epochs");
    place.press(&mut state, &[Chord::f(6)]);
    assert!(matches!(state.layers.last(), Some(Layer::Pick(_))));
}

#[test]
fn the_worker_s_answer_is_awaited_and_told() {
    let mut place = Place::new();
    let (run, mut segment) = place.training("one");
    let mut state = place.state(Lang::En, (100, 30));
    let posted = |number: u64, command: &str| {
        Message::Posted(Posted {
            run: run.id().clone(),
            number,
            command: command.to_owned(),
        })
    };
    place.tell(&mut state, posted(1, "set agent.clip_range = 0.1"));
    place.tell(&mut state, posted(2, "set agent.epochs = 3"));
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("command 2 sent"), "{seen}");
    state.toast = None;
    let seen = screen(&state, Glyphs::Unicode);
    let waits = "waiting for the worker's answer: set agent.clip_range = 0.1";
    assert!(seen.contains(waits), "{seen}");
    let set = |key: &str, value: &str| Command::Set {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let first = set("agent.clip_range", "0.1");
    segment
        .acknowledge(1, &first, Ack::Accepted, &place.clock)
        .unwrap();
    segment.journals().flush().unwrap();
    place.look(&mut state);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("the worker answered: set agent.clip_range = 0.1 accepted"),
        "{seen}"
    );
    let reason = Phrase::new("agent.epochs cannot change", "바꿀 수 없음");
    let second = set("agent.epochs", "3");
    segment
        .acknowledge(2, &second, Ack::Refused { reason }, &place.clock)
        .unwrap();
    segment.journals().flush().unwrap();
    place.look(&mut state);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("refused set agent.epochs = 3: agent.epochs cannot change"),
        "{seen}"
    );
    state.toast = None;
    assert!(!screen(&state, Glyphs::Unicode).contains("waiting for the worker"));
    // An answer that was read before the number was known is not missed.
    place.tell(&mut state, posted(1, "set agent.clip_range = 0.1"));
    assert!(screen(&state, Glyphs::Unicode).contains("accepted"));
}
