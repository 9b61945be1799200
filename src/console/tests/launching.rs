//! Starting a training: place, preview, script, sending; and settings that were measured.

use super::{
    Place,
    fakes::{destinations, preview},
    key, screen, typed,
};
use crate::{
    calibration::{Calibration, Found},
    caps::Glyphs,
    chord::Chord,
    hands::Order,
    launch::Stage,
    layer::Layer,
    message::{Assignment, Effect, Errand, Message},
    state::{Change, Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase};
use runs::RunId;

const ENTER: Chord = Chord::key(KeyCode::Enter);
const ESC: Chord = Chord::key(KeyCode::Esc);
const DOWN: Chord = Chord::key(KeyCode::Down);

fn opened(place: &Place) -> State {
    let mut state = place.state(Lang::En, (100, 30));
    place.tell(&mut state, Message::Destinations(destinations()));
    place.press(&mut state, &[Chord::char('2'), Chord::f(8)]);
    state
}

fn to_klone() -> Order {
    Order {
        on: Some("klone".into()),
        ..Order::default()
    }
}

/// Chooses the second place and has it answer.
fn previewed(place: &Place, state: &mut State) {
    let effects = place.press(state, &[DOWN, ENTER]);
    assert_eq!(effects, [Effect::Assign(Assignment::Preview(to_klone()))]);
    let answer = Message::Previewed {
        order: to_klone(),
        outcome: Ok(preview()),
    };
    place.tell(state, answer);
}

fn stage(state: &State) -> Option<Stage> {
    match state.layers.last() {
        Some(Layer::Launch(launch)) => Some(launch.stage),
        _ => None,
    }
}

#[test]
fn nothing_is_sent_before_the_exact_command_was_seen() {
    let place = Place::new();
    let mut state = opened(&place);
    place.press(&mut state, &[DOWN, ENTER]);
    assert!(
        place.press(&mut state, &[ENTER]).is_empty(),
        "still being asked"
    );
    place.press(&mut state, &[ESC, key(KeyCode::Up)]);
    previewed(&place, &mut state);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("sbatch --parsable '/gscratch/stf/my runs/launch.sbatch'"),
        "{seen}"
    );
    assert!(seen.contains("#SBATCH --requeue"), "{seen}");
    let effects = place.press(&mut state, &[ENTER]);
    assert_eq!(effects, [Effect::Assign(Assignment::Train(to_klone()))]);
    assert!(state.layers.is_empty());
}

#[test]
fn a_refused_preview_cannot_be_sent() {
    let place = Place::new();
    let mut state = opened(&place);
    place.press(&mut state, &[DOWN, ENTER]);
    let why = Phrase::new(
        "partition x does not exist\nuse ckpt-all",
        "파티션 x가 없습니다",
    );
    let outcome = Err(why);
    place.tell(
        &mut state,
        Message::Previewed {
            order: to_klone(),
            outcome,
        },
    );
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("partition x does not exist") && seen.contains("use ckpt-all"),
        "{seen}"
    );
    assert!(place.press(&mut state, &[ENTER, Chord::f(3)]).is_empty());
    assert_eq!(stage(&state), Some(Stage::Preview));
    place.press(&mut state, &[ESC, ESC]);
    assert!(state.layers.is_empty());
}

#[test]
fn an_answer_for_another_place_is_dropped() {
    let place = Place::new();
    let mut state = opened(&place);
    place.press(&mut state, &[ENTER]);
    let answer = Message::Previewed {
        order: to_klone(),
        outcome: Ok(preview()),
    };
    place.tell(&mut state, answer);
    assert!(place.press(&mut state, &[ENTER]).is_empty());
}

#[test]
fn an_edited_script_is_what_is_sent_and_comes_back_when_refused() {
    let place = Place::new();
    let mut state = opened(&place);
    previewed(&place, &mut state);
    place.press(&mut state, &[Chord::f(3), DOWN, key(KeyCode::End), ENTER]);
    place.press(&mut state, &typed("#SBATCH --nice"));
    place.press(&mut state, &[ESC]);
    assert_eq!(stage(&state), Some(Stage::Preview));
    let effects = place.press(&mut state, &[ENTER]);
    let [Effect::Assign(Assignment::Train(order))] = &effects[..] else {
        panic!("{effects:?}");
    };
    let script = order.script.clone().unwrap();
    let generated = preview().script.unwrap();
    let second = "#SBATCH --job-name='첫 실험'\n";
    assert_eq!(
        script,
        generated.replace(second, &format!("{second}#SBATCH --nice\n"))
    );
    // The refusal comes while something else is being typed: that stays on top.
    place.press(&mut state, &[Chord::ctrl('f')]);
    let why = Phrase::new("invalid account", "잘못된 계정");
    let refused = Message::Refused {
        order: order.clone(),
        why,
    };
    let effects = place.tell(&mut state, refused);
    assert_eq!(effects, [Effect::Assign(Assignment::Preview(to_klone()))]);
    assert!(matches!(state.layers.last(), Some(Layer::Entry(_))));
    place.press(&mut state, &[ESC]);
    let answer = Message::Previewed {
        order: to_klone(),
        outcome: Ok(preview()),
    };
    place.tell(&mut state, answer);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("invalid account") && seen.contains("#SBATCH --nice"),
        "{seen}"
    );
    let effects = place.press(&mut state, &[ENTER]);
    assert!(matches!(&effects[..], [Effect::Assign(Assignment::Train(again))] if again == order));
}

#[test]
fn the_generated_script_comes_back_with_one_key() {
    let place = Place::new();
    let mut state = opened(&place);
    previewed(&place, &mut state);
    place.press(&mut state, &[Chord::f(3), key(KeyCode::Delete), ESC]);
    let effects = place.press(&mut state, &[Chord::f(5)]);
    assert_eq!(effects, [Effect::Assign(Assignment::Preview(to_klone()))]);
    let answer = Message::Previewed {
        order: to_klone(),
        outcome: Ok(preview()),
    };
    place.tell(&mut state, answer);
    let effects = place.press(&mut state, &[ENTER]);
    assert_eq!(effects, [Effect::Assign(Assignment::Train(to_klone()))]);
}

#[test]
fn a_training_that_starts_late_tears_nobody_away() {
    let place = Place::new();
    let mut state = opened(&place);
    place.press(&mut state, &[ESC, Chord::ctrl('f')]);
    place.tell(
        &mut state,
        Message::Launched(vec!["20240131-235959-x-1a2b".parse().unwrap()]),
    );
    assert_eq!(state.screen, Screen::Config);
    assert!(state.toast.is_some());
}

#[test]
fn nothing_else_is_taken_back_while_a_training_is_being_sent() {
    let place = Place::new();
    let mut state = opened(&place);
    let removed: RunId = "20240131-235959-x-1a2b".parse().unwrap();
    state.done.push(Change::Removed(removed.clone()));
    previewed(&place, &mut state);
    place.press(&mut state, &[ENTER]);
    let undo = [Chord::ctrl('z')];
    assert!(place.press(&mut state, &undo).is_empty());
    let says = super::said(&state);
    assert!(says.contains("is being sent"), "{says}");
    // What was changed since then can be.
    state.done.push(Change::Exported(Vec::new()));
    let effects = place.press(&mut state, &undo);
    assert_eq!(effects, [Effect::Run(Errand::TakeAway(Vec::new()))]);
    assert!(place.press(&mut state, &undo).is_empty());
    let refused = Message::Refused {
        order: to_klone(),
        why: Phrase::new("no", "안 됨"),
    };
    place.tell(&mut state, refused);
    place.press(&mut state, &[ESC, ESC]);
    let effects = place.press(&mut state, &undo);
    assert_eq!(effects, [Effect::Run(Errand::Restore(removed))]);
}

/// Lists of a host come later than its answer to a launch.
#[test]
fn the_screen_waits_for_a_training_that_is_not_listed_yet() {
    let mut place = Place::new();
    place.judged("other");
    let mut state = place.state(Lang::En, (100, 30));
    let run = place.run("new");
    place.tell(&mut state, Message::Launched(vec![run.id().clone()]));
    let old: Vec<_> = state.runs.all.clone();
    place.tell(&mut state, Message::Roster(Ok(old.clone())));
    assert!(state.run().is_none());
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("reading") && !seen.contains("other"),
        "{seen}"
    );
    place.look(&mut state);
    assert_eq!(state.run().unwrap().id, *run.id());
    // Gone to after it was listed beside another choice, and then removed.
    place.tell(&mut state, Message::Roster(Ok(old.clone())));
    place.tell(&mut state, Message::Launched(vec![run.id().clone()]));
    place.press(&mut state, &[Chord::char('1'), DOWN]);
    place.look(&mut state);
    place.press(&mut state, &[Chord::key(KeyCode::Home)]);
    assert_eq!(state.run().unwrap().id, *run.id());
    // Once it was listed it is a run as any other, and so is one that nobody waits for any more.
    place.tell(&mut state, Message::Roster(Ok(old.clone())));
    assert_eq!(state.run().unwrap().id, old[0].id);
    place.tell(&mut state, Message::Launched(vec![run.id().clone()]));
    place.press(&mut state, &[Chord::char('1'), DOWN]);
    place.tell(&mut state, Message::Roster(Ok(old.clone())));
    assert_eq!(state.run().unwrap().id, old[0].id);
}

fn measured() -> Calibration {
    Calibration {
        sets: vec!["train.n_envs=256".into(), "train.threads=4".into()],
        steps_per_second: Some(51_000.0),
        speedup: Some(2.5),
        threads_only: Some(Found {
            sets: vec!["train.threads=4".into()],
            ..Found::default()
        }),
    }
}

#[test]
fn measured_settings_are_shown_taken_over_and_taken_back_as_one() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    let effects = place.press(&mut state, &[Chord::char('2'), Chord::ctrl('g')]);
    let asked = |effect: &Effect| matches!(effect, Effect::Run(Errand::Calibration(dir)) if dir.ends_with("data/cache/calibration"));
    assert!(
        effects.iter().all(asked) && effects.len() == 1,
        "{effects:?}"
    );
    place.tell(&mut state, Message::Calibrated(Ok(measured())));
    let seen = screen(&state, Glyphs::Unicode);
    for part in ["train.n_envs 128 -> 256", "Results will differ", "x2.50"] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    let effects = place.press(&mut state, &[ENTER]);
    let sets = ["train.n_envs=256", "train.threads=4"];
    assert!(
        matches!(&effects[..], [Effect::Run(Errand::Settings { sets: now, .. })] if *now == sets)
    );
    place.press(&mut state, &[Chord::ctrl('z')]);
    assert!(state.form.changes.is_empty());
    place.press(&mut state, &[Chord::ctrl('y')]);
    assert_eq!(state.form.sets(), sets);
    place.tell(&mut state, Message::Calibrated(Ok(measured())));
    assert!(state.layers.is_empty(), "nothing is left to change");
}

#[test]
fn threads_alone_leave_learning_as_it_is() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    place.press(&mut state, &[Chord::char('2')]);
    place.tell(&mut state, Message::Calibrated(Ok(measured())));
    place.press(&mut state, &[DOWN, ENTER]);
    assert_eq!(state.form.sets(), ["train.threads=4"]);
}

#[test]
fn a_measurement_of_another_version_changes_nothing() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    let odd = Calibration {
        sets: vec!["train.no_such_key=1".into()],
        ..Calibration::default()
    };
    place.tell(&mut state, Message::Calibrated(Ok(odd)));
    assert!(state.layers.is_empty() && state.toast.is_some());
}
