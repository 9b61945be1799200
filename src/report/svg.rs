//! Draws a [`Figure`] as SVG for the HTML page.
//!
//! Colours are CSS variables of the page (a colour-blind-safe set), so that one picture serves
//! light and dark. Texts are escaped here and nowhere else.

use crate::{
    axis,
    figure::{Figure, Series, Style, thin},
};
use std::fmt::Write;

const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 26.0;

/// Returns `text` with the five characters that mean something in XML replaced.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

struct Canvas {
    width: f64,
    height: f64,
    x: (f64, f64),
    y: (f64, f64),
}

impl Canvas {
    fn px(&self, x: f64) -> f64 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * (self.width - LEFT - RIGHT)
    }

    fn py(&self, y: f64) -> f64 {
        TOP + (self.y.1 - y) / (self.y.1 - self.y.0) * (self.height - TOP - BOTTOM)
    }
}

/// Draws `figure` in a view box of `width` × `height` units.
#[must_use]
pub fn draw(figure: &Figure, width: f64, height: f64) -> String {
    let title = escape(&figure.title);
    let mut svg = format!(
        "<svg class=\"figure\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\
         <text class=\"title\" x=\"{LEFT}\" y=\"17\">{title}</text>"
    );
    let ranges = figure.x_range().zip(figure.y_range());
    let Some((x, y)) = ranges else {
        let (middle, centre) = (width / 2.0, height / 2.0);
        let _ = write!(
            svg,
            "<text class=\"empty\" x=\"{middle}\" y=\"{centre}\">–</text></svg>"
        );
        return svg;
    };
    let x = if x.1 > x.0 { x } else { axis::widen(x.0, x.1) };
    let canvas = Canvas {
        width,
        height,
        x,
        y: axis::widen(y.0, y.1),
    };
    grid(&mut svg, figure, &canvas);
    for (index, series) in figure.series.iter().enumerate() {
        series_marks(&mut svg, series, index, &canvas);
    }
    marks(&mut svg, figure, &canvas);
    legend(&mut svg, figure, width);
    svg.push_str("</svg>");
    svg
}

fn grid(svg: &mut String, figure: &Figure, canvas: &Canvas) {
    let (right, bottom) = (canvas.width - RIGHT, canvas.height - BOTTOM);
    let y_ticks = axis::ticks(canvas.y.0, canvas.y.1, 5, figure.y);
    let y_step = step_of(&y_ticks);
    for tick in y_ticks {
        let y = canvas.py(tick);
        let text = axis::label(tick, y_step, figure.y);
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right:.1}\"/>\
             <text class=\"tick y\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
            LEFT - 6.0,
            y + 3.5
        );
    }
    let x_ticks = axis::ticks(canvas.x.0, canvas.x.1, 7, figure.x);
    let x_step = step_of(&x_ticks);
    for tick in x_ticks {
        let x = canvas.px(tick);
        let text = axis::label(tick, x_step, figure.x);
        // A label in the middle of the last tick would be cut off by the edge.
        let place = if x > right - 20.0 {
            "tick last"
        } else {
            "tick x"
        };
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{x:.1} {TOP}V{bottom:.1}\"/>\
             <text class=\"{place}\" x=\"{x:.1}\" y=\"{:.1}\">{text}</text>",
            bottom + 15.0
        );
    }
    if figure.zero {
        let y = canvas.py(0.0);
        let _ = write!(
            svg,
            "<path class=\"zero\" d=\"M{LEFT} {y:.1}H{right:.1}\"/>"
        );
    }
}

fn step_of(ticks: &[f64]) -> f64 {
    ticks
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .fold(0.0, f64::max)
}

fn series_marks(svg: &mut String, series: &Series, index: usize, canvas: &Canvas) {
    let class = format!("s{}", index % 8);
    match series.style {
        Style::Up | Style::Down => markers(svg, series, canvas),
        Style::Bars => bars(svg, series, &class, canvas),
        Style::Area => {
            let base = canvas.py(0.0_f64.clamp(canvas.y.0, canvas.y.1));
            let line = path(series, canvas, false);
            if let (Some(first), Some(last)) = (series.points.first(), series.points.last()) {
                let (left, right) = (canvas.px(first.0), canvas.px(last.0));
                let body = line.replacen('M', "L", 1);
                let _ = write!(
                    svg,
                    "<path class=\"area {class}\" d=\"M{left:.1} {base:.1}{body}L{right:.1} {base:.1}Z\"/>"
                );
            }
            let _ = write!(svg, "<path class=\"line {class}\" d=\"{line}\"/>");
        }
        Style::Line | Style::Step | Style::Faint => {
            let line = path(series, canvas, series.style == Style::Step);
            let faint = if series.style == Style::Faint {
                " faint"
            } else {
                ""
            };
            let _ = write!(svg, "<path class=\"line {class}{faint}\" d=\"{line}\"/>");
        }
    }
}

fn path(series: &Series, canvas: &Canvas, stepped: bool) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    for (x, y) in thin(&series.points, canvas.width as usize) {
        if !y.is_finite() {
            pen_down = false;
            continue;
        }
        let (x, y) = (canvas.px(x), canvas.py(y));
        let _ = match (pen_down, stepped) {
            (false, _) => write!(path, "M{x:.1} {y:.1}"),
            (true, true) => write!(path, "H{x:.1}V{y:.1}"),
            (true, false) => write!(path, "L{x:.1} {y:.1}"),
        };
        pen_down = true;
    }
    path
}

fn bars(svg: &mut String, series: &Series, class: &str, canvas: &Canvas) {
    let gap = series
        .points
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .fold(f64::INFINITY, f64::min);
    let gap = if gap.is_finite() {
        gap
    } else {
        canvas.x.1 - canvas.x.0
    };
    let width = ((canvas.px(canvas.x.0 + gap) - canvas.px(canvas.x.0)) * 0.86).max(0.5);
    let base = canvas.py(0.0_f64.clamp(canvas.y.0, canvas.y.1));
    for (x, y) in series.points.iter().filter(|point| point.1.is_finite()) {
        let (x, y) = (canvas.px(*x) - width / 2.0, canvas.py(*y));
        let (top, height) = (y.min(base), (y - base).abs());
        let _ = write!(
            svg,
            "<rect class=\"bar {class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }
}

fn markers(svg: &mut String, series: &Series, canvas: &Canvas) {
    let (class, tip, base) = if series.style == Style::Up {
        ("up", 3.0, 9.0)
    } else {
        ("down", -3.0, -9.0)
    };
    let mut path = String::new();
    for (x, y) in series.points.iter().filter(|point| point.1.is_finite()) {
        let (x, y) = (canvas.px(*x), canvas.py(*y));
        let _ = write!(
            path,
            "M{x:.1} {:.1}L{:.1} {:.1}H{:.1}Z",
            y + tip,
            x - 3.5,
            y + base,
            x + 3.5
        );
    }
    let _ = write!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
}

/// Broken lines where something happened, named at the top in as many rows as are needed to keep
/// names apart, at most four; beyond that the name shows under the pointer only.
fn marks(svg: &mut String, figure: &Figure, canvas: &Canvas) {
    const ROWS: [f64; 4] = [10.0, 22.0, 34.0, 46.0];
    let (right, bottom) = (canvas.width - RIGHT, canvas.height - BOTTOM);
    let mut ends = [f64::NEG_INFINITY; ROWS.len()];
    for mark in figure.marks_within(canvas.x) {
        let (x, label) = (canvas.px(mark.x), escape(&mark.label));
        let _ = write!(
            svg,
            "<path class=\"mark\" d=\"M{x:.1} {TOP}V{bottom:.1}\"><title>{label}</title></path>"
        );
        let length = length_of(&mark.label);
        let (class, start) = match x + 3.0 + length > right {
            true => ("told last", x - 3.0 - length),
            false => ("told", x + 3.0),
        };
        if let Some(row) = ends.iter().position(|end| *end <= start) {
            let at = if class == "told" { x + 3.0 } else { x - 3.0 };
            let y = TOP + ROWS[row];
            let _ = write!(
                svg,
                "<text class=\"{class}\" x=\"{at:.1}\" y=\"{y:.1}\">{label}</text>"
            );
            ends[row] = start + length + 6.0;
        }
    }
}

/// Returns about how long a text is drawn.
fn length_of(text: &str) -> f64 {
    let wide = |c: char| if c.is_ascii() { 6.1 } else { 11.0 };
    text.chars().map(wide).sum()
}

/// Names below the title, from the left; one that would not fit is left out.
fn legend(svg: &mut String, figure: &Figure, width: f64) {
    let mut x = LEFT;
    for (index, series) in figure
        .series
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.name.is_empty())
    {
        let class = match series.style {
            Style::Up => "up".to_owned(),
            Style::Down => "down".to_owned(),
            _ => format!("key s{}", index % 8),
        };
        let length = length_of(&series.name);
        if x + 13.0 + length > width - RIGHT {
            break;
        }
        let text = escape(&series.name);
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"24\" width=\"9\" height=\"9\"/>\
             <text class=\"legend\" x=\"{:.1}\" y=\"32\">{text}</text>",
            x + 13.0
        );
        x += length + 25.0;
    }
}

/// The style sheet that gives the classes their colours, light and dark (Okabe and Ito's set).
pub const STYLE: &str = "\
:root{--ink:#1b1f24;--soft:#667;--line:#d9dde3;--page:#fff;--panel:#f7f8fa;\
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#cc79a7;--c4:#e69f00;--c5:#56b4e9;--c6:#7f7f7f;--c7:#a6761d}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#9aa3af;--line:#343a43;--page:#14171b;--panel:#1b1f25;\
--c0:#56b4e9;--c1:#ff8c3a;--c2:#2fc89b;--c3:#e3a0c6;--c4:#f2c14e;--c5:#0072b2;--c6:#a0a0a0;--c7:#d0a050}}\
.figure{width:100%;height:auto;background:var(--panel);border-radius:6px;font:11px system-ui,sans-serif}\
.figure text{fill:var(--soft)}.figure .title{fill:var(--ink);font-size:13px;font-weight:600}\
.figure .tick.y,.figure .tick.last{text-anchor:end}.figure .tick.x,.figure .empty{text-anchor:middle}\
.grid{stroke:var(--line);stroke-width:.6;fill:none}.zero{stroke:var(--soft);stroke-width:.9;fill:none}\
.line{fill:none;stroke-width:1.5;stroke-linejoin:round}.line.faint{stroke-width:1;opacity:.55}\
.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3;fill:none}.figure .told.last{text-anchor:end}\
.area{opacity:.22;stroke:none}.up{fill:var(--c2)}.down{fill:var(--c1)}\
.line.s0{stroke:var(--c0)}.line.s1{stroke:var(--c1)}.line.s2{stroke:var(--c2)}.line.s3{stroke:var(--c3)}\
.line.s4{stroke:var(--c4)}.line.s5{stroke:var(--c5)}.line.s6{stroke:var(--c6)}.line.s7{stroke:var(--c7)}\
.key.s0,.area.s0,.bar.s0{fill:var(--c0)}.key.s1,.area.s1,.bar.s1{fill:var(--c1)}\
.key.s2,.area.s2,.bar.s2{fill:var(--c2)}.key.s3,.area.s3,.bar.s3{fill:var(--c3)}\
.key.s4,.area.s4,.bar.s4{fill:var(--c4)}.key.s5,.area.s5,.bar.s5{fill:var(--c5)}\
.key.s6,.area.s6,.bar.s6{fill:var(--c6)}.key.s7,.area.s7,.bar.s7{fill:var(--c7)}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::Unit;

    fn figure() -> Figure {
        Figure::new("equity <a&b>", Unit::Number, Unit::Percent)
            .with_zero()
            .with(
                "agent",
                Style::Line,
                vec![(0.0, 0.0), (1.0, f64::NAN), (2.0, 0.1), (3.0, 0.2)],
            )
            .with("loss", Style::Area, vec![(0.0, -0.1), (3.0, -0.2)])
    }

    #[test]
    fn a_gap_lifts_the_pen_and_texts_are_escaped() {
        let svg = draw(&figure(), 600.0, 240.0);
        assert!(svg.contains("equity &lt;a&amp;b&gt;"));
        assert!(!svg.contains("NaN"));
        let line = svg
            .split("class=\"line s0\" d=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert_eq!(line.matches('M').count(), 2, "{line}");
    }

    #[test]
    fn every_opened_element_is_closed() {
        let svg = draw(&figure(), 600.0, 240.0);
        let opened = svg.matches("<text").count();
        assert_eq!(opened, svg.matches("</text>").count());
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
    }

    #[test]
    fn a_figure_without_points_is_still_a_picture() {
        let svg = draw(&Figure::new("none", Unit::Time, Unit::Number), 300.0, 100.0);
        assert!(svg.contains("class=\"empty\"") && svg.ends_with("</svg>"));
    }
}
