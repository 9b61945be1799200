//! Tests the chosen policies once on the held-out window and writes the report.
//!
//! Owns which runs a verdict needs: every seed, the policy on shuffled features, the trials
//! counted. What is made of them is `backtest`'s.

use super::{
    desk::Desk,
    error::JobError,
    market::Prepared,
    plan,
    training::{self, Trained},
    validation::Pass,
};
use backtest::{
    baseline::{Baseline, Bounds},
    conventions::Conventions,
    evaluate::{AgentPath, Resampling, Study, evaluate},
    judge::{Check, Verdict},
    report::{DataDescription, Heading, LearningCurve, Report, Window, Windows},
};
use config::{Config, keys::ActionKind};
use domain::{Phrase, Streams, durable};
use runs::{EquityRecord, Phase, RunDir, RunReader, Scope, Side, Success, Track, TradeRecord};
use sim::{Market, TradingSpec};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

/// How often the features are shuffled.
const SHUFFLES: u64 = 5;
/// Learning curves that a report shows.
const CURVES: [&str; 6] = [
    "valid/score",
    "rollout/episode_return",
    "loss/entropy",
    "loss/approx_kl",
    "loss/clip_fraction",
    "loss/explained_variance",
];

/// Tests, judges, writes `report/report.json`.
///
/// # Errors
/// A damaged checkpoint, or a window that cannot be replayed.
pub fn judge(
    desk: &Desk,
    agents_of: &RunDir,
    config: &Config,
    prepared: &Prepared,
    spec: &TradingSpec,
    trained: &[Trained],
) -> Result<Success, JobError> {
    desk.phase(Phase::Test)?;
    let test = prepared.split.test.bars.clone();
    let pass = Pass::new(&prepared.market, test.clone(), spec);
    let mut agents = Vec::new();
    for one in trained {
        let layout = agents_of.track(Track::Seed(one.seed));
        let mut policy = training::chosen_policy(&layout, one)?;
        agents.push(AgentPath {
            seed: one.seed,
            targets: pass.targets(&mut policy)?,
        });
    }
    let chosen = best_on_validation(trained);
    let shuffled = if config.evaluate.nulls {
        shuffled_runs(agents_of, prepared, spec, &trained[chosen])?
    } else {
        Vec::new()
    };
    let bars = prepared.market.bars();
    let conventions = Conventions {
        risk_free: config.evaluate.risk_free,
        ..Conventions::for_market(bars.timeframe, config.evaluate.trading_days)
    };
    let looked_at: u64 = trained.iter().map(|one| one.validations).sum();
    let wanted: Vec<String> = config
        .evaluate
        .baselines
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut baselines = Baseline::standard_set(bars.timeframe, test.len());
    baselines.retain(|rule| wanted.iter().any(|name| name == rule.id()));
    let study = Study {
        bars: bars.slice(0..test.end),
        test: test.clone(),
        agents: &agents,
        chosen,
        shuffled: &shuffled,
        account: &spec.account,
        conventions,
        bounds: bounds(config),
        actions: spec.action_space(),
        baselines: &baselines,
        leak_prover: Check::when(prepared.proof.is_clean()),
        trials: config.evaluate.trials * looked_at.max(1),
        trial_sharpes: &[],
        resampling: Resampling {
            resamples: config.evaluate.bootstrap_samples,
            ..Resampling::default()
        },
    };
    let heading = heading(desk, agents_of, config, prepared)?;
    let report = evaluate(&study, heading)?;
    desk.phase(Phase::Report)?;
    write(desk, &report)?;
    let targets = agents.swap_remove(chosen).targets;
    let test_run = backtest::replay(bars.slice(test.clone()), &targets, &spec.account)?;
    record_test(desk, &trained[chosen], bars, &test, &test_run)?;
    Ok(success(desk, &report))
}

fn best_on_validation(trained: &[Trained]) -> usize {
    let score = |one: &Trained| one.score.unwrap_or(f64::NEG_INFINITY);
    let indices = 0..trained.len();
    // The first of equals: the order of the settings decides, not chance.
    indices
        .rev()
        .max_by(|a, b| score(&trained[*a]).total_cmp(&score(&trained[*b])))
        .unwrap_or(0)
}

/// The chosen policy's decisions where each test bar shows another test bar's features.
fn shuffled_runs(
    agents_of: &RunDir,
    prepared: &Prepared,
    spec: &TradingSpec,
    chosen: &Trained,
) -> Result<Vec<Vec<f64>>, JobError> {
    let test = &prepared.split.test.bars;
    let width = prepared.market.n_features();
    let layout = agents_of.track(Track::Seed(chosen.seed));
    let mut policy = training::chosen_policy(&layout, chosen)?;
    let mut all = Vec::new();
    for index in 0..SHUFFLES {
        let mut features = prepared.market.features().to_vec();
        let source = prepared.market.features();
        let mut rng = Streams::new(chosen.seed).stream("shuffled-features", index);
        let mut order: Vec<usize> = test.clone().collect();
        rng.shuffle(&mut order);
        for (row, from) in test.clone().zip(order) {
            features[row * width..(row + 1) * width]
                .copy_from_slice(&source[from * width..(from + 1) * width]);
        }
        let bars = Arc::clone(prepared.market.bars());
        let warmup = prepared.market.warmup();
        let market = Market::new(bars, Arc::new(features), width, warmup)?;
        all.push(Pass::new(&market, test.clone(), spec).targets(&mut policy)?);
    }
    Ok(all)
}

fn bounds(config: &Config) -> Bounds {
    match config.env.actions {
        ActionKind::Continuous => Bounds {
            low: -config.env.leverage,
            high: config.env.leverage,
        },
        ActionKind::Discrete => {
            let positions = &config.env.positions;
            let fold = |by: fn(f64, f64) -> f64| positions.iter().copied().fold(0.0, by);
            Bounds {
                low: fold(f64::min),
                high: fold(f64::max),
            }
        }
    }
}

fn heading(
    desk: &Desk,
    agents_of: &RunDir,
    config: &Config,
    prepared: &Prepared,
) -> Result<Heading, JobError> {
    let bars = prepared.market.bars();
    let split = &prepared.split;
    let window = |window: &data::Window| Window {
        first: window.from,
        last: window.to,
        bars: window.bars.len(),
    };
    let mut reader = RunReader::new(agents_of);
    reader.poll()?;
    let mut learning = Vec::new();
    for seed in &config.train.seeds {
        let Some(track) = reader.track(Track::Seed(*seed)) else {
            continue;
        };
        for key in CURVES {
            let points = track.metrics.records().iter();
            let points = points.filter_map(|record| Some((record.step, *record.k.get(key)?)));
            let (steps, values): (Vec<u64>, Vec<f64>) = points.unzip();
            if !steps.is_empty() {
                let (seed, key) = (*seed, key.to_owned());
                learning.push(LearningCurve {
                    seed,
                    key,
                    steps,
                    values,
                });
            }
        }
    }
    Ok(Heading {
        title: desk.segment().run().id().to_string(),
        data: DataDescription {
            symbol: bars.symbol.clone(),
            timeframe: bars.timeframe,
            source: prepared.source.clone(),
            hash: prepared.hash.clone(),
            bars: bars.len(),
            remarks: prepared.remarks.clone(),
        },
        windows: Windows {
            train: window(&split.train),
            valid: window(&split.valid),
            test: window(&split.test),
            purge_bars: split.purge,
            embargo_bars: split.embargo,
        },
        learning,
    })
}

fn write(desk: &Desk, report: &Report) -> Result<(), JobError> {
    let dir = desk.segment().run().layout().report();
    let path = dir.join("report.json");
    let bytes = serde_json::to_vec(report).expect("report data has a JSON form");
    std::fs::create_dir_all(&dir)
        .and_then(|()| durable::replace(&path, &bytes))
        .map_err(|error| JobError::io(&path, error))
}

/// Leaves the test's equity and trades where the console reads them.
fn record_test(
    desk: &Desk,
    chosen: &Trained,
    bars: &domain::Bars,
    test: &Range<usize>,
    run: &backtest::Replay,
) -> Result<(), JobError> {
    let step = chosen.chosen_step;
    let close = bars.timeframe.nanos();
    let exposures = run.exposures(&bars.close[test.clone()]);
    let mut peak = f64::MIN;
    let equity: Vec<EquityRecord> = run
        .equity
        .iter()
        .zip(&exposures)
        .zip(test.clone())
        .map(|((equity, position), bar)| {
            peak = peak.max(*equity);
            EquityRecord {
                step,
                scope: Scope::Test,
                t: domain::Nanos(bars.open_time[bar].0 + close),
                equity: *equity,
                drawdown: 1.0 - equity / peak,
                position: *position,
            }
        })
        .collect();
    let trades: Vec<TradeRecord> = run
        .trades
        .iter()
        .map(|trade| TradeRecord {
            step,
            scope: Scope::Test,
            side: if trade.quantity > 0.0 {
                Side::Long
            } else {
                Side::Short
            },
            qty: trade.quantity.abs(),
            entry_bar: (test.start + trade.entry_bar) as u64,
            entry_t: trade.entry_time,
            entry_price: trade.entry_price,
            exit_bar: (test.start + trade.exit_bar) as u64,
            exit_t: trade.exit_time,
            exit_price: trade.exit_price,
            // Prices hold spread and slippage already.
            pnl: trade.net_pnl(),
            fees: trade.costs.fee,
        })
        .collect();
    let mut segment = desk.segment();
    let journals = segment.journals();
    journals.equity(&equity)?;
    journals.trades(&trades)?;
    journals.flush()?;
    Ok(())
}

fn success(desk: &Desk, report: &Report) -> Success {
    let performance = &report.evidence.metrics.performance;
    let activity = &report.evidence.metrics.activity;
    let mut metrics = BTreeMap::from([
        ("test/return".to_owned(), performance.total_return),
        ("test/trades".to_owned(), activity.trades as f64),
        ("test/exposure".to_owned(), activity.exposure),
    ]);
    let optional = [
        ("test/sharpe", performance.sharpe),
        (
            "test/max_drawdown",
            performance.max_drawdown.map(|fall| fall.depth),
        ),
        ("test/sortino", performance.sortino),
        (
            "seeds/return_iqm",
            report.evidence.seeds.map(|seeds| seeds.iqm),
        ),
        (
            "seeds/return_worst",
            report.evidence.seeds.map(|seeds| seeds.worst),
        ),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            metrics.insert(key.to_owned(), value);
        }
    }
    let headline = &report.judgement.headline;
    let word = match report.judgement.verdict {
        Verdict::Edge => "edge",
        Verdict::Weak => "weak",
        Verdict::NoEdge => "no_edge",
        Verdict::Invalid => "invalid",
    };
    Success {
        at: desk.now(),
        verdict: Some(runs::Verdict {
            word: word.to_owned(),
            says: Phrase::new(headline.en.clone(), headline.ko.clone()),
            positive: report.judgement.verdict == Verdict::Edge,
        }),
        metrics,
    }
}

/// Returns the trading spec of a judgement: the training's, with the costs of `config` as stated.
#[must_use]
pub fn spec_of(config: &Config, units_base: f64) -> TradingSpec {
    let mut spec = plan::trading(config);
    if let sim::Sizing::Units { base } = &mut spec.account.sizing {
        *base = units_base;
    }
    spec
}
