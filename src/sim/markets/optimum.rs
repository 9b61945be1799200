//! The exact best expected profit of any policy that knows the law but not the future.
//!
//! With a fixed quantity per unit of target, profit adds up over bars, and everything is
//! proportional to the price: the value of (price, state, position) is price × v(state, position).
//! So backward induction over a finite table is exact, without grids or sampling:
//! `v_t(i, q) = max_q' { −cost(q → q') + Σ_j P_ij [ q'·g_ij + (1 + g_ij)·(v_{t+1}(j, q') − carry(q')) ] }`.

use super::law::MarkovLaw;
use crate::{
    account::{AccountModel, AccountSpec},
    costs::{CostModel, Side, SlippageModel},
    error::{SimError, require},
    sizing::Sizing,
};
use domain::{Text, Timeframe};

/// A gain smaller than this is rounding: the position is then kept.
const NO_GAIN: f64 = 1e-13;

/// The best policy on one realised path.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimum {
    /// Expected profit of the best policy, seen from the first decision, quote currency.
    pub expected: f64,
    /// What the best policy earned on the path at hand, quote currency.
    pub realised: f64,
    /// Its targets, one a decision.
    pub targets: Vec<f64>,
}

impl Optimum {
    /// Returns `profit` as a share of what the best policy earned on the same path.
    ///
    /// Above 1 is luck: the best policy is best on average, not on every path. Only where
    /// [`realised`](Self::realised) is positive does a share mean anything; else `None`.
    #[must_use]
    pub fn share_captured(&self, profit: f64) -> Option<f64> {
        (self.realised > 0.0).then(|| profit / self.realised)
    }
}

/// What positions cost and earn per unit of price, apart from the market.
#[derive(Clone, Debug)]
pub(super) struct Positions {
    quantities: Vec<f64>,
    targets: Vec<f64>,
    flat: usize,
    buy: f64,
    sell: f64,
    carry: Vec<f64>,
}

impl Positions {
    /// Reads an account whose profits add up.
    pub(super) fn new(
        spec: &AccountSpec,
        timeframe: Timeframe,
        targets: &[f64],
    ) -> Result<(Self, AccountModel), SimError> {
        let Sizing::Units { base } = spec.sizing else {
            require(
                false,
                "account.sizing",
                "a share of equity",
                Text::new(
                    "be `units` for an exact optimum: only then do profits add up",
                    "정확한 최적값에는 `units`여야 합니다. 그래야 이익이 더해집니다",
                ),
            )?;
            unreachable!("the requirement above never holds");
        };
        let linear = matches!(spec.costs.slippage, SlippageModel::Constant { .. })
            && !spec.brackets.any()
            && [spec.costs.min_notional, spec.costs.lot, spec.costs.tick]
                .iter()
                .all(|limit| *limit <= 0.0);
        require(
            linear,
            "account.costs",
            "not proportional to the notional",
            Text::new(
                "have constant slippage and no lot, tick, minimum notional or brackets for an exact optimum",
                "정확한 최적값에는 슬리피지가 일정하고 수량·가격 단위, 최소 주문액, 손절·익절이 없어야 합니다",
            ),
        )?;
        let flat = targets.iter().position(|target| target.abs() <= 0.0);
        require(
            flat.is_some(),
            "action.targets",
            format!("{targets:?}"),
            Text::new(
                "contain 0: an episode starts flat",
                "0을 포함해야 합니다. 에피소드는 무포지션으로 시작합니다",
            ),
        )?;
        let model = spec.model(timeframe)?;
        let quantities: Vec<f64> = targets.iter().map(|target| target * base).collect();
        let carry = |quantity: &f64| model.costs.carry(*quantity, 1.0, 1.0);
        let positions = Self {
            carry: quantities.iter().map(carry).collect(),
            quantities,
            targets: targets.to_vec(),
            flat: flat.unwrap_or_default(),
            buy: cost_of(&model.costs, Side::Buy),
            sell: cost_of(&model.costs, Side::Sell),
        };
        Ok((positions, model))
    }

    fn cost(&self, from: usize, to: usize) -> f64 {
        let order = self.quantities[to] - self.quantities[from];
        if order > 0.0 {
            order * self.buy
        } else {
            -order * self.sell
        }
    }
}

fn cost_of(costs: &CostModel, side: Side) -> f64 {
    costs.quote(1.0, side, 1.0, 1.0, 1.0).cost_fraction()
}

/// The best policy for every time, state and position.
#[derive(Debug)]
pub(super) struct Solution<'a> {
    positions: &'a Positions,
    states: usize,
    /// `[steps, states, positions]`: which position to take.
    policy: Vec<u8>,
    /// `[states]`: value at the first decision, flat, per unit of price.
    values: Vec<f64>,
}

impl<'a> Solution<'a> {
    /// Solves for `steps` decisions; positions are marked, not closed, at the end.
    pub(super) fn solve(law: &MarkovLaw, positions: &'a Positions, steps: usize) -> Self {
        let (states, choices) = (law.states(), positions.quantities.len());
        let mut policy = vec![0_u8; steps * states * choices];
        let mut next = vec![0.0; states * choices];
        let mut now = next.clone();
        let mut hold = vec![0.0; choices];
        for t in (0..steps).rev() {
            for state in 0..states {
                hold.fill(0.0);
                for edge in &law.edges[state] {
                    let later = &next[edge.to * choices..(edge.to + 1) * choices];
                    for (choice, value) in hold.iter_mut().enumerate() {
                        let kept = later[choice] - positions.carry[choice];
                        let earned = positions.quantities[choice] * edge.growth;
                        *value += edge.probability * (earned + (1.0 + edge.growth) * kept);
                    }
                }
                for held in 0..choices {
                    let worth = |to: usize| hold[to] - positions.cost(held, to);
                    let mut best = held;
                    for to in 0..choices {
                        if worth(to) > worth(best) + NO_GAIN {
                            best = to;
                        }
                    }
                    now[state * choices + held] = worth(best);
                    policy[(t * states + state) * choices + held] = best as u8;
                }
            }
            std::mem::swap(&mut now, &mut next);
        }
        let values = (0..states)
            .map(|state| next[state * choices + positions.flat])
            .collect();
        Self {
            positions,
            states,
            policy,
            values,
        }
    }

    /// Returns the expected profit from `state`, flat, per unit of price.
    pub(super) fn value(&self, state: usize) -> f64 {
        self.values[state]
    }

    /// Returns the targets along a path of states, one a decision.
    pub(super) fn targets_along(&self, path: &[u32]) -> Vec<f64> {
        let choices = self.positions.quantities.len();
        let mut held = self.positions.flat;
        path.iter()
            .enumerate()
            .map(|(t, state)| {
                let row = (t * self.states + *state as usize) * choices;
                held = usize::from(self.policy[row + held]);
                self.positions.targets[held]
            })
            .collect()
    }
}
