//! Bar by bar gives the bits of the batch.

use crate::market;
use domain::{Bars, Timeframe};
use features::{
    Bar, Domain, FeatureError, FeatureSet, FeatureStream, InputSlot, catalogue, compute,
};
use std::num::NonZeroUsize;

fn assert_same_bits(set: &FeatureSet, bars: &Bars) {
    let matrix = compute(bars.view(), set, NonZeroUsize::MIN).unwrap();
    let mut stream = FeatureStream::new(set, bars.timeframe).unwrap();
    for t in 0..bars.len() {
        let row = stream.push(&Bar::of(bars.view(), t)).unwrap();
        assert_eq!(row.is_some(), t >= matrix.warmup, "bar {t}");
        let Some(row) = row else { continue };
        for (index, (streamed, batch)) in row.iter().zip(matrix.row(t)).enumerate() {
            let name = &matrix.names[index];
            assert_eq!(
                streamed.to_bits(),
                batch.to_bits(),
                "{name}, bar {t}: {streamed} {batch}"
            );
        }
    }
}

#[test]
fn the_default_set_streams_the_same_bits() {
    assert_same_bits(&FeatureSet::standard(), &market::bars(2_500));
}

#[test]
fn the_default_set_streams_the_same_bits_on_a_dead_market() {
    assert_same_bits(&FeatureSet::standard(), &market::dead(300));
}

#[test]
fn nested_inputs_and_every_transform_stream_the_same_bits() {
    let specs = [
        "EMA(5, input=RSI(14)) | diff(3) | zscore(20) | clip(-3, 3)",
        "MAVP(2, 30, periods=HT_DCPERIOD) | relative",
        "CORREL(20, input0=returns(2), input1=MACD.macd_hist)",
        "SMA(10, input=volume) | over_volume(30) | log",
        "ATR(5) | over_close | log1p | scale(100)",
        "MOM(3) | zscore(30) | over_atr(60) | unit(-1, 1)",
    ];
    assert_same_bits(&FeatureSet::parse(&specs).unwrap(), &market::bars(700));
}

/// Every function alone in f64 bits of f32: raw outputs, defaults, inputs inside every domain.
#[test]
fn every_function_streams_the_same_bits() {
    let bars = market::bars(400);
    let mut compared = 0;
    for function in catalogue() {
        let spec = everywhere_defined(function.name);
        let set = FeatureSet::parse(&[spec]).unwrap();
        match compute(bars.view(), &set, NonZeroUsize::MIN) {
            Ok(_) => assert_same_bits(&set, &bars),
            Err(error) => panic!("{error}"),
        }
        compared += 1;
    }
    assert_eq!(compared, 237);
}

/// Inverse functions need input in [-1, 1], exponentials small input, MAVP its periods.
pub fn everywhere_defined(name: &str) -> String {
    match name {
        "ACOS" | "ASIN" => format!("{name}(input=BOP)"),
        "EXP" | "COSH" | "SINH" => format!("{name}(input=BOP)"),
        "MAVP" => "MAVP(periods=HT_DCPERIOD)".to_owned(),
        _ => name.to_owned(),
    }
}

#[test]
fn a_bad_bar_is_refused_and_named() {
    let bars = market::bars(5);
    let mut stream = FeatureStream::new(&FeatureSet::standard(), Timeframe::HOUR).unwrap();
    stream.push(&Bar::of(bars.view(), 0)).unwrap();
    let broken = Bar {
        low: f64::NAN,
        ..Bar::of(bars.view(), 1)
    };
    let error = stream.push(&broken).unwrap_err();
    assert!(
        matches!(
            error,
            FeatureError::BadBar {
                row: 1,
                field: "low",
                ..
            }
        ),
        "{error}"
    );
    stream.push(&Bar::of(bars.view(), 1)).unwrap();
    assert_eq!(stream.bars_seen(), 2);
}

#[test]
fn the_catalogue_knows_what_each_function_reads() {
    let obv = features::function("obv").unwrap();
    assert_eq!(obv.inputs[1], InputSlot::Bar(vec![4]));
    assert!(matches!(
        obv.inputs[0],
        InputSlot::Series {
            default: Some("close"),
            ..
        }
    ));
    assert!(obv.path_dependent);
    let sma = features::function("SMA").unwrap();
    assert!(matches!(
        sma.parameters[0].domain,
        Domain::Integer {
            min: 1,
            default: 30,
            ..
        }
    ));
}
