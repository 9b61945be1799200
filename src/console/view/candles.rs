//! Prices as candles, one a column or more bars together, with buys and sells marked.
//!
//! Told apart without colour: a candle that rose is filled, one that fell is dotted; a buy is `^`
//! below its candle, a sell `v` above. Start at [`draw`].

use super::paint::Paint;
use crate::{areas, cells, dots::Form, number, words};
use backtest::curves::Candles;
use domain::Nanos;
use ratatui::{layout::Rect, style::Modifier};
use runs::{Side, TradeRecord};
use std::ops::Range;

/// Open, highest, lowest and last price of a bar or of several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candle {
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

/// A fill on the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// When.
    pub at: Nanos,
    /// At which price.
    pub price: f64,
    /// Whether it bought.
    pub bought: bool,
    /// Whether it belongs to the chosen trade.
    pub chosen: bool,
}

/// What is drawn.
#[derive(Debug)]
pub struct Prices<'a> {
    /// Its name.
    pub title: &'a str,
    /// Close times of the bars, rising.
    pub time: &'a [Nanos],
    /// The bars.
    pub candles: &'a Candles,
    /// The bars shown.
    pub shown: Range<usize>,
    /// Fills; those outside are left out.
    pub marks: &'a [Mark],
}

/// Returns the fills of `trades`; `chosen` is the place of the chosen one.
#[must_use]
pub fn marks(trades: &[TradeRecord], chosen: Option<usize>) -> Vec<Mark> {
    let both = |(index, trade): (usize, &TradeRecord)| {
        let long = trade.side == Side::Long;
        let chosen = chosen == Some(index);
        let fill = |at, price, bought| Mark {
            at,
            price,
            bought,
            chosen,
        };
        [
            fill(trade.entry_t, trade.entry_price, long),
            fill(trade.exit_t, trade.exit_price, !long),
        ]
    };
    trades.iter().enumerate().flat_map(both).collect()
}

/// Returns the `width` bars around `from` to `to`, some room at both sides.
#[must_use]
pub fn around(time: &[Nanos], (from, to): (Nanos, Nanos), width: usize) -> Range<usize> {
    let first = time.partition_point(|bar| *bar < from);
    let last = time.partition_point(|bar| *bar < to).max(first);
    let held = last - first + 1;
    let room = (width.saturating_sub(held) / 2).max(held / 4 + 1);
    let start = first.saturating_sub(room);
    start..(last + room + 1).min(time.len()).max(start)
}

/// Puts the bars in `shown` together into at most `count` candles, each with its bars; bars without
/// a price are left out.
#[must_use]
pub fn grouped(
    candles: &Candles,
    shown: Range<usize>,
    count: usize,
) -> Vec<(Range<usize>, Option<Candle>)> {
    let bars = [&candles.open, &candles.high, &candles.low, &candles.close];
    let known = bars.iter().map(|column| column.len()).min().unwrap_or(0);
    let shown = shown.start.min(known)..shown.end.min(known);
    let groups = shown.len().min(count);
    let group = |index: usize| {
        let start = shown.start + index * shown.len() / groups;
        let end = shown.start + (index + 1) * shown.len() / groups;
        (start..end, candle_of(candles, start..end))
    };
    (0..groups).map(group).collect()
}

fn candle_of(candles: &Candles, bars: Range<usize>) -> Option<Candle> {
    let whole = |bar: &usize| {
        let prices = [
            candles.open[*bar],
            candles.high[*bar],
            candles.low[*bar],
            candles.close[*bar],
        ];
        prices.iter().all(|price| price.is_finite())
    };
    let known: Vec<usize> = bars.filter(whole).collect();
    let (first, last) = (*known.first()?, *known.last()?);
    let over =
        |column: &[f64], of: fn(f64, f64) -> f64| known.iter().map(|bar| column[*bar]).reduce(of);
    Some(Candle {
        open: candles.open[first],
        high: over(&candles.high, f64::max)?,
        low: over(&candles.low, f64::min)?,
        close: candles.close[last],
    })
}

/// Draws `prices` into `area`.
pub fn draw(paint: &mut Paint<'_>, area: Rect, prices: &Prices<'_>) {
    let end = paint.text(area, 0, 0, prices.title, paint.theme.title);
    let plot = areas::below_title(area);
    let gutter = if area.width > 32 { 9 } else { 0 };
    let labelled = plot.height >= 4;
    let (drawn, axis) = areas::above(plot, plot.height - u16::from(labelled));
    let (labels, canvas) = areas::beside(drawn, gutter);
    let groups = grouped(
        prices.candles,
        prices.shown.clone(),
        usize::from(canvas.width),
    );
    let known: Vec<Candle> = groups.iter().filter_map(|group| group.1).collect();
    let low = known.iter().map(|candle| candle.low).reduce(f64::min);
    let high = known.iter().map(|candle| candle.high).reduce(f64::max);
    let Some((low, high)) = low.zip(high).filter(|_| !canvas.is_empty()) else {
        paint.text(plot, 2, 0, paint.say(words::NO_CURVE), paint.theme.faint);
        return;
    };
    // As wide as there is room for, with a gap between two once they are two wide.
    let each = (canvas.width / u16::try_from(groups.len()).unwrap_or(u16::MAX)).clamp(1, 3);
    let scale = Scale {
        low,
        high,
        // Marks stand above and below their candle.
        rows: canvas
            .height
            .saturating_sub(2 * u16::from(canvas.height > 4)),
        first: u16::from(canvas.height > 4),
    };
    for (index, (_, candle)) in (0_u16..).zip(&groups) {
        if let Some(candle) = candle {
            one(paint, canvas, (index * each, each), candle, &scale);
        }
    }
    let legend = mark_all(paint, canvas, prices, &groups, &scale, each);
    let room = usize::from(area.width.saturating_sub(end + 2));
    if cells::width(&legend) <= room {
        paint.text(area, end + 2, 0, &legend, paint.theme.faint);
    }
    for (y, value) in [
        (scale.first, high),
        (scale.first + scale.rows.max(1) - 1, low),
    ] {
        let text = cells::right(&number::figure(value), usize::from(gutter.max(1) - 1));
        paint.text(labels, 0, y, &text, paint.theme.faint);
    }
    if labelled {
        let axis = areas::beside(axis, gutter).1;
        let date =
            |bar: Option<usize>| bar.and_then(|bar| prices.time.get(bar)).map(|at| at.date());
        let first = groups.first().map(|group| group.0.start);
        let last = groups.last().and_then(|group| group.0.end.checked_sub(1));
        paint.text(
            axis,
            0,
            0,
            &date(first).unwrap_or_default(),
            paint.theme.faint,
        );
        let used = each.saturating_mul(u16::try_from(groups.len()).unwrap_or(u16::MAX));
        let drawn = areas::beside(axis, used.max(22)).0;
        paint.text_right(drawn, 0, &date(last).unwrap_or_default(), paint.theme.faint);
    }
}

/// Where prices lie on rows, four places each.
struct Scale {
    low: f64,
    high: f64,
    first: u16,
    rows: u16,
}

impl Scale {
    /// Returns the place of `price`, counted in quarters of a row from the top.
    fn place(&self, price: f64) -> usize {
        let places = usize::from(self.rows.max(1)) * 4;
        // Halves, so that prices near the largest float do not overflow.
        let span = self.high / 2.0 - self.low / 2.0;
        let share = if span > 0.0 {
            (self.high / 2.0 - price / 2.0) / span
        } else {
            0.5
        };
        ((share.clamp(0.0, 1.0) * places as f64) as usize).min(places - 1)
    }

    fn row(&self, price: f64) -> u16 {
        self.first + u16::try_from(self.place(price) / 4).unwrap_or(u16::MAX)
    }
}

/// Draws one candle `each` columns wide from column `x` on.
fn one(paint: &mut Paint<'_>, canvas: Rect, (x, each): (u16, u16), candle: &Candle, scale: &Scale) {
    let rose = candle.close >= candle.open;
    let style = if rose {
        paint.theme.good
    } else {
        paint.theme.bad
    };
    let (high, low) = (scale.place(candle.high), scale.place(candle.low));
    let top = scale.place(candle.open.max(candle.close));
    let bottom = scale.place(candle.open.min(candle.close));
    for row in high / 4..=low / 4 {
        let in_row = |from: usize, to: usize| {
            let (from, to) = (from.max(row * 4), to.min(row * 4 + 3));
            (from..=to).fold(0_u8, |rows, place| rows | 1 << (place - row * 4))
        };
        let (wick, body) = (in_row(high, low), in_row(top, bottom));
        let y = scale.first + u16::try_from(row).unwrap_or(0);
        let wide = if each > 1 { each - 1 } else { 1 };
        for column in 0..wide {
            let wick = if column == wide / 2 { wick } else { 0 };
            if let Some(glyph) = glyph(wick, body, rose, paint.form) {
                paint.text(canvas, x + column, y, &glyph.to_string(), style);
            }
        }
    }
}

/// Returns the glyph of a cell whose four rows hold the wick and the body.
fn glyph(wick: u8, body: u8, rose: bool, form: Form) -> Option<char> {
    const LEFT: [u8; 4] = [0x01, 0x02, 0x04, 0x40];
    const RIGHT: [u8; 4] = [0x08, 0x10, 0x20, 0x80];
    if wick | body == 0 {
        return None;
    }
    if form == Form::Ascii {
        return Some(match (body, rose) {
            (0, _) => '|',
            (_, true) => '#',
            (_, false) => ':',
        });
    }
    // The body of a candle that fell has every other dot of its right half.
    let right = if rose { body } else { body & 0b0101 };
    let bits = (0..4).fold(0_u8, |bits, row| {
        let left = if (wick | body) >> row & 1 == 1 {
            LEFT[row]
        } else {
            0
        };
        let right = if right >> row & 1 == 1 { RIGHT[row] } else { 0 };
        bits | left | right
    });
    char::from_u32(0x2800 + u32::from(bits))
}

/// Marks every fill that lies in a shown group; returns what the marks mean.
fn mark_all(
    paint: &mut Paint<'_>,
    canvas: Rect,
    prices: &Prices<'_>,
    groups: &[(Range<usize>, Option<Candle>)],
    scale: &Scale,
    each: u16,
) -> String {
    let (mut bought, mut sold) = (0, 0);
    // The chosen trade's last, over all others.
    let (chosen, others): (Vec<&Mark>, Vec<&Mark>) =
        prices.marks.iter().partition(|mark| mark.chosen);
    for mark in others.into_iter().chain(chosen) {
        let bar = prices.time.partition_point(|time| *time < mark.at);
        let found = groups.iter().position(|group| group.0.contains(&bar));
        let Some((group, candle)) = found.and_then(|at| Some((at, groups[at].1?))) else {
            continue;
        };
        let x = u16::try_from(group).unwrap_or(0) * each + (each.max(2) - 1) / 2;
        let (y, glyph, style) = if mark.bought {
            bought += 1;
            (scale.row(candle.low) + 1, "^", paint.theme.good)
        } else {
            sold += 1;
            (
                scale.row(candle.high).saturating_sub(1),
                "v",
                paint.theme.bad,
            )
        };
        let style = match mark.chosen {
            true => style.add_modifier(Modifier::REVERSED | Modifier::BOLD),
            false => style,
        };
        paint.text(canvas, x, y.min(canvas.height - 1), glyph, style);
    }
    let (buys, sells) = (paint.say(words::BUYS), paint.say(words::SELLS));
    format!("^ {buys} {bought}  v {sells} {sold}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caps::Glyphs;
    use crate::view::paint::tests::{painted, painted_in};

    fn candles(rows: &[[f64; 4]]) -> Candles {
        let column = |which: usize| rows.iter().map(|row| row[which]).collect();
        Candles {
            open: column(0),
            high: column(1),
            low: column(2),
            close: column(3),
        }
    }

    fn rising(count: usize) -> Candles {
        let rows: Vec<[f64; 4]> = (0..count)
            .map(|bar| {
                let price = 100.0 + bar as f64;
                [price, price + 2.0, price - 1.0, price + 1.0]
            })
            .collect();
        candles(&rows)
    }

    fn times(count: usize) -> Vec<Nanos> {
        (0..count as i64)
            .map(|bar| Nanos(bar * 3_600_000_000_000))
            .collect()
    }

    #[test]
    fn a_group_has_the_first_open_the_last_close_and_both_extremes() {
        let bars = candles(&[
            [1.0, 5.0, 0.5, 2.0],
            [2.0, 3.0, f64::NAN, 2.5],
            [2.0, 9.0, 1.5, 4.0],
            [4.0, 4.5, 3.0, 3.5],
        ]);
        let groups = grouped(&bars, 0..4, 1);
        let all = Candle {
            open: 1.0,
            high: 9.0,
            low: 0.5,
            close: 3.5,
        };
        assert_eq!(groups, [(0..4, Some(all))]);
        assert_eq!(grouped(&bars, 1..2, 9), [(1..2, None)]);
        assert_eq!(grouped(&bars, 0..900, 2).len(), 2);
        assert!(grouped(&bars, 7..9, 3).is_empty());
    }

    #[test]
    fn the_window_holds_the_whole_trade() {
        let time = times(1_000);
        let shown = around(&time, (time[500], time[520]), 100);
        assert!(
            shown.contains(&500) && shown.contains(&520) && shown.len() <= 102,
            "{shown:?}"
        );
        assert!(around(&time, (time[0], time[999]), 50).len() == 1_000);
        assert_eq!(around(&[], (Nanos(1), Nanos(2)), 50), 0..0);
    }

    #[test]
    fn buys_stand_below_and_sells_above_their_candles() {
        let (bars, time) = (rising(20), times(20));
        let mark = |bar: usize, bought| Mark {
            at: time[bar],
            price: 100.0,
            bought,
            chosen: false,
        };
        let prices = Prices {
            title: "Price",
            time: &time,
            candles: &bars,
            shown: 0..20,
            marks: &[mark(2, true), mark(17, false), mark(18, true)],
        };
        let seen = painted((60, 14), |paint, area| draw(paint, area, &prices));
        assert!(
            seen.lines().next().unwrap().contains("^ buys 2  v sells 1"),
            "{seen}"
        );
        let place = |sign: char| {
            let found = seen.lines().enumerate().skip(1);
            found
                .filter_map(|(y, line)| Some((y, line.find(sign)?)))
                .last()
                .unwrap()
        };
        let (bought, sold) = (place('^'), place('v'));
        assert!(bought.1 < sold.1 && bought.0 > sold.0, "{seen}");
        let ascii = painted_in(Glyphs::Ascii, (60, 14), |paint, area| {
            draw(paint, area, &prices);
        });
        assert!(
            ascii.is_ascii() && ascii.contains('#') && !ascii.contains(':'),
            "{ascii}"
        );
    }

    #[test]
    fn a_fall_is_told_from_a_rise_without_colour() {
        assert_ne!(
            glyph(0b1111, 0b1111, true, Form::Braille),
            glyph(0b1111, 0b1111, false, Form::Braille)
        );
        assert_eq!(glyph(0, 0, true, Form::Braille), None);
    }

    #[test]
    fn any_size_and_any_price_are_drawn() {
        let odd = candles(&[
            [1e300, f64::MAX, f64::MIN, -1e300],
            [f64::NAN, 1.0, 1.0, 1.0],
            [0.0, 0.0, 0.0, 0.0],
        ]);
        let many = rising(5_000);
        for bars in [&odd, &many, &Candles::default()] {
            let time = times(bars.open.len());
            let marks = [Mark {
                at: Nanos(1),
                price: f64::NAN,
                bought: true,
                chosen: true,
            }];
            for size in [(1, 1), (2, 3), (33, 5), (200, 60)] {
                let prices = Prices {
                    title: "Price",
                    time: &time,
                    candles: bars,
                    shown: 0..bars.open.len(),
                    marks: &marks,
                };
                painted(size, |paint, area| draw(paint, area, &prices));
            }
        }
    }
}
