//! A clock that only runs while the host is being heard.
//!
//! Whether a run elsewhere lives is told by how long its heartbeat has stood still. While the line
//! is lost every heartbeat here stands still, and no run has died of it: so whoever judges the
//! mirror is given this clock.

use domain::{Clock, Nanos};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Time that passes between two hearings counts up to this; the rest was deafness.
const LONGEST_STEP: Duration = Duration::from_secs(12);

/// The clock of what is shown of a host.
#[derive(Debug)]
pub struct Attention {
    clock: Arc<dyn Clock>,
    heard: Mutex<Heard>,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    /// Wall clock at the last hearing.
    at: Nanos,
    /// Steady time of the underlying clock at the last hearing.
    beneath: Duration,
    /// Steady time as shown.
    steady: Duration,
}

impl Attention {
    /// Starts at the present moment.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let heard = Mutex::new(Heard {
            at: clock.now(),
            beneath: clock.steady(),
            steady: Duration::ZERO,
        });
        Self { clock, heard }
    }

    /// Notes that everything here is as the host says at this moment.
    pub fn hear(&self) {
        let mut heard = self.lock();
        let steady = self.clock.steady();
        let passed = steady.saturating_sub(heard.beneath).min(LONGEST_STEP);
        *heard = Heard {
            at: self.clock.now(),
            beneath: steady,
            steady: heard.steady + passed,
        };
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        // A plain value, whole at every moment.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Attention {
    fn now(&self) -> Nanos {
        self.lock().at
    }

    fn steady(&self) -> Duration {
        self.lock().steady
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ManualClock;

    #[test]
    fn it_stands_still_while_nothing_is_heard() {
        let manual = Arc::new(ManualClock::at(Nanos(5)));
        let attention = Attention::new(Arc::clone(&manual) as Arc<dyn Clock>);
        manual.advance(Duration::from_secs(2));
        attention.hear();
        assert_eq!(attention.steady(), Duration::from_secs(2));
        manual.advance(Duration::from_secs(3_600));
        assert_eq!(attention.steady(), Duration::from_secs(2));
        assert_eq!(attention.now(), Nanos(5 + 2_000_000_000));
        attention.hear();
        assert_eq!(attention.steady(), Duration::from_secs(2) + LONGEST_STEP);
        assert_eq!(attention.now(), manual.now());
    }
}
