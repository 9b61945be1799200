//! The learning curves of a run and of those laid over it: the grid, one chart, and their words.
//!
//! Start at [`grid`].

use super::{
    chart::{self, Chart},
    marked::Mark,
    paint::Paint,
};
use crate::{
    areas, cells, metric::METRICS, mouse::Spot, number, run_data::RunData, series::Axis,
    smoothing::Smoothing, state::State, words,
};
use domain::Text;
use ratatui::layout::Rect;
use report::axis::Unit;
use runs::RunId;

/// Where a chart stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the run screen, where keys choose it.
    Grid,
    /// On the dashboard.
    Glance,
}

/// Draws all charts, or as many around the chosen one as there is room for.
pub fn grid(paint: &mut Paint<'_>, area: Rect, state: &State, data: &RunData) {
    let across: u16 = if area.width >= 110 { 3 } else { 2 };
    let count = u16::try_from(METRICS.len()).unwrap_or(u16::MAX);
    // Charts of fewer than four rows say nothing: then only the rows around the chosen one.
    let down = count.div_ceil(across).min((area.height / 4).max(1));
    let chosen_row = u16::try_from(state.chart).unwrap_or(0) / across;
    let first_row = chosen_row.saturating_sub(down.saturating_sub(1));
    let metrics = usize::from(first_row * across)..METRICS.len();
    for (tile, metric) in areas::tiles(area, across, down).zip(metrics) {
        let gap = u16::from(tile.right() < area.right());
        let width = tile.width.saturating_sub(gap);
        let tile = Rect { width, ..tile };
        one(paint, tile, state, data, metric, Place::Grid);
    }
}

/// Draws the curves of one watched metric.
pub fn one(
    paint: &mut Paint<'_>,
    area: Rect,
    state: &State,
    data: &RunData,
    metric: usize,
    place: Place,
) {
    let Some(extent) = state.charts.extents.get(metric) else {
        return;
    };
    let charts = &state.charts;
    let lines = charts.lines(data, metric);
    let overlaid = lines.iter().any(|line| line.place > 0);
    // A sign, a letter, a value and blanks beside each name.
    let runs = 1 + lines.iter().map(|line| line.place).max().unwrap_or(0);
    let title = cells::width(paint.say(METRICS[metric].title)) + 3;
    let room = usize::from(area.width).saturating_sub(title) / runs;
    let room = room.saturating_sub(11);
    let drawn = lines.iter().enumerate().map(|(index, line)| {
        let mut of_run = lines.iter().filter(|other| other.place == line.place);
        let first = of_run.next().is_some_and(|first| first.seed == line.seed);
        let seed = line.seed.filter(|_| !first || of_run.next().is_some());
        let seed = seed.map(|seed| format!("#{seed}"));
        // Runs are told apart where there are several, else seeds.
        chart::Drawn {
            name: match overlaid {
                true => run_name(state, line.run, room),
                false => seed.unwrap_or_default(),
            },
            value: charts.legend(metric, index, line),
            told: !overlaid || first,
            colour: if overlaid { line.place } else { index },
            raw: line.raw,
            smooth: line.smooth,
        }
    });
    let shown = charts.window.or_else(|| extent.x());
    let end = |x: f64| place_on(charts.axis, x);
    let (left, right) = shown
        .map(|(from, to)| (end(from), end(to)))
        .unwrap_or_default();
    let right = match right.is_empty() {
        true => right,
        false => format!("{right} {}", paint.say(axis_word(charts.axis))),
    };
    let chart = Chart {
        title: paint.say(METRICS[metric].title),
        lines: drawn.collect(),
        axis: charts.axis,
        x: shown,
        y: extent.y(),
        unit: Unit::Number,
        ends: (left, right),
        cursor: charts.cursor.map(|x| (x, place_on(charts.axis, x))),
        marks: match place {
            Place::Grid => marks(paint, state, data, metric, shown),
            Place::Glance => Vec::new(),
        },
        chosen: place == Place::Grid && metric == state.chart,
    };
    chart::draw(paint, area, &chart);
    if place == Place::Grid {
        paint.spots.push((area, Spot::Chart(metric)));
    }
}

/// Returns the marks within what is shown.
fn marks(
    paint: &Paint<'_>,
    state: &State,
    data: &RunData,
    metric: usize,
    shown: Option<(f64, f64)>,
) -> Vec<Mark> {
    let Some((from, to)) = shown else {
        return Vec::new();
    };
    let several = data.curves.get(metric).is_some_and(|own| own.len() > 1);
    let placed = state.charts.marks(data, metric);
    let within = placed.into_iter().filter(|(x, _)| (from..=to).contains(x));
    within
        .map(|(x, mark)| Mark {
            x,
            sign: mark.what.sign(),
            rank: mark.what.rank(),
            label: mark.label(paint.lang, several),
        })
        .collect()
}

/// Words what lies along x.
fn axis_word(axis: Axis) -> Text {
    match axis {
        Axis::EnvSteps => words::STEPS,
        Axis::Time => words::ELAPSED,
        Axis::Updates => words::UPDATES,
    }
}

/// Words a place on x.
fn place_on(axis: Axis, x: f64) -> String {
    match axis {
        Axis::Time => number::duration(x),
        Axis::EnvSteps | Axis::Updates => number::count(x.max(0.0) as u64),
    }
}

/// Names a run in a legend in about `room` cells; the end of its identifier, which tells runs of one
/// name apart, is the last to go.
pub fn run_name(state: &State, id: &RunId, room: usize) -> String {
    let text = id.as_str();
    let end = text.get(text.len().saturating_sub(4)..).unwrap_or(text);
    let name = state.runs.find(id).map(|run| cells::clean(&run.name));
    let name = name.unwrap_or_default();
    match cells::take(&name, room.saturating_sub(end.len() + 1).min(14)) {
        "" => end.to_owned(),
        name => format!("{name} {end}"),
    }
}

/// Says how the charts are looked at, where that is not as usual.
pub fn manner(paint: &Paint<'_>, state: &State) -> String {
    let charts = &state.charts;
    let mut parts = Vec::new();
    if charts.smoothing != Smoothing::Off {
        parts.push(paint.say(charts.smoothing.label()).to_owned());
    }
    if charts.window.is_some() {
        parts.push(paint.say(words::ZOOMED).to_owned());
    }
    let overlays = charts.overlays.len();
    if overlays > 0 {
        parts.push(format!("{} {overlays}", paint.say(words::LAID_OVER)));
    }
    parts.iter().map(|part| format!("  {part}")).collect()
}
