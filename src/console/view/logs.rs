//! A log: its visible lines, where they lie and how a search stands.

use super::paint::Paint;
use crate::{
    cells,
    log_news::{LogNews, LogSearch},
    log_pane::{GUTTER, Source},
    number,
    state::State,
    words,
};
use logbook::{Case, Level, Levels, Needle};
use ratatui::{layout::Rect, style::Style};

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
    let needle = (!state.log.wanted.is_empty())
        .then(|| Needle::new(&cells::clean(&state.log.wanted), state.log.case));
    for (row, (y, line)) in (0..inner.height).zip(&page.window.lines).enumerate() {
        let style = match line.level {
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
        let x = GUTTER as u16;
        let end = paint.text(inner, x, y, &line.text, style);
        if line.hidden > 0 && end < inner.width {
            let rest = format!(" +{}", bytes(line.hidden));
            paint.text(inner, end, y, &rest, paint.theme.faint);
        }
        if let Some(needle) = &needle {
            show_hits(paint, inner, (x, y), &line.text, needle);
        }
    }
}

/// Shows where in a line the wanted text stands.
fn show_hits(paint: &mut Paint<'_>, area: Rect, (x, y): (u16, u16), text: &str, needle: &Needle) {
    let mut at = 0;
    while let Some(found) = needle.find(&text.as_bytes()[at..]) {
        let (from, to) = (at + found, at + found + needle.length());
        let (Some(before), Some(hit)) = (text.get(..from), text.get(from..to)) else {
            return;
        };
        let column = usize::from(x) + cells::width(before);
        let width = cells::width(hit).max(1);
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        let width = u16::try_from(width).unwrap_or(1);
        if column >= area.width || to <= at {
            return;
        }
        let hit = Rect::new(area.x + column, area.y + y, width, 1);
        let selected: Style = paint.theme.selected;
        paint.buffer.set_style(hit.intersection(area), selected);
        at = to;
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
    let find = match (state.log.wanted.as_str(), state.log.case) {
        ("", _) => String::new(),
        (wanted, case) => {
            let exact = match case {
                Case::Exact => format!(" ({})", paint.say(words::EXACT_CASE)),
                Case::Ignored => String::new(),
            };
            format!(
                "{}: {}{exact}",
                paint.say(words::FIND),
                cells::clean(wanted)
            )
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
