//! Tells other threads for how long the foreman has been waiting for an answer.
//!
//! A scheduler that is silent holds up the very thread that would report it. Start at [`Pulse`].

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Waits shorter than this are ordinary.
const ORDINARY: Duration = Duration::from_secs(5);

/// When the call under way began.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Milliseconds of steady time, plus one; zero while no call is under way.
    since: AtomicU64,
}

impl Pulse {
    /// A call begins at the steady time `now`.
    pub fn begin(&self, now: Duration) {
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX - 1);
        self.since.store(millis + 1, Ordering::Release);
    }

    /// The call has been answered.
    pub fn end(&self) {
        self.since.store(0, Ordering::Release);
    }

    /// Returns for how long the call under way has been waited for, in whole steps of five
    /// seconds; `None` while that is ordinary.
    #[must_use]
    pub fn waiting(&self, now: Duration) -> Option<Duration> {
        let since = self.since.load(Ordering::Acquire).checked_sub(1)?;
        let waited = now.saturating_sub(Duration::from_millis(since));
        let seconds = waited.as_secs();
        (waited >= ORDINARY).then(|| Duration::from_secs(seconds - seconds % 5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_wait_is_told_and_only_in_steps() {
        let pulse = Pulse::default();
        let at = |seconds| pulse.waiting(Duration::from_secs(seconds));
        assert_eq!(at(100), None);
        pulse.begin(Duration::from_secs(100));
        assert_eq!(at(104), None);
        assert_eq!(at(109), Some(Duration::from_secs(5)));
        assert_eq!(at(121), Some(Duration::from_secs(20)));
        pulse.end();
        assert_eq!(at(200), None);
    }
}
