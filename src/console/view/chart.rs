//! One chart: title with the latest values, curves, and just enough of an axis.
//!
//! Start at [`draw`].

use super::paint::Paint;
use crate::{cells, dots::Dots, number};
use ratatui::layout::Rect;
use report::axis::Unit;

/// What a chart shows.
#[derive(Debug)]
pub struct Chart<'a> {
    /// Its name.
    pub title: &'a str,
    /// Lines by name.
    pub lines: Vec<(String, &'a [(f64, f64)])>,
    /// Range of x; `None` before the first point.
    pub x: Option<(f64, f64)>,
    /// Range of y; `None` before the first finite value.
    pub y: Option<(f64, f64)>,
    /// What y is.
    pub unit: Unit,
    /// What stands below the left and the right end.
    pub ends: (String, String),
    /// Whether the user's keys go here.
    pub chosen: bool,
}

/// Columns of the y labels.
const GUTTER: u16 = 8;

/// Draws `chart` into `area`.
pub fn draw(paint: &mut Paint<'_>, area: Rect, chart: &Chart<'_>) {
    let title = if chart.chosen {
        format!("> {}", chart.title)
    } else {
        chart.title.to_owned()
    };
    let mut x = paint.text(area, 0, 0, &title, paint.theme.title) + 1;
    for (index, (name, points)) in chart.lines.iter().enumerate() {
        let last = points
            .iter()
            .rev()
            .map(|point| point.1)
            .find(|value| !value.is_nan());
        let value = last.map_or_else(|| number::NONE.to_owned(), |value| shown(value, chart.unit));
        let legend = format!(" {name}{}{value}", if name.is_empty() { "" } else { " " });
        if usize::from(x) + cells::width(&legend) > usize::from(area.width) {
            break;
        }
        let style = paint.theme.series(index);
        x = paint.text(area, x, 0, &legend, style);
    }
    let plot = crate::areas::below_title(area);
    let (Some(across), Some(up)) = (chart.x, chart.y) else {
        let nothing = paint.say(crate::words::NO_CURVE);
        paint.text(plot, 2, 0, nothing, paint.theme.faint);
        return;
    };
    let labelled = plot.height >= 3;
    let (cells_area, axis) =
        crate::areas::above(plot, plot.height.saturating_sub(u16::from(labelled)));
    let gutter = if area.width > 3 * GUTTER { GUTTER } else { 0 };
    let (labels, canvas) = crate::areas::beside(cells_area, gutter);
    if canvas.width == 0 || canvas.height == 0 {
        return;
    }
    let mut dots = Dots::new(usize::from(canvas.width), usize::from(canvas.height));
    for (index, (_, points)) in chart.lines.iter().enumerate() {
        dots.curve(points, across, up, u8::try_from(index % 250).unwrap_or(0));
    }
    paint.dots(canvas, &dots);
    for (y, value) in label_rows(labels.height, up) {
        let text = cells::right(
            &shown(value, chart.unit),
            usize::from(gutter.saturating_sub(1)),
        );
        paint.text(labels, 0, y, &text, paint.theme.faint);
    }
    if labelled {
        let (left, right) = (&chart.ends.0, &chart.ends.1);
        paint.text(axis, gutter, 0, left, paint.theme.faint);
        let room = usize::from(axis.width.saturating_sub(gutter));
        if cells::width(left) + cells::width(right) < room {
            paint.text_right(axis, 0, right, paint.theme.faint);
        }
    }
}

/// Rows that carry a label, with their values.
fn label_rows(height: u16, (low, high): (f64, f64)) -> Vec<(u16, f64)> {
    let mut rows = vec![(0, high)];
    if height >= 7 {
        rows.push((height / 2, low / 2.0 + high / 2.0));
    }
    if height >= 2 {
        rows.push((height - 1, low));
    }
    rows
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => number::percent(value),
        _ => number::figure(value),
    }
}
