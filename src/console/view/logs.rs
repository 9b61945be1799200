//! The log of the chosen run.

use super::paint::Paint;
use crate::{
    cells,
    log_pane::{Level, level},
    state::State,
    words,
};
use ratatui::layout::Rect;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let page = usize::from(body.height.saturating_sub(1));
    let (lines, top, count) = state.log.visible(page);
    let follows = if state.log.follows() {
        words::FOLLOWING
    } else {
        words::HELD
    };
    let name = state
        .run()
        .map(|run| cells::clean(run.id.as_str()))
        .unwrap_or_default();
    let mut title = format!(
        "{}  {name}  {}  {}",
        paint.say(words::LOG),
        cells::clean(&state.log.file),
        paint.say(follows)
    );
    if !state.log.wanted.is_empty() {
        title.push_str(&format!(
            "  {}: {}",
            paint.say(words::FIND),
            state.log.wanted
        ));
    }
    let inner = paint.panel(body, &title);
    if count == 0 {
        let says = if state.run().is_some() {
            words::NO_LOG
        } else {
            words::NO_RUN
        };
        paint.text(inner, 2, 0, paint.say(says), paint.theme.faint);
        return;
    }
    for (y, line) in (0..inner.height).zip(lines) {
        let style = match level(line) {
            Level::Info => paint.theme.text,
            Level::Warning => paint.theme.warn,
            Level::Error => paint.theme.bad,
        };
        let hidden = cells::take(line, state.log.shift).len();
        paint.text(inner, 0, y, &line[hidden..], style);
    }
    if !state.log.follows() {
        paint.text_right(body, 0, &format!(" {}/{count}", top + 1), paint.theme.faint);
    }
}
