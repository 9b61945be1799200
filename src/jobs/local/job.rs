//! A job of the pool, from submission to its end, as its file holds it.

use super::number::Number;
use crate::{Attempt, End, JobId, JobView, Phase, Resources, RunRef};
use domain::{Nanos, Phrase};
use runs::Owner;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// The content of `queue/<id>.json` and `jobs/<id>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub id: JobId,
    pub run: RunRef,
    pub worker: PathBuf,
    pub project: PathBuf,
    pub env: BTreeMap<String, String>,
    pub resources: Resources,
    pub submitted: Nanos,
    /// How often it went back to the queue.
    #[serde(default)]
    pub restarts: u32,
    /// What was last asked of its present start.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// Oldest first.
    #[serde(default)]
    pub starts: Vec<Start>,
    #[serde(default)]
    pub ended: Option<Ended>,
}

/// One start of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Start {
    pub at: Nanos,
    /// `None` until it is known: a supervisor may be killed in between.
    pub process: Option<Owner>,
    pub gpus: Vec<String>,
    /// How many workers had taken the run before.
    pub segments: usize,
    /// Whether the warning before the time limit was sent.
    #[serde(default)]
    pub warned: bool,
    #[serde(default)]
    pub ended: Option<Nanos>,
    #[serde(default)]
    pub end: Option<End>,
    #[serde(default)]
    pub exit_code: Option<i32>,
}

/// What was asked, and since when it is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub wish: Wish,
    pub at: Nanos,
}

/// Why a worker was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wish {
    Stop,
    Requeue,
    Kill,
    /// Its time is up.
    Limit,
}

/// The end of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub at: Nanos,
    pub end: End,
    pub why: Option<Phrase>,
}

impl Job {
    /// The file's name was checked against the identifier when it was read.
    pub fn number(&self) -> Number {
        Number::of(&self.id).expect("a job's file bears its number")
    }

    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Returns the start that goes on.
    pub fn live(&self) -> Option<&Start> {
        let last = self.starts.last().filter(|start| start.ended.is_none());
        last.filter(|_| !self.is_over())
    }

    pub fn live_mut(&mut self) -> Option<&mut Start> {
        if self.is_over() {
            return None;
        }
        self.starts.last_mut().filter(|start| start.ended.is_none())
    }

    pub fn is_waiting(&self) -> bool {
        !self.is_over() && self.live().is_none()
    }

    /// Ends it for good.
    pub fn close(&mut self, at: Nanos, end: End, why: Option<Phrase>) {
        self.ended = Some(Ended { at, end, why });
    }

    /// Returns where it is; `gone` says that its process is no more, though nobody has written
    /// that down yet.
    pub fn phase(&self, gone: bool) -> Phase {
        match (&self.ended, self.live()) {
            (Some(Ended { end, .. }), _) => Phase::Ended { end: *end },
            (None, None) if self.restarts > 0 => Phase::Requeued { until: None },
            (None, None) => Phase::Queued,
            (None, Some(Start { process: None, .. })) => Phase::Starting,
            (None, Some(_)) if gone || self.asked.is_some() => Phase::Stopping,
            (None, Some(_)) => Phase::Running,
        }
    }

    /// Returns it as everything above the seam sees it. A waiting job's position and reason are
    /// the queue's to say.
    pub fn view(&self, host: &str, now: Nanos, gone: bool) -> JobView {
        let last = self.starts.last();
        let elapsed = |start: &Start| {
            let until = start.ended.unwrap_or(now);
            Duration::from_nanos(u64::try_from(until.0 - start.at.0).unwrap_or(0))
        };
        let live = self.live();
        JobView {
            id: self.id.clone(),
            run: Some(self.run.id.clone()),
            name: self.run.id.slug().to_owned(),
            phase: self.phase(gone),
            reason: self.ended.as_ref().and_then(|ended| ended.why.clone()),
            raw_reason: None,
            node: last.map(|_| host.to_owned()),
            queue: super::pool::NAME.to_owned(),
            starts: last.filter(|_| !self.is_waiting()).map(|start| start.at),
            elapsed: last
                .filter(|_| !self.is_waiting())
                .map_or(Duration::ZERO, elapsed),
            limit: self.resources.time_limit(),
            restarts: self.restarts,
            position: None,
            gpus: live.map_or(self.resources.gpus, |start| start.gpus.len() as u32),
            cpus: self.resources.cpus,
        }
    }

    /// Returns every start, oldest first.
    pub fn attempts(&self, host: &str) -> Vec<Attempt> {
        let attempt = |start: &Start| Attempt {
            id: self.id.clone(),
            started: Some(start.at),
            ended: start.ended,
            node: Some(host.to_owned()),
            phase: match start.end {
                Some(end) => Phase::Ended { end },
                None => self.phase(false),
            },
            exit_code: start.exit_code,
            cpus: self.resources.cpus,
            gpus: start.gpus.len() as u32,
        };
        self.starts.iter().map(attempt).collect()
    }
}
