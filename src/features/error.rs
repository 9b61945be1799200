//! Everything that can be wrong with a feature, by cause.

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
        expected: String,
    },
    /// A name that nothing has.
    #[error("feature `{spec}`: {owner} has no {kind} `{name}`; {hint}")]
    UnknownName {
        /// The whole spec as written.
        spec: String,
        /// Who was asked, e.g. `RSI` or `the catalogue`.
        owner: String,
        /// What was looked for: function, parameter, output, transform, input, choice.
        kind: &'static str,
        /// The name as written.
        name: String,
        /// A similar name, or the names there are.
        hint: String,
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
        range: String,
    },
    /// A call that lacks something or says something twice.
    #[error("feature `{spec}`: {owner}: {what}")]
    Call {
        /// The whole spec as written.
        spec: String,
        /// The function or transform.
        owner: String,
        /// What is wrong and what to write.
        what: String,
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
        range: &'static str,
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
