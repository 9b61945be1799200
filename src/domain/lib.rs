//! The vocabulary that every other crate speaks: time, bars, money, problems, randomness, clocks.
//!
//! Owns the words and their invariants; never does I/O of its own except [`durable`] and
//! [`journal`], which are the two ways in which the whole project writes files. Start at [`bars`].

pub mod bars;
pub mod clock;
pub mod durable;
pub mod exit;
pub mod fault;
pub mod journal;
pub mod lang;
pub mod lock;
pub mod money;
pub mod problem;
pub mod rng;
pub mod time;
pub mod timeline;

pub use bars::{BarFlags, Bars, BarsView};
pub use clock::{Clock, ManualClock, SystemClock};
pub use exit::Exit;
pub use fault::Fault;
pub use lang::{Lang, Phrase, Text};
pub use money::Bps;
pub use problem::{HINT, Place, Problem, Problems, Severity};
pub use rng::{StreamRng, Streams};
pub use time::{Nanos, Timeframe};
pub use timeline::Timeline;
