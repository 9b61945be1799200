//! What a run's settings say that its figures rest on, for windows without a report.

use std::collections::BTreeMap;

/// What a run's settings say that figures rest on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stated {
    /// Fee and spread in bps, where both are known.
    pub costs: Option<(f64, f64)>,
    /// Days a year that the market is open.
    pub days: f64,
    /// Risk-free rate a year as a fraction.
    pub risk_free: f64,
}

impl Default for Stated {
    /// A market that never closes, without a risk-free rate.
    fn default() -> Self {
        Self {
            costs: None,
            days: 365.0,
            risk_free: 0.0,
        }
    }
}

impl Stated {
    /// Reads settings by dotted key, each as TOML writes it; what is missing stays usual.
    #[must_use]
    pub fn of(settings: &BTreeMap<String, String>) -> Self {
        let number = |key: &str| settings.get(key)?.replace('_', "").parse().ok();
        let usual = Self::default();
        Self {
            costs: number("env.fee_bps").zip(number("env.spread_bps")),
            days: number("evaluate.trading_days").unwrap_or(usual.days),
            risk_free: number("evaluate.risk_free").unwrap_or(usual.risk_free),
        }
    }
}
