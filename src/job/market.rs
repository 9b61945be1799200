//! From settings to a market that can be traded on: bars, features, windows, scaler.
//!
//! Owns the order that keeps the future out: windows are cut first, the scaler is fitted on the
//! training window alone and frozen, and the leak prover has to pass before anything is trained.
//! Start at [`prepare`].

use super::{
    bars,
    desk::Desk,
    error::JobError,
    recipe::{self, FeatureRecipe},
};
use backtest::Words;
use config::Config;
use data::{Cut, Split, SplitSpec};
use domain::{Bars, Phrase, phrase};
use features::{LeakReport, Scaler};
use runs::{Event, Phase};
use sim::{KnownMarket, Market};
use std::{num::NonZeroUsize, path::Path, sync::Arc};

/// Everything a training and its judgement need of the market.
#[derive(Debug)]
pub struct Prepared {
    /// Bars and scaled features.
    pub market: Market,
    /// Training, validation and test windows.
    pub split: Split,
    /// Where the bars come from, in words.
    pub source: String,
    /// Hash of the bars.
    pub hash: String,
    /// What has to be said of the data.
    pub remarks: Vec<Words>,
    /// What turns bars into this market's features: column specs and the frozen scaler. A
    /// known-answer market has none, its features are its law's.
    pub recipe: Option<FeatureRecipe>,
    /// The law of a known-answer market; `None` for real data.
    pub known: Option<KnownMarket>,
    /// What the leak prover found.
    pub proof: LeakReport,
}

/// Loads, computes, splits, scales and proves.
///
/// # Errors
/// Data that is missing, damaged or too short; wrong feature specs; a leak.
pub fn prepare(desk: &Desk, config: &Config, project: &Path) -> Result<Prepared, JobError> {
    desk.phase(Phase::Import)?;
    let (manifest, loaded) = bars::load(config, project, &*desk.clock)?;
    if let Some(says) = bars::correction(config, &manifest) {
        note(desk, says)?;
    }
    let bars = bars::between(loaded, config);
    let (count, symbol) = (bars.len(), &bars.symbol);
    let (from, to) = bars::dates(&bars);
    note(
        desk,
        phrase!(
            "{count} bars of {symbol} from {from} to {to}",
            "{symbol} 봉 {count}개, {from}부터 {to}까지"
        ),
    )?;
    desk.phase(Phase::Features)?;
    let set = recipe::features(config)?;
    let mut matrix = recipe::matrix(config, project, &bars, &set)?;
    let split = split(config, &bars, set.warmup())?;
    let spec = recipe::scaler(config);
    let scaler = Scaler::fit(&matrix, split.train.bars.clone(), &spec)?;
    scaler.apply(&mut matrix)?;
    let proof = recipe::prove(&bars, &set, &spec, thread_count(config))?;
    if !proof.is_clean() {
        return Err(JobError::Leak(proof.says()));
    }
    let (width, warmup, trials) = (matrix.cols, matrix.warmup, proof.trials);
    note(
        desk,
        phrase!(
            "{width} features, warm-up {warmup} bars, leak prover: {trials} trials, clean",
            "특징 {width}개, 준비 구간 {warmup}봉, 미래 정보 누출 검사 {trials}회 통과"
        ),
    )?;
    let recipe = FeatureRecipe {
        columns: matrix.names.clone(),
        scaler,
    };
    let market = Market::new(Arc::new(bars), Arc::new(matrix.data), width, warmup)?;
    let (source, hash) = (manifest.source.path.clone(), manifest.bars_hash.clone());
    let remarks = bars::remarks(&manifest);
    Ok(Prepared {
        market,
        split,
        source,
        hash,
        remarks,
        known: None,
        proof,
        recipe: Some(recipe),
    })
}

fn note(desk: &Desk, says: Phrase) -> Result<(), JobError> {
    Ok(desk.event(Event::Note { says })?)
}

/// Cuts the windows.
///
/// # Errors
/// Too few bars, or a purge shorter than the observation window.
pub fn split(config: &Config, bars: &Bars, warm_up: usize) -> Result<Split, JobError> {
    let judged = &config.evaluate;
    let spec = SplitSpec {
        warm_up: warm_up + config.env.window - 1,
        valid_from: Cut::Share(judged.train_fraction),
        test_from: Cut::Share(judged.train_fraction + judged.valid_fraction),
        purge: judged.purge,
        required_purge: config.env.window,
        embargo: judged.embargo,
        ..SplitSpec::default()
    };
    Ok(Split::cut(&bars.open_time, &spec)?)
}

/// Returns how many threads the settings allow.
#[must_use]
pub fn thread_count(config: &Config) -> NonZeroUsize {
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    NonZeroUsize::new(config.train.threads).unwrap_or(cores)
}
