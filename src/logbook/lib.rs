//! Reads logs of any size a page at a time: the end first, then anywhere, while they grow.
//!
//! A log may have more bytes than memory and more lines than 32 bits count; it may be truncated,
//! replaced or removed while it is read. So nothing is mapped (a truncated map kills the reader),
//! nothing is kept but one count and one mark a MiB, and places are byte offsets. Never writes.
//!
//! Start at [`Pager`], which is what a screen holds; then [`Log`] for how a file is followed,
//! [`search`] for how one is looked through, [`Bell`] for who tells that it grew.

pub mod bell;
pub mod error;
pub mod index;
pub mod ink;
pub mod level;
mod lines;
pub mod log;
pub mod moment;
pub mod needle;
pub mod pager;
pub mod pattern;
pub mod search;
pub mod shown;
pub mod target;
pub mod window;

#[cfg(test)]
mod tests;

pub use bell::Bell;
pub use error::LogError;
pub use index::Index;
pub use ink::{Colour, Ink};
pub use level::{Level, Levels};
pub use lines::Lines;
pub use log::{Change, Log, Snapshot};
pub use moment::Moment;
pub use needle::{Case, Needle};
pub use pager::Pager;
pub use pattern::{Fault, Pattern, PatternError};
pub use search::{Direction, Outcome, Progress, search};
pub use target::Target;
pub use window::{Line, Step, Window};
