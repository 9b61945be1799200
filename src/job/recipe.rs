//! From bars to what a policy sees: the configured features, their scaler, and the proof that
//! neither knows the future.
//!
//! Owns the matrix cache's key and the prover's size; never decides which bars the scaler is fitted
//! on. Start at [`features`].

use super::{bars, error::JobError, market::thread_count};
use config::{
    Config,
    keys::{self, FeatureSet as ConfigSet},
};
use data::MatrixCache;
use domain::{Bars, Place, Problems, Streams};
use features::{FeatureSet, LeakReport, Matrix, Probes, Scaler, ScalerKind, ScalerSpec, compute};
use serde::Serialize;
use std::{num::NonZeroUsize, path::Path};

/// Bars that the leak prover works on: enough for every default warm-up, few enough to be quick.
const PROVER_BARS: usize = 3_000;
/// Bars after which the prover changes the future; each in every way it knows.
const PROVER_PROBES: usize = 6;

/// What a policy needs beside its weights to see what it was trained on.
#[derive(Debug, Serialize)]
pub struct FeatureRecipe {
    /// Canonical spec of every column, in order.
    pub columns: Vec<String>,
    /// The scaler as fitted on the training window.
    pub scaler: Scaler,
}

/// Returns the configured features of `bars`, not yet scaled; from the cache where the settings
/// allow it and it has them.
///
/// # Errors
/// Features that cannot be computed, or a cache that cannot be written.
pub fn matrix(
    config: &Config,
    project: &Path,
    bars: &Bars,
    set: &FeatureSet,
) -> Result<Matrix, JobError> {
    let threads = thread_count(config);
    let computed = || -> Result<Matrix, JobError> { Ok(compute(bars.view(), set, threads)?) };
    if !config.features.cache {
        return computed();
    }
    let key = set.cache_key(&features::bars_hash(bars.view()));
    let cache = MatrixCache::at(&bars::data_dir(config, project));
    let (mapped, _) = cache.get_or_compute(&key.to_hex(), || -> Result<_, JobError> {
        let matrix = computed()?;
        Ok(data::Matrix {
            names: matrix.names,
            warm_up: matrix.warmup,
            values: matrix.data,
        })
    })?;
    let columns = set.columns();
    Ok(Matrix {
        rows: bars.len(),
        cols: columns.len(),
        data: mapped.as_ref().to_vec(),
        warmup: set.warmup(),
        names: columns.iter().map(|column| column.name.clone()).collect(),
        bounded: columns.iter().map(|column| column.bounded).collect(),
    })
}

/// Returns the configured feature set.
///
/// # Errors
/// Every column that is wrong, at once.
pub fn features(config: &Config) -> Result<FeatureSet, JobError> {
    let mut specs: Vec<String> = match config.features.set {
        ConfigSet::Default => features::default_specs()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        ConfigSet::Empty => Vec::new(),
    };
    let own = specs.len();
    specs.extend(config.features.columns.iter().cloned());
    FeatureSet::parse(&specs).map_err(|wrong| {
        let mut problems = Problems::new();
        for problem in wrong {
            let place = Place::Path(format!(
                "features.columns[{}]",
                problem.index.saturating_sub(own)
            ));
            problems.error(place, problem.error.says(), problem.error.hint());
        }
        JobError::Settings(problems)
    })
}

/// Returns the configured scaler, not yet fitted.
#[must_use]
pub fn scaler(config: &Config) -> ScalerSpec {
    let kind = match config.features.scaler {
        keys::Scaler::Standard => ScalerKind::Standard,
        keys::Scaler::Robust => ScalerKind::Robust,
        keys::Scaler::RankNormal => ScalerKind::RankNormal,
        keys::Scaler::RankUniform => ScalerKind::RankUniform,
        keys::Scaler::None => ScalerKind::None,
    };
    let (clip, keep_bounded) = (config.features.clip, config.features.keep_bounded);
    ScalerSpec {
        kind,
        clip,
        keep_bounded,
    }
}

/// Proves the configured features and scaler on `bars`.
///
/// # Errors
/// Wrong feature specs, or features that cannot be computed.
pub fn proof(config: &Config, bars: &Bars) -> Result<LeakReport, JobError> {
    prove(
        bars,
        &features(config)?,
        &scaler(config),
        thread_count(config),
    )
}

/// Proves features and scaler together on the newest bars: the scaler is fitted on the first half,
/// the probes lie in the second.
pub fn prove(
    bars: &Bars,
    set: &FeatureSet,
    spec: &ScalerSpec,
    threads: NonZeroUsize,
) -> Result<LeakReport, JobError> {
    let length = (PROVER_BARS.max(set.warmup() * 3)).min(bars.len());
    let newest = bars.cut(bars.len() - length..bars.len());
    let warmup = set.warmup();
    let middle = warmup + (length - warmup) / 2;
    let pipeline = |view: domain::BarsView<'_>| -> Result<features::Matrix, JobError> {
        let mut matrix = compute(view, set, threads)?;
        Scaler::fit(&matrix, warmup..middle, spec)?.apply(&mut matrix)?;
        Ok(matrix)
    };
    let probes = Probes {
        count: PROVER_PROBES,
        bars: middle..length - 1,
    };
    let mut rng = Streams::new(0).stream("leak-prover", 0);
    features::prove(&pipeline, &newest, &mut rng, &probes)
}
