//! What the terminal shows, and the fewest bytes that change it.
//!
//! A frame is one write, wrapped so that terminals show it at once; a frame that changes nothing
//! is no write at all. Start at [`Canvas::show`].

use crate::{encode::encode, scroll};
use ratatui::{
    buffer::{Buffer, Cell, CellWidth},
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
    /// What was shown before: its memory is drawn on again.
    spare: Buffer,
    caret: Option<(u16, u16)>,
    /// Nothing on the terminal can be relied on.
    unknown: bool,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            shown: Buffer::empty(Rect::ZERO),
            spare: Buffer::empty(Rect::ZERO),
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

    /// Returns an empty picture of `area` to draw on.
    #[must_use]
    pub fn blank(&mut self, area: Rect) -> Buffer {
        blank(&mut self.spare, area);
        std::mem::take(&mut self.spare)
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
            blank(&mut self.shown, next.area);
        }
        let mut changed = with_halves(&self.shown, &next);
        let movement = scroll::find(&self.shown, &next, &changed);
        if let Some(movement) = &movement {
            movement.encode(&mut bytes);
            movement.apply(&mut self.shown);
            changed = with_halves(&self.shown, &next);
        }
        let drawn = movement.is_some() || !changed.is_empty();
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
            self.spare = next;
            return Ok(0);
        }
        let frame = [BEGIN, bytes.as_slice(), END].concat();
        self.unknown = true;
        out.write_all(&frame)?;
        self.unknown = false;
        self.spare = std::mem::replace(&mut self.shown, next);
        self.caret = caret;
        Ok(frame.len())
    }
}

/// Empties `buffer` and gives it the size of `area`, in the memory that it has.
fn blank(buffer: &mut Buffer, area: Rect) {
    buffer.resize(area);
    buffer.reset();
}

/// Returns the cells that differ. Where one covers the first half of a wide character, the other half
/// is among them if either is in reverse: some terminals give it the look of one of them.
fn with_halves<'a>(before: &Buffer, after: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let mut all: Vec<(u16, u16, &Cell)> = Vec::new();
    let mut differing = differing(before, after).into_iter().peekable();
    while let Some((x, y, cell)) = differing.next() {
        all.push((x, y, cell));
        let half = (x + cell.cell_width().max(1), y);
        let follows = differing
            .peek()
            .is_some_and(|next| (next.0, next.1) == half);
        let covered = before.cell((half.0 - 1, y));
        let halves = |covered: &&Cell| covered.cell_width() > 1;
        let is_seen = |covered: &Cell| shows_blank(cell) || shows_blank(covered);
        if !follows && covered.filter(halves).is_some_and(is_seen) {
            all.extend(after.cell(half).map(|cell| (half.0, half.1, cell)));
        }
    }
    all
}

/// Returns the cells that a terminal which shows `before` has to be told of. Both have one area.
///
/// The same as [`Buffer::diff`], which measures every cell; mostly nearly all rows are equal.
fn differing<'a>(before: &Buffer, after: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let mut found = Vec::new();
    let columns = usize::from(after.area.width).max(1);
    let rows = before
        .content
        .chunks(columns)
        .zip(after.content.chunks(columns));
    for (y, (before, after)) in (after.area.y..).zip(rows) {
        let differs = |x: &usize| !same(&before[*x], &after[*x]);
        let Some(last) = (0..after.len()).rfind(differs) else {
            continue;
        };
        // Up to where cells are told whether they differ or not.
        let (mut x, mut told) = (0, 0);
        while x < told || x <= last {
            let (old, new) = (&before[x], &after[x]);
            let width = usize::from(new.cell_width());
            let is_told = x < told;
            if is_told || !same(old, new) {
                found.push((x as u16, y, new));
            }
            if is_told {
                told = told.max(x + width).min(after.len());
            } else if width == 1 && shows_blank(old) && !same(old, new) {
                // The colour of a wide character may stay on its second half.
                told = (x + usize::from(old.cell_width())).min(after.len());
            }
            x += width.max(1);
        }
    }
    found
}

/// Returns whether two cells look the same. Most hold a single byte: a call to compare longer texts
/// would take most of the time.
fn same(one: &Cell, other: &Cell) -> bool {
    if one.fg != other.fg || one.bg != other.bg || one.modifier != other.modifier {
        return false;
    }
    let (text, others) = (one.symbol(), other.symbol());
    match (text.as_bytes(), others.as_bytes()) {
        ([byte], [another]) => byte == another,
        (bytes, others) => bytes == others,
    }
}

/// Returns whether the look of `cell` is seen where it has no text.
fn shows_blank(cell: &Cell) -> bool {
    let seen = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
    cell.bg != Color::Reset || cell.modifier.intersects(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::style::Style;

    proptest! {
        #[test]
        fn what_differs_is_what_the_usual_way_finds(
            frames in prop::collection::vec(prop::collection::vec(written(), 0..20), 2),
        ) {
            let frames: Vec<Buffer> = frames.iter().map(|texts| {
                let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 4));
                for (x, y, text, style) in texts {
                    buffer.set_stringn(*x, *y, text, 30, *style);
                }
                buffer
            }).collect();
            let found = differing(&frames[0], &frames[1]);
            prop_assert_eq!(found, frames[0].diff(&frames[1]));
        }
    }

    fn written() -> impl Strategy<Value = (u16, u16, &'static str, Style)> {
        let text = prop::sample::select(vec!["a", "학습", "x y", "률 b", " ", "\u{28ff}"]);
        let style = prop::sample::select(vec![
            Style::new(),
            Style::new().bg(Color::Indexed(4)),
            Style::new().fg(Color::Indexed(9)),
            Style::new().add_modifier(Modifier::REVERSED),
        ]);
        (0..30_u16, 0..4_u16, text, style)
    }

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
