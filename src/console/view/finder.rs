//! Help and palette: a line to type and a list that it narrows.

use super::{layers, paint::Paint};
use crate::{
    action::Action,
    areas, cells, keymap,
    layer::{Finder, Layer},
    search::{self, Hit},
    state::State,
    words,
};
use domain::Text;
use ratatui::layout::Rect;

/// Draws the list of `layer`.
pub fn draw(paint: &mut Paint<'_>, state: &State, layer: &Layer, finder: &Finder, title: Text) {
    let screen = paint.buffer.area;
    let area = areas::finder(screen.width, screen.height);
    let inner = layers::open(paint, area, paint.say(title));
    layers::line(paint, inner, 0, &finder.query);
    let hits = search::hits(state, layer);
    let (list, help) = areas::above(areas::below_title(inner), inner.height.saturating_sub(3));
    let page = areas::finder_page(screen.width, screen.height).min(usize::from(list.height));
    let at = finder.cursor.at.min(hits.len().saturating_sub(1));
    for (y, index) in finder.cursor.window(hits.len(), page).enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        row(paint, list, y, state, &hits[index]);
        if index == at {
            let (title, width) = (keys_width(list) + 3, list.width);
            paint.choose(list, y, (title, width.saturating_sub(title)));
        }
        paint.row_spot(list, y, index, at);
    }
    if let Some(hit) = hits.get(state.item(at)) {
        paint.wrapped(help, 0, &says(paint, state, hit), paint.theme.faint);
    }
    let hint = match layer {
        Layer::Help(_) => words::HELP_HINT,
        _ => words::FINDER_HINT,
    };
    layers::hint(paint, area, paint.say(hint));
}

/// Columns of the keys, which stand before the title.
fn keys_width(area: Rect) -> u16 {
    (area.width / 4).clamp(8, 24)
}

fn row(paint: &mut Paint<'_>, area: Rect, y: u16, state: &State, hit: &Hit) {
    let keys_width = keys_width(area);
    let (text, faint) = (paint.theme.text, paint.theme.faint);
    match hit {
        Hit::Action(action) => {
            let enabled = (action.enabled)(state).is_ok();
            paint.column(
                area,
                (2, keys_width),
                y,
                &keys(state, action),
                paint.theme.key,
            );
            let style = if enabled { text } else { faint };
            let mark = if enabled { "" } else { "- " };
            let title = format!("{mark}{}", paint.say(action.title));
            paint.text(area, keys_width + 3, y, &title, style);
        }
        Hit::Remark(says) => {
            let says = format!("! {}", cells::clean(says.get(paint.lang)));
            paint.text(area, 2, y, &says, paint.theme.warn);
        }
        Hit::Run(id) => {
            paint.column(area, (2, keys_width), y, paint.say(words::RUN_HIT), faint);
            paint.text(area, keys_width + 3, y, &cells::clean(id.as_str()), text);
        }
        Hit::Setting(key) => {
            paint.column(
                area,
                (2, keys_width),
                y,
                paint.say(words::SETTING_HIT),
                faint,
            );
            let label = format!("{} ({})", cells::clean(paint.say(key.label)), key.path);
            paint.text(area, keys_width + 3, y, &label, text);
        }
    }
}

/// Says what the chosen row does, or why it cannot be done.
fn says(paint: &Paint<'_>, state: &State, hit: &Hit) -> String {
    match hit {
        Hit::Action(action) => match (action.enabled)(state) {
            Ok(()) => format!("{} ({})", paint.say(action.help), action.id),
            Err(reason) => {
                let (reason, help) = (paint.say(reason), paint.say(action.help));
                format!("- {reason}. {help} ({})", action.id)
            }
        },
        Hit::Run(id) => cells::clean(id.as_str()),
        Hit::Remark(says) => cells::clean(says.get(paint.lang)),
        Hit::Setting(key) => cells::clean(key.help.get(paint.lang)),
    }
}

fn keys(state: &State, action: &Action) -> String {
    keymap::written(state.look.keys.keys(action))
}
