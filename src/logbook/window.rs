//! A page of a log: its lines, where it lies, how it is moved.

use crate::{Ink, Level};
use std::ops::Range;

/// A movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One line back.
    Up,
    /// One line on.
    Down,
    /// One page back.
    PageUp,
    /// One page on.
    PageDown,
    /// To the first line.
    First,
    /// To the end, which is followed from then on.
    End,
}

/// A line of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its first byte.
    pub at: u64,
    /// What is shown of it.
    pub text: String,
    /// The colours that it asks for, by pieces of the text.
    pub inks: Vec<(Range<usize>, Ink)>,
    /// Where in the text that stands which is pointed out.
    pub hits: Vec<Range<usize>>,
    /// Bytes after that which are not shown.
    pub hidden: u64,
    /// How loud it is.
    pub level: Level,
}

/// A page of a log, and where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The lines, in order.
    pub lines: Vec<Line>,
    /// Which of them is chosen; `None` in an empty page.
    pub cursor: Option<usize>,
    /// Whether new lines push old ones out.
    pub follows: bool,
    /// Number of the chosen line, counted from 1; `None` while lines are not counted so far.
    pub number: Option<u64>,
    /// How many lines the log has; `None` while they are not counted.
    pub count: Option<u64>,
    /// How many bytes it has.
    pub length: u64,
    /// Whether lines are missing because they were not looked for yet.
    pub is_partial: bool,
    /// How often the log was replaced or written anew since it was opened.
    pub restarts: u64,
}
