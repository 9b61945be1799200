//! What trading costs: the one cost function of reward, metric, backtest and live estimate.
//!
//! Owns fee, spread, slippage, carry and the venue's order limits. A [`CostSpec`] is what a user
//! writes (bps); a [`CostModel`] is what the account reads (fractions per bar). Start at
//! [`CostModel::quote`].

use crate::error::{SimError, require};
use domain::{Text, Timeframe};
use serde::{Deserialize, Serialize};

const BPS: f64 = 1e-4;

/// How far an order moves the price against itself, beyond half the spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum SlippageModel {
    /// The same for every order.
    Constant {
        /// Basis points of the price.
        bps: f64,
    },
    /// `bps_at_full_volume × share²`, share = quantity / volume of the last closed bar, capped
    /// (the form of zipline's `VolumeShareSlippage`).
    VolumeShare {
        /// Basis points when the order is as large as the bar's volume.
        bps_at_full_volume: f64,
        /// Cap of the share.
        max_share: f64,
    },
    /// `bps_at_full_volume × √share` (square-root law of impact, Almgren et al. 2005).
    SqrtImpact {
        /// Basis points when the order is as large as the bar's volume.
        bps_at_full_volume: f64,
    },
}

impl Default for SlippageModel {
    fn default() -> Self {
        Self::Constant { bps: 0.0 }
    }
}

/// Costs as a user states them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostSpec {
    /// Fee of an order that takes liquidity, bps of its notional. Default 0, range [0, 1000].
    pub fee_bps: f64,
    /// Fee of a resting order (a take-profit), bps of its notional. Default 0, range [-100, 1000].
    pub maker_fee_bps: f64,
    /// Whole bid-ask spread, bps of the mid price; an order pays half. Default 0, range [0, 1000].
    pub spread_bps: f64,
    /// Price impact. Default none.
    pub slippage: SlippageModel,
    /// Paid by shorts, bps of notional a day. Default 0, range [0, 1000].
    pub borrow_bps_per_day: f64,
    /// Paid by longs and received by shorts (perpetual swaps), bps of notional a day; may be
    /// negative. Default 0, range [-1000, 1000].
    pub funding_bps_per_day: f64,
    /// Smallest order in quote currency; smaller ones are refused and counted. Default 0: none.
    pub min_notional: f64,
    /// Quantity step in base units; positions are rounded towards zero. Default 0: none.
    pub lot: f64,
    /// Price step in quote currency; fills are rounded against us. Default 0: none.
    pub tick: f64,
}

impl CostSpec {
    /// Returns costs of `fee_bps` on every order and nothing else.
    #[must_use]
    pub fn fee_only(fee_bps: f64) -> Self {
        Self {
            fee_bps,
            maker_fee_bps: fee_bps,
            ..Self::default()
        }
    }

    /// Resolves to fractions for bars of `timeframe`.
    ///
    /// # Errors
    /// [`SimError::Setting`] for the first field outside its range.
    pub fn model(&self, timeframe: Timeframe) -> Result<CostModel, SimError> {
        let within = |value: f64, low: f64, high: f64| (low..=high).contains(&value);
        let rule = Text::new("lie in [0, 1000] bps", "[0, 1000] bps 안에 있어야 합니다");
        require(
            within(self.fee_bps, 0.0, 1e3),
            "costs.fee_bps",
            self.fee_bps,
            rule,
        )?;
        require(
            within(self.maker_fee_bps, -1e2, 1e3),
            "costs.maker_fee_bps",
            self.maker_fee_bps,
            Text::new(
                "lie in [-100, 1000] bps",
                "[-100, 1000] bps 안에 있어야 합니다",
            ),
        )?;
        require(
            within(self.spread_bps, 0.0, 1e3),
            "costs.spread_bps",
            self.spread_bps,
            rule,
        )?;
        require(
            within(self.borrow_bps_per_day, 0.0, 1e3),
            "costs.borrow_bps_per_day",
            self.borrow_bps_per_day,
            rule,
        )?;
        require(
            within(self.funding_bps_per_day, -1e3, 1e3),
            "costs.funding_bps_per_day",
            self.funding_bps_per_day,
            Text::new(
                "lie in [-1000, 1000] bps",
                "[-1000, 1000] bps 안에 있어야 합니다",
            ),
        )?;
        for (key, value) in [
            ("costs.min_notional", self.min_notional),
            ("costs.lot", self.lot),
            ("costs.tick", self.tick),
        ] {
            require(
                within(value, 0.0, f64::MAX),
                key,
                value,
                Text::new("be zero (none) or positive", "0(없음) 이상이어야 합니다"),
            )?;
        }
        let days = timeframe.nanos() as f64 / Timeframe::DAY.nanos() as f64;
        Ok(CostModel {
            fee: self.fee_bps * BPS,
            maker_fee: self.maker_fee_bps * BPS,
            half_spread: 0.5 * self.spread_bps * BPS,
            impact: Impact::new(self.slippage)?,
            borrow_per_bar: self.borrow_bps_per_day * BPS * days,
            funding_per_bar: self.funding_bps_per_day * BPS * days,
            min_notional: self.min_notional,
            lot: self.lot,
            tick: self.tick,
        })
    }
}

/// A slippage model as a fraction of the price.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Impact {
    Constant(f64),
    VolumeShare { at_full: f64, max_share: f64 },
    Sqrt(f64),
}

impl Impact {
    fn new(model: SlippageModel) -> Result<Self, SimError> {
        let checked = |bps: f64| {
            require(
                (0.0..=1e4).contains(&bps),
                "costs.slippage",
                bps,
                Text::new("lie in [0, 10000] bps", "[0, 10000] bps 안에 있어야 합니다"),
            )
            .map(|()| bps * BPS)
        };
        Ok(match model {
            SlippageModel::Constant { bps } => Self::Constant(checked(bps)?),
            SlippageModel::VolumeShare {
                bps_at_full_volume,
                max_share,
            } => {
                require(
                    max_share > 0.0 && max_share <= 1.0,
                    "costs.slippage.max_share",
                    max_share,
                    Text::new("lie in (0, 1]", "(0, 1] 안에 있어야 합니다"),
                )?;
                Self::VolumeShare {
                    at_full: checked(bps_at_full_volume)?,
                    max_share,
                }
            }
            SlippageModel::SqrtImpact { bps_at_full_volume } => {
                Self::Sqrt(checked(bps_at_full_volume)?)
            }
        })
    }

    #[inline(always)]
    fn fraction(self, quantity: f64, volume: f64) -> f64 {
        // A bar without volume says nothing of depth: the order counts as a whole bar's volume.
        let share = || {
            if volume > 0.0 {
                (quantity / volume).min(1.0)
            } else {
                1.0
            }
        };
        match self {
            Self::Constant(fraction) => fraction,
            Self::VolumeShare { at_full, max_share } => {
                let share = share().min(max_share);
                at_full * share * share
            }
            Self::Sqrt(at_full) => at_full * share().sqrt(),
        }
    }
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Adds to the quantity held.
    Buy,
    /// Takes from it.
    Sell,
}

impl Side {
    /// Returns the side of a signed quantity.
    #[must_use]
    #[inline]
    pub fn of(quantity: f64) -> Self {
        if quantity > 0.0 {
            Self::Buy
        } else {
            Self::Sell
        }
    }

    /// Returns +1 for a buy, −1 for a sale.
    #[must_use]
    #[inline]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Buy => 1.0,
            Self::Sell => -1.0,
        }
    }
}

/// The price at which an order is done, and where the difference to the mid comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quote {
    /// Mid price, the bar's open for a market order.
    pub mid: f64,
    /// Fill price: mid moved against the order.
    pub price: f64,
    /// Distance of the price from the mid, as a fraction of the mid.
    pub moved: f64,
    /// The part of that distance which is half the spread.
    pub half_spread: f64,
    /// Fee as a fraction of the notional at the fill price.
    pub fee: f64,
}

impl Quote {
    /// Returns all costs of one unit of notional at the mid, as a fraction.
    #[must_use]
    #[inline]
    pub fn cost_fraction(&self) -> f64 {
        self.moved + self.fee * (1.0 + self.moved.copysign(self.price - self.mid))
    }

    /// Returns what an order of `quantity` base units pays, by item.
    #[must_use]
    #[inline]
    pub fn costs(&self, quantity: f64) -> CostItems {
        let quantity = quantity.abs();
        let notional = quantity * self.mid;
        CostItems {
            fee: quantity * self.price * self.fee,
            spread: notional * self.half_spread,
            slippage: notional * (self.moved - self.half_spread),
            carry: 0.0,
        }
    }
}

/// Costs by item, in quote currency; positive is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CostItems {
    /// Venue fees.
    pub fee: f64,
    /// Half spreads.
    pub spread: f64,
    /// Price impact and tick rounding.
    pub slippage: f64,
    /// Borrow and funding; negative where funding was received.
    pub carry: f64,
}

impl CostItems {
    /// Returns the sum of all items.
    #[must_use]
    #[inline]
    pub fn total(&self) -> f64 {
        self.fee + self.spread + self.slippage + self.carry
    }

    /// Adds each item of `other`.
    #[inline]
    pub fn add(&mut self, other: &Self) {
        self.fee += other.fee;
        self.spread += other.spread;
        self.slippage += other.slippage;
        self.carry += other.carry;
    }
}

/// Costs resolved to fractions for one bar length.
#[derive(Clone, Debug, PartialEq)]
pub struct CostModel {
    fee: f64,
    maker_fee: f64,
    half_spread: f64,
    impact: Impact,
    borrow_per_bar: f64,
    funding_per_bar: f64,
    /// Smallest order in quote currency.
    pub min_notional: f64,
    /// Quantity step in base units; zero is none.
    pub lot: f64,
    /// Price step; zero is none.
    pub tick: f64,
}

impl CostModel {
    /// Prices an order that takes liquidity at `mid`.
    ///
    /// `quantity` and `volume` (of the last closed bar) are base units; `scale` multiplies every
    /// cost, 1 for the costs as stated.
    #[must_use]
    #[inline(always)]
    pub fn quote(&self, mid: f64, side: Side, quantity: f64, volume: f64, scale: f64) -> Quote {
        let half_spread = self.half_spread * scale;
        let impact = self.impact.fraction(quantity, volume) * scale;
        let moved = half_spread + impact;
        let price = mid * (1.0 + side.sign() * moved);
        let quote = Quote {
            mid,
            price,
            moved,
            half_spread,
            fee: self.fee * scale,
        };
        if self.tick > 0.0 {
            self.on_tick(quote, side)
        } else {
            quote
        }
    }

    /// Prices a resting order done at its own `limit`: no spread, no impact, the maker fee.
    #[must_use]
    pub fn quote_resting(&self, limit: f64, side: Side, scale: f64) -> Quote {
        let quote = Quote {
            mid: limit,
            price: limit,
            moved: 0.0,
            half_spread: 0.0,
            fee: self.maker_fee * scale,
        };
        if self.tick > 0.0 {
            self.on_tick(quote, side)
        } else {
            quote
        }
    }

    /// Returns what holding `quantity` (signed) at `price` for one bar costs; negative is income.
    #[must_use]
    #[inline]
    pub fn carry(&self, quantity: f64, price: f64, scale: f64) -> f64 {
        let borrowed = (-quantity).max(0.0);
        scale * price * (quantity * self.funding_per_bar + borrowed * self.borrow_per_bar)
    }

    /// Rounds the price against the order; the distance that adds counts as slippage.
    fn on_tick(&self, quote: Quote, side: Side) -> Quote {
        // A price that already lies on the grid must stay there despite rounding errors.
        let steps = quote.price / self.tick;
        let slack = 1e-9 * steps;
        let price = match side {
            Side::Buy => (steps - slack).ceil() * self.tick,
            Side::Sell => ((steps + slack).floor() * self.tick).max(self.tick),
        };
        Quote {
            price,
            moved: (price - quote.mid).abs() / quote.mid,
            ..quote
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn model(spec: &CostSpec) -> CostModel {
        spec.model(Timeframe::HOUR).unwrap()
    }

    #[test]
    fn items_add_up_to_what_the_order_pays() {
        let costs = model(&CostSpec {
            fee_bps: 10.0,
            spread_bps: 4.0,
            slippage: SlippageModel::Constant { bps: 3.0 },
            ..CostSpec::default()
        });
        let quote = costs.quote(100.0, Side::Buy, 5.0, 0.0, 1.0);
        assert!((quote.price - 100.05).abs() < 1e-12);
        let items = quote.costs(5.0);
        assert!((items.spread - 0.1).abs() < 1e-12 && (items.slippage - 0.15).abs() < 1e-12);
        assert!((items.fee - 5.0 * 100.05 * 0.001).abs() < 1e-12);
        assert!((items.total() - quote.cost_fraction() * 500.0).abs() < 1e-12);
    }

    #[rstest]
    #[case(SlippageModel::Constant { bps: 8.0 }, 8.0)]
    #[case(SlippageModel::VolumeShare { bps_at_full_volume: 100.0, max_share: 0.5 }, 6.25)]
    #[case(SlippageModel::VolumeShare { bps_at_full_volume: 100.0, max_share: 0.1 }, 1.0)]
    #[case(SlippageModel::SqrtImpact { bps_at_full_volume: 100.0 }, 50.0)]
    fn slippage_of_a_quarter_of_the_volume(#[case] slippage: SlippageModel, #[case] bps: f64) {
        let costs = model(&CostSpec {
            slippage,
            ..CostSpec::default()
        });
        for side in [Side::Buy, Side::Sell] {
            let quote = costs.quote(1.0, side, 25.0, 100.0, 1.0);
            assert!((side.sign() * (quote.price - 1.0) - bps * 1e-4).abs() < 1e-12);
        }
    }

    #[rstest]
    #[case(Side::Buy, 100.013, 100.02)]
    #[case(Side::Sell, 100.013, 100.01)]
    #[case(Side::Buy, 100.01, 100.01)]
    #[case(Side::Sell, 100.01, 100.01)]
    fn ticks_round_against_the_order(#[case] side: Side, #[case] mid: f64, #[case] price: f64) {
        let costs = model(&CostSpec {
            tick: 0.01,
            ..CostSpec::default()
        });
        let quote = costs.quote(mid, side, 1.0, 1.0, 1.0);
        assert!((quote.price - price).abs() < 1e-9, "{}", quote.price);
    }

    #[test]
    fn shorts_pay_borrow_and_receive_funding() {
        let costs = model(&CostSpec {
            borrow_bps_per_day: 24.0,
            funding_bps_per_day: 48.0,
            ..CostSpec::default()
        });
        assert!((costs.carry(2.0, 100.0, 1.0) - 2.0 * 100.0 * 2e-4).abs() < 1e-12);
        assert!((costs.carry(-2.0, 100.0, 1.0) + 2.0 * 100.0 * 1e-4).abs() < 1e-12);
    }

    #[rstest]
    #[case(CostSpec { fee_bps: -1.0, ..CostSpec::default() }, "costs.fee_bps")]
    #[case(CostSpec { spread_bps: f64::NAN, ..CostSpec::default() }, "costs.spread_bps")]
    #[case(CostSpec { lot: -0.1, ..CostSpec::default() }, "costs.lot")]
    fn settings_outside_their_range_are_named(#[case] spec: CostSpec, #[case] key: &str) {
        let error = spec.model(Timeframe::HOUR).unwrap_err().to_string();
        assert!(error.starts_with(key), "{error}");
    }
}
