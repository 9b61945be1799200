//! A session as one browser shows it: news out, keys and sizes in.
//!
//! Everything is ignored that comes from an attachment which another one has replaced. Start at
//! [`Attachment::wait`].

use super::{PART, Shared, State};
use crate::program::Size;
use std::{
    fmt,
    sync::{Arc, PoisonError},
    time::Duration,
};

/// What a shown session has for its browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Bytes for the terminal.
    Output(Vec<u8>),
    /// The program has ended with this exit code, and everything was shown.
    Ended(u32),
    /// Another tab shows it now.
    Taken,
    /// The server ends.
    Closing,
    /// Nothing for a while.
    Quiet,
}

/// The program does not read what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overfull;

/// A session as one browser shows it; dropping it leaves the session to itself.
pub struct Attachment {
    shared: Arc<Shared>,
    number: u64,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Attachment {
    pub(super) fn new(shared: Arc<Shared>, number: u64) -> Self {
        Self { shared, number }
    }

    /// Waits for news, at most for `patience`; output only while the window is open.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> News {
        let window = self.shared.limits.window;
        let quiet = |state: &mut State| {
            state.shown_by == Some(self.number)
                && !state.closing
                && (state.output.is_empty() || state.unconfirmed >= window)
                && !(state.is_over() && state.output.is_empty())
        };
        let state = self.shared.state();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, patience, quiet);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.shown_by != Some(self.number) {
            return News::Taken;
        }
        if !state.output.is_empty() && state.unconfirmed < window {
            let most = PART.min(state.output.len());
            let part: Vec<u8> = state.output.drain(..most).collect();
            state.unconfirmed += part.len();
            drop(state);
            self.shared.changed.notify_all();
            return News::Output(part);
        }
        match state.code {
            _ if state.closing => News::Closing,
            Some(code) if state.is_over() && state.output.is_empty() => News::Ended(code),
            _ => News::Quiet,
        }
    }

    /// Notes that the browser has shown `bytes` more.
    pub fn confirm(&self, bytes: usize) {
        let mut state = self.shared.state();
        if state.shown_by == Some(self.number) {
            state.unconfirmed = state.unconfirmed.saturating_sub(bytes);
            drop(state);
            self.shared.changed.notify_all();
        }
    }

    /// Hands typed bytes to the program.
    ///
    /// # Errors
    /// The program has not read for so long that no more is kept for it.
    pub fn type_in(&self, bytes: &[u8]) -> Result<(), Overfull> {
        let mut state = self.shared.state();
        if state.shown_by != Some(self.number) {
            return Ok(());
        }
        if state.typed.len() + bytes.len() > self.shared.limits.typed {
            return Err(Overfull);
        }
        state.typed.extend(bytes);
        drop(state);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Gives the terminal another size.
    pub fn resize(&self, size: Size) {
        let mut state = self.shared.state();
        if state.shown_by == Some(self.number) {
            state.resize(size);
        }
    }

    /// Leaves the session to itself: no more news comes, and what it writes is no longer kept.
    pub fn leave(&self) {
        let mut state = self.shared.state();
        if state.shown_by == Some(self.number) {
            state.shown_by = None;
            state.output.clear();
            state.alone_since = self.shared.clock.steady();
        }
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.leave();
    }
}
