//! The step of the tour that waits: a box above the footer, and a mark where it points.

use super::{layers, paint::Paint};
use crate::{
    action, areas, cells,
    launch::Launch,
    layer::Layer,
    mouse::Spot,
    state::State,
    tour::{Pointed, Step, Tour},
    words,
};
use domain::{Phrase, phrase};
use ratatui::{layout::Rect, style::Modifier};

/// Draws the box and the mark.
pub fn draw(paint: &mut Paint<'_>, screen: Rect, state: &State, tour: Tour) {
    let areas = areas::Areas::of(screen.width, screen.height);
    match tour.step.points_at() {
        Some(Pointed::Header(to)) => {
            let is_it = |spot: &Spot| matches!(spot, Spot::Screen(screen) if *screen == to);
            let found = paint.spots.iter().find(|(_, spot)| is_it(spot));
            if let Some(area) = found.map(|(area, _)| *area) {
                stand_out(paint, area);
            }
        }
        Some(Pointed::Footer(id)) => {
            if let Some(action) = action::named(id) {
                let key = state.look.keys.shown(action);
                let label = format!("{key} {}", paint.say(action.title));
                mark(paint, areas.footer, &label);
            }
        }
        None => {}
    }
    let width = screen.width.min(84);
    let room = usize::from(width.saturating_sub(4)).max(1);
    let says = cells::wrap(tour.step.says().get(paint.lang), room);
    let asks = asks(state, tour);
    let asks = cells::wrap(asks.get(paint.lang), room);
    let lines = says.len() + asks.len() + 2;
    let height = u16::try_from(lines)
        .unwrap_or(u16::MAX)
        .min(areas.body.height);
    let area = Rect {
        x: (screen.width - width) / 2,
        y: areas.body.y + (areas.body.height - height),
        width,
        height,
    };
    let (number, count) = (tour.step.number(), Step::ALL.len());
    let title = format!("{} {number}/{count}", paint.say(words::TOUR));
    let inner = layers::open(paint, area, &title);
    let mut y = 0;
    // On a screen too low for all of it, what to press counts most.
    let left = usize::from(inner.height).saturating_sub(asks.len());
    for line in says.iter().take(left) {
        paint.text(inner, 0, y, line, paint.theme.text);
        y += 1;
    }
    for line in &asks {
        paint.text(inner, 0, y, line, paint.theme.title);
        y += 1;
    }
    layers::hint(paint, area, paint.say(words::TOUR_HINT));
}

/// Words what is to be pressed now.
fn asks(state: &State, tour: Tour) -> Phrase {
    let refused = |launch: &Launch| matches!(launch.preview, Some(Err(_)));
    let refused = matches!(state.layers.last(), Some(Layer::Launch(launch)) if refused(launch));
    if tour.step == Step::Send && refused {
        return Phrase::new(
            "It cannot be sent from here; the reasons are above. Press Esc.",
            "여기서는 보낼 수 없습니다. 이유는 위에 있습니다. Esc를 누르세요.",
        );
    }
    let key = tour.step.key();
    match tour.nudged {
        false => phrase!("Press {key}.", "{key} 키를 누르세요."),
        true => phrase!(
            "Not that one yet: press {key}, or Esc to leave the tour.",
            "아직 그 키를 쓸 때가 아닙니다. {key} 키를 누르거나 Esc로 그만두세요."
        ),
    }
}

/// Sets `label` off where it stands in the row `area`.
fn mark(paint: &mut Paint<'_>, area: Rect, label: &str) {
    if area.is_empty() {
        return;
    }
    let mut row = String::new();
    // Where in the row each byte of its text is.
    let mut places = Vec::new();
    let mut x = area.x;
    while x < area.right() {
        let symbol = paint.buffer[(x, area.y)].symbol();
        row.push_str(symbol);
        places.extend(std::iter::repeat_n(x, symbol.len()));
        x += u16::try_from(cells::width(symbol)).unwrap_or(1).max(1);
    }
    let Some(from) = row.find(label).and_then(|at| places.get(at).copied()) else {
        return;
    };
    let width = u16::try_from(cells::width(label)).unwrap_or(0);
    let width = width.min(area.right() - from);
    stand_out(paint, Rect::new(from, area.y, width, 1));
}

/// Sets every cell of `area` off.
fn stand_out(paint: &mut Paint<'_>, area: Rect) {
    // A bar may be in reverse already.
    let stands_out = Modifier::UNDERLINED | Modifier::BOLD;
    let style = paint.theme.selected.add_modifier(stands_out);
    paint.buffer.set_style(area, style);
}
