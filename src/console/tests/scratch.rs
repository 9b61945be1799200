//! Curves whose points lie in a file, held to the same ones in memory.

use crate::{
    pyramid::Span,
    scratch::Scratch,
    series::{Axis, Series, Summary},
    smoothing::{Smoothed, Smoothing},
};
use domain::Nanos;
use proptest::prelude::*;
use std::{fs::File, path::PathBuf, sync::Arc};

const AXES: [Axis; 3] = [Axis::EnvSteps, Axis::Time, Axis::Updates];

/// Neighbouring points: how many, how far apart at most in steps and in seconds, whether all are
/// gaps, and what they are drawn from.
type Stretch = (usize, u64, u64, bool, u64);

fn stretch() -> impl Strategy<Value = Stretch> {
    let count = prop_oneof![2 => 1..60_usize, 2 => 60..2_000_usize, 1 => 1_020..5_000_usize];
    let apart = || prop_oneof![2 => Just(0_u64), 4 => 1..9_u64, 1 => Just(10_000_u64)];
    (
        count,
        apart(),
        apart(),
        prop::bool::weighted(0.2),
        1..u64::MAX,
    )
}

fn push(series: &mut Series, stretches: &[Stretch]) {
    let last = series.len().checked_sub(1);
    let (mut step, mut second) = last.map_or((0.0, 0.0), |last| {
        (series.x(Axis::EnvSteps, last), series.x(Axis::Time, last))
    });
    for (count, steps, seconds, is_gap, noise) in stretches {
        let mut noise = *noise;
        for _ in 0..*count {
            // Xorshift64 (Marsaglia 2003).
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            step += match steps {
                // Evenly spaced.
                9.. => *steps as f64,
                _ => (noise % (steps + 1)) as f64,
            };
            second += ((noise >> 20) % (seconds + 1)) as f64;
            let value = match noise % 60 {
                _ if *is_gap => f64::NAN,
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => f64::NEG_INFINITY,
                3 => 1e300,
                _ => (noise >> 11) as f64 / (1_u64 << 53) as f64 - 0.5,
            };
            series.push_at(step, second, value);
        }
    }
}

fn bits(summary: &Summary) -> (u64, u64, Span, usize) {
    let Summary {
        first,
        last,
        span,
        count,
    } = *summary;
    (first.to_bits(), last.to_bits(), span, count)
}

/// Asks both curves the same; `looks` are windows (shares of the axis) and their columns.
fn hold(away: &Series, here: &Series, looks: &[(f64, f64, usize)]) -> Result<(), TestCaseError> {
    prop_assert_eq!(away.len(), here.len());
    prop_assert!(away == here);
    prop_assert_eq!(away.last().map(f64::to_bits), here.last().map(f64::to_bits));
    let len = here.len();
    for axis in AXES {
        let whole = (here.x(axis, 0), here.x(axis, len.saturating_sub(1)));
        let at = |share: f64| whole.0 + (whole.1 - whole.0) * share;
        let windows = looks.iter().map(|(a, b, count)| {
            let half = b.powi(5) / 2.0;
            ((at((a - half).max(0.0)), at(a + half)), *count)
        });
        for (window, count) in std::iter::once((whole, 114)).chain(windows) {
            let (found, expected) = (
                away.visible(axis, window, count),
                here.visible(axis, window, count),
            );
            let all = |columns: &[Summary]| columns.iter().map(bits).collect::<Vec<_>>();
            prop_assert_eq!(all(&found.columns), all(&expected.columns));
            prop_assert_eq!(found.enters, expected.enters);
            prop_assert_eq!(found.leaves, expected.leaves);
            let within = [away, here].map(|series| bits(&series.within(axis, window)));
            prop_assert_eq!(within[0], within[1]);
            for x in [window.0, window.1] {
                let value = [away, here].map(|one| one.value_at(axis, x).map(f64::to_bits));
                prop_assert_eq!(value[0], value[1]);
                prop_assert_eq!(away.position(axis, x), here.position(axis, x));
                prop_assert_eq!(away.x_at(axis, x), here.x_at(axis, x));
            }
        }
        for (a, ..) in looks {
            let index = ((len as f64 * a) as usize).min(len.saturating_sub(1));
            let point = |series: &Series| {
                let (x, value) = (series.x(axis, index), series.value(index));
                (x.to_bits(), value.to_bits())
            };
            prop_assert_eq!(point(away), point(here));
        }
        let points = |series: &Series| {
            let points = series.points(axis);
            points
                .map(|(x, y)| (x.to_bits(), y.to_bits()))
                .collect::<Vec<_>>()
        };
        prop_assert!(points(away) == points(here));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_curve_in_a_file_is_the_one_in_memory(
        first in prop::collection::vec(stretch(), 1..6),
        then in prop::collection::vec(stretch(), 1..4),
        looks in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64, 1..300_usize), 1..5),
        floor in 0.0..1.1_f64,
    ) {
        let scratch = Arc::default();
        let (mut away, mut here) = (Series::on(&scratch), Series::default());
        for series in [&mut away, &mut here] {
            push(series, &first);
        }
        hold(&away, &here, &looks)?;
        // A copy goes its own way.
        let mut copy = away.clone();
        push(&mut copy, &then);
        hold(&away, &here, &looks)?;
        let floor = here.x(Axis::EnvSteps, here.len() - 1) * floor;
        for series in [&mut away, &mut here] {
            series.keep_below(floor);
        }
        hold(&away, &here, &looks)?;
        for series in [&mut away, &mut here] {
            push(series, &then);
        }
        hold(&away, &here, &looks)?;
        drop(away);
        let mut anew = Series::default();
        push(&mut anew, &first);
        push(&mut anew, &then);
        hold(&copy, &anew, &looks)?;
    }
}

/// A training's curve: steps even, seconds and values not.
fn train(series: &mut Series, points: usize) {
    for n in 0..points {
        let at = Nanos(n as i64 * 100_000_000 + (n * 7_919 % 1_013) as i64);
        series.push(n as f64 * 2_048.0, at, (n * 31 % 997) as f64);
    }
}

#[test]
fn a_million_points_take_next_to_no_memory() {
    let scratch = Arc::new(Scratch::default());
    let mut curves = vec![Series::on(&scratch); 8];
    for (n, curve) in curves.iter_mut().enumerate() {
        train(curve, 1_000_000 + n * 100);
        assert!(curve.memory() < 200_000, "{}", curve.memory());
    }
    // At most thirty bytes a point in the file.
    assert!(scratch.reach() < 8 * 30 * 1_000_000);
    let mut held = Series::default();
    train(&mut held, 100_000);
    assert!(held.memory() > 100_000 * 16, "{}", held.memory());
}

#[test]
fn eight_hours_of_ten_records_a_second_add_less_than_two_megabytes() {
    // Six charts of two seeds.
    let scratch = Arc::default();
    let mut curve = Series::on(&scratch);
    let (mut copy, mut most) = (curve.clone(), 0);
    for n in 0..8 * 3_600 * 10_i64 {
        let at = Nanos(n * 100_000_000 + n * n % 977);
        curve.push(n as f64 * 2_048.0, at, 1.0);
        // As it is handed on with every record.
        copy = curve.clone();
        most = most.max(curve.memory());
    }
    assert_eq!(copy.len(), curve.len());
    assert!(12 * most < 750_000, "{most}");
}

#[test]
fn what_is_read_anew_again_and_again_takes_no_more_of_the_file() {
    let scratch = Arc::new(Scratch::default());
    let mut curve = Series::on(&scratch);
    let mut reach = 0;
    for round in 0..50 {
        train(&mut curve, 40_000);
        // A copy is on the screen meanwhile.
        let shown = curve.clone();
        curve.keep_below(2_048.0 * 100.0);
        assert_eq!(shown.len(), 40_000);
        assert_eq!(curve.len(), 100);
        drop(shown);
        curve.clear();
        match round {
            0 => reach = scratch.reach(),
            _ => assert_eq!(scratch.reach(), reach),
        }
    }
}

#[test]
fn smoothing_goes_into_the_same_file() {
    let scratch = Arc::new(Scratch::default());
    let (mut away, mut here) = (Series::on(&scratch), Series::default());
    train(&mut away, 30_000);
    train(&mut here, 30_000);
    let raw = scratch.reach();
    let [mut twin, mut expected] = [Smoothed::default(), Smoothed::default()];
    for strength in [Smoothing::Light, Smoothing::Strong, Smoothing::Light] {
        twin.follow(&away, strength);
        expected.follow(&here, strength);
        assert!(twin.series() == expected.series());
    }
    assert!(twin.series().memory() < 40_000);
    assert!(scratch.reach() <= 3 * raw, "{} {raw}", scratch.reach());
}

#[test]
fn where_nothing_can_be_written_curves_stay_in_memory() {
    let full = File::options()
        .read(true)
        .write(true)
        .open("/dev/full")
        .unwrap();
    let folder = PathBuf::from("/dev/null/none");
    for scratch in [Scratch::over(full), Scratch::within(folder)] {
        let (mut away, mut here) = (Series::on(&Arc::new(scratch)), Series::default());
        train(&mut away, 10_000);
        train(&mut here, 10_000);
        assert!(away.memory() > 10_000 * 16);
        hold(&away, &here, &[(0.3, 0.7, 40), (0.9, 0.5, 7)]).unwrap();
    }
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let file = tempfile::tempfile().unwrap();
    let scratch = Arc::new(Scratch::over(file.try_clone().unwrap()));
    let mut curve = Series::on(&scratch);
    train(&mut curve, 10_000);
    let whole = (0.0, 10_000.0 * 2_048.0);
    let before = curve.visible(Axis::EnvSteps, whole, 50);
    assert!(before.columns.iter().all(|column| column.first.is_finite()));
    file.set_len(0).unwrap();
    for axis in AXES {
        let end = curve.x(axis, 9_999);
        for window in [(0.0, end), (end * 0.3, end * 0.31), (end * 0.9, end * 2.0)] {
            for count in [1, 7, 333] {
                assert_eq!(curve.visible(axis, window, count).columns.len(), count);
                assert!(curve.within(axis, window).count <= 10_000);
            }
        }
        assert_eq!(curve.points(axis).count(), 10_000);
    }
    assert!(curve.value(5_000).is_nan() && curve.value(9_999).is_finite());
    assert_eq!(curve.last(), Some((9_999 * 31 % 997) as f64));
    curve.keep_below(5_000.0 * 2_048.0);
    assert_eq!(curve.last(), None);
    curve.push_at(1e9, 1e9, 7.0);
    assert_eq!(curve.last(), Some(7.0));
    assert!(curve.x(Axis::EnvSteps, curve.len() - 1) >= 1e9);
    // Part of the file is there again, zeros: nothing but figures, and no panic.
    file.set_len(scratch.reach()).unwrap();
    let shown = curve.visible(Axis::Time, (0.0, 1e9), 114);
    assert_eq!(shown.columns.len(), 114);
    assert_eq!(curve.points(Axis::Time).count(), curve.len());
}
