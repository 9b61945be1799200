//! One run: where it stands, its curves, what its evaluation left, what happened.

use super::{
    curves::{self, Place},
    dashboard, drawdown, health, job,
    paint::Paint,
};
use crate::{
    areas, cells, number,
    run_data::RunData,
    state::{Screen, State},
    words,
};
use ratatui::{layout::Rect, style::Style};
use report::axis::Unit;
use runs::{Summary, event::Loudness};

/// Columns from which the panel of findings stands beside the events.
const HEALTH_WIDTH: u16 = 110;
/// Columns for the name of a run that is laid over.
const NAME_ROOM: usize = 24;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let Some(run) = state.run() else {
        let inner = paint.panel(body, paint.say(words::RUN));
        let says = match state.runs.awaits() {
            true => words::READING,
            false => words::NO_RUN,
        };
        paint.text(inner, 2, 0, paint.say(says), paint.theme.faint);
        return;
    };
    let title = format!(
        "{}{}",
        cells::clean(run.id.as_str()),
        curves::manner(paint, state)
    );
    let inner = paint.panel(body, &title);
    let used = facts(paint, inner, run);
    let mut rest = areas::above(inner, used).1;
    let Some(data) = state.data() else {
        paint.text(rest, 2, 0, paint.say(words::READING), paint.theme.faint);
        return;
    };
    let used = unread(paint, rest, state, data);
    rest = areas::above(rest, used).1;
    if let Some(uses) = data.place.used.as_ref().filter(|_| rest.height >= 12) {
        let says = job::uses_within(paint, uses, usize::from(rest.width));
        paint.text(rest, 0, 0, &says, paint.theme.faint);
        rest = areas::below_title(rest);
    }
    // Where the panel of findings has no room, the worst of them still has a row.
    let panelled = rest.width >= HEALTH_WIDTH && rest.height >= 12;
    if (!panelled || state.zoomed) && rest.height >= 6 {
        let used = health::line(paint, rest, data);
        rest = areas::above(rest, used).1;
    }
    if state.zoomed {
        curves::one(paint, rest, state, data, state.chart, Place::Grid);
        return;
    }
    let events = match rest.height {
        0..12 => 0,
        12..24 => 4,
        height => (height / 4).min(14),
    };
    let (upper, lower) = areas::above(rest, rest.height - events);
    let equity = match (data.evaluation.equity.is_empty(), upper.height) {
        (false, 20..) => upper.height / 3,
        _ => 0,
    };
    let (charts, evaluated) = areas::above(upper, upper.height - equity);
    curves::grid(paint, charts, state, data);
    if equity > 0 {
        evaluation(paint, evaluated, data);
    }
    if events > 0 {
        let (left, right) = if panelled {
            areas::apart(lower, lower.width * 3 / 5)
        } else {
            (lower, Rect::ZERO)
        };
        happenings(paint, left, state, data);
        health::panel(paint, right, data);
    }
}

/// Writes what is not yet or could not be read of a run's files, and below it the same of the runs
/// laid over it where they are drawn; returns the rows used.
pub fn unread(paint: &mut Paint<'_>, area: Rect, state: &State, data: &RunData) -> u16 {
    let mut rows = Vec::from_iter(left_unread(paint, data));
    let drawn = state.charts.overlays.values();
    let drawn = drawn.filter(|other| state.screen == Screen::Run && other.run != data.run);
    let others: Vec<(String, Style)> = drawn
        .filter_map(|other| {
            let name = curves::run_name(state, &other.run, NAME_ROOM);
            let (says, style) = left_unread(paint, other)?;
            Some((format!("{name}: {says}"), style))
        })
        .collect();
    // One row for all of them; a problem colours it.
    let bad = others.iter().find(|(_, style)| *style == paint.theme.bad);
    if let Some((_, style)) = bad.or(others.first()) {
        let says: Vec<&str> = others.iter().map(|(says, _)| says.as_str()).collect();
        rows.push((says.join("   "), *style));
    }
    for (y, (says, style)) in (0..).zip(&rows) {
        paint.text(area, 0, y, says, *style);
    }
    u16::try_from(rows.len()).unwrap_or(0)
}

/// Says what is not yet or could not be read of one run's files.
fn left_unread(paint: &Paint<'_>, data: &RunData) -> Option<(String, Style)> {
    if let Some(reading) = &data.reading {
        let says = format!(
            "{} {}  {} {}",
            paint.say(words::READING),
            number::percent(reading.share),
            paint.say(words::LEFT),
            number::duration(reading.left.as_secs_f64().ceil())
        );
        return Some((says, paint.theme.faint));
    }
    let problem = data.problem.as_ref().or(data.place.problem.as_ref())?;
    let says = format!("! {}", cells::clean(problem.get(paint.lang)));
    Some((says, paint.theme.bad))
}

/// Writes where a run stands; returns the rows used.
pub fn facts(paint: &mut Paint<'_>, area: Rect, run: &Summary) -> u16 {
    let (text, faint) = (paint.theme.text, paint.theme.faint);
    let style = dashboard::state_style(paint, run.state);
    let mut x = paint.text(area, 0, 0, paint.say(run.state.label()), style) + 2;
    if let Some(progress) = run.progress {
        let done = format!(
            "{}  {} / {} {}",
            number::percent(progress),
            number::count(run.step),
            number::count(run.total_steps),
            paint.say(words::STEPS)
        );
        x = paint.text(area, x, 0, &done, text) + 2;
    }
    if run.state.is_active() && run.rate > 0.0 {
        x = paint.text(area, x, 0, &format!("{}/s", number::figure(run.rate)), text) + 2;
    }
    if let Some(left) = run.eta_seconds {
        let left = format!("{} {}", paint.say(words::LEFT), number::duration(left));
        x = paint.text(area, x, 0, &left, text) + 2;
    }
    let seeds = (run.seed_count > 1 && run.state.is_active()).then(|| {
        let seed = paint.say(words::SEED);
        format!("{seed} {}/{}", run.seed_index, run.seed_count)
    });
    let phase = run.phase.as_ref();
    let phase = phase.map(|phase| cells::clean(phase.get(paint.lang)));
    // The phase says most, so it comes first to the room there is; nothing is shown in part.
    let mut room = usize::from(area.width.saturating_sub(x));
    let mut fits = |text: &String| {
        let needed = cells::width(text);
        let fits = needed <= room;
        if fits {
            room = room.saturating_sub(needed + 2);
        }
        fits
    };
    let phase = phase.filter(&mut fits);
    let seeds = seeds.filter(&mut fits);
    for text in seeds.into_iter().chain(phase) {
        x = paint.text(area, x, 0, &text, faint) + 2;
    }
    if let (Some(seconds), false) = (run.duration_seconds, run.state.is_active()) {
        paint.text(area, x, 0, &number::duration(seconds), faint);
    }
    let mut y = 1;
    if let Some(verdict) = &run.verdict {
        let style = if verdict.positive {
            paint.theme.good
        } else {
            paint.theme.warn
        };
        let word = dashboard::verdict_word(paint.lang, &verdict.word);
        let end = paint.text(area, 0, y, &word, style);
        let says = cells::clean(verdict.says.get(paint.lang));
        let room = usize::from(area.width.saturating_sub(end + 2));
        let says = cells::sentences(&says, room);
        paint.text(area, end + 2, y, &says, text);
        y += 1;
    }
    let reason = run
        .reason
        .as_ref()
        .map(|reason| cells::clean(reason.get(paint.lang)));
    let problem = run.problems.first();
    let problem = problem.map(|problem| cells::clean(problem.get(paint.lang)));
    for line in reason.into_iter().chain(problem) {
        paint.text(area, 0, y, &format!("! {line}"), paint.theme.bad);
        y += 1;
    }
    y
}

/// Draws equity and drawdown of the latest evaluation with its figures.
pub fn evaluation(paint: &mut Paint<'_>, area: Rect, data: &RunData) {
    let evaluation = &data.evaluation;
    let percent =
        |value: Option<f64>| value.map_or(number::NONE.to_owned(), number::signed_percent);
    let window = if evaluation.held_out {
        words::HELD_OUT
    } else {
        words::VALID_WINDOW
    };
    let figures = format!(
        "{}  {} {}  {} {}  {} {}  {} {}",
        paint.say(window),
        paint.say(words::RETURN),
        percent(evaluation.total_return()),
        paint.say(words::MAX_DRAWDOWN),
        percent(evaluation.max_drawdown()),
        paint.say(words::TRADES),
        evaluation.trades.len(),
        paint.say(words::WIN_RATE),
        evaluation
            .win_rate()
            .map_or(number::NONE.to_owned(), number::percent),
    );
    paint.text(area, 0, 0, &figures, paint.theme.text);
    let pictures = areas::below_title(area);
    // Curves on very tall charts say less than on flat ones.
    let stacked = u32::from(pictures.height) * 3 > u32::from(pictures.width);
    let (left, right) = if stacked {
        let (equity, rest) = areas::above(pictures, (pictures.height * 3 / 5).min(18));
        (equity, areas::above(rest, rest.height.min(12)).0)
    } else {
        areas::apart(pictures, pictures.width / 2)
    };
    let ends = || {
        let span = evaluation.span;
        let span = span.map(|(first, last)| (first.date(), last.date()));
        span.unwrap_or_default()
    };
    let (equity, falls) = (paint.say(words::EQUITY), paint.say(words::DRAWDOWN));
    if pictures.height > 0 {
        dashboard::time_chart(
            paint,
            left,
            equity,
            &evaluation.equity,
            Unit::Number,
            ends(),
        );
        let falls = drawdown::Falls {
            title: falls,
            points: &evaluation.drawdown,
            worst: evaluation.worst.as_ref().map(drawdown::Fall::of),
            place: drawdown::date_of_seconds,
        };
        drawdown::draw(paint, right, &falls);
    }
}

/// Lists what happened, newest first.
fn happenings(paint: &mut Paint<'_>, area: Rect, state: &State, data: &RunData) {
    let mut title = format!("{} {}", paint.say(words::EVENTS), data.events.len());
    if data.bad_lines > 0 {
        title.push_str(&format!(
            "  {} {}",
            paint.say(words::BAD_LINES),
            data.bad_lines
        ));
    }
    let inner = paint.panel(area, &title);
    if data.events.is_empty() {
        paint.text(inner, 2, 0, paint.say(words::NO_EVENTS), paint.theme.faint);
    }
    let newest_first = data.events.iter().rev().skip(state.events.at);
    for (y, (seed, record)) in (0..inner.height).zip(newest_first) {
        let (mark, style) = match record.event.loudness() {
            Loudness::Info => (" ", paint.theme.text),
            Loudness::Warning => ("!", paint.theme.warn),
            Loudness::Alert => ("#", paint.theme.bad),
        };
        let civil = record.t.civil();
        let time = format!(
            "{:02}:{:02}:{:02}",
            civil.hour(),
            civil.minute(),
            civil.second()
        );
        let x = paint.text(inner, 0, y, &time, paint.theme.faint) + 1;
        let seed = seed.map(|seed| format!("#{seed} ")).unwrap_or_default();
        let says = cells::clean(record.event.says().get(paint.lang));
        paint.text(inner, x, y, &format!("{mark} {seed}{says}"), style);
    }
}
