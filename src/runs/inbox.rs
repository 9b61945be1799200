//! The worker's side of the mailbox: what is new, and what was meant for a worker before this one.

use crate::{Command, Event, Mailbox, Received, RunDir, RunsError};
use std::collections::BTreeSet;

/// Which commands were seen, and which of them came before this start.
#[derive(Debug)]
pub(crate) struct Inbox {
    mailbox: Mailbox,
    answered: BTreeSet<u64>,
    /// Highest number posted before a second or later start; 0 at the first.
    before: u64,
    restarted: bool,
    overrules: u64,
}

impl Inbox {
    /// Reads which commands earlier segments have answered.
    ///
    /// `restarted` tells that a scheduler started the worker again by itself: a person's wish to
    /// end, which the former worker had no time to read, then still holds. `overrules` is the last
    /// number before a person sent the job: whoever does so wants it to run, whatever was wished
    /// before. Numbers, since the clocks of two machines differ.
    pub(crate) fn open(
        run: &RunDir,
        segment: u32,
        restarted: bool,
        overrules: u64,
    ) -> Result<Self, RunsError> {
        let mailbox = Mailbox::of(run.layout());
        let answered = crate::reader::events(run.layout())?
            .into_iter()
            .filter_map(|record| match record.event {
                Event::CommandAcknowledged { number, .. } => Some(number),
                _ => None,
            })
            .collect();
        let before = match segment {
            1 => 0,
            _ => mailbox.last_number()?,
        };
        Ok(Self {
            mailbox,
            answered,
            before,
            restarted,
            overrules,
        })
    }

    /// Returns commands not seen before, in order.
    ///
    /// A number may turn up late on a network file system, so all unseen ones are new, not only
    /// the highest.
    pub(crate) fn new_ones(&mut self) -> Result<Vec<Received>, RunsError> {
        self.mailbox.take(|number| self.answered.insert(number))
    }

    /// Returns whether the command was meant for an earlier worker.
    ///
    /// Wishes about the moment (pause, stop, save) die with the worker they were meant for;
    /// settings outlive it, and so does a wish to end where no person started the next.
    pub(crate) fn expired(&self, number: u64, command: &Command) -> bool {
        let outlives = match command {
            Command::Set { .. } => true,
            Command::Stop | Command::Cancel => self.restarted,
            Command::Pause | Command::Resume | Command::Checkpoint => false,
        };
        let ends = matches!(command, Command::Cancel | Command::Stop);
        let overruled = ends && number <= self.overrules;
        overruled || (number <= self.before && !outlives)
    }
}
