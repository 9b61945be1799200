//! The history of a run over its starts: what each achieved, what was lost, when to give up.

use super::{Place, elsewhere, metric, pretend_owner, say};
use crate::{
    Event, Journals, Launch, Provenance, RunDir, RunsError, Segment, SegmentView, State,
    resources::{self, ResourceRecord},
    segments::{account, fruitless, history},
};
use domain::{Clock, Phrase, journal::JournalWriter};
use rstest::rstest;
use std::{fs, io::Write, time::Duration};

fn under(job: &str, restart: u32) -> Launch {
    Launch {
        job: job.to_owned(),
        restart,
        overrules: 0,
        siblings: Vec::new(),
    }
}

impl Place {
    fn begin_under(&self, run: &RunDir, launch: &Launch) -> Segment {
        Segment::begin_under(run, None, &self.clock, launch).unwrap()
    }

    fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Trains to `step`, one record a second, and saves where asked.
    fn train(&self, journals: &mut Journals, from: u64, to: u64, save_at: &[u64]) {
        for step in from + 1..=to {
            self.after(1);
            let record = crate::MetricRecord {
                t: self.clock.now(),
                ..metric(step, 0.5)
            };
            journals.metric(&record).unwrap();
            if save_at.contains(&step) {
                let saved = Event::CheckpointSaved {
                    name: step.to_string(),
                    bytes: 1,
                };
                journals.event(self.clock.now(), Some(step), saved).unwrap();
            }
        }
        journals.flush().unwrap();
    }

    fn suspend(&self, segment: Segment, state: State) {
        let reason = Phrase::new("gone", "사라짐");
        segment.suspend(state, reason, &self.clock).unwrap();
    }
}

#[test]
fn every_start_tells_where_it_ran_how_far_it_came_and_what_was_lost() {
    let mut place = Place::new();
    let run = place.run("x");
    // Dies 30 steps after its last checkpoint.
    let mut segment = place.begin_under(&run, &under("12_3", 0));
    let provenance = Provenance {
        device: "cuda:0".to_owned(),
        ..Provenance::default()
    };
    segment.describe(provenance).unwrap();
    let mut journals = segment.seed(7, None).unwrap();
    place.train(&mut journals, 0, 80, &[20, 50]);
    drop((segment, journals));
    pretend_owner(&run, elsewhere);
    // Goes on from there, is preempted and saves.
    place.after(100);
    let segment = place.begin_under(&run, &under("12_3", 1));
    let mut journals = segment.seed(7, Some(50)).unwrap();
    place.train(&mut journals, 50, 100, &[100]);
    drop(journals);
    place.suspend(segment, State::Preempted);
    // Still at work.
    place.after(5);
    let segment = place.begin_under(&run, &under("12_3", 2));
    let mut journals = segment.seed(7, Some(100)).unwrap();
    place.train(&mut journals, 100, 110, &[]);

    let seen = history(&run);
    let steps: Vec<_> = seen
        .iter()
        .map(|one| (one.from_step, one.to_step, one.saved_step, one.lost_steps))
        .collect();
    assert_eq!(
        steps,
        [(0, 80, 50, 30), (50, 100, 100, 0), (100, 110, 100, 0)]
    );
    let states: Vec<_> = seen.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Crashed, State::Preempted, State::Starting]);
    assert_eq!(
        (seen[0].host.as_str(), seen[0].device.as_str()),
        ("g3001", "cuda:0")
    );
    assert_eq!((seen[1].job.as_str(), seen[1].restart), ("12_3", 1));
    let seconds: Vec<_> = seen.iter().map(|one| one.seconds().round()).collect();
    assert_eq!(seconds, [80.0, 50.0, 10.0]);
    assert!((seen[0].lost_seconds - 30.0).abs() < 1e-6, "{seen:?}");

    let sum = account(&seen);
    assert_eq!(sum.segments, 3);
    assert!((sum.wall_seconds - 140.0).abs() < 1e-6, "{sum:?}");
    assert!((sum.gpu_seconds - 80.0).abs() < 1e-6, "{sum:?}");
    assert!((sum.lost_share - 30.0 / 140.0).abs() < 1e-9, "{sum:?}");
    assert!((sum.median_seconds - 50.0).abs() < 1e-6, "{sum:?}");
}

#[test]
fn seeds_add_up_and_one_that_was_not_touched_keeps_its_steps() {
    let mut place = Place::new();
    let run = place.run("x");
    let segment = place.begin(&run);
    let mut first = segment.seed(1, None).unwrap();
    place.train(&mut first, 0, 40, &[40]);
    let mut second = segment.seed(2, None).unwrap();
    place.train(&mut second, 0, 10, &[8]);
    drop((first, second));
    place.suspend(segment, State::Interrupted);
    let segment = place.begin(&run);
    let mut second = segment.seed(2, Some(8)).unwrap();
    place.train(&mut second, 8, 20, &[]);
    drop((segment, second));
    let seen = history(&run);
    let steps: Vec<_> = seen
        .iter()
        .map(|one| (one.from_step, one.to_step, one.lost_steps))
        .collect();
    assert_eq!(steps[0], (0, 50, 2));
    assert_eq!((steps[1].0, steps[1].1), (48, 60));
}

#[test]
fn a_torn_history_is_read_as_far_as_it_goes() {
    let mut place = Place::new();
    let run = place.run("x");
    let segment = place.begin(&run);
    let mut journals = segment.seed(7, None).unwrap();
    place.train(&mut journals, 0, 30, &[20]);
    drop((segment, journals));
    place.begin(&run);
    let layout = run.layout().clone();
    let track = run.track(crate::Track::Seed(7));
    for path in [
        layout.claim(1),
        layout.meta(1),
        layout.root().join("events/0001.jsonl"),
        track.root().join("metrics/0001.jsonl"),
        track.root().join("events/0001.jsonl"),
        layout.status(),
    ] {
        let whole = fs::read(&path).unwrap_or_default();
        for length in [0, whole.len() / 2, whole.len().saturating_sub(1)] {
            fs::write(&path, &whole[..length]).unwrap();
            let seen = history(&run);
            assert_eq!(seen.len(), 2, "{}", path.display());
            assert!(seen[0].to_step <= 30 && seen[0].lost_seconds <= seen[0].seconds());
        }
        fs::write(&path, &whole).unwrap();
    }
}

fn start(job: &str, state: State, from: u64, saved: u64) -> SegmentView {
    SegmentView {
        job: job.to_owned(),
        state,
        from_step: from,
        saved_step: saved,
        ..SegmentView::default()
    }
}

#[rstest]
#[case::three_preempted(&[("12", State::Preempted, 9, 9); 3], true)]
#[case::crashed_and_about_to_be_preempted(
    &[("12", State::Crashed, 0, 0), ("12", State::Crashed, 0, 0), ("12", State::Running, 0, 0)],
    true
)]
#[case::only_two(&[("12", State::Preempted, 9, 9); 2], false)]
#[case::a_checkpoint_in_between(
    &[("12", State::Preempted, 9, 9), ("12", State::Preempted, 9, 10), ("12", State::Preempted, 10, 10)],
    false
)]
#[case::a_person_stopped_one(
    &[("12", State::Preempted, 9, 9), ("12", State::Interrupted, 9, 9), ("12", State::Preempted, 9, 9)],
    false
)]
#[case::a_person_resumed_meanwhile(
    &[("7", State::Preempted, 9, 9), ("12", State::Preempted, 9, 9), ("12", State::Preempted, 9, 9)],
    false
)]
#[case::without_a_scheduler(&[("", State::Crashed, 0, 0); 3], false)]
fn three_fruitless_starts_in_a_row_are_enough(
    #[case] starts: &[(&str, State, u64, u64)],
    #[case] expected: bool,
) {
    let views: Vec<SegmentView> = starts
        .iter()
        .map(|(job, state, from, saved)| start(job, *state, *from, *saved))
        .collect();
    assert_eq!(fruitless(&views, &under("12", 3)).is_some(), expected);
    let by_a_person = Launch::default();
    assert!(fruitless(&views, &by_a_person).is_none());
}

#[test]
fn a_requeued_job_takes_over_from_its_dead_node_at_once_and_nobody_else_does() {
    let mut place = Place::new();
    let run = place.run("x");
    drop(place.begin_under(&run, &under("12_3", 0)));
    pretend_owner(&run, elsewhere);
    say(&run, |status| status.state = State::Running);
    place.after(1);
    for other in [under("12_3", 0), under("12_4", 1), Launch::default()] {
        assert!(
            matches!(
                Segment::begin_under(&run, None, &place.clock, &other),
                Err(RunsError::Busy { .. })
            ),
            "{other:?}"
        );
    }
    let taken = place.begin_under(&run, &under("12_3", 1));
    assert_eq!(taken.number(), 2);
}

#[test]
fn a_stop_that_the_former_worker_had_no_time_to_read_holds_for_its_restart() {
    let mut place = Place::new();
    let run = place.run("x");
    drop(place.begin_under(&run, &under("12", 0)));
    crate::Mailbox::of(run.layout())
        .post(&crate::Command::Stop, "me", place.clock.now())
        .unwrap();
    let mut again = place.begin_under(&run, &under("12", 1));
    let letters = again.commands(&place.clock).unwrap();
    assert_eq!(letters, [(1, crate::Command::Stop)]);
    drop(again);
    // A person who starts it wants it to run.
    let mut by_a_person = place.begin(&run);
    assert!(by_a_person.commands(&place.clock).unwrap().is_empty());
}

#[test]
fn a_withdrawal_outlives_the_segment_and_later_words_of_other_threads() {
    let mut place = Place::new();
    let run = place.run("x");
    let segment = place.begin_under(&run, &under("12", 0));
    let chatty = segment.status();
    let jobs = ["12".to_owned(), "13".to_owned()];
    segment.withdraw_from(&jobs, &place.clock).unwrap();
    place.suspend(segment, State::Interrupted);
    chatty.edit(|status| status.state = State::Running);
    chatty.write_now(&place.clock).unwrap();
    let status = crate::Status::read(&run.layout().status())
        .unwrap()
        .unwrap();
    assert_eq!(status.state, State::Interrupted);
    assert!(under("13", 0).is_withdrawn(&status));
}

#[test]
fn resources_read_back_across_starts_and_torn_lines() {
    let mut place = Place::new();
    let run = place.run("x");
    assert_eq!(resources::latest(&run).unwrap(), None);
    let record = |seconds: i64| ResourceRecord {
        t: domain::Nanos(seconds),
        cpu_percent: Some(150.5),
        gpus: vec![crate::GpuRecord {
            name: "NVIDIA A40".to_owned(),
            power_watts: Some(71.5),
            ..crate::GpuRecord::default()
        }],
        ..ResourceRecord::default()
    };
    for segment in 1..=2 {
        let mut journal: JournalWriter = resources::open(run.layout(), segment).unwrap();
        journal.push(&record(i64::from(segment))).unwrap();
    }
    let torn = run.layout().resources().join("0002.jsonl");
    let mut file = fs::OpenOptions::new().append(true).open(torn).unwrap();
    file.write_all(b"{\"t\":9,\"cpu_per").unwrap();
    assert_eq!(resources::latest(&run).unwrap(), Some(record(2)));
    assert_eq!(resources::all(&run).unwrap(), [record(1), record(2)]);
}
