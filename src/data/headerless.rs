//! Tells the columns of a file without header by its numbers.

use crate::{
    columns::{ColumnUse, Offered, Prices, Unresolved},
    number::{self, Cell},
};
use domain::phrase;

/// Tells the columns of a file without header: the layouts of Binance, Kraken, MetaTrader, histdata.
pub(crate) fn without_header(offered: &Offered<'_>) -> Result<ColumnUse, Unresolved> {
    let width = offered.rows.first().map_or(0, Vec::len);
    let second_is_clock = offered.rows.iter().all(|row| {
        row.get(1)
            .is_some_and(|cell| cell.contains(':') && cell.len() <= 8)
    });
    let first = 1 + usize::from(second_is_clock);
    let make = |prices: Prices, volume: Option<usize>| ColumnUse {
        time: 0,
        clock: second_is_clock.then_some(1),
        prices,
        volume: volume.filter(|at| *at < width),
        symbol: None,
        panel_symbol: None,
        unknown: Vec::new(),
    };
    if width == first + 1 {
        return Ok(make(Prices::CloseOnly(first), None));
    }
    if width >= first + 4 {
        let candle = [first, first + 1, first + 2, first + 3];
        if is_candle(offered, candle) {
            return Ok(make(Prices::Candle(candle), Some(first + 4)));
        }
        // Coinbase: time, low, high, open, close, volume.
        let coinbase = [first + 2, first + 1, first, first + 3];
        if is_candle(offered, coinbase) {
            return Ok(make(Prices::Candle(coinbase), Some(first + 4)));
        }
    }
    Err(Unresolved::Columns(phrase!(
        "the file has no header, and its {width} columns are not time, open, high, low, close",
        "머리글이 없고, 열 {width}개가 시각·시가·고가·저가·종가 순서로 보이지 않습니다"
    )))
}

/// Returns whether high and low enclose the others in nearly every sample row.
fn is_candle(offered: &Offered<'_>, columns: [usize; 4]) -> bool {
    let value = |row: &Vec<String>, at: usize| match row.get(at) {
        Some(cell) => match number::read(cell.as_bytes(), offered.decimal) {
            Cell::Number(value) => value,
            Cell::Missing | Cell::Text => f64::NAN,
        },
        None => f64::NAN,
    };
    let (mut fits, mut fails) = (0_usize, 0_usize);
    for row in offered.rows {
        let [open, high, low, close] = columns.map(|at| value(row, at));
        if high >= open.max(close) && low <= open.min(close) {
            fits += 1;
        } else if (open + high + low + close).is_finite() {
            fails += 1;
        }
    }
    // One damaged row of many must not hide which column is which.
    fits > 0 && fails * 10 <= fits
}
