//! Against Python TA-Lib 0.8.2 (C library 0.8.1): every function it has, with default parameters.
//!
//! `PERCENTILE` differs between the two releases in its default alone (30 bars there, 100 here); with
//! the period spelled out, as every spec here does, the nearest-rank definition is the same. `MAVP`
//! gets the dominant cycle as its periods.

use crate::market;
use domain::{Bars, Timeframe};
use features::{Series, catalogue, function, series};
use serde::Deserialize;
use std::path::PathBuf;

/// Relative tolerance of parity.
const RELATIVE: f64 = 1e-9;

#[derive(Deserialize)]
struct Document {
    market: std::collections::BTreeMap<String, Summary>,
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    spec: String,
    outputs: Vec<Summary>,
}

#[derive(Deserialize)]
struct Summary {
    first: usize,
    rows: Vec<usize>,
    values: Vec<f64>,
    checksum: f64,
}

fn document() -> Document {
    serde_json::from_str(include_str!("../fixtures/talib_parity.json")).unwrap()
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= RELATIVE * expected.abs().max(1e-3)
}

fn checksum(series: &Series) -> f64 {
    let weighted = |(row, value): (usize, &f64)| value.abs() * ((row % 97) + 1) as f64;
    series
        .values
        .iter()
        .enumerate()
        .skip(series.first)
        .map(weighted)
        .sum()
}

/// Returns what differs, if anything.
fn difference(found: &Series, expected: &Summary) -> Option<String> {
    if expected.first != 0 && found.first != expected.first {
        return Some(format!("starts at {}, not {}", found.first, expected.first));
    }
    let rows = expected.rows.iter().zip(&expected.values);
    for (row, value) in rows.filter(|(row, _)| **row >= found.first) {
        if !close(found.values[*row], *value) {
            return Some(format!("row {row}: {} is not {value}", found.values[*row]));
        }
    }
    let sum = checksum(found);
    (!close(sum, expected.checksum)).then(|| format!("checksum {sum} is not {}", expected.checksum))
}

fn specs_of_outputs(spec: &str) -> Vec<String> {
    let name = spec.split('(').next().unwrap();
    let outputs = &function(name).unwrap().outputs;
    let text = |output: &features::Output| match output.name.as_str() {
        "" => spec.to_owned(),
        name => format!("{spec}.{name}"),
    };
    outputs.iter().map(text).collect()
}

#[test]
fn every_function_of_the_c_library_agrees_to_1e9() {
    let bars = market::bars(600);
    let document = document();
    for (name, expected) in &document.market {
        let found = series(bars.view(), name).unwrap();
        assert_eq!(
            difference(&found, expected),
            None,
            "the market itself: {name}"
        );
    }
    assert_eq!(document.functions.len(), 201);
    let mut outputs = 0;
    let mut different = Vec::new();
    for function in &document.functions {
        let specs = specs_of_outputs(&function.spec);
        assert_eq!(specs.len(), function.outputs.len(), "{}", function.spec);
        for (spec, expected) in specs.iter().zip(&function.outputs) {
            let found = series(bars.view(), spec).unwrap();
            outputs += 1;
            if let Some(what) = difference(&found, expected) {
                different.push(format!("{spec}: {what}"));
            }
        }
    }
    assert!(
        different.is_empty(),
        "{} of {outputs} outputs:\n{}",
        different.len(),
        different.join("\n")
    );
}

#[test]
fn the_comparison_would_notice_a_small_difference() {
    let bars = market::bars(600);
    let document = document();
    let expected = &document
        .functions
        .iter()
        .find(|f| f.spec.starts_with("RSI"))
        .unwrap()
        .outputs[0];
    let mut found = series(bars.view(), "RSI(14)").unwrap();
    assert_eq!(difference(&found, expected), None);
    found.values[597] *= 1.0 + 1e-8;
    assert!(difference(&found, expected).is_some_and(|what| what.starts_with("row 597")));
    found.values[597] /= 1.0 + 1e-8;
    found.values[100] += 0.01;
    assert!(difference(&found, expected).is_some_and(|what| what.starts_with("checksum")));
}

#[test]
fn defaults_that_moved_between_the_releases_are_known() {
    let mut moved = Vec::new();
    for theirs in &document().functions {
        let name = theirs.spec.split('(').next().unwrap();
        let set = |spec: &str| {
            features::FeatureSet::parse(&[spec]).unwrap().columns()[0]
                .name
                .clone()
        };
        let own_inputs = match theirs
            .spec
            .split_once("input=")
            .or(theirs.spec.split_once("periods="))
        {
            Some((_, rest)) if theirs.spec.contains("periods=") => format!("{name}(periods={rest}"),
            Some((_, rest)) => format!("{name}(input={rest}"),
            None => name.to_owned(),
        };
        if set(&theirs.spec) != set(&own_inputs) {
            moved.push(name.to_owned());
        }
    }
    assert_eq!(moved, ["PERCENTILE"]);
    assert_eq!(
        catalogue().len() - document().functions.len(),
        36,
        "functions only the crate has"
    );
}

/// Python TA-Lib on the daily GOOG prices that backtesting.py ships, last row (2013-03-01).
const GOOG: &[(&str, f64, f64)] = &[
    ("RSI(14)", 67.497_983, 1e-6),
    ("ATR(14)", 12.227_593, 1e-6),
    ("ADX(14)", 41.232_489, 1e-6),
    ("MACD(12, 26, 9).macd", 15.154_184, 1e-6),
    ("MACD(12, 26, 9).macd_signal", 15.817_943, 1e-6),
    ("MACD(12, 26, 9).macd_hist", -0.663_759, 1e-6),
    ("BBANDS(20, 2, 2).upper_band", 812.840_600, 1e-6),
    ("BBANDS(20, 2, 2).middle_band", 786.958_000, 1e-6),
    ("BBANDS(20, 2, 2).lower_band", 761.075_400, 1e-6),
    ("STOCH.slow_k", 74.927_114, 1e-6),
    ("STOCH.slow_d", 52.335_875, 1e-6),
    ("SAR", 784.4, 1e-6),
    ("OBV", 622_611_400.0, 1e-3),
    ("HT_DCPERIOD", 34.912_716, 1e-6),
    ("MAMA.mama", 799.888_929, 1e-6),
    ("MAMA.fama", 786.663_961, 1e-6),
];

#[test]
fn the_last_row_of_goog_agrees_with_the_oracle() {
    let name = "the_last_row_of_goog_agrees_with_the_oracle";
    let Some(text) = cached_goog().and_then(|path| std::fs::read_to_string(path).ok()) else {
        eprintln!("SKIPPED: {name}: GOOG.csv is not in the cache; `make oracles` fetches it");
        return;
    };
    let bars = goog(&text);
    for (spec, expected, tolerance) in GOOG {
        let found = series(bars.view(), spec).unwrap();
        let last = found.values[bars.len() - 1];
        assert!(
            (last - expected).abs() <= *tolerance,
            "{spec}: {last} is not {expected}"
        );
    }
}

/// Where `tests/oracles.py fetch` puts the prices.
fn cached_goog() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("makook/oracles/GOOG.csv"))
}

fn goog(text: &str) -> Bars {
    let mut bars = Bars::empty("GOOG", Timeframe::DAY);
    for (row, line) in text.lines().skip(1).enumerate() {
        let cells: Vec<f64> = line
            .split(',')
            .skip(1)
            .map(|cell| cell.parse().unwrap())
            .collect();
        bars.open_time
            .push(domain::Nanos(row as i64 * Timeframe::DAY.nanos()));
        bars.open.push(cells[0]);
        bars.high.push(cells[1]);
        bars.low.push(cells[2]);
        bars.close.push(cells[3]);
        bars.volume.push(cells[4]);
    }
    bars
}
