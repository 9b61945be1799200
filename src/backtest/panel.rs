//! Equal weight over several instruments: the baseline that many allocators do not beat.

use crate::error::BacktestError;
use crate::performance::returns_of;
use crate::replay::replay;
use domain::BarsView;
use sim::{AccountSpec, CostItems};

/// Equal shares of the initial equity, bought once and held, each on an account of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct EqualWeight {
    /// Sum of the accounts' equity at each close, `[n_bars]`.
    pub equity: Vec<f64>,
    /// Simple return of each bar after the first, `[n_bars − 1]`.
    pub returns: Vec<f64>,
    /// Everything paid.
    pub paid: CostItems,
}

/// Buys every instrument of `panel` with the same share of `spec.initial_equity` and holds.
///
/// `panel` pairs a symbol with its bars; all have the same number of bars at the same times.
///
/// # Errors
/// [`BacktestError::Panel`] when the lengths differ, else as [`replay`].
pub fn equal_weight(
    panel: &[(&str, BarsView<'_>)],
    spec: &AccountSpec,
) -> Result<EqualWeight, BacktestError> {
    let Some((_, first)) = panel.first() else {
        return Err(BacktestError::TooFewBars { bars: 0 });
    };
    let count = first.len();
    let share = AccountSpec {
        initial_equity: spec.initial_equity / panel.len() as f64,
        ..spec.clone()
    };
    let mut equity = vec![0.0; count];
    let mut paid = CostItems::default();
    for (symbol, bars) in panel {
        if bars.len() != count {
            return Err(BacktestError::Panel {
                symbol: (*symbol).to_owned(),
                bars: bars.len(),
                expected: count,
            });
        }
        let run = replay(*bars, &vec![1.0; count], &share)?;
        for (total, part) in equity.iter_mut().zip(&run.equity) {
            *total += part;
        }
        paid.add(&run.paid);
    }
    Ok(EqualWeight {
        returns: returns_of(&equity),
        equity,
        paid,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::bars_from;
    use domain::{StreamRng, Timeframe};

    #[test]
    fn one_instrument_is_buy_and_hold_and_lengths_must_agree() {
        let mut rng = StreamRng::seeded(1);
        let bars = bars_from(&[0.01; 30], Timeframe::DAY, &mut rng);
        let spec = AccountSpec::default();
        let held = replay(bars.view(), &[1.0; 30], &spec).unwrap();
        let alone = equal_weight(&[("A", bars.view())], &spec).unwrap();
        assert_eq!(alone.equity, held.equity);
        let both = equal_weight(&[("A", bars.view()), ("B", bars.view())], &spec).unwrap();
        assert!((both.equity[29] - held.equity[29]).abs() < 1e-9);
        let error = equal_weight(&[("A", bars.view()), ("B", bars.slice(0..20))], &spec);
        assert!(error.unwrap_err().to_string().starts_with("B has 20 bars"));
    }
}
