//! Curves over each other, each with its name: the one place that comparison and performance draw
//! lines through.

use super::{
    chart::{self, Chart, Drawn},
    paint::Paint,
};
use crate::{
    extent::Extent,
    series::{Axis, Series},
};
use ratatui::layout::Rect;
use report::axis::Unit;

/// Points of a curve, x rising; NaN is a gap.
pub type Points = [(f64, f64)];

/// What is drawn.
#[derive(Debug)]
pub struct Overlaid<'a> {
    /// Name of them all.
    pub title: &'a str,
    /// Curves by name, the most important first.
    pub lines: Vec<(String, &'a Points)>,
    /// Where x begins and ends; `None` while there is nothing.
    pub x: Option<(f64, f64)>,
    /// What y is.
    pub unit: Unit,
    /// What stands below the left and the right end.
    pub ends: (String, String),
    /// Whether the user's keys go here.
    pub chosen: bool,
}

/// Draws `curves` into `area`, in ranges that hold all of them.
pub fn draw(paint: &mut Paint<'_>, area: Rect, curves: Overlaid<'_>) {
    let mut extent = Extent::default();
    let points = curves.lines.iter().flat_map(|(_, points)| points.iter());
    extent.take(points, 0.0);
    let series: Vec<Series> = curves
        .lines
        .iter()
        .map(|(_, points)| Series::of(points))
        .collect();
    let lines = curves.lines.into_iter().zip(&series).enumerate();
    let lines = lines.map(|(colour, ((name, _), raw))| Drawn {
        name,
        value: raw.last(),
        told: true,
        colour,
        raw,
        smooth: None,
    });
    let chart = Chart {
        title: curves.title,
        axis: Axis::EnvSteps,
        cursor: None,
        marks: Vec::new(),
        x: curves.x,
        y: extent.y(),
        unit: curves.unit,
        ends: curves.ends,
        chosen: curves.chosen,
        lines: lines.collect(),
    };
    chart::draw(paint, area, &chart);
}
