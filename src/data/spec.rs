//! What an import is told: which columns, which zone, and what may be repaired.
//!
//! Owns the choices and their names; never looks at a file. Everything can be found out from the
//! file ([`Detect::Auto`]) except what would be a guess; repairs are off unless named. Start at
//! [`ImportSpec`].

pub use crate::repair::{
    DuplicatePolicy, EnvelopePolicy, GapPolicy, GridPolicy, OrderPolicy, RepairError, RepairPolicy,
    RowPolicy,
};

use domain::Timeframe;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A choice that is either made here or read from the file; `"auto"` in text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Detect<T> {
    /// Found out from the file; two possible readings are an error.
    #[default]
    Auto,
    /// As given.
    Given(T),
}

impl<T> Detect<T> {
    /// Returns the given value, if one was given.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Auto => None,
            Self::Given(value) => Some(value),
        }
    }
}

impl<T: Serialize> Serialize for Detect<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Given(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Detect<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        enum Word {
            #[serde(rename = "auto")]
            Auto,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form<T> {
            Auto(Word),
            Given(T),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Auto(Word::Auto) => Self::Auto,
            Form::Given(value) => Self::Given(value),
        })
    }
}

/// Everything an import is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportSpec {
    /// Name in the store: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// Instrument. Chooses the column or the rows of a panel of several instruments. Default: auto.
    pub symbol: Detect<String>,
    /// Length of a bar. Default: auto, the most frequent step.
    pub timeframe: Detect<Timeframe>,
    /// Which columns to read. Default: auto, by their names.
    pub columns: Columns,
    /// Offset from UTC of times that carry none. Default: `+00:00`.
    pub zone: UtcOffset,
    /// Unit of numeric times. Default: auto, by their size (safe after 1973).
    pub epoch: Detect<EpochUnit>,
    /// Order of day, month and year. Default: auto.
    pub date_order: Detect<DateOrder>,
    /// Decimal mark. Default: auto.
    pub decimal: Detect<Decimal>,
    /// Whether a bar is stamped with its open or its close time. Default: `open`.
    pub stamp: Stamp,
    /// When the market trades, which decides what a gap is. Default: auto.
    pub calendar: Detect<Calendar>,
    /// What counts as an outlier jump; outliers are flagged, never changed.
    pub outliers: OutlierRule,
    /// What may be repaired. Default: nothing.
    pub repair: RepairPolicy,
    /// What to do when the name is taken. Default: `refuse`.
    pub existing: Existing,
    /// Licence of the data, kept in the manifest.
    pub licence: String,
    /// Remarks, kept in the manifest.
    pub notes: String,
}

impl Default for ImportSpec {
    fn default() -> Self {
        Self {
            name: String::new(),
            symbol: Detect::Auto,
            timeframe: Detect::Auto,
            columns: Columns::default(),
            zone: UtcOffset::default(),
            epoch: Detect::Auto,
            date_order: Detect::Auto,
            decimal: Detect::Auto,
            stamp: Stamp::Open,
            calendar: Detect::Auto,
            outliers: OutlierRule::default(),
            repair: RepairPolicy::default(),
            existing: Existing::Refuse,
            licence: String::new(),
            notes: String::new(),
        }
    }
}

impl ImportSpec {
    /// Returns the spec that reads everything from the file and stores it as `name`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// Columns by header name, or `#1`, `#2`, … by position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Columns {
    /// Time of the bar, or its date when `clock` is given too.
    pub time: Detect<String>,
    /// Time of day, where date and time are two columns.
    pub clock: Detect<String>,
    /// First price.
    pub open: Detect<String>,
    /// Highest price.
    pub high: Detect<String>,
    /// Lowest price.
    pub low: Detect<String>,
    /// Last price.
    pub close: Detect<String>,
    /// Traded amount in base units.
    pub volume: Detect<String>,
    /// Instrument of the row, in a long panel.
    pub symbol: Detect<String>,
}

/// A fixed offset from UTC, written `+09:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UtcOffset {
    /// Seconds east of Greenwich.
    pub seconds: i32,
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.seconds < 0 { '-' } else { '+' };
        let minutes = self.seconds.abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// A text that is no offset from UTC.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is not an offset from UTC; write utc, +09:00 or -05:00 (named zones change with the season and are not accepted)"
)]
pub struct UtcOffsetError(String);

impl FromStr for UtcOffset {
    type Err = UtcOffsetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("z") {
            return Ok(Self::default());
        }
        crate::civil::offset(text.as_bytes())
            .map(|seconds| Self { seconds })
            .ok_or_else(|| UtcOffsetError(text.to_owned()))
    }
}

impl Serialize for UtcOffset {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcOffset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Unit of a numeric time since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EpochUnit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Millis,
    /// Microseconds.
    #[serde(rename = "us")]
    Micros,
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanos,
}

impl EpochUnit {
    /// Returns the nanoseconds in one unit.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos => 1,
        }
    }

    /// Returns the unit's sign: `s`, `ms`, `us` or `ns`.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Millis => "ms",
            Self::Micros => "us",
            Self::Nanos => "ns",
        }
    }
}

/// Order of the parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// 2024-01-31.
    Ymd,
    /// 31/01/2024.
    Dmy,
    /// 01/31/2024.
    Mdy,
}

/// Decimal mark of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// 1.5
    Point,
    /// 1,5
    Comma,
}

/// What the time of a row names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stamp {
    /// The bar's open time, as most exchanges do.
    Open,
    /// The bar's close time; one bar length is taken off.
    Close,
}

/// When a market trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Calendar {
    /// Every hour of every day.
    Always,
    /// Monday to Friday; a missing Saturday or Sunday is no gap.
    Weekdays,
}

/// A jump is an outlier when it exceeds both limits.
///
/// The scale is a running mean of absolute log returns over the bars *before* the jump, so that the
/// mark never knows the future.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutlierRule {
    /// Multiples of the running mean absolute log return. Default 20.
    pub multiple: f64,
    /// Absolute log return. Default 0.05.
    pub floor: f64,
}

impl Default for OutlierRule {
    fn default() -> Self {
        Self {
            multiple: 20.0,
            floor: 0.05,
        }
    }
}

/// What to do when the name is taken in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Existing {
    /// Stop.
    Refuse,
    /// Put the new set in its place, in one step.
    Replace,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn spec_survives_json_and_says_auto() {
        let mut spec = ImportSpec::named("btc");
        spec.timeframe = Detect::Given(Timeframe::HOUR);
        spec.zone = "+09:00".parse().unwrap();
        let text = serde_json::to_string(&spec).unwrap();
        assert!(text.contains(r#""timeframe":"1h""#) && text.contains(r#""symbol":"auto""#));
        assert_eq!(serde_json::from_str::<ImportSpec>(&text).unwrap(), spec);
    }

    #[rstest]
    #[case("utc", Some(0))]
    #[case("+09:00", Some(32_400))]
    #[case("-0530", Some(-19_800))]
    #[case("Asia/Seoul", None)]
    #[case("EST", None)]
    fn offsets_are_fixed(#[case] text: &str, #[case] seconds: Option<i32>) {
        let read = text.parse::<UtcOffset>().ok();
        assert_eq!(read.map(|offset| offset.seconds), seconds);
    }
}
