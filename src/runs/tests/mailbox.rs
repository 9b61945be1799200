//! Commands: posted by several, answered once.

use super::{Place, SETTINGS};
use crate::{Ack, Command, Event, Launch, Layout, Mailbox, Segment, reader};
use domain::{Nanos, Phrase};
use rstest::rstest;
use std::{collections::BTreeSet, fs};

fn answers(layout: &Layout) -> Vec<(u64, Ack)> {
    let events = reader::events(layout).unwrap().into_iter();
    events
        .filter_map(|record| match record.event {
            Event::CommandAcknowledged { number, ack, .. } => Some((number, ack)),
            _ => None,
        })
        .collect()
}

#[test]
fn posters_at_once_never_collide() {
    let mut place = Place::new();
    let run = place.run("x");
    let mailbox = Mailbox::of(run.layout());
    let post = |thread: u64| {
        let mailbox = mailbox.clone();
        move || -> Vec<u64> {
            let set = |n: u64| Command::Set {
                key: format!("k{thread}"),
                value: n.to_string(),
            };
            (0..25)
                .map(|n| mailbox.post(&set(n), "me", Nanos(0)).unwrap())
                .collect()
        }
    };
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(post(thread))).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let distinct: BTreeSet<u64> = numbers.into_iter().collect();
    assert_eq!(distinct, (1..=100).collect());
    let taken = mailbox.take_new(0).unwrap();
    let contents: BTreeSet<String> = taken
        .iter()
        .map(|letter| letter.command.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(contents.len(), 100);
}

#[test]
fn every_command_is_taken_and_answered_once() {
    let mut place = Place::new();
    let run = place.run("x");
    let mut segment = place.begin(&run);
    let mailbox = Mailbox::of(run.layout());
    mailbox.post(&Command::Pause, "me", Nanos(0)).unwrap();
    mailbox.post(&Command::Resume, "me", Nanos(0)).unwrap();
    let commands = segment.commands(&place.clock).unwrap();
    assert_eq!(commands, [(1, Command::Pause), (2, Command::Resume)]);
    for (number, command) in &commands {
        segment
            .acknowledge(*number, command, Ack::Accepted, &place.clock)
            .unwrap();
    }
    assert!(segment.commands(&place.clock).unwrap().is_empty());
    drop(segment);
    let mut next = place.begin(&run);
    assert!(next.commands(&place.clock).unwrap().is_empty());
    assert_eq!(
        answers(run.layout()),
        [(1, Ack::Accepted), (2, Ack::Accepted)]
    );
}

#[rstest]
#[case::empty("")]
#[case::torn("{\"posted\":0,\"by\":\"me\",\"comm")]
#[case::unknown(r#"{"posted":0,"by":"me","command":{"kind":"dance"}}"#)]
#[case::incomplete(r#"{"posted":0,"by":"me","command":{"kind":"set","key":"a"}}"#)]
#[case::not_json("pause")]
fn a_malformed_command_is_answered_as_refused(#[case] text: &str) {
    let mut place = Place::new();
    let run = place.run("x");
    let mut segment = place.begin(&run);
    fs::write(run.layout().mailbox().join("000001.json"), text).unwrap();
    assert!(segment.commands(&place.clock).unwrap().is_empty());
    assert!(segment.commands(&place.clock).unwrap().is_empty());
    let answers = answers(run.layout());
    assert!(
        matches!(answers.as_slice(), [(1, Ack::Refused { .. })]),
        "{answers:?}"
    );
}

#[test]
fn a_huge_file_is_refused_and_foreign_names_are_left_alone() {
    let mut place = Place::new();
    let run = place.run("x");
    let mut segment = place.begin(&run);
    let mailbox = run.layout().mailbox();
    fs::write(mailbox.join("000001.json"), " ".repeat(1 << 20)).unwrap();
    fs::write(mailbox.join("000002.json.host.1.0.tmp"), SETTINGS).unwrap();
    fs::write(mailbox.join("note.txt"), SETTINGS).unwrap();
    assert!(segment.commands(&place.clock).unwrap().is_empty());
    let answers = answers(run.layout());
    let [(1, Ack::Refused { reason })] = answers.as_slice() else {
        panic!("the huge file is the only one to be answered");
    };
    assert!(reason.en.contains("larger than 65536 bytes"), "{reason}");
}

#[test]
fn a_queued_run_is_told_what_was_posted_before_its_first_start() {
    let mut place = Place::new();
    let run = place.run("x");
    Mailbox::of(run.layout())
        .post(&Command::Stop, "me", Nanos(0))
        .unwrap();
    let mut segment = place.begin(&run);
    assert_eq!(
        segment.commands(&place.clock).unwrap(),
        [(1, Command::Stop)]
    );
}

#[test]
fn a_stop_meant_for_a_dead_worker_does_not_stop_the_next() {
    let mut place = Place::new();
    let run = place.run("x");
    drop(place.begin(&run));
    let mailbox = Mailbox::of(run.layout());
    let set = Command::Set {
        key: "train.learning_rate".to_owned(),
        value: "1e-4".to_owned(),
    };
    mailbox.post(&Command::Stop, "me", Nanos(0)).unwrap();
    mailbox.post(&set, "me", Nanos(0)).unwrap();
    let mut next = place.begin(&run);
    assert_eq!(next.commands(&place.clock).unwrap(), [(2, set)]);
    let expired = Ack::Refused {
        reason: Phrase::new(
            "posted before this start of the worker",
            "작업자가 다시 시작되기 전에 보낸 명령임",
        ),
    };
    assert_eq!(answers(run.layout()), [(1, expired)]);
    mailbox.post(&Command::Stop, "me", Nanos(0)).unwrap();
    assert_eq!(next.commands(&place.clock).unwrap(), [(3, Command::Stop)]);
}

/// Withdrawn while it waited, then sent again by a person: what was wished before is overruled.
#[rstest]
#[case::before_it_was_sent(1, true)]
#[case::after_it_was_sent(0, false)]
fn whoever_sends_a_run_again_wants_it_to_run(#[case] overrules: u64, #[case] overruled: bool) {
    let mut place = Place::new();
    let run = place.run("x");
    let mailbox = Mailbox::of(run.layout());
    // Whatever the clocks say: they differ between machines.
    mailbox.post(&Command::Cancel, "me", Nanos(7)).unwrap();
    let launch = Launch {
        job: "12".to_owned(),
        overrules,
        ..Launch::default()
    };
    let mut segment = Segment::begin_under(&run, None, &place.clock, &launch).unwrap();
    let commands = segment.commands(&place.clock).unwrap();
    assert_eq!(commands.is_empty(), overruled, "{commands:?}");
}
