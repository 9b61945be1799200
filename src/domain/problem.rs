//! Collected validation: every problem at once, each with its place and its remedy.

use serde::Serialize;
use std::fmt;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; work goes on.
    Warning,
    /// Work cannot go on.
    Error,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A position in a text file; line and column start at 1.
    File {
        /// Path as the user named it.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        col: usize,
    },
    /// A row of a data file; the header is row 1.
    Row {
        /// Path as the user named it.
        path: String,
        /// Row, from 1, header counted.
        row: usize,
    },
    /// A whole file or directory.
    Path(String),
    /// An environment variable.
    Env(String),
    /// A command-line flag.
    Flag(String),
    /// A built-in default.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, col } => write!(f, "{path}:{line}:{col}"),
            Self::Row { path, row } => write!(f, "{path}: row {row}"),
            Self::Path(path) => f.write_str(path),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Default => f.write_str("built-in default"),
        }
    }
}

/// One problem: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong, with the offending value.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Warning => "warning: ",
            Severity::Error => "",
        };
        write!(f, "{}  {word}{}", self.place, self.message)?;
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// Problems in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Starts with none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error.
    pub fn error(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Error, place, message.into(), hint.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Warning, place, message.into(), hint.into());
    }

    fn push(&mut self, severity: Severity, place: Place, message: String, hint: String) {
        self.0.push(Problem {
            severity,
            place,
            message,
            hint,
        });
    }

    /// Takes over all of `other`'s problems.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Returns whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Returns whether there is none at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Returns `value` if there is no error, else all the problems.
    ///
    /// # Errors
    /// Itself, when any problem is an error.
    pub fn into_result<T>(self, value: T) -> Result<(T, Self), Self> {
        if self.has_errors() {
            Err(self)
        } else {
            Ok((value, self))
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
