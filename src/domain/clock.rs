//! Where the time comes from. Decisions take a [`Clock`] or an instant as an argument, so that a
//! test can hold time still.

use crate::time::Nanos;
use std::{
    fmt::Debug,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// A source of wall-clock and of steady time.
pub trait Clock: Debug + Send + Sync {
    /// Returns the wall-clock time; may jump.
    fn now(&self) -> Nanos;

    /// Returns the time since an arbitrary fixed start; never goes back.
    fn steady(&self) -> Duration;
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl SystemClock {
    /// Starts the steady clock at zero.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one home of the ambient clock"
    )]
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one home of the ambient clock"
    )]
    fn now(&self) -> Nanos {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    fn steady(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that moves only when told to.
#[derive(Debug, Default)]
pub struct ManualClock {
    nanos: AtomicI64,
}

impl ManualClock {
    /// Starts at `now`.
    #[must_use]
    pub fn at(now: Nanos) -> Self {
        Self {
            nanos: AtomicI64::new(now.0),
        }
    }

    /// Moves both clocks forward.
    pub fn advance(&self, by: Duration) {
        let nanos = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        self.nanos.fetch_add(nanos, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Nanos {
        Nanos(self.nanos.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        Duration::from_nanos(u64::try_from(self.nanos.load(Ordering::SeqCst)).unwrap_or(0))
    }
}
