//! The observation row: feature window, then the account's state.

use super::spec::TradingSpec;
use crate::{
    account::{Account, AccountModel},
    market::Market,
    sizing::Sizing,
};

/// Position, unrealised profit, time in trade.
pub(super) const ACCOUNT_VALUES: usize = 3;
/// Distance to the stop, and whether a bracket closed the last position.
pub(super) const BRACKET_VALUES: usize = 2;

/// Bars held are counted in hundreds, so that a network sees values near one.
const HELD_UNIT: f32 = 0.01;
const PERCENT: f64 = 100.0;
/// Keeps the last observation of a ruined account finite, quote currency.
const SMALLEST_EQUITY: f64 = 1e-9;

/// Where each value of a row goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    window_values: usize,
    n_features: usize,
    remaining: bool,
    bracketed: bool,
    /// One over the base quantity under unit sizing; zero where exposure is observed instead.
    per_base: f64,
    episode: f32,
}

impl Layout {
    pub(super) fn new(spec: &TradingSpec, market: &Market) -> Self {
        Self {
            window_values: spec.observation.window * market.n_features(),
            n_features: market.n_features(),
            remaining: spec.observation.remaining_episode,
            bracketed: spec.account.brackets.any(),
            per_base: match spec.account.sizing {
                Sizing::Units { base } => 1.0 / base,
                Sizing::Fraction | Sizing::WholeUnits => 0.0,
            },
            episode: 1.0 / spec.episode.length as f32,
        }
    }

    /// Returns the feature row that closes the window of bar `t`.
    #[inline]
    pub(super) fn newest<'a>(&self, features: &'a [f32], t: usize) -> &'a [f32] {
        &features[t * self.n_features..(t + 1) * self.n_features]
    }

    /// Writes one row for the close of bar `t`, `left` steps before the episode ends.
    ///
    /// Order: window rows oldest first · position (exposure, or units of the base quantity) ·
    /// unrealised profit in percent of equity · bars held / 100 · share of the episode left, if
    /// asked for · with brackets the distance to the stop in percent and 1 after a bracket exit.
    #[inline(always)]
    pub(super) fn write(
        &self,
        features: &[f32],
        t: usize,
        account: &Account,
        model: &AccountModel,
        left: usize,
        row: &mut [f32],
    ) {
        let end = (t + 1) * self.n_features;
        let (window, state) = row.split_at_mut(self.window_values);
        window.copy_from_slice(&features[end - self.window_values..end]);
        let per_equity = 1.0 / account.equity.max(SMALLEST_EQUITY);
        let position = if self.per_base > 0.0 {
            account.quantity * self.per_base
        } else {
            account.position_value() * per_equity
        };
        state[0] = position as f32;
        state[1] = (PERCENT * account.unrealised() * per_equity) as f32;
        state[2] = account.bars_held as f32 * HELD_UNIT;
        let mut next = ACCOUNT_VALUES;
        if self.remaining {
            // An evaluation runs longer than any training episode: it counts down again and again,
            // so that the policy sees the values it was trained on.
            let share = left as f32 * self.episode;
            state[next] = if share > 1.0 { share.fract() } else { share };
            next += 1;
        }
        if self.bracketed {
            state[next] = (PERCENT * account.distance_to_stop(model)) as f32;
            state[next + 1] = f32::from(u8::from(account.stopped_out));
        }
    }
}
