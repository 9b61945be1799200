//! What the console asks of the thread that reads logs, and what that answers: pages of visible
//! lines and how far a search is, never a log's bytes.
//!
//! Start at [`LogRequest`] and [`LogNews`].

use crate::cursor;
use logbook::{Case, Direction, Levels, Moment, Needle, Outcome, Pattern, Step, Target, Window};
use std::{path::PathBuf, time::Duration};

/// Which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogPlace {
    /// One of a run's.
    Run {
        /// The run's directory.
        path: PathBuf,
        /// The file's name in its `log/`; `None` for the newest, whichever that is.
        file: Option<String>,
    },
    /// The console's own.
    Own,
}

/// What is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Of which log.
    pub place: LogPlace,
    /// How many lines.
    pub rows: usize,
    /// How many cells of each.
    pub columns: usize,
    /// Cells left out before them.
    pub shift: usize,
    /// Which lines.
    pub levels: Levels,
    /// What is pointed out in them.
    pub wanted: Option<Wanted>,
}

/// A line of a log, known by where it begins and by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its first byte.
    pub at: u64,
    /// What those bytes come to.
    pub sign: u64,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A text.
    Text(String, Case),
    /// What a regular expression describes.
    Pattern(String, Case),
    /// A warning or an error.
    Problem,
}

impl Wanted {
    /// Returns what is to be searched for; `None` for an expression that cannot be understood,
    /// which nobody asks for.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        Some(match self {
            Self::Text(text, case) => Target::Text(Needle::new(text, *case)),
            Self::Pattern(text, case) => Target::Pattern(Pattern::new(text, *case).ok()?),
            Self::Problem => Target::Levels(Levels::Warnings),
        })
    }
}

/// Something to ask of the thread that reads logs.
#[derive(Clone, Debug, PartialEq)]
pub enum LogRequest {
    /// Show this from now on, or nothing.
    Look(Option<Look>),
    /// Move.
    Step(Step),
    /// Follow the end, or hold still.
    ToggleFollow,
    /// Go to the line that has this byte.
    Go(u64),
    /// Choose the line of the page that begins at this byte.
    Choose(u64),
    /// Go to the line of this number, counted from 1.
    GoToNumber(u64),
    /// Go to what was written then.
    GoToMoment(Moment),
    /// Hold still at a line of an earlier use, if it is still there.
    Hold(Held),
    /// Look for a line from the chosen one on.
    Find(Wanted, Direction),
    /// Stop looking.
    Cancel,
    /// Say which logs the run in this directory has.
    List(PathBuf),
}

/// A page of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogNews {
    /// Of which log; `None` only before anything was asked.
    pub place: Option<LogPlace>,
    /// The file's name; empty while there is none.
    pub name: String,
    /// The page; the text of its lines is the visible part of it, safe to draw.
    pub window: Window,
    /// What the chosen line's first bytes come to.
    pub sign: u64,
    /// How many bytes were counted so far.
    pub counted: u64,
    /// Why the log cannot be read.
    pub problem: Option<String>,
    /// Whether somebody waits for it.
    pub is_answer: bool,
}

/// How a search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSearch {
    /// It goes on.
    Running {
        /// Hundredths of the log looked through.
        percent: u64,
        /// How long it may still take at most.
        left: Duration,
    },
    /// It is over.
    Ended(Outcome),
}

/// Something that could not be gone to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogMiss {
    /// A line number that is not known or that the log does not have.
    Number,
    /// A time in a log whose lines have none.
    Moment,
}

/// A log that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub length: u64,
}

impl From<cursor::Step> for Step {
    fn from(step: cursor::Step) -> Self {
        match step {
            cursor::Step::Up => Self::Up,
            cursor::Step::Down => Self::Down,
            cursor::Step::PageUp => Self::PageUp,
            cursor::Step::PageDown => Self::PageDown,
            cursor::Step::Home => Self::First,
            cursor::Step::End => Self::End,
        }
    }
}
