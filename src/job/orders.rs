//! Turns letters in the mailbox and signals of the system into commands for a training, and answers
//! the letters.
//!
//! Start at [`Orders`].

use super::desk::Desk;
use config::Apply;
use domain::Phrase;
use learn::{Command, Control, Tunable};
use runs::{Ack, Event, RunsError};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// How often the mailbox is looked at.
const LOOK: Duration = Duration::from_millis(250);

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
