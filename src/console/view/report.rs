//! The report of the chosen run, as the command line prints it, scrolled.

use super::paint::Paint;
use crate::{caps::Glyphs, cells, state::State, words};
use ratatui::layout::Rect;
use report::{braille, document, terminal};

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let name = state
        .run()
        .map(|run| cells::clean(run.id.as_str()))
        .unwrap_or_default();
    let inner = paint.panel(body, &format!("{}  {name}", paint.say(words::REPORT)));
    let says = match (&state.report.body, state.run()) {
        (_, None) => paint.say(words::NO_RUN).to_owned(),
        (None, _) => paint.say(words::READING).to_owned(),
        (Some(Err(why)), _) => cells::clean(why.get(paint.lang)),
        (Some(Ok(_)), _) => {
            text(paint, inner, state);
            return;
        }
    };
    paint.wrapped(inner, 0, &says, paint.theme.faint);
}

fn text(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let lines = &state.report.lines;
    let count = lines.len();
    let top = state.report.cursor.at.min(count.saturating_sub(1));
    for (y, line) in (0..area.height).zip(lines.iter().skip(top)) {
        let trimmed = line.trim_start();
        let style = match trimmed.split(' ').next() {
            Some("[+]") => paint.theme.good,
            Some("[-]") => paint.theme.bad,
            Some("!") => paint.theme.warn,
            _ if top + usize::from(y) == 2 => paint.theme.title,
            _ => paint.theme.text,
        };
        paint.text(area, 0, y, line, style);
    }
    if count > usize::from(area.height) {
        let bar = Rect {
            y: area.y.saturating_sub(1),
            height: 1,
            ..area
        };
        let place = format!(
            " {}-{}/{count}",
            top + 1,
            (top + usize::from(area.height)).min(count)
        );
        paint.text_right(bar, 0, &place, paint.theme.faint);
    }
}

/// Lays the report out for the current language and width; no lines while there is none.
#[must_use]
pub fn lines(state: &State) -> Vec<String> {
    let Some(Ok(report)) = &state.report.body else {
        return Vec::new();
    };
    let glyphs = match state.glyphs {
        Glyphs::Unicode => braille::Glyphs::Braille,
        Glyphs::Ascii => braille::Glyphs::Ascii,
    };
    let said = document(report, state.lang);
    let marks = |line: &str| cells::clean(&line.replace('✓', "[+]").replace('✗', "[-]"));
    let text = terminal::render(&said, usize::from(state.size.0), glyphs);
    text.lines().map(marks).collect()
}
