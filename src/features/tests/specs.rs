//! What users write, and what they are told when it is wrong.

use features::{DEFAULT_SET, FeatureSet, Theme, catalogue};
use rstest::rstest;
use std::collections::{BTreeMap, BTreeSet};

fn names(spec: &str) -> Vec<String> {
    let set = FeatureSet::parse(&[spec]).unwrap_or_else(|problems| panic!("{problems:?}"));
    set.columns()
        .iter()
        .map(|column| column.name.clone())
        .collect()
}

fn message(spec: &str) -> String {
    FeatureSet::parse(&[spec]).expect_err("the spec is wrong")[0]
        .error
        .to_string()
}

#[rstest]
#[case("RSI(time_period=14)", &["RSI(14)"])]
#[case("rsi", &["RSI(14)"])]
#[case("RSI(timeperiod = 7)", &["RSI(7)"])]
#[case("MACD(fast_period=12, slow_period=26, signal_period=9).macd_hist", &["MACD(12, 26, 9).macd_hist"])]
#[case("MACD", &["MACD(12, 26, 9).macd", "MACD(12, 26, 9).macd_signal", "MACD(12, 26, 9).macd_hist"])]
#[case("SMA(time_period=20, input=volume)", &["SMA(20, input=volume)"])]
#[case("EMA(5, input=RSI(14)) | diff", &["EMA(5, input=RSI(14)) | diff(1)"])]
#[case("BBANDS(20, ma_type=ema).upper_band | relative", &["BBANDS(20, 2, 2, EMA).upper_band | relative"])]
#[case("BBANDS(20, ma_type=1).upper_band", &["BBANDS(20, 2, 2, EMA).upper_band"])]
#[case("CORREL(30)", &["CORREL(30)"])]
#[case("MAVP(periods=HT_DCPERIOD)", &["MAVP(2, 30, SMA, periods=HT_DCPERIOD)"])]
#[case("returns(lag=5)", &["returns(5)"])]
#[case("day_of_week", &["day_of_week.sin", "day_of_week.cos"])]
#[case("time_of_day.sin", &["time_of_day.sin"])]
#[case("volume | log1p | zscore(200)", &["volume | log1p | zscore(200)"])]
fn specs_read_as_their_canonical_text(#[case] spec: &str, #[case] expected: &[&str]) {
    let found = names(spec);
    assert_eq!(found, expected);
    let again: Vec<String> = found.iter().flat_map(|name| names(name)).collect();
    assert_eq!(again, found, "canonical text must read back as itself");
}

#[rstest]
#[case("RSY(14)", "the catalogue has no feature `RSY`; did you mean `RSI`?")]
#[case(
    "RSI(time_perod=14)",
    "RSI has no parameter `time_perod`; did you mean `time_period`?"
)]
#[case("RSI(zzz=14)", "RSI has no parameter `zzz`; known: time_period, input")]
#[case(
    "RSI(time_period=1)",
    "RSI: time_period = 1 must be an integer in 2..=100000 (default 14)"
)]
#[case(
    "RSI(time_period=2.5)",
    "RSI: time_period = 2.5 must be an integer in 2..=100000 (default 14)"
)]
#[case(
    "RSI(14, 15)",
    "RSI: takes 1 parameters in order; `15` is one too many (series are named: input=volume)"
)]
#[case("RSI(14, time_period=15)", "RSI: time_period is given twice")]
#[case("RSI(14).line", "RSI: has one output; drop `.line`")]
#[case(
    "MACD.macd_his",
    "MACD has no output `macd_his`; did you mean `macd_hist`?"
)]
#[case(
    "T3(v_factor=2)",
    "T3: v_factor = 2 must be a number in 0..=1 (default 0.7)"
)]
#[case(
    "SAR(acceleration=-1)",
    "SAR: acceleration = -1 must be a number of at least 0 (default 0.02)"
)]
#[case(
    "BBANDS(ma_type=XMA)",
    "BBANDS: ma_type = XMA must be one of SMA, EMA, WMA"
)]
#[case(
    "SMA(input=MACD)",
    "MACD: has several outputs; choose one of MACD(12, 26, 9).macd, "
)]
#[case("SMA(input=3)", "SMA: input must be a series, e.g. input=close")]
#[case("MAVP", "MAVP: needs periods=…, e.g. periods=HT_DCPERIOD")]
#[case(
    "close | relativ",
    "the list of transforms has no transform `relativ`; did you mean `relative`?"
)]
#[case(
    "close | zscore(1)",
    "zscore: period = 1 must be an integer in 2..=100000 (default 200)"
)]
#[case("close | unit(5, 5)", "unit: high = 5 must be greater than low = 5")]
#[case("close | log.x", "log: has one output; drop `.x`")]
#[case("close(3)", "close: takes no parameters")]
#[case(
    "returns(0)",
    "returns: lag = 0 must be an integer in 1..=100000 (default 1)"
)]
#[case("returns(lap=2)", "returns: takes one parameter, e.g. returns(lag=1)")]
fn wrong_specs_say_what_is_wrong_and_what_to_write(#[case] spec: &str, #[case] expected: &str) {
    let found = message(spec);
    assert!(found.contains(expected), "{found}");
    assert!(found.contains(&format!("feature `{spec}`")), "{found}");
}

#[test]
fn every_problem_of_a_list_is_reported_with_its_place() {
    let problems = FeatureSet::parse(&["RSI", "RSY", "SMA(20)", "RSI(14)", "EMA(0)"]).unwrap_err();
    let places: Vec<usize> = problems.iter().map(|problem| problem.index).collect();
    assert_eq!(places, [1, 3, 4]);
    assert!(
        problems[1]
            .error
            .to_string()
            .contains("column `RSI(14)` is listed twice")
    );
    assert!(FeatureSet::parse::<&str>(&[]).is_err());
}

#[test]
fn every_function_reads_with_each_of_its_names() {
    for function in catalogue() {
        let mut args: Vec<String> = function
            .parameters
            .iter()
            .map(|parameter| match &parameter.domain {
                features::Domain::Integer { default, .. }
                | features::Domain::Choice { default, .. } => {
                    format!("{}={default}", parameter.name)
                }
                features::Domain::Real { default, .. } => format!("{}={default}", parameter.name),
            })
            .collect();
        for input in &function.inputs {
            if let features::InputSlot::Series { name, .. } = input {
                args.push(format!("{name}=close"));
            }
        }
        let spec = format!("{}({})", function.name, args.join(", "));
        assert_eq!(names(&spec).len(), function.outputs.len(), "{spec}");
        for output in function
            .outputs
            .iter()
            .filter(|output| !output.name.is_empty())
        {
            assert_eq!(names(&format!("{spec}.{}", output.name)).len(), 1);
        }
    }
}

#[test]
fn the_default_set_is_44_indicators_spread_over_the_themes() {
    let mut themes: BTreeMap<Theme, usize> = BTreeMap::new();
    let mut functions = BTreeSet::new();
    for feature in DEFAULT_SET {
        *themes.entry(feature.theme).or_default() += 1;
        functions.insert(feature.spec.split(['(', '.', ' ']).next().unwrap());
        assert!(!feature.text.en.is_empty() && !feature.text.ko.is_empty());
        assert!(feature.text.ko.ends_with('.') && feature.text.en.ends_with('.'));
    }
    let counted: Vec<usize> = themes.values().copied().collect();
    assert_eq!(counted, [10, 10, 7, 8, 4, 5, 5, 2]);
    assert_eq!(
        functions.len(),
        44 + 3,
        "44 different functions, returns and two circles"
    );
    let set = FeatureSet::standard();
    assert_eq!(set.columns().len(), 53);
    assert_eq!(set.warmup(), 100);
    assert_eq!(set.slowest(), "PERCENTRANK(100) | unit(0, 100)");
}

#[test]
fn the_default_set_is_written_in_canonical_form() {
    for (feature, column) in DEFAULT_SET
        .iter()
        .zip(FeatureSet::standard().columns())
        .take(49)
    {
        assert_eq!(feature.spec, column.name);
    }
}

#[test]
fn a_set_is_restored_from_the_names_of_its_columns() {
    let names: Vec<String> = FeatureSet::standard()
        .columns()
        .iter()
        .map(|column| column.name.clone())
        .collect();
    assert_eq!(
        FeatureSet::parse(&names).unwrap().columns(),
        FeatureSet::standard().columns()
    );
}
