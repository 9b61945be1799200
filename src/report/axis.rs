//! Where an axis has its ticks and how their labels read.
//!
//! Ticks lie on 1-2-5 × 10ᵏ for numbers and on calendar steps for time, so that a picture of the
//! same data always looks the same.

use domain::{Nanos, time::SECOND};

/// What the values of an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Plain numbers.
    Number,
    /// Fractions shown as per cent.
    Percent,
    /// Nanoseconds UTC, shown as dates.
    Time,
    /// Large counts, shown as 10k, 2.5M.
    Count,
}

/// Returns about `wanted` round tick positions within `[low, high]`.
#[must_use]
pub fn ticks(low: f64, high: f64, wanted: usize, unit: Unit) -> Vec<f64> {
    let span = high - low;
    if !(span.is_finite() && span > 0.0) || wanted == 0 {
        return Vec::new();
    }
    if unit == Unit::Time {
        return time_ticks(low, high, wanted);
    }
    let step = nice_step(span / wanted as f64);
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first) as usize + 1;
    (0..count.min(64))
        .map(|index| (first + index as f64) * step)
        .collect()
}

/// Returns the smallest of 1, 2, 5 × 10ᵏ that is at least `raw`.
#[must_use]
pub fn nice_step(raw: f64) -> f64 {
    let magnitude = 10_f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|m| m * magnitude)
        .find(|step| *step >= raw * 0.999_999)
        .unwrap_or(10.0 * magnitude)
}

/// Returns `[low, high]` widened to round numbers with a little room; a flat range is opened.
#[must_use]
pub fn widen(low: f64, high: f64) -> (f64, f64) {
    if !(low.is_finite() && high.is_finite()) {
        return (0.0, 1.0);
    }
    let span = high - low;
    if span <= f64::EPSILON * high.abs().max(1.0) {
        let room = if high.abs() > 0.0 {
            high.abs() * 0.05
        } else {
            1.0
        };
        return (low - room, high + room);
    }
    (low - span * 0.04, high + span * 0.04)
}

/// Formats a tick of an axis whose ticks are `step` apart.
#[must_use]
pub fn label(value: f64, step: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{}%", plain(value * 100.0, step * 100.0)),
        Unit::Number => plain(value, step),
        Unit::Count => count(value),
        Unit::Time => {
            let date = Nanos(value as i64).date();
            if step >= 300.0 * 86_400.0 * SECOND as f64 {
                date[..4].to_owned()
            } else if step >= 25.0 * 86_400.0 * SECOND as f64 {
                date[..7].to_owned()
            } else {
                date
            }
        }
    }
}

/// Formats a count compactly: 950, 12k, 2.5M.
#[must_use]
pub fn count(value: f64) -> String {
    let (scaled, suffix) = match value.abs() {
        magnitude if magnitude >= 1e9 => (value / 1e9, "G"),
        magnitude if magnitude >= 1e6 => (value / 1e6, "M"),
        magnitude if magnitude >= 1e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = format!("{scaled:.1}");
    format!("{}{suffix}", text.strip_suffix(".0").unwrap_or(&text))
}

fn plain(value: f64, step: f64) -> String {
    let decimals = if step > 0.0 {
        (-step.log10().floor()).clamp(0.0, 8.0) as usize
    } else {
        2
    };
    let value = if value.abs() < step * 1e-9 {
        0.0
    } else {
        value
    };
    format!("{value:.decimals$}")
}

fn time_ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    const DAY: f64 = 86_400.0 * SECOND as f64;
    let raw = (high - low) / wanted as f64;
    if raw >= 20.0 * DAY {
        return month_ticks(low, high, (raw / (30.4 * DAY)).max(1.0));
    }
    let steps = [
        3_600.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 432_000.0, 864_000.0,
    ];
    let step = steps
        .into_iter()
        .map(|s| s * SECOND as f64)
        .find(|s| *s >= raw)
        .unwrap_or(20.0 * DAY);
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first).max(-1.0) as i64 + 1;
    (0..count.min(64))
        .map(|index| (first + index as f64) * step)
        .collect()
}

/// Ticks on the first day of every month, quarter, half year or year.
fn month_ticks(low: f64, high: f64, months: f64) -> Vec<f64> {
    let every = [1, 2, 3, 6, 12, 24, 60, 120]
        .into_iter()
        .find(|m| f64::from(*m) >= months * 0.999)
        .unwrap_or(120);
    let date = Nanos(low as i64).civil().date();
    let mut month = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let mut ticks = Vec::new();
    loop {
        month += 1;
        if month % every != 0 {
            continue;
        }
        let instant = first_of_month(month);
        if instant > high || ticks.len() >= 64 {
            return ticks;
        }
        ticks.push(instant);
    }
}

/// Nanoseconds UTC of the first day of `month`, counted from January of year 0.
fn first_of_month(month: i32) -> f64 {
    let (year, month) = (
        i64::from(month.div_euclid(12)),
        i64::from(month.rem_euclid(12)) + 1,
    );
    // Days from civil (Hinnant 2013).
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) as f64 * 86_400.0 * SECOND as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, 1.0, 5, vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0])]
    #[case(-3.0, 7.0, 5, vec![-2.0, 0.0, 2.0, 4.0, 6.0])]
    fn number_ticks_are_round(
        #[case] low: f64,
        #[case] high: f64,
        #[case] wanted: usize,
        #[case] expected: Vec<f64>,
    ) {
        let found = ticks(low, high, wanted, Unit::Number);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert!(
            found
                .iter()
                .zip(&expected)
                .all(|(a, b)| (a - b).abs() < 1e-12),
            "{found:?}"
        );
    }

    #[test]
    fn time_ticks_fall_on_the_first_of_the_month() {
        let low = Nanos::from_millis(1_672_531_200_000).0 as f64; // 2023-01-01
        let high = Nanos::from_millis(1_704_067_200_000).0 as f64; // 2024-01-01
        let labels: Vec<String> = ticks(low, high, 4, Unit::Time)
            .into_iter()
            .map(|tick| Nanos(tick as i64).date())
            .collect();
        assert_eq!(
            labels,
            ["2023-04-01", "2023-07-01", "2023-10-01", "2024-01-01"]
        );
    }

    #[rstest]
    #[case(0.25, 0.05, Unit::Percent, "25%")]
    #[case(0.125, 0.005, Unit::Percent, "12.5%")]
    #[case(2_500_000.0, 500_000.0, Unit::Count, "2.5M")]
    #[case(0.3, 0.1, Unit::Number, "0.3")]
    #[case(-1e-18, 0.1, Unit::Number, "0.0")]
    fn labels_are_as_short_as_they_can_be(
        #[case] value: f64,
        #[case] step: f64,
        #[case] unit: Unit,
        #[case] expected: &str,
    ) {
        assert_eq!(label(value, step, unit), expected);
    }

    #[test]
    fn a_flat_or_broken_range_has_room() {
        assert!(widen(3.0, 3.0).0 < 3.0 && widen(3.0, 3.0).1 > 3.0);
        assert_eq!(widen(f64::NAN, 1.0), (0.0, 1.0));
        assert!(ticks(1.0, 1.0, 5, Unit::Number).is_empty());
    }
}
