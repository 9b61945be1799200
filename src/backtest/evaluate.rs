//! One call from target paths to a whole report.
//!
//! Runs every seed, baseline, cost level and null through the same account on the same bars and
//! hands the figures to [`crate::judge`]. Start at [`evaluate`].

use crate::alarms::{Behaviour, alarms};
use crate::baseline::{Baseline, Bounds, rotated};
use crate::conventions::Conventions;
use crate::cost_table::cost_table;
use crate::curves::{Histogram, NamedCurve, Thinning, curves_of};
use crate::drawdown::drawdowns;
use crate::error::BacktestError;
use crate::judge::{Check, Evidence, NullRun, judge};
use crate::metrics::Metrics;
use crate::nulls::{Null, delayed, flipped};
use crate::performance::returns_of;
use crate::replay::{Replay, close_times, replay};
use crate::report::{BaselineResult, FORMAT, Heading, Report, SeedResult, TimingTest};
use crate::rolling::monthly_returns;
use crate::stats::{compare_to_baselines, deflated_sharpe, sharpe_interval, summarise_seeds};
use domain::{BarsView, Streams, Text};
use serde::{Deserialize, Serialize};
use sim::trading::EpisodeRecord;
use sim::{AccountSpec, ActionSpace};
use std::ops::Range;

/// One seed's decisions on the test window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentPath {
    /// Seed.
    pub seed: u64,
    /// One target a test bar, decided at its close, `[n_test]`.
    pub targets: Vec<f64>,
}

impl AgentPath {
    /// Takes the decisions of an evaluation pass over a test window of `bars` bars.
    ///
    /// The window is `record.first_bar..record.first_bar + bars` of the market. The last bar has
    /// no decision that could fill, and after a ruin there are none: those targets are flat.
    #[must_use]
    pub fn of_episode(seed: u64, record: &EpisodeRecord, bars: usize) -> Self {
        let mut targets = record.targets.clone();
        targets.resize(bars, 0.0);
        Self { seed, targets }
    }
}

/// How much resampling is done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resampling {
    /// Resamples of every bootstrap. Default 2,000.
    pub resamples: usize,
    /// Coverage of every interval. Default 0.95, range (0, 1).
    pub confidence: f64,
    /// Seed of every draw. Default 0.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self {
            resamples: 2_000,
            confidence: 0.95,
            seed: 0,
        }
    }
}

/// What is to be judged.
#[derive(Clone, Debug)]
pub struct Study<'a> {
    /// Bars up to the end of the test window; what stands before it warms the baselines up.
    pub bars: BarsView<'a>,
    /// Test window within `bars`, at least two bars.
    pub test: Range<usize>,
    /// Decisions of every seed, at least one.
    pub agents: &'a [AgentPath],
    /// Index of the agent chosen on the validation window.
    pub chosen: usize,
    /// Decisions of the chosen policy on features shuffled in time, one list a run.
    pub shuffled: &'a [Vec<f64>],
    /// Account and costs.
    pub account: &'a AccountSpec,
    /// Conventions of every figure.
    pub conventions: Conventions,
    /// Targets that were possible.
    pub bounds: Bounds,
    /// The policy's actions.
    pub actions: ActionSpace,
    /// Rules to compare with; see [`Baseline::standard_set`].
    pub baselines: &'a [Baseline],
    /// What the leak prover said.
    pub leak_prover: Check,
    /// Trials counted: search trials × checkpoints looked at × seeds.
    pub trials: u64,
    /// Sharpe ratios per period of those trials, as far as known.
    pub trial_sharpes: &'a [f64],
    /// How much resampling is done.
    pub resampling: Resampling,
}

/// Replays, measures, compares and judges.
///
/// # Errors
/// [`BacktestError`] when any of the paths cannot be replayed, a baseline's setting means
/// nothing, or the chosen agent does not exist.
pub fn evaluate(study: &Study<'_>, heading: Heading) -> Result<Report, BacktestError> {
    let Some(agent) = study.agents.get(study.chosen) else {
        return Err(BacktestError::Setting {
            key: "chosen",
            value: study.chosen.to_string(),
            rule: Text::new("be the index of an agent", "에이전트의 번호여야 합니다"),
        });
    };
    let bars = cut(study.bars, study.test.clone());
    let streams = Streams::new(study.resampling.seed);
    let Resampling {
        resamples,
        confidence,
        ..
    } = study.resampling;
    let measure = |run: &Replay| Metrics::of(run, bars, &study.conventions);

    let runs: Vec<Replay> = study
        .agents
        .iter()
        .map(|path| replay(bars, &path.targets, study.account))
        .collect::<Result<_, _>>()?;
    let own = &runs[study.chosen];
    let seeds: Vec<SeedResult> = study
        .agents
        .iter()
        .zip(&runs)
        .map(|(path, run)| SeedResult {
            seed: path.seed,
            metrics: measure(run),
        })
        .collect();
    let metrics = seeds[study.chosen].metrics;
    let (rules, timing) = run_baselines(study, bars, own, &agent.targets)?;
    let baselines: Vec<BaselineResult> = rules
        .iter()
        .map(|(baseline, run)| BaselineResult {
            baseline: baseline.clone(),
            id: baseline.id().to_owned(),
            label: baseline.label(),
            metrics: measure(run),
        })
        .collect();

    // Doing nothing has no dispersion to pair with; the interval of the Sharpe ratio covers it.
    let rivals: Vec<(&str, &[f64])> = rules
        .iter()
        .filter(|(baseline, _)| *baseline != Baseline::Flat)
        .map(|(baseline, run)| (baseline.id(), run.returns.as_slice()))
        .collect();
    let over_seeds = |figure: &dyn Fn(&Metrics) -> f64, index| {
        let scores: Vec<f64> = seeds.iter().map(|seed| figure(&seed.metrics)).collect();
        let mut rng = streams.stream("evaluate/seeds", index);
        summarise_seeds(&scores, resamples, confidence, &mut rng)
    };
    let rate = study.conventions.risk_free_per_period();
    let excess: Vec<f64> = own.returns.iter().map(|value| value - rate).collect();
    let evidence = Evidence {
        metrics,
        bootstrap: sharpe_interval(
            &own.returns,
            &study.conventions,
            resamples,
            confidence,
            &mut streams.stream("evaluate/sharpe", 0),
        ),
        paired: compare_to_baselines(
            &own.returns,
            &rivals,
            &study.conventions,
            resamples,
            confidence,
            &mut streams.stream("evaluate/paired", 0),
        ),
        seeds: over_seeds(&|metrics| metrics.performance.total_return, 0),
        costs: Some(cost_table(
            bars,
            &agent.targets,
            study.account,
            &study.conventions,
        )?),
        nulls: run_nulls(study, bars, &agent.targets)?,
        deflated: deflated_sharpe(&excess, study.trials, study.trial_sharpes),
        alarms: alarms(&Behaviour {
            targets: &agent.targets,
            returns: &own.returns,
            market: &returns_of(bars.close),
            activity: &metrics.activity,
            bounds: study.bounds,
            actions: study.actions,
        }),
        leak_prover: study.leak_prover,
    };
    let times = close_times(bars);
    let thinning = Thinning::of(bars.len());
    let mut curves = curves_of(own, bars, &study.conventions, &thinning);
    let named = |name: String, run: &Replay| NamedCurve {
        name,
        values: thinning.last(&run.equity),
    };
    for (path, run) in study.agents.iter().zip(&runs) {
        curves.seeds.push(named(format!("seed {}", path.seed), run));
    }
    for (baseline, run) in &rules {
        curves.baselines.push(named(baseline.id().to_owned(), run));
    }
    Ok(Report {
        format: FORMAT,
        heading,
        conventions: study.conventions,
        conventions_in_words: study.conventions.words(),
        account: study.account.clone(),
        bounds: study.bounds,
        chosen: study.chosen,
        sharpe_over_seeds: over_seeds(&|metrics| metrics.performance.sharpe.unwrap_or(0.0), 1),
        seeds,
        baselines,
        timing,
        trials: study.trials,
        judgement: judge(&evidence),
        evidence,
        drawdowns: drawdowns(&own.equity)
            .iter()
            .take(5)
            .map(|fall| fall.dated(&times))
            .collect(),
        months: monthly_returns(&times[1..], &own.returns),
        distribution: Histogram::of(&own.returns),
        curves,
    })
}

/// Replays every rule on the test window; rules that look back see the bars before it.
#[expect(
    clippy::type_complexity,
    reason = "pairs of a rule and its run, used once"
)]
fn run_baselines(
    study: &Study<'_>,
    bars: BarsView<'_>,
    own: &Replay,
    targets: &[f64],
) -> Result<(Vec<(Baseline, Replay)>, Option<TimingTest>), BacktestError> {
    let known = cut(study.bars, 0..study.test.end);
    let mut timing = None;
    let mut rules = Vec::with_capacity(study.baselines.len());
    for baseline in study.baselines {
        let run = if let Baseline::RandomTiming { rotations } = *baseline {
            let (median, test) = random_timing(study, bars, own, targets, rotations)?;
            timing = Some(test);
            median
        } else {
            let year = study.conventions.periods_per_year;
            let wanted = baseline.targets(known, study.bounds, year)?;
            replay(bars, &wanted[study.test.clone()], study.account)?
        };
        rules.push((baseline.clone(), run));
    }
    Ok((rules, timing))
}

/// Replays rotated decisions; returns the run with the median return and how often chance won.
fn random_timing(
    study: &Study<'_>,
    bars: BarsView<'_>,
    own: &Replay,
    targets: &[f64],
    rotations: usize,
) -> Result<(Replay, TimingTest), BacktestError> {
    let mut rng = Streams::new(study.resampling.seed).stream("evaluate/timing", 0);
    let mut runs: Vec<Replay> = (0..rotations.max(1))
        .map(|_| replay(bars, &rotated(targets, &mut rng), study.account))
        .collect::<Result<_, _>>()?;
    let last = |run: &Replay| run.equity[run.equity.len() - 1];
    let at_least = runs.iter().filter(|run| last(run) >= last(own)).count();
    let test = TimingTest {
        rotations: runs.len(),
        p_value: (1 + at_least) as f64 / (1 + runs.len()) as f64,
    };
    runs.sort_by(|a, b| last(a).total_cmp(&last(b)));
    Ok((runs.swap_remove(runs.len() / 2), test))
}

fn run_nulls(
    study: &Study<'_>,
    bars: BarsView<'_>,
    targets: &[f64],
) -> Result<Vec<NullRun>, BacktestError> {
    let damaged = [
        (Null::Delayed, delayed(targets)),
        (Null::Flipped, flipped(targets, study.bounds)),
    ];
    let shuffled = study.shuffled.iter();
    let shuffled = shuffled.map(|targets| (Null::ShuffledFeatures, targets.clone()));
    damaged
        .into_iter()
        .chain(shuffled)
        .map(|(null, targets)| {
            let run = replay(bars, &targets, study.account)?;
            Ok(NullRun {
                null,
                metrics: Metrics::of(&run, bars, &study.conventions),
            })
        })
        .collect()
}

/// Borrows the bars of `range`, which lies within `bars`.
#[must_use]
pub fn cut(bars: BarsView<'_>, range: Range<usize>) -> BarsView<'_> {
    BarsView {
        timeframe: bars.timeframe,
        open_time: &bars.open_time[range.clone()],
        open: &bars.open[range.clone()],
        high: &bars.high[range.clone()],
        low: &bars.low[range.clone()],
        close: &bars.close[range.clone()],
        volume: &bars.volume[range],
    }
}
