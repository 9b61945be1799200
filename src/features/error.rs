//! Everything that can be wrong with a feature, by cause.

use domain::{Phrase, Text, phrase};
use ta_lib::RetCode;

/// Why a feature spec, a computation or a scaler was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FeatureError {
    /// The text does not follow the grammar.
    #[error("feature `{spec}`: at character {at}: {expected}")]
    Syntax {
        /// The whole spec as written.
        spec: String,
        /// Character position, from 1.
        at: usize,
        /// What was expected or found.
        expected: Phrase,
    },
    /// A name that nothing has.
    #[error("feature `{spec}`: {owner} has no {kind} `{name}`; {hint}")]
    UnknownName {
        /// The whole spec as written.
        spec: String,
        /// Who was asked, e.g. `RSI` or `the catalogue`.
        owner: Box<Phrase>,
        /// What was looked for: feature, parameter, output, transform.
        kind: Text,
        /// The name as written.
        name: String,
        /// A similar name, or the names there are.
        hint: Box<Phrase>,
    },
    /// A parameter outside its range or of the wrong kind.
    #[error("feature `{spec}`: {owner}: {parameter} = {value} must be {range}")]
    Range {
        /// The whole spec as written.
        spec: String,
        /// The function or transform.
        owner: String,
        /// The parameter's name.
        parameter: String,
        /// The value as written.
        value: String,
        /// The range and default, in words.
        range: Box<Phrase>,
    },
    /// A call that lacks something or says something twice.
    #[error("feature `{spec}`: {owner}: {what}")]
    Call {
        /// The whole spec as written.
        spec: String,
        /// The function or transform.
        owner: String,
        /// What is wrong and what to write.
        what: Phrase,
    },
    /// Two specs give the same column.
    #[error("feature `{spec}`: column `{column}` is listed twice; remove one")]
    Duplicate {
        /// The whole spec as written.
        spec: String,
        /// The column's name.
        column: String,
    },
    /// No feature at all.
    #[error(
        "the feature list is empty; name at least one feature, e.g. \"RSI(14) | unit(0, 100)\""
    )]
    Empty,
    /// Too few bars to fill one row.
    #[error("{bars} bars are too few: the slowest feature, `{column}`, needs {needed}")]
    TooShort {
        /// Bars given.
        bars: usize,
        /// Bars needed for the first complete row.
        needed: usize,
        /// The column with the longest warm-up.
        column: String,
    },
    /// A bar that no feature is defined on.
    #[error(
        "bar {row}: {field} = {value} is unusable: prices must be positive and finite, volume finite and not negative; validate the data first"
    )]
    BadBar {
        /// Index of the bar, from 0.
        row: usize,
        /// Price column.
        field: &'static str,
        /// The value found.
        value: f64,
    },
    /// A value that is not finite after the warm-up.
    #[error(
        "feature `{column}` is {value} at row {row}: its formula is undefined there; clip it, change its parameters or drop it"
    )]
    NotFinite {
        /// The column's name.
        column: String,
        /// Row, from 0.
        row: usize,
        /// The value found (NaN or an infinity, possibly only in 32 bits).
        value: f64,
    },
    /// TA-Lib refused a call whose arguments passed our own checks.
    #[error(
        "feature `{column}`: TA-Lib answered {code:?}; this combination of parameters is not computable"
    )]
    TaLib {
        /// The column's name.
        column: String,
        /// TA-Lib's return code.
        code: RetCode,
    },
    /// A scaler was asked to fit on rows that are not there.
    #[error(
        "a scaler cannot be fitted on rows {start}..{end}: usable rows are {first}..{rows}, and at least 2 are needed"
    )]
    FitRange {
        /// First row asked for.
        start: usize,
        /// One past the last row asked for.
        end: usize,
        /// First row after the warm-up.
        first: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A scaler setting outside its range.
    #[error("scaler: {key} = {value} must be {range}")]
    ScalerSpec {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: f64,
        /// Range in words.
        range: Text,
    },
    /// A scaler meets a matrix it was not fitted for.
    #[error(
        "the scaler was fitted on other features: column {index} is `{found}`, the scaler has `{expected}`; use the features stored with the policy"
    )]
    ScalerColumns {
        /// First column that differs.
        index: usize,
        /// Name in the matrix, or `(none)`.
        found: String,
        /// Name in the scaler, or `(none)`.
        expected: String,
    },
}

impl FeatureError {
    /// Returns what is wrong and what to write instead.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::Syntax { spec, at, expected } => {
                format!("특징 `{spec}`: {at}번째 글자: {}", expected.ko)
            }
            Self::UnknownName {
                spec,
                owner,
                kind,
                name,
                hint,
            } => format!(
                "특징 `{spec}`: {}에 {} `{name}`이(가) 없습니다. {}",
                owner.ko, kind.ko, hint.ko
            ),
            Self::Range {
                spec,
                owner,
                parameter,
                value,
                range,
            } => format!(
                "특징 `{spec}`: {owner}: {parameter} = {value}: {}이어야 합니다",
                range.ko
            ),
            Self::Call { spec, owner, what } => format!("특징 `{spec}`: {owner}: {}", what.ko),
            Self::Duplicate { spec, column } => {
                format!("특징 `{spec}`: `{column}` 열이 두 번 나옵니다. 하나를 지우세요")
            }
            Self::Empty => {
                "특징 목록이 비어 있습니다. 하나 이상 적으세요. 예: \"RSI(14) | unit(0, 100)\""
                    .to_owned()
            }
            Self::TooShort {
                bars,
                needed,
                column,
            } => format!(
                "봉 {bars}개로는 부족합니다. 가장 느린 특징 `{column}`에 {needed}개가 필요합니다"
            ),
            Self::BadBar { row, field, value } => format!(
                "{row}번째 봉: {field} = {value}은(는) 쓸 수 없습니다. 가격은 양수, 거래량은 0 이상의 유한한 수여야 합니다. 먼저 데이터를 검사하세요"
            ),
            Self::NotFinite { column, row, value } => format!(
                "{row}행에서 특징 `{column}` 값이 {value}입니다. 수식이 정의되지 않는 곳입니다. clip을 걸거나, 매개변수를 바꾸거나, 빼세요"
            ),
            Self::TaLib { column, code } => format!(
                "특징 `{column}`: TA-Lib이 {code:?}(으)로 답했습니다. 이 매개변수 조합은 계산할 수 없습니다"
            ),
            Self::FitRange {
                start,
                end,
                first,
                rows,
            } => format!(
                "{start}..{end}행으로는 스케일러를 맞출 수 없습니다. 쓸 수 있는 행은 {first}..{rows}이고 2행 이상이 필요합니다"
            ),
            Self::ScalerSpec { key, value, range } => {
                format!("스케일러: {key} = {value}: {}", range.ko)
            }
            Self::ScalerColumns {
                index,
                found,
                expected,
            } => format!(
                "스케일러가 다른 특징에 맞춰져 있습니다. {index}번째 열이 `{found}`인데 스케일러는 `{expected}`입니다. 정책과 함께 저장된 특징을 쓰세요"
            ),
        };
        Phrase::new(self.to_string(), korean)
    }

    /// Returns where to look next.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            Self::BadBar { .. } => phrase!(
                "`makook data validate SET` lists such bars",
                "`makook data validate 이름`으로 이런 봉을 찾을 수 있습니다"
            ),
            Self::TooShort { .. } | Self::FitRange { .. } => phrase!(
                "use more data, or features with shorter periods in features.columns",
                "데이터를 늘리거나 features.columns에 기간이 더 짧은 특징을 쓰세요"
            ),
            Self::ScalerColumns { .. } => phrase!(
                "start anew with `makook train`, or resume with the settings that the run was started with",
                "`makook train`으로 새로 시작하거나 처음 시작한 설정으로 이어 하세요"
            ),
            Self::ScalerSpec { .. } => phrase!(
                "see `makook config explain features.clip`",
                "`makook config explain features.clip`을 보세요"
            ),
            _ => phrase!(
                "see `makook features WORD` for names and parameters",
                "이름과 매개변수는 `makook features 낱말`로 찾을 수 있습니다"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn assert_both(texts: &Phrase) {
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        let Phrase { en, ko } = texts;
        assert!(hangul(ko) && !hangul(en) && !en.is_empty(), "{en}: {ko}");
    }

    #[rstest]
    #[case("RSI(")]
    #[case("RSI(14) diff")]
    #[case("RSI(1x4)")]
    #[case("RSI(14=3)")]
    #[case("RSI(14")]
    #[case("a(b(c(d(e(f(g(h(i))))))))")]
    #[case("RSO(14)")]
    #[case("nothing_like_it(14)")]
    #[case("RSI(periodd=14)")]
    #[case("RSI(14).upper")]
    #[case("MACD.upper")]
    #[case("RSI(14) | unknown(3)")]
    #[case("RSI(1)")]
    #[case("RSI(14, 15)")]
    #[case("RSI(14, time_period=15)")]
    #[case("RSI(real=3)")]
    #[case("RSI(real=MACD)")]
    #[case("MAVP(2)")]
    #[case("close(3)")]
    #[case("close.upper")]
    #[case("returns(1, 2)")]
    #[case("MA(20, ma_type=unknown)")]
    #[case("close | clip(3, 1)")]
    #[case("close | clip(1, 2, 3, 4)")]
    fn every_wrong_spec_speaks_both_languages(#[case] spec: &str) {
        let error = crate::spec::resolve(spec).unwrap_err();
        assert_both(&error.says());
        assert_both(&error.hint());
    }

    #[test]
    fn every_other_cause_speaks_both_languages() {
        let column = || "RSI(14)".to_owned();
        for error in [
            FeatureError::Duplicate {
                spec: column(),
                column: column(),
            },
            FeatureError::Empty,
            FeatureError::TooShort {
                bars: 1,
                needed: 2,
                column: column(),
            },
            FeatureError::BadBar {
                row: 1,
                field: "open",
                value: f64::NAN,
            },
            FeatureError::NotFinite {
                column: column(),
                row: 1,
                value: f64::NAN,
            },
            FeatureError::TaLib {
                column: column(),
                code: RetCode::BadParam,
            },
            FeatureError::FitRange {
                start: 0,
                end: 1,
                first: 2,
                rows: 3,
            },
            FeatureError::ScalerSpec {
                key: "clip",
                value: 0.0,
                range: Text::new("in 1..=2", "1..=2 안에 있어야 합니다"),
            },
            FeatureError::ScalerColumns {
                index: 1,
                found: column(),
                expected: column(),
            },
        ] {
            assert_both(&error.says());
            assert_both(&error.hint());
        }
    }
}
