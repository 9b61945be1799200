//! A log: its visible lines, where they lie and how a search stands.

use super::{inks::Inks, paint::Paint};
use crate::{
    cells,
    log_news::{LogNews, LogSearch},
    log_pane::{GUTTER, Source, Syntax},
    mouse::Spot,
    number,
    state::State,
    words,
};
use logbook::{Case, Ink, Level, Levels};
use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};
use std::ops::Range;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let page = state.log.page();
    let place = place(paint, page);
    let room = usize::from(body.width).saturating_sub(cells::width(&place));
    let inner = paint.panel(body, &cells::cut(&title(paint, state), room));
    paint.text_right(body, 0, &place, paint.theme.faint);
    if let Some(problem) = &page.problem {
        let problem = cells::clean(problem);
        paint.wrapped(inner, 0, &problem, paint.theme.bad);
        return;
    }
    if page.window.lines.is_empty() {
        let says = match (&state.log.source, state.run(), state.log.levels) {
            (Source::Newest | Source::Named(_), None, _) => words::NO_RUN,
            _ if page.window.is_partial => words::NOT_LOOKED_FURTHER,
            (_, _, Levels::Warnings | Levels::Errors) if page.window.length > 0 => {
                words::NO_LINE_FITS
            }
            _ => words::NO_LOG,
        };
        paint.text(inner, 2, 0, paint.say(says), paint.theme.faint);
        return;
    }
    let inks = Inks {
        theme: paint.theme,
        choice: state.look.theme.get(),
        depth: paint.caps.depth,
    };
    for (row, (y, line)) in (0..inner.height).zip(&page.window.lines).enumerate() {
        let colour = |(_, ink): &(_, Ink)| ink.front.is_some() || ink.back.is_some();
        let style = match line.level {
            // A line that brings colours says by them what it means.
            _ if line.inks.iter().any(colour) => paint.theme.text,
            Level::Info => paint.theme.text,
            Level::Warning => paint.theme.warn,
            Level::Error => paint.theme.bad,
        };
        let is_chosen = page.window.cursor == Some(row) && !page.window.follows;
        if is_chosen {
            paint.text(inner, 0, y, ">", paint.theme.selected);
        }
        if state.log.marks.contains(&line.at) {
            paint.text(inner, 1, y, "*", paint.theme.title);
        }
        paint.spot(inner, (0, inner.width), y, Spot::Line(line.at));
        let x = GUTTER as u16;
        let end = paint.text(inner, x, y, &line.text, style);
        if line.hidden > 0 && end < inner.width {
            let rest = format!(" +{}", bytes(line.hidden));
            paint.text(inner, end, y, &rest, paint.theme.faint);
        }
        for (piece, ink) in &line.inks {
            let style = inks.style(*ink);
            style_piece(paint, inner, (x, y), (&line.text, piece), style);
        }
        for hit in &line.hits {
            // What a log shows in reverse is told apart from it.
            let selected = paint.theme.selected.add_modifier(Modifier::UNDERLINED);
            style_piece(paint, inner, (x, y), (&line.text, hit), selected);
        }
    }
}

/// Gives a piece of the text that stands at `(x, y)` of `area` a style.
fn style_piece(
    paint: &mut Paint<'_>,
    area: Rect,
    (x, y): (u16, u16),
    (text, piece): (&str, &Range<usize>),
    style: Style,
) {
    let (Some(before), Some(piece)) = (text.get(..piece.start), text.get(piece.clone())) else {
        return;
    };
    let cells = |text| u16::try_from(cells::width(text)).unwrap_or(u16::MAX);
    let column = x.saturating_add(cells(before));
    if column < area.width {
        let width = cells(piece).max(1).min(area.width - column);
        let piece = Rect::new(area.x + column, area.y + y, width, 1);
        paint
            .buffer
            .set_style(piece.intersection(paint.buffer.area), style);
    }
}

fn title(paint: &Paint<'_>, state: &State) -> String {
    let page = state.log.page();
    let whose = match state.log.source {
        Source::Own => paint.say(words::OWN_LOG).to_owned(),
        Source::Newest | Source::Named(_) => {
            let run = state.run().map(|run| cells::clean(run.id.as_str()));
            run.unwrap_or_default()
        }
    };
    let follows = match page.window.follows {
        _ if page.name.is_empty() => "",
        true => paint.say(words::FOLLOWING),
        false => paint.say(words::HELD),
    };
    let levels = match state.log.levels {
        Levels::All => "",
        Levels::Warnings => paint.say(words::WARNINGS_TOO),
        Levels::Errors => paint.say(words::ERRORS_ONLY),
    };
    let find = match state.log.wanted.as_str() {
        "" => String::new(),
        wanted => {
            let (find, wanted) = (paint.say(words::FIND), cells::clean(wanted));
            format!("{find}: {wanted}{}", manner(paint, state))
        }
    };
    let parts = [
        paint.say(words::LOG),
        &search(paint, state.log.search),
        levels,
        &find,
        &cells::clean(&page.name),
        follows,
        &whose,
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

/// Words how what is looked for is taken, where that is not as usual.
fn manner(paint: &Paint<'_>, state: &State) -> String {
    let expression = (state.log.syntax == Syntax::Expression).then_some(words::EXPRESSION);
    let exact = (state.log.case == Case::Exact).then_some(words::EXACT_CASE);
    let said = [expression, exact].into_iter().flatten();
    let said: Vec<&str> = said.map(|manner| paint.say(manner)).collect();
    match said.is_empty() {
        true => String::new(),
        false => format!(" ({})", said.join(", ")),
    }
}

/// Words how far a search is.
fn search(paint: &Paint<'_>, search: Option<LogSearch>) -> String {
    match search {
        Some(LogSearch::Running { percent, left }) => format!(
            "{} {percent}%, {} {}, {}",
            paint.say(words::SEARCHING),
            paint.say(words::LEFT),
            number::duration(left.as_secs_f64()),
            paint.say(words::ESC_STOPS)
        ),
        Some(LogSearch::Ended(_)) | None => String::new(),
    }
}

/// Words where the chosen line lies: its number among all, else how many bytes were counted.
fn place(paint: &Paint<'_>, page: &LogNews) -> String {
    let window = &page.window;
    match (window.number, window.count) {
        _ if window.length == 0 => String::new(),
        (Some(number), Some(count)) => format!(" {number}/{count}"),
        _ => {
            let percent = page.counted.saturating_mul(100) / window.length.max(1);
            format!(" {} {percent}%", paint.say(words::COUNTING))
        }
    }
}

/// Words a number of bytes.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.iter().find(|(size, _)| count >= *size);
    unit.map_or_else(
        || format!("{count} B"),
        |(size, name)| format!("{:.1} {name}", count as f64 / *size as f64),
    )
}
