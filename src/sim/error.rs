//! The one error enum of the crate, by cause.

use domain::{Phrase, Text};
use std::fmt;
use thiserror::Error;

/// Why an environment, a market or a saved state was refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SimError {
    /// A setting lies outside its range.
    #[error("{key} = {value} must {rule}")]
    Setting {
        /// The field's path within its spec, e.g. `costs.fee_bps`.
        key: &'static str,
        /// The offending value.
        value: String,
        /// The rule it breaks, worded to follow "must".
        rule: Text,
    },
    /// Bars and feature matrix do not fit each other.
    #[error(
        "feature matrix holds {values} values, {bars} bars × {n_features} features need {expected}; build the matrix from these bars"
    )]
    Matrix {
        /// Values in the matrix.
        values: usize,
        /// Rows needed.
        bars: usize,
        /// Columns needed.
        n_features: usize,
        /// `bars × n_features`.
        expected: usize,
    },
    /// A price or a feature that a step would read is no number.
    #[error("{column} of bar {bar} is {value}; repair the data or start the range after it")]
    Value {
        /// Column name.
        column: &'static str,
        /// Row, from 0.
        bar: usize,
        /// What stands there.
        value: f64,
    },
    /// A bar range leaves no room for an episode.
    #[error(
        "bars {start}..{end} leave {room} steps after warm-up {warmup} and window {window}; at least 1 is needed: widen the range or shorten the window"
    )]
    Range {
        /// First bar of the range.
        start: usize,
        /// One past its last bar.
        end: usize,
        /// Steps that would fit.
        room: usize,
        /// First bar with complete features.
        warmup: usize,
        /// Rows in one observation.
        window: usize,
    },
    /// A saved state belongs to another environment or is damaged.
    #[error(
        "saved environment state does not fit: {reason}; resume with the settings that the run was started with"
    )]
    State {
        /// What differs.
        reason: Phrase,
    },
}

impl SimError {
    /// Returns what is wrong and what to do about it.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::Setting { key, value, rule } => format!("{key} = {value}: {}", rule.ko),
            Self::Matrix {
                values,
                bars,
                n_features,
                expected,
            } => format!(
                "특징 행렬의 값이 {values}개인데 {bars}봉 × 특징 {n_features}개에는 {expected}개가 필요합니다. 이 봉으로 행렬을 다시 만드세요"
            ),
            Self::Value { column, bar, value } => format!(
                "{bar}번째 봉의 {column} 값이 {value}입니다. 데이터를 고치거나 그 뒤부터 쓰세요"
            ),
            Self::Range {
                start,
                end,
                room,
                warmup,
                window,
            } => format!(
                "봉 {start}..{end}에서 준비 구간 {warmup}과 관측 창 {window}을(를) 빼면 {room}스텝이 남습니다. 1스텝 이상이 필요하니 구간을 늘리거나 창을 줄이세요"
            ),
            Self::State { reason } => format!(
                "저장된 환경 상태가 맞지 않습니다: {}. 처음 시작한 설정으로 이어 하세요",
                reason.ko
            ),
        };
        Phrase::new(self.to_string(), korean)
    }
}

/// Refuses `value` unless `holds`; the one way in which specs check their fields.
pub(crate) fn require(
    holds: bool,
    key: &'static str,
    value: impl fmt::Display,
    rule: Text,
) -> Result<(), SimError> {
    if holds {
        Ok(())
    } else {
        Err(SimError::Setting {
            key,
            value: format!("{value}"),
            rule,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_speaks_both_languages() {
        let all = [
            require(false, "a", 1, Text::new("be 2", "2여야 합니다")).unwrap_err(),
            SimError::Matrix {
                values: 1,
                bars: 2,
                n_features: 3,
                expected: 6,
            },
            SimError::Value {
                column: "open",
                bar: 1,
                value: f64::NAN,
            },
            SimError::Range {
                start: 0,
                end: 1,
                room: 0,
                warmup: 1,
                window: 1,
            },
            SimError::State {
                reason: domain::phrase!("it differs", "다릅니다"),
            },
        ];
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for Phrase { en, ko } in all.iter().map(SimError::says) {
            assert!(hangul(&ko) && !hangul(&en) && !en.is_empty(), "{en}: {ko}");
        }
    }
}
