//! The history of a run: each start of a worker, what it achieved and what was lost with it.
//!
//! Read from what the starts themselves left behind, so it is the same whichever scheduler started
//! them, and also where the scheduler remembers nothing. Start at [`history`].

use crate::{
    Event, EventRecord, Launch, Layout, Owner, ResourceRecord, RunDir, State, Status, Track,
    journals::{TrackStart, track_start},
    layout::segment_file,
    observe::claimant,
    owner::Life,
    resources::last_record,
};
use domain::{Nanos, journal::JournalReader};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

/// Starts in a row without a new checkpoint after which a scheduler should not try again.
pub const FRUITLESS: usize = 3;

/// One start of a worker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SegmentView {
    /// Its number, from 1.
    pub number: u32,
    /// Machine; empty where the claim cannot be read.
    pub host: String,
    /// Where it computed, e.g. `cpu` or `cuda:0`; empty before it said so.
    pub device: String,
    /// The scheduler's job; empty without one.
    pub job: String,
    /// How often that job had been started again.
    pub restart: u32,
    /// When it took the run.
    pub started: Nanos,
    /// Its last sign of life.
    pub ended: Nanos,
    /// How it ended; an active state while it runs. A worker on another machine that went silent
    /// still stands as it last said: [`crate::Observer`] tells.
    pub state: State,
    /// Training steps, over all seeds, that it began with.
    pub from_step: u64,
    /// Training steps, over all seeds, that it reached.
    pub to_step: u64,
    /// Training steps, over all seeds, that checkpoints held when it ended.
    pub saved_step: u64,
    /// Steps that a later start had to repeat, or will have to.
    pub lost_steps: u64,
    /// Seconds of work that were for nothing.
    pub lost_seconds: f64,
}

impl SegmentView {
    /// Returns how long it lived, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        (self.ended.0 - self.started.0).max(0) as f64 / 1e9
    }

    /// Returns whether it left a checkpoint beyond those it found.
    #[must_use]
    pub fn has_advanced(&self) -> bool {
        self.saved_step > self.from_step
    }

    /// Returns whether it was cut off from outside, or still runs.
    fn is_cut_off(&self) -> bool {
        matches!(self.state, State::Preempted | State::Crashed) || self.state.is_active()
    }
}

/// What all starts of a run cost together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Starts.
    pub segments: usize,
    /// Seconds of all of them.
    pub wall_seconds: f64,
    /// Seconds of those that computed on a GPU.
    pub gpu_seconds: f64,
    /// Seconds of work that were for nothing.
    pub lost_seconds: f64,
    /// Their share of all seconds, in `[0, 1]`.
    pub lost_share: f64,
    /// Half of the starts lived at most so many seconds; 0 without any.
    pub median_seconds: f64,
}

/// Returns what `segments` cost together.
#[must_use]
pub fn account(segments: &[SegmentView]) -> Account {
    let sum = |of: &dyn Fn(&SegmentView) -> f64| segments.iter().map(of).sum::<f64>();
    let wall_seconds = sum(&SegmentView::seconds);
    let lost_seconds = sum(&|segment| segment.lost_seconds);
    let on_gpu = |segment: &SegmentView| {
        if segment.device.starts_with("cuda") {
            segment.seconds()
        } else {
            0.0
        }
    };
    Account {
        segments: segments.len(),
        wall_seconds,
        gpu_seconds: sum(&on_gpu),
        lost_seconds,
        lost_share: if wall_seconds > 0.0 {
            (lost_seconds / wall_seconds).min(1.0)
        } else {
            0.0
        },
        median_seconds: median_seconds(segments),
    }
}

fn median_seconds(segments: &[SegmentView]) -> f64 {
    let mut lengths: Vec<f64> = segments.iter().map(SegmentView::seconds).collect();
    lengths.sort_by(f64::total_cmp);
    let half = lengths.len() / 2;
    match lengths.as_slice() {
        [] => 0.0,
        all if all.len() % 2 == 1 => all[half],
        all => f64::midpoint(all[half - 1], all[half]),
    }
}

/// Returns the last starts of the submission that `launch` belongs to, if [`FRUITLESS`] of them in
/// a row were cut off without a new checkpoint; `None` while there is hope.
///
/// `segments` is the [`history`], the start that decides included only when it is about to end.
#[must_use]
pub fn fruitless<'a>(segments: &'a [SegmentView], launch: &Launch) -> Option<&'a [SegmentView]> {
    let last = segments.get(segments.len().checked_sub(FRUITLESS)?..)?;
    last.iter()
        .all(|one| launch.is_akin(&one.job) && one.is_cut_off() && !one.has_advanced())
        .then_some(last)
}

/// Returns every start of `run`, oldest first. What cannot be read is left at its default.
#[must_use]
pub fn history(run: &RunDir) -> Vec<SegmentView> {
    let numbers = run.segments();
    let status = Status::read(&run.layout().status()).ok().flatten();
    let mut segments: Vec<SegmentView> = numbers
        .iter()
        .map(|number| outline(run, *number, status.as_ref()))
        .collect();
    if let Some(last) = segments.last_mut() {
        settle_last(run, last, status.as_ref());
    }
    for seed in run.seeds() {
        let layout = run.track(Track::Seed(seed));
        let parts: Vec<Part> = numbers
            .iter()
            .map(|number| Part::read(&layout, *number))
            .collect();
        add_seed(&mut segments, &parts);
    }
    let last = segments.len().saturating_sub(1);
    for (index, segment) in segments.iter_mut().enumerate() {
        let over = index < last || !segment.state.is_active();
        if !over || segment.state == State::Done {
            (segment.lost_steps, segment.lost_seconds) = (0, 0.0);
        } else if !segment.has_advanced() && segment.is_cut_off() {
            segment.lost_seconds = segment.seconds();
        }
        segment.lost_seconds = segment.lost_seconds.min(segment.seconds());
    }
    segments
}

/// Reads what the track of the whole run says of one start.
fn outline(run: &RunDir, number: u32, status: Option<&Status>) -> SegmentView {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Meta {
        device: String,
    }
    let layout = run.layout();
    let meta: Meta = read_json(&layout.meta(number)).unwrap_or_default();
    let mut view = SegmentView {
        number,
        device: meta.device,
        state: State::Crashed,
        ..SegmentView::default()
    };
    if let Some(owner) = claimant(layout, number) {
        view.host = owner.host;
        view.job = owner.job;
        view.restart = owner.restart;
        (view.started, view.ended) = (owner.since, owner.since);
    }
    for record in events(layout, number) {
        if view.started.0 == 0 {
            view.started = record.t;
        }
        view.ended = view.ended.max(record.t);
        if let Event::SegmentEnded { state } = record.event {
            view.state = state;
        }
    }
    let sampled = segment_file(&layout.resources(), number);
    if let Ok(Some(record)) = last_record::<ResourceRecord>(&sampled) {
        view.ended = view.ended.max(record.t);
    }
    if let Some(status) = status.filter(|status| status.segment == number) {
        view.ended = view.ended.max(status.at);
    }
    view
}

/// The last start may still run, or may have had no time to write down its end.
fn settle_last(run: &RunDir, last: &mut SegmentView, status: Option<&Status>) {
    if last.state != State::Crashed {
        return;
    }
    let said = status
        .filter(|status| status.segment == last.number)
        .map_or(State::Starting, |status| status.state);
    let owner = claimant(run.layout(), last.number);
    let gone = owner.as_ref().map(Owner::life) == Some(Life::Gone);
    if !(said.is_active() && gone) {
        last.state = said;
    }
}

/// What one start did for one seed.
#[derive(Debug, Default)]
struct Part {
    /// Step it began with; `None` when it never came to this seed.
    start: Option<u64>,
    /// Last step seen, and when.
    reached: Option<Mark>,
    /// Checkpoints, in order.
    saved: Vec<Mark>,
}

/// A training step and when it was reached; the head of every line of metrics.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Mark {
    step: u64,
    t: Nanos,
}

impl Part {
    fn read(layout: &Layout, number: u32) -> Self {
        let noted: Option<TrackStart> = read_json(&track_start(layout, number));
        let metrics = segment_file(&layout.metrics(), number);
        let mut part = Self {
            reached: last_record(&metrics).ok().flatten(),
            ..Self::default()
        };
        for record in events(layout, number) {
            if let (Event::CheckpointSaved { .. }, Some(step)) = (&record.event, record.step) {
                part.saved.push(Mark { step, t: record.t });
            }
        }
        if let Some(saved) = part.saved.last()
            && part.reached.is_none_or(|reached| reached.step < saved.step)
        {
            part.reached = Some(*saved);
        }
        part.start = noted
            .map(|start| start.resumed_from)
            .or(part.reached.map(|_| 0));
        part
    }
}

/// Adds one seed's steps to every start, `parts` being in the same order as `segments`.
fn add_seed(segments: &mut [SegmentView], parts: &[Part]) {
    // What checkpoints hold, carried over the starts that never came to this seed.
    let mut held = 0;
    for (index, (segment, part)) in segments.iter_mut().zip(parts).enumerate() {
        let start = part.start.unwrap_or(held);
        let reached = part.reached.map_or(start, |mark| mark.step.max(start));
        held = part.saved.last().map_or(start, |mark| mark.step.max(start));
        // A file may claim any step.
        for (sum, steps) in [
            (&mut segment.from_step, start),
            (&mut segment.to_step, reached),
            (&mut segment.saved_step, held),
        ] {
            *sum = sum.saturating_add(steps);
        }
        if let Some(mark) = part.reached {
            segment.ended = segment.ended.max(mark.t);
        }
        let next_start = parts[index + 1..].iter().find_map(|part| part.start);
        let kept = next_start.unwrap_or(held).min(reached);
        if kept < reached {
            segment.lost_steps = segment.lost_steps.saturating_add(reached - kept);
            let since = part.saved.iter().rev().find(|mark| mark.step <= kept);
            let since = since.map_or(segment.started, |mark| mark.t);
            segment.lost_seconds += (segment.ended.0 - since.0).max(0) as f64 / 1e9;
        }
    }
}

fn events(layout: &Layout, number: u32) -> Vec<EventRecord> {
    JournalReader::new(&segment_file(&layout.events(), number))
        .read_new()
        .unwrap_or_default()
}

fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
