//! A figure as a file of its own: a picture, or its data for other programs.
//!
//! Gaps are empty in CSV and `null` in JSON. Start at [`Format`].

use crate::{
    figure::{Figure, Series},
    svg,
};
use serde_json::{Value, json};
use std::fmt::Write;

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A picture that any browser shows.
    Svg,
    /// One line a point: series, x, y.
    Csv,
    /// The series with their points, and what is marked.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Svg, Self::Csv, Self::Json];

    /// Returns the end of such a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// Returns `figure` as such a file; `x` names its x column, e.g. `env_steps`.
    #[must_use]
    pub fn render(self, figure: &Figure, x: &str) -> String {
        match self {
            Self::Svg => picture(figure),
            Self::Csv => table(figure, x),
            Self::Json => tree(figure, x),
        }
    }
}

/// Draws `figure` with the style sheet inside, so that the file stands alone.
fn picture(figure: &Figure) -> String {
    const OPENING: &str = "<svg class=\"figure\"";
    let (width, height) = (960.0, 420.0);
    let drawn = svg::draw(figure, width, height);
    let alone = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" class=\"figure\""
    );
    let drawn = drawn.replacen(OPENING, &alone, 1);
    let head = drawn.find('>').map_or(0, |at| at + 1);
    let (opening, rest) = drawn.split_at(head);
    let style = svg::STYLE;
    format!(
        "{opening}<style>{style}</style>\
         <rect width=\"100%\" height=\"100%\" fill=\"var(--page)\"/>{rest}\n"
    )
}

fn table(figure: &Figure, x: &str) -> String {
    let mut text = format!("series,{x},value\n");
    for series in &figure.series {
        let name = quoted(&series.name);
        for (at, value) in &series.points {
            let _ = if value.is_nan() {
                writeln!(text, "{name},{at},")
            } else {
                writeln!(text, "{name},{at},{value}")
            };
        }
    }
    text
}

fn quoted(name: &str) -> String {
    match name.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => name.to_owned(),
    }
}

fn tree(figure: &Figure, x: &str) -> String {
    // JSON has no number for what is not finite.
    let number = |value: f64| match value.is_infinite() {
        true => json!(value.to_string()),
        false => json!(value),
    };
    let one = |series: &Series| {
        let points = series.points.iter();
        let points: Vec<Value> = points
            .map(|(x, y)| json!([number(*x), number(*y)]))
            .collect();
        json!({ "name": series.name, "points": points })
    };
    let series: Vec<Value> = figure.series.iter().map(one).collect();
    let marks: Vec<Value> = figure
        .marks
        .iter()
        .map(|mark| json!({ "x": number(mark.x), "what": mark.what, "label": mark.label }))
        .collect();
    let whole = json!({ "title": figure.title, "x": x, "series": series, "marks": marks });
    whole.to_string() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        axis::Unit,
        figure::{Mark, Style},
    };

    fn figure() -> Figure {
        let points = vec![
            (1.0, 0.5),
            (2.0, f64::NAN),
            (3.0, 1e300),
            (3.0, f64::INFINITY),
        ];
        Figure::new("검증 <점수>", Unit::Count, Unit::Number).with("a, \"b\"", Style::Line, points)
    }

    #[test]
    fn every_point_is_in_the_table_and_a_gap_is_empty() {
        let text = Format::Csv.render(&figure(), "env_steps");
        let big = format!("{}", 1e300);
        let name = "\"a, \"\"b\"\"\"";
        let expected = format!(
            "series,env_steps,value\n{name},1,0.5\n{name},2,\n{name},3,{big}\n{name},3,inf\n"
        );
        assert_eq!(text, expected);
        assert_eq!(big.parse::<f64>(), Ok(1e300));
    }

    #[test]
    fn the_tree_is_json_whatever_the_values() {
        let text = Format::Json.render(&figure(), "env_steps");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["title"], "검증 <점수>");
        assert_eq!(read["series"][0]["points"][1], json!([2.0, null]));
        assert_eq!(read["series"][0]["points"][2][1], json!(1e300));
        assert_eq!(read["series"][0]["points"][3][1], "inf");
    }

    #[test]
    fn marks_are_in_the_tree_and_in_the_picture_where_they_fall_inside() {
        let mark = |x: f64, label: &str| Mark {
            x,
            what: "changed",
            sign: '^',
            label: label.to_owned(),
        };
        let marks = vec![mark(2.0, "lr 3e-4 -> 1e-4"), mark(99.0, "later")];
        let marked = figure().with_marks(marks);
        let read: Value = serde_json::from_str(&Format::Json.render(&marked, "updates")).unwrap();
        let first = json!({ "x": 2.0, "what": "changed", "label": "lr 3e-4 -> 1e-4" });
        assert_eq!(read["marks"][0], first);
        assert_eq!(read["marks"].as_array().unwrap().len(), 2);
        let picture = Format::Svg.render(&marked, "updates");
        assert!(picture.contains("lr 3e-4 -&gt; 1e-4"), "{picture}");
        assert!(!picture.contains("later"), "{picture}");
        assert_eq!(picture.matches("class=\"mark\"").count(), 1);
        // Nothing that happened is nothing that is marked.
        let plain = Format::Svg.render(&figure(), "updates");
        assert!(!plain.contains("class=\"mark\""));
        let table = Format::Csv.render(&marked, "updates");
        assert_eq!(table, Format::Csv.render(&figure(), "updates"));
    }

    #[test]
    fn the_picture_stands_alone() {
        let text = Format::Svg.render(&figure(), "env_steps");
        assert!(
            text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""),
            "{text}"
        );
        assert_eq!(text.matches("<svg").count(), 1);
        assert!(text.contains("<style>:root{") && text.ends_with("</svg>\n"));
        assert!(text.contains("검증 &lt;점수&gt;") && !text.contains("NaN"));
    }

    #[test]
    fn an_empty_figure_is_still_three_files() {
        let none = Figure::new("none", Unit::Count, Unit::Number);
        for format in Format::ALL {
            assert!(!format.render(&none, "updates").is_empty(), "{format:?}");
        }
    }
}
