//! The worker's hold on its run, shared by what writes figures and what takes commands.
//!
//! One [`Desk`] a worker: the segment, the status, the clock and the signals. Owns who may end the
//! run, and when. Start at [`Desk`].

use super::{resources::Sampler, signals::Signals};
use domain::{Clock, Nanos};
use runs::{Event, Phase, RunsError, Segment, State, StatusWriter};
use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tracing_appender::non_blocking::WorkerGuard;

/// What a start has open: under one lock, since two threads may want to end it.
#[derive(Debug)]
pub struct Open {
    /// This start of the run.
    pub segment: Segment,
    /// Samples resources and beats beside the job.
    pub sampler: Option<Sampler>,
    /// The log.
    pub log: Option<WorkerGuard>,
}

impl From<Segment> for Open {
    /// Nothing is written beside the job.
    fn from(segment: Segment) -> Self {
        Self {
            segment,
            sampler: None,
            log: None,
        }
    }
}

/// The worker's hold on its run.
#[derive(Clone, Debug)]
pub struct Desk {
    open: Arc<Mutex<Option<Open>>>,
    /// Held while a training is on; whether one has decided how the run ends.
    floor: Arc<Mutex<bool>>,
    /// `status.json`.
    pub status: StatusWriter,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// What the system asked for.
    pub signals: Signals,
}

impl Desk {
    /// Takes over what a start has open.
    #[must_use]
    pub fn new(open: impl Into<Open>, clock: Arc<dyn Clock>, signals: Signals) -> Self {
        let open = open.into();
        let status = open.segment.status();
        Self {
            open: Arc::new(Mutex::new(Some(open))),
            floor: Arc::default(),
            status,
            clock,
            signals,
        }
    }

    /// Returns the segment. Does not return once another thread is about to end the process.
    pub fn segment(&self) -> Held<'_> {
        Held(self.hold())
    }

    /// Takes the segment away in order to end it; nothing beats for it any more. Whoever asks for it
    /// while the returned hold lives waits; `None` when somebody else has taken it.
    #[must_use]
    pub fn close(&self) -> Option<(Segment, Closing<'_>)> {
        let mut held = self.hold();
        let Open {
            segment,
            sampler,
            log,
        } = held.take()?;
        drop(sampler);
        Some((segment, Closing { _held: held, log }))
    }

    /// Keeps the run for a training, which looks at the signals itself and saves before it ends.
    pub fn training(&self) -> Floor<'_> {
        Floor(self.floor.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the right to end the run at once, when no training is on any more; `None` where one
    /// has decided how it ends.
    pub fn interrupt(&self) -> Option<Floor<'_>> {
        Some(self.training()).filter(|floor| !*floor.0)
    }

    fn hold(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the wall-clock time.
    #[must_use]
    pub fn now(&self) -> Nanos {
        self.clock.now()
    }

    /// Notes an event of the run as a whole.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn event(&self, event: Event) -> Result<(), RunsError> {
        let now = self.now();
        tracing::info!("{}", event.says().en);
        self.segment().journals().event(now, None, event)
    }

    /// Moves on to `phase` and says so.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn phase(&self, phase: Phase) -> Result<(), RunsError> {
        self.status.edit(|status| {
            status.state = State::Running;
            status.phase = Some(phase);
        });
        self.event(Event::PhaseStarted { phase })?;
        self.segment().journals().flush()?;
        self.status.beat(&*self.clock)
    }
}

/// The right to end the run, for as long as this lives.
#[derive(Debug)]
pub struct Floor<'a>(MutexGuard<'a, bool>);

impl Floor<'_> {
    /// What the training saw and saved decides how the run ends: nobody interrupts it any more.
    pub fn decide(mut self) {
        *self.0 = true;
    }
}

/// The segment, for as long as this lives.
#[derive(Debug)]
pub struct Held<'a>(MutexGuard<'a, Option<Open>>);

impl Deref for Held<'_> {
    type Target = Segment;

    fn deref(&self) -> &Segment {
        &self.0.as_ref().expect("the desk is closed last").segment
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Segment {
        &mut self.0.as_mut().expect("the desk is closed last").segment
    }
}

/// Keeps every other thread away from a segment that is being ended.
#[derive(Debug)]
pub struct Closing<'a> {
    _held: MutexGuard<'a, Option<Open>>,
    log: Option<WorkerGuard>,
}

impl Closing<'_> {
    /// Writes what waits for the log; nothing is logged any more.
    pub fn close_log(&mut self) {
        self.log = None;
    }
}
