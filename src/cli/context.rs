//! What every verb gets: surroundings, language, clock, and whether the user asked to stop.

use super::surroundings::Surroundings;
use console::look::Said;
use domain::{Lang, SystemClock};
use report::braille::Glyphs;
use signal_hook::{consts, iterator::Signals};
use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// One invocation.
#[derive(Debug)]
pub struct Context {
    /// Environment, folders, terminal.
    pub around: Surroundings,
    /// Language of messages.
    pub lang: Lang,
    /// Who says so.
    pub lang_said: Said,
    /// The machine's clock.
    pub clock: SystemClock,
    /// Ctrl-C and SIGTERM.
    pub stop: Stop,
}

impl Context {
    /// Returns the wording in the user's language.
    #[must_use]
    pub fn say<'a>(&self, en: &'a str, ko: &'a str) -> &'a str {
        match self.lang {
            Lang::En => en,
            Lang::Ko => ko,
        }
    }

    /// Returns what the terminal can show.
    #[must_use]
    pub fn glyphs(&self) -> Glyphs {
        super::runs::glyphs_of(&self.around.locale())
    }
}

/// Counts how often the user asked the program to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    asked: Arc<(Mutex<usize>, Condvar)>,
}

impl Stop {
    /// Listens for SIGINT and SIGTERM from now on; the third one ends the program at once.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn listen() -> io::Result<Self> {
        let stop = Self::default();
        let heard = stop.clone();
        let mut signals = Signals::new([consts::SIGINT, consts::SIGTERM])?;
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if heard.ask() > 2 {
                    std::process::exit(128 + signal);
                }
            }
        });
        Ok(stop)
    }

    /// Counts one more wish to stop, wakes whoever waits, and returns the count.
    fn ask(&self) -> usize {
        let mut asked = self.count();
        *asked += 1;
        self.asked.1.notify_all();
        *asked
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.asked.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how often stopping was asked for.
    #[must_use]
    pub fn times(&self) -> usize {
        *self.count()
    }

    /// Returns whether stopping was asked for.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.times() > 0
    }

    /// Waits for `time`, less when stopping is asked for meanwhile.
    pub fn wait(&self, time: Duration) {
        let asked = self.count();
        let before = *asked;
        let waited = self
            .asked
            .1
            .wait_timeout_while(asked, time, |asked| *asked == before);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_to_stop_ends_the_wait() {
        let stop = Stop::default();
        let waiter = stop.clone();
        // Without the wake-up this would outlast every patience.
        let waiting = std::thread::spawn(move || waiter.wait(Duration::from_secs(3_600)));
        while !waiting.is_finished() {
            stop.ask();
            std::thread::yield_now();
        }
        assert!(waiting.join().is_ok() && stop.was_asked());
    }

    #[test]
    fn without_a_wish_the_time_passes() {
        let stop = Stop::default();
        stop.wait(Duration::from_millis(1));
        assert_eq!(stop.times(), 0);
    }
}
