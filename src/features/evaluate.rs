//! Computes single sources over whole columns of bars, in f64.
//!
//! The one place that calls TA-Lib's batch functions, and the border at which bars are checked:
//! TA-Lib would panic on wrong slices and answers nonsense to NaN. Start at [`series`].

use crate::{
    catalogue::InputSlot,
    error::FeatureError,
    registry::MAX_OUTPUTS,
    source::{BAR_COLUMNS, CLOSE, CORE, Indicator, Source},
    spec::resolve_source,
};
use domain::BarsView;
use std::borrow::Cow;

/// A series in f64, one value a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// First row with a value; rows before it hold 0.
    pub first: usize,
    /// One value a bar.
    pub values: Vec<f64>,
}

/// Computes one source without transforms, e.g. `BBANDS(20).upper_band`, for charts and checks.
///
/// Too few bars are no error here: `first` then is the number of bars.
///
/// # Errors
/// What is wrong with the text or a bar. Values may be NaN or infinite where TA-Lib says so.
pub fn series(bars: BarsView<'_>, source: &str) -> Result<Series, FeatureError> {
    let source = resolve_source(source)?;
    check_bars(bars)?;
    evaluate(bars, &source)
}

/// Refuses bars that no feature is defined on.
///
/// # Errors
/// [`FeatureError::BadBar`] at the first such bar of the first such column.
pub fn check_bars(bars: BarsView<'_>) -> Result<(), FeatureError> {
    for (index, field) in BAR_COLUMNS.into_iter().enumerate() {
        let column = bar_column(bars, index);
        let usable = |value: &f64| usable(index, *value);
        // Counted without an early exit, so that the usual case runs in vector registers.
        let all = column.iter().fold(true, |all, value| all & usable(value));
        if !all && let Some(row) = column.iter().position(|value| !usable(value)) {
            return Err(FeatureError::BadBar {
                row,
                field,
                value: column[row],
            });
        }
    }
    Ok(())
}

/// Returns whether features are defined on `value` of bar column `index`.
pub fn usable(index: usize, value: f64) -> bool {
    let enough = if index <= CLOSE {
        value > 0.0
    } else {
        value >= 0.0
    };
    enough & (value < f64::INFINITY)
}

fn bar_column<'a>(bars: BarsView<'a>, index: usize) -> &'a [f64] {
    [bars.open, bars.high, bars.low, bars.close, bars.volume][index]
}

/// Computes one source over every bar.
///
/// # Errors
/// TA-Lib's refusal, or an input of an indicator that is not finite.
pub fn evaluate(bars: BarsView<'_>, source: &Source) -> Result<Series, FeatureError> {
    match source {
        Source::Bar(column) => Ok(Series {
            first: 0,
            values: bar_column(bars, *column).to_vec(),
        }),
        Source::Returns { lag } => {
            let first = (*lag).min(bars.len());
            let mut values = vec![0.0; bars.len()];
            for (value, (now, before)) in values[first..]
                .iter_mut()
                .zip(bars.close[first..].iter().zip(bars.close))
            {
                *value = (now / before).ln();
            }
            Ok(Series { first, values })
        }
        Source::Calendar(calendar) => Ok(Series {
            first: 0,
            values: calendar.values(bars.open_time, bars.timeframe),
        }),
        Source::Indicator(indicator) => {
            let mut wanted = [false; MAX_OUTPUTS];
            wanted[indicator.output] = true;
            let mut outputs = call(bars, indicator, &wanted)?;
            Ok(outputs[indicator.output]
                .take()
                .expect("the output was asked for"))
        }
    }
}

/// Calls TA-Lib once; returns the wanted outputs at their own rows.
///
/// # Errors
/// As [`evaluate`].
pub fn call(
    bars: BarsView<'_>,
    indicator: &Indicator,
    wanted: &[bool],
) -> Result<Vec<Option<Series>>, FeatureError> {
    let rows = bars.len();
    let start = indicator.start()?.min(rows);
    let first = (start + indicator.lookback()?).min(rows);
    let inputs = inputs(bars, indicator, start)?;
    let outputs = &indicator.function.outputs;
    let mut reals: Vec<Vec<f64>> = outputs
        .iter()
        .map(|output| {
            if output.integer {
                Vec::new()
            } else {
                vec![0.0; rows]
            }
        })
        .collect();
    let mut integers: Vec<Vec<i32>> = outputs
        .iter()
        .map(|output| {
            if output.integer {
                vec![0; rows - first]
            } else {
                Vec::new()
            }
        })
        .collect();
    if first < rows {
        let refused = |code| indicator.refused(code);
        let mut call = indicator.function.id.new_call(&CORE);
        indicator.bind(&mut call).map_err(refused)?;
        let mut series = inputs.iter();
        for (slot, input) in indicator.function.inputs.iter().enumerate() {
            match input {
                InputSlot::Series { .. } => {
                    let values = series.next().expect("one input a series slot");
                    call.set_input(slot, values).map_err(refused)?;
                }
                InputSlot::Bar(_) => {
                    let [open, high, low, close, volume] =
                        [0, 1, 2, 3, 4].map(|index| Some(&bar_column(bars, index)[start..]));
                    call.set_price_input(slot, open, high, low, close, volume, None)
                        .map_err(refused)?;
                }
            }
        }
        for (index, (real, integer)) in reals.iter_mut().zip(&mut integers).enumerate() {
            if outputs[index].integer {
                call.set_int_output(index, integer).map_err(refused)?;
            } else {
                call.set_output(index, &mut real[first..])
                    .map_err(refused)?;
            }
        }
        let range = call.call(0, rows - start - 1).map_err(refused)?;
        debug_assert_eq!((range.beg_idx + start, range.count), (first, rows - first));
    }
    let both = reals.into_iter().zip(integers).enumerate();
    Ok(both
        .map(|(index, (mut real, integer))| {
            wanted[index].then(|| {
                if outputs[index].integer {
                    real = vec![0.0; first];
                    real.extend(integer.into_iter().map(f64::from));
                }
                Series {
                    first,
                    values: real,
                }
            })
        })
        .collect())
}

/// Returns the series inputs from row `start` on; nothing that is not finite goes further.
fn inputs<'a>(
    bars: BarsView<'a>,
    indicator: &Indicator,
    start: usize,
) -> Result<Vec<Cow<'a, [f64]>>, FeatureError> {
    let one = |source: &Source| {
        if let Source::Bar(column) = source {
            return Ok(Cow::Borrowed(&bar_column(bars, *column)[start..]));
        }
        let values = evaluate(bars, source)?.values.split_off(start);
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(Cow::Owned(values)),
            Some(at) => Err(FeatureError::NotFinite {
                column: source.to_string(),
                row: start + at,
                value: values[at],
            }),
        }
    };
    indicator.inputs.iter().map(one).collect()
}
