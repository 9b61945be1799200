//! Marks on a chart: a broken line where something happened, a sign at its foot, and what it was
//! once the cursor is there.
//!
//! Told apart by signs, not by colours; curves are never hidden. Start at [`Mark`].

use super::paint::Paint;
use crate::{areas, cells, dots::Form};
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// A place on x where something happened.
#[derive(Debug)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// What stands at its foot.
    pub sign: char,
    /// Of several in one column the lowest gives the sign.
    pub rank: u8,
    /// What happened, told when the cursor is near.
    pub label: String,
}

/// Returns the column of cells that `at` lies in; `None` outside of what is shown.
pub fn column(at: f64, (from, to): (f64, f64), width: u16) -> Option<u16> {
    let inside = at >= from && at <= to && to > from && width > 0;
    let share = (at - from) / (to - from);
    inside.then(|| ((share * f64::from(width)) as u16).min(width - 1))
}

/// Returns the columns that carry marks, each with its sign: one a column however many there are.
pub fn columns(marks: &[Mark], across: (f64, f64), width: u16) -> BTreeMap<u16, char> {
    let mut columns: BTreeMap<u16, &Mark> = BTreeMap::new();
    for mark in marks {
        if let Some(column) = column(mark.x, across, width) {
            let first = columns.entry(column).or_insert(mark);
            if mark.rank < first.rank {
                *first = mark;
            }
        }
    }
    let signed = columns.into_iter();
    signed.map(|(column, mark)| (column, mark.sign)).collect()
}

/// Draws the marks as broken lines behind the curves.
pub fn lines(paint: &mut Paint<'_>, canvas: Rect, marks: &BTreeMap<u16, char>) {
    let dash = match paint.form {
        Form::Braille => "\u{2805}",
        Form::Block | Form::Ascii => ":",
    };
    for column in marks.keys() {
        for y in (0..canvas.height).rev().step_by(2) {
            if let Some(cell) = paint.buffer.cell_mut((canvas.x + column, canvas.y + y))
                && cell.symbol() == " "
            {
                cell.set_symbol(dash).set_style(paint.theme.faint);
            }
        }
    }
}

/// Writes each mark's sign below its line, or at the line's foot where the axis says something.
pub fn feet(
    paint: &mut Paint<'_>,
    canvas: Rect,
    foot: Rect,
    marks: &BTreeMap<u16, char>,
    (left, right): &(String, String),
) {
    let (left, right) = (cells::width(left), cells::width(right));
    let free = left..usize::from(foot.width).saturating_sub(right);
    for (column, sign) in marks {
        let area = match free.contains(&usize::from(*column)) {
            true => foot,
            false => areas::above(canvas, canvas.height - 1).1,
        };
        paint.text(area, *column, 0, &sign.to_string(), paint.theme.key);
    }
}

/// Returns what happened in the column `near` or right beside it, in order.
pub fn near(marks: &[Mark], across: (f64, f64), width: u16, near: u16) -> String {
    let close = |mark: &&Mark| {
        let column = column(mark.x, across, width);
        column.is_some_and(|column| column.abs_diff(near) <= 1)
    };
    let labels = marks.iter().filter(close).map(|mark| mark.label.as_str());
    labels.collect::<Vec<_>>().join(", ")
}

/// Writes `told` beside the sign in column `near`: below the chart, where it hides no curve. What
/// stands at the ends of the axis gives way.
pub fn tell(
    paint: &mut Paint<'_>,
    foot: Rect,
    near: u16,
    told: &str,
    (left, right): &(String, String),
) {
    if told.is_empty() {
        return;
    }
    let room = usize::from(foot.width);
    let text = cells::cut(told, room);
    let width = cells::width(&text);
    // Right of the sign, else left of it, else wherever it fits.
    let sign = usize::from(near);
    let start = match sign + 3 + width <= room {
        true => sign + 3,
        false => sign.checked_sub(2 + width).unwrap_or(room - width),
    };
    let faint = paint.theme.faint;
    let mut blank = |from: usize, width: usize| {
        let from = u16::try_from(from).unwrap_or(u16::MAX);
        paint.text(foot, from, 0, &" ".repeat(width), faint);
    };
    if start <= cells::width(left) {
        blank(0, cells::width(left));
    }
    let ending = room.saturating_sub(cells::width(right));
    if start + width >= ending {
        blank(ending, room - ending);
    }
    blank(start.saturating_sub(1), width + 2);
    let start = u16::try_from(start).unwrap_or(u16::MAX);
    paint.text(foot, start, 0, &text, paint.theme.key);
}
