//! The table of round trips: what was asked of it, what came of that, which row is chosen.
//!
//! Never holds a second copy of the rows: an answer is row numbers. Small tables are answered at
//! once, large ones by the clerk, while the former answer stays on screen. Start at [`TradeTable`].

use crate::{cursor::Cursor, run_data::Trades};
use report::trades::{Column, Filter, FilterError, Order, Picked, Query, Totals, pick};
use runs::TradeRecord;

/// Rows that are looked through within a frame.
const AT_ONCE: usize = 100_000;

/// What is asked of which rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The rows.
    pub trades: Trades,
    /// Which of them, and in what order.
    pub query: Query,
}

impl Question {
    /// Looks through the rows; for ten million of them this takes a good part of a second.
    #[must_use]
    pub fn answer(&self) -> Picked {
        pick(&self.trades, &self.query)
    }
}

/// The table.
#[derive(Debug, Default)]
pub struct TradeTable {
    /// The chosen row, counted from the top.
    pub cursor: Cursor,
    filter: String,
    query: Query,
    /// What is on screen.
    shown: Option<(Question, Picked)>,
    /// What the clerk looks for.
    asked: Option<Question>,
}

impl TradeTable {
    /// Returns the filter as it was typed; empty for none.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Returns the column that is sorted by, and how.
    #[must_use]
    pub fn sort(&self) -> Option<(Column, Order)> {
        self.query.sort
    }

    /// Returns how many rows are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.as_ref().map_or(0, |(_, picked)| picked.len())
    }

    /// Returns whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether rows are being looked through.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.asked.is_some()
    }

    /// Returns how many rows there are to choose from.
    #[must_use]
    pub fn all(&self) -> usize {
        self.shown
            .as_ref()
            .map_or(0, |(asked, _)| asked.trades.len())
    }

    /// Returns the totals of the shown rows.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let shown = self.shown.as_ref();
        shown.map_or_else(Totals::default, |(_, picked)| picked.totals)
    }

    /// Returns the round trip in row `place` from the top.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&TradeRecord> {
        let (asked, picked) = self.shown.as_ref()?;
        asked.trades.get(picked.row(place)?)
    }

    /// Filters by `text`; a text that is no filter changes nothing.
    ///
    /// # Errors
    /// What is not understood.
    pub fn filter_by(&mut self, text: &str) -> Result<(), FilterError> {
        self.query.filter = Filter::parse(text)?;
        self.filter = text.trim().to_owned();
        Ok(())
    }

    /// Sorts by `sort`; `None` is the newest first.
    pub fn sort_by(&mut self, sort: Option<(Column, Order)>) {
        self.query.sort = sort;
        self.cursor = Cursor::default();
    }

    /// Sorts by the column `steps` further in the table's order, none included.
    pub fn turn_sort(&mut self, steps: usize) {
        let columns = Column::ALL;
        let at = match self.query.sort {
            None => 0,
            Some((sorted, _)) => {
                let found = columns.iter().position(|column| *column == sorted);
                found.map_or(0, |at| at + 1)
            }
        };
        let next = (at + steps) % (columns.len() + 1);
        let column = next.checked_sub(1).map(|at| columns[at]);
        self.sort_by(column.map(|column| (column, Order::default())));
    }

    /// Turns the order round; what is sorted by nothing becomes the oldest first.
    pub fn reverse(&mut self) {
        let sort = match self.query.sort {
            None => Some((Column::ExitTime, Order::Rising)),
            Some((column, Order::Falling)) => Some((column, Order::Rising)),
            Some((column, Order::Rising)) => Some((column, Order::Falling)),
        };
        self.sort_by(sort);
    }

    /// Forgets the rows and the place in them, keeps what is asked of them.
    pub fn forget_rows(&mut self) {
        (self.shown, self.asked) = (None, None);
        self.cursor = Cursor::default();
    }

    /// Sees to it that `trades` are shown as asked; returns what somebody else has to look through.
    pub fn refresh(&mut self, trades: &Trades) -> Option<Question> {
        let is_answered =
            |question: &Question| question.trades == *trades && question.query == self.query;
        if self
            .shown
            .as_ref()
            .is_some_and(|(asked, _)| is_answered(asked))
        {
            self.asked = None;
            return None;
        }
        if self.asked.as_ref().is_some_and(is_answered) {
            return None;
        }
        let question = Question {
            trades: trades.clone(),
            query: self.query.clone(),
        };
        if trades.len() > AT_ONCE {
            self.asked = Some(question.clone());
            return Some(question);
        }
        let picked = question.answer();
        self.show(question, picked);
        None
    }

    /// Takes an answer; one that nobody waits for any more is left out.
    pub fn take(&mut self, question: Question, picked: Picked) {
        if self.asked.as_ref() == Some(&question) {
            self.show(question, picked);
        }
    }

    fn show(&mut self, question: Question, picked: Picked) {
        // The chosen row stays the same one when newer ones come.
        let grown = match &self.shown {
            Some((former, before)) if former.query == question.query && self.cursor.at > 0 => {
                match question.query.sort {
                    None => picked.len().saturating_sub(before.len()),
                    Some(_) => 0,
                }
            }
            _ => 0,
        };
        if grown > 0 {
            let at = self.cursor.at + grown;
            self.cursor.set(at, picked.len(), 1);
        }
        self.asked = None;
        self.shown = Some((question, picked));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Nanos;
    use runs::{Scope, Side};

    fn trades(count: usize) -> Trades {
        let trade = |n: usize| TradeRecord {
            step: 1,
            scope: Scope::Test,
            side: Side::Long,
            qty: 1.0,
            entry_bar: n as u64,
            entry_t: Nanos(n as i64),
            entry_price: 1.0,
            exit_bar: n as u64 + 1,
            exit_t: Nanos(n as i64 + 1),
            exit_price: 1.0,
            pnl: n as f64 - 2.0,
            fees: 0.0,
        };
        Trades::from((0..count).map(trade).collect::<Vec<_>>())
    }

    #[test]
    fn a_small_table_is_answered_at_once_and_a_large_one_by_somebody_else() {
        let mut table = TradeTable::default();
        assert!(table.refresh(&trades(5)).is_none());
        assert_eq!((table.len(), table.all(), table.is_busy()), (5, 5, false));
        let large = trades(AT_ONCE + 1);
        table.filter_by("pnl < 0").unwrap();
        let asked = table.refresh(&large).unwrap();
        assert!(
            table.is_busy() && table.len() == 5,
            "the former answer stays"
        );
        assert!(table.refresh(&large).is_none(), "nothing is asked twice");
        // The user typed on meanwhile: the answer is of no use any more.
        table.filter_by("pnl < -1").unwrap();
        let newer = table.refresh(&large).unwrap();
        table.take(asked.clone(), asked.answer());
        assert!(table.is_busy());
        table.take(newer.clone(), newer.answer());
        assert_eq!(
            (table.len(), table.all(), table.is_busy()),
            (1, AT_ONCE + 1, false)
        );
    }

    #[test]
    fn what_is_no_filter_changes_nothing() {
        let mut table = TradeTable::default();
        table.filter_by("pnl<0").unwrap();
        assert!(table.filter_by("pnl<").is_err());
        assert_eq!(table.filter(), "pnl<0");
        table.filter_by(" ").unwrap();
        assert_eq!(table.filter(), "");
    }

    #[test]
    fn every_column_can_be_sorted_by_and_none() {
        let mut table = TradeTable::default();
        for column in Column::ALL {
            table.turn_sort(1);
            assert_eq!(table.sort(), Some((column, Order::Falling)));
        }
        table.turn_sort(1);
        assert_eq!(table.sort(), None);
        table.turn_sort(Column::ALL.len());
        assert_eq!(table.sort(), Some((Column::Window, Order::Falling)));
        table.reverse();
        assert_eq!(table.sort(), Some((Column::Window, Order::Rising)));
        table.sort_by(None);
        table.reverse();
        table.refresh(&trades(3));
        assert_eq!(table.row(0).unwrap().exit_bar, 1);
    }

    #[test]
    fn the_chosen_row_stays_the_same_when_newer_ones_come() {
        let mut table = TradeTable::default();
        table.refresh(&trades(5));
        table.cursor.set(2, 5, 3);
        let chosen = *table.row(table.cursor.at).unwrap();
        table.refresh(&trades(7));
        assert_eq!(table.row(table.cursor.at), Some(&chosen));
        table.forget_rows();
        assert_eq!((table.len(), table.cursor.at), (0, 0));
    }
}
