//! The log on screen: the last lines, followed or scrolled back.
//!
//! Start at [`LogPane`].

use crate::{cells, cursor::Step, message::LogNews};
use std::collections::VecDeque;

/// Lines kept.
const KEPT: usize = 20_000;

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Ordinary.
    Info,
    /// A warning.
    Warning,
    /// An error or a panic.
    Error,
}

/// The log on screen.
#[derive(Clone, Debug, Default)]
pub struct LogPane {
    /// The file's name.
    pub file: String,
    /// What is looked for; empty for warnings and errors.
    pub wanted: String,
    /// Cells by which the text is shifted to the left.
    pub shift: usize,
    lines: VecDeque<String>,
    /// First visible line while not following.
    top: Option<usize>,
    /// The line to hold still at once it is there, from an earlier use.
    awaited: Option<String>,
}

impl LogPane {
    /// Takes new lines over.
    pub fn take(&mut self, news: LogNews) {
        if news.anew {
            self.lines.clear();
            self.top = None;
        }
        self.file = news.file;
        self.lines
            .extend(news.lines.iter().map(|line| cells::clean(line)));
        let superfluous = self.lines.len().saturating_sub(KEPT);
        self.lines.drain(..superfluous);
        self.top = self.top.map(|top| top.saturating_sub(superfluous));
        if let Some(line) = self.awaited.take() {
            self.top = self.lines.iter().rposition(|one| *one == line);
        }
    }

    /// Returns the first visible line while held still.
    #[must_use]
    pub fn held_at(&self) -> Option<String> {
        self.lines.get(self.top?).cloned()
    }

    /// Holds still at `line` once it is there; follows if it never is.
    pub fn hold_at(&mut self, line: Option<String>) {
        self.awaited = line;
    }

    /// Returns whether new lines are shown as they come.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.top.is_none()
    }

    /// Follows, or stops following.
    pub fn toggle_follow(&mut self, page: usize) {
        self.top = match self.top {
            None => Some(self.lines.len().saturating_sub(page)),
            Some(_) => None,
        };
    }

    /// Scrolls; at the end it follows again.
    pub fn scroll(&mut self, step: Step, page: usize) {
        let end = self.lines.len().saturating_sub(page);
        let top = self.top.unwrap_or(end);
        let top = match step {
            Step::Up => top.saturating_sub(1),
            Step::Down => top + 1,
            Step::PageUp => top.saturating_sub(page.max(1)),
            Step::PageDown => top + page.max(1),
            Step::Home => 0,
            Step::End => end,
        };
        let downwards = matches!(step, Step::Down | Step::PageDown | Step::End);
        self.top = (top < end || (!downwards && self.lines.len() > page)).then_some(top.min(end));
    }

    /// Goes to the next line that is wanted, from the first visible one on, around the end.
    /// Returns whether there is one.
    pub fn find_next(&mut self, page: usize) -> bool {
        let count = self.lines.len();
        let end = count.saturating_sub(page);
        let from = self.top.map_or(0, |top| top + 1);
        let wanted = |index: &usize| self.is_wanted(&self.lines[*index]);
        let found = (from..count).chain(0..from.min(count)).find(wanted);
        if let Some(at) = found {
            self.top = Some(at.min(end.max(at)));
        }
        found.is_some()
    }

    fn is_wanted(&self, line: &str) -> bool {
        if self.wanted.is_empty() {
            level(line) != Level::Info
        } else {
            line.to_lowercase().contains(&self.wanted.to_lowercase())
        }
    }

    /// Returns the visible lines of `page` and how many lines there are.
    pub fn visible(&self, page: usize) -> (impl Iterator<Item = &str>, usize, usize) {
        let end = self.lines.len().saturating_sub(page);
        let top = self.top.unwrap_or(end).min(self.lines.len());
        let lines = self.lines.iter().skip(top).take(page).map(String::as_str);
        (lines, top, self.lines.len())
    }
}

/// Returns how loud a line is, judged by the words that loggers write.
#[must_use]
pub fn level(line: &str) -> Level {
    let head = cells::take(line, 120);
    if head.contains("ERROR") || head.contains("panicked at") {
        Level::Error
    } else if head.contains("WARN") {
        Level::Warning
    } else {
        Level::Info
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pane(count: usize) -> LogPane {
        let mut pane = LogPane::default();
        let lines = (0..count).map(|n| match n {
            7 => "WARN seven".to_owned(),
            n => format!("INFO {n}"),
        });
        pane.take(LogNews {
            lines: lines.collect(),
            ..LogNews::default()
        });
        pane
    }

    fn first(pane: &LogPane) -> String {
        pane.visible(5).0.next().unwrap_or_default().to_owned()
    }

    #[test]
    fn it_follows_until_scrolled_back_and_again_at_the_end() {
        let mut pane = pane(20);
        assert_eq!(first(&pane), "INFO 15");
        pane.scroll(Step::Up, 5);
        assert!(!pane.follows());
        assert_eq!(first(&pane), "INFO 14");
        pane.take(LogNews {
            lines: vec!["INFO new".into()],
            ..LogNews::default()
        });
        assert_eq!(first(&pane), "INFO 14");
        pane.scroll(Step::End, 5);
        assert!(pane.follows());
    }

    #[test]
    fn a_warning_is_found_and_what_is_not_there_is_not() {
        let mut pane = pane(20);
        assert!(pane.find_next(5));
        assert_eq!(first(&pane), "WARN seven");
        pane.wanted = "nowhere".into();
        assert!(!pane.find_next(5));
    }

    #[test]
    fn old_lines_are_dropped() {
        let pane = pane(KEPT + 3);
        assert_eq!(pane.visible(5).2, KEPT);
    }
}
