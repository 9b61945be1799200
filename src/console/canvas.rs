//! What the terminal shows, and the fewest bytes that change it.
//!
//! A frame is one write, wrapped so that terminals show it at once; a frame that changes nothing
//! is no write at all. Start at [`Canvas::show`].

use crate::{cells, encode::encode};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::{Color, Modifier},
};
use std::io::{self, Write};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// What the terminal shows.
#[derive(Debug)]
pub struct Canvas {
    shown: Buffer,
    caret: Option<(u16, u16)>,
    /// Nothing on the terminal can be relied on.
    unknown: bool,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            shown: Buffer::empty(Rect::ZERO),
            caret: None,
            unknown: true,
        }
    }
}

impl Canvas {
    /// Forgets what the terminal shows: the next frame paints every cell.
    pub fn forget(&mut self) {
        self.unknown = true;
    }

    /// Makes `out` show `next` with the caret at `caret`; returns how many bytes it took.
    ///
    /// # Errors
    /// The terminal's; the next frame then paints every cell.
    pub fn show(
        &mut self,
        out: &mut impl Write,
        next: Buffer,
        caret: Option<(u16, u16)>,
    ) -> io::Result<usize> {
        let anew = self.unknown || self.shown.area != next.area;
        let mut bytes = Vec::new();
        if anew {
            bytes.extend_from_slice(b"\x1b[0m\x1b[2J");
            self.shown = Buffer::empty(next.area);
        }
        let changed = with_halves(&self.shown, &next);
        let drawn = !changed.is_empty();
        if drawn {
            encode(&mut bytes, changed);
        }
        match caret {
            // Drawing leaves the cursor anywhere, and input methods compose where it is.
            Some((x, y)) if drawn || anew || self.caret != caret => {
                bytes.extend_from_slice(format!("\x1b[{};{}H\x1b[?25h", y + 1, x + 1).as_bytes());
            }
            None if self.caret.is_some() || anew => bytes.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        if bytes.is_empty() {
            return Ok(0);
        }
        let frame = [BEGIN, bytes.as_slice(), END].concat();
        self.unknown = true;
        out.write_all(&frame)?;
        self.unknown = false;
        self.shown = next;
        self.caret = caret;
        Ok(frame.len())
    }
}

/// Returns the cells that differ. Where one covers the first half of a wide character, the other half
/// is among them if either is in reverse: some terminals give it the look of one of them.
fn with_halves<'a>(before: &Buffer, after: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let width = |cell: &Cell| {
        u16::try_from(cells::width(cell.symbol()))
            .unwrap_or(1)
            .max(1)
    };
    let shows_blank = |cell: &Cell| {
        let seen = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
        cell.bg != Color::Reset || cell.modifier.intersects(seen)
    };
    let mut all: Vec<(u16, u16, &Cell)> = Vec::new();
    let mut differing = before.diff(after).into_iter().peekable();
    while let Some((x, y, cell)) = differing.next() {
        all.push((x, y, cell));
        let half = (x + width(cell), y);
        let follows = differing
            .peek()
            .is_some_and(|next| (next.0, next.1) == half);
        let covered = before.cell((half.0 - 1, y));
        let halves = |covered: &&Cell| width(covered) > 1;
        let is_seen = |covered: &Cell| shows_blank(cell) || shows_blank(covered);
        if !follows && covered.filter(halves).is_some_and(is_seen) {
            all.extend(after.cell(half).map(|cell| (half.0, half.1, cell)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    #[test]
    fn half_of_a_wide_character_is_not_left_in_reverse() {
        let (mut canvas, mut out) = (Canvas::default(), Vec::new());
        canvas.show(&mut out, buffer("학습"), None).unwrap();
        let mut next = buffer("a");
        next.set_style(Rect::new(0, 1, 1, 1), Modifier::REVERSED);
        canvas.show(&mut out, next, None).unwrap();
        let mut parser = vt100::Parser::new(3.try_into().unwrap(), 40.try_into().unwrap(), 0);
        parser.process(&out);
        let inverse = |x| parser.screen().cell(1, x).unwrap().inverse();
        assert!(inverse(0) && !inverse(1));
    }

    #[test]
    fn half_that_a_wide_character_beside_it_leaves_is_not_in_reverse() {
        let (mut canvas, mut out) = (Canvas::default(), Vec::new());
        canvas.show(&mut out, buffer(" 학"), None).unwrap();
        let mut next = buffer("습");
        next.set_style(Rect::new(0, 1, 2, 1), Modifier::REVERSED);
        canvas.show(&mut out, next, None).unwrap();
        let mut parser = vt100::Parser::new(3.try_into().unwrap(), 40.try_into().unwrap(), 0);
        parser.process(&out);
        let inverse = |x| parser.screen().cell(1, x).unwrap().inverse();
        assert!(inverse(0) && !inverse(2));
    }

    #[test]
    fn half_of_a_wide_character_in_reverse_is_not_left_behind() {
        let (mut canvas, mut out) = (Canvas::default(), Vec::new());
        let mut marked = buffer("학습");
        marked.set_style(Rect::new(0, 1, 1, 1), Modifier::REVERSED);
        canvas.show(&mut out, marked, None).unwrap();
        canvas.show(&mut out, buffer("a"), None).unwrap();
        let mut parser = vt100::Parser::new(3.try_into().unwrap(), 40.try_into().unwrap(), 0);
        parser.process(&out);
        assert!((0..4).all(|x| !parser.screen().cell(1, x).unwrap().inverse()));
    }

    fn buffer(text: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 3));
        buffer.set_string(0, 1, text, Style::new());
        buffer
    }

    #[test]
    fn a_frame_that_changes_nothing_is_no_write() {
        let (mut canvas, mut out) = (Canvas::default(), Vec::new());
        assert!(canvas.show(&mut out, buffer("학습"), None).unwrap() > 0);
        let before = out.len();
        assert_eq!(canvas.show(&mut out, buffer("학습"), None).unwrap(), 0);
        assert_eq!(out.len(), before);
        assert!(canvas.show(&mut out, buffer("학술"), None).unwrap() < 64);
    }

    #[test]
    fn the_caret_is_moved_only_when_it_must() {
        let (mut canvas, mut out) = (Canvas::default(), Vec::new());
        canvas.show(&mut out, buffer("a"), Some((1, 1))).unwrap();
        assert_eq!(canvas.show(&mut out, buffer("a"), Some((1, 1))).unwrap(), 0);
        assert!(canvas.show(&mut out, buffer("a"), Some((2, 1))).unwrap() > 0);
        assert!(canvas.show(&mut out, buffer("a"), None).unwrap() > 0);
    }

    #[test]
    fn the_terminal_shows_what_was_drawn() {
        let (mut canvas, mut out) = (Canvas::default(), Vec::new());
        canvas.show(&mut out, buffer("학습률 abc"), None).unwrap();
        canvas.show(&mut out, buffer("ab 학습률"), None).unwrap();
        let mut parser = vt100::Parser::new(3.try_into().unwrap(), 40.try_into().unwrap(), 0);
        parser.process(&out);
        assert_eq!(parser.screen().contents().trim(), "ab 학습률");
    }
}
