//! The dashboard: all runs, and the chosen one at a glance.

use super::{
    curves::{self, Place},
    jobs,
    overlaid::{self, Overlaid},
    paint::Paint,
    run,
};
use crate::{areas, cells, number, state::State, words};
use domain::Lang;
use ratatui::layout::Rect;
use ratatui::style::Style;
use report::axis::Unit;
use runs::{State as RunState, Summary};

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let (upper, lower) = areas::dashboard(body);
    let summary = areas::strip(body).1;
    if summary.height > 0 {
        jobs::strip(paint, summary, state);
    }
    list(paint, upper, state);
    if lower.height > 0 && lower.width > 0 {
        detail(paint, lower, state);
    }
}

/// Columns of the list: at `x`, so wide.
#[derive(Clone, Copy)]
struct Columns {
    name: (u16, u16),
    state: (u16, u16),
    progress: (u16, u16),
    left: (u16, u16),
    spark: (u16, u16),
    best: (u16, u16),
    verdict: (u16, u16),
}

impl Columns {
    /// Gives the name what the others leave; the sparkline is the first to go.
    fn of(width: u16) -> Self {
        let spark = match width {
            0..76 => 0,
            76..100 => 10,
            _ => 20,
        };
        let verdict = if width >= 60 { 13 } else { 0 };
        let fixed = 2 + 12 + 6 + 9 + spark + 9 + verdict + 6;
        let name = width.saturating_sub(fixed).clamp(8, 60);
        let mut x = 2;
        let mut next = |width: u16| {
            let here = x;
            x += width + 1;
            (here, width)
        };
        Self {
            name: next(name),
            state: next(12),
            progress: next(6),
            left: next(9),
            spark: next(spark),
            best: next(9),
            verdict: next(verdict),
        }
    }
}

fn list(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let shown = state.runs.shown();
    let mut title = format!("{} {}", paint.say(words::RUNS), shown.len());
    if !state.runs.filter.is_empty() {
        title.push_str(&format!(
            "  {}: {}",
            paint.say(words::FILTER),
            state.runs.filter
        ));
    }
    if !state.runs.marked.is_empty() {
        title.push_str(&format!(
            "  {} {}",
            paint.say(words::MARKED),
            state.runs.marked.len()
        ));
    }
    let inner = paint.panel(area, &title);
    if shown.is_empty() {
        let says = match (state.runs.loaded, state.runs.filter.is_empty()) {
            (false, _) => words::LOADING,
            (true, true) => words::NO_RUNS,
            (true, false) => words::NO_FIT,
        };
        paint.text(inner, 2, 0, paint.say(says), paint.theme.faint);
        return;
    }
    let columns = Columns::of(area.width);
    let (heads, rows) = areas::above(inner, 1);
    let faint = paint.theme.faint;
    for (place, head) in [
        (columns.name, words::RUN),
        (columns.state, words::STATE),
        (columns.progress, words::PROGRESS),
        (columns.left, words::LEFT),
        (columns.spark, words::VALIDATION),
        (columns.best, words::BEST),
        (columns.verdict, words::VERDICT),
    ] {
        paint.column(heads, place, 0, paint.say(head), faint);
    }
    let (at, window) = state.runs.window(usize::from(rows.height));
    let start = window.start;
    for (y, index) in window.enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        row(paint, rows, y, &columns, state, shown[index]);
        if index == at {
            paint.choose(rows, y, columns.name);
        }
    }
    if start > 0 || shown.len() > start + usize::from(rows.height) {
        paint.text_right(area, 0, &format!(" {}/{}", at + 1, shown.len()), faint);
    }
}

fn row(paint: &mut Paint<'_>, area: Rect, y: u16, columns: &Columns, state: &State, run: &Summary) {
    let text = paint.theme.text;
    if state.runs.marked.contains(&run.id) {
        paint.text(area, 1, y, "*", paint.theme.key);
    }
    let id = cells::clean(run.id.as_str());
    let narrow = cells::width(&id) > usize::from(columns.name.1);
    // The end of an identifier names the run as well; the beginning is only its time.
    let id = if narrow {
        id.get(16..).unwrap_or(&id)
    } else {
        &id
    };
    paint.column(area, columns.name, y, id, text);
    let label = paint.say(run.state.label());
    paint.column(area, columns.state, y, label, state_style(paint, run.state));
    let progress = run
        .progress
        .map_or(number::NONE.to_owned(), |p| format!("{:.0}%", p * 100.0));
    paint.column(area, columns.progress, y, &progress, text);
    let left = run
        .eta_seconds
        .map_or(number::NONE.to_owned(), number::duration);
    paint.column(area, columns.left, y, &left, text);
    if let Some(values) = state.runs.sparks.get(&run.id) {
        paint.spark(area, columns.spark, y, values);
    }
    let best = run
        .best
        .as_ref()
        .map_or(number::NONE.to_owned(), |b| number::figure(b.value));
    paint.column(area, columns.best, y, &best, text);
    if let Some(verdict) = &run.verdict {
        let style = if verdict.positive {
            paint.theme.good
        } else {
            paint.theme.warn
        };
        paint.column(
            area,
            columns.verdict,
            y,
            &verdict_word(paint.lang, &verdict.word),
            style,
        );
    }
}

/// Words a verdict's stable name; one that is unknown stays as it is.
pub fn verdict_word(lang: Lang, word: &str) -> String {
    use backtest::judge::Verdict;
    let known = match word {
        "edge" => Some(Verdict::Edge),
        "weak" => Some(Verdict::Weak),
        "no_edge" => Some(Verdict::NoEdge),
        "invalid" => Some(Verdict::Invalid),
        _ => None,
    };
    known.map_or_else(
        || cells::clean(word),
        |verdict| report::verdict_word(verdict).get(lang).to_owned(),
    )
}

/// Returns the colour of a run's state.
pub fn state_style(paint: &Paint<'_>, state: RunState) -> Style {
    match state {
        RunState::Done => paint.theme.good,
        RunState::Failed | RunState::Crashed => paint.theme.bad,
        RunState::Paused | RunState::Interrupted | RunState::Preempted => paint.theme.warn,
        RunState::Running | RunState::Starting | RunState::Stopping => paint.theme.title,
        _ => paint.theme.text,
    }
}

fn detail(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let Some(run) = state.run() else {
        paint.panel(area, paint.say(words::RUN));
        return;
    };
    let title = cells::clean(&run.name);
    let inner = paint.panel(area, &title);
    let y = run::facts(paint, inner, run);
    let rest = areas::above(inner, y).1;
    let Some(data) = state.data() else { return };
    let y = run::unread(paint, rest, data);
    let rest = areas::above(rest, y).1;
    if data.evaluation.equity.is_empty() {
        learning(paint, rest, state);
    } else {
        run::evaluation(paint, rest, data);
    }
}

/// Draws return and validation while there is no equity yet.
fn learning(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let Some(data) = state.data() else { return };
    let wide = area.width > area.height.saturating_mul(4);
    let (first, second) = if wide {
        areas::apart(area, area.width / 2)
    } else {
        areas::above(area, area.height / 2)
    };
    for (area, metric) in [(first, 0), (second, 1)] {
        if area.height > 0 {
            curves::one(paint, area, state, data, metric, Place::Glance);
        }
    }
}

/// Draws equity or drawdown over time.
pub fn time_chart(
    paint: &mut Paint<'_>,
    area: Rect,
    title: &str,
    points: &[(f64, f64)],
    unit: Unit,
    ends: (String, String),
) {
    let x = points
        .first()
        .zip(points.last())
        .map(|(first, last)| (first.0, last.0));
    let curve = Overlaid {
        title,
        lines: vec![(String::new(), points)],
        x,
        unit,
        ends,
        chosen: false,
    };
    overlaid::draw(paint, area, curve);
}
