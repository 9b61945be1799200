//! How often the scheduler is asked: often enough to be of use, seldom enough to be welcome.
//!
//! The cadence belongs to the user, not to the process: it is decided from instants that all of
//! the user's processes share, and so by the wall clock, which two login nodes agree on roughly.

use domain::Nanos;
use std::time::Duration;

/// With jobs that wait or run.
pub const LIVE: Duration = Duration::from_secs(10);
/// For a minute after a user's action.
pub const ACTED: Duration = Duration::from_secs(3);
/// How long an action counts.
pub const ACTION_COUNTS: Duration = Duration::from_secs(60);
/// With nothing that waits or runs.
pub const IDLE: Duration = Duration::from_secs(30);
/// At most, after errors.
pub const SLOWEST: Duration = Duration::from_secs(120);
/// Between two calls of the accounting, which is slow and shared by everybody.
pub const ACCOUNTING: Duration = Duration::from_secs(15);

/// What decides when to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// When the scheduler was asked last, with or without success; zero for never.
    pub asked: Nanos,
    /// How often in a row it failed.
    pub failures: u32,
    /// When the user last sent or signalled something.
    pub acted: Option<Nanos>,
    /// Whether any job waits or runs.
    pub live: bool,
}

impl Pace {
    /// Returns how long the last answer is good for, seen from `now`.
    #[must_use]
    pub fn interval(&self, now: Nanos) -> Duration {
        if self.failures > 0 {
            let doubled = LIVE.saturating_mul(1 << self.failures.min(8));
            return doubled.min(SLOWEST);
        }
        // An action later than the last question wants to be seen at once.
        let recent = self
            .acted
            .is_some_and(|acted| since(acted, now) < ACTION_COUNTS);
        match (recent, self.live) {
            (true, _) => ACTED,
            (false, true) => LIVE,
            (false, false) => IDLE,
        }
    }

    /// Returns whether to ask at `now`.
    #[must_use]
    pub fn is_due(&self, now: Nanos) -> bool {
        // Asked in the future: another node's clock, or this one was set back.
        now < self.asked || since(self.asked, now) >= self.interval(now)
    }
}

/// Returns the time from `then` to `now`; zero when `then` lies ahead.
#[must_use]
pub fn since(then: Nanos, now: Nanos) -> Duration {
    Duration::from_nanos(u64::try_from(now.0.saturating_sub(then.0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Clock, ManualClock};
    use rstest::rstest;

    const START: Nanos = Nanos(1_795_630_000_000_000_000);

    fn pace(failures: u32, acted: bool, live: bool) -> Pace {
        Pace {
            asked: START,
            failures,
            acted: acted.then_some(START),
            live,
        }
    }

    #[rstest]
    #[case(pace(0, false, true), 10)]
    #[case(pace(0, false, false), 30)]
    #[case(pace(0, true, false), 3)]
    #[case(pace(1, false, true), 20)]
    #[case(pace(2, true, true), 40)]
    #[case(pace(3, false, true), 80)]
    #[case(pace(4, false, true), 120)]
    #[case(pace(4_000_000_000, false, false), 120)]
    fn asks_again_after(#[case] pace: Pace, #[case] seconds: u64) {
        let clock = ManualClock::at(START);
        clock.advance(Duration::from_millis(seconds * 1_000 - 1));
        assert!(!pace.is_due(clock.now()));
        clock.advance(Duration::from_millis(1));
        assert!(pace.is_due(clock.now()));
    }

    #[test]
    fn an_action_counts_for_a_minute() {
        let clock = ManualClock::at(START);
        clock.advance(Duration::from_secs(59));
        assert_eq!(pace(0, true, true).interval(clock.now()), ACTED);
        clock.advance(Duration::from_secs(1));
        assert_eq!(pace(0, true, true).interval(clock.now()), LIVE);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_silence_it() {
        assert!(pace(0, false, false).is_due(Nanos(START.0 - 1)));
        let never = Pace {
            asked: Nanos(0),
            ..pace(0, false, false)
        };
        assert!(never.is_due(START));
    }
}
