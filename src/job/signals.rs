//! Signals as a value: SIGTERM, SIGINT and SIGUSR1 ask the worker to save and end.
//!
//! The second one ends the process at once; what was checkpointed is safe.

use signal_hook::{consts, iterator, low_level::signal_name};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

/// What arrived so far.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    received: Arc<AtomicI32>,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn listen() -> io::Result<Self> {
        let signals = Self::default();
        let received = Arc::clone(&signals.received);
        let asked = [consts::SIGTERM, consts::SIGINT, consts::SIGUSR1];
        let mut iterator = iterator::Signals::new(asked)?;
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                for signal in iterator.forever() {
                    if received.swap(signal, Ordering::SeqCst) != 0 {
                        std::process::exit(i32::from(domain::Exit::Interrupted.code()));
                    }
                }
            })?;
        Ok(signals)
    }

    /// Returns the name of the signal that came, if one did.
    #[must_use]
    pub fn received(&self) -> Option<&'static str> {
        match self.received.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal_name(signal).unwrap_or("signal")),
        }
    }

    /// Waits for `time`, less when a signal is already there.
    pub fn wait(&self, time: Duration) {
        if self.received().is_none() {
            std::thread::sleep(time);
        }
    }
}
