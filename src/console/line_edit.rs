//! One line of typed text with a caret.
//!
//! Moves and deletes by grapheme, composes what an input method sends in pieces. Start at
//! [`LineEdit`].

use crossterm::event::KeyCode;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::{cells, chord::Chord};

/// The line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    /// Byte index of the caret, always at a grapheme's edge.
    caret: usize,
}

/// Characters that a line holds at most.
const LONGEST: usize = 400;

impl LineEdit {
    /// Starts with `text`, the caret behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = cells::clean(text);
        Self {
            caret: text.len(),
            text,
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how many cells lie before the caret.
    #[must_use]
    pub fn caret_cells(&self) -> usize {
        cells::width(&self.text[..self.caret])
    }

    /// Adds `text` at the caret.
    pub fn insert(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        let added: String = cells::clean(text).chars().take(room).collect();
        let before: String = self.text[..self.caret]
            .chars()
            .chain(added.chars())
            .nfc()
            .collect();
        let after = self.text[self.caret..].to_owned();
        self.caret = before.len();
        self.text = before + &after;
    }

    /// Takes a key; returns whether it was one for editing.
    pub fn press(&mut self, chord: Chord) -> bool {
        match chord.code {
            KeyCode::Char('u') if chord.ctrl => *self = Self::default(),
            KeyCode::Char(c) if !chord.ctrl => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => {
                let from = self.before();
                self.text.replace_range(from..self.caret, "");
                self.caret = from;
            }
            KeyCode::Delete => {
                let to = self.after();
                self.text.replace_range(self.caret..to, "");
            }
            KeyCode::Left => self.caret = self.before(),
            KeyCode::Right => self.caret = self.after(),
            KeyCode::Home => self.caret = 0,
            KeyCode::End => self.caret = self.text.len(),
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        let last = self.text[..self.caret].grapheme_indices(true).next_back();
        last.map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let first = self.text[self.caret..].graphemes(true).next();
        self.caret + first.map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_is_deleted_by_syllable() {
        let mut line = LineEdit::default();
        for c in ['\u{1112}', '\u{1161}', '\u{11ab}', 'a'] {
            line.press(Chord::char(c));
        }
        assert_eq!(line.text(), "한a");
        line.press(Chord::key(KeyCode::Left));
        assert_eq!(line.caret_cells(), 2);
        line.press(Chord::key(KeyCode::Backspace));
        assert_eq!(line.text(), "a");
        line.press(Chord::key(KeyCode::Backspace));
        line.press(Chord::key(KeyCode::Delete));
        line.press(Chord::key(KeyCode::Delete));
        assert_eq!(line.text(), "");
    }
}
