//! The worker's hold on its run, shared by what writes figures and what takes commands.
//!
//! One [`Desk`] a worker: the segment, the status, the clock and the signals. [`SeedSink`] turns a
//! training's figures into journal lines; [`Orders`] turns the mailbox and signals into commands.

use super::{resources::Sampler, signals::Signals};
use config::Apply;
use domain::{Clock, Nanos, Phrase};
use learn::{Command, Control, MetricSink, Metrics, TrainEvent, Tunable};
use runs::{
    Ack, Best, Event, Journals, MetricRecord, Phase, RunsError, Segment, State, StatusWriter,
};
use std::{
    collections::VecDeque,
    io,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tracing_appender::non_blocking::WorkerGuard;

/// How often journals reach the disk.
const FLUSH: Duration = Duration::from_secs(2);
/// How often the mailbox is looked at.
const LOOK: Duration = Duration::from_millis(250);

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

/// Writes one seed's figures and events, and keeps the run's status up to date.
#[derive(Debug)]
pub struct SeedSink {
    desk: Desk,
    journals: Journals,
    seed: u64,
    /// Steps of the seeds before this one.
    offset: u64,
    flushed: Duration,
    /// Best score so far, so that an equal one is no news.
    best: f64,
}

impl SeedSink {
    /// Writes to `journals` of `seed`; `offset` steps were done by earlier seeds.
    #[must_use]
    pub fn new(desk: Desk, journals: Journals, seed: u64, offset: u64) -> Self {
        let flushed = desk.clock.steady();
        Self {
            desk,
            journals,
            seed,
            offset,
            flushed,
            best: f64::NEG_INFINITY,
        }
    }

    fn says(&mut self, step: u64, event: &TrainEvent) -> Option<Event> {
        let note = |en: String, ko: String| {
            Some(Event::Note {
                says: Phrase::new(en, ko),
            })
        };
        match event {
            TrainEvent::Started { backend, from_step } => note(
                format!("{}, from step {from_step}", backend.en),
                format!("{}, {from_step} 스텝부터", backend.ko),
            ),
            TrainEvent::CheckpointSaved { bytes, .. } => Some(Event::CheckpointSaved {
                name: step.to_string(),
                bytes: *bytes,
            }),
            TrainEvent::CheckpointFailed { error } => Some(Event::CheckpointFailed {
                reason: error.clone(),
            }),
            TrainEvent::Validated { score, .. } if *score > self.best => {
                self.best = *score;
                let (score, seed) = (*score, self.seed);
                self.desk.status.edit(|status| {
                    if status.best.as_ref().is_none_or(|best| score > best.value) {
                        let metric = "valid/score".to_owned();
                        status.best = Some(Best {
                            metric,
                            value: score,
                            step,
                            seed: Some(seed),
                        });
                    }
                });
                Some(Event::NewBest {
                    metric: "valid/score".to_owned(),
                    value: score,
                })
            }
            TrainEvent::Validated { .. } | TrainEvent::Finished => None,
            TrainEvent::SettingChanged { key, from, to } => Some(Event::SettingChanged {
                key: format!("agent.{}", key.name()),
                from: from.to_string(),
                to: to.to_string(),
            }),
            TrainEvent::Paused => {
                self.state(State::Paused);
                Some(Event::Paused)
            }
            TrainEvent::Resumed => {
                self.state(State::Running);
                Some(Event::Resumed)
            }
            TrainEvent::StoppedEarly { reason } => Some(Event::EarlyStop {
                rule: "callback".into(),
                says: reason.clone(),
            }),
            TrainEvent::NotFinite {
                what: Phrase { en, ko },
                update,
            } => Some(Event::Alert {
                says: Phrase::new(
                    format!(
                        "{en} is not finite in update {update}; the last good weights are kept"
                    ),
                    format!(
                        "{update}번째 업데이트에서 {ko} 값이 유한하지 않아 마지막 정상 가중치를 유지함"
                    ),
                ),
            }),
        }
    }

    fn state(&self, state: State) {
        self.desk.status.edit(|status| status.state = state);
        let _ = self.desk.status.write_now(&*self.desk.clock);
    }

    fn breathe(&mut self) -> Result<(), RunsError> {
        self.desk.status.beat(&*self.desk.clock)?;
        let now = self.desk.clock.steady();
        if now.saturating_sub(self.flushed) >= FLUSH {
            self.flushed = now;
            self.journals.flush()?;
        }
        Ok(())
    }
}

impl Drop for SeedSink {
    fn drop(&mut self) {
        let _ = self.journals.flush();
    }
}

impl MetricSink for SeedSink {
    fn metrics(&mut self, step: u64, values: &Metrics) -> io::Result<()> {
        let record = MetricRecord {
            step,
            t: self.desk.now(),
            k: values.clone(),
        };
        self.journals.metric(&record).map_err(io::Error::other)?;
        let (offset, rate) = (self.offset, values.get("perf/steps_per_second").copied());
        self.desk.status.edit(|status| {
            status.step = offset + step;
            if let Some(rate) = rate {
                // Smoothed, so that the time left does not jump with every update.
                status.rate = if status.rate > 0.0 {
                    0.9 * status.rate + 0.1 * rate
                } else {
                    rate
                };
                let left = status.total_steps.saturating_sub(status.step) as f64;
                status.eta_seconds = (status.rate > 0.0).then(|| left / status.rate);
            }
            for key in [
                "rollout/episode_return",
                "valid/score",
                "loss/approx_kl",
                "loss/entropy",
            ] {
                if let Some(value) = values.get(key) {
                    status.last.insert(key.to_owned(), *value);
                }
            }
        });
        self.breathe().map_err(io::Error::other)
    }

    fn event(&mut self, step: u64, event: &TrainEvent) -> io::Result<()> {
        let now = self.desk.now();
        let Some(said) = self.says(step, event) else {
            return Ok(());
        };
        tracing::info!(seed = self.seed, step, "{}", said.says().en);
        self.journals
            .event(now, Some(step), said)
            .map_err(io::Error::other)?;
        self.settle()
    }

    fn settle(&mut self) -> io::Result<()> {
        self.journals.flush().map_err(io::Error::other)
    }
}

/// Takes commands from the mailbox and from signals.
#[derive(Debug)]
pub struct Orders {
    desk: Desk,
    looked: Option<Duration>,
    signalled: bool,
    /// Commands delivered and not yet acknowledged; signals have no number.
    open: VecDeque<Option<(u64, runs::Command)>>,
}

impl Orders {
    /// Listens at `desk`.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self {
            desk,
            looked: None,
            signalled: false,
            open: VecDeque::new(),
        }
    }

    /// Returns whether a signal, and no person, ended the training.
    #[must_use]
    pub fn ended_by_signal(&self) -> bool {
        self.signalled
    }

    fn gather(&mut self) -> Result<Vec<Command>, RunsError> {
        let mut commands = Vec::new();
        if let Some(name) = self.desk.signals.received() {
            if !self.signalled {
                self.signalled = true;
                self.open.push_back(None);
                commands.push(Command::Stop);
                // Letters are read after the save, by whoever decides what the scheduler is told.
                let said = self.desk.event(Event::Signal {
                    name: name.to_owned(),
                });
                if let Err(error) = said {
                    tracing::warn!("{name}: {error}");
                }
            }
            return Ok(commands);
        }
        let now = self.desk.clock.steady();
        if self
            .looked
            .is_some_and(|looked| now.saturating_sub(looked) < LOOK)
        {
            return Ok(commands);
        }
        self.looked = Some(now);
        let clock = Arc::clone(&self.desk.clock);
        let letters = self.desk.segment().commands(&*clock)?;
        for (number, letter) in letters {
            match translate(&letter) {
                Ok(command) => {
                    commands.push(command);
                    self.open.push_back(Some((number, letter)));
                }
                Err(reason) => {
                    let ack = Ack::Refused { reason };
                    self.desk
                        .segment()
                        .acknowledge(number, &letter, ack, &*clock)?;
                }
            }
        }
        if !commands.is_empty() {
            self.desk.segment().journals().flush()?;
        }
        Ok(commands)
    }
}

/// Returns the trainer's command for a letter, or why there is none.
fn translate(letter: &runs::Command) -> Result<Command, Phrase> {
    Ok(match letter {
        runs::Command::Pause => Command::Pause,
        runs::Command::Resume => Command::Resume,
        runs::Command::Stop => Command::Stop,
        runs::Command::Cancel => Command::Cancel,
        runs::Command::Checkpoint => Command::Checkpoint,
        runs::Command::Set { key, value } => {
            let unknown = || {
                Phrase::new(
                    format!("{key} cannot change while the run is going"),
                    format!("{key}은(는) 실행 중에 바꿀 수 없음"),
                )
            };
            let known = config::find(key).filter(|known| known.apply == Apply::Live);
            let known = known.ok_or_else(unknown)?;
            let tunable = Tunable::named(known.name()).ok_or_else(unknown)?;
            let value = known.parse(value).map_err(|refusal| refusal.message)?;
            Command::Set {
                key: tunable,
                value: value.number().ok_or_else(unknown)?,
            }
        }
    })
}

impl Control for Orders {
    fn poll(&mut self) -> Vec<Command> {
        self.gather().unwrap_or_else(|error| {
            tracing::warn!("mailbox: {error}");
            Vec::new()
        })
    }

    fn wait(&mut self) -> Vec<Command> {
        loop {
            let commands = self.poll();
            if !commands.is_empty() {
                return commands;
            }
            let _ = self.desk.status.beat(&*self.desk.clock);
            self.desk.signals.wait(LOOK);
        }
    }

    fn acknowledge(&mut self, _command: &Command, outcome: Result<(), Phrase>) {
        let Some(Some((number, letter))) = self.open.pop_front() else {
            return;
        };
        let ack = match outcome {
            Ok(()) => Ack::Accepted,
            Err(reason) => Ack::Refused { reason },
        };
        let clock = Arc::clone(&self.desk.clock);
        let mut segment = self.desk.segment();
        let answered = segment
            .acknowledge(number, &letter, ack, &*clock)
            .and_then(|()| segment.journals().flush());
        if let Err(error) = answered {
            tracing::warn!("acknowledging {letter}: {error}");
        }
    }
}
