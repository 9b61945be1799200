//! From a target position to a quantity. Owns the rounding to lots and whole units.

use serde::{Deserialize, Serialize};

/// What a target position of 1 means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Sizing {
    /// Notional = target × equity at the fill, after the costs of that fill.
    #[default]
    Fraction,
    /// Quantity = target × `base` units, whatever the equity: profits add up and do not compound.
    Units {
        /// Base units of a target of 1.
        base: f64,
    },
    /// As [`Sizing::Fraction`], rounded towards zero to whole units (backtesting.py's rule).
    WholeUnits,
}

/// What an order starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SizingInput {
    /// Signed target; the leverage cap is already applied.
    pub target: f64,
    /// Equity marked at the mid, before the fill.
    pub equity: f64,
    /// Signed quantity held.
    pub held: f64,
    /// Mid price of the fill.
    pub mid: f64,
}

impl Sizing {
    /// Returns the signed notional to trade if trading cost nothing.
    #[inline(always)]
    pub(crate) fn gap(self, input: SizingInput) -> f64 {
        match self {
            Self::Fraction | Self::WholeUnits => {
                input.target * input.equity - input.held * input.mid
            }
            Self::Units { base } => (input.target * base - input.held) * input.mid,
        }
    }

    /// Returns the quantity to hold when every unit of notional traded costs `cost_fraction`.
    ///
    /// For fractions it solves `q·p = T·(E − c·|q − q₀|·p)` for `q`, so that the position is
    /// `T` times the equity that is left after its own costs. `gap` is [`gap`](Self::gap)'s.
    #[inline(always)]
    pub(crate) fn quantity(self, input: SizingInput, gap: f64, cost_fraction: f64) -> f64 {
        match self {
            Self::Units { base } => input.target * base,
            Self::Fraction | Self::WholeUnits => {
                let cost = cost_fraction.copysign(gap);
                let quantity = input.held + gap / (input.mid * (1.0 + input.target * cost));
                if matches!(self, Self::WholeUnits) {
                    quantity.trunc()
                } else {
                    quantity
                }
            }
        }
    }
}

/// Rounds towards zero to whole lots; `lot` zero leaves the quantity as it is.
#[inline]
pub(crate) fn to_lots(quantity: f64, lot: f64) -> f64 {
    if lot <= 0.0 {
        return quantity;
    }
    // 0.3 / 0.1 is 2.9999999999999996: a whole number of lots must stay whole.
    let lots = quantity / lot;
    (lots + lots * 1e-12).trunc() * lot
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1.0, 0.0)]
    #[case(-1.0, 0.0)]
    #[case(1.0, -30.0)]
    #[case(-1.0, 60.0)]
    #[case(0.5, 60.0)]
    #[case(0.0, 60.0)]
    #[case(2.0, 60.0)]
    fn a_fraction_is_of_the_equity_after_costs(#[case] target: f64, #[case] held: f64) {
        let (mid, equity, cost) = (100.0, 10_000.0, 0.01);
        let input = SizingInput {
            target,
            equity,
            held,
            mid,
        };
        let quantity = Sizing::Fraction.quantity(input, Sizing::Fraction.gap(input), cost);
        let left = equity - cost * (quantity - held).abs() * mid;
        assert!((quantity * mid - target * left).abs() < 1e-9);
    }

    #[rstest]
    #[case(0.3, 0.1, 0.3)]
    #[case(0.39, 0.1, 0.3)]
    #[case(-0.39, 0.1, -0.3)]
    #[case(0.39, 0.0, 0.39)]
    fn lots_round_towards_zero(#[case] quantity: f64, #[case] lot: f64, #[case] rounded: f64) {
        assert!((to_lots(quantity, lot) - rounded).abs() < 1e-12);
    }
}
