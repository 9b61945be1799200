//! What an import may repair, fault by fault, and how.
//!
//! Nothing is repaired unless it is named here and in the manifest. Start at [`RepairPolicy`].

use domain::{Phrase, phrase};
use serde::{Deserialize, Serialize};

/// What may be repaired, fault by fault. Every repair is counted in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RepairPolicy {
    /// Several rows of one time. Default: `fail`.
    pub duplicates: DuplicatePolicy,
    /// Rows whose time goes back. Default: `fail`.
    pub unordered: OrderPolicy,
    /// Missing bars. Default: `keep` (flagged).
    pub gaps: GapPolicy,
    /// Longest gap, in bars, that `gaps = forward_fill` fills; longer ones stay. Default 60.
    pub longest_fill: u64,
    /// Rows that cannot be read: missing or broken cells, prices that are not positive.
    /// Default: `fail`.
    pub bad_rows: RowPolicy,
    /// High below low, open or close outside of high and low. Default: `fail`.
    pub high_low: EnvelopePolicy,
    /// Bars between the timeframe's steps, as venues publish after outages. Default: `keep`
    /// (flagged).
    pub off_grid: GridPolicy,
    /// A last line or an archive that breaks off. Default: `fail`.
    pub truncated: RowPolicy,
}

impl Default for RepairPolicy {
    fn default() -> Self {
        Self {
            duplicates: DuplicatePolicy::Fail,
            unordered: OrderPolicy::Fail,
            gaps: GapPolicy::Keep,
            longest_fill: 60,
            bad_rows: RowPolicy::Fail,
            high_low: EnvelopePolicy::Fail,
            off_grid: GridPolicy::Keep,
            truncated: RowPolicy::Fail,
        }
    }
}

/// A `fault=policy` that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{given}` is not a repair: {reason}")]
pub struct RepairError {
    given: String,
    reason: Phrase,
}

impl RepairError {
    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let (given, reason) = (&self.given, &self.reason.ko);
        Phrase::new(
            self.to_string(),
            format!("`{given}`은(는) 수정 방법이 아닙니다: {reason}"),
        )
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        let known = "duplicates=keep_last, unordered=sort, gaps=forward_fill, bad_rows=drop, high_low=widen, off_grid=drop, truncated=drop";
        phrase!("write e.g. {known}", "예: {known}")
    }
}

impl RepairPolicy {
    /// Changes one policy by a text such as `duplicates=keep_last`.
    ///
    /// # Errors
    /// [`RepairError`] when there is no such fault or no such policy for it.
    pub fn set(&mut self, text: &str) -> Result<(), RepairError> {
        let fail = |reason: Phrase| RepairError {
            given: text.to_owned(),
            reason,
        };
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| fail(phrase!("it has no `=`", "`=`가 없습니다")))?;
        let system = |error: serde_json::Error| Phrase::same(error.to_string());
        let mut fields = serde_json::to_value(*self).map_err(|error| fail(system(error)))?;
        if fields.get(key).is_none() {
            return Err(fail(phrase!(
                "nothing called `{key}` can be repaired",
                "`{key}`(이)라는 수정 항목은 없습니다"
            )));
        }
        let value = value
            .parse::<u64>()
            .map_or_else(|_| serde_json::Value::from(value), serde_json::Value::from);
        fields[key] = value;
        *self = serde_json::from_value(fields).map_err(|_| {
            fail(phrase!(
                "`{key}` cannot be repaired that way",
                "`{key}`에는 그런 방법이 없습니다"
            ))
        })?;
        Ok(())
    }
}

/// What to do with several rows of one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicatePolicy {
    /// Stop.
    Fail,
    /// Keep the row that comes first in the file.
    KeepFirst,
    /// Keep the row that comes last in the file.
    KeepLast,
}

/// What to do with rows out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderPolicy {
    /// Stop.
    Fail,
    /// Sort by time.
    Sort,
}

/// What to do with missing bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapPolicy {
    /// Leave them missing; the bar after the gap is flagged.
    Keep,
    /// Repeat the last close with no volume; such bars are flagged synthetic.
    ForwardFill,
    /// Stop.
    Fail,
}

/// What to do with rows that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowPolicy {
    /// Stop.
    Fail,
    /// Leave the row out.
    Drop,
}

/// What to do with bars between the timeframe's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridPolicy {
    /// Leave them as published; they are flagged.
    Keep,
    /// Leave them out.
    Drop,
    /// Stop.
    Fail,
}

/// What to do with a bar whose high and low do not enclose its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvelopePolicy {
    /// Stop.
    Fail,
    /// Set high to the highest and low to the lowest of the four prices; the bar is flagged.
    Widen,
    /// Leave the row out.
    Drop,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("duplicates=keep_last", true)]
    #[case("gaps=forward_fill", true)]
    #[case("longest_fill=5", true)]
    #[case("high_low=widen", true)]
    #[case("gaps=guess", false)]
    #[case("prices=round", false)]
    #[case("sort", false)]
    fn repairs_are_set_by_name(#[case] text: &str, #[case] known: bool) {
        let mut policy = RepairPolicy::default();
        assert_eq!(policy.set(text).is_ok(), known);
        assert_eq!(policy != RepairPolicy::default(), known);
    }
}
