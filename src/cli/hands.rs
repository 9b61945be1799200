//! What the console does to run directories of this machine.

use super::{importing, surroundings::Surroundings};
use config::Draft;
use console::{
    hands::{Hands, Tell},
    importing::ImportOrder,
    saving::{Exchange, Saving},
};
use domain::{Clock, Phrase, SystemClock};
use runs::{Command, Layout, Mailbox, RunId, RunsError, trash};
use std::path::Path;

/// Touches the run directories of `around`'s home.
pub struct LocalHands {
    around: Surroundings,
    clock: SystemClock,
}

impl LocalHands {
    /// Works on the home of `around`.
    #[must_use]
    pub fn new(around: Surroundings) -> Self {
        Self {
            around,
            clock: SystemClock::new(),
        }
    }
}

impl Hands for LocalHands {
    fn post(&mut self, run: &Path, command: &Command) -> Result<u64, Phrase> {
        let mailbox = Mailbox::of(&Layout::new(run));
        let posted = mailbox.post(command, &self.around.user(), self.clock.now());
        posted.map_err(|error| said(&error))
    }

    fn remove(&mut self, _run: &RunId, path: &Path) -> Result<(), Phrase> {
        let removed = trash::remove(&self.around.home, path, &self.clock);
        removed.map(drop).map_err(|error| said(&error))
    }

    fn save(&mut self, _: &Saving, draft: &Draft) -> Result<(), Phrase> {
        let written = draft.clone().write();
        written
            .map(drop)
            .map_err(|problems| console::clerk::said(&problems))
    }

    fn exchange(&mut self, exchange: &Exchange) -> Result<(), Phrase> {
        exchange.make()
    }

    fn restore(&mut self, run: &RunId) -> Result<(), Phrase> {
        let restored = trash::restore(&self.around.home, run);
        restored.map(drop).map_err(|error| said(&error))
    }

    fn import(&mut self, order: &ImportOrder, tell: Tell) -> Result<(), Phrase> {
        importing::begin(&self.around, order, tell).map_err(Phrase::from)
    }
}

/// Returns an error with its remedy, in both languages.
#[must_use]
pub fn said(error: &RunsError) -> Phrase {
    let hint = error.hint();
    Phrase::new(
        format!("{error}; {}", hint.en),
        format!("{error}. {}", hint.ko),
    )
}
