//! A place in a list, and which part of the list is on screen.
//!
//! The part moves only when the place would leave it: repainting a whole list for one arrow key is
//! what makes a console slow on a bad line. Start at [`Cursor`].

use crate::chord::Chord;
use crossterm::event::KeyCode;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A place in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cursor {
    /// Index of the chosen row.
    pub at: usize,
    /// Index of the first visible row.
    offset: usize,
}

/// A movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first row.
    Home,
    /// To the last row.
    End,
}

impl Step {
    /// Returns the movement that a key stands for in every list.
    #[must_use]
    pub fn of(chord: Chord) -> Option<Self> {
        Some(match chord.code {
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::PageUp => Self::PageUp,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            _ => return None,
        })
    }
}

impl Cursor {
    /// Moves within a list of `count` rows of which `page` are visible.
    pub fn go(&mut self, step: Step, count: usize, page: usize) {
        let last = count.saturating_sub(1);
        self.at = match step {
            Step::Up => self.at.saturating_sub(1),
            Step::Down => self.at.saturating_add(1),
            Step::PageUp => self.at.saturating_sub(page.max(1)),
            Step::PageDown => self.at.saturating_add(page.max(1)),
            Step::Home => 0,
            Step::End => last,
        }
        .min(last);
        self.settle(count, page);
    }

    /// Goes to row `at`.
    pub fn set(&mut self, at: usize, count: usize, page: usize) {
        self.at = at.min(count.saturating_sub(1));
        self.settle(count, page);
    }

    fn settle(&mut self, count: usize, page: usize) {
        self.offset = self.window(count, page).start;
    }

    /// Returns the rows that are visible when `page` of `count` are.
    #[must_use]
    pub fn window(&self, count: usize, page: usize) -> Range<usize> {
        let at = self.at.min(count.saturating_sub(1));
        let page = page.max(1);
        let start = self.offset.clamp((at + 1).saturating_sub(page), at);
        let start = start.min(count.saturating_sub(page));
        start..(start + page).min(count)
    }

    /// Scrolls a text of `count` lines: the chosen row is the first visible one.
    pub fn scroll(&mut self, step: Step, count: usize, page: usize) {
        self.go(step, count.saturating_sub(page.max(1)) + 1, page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_only_when_it_must() {
        let mut cursor = Cursor::default();
        for _ in 0..4 {
            cursor.go(Step::Down, 20, 5);
        }
        assert_eq!(cursor.window(20, 5), 0..5);
        cursor.go(Step::Down, 20, 5);
        assert_eq!(cursor.window(20, 5), 1..6);
        cursor.go(Step::Up, 20, 5);
        assert_eq!(cursor.window(20, 5), 1..6);
        cursor.go(Step::End, 20, 5);
        assert_eq!(cursor.window(20, 5), 15..20);
    }

    #[test]
    fn a_list_that_shrank_is_no_problem() {
        let mut cursor = Cursor::default();
        cursor.set(19, 20, 5);
        assert_eq!(cursor.window(3, 5), 0..3);
        assert_eq!(cursor.window(0, 5), 0..0);
        cursor.go(Step::Down, 0, 0);
        assert_eq!(cursor.at, 0);
    }
}
