//! How Slurm writes times, durations, counts and trackable resources.

use domain::{Nanos, time::SECOND};
use std::time::Duration;

/// Reads an instant in seconds since the epoch; `None` for `N/A`, `Unknown`, `None` and 0.
#[must_use]
pub fn instant(text: &str) -> Option<Nanos> {
    let seconds: i64 = text.trim().parse().ok()?;
    (seconds > 0)
        .then(|| seconds.checked_mul(SECOND))
        .flatten()
        .map(Nanos)
}

/// Reads `[days-][[hours:]minutes:]seconds`, with or without a fraction; `None` for `UNLIMITED`,
/// `INVALID` and the like.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let (days, clock) = match text.split_once('-') {
        Some((days, clock)) => (days.parse::<u64>().ok()?, clock),
        None => (0, text),
    };
    let clock = clock.split('.').next()?;
    let mut seconds = 0_u64;
    let parts: Vec<&str> = clock.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    for part in parts {
        let part: u64 = part.parse().ok()?;
        seconds = seconds.checked_mul(60)?.checked_add(part)?;
    }
    let days = days.checked_mul(86_400)?;
    Some(Duration::from_secs(days.checked_add(seconds)?))
}

/// Writes a time limit as `days-hours:minutes:seconds`.
#[must_use]
pub fn time_limit(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    format!(
        "{days}-{:02}:{:02}:{:02}",
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}

/// Returns the accelerators in a list such as `cpu=8,gres/gpu=2,gres/gpu:a40=2`.
#[must_use]
pub fn gpus(tres: &str) -> u32 {
    let count = |item: &str| item.rsplit_once('=')?.1.parse::<u32>().ok();
    let whole = tres.split(',').find(|item| item.starts_with("gres/gpu="));
    match whole {
        Some(item) => count(item).unwrap_or(0),
        None => tres
            .split(',')
            .filter(|item| item.starts_with("gres/gpu:"))
            .filter_map(count)
            .sum(),
    }
}

/// Returns the processors in such a list.
#[must_use]
pub fn cpus(tres: &str) -> u32 {
    tres.split(',')
        .find_map(|item| item.strip_prefix("cpu=")?.parse().ok())
        .unwrap_or(0)
}

/// Returns the accelerators of a node by kind, from `gpu:a40:2(S:0-1),gpu:l40s:1` or
/// `gpu:a40:1(IDX:0,2)`; one without a kind is called `gpu`.
#[must_use]
pub fn gres(text: &str) -> Vec<(String, u32)> {
    let mut depth = 0_u32;
    let bare: String = text
        .chars()
        .filter(|c| {
            let inside = depth > 0;
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            !inside && *c != '('
        })
        .collect();
    bare.split(',')
        .filter_map(|item| {
            let mut parts = item.split(':');
            if parts.next()? != "gpu" {
                return None;
            }
            match (parts.next()?, parts.next()) {
                (kind, Some(count)) => Some((kind.to_owned(), count.parse().ok()?)),
                (count, None) => Some(("gpu".to_owned(), count.parse().ok()?)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("0:00", Some(0))]
    #[case("1:05", Some(65))]
    #[case("1:00:00", Some(3_600))]
    #[case("2-03:04:05", Some(183_845))]
    #[case("00:00:01.250", Some(1))]
    #[case("UNLIMITED", None)]
    #[case("INVALID", None)]
    #[case("", None)]
    #[case("1:2:3:4", None)]
    #[case("99999999999999999999-00:00:00", None)]
    fn durations(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(duration(text), seconds.map(Duration::from_secs));
    }

    #[rstest]
    #[case(0, "0-00:00:00")]
    #[case(28_800, "0-08:00:00")]
    #[case(183_845, "2-03:04:05")]
    fn limits_read_back(#[case] seconds: u64, #[case] text: &str) {
        assert_eq!(time_limit(seconds), text);
        assert_eq!(duration(text), Some(Duration::from_secs(seconds)));
    }

    #[rstest]
    #[case("1795630749", Some(1_795_630_749))]
    #[case("N/A", None)]
    #[case("Unknown", None)]
    #[case("0", None)]
    #[case("9223372036854775807", None)]
    fn instants(#[case] text: &str, #[case] seconds: Option<i64>) {
        assert_eq!(instant(text), seconds.map(|s| Nanos(s * SECOND)));
    }

    #[rstest]
    #[case("cpu=1,mem=1000M,node=1,billing=1,gres/gpu=1", 1)]
    #[case("billing=8,cpu=8,gres/gpu:a40=2,gres/gpu=2,mem=1G", 2)]
    #[case("gres/gpu:a40=2,gres/gpu:l40=1", 3)]
    #[case("cpu=4,mem=1G", 0)]
    #[case("", 0)]
    fn accelerators_held(#[case] tres: &str, #[case] count: u32) {
        assert_eq!(gpus(tres), count);
    }

    #[rstest]
    #[case("gpu:a40:2(S:0-1)", &[("a40", 2)])]
    #[case("gpu:a40:1(IDX:0,2),gpu:l40s:3(IDX:1)", &[("a40", 1), ("l40s", 3)])]
    #[case("gpu:4", &[("gpu", 4)])]
    #[case("gpu:0", &[("gpu", 0)])]
    #[case("(null)", &[])]
    #[case("bandwidth:lustre:4M", &[])]
    #[case("gpu:a40", &[])]
    fn accelerators_of_a_node(#[case] text: &str, #[case] expected: &[(&str, u32)]) {
        let expected: Vec<(String, u32)> = expected
            .iter()
            .map(|(k, n)| ((*k).to_owned(), *n))
            .collect();
        assert_eq!(gres(text), expected);
    }
}
