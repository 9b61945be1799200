//! Numbers as a reader of learning curves wants them: few digits, no surprises.

use report::axis;

/// What stands where there is no number.
pub const NONE: &str = "-";

/// Formats seconds as `42s`, `3m10s`, `2h05m`, `3d04h`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NONE.to_owned();
    }
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{whole}s"),
        60..3_600 => format!("{}m{:02}s", whole / 60, whole % 60),
        3_600..86_400 => format!("{}h{:02}m", whole / 3_600, whole / 60 % 60),
        _ => format!("{}d{:02}h", whole / 86_400, whole / 3_600 % 24),
    }
}

/// Formats a figure with about four significant places.
#[must_use]
pub fn figure(value: f64) -> String {
    // Negative zero is no figure that anyone reads.
    let value = value + 0.0;
    match value.abs() {
        _ if value.is_nan() => "NaN".to_owned(),
        magnitude if magnitude.is_infinite() => format!("{value}"),
        magnitude if magnitude >= 1e12 => format!("{value:.2e}"),
        magnitude if magnitude >= 10_000.0 => axis::count(value),
        magnitude if magnitude >= 100.0 => format!("{value:.1}"),
        magnitude if magnitude >= 1.0 => format!("{value:.3}"),
        magnitude if magnitude >= 1e-3 || magnitude <= 0.0 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

/// Formats a count compactly: 950, 12k, 2.5M.
#[must_use]
pub fn count(value: u64) -> String {
    axis::count(value as f64)
}

/// Formats a length in bytes as `812 B`, `3.4 kB`, `1.2 GB`.
#[must_use]
pub fn bytes(length: u64) -> String {
    match length {
        0..1_000 => format!("{length} B"),
        1_000..1_000_000 => format!("{:.1} kB", length as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", length as f64 / 1e6),
        _ => format!("{:.1} GB", length as f64 / 1e9),
    }
}

/// Formats a fraction as per cent with one decimal.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if share.abs() < 0.0005 {
        "0.0%".to_owned()
    } else if percent.is_finite() {
        format!("{percent:.1}%")
    } else {
        NONE.to_owned()
    }
}

/// Formats a fraction as per cent with its sign.
#[must_use]
pub fn signed_percent(share: f64) -> String {
    let percent = share * 100.0;
    if share.abs() < 0.0005 {
        "0.0%".to_owned()
    } else if percent.is_finite() {
        format!("{percent:+.1}%")
    } else {
        NONE.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, "0.0000")]
    #[case(-0.0, "0.0000")]
    #[case(3e-5, "3.0e-5")]
    #[case(1.5, "1.500")]
    #[case(2_500_000.0, "2.5M")]
    #[case(1e300, "1.00e300")]
    #[case(f64::NAN, "NaN")]
    #[case(f64::NEG_INFINITY, "-inf")]
    fn figures_are_short(#[case] value: f64, #[case] expected: &str) {
        assert_eq!(figure(value), expected);
    }
}
