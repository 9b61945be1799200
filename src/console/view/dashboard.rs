//! The dashboard: all runs, and the chosen one at a glance.

use super::{
    curves::{self, Place},
    frame, job, jobs, latest,
    overlaid::{self, Overlaid},
    paint::Paint,
    run,
};
use crate::{
    alerts::{Alert, alerts},
    areas, cells, number,
    state::State,
    words,
};
use domain::Lang;
use ratatui::layout::Rect;
use ratatui::style::Style;
use report::axis::Unit;
use runs::{State as RunState, Summary};

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, state: &State) {
    let alerts = alerts(state);
    let parts = state.dashboard(alerts.len());
    if parts.strip.height > 0 {
        jobs::strip(paint, parts.strip, state);
        machines(paint, areas::below_title(parts.strip), state);
    }
    list(paint, parts.list, state);
    needs(paint, parts.alerts, &alerts);
    if !parts.detail.is_empty() {
        detail(paint, parts.detail, state);
    }
}

/// Lists what needs a person, and how to get there.
fn needs(paint: &mut Paint<'_>, area: Rect, alerts: &[Alert]) {
    if area.is_empty() {
        return;
    }
    let title = match alerts.len() {
        0 => paint.say(words::NEEDS_NOBODY).to_owned(),
        count => format!("{} {count}  F3", paint.say(words::NEEDS_YOU)),
    };
    let inner = paint.panel(area, &title);
    for (y, alert) in (0..inner.height).zip(alerts) {
        let (mark, style) = match alert.is_bad {
            true => ('#', paint.theme.bad),
            false => ('!', paint.theme.warn),
        };
        let says = cells::clean(alert.says.get(paint.lang));
        let end = paint.text(inner, 0, y, &format!("{mark} {says}"), style);
        let room = usize::from(inner.width.saturating_sub(end + 2));
        // What to do about it, where there is room for all of it; F3 says it too.
        let helps = cells::clean(alert.helps.get(paint.lang));
        if cells::width(&helps) <= room {
            paint.text(inner, end + 2, y, &helps, paint.theme.faint);
        }
    }
}

/// Says what this machine and the chosen run's worker are busy with.
fn machines(paint: &mut Paint<'_>, area: Rect, state: &State) {
    if area.is_empty() {
        return;
    }
    let theme = paint.theme;
    let mut x = 0;
    // On a wide screen the header says so already.
    let here = match area.width {
        0..110 => frame::machine(paint, state),
        _ => String::new(),
    };
    if !here.is_empty() {
        x = paint.text(area, x, 0, &here, theme.faint) + 2;
    }
    let used = state.data().and_then(|data| data.place.used.as_ref());
    let busy = state.run().filter(|run| run.state.is_active());
    if let Some((used, run)) = used.zip(busy) {
        let name = cells::cut(&cells::clean(&run.name), 16);
        x = paint.text(area, x, 0, &name, theme.faint) + 1;
        let room = usize::from(area.width.saturating_sub(x));
        let says = job::uses_within(paint, used, room);
        paint.text(area, x, 0, &says, theme.faint);
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
    let named = [
        (columns.name, words::RUN),
        (columns.state, words::STATE),
        (columns.progress, words::PROGRESS),
        (columns.left, words::LEFT),
        (columns.spark, words::VALIDATION),
        (columns.best, words::BEST),
        (columns.verdict, words::VERDICT),
    ];
    paint.heads(heads, named);
    let (at, window) = state.runs.window(usize::from(rows.height));
    for (y, index) in window.clone().enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        row(paint, rows, y, &columns, state, shown[index]);
        if index == at {
            paint.choose(rows, y, columns.name);
        }
        paint.row_spot(rows, y, index, at);
    }
    paint.whereabouts(area, at, &window, shown.len());
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
    verdict_of(word).map_or_else(
        || cells::clean(word),
        |verdict| report::verdict_word(verdict).get(lang).to_owned(),
    )
}

/// Returns the verdict of the word that files know it by.
#[must_use]
pub fn verdict_of(word: &str) -> Option<backtest::judge::Verdict> {
    use backtest::judge::Verdict;
    Some(match word {
        "edge" => Verdict::Edge,
        "weak" => Verdict::Weak,
        "no_edge" => Verdict::NoEdge,
        "invalid" => Verdict::Invalid,
        _ => return None,
    })
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
    let y = run::unread(paint, rest, state, data);
    let rest = areas::above(rest, y).1;
    if data.evaluation.equity.is_empty() {
        learning(paint, rest, state);
        return;
    }
    let rows = match rest.height {
        0..6 => 0,
        6..14 => 1,
        14..30 => 5,
        // Beyond this the pictures grow no more.
        height => height.saturating_sub(32).max(11),
    };
    let count = u16::try_from(data.evaluation.trades.len()).unwrap_or(u16::MAX);
    let rows = rows.min(count.saturating_add(u16::from(rows > 1)));
    let (pictures, trades) = areas::above(rest, rest.height - rows);
    run::evaluation(paint, pictures, data);
    match trades.height {
        0 => {}
        1 => latest::row(paint, trades, &data.evaluation.trades),
        _ => latest::list(paint, trades, &data.evaluation.trades),
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
