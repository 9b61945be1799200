//! Protective orders around a position: stop-loss, trailing stop, take-profit.
//!
//! Owns the levels and the question which of them a bar reaches. Pessimistic where a bar hides
//! the order of events: a stop counts before a take-profit, a trailing stop follows the highs of
//! closed bars only, and a gap through a stop fills at the open.

use crate::{
    account::BarTick,
    error::{SimError, require},
    fill::FillReason,
};
use domain::Text;
use serde::{Deserialize, Serialize};

/// Distances as fractions of a price; zero is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brackets {
    /// Loss from the entry price at which the position is closed. Default 0, range [0, 1).
    pub stop_loss: f64,
    /// Gain from the entry price at which the position is closed. Default 0, range [0, 10].
    pub take_profit: f64,
    /// Retreat from the best price since entry. Default 0, range [0, 1).
    pub trailing_stop: f64,
}

/// A level that a bar reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hit {
    pub mid: f64,
    pub reason: FillReason,
}

impl Brackets {
    pub(crate) fn check(&self) -> Result<(), SimError> {
        let rule = Text::new(
            "lie in [0, 1), zero for none",
            "[0, 1) 안에 있어야 합니다. 0은 없음",
        );
        let fraction = |value: f64| (0.0..1.0).contains(&value);
        require(
            fraction(self.stop_loss),
            "brackets.stop_loss",
            self.stop_loss,
            rule,
        )?;
        require(
            fraction(self.trailing_stop),
            "brackets.trailing_stop",
            self.trailing_stop,
            rule,
        )?;
        require(
            (0.0..=10.0).contains(&self.take_profit),
            "brackets.take_profit",
            self.take_profit,
            Text::new(
                "lie in [0, 10], zero for none",
                "[0, 10] 안에 있어야 합니다. 0은 없음",
            ),
        )
    }

    /// Returns whether any of the three is set.
    #[must_use]
    #[inline]
    pub fn any(&self) -> bool {
        self.stop_loss > 0.0 || self.take_profit > 0.0 || self.trailing_stop > 0.0
    }

    /// Returns the stop price in force, and which stop it is; `None` without stops.
    ///
    /// `side` is +1 for a long, −1 for a short; `best` the best price of closed bars since entry.
    pub(crate) fn stop(&self, side: f64, entry: f64, best: f64) -> Option<Hit> {
        let fixed = (self.stop_loss > 0.0).then_some(Hit {
            mid: entry * (1.0 - side * self.stop_loss),
            reason: FillReason::StopLoss,
        });
        let trailing = (self.trailing_stop > 0.0).then_some(Hit {
            mid: best * (1.0 - side * self.trailing_stop),
            reason: FillReason::TrailingStop,
        });
        match (fixed, trailing) {
            (Some(fixed), Some(trailing)) => {
                let nearer = side * (trailing.mid - fixed.mid) > 0.0;
                Some(if nearer { trailing } else { fixed })
            }
            (one, other) => one.or(other),
        }
    }

    /// Returns the level that `bar` reaches and the mid price of the exit.
    pub(crate) fn hit(&self, side: f64, entry: f64, best: f64, bar: &BarTick) -> Option<Hit> {
        let (worst, top) = if side > 0.0 {
            (bar.low, bar.high)
        } else {
            (bar.high, bar.low)
        };
        if let Some(stop) = self.stop(side, entry, best)
            && side * (worst - stop.mid) <= 0.0
        {
            let gapped = side * (bar.open - stop.mid) < 0.0;
            return Some(Hit {
                mid: if gapped { bar.open } else { stop.mid },
                ..stop
            });
        }
        let limit = entry * (1.0 + side * self.take_profit);
        (self.take_profit > 0.0 && limit > 0.0 && side * (top - limit) >= 0.0).then(|| {
            let gapped = side * (bar.open - limit) > 0.0;
            Hit {
                mid: if gapped { bar.open } else { limit },
                reason: FillReason::TakeProfit,
            }
        })
    }
}
