//! Putting text and pictures into cells, safe at every size.
//!
//! Start at [`Paint`].

use crate::{
    backlog::Backlog,
    caps::{Caps, Glyphs},
    cells,
    dots::{DotCell, Dots, Form, sparkline},
    mouse::Spot,
    theme::Theme,
};
use domain::{Lang, Text};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::{Modifier, Style},
};
use std::ops::Range;

/// Everything that drawing needs besides what is drawn.
#[derive(Debug)]
pub struct Paint<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// What the terminal can show.
    pub caps: &'a Caps,
    /// Colours.
    pub theme: &'a Theme,
    /// How pictures are drawn.
    pub form: Form,
    /// Where what is drawn roughly is left to be read.
    pub backlog: Option<&'a Backlog>,
    /// Language.
    pub lang: Lang,
    /// Where the caret is, while a line is typed.
    pub caret: Option<(u16, u16)>,
    /// What can be clicked, the topmost last.
    pub spots: Vec<(Rect, Spot)>,
}

impl Paint<'_> {
    /// Returns the wording in the reader's language.
    #[must_use]
    pub fn say(&self, text: Text) -> &'static str {
        text.get(self.lang)
    }

    /// Says that columns `from..to` of row `y` can be clicked.
    pub fn spot(&mut self, area: Rect, (from, to): (u16, u16), y: u16, spot: Spot) {
        let place = Rect::new(area.x + from, area.y + y, to.saturating_sub(from), 1);
        self.spots.push((place.intersection(area), spot));
    }

    /// Says that row `y` shows the entry `index` of the list whose entry `chosen` is chosen.
    pub fn row_spot(&mut self, area: Rect, y: u16, index: usize, chosen: usize) {
        let below = |at: usize| isize::try_from(at).unwrap_or(isize::MAX);
        let spot = Spot::Row(below(index).saturating_sub(below(chosen)));
        self.spot(area, (0, area.width), y, spot);
    }

    /// Writes `text` at column `x` of row `y` of `area`, cut at the area's edge; returns the next
    /// column.
    pub fn text(&mut self, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if y >= area.height || x >= area.width {
            return x;
        }
        let room = usize::from(area.width - x);
        if !text.is_empty() {
            self.part_before(area.x + x, area.y + y);
        }
        let place = (area.x + x, area.y + y);
        if cells::simple(text).is_some_and(|width| width <= room) {
            return self.simple(place, text, style) - area.x;
        }
        let text = cells::cut(text, room);
        let end = self
            .buffer
            .set_stringn(place.0, place.1, &text, room, style);
        end.0 - area.x
    }

    /// Writes `text` of simple characters, for which there is room; returns the next column of the
    /// screen. Most text is of such ones, and a screen is full of text.
    fn simple(&mut self, (mut x, y): (u16, u16), text: &str, style: Style) -> u16 {
        let start = self.buffer.index_of(x, y);
        let mut cells = self.buffer.content[start..].iter_mut();
        for c in text.chars() {
            let Some(cell) = cells.next() else { break };
            put(cell, c, style);
            x += 1;
            if cells::simple_width(c) == Some(2) {
                let Some(half) = cells.next() else { break };
                half.reset();
                x += 1;
            }
        }
        x
    }

    /// Draws at `(x, y)` of `area` what is wrong, or `short` where there is no room for all of it.
    pub fn briefly(&mut self, area: Rect, x: u16, y: u16, wrong: &str, short: Text) {
        let says = format!("! {}", cells::clean(wrong));
        let room = usize::from(area.width.saturating_sub(x));
        let bad = self.theme.bad;
        match cells::width(&says) <= room {
            true => self.text(area, x, y, &says, bad),
            false => self.text(area, x, y, &format!("! {}", self.say(short)), bad),
        };
    }

    /// Writes `text` into exactly `width` columns; returns the next column.
    pub fn column(
        &mut self,
        area: Rect,
        (x, width): (u16, u16),
        y: u16,
        text: &str,
        style: Style,
    ) -> u16 {
        let end = x + width;
        let fits = |used: usize| used > 0 && used <= usize::from(width);
        let inside = end <= area.width && y < area.height;
        if inside && cells::simple(text).is_some_and(fits) {
            let written = self.text(area, x, y, text, style);
            for x in written..end {
                if let Some(cell) = self.buffer.cell_mut((area.x + x, area.y + y)) {
                    put(cell, ' ', style);
                }
            }
        } else {
            self.text(area, x, y, &cells::left(text, usize::from(width)), style);
        }
        end
    }

    /// Writes the heads of a list's columns into the row `area`.
    pub fn heads(&mut self, area: Rect, heads: impl IntoIterator<Item = ((u16, u16), Text)>) {
        for (place, head) in heads {
            self.column(area, place, 0, self.say(head), self.theme.faint);
        }
    }

    /// Says at the right of the list `area` that row `at` of `count` is chosen, where not all are
    /// `shown`.
    pub fn whereabouts(&mut self, area: Rect, at: usize, shown: &Range<usize>, count: usize) {
        if shown.len() < count {
            let place = format!(" {}/{count}", at + 1);
            self.text_right(area, 0, &place, self.theme.faint);
        }
    }

    /// Writes `text` so that it ends at the right edge of row `y`.
    pub fn text_right(&mut self, area: Rect, y: u16, text: &str, style: Style) {
        let width = cells::width(text);
        let x = usize::from(area.width).saturating_sub(width);
        self.text(area, u16::try_from(x).unwrap_or(0), y, text, style);
    }

    /// Gives every cell of row `y` a style.
    pub fn style_row(&mut self, area: Rect, y: u16, style: Style) {
        if y < area.height {
            let row = Rect::new(area.x, area.y + y, area.width, 1);
            self.buffer
                .set_style(row.intersection(self.buffer.area), style);
        }
    }

    /// Marks row `y` as chosen: a sign at the left, and one column in reverse. A whole row in
    /// reverse would be repainted with every arrow key.
    pub fn choose(&mut self, area: Rect, y: u16, (x, width): (u16, u16)) {
        if y < area.height && x < area.width {
            let cells = Rect::new(area.x + x, area.y + y, width.min(area.width - x), 1);
            self.buffer
                .set_style(cells.intersection(self.buffer.area), self.theme.selected);
            self.text(area, 0, y, ">", self.theme.selected);
        }
    }

    /// Empties `area`.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            self.part_before(area.left(), y);
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// Blanks a wide character that would reach into column `x` from the left: half of one cannot
    /// be shown.
    fn part_before(&mut self, x: u16, y: u16) {
        let before = x
            .checked_sub(1)
            .filter(|before| *before >= self.buffer.area.x);
        let cell = before.and_then(|before| self.buffer.cell_mut((before, y)));
        if let Some(cell) = cell.filter(|cell| cells::width(cell.symbol()) > 1) {
            cell.set_symbol(" ");
        }
    }

    /// Writes a panel's title with a rule behind it and returns what is below.
    pub fn panel(&mut self, area: Rect, title: &str) -> Rect {
        let end = self.text(area, 0, 0, &format!("{title} "), self.theme.title);
        let room = usize::from(area.width.saturating_sub(end));
        let rule = match self.caps.glyphs {
            Glyphs::Unicode => "\u{2824}",
            Glyphs::Ascii => "-",
        };
        self.text(area, end, 0, &rule.repeat(room), self.theme.faint);
        crate::areas::below_title(area)
    }

    /// Draws `values` as one line of `width` columns; returns the next column.
    pub fn spark(&mut self, area: Rect, (x, width): (u16, u16), y: u16, values: &[f64]) -> u16 {
        let line = sparkline(values, usize::from(width), self.caps.glyphs);
        self.text(area, x, y, &line, self.theme.series(0));
        x + width
    }

    /// Copies `dots` to the upper left of `area` in one style.
    pub fn dots_as(&mut self, area: Rect, dots: &Dots, style: Style) {
        self.dots_by(area, dots, |_| style);
    }

    /// Copies `dots` to the upper left of `area`, each line in the style that belongs to it.
    pub fn dots_by(&mut self, area: Rect, dots: &Dots, style_of: impl Fn(u8) -> Style) {
        let area = area.intersection(self.buffer.area);
        for row in 0..area.height {
            for column in 0..area.width {
                let found = dots.cell(usize::from(column), usize::from(row), self.form);
                let Some(DotCell {
                    glyph,
                    reversed,
                    owner,
                }) = found
                else {
                    continue;
                };
                let style = match reversed {
                    true => style_of(owner).add_modifier(Modifier::REVERSED),
                    false => style_of(owner),
                };
                if let Some(cell) = self.buffer.cell_mut((area.x + column, area.y + row)) {
                    cell.set_char(glyph).set_style(style);
                }
            }
        }
    }

    /// Writes `text` broken into lines from row `y` on; returns the next row.
    pub fn wrapped(&mut self, area: Rect, mut y: u16, text: &str, style: Style) -> u16 {
        for line in cells::wrap(text, usize::from(area.width)) {
            self.text(area, 0, y, &line, style);
            y += 1;
        }
        y
    }
}

/// Puts `c` into `cell`. Most blanks are there already, and to look costs less than to write.
fn put(cell: &mut Cell, c: char, style: Style) {
    if c != ' ' || cell.symbol() != " " {
        cell.set_char(c);
    }
    cell.set_style(style);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::caps::Depth;

    #[test]
    fn a_column_ends_where_its_area_does() {
        let style = Style::new().add_modifier(Modifier::BOLD);
        let shown = painted((8, 2), |paint, area| {
            let flat = Rect { height: 0, ..area };
            assert_eq!(paint.column(flat, (1, 4), 0, "ab", style), 5);
            let first = Rect { height: 1, ..area };
            paint.column(first, (1, 4), 1, "ab", style);
            assert_eq!(*paint.buffer, Buffer::empty(area), "below the area");
            paint.column(area, (1, 4), 0, "ab", style);
            let bold = |x: u16| paint.buffer[(x, 0)].modifier == Modifier::BOLD;
            let styled: Vec<bool> = (0..8).map(bold).collect();
            assert_eq!(styled, [false, true, true, true, true, false, false, false]);
            paint.column(area, (6, 4), 1, "cdef", style);
        });
        assert_eq!(shown, " ab     \n      c~\n");
    }

    #[test]
    fn half_of_a_wide_character_is_never_left_over() {
        let shown = painted((6, 2), |paint, area| {
            let style = Style::new();
            paint.text(area, 0, 0, "학습률", style);
            paint.text(area, 1, 0, "x", style);
            paint.text(area, 0, 1, "학습률", style);
            paint.clear(Rect::new(3, 1, 1, 1));
        });
        // The blanks behind wide characters are theirs.
        assert_eq!(shown, " x습 률 \n학   률 \n");
    }

    /// Returns what `draw` paints on a screen of its own, one line a row.
    pub fn painted(size: (u16, u16), draw: impl FnOnce(&mut Paint<'_>, Rect)) -> String {
        painted_in(Glyphs::Unicode, size, draw)
    }

    /// The same with `glyphs`.
    pub fn painted_in(
        glyphs: Glyphs,
        (columns, rows): (u16, u16),
        draw: impl FnOnce(&mut Paint<'_>, Rect),
    ) -> String {
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        let depth = Depth::Mono;
        let mut paint = Paint {
            buffer: &mut buffer,
            caps: &Caps { depth, glyphs },
            theme: &Theme::new(config::keys::Theme::Dark, depth),
            form: Form::on(glyphs, Form::Braille),
            backlog: None,
            lang: Lang::En,
            caret: None,
            spots: Vec::new(),
        };
        draw(&mut paint, area);
        let row = |y| (0..columns).map(move |x| (x, y));
        let line = |y| row(y).map(|at| buffer[at].symbol()).collect::<String>();
        (0..rows).map(|y| line(y) + "\n").collect()
    }
}
