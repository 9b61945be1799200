//! Marked runs side by side: settings that differ, and what came out.

use super::paint::Paint;
use crate::{areas, cells, number, state::State, words};
use domain::{Lang, Text};
use ratatui::layout::Rect;
use runs::Comparison;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let inner = paint.panel(body, paint.say(words::COMPARISON));
    let Some(comparison) = &state.comparison else {
        paint.text(inner, 2, 0, paint.say(words::READING), paint.theme.faint);
        return;
    };
    let (heads, list) = areas::above(inner, 1);
    let columns = columns(body.width, comparison.runs.len());
    for (place, run) in columns.iter().skip(1).zip(&comparison.runs) {
        let text = cells::clean(run.id.as_str());
        // The end of an identifier tells runs of one name apart.
        let width = usize::from(place.1);
        let skip = cells::width(&text).saturating_sub(width);
        let shown = &text[cells::take(&text, skip).len()..];
        paint.column(heads, *place, 0, shown, paint.theme.title);
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
            let width = if heading { body.width } else { place.1 };
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
        .map_or(0, |found| rows(found, state.lang).len())
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
            .map_or_else(nothing, |verdict| cells::clean(&verdict.word))
    });
    rows.push(
        std::iter::once(say(words::VERDICT))
            .chain(verdicts)
            .collect(),
    );
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
            .map(|problem| vec![format!("! {}", cells::clean(problem))]),
    );
    rows
}
