//! What every verb gets: surroundings, language, clock, and whether the user asked to stop.

use super::surroundings::Surroundings;
use domain::{Lang, SystemClock};
use report::braille::Glyphs;
use signal_hook::{consts, iterator::Signals};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// One invocation.
#[derive(Debug)]
pub struct Context {
    /// Environment, folders, terminal.
    pub around: Surroundings,
    /// Language of messages.
    pub lang: Lang,
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
    asked: Arc<AtomicUsize>,
}

impl Stop {
    /// Listens for SIGINT and SIGTERM from now on; the third one ends the program at once.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn listen() -> io::Result<Self> {
        let stop = Self::default();
        let asked = Arc::clone(&stop.asked);
        let mut signals = Signals::new([consts::SIGINT, consts::SIGTERM])?;
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if asked.fetch_add(1, Ordering::SeqCst) >= 2 {
                    std::process::exit(128 + signal);
                }
            }
        });
        Ok(stop)
    }

    /// Returns how often stopping was asked for.
    #[must_use]
    pub fn times(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Returns whether stopping was asked for.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.times() > 0
    }

    /// Waits for `time`, less when stopping is asked for meanwhile.
    pub fn wait(&self, time: Duration) {
        let before = self.times();
        let slice = Duration::from_millis(20);
        let mut left = time;
        while !left.is_zero() && self.times() == before {
            let now = left.min(slice);
            std::thread::sleep(now);
            left = left.saturating_sub(now);
        }
    }
}
