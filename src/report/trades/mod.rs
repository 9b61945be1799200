//! Round trips as a table that can be asked: `pnl<0 and side=long and bars>20`.
//!
//! Owns the filter language, sorting and the totals of what fits; reads no files. Everything works
//! on a borrowed slice and returns row numbers, so that a table of ten million rows is never
//! collected a second time. Start at [`pick`]; the language is described at [`Filter`].

pub mod column;
pub mod complete;
pub mod error;
mod filter;
mod lexer;
mod parser;
pub mod totals;

#[cfg(test)]
mod tests;

pub use column::Column;
pub use complete::{Completion, complete};
pub use error::{Expected, FilterError};
pub use filter::Filter;
pub use parser::{AND, NOT, OR};
pub use totals::Totals;

use runs::TradeRecord;

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The largest first.
    #[default]
    Falling,
    /// The smallest first.
    Rising,
}

/// What is asked of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which rows; all where there is none.
    pub filter: Option<Filter>,
    /// By which column; the newest exit first where there is none.
    pub sort: Option<(Column, Order)>,
}

/// The rows that fit, in the order asked for, with their totals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picked {
    /// Row numbers in order; `None` for all rows, the last first.
    rows: Option<Vec<u32>>,
    /// Totals of the rows.
    pub totals: Totals,
}

impl Picked {
    /// Returns how many rows fit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.totals.count
    }

    /// Returns whether none does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the row number at `place`; `None` beyond the last.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<usize> {
        match &self.rows {
            None => self.len().checked_sub(place + 1),
            Some(rows) => rows.get(place).map(|row| *row as usize),
        }
    }
}

/// Rows of one table at most; row numbers have 32 bits.
pub const MOST_ROWS: usize = u32::MAX as usize;

/// Answers `query` over `trades`, which are in order of their exit; rows beyond [`MOST_ROWS`] are
/// left out.
#[must_use]
pub fn pick(trades: &[TradeRecord], query: &Query) -> Picked {
    let trades = &trades[..trades.len().min(MOST_ROWS)];
    let mut totals = Totals::default();
    let Query { filter, sort } = query;
    let mut rows: Vec<u32> = match (filter, sort) {
        (None, None) => {
            trades.iter().for_each(|trade| totals.add(trade));
            return Picked { rows: None, totals };
        }
        (None, Some(_)) => {
            trades.iter().for_each(|trade| totals.add(trade));
            (0..trades.len() as u32).collect()
        }
        (Some(filter), _) => {
            let mut rows = Vec::new();
            filter.each(trades, |row, trade| {
                rows.push(row);
                totals.add(trade);
            });
            rows
        }
    };
    match sort {
        None => rows.reverse(),
        Some((column, order)) => {
            let mut keyed: Vec<(i64, u32)> = rows
                .iter()
                .map(|row| (column.rank(&trades[*row as usize]), *row))
                .collect();
            match order {
                Order::Rising => {
                    keyed.sort_unstable_by_key(|(rank, row)| (*rank == i64::MIN, *rank, *row));
                }
                Order::Falling => keyed.sort_unstable_by(|a, b| b.cmp(a)),
            }
            rows.clear();
            rows.extend(keyed.into_iter().map(|(_, row)| row));
        }
    }
    Picked {
        rows: Some(rows),
        totals,
    }
}
