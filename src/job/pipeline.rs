//! The main job of a run: prepare, train every seed, test once, judge.
//!
//! Three kinds of environment end differently: real markets with a verdict, known-answer markets
//! with the share of the exact optimum beside it, control tasks with their mean return.

use super::{
    desk::Desk,
    error::JobError,
    judging, known, market,
    market::Prepared,
    plan,
    training::{self, Outcome, Recipe, Trained},
    validation::{MarketValidation, Pass},
};
use config::{Config, keys::EnvKind};
use domain::{Phrase, Streams, durable, phrase};
use learn::{EnvFamily, TrainError, Validated, Validation};
use runs::{Event, Phase, RunDir, Success, Track};
use sim::{ClassicTask, KnownMarketSpec, Shard, SimError, TradingEnv, TradingSpec, VecEnv};
use std::{collections::BTreeMap, fs, path::Path};

/// Episodes of a control task's test.
const EPISODES: usize = 20;

/// How the job ended.
#[derive(Debug)]
pub enum Ended {
    /// With an outcome to publish.
    Done(Box<Success>),
    /// Stopped on command, resumable.
    Stopped,
    /// Ended on command for good.
    Cancelled,
    /// Ended by a signal, saved.
    Signalled,
}

/// Runs the job that `config` describes.
///
/// # Errors
/// What ended it.
pub fn run(desk: &Desk, config: &Config, project: &Path) -> Result<Ended, JobError> {
    if let Some(task) = plan::classic(config.env.kind) {
        return control(desk, config, task);
    }
    let prepared = prepare(desk, config, project)?;
    keep_recipe(desk, &prepared)?;
    let spec = market_spec(config, &prepared);
    let family = family_of(&prepared, &spec);
    let valid = Pass::new(&prepared.market, prepared.split.valid.bars.clone(), &spec);
    let validation = || -> Box<dyn Validation> { Box::new(MarketValidation::new(valid.clone())) };
    let recipe = Recipe {
        family: &family,
        validation: Some(&validation),
    };
    match training::train(desk, config, &recipe)? {
        Outcome::Stopped => Ok(Ended::Stopped),
        Outcome::Cancelled => Ok(Ended::Cancelled),
        Outcome::Signalled => Ok(Ended::Signalled),
        Outcome::All(trained) => {
            let run = desk.segment().run().clone();
            judge(desk, config, &run, &prepared, &spec, &trained)
        }
    }
}

/// Hands the training environments that `config` describes to `act`.
///
/// # Errors
/// What is wrong with data, features or settings, or what `act` returns.
pub fn with_family<R>(
    desk: &Desk,
    config: &Config,
    project: &Path,
    act: &mut dyn FnMut(&EnvFamily<'_>) -> Result<R, JobError>,
) -> Result<R, JobError> {
    if let Some(task) = plan::classic(config.env.kind) {
        return act(&|shard: Shard, streams: Streams| task.vectorised(shard, streams));
    }
    let prepared = prepare(desk, config, project)?;
    act(&family_of(&prepared, &market_spec(config, &prepared)))
}

/// Returns what builds the environments of a training on `prepared`.
fn family_of<'a>(
    prepared: &'a Prepared,
    spec: &'a TradingSpec,
) -> impl Fn(Shard, Streams) -> Result<Box<dyn VecEnv>, SimError> + 'a {
    let range = &prepared.split.train.bars;
    move |shard, streams| {
        let env = TradingEnv::new(&prepared.market, range.clone(), spec, shard, streams)?;
        Ok(Box::new(env) as Box<dyn VecEnv>)
    }
}

/// Leaves `export/features.json`: a policy is worth nothing without the scale of its inputs.
fn keep_recipe(desk: &Desk, prepared: &Prepared) -> Result<(), JobError> {
    let Some(recipe) = &prepared.recipe else {
        return Ok(());
    };
    let dir = desk.segment().run().layout().export();
    let path = dir.join("features.json");
    let bytes = serde_json::to_vec_pretty(recipe).expect("plain data has a JSON form");
    fs::create_dir_all(&dir)
        .and_then(|()| durable::replace(&path, &bytes))
        .map_err(|error| JobError::io(&path, error))
}

/// Judges the agents of `agents_of` under `config`, whose costs and windows may be others.
///
/// # Errors
/// Agents that are not trained to the end, or what ended the judgement.
pub fn judge_again(
    desk: &Desk,
    config: &Config,
    project: &Path,
    agents_of: &RunDir,
) -> Result<Ended, JobError> {
    if plan::classic(config.env.kind).is_some() {
        return Err(JobError::Unjudged {
            what: phrase!(
                "a control task has no market to be judged on",
                "제어 과제에는 판정할 시장이 없습니다"
            ),
            hint: phrase!(
                "`makook runs show RUN` has its mean return; only market runs can be judged again",
                "`makook runs show 실행`에서 평균 보상을 볼 수 있습니다. 다시 판정할 수 있는 것은 시장 실행뿐입니다"
            ),
        });
    }
    let mut trained = Vec::new();
    for seed in &config.train.seeds {
        let layout = agents_of.track(Track::Seed(*seed));
        let done = training::read_trained(&layout)?.ok_or_else(|| {
            let id = agents_of.id();
            JobError::Unjudged {
                what: phrase!(
                    "seed {seed} of run {id} is not trained yet",
                    "실행 {id}의 시드 {seed} 학습이 아직 끝나지 않았습니다"
                ),
                hint: phrase!(
                    "`makook resume {id}` trains it to the end; then judge again",
                    "`makook resume {id}`(으)로 학습을 마친 뒤 다시 판정하세요"
                ),
            }
        })?;
        trained.push(done);
    }
    let prepared = prepare(desk, config, project)?;
    let spec = market_spec(config, &prepared);
    judge(desk, config, agents_of, &prepared, &spec, &trained)
}

fn judge(
    desk: &Desk,
    config: &Config,
    agents_of: &RunDir,
    prepared: &Prepared,
    spec: &TradingSpec,
    trained: &[Trained],
) -> Result<Ended, JobError> {
    let mut success = judging::judge(desk, agents_of, config, prepared, spec, trained)?;
    add_share(desk, agents_of, prepared, spec, trained, &mut success)?;
    Ok(Ended::Done(Box::new(success)))
}

/// Prepares the market that `config` names.
///
/// # Errors
/// What is wrong with data, features or settings.
pub fn prepare(desk: &Desk, config: &Config, project: &Path) -> Result<Prepared, JobError> {
    let law = match config.env.kind {
        EnvKind::Sine => Some(KnownMarketSpec::NOISY_SINE),
        EnvKind::OrnsteinUhlenbeck => Some(KnownMarketSpec::MEAN_REVERTING),
        EnvKind::Regime => Some(KnownMarketSpec::REGIME_SWITCHING),
        EnvKind::Noise => Some(KnownMarketSpec::PURE_NOISE),
        _ => None,
    };
    let (name, prepared) = match law {
        Some(law) => (
            config.env.kind.to_string(),
            known::prepare(desk, config, &law)?,
        ),
        None => (
            config.data.set.clone(),
            market::prepare(desk, config, project)?,
        ),
    };
    desk.segment().describe_data(&name, &prepared.hash)?;
    Ok(prepared)
}

/// Returns the trading spec; one unit is the quantity that the initial cash buys at the start.
#[must_use]
pub fn market_spec(config: &Config, prepared: &Prepared) -> TradingSpec {
    let price = prepared.market.bars().close[prepared.split.train.bars.start];
    judging::spec_of(config, config.env.initial_cash / price)
}

/// Adds each seed's share of the exact optimum on the test window.
fn add_share(
    desk: &Desk,
    agents_of: &RunDir,
    prepared: &Prepared,
    spec: &TradingSpec,
    trained: &[Trained],
    success: &mut Success,
) -> Result<(), JobError> {
    let (Some(known), sim::ActionScheme::Discrete { targets }) = (&prepared.known, &spec.action)
    else {
        return Ok(());
    };
    let test = prepared.split.test.bars.clone();
    let optimum = known.optimum(test.clone(), &spec.account, targets)?;
    let pass = Pass::new(&prepared.market, test.clone(), spec);
    let initial = spec.account.initial_equity;
    success
        .metrics
        .insert("optimum/expected".into(), optimum.expected / initial);
    success
        .metrics
        .insert("optimum/realised".into(), optimum.realised / initial);
    let mut shares = Vec::new();
    for one in trained {
        let layout = agents_of.track(Track::Seed(one.seed));
        let mut policy = training::chosen_policy(&layout, one)?;
        let mut played = pass.targets(&mut policy)?;
        let flat = played.iter().filter(|target| target.abs() < 1e-12).count();
        let share_flat = flat as f64 / played.len() as f64;
        success
            .metrics
            .insert(format!("flat/seed_{}", one.seed), share_flat);
        played.pop();
        let profit = known.profit(test.start, &spec.account, &played)?;
        if let Some(share) = optimum.share_captured(profit) {
            success
                .metrics
                .insert(format!("optimum/share_seed_{}", one.seed), share);
            shares.push(share);
        }
    }
    if let Some(middle) = backtest::stats::iqm(&shares) {
        success.metrics.insert("optimum/share_iqm".into(), middle);
        desk.event(Event::Note {
            says: Phrase::new(
                format!(
                    "captured {:.1} % of the exact optimum (interquartile mean)",
                    middle * 100.0
                ),
                format!("정확한 최적값의 {:.1}%를 얻음(사분위 평균)", middle * 100.0),
            ),
        })?;
    }
    Ok(())
}

/// Validation of a control task: mean return of deterministic episodes on their own streams.
#[derive(Debug)]
struct ControlValidation {
    task: ClassicTask,
}

impl Validation for ControlValidation {
    fn validate(&mut self, policy: &mut learn::MlpPolicy) -> Result<Validated, TrainError> {
        let mean = mean_return(self.task, policy, 1)?;
        Ok(Validated {
            score: mean,
            metrics: BTreeMap::new(),
        })
    }
}

/// Plays deterministic episodes; `family` keeps validation and test apart.
fn mean_return(
    task: ClassicTask,
    policy: &mut learn::MlpPolicy,
    family: u64,
) -> Result<f64, TrainError> {
    let streams = Streams::new(1_000_003 * family);
    let mut env = task.vectorised(Shard::whole(EPISODES), streams)?;
    Ok(learn::evaluate(policy, env.as_mut(), EPISODES).mean())
}

fn control(desk: &Desk, config: &Config, task: ClassicTask) -> Result<Ended, JobError> {
    let family = |shard: Shard, streams: Streams| task.vectorised(shard, streams);
    let validation = || -> Box<dyn Validation> { Box::new(ControlValidation { task }) };
    let recipe = Recipe {
        family: &family,
        validation: Some(&validation),
    };
    let trained = match training::train(desk, config, &recipe)? {
        Outcome::Stopped => return Ok(Ended::Stopped),
        Outcome::Cancelled => return Ok(Ended::Cancelled),
        Outcome::Signalled => return Ok(Ended::Signalled),
        Outcome::All(trained) => trained,
    };
    desk.phase(Phase::Test)?;
    let mut metrics = BTreeMap::new();
    let mut means = Vec::new();
    for one in &trained {
        let layout = desk.segment().run().track(Track::Seed(one.seed));
        let mut policy = training::chosen_policy(&layout, one)?;
        let mean = mean_return(task, &mut policy, 2)?;
        metrics.insert(format!("test/return_seed_{}", one.seed), mean);
        means.push(mean);
    }
    if let Some(middle) = backtest::stats::iqm(&means) {
        metrics.insert("test/return_iqm".into(), middle);
    }
    metrics.insert(
        "test/return".into(),
        means.iter().sum::<f64>() / means.len() as f64,
    );
    Ok(Ended::Done(Box::new(Success {
        at: desk.now(),
        verdict: None,
        metrics,
    })))
}
