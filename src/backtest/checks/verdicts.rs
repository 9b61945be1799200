//! Verdicts on planted edges and planted noise, and a report that survives its file.

use super::bars_from;
use crate::baseline::{Baseline, Bounds};
use crate::evaluate::{AgentPath, Resampling, Study, evaluate};
use crate::judge::{Check, Question, Verdict};
use crate::report::{DataDescription, Heading, Report, Window, Windows};
use crate::stats::sharpe_interval;
use crate::{AlarmKind, Conventions};
use domain::{Bars, Lang, Nanos, StreamRng, Timeframe};
use rstest::rstest;
use sim::{AccountSpec, ActionSpace, CostSpec};

const BARS: usize = 1_500;
const SEEDS: usize = 3;

/// A market with a hidden state that drifts up or down for about 20 bars at a time, and agents
/// who see the state right with probability `skill` (½ is noise).
struct Planted {
    bars: Bars,
    agents: Vec<AgentPath>,
    shuffled: Vec<Vec<f64>>,
}

fn planted(drift: f64, skill: f64, seed: u64) -> Planted {
    let mut rng = StreamRng::seeded(seed);
    let mut state = 1.0;
    let mut states = Vec::with_capacity(BARS);
    let mut returns = Vec::with_capacity(BARS);
    for _ in 0..BARS {
        if rng.uniform() < 0.05 {
            state = -state;
        }
        states.push(state);
        returns.push(drift * state + 0.01 * rng.normal());
    }
    let bars = bars_from(&returns, Timeframe::HOUR, &mut rng);
    // A noisy reader of the state who changes its mind slowly, as a trained policy does.
    let mut reader = |skill: f64| {
        let mut held = 0.0;
        let mut targets = Vec::with_capacity(BARS);
        for state in &states {
            if rng.uniform() < 0.2 {
                held = if rng.uniform() < skill {
                    *state
                } else {
                    -state
                };
            }
            targets.push(held);
        }
        targets
    };
    let agents = (0..SEEDS as u64)
        .map(|seed| AgentPath {
            seed,
            targets: reader(skill),
        })
        .collect();
    Planted {
        agents,
        shuffled: vec![reader(0.5)],
        bars,
    }
}

fn heading() -> Heading {
    let window = Window {
        first: Nanos(0),
        last: Nanos(1),
        bars: 1,
    };
    Heading {
        title: "planted".to_owned(),
        data: DataDescription {
            symbol: "TEST".to_owned(),
            timeframe: Timeframe::HOUR,
            source: "generated".to_owned(),
            hash: "0".to_owned(),
            bars: BARS,
            remarks: Vec::new(),
        },
        windows: Windows {
            train: window,
            valid: window,
            test: window,
            purge_bars: 10,
            embargo_bars: 10,
        },
        learning: Vec::new(),
    }
}

/// The standard rules, with fewer rotations than usual: hundreds of markets are judged here.
fn rules() -> Vec<Baseline> {
    let mut rules = Baseline::standard_set(Timeframe::HOUR, BARS);
    rules.retain(|rule| !matches!(rule, Baseline::RandomTiming { .. }));
    rules.push(Baseline::RandomTiming { rotations: 9 });
    rules
}

fn judged(market: &Planted, leak_prover: Check, resamples: usize) -> Report {
    let account = AccountSpec {
        costs: CostSpec::fee_only(2.0),
        ..AccountSpec::default()
    };
    let study = Study {
        bars: market.bars.view(),
        test: 200..BARS,
        agents: &market
            .agents
            .iter()
            .map(|path| AgentPath {
                seed: path.seed,
                targets: path.targets[200..].to_vec(),
            })
            .collect::<Vec<_>>(),
        chosen: 0,
        shuffled: &market
            .shuffled
            .iter()
            .map(|t| t[200..].to_vec())
            .collect::<Vec<_>>(),
        account: &account,
        conventions: Conventions::for_market(Timeframe::HOUR, 365.0),
        bounds: Bounds::LONG_SHORT,
        actions: ActionSpace::Discrete(3),
        baselines: &rules(),
        leak_prover,
        trials: SEEDS as u64,
        trial_sharpes: &[],
        resampling: Resampling {
            resamples,
            ..Resampling::default()
        },
    };
    evaluate(&study, heading()).unwrap()
}

#[test]
fn noise_is_called_an_edge_in_at_most_one_case_of_twenty() {
    let mut counts = [0; 2];
    for seed in 0..200 {
        let report = judged(&planted(0.0, 0.5, seed), Check::Passed, 200);
        counts[0] += usize::from(report.judgement.verdict == Verdict::Edge);
        counts[1] += usize::from(report.judgement.verdict == Verdict::Weak);
    }
    eprintln!(
        "noise: {} of 200 called an edge, {} weak",
        counts[0], counts[1]
    );
    assert!(
        counts[0] <= 10,
        "{} of 200 noise runs were called an edge",
        counts[0]
    );
    assert!(
        counts[1] <= 30,
        "{} of 200 noise runs were called weak",
        counts[1]
    );
}

#[test]
fn a_planted_edge_is_found_nearly_always() {
    let found = (0..20)
        .filter(|seed| {
            let report = judged(&planted(0.005, 0.9, 1_000 + seed), Check::Passed, 300);
            report.judgement.verdict == Verdict::Edge
        })
        .count();
    eprintln!("planted edges: {found} of 20 found");
    assert!(found >= 18, "{found} of 20 planted edges were found");
}

#[test]
fn an_edge_says_what_is_shown_in_both_languages() {
    let report = judged(&planted(0.004, 0.9, 1), Check::Passed, 500);
    let judgement = &report.judgement;
    assert_eq!(judgement.verdict, Verdict::Edge, "{judgement:#?}");
    assert_eq!(judgement.rungs.len(), 12);
    assert!(judgement.headline.get(Lang::En).starts_with("Edge: +"));
    assert!(judgement.headline.get(Lang::Ko).starts_with("우위 있음"));
    assert!(
        judgement
            .rungs
            .iter()
            .all(|rung| !rung.finding.ko.is_empty())
    );
    assert!(judgement.shown().count() >= 8);
}

#[rstest]
#[case::leak(Check::Failed, Verdict::Invalid)]
#[case::not_proven(Check::NotRun, Verdict::Weak)]
fn without_the_leak_prover_there_is_no_edge(#[case] leak: Check, #[case] verdict: Verdict) {
    let report = judged(&planted(0.004, 0.9, 1), leak, 300);
    assert_eq!(report.judgement.verdict, verdict);
}

/// Each fault breaks exactly the question that exists for it.
#[rstest]
#[case::luck_of_one_seed(Question::WorstSeed)]
#[case::features_carry_nothing(Question::ShuffledFeatures)]
#[case::too_few_trades(Question::EnoughTrades)]
fn a_planted_fault_costs_the_edge(#[case] question: Question) {
    let mut market = planted(0.004, 0.9, 1);
    match question {
        Question::WorstSeed => {
            for target in &mut market.agents[2].targets {
                *target = -*target;
            }
        }
        Question::ShuffledFeatures => market.shuffled = vec![market.agents[0].targets.clone()],
        _ => {
            for agent in &mut market.agents {
                agent.targets = vec![1.0; BARS];
            }
        }
    }
    let report = judged(&market, Check::Passed, 300);
    assert_ne!(report.judgement.verdict, Verdict::Edge);
    let rung = report
        .judgement
        .rungs
        .iter()
        .find(|rung| rung.question == question);
    assert_eq!(rung.unwrap().check, Check::Failed);
}

#[test]
fn an_agent_that_stays_out_has_no_edge_and_a_report() {
    let mut market = planted(0.0, 0.5, 1);
    for agent in &mut market.agents {
        agent.targets = vec![0.0; BARS];
    }
    let report = judged(&market, Check::Passed, 200);
    assert_eq!(report.judgement.verdict, Verdict::NoEdge);
    assert!(
        report
            .judgement
            .headline
            .en
            .contains("stayed out of the market")
    );
    assert!(
        report
            .evidence
            .alarms
            .iter()
            .any(|alarm| alarm.kind == AlarmKind::Idle)
    );
    assert_reads_back(&report);
}

#[test]
fn a_ruined_agent_has_no_edge_and_a_report() {
    let mut market = planted(0.0, 0.5, 1);
    let bars = &mut market.bars;
    for price in [
        &mut bars.open,
        &mut bars.high,
        &mut bars.low,
        &mut bars.close,
    ] {
        for value in &mut price[700..] {
            *value *= 3.0;
        }
    }
    market.agents[0].targets = vec![-1.0; BARS];
    let report = judged(&market, Check::Passed, 200);
    assert_eq!(report.judgement.verdict, Verdict::NoEdge);
    let total = report.evidence.metrics.performance.total_return;
    assert!((total + 1.0).abs() < 1e-12);
    assert_reads_back(&report);
}

#[test]
fn reports_read_back_as_they_were_written_and_repeat() {
    let market = planted(0.004, 0.9, 3);
    let report = judged(&market, Check::Passed, 200);
    assert_reads_back(&report);
    assert_eq!(report, judged(&market, Check::Passed, 200));
    assert_eq!(report.curves.time.len(), report.curves.position.len());
    assert_eq!(report.curves.seeds.len(), SEEDS);
}

#[track_caller]
fn assert_reads_back(report: &Report) {
    let text = serde_json::to_string(report).unwrap();
    let read: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(read, *report);
}

#[test]
fn the_interval_covers_the_truth_about_as_often_as_it_says() {
    let conventions = Conventions::default();
    let truth = 0.05 * conventions.periods_per_year.sqrt();
    let covered = (0..200)
        .filter(|seed| {
            let mut rng = StreamRng::seeded(*seed);
            let returns: Vec<f64> = (0..750).map(|_| 0.01 * (rng.normal() + 0.05)).collect();
            let found = sharpe_interval(&returns, &conventions, 400, 0.95, &mut rng).unwrap();
            found.interval.low <= truth && truth <= found.interval.high
        })
        .count();
    assert!(
        (176..=200).contains(&covered),
        "{covered} of 200 intervals cover the truth"
    );
}
