//! Turns what a training of one seed tells into lines of its journals and the run's status.
//!
//! Start at [`SeedSink`].

use super::desk::Desk;
use domain::Phrase;
use learn::{MetricSink, Metrics, TrainEvent};
use runs::{Best, Event, Journals, MetricRecord, RunsError, State};
use std::{io, time::Duration};

/// How often journals reach the disk.
const FLUSH: Duration = Duration::from_secs(2);

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
