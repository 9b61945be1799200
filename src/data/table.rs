//! The rows of a source as columns, each with the row of the file that it came from.

use crate::{fault::Fault, findings::Findings};
use domain::{BarFlags, Text, phrase};

/// Candles in the order of their source; not yet checked against each other.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Times, nanoseconds UTC.
    pub(crate) time: Vec<i64>,
    /// First prices.
    pub(crate) open: Vec<f64>,
    /// Highest prices.
    pub(crate) high: Vec<f64>,
    /// Lowest prices.
    pub(crate) low: Vec<f64>,
    /// Last prices.
    pub(crate) close: Vec<f64>,
    /// Traded amounts.
    pub(crate) volume: Vec<f64>,
    /// Quality marks.
    pub(crate) flags: Vec<BarFlags>,
    /// Where each bar came from.
    pub(crate) rows: Rows,
}

/// Values of one row: open, high, low, close, volume.
pub(crate) type Candle = [f64; 5];

impl Table {
    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.time.len()
    }

    /// Makes room for about `rows` rows.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.time.reserve(rows);
        for column in self.prices_mut() {
            column.reserve(rows);
        }
    }

    /// Appends a row that passed [`acceptable`].
    #[inline]
    pub(crate) fn push(&mut self, row: usize, time: i64, candle: Candle) {
        self.rows.push(self.time.len(), row);
        self.time.push(time);
        let [open, high, low, close, volume] = candle;
        self.open.push(open);
        self.high.push(high);
        self.low.push(low);
        self.close.push(close);
        self.volume.push(volume);
    }

    /// Reverses the order of all rows.
    pub(crate) fn reverse(&mut self) {
        self.rows.spell_out(self.time.len());
        self.rows.explicit_mut().reverse();
        self.time.reverse();
        for column in self.prices_mut() {
            column.reverse();
        }
    }

    /// Puts row `order[i]` at place `i`; `order` may leave rows out.
    pub(crate) fn arrange(&mut self, order: &[u32]) {
        fn pick<T: Copy>(column: &mut Vec<T>, order: &[u32]) {
            *column = order.iter().map(|from| column[*from as usize]).collect();
        }
        self.rows.spell_out(self.time.len());
        pick(self.rows.explicit_mut(), order);
        pick(&mut self.time, order);
        for column in self.prices_mut() {
            pick(column, order);
        }
        if !self.flags.is_empty() {
            pick(&mut self.flags, order);
        }
    }

    /// Returns the candle of row `index`.
    pub(crate) fn candle(&self, index: usize) -> Candle {
        [
            self.open[index],
            self.high[index],
            self.low[index],
            self.close[index],
            self.volume[index],
        ]
    }

    fn prices_mut(&mut self) -> [&mut Vec<f64>; 5] {
        [
            &mut self.open,
            &mut self.high,
            &mut self.low,
            &mut self.close,
            &mut self.volume,
        ]
    }
}

/// Notes what is wrong with one row's numbers; returns whether the row can be used.
#[inline]
pub(crate) fn acceptable(candle: &Candle, row: usize, findings: &mut Findings) -> bool {
    let [open, high, low, close, volume] = *candle;
    let lowest = open.min(high).min(low).min(close);
    let sum = open + high + low + close + volume;
    if lowest > 0.0 && volume >= 0.0 && sum.is_finite() {
        return true;
    }
    refuse(candle, row, findings)
}

/// Names of a candle's values, for messages.
pub(crate) const NAMES: [Text; 5] = [
    Text::new("open", "시가"),
    Text::new("high", "고가"),
    Text::new("low", "저가"),
    Text::new("close", "종가"),
    Text::new("volume", "거래량"),
];

#[cold]
fn refuse(candle: &Candle, row: usize, findings: &mut Findings) -> bool {
    for (name, value) in NAMES.into_iter().zip(*candle) {
        let Text { en, ko } = name;
        if !value.is_finite() {
            findings.row(Fault::NotFinite, row, || {
                phrase!("{en} is {value}", "{ko}이(가) {value}입니다")
            });
            return false;
        }
        if value < 0.0 || value == 0.0 && en != "volume" {
            findings.row(Fault::NotPositive, row, || {
                phrase!(
                    "{en} is {value}, not a positive number",
                    "{ko}이(가) {value}입니다. 양수여야 합니다"
                )
            });
            return false;
        }
    }
    // Each is finite; only their sum was not.
    true
}

/// Maps bars to rows of the source; costs nothing while rows follow each other.
#[derive(Debug)]
pub(crate) enum Rows {
    /// Runs: from bar `.0` on, rows count up from `.1`.
    Runs(Vec<(usize, usize)>),
    /// One row a bar.
    Explicit(Vec<u32>),
}

/// The row of a bar that no row of the source made.
pub(crate) const NO_ROW: u32 = u32::MAX;

impl Default for Rows {
    fn default() -> Self {
        Self::Runs(Vec::new())
    }
}

impl Rows {
    #[inline]
    fn push(&mut self, index: usize, row: usize) {
        match self {
            Self::Runs(runs) => match runs.last() {
                Some(&(start, first)) if first + (index - start) == row => {}
                _ => runs.push((index, row)),
            },
            Self::Explicit(rows) => rows.push(row as u32),
        }
    }

    /// Returns the row of bar `index`.
    pub(crate) fn of(&self, index: usize) -> usize {
        match self {
            Self::Runs(runs) => {
                let run = runs.partition_point(|(start, _)| *start <= index);
                let (start, first) = runs[run - 1];
                first + (index - start)
            }
            Self::Explicit(rows) => rows[index] as usize,
        }
    }

    fn spell_out(&mut self, count: usize) {
        if matches!(self, Self::Runs(_)) {
            let rows = (0..count).map(|index| self.of(index) as u32).collect();
            *self = Self::Explicit(rows);
        }
    }

    fn explicit_mut(&mut self) -> &mut Vec<u32> {
        self.spell_out(0);
        match self {
            Self::Explicit(rows) => rows,
            Self::Runs(_) => unreachable!("rows were just spelt out"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_remembered_through_skips_and_reordering() {
        let mut table = Table::default();
        for (index, row) in [2, 3, 7, 8].into_iter().enumerate() {
            table.push(row, index as i64, [1.0; 5]);
        }
        let rows = |table: &Table| -> Vec<usize> {
            (0..table.len()).map(|index| table.rows.of(index)).collect()
        };
        assert_eq!(rows(&table), [2, 3, 7, 8]);
        table.reverse();
        assert_eq!(rows(&table), [8, 7, 3, 2]);
        table.arrange(&[3, 1]);
        assert_eq!(rows(&table), [2, 7]);
        assert_eq!(table.time, [0, 2]);
    }
}
