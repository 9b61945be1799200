//! Instants and bar lengths, in whole nanoseconds UTC.
//!
//! A bar is named by its *open* time here; it becomes visible at its close,
//! `open_time + timeframe`.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An instant: nanoseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[repr(transparent)]
pub struct Nanos(pub i64);

/// Nanoseconds in one second.
pub const SECOND: i64 = 1_000_000_000;

impl Nanos {
    /// Returns the instant `ms` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms * 1_000_000)
    }

    /// Returns the instant of a UTC calendar date and time of day; `None` where there is no such
    /// one or nanoseconds do not reach it.
    #[must_use]
    pub fn of_civil((year, month, day): (i16, i8, i8), clock: (i8, i8, i8)) -> Option<Self> {
        let (hour, minute, second) = clock;
        let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let instant = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
        i64::try_from(instant.as_nanosecond()).ok().map(Self)
    }

    /// Returns whole milliseconds since the epoch, rounded down.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Returns seconds since the epoch as a float; for plotting and rates only.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// Returns the UTC calendar date and time.
    #[must_use]
    pub fn civil(self) -> DateTime {
        Timestamp::from_nanosecond(i128::from(self.0))
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_zoned(TimeZone::UTC)
            .datetime()
    }

    /// Formats as `2024-01-31`.
    #[must_use]
    pub fn date(self) -> String {
        self.civil().date().to_string()
    }

    /// Formats as `20240131-235959`, the stamp of run identifiers.
    #[must_use]
    pub fn stamp(self) -> String {
        self.civil().strftime("%Y%m%d-%H%M%S").to_string()
    }
}

impl fmt::Display for Nanos {
    /// Formats as `2024-01-31T23:59:59Z`, with a fraction only where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.civil())
    }
}

/// The length of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeframe(i64);

/// A text that is no timeframe.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a timeframe; write a number and a unit such as 1m, 15m, 1h, 4h, 1d, 1w")]
pub struct TimeframeError(String);

impl Timeframe {
    /// One minute.
    pub const MINUTE: Self = Self(60 * SECOND);
    /// One hour.
    pub const HOUR: Self = Self(3_600 * SECOND);
    /// One day.
    pub const DAY: Self = Self(86_400 * SECOND);

    /// Returns the timeframe of `nanos` nanoseconds; `None` unless positive.
    #[must_use]
    pub fn from_nanos(nanos: i64) -> Option<Self> {
        (nanos > 0).then_some(Self(nanos))
    }

    /// Returns the length in nanoseconds.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Returns how many such bars fill a year of `days` trading days of 24 hours.
    ///
    /// Daily and longer bars count one a day: 365 for markets that never close, 252 for shares.
    #[must_use]
    pub fn periods_per_year(self, days: f64) -> f64 {
        days * Self::DAY.0 as f64 / self.0 as f64
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 7] = [
            (7 * 86_400 * SECOND, "w"),
            (86_400 * SECOND, "d"),
            (3_600 * SECOND, "h"),
            (60 * SECOND, "m"),
            (SECOND, "s"),
            (1_000_000, "ms"),
            (1, "ns"),
        ];
        let (unit, name) = UNITS
            .into_iter()
            .find(|(unit, _)| self.0 % unit == 0)
            .unwrap_or((1, "ns"));
        write!(f, "{}{name}", self.0 / unit)
    }
}

impl FromStr for Timeframe {
    type Err = TimeframeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || TimeframeError(text.to_owned());
        let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(fail)?;
        let count: i64 = text[..split].parse().map_err(|_| fail())?;
        let unit = match &text[split..] {
            "ns" => 1,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" | "min" => 60 * SECOND,
            "h" => 3_600 * SECOND,
            "d" => 86_400 * SECOND,
            "w" => 7 * 86_400 * SECOND,
            _ => return Err(fail()),
        };
        count
            .checked_mul(unit)
            .and_then(Self::from_nanos)
            .ok_or_else(fail)
    }
}

impl Serialize for Timeframe {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timeframe {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1m", 60)]
    #[case("15m", 900)]
    #[case("1h", 3_600)]
    #[case("1d", 86_400)]
    #[case("1w", 604_800)]
    fn timeframe_reads_back_what_it_prints(#[case] text: &str, #[case] seconds: i64) {
        let timeframe: Timeframe = text.parse().unwrap();
        assert_eq!(timeframe.nanos(), seconds * SECOND);
        assert_eq!(timeframe.to_string(), text);
    }

    #[rstest]
    #[case("")]
    #[case("h")]
    #[case("0h")]
    #[case("1x")]
    #[case("99999999999999w")]
    fn wrong_timeframes_are_refused(#[case] text: &str) {
        assert!(text.parse::<Timeframe>().is_err());
    }

    #[test]
    fn a_calendar_date_is_the_instant_that_prints_it() {
        let at = Nanos::of_civil((2024, 2, 29), (23, 59, 58)).unwrap();
        assert_eq!(at.to_string(), "2024-02-29T23:59:58Z");
        assert_eq!(Nanos::of_civil((1970, 1, 1), (0, 0, 0)), Some(Nanos(0)));
        for date in [(2023, 2, 29), (2024, 13, 1), (2024, 0, 1), (9_000, 1, 1)] {
            assert_eq!(Nanos::of_civil(date, (0, 0, 0)), None, "{date:?}");
        }
        assert_eq!(Nanos::of_civil((2024, 1, 1), (24, 0, 0)), None);
    }

    #[test]
    fn instants_print_as_utc() {
        let instant = Nanos::from_millis(1_706_745_599_000);
        assert_eq!(instant.to_string(), "2024-01-31T23:59:59Z");
        assert_eq!(instant.stamp(), "20240131-235959");
        assert_eq!(instant.date(), "2024-01-31");
    }
}
