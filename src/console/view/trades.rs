//! Round trips of the latest evaluation: those that fit the filter, in the order asked for, with
//! their totals. Only the visible rows are ever looked at.

use super::{candles, paint::Paint};
use crate::{areas, cells, layer::Entry, number, state::State, words};
use domain::{Lang, Nanos};
use ratatui::layout::Rect;
use report::trades::{Column, Filter, Order, complete};
use runs::{Side, TradeRecord};

/// From this height on the prices around the chosen trade are shown too.
const ROOM_FOR_PRICES: u16 = 30;
/// So many trades before and behind the chosen one are marked among the prices.
const NEIGHBOURS: usize = 200;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let table = &state.trades;
    let name = state
        .run()
        .map(|run| cells::clean(run.id.as_str()))
        .unwrap_or_default();
    let count = match table.filter().is_empty() {
        true => table.all().to_string(),
        false => format!("{}/{}", table.len(), table.all()),
    };
    let busy = match table.is_busy() {
        true => format!("  {}", paint.say(words::SEARCHING)),
        false => String::new(),
    };
    let mut title = format!("{} {count}{busy}", paint.say(words::TRADES));
    if !table.filter().is_empty() {
        let filter = cells::clean(table.filter());
        title.push_str(&format!("  {}: {filter}", paint.say(words::FILTER)));
    }
    let body = prices_of_chosen(paint, body, state);
    let inner = paint.panel(body, &format!("{title}  {name}"));
    if table.is_empty() {
        let says = match (state.run(), table.all()) {
            (None, _) => words::NO_RUN,
            (Some(_), 0) => words::NO_TRADES,
            (Some(_), _) => words::NO_TRADE_FITS,
        };
        paint.text(inner, 2, 0, paint.say(says), paint.theme.faint);
        return;
    }
    let columns = columns(body.width, table.sort().map(|(column, _)| column));
    let (heads, rest) = areas::above(inner, 1);
    let (list, totals) = areas::above(rest, rest.height.saturating_sub(1));
    for (column, place) in &columns {
        let mark = match table.sort() {
            Some((sorted, Order::Falling)) if sorted == *column => " v",
            Some((sorted, Order::Rising)) if sorted == *column => " ^",
            _ => "",
        };
        let head = format!("{}{mark}", paint.say(column.title()));
        paint.column(heads, *place, 0, &head, paint.theme.faint);
    }
    let at = table.cursor.at.min(table.len() - 1);
    let window = table.cursor.window(table.len(), usize::from(list.height));
    for (y, place) in window.enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        let Some(trade) = table.row(place) else {
            break;
        };
        row(paint, list, y, &columns, trade);
        if place == at {
            paint.choose(list, y, columns[0].1);
        }
        paint.row_spot(list, y, place, at);
    }
    summary(paint, totals, state);
}

/// Draws the prices around the chosen trade above the table, where there is room and the report
/// has them; returns what is left for the table.
fn prices_of_chosen(paint: &mut Paint<'_>, body: Rect, state: &State) -> Rect {
    let table = &state.trades;
    let at = state.trade().min(table.len().saturating_sub(1));
    let report = match &state.report.body {
        Some(Ok(report)) if state.report.run.as_ref() == state.run().map(|run| &run.id) => report,
        _ => return body,
    };
    let (time, candles) = (&report.curves.time, &report.curves.candles);
    let within = |trade: &&TradeRecord| {
        let known = time.first().zip(time.last());
        known.is_some_and(|(first, last)| trade.exit_t >= *first && trade.entry_t <= *last)
    };
    let chosen = table.row(at).filter(within);
    let (Some(chosen), true) = (chosen, body.height >= ROOM_FOR_PRICES) else {
        return body;
    };
    let (area, rest) = areas::above(body, body.height * 2 / 5);
    let area = areas::above(area, area.height.saturating_sub(1)).0;
    let width = usize::from(area.width) / 2;
    let shown = candles::around(time, (chosen.entry_t, chosen.exit_t), width);
    let seen = |at: Nanos| {
        let known = time
            .get(shown.start)
            .zip(time.get(shown.end.wrapping_sub(1)));
        known.is_some_and(|(first, last)| (*first..=*last).contains(&at))
    };
    let first = at.saturating_sub(NEIGHBOURS);
    let near: Vec<TradeRecord> = (first..(at + NEIGHBOURS).min(table.len()))
        .filter_map(|place| table.row(place).cloned())
        .collect();
    let mut marks = candles::marks(&near, Some(at - first));
    marks.retain(|mark| seen(mark.at));
    // By the first column of its row.
    let title = format!("{}  {}", paint.say(words::PRICES), minute(chosen.exit_t));
    let prices = candles::Prices {
        title: &title,
        time,
        candles,
        shown,
        marks: &marks,
    };
    candles::draw(paint, area, &prices);
    rest
}

fn summary(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let totals = state.trades.totals();
    let or_none = |value: Option<f64>, shown: fn(f64) -> String| {
        value.map_or_else(|| number::NONE.to_owned(), shown)
    };
    let parts = [
        (words::TRADES, totals.count.to_string()),
        (words::WIN_RATE, or_none(totals.win_rate(), number::percent)),
        (words::NET_PROFIT, number::figure(totals.net())),
        (
            words::PROFIT_FACTOR,
            or_none(totals.profit_factor(), number::figure),
        ),
        (words::FEES, number::figure(totals.fees)),
    ];
    // What does not fit whole is left out, the least wanted first.
    let mut line = paint.say(words::TOTAL).to_owned();
    for (word, value) in parts {
        let part = format!("  {} {value}", paint.say(word));
        if cells::width(&line) + cells::width(&part) > usize::from(area.width) {
            break;
        }
        line.push_str(&part);
    }
    paint.text(area, 0, 0, &line, paint.theme.title);
}

/// The columns that fit, each with its place; the one that is sorted by is always there.
fn columns(width: u16, sorted: Option<Column>) -> Vec<(Column, (u16, u16))> {
    let mut columns: Vec<Column> = Column::ALL.to_vec();
    let mut x = 2;
    let placed = |columns: Vec<Column>, x: &mut u16| -> Vec<(Column, (u16, u16))> {
        let mut placed = Vec::new();
        for column in columns {
            let wide = column_width(column, width);
            if x.saturating_add(wide) > width {
                break;
            }
            placed.push((column, (*x, wide)));
            *x += wide + 1;
        }
        placed
    };
    let mut fitting = placed(columns.clone(), &mut x);
    if let Some(sorted) = sorted
        && fitting.iter().all(|(column, _)| *column != sorted)
        && fitting.len() > 1
    {
        // It takes the place of the last ones.
        columns = fitting.iter().map(|(column, _)| *column).collect();
        columns.insert(1, sorted);
        x = 2;
        fitting = placed(columns, &mut x);
    }
    if fitting.is_empty() {
        fitting.push((Column::ExitTime, (2, width.saturating_sub(2))));
    }
    fitting
}

const fn column_width(column: Column, screen: u16) -> u16 {
    let wide = screen >= 100;
    match column {
        Column::ExitTime | Column::EntryTime if screen >= 60 => 16,
        Column::ExitTime | Column::EntryTime => 10,
        Column::Side => 6,
        Column::Pnl | Column::Entry | Column::Exit if wide => 11,
        Column::Quantity | Column::Fees if wide => 10,
        Column::EntryBar | Column::ExitBar | Column::Pnl | Column::Entry | Column::Exit => 9,
        Column::Quantity | Column::Fees => 9,
        Column::Return => 8,
        Column::Bars | Column::Hours | Column::Step | Column::Window => 7,
    }
}

fn row(
    paint: &mut Paint<'_>,
    area: Rect,
    y: u16,
    columns: &[(Column, (u16, u16))],
    trade: &TradeRecord,
) {
    let profit = if trade.pnl >= 0.0 {
        paint.theme.good
    } else {
        paint.theme.bad
    };
    for (column, place) in columns {
        let style = match column {
            Column::Pnl | Column::Return => profit,
            _ => paint.theme.text,
        };
        let text = cell(*column, trade, paint.lang);
        paint.column(area, *place, y, &text, style);
    }
}

fn cell(column: Column, trade: &TradeRecord, lang: Lang) -> String {
    match column {
        Column::ExitTime => minute(trade.exit_t),
        Column::EntryTime => minute(trade.entry_t),
        Column::Side => {
            let side = match trade.side {
                Side::Long => words::LONG,
                Side::Short => words::SHORT,
            };
            side.get(lang).to_owned()
        }
        Column::Window => words::window(trade.scope).get(lang).to_owned(),
        Column::Return => number::signed_percent(trade.return_on_entry()),
        Column::Bars => trade.bars_held().to_string(),
        Column::EntryBar => trade.entry_bar.to_string(),
        Column::ExitBar => trade.exit_bar.to_string(),
        Column::Step => number::count(trade.step),
        Column::Entry | Column::Exit => price(column.number(trade)),
        Column::Hours => format!("{:.1}", column.number(trade)),
        other => number::figure(other.number(trade)),
    }
}

/// Formats a price with all its digits: two of them apart are a trade's whole profit.
pub fn price(value: f64) -> String {
    match value.abs() {
        magnitude if (1_000.0..1e7).contains(&magnitude) => format!("{value:.1}"),
        _ => number::figure(value),
    }
}

/// Formats the time of a fill, e.g. `2023-07-22 14:00`.
pub fn minute(t: Nanos) -> String {
    let civil = t.civil();
    format!("{} {:02}:{:02}", civil.date(), civil.hour(), civil.minute())
}

/// Draws below a filter being typed what is wrong and where, or what can be typed next.
pub fn filter_help(paint: &mut Paint<'_>, area: Rect, entry: &Entry, caret_room: u16) {
    let typed = entry.line.text();
    let offers = complete(typed).offers.join("  ");
    match Filter::parse(typed) {
        Err(error)
            if entry.refusal.is_some() || offers.is_empty() || !is_unfinished(&error, typed) =>
        {
            let before: String = typed.chars().take(error.at()).collect();
            let x = u16::try_from(cells::width(&before)).unwrap_or(u16::MAX);
            // A line that is longer than the field is shifted: then the place is told in words.
            if x < caret_room {
                paint.text(area, x, 0, "^", paint.theme.bad);
            }
            let says = format!("! {}", cells::clean(error.says().get(paint.lang)));
            paint.wrapped(areas::above(area, 1).1, 0, &says, paint.theme.bad);
        }
        _ if offers.is_empty() => {
            let hint = cells::clean(entry.hint.get(paint.lang));
            paint.wrapped(area, 0, &hint, paint.theme.faint);
        }
        _ => {
            let says = format!("{}: {offers}", paint.say(words::OFFERS));
            paint.wrapped(area, 0, &cells::clean(&says), paint.theme.faint);
        }
    }
}

/// Returns whether the error is at the word still being typed.
fn is_unfinished(error: &report::trades::FilterError, typed: &str) -> bool {
    let word = typed
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .count();
    error.at() + word >= typed.trim_end().chars().count()
}
