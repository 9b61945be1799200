//! How commands print: tables, JSON, durations; data to standard output, all else to standard
//! error. A closed pipe ends the program quietly.

use super::failure::Failure;
use serde::Serialize;
use std::io::{self, Write};

/// Writes `text` to standard output.
///
/// # Errors
/// The operating system's error, other than a closed pipe.
pub fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes `value` as indented JSON to standard output.
///
/// # Errors
/// As [`print`].
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    print(&(text + "\n"))
}

/// Writes `value` as one line of JSON to standard output.
///
/// # Errors
/// As [`print`].
pub fn print_json_line(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(io::Error::other)?;
    print(&(text + "\n"))
}

/// Returns how many cells `text` takes; Hangul and other wide letters take two.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFF00..=0xFF60)
}

/// Aligns `rows` below `head`; the last column is not padded.
#[must_use]
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let columns = head.len();
    let mut widths: Vec<usize> = head.iter().map(|title| width(title)).collect();
    for row in rows {
        for (column, cell) in row.iter().enumerate().take(columns) {
            widths[column] = widths[column].max(width(cell));
        }
    }
    let mut text = String::new();
    let head: Vec<String> = head.iter().map(|title| (*title).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate().take(columns) {
            line.push_str(cell);
            if column + 1 < columns {
                line.push_str(&" ".repeat(widths[column] - width(cell) + 2));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Formats seconds as `42s`, `3m10s`, `2h05m`, `3d04h`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{whole}s"),
        60..3_600 => format!("{}m{:02}s", whole / 60, whole % 60),
        3_600..86_400 => format!("{}h{:02}m", whole / 3_600, whole / 60 % 60),
        _ => format!("{}d{:02}h", whole / 86_400, whole / 3_600 % 24),
    }
}

/// Formats a moment as `2026-01-31 23:59:59`, UTC.
#[must_use]
pub fn moment(at: domain::Nanos) -> String {
    let whole = at.to_string();
    let seconds = whole.split(['.', 'Z']).next().unwrap_or(&whole);
    seconds.replace('T', " ")
}

/// Formats a figure with four significant places.
#[must_use]
pub fn figure(value: f64) -> String {
    match value.abs() {
        magnitude if !magnitude.is_finite() => "–".to_owned(),
        magnitude if magnitude >= 10_000.0 => report::axis::count(value),
        magnitude if magnitude >= 100.0 => format!("{value:.1}"),
        magnitude if magnitude >= 1.0 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(4.4, "4s")]
    #[case(190.0, "3m10s")]
    #[case(7_500.0, "2h05m")]
    #[case(275_000.0, "3d04h")]
    fn durations_are_short(#[case] seconds: f64, #[case] expected: &str) {
        assert_eq!(duration(seconds), expected);
    }

    #[test]
    fn columns_align_under_hangul() {
        let rows = vec![
            vec!["학습".into(), "1".into()],
            vec!["ab".into(), "2".into()],
        ];
        let text = table(&["이름", "n"], &rows);
        let starts: Vec<usize> = text
            .lines()
            .map(|line| width(&line[..line.char_indices().next_back().map_or(0, |last| last.0)]))
            .collect();
        assert!(starts.iter().all(|start| *start == starts[0]), "{text}");
    }
}
