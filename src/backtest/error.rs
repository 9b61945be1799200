//! Why a backtest was refused: one enum, by cause.

use domain::{Phrase, Text};
use sim::SimError;
use thiserror::Error;

/// Why decisions could not be replayed or judged.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BacktestError {
    /// Too little data to mark a single step.
    #[error("{bars} bars are too few to replay; at least 2 are needed: widen the window")]
    TooFewBars {
        /// Bars given.
        bars: usize,
    },
    /// Decisions and bars are not paired.
    #[error("{targets} targets for {bars} bars; give one target a bar, decided at its close")]
    Length {
        /// Targets given.
        targets: usize,
        /// Bars given.
        bars: usize,
    },
    /// A decision is no number.
    #[error("target of bar {bar} is {value}; the policy or its features produced no number")]
    Target {
        /// Row, from 0.
        bar: usize,
        /// What stands there.
        value: f64,
    },
    /// A price is no positive number.
    #[error("{column} of bar {bar} is {value}; repair the data or start the window after it")]
    Price {
        /// Column name.
        column: &'static str,
        /// Row, from 0.
        bar: usize,
        /// What stands there.
        value: f64,
    },
    /// The instruments of a panel do not share their bars.
    #[error(
        "{symbol} has {bars} bars and the panel {expected}; align the instruments to common times"
    )]
    Panel {
        /// Instrument that differs.
        symbol: String,
        /// Its bars.
        bars: usize,
        /// Bars of the first instrument.
        expected: usize,
    },
    /// A baseline's or a test's own setting is out of range.
    #[error("{key} = {value} must {rule}")]
    Setting {
        /// Field, e.g. `baseline.fast`.
        key: &'static str,
        /// What stands there.
        value: String,
        /// The rule it breaks, worded to follow "must".
        rule: Text,
    },
    /// The account refused its settings.
    #[error(transparent)]
    Account(#[from] SimError),
}

impl BacktestError {
    /// Returns what is wrong and what to do about it.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::TooFewBars { bars } => format!(
                "봉이 {bars}개뿐이라 되돌려 볼 수 없습니다. 2개 이상이 되도록 구간을 늘리세요"
            ),
            Self::Length { targets, bars } => format!(
                "봉은 {bars}개인데 목표 포지션은 {targets}개입니다. 봉마다 하나씩 있어야 합니다"
            ),
            Self::Target { bar, value } => format!(
                "{bar}번째 봉의 목표 포지션이 {value}입니다. 정책이나 특징에서 숫자가 나오지 않았습니다"
            ),
            Self::Price { column, bar, value } => format!(
                "{bar}번째 봉의 {column} 값이 {value}입니다. 데이터를 고치거나 그 뒤부터 쓰세요"
            ),
            Self::Panel {
                symbol,
                bars,
                expected,
            } => format!(
                "{symbol}의 봉은 {bars}개, 다른 종목은 {expected}개입니다. 같은 시각으로 맞추세요"
            ),
            Self::Setting { key, value, rule } => format!("{key} = {value}: {}", rule.ko),
            Self::Account(error) => error.says().ko,
        };
        Phrase::new(self.to_string(), korean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_speaks_both_languages() {
        let rule = Text::new("be 2", "2여야 합니다");
        let setting = |value: &str| SimError::Setting {
            key: "a",
            value: value.to_owned(),
            rule,
        };
        let all = [
            BacktestError::TooFewBars { bars: 1 },
            BacktestError::Length {
                targets: 1,
                bars: 2,
            },
            BacktestError::Target {
                bar: 1,
                value: f64::NAN,
            },
            BacktestError::Price {
                column: "open",
                bar: 1,
                value: 0.0,
            },
            BacktestError::Panel {
                symbol: "A".to_owned(),
                bars: 1,
                expected: 2,
            },
            BacktestError::Setting {
                key: "a",
                value: "1".to_owned(),
                rule,
            },
            BacktestError::Account(setting("1")),
        ];
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for Phrase { en, ko } in all.iter().map(BacktestError::says) {
            assert!(hangul(&ko) && !hangul(&en) && !en.is_empty(), "{en}: {ko}");
        }
    }
}
