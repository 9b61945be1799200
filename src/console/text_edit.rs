//! A few lines of typed text with a caret: job scripts are edited here, not in a text editor.
//!
//! Keeps every line exactly as it came, since a script is sent byte for byte; only what is drawn
//! is made safe. Moves and deletes by grapheme. Start at [`TextEdit`].

use crate::{cells, chord::Chord, cursor::Cursor, cursor::Step};
use crossterm::event::KeyCode;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    lines: Vec<String>,
    /// The line with the caret.
    row: Cursor,
    /// Byte index of the caret in its line, always at a grapheme's edge.
    column: usize,
}

/// Characters that a text holds at most.
const LONGEST: usize = 64 * 1024;

impl Default for TextEdit {
    fn default() -> Self {
        Self::new("")
    }
}

impl TextEdit {
    /// Starts with `text`, the caret at its beginning.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            lines: text.split('\n').map(str::to_owned).collect(),
            row: Cursor::default(),
            column: 0,
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Returns the lines.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Returns the line with the caret.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row.at
    }

    /// Returns the lines that are visible when `page` are.
    #[must_use]
    pub fn window(&self, page: usize) -> std::ops::Range<usize> {
        self.row.window(self.lines.len(), page)
    }

    /// Returns how many cells lie before the caret in its line.
    #[must_use]
    pub fn caret_cells(&self) -> usize {
        cells::width(&cells::clean(&self.line()[..self.column]))
    }

    /// Adds `text` at the caret; it may have several lines.
    pub fn insert(&mut self, text: &str) {
        let held: usize = self.lines.iter().map(|line| line.len() + 1).sum();
        if held + text.len() > LONGEST {
            return;
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                self.break_line();
            }
            let safe = part.chars().filter(|c| *c == '\t' || !c.is_control());
            let column = self.column;
            let line = self.line_mut();
            let before: String = line[..column].chars().chain(safe).nfc().collect();
            let after = line[column..].to_owned();
            let caret = before.len();
            *line = before + &after;
            self.column = caret;
        }
    }

    /// Takes a key while `page` lines are visible; returns whether it was one for editing.
    pub fn press(&mut self, chord: Chord, page: usize) -> bool {
        match chord.code {
            KeyCode::Char(c) if !chord.ctrl => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Enter => self.insert("\n"),
            KeyCode::Backspace => self.delete_before(),
            KeyCode::Delete => self.delete_after(),
            KeyCode::Left => self.back(),
            KeyCode::Right => self.forth(),
            KeyCode::Up => self.walk(Step::Up, page),
            KeyCode::Down => self.walk(Step::Down, page),
            KeyCode::PageUp => self.walk(Step::PageUp, page),
            KeyCode::PageDown => self.walk(Step::PageDown, page),
            KeyCode::Home if chord.ctrl => self.walk(Step::Home, page),
            KeyCode::End if chord.ctrl => self.walk(Step::End, page),
            KeyCode::Home => self.column = 0,
            KeyCode::End => self.column = self.line().len(),
            _ => return false,
        }
        self.row.set(self.row.at, self.lines.len(), page);
        true
    }

    fn line(&self) -> &str {
        self.lines.get(self.row.at).map_or("", String::as_str)
    }

    fn line_mut(&mut self) -> &mut String {
        if self.lines.is_empty() {
            self.lines.push(String::new());
        }
        let at = self.row.at.min(self.lines.len() - 1);
        &mut self.lines[at]
    }

    fn go_to(&mut self, row: usize) {
        self.row.at = row.min(self.lines.len().saturating_sub(1));
    }

    fn break_line(&mut self) {
        let column = self.column;
        let rest = self.line_mut().split_off(column);
        let next = self.row.at + 1;
        self.lines.insert(next, rest);
        self.go_to(next);
        self.column = 0;
    }

    fn delete_before(&mut self) {
        if self.column > 0 {
            let (to, from) = (self.column, self.before());
            self.line_mut().replace_range(from..to, "");
            self.column = from;
        } else if self.row.at > 0 {
            let line = self.lines.remove(self.row.at);
            self.go_to(self.row.at - 1);
            self.column = self.line().len();
            self.line_mut().push_str(&line);
        }
    }

    fn delete_after(&mut self) {
        let (from, to) = (self.column, self.after());
        if to > from {
            self.line_mut().replace_range(from..to, "");
        } else if self.row.at + 1 < self.lines.len() {
            let next = self.lines.remove(self.row.at + 1);
            self.line_mut().push_str(&next);
        }
    }

    fn back(&mut self) {
        if self.column > 0 {
            self.column = self.before();
        } else if self.row.at > 0 {
            self.go_to(self.row.at - 1);
            self.column = self.line().len();
        }
    }

    fn forth(&mut self) {
        let next = self.after();
        if next > self.column {
            self.column = next;
        } else if self.row.at + 1 < self.lines.len() {
            self.go_to(self.row.at + 1);
            self.column = 0;
        }
    }

    /// Changes the line; the caret stays in its column as far as the line reaches.
    fn walk(&mut self, step: Step, page: usize) {
        let graphemes = self.line()[..self.column].graphemes(true).count();
        self.row.go(step, self.lines.len(), page);
        let reached = self.line().graphemes(true).take(graphemes);
        self.column = reached.map(str::len).sum();
    }

    fn before(&self) -> usize {
        let last = self.line()[..self.column]
            .grapheme_indices(true)
            .next_back();
        last.map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let first = self.line()[self.column..].graphemes(true).next();
        self.column + first.map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 5;

    fn press(edit: &mut TextEdit, keys: &[KeyCode]) {
        for key in keys {
            edit.press(Chord::key(*key), PAGE);
        }
    }

    #[test]
    fn what_is_not_touched_stays_byte_for_byte() {
        let text = "#!/bin/bash\n\techo \u{1112}\u{1161}\u{11ab} → x\n\nexec a\n";
        let mut edit = TextEdit::new(text);
        assert_eq!(edit.text(), text);
        press(&mut edit, &[KeyCode::Down, KeyCode::Down, KeyCode::Down]);
        press(&mut edit, &[KeyCode::End, KeyCode::Char('b')]);
        assert_eq!(edit.text(), text.replace("exec a", "exec ab"));
    }

    #[test]
    fn lines_are_broken_and_joined() {
        let mut edit = TextEdit::new("ab\ncd");
        press(&mut edit, &[KeyCode::Right, KeyCode::Enter]);
        assert_eq!(edit.text(), "a\nb\ncd");
        press(&mut edit, &[KeyCode::Backspace, KeyCode::Backspace]);
        assert_eq!(edit.text(), "b\ncd");
        press(&mut edit, &[KeyCode::End, KeyCode::Delete]);
        assert_eq!(edit.text(), "bcd");
        press(&mut edit, &[KeyCode::Home, KeyCode::Backspace]);
        assert_eq!(edit.text(), "bcd");
    }

    #[test]
    fn korean_is_composed_and_deleted_by_syllable() {
        let mut edit = TextEdit::default();
        for c in ['\u{1112}', '\u{1161}', '\u{11ab}', 'a'] {
            press(&mut edit, &[KeyCode::Char(c)]);
        }
        assert_eq!(edit.text(), "한a");
        press(&mut edit, &[KeyCode::Left]);
        assert_eq!(edit.caret_cells(), 2);
        press(&mut edit, &[KeyCode::Backspace]);
        assert_eq!(edit.text(), "a");
    }

    #[test]
    fn a_pasted_text_keeps_its_lines() {
        let mut edit = TextEdit::new("x");
        edit.insert("a\r\nb\u{7}\rc");
        assert_eq!(edit.text(), "a\nb\ncx");
        assert_eq!((edit.row(), edit.caret_cells()), (2, 1));
    }
}
