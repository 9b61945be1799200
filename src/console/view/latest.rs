//! The last round trips of a run, as the dashboard shows them.
//!
//! Start at [`list`].

use super::{
    paint::Paint,
    trades::{minute, price},
};
use crate::{cells, number, words};
use domain::Text;
use ratatui::{layout::Rect, style::Style};
use runs::{Side, TradeRecord};

/// Lists the last round trips, the newest first.
pub fn list(paint: &mut Paint<'_>, area: Rect, trades: &[TradeRecord]) {
    let inner = paint.panel(area, paint.say(words::LAST_TRADES));
    let newest = trades.iter().rev();
    for (y, trade) in (0..inner.height).zip(newest) {
        let (faint, text) = (paint.theme.faint, paint.theme.text);
        let x = paint.text(inner, 0, y, &minute(trade.exit_t), faint) + 2;
        let x = paint.column(inner, (x, 6), y, paint.say(side(trade)), text);
        let style = profit_style(paint, trade);
        let profit = cells::right(&signed(trade.pnl), 10);
        let x = paint.text(inner, x, y, &profit, style) + 2;
        let prices = format!(
            "{} -> {}",
            price(trade.entry_price),
            price(trade.exit_price)
        );
        let x = paint.text(inner, x, y, &prices, faint) + 2;
        let bars = format!("{} {}", trade.bars_held(), paint.say(words::BARS));
        paint.text(inner, x, y, &bars, faint);
    }
}

/// Tells the last round trips in one row, the newest first.
pub fn row(paint: &mut Paint<'_>, area: Rect, trades: &[TradeRecord]) {
    let mut x = paint.text(area, 0, 0, paint.say(words::LAST_TRADES), paint.theme.faint) + 2;
    for trade in trades.iter().rev() {
        let says = format!("{} {}", signed(trade.pnl), paint.say(side(trade)));
        if usize::from(x) + cells::width(&says) > usize::from(area.width) {
            break;
        }
        let style = profit_style(paint, trade);
        x = paint.text(area, x, 0, &says, style) + 2;
    }
}

fn side(trade: &TradeRecord) -> Text {
    match trade.side {
        Side::Long => words::LONG,
        Side::Short => words::SHORT,
    }
}

fn profit_style(paint: &Paint<'_>, trade: &TradeRecord) -> Style {
    match trade.pnl < 0.0 {
        true => paint.theme.bad,
        false => paint.theme.good,
    }
}

fn signed(profit: f64) -> String {
    let plus = if profit > 0.0 { "+" } else { "" };
    format!("{plus}{}", number::figure(profit))
}
