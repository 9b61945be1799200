//! Candles of one instrument as columns, and what is known of each one's quality.

use crate::time::{Nanos, Timeframe};
use serde::{Deserialize, Serialize};
use std::ops::{BitOr, BitOrAssign, Range};

/// What is known of one bar's quality; several marks may stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[repr(transparent)]
pub struct BarFlags(pub u8);

impl BarFlags {
    /// Nothing to remark.
    pub const CLEAN: Self = Self(0);
    /// At least one bar is missing directly before this one.
    pub const AFTER_GAP: Self = Self(1);
    /// A repair policy changed this bar's values.
    pub const REPAIRED: Self = Self(1 << 1);
    /// A repair policy made this bar; the venue never published it.
    pub const SYNTHETIC: Self = Self(1 << 2);
    /// Nothing traded.
    pub const ZERO_VOLUME: Self = Self(1 << 3);
    /// The price jumped further than the outlier rule allows; kept as published.
    pub const OUTLIER: Self = Self(1 << 4);
    /// The bar opens between two steps of the timeframe; kept as published.
    pub const OFF_GRID: Self = Self(1 << 5);

    /// Returns whether every mark of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for BarFlags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for BarFlags {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Candles of one instrument, as equally long columns in time order.
///
/// Prices are in quote currency, volume in base units. `open_time` rises strictly.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// Instrument, e.g. `BTCUSDT`.
    pub symbol: String,
    /// Length of every bar.
    pub timeframe: Timeframe,
    /// Open time of each bar.
    pub open_time: Vec<Nanos>,
    /// First traded price.
    pub open: Vec<f64>,
    /// Highest traded price.
    pub high: Vec<f64>,
    /// Lowest traded price.
    pub low: Vec<f64>,
    /// Last traded price.
    pub close: Vec<f64>,
    /// Traded amount in base units; zero where the source has none.
    pub volume: Vec<f64>,
    /// Quality marks.
    pub flags: Vec<BarFlags>,
}

impl Bars {
    /// Returns an empty set of columns.
    #[must_use]
    pub fn empty(symbol: &str, timeframe: Timeframe) -> Self {
        Self {
            symbol: symbol.to_owned(),
            timeframe,
            open_time: Vec::new(),
            open: Vec::new(),
            high: Vec::new(),
            low: Vec::new(),
            close: Vec::new(),
            volume: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// Returns the number of bars.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open_time.len()
    }

    /// Returns whether there is no bar.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open_time.is_empty()
    }

    /// Borrows every column whole.
    #[must_use]
    pub fn view(&self) -> BarsView<'_> {
        self.slice(0..self.len())
    }

    /// Copies the bars of `range`. The range lies within `0..len()`.
    #[must_use]
    pub fn cut(&self, range: Range<usize>) -> Self {
        Self {
            symbol: self.symbol.clone(),
            timeframe: self.timeframe,
            open_time: self.open_time[range.clone()].to_vec(),
            open: self.open[range.clone()].to_vec(),
            high: self.high[range.clone()].to_vec(),
            low: self.low[range.clone()].to_vec(),
            close: self.close[range.clone()].to_vec(),
            volume: self.volume[range.clone()].to_vec(),
            flags: self.flags[range].to_vec(),
        }
    }

    /// Borrows the bars of `range`. The range lies within `0..len()`.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> BarsView<'_> {
        BarsView {
            timeframe: self.timeframe,
            open_time: &self.open_time[range.clone()],
            open: &self.open[range.clone()],
            high: &self.high[range.clone()],
            low: &self.low[range.clone()],
            close: &self.close[range.clone()],
            volume: &self.volume[range],
        }
    }
}

/// Borrowed columns of candles; see [`Bars`].
#[derive(Clone, Copy, Debug)]
pub struct BarsView<'a> {
    /// Length of every bar.
    pub timeframe: Timeframe,
    /// Open time of each bar.
    pub open_time: &'a [Nanos],
    /// First traded price.
    pub open: &'a [f64],
    /// Highest traded price.
    pub high: &'a [f64],
    /// Lowest traded price.
    pub low: &'a [f64],
    /// Last traded price.
    pub close: &'a [f64],
    /// Traded amount in base units.
    pub volume: &'a [f64],
}

impl BarsView<'_> {
    /// Returns the number of bars.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open_time.len()
    }

    /// Returns whether there is no bar.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open_time.is_empty()
    }
}
