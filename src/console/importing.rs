//! Importing market data from the screen: what is asked for, how far it is, how it ended.
//!
//! The worker reads and stores the data, as it does for `makook data import`; it is a process of
//! its own that a closed console leaves alone. Start at [`ImportOrder`].

use crate::view::shell;
use domain::{Lang, Phrase, Text};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};

/// A file to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOrder {
    /// The file, as the user named it; a relative one is the project's.
    pub source: PathBuf,
    /// Name in the store.
    pub name: String,
    /// Instrument; `None` where the file holds one.
    pub symbol: Option<String>,
    /// Repairs, `fault=policy` each.
    pub repairs: Vec<String>,
    /// Whether a data set of that name is replaced.
    pub replace: bool,
    /// Language of what is said when it fails.
    pub lang: Lang,
}

impl ImportOrder {
    /// Returns the command that does the same from the project's folder.
    #[must_use]
    pub fn command(&self) -> String {
        let mut words = vec![self.source.display().to_string()];
        words.extend(["--name".to_owned(), self.name.clone()]);
        if let Some(symbol) = &self.symbol {
            words.extend(["--symbol".to_owned(), symbol.clone()]);
        }
        for repair in &self.repairs {
            words.extend(["--repair".to_owned(), repair.clone()]);
        }
        if self.replace {
            words.push("--replace".to_owned());
        }
        format!("makook data import {}", shell(&words))
    }
}

/// What an import is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reading the file.
    Reading,
    /// Checking the bars.
    Checking,
    /// Writing the store.
    Writing,
}

impl Stage {
    /// Returns the words for it.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Reading => Text::new("reading", "읽는 중"),
            Self::Checking => Text::new("checking", "검사 중"),
            Self::Writing => Text::new("writing", "쓰는 중"),
        }
    }
}

/// What is heard of an import.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportNews {
    /// It was asked for.
    Begun(ImportOrder),
    /// How far it is, in per cent of the stage.
    At(Stage, u8),
    /// It is over.
    Ended(Result<Imported, Phrase>),
}

/// What an import stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Name in the store.
    pub name: String,
    /// Bars.
    pub bars: u64,
    /// Gaps between them.
    pub gaps: u64,
    /// Findings that are worth knowing.
    pub warnings: usize,
}

/// An import at work.
#[derive(Clone, Debug, PartialEq)]
pub struct Importing {
    /// What was asked for.
    pub order: ImportOrder,
    /// What it is busy with, and how far that is in per cent.
    pub at: (Stage, u8),
    /// Steady time at which that began.
    since: Duration,
    /// Until that is done, by its pace so far.
    pub left: Option<Duration>,
}

impl Importing {
    /// Starts at the steady time `now`.
    #[must_use]
    pub fn new(order: ImportOrder, now: Duration) -> Self {
        Self {
            order,
            at: (Stage::Reading, 0),
            since: now,
            left: None,
        }
    }

    /// Takes in how far it is at the steady time `now`.
    pub fn take(&mut self, (stage, percent): (Stage, u8), now: Duration) {
        if stage != self.at.0 {
            self.since = now;
        }
        let percent = percent.min(100);
        self.at = (stage, percent);
        let spent = now.saturating_sub(self.since);
        self.left = match percent {
            0 => None,
            done => Some(spent * u32::from(100 - done) / u32::from(done)),
        };
    }
}

/// Understands one line that the worker prints while it imports; `None` for any other line.
#[must_use]
pub fn progress(line: &str) -> Option<(Stage, u8)> {
    #[derive(Deserialize)]
    struct Line {
        stage: Stage,
        percent: u8,
    }
    let line: Line = serde_json::from_str(line).ok()?;
    Some((line.stage, line.percent))
}

/// Understands what the worker prints at the end; `None` for anything else.
#[must_use]
pub fn imported(report: &str) -> Option<Imported> {
    let report: serde_json::Value = serde_json::from_str(report).ok()?;
    let coverage = report.pointer("/manifest/coverage")?;
    let warnings = report.get("warnings");
    Some(Imported {
        name: report.pointer("/manifest/name")?.as_str()?.to_owned(),
        bars: coverage.get("bars")?.as_u64()?,
        gaps: coverage.get("gaps")?.as_u64()?,
        warnings: warnings
            .and_then(|list| list.as_array())
            .map_or(0, Vec::len),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> ImportOrder {
        ImportOrder {
            source: "data/my file.csv".into(),
            name: "mine".into(),
            symbol: Some("AAPL".into()),
            repairs: vec!["bad_rows=drop".into()],
            replace: true,
            lang: Lang::En,
        }
    }

    #[test]
    fn the_command_says_everything_that_was_asked_for() {
        let due = "makook data import 'data/my file.csv' --name mine --symbol AAPL \
                   --repair bad_rows=drop --replace";
        assert_eq!(order().command(), due);
    }

    #[test]
    fn what_is_left_follows_from_the_pace_of_the_stage() {
        let seconds = Duration::from_secs;
        let mut importing = Importing::new(order(), seconds(100));
        assert_eq!(importing.left, None);
        importing.take((Stage::Reading, 25), seconds(110));
        assert_eq!(importing.left, Some(seconds(30)));
        importing.take((Stage::Checking, 0), seconds(150));
        assert_eq!(importing.left, None);
        importing.take((Stage::Checking, 50), seconds(152));
        assert_eq!(importing.left, Some(seconds(2)));
        importing.take((Stage::Checking, 250), seconds(153));
        assert_eq!(importing.left, Some(Duration::ZERO));
    }

    #[test]
    fn only_lines_of_progress_are_taken_for_it() {
        assert_eq!(
            progress("{\"percent\":7,\"stage\":\"checking\"}"),
            Some((Stage::Checking, 7))
        );
        for other in [
            "makook: no such file",
            "{}",
            "{\"stage\":\"later\",\"percent\":1}",
        ] {
            assert_eq!(progress(other), None, "{other}");
        }
        let report = "{\"manifest\":{\"name\":\"a\",\"coverage\":{\"bars\":5,\"gaps\":1}},\
                      \"warnings\":[{}]}";
        let due = Imported {
            name: "a".into(),
            bars: 5,
            gaps: 1,
            warnings: 1,
        };
        assert_eq!(imported(report), Some(due));
        assert_eq!(imported("{}"), None);
    }
}
