//! The matrix: bits independent of threads, columns independent of units, honest errors.

use crate::market;
use domain::Bars;
use features::{FeatureError, FeatureSet, bars_hash, compute, series};
use proptest::prelude::*;
use rstest::rstest;
use std::num::NonZeroUsize;

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn parse(specs: &[&str]) -> FeatureSet {
    FeatureSet::parse(specs).unwrap()
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let bars = market::bars(1_000);
    let set = FeatureSet::standard();
    let one = compute(bars.view(), &set, threads(1)).unwrap();
    for count in [2, 3, 64] {
        assert_eq!(
            compute(bars.view(), &set, threads(count)).unwrap(),
            one,
            "{count} threads"
        );
    }
    assert_eq!(one.data.len(), 1_000 * 53);
    assert!(one.data.iter().all(|value| value.is_finite()));
}

#[test]
fn columns_stand_where_their_names_say() {
    let bars = market::bars(50);
    let matrix = compute(
        bars.view(),
        &parse(&["close", "SMA(3)", "volume"]),
        threads(2),
    )
    .unwrap();
    assert_eq!(matrix.warmup, 2);
    for t in 2..50 {
        let mean = bars.close[t - 2..=t].iter().sum::<f64>() / 3.0;
        let expected = [bars.close[t], mean, bars.volume[t]];
        for (found, expected) in matrix.row(t).iter().zip(expected) {
            assert!((f64::from(*found) / expected - 1.0).abs() < 1e-6, "bar {t}");
        }
    }
    assert_eq!(
        matrix.row(0)[1].to_bits(),
        0,
        "a column is zero before its first value"
    );
}

#[test]
fn defaults_depend_on_no_unit() {
    let bars = market::bars(600);
    let mut other = bars.clone();
    for column in [
        &mut other.open,
        &mut other.high,
        &mut other.low,
        &mut other.close,
    ] {
        column.iter_mut().for_each(|price| *price *= 977.0);
    }
    other.volume.iter_mut().for_each(|volume| *volume *= 0.003);
    let set = FeatureSet::standard();
    let [here, there] = [&bars, &other].map(|b| compute(b.view(), &set, threads(2)).unwrap());
    for t in here.warmup..here.rows {
        for (index, (a, b)) in here.row(t).iter().zip(there.row(t)).enumerate() {
            let close = (a - b).abs() <= 1e-4 * (1.0 + a.abs());
            assert!(close, "{}, bar {t}: {a} {b}", here.names[index]);
        }
    }
}

#[test]
fn default_columns_are_of_ordinary_size_and_vary() {
    let bars = market::bars(2_000);
    let matrix = compute(bars.view(), &FeatureSet::standard(), threads(2)).unwrap();
    for (index, name) in matrix.names.iter().enumerate() {
        let values: Vec<f32> = matrix.column(index).skip(matrix.warmup).collect();
        let largest = values
            .iter()
            .fold(0.0_f32, |largest, x| largest.max(x.abs()));
        let distinct: std::collections::BTreeSet<u32> =
            values.iter().map(|x| x.to_bits()).collect();
        assert!(
            (1e-4..100.0).contains(&largest),
            "{name}: largest {largest}"
        );
        assert!(
            distinct.len() >= 10,
            "{name}: {} distinct values",
            distinct.len()
        );
    }
}

#[test]
fn a_dead_market_is_defined() {
    let matrix = compute(
        market::dead(200).view(),
        &FeatureSet::standard(),
        threads(2),
    )
    .unwrap();
    let index = matrix
        .names
        .iter()
        .position(|name| name == "returns(1)")
        .unwrap();
    assert!(matrix.column(index).all(|x| x.to_bits() == 0));
}

#[test]
fn too_few_bars_are_refused_with_the_need() {
    let error = compute(
        market::bars(100).view(),
        &FeatureSet::standard(),
        threads(1),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "100 bars are too few: the slowest feature, `PERCENTRANK(100) | unit(0, 100)`, needs 101"
    );
    assert_eq!(
        compute(
            market::bars(101).view(),
            &FeatureSet::standard(),
            threads(1)
        )
        .unwrap()
        .rows,
        101
    );
}

#[rstest]
#[case("close", f64::NAN)]
#[case("open", 0.0)]
#[case("high", f64::INFINITY)]
#[case("low", -3.0)]
#[case("volume", -1.0)]
fn unusable_bars_are_refused_by_row_and_field(#[case] field: &str, #[case] value: f64) {
    let mut bars = market::bars(300);
    let Bars {
        open,
        high,
        low,
        close,
        volume,
        ..
    } = &mut bars;
    let column = match field {
        "open" => open,
        "high" => high,
        "low" => low,
        "close" => close,
        _ => volume,
    };
    column[217] = value;
    let error = compute(bars.view(), &FeatureSet::standard(), threads(2)).unwrap_err();
    let FeatureError::BadBar {
        row, field: found, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((row, found), (217, field));
}

#[rstest]
#[case("ACOS", "feature `ACOS` is NaN at row 0")]
#[case(
    "volume | scale(1e12) | scale(1e12) | scale(1e12)",
    "at row 0: its formula is undefined there"
)]
#[case("MOM(1) | log", "feature `MOM(1) | log` is")]
#[case("SMA(5, input=ACOS)", "feature `ACOS` is NaN at row 0")]
fn undefined_values_are_refused_by_column_and_row(#[case] spec: &str, #[case] expected: &str) {
    let error = compute(market::bars(60).view(), &parse(&[spec]), threads(1)).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_series_shorter_than_its_warm_up_is_empty_not_wrong() {
    let bars = market::bars(10);
    let found = series(bars.view(), "RSI(14)").unwrap();
    assert_eq!((found.first, found.values), (10, vec![0.0; 10]));
}

#[test]
fn the_cache_key_follows_bars_and_columns() {
    let bars = market::bars(120);
    let set = parse(&["RSI(14)", "SMA(20)"]);
    let key = set.cache_key(&bars_hash(bars.view()));
    assert_eq!(
        parse(&["rsi(time_period=14)", "SMA(20)"]).cache_key(&bars_hash(bars.view())),
        key
    );
    assert_ne!(
        parse(&["SMA(20)", "RSI(14)"]).cache_key(&bars_hash(bars.view())),
        key
    );
    let mut other = bars.clone();
    other.volume[119] += 1e-9;
    assert_ne!(set.cache_key(&bars_hash(other.view())), key);
    other.volume[119] = bars.volume[119];
    other.open_time[3].0 += 1;
    assert_ne!(set.cache_key(&bars_hash(other.view())), key);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "[A-Za-z0-9_(),=.| +-]{0,40}") {
        let _ = FeatureSet::parse(&[text]);
    }
}
