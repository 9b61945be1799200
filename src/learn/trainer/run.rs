//! The loop around the updates: commands in, figures and events out, checkpoints to disk.

use super::{Trainer, update::Updated};
use crate::{
    checkpoint::{Best, CheckpointStore},
    control::{Command, Control, Tunable},
    error::TrainError,
    sink::{MetricSink, TrainEvent},
};
use domain::{Clock, Phrase, phrase};

/// What a training needs from outside.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// Takes figures and events.
    pub sink: &'a mut dyn MetricSink,
    /// Delivers commands.
    pub control: &'a mut dyn Control,
    /// Where checkpoints go; without it nothing is saved.
    pub store: Option<&'a mut CheckpointStore>,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// How a training ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps are done.
    Finished,
    /// A callback ended it, for this reason.
    StoppedEarly(Phrase),
    /// Stopped on command after saving; can be resumed.
    Stopped,
    /// Ended on command without saving.
    Cancelled,
}

/// What the commands between two updates decided.
enum Decision {
    GoOn,
    End(Ending),
}

impl Trainer {
    /// Trains until the last step, a command, or a callback ends it. A checkpoint is saved at
    /// every end but `Cancelled`.
    ///
    /// A checkpoint that cannot be written while training goes on is an event, not an error.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], with the last good weights saved; [`TrainError::Checkpoint`] when
    /// the checkpoint at the end cannot be written; whatever a callback returns.
    pub fn run(&mut self, around: &mut Surroundings<'_>) -> Result<Ending, TrainError> {
        let started = TrainEvent::Started {
            backend: self.backend(),
            from_step: self.resumed_from,
        };
        self.tell(around, &started);
        let ending = self.turns(around)?;
        match &ending {
            Ending::Finished => self.tell(around, &TrainEvent::Finished),
            Ending::StoppedEarly(reason) => {
                self.tell(
                    around,
                    &TrainEvent::StoppedEarly {
                        reason: reason.clone(),
                    },
                );
            }
            Ending::Stopped | Ending::Cancelled => {}
        }
        // A checkpoint of this very state, e.g. the best one, would only lose its score.
        if ending != Ending::Cancelled && !self.is_saved {
            self.save(around, None)?;
        }
        Ok(ending)
    }

    fn turns(&mut self, around: &mut Surroundings<'_>) -> Result<Ending, TrainError> {
        while self.progress.steps < self.progress.total_steps {
            if let Decision::End(ending) = self.obey(around) {
                return Ok(ending);
            }
            self.is_saved = false;
            let updated = match self.update(around.clock) {
                Ok(updated) => updated,
                Err(error) => return Err(self.rescue(around, error)),
            };
            if let Some(reason) = self.report(around, &updated) {
                return Ok(Ending::StoppedEarly(reason));
            }
        }
        Ok(Ending::Finished)
    }

    /// Carries out all commands that wait; while paused, waits for more.
    fn obey(&mut self, around: &mut Surroundings<'_>) -> Decision {
        let mut paused = false;
        let mut commands = around.control.poll();
        loop {
            for command in commands {
                let outcome = match command {
                    Command::Pause => {
                        paused = true;
                        self.tell(around, &TrainEvent::Paused);
                        Ok(())
                    }
                    Command::Resume => {
                        if std::mem::take(&mut paused) {
                            self.tell(around, &TrainEvent::Resumed);
                        }
                        Ok(())
                    }
                    Command::Checkpoint => self
                        .save_or_tell(around, None)
                        .map_err(|error| error.says()),
                    Command::Set { key, value } => self.set(around, key, value),
                    Command::Stop => {
                        around.control.acknowledge(&command, Ok(()));
                        return Decision::End(Ending::Stopped);
                    }
                    Command::Cancel => {
                        around.control.acknowledge(&command, Ok(()));
                        return Decision::End(Ending::Cancelled);
                    }
                };
                around.control.acknowledge(&command, outcome);
            }
            if !paused {
                return Decision::GoOn;
            }
            commands = around.control.wait();
        }
    }

    fn set(
        &mut self,
        around: &mut Surroundings<'_>,
        key: Tunable,
        value: f64,
    ) -> Result<(), Phrase> {
        let may_be_zero = key == Tunable::EntropyCoef;
        if !value.is_finite() || value < 0.0 || (value <= 0.0 && !may_be_zero) {
            let name = key.name();
            return Err(if may_be_zero {
                phrase!(
                    "{name} = {value} must be 0 or above",
                    "{name} = {value}: 0 이상이어야 합니다"
                )
            } else {
                phrase!(
                    "{name} = {value} must be above 0",
                    "{name} = {value}: 0보다 커야 합니다"
                )
            });
        }
        let place = match key {
            Tunable::LearningRate => &mut self.settings.learning_rate.start,
            Tunable::EntropyCoef => &mut self.settings.entropy_coef.start,
            Tunable::ClipRange => &mut self.settings.clip_range,
        };
        let from = std::mem::replace(place, value);
        self.is_saved = false;
        self.tell(
            around,
            &TrainEvent::SettingChanged {
                key,
                from,
                to: value,
            },
        );
        Ok(())
    }

    /// Hands out an update's figures and events and saves what was asked for; returns the reason
    /// to end, if there is one.
    fn report(&mut self, around: &mut Surroundings<'_>, updated: &Updated) -> Option<Phrase> {
        let step = self.progress.steps;
        if let Err(error) = around.sink.metrics(step, &updated.metrics) {
            tracing::warn!(step, %error, "figures of this update are lost");
        }
        for event in &updated.events {
            self.tell(around, event);
        }
        let requests = &updated.requests;
        if requests.best || requests.checkpoint {
            let best = requests.score.filter(|_| requests.best);
            // A full disk must not end a training: the event says so and the next one may succeed.
            let _ = self.save_or_tell(around, best);
        }
        requests.stop.clone()
    }

    fn save_or_tell(
        &mut self,
        around: &mut Surroundings<'_>,
        best: Option<f64>,
    ) -> Result<(), TrainError> {
        let saved = self.save(around, best);
        if let Err(error) = &saved {
            let error = error.says();
            self.tell(around, &TrainEvent::CheckpointFailed { error });
        }
        saved
    }

    /// Saves a checkpoint, marked as the best if it has a best score.
    fn save(&mut self, around: &mut Surroundings<'_>, best: Option<f64>) -> Result<(), TrainError> {
        let step = self.progress.steps;
        let Some(store) = around.store.as_deref_mut() else {
            return Ok(());
        };
        let began = around.clock.steady();
        let files = self.state()?.encode();
        if let Err(error) = around.sink.settle() {
            tracing::warn!(step, %error, "figures still wait to be written");
        }
        store.save(step, &files, best)?;
        self.is_saved = true;
        if let Some(score) = best {
            store.mark_best(Best { step, score })?;
        }
        self.saving += around.clock.steady().saturating_sub(began);
        self.tell(
            around,
            &TrainEvent::CheckpointSaved {
                best: best.is_some(),
                bytes: files.values().map(|bytes| bytes.len() as u64).sum(),
            },
        );
        Ok(())
    }

    /// Saves the last good weights after an update went wrong, and returns the error to report.
    fn rescue(&mut self, around: &mut Surroundings<'_>, error: TrainError) -> TrainError {
        if let TrainError::NotFinite { what, update, .. } = &error {
            let event = TrainEvent::NotFinite {
                what: (*what).into(),
                update: *update,
            };
            self.tell(around, &event);
            // Whatever state the environments are in led here; a resumption starts new episodes.
            self.rollouts.reset();
            let _ = self.save_or_tell(around, None);
        }
        error
    }

    fn tell(&self, around: &mut Surroundings<'_>, event: &TrainEvent) {
        let step = self.progress.steps;
        tracing::debug!(step, ?event, "training");
        if let Err(error) = around.sink.event(step, event) {
            tracing::warn!(step, %error, "this event is lost");
        }
    }
}
