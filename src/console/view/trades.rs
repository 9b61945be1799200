//! Round trips of the latest evaluation, newest first, with their totals.

use super::paint::Paint;
use crate::{areas, cells, number, state::State, words};
use ratatui::layout::Rect;
use runs::{Side, TradeRecord};

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let trades = state.data().map_or(&[][..], |data| &data.evaluation.trades);
    let name = state
        .run()
        .map(|run| cells::clean(run.id.as_str()))
        .unwrap_or_default();
    let title = format!("{} {}  {name}", paint.say(words::TRADES), trades.len());
    let inner = paint.panel(body, &title);
    if trades.is_empty() {
        let says = if state.run().is_some() {
            words::NO_TRADES
        } else {
            words::NO_RUN
        };
        paint.text(inner, 2, 0, paint.say(says), paint.theme.faint);
        return;
    }
    let columns = columns(body.width);
    let (heads, rest) = areas::above(inner, 1);
    let (list, totals) = areas::above(rest, rest.height.saturating_sub(1));
    let titles = [
        words::EXIT,
        words::SIDE,
        words::PROFIT,
        words::RETURN,
        words::BARS,
        words::ENTRY,
        words::EXIT,
        words::QUANTITY,
        words::FEES,
    ];
    for (place, title) in columns.iter().zip(titles) {
        paint.column(heads, *place, 0, paint.say(title), paint.theme.faint);
    }
    let at = state.trades.at.min(trades.len() - 1);
    let window = state.trades.window(trades.len(), usize::from(list.height));
    for (y, index) in window.enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        row(paint, list, y, &columns, &trades[trades.len() - 1 - index]);
        if index == at {
            paint.choose(list, y, columns[0]);
        }
    }
    let profit: f64 = trades.iter().map(|trade| trade.pnl).sum();
    let fees: f64 = trades.iter().map(|trade| trade.fees).sum();
    let wins = state.data().and_then(|data| data.evaluation.win_rate());
    let line = format!(
        "{}  {} {}  {} {}  {} {}  {} {}",
        paint.say(words::TOTAL),
        paint.say(words::TRADES),
        trades.len(),
        paint.say(words::PROFIT),
        number::figure(profit),
        paint.say(words::FEES),
        number::figure(fees),
        paint.say(words::WIN_RATE),
        wins.map_or(number::NONE.to_owned(), number::percent),
    );
    paint.text(totals, 0, 0, &line, paint.theme.title);
}

fn columns(width: u16) -> Vec<(u16, u16)> {
    let widths: &[u16] = match width {
        0..60 => &[10, 5, 9, 7],
        60..100 => &[16, 5, 9, 7, 6, 9, 9],
        _ => &[16, 6, 11, 8, 6, 12, 12, 12, 10],
    };
    let mut x = 2;
    widths
        .iter()
        .map(|width| {
            let here = (x, *width);
            x += width + 1;
            here
        })
        .collect()
}

fn row(paint: &mut Paint<'_>, area: Rect, y: u16, columns: &[(u16, u16)], trade: &TradeRecord) {
    let side = match trade.side {
        Side::Long => words::LONG,
        Side::Short => words::SHORT,
    };
    let exit = trade.exit_t.civil();
    let texts = [
        format!("{} {:02}:{:02}", exit.date(), exit.hour(), exit.minute()),
        paint.say(side).to_owned(),
        number::figure(trade.pnl),
        number::signed_percent(trade.return_on_entry()),
        trade.bars_held().to_string(),
        number::figure(trade.entry_price),
        number::figure(trade.exit_price),
        number::figure(trade.qty),
        number::figure(trade.fees),
    ];
    let profit = if trade.pnl >= 0.0 {
        paint.theme.good
    } else {
        paint.theme.bad
    };
    for (index, (place, text)) in columns.iter().zip(texts).enumerate() {
        let style = if matches!(index, 2 | 3) {
            profit
        } else {
            paint.theme.text
        };
        paint.column(area, *place, y, &text, style);
    }
}
