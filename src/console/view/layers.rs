//! What lies over a screen.

use super::{finder, launch, paint::Paint, trades};
use crate::{
    areas, cells, keymap,
    layer::{Button, Confirm, Entry, EntryFor, Layer, NewKey, Page, Pick, PickItem},
    mouse::Spot,
    state::State,
    words,
};
use ratatui::layout::Rect;

/// Draws one layer over `screen`.
pub fn draw(paint: &mut Paint<'_>, screen: Rect, state: &State, layer: &Layer) {
    paint.spots.push((screen, Spot::Layer));
    match layer {
        Layer::Help(finder) => finder::draw(paint, state, layer, finder, words::HELP),
        Layer::Palette(finder) => finder::draw(paint, state, layer, finder, words::PALETTE),
        Layer::Confirm(confirm) => self::confirm(paint, screen, confirm),
        Layer::Pick(pick) => self::pick(paint, screen, state, pick),
        Layer::Entry(entry) => self::entry(paint, screen, entry),
        Layer::Launch(dialog) => launch::draw(paint, screen, state, dialog),
        Layer::Page(page) => self::page(paint, screen, page),
        Layer::NewKey(waiting) => new_key(paint, screen, state, waiting),
    }
}

/// Clears a box, frames it and returns what is inside.
pub fn open(paint: &mut Paint<'_>, area: Rect, title: &str) -> Rect {
    paint.clear(area);
    let bar = paint.theme.bar;
    paint.style_row(area, 0, bar);
    paint.text(area, 1, 0, title, bar);
    if area.height > 2 {
        paint.style_row(area, area.height - 1, bar);
    }
    let inner = areas::below_title(area);
    Rect {
        x: inner.x + u16::from(inner.width > 2),
        width: inner.width.saturating_sub(2),
        height: inner.height.saturating_sub(u16::from(area.height > 2)),
        ..inner
    }
}

/// Writes the keys of a layer into its last row.
pub fn hint(paint: &mut Paint<'_>, area: Rect, text: &str) {
    if area.height > 2 {
        paint.text(area, 1, area.height - 1, text, paint.theme.bar);
    }
}

fn confirm(paint: &mut Paint<'_>, screen: Rect, confirm: &Confirm) {
    let width = screen.width.saturating_sub(4).clamp(20, 90);
    let room = usize::from(width.saturating_sub(4));
    let consequence = cells::clean(confirm.plan.consequence.get(paint.lang));
    let consequence = cells::wrap(&consequence, room);
    let command = cells::wrap(&cells::clean(&confirm.plan.command), room);
    let word = usize::from(confirm.plan.word.is_some()) * 3;
    let page = confirm.page(screen.height);
    let changed = page + usize::from(page > 0);
    let lines = consequence.len() + changed + command.len() + 7 + word;
    let area = areas::centred(screen, width, u16::try_from(lines).unwrap_or(u16::MAX));
    let inner = open(paint, area, paint.say(confirm.title));
    let mut y = 0;
    // On a screen too low for all of it the buttons count most.
    let buttons = inner.height.saturating_sub(1);
    let (text, faint) = (paint.theme.text, paint.theme.faint);
    for line in &consequence {
        paint.text(inner, 1, y, line, text);
        y += 1;
    }
    if page > 0 {
        let place = areas::above(inner, y + 1).1;
        changed_lines(paint, place, confirm, page);
        y += u16::try_from(changed).unwrap_or(u16::MAX);
    }
    paint.text(inner, 1, y + 1, paint.say(words::SAME_AS), faint);
    y += 2;
    for line in &command {
        paint.text(inner, 1, y, line, paint.theme.title);
        y += 1;
    }
    if let Some(word) = &confirm.plan.word {
        // A list of many jobs is longer than the screen; what has to be typed is always there.
        let above = inner.height.saturating_sub(4);
        let place = Rect {
            y: inner.y + above,
            height: inner.height - above,
            ..inner
        };
        paint.clear(place);
        let says = format!("{}: {word}", paint.say(words::TYPE_NUMBER));
        paint.text(place, 1, 1, &says, paint.theme.warn);
        let field = areas::beside(place, 1).1;
        line(paint, field, 2, &confirm.typed);
    }
    let mut x = 1;
    let row = Rect {
        y: inner.y + buttons,
        height: inner.height - buttons,
        ..inner
    };
    paint.clear(row);
    for (button, word) in [
        (Button::Cancel, words::CANCEL),
        (Button::Proceed, words::PROCEED),
    ] {
        let chosen = button == confirm.button;
        let label = match chosen {
            true => format!("[> {} <]", paint.say(word)),
            false => format!("[  {}  ]", paint.say(word)),
        };
        let style = if chosen { paint.theme.selected } else { text };
        let from = x;
        x = paint.text(row, x, 0, &label, style);
        paint.spot(row, (from, x), 0, Spot::Button(button));
        x += 2;
    }
    hint(paint, area, paint.say(words::BUTTONS_HINT));
}

/// Draws the lines that would change, and which of them are in view.
fn changed_lines(paint: &mut Paint<'_>, area: Rect, confirm: &Confirm, page: usize) {
    let count = confirm.lines.len();
    let top = confirm.scroll.at.min(count.saturating_sub(page));
    for (y, line) in (0..area.height).zip(confirm.lines.iter().skip(top).take(page)) {
        let style = match line.starts_with('+') {
            true => paint.theme.good,
            false => paint.theme.bad,
        };
        paint.text(area, 1, y, line, style);
    }
    if count > page {
        let says = format!("PgUp/PgDn {}-{}/{count}", top + 1, top + page);
        let row = u16::try_from(page).unwrap_or(u16::MAX);
        paint.text_right(area, row, &says, paint.theme.faint);
    }
}

fn pick(paint: &mut Paint<'_>, screen: Rect, state: &State, pick: &Pick) {
    const WIDTH: u16 = 76;
    let help_rows = |item: &PickItem| {
        let says = cells::clean(item.help.get(paint.lang));
        cells::wrap(
            &says,
            usize::from(WIDTH.min(screen.width).saturating_sub(2)),
        )
        .len()
    };
    let longest = pick.items.iter().map(help_rows).max().unwrap_or(0);
    let rows = u16::try_from(longest.clamp(2, 7) + 1).unwrap_or(3);
    let count = u16::try_from(pick.items.len()).unwrap_or(u16::MAX);
    let height = count.saturating_add(3 + rows).min(screen.height);
    let area = areas::centred(screen, WIDTH, height);
    let inner = open(paint, area, &cells::clean(pick.title.get(paint.lang)));
    let (list, help) = areas::above(inner, inner.height.saturating_sub(rows).max(1));
    let window = pick
        .cursor
        .window(pick.items.len(), usize::from(list.height));
    for (y, index) in window.enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        let label = cells::clean(pick.items[index].label.get(paint.lang));
        paint.text(list, 2, y, &label, paint.theme.text);
        paint.row_spot(list, y, index, pick.cursor.at);
        if index == pick.cursor.at {
            paint.choose(list, y, (0, list.width));
        }
    }
    if let Some(item) = pick.items.get(state.item(pick.cursor.at)) {
        let says = cells::clean(item.help.get(paint.lang));
        paint.wrapped(help, 1, &says, paint.theme.faint);
    }
    hint(paint, area, paint.say(words::PICK_HINT));
}

fn new_key(paint: &mut Paint<'_>, screen: Rect, state: &State, waiting: &NewKey) {
    let area = areas::centred(screen, 76, 8);
    let inner = open(paint, area, paint.say(waiting.action.title));
    let keys = keymap::written(state.look.keys.keys(waiting.action));
    let now = format!("{}: {keys}", paint.say(words::KEYS_NOW));
    paint.text(inner, 0, 0, &now, paint.theme.faint);
    paint.text(
        inner,
        0,
        2,
        paint.say(words::PRESS_NEW_KEY),
        paint.theme.text,
    );
    if let Some(refusal) = &waiting.refusal {
        let says = format!("! {}", cells::clean(refusal.get(paint.lang)));
        paint.wrapped(inner, 3, &says, paint.theme.bad);
    }
    hint(paint, area, paint.say(words::NEW_KEY_HINT));
}

fn page(paint: &mut Paint<'_>, screen: Rect, page: &Page) {
    let title = cells::clean(page.title.get(paint.lang));
    // As large as what is read; the hint below needs a few cells too.
    let texts = page
        .lines
        .iter()
        .map(String::as_str)
        .chain([title.as_str()]);
    let widest = texts.map(cells::width).max().unwrap_or(0).max(56) + 2;
    let width = u16::try_from(widest).unwrap_or(u16::MAX);
    let height = u16::try_from(page.lines.len() + 2).unwrap_or(u16::MAX);
    let area = areas::centred(screen, width, height.max(5));
    let inner = open(paint, area, &title);
    let top = page.scroll.at.min(page.lines.len().saturating_sub(1));
    for (y, line) in (0..inner.height).zip(page.lines.iter().skip(top)) {
        paint.text(inner, 0, y, line, paint.theme.text);
    }
    hint(paint, area, paint.say(words::PAGE_HINT));
}

fn entry(paint: &mut Paint<'_>, screen: Rect, entry: &Entry) {
    let height = match entry.purpose {
        EntryFor::TradeFilter => 9,
        _ => 7,
    };
    let area = areas::centred(screen, 76, height);
    let inner = open(paint, area, &cells::clean(entry.title.get(paint.lang)));
    line(paint, inner, 1, &entry.line);
    if matches!(entry.purpose, EntryFor::TradeFilter) {
        let below = areas::above(inner, 2).1;
        trades::filter_help(paint, below, entry, inner.width);
        hint(paint, area, paint.say(words::FILTER_HINT));
        return;
    }
    let (says, style) = match &entry.refusal {
        Some(refusal) => (format!("! {}", cells::clean(refusal)), paint.theme.bad),
        None => (cells::clean(entry.hint.get(paint.lang)), paint.theme.faint),
    };
    paint.wrapped(inner, 2, says.trim(), style);
    let keys = match entry.purpose {
        EntryFor::ImportFile => words::FILTER_HINT,
        EntryFor::LogSearch => words::SEARCH_HINT,
        _ => words::ENTRY_HINT,
    };
    hint(paint, area, paint.say(keys));
}

/// Draws a line being typed at row `y` so that its caret is in view, and remembers the caret.
pub fn line(paint: &mut Paint<'_>, area: Rect, y: u16, line: &crate::line_edit::LineEdit) {
    if y >= area.height || area.width < 3 {
        return;
    }
    let room = usize::from(area.width - 1);
    let hidden = line.caret_cells().saturating_sub(room.saturating_sub(1));
    let start = cells::take(line.text(), hidden).len();
    let shift = cells::width(&line.text()[..start]);
    paint.text(
        area,
        0,
        y,
        cells::take(&line.text()[start..], room),
        paint.theme.text,
    );
    let x = u16::try_from(line.caret_cells() - shift).unwrap_or(0);
    paint.caret = Some((area.x + x.min(area.width - 1), area.y + y));
}
