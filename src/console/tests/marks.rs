//! Which events become marks, at which step, through restarts and over seeds.

use super::{Happened, MOST_OF_A_KIND, Mark, Marking};
use crate::series::{Axis, Series};
use domain::{Lang, Nanos, Phrase};
use rstest::rstest;
use runs::{Event, EventRecord};

fn at(t: i64, step: u64, event: Event) -> EventRecord {
    EventRecord {
        t: Nanos(t),
        step: Some(step),
        event,
    }
}

fn started(t: i64, segment: u32) -> EventRecord {
    let event = Event::SegmentStarted {
        segment,
        resumed_from: None,
    };
    EventRecord {
        t: Nanos(t),
        step: None,
        event,
    }
}

/// What a worker says first of every seed that it trains.
fn goes_on(t: i64, step: u64) -> EventRecord {
    let says = Phrase::new("on the CPU", "CPU에서");
    at(t, step, Event::Note { says })
}

fn saved(t: i64, step: u64) -> EventRecord {
    let (name, bytes) = (step.to_string(), 1);
    at(t, step, Event::CheckpointSaved { name, bytes })
}

fn best(t: i64, step: u64, value: f64) -> EventRecord {
    let metric = "valid/score".to_owned();
    at(t, step, Event::NewBest { metric, value })
}

fn changed(t: i64, step: u64, from: &str, to: &str) -> EventRecord {
    let event = Event::SettingChanged {
        key: "agent.learning_rate".to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    at(t, step, event)
}

/// Each mark as `step what`, those that are shown usually.
fn told(tracks: &[(Option<u64>, &[EventRecord])], marking: Marking) -> Vec<String> {
    let marks = Mark::all(tracks);
    let shown = marks.iter().filter(|mark| marking.shows(mark));
    shown
        .map(|mark| format!("{} {}", mark.step, mark.label(Lang::En, true)))
        .collect()
}

#[test]
fn no_event_is_no_mark() {
    let run = [started(1, 1)];
    let says = Phrase::new("lr 3e-4 -> 1e-4", "학습률 3e-4 -> 1e-4");
    let seed = [
        goes_on(2, 0),
        at(3, 10, Event::Warning { says: says.clone() }),
        at(4, 20, Event::Note { says }),
    ];
    let tracks = [(None, &run[..]), (Some(1), &seed[..])];
    assert_eq!(told(&tracks, Marking::Everything), [""; 0]);
}

#[test]
fn what_was_done_is_marked_where_it_was_done() {
    let run = [started(1, 1)];
    let seed = [
        goes_on(2, 0),
        best(3, 10, 0.1),
        saved(3, 10),
        best(4, 20, 0.25),
        changed(5, 30, "0.0003", "0.0001"),
        at(6, 40, Event::Paused),
        at(9, 40, Event::Resumed),
    ];
    let tracks = [(None, &run[..]), (Some(7), &seed[..])];
    assert_eq!(
        told(&tracks, Marking::Usual),
        [
            "20 #7 best 0.2500",
            "30 #7 lr 3e-4 -> 1e-4",
            "40 #7 paused",
            "40 #7 going on"
        ]
    );
    assert_eq!(told(&tracks, Marking::Everything).len(), 6);
}

#[test]
fn what_a_restart_takes_back_is_no_mark() {
    let run = [started(1, 1), started(50, 2)];
    let seed = [
        goes_on(2, 0),
        changed(3, 10, "3", "2"),
        saved(4, 20),
        // At the same step as the checkpoint, but after it: the checkpoint does not hold it.
        changed(5, 20, "2", "1"),
        best(6, 30, 0.5),
        goes_on(51, 20),
        changed(60, 25, "2", "0.5"),
    ];
    let tracks = [(None, &run[..]), (Some(1), &seed[..])];
    assert_eq!(
        told(&tracks, Marking::Everything),
        [
            "10 #1 lr 3 -> 2",
            "20 #1 saved",
            "20 #1 start 2",
            "25 #1 lr 2 -> 0.5"
        ]
    );
}

#[test]
fn a_restart_marks_only_the_seeds_that_were_under_way() {
    let run = [started(1, 1), started(50, 2), started(70, 3)];
    let first = [goes_on(2, 0), saved(9, 100)];
    let second = [goes_on(10, 0), saved(20, 40), goes_on(51, 40)];
    let third = [goes_on(60, 0), goes_on(71, 0)];
    let tracks = [
        (None, &run[..]),
        (Some(1), &first[..]),
        (Some(2), &second[..]),
        (Some(3), &third[..]),
    ];
    assert_eq!(
        told(&tracks, Marking::Usual),
        ["0 #3 start 3", "40 #2 start 2"]
    );
}

#[test]
fn without_the_start_steps_that_fall_tell_the_same() {
    let seed = [changed(3, 30, "3", "2"), goes_on(51, 20), best(60, 25, 1.0)];
    assert_eq!(
        told(&[(Some(1), &seed[..])], Marking::Usual),
        ["25 #1 best 1.000"]
    );
}

#[test]
fn two_seeds_have_steps_of_their_own() {
    let one = [changed(3, 30, "3", "2")];
    let two = [changed(9, 20, "2", "1")];
    let tracks = [(Some(1), &one[..]), (Some(2), &two[..])];
    assert_eq!(
        told(&tracks, Marking::Usual),
        ["20 #2 lr 2 -> 1", "30 #1 lr 3 -> 2"]
    );
}

#[test]
fn other_axes_place_a_mark_by_its_seed_s_curve() {
    let mut curve = Series::default();
    for (step, second) in [(10.0, 0.0), (20.0, 3.5), (30.0, 9.0)] {
        let value = if second > 3.0 { f64::NAN } else { 1.0 };
        curve.push_at(step, second, value);
    }
    let mark = |step| Mark {
        step,
        seed: None,
        what: Happened::Paused,
    };
    let at = |step, axis| mark(step).x(axis, &curve);
    assert_eq!(at(20, Axis::EnvSteps), Some(20.0));
    assert_eq!(at(20, Axis::Time), Some(3.5));
    assert_eq!(at(25, Axis::Updates), Some(2.0));
    // Before the first record and after the last it is at that one.
    assert_eq!(at(1, Axis::Updates), Some(1.0));
    assert_eq!(at(99, Axis::Time), Some(9.0));
    assert_eq!(mark(1).x(Axis::Time, &Series::default()), None);
}

#[test]
fn of_many_checkpoints_the_latest_are_kept_and_every_change() {
    let mut seed = vec![changed(1, 0, "3", "2")];
    seed.extend((0..3_000).map(|n| saved(2, n)));
    let marks = Mark::all(&[(Some(1), &seed)]);
    assert_eq!(marks.len(), 1 + MOST_OF_A_KIND);
    assert_eq!((marks[0].step, marks[0].what.word()), (0, "changed"));
    assert_eq!(marks[1].step, 2_000);
}

#[rstest]
#[case("0.0003", "3e-4")]
#[case("0.00025", "2.5e-4")]
#[case("0.000123456789", "1.23e-4")]
#[case("0.2", "0.2")]
#[case("0.2123456789", "0.2123")]
#[case("0", "0")]
#[case("100_000", "1e5")]
#[case("-0.5", "-0.5")]
#[case("\"auto\"", "\"auto\"")]
#[case("NaN", "NaN")]
fn values_are_short(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(super::short_number(text), expected);
}

#[test]
fn every_word_is_safe_to_draw_in_both_languages() {
    let all = [
        Happened::Changed {
            key: "agent.entropy_coef".to_owned(),
            from: "0.01".to_owned(),
            to: "0.001".to_owned(),
        },
        Happened::Restarted { segment: 2 },
        Happened::Paused,
        Happened::Resumed,
        Happened::Best {
            value: f64::NAN,
            stands: true,
        },
        Happened::Saved,
    ];
    for what in all {
        let says = what.says();
        for text in [&says.en, &says.ko] {
            assert!(!text.is_empty());
            assert_eq!(crate::cells::clean(text), **text);
        }
        assert!(what.sign().is_ascii_graphic() && says.en.is_ascii());
    }
}
