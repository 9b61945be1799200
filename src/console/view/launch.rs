//! The dialog that starts a training.

use super::{job, layers, paint::Paint};
use crate::{
    areas, cells, form,
    launch::{Launch, Stage},
    state::State,
    words,
};
use ratatui::layout::Rect;

/// Draws the dialog over `screen`.
pub fn draw(paint: &mut Paint<'_>, screen: Rect, state: &State, launch: &Launch) {
    match launch.stage {
        Stage::Choose => choose(paint, screen, state, launch),
        Stage::Preview | Stage::Edit | Stage::Count => preview(paint, screen, launch),
    }
}

fn choose(paint: &mut Paint<'_>, screen: Rect, state: &State, launch: &Launch) {
    let places = &state.jobs.destinations;
    let count = u16::try_from(places.len()).unwrap_or(u16::MAX);
    let height = count.max(1).saturating_add(8).min(screen.height);
    let area = areas::centred(screen, 76, height);
    let inner = layers::open(paint, area, paint.say(words::LAUNCH));
    let mut asks = paint.say(words::WHERE_TO).to_owned();
    if let count @ 2.. = launch.count() {
        asks.push_str(&format!("  {}: {count}", paint.say(words::JOBS_OF_SWEEP)));
    }
    paint.text(inner, 0, 0, &asks, paint.theme.text);
    let (list, help) = {
        let rest = areas::below_title(areas::below_title(inner));
        areas::above(rest, rest.height.saturating_sub(4).max(1))
    };
    if places.is_empty() {
        let says = waiting(paint, state);
        paint.text(list, 2, 0, &says, paint.theme.faint);
    }
    let window = launch.cursor.window(places.len(), usize::from(list.height));
    for (y, index) in window.enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        let profile = cells::clean(&places[index].profile);
        paint.text(list, 2, y, &profile, paint.theme.text);
        paint.row_spot(list, y, index, launch.cursor.at);
        if index == launch.cursor.at {
            paint.choose(list, y, (0, list.width));
            let about = cells::clean(places[index].about.get(paint.lang));
            let help = areas::below_title(help);
            paint.wrapped(help, 0, &about, paint.theme.faint);
        }
    }
    layers::hint(paint, area, paint.say(words::CHOOSE_HINT));
}

fn waiting(paint: &Paint<'_>, state: &State) -> String {
    let asking = paint.say(words::ASKING);
    match state.jobs.waiting {
        Some(since) => format!("{asking} {}", super::jobs::clock(since)),
        None => asking.to_owned(),
    }
}

fn preview(paint: &mut Paint<'_>, screen: Rect, launch: &Launch) {
    let area = areas::centred(screen, 120, screen.height);
    let place = launch.order.on.as_deref().unwrap_or_default();
    let title = format!("{}: {}", paint.say(words::LAUNCH), cells::clean(place));
    let inner = layers::open(paint, area, &title);
    let (text, faint) = (paint.theme.text, paint.theme.faint);
    let mut y = 0;
    if let Some(refusal) = &launch.refusal {
        let says = format!("! {}", cells::clean(refusal.get(paint.lang)));
        y = paint.wrapped(inner, y, &says, paint.theme.bad);
    }
    let sent = match &launch.preview {
        None => {
            paint.text(inner, 0, y, paint.say(words::ASKING), faint);
            layers::hint(paint, area, paint.say(words::BACK_HINT));
            return;
        }
        Some(Err(why)) => {
            paint.text(inner, 0, y, paint.say(words::REFUSED), paint.theme.bad);
            for line in why.get(paint.lang).lines() {
                y = paint.wrapped(inner, y + 1, &cells::clean(line), text) - 1;
            }
            layers::hint(paint, area, paint.say(words::BACK_HINT));
            return;
        }
        Some(Ok(sent)) => sent,
    };
    if launch.count() > 1 {
        y = sweep(paint, inner, y, launch);
    }
    paint.text(inner, 0, y, paint.say(words::WOULD_SEND), faint);
    let command = cells::clean(&job::shell(&sent.command));
    y = paint.wrapped(inner, y + 1, &command, paint.theme.title);
    let counting = launch.stage == Stage::Count;
    if sent.script.is_none() {
        let hint = if counting {
            words::COUNT_HINT
        } else {
            words::SEND_HINT
        };
        layers::hint(paint, area, paint.say(hint));
        return;
    }
    let rest = areas::above(inner, y).1;
    script(paint, rest, launch);
    let hint = match launch.stage {
        Stage::Edit => words::EDIT_HINT,
        Stage::Count => words::COUNT_HINT,
        _ => words::SCRIPT_HINT,
    };
    layers::hint(paint, area, paint.say(hint));
}

/// Says how many jobs there would be and what tells them apart; asks for the number.
fn sweep(paint: &mut Paint<'_>, area: Rect, mut y: u16, launch: &Launch) -> u16 {
    let count = launch.count();
    let says = format!("{}: {count}", paint.say(words::JOBS_OF_SWEEP));
    paint.text(area, 0, y, &says, paint.theme.warn);
    y += 1;
    for set in &launch.order.sets {
        let Some((path, typed)) = set.split_once('=') else {
            continue;
        };
        let key = config::find(path);
        let typed = typed.to_owned();
        if let Some(values) = key.and_then(|key| form::sweep_words(key, Some(&typed))) {
            let line = format!("{path}: {}", values.get(paint.lang));
            y = paint.wrapped(area, y, &cells::clean(&line), paint.theme.text);
        }
    }
    if launch.stage == Stage::Count {
        let says = format!("{}: {count}", paint.say(words::TYPE_NUMBER));
        y = paint.wrapped(area, y, &says, paint.theme.warn);
        layers::line(paint, area, y, &launch.typed);
        y += 1;
    }
    y
}

fn script(paint: &mut Paint<'_>, area: Rect, launch: &Launch) {
    let mut title = paint.say(words::SCRIPT).to_owned();
    if launch.is_edited() || launch.stage == Stage::Edit {
        title.push_str(&format!("  {}", paint.say(words::EDITED)));
    }
    let body = paint.panel(area, &title);
    let lines = launch.script.lines();
    let rows = usize::from(body.height);
    let editing = launch.stage == Stage::Edit;
    let window = match editing {
        true => launch.script.window(rows),
        false => {
            let top = launch.scroll.at.min(lines.len().saturating_sub(1));
            top..(top + rows).min(lines.len())
        }
    };
    let room = usize::from(body.width.saturating_sub(1));
    let caret = launch.script.caret_cells();
    for (y, index) in window.clone().enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        let line = cells::clean(&lines[index]);
        let here = editing && index == launch.script.row();
        // A long line is shifted so that the caret stays in view.
        let hidden = if here {
            caret.saturating_sub(room.saturating_sub(1))
        } else {
            0
        };
        let start = cells::take(&line, hidden).len();
        paint.text(body, 0, y, &line[start..], paint.theme.text);
        if here {
            let shown = caret - cells::width(&line[..start]);
            let x = u16::try_from(shown)
                .unwrap_or(0)
                .min(body.width.saturating_sub(1));
            paint.caret = Some((body.x + x, body.y + y));
        }
    }
    if lines.len() > rows {
        let place = format!(" {}-{}/{}", window.start + 1, window.end, lines.len());
        paint.text_right(area, 0, &place, paint.theme.faint);
    }
}
