//! The prover passes what is honest and catches what is not.

use crate::{market, streaming::everywhere_defined};
use domain::{Bars, BarsView, Streams};
use features::{
    FeatureError, FeatureSet, LeakReport, Matrix, Mutation, Probes, Scaler, ScalerKind, ScalerSpec,
    catalogue, compute, prove,
};
use rstest::rstest;
use std::{num::NonZeroUsize, ops::Range};

type Pipeline<'a> = &'a dyn Fn(BarsView<'_>) -> Result<Matrix, FeatureError>;

fn probe(pipeline: Pipeline<'_>, bars: &Bars, count: usize, range: Range<usize>) -> LeakReport {
    let mut rng = Streams::new(11).stream("leak", 0);
    prove(pipeline, bars, &mut rng, &Probes { count, bars: range }).unwrap()
}

fn standard(bars: BarsView<'_>) -> Result<Matrix, FeatureError> {
    compute(bars, &FeatureSet::standard(), NonZeroUsize::MIN)
}

#[test]
fn the_default_set_knows_nothing_of_the_future() {
    let bars = market::bars(800);
    let report = probe(&standard, &bars, 40, 100..799);
    assert!(report.is_clean(), "{report}");
    assert_eq!(
        (report.trials, report.refused),
        (40 * Mutation::ALL.len(), 0)
    );
}

#[rstest]
#[case(ScalerKind::Standard)]
#[case(ScalerKind::Robust)]
#[case(ScalerKind::RankNormal)]
fn a_scaler_fitted_on_the_training_window_knows_nothing_of_the_future(#[case] kind: ScalerKind) {
    let bars = market::bars(800);
    let pipeline = |bars: BarsView<'_>| {
        let mut matrix = standard(bars)?;
        let spec = ScalerSpec {
            kind,
            ..ScalerSpec::default()
        };
        Scaler::fit(&matrix, 100..500, &spec)?.apply(&mut matrix)?;
        Ok(matrix)
    };
    let report = probe(&pipeline, &bars, 15, 499..799);
    assert!(report.is_clean(), "{report}");
}

#[test]
fn a_scaler_fitted_on_everything_is_caught() {
    let bars = market::bars(800);
    let pipeline = |bars: BarsView<'_>| {
        let mut matrix = standard(bars)?;
        let all = matrix.warmup..matrix.rows;
        Scaler::fit(&matrix, all, &ScalerSpec::default())?.apply(&mut matrix)?;
        Ok(matrix)
    };
    let report = probe(&pipeline, &bars, 3, 500..799);
    let unbounded = FeatureSet::standard()
        .columns()
        .iter()
        .filter(|c| !c.bounded)
        .count();
    assert_eq!(
        report.leaks.len(),
        unbounded,
        "every scaled column leaks: {report}"
    );
}

/// Replaces one column of the default set by `value(bars, row)`.
fn planted(
    bars: BarsView<'_>,
    name: &str,
    value: impl Fn(BarsView<'_>, usize) -> f64,
) -> Result<Matrix, FeatureError> {
    let mut matrix = standard(bars)?;
    matrix.names[7] = name.to_owned();
    for row in 0..matrix.rows {
        matrix.data[row * matrix.cols + 7] = value(bars, row) as f32;
    }
    Ok(matrix)
}

#[test]
fn a_centred_window_is_caught() {
    let centred = |bars: BarsView<'_>, row: usize| {
        let window = row.saturating_sub(5)..(row + 6).min(bars.len());
        bars.close[window.clone()].iter().sum::<f64>() / window.len() as f64 / bars.close[row]
    };
    let pipeline = |bars: BarsView<'_>| planted(bars, "centred", centred);
    let report = probe(&pipeline, &market::bars(800), 5, 100..799);
    assert_eq!(report.leaks.len(), 1, "{report}");
    let leak = &report.leaks[0];
    assert_eq!(leak.column, "centred");
    assert!(
        leak.row <= leak.t && leak.row + 5 > leak.t,
        "the window reaches five bars: {report}"
    );
}

#[test]
fn the_next_price_is_caught() {
    let next = |bars: BarsView<'_>, row: usize| {
        (bars.close[(row + 1).min(bars.len() - 1)] / bars.close[row]).ln()
    };
    let pipeline = |bars: BarsView<'_>| planted(bars, "next", next);
    let report = probe(&pipeline, &market::bars(800), 5, 100..798);
    assert_eq!(report.leaks.len(), 1, "{report}");
    let leak = &report.leaks[0];
    assert_eq!((leak.column.as_str(), leak.row), ("next", leak.t));
    assert!(report.to_string().contains("next: row"), "{report}");
}

#[test]
fn the_next_open_time_is_caught() {
    let gap = |bars: BarsView<'_>, row: usize| {
        let next = bars.open_time[(row + 1).min(bars.len() - 1)];
        (next.0 - bars.open_time[row].0) as f64
    };
    let pipeline = |bars: BarsView<'_>| planted(bars, "gap", gap);
    assert!(!probe(&pipeline, &market::bars(400), 3, 100..398).is_clean());
}

/// TA-Lib draws some outputs ahead of or behind their bar; their values must stay at it.
///
/// Clipped, because recursions such as McGinley's explode on a thousandfold price.
#[test]
fn no_function_of_talib_knows_the_future() {
    let bars = market::bars(300);
    let clipped = |name| format!("{} | clip(-1e12, 1e12)", everywhere_defined(name));
    let specs: Vec<String> = catalogue().iter().map(|f| clipped(f.name)).collect();
    let set = FeatureSet::parse(&specs).unwrap();
    let pipeline = |bars: BarsView<'_>| compute(bars, &set, NonZeroUsize::MIN);
    let report = probe(&pipeline, &bars, 6, set.warmup()..299);
    assert!(report.is_clean(), "{report}");
    // The dead market: KURTOSIS, RVOL and VWMA are 0/0 there, which is an error, not a number.
    assert_eq!((report.trials, report.refused), (30, 6));
}

#[test]
fn what_cannot_be_computed_proves_nothing() {
    let bars = market::bars(200);
    let whole = bars.len();
    let pipeline = |changed: BarsView<'_>| {
        let same = changed.len() == whole && changed.close == bars.close.as_slice();
        if same {
            standard(changed)
        } else {
            Err(FeatureError::Empty)
        }
    };
    let report = probe(&pipeline, &bars, 2, 100..199);
    assert!(!report.is_clean() && report.leaks.is_empty(), "{report}");
    assert_eq!(
        report.to_string(),
        "nothing proven: none of 12 trials could be computed"
    );
}
