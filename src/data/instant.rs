//! Times as people's exports write them: Unix numbers of any unit, ISO times, dates of any order.
//!
//! A reader is made once a file from a sample ([`TimeReader::learn`]) and then reads every row by
//! the same rules. What has two readings is an error, not a guess.

use crate::{
    basis::Basis,
    civil::{civil, days_from_civil, digits},
    spec::{DateOrder, Detect, EpochUnit, ImportSpec},
};
use domain::{Phrase, phrase};

/// Reads times by one file's rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeReader {
    epoch: Option<EpochUnit>,
    order: DateOrder,
    assumed_seconds: i32,
    /// Every sampled time is a local midnight with an offset: daily bars, whose date is what counts.
    pub(crate) local_dates: bool,
}
const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

impl TimeReader {
    /// Learns the rules from sample cells.
    ///
    /// # Errors
    /// A sentence, where day and month cannot be told apart.
    pub(crate) fn learn(samples: &[&[u8]], spec: &ImportSpec) -> Result<Self, Phrase> {
        let mut reader = Self {
            epoch: spec.epoch.given().copied(),
            order: DateOrder::Ymd,
            assumed_seconds: spec.zone.seconds,
            local_dates: false,
        };
        reader.order = match spec.date_order {
            Detect::Given(order) => order,
            Detect::Auto => learn_order(samples)?,
        };
        let mut midnights = 0;
        let all_midnights = samples.iter().all(|cell| {
            civil(cell.trim_ascii(), reader.order).is_some_and(|time| {
                midnights += 1;
                time.nanos_of_day == 0 && time.offset.is_some_and(|offset| offset != 0)
            })
        });
        reader.local_dates = all_midnights && midnights > 1;
        Ok(reader)
    }

    /// Returns whether the reader takes this text for a time at all.
    pub(crate) fn accepts(&self, cell: &[u8]) -> bool {
        self.read(cell).is_some()
    }

    /// Reads one cell: nanoseconds since 1970 UTC, and what they were measured from.
    #[inline]
    pub(crate) fn read(&self, cell: &[u8]) -> Option<(i64, Basis)> {
        let mut number = 0_i64;
        let plain = (9..=19).contains(&cell.len())
            && cell.iter().all(|byte| {
                let digit = byte.wrapping_sub(b'0');
                number = number.wrapping_mul(10).wrapping_add(i64::from(digit));
                digit < 10
            });
        if plain && !matches!(cell.len(), 12 | 14) && number >= 0 {
            return self.epoch_nanos(number);
        }
        self.read_slow(cell.trim_ascii())
    }

    /// Reads a number since 1970 in the given unit, or the one that its size tells.
    pub(crate) fn epoch_nanos(&self, number: i64) -> Option<(i64, Basis)> {
        let unit = self.epoch.unwrap_or_else(|| unit_by_size(number));
        let nanos = number.checked_mul(unit.nanos())?;
        Some((nanos, Basis::Epoch(unit)))
    }

    /// Reads a fractional number since 1970.
    pub(crate) fn epoch_float(&self, number: f64) -> Option<(i64, Basis)> {
        if !number.is_finite() || number.abs() >= 9.2e18 {
            return None;
        }
        let (nanos, basis) = self.epoch_nanos(number.trunc() as i64)?;
        let Basis::Epoch(unit) = basis else {
            return None;
        };
        let part = (number.fract() * unit.nanos() as f64).round() as i64;
        // Below a microsecond a double of seconds is rounding noise.
        Some((nanos + part / 1_000 * 1_000, basis))
    }

    #[cold]
    fn read_slow(&self, cell: &[u8]) -> Option<(i64, Basis)> {
        if self.epoch.is_none()
            && let Some(time) = civil(cell, self.order)
        {
            let days = days_from_civil(time.year, time.month, time.day);
            let local = days.checked_mul(DAY)?.checked_add(time.nanos_of_day)?;
            if self.local_dates {
                return (time.nanos_of_day == 0).then_some((local, Basis::Unzoned));
            }
            let (offset, basis) = match time.offset {
                Some(offset) => (offset, Basis::Offset(offset)),
                None => (self.assumed_seconds, Basis::Unzoned),
            };
            return Some((local - i64::from(offset) * SECOND, basis));
        }
        let text = std::str::from_utf8(cell).ok()?;
        if let Ok(number) = text.parse::<i64>() {
            return self.epoch_nanos(number);
        }
        let numeric = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
        if numeric {
            self.epoch_float(text.parse().ok()?)
        } else {
            None
        }
    }
}

/// Returns the unit that puts `number` into the years 1973 to 5138.
fn unit_by_size(number: i64) -> EpochUnit {
    match number.unsigned_abs() {
        0..100_000_000_000 => EpochUnit::Seconds,
        100_000_000_000..100_000_000_000_000 => EpochUnit::Millis,
        100_000_000_000_000..100_000_000_000_000_000 => EpochUnit::Micros,
        _ => EpochUnit::Nanos,
    }
}

/// Tells day from month by a part above twelve.
fn learn_order(samples: &[&[u8]]) -> Result<DateOrder, Phrase> {
    let (mut numeric, mut first_above, mut second_above) = (false, false, false);
    for cell in samples {
        let cell = cell.trim_ascii();
        let Some((first, rest)) = digits(cell) else {
            continue;
        };
        let width = cell.len() - rest.len();
        if width > 2 || !matches!(rest.first(), Some(b'/' | b'-' | b'.')) {
            continue;
        }
        let Some((second, after)) = digits(&rest[1..]) else {
            continue;
        };
        if after.first() != rest.first() {
            continue;
        }
        numeric = true;
        first_above |= first > 12;
        second_above |= second > 12;
    }
    match (numeric, first_above, second_above) {
        (false, ..) => Ok(DateOrder::Ymd),
        (true, true, false) => Ok(DateOrder::Dmy),
        (true, false, true) => Ok(DateOrder::Mdy),
        (true, false, false) => Err(phrase!(
            "day and month cannot be told apart; give --date-order dmy or --date-order mdy",
            "일과 월을 구별할 수 없습니다. --date-order dmy 또는 --date-order mdy를 지정하세요"
        )),
        (true, true, true) => Err(phrase!(
            "dates of two orders are mixed; write all of them year first",
            "날짜 순서가 섞여 있습니다. 모두 연도부터 적으세요"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Nanos;
    use proptest::prelude::*;
    use rstest::rstest;

    fn read(text: &str, order: DateOrder) -> Option<String> {
        let spec = ImportSpec {
            date_order: Detect::Given(order),
            ..ImportSpec::default()
        };
        let reader = TimeReader::learn(&[], &spec).unwrap();
        reader
            .read(text.as_bytes())
            .map(|(nanos, _)| Nanos(nanos).to_string())
    }

    #[rstest]
    #[case::unix_s("1640995200", "2022-01-01T00:00:00Z")]
    #[case::unix_ms("1640995200000", "2022-01-01T00:00:00Z")]
    #[case::unix_us("1735689600000000", "2025-01-01T00:00:00Z")]
    #[case::unix_ns("1640995200000000000", "2022-01-01T00:00:00Z")]
    #[case::unix_float("1546300800.0", "2019-01-01T00:00:00Z")]
    #[case::unix_float_ms("1.6792704E12", "2023-03-20T00:00:00Z")]
    #[case::old_ms("631238400000", "1990-01-02T00:00:00Z")]
    #[case::iso_date("2024-01-31", "2024-01-31T00:00:00Z")]
    #[case::iso("2024-01-31 05:06:07", "2024-01-31T05:06:07Z")]
    #[case::iso_t("2024-01-31T05:06:07.25", "2024-01-31T05:06:07.25Z")]
    #[case::iso_zone("2024-01-31T05:06:07+09:00", "2024-01-30T20:06:07Z")]
    #[case::iso_zone_plain("2024-01-31 05:06:07-0500", "2024-01-31T10:06:07Z")]
    #[case::utc_word("2024-01-31 05:06:07 UTC", "2024-01-31T05:06:07Z")]
    #[case::slashes("2024/1/5 5:06", "2024-01-05T05:06:00Z")]
    #[case::mt5("2012.02.01 00:05", "2012-02-01T00:05:00Z")]
    #[case::histdata("20120201 000500", "2012-02-01T00:05:00Z")]
    #[case::compact("20120201", "2012-02-01T00:00:00Z")]
    #[case::compact_minutes("201202010005", "2012-02-01T00:05:00Z")]
    #[case::compact_seconds("20120201000507", "2012-02-01T00:05:07Z")]
    #[case::hour_noon("2019-11-17 12-PM", "2019-11-17T12:00:00Z")]
    #[case::hour_night("2019-11-17 12-AM", "2019-11-17T00:00:00Z")]
    #[case::twelve_hours("2019-11-17 05:30:00 PM", "2019-11-17T17:30:00Z")]
    #[case::month_first("Jan 05, 2024", "2024-01-05T00:00:00Z")]
    #[case::month_middle("05-Jan-2024", "2024-01-05T00:00:00Z")]
    #[case::dukascopy("05.01.2024 01:00:00.000", "2024-01-05T01:00:00Z")]
    fn times_are_read(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(read(text, DateOrder::Dmy).as_deref(), Some(expected));
    }

    #[rstest]
    #[case("2024-02-30")]
    #[case("2024-13-01")]
    #[case("2024-01-01 24:00")]
    #[case("2024-01-01 10:61")]
    #[case("2024-01-01 10:00 EST")]
    #[case("yesterday")]
    #[case("")]
    #[case("NaN")]
    fn nonsense_is_refused(#[case] text: &str) {
        assert_eq!(read(text, DateOrder::Ymd), None);
    }

    #[rstest]
    #[case(&["31/01/2024", "01/02/2024"], Ok(DateOrder::Dmy))]
    #[case(&["01/02/2024", "01/31/2024"], Ok(DateOrder::Mdy))]
    #[case(&["2024-01-02"], Ok(DateOrder::Ymd))]
    #[case(&["01/02/2024", "02/02/2024"], Err(()))]
    #[case(&["31/01/2024", "01/31/2024"], Err(()))]
    fn date_order_is_learnt_or_asked_for(
        #[case] samples: &[&str],
        #[case] expected: Result<DateOrder, ()>,
    ) {
        let samples: Vec<&[u8]> = samples.iter().map(|text| text.as_bytes()).collect();
        let learnt = learn_order(&samples);
        assert_eq!(learnt.map_err(|_| ()), expected);
    }

    #[test]
    fn local_midnights_are_dates() {
        let cells = ["2024-03-08 00:00:00-05:00", "2024-03-11 00:00:00-04:00"];
        let samples = cells.map(str::as_bytes);
        let reader = TimeReader::learn(&samples, &ImportSpec::default()).unwrap();
        assert!(reader.local_dates);
        let (nanos, _) = reader.read(cells[1].as_bytes()).unwrap();
        assert_eq!(Nanos(nanos).to_string(), "2024-03-11T00:00:00Z");
        assert_eq!(reader.read(b"2024-03-12 01:00:00-04:00"), None);
    }

    proptest! {
        #[test]
        fn equal_to_jiff(nanos in -2_000_000_000_000_000_000_i64..4_000_000_000_000_000_000) {
            let text = Nanos(nanos).to_string();
            let reader = TimeReader::learn(&[], &ImportSpec::default()).unwrap();
            prop_assert_eq!(reader.read(text.as_bytes()), Some((nanos, Basis::Offset(0))));
        }
    }
}
