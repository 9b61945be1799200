//! Does PPO learn? CartPole-v1, Pendulum-v1 and Acrobot-v1 over several seeds, judged by the
//! deterministic policy at the end of training over 20 episodes a seed, against fixed bars.
//!
//! `cargo bench -p learn --bench control [-- <part of a task's name>] [seeds]`

use domain::{Clock, Streams, SystemClock};
use learn::{
    Callback, DeviceChoice, MemorySink, PpoSpec, Schedule, Schedules, Surroundings, Trainer,
    Uncontrolled, evaluate,
};
use sim::{ClassicTask, Shard};
use std::{
    error::Error,
    io::{Write, stdout},
    process::ExitCode,
};

const EPISODES: usize = 20;
/// Streams of evaluation episodes, apart from every training seed.
const EVALUATION_SEED: u64 = 1_000_003;

/// How the seeds' means become one figure.
#[derive(Clone, Copy)]
enum Aggregate {
    /// Mean of the middle half of all episodes (Agarwal et al. 2021).
    InterquartileMean,
    /// Mean of all episodes.
    Mean,
}

struct Bar {
    task: ClassicTask,
    aggregate: Aggregate,
    at_least: f64,
    spec: PpoSpec,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|w| !w.starts_with('-'))
        .collect();
    let seeds = words
        .iter()
        .find_map(|word| word.parse().ok())
        .unwrap_or(5_u64);
    let part = words.iter().find(|word| word.parse::<u64>().is_err());
    let clock = SystemClock::new();
    let mut all_hold = true;
    writeln!(
        stdout(),
        "task           steps    seeds  figure  value     bar    seconds  means by seed"
    )?;
    for bar in bars() {
        if part.is_some_and(|part| !bar.task.id().to_lowercase().contains(&part.to_lowercase())) {
            continue;
        }
        let start = clock.steady();
        let mut means = Vec::new();
        let mut episodes = Vec::new();
        for seed in 0..seeds {
            let returns = train_and_judge(&bar, seed, &clock)?;
            means.push(returns.iter().sum::<f64>() / returns.len() as f64);
            episodes.extend(returns);
        }
        let (name, value) = match bar.aggregate {
            Aggregate::InterquartileMean => ("IQM", interquartile_mean(&mut episodes)),
            Aggregate::Mean => ("mean", episodes.iter().sum::<f64>() / episodes.len() as f64),
        };
        let holds = value >= bar.at_least;
        all_hold &= holds;
        let seconds = (clock.steady() - start).as_secs_f64();
        writeln!(
            stdout(),
            "{:<14} {:<8} {seeds:<6} {name:<7} {value:<9.1} {:<6} {seconds:<8.1} {means:.1?}  {}",
            bar.task.id(),
            bar.spec.total_steps,
            bar.at_least,
            if holds { "pass" } else { "FAIL" },
        )?;
    }
    Ok(if all_hold {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn train_and_judge(bar: &Bar, seed: u64, clock: &dyn Clock) -> Result<Vec<f64>, Box<dyn Error>> {
    let task = bar.task;
    let family = move |shard: Shard, streams: Streams| task.vectorised(shard, streams);
    let callbacks: Vec<Box<dyn Callback>> = vec![Box::new(Schedules)];
    let spec = PpoSpec {
        seed,
        ..bar.spec.clone()
    };
    let mut trainer = Trainer::new(spec, &family, callbacks)?;
    trainer.run(&mut Surroundings {
        sink: &mut MemorySink::default(),
        control: &mut Uncontrolled,
        store: None,
        clock,
    })?;
    let mut env = family(Shard::whole(EPISODES), Streams::new(EVALUATION_SEED + seed))?;
    Ok(evaluate(trainer.policy(), env.as_mut(), EPISODES).returns)
}

fn interquartile_mean(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let quarter = values.len() / 4;
    let middle = &values[quarter..values.len() - quarter];
    middle.iter().sum::<f64>() / middle.len() as f64
}

/// Start values are those of the RL Baselines3 Zoo.
fn bars() -> [Bar; 3] {
    let base = PpoSpec {
        device: DeviceChoice::Cpu,
        threads: 1,
        value_coef: 1.0,
        ..PpoSpec::default()
    };
    [
        Bar {
            task: ClassicTask::CartPole,
            aggregate: Aggregate::InterquartileMean,
            at_least: 475.0,
            spec: PpoSpec {
                total_steps: 100_000,
                n_envs: 8,
                horizon: 32,
                epochs: 20,
                minibatch_size: 256,
                gamma: 0.98,
                gae_lambda: 0.8,
                learning_rate: Schedule::linear(1e-3),
                ..base.clone()
            },
        },
        Bar {
            task: ClassicTask::Pendulum,
            aggregate: Aggregate::Mean,
            at_least: -250.0,
            spec: PpoSpec {
                total_steps: 100_000,
                n_envs: 4,
                horizon: 1_024,
                epochs: 10,
                minibatch_size: 64,
                gamma: 0.9,
                gae_lambda: 0.95,
                learning_rate: Schedule::constant(1e-3),
                ..base.clone()
            },
        },
        Bar {
            task: ClassicTask::Acrobot,
            aggregate: Aggregate::Mean,
            at_least: -100.0,
            spec: PpoSpec {
                total_steps: 500_000,
                n_envs: 16,
                horizon: 256,
                epochs: 4,
                minibatch_size: 64,
                gamma: 0.99,
                gae_lambda: 0.94,
                learning_rate: Schedule::constant(3e-4),
                normalise_observations: true,
                normalise_rewards: true,
                ..base
            },
        },
    ]
}
