//! The store of curves, held to walking every point.

use super::{Axis, Series, Summary, Visible, edge};
use crate::{dots::Dots, pyramid::Span};
use domain::Nanos;
use proptest::prelude::*;
use rstest::rstest;

/// Whatever a metric file may hold: gaps, extremes, ordinary values.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1e3..1e3_f64,
        1 => Just(f64::NAN),
        1 => prop_oneof![Just(1e300), Just(-1e300), Just(f64::INFINITY), Just(0.0)],
    ]
}

/// A step onward: repeated ones, even ones, jumps and falls.
fn stride() -> impl Strategy<Value = i64> {
    prop_oneof![5 => Just(2_048_i64), 2 => Just(0), 1 => 1..1_000_000_i64, 1 => -5_000..0_i64]
}

/// A clock's move: mostly onward, now and then far off or back.
fn tick() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..3_000_000_000_i64, 1 => Just(i64::MAX / 4), 1 => -90_000_000_000..0_i64]
}

fn built(rows: &[(i64, i64, f64)], repeats: usize) -> Series {
    let mut series = Series::default();
    let (mut step, mut clock) = (0_i64, 0_i64);
    for (stride, tick, value) in rows.iter().cycle().take(rows.len() * repeats) {
        step += stride;
        clock = clock.wrapping_add(*tick);
        series.push(step as f64, Nanos(clock), *value);
    }
    series
}

/// Walks every point of a stretch of the axis.
fn walked(series: &Series, axis: Axis, fits: impl Fn(f64) -> bool) -> Summary {
    let points = series.points(axis).filter(|(x, _)| fits(*x));
    points.fold(Summary::EMPTY, |sum, (_, y)| Summary {
        first: if sum.count == 0 { y } else { sum.first },
        last: y,
        span: sum.span.with(Span::of(y)),
        count: sum.count + 1,
    })
}

fn same(found: &Summary, walked: &Summary) -> bool {
    let bits = |sum: &Summary| (sum.first.to_bits(), sum.last.to_bits());
    found.span == walked.span
        && found.count == walked.count
        && (found.count == 0 || bits(found) == bits(walked))
}

/// Compares columns of a chart.
fn fit(found: &[Summary], walked: &[Summary]) -> bool {
    let alike = |(found, walked)| same(found, walked);
    found.len() == walked.len() && found.iter().zip(walked).all(alike)
}

/// Returns what a chart shows.
fn drawn(shown: &Visible) -> Dots {
    let mut dots = Dots::new(shown.columns.len().div_ceil(2), 12);
    dots.envelope(shown, (-0.6, 0.6), 0);
    dots
}

/// A stretch of points: how many, whether all are gaps, how far apart at most, and what they are
/// drawn from.
type Stretch = (usize, bool, u64, u64);

fn stretch() -> impl Strategy<Value = Stretch> {
    let count = prop_oneof![3 => 1..40_usize, 2 => 40..3_000_usize, 1 => 4_090..9_000_usize];
    // Seldom all at one step, now and then ten thousand apart.
    let apart = prop_oneof![1 => Just(0_u64), 4 => 1..9_u64, 1 => Just(10_000_u64)];
    (count, prop::bool::weighted(0.3), apart, 1..u64::MAX)
}

fn uneven(stretches: &[Stretch]) -> Series {
    let mut series = Series::default();
    let (mut step, mut second) = (0_u64, 0_u64);
    for (count, is_gap, apart, noise) in stretches {
        let mut noise = *noise;
        for _ in 0..*count {
            // Xorshift64 (Marsaglia 2003).
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            step += noise % (apart + 1);
            second += (noise >> 20) % 4;
            let value = match noise % 50 {
                _ if *is_gap => f64::NAN,
                0 => f64::INFINITY,
                _ => (noise >> 11) as f64 / (1_u64 << 53) as f64 - 0.5,
            };
            series.push_at(step as f64, second as f64, value);
        }
    }
    series
}

/// Walks every point once and puts it into its column.
fn in_columns(series: &Series, axis: Axis, range: (f64, f64), count: usize) -> Vec<Summary> {
    let mut columns = vec![Summary::EMPTY; count];
    let mut column = 0;
    for (x, y) in series.points(axis) {
        if x < range.0 || x > range.1 {
            continue;
        }
        while column + 1 < count && x >= edge(range, column + 1, count) {
            column += 1;
        }
        let sum = &mut columns[column];
        sum.first = if sum.count == 0 { y } else { sum.first };
        sum.last = y;
        sum.span = sum.span.with(Span::of(y));
        sum.count += 1;
    }
    columns
}

/// Compares bit by bit, gaps included.
fn alike(a: &Visible, b: &Visible) -> bool {
    let ends = |shown: &Visible| (shown.enters, shown.leaves);
    ends(a) == ends(b) && fit(&a.columns, &b.columns)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_column_is_exact_at_any_zoom(
        rows in prop::collection::vec((stride(), tick(), value()), 1..120),
        repeats in 1..90_usize,
        window in (0.0..1.0_f64, 0.0..1.0_f64),
        count in 1..41_usize,
        axis in prop_oneof![Just(Axis::EnvSteps), Just(Axis::Time), Just(Axis::Updates)],
    ) {
        let series = built(&rows, repeats);
        let (first, last) = (series.x(axis, 0), series.x(axis, series.len() - 1));
        let at = |share: f64| first + (last - first) * share;
        let range = (at(window.0.min(window.1)), at(window.0.max(window.1)));
        let found = series.visible(axis, range, count);
        let expected = (0..count).map(|column| {
            let (left, right) = (edge(range, column, count), edge(range, column + 1, count));
            let is_last = column + 1 == count;
            walked(&series, axis, |x| {
                x >= left && if is_last { x <= range.1 } else { x < right && x <= range.1 }
            })
        });
        let expected: Vec<Summary> = expected.collect();
        prop_assert!(fit(&found.columns, &expected), "{:?} {expected:?}", found.columns);
        prop_assert!(same(&series.within(axis, range), &walked(&series, axis, |x| x >= range.0 && x <= range.1)));
    }

    #[test]
    fn every_column_is_exact_over_uneven_steps_and_long_gaps(
        stretches in prop::collection::vec(stretch(), 1..9),
        windows in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64, 1..300_usize), 1..6),
        axis in prop_oneof![Just(Axis::EnvSteps), Just(Axis::Time), Just(Axis::Updates)],
    ) {
        let series = uneven(&stretches);
        let (first, last) = (series.x(axis, 0), series.x(axis, series.len() - 1));
        let whole = ((first, last), 114);
        let part = |(a, b, count): &(f64, f64, usize)| {
            // The middle of a zoom, and how far in: from all of it to nothing.
            let half = (last - first) * b.powi(6) / 2.0;
            let middle = first + (last - first) * a;
            (((middle - half).max(first), (middle + half).min(last)), *count)
        };
        for (range, count) in std::iter::once(whole).chain(windows.iter().map(part)) {
            let found = series.visible(axis, range, count);
            let expected = in_columns(&series, axis, range, count);
            prop_assert!(fit(&found.columns, &expected), "{:?} {expected:?}", found.columns);
            let columns = expected;
            let expected = Visible { columns, ..found };
            prop_assert!(drawn(&found) == drawn(&expected));
            let all = walked(&series, axis, |x| x >= range.0 && x <= range.1);
            prop_assert!(same(&series.within(axis, range), &all));
        }
    }

    /// A curve that is drawn, grows, is taken back and grows again, beside copies that go their own
    /// way: what was drawn before never shows.
    #[test]
    fn what_was_drawn_before_makes_no_difference(
        rows in prop::collection::vec((stride(), tick(), value()), 2..60),
        repeats in 1..40_usize,
        window in (0.0..1.0_f64, 0.0..1.2_f64),
        count in 1..20_usize,
        axis in prop_oneof![Just(Axis::EnvSteps), Just(Axis::Time), Just(Axis::Updates)],
        floor in 0.0..1.0_f64,
    ) {
        let whole = built(&rows, repeats);
        let last = whole.x(axis, whole.len() - 1);
        let range = (last * window.0.min(window.1), last * window.0.max(window.1));
        let shown = |series: &Series| series.visible(axis, range, count);
        let fresh = |series: &Series| {
            let mut fresh = Series::default();
            for index in 0..series.len() {
                let (step, second) = (series.x(Axis::EnvSteps, index), series.x(Axis::Time, index));
                fresh.push_at(step, second, series.value(index));
            }
            shown(&fresh)
        };
        let mut grown = Series::default();
        for index in 0..whole.len() {
            let (step, second) = (whole.x(Axis::EnvSteps, index), whole.x(Axis::Time, index));
            grown.push_at(step, second, whole.value(index));
            if index % 37 == 5 {
                let mut copy = grown.clone();
                shown(&copy);
                copy.push_at(step, second, -77.0);
                prop_assert!(alike(&shown(&copy), &fresh(&copy)));
                prop_assert!(alike(&shown(&grown), &fresh(&grown)));
            }
        }
        grown.keep_below(whole.x(Axis::EnvSteps, whole.len() - 1) * floor);
        prop_assert!(alike(&shown(&grown), &fresh(&grown)));
        grown.push_at(last, last, 3.0);
        prop_assert!(alike(&shown(&grown), &fresh(&grown)));
    }

    #[test]
    fn axes_never_run_backwards_and_no_point_is_lost(
        rows in prop::collection::vec((stride(), tick(), value()), 1..80),
    ) {
        let series = built(&rows, 60);
        prop_assert_eq!(series.len(), rows.len() * 60);
        for axis in [Axis::EnvSteps, Axis::Time, Axis::Updates] {
            let xs: Vec<f64> = series.points(axis).map(|point| point.0).collect();
            prop_assert!(xs.windows(2).all(|pair| pair[0] <= pair[1]));
        }
        let kept: Vec<u64> = series.points(Axis::Updates).map(|point| point.1.to_bits()).collect();
        let given: Vec<u64> = rows.iter().cycle().take(kept.len()).map(|row| row.2.to_bits()).collect();
        prop_assert_eq!(kept, given);
    }

    #[test]
    fn what_is_taken_back_leaves_what_was_there_before(
        rows in prop::collection::vec((Just(10_i64), 0..1_000_000_000_i64, value()), 1..100),
        repeats in 1..100_usize,
        share in 0.0..1.1_f64,
    ) {
        let mut series = built(&rows, repeats);
        let kept = (series.len() as f64 * share) as usize;
        series.keep_below(10.0 * kept as f64 + 1.0);
        let kept = kept.min(rows.len() * repeats);
        prop_assert_eq!(series.len(), kept);
        let expected = walked(&series, Axis::Updates, |_| true);
        prop_assert!(same(&series.summary(0..kept), &expected));
        series.push(1e12, Nanos(0), 7.0);
        prop_assert_eq!(series.last(), Some(7.0));
    }
}

#[test]
fn points_are_appended_without_touching_a_copy() {
    let mut series = Series::of(&[(1.0, 1.0), (2.0, 2.0)]);
    let copy = series.clone();
    for step in 3..10_000 {
        series.push_at(f64::from(step), 0.0, 5.0);
    }
    assert_eq!(copy.len(), 2);
    assert_eq!(copy.summary(0..2).span.range(), Some((1.0, 2.0)));
    assert_eq!(series.len(), 9_999);
    assert_eq!(copy.epoch(), series.epoch());
}

#[rstest]
#[case(0.5, None)]
#[case(1.0, Some(10.0))]
#[case(2.5, Some(20.0))]
#[case(99.0, Some(30.0))]
fn the_value_at_a_place_is_that_of_the_last_point(#[case] x: f64, #[case] expected: Option<f64>) {
    let series = Series::of(&[(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)]);
    assert_eq!(series.value_at(Axis::EnvSteps, x), expected);
}

#[test]
fn a_line_comes_in_from_the_point_before_and_goes_on_to_the_next() {
    let series = Series::of(&[(0.0, 0.0), (10.0, 10.0), (20.0, 0.0)]);
    let between = series.visible(Axis::EnvSteps, (2.0, 4.0), 4);
    assert!(between.columns.iter().all(|column| column.count == 0));
    assert_eq!((between.enters, between.leaves), (Some(2.0), Some(4.0)));
    let gap = Series::of(&[(0.0, f64::NAN), (10.0, 10.0)]);
    assert_eq!(gap.visible(Axis::EnvSteps, (2.0, 4.0), 4).enters, None);
}

#[test]
fn a_clock_that_was_set_back_costs_only_that_moment() {
    let mut series = Series::default();
    for seconds in [100, 101, 50, 51, 53] {
        series.push(1.0, Nanos(seconds * 1_000_000_000), 0.0);
    }
    let times: Vec<f64> = series.points(Axis::Time).map(|point| point.0).collect();
    assert_eq!(times, [0.0, 1.0, 1.0, 2.0, 4.0]);
}
