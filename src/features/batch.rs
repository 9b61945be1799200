//! Computes whole columns at once, on as many threads as are given.
//!
//! Columns that share a TA-Lib call are one job; jobs go to threads as these become free; values are
//! f64 inside and f32 in the matrix. The bits depend neither on the number of threads nor on their
//! order. Start at [`compute`].

use crate::{
    error::FeatureError,
    evaluate::{Series, call, check_bars, evaluate},
    matrix::Matrix,
    registry::MAX_OUTPUTS,
    set::FeatureSet,
    source::Source,
    spec::Feature,
    transform::Transform,
};
use domain::BarsView;
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Computes every column of `set` over `bars` on at most `threads` threads.
///
/// Returns `[bars.len(), set.columns().len()]` f32. Rows before the warm-up are incomplete.
///
/// # Errors
/// [`FeatureError::TooShort`], [`FeatureError::BadBar`], [`FeatureError::NotFinite`] naming column
/// and row, [`FeatureError::TaLib`].
pub fn compute(
    bars: BarsView<'_>,
    set: &FeatureSet,
    threads: NonZeroUsize,
) -> Result<Matrix, FeatureError> {
    let warmup = set.warmup();
    if bars.len() <= warmup {
        return Err(FeatureError::TooShort {
            bars: bars.len(),
            needed: warmup + 1,
            column: set.slowest().to_owned(),
        });
    }
    check_bars(bars)?;
    let columns = all_columns(bars, set, threads)?;
    Ok(Matrix {
        rows: bars.len(),
        cols: columns.len(),
        data: interleave(&columns, bars.len(), threads),
        warmup,
        names: set
            .columns()
            .iter()
            .map(|column| column.name.clone())
            .collect(),
        bounded: set.columns().iter().map(|column| column.bounded).collect(),
    })
}

/// Columns that come from one call, with their places in the matrix.
struct Job<'a> {
    members: Vec<(usize, &'a Feature)>,
    slow: bool,
}

fn jobs(set: &FeatureSet) -> Vec<Job<'_>> {
    let mut by_call: BTreeMap<String, Job<'_>> = BTreeMap::new();
    for (index, feature) in set.features().iter().enumerate() {
        let (key, slow) = match &feature.source {
            Source::Indicator(indicator) => (
                indicator.call_text(),
                indicator.function.name.starts_with("HT_"),
            ),
            other => (other.to_string(), false),
        };
        let job = by_call.entry(key).or_insert_with(|| Job {
            members: Vec::new(),
            slow,
        });
        job.members.push((index, feature));
    }
    let mut jobs: Vec<Job<'_>> = by_call.into_values().collect();
    // The Hilbert functions cost up to a hundred times the others: started last, one would keep a
    // single thread busy at the end.
    jobs.sort_by_key(|job| !job.slow);
    jobs
}

fn all_columns(
    bars: BarsView<'_>,
    set: &FeatureSet,
    threads: NonZeroUsize,
) -> Result<Vec<Vec<f32>>, FeatureError> {
    let jobs = jobs(set);
    let next = AtomicUsize::new(0);
    let operands = Operands::of(set);
    let work = || {
        let mut done = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.extend(run(bars, set, job, &operands));
        }
        done
    };
    let done: Vec<(usize, Result<Vec<f32>, FeatureError>)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.get().min(jobs.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(columns) => done.extend(columns),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    let by_place: BTreeMap<usize, Result<Vec<f32>, FeatureError>> = done.into_iter().collect();
    by_place.into_values().collect()
}

/// What transforms divide by, each computed once by whoever needs it first.
struct Operands(BTreeMap<String, Operand>);

struct Operand {
    source: Source,
    computed: OnceLock<Result<Vec<f64>, FeatureError>>,
}

impl Operands {
    fn of(set: &FeatureSet) -> Self {
        let transforms = set
            .features()
            .iter()
            .flat_map(|feature| &feature.transforms);
        Self(
            transforms
                .filter_map(|transform| transform.operand())
                .map(|source| {
                    (
                        source.to_string(),
                        Operand {
                            source,
                            computed: OnceLock::new(),
                        },
                    )
                })
                .collect(),
        )
    }

    fn get(&self, bars: BarsView<'_>, source: &Source) -> Result<&[f64], FeatureError> {
        let Operand { source, computed } = &self.0[&source.to_string()];
        let computed = computed.get_or_init(|| Ok(evaluate(bars, source)?.values));
        computed.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }
}

fn run(
    bars: BarsView<'_>,
    set: &FeatureSet,
    job: &Job<'_>,
    operands: &Operands,
) -> Vec<(usize, Result<Vec<f32>, FeatureError>)> {
    let sources = match &job.members[0].1.source {
        Source::Indicator(indicator) => {
            let wanted: Vec<bool> = (0..MAX_OUTPUTS)
                .map(|output| job.members.iter().any(|(_, f)| f.source.output() == output))
                .collect();
            call(bars, indicator, &wanted)
        }
        source => evaluate(bars, source).map(|series| vec![Some(series)]),
    };
    let mut sources = match sources {
        Ok(sources) => sources,
        Err(error) => {
            return job
                .members
                .iter()
                .map(|(index, _)| (*index, Err(error.clone())))
                .collect();
        }
    };
    let last_use = |output: usize| {
        job.members
            .iter()
            .rposition(|(_, feature)| feature.source.output() == output)
    };
    let mut done = Vec::with_capacity(job.members.len());
    for (position, (index, feature)) in job.members.iter().enumerate() {
        let output = feature.source.output();
        let series = if last_use(output) == Some(position) {
            sources[output].take()
        } else {
            sources[output].clone()
        };
        let series = series.expect("every member's output was asked for");
        let name = &set.columns()[*index].name;
        done.push((*index, finish(bars, name, feature, series, operands)));
    }
    done
}

/// Applies the transforms and narrows to f32.
fn finish(
    bars: BarsView<'_>,
    name: &str,
    feature: &Feature,
    series: Series,
    operands: &Operands,
) -> Result<Vec<f32>, FeatureError> {
    let Series {
        mut first,
        mut values,
    } = series;
    for transform in &feature.transforms {
        first = apply(bars, *transform, first, &mut values, operands)?;
    }
    let mut column = Vec::with_capacity(values.len());
    column.resize(first, 0.0);
    column.extend(values[first..].iter().map(|wide| *wide as f32));
    if !column
        .iter()
        .fold(true, |all, value: &f32| all & value.is_finite())
    {
        let row = column
            .iter()
            .position(|value| !value.is_finite())
            .unwrap_or(first);
        return Err(FeatureError::NotFinite {
            column: name.to_owned(),
            row,
            value: values[row],
        });
    }
    Ok(column)
}

/// Applies one transform in place; returns the new first row.
fn apply(
    bars: BarsView<'_>,
    transform: Transform,
    first: usize,
    values: &mut [f64],
    operands: &Operands,
) -> Result<usize, FeatureError> {
    let operand = transform.operand();
    let start = match &operand {
        Some(source) => first.max(source.first()?),
        None => first,
    };
    let divisor = match &operand {
        Some(source) => operands.get(bars, source)?,
        None => bars.close,
    };
    transform.stage().run(
        &mut values[start..],
        &bars.close[start..],
        &divisor[start..],
    );
    Ok(start + transform.delay())
}

/// Writes columns as rows, in blocks that stay in the cache.
fn interleave(columns: &[Vec<f32>], rows: usize, threads: NonZeroUsize) -> Vec<f32> {
    const BLOCK: usize = 128;
    let cols = columns.len();
    let mut data = vec![0.0_f32; rows * cols];
    let share = rows.div_ceil(threads.get()).next_multiple_of(BLOCK);
    let fill = |part: &mut [f32], from: usize| {
        for (block, out) in part.chunks_mut(BLOCK * cols).enumerate() {
            let start = from + block * BLOCK;
            for (index, column) in columns.iter().enumerate() {
                let cells = out[index..].iter_mut().step_by(cols);
                for (cell, value) in cells.zip(&column[start..]) {
                    *cell = *value;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for (index, part) in data.chunks_mut(share * cols).enumerate() {
            scope.spawn(move || fill(part, index * share));
        }
    });
    data
}
