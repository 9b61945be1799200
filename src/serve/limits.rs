//! How much anybody may ask of the server: sizes, counts and times.

use std::time::Duration;

/// The limits of one server; tests make them small.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for a request's head.
    pub ask: Duration,
    /// Time for a whole answer; the page takes 20 s at 50 kbit/s.
    pub answer: Duration,
    /// Requests at the same time; consoles that are shown do not count.
    pub visitors: usize,
    /// Consoles that are shown at the same time.
    pub lines: usize,
    /// Bytes of one message from a browser.
    pub message: usize,
    /// Typed bytes that wait for a program that does not read.
    pub typed: usize,
    /// Shown bytes that the page has not confirmed; then the program waits.
    pub window: usize,
    /// Time between two pings on a quiet line.
    pub ping: Duration,
    /// Silence after which a browser counts as gone; pings are answered by themselves.
    pub silence: Duration,
    /// Time for the browser's end to take in any byte.
    pub send: Duration,
    /// How long a console without a browser is kept.
    pub keep: Duration,
    /// How long a console may take to end before it is killed.
    pub goodbye: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ask: Duration::from_secs(10),
            answer: Duration::from_secs(120),
            visitors: 32,
            lines: 16,
            message: 64 << 10,
            typed: 1 << 20,
            window: 256 << 10,
            ping: Duration::from_secs(15),
            silence: Duration::from_secs(45),
            send: Duration::from_secs(30),
            keep: Duration::from_secs(30 * 60),
            goodbye: Duration::from_secs(5),
        }
    }
}
