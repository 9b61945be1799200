//! Going to a time: the one that a person types, and those that loggers write in front of lines.
//!
//! Times are compared as the log writes them, without knowing its zone. Start at [`Moment::parse`].

use crate::{Lines, LogError, shown::plain};

/// Bytes of a line among which its time is looked for.
const HEAD: usize = 64;
/// Bytes looked through for a line with a time.
const FURTHEST: u64 = 4 << 20;

/// Year, month, day, hour, minute and second, as a log writes them.
pub type Stamp = [u16; 6];

/// What a person typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A day and a time on it.
    On(Stamp),
    /// Hour, minute and second; the latest day of the log on which it was so late.
    At([u16; 3]),
}

impl Moment {
    /// Reads `14:30`, `14:30:05`, `2026-11-26`, or a day and a time.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut parts = typed.trim().splitn(2, [' ', 'T']);
        let first = parts.next()?;
        let rest = parts.next().map(str::trim);
        match (day(first), rest) {
            (Some([year, month, day]), time) => {
                let [hour, minute, second] = match time {
                    None => [0; 3],
                    Some(time) => self::time(time)?,
                };
                Some(Self::On([year, month, day, hour, minute, second]))
            }
            (None, None) => time(first).map(Self::At),
            (None, Some(_)) => None,
        }
    }

    /// Returns where the first line begins that was written then or later; `None` where no line
    /// says when it was written. The log's length stands for after its last line.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn find(self, lines: Lines<'_>) -> Result<Option<u64>, LogError> {
        let wanted = match self {
            Self::On(stamp) => stamp,
            Self::At([hour, minute, second]) => {
                let Some(last) = last_stamp(lines)? else {
                    return Ok(None);
                };
                let [year, month, day, ..] = last;
                let on = |[year, month, day]: [u16; 3]| [year, month, day, hour, minute, second];
                let that_day = on([year, month, day]);
                if that_day <= last {
                    that_day
                } else {
                    on(day_before([year, month, day]))
                }
            }
        };
        let (mut low, mut high) = (0, lines.length());
        let (mut found, mut any) = (lines.length(), false);
        while low < high {
            let start = lines.start_of(low + (high - low) / 2)?.max(low);
            match stamped(lines, start, high)? {
                Some((at, stamp)) if stamp < wanted => {
                    any = true;
                    low = lines.end_of(at)? + 1;
                }
                Some((at, _)) => {
                    any = true;
                    (found, high) = (at, start);
                }
                None => high = start,
            }
        }
        Ok(any.then_some(found))
    }
}

/// Returns the first line from `start` on, before `high`, that says when it was written.
fn stamped(lines: Lines<'_>, start: u64, high: u64) -> Result<Option<(u64, Stamp)>, LogError> {
    let high = high.min(start.saturating_add(FURTHEST));
    let mut bytes = Vec::new();
    let mut next = Some(start);
    while let Some(at) = next.filter(|at| *at < high) {
        lines.log.read(at, HEAD, &mut bytes)?;
        if let Some(stamp) = stamp(&bytes) {
            return Ok(Some((at, stamp)));
        }
        next = lines.next(at)?;
    }
    Ok(None)
}

fn last_stamp(lines: Lines<'_>) -> Result<Option<Stamp>, LogError> {
    let floor = lines.length().saturating_sub(FURTHEST);
    let mut bytes = Vec::new();
    let mut next = lines.previous(lines.length())?;
    while let Some(at) = next.filter(|at| *at >= floor) {
        lines.log.read(at, HEAD, &mut bytes)?;
        if let Some(stamp) = stamp(&bytes) {
            return Ok(Some(stamp));
        }
        next = lines.previous(at)?;
    }
    Ok(None)
}

/// Reads the time in front of a line, e.g. `2026-11-26T14:30:05.123Z` or `2026-11-26 14:30:05`.
#[must_use]
pub fn stamp(line: &[u8]) -> Option<Stamp> {
    let line = line.split(|byte| *byte == b'\n').next()?;
    let line = plain(&line[..line.len().min(HEAD)]);
    let text = String::from_utf8_lossy(&line);
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let text = &text[at..];
    let ([year, month, day], separator) = (day(text.get(..10)?)?, *text.as_bytes().get(10)?);
    let [hour, minute, second] = time(text.get(11..19)?)?;
    let separates = matches!(separator, b'T' | b' ');
    separates.then_some([year, month, day, hour, minute, second])
}

fn day(text: &str) -> Option<[u16; 3]> {
    let [year, month, day] = numbers::<3>(text, '-')?;
    let fits = text.len() >= 8 && (1..=12).contains(&month) && (1..=31).contains(&day);
    fits.then_some([year, month, day])
}

fn time(text: &str) -> Option<[u16; 3]> {
    let parts = numbers::<3>(text, ':').or_else(|| {
        let [hour, minute] = numbers::<2>(text, ':')?;
        Some([hour, minute, 0])
    })?;
    let [hour, minute, second] = parts;
    (hour < 24 && minute < 60 && second < 61).then_some(parts)
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[u16; N]> {
    let number = |part: &str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| digits)
    };
    let parts: Option<Vec<u16>> = text.split(separator).map(number).collect();
    parts?.try_into().ok()
}

fn day_before([year, month, day]: [u16; 3]) -> [u16; 3] {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match (month, day) {
        (1, 1) => [year.saturating_sub(1), 12, 31],
        (3, 1) => [year, 2, if leap { 29 } else { 28 }],
        (5 | 7 | 10 | 12, 1) => [year, month - 1, 30],
        (_, 1) => [year, month - 1, 31],
        _ => [year, month, day - 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("14:30", Some(Moment::At([14, 30, 0])))]
    #[case(" 9:05:07 ", Some(Moment::At([9, 5, 7])))]
    #[case("2026-11-26", Some(Moment::On([2026, 11, 26, 0, 0, 0])))]
    #[case("2026-11-26 14:30", Some(Moment::On([2026, 11, 26, 14, 30, 0])))]
    #[case("2026-11-26T14:30:05", Some(Moment::On([2026, 11, 26, 14, 30, 5])))]
    #[case("25:00", None)]
    #[case("2026-13-01", None)]
    #[case("14", None)]
    #[case("14:30 2026-11-26", None)]
    #[case("", None)]
    fn typed_times_are_read(#[case] typed: &str, #[case] moment: Option<Moment>) {
        assert_eq!(Moment::parse(typed), moment);
    }

    #[rstest]
    #[case("2026-11-26T14:30:05.123456Z  INFO x", Some([2026, 11, 26, 14, 30, 5]))]
    #[case("[2026-11-26 14:30:05] x", Some([2026, 11, 26, 14, 30, 5]))]
    #[case("\x1b[2m2026-11-26T14:30:05Z\x1b[0m", Some([2026, 11, 26, 14, 30, 5]))]
    #[case("2026-11-26", None)]
    #[case("step 5 of 2026", None)]
    #[case("", None)]
    fn written_times_are_read(#[case] line: &str, #[case] expected: Option<Stamp>) {
        assert_eq!(stamp(line.as_bytes()), expected);
    }

    #[rstest]
    #[case([2026, 3, 1], [2026, 2, 28])]
    #[case([2028, 3, 1], [2028, 2, 29])]
    #[case([2026, 1, 1], [2025, 12, 31])]
    #[case([2026, 12, 1], [2026, 11, 30])]
    #[case([2026, 8, 1], [2026, 7, 31])]
    #[case([2026, 8, 9], [2026, 8, 8])]
    fn days_go_back(#[case] day: [u16; 3], #[case] before: [u16; 3]) {
        assert_eq!(day_before(day), before);
    }
}
