//! Numbers as people's exports write them.
//!
//! The common form (`-?digits[.digits]`) is read without looking at it twice; everything else goes
//! through the slow path. Both give the nearest `f64`, as `str::parse` does.

use crate::spec::Decimal;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A number; may be NaN or infinite where the text says so.
    Number(f64),
    /// Nothing, or a word for nothing.
    Missing,
    /// Something else.
    Text,
}

/// Powers of ten that are exact in `f64`.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Reads one cell.
#[inline]
pub(crate) fn read(cell: &[u8], decimal: Decimal) -> Cell {
    let mark = match decimal {
        Decimal::Point => b'.',
        Decimal::Comma => b',',
    };
    let (negative, digits) = match cell.first() {
        Some(b'-') => (true, &cell[1..]),
        Some(_) => (false, cell),
        None => return Cell::Missing,
    };
    let mut mantissa = 0_u64;
    let mut fraction = 0_usize;
    let mut marks = 0_usize;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            fraction += marks;
        } else if byte == mark && marks == 0 {
            marks = 1;
        } else {
            return read_slow(cell, decimal);
        }
    }
    let count = digits.len() - marks;
    // With an exact mantissa and an exact power of ten one division rounds once (Clinger 1990).
    if count == 0 || count > 19 || mantissa > 1 << 53 {
        return read_slow(cell, decimal);
    }
    let value = mantissa as f64 / POWERS[fraction];
    Cell::Number(if negative { -value } else { value })
}

#[cold]
fn read_slow(cell: &[u8], decimal: Decimal) -> Cell {
    let Ok(text) = std::str::from_utf8(cell) else {
        return Cell::Text;
    };
    let text = text.trim().trim_start_matches('$').trim_end_matches('%');
    if is_nothing(text) {
        return Cell::Missing;
    }
    let (text, scale) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 1e3),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 1e6),
        Some(b'B' | b'b') => (&text[..text.len() - 1], 1e9),
        _ => (text, 1.0),
    };
    let plain = match decimal {
        Decimal::Point => ungrouped(text, ',', '.'),
        Decimal::Comma => ungrouped(text, '.', ',').map(|text| text.replace(',', ".")),
    };
    match plain.and_then(|text| text.parse::<f64>().ok()) {
        Some(value) => Cell::Number(value * scale),
        None => Cell::Text,
    }
}

/// Removes thousands separators, which must stand in front of groups of exactly three digits.
fn ungrouped(text: &str, separator: char, mark: char) -> Option<String> {
    let (whole, rest) = match text.find(mark) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let grouped = whole.len() > first.len();
    if grouped && !(1..=3).contains(&first.trim_start_matches('-').len())
        || groups.any(|group| group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    Some(whole.replace(separator, "") + rest)
}

fn is_nothing(text: &str) -> bool {
    const WORDS: [&str; 8] = ["", "-", ".", "null", "none", "na", "n/a", "<na>"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("46216.93", 46_216.93)]
    #[case("-0.5", -0.5)]
    #[case("00012.5000", 12.5)]
    #[case("1e-7", 1e-7)]
    #[case("1.6792704E12", 1.679_270_4e12)]
    #[case("123456789012345678901234.5", 123_456_789_012_345_678_901_234.5)]
    #[case(".5", 0.5)]
    #[case("5.", 5.0)]
    #[case(" 7 ", 7.0)]
    #[case("1,234,567.5", 1_234_567.5)]
    #[case("$189.30", 189.30)]
    #[case("89.72K", 89_720.0)]
    #[case("1.5M", 1_500_000.0)]
    fn numbers_are_read(#[case] text: &str, #[case] expected: f64) {
        assert_eq!(
            read(text.as_bytes(), Decimal::Point),
            Cell::Number(expected)
        );
    }

    #[rstest]
    #[case("1,5", 1.5)]
    #[case("1.234,50", 1_234.5)]
    #[case("-1.234.567,25", -1_234_567.25)]
    fn decimal_commas_are_read(#[case] text: &str, #[case] expected: f64) {
        assert_eq!(
            read(text.as_bytes(), Decimal::Comma),
            Cell::Number(expected)
        );
    }

    #[rstest]
    #[case("", Cell::Missing)]
    #[case("null", Cell::Missing)]
    #[case("N/A", Cell::Missing)]
    #[case(".", Cell::Missing)]
    #[case("abc", Cell::Text)]
    #[case("12a", Cell::Text)]
    #[case("1.2.3", Cell::Text)]
    #[case("1,23,4", Cell::Text)]
    #[case("1234,567", Cell::Text)]
    #[case("--5", Cell::Text)]
    #[case("0x10", Cell::Text)]
    fn the_rest_is_told_apart(#[case] text: &str, #[case] expected: Cell) {
        assert_eq!(read(text.as_bytes(), Decimal::Point), expected);
    }

    #[test]
    fn nan_and_infinity_are_numbers_that_the_row_check_refuses() {
        assert!(matches!(read(b"NaN", Decimal::Point), Cell::Number(x) if x.is_nan()));
        assert_eq!(read(b"inf", Decimal::Point), Cell::Number(f64::INFINITY));
    }

    proptest! {
        #[test]
        fn equal_to_the_standard_library(value in proptest::num::f64::NORMAL) {
            let text = value.to_string();
            prop_assert_eq!(read(text.as_bytes(), Decimal::Point), Cell::Number(value));
        }

        #[test]
        fn equal_to_the_standard_library_on_prices(whole in 0_u64..10_000_000, part in 0_u64..100_000_000) {
            let text = format!("{whole}.{part:08}");
            let expected: f64 = text.parse().unwrap();
            prop_assert_eq!(read(text.as_bytes(), Decimal::Point), Cell::Number(expected));
        }
    }
}
