//! Parses civil dates and times of every common form: ISO, compact, day or month first, month
//! names, 12-hour clocks, offsets from UTC.

use crate::spec::DateOrder;

const SECOND: i64 = 1_000_000_000;

/// A civil date and time as written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) nanos_of_day: i64,
    pub(crate) offset: Option<i32>,
}

/// Parses `date[ time[ zone]]`.
pub(crate) fn civil(text: &[u8], order: DateOrder) -> Option<Civil> {
    let (mut time, rest) = date(text, order)?;
    let rest = skip(rest, |byte| {
        matches!(byte, b' ' | b'T' | b't' | b',' | b'_')
    });
    if rest.is_empty() {
        return (1..=12)
            .contains(&time.month)
            .then_some(time)
            .filter(valid_date);
    }
    let (nanos, rest) = clock(rest)?;
    time.nanos_of_day = nanos;
    let rest = rest.trim_ascii();
    time.offset = match rest {
        b"" => None,
        rest => Some(offset(rest)?),
    };
    Some(time).filter(valid_date)
}

fn date(text: &[u8], order: DateOrder) -> Option<(Civil, &[u8])> {
    let make = |year: i64, month: i64, day: i64| Civil {
        year,
        month,
        day,
        ..Civil::default()
    };
    if let Some((month, rest)) = month_name(text) {
        // Jan 05, 2024
        let (day, rest) = digits(skip(rest, |byte| matches!(byte, b' ' | b'.')))?;
        let (year, rest) = digits(skip(rest, |byte| matches!(byte, b' ' | b',')))?;
        return Some((make(year, month, day), rest));
    }
    let (first, rest) = digits(text)?;
    let width = text.len() - rest.len();
    if width >= 8 {
        return compact(text, width);
    }
    let separator = *rest.first()?;
    if !matches!(separator, b'-' | b'/' | b'.' | b' ') {
        return None;
    }
    if let Some((month, after)) = month_name(&rest[1..]) {
        // 05 Jan 2024, 05-Jan-2024
        let (year, after) = digits(skip(after, |byte| {
            matches!(byte, b' ' | b'-' | b'/' | b'.')
        }))?;
        return Some((make(year, month, first), after));
    }
    if separator == b' ' {
        return None;
    }
    let (second, after) = digits(&rest[1..])?;
    if after.first() != Some(&separator) {
        return None;
    }
    let (third, after) = digits(&after[1..])?;
    let civil = match (width, order) {
        (4, _) => make(first, second, third),
        (1 | 2, DateOrder::Dmy) => make(third, second, first),
        (1 | 2, DateOrder::Mdy) => make(third, first, second),
        _ => return None,
    };
    Some((civil, after))
}

/// Parses `yyyymmdd`, `yyyymmddhhmm` and `yyyymmddhhmmss` of this and the last century.
fn compact(text: &[u8], width: usize) -> Option<(Civil, &[u8])> {
    let part = |range: std::ops::Range<usize>| digits(&text[range]).map(|(value, _)| value);
    let civil = Civil {
        year: part(0..4)?,
        month: part(4..6)?,
        day: part(6..8)?,
        ..Civil::default()
    };
    if !(1900..2100).contains(&civil.year) || !valid_date(&civil) {
        return None;
    }
    let nanos_of_day = match width {
        8 => 0,
        12 => day_nanos(part(8..10)?, part(10..12)?, 0)?,
        14 => day_nanos(part(8..10)?, part(10..12)?, part(12..14)?)?,
        _ => return None,
    };
    Some((
        Civil {
            nanos_of_day,
            ..civil
        },
        &text[width..],
    ))
}

/// Parses `hh[:mm[:ss[.fraction]]]` or `hhmm[ss]`, with AM or PM; returns nanoseconds of the day.
fn clock(text: &[u8]) -> Option<(i64, &[u8])> {
    let (first, mut rest) = digits(text)?;
    let width = text.len() - rest.len();
    let (mut hour, mut minute, mut second) = match width {
        1 | 2 => (first, 0, 0),
        4 => (first / 100, first % 100, 0),
        6 => (first / 10_000, first / 100 % 100, first % 100),
        _ => return None,
    };
    let mut fraction = 0;
    if width <= 2 && rest.first() == Some(&b':') {
        (minute, rest) = digits(&rest[1..])?;
        if rest.first() == Some(&b':') {
            (second, rest) = digits(&rest[1..])?;
        }
    }
    if matches!(rest.first(), Some(b'.')) {
        let (_, after) = digits(&rest[1..])?;
        let shown = &rest[1..rest.len() - after.len()];
        fraction = (0..9).fold(0, |sum, at| {
            sum * 10 + shown.get(at).map_or(0, |byte| i64::from(byte - b'0'))
        });
        rest = after;
    }
    let marker = skip(rest, |byte| matches!(byte, b' ' | b'-'));
    if marker.len() >= 2 && marker[1].eq_ignore_ascii_case(&b'm') {
        let afternoon = match marker[0].to_ascii_lowercase() {
            b'a' => 0,
            b'p' => 12,
            _ => return None,
        };
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + afternoon;
        rest = &marker[2..];
    }
    Some((day_nanos(hour, minute, second)? + fraction, rest))
}

fn day_nanos(hour: i64, minute: i64, second: i64) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60)
        .then_some((hour * 3_600 + minute * 60 + second) * SECOND)
}

/// Parses `Z`, `UTC`, `GMT`, `±hh`, `±hhmm` and `±hh:mm`; returns seconds east.
pub(crate) fn offset(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii();
    if [&b"z"[..], b"utc", b"gmt"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(text))
    {
        return Some(0);
    }
    let sign = match text.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (first, rest) = digits(&text[1..])?;
    let width = text.len() - 1 - rest.len();
    let (hours, minutes) = match (width, rest) {
        (1 | 2, b"") => (first, 0),
        (4, b"") => (first / 100, first % 100),
        (1 | 2, [b':', after @ ..]) => match digits(after)? {
            (minutes, b"") => (first, minutes),
            _ => return None,
        },
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60) as i32)
}

/// Returns the days from 1970-01-01 to a date of the Gregorian calendar (Hinnant 2013).
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn valid_date(date: &Civil) -> bool {
    let leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    let length = match date.month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1700..2262).contains(&date.year) && (1..=length).contains(&date.day)
}

fn month_name(text: &[u8]) -> Option<(i64, &[u8])> {
    const NAMES: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let head = text.get(..3)?;
    let month = NAMES
        .iter()
        .position(|name| name.eq_ignore_ascii_case(head))?;
    let rest = skip(&text[3..], |byte| byte.is_ascii_alphabetic());
    Some((month as i64 + 1, rest))
}

/// Reads leading digits, at most eighteen.
pub(crate) fn digits(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    if end == 0 || end > 18 {
        return None;
    }
    let value = text[..end]
        .iter()
        .fold(0_i64, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    Some((value, &text[end..]))
}

fn skip(text: &[u8], mut belongs: impl FnMut(u8) -> bool) -> &[u8] {
    let start = text
        .iter()
        .position(|byte| !belongs(*byte))
        .unwrap_or(text.len());
    &text[start..]
}
