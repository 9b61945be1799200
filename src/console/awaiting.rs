//! Commands that were posted to workers and not answered yet.
//!
//! A worker answers each command once, in its events; until then the person who gave it is told
//! that the answer is awaited. Start at [`Awaiting`].

use runs::{Ack, Event, EventRecord, RunId};

/// A posted command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The run.
    pub run: RunId,
    /// Its number in the run's mailbox.
    pub number: u64,
    /// The command in words.
    pub command: String,
}

/// Everything that is not answered yet, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Awaiting(Vec<Posted>);

/// Answers of workers that ended long ago are not awaited for ever.
const MOST: usize = 50;

impl Awaiting {
    /// Awaits the answer to `posted`.
    pub fn add(&mut self, posted: Posted) {
        self.0.push(posted);
        let surplus = self.0.len().saturating_sub(MOST);
        self.0.drain(..surplus);
    }

    /// Takes out what the events of `run` answer, each with its answer.
    pub fn answered(
        &mut self,
        run: &RunId,
        events: &[(Option<u64>, EventRecord)],
    ) -> Vec<(Posted, Ack)> {
        let mut answered = Vec::new();
        self.0.retain(|posted| {
            let answer = events
                .iter()
                .rev()
                .find_map(|(_, record)| match &record.event {
                    Event::CommandAcknowledged { number, ack, .. }
                        if posted.run == *run && posted.number == *number =>
                    {
                        Some(ack.clone())
                    }
                    _ => None,
                });
            let waits = answer.is_none();
            answered.extend(answer.map(|ack| (posted.clone(), ack)));
            waits
        });
        answered
    }

    /// Returns the oldest command of `run` that is not answered.
    #[must_use]
    pub fn of(&self, run: &RunId) -> Option<&Posted> {
        self.0.iter().find(|posted| posted.run == *run)
    }
}
