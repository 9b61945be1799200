//! A filter that was understood, and the rows that fit it.
//!
//! Works on blocks of rows with one tight loop a comparison: a row-by-row walk of the tree takes
//! several times as long on millions of rows. Start at [`Filter::parse`].

use super::{
    column::{self, Column},
    error::FilterError,
    lexer::Comparison,
    parser,
};
use runs::TradeRecord;
use std::str::FromStr;

/// Rows that are looked at together.
const BLOCK: usize = 1_024;

type Mask = [bool; BLOCK];

/// A condition on round trips.
///
/// ```text
/// condition  = all { "or" all }            or, 또는
/// all        = one { "and" one }           and, 그리고
/// one        = "not" one | "(" condition ")" | comparison     not, 아닌
/// comparison = column ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
/// ```
///
/// Columns are those of [`Column`], in English or Korean. Values are numbers (`20`, `-1.5`, `1_000`,
/// `2k`, `3M`), shares (`1.5%` or `0.015`), words (`long`, `매수`) and moments in UTC (`2024`,
/// `2024-01`, `2024-01-31`, `2024-01-31T12:00`). A moment stands for all of it: `exit_time = 2024-01`
/// is any time in that month, `> 2024-01` any time after it. A figure that is no number fits `!=`
/// and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Node);

/// A part of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// A column against a value.
    Compare {
        column: Column,
        comparison: Comparison,
        bound: Bound,
    },
    /// Every part fits.
    All(Vec<Node>),
    /// Some part fits.
    Any(Vec<Node>),
    /// The part does not fit.
    Not(Box<Node>),
}

/// What a column is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    /// A number.
    Number(f64),
    /// Nanoseconds from, and to without the last.
    Span(i64, i64),
    /// The rank of a word.
    Rank(i64),
}

impl Filter {
    /// Reads `text`; `None` where it is blank, which every row fits.
    ///
    /// # Errors
    /// What is not understood, where it stands and what was expected.
    pub fn parse(text: &str) -> Result<Option<Self>, FilterError> {
        Ok(parser::parse(text)?.map(Self))
    }

    /// Returns whether one round trip fits.
    #[must_use]
    pub fn fits(&self, trade: &TradeRecord) -> bool {
        !self.rows(std::slice::from_ref(trade)).is_empty()
    }

    /// Returns the numbers of the rows that fit, in order.
    #[must_use]
    pub fn rows(&self, trades: &[TradeRecord]) -> Vec<u32> {
        let mut rows = Vec::new();
        self.each(trades, |row, _| rows.push(row));
        rows
    }

    /// Calls `found` with every row that fits, in order. A block's rows are still at hand then:
    /// whoever sums them needs no second pass through memory.
    pub(super) fn each(&self, trades: &[TradeRecord], mut found: impl FnMut(u32, &TradeRecord)) {
        let mut mask = [false; BLOCK];
        for (block, trades) in trades.chunks(BLOCK).enumerate() {
            self.0.fill(trades, &mut mask);
            let first = block * BLOCK;
            for (row, (trade, fits)) in trades.iter().zip(&mask).enumerate() {
                if *fits {
                    found((first + row) as u32, trade);
                }
            }
        }
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    /// Reads a filter that says something; a blank one is an error.
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let blank = FilterError::Unexpected {
            at: 0,
            found: None,
            expected: super::Expected::Condition,
        };
        Self::parse(text)?.ok_or(blank)
    }
}

impl Node {
    /// Says for each of at most [`BLOCK`] rows whether it fits.
    fn fill(&self, trades: &[TradeRecord], mask: &mut Mask) {
        match self {
            Self::Compare {
                column,
                comparison,
                bound,
            } => compare(*column, *comparison, *bound, trades, mask),
            Self::All(nodes) => join(nodes, trades, mask, |a, b| a & b),
            Self::Any(nodes) => join(nodes, trades, mask, |a, b| a | b),
            Self::Not(node) => {
                node.fill(trades, mask);
                mask[..trades.len()]
                    .iter_mut()
                    .for_each(|fits| *fits = !*fits);
            }
        }
    }
}

fn join(nodes: &[Node], trades: &[TradeRecord], mask: &mut Mask, with: fn(bool, bool) -> bool) {
    let mut other = [false; BLOCK];
    for (index, node) in nodes.iter().enumerate() {
        if index == 0 {
            node.fill(trades, mask);
            continue;
        }
        node.fill(trades, &mut other);
        for (fits, other) in mask.iter_mut().zip(&other).take(trades.len()) {
            *fits = with(*fits, *other);
        }
    }
}

fn compare(
    column: Column,
    comparison: Comparison,
    bound: Bound,
    trades: &[TradeRecord],
    mask: &mut Mask,
) {
    match bound {
        Bound::Span(from, to) => {
            let fits: fn(i64, i64, i64) -> bool = match comparison {
                Comparison::Equal => |at, from, to| (from..to).contains(&at),
                Comparison::Unequal => |at, from, to| !(from..to).contains(&at),
                Comparison::Below => |at, from, _| at < from,
                Comparison::AtMost => |at, _, to| at < to,
                Comparison::Above => |at, _, to| at >= to,
                Comparison::AtLeast => |at, from, _| at >= from,
            };
            match column {
                Column::EntryTime => each(trades, mask, |trade| fits(trade.entry_t.0, from, to)),
                _ => each(trades, mask, |trade| fits(trade.exit_t.0, from, to)),
            }
        }
        Bound::Rank(rank) => {
            let wanted = comparison == Comparison::Equal;
            match column {
                Column::Side => each(trades, mask, |t| (column::side(t) == rank) == wanted),
                _ => each(trades, mask, |t| (column::window(t) == rank) == wanted),
            }
        }
        Bound::Number(bound) => {
            // The column is chosen outside the loop, so that each loop knows its own.
            match column {
                Column::Pnl => numbers(trades, mask, comparison, bound, |t| t.pnl),
                Column::Quantity => numbers(trades, mask, comparison, bound, |t| t.qty),
                Column::Fees => numbers(trades, mask, comparison, bound, |t| t.fees),
                Column::Entry => numbers(trades, mask, comparison, bound, |t| t.entry_price),
                Column::Exit => numbers(trades, mask, comparison, bound, |t| t.exit_price),
                Column::Bars => {
                    numbers(trades, mask, comparison, bound, |t| t.bars_held() as f64);
                }
                Column::Return => {
                    numbers(
                        trades,
                        mask,
                        comparison,
                        bound,
                        TradeRecord::return_on_entry,
                    );
                }
                other => numbers(trades, mask, comparison, bound, |t| other.number(t)),
            }
        }
    }
}

#[inline]
fn numbers(
    trades: &[TradeRecord],
    mask: &mut Mask,
    comparison: Comparison,
    bound: f64,
    value: impl Fn(&TradeRecord) -> f64,
) {
    match comparison {
        #[expect(clippy::float_cmp, reason = "the user asks for exactly this value")]
        Comparison::Equal => each(trades, mask, |trade| value(trade) == bound),
        #[expect(clippy::float_cmp, reason = "the user asks for any but this value")]
        Comparison::Unequal => each(trades, mask, |trade| value(trade) != bound),
        Comparison::Below => each(trades, mask, |trade| value(trade) < bound),
        Comparison::AtMost => each(trades, mask, |trade| value(trade) <= bound),
        Comparison::Above => each(trades, mask, |trade| value(trade) > bound),
        Comparison::AtLeast => each(trades, mask, |trade| value(trade) >= bound),
    }
}

#[inline]
fn each(trades: &[TradeRecord], mask: &mut Mask, fits: impl Fn(&TradeRecord) -> bool) {
    for (mask, trade) in mask.iter_mut().zip(trades) {
        *mask = fits(trade);
    }
}
