//! A realised path of a known law, as a market to trade on.

use super::{
    law::MarkovLaw,
    optimum::{Optimum, Positions, Solution},
    specimens::KnownMarketSpec,
};
use crate::{
    account::{Account, AccountModel, AccountSpec, BarId},
    costs::CostSpec,
    error::{SimError, require},
    market::Market,
    reward::{RewardRule, RewardSpec},
    sizing::Sizing,
    trading::TradingSpec,
};
use domain::{BarFlags, Bars, Nanos, StreamRng, Text, Timeframe};
use std::{ops::Range, sync::Arc};

const FIRST_PRICE: f64 = 100.0;
const VOLUME: f64 = 1e6;
/// Columns of pure noise beside the informative ones: an agent must learn to ignore them.
const DISTRACTORS: usize = 2;
const PERCENT: f64 = 100.0;

/// A path of a known law.
///
/// Features of a bar: what the law shows of its state, the bar's return in percent, and two
/// columns of standard normal noise.
#[derive(Clone, Debug)]
pub struct KnownMarket {
    market: Market,
    law: MarkovLaw,
    states: Vec<u32>,
}

impl KnownMarketSpec {
    /// Draws a path of `bars` hourly bars; each opens where the one before closed.
    ///
    /// # Errors
    /// [`SimError::Setting`] for a field outside its range.
    pub fn generate(&self, bars: usize, rng: &mut StreamRng) -> Result<KnownMarket, SimError> {
        KnownMarket::draw(self.name(), self.law()?, bars, rng)
    }

    /// Returns the environment of the published figures: short, flat or long 10 units at 10 bps,
    /// profit as reward, and cash enough that a beginner's losses don't end the episode.
    #[must_use]
    pub fn environment() -> TradingSpec {
        TradingSpec {
            account: AccountSpec {
                initial_equity: 100_000.0,
                sizing: Sizing::Units { base: 10.0 },
                costs: CostSpec::fee_only(10.0),
                ..AccountSpec::default()
            },
            // One percent of 10 units at the first price is 10 in quote currency: a reward of 1.
            reward: RewardSpec {
                rule: RewardRule::Pnl,
                scale: 1e4,
            },
            ..TradingSpec::default()
        }
    }
}

impl KnownMarket {
    /// Draws a path of `bars` bars from any law.
    ///
    /// # Errors
    /// [`SimError::Setting`] when `bars` is below 2.
    pub fn draw(
        name: &str,
        law: MarkovLaw,
        bars: usize,
        rng: &mut StreamRng,
    ) -> Result<Self, SimError> {
        require(
            bars >= 2,
            "market.bars",
            bars,
            Text::new("be at least 2", "2 이상이어야 합니다"),
        )?;
        let mut path = Bars::empty(name, Timeframe::HOUR);
        let mut states = Vec::with_capacity(bars);
        let n_features = law.features[0].len() + 1 + DISTRACTORS;
        let mut features = Vec::with_capacity(bars * n_features);
        let mut state = law.draw_start(rng);
        let mut price = FIRST_PRICE;
        for index in 0..bars {
            let open = price;
            let mut growth = 0.0;
            if index > 0 {
                (state, growth) = law.draw_step(state, rng);
                price *= 1.0 + growth;
            }
            path.open_time
                .push(Nanos(index as i64 * Timeframe::HOUR.nanos()));
            path.open.push(open);
            path.high.push(open.max(price));
            path.low.push(open.min(price));
            path.close.push(price);
            path.volume.push(VOLUME);
            path.flags.push(BarFlags::SYNTHETIC);
            states.push(state as u32);
            features.extend_from_slice(&law.features[state]);
            features.push((PERCENT * growth) as f32);
            features.extend((0..DISTRACTORS).map(|_| rng.normal() as f32));
        }
        Ok(Self {
            market: Market::new(Arc::new(path), Arc::new(features), n_features, 0)?,
            law,
            states,
        })
    }

    /// Returns the market to trade on.
    #[must_use]
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// Returns the law.
    #[must_use]
    pub fn law(&self) -> &MarkovLaw {
        &self.law
    }

    /// Returns the best policy over `targets` for decisions at the closes of `range` but the last.
    ///
    /// The account must size by [`Units`](crate::Sizing::Units) and have proportional costs.
    ///
    /// # Errors
    /// [`SimError::Setting`] when the account's profits or costs do not add up, or the targets
    /// lack 0; [`SimError::Range`] when the range holds no decision.
    pub fn optimum(
        &self,
        range: Range<usize>,
        account: &AccountSpec,
        targets: &[f64],
    ) -> Result<Optimum, SimError> {
        let decisions = self.decisions(&range)?;
        let timeframe = self.market.bars().timeframe;
        let (positions, model) = Positions::new(account, timeframe, targets)?;
        let solution = Solution::solve(&self.law, &positions, decisions.len());
        let best = solution.targets_along(&self.states[decisions.clone()]);
        let price = self.market.bars().close[decisions.start];
        let first = self.states[decisions.start] as usize;
        Ok(Optimum {
            expected: price * solution.value(first),
            realised: self.run(&model, decisions.start, &best),
            targets: best,
        })
    }

    /// Returns the profit of any targets on the same path, by the account that everything uses.
    ///
    /// # Errors
    /// [`SimError::Setting`] when the account is wrong, [`SimError::Range`] when `targets` reach
    /// beyond the last bar.
    pub fn profit(
        &self,
        first_bar: usize,
        account: &AccountSpec,
        targets: &[f64],
    ) -> Result<f64, SimError> {
        self.decisions(&(first_bar..first_bar + targets.len() + 1))?;
        let model = account.model(self.market.bars().timeframe)?;
        Ok(self.run(&model, first_bar, targets))
    }

    fn decisions(&self, range: &Range<usize>) -> Result<Range<usize>, SimError> {
        if range.end > self.states.len() || range.start + 1 >= range.end {
            return Err(SimError::Range {
                start: range.start,
                end: range.end,
                room: 0,
                warmup: 0,
                window: 1,
            });
        }
        Ok(range.start..range.end - 1)
    }

    fn run(&self, model: &AccountModel, first_bar: usize, targets: &[f64]) -> f64 {
        let bars = self.market.bars();
        let mut account = Account::open(model, bars.close[first_bar], 1.0);
        for (index, target) in (first_bar + 1..).zip(targets) {
            let id = BarId {
                index,
                time: bars.open_time[index],
            };
            account.step(model, &self.market.ticks()[index], id, *target, &mut ());
        }
        account.equity - model.initial_equity
    }
}
