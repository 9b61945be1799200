//! What happened while a run trained, as its charts mark it.

use super::{Place, key, screen};
use crate::{
    caps::Glyphs,
    chord::Chord,
    marks::Marking,
    message::{Effect, Errand},
    series::Axis,
    state::State,
};
use crossterm::event::KeyCode;
use domain::{Lang, Nanos};
use runs::{Event, EventRecord, RunDir};
use std::{fs, io::Write};

const NEXT: Chord = Chord::char(']');
const PREVIOUS: Chord = Chord::char('[');

/// Writes down what happened to a seed, as its worker does.
pub(super) fn happened(run: &RunDir, seed: u64, events: Vec<(u64, Event)>) {
    let file = run.path().join(format!("seeds/{seed}/events/0001.jsonl"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    for (step, event) in events {
        let record = EventRecord {
            t: Nanos::from_millis(1_706_745_600_000 + step as i64 / 10),
            step: Some(step),
            event,
        };
        let line = serde_json::to_string(&record).unwrap();
        writeln!(file, "{line}").unwrap();
    }
}

pub(super) fn changed(key: &str, from: f64, to: f64) -> Event {
    Event::SettingChanged {
        key: format!("agent.{key}"),
        from: from.to_string(),
        to: to.to_string(),
    }
}

fn saved(step: u64) -> (u64, Event) {
    let event = Event::CheckpointSaved {
        name: step.to_string(),
        bytes: 1,
    };
    (step, event)
}

fn trained(place: &mut Place, name: &str) -> RunDir {
    let (run, segment) = place.training(name);
    // The worker's hold must outlive the test: a run that was let go of looks crashed.
    std::mem::forget(segment);
    run
}

/// A run whose first seed's learning rate was changed at 20,000 and 60,000 steps, whose second was
/// paused at 30,000, with a checkpoint every 10,000.
fn steered(place: &mut Place) -> State {
    let run = trained(place, "steered");
    let first = vec![
        saved(10_000),
        (20_000, changed("learning_rate", 3e-4, 1e-4)),
        saved(20_000),
        saved(50_000),
        (60_000, changed("learning_rate", 1e-4, 5e-5)),
    ];
    happened(&run, 1, first);
    let paused = vec![(30_000, Event::Paused), (30_000, Event::Resumed)];
    happened(&run, 2, paused);
    let mut state = place.state(Lang::En, (120, 40));
    place.press(&mut state, &[Chord::char('3')]);
    state
}

/// Signs at the feet of the charts, or in the last row of one where the axis says something.
fn signs(seen: &str, sign: char) -> usize {
    let lowest = ["-1.000 ", "0.0000 "];
    let foot = |line: &&str| {
        let last = lowest.iter().any(|low| line.trim_start().starts_with(low));
        last || line.matches("k steps").count() > 1 && !line.contains('/')
    };
    let feet = seen.lines().filter(foot);
    // A word of the axis is none.
    let rows = feet.map(|line| line.replace("steps", ""));
    rows.map(|row| row.matches(sign).count()).sum()
}

#[test]
fn every_chart_marks_what_happened_and_nothing_else() {
    let place = &mut Place::new();
    let state = steered(place);
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
        let seen = screen(&state, glyphs);
        assert_eq!(signs(&seen, '^'), 12, "{seen}");
        assert_eq!(signs(&seen, '='), 6, "{seen}");
        // The best, which the run as a whole recorded.
        assert_eq!(signs(&seen, '*'), 6, "{seen}");
        assert_eq!(signs(&seen, 'o'), 0, "{seen}");
    }
    // A run to which nothing happened has no mark.
    let place = &mut Place::new();
    let run = trained(place, "calm");
    fs::remove_dir_all(run.path().join("events")).unwrap();
    let mut state = place.state(Lang::En, (120, 40));
    place.press(&mut state, &[Chord::char('3')]);
    assert!(state.data.as_ref().unwrap().marks.is_empty());
    let seen = screen(&state, Glyphs::Unicode);
    assert!(!seen.contains('\u{2805}'), "{seen}");
    assert_eq!(signs(&seen, '^') + signs(&seen, '*'), 0, "{seen}");
    place.press(&mut state, &[NEXT]);
    assert_eq!(state.charts.cursor, None);
    let says = state.toast.unwrap().says.en;
    assert!(says.starts_with("nothing is marked yet"), "{says}");
}

#[test]
fn keys_go_from_mark_to_mark_and_tell_each() {
    let place = &mut Place::new();
    let mut state = steered(place);
    let mut told = Vec::new();
    for _ in 0..4 {
        place.press(&mut state, &[NEXT]);
        told.push(state.charts.cursor.unwrap());
    }
    assert_eq!(told, [20_000.0, 30_000.0, 60_000.0, 90_000.0]);
    place.press(&mut state, &[NEXT]);
    assert_eq!(state.charts.cursor, Some(90_000.0));
    let says = state.toast.take().unwrap().says.en;
    assert_eq!(says, "nothing is marked after this");
    place.press(&mut state, &[PREVIOUS]);
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
        let seen = screen(&state, glyphs);
        assert_eq!(seen.matches("#1 lr 1e-4 -> 5e-5").count(), 6, "{seen}");
        assert!(!seen.contains("3e-4"), "{seen}");
    }
    place.press(&mut state, &[PREVIOUS]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("#2 paused, #2 going on"), "{seen}");
    // Where nothing happened nothing is told.
    place.press(&mut state, &[Chord::char('.'); 4]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        !seen.contains("paused, #2") && !seen.contains("lr "),
        "{seen}"
    );
    // Without a cursor, back begins at the end.
    place.press(&mut state, &[key(KeyCode::Esc), PREVIOUS]);
    assert_eq!(state.charts.cursor, Some(90_000.0));
}

#[test]
fn marks_outside_of_what_is_shown_are_not_drawn_but_gone_to() {
    let place = &mut Place::new();
    let mut state = steered(place);
    place.press(&mut state, &[NEXT, Chord::char('+'), Chord::char('+')]);
    let (from, to) = state.charts.window.unwrap();
    assert!(from > 5_000.0 && to < 40_000.0, "{from} {to}");
    let seen = screen(&state, Glyphs::Ascii);
    assert_eq!(seen.matches("#1 lr 3e-4 -> 1e-4").count(), 6, "{seen}");
    let signs = |seen: &str, sign| {
        let below = seen.lines().filter(|line| line.contains("k steps"));
        below.map(|line| line.matches(sign).count()).sum::<usize>()
    };
    place.press(&mut state, &[Chord::char(','); 5]);
    let seen = screen(&state, Glyphs::Ascii);
    // The change at 60,000 is not in sight, nor is the best.
    assert_eq!((signs(&seen, '^'), signs(&seen, '*')), (6, 0), "{seen}");
    place.press(&mut state, &[Chord::char('.'); 5]);
    place.press(&mut state, &[NEXT, NEXT]);
    let (from, to) = state.charts.window.unwrap();
    assert!(from < 60_000.0 && 60_000.0 < to, "{from} {to}");
    assert!(screen(&state, Glyphs::Unicode).contains("lr 1e-4 -> 5e-5"));
}

#[test]
fn checkpoints_are_marked_when_asked_for() {
    let place = &mut Place::new();
    let mut state = steered(place);
    place.press(&mut state, &[Chord::char('*')]);
    assert_eq!(state.charts.marking, Marking::Everything);
    let seen = screen(&state, Glyphs::Unicode);
    // Of two in one column the change gives the sign.
    assert_eq!((signs(&seen, 'o'), signs(&seen, '^')), (12, 12), "{seen}");
    place.press(&mut state, &[Chord::char('m')]);
    assert_eq!(state.charts.marking, Marking::Usual);
    assert_eq!(signs(&screen(&state, Glyphs::Unicode), 'o'), 0);
}

#[test]
fn on_every_axis_a_mark_lies_on_its_curve() {
    let place = &mut Place::new();
    let mut state = steered(place);
    place.press(&mut state, &[Chord::ctrl('x'), Chord::ctrl('x')]);
    assert_eq!(state.charts.axis, Axis::Updates);
    place.press(&mut state, &[NEXT]);
    assert_eq!(state.charts.cursor, Some(10.0));
    place.press(&mut state, &[NEXT]);
    assert_eq!(state.charts.cursor, Some(15.0));
    screen(&state, Glyphs::Unicode);
}

#[test]
fn runs_laid_over_bring_no_marks_along() {
    let place = &mut Place::new();
    let other = trained(place, "other");
    happened(&other, 1, vec![(70_000, changed("clip_range", 0.2, 0.1))]);
    trained(place, "chosen");
    let mut state = place.state(Lang::En, (120, 40));
    let mark = Chord::char(' ');
    place.press(
        &mut state,
        &[mark, mark, key(KeyCode::Home), Chord::char('3')],
    );
    place.read_chosen(&mut state);
    place.read_overlaid(&mut state);
    assert_eq!(state.charts.overlays.len(), 1);
    let seen = screen(&state, Glyphs::Unicode);
    assert_eq!((signs(&seen, '^'), signs(&seen, '*')), (0, 6), "{seen}");
}

#[test]
fn an_exported_chart_carries_its_marks() {
    let place = &mut Place::new();
    let mut state = steered(place);
    let effects = place.press(&mut state, &[Chord::ctrl('o')]);
    let [Effect::Run(Errand::Export(charts))] = &effects[..] else {
        panic!("{effects:?}");
    };
    let folder = place.home.root().join("elsewhere");
    let files = charts[0].write(&[folder]).unwrap();
    let picture = fs::read_to_string(&files[0]).unwrap();
    assert!(
        picture.contains(">#1 lr 3e-4 -&gt; 1e-4</text>"),
        "{picture}"
    );
    let data = fs::read_to_string(&files[2]).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let marks = data["marks"].as_array().unwrap();
    let what: Vec<_> = marks.iter().map(|mark| &mark["what"]).collect();
    assert_eq!(what, ["changed", "paused", "resumed", "changed", "best"]);
    assert_eq!(marks[0]["x"], 20_000.0);
}
