//! The conventions behind every figure, so that no number is shown without them.
//!
//! Two libraries give two Sharpe ratios for one equity curve because they differ here. Owns the
//! choices and their wording; computes nothing itself (see [`crate::performance`]).

use crate::words::Words;
use domain::Timeframe;
use serde::{Deserialize, Serialize};

/// Whether a period's return enters moments as `p₁/p₀ − 1` or as `ln(p₁/p₀)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnKind {
    /// `p₁/p₀ − 1`.
    #[default]
    Simple,
    /// `ln(p₁/p₀)`.
    Log,
}

/// How the yearly return in the numerator of Sharpe and Sortino comes about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeanKind {
    /// Mean period return × periods a year (Sharpe 1994; empyrical).
    #[default]
    Arithmetic,
    /// Compound annual growth (backtesting.py).
    Geometric,
}

/// How a period's standard deviation becomes a year's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VolatilityKind {
    /// `σ √P`.
    #[default]
    SquareRootOfTime,
    /// `√((σ² + (1+g)²)ᴾ − (1+g)²ᴾ)` with the geometric mean return `g`: the deviation of
    /// compounded wealth (doi 10.2139/ssrn.3054517; backtesting.py).
    Compounded,
}

/// Everything that has to be agreed on before a ratio means something.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conventions {
    /// Periods (bars) a year; positive. Default 252.
    pub periods_per_year: f64,
    /// Risk-free rate a year as a fraction, spread evenly over the periods. Default 0.
    pub risk_free: f64,
    /// Delta degrees of freedom of the standard deviation. Default 1.
    pub ddof: u8,
    /// Kind of return in the moments. Default simple.
    pub returns: ReturnKind,
    /// Kind of mean in Sharpe and Sortino. Default arithmetic.
    pub mean: MeanKind,
    /// Kind of yearly volatility. Default square root of time.
    pub volatility: VolatilityKind,
    /// Tail probability of value at risk, its conditional form and the tail ratio. Default 0.05.
    pub tail: f64,
}

impl Default for Conventions {
    fn default() -> Self {
        Self::empyrical(252.0)
    }
}

impl Conventions {
    /// Returns the conventions of empyrical: simple returns, arithmetic mean, ddof 1, `σ √P`.
    #[must_use]
    pub const fn empyrical(periods_per_year: f64) -> Self {
        Self {
            periods_per_year,
            risk_free: 0.0,
            ddof: 1,
            returns: ReturnKind::Simple,
            mean: MeanKind::Arithmetic,
            volatility: VolatilityKind::SquareRootOfTime,
            tail: 0.05,
        }
    }

    /// Returns the conventions of backtesting.py: compounded growth over compounded volatility.
    #[must_use]
    pub const fn backtesting_py(periods_per_year: f64) -> Self {
        Self {
            mean: MeanKind::Geometric,
            volatility: VolatilityKind::Compounded,
            ..Self::empyrical(periods_per_year)
        }
    }

    /// Returns the usual conventions for bars of `timeframe` on a market of `days` trading days
    /// a year: 365 where it never closes, 252 for shares.
    #[must_use]
    pub fn for_market(timeframe: Timeframe, days: f64) -> Self {
        Self::empyrical(timeframe.periods_per_year(days))
    }

    /// Returns the risk-free return of one period.
    #[must_use]
    pub fn risk_free_per_period(&self) -> f64 {
        self.risk_free / self.periods_per_year
    }

    /// Returns one sentence that names every choice.
    #[must_use]
    pub fn words(&self) -> Words {
        let (returns_en, returns_ko) = match self.returns {
            ReturnKind::Simple => ("simple", "단순"),
            ReturnKind::Log => ("log", "로그"),
        };
        let (mean_en, mean_ko) = match self.mean {
            MeanKind::Arithmetic => ("arithmetic", "산술"),
            MeanKind::Geometric => ("geometric", "기하"),
        };
        let (volatility_en, volatility_ko) = match self.volatility {
            VolatilityKind::SquareRootOfTime => ("square root of time", "시간 제곱근"),
            VolatilityKind::Compounded => ("compounded", "복리"),
        };
        let (rate, periods) = (self.risk_free * 100.0, self.periods_per_year);
        let (ddof, tail) = (self.ddof, self.tail * 100.0);
        Words::new(
            format!(
                "{returns_en} returns, {periods} periods a year, risk-free rate {rate} % a year, \
                 ddof {ddof}, {mean_en} mean in Sharpe and Sortino, volatility by \
                 {volatility_en}, annual return compounded, tails at {tail} %"
            ),
            format!(
                "{returns_ko} 수익률, 연 {periods}기간, 무위험 이자율 연 {rate} %, 자유도 보정 \
                 {ddof}, 샤프·소르티노는 {mean_ko} 평균, 변동성 연율화는 {volatility_ko} 방식, \
                 연 수익률은 복리, 꼬리 확률 {tail} %"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Lang;

    #[test]
    fn words_name_every_choice() {
        let words = Conventions {
            risk_free: 0.02,
            ..Conventions::backtesting_py(365.0)
        }
        .words();
        for part in [
            "simple",
            "365",
            "2 %",
            "ddof 1",
            "geometric",
            "compounded",
            "5 %",
        ] {
            assert!(words.en.contains(part), "{part} missing in {}", words.en);
        }
        for part in ["단순", "365", "기하", "복리"] {
            assert!(words.get(Lang::Ko).contains(part), "{part}");
        }
    }

    #[test]
    fn hours_of_a_market_that_never_closes_fill_a_year() {
        let conventions = Conventions::for_market(Timeframe::HOUR, 365.0);
        assert!((conventions.periods_per_year - 8_760.0).abs() < 1e-9);
    }
}
