//! Signals as a value: SIGTERM, SIGINT and SIGUSR1 ask the worker to save and end.
//!
//! At a terminal the second one ends the process at once; what was checkpointed is safe. A
//! scheduler warns with one signal and ends with another within seconds, so there the later ones
//! are counted as said: the save goes on until it is done or the kill comes. SIGCONT, which
//! schedulers send along, means nothing.

use signal_hook::{
    consts, iterator,
    low_level::{exit, signal_name},
};
use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What a second signal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// End at once: somebody at a terminal is tired of waiting.
    EndsAtOnce,
    /// The same as the first: a scheduler sends several.
    MeansNothing,
}

/// What arrived so far.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    shared: Arc<(Mutex<Heard>, Condvar)>,
}

#[derive(Debug, Default)]
struct Heard {
    last: Option<i32>,
    count: u64,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn listen(second: Second) -> io::Result<Self> {
        let signals = Self::default();
        let heard = signals.clone();
        let asked = [consts::SIGTERM, consts::SIGINT, consts::SIGUSR1];
        let mut iterator = iterator::Signals::new(asked)?;
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                for signal in iterator.forever() {
                    let is_second = heard.note(signal);
                    if is_second && second == Second::EndsAtOnce {
                        // Other threads are in the middle of something: no destructor may run.
                        exit(i32::from(domain::Exit::Interrupted.code()));
                    }
                }
            })?;
        Ok(signals)
    }

    /// Returns the name of the last signal that came, if one did.
    #[must_use]
    pub fn received(&self) -> Option<&'static str> {
        self.lock().last.map(name)
    }

    /// Waits until a signal is there, and returns its name.
    #[must_use]
    pub fn first(&self) -> &'static str {
        let mut received = self.lock();
        loop {
            if let Some(signal) = received.last {
                return name(signal);
            }
            let woken = self.shared.1.wait(received);
            received = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for `time`, less when a signal is there or comes.
    pub fn wait(&self, time: Duration) {
        let received = self.lock();
        let _ = self
            .shared
            .1
            .wait_timeout_while(received, time, |heard| heard.last.is_none());
    }

    /// Returns how many signals came so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lock().count
    }

    /// Waits until more than `count` signals have come, `time` at most.
    pub fn wait_beyond(&self, count: u64, time: Duration) {
        let received = self.lock();
        let _ = self
            .shared
            .1
            .wait_timeout_while(received, time, |heard| heard.count <= count);
    }

    /// Takes `signal` in; returns whether it is not the first.
    pub fn note(&self, signal: i32) -> bool {
        let mut heard = self.lock();
        heard.count += 1;
        self.shared.1.notify_all();
        heard.last.replace(signal).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(signal: i32) -> &'static str {
    signal_name(signal).unwrap_or("signal")
}
