//! One chart: title with the latest values, curves, and just enough of an axis.
//!
//! Start at [`draw`].

use super::{
    marked::{self, Mark, column},
    paint::Paint,
};
use crate::{
    areas,
    backlog::Backlog,
    caps::Depth,
    cells,
    dots::{Dots, Form, share},
    number,
    series::{Axis, Series, Visible},
};
use ratatui::{layout::Rect, style::Modifier};
use report::axis::Unit;

/// One line of a chart.
#[derive(Debug)]
pub struct Drawn<'a> {
    /// Its name in the legend; empty for none.
    pub name: String,
    /// The value told beside it.
    pub value: Option<f64>,
    /// Whether the legend names it.
    pub told: bool,
    /// Which of the theme's colours it has.
    pub colour: usize,
    /// Its points as recorded.
    pub raw: &'a Series,
    /// Its smoothed twin, drawn over the faint raw one.
    pub smooth: Option<&'a Series>,
}

/// What a chart shows.
#[derive(Debug)]
pub struct Chart<'a> {
    /// Its name.
    pub title: &'a str,
    /// Lines, the most important first.
    pub lines: Vec<Drawn<'a>>,
    /// What x is.
    pub axis: Axis,
    /// Range of x; `None` before the first point.
    pub x: Option<(f64, f64)>,
    /// Range of y; `None` before the first finite value.
    pub y: Option<(f64, f64)>,
    /// What y is.
    pub unit: Unit,
    /// What stands below the left and the right end.
    pub ends: (String, String),
    /// Where the cursor is, and its place in words.
    pub cursor: Option<(f64, String)>,
    /// What is marked within the range of x, from the left.
    pub marks: Vec<Mark>,
    /// Whether the user's keys go here.
    pub chosen: bool,
}

/// Columns of the y labels.
const GUTTER: u16 = 8;
/// Curves of a chart whose columns are read before it is drawn.
const AT_ONCE: usize = 2;
/// Columns of any curve that are: as many as grow at the end of a live one.
const FEW: usize = 48;
/// Marks the dots of a raw curve whose smoothed twin is drawn over it.
const FAINT: u8 = u8::MAX;

/// Draws `chart` into `area`.
pub fn draw(paint: &mut Paint<'_>, area: Rect, chart: &Chart<'_>) {
    legend(paint, area, chart);
    let plot = areas::below_title(area);
    let (Some(across), Some(up)) = (chart.x, chart.y) else {
        let nothing = paint.say(crate::words::NO_CURVE);
        paint.text(plot, 2, 0, nothing, paint.theme.faint);
        return;
    };
    let labelled = plot.height >= 3;
    let (cells_area, axis) = areas::above(plot, plot.height.saturating_sub(u16::from(labelled)));
    let gutter = if area.width > 3 * GUTTER { GUTTER } else { 0 };
    let (labels, canvas) = areas::beside(cells_area, gutter);
    if canvas.width == 0 || canvas.height == 0 {
        return;
    }
    let columns = usize::from(canvas.width) * 2;
    let of = |line: &Drawn<'_>| {
        let series = line.smooth.unwrap_or(line.raw);
        visible(paint, chart, series, across, columns)
    };
    let told: Vec<Visible> = chart.lines.iter().map(of).collect();
    let mut dots = Dots::new(usize::from(canvas.width), usize::from(canvas.height));
    for line in chart
        .lines
        .iter()
        .rev()
        .filter(|line| line.smooth.is_some())
    {
        let raw = visible(paint, chart, line.raw, across, columns);
        dots.envelope(&raw, up, FAINT);
    }
    // The first on top.
    for (line, shown) in chart.lines.iter().zip(&told).rev() {
        dots.envelope(shown, up, u8::try_from(line.colour % 250).unwrap_or(0));
    }
    let theme = paint.theme;
    paint.dots_by(canvas, &dots, |owner| match owner {
        FAINT => theme.faint,
        owner => theme.series(usize::from(owner)),
    });
    let marks = marked::columns(&chart.marks, across, canvas.width);
    marked::lines(paint, canvas, &marks);
    if is_lettered(paint, chart) {
        letter(paint, canvas, chart, &told, up);
    }
    if let Some((at, _)) = &chart.cursor {
        upright(paint, canvas, chart, *at);
    }
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
        let foot = areas::beside(axis, gutter).1;
        marked::feet(paint, canvas, foot, &marks, &chart.ends);
        let cursor = chart.cursor.as_ref();
        if let Some(near) = cursor.and_then(|(at, _)| column(*at, across, canvas.width)) {
            let told = marked::near(&chart.marks, across, canvas.width, near);
            marked::tell(paint, foot, near, &told, &chart.ends);
        }
    }
}

/// Writes the title and as many lines' names and values as fit.
fn legend(paint: &mut Paint<'_>, area: Rect, chart: &Chart<'_>) {
    let title = if chart.chosen {
        format!("> {}", chart.title)
    } else {
        chart.title.to_owned()
    };
    let mut x = paint.text(area, 0, 0, &title, paint.theme.title) + 1;
    if let Some((_, place)) = &chart.cursor {
        x = paint.text(area, x, 0, &format!("@{place}"), paint.theme.key) + 1;
    }
    let lettered = is_lettered(paint, chart);
    for (index, line) in chart.lines.iter().filter(|line| line.told).enumerate() {
        let value = line
            .value
            .map_or_else(|| number::NONE.to_owned(), |value| shown(value, chart.unit));
        let space = if line.name.is_empty() { "" } else { " " };
        let mark = lettered
            .then(|| letter_of(index))
            .map(|mark| format!("{mark}:"));
        let legend = format!(" {}{}{space}{value}", mark.unwrap_or_default(), line.name);
        if usize::from(x) + cells::width(&legend) > usize::from(area.width) {
            break;
        }
        let style = paint.theme.series(line.colour);
        x = paint.text(area, x, 0, &legend, style);
    }
}

/// Returns whether letters stand for the colours that there are none of.
fn is_lettered(paint: &Paint<'_>, chart: &Chart<'_>) -> bool {
    paint.caps.depth == Depth::Mono && chart.lines.iter().filter(|line| line.told).count() > 1
}

fn letter_of(index: usize) -> char {
    char::from(b'a' + u8::try_from(index % 26).unwrap_or(0))
}

/// Writes each line's letter where the line ends.
fn letter(
    paint: &mut Paint<'_>,
    canvas: Rect,
    chart: &Chart<'_>,
    shown: &[Visible],
    up: (f64, f64),
) {
    let lines = chart.lines.iter().zip(shown);
    let told: Vec<_> = lines.filter(|(line, _)| line.told).collect();
    for (index, (line, shown)) in told.into_iter().enumerate().rev() {
        let ends = shown.columns.iter().enumerate().rev();
        let mut ends = ends.filter_map(|(x, column)| Some((x, share(column.last, up)?)));
        if let Some((x, height)) = ends.next() {
            let y = ((1.0 - height) * f64::from(canvas.height - 1)).round() as u16;
            let x = u16::try_from(x / 2).unwrap_or(0);
            let style = paint.theme.series(line.colour);
            paint.text(canvas, x, y, &letter_of(index).to_string(), style);
        }
    }
}

/// Returns what columns of one of the chart's curves hold; of few curves it is exact at once.
fn visible(
    paint: &Paint<'_>,
    chart: &Chart<'_>,
    series: &Series,
    across: (f64, f64),
    columns: usize,
) -> Visible {
    let smooth = chart.lines.iter().filter(|line| line.smooth.is_some());
    let most = match chart.lines.len() + smooth.count() {
        0..=AT_ONCE => usize::MAX,
        _ => FEW,
    };
    Backlog::shown(paint.backlog, series, chart.axis, (across, columns), most)
}

/// Draws the cursor: what it crosses in reverse and, in the chosen chart, a line where nothing
/// else is. Lines in all charts would repaint several columns of cells with every step.
fn upright(paint: &mut Paint<'_>, canvas: Rect, chart: &Chart<'_>, at: f64) {
    let Some(column) = chart.x.and_then(|x| column(at, x, canvas.width)) else {
        return;
    };
    let line = match paint.form {
        Form::Braille => "\u{2847}",
        Form::Block => "\u{2590}",
        Form::Ascii => ":",
    };
    for y in 0..canvas.height {
        let place = (canvas.x + column, canvas.y + y);
        let Some(cell) = paint.buffer.cell_mut(place) else {
            continue;
        };
        if cell.symbol() != " " || cell.modifier.contains(Modifier::REVERSED) {
            cell.modifier.toggle(Modifier::REVERSED);
        } else if chart.chosen {
            cell.set_symbol(line).set_style(paint.theme.faint);
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
