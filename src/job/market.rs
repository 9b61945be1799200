//! From a data set's name to a market that can be traded on: bars, features, windows, scaler.
//!
//! Owns the order that keeps the future out: windows are cut first, the scaler is fitted on the
//! training window alone and frozen, and the leak prover has to pass before anything is trained.

use super::{desk::Desk, error::JobError};
use backtest::Words;
use config::{
    Config,
    keys::{self, FeatureSet as ConfigSet},
};
use data::{Cut, Detect, ImportSpec, Manifest, MatrixCache, Split, SplitSpec, Store};
use domain::{Bars, Clock, Phrase, Place, Problems, Streams};
use features::{FeatureSet, LeakReport, Probes, Scaler, ScalerKind, ScalerSpec, compute};
use runs::{Event, Phase};
use serde::Serialize;
use sim::{KnownMarket, KnownMarketSpec, Market};
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bars that the leak prover works on: enough for every default warm-up, few enough to be quick.
const PROVER_BARS: usize = 3_000;
/// Bars after which the prover changes the future; each in every way it knows.
const PROVER_PROBES: usize = 6;

/// Every run sees the same path of a known-answer market; the run's own seeds vary the learning.
const MARKET_SEED: u64 = 20_240_101;

/// What a policy needs beside its weights to see what it was trained on.
#[derive(Debug, Serialize)]
pub struct FeatureRecipe {
    /// Canonical spec of every column, in order.
    pub columns: Vec<String>,
    /// The scaler as fitted on the training window.
    pub scaler: Scaler,
}

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
    let (manifest, bars) = load(config, project, &*desk.clock)?;
    let bars = between(bars, config);
    note(
        desk,
        format!(
            "{} bars of {} from {} to {}",
            bars.len(),
            bars.symbol,
            first(&bars),
            last(&bars)
        ),
        format!(
            "{} 봉 {}개, {}부터 {}까지",
            bars.symbol,
            bars.len(),
            first(&bars),
            last(&bars)
        ),
    )?;
    desk.phase(Phase::Features)?;
    let set = feature_set(config)?;
    let threads = thread_count(config);
    let key = set
        .cache_key(&features::bars_hash(bars.view()))
        .to_hex()
        .to_string();
    let computed = |wanted: &FeatureSet| -> Result<features::Matrix, JobError> {
        Ok(compute(bars.view(), wanted, threads)?)
    };
    let mut matrix = if config.features.cache {
        cached(
            &data_dir(config, project),
            &key,
            &set,
            bars.len(),
            &computed,
        )?
    } else {
        computed(&set)?
    };
    let split = split(config, &bars, set.warmup())?;
    let spec = scaler_spec(config);
    let scaler = Scaler::fit(&matrix, split.train.bars.clone(), &spec)?;
    scaler.apply(&mut matrix)?;
    let proof = prove(&bars, &set, &spec, threads)?;
    if !proof.is_clean() {
        return Err(JobError::Leak(proof.to_string()));
    }
    note(
        desk,
        format!(
            "{} features, warm-up {} bars, leak prover: {} trials, clean",
            matrix.cols,
            set.warmup(),
            proof.trials
        ),
        format!(
            "특징 {}개, 준비 구간 {}봉, 미래 정보 누출 검사 {}회 통과",
            matrix.cols,
            set.warmup(),
            proof.trials
        ),
    )?;
    let recipe = FeatureRecipe {
        columns: matrix.names.clone(),
        scaler,
    };
    let (n_features, warmup) = (matrix.cols, matrix.warmup);
    let market = Market::new(Arc::new(bars), Arc::new(matrix.data), n_features, warmup)?;
    let (source, hash) = (manifest.source.path.clone(), manifest.bars_hash.clone());
    let remarks = remarks(&manifest);
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

fn note(desk: &Desk, en: String, ko: String) -> Result<(), JobError> {
    Ok(desk.event(Event::Note {
        says: Phrase::new(en, ko),
    })?)
}

fn first(bars: &Bars) -> String {
    bars.open_time
        .first()
        .map(|time| time.date())
        .unwrap_or_default()
}

fn last(bars: &Bars) -> String {
    bars.open_time
        .last()
        .map(|time| time.date())
        .unwrap_or_default()
}

/// Returns the folder that holds `store/` and `cache/`.
fn data_dir(config: &Config, project: &Path) -> PathBuf {
    project.join(&config.data.store)
}

/// Loads the configured set, importing it from `data.source` where the store has none.
///
/// # Errors
/// What the store or the import says.
pub fn load(
    config: &Config,
    project: &Path,
    clock: &dyn Clock,
) -> Result<(Manifest, Bars), JobError> {
    let store = Store::at(&data_dir(config, project));
    match store.load(&config.data.set) {
        Err(data::DataError::NotFound { .. }) if !config.data.source.is_empty() => {
            let source: PathBuf = project.join(&config.data.source);
            let spec = ImportSpec {
                symbol: Detect::Given(config.data.symbol.clone()),
                timeframe: match config.data.timeframe.parse() {
                    Ok(timeframe) => Detect::Given(timeframe),
                    Err(_) => Detect::Auto,
                },
                repair: repairs(config)?,
                ..ImportSpec::named(&config.data.set)
            };
            data::import(&source, &spec, &store, clock, &mut data::quiet)?;
            Ok(store.load(&config.data.set)?)
        }
        loaded => Ok(loaded?),
    }
}

/// Returns the named repairs as the import takes them.
fn repairs(config: &Config) -> Result<data::RepairPolicy, JobError> {
    let mut policy = data::RepairPolicy::default();
    policy.longest_fill = config.data.longest_fill;
    for repair in &config.data.repair {
        if let Err(error) = policy.set(repair.name()) {
            let mut problems = Problems::new();
            problems.error(Place::Path("data.repair".into()), error.to_string(), "");
            return Err(JobError::Settings(problems));
        }
    }
    Ok(policy)
}

/// Returns the bars that open within `[data.start, data.end]`; an empty date is no bound.
fn between(bars: Bars, config: &Config) -> Bars {
    let (start, end) = (&config.data.start, &config.data.end);
    if start.is_empty() && end.is_empty() {
        return bars;
    }
    let date = |index: usize| bars.open_time[index].date();
    let from = (0..bars.len())
        .find(|index| date(*index) >= *start)
        .unwrap_or(bars.len());
    let to = (from..bars.len()).find(|index| !end.is_empty() && date(*index) > *end);
    bars.cut(from..to.unwrap_or(bars.len()))
}

/// Returns the configured feature set.
///
/// # Errors
/// Every column that is wrong, at once.
pub fn feature_set(config: &Config) -> Result<FeatureSet, JobError> {
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
            problems.error(
                place,
                problem.error.to_string(),
                "see `makook features <word>`",
            );
        }
        JobError::Settings(problems)
    })
}

fn scaler_spec(config: &Config) -> ScalerSpec {
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

/// Returns how many threads the settings allow.
#[must_use]
pub fn thread_count(config: &Config) -> NonZeroUsize {
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    NonZeroUsize::new(config.train.threads).unwrap_or(cores)
}

fn cached(
    data: &Path,
    key: &str,
    set: &FeatureSet,
    rows: usize,
    computed: &dyn Fn(&FeatureSet) -> Result<features::Matrix, JobError>,
) -> Result<features::Matrix, JobError> {
    let (mapped, _) = MatrixCache::at(data).get_or_compute(key, || -> Result<_, JobError> {
        let matrix = computed(set)?;
        Ok(data::Matrix {
            names: matrix.names,
            warm_up: matrix.warmup,
            values: matrix.data,
        })
    })?;
    let columns = set.columns();
    Ok(features::Matrix {
        rows,
        cols: columns.len(),
        data: mapped.as_ref().to_vec(),
        warmup: set.warmup(),
        names: columns.iter().map(|column| column.name.clone()).collect(),
        bounded: columns.iter().map(|column| column.bounded).collect(),
    })
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

/// Proves the configured features and scaler on `bars`.
///
/// # Errors
/// Wrong feature specs, or features that cannot be computed.
pub fn proof(config: &Config, bars: &Bars) -> Result<LeakReport, JobError> {
    prove(
        bars,
        &feature_set(config)?,
        &scaler_spec(config),
        thread_count(config),
    )
}

/// Proves features and scaler together on the newest bars: the scaler is fitted on the first half,
/// the probes lie in the second.
fn prove(
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

/// What a reader has to know of real data: gaps and repairs.
fn remarks(manifest: &Manifest) -> Vec<Words> {
    let coverage = &manifest.coverage;
    let mut remarks = vec![Words::new(
        format!(
            "{} bars are missing in {} gaps; they are left out, not filled.",
            coverage.missing_bars, coverage.gaps
        ),
        format!(
            "빠진 봉 {}개(공백 {}곳)는 채우지 않고 그대로 두었습니다.",
            coverage.missing_bars, coverage.gaps
        ),
    )];
    for repair in &manifest.repairs {
        remarks.push(Words::new(
            format!(
                "Repaired on import: {} ({}) in {} rows.",
                repair.fault.title().en,
                repair.policy,
                repair.count
            ),
            format!(
                "가져올 때 고침: {} ({}) {}행.",
                repair.fault.title().ko,
                repair.policy,
                repair.count
            ),
        ));
    }
    remarks
}

/// Draws a known-answer market and cuts its windows like those of real data.
///
/// # Errors
/// Settings that leave too little for a window.
pub fn known(desk: &Desk, config: &Config, spec: &KnownMarketSpec) -> Result<Prepared, JobError> {
    desk.phase(Phase::Import)?;
    let mut rng = Streams::new(MARKET_SEED).stream("known-market", 0);
    let bars = config.env.synthetic_bars;
    let known = spec.generate(bars, &mut rng)?;
    let market = known.market().clone();
    let proof = prefix_proof(spec, &market, bars / 2)?;
    if !proof.is_clean() {
        return Err(JobError::Leak(proof.to_string()));
    }
    let split = split(config, market.bars(), market.warmup())?;
    let hash = features::bars_hash(market.bars().view())
        .to_hex()
        .to_string();
    let remarks = vec![Words::new(
        "A market drawn from a known law; its best policy was computed exactly.",
        "알려진 법칙으로 만든 시장입니다. 최적 정책을 정확히 계산했습니다.",
    )];
    Ok(Prepared {
        market,
        split,
        source: format!("known-answer market {}", spec.name()),
        hash,
        remarks,
        known: Some(known),
        proof,
        recipe: None,
    })
}

/// Draws the same path again, but only its beginning: what an agent sees there must not depend on
/// whether anything follows.
fn prefix_proof(
    spec: &KnownMarketSpec,
    whole: &Market,
    bars: usize,
) -> Result<LeakReport, JobError> {
    let mut rng = Streams::new(MARKET_SEED).stream("known-market", 0);
    let prefix = spec.generate(bars, &mut rng)?;
    let width = whole.n_features();
    let shown = &whole.features()[..bars * width];
    let differs = shown.iter().zip(prefix.market().features());
    let leaks = differs
        .enumerate()
        .find(|(_, (a, b))| a.to_bits() != b.to_bits())
        .map(|(at, _)| features::Leak {
            column: format!("known_{}", at % width),
            t: bars - 1,
            row: at / width,
            mutation: features::Mutation::Truncation,
            trials: 1,
        });
    Ok(LeakReport {
        leaks: leaks.into_iter().collect(),
        probes: 1,
        trials: 1,
        refused: 0,
    })
}
