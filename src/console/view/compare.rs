//! Marked runs side by side: settings that differ and what came out, beside their curves over each
//! other.

use super::{
    dashboard::verdict_word,
    overlaid::{self, Overlaid},
    paint::Paint,
};
use crate::{
    areas,
    better::{better, letter},
    cells,
    metric::METRICS,
    mouse::Spot,
    number,
    panes::Pane,
    side_by_side::SideBySide,
    state::State,
    words,
};
use domain::{Lang, Text};
use ratatui::layout::Rect;
use report::axis::Unit;
use runs::Comparison;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let (table, overlay) = state.look.panes.divide(Pane::Compare, body);
    let inner = paint.panel(table, paint.say(words::COMPARISON));
    let Some(read) = &state.comparison else {
        paint.text(inner, 2, 0, paint.say(words::READING), paint.theme.faint);
        return;
    };
    curves(paint, overlay, state, read);
    let comparison = &read.comparison;
    let (heads, list) = areas::above(inner, 1);
    let columns = columns(table.width, comparison.runs.len());
    for (index, (place, run)) in columns.iter().skip(1).zip(&comparison.runs).enumerate() {
        let text = cells::clean(run.id.as_str());
        // The letter is that of the curve; the end of an identifier tells runs of one name apart.
        let letter = format!("{} ", letter(index));
        let style = paint.theme.series(index);
        paint.column(heads, *place, 0, &letter, style);
        let place = (place.0 + 2, place.1.saturating_sub(2));
        let width = usize::from(place.1);
        let skip = cells::width(&text).saturating_sub(width);
        let shown = &text[cells::take(&text, skip).len()..];
        paint.column(heads, place, 0, shown, paint.theme.title);
    }
    let rows = rows(comparison, paint.lang);
    let top = state.compared.at.min(rows.len().saturating_sub(1));
    for (y, row) in (0..list.height).zip(rows.iter().skip(top)) {
        let heading = row.len() == 1;
        for (place, text) in columns.iter().zip(row) {
            let style = if heading {
                paint.theme.title
            } else {
                paint.theme.text
            };
            let width = if heading { table.width } else { place.1 };
            paint.column(list, (place.0, width), y, text, style);
        }
    }
}

/// Returns how many lines there are below the heads.
#[must_use]
pub fn line_count(state: &State) -> usize {
    state
        .comparison
        .as_ref()
        .map_or(0, |found| rows(&found.comparison, state.lang).len())
}

/// Draws the runs' curves over each other, the chosen metric first, as many metrics as fit.
fn curves(paint: &mut Paint<'_>, area: Rect, state: &State, read: &SideBySide) {
    const LEAST: u16 = 8;
    if area.height < 3 {
        return;
    }
    let count = (area.height / LEAST).clamp(1, 4);
    for (place, tile) in areas::tiles(area, 1, count).enumerate() {
        let metric = (state.chart + place) % METRICS.len();
        paint.spots.push((tile, Spot::Chart(metric)));
        overlay(paint, tile, metric, &read.curves[metric], place == 0);
    }
}

/// Draws one metric of every run.
fn overlay(
    paint: &mut Paint<'_>,
    area: Rect,
    metric: usize,
    curves: &[Vec<(f64, f64)>],
    chosen: bool,
) {
    let reached = curves.iter().flatten().map(|point| point.0);
    let end = reached.fold(0.0, f64::max);
    let x = (end > 0.0).then_some((0.0, end));
    let end = format!("{} {}", number::count(end as u64), paint.say(words::STEPS));
    let lines = curves.iter().enumerate().map(|(index, points)| {
        let name = letter(index).to_string();
        (name, points.as_slice())
    });
    let curves = Overlaid {
        title: paint.say(METRICS[metric].title),
        lines: lines.collect(),
        x,
        unit: Unit::Number,
        ends: ("0".to_owned(), end),
        chosen,
    };
    overlaid::draw(paint, area, curves);
}

fn columns(width: u16, runs: usize) -> Vec<(u16, u16)> {
    let first = (width / 3).clamp(8, 34);
    let count = u16::try_from(runs.max(1)).unwrap_or(1);
    let each = (width.saturating_sub(first) / count)
        .saturating_sub(1)
        .clamp(6, 30);
    let mut columns = vec![(0, first)];
    for index in 0..count {
        let x = first
            .saturating_add(1)
            .saturating_add(index.saturating_mul(each + 1));
        columns.push((x, each));
    }
    columns
}

/// Returns rows of cells; a row of one cell is a heading.
fn rows(comparison: &Comparison, lang: Lang) -> Vec<Vec<String>> {
    let say = |text: Text| text.get(lang).to_owned();
    let nothing = || number::NONE.to_owned();
    let mut rows = Vec::new();
    let states = comparison.runs.iter().map(|run| say(run.state.label()));
    rows.push(std::iter::once(say(words::STATE)).chain(states).collect());
    let verdicts = comparison.runs.iter().map(|run| {
        run.verdict
            .as_ref()
            .map_or_else(nothing, |verdict| verdict_word(lang, &verdict.word))
    });
    rows.push(
        std::iter::once(say(words::VERDICT))
            .chain(verdicts)
            .collect(),
    );
    let better = better(comparison).map(|better| better.says.get(lang).to_owned());
    rows.push(vec![better.unwrap_or_else(|| say(words::NONE_JUDGED))]);
    rows.push(vec![say(words::OUTCOMES)]);
    for figure in &comparison.figures {
        let values = figure
            .values
            .iter()
            .map(|value| value.map_or_else(nothing, number::figure));
        rows.push(
            std::iter::once(cells::clean(&figure.key))
                .chain(values)
                .collect(),
        );
    }
    rows.push(vec![say(words::DIFFERENT_SETTINGS)]);
    for setting in &comparison.settings {
        let values = setting
            .values
            .iter()
            .map(|value| value.as_ref().map_or_else(nothing, |v| cells::clean(v)));
        rows.push(
            std::iter::once(cells::clean(&setting.key))
                .chain(values)
                .collect(),
        );
    }
    if comparison.settings.is_empty() {
        rows.push(vec![say(words::NOTHING_DIFFERS)]);
    }
    rows.extend(
        comparison
            .problems
            .iter()
            .map(|problem| vec![format!("! {}", cells::clean(problem.get(lang)))]),
    );
    rows
}
