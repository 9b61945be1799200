//! Performance of one evaluated window: verdict, conventions, four pictures, figures beside
//! baselines.
//!
//! Each picture is one function, so that it can be drawn otherwise without the rest noticing. Start
//! at [`draw`]; the whole report is [`super::report`]'s.

use super::{
    dashboard, drawdown, histogram,
    overlaid::{self, Overlaid},
    paint::Paint,
    report as whole,
};
use crate::{areas, cells, state::State, words};
use ratatui::layout::Rect;
use report::{axis::Unit, sheet::Sheet};
use runs::Scope;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let Some(sheet) = state.report.sheet().filter(|_| !state.report.is_whole) else {
        whole::draw(paint, body, state);
        return;
    };
    let parts = areas::performance(body);
    head(paint, parts.head, state, sheet);
    pictures(paint, parts.pictures, sheet);
    figures(paint, parts.figures, state);
}

fn head(paint: &mut Paint<'_>, area: Rect, state: &State, shown: &Sheet) {
    let name = state
        .run()
        .map(|run| cells::clean(run.id.as_str()))
        .unwrap_or_default();
    let windows: Vec<String> = state
        .report
        .sheets
        .iter()
        .map(|sheet| {
            let window = paint.say(words::window(sheet.scope));
            match sheet.scope == shown.scope {
                true => format!("[{window}]"),
                false => window.to_owned(),
            }
        })
        .collect();
    let (from, to) = (shown.span.0.date(), shown.span.1.date());
    let title = format!(
        "{} {}  {from} - {to}  {name}",
        paint.say(words::WINDOW),
        windows.join(" ")
    );
    let inner = paint.panel(area, &title);
    match &state.report.body {
        // The verdict is about the held-out window alone.
        _ if matches!(shown.scope, Scope::Train | Scope::Valid) => {
            paint.text(inner, 0, 0, paint.say(words::IN_SAMPLE), paint.theme.warn);
        }
        Some(Ok(report)) if shown.scope == Scope::Test => {
            let style = match report.judgement.verdict {
                backtest::Verdict::Edge => paint.theme.good,
                _ => paint.theme.warn,
            };
            let says = cells::clean(report.judgement.headline.get(paint.lang));
            // The whole report has the rest.
            let says = cells::sentences(&says, usize::from(inner.width));
            paint.text(inner, 0, 0, &says, style);
        }
        Some(Err(why)) => {
            let says = cells::clean(why.get(paint.lang));
            let says = cells::sentences(&says, usize::from(inner.width));
            paint.text(inner, 0, 0, &says, paint.theme.faint);
        }
        Some(Ok(_)) => {}
        None => {
            paint.text(inner, 0, 0, paint.say(words::READING), paint.theme.faint);
        }
    }
    let short = cells::clean(&shown.conventions_in_short(paint.lang));
    paint.text(inner, 0, 1, &short, paint.theme.faint);
}

/// Draws as many pictures as there is room for, the most telling first.
fn pictures(paint: &mut Paint<'_>, area: Rect, sheet: &Sheet) {
    const LEAST: u16 = 6;
    let all: [fn(&mut Paint<'_>, Rect, &Sheet); 4] =
        [equity, drawdown, rolling_sharpe, distribution];
    let across: u16 = if area.width >= 2 * area.height.max(35) {
        2
    } else {
        1
    };
    let down = (area.height / LEAST).clamp(1, 4u16.div_ceil(across));
    let gap = u16::from(across > 1);
    for (tile, picture) in areas::tiles(area, across, down).zip(all) {
        let width = tile.width.saturating_sub(gap);
        picture(paint, Rect { width, ..tile }, sheet);
    }
}

/// The agent's growth beside the plainest baselines'.
fn equity(paint: &mut Paint<'_>, area: Rect, sheet: &Sheet) {
    let agent = (paint.say(words::AGENT).to_owned(), sheet.equity.as_slice());
    let baselines = sheet.baselines.iter().map(|(name, points)| {
        let name = cells::clean(name.get(paint.lang));
        (name, points.as_slice())
    });
    let curves = Overlaid {
        title: paint.say(words::EQUITY),
        lines: std::iter::once(agent).chain(baselines).collect(),
        x: Some((sheet.span.0.seconds(), sheet.span.1.seconds())),
        unit: Unit::Percent,
        ends: ends(sheet),
        chosen: false,
    };
    overlaid::draw(paint, area, curves);
}

/// How far below its highest equity the agent was; the deepest fall is marked.
fn drawdown(paint: &mut Paint<'_>, area: Rect, sheet: &Sheet) {
    let falls = drawdown::Falls {
        title: paint.say(words::DRAWDOWN),
        points: &sheet.drawdown,
        worst: sheet.falls.first().map(drawdown::Fall::of),
        place: drawdown::date_of_seconds,
    };
    drawdown::draw(paint, area, &falls);
}

fn rolling_sharpe(paint: &mut Paint<'_>, area: Rect, sheet: &Sheet) {
    let title = sheet.rolling_title(paint.lang);
    let points = &sheet.rolling;
    dashboard::time_chart(paint, area, &title, points, Unit::Number, ends(sheet));
}

/// How many bars had which return.
fn distribution(paint: &mut Paint<'_>, area: Rect, sheet: &Sheet) {
    let title = paint.say(words::DISTRIBUTION);
    histogram::draw(paint, area, title, &sheet.distribution);
}

fn ends(sheet: &Sheet) -> (String, String) {
    (sheet.span.0.date(), sheet.span.1.date())
}

fn figures(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let count = state.report.lines.len();
    let mut title = paint.say(words::FIGURES).to_owned();
    let rows = usize::from(area.height.saturating_sub(1));
    let top = state.report.cursor.at.min(count.saturating_sub(1));
    if count > rows {
        title.push_str(&format!(" {}-{}/{count}", top + 1, (top + rows).min(count)));
    }
    let inner = paint.panel(area, &title);
    for (y, line) in (0..inner.height).zip(state.report.lines.iter().skip(top)) {
        paint.text(inner, 0, y, line, paint.theme.text);
    }
}

/// Lays figures and conventions out for the current language and size; the whole report where
/// that is asked for or nothing was evaluated yet.
#[must_use]
pub fn lines(state: &State) -> Vec<String> {
    let pane = &state.report;
    let Some(sheet) = pane.sheet().filter(|_| !pane.is_whole) else {
        return whole::lines(state);
    };
    let width = areas::performance(state.areas().body).figures.width;
    let lines = sheet.lines(state.lang, usize::from(width));
    lines.iter().map(|line| cells::clean(line)).collect()
}
