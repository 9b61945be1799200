//! Parity with recorded gymnasium runs, and the batch contract.

use super::{
    ClassicTask, acrobot::Acrobot, cart_pole::CartPole, mountain_car::MountainCar,
    pendulum::Pendulum, vectorised::Task,
};
use crate::env::{ActionSpace, Actions, Shard, StepOut, VecEnv};
use domain::{StreamRng, Streams};
use rstest::rstest;
use serde::Deserialize;
use std::collections::BTreeMap;

const RECORDED: &str = include_str!("../fixtures/gymnasium.json");

#[derive(Deserialize)]
struct Recording {
    tasks: BTreeMap<String, Vec<Episode>>,
}

#[derive(Deserialize)]
struct Episode {
    start: Vec<f64>,
    actions: Vec<f64>,
    checks: Vec<(u32, Vec<f64>, f64, bool, bool)>,
}

trait Parity: Task {
    fn from_f64(values: &[f64]) -> Self::State;
    fn to_f64(state: &Self::State) -> Vec<f64>;
    fn action(value: f64) -> Self::Action;
}

macro_rules! parity {
    ($task:ty, $scalar:ty, $action:ty) => {
        impl Parity for $task {
            fn from_f64(values: &[f64]) -> Self::State {
                std::array::from_fn(|i| values[i] as $scalar)
            }
            fn to_f64(state: &Self::State) -> Vec<f64> {
                state.iter().map(|x| f64::from(*x)).collect()
            }
            fn action(value: f64) -> $action {
                value as $action
            }
        }
    };
}
parity!(CartPole, f64, u32);
parity!(Acrobot, f64, u32);
parity!(Pendulum, f64, f32);
parity!(MountainCar, f32, f32);

/// Returns the largest difference of state or reward over the recording.
fn largest_difference<T: Parity>() -> f64 {
    let recording: Recording = serde_json::from_str(RECORDED).unwrap();
    let mut worst = 0.0_f64;
    let mut steps = 0;
    for episode in &recording.tasks[T::ID] {
        let mut state = T::from_f64(&episode.start);
        let mut checks = episode.checks.iter().peekable();
        for (t, action) in (1..).zip(&episode.actions) {
            let (reward, terminated) = T::step(&mut state, T::action(*action));
            steps += 1;
            if let Some((_, expected, expected_reward, ended, cut)) =
                checks.next_if(|check| check.0 == t)
            {
                for (ours, theirs) in T::to_f64(&state).iter().zip(expected) {
                    worst = worst.max((ours - theirs).abs());
                }
                worst = worst.max((reward - expected_reward).abs());
                assert_eq!(
                    (terminated, !terminated && t >= T::TIME_LIMIT),
                    (*ended, *cut)
                );
            } else {
                assert!(!terminated, "{} ended early at step {t}", T::ID);
            }
        }
        assert!(checks.next().is_none(), "a check was not reached");
    }
    assert_eq!(steps, 1_000);
    worst
}

#[rstest]
#[case(largest_difference::<CartPole>())]
#[case(largest_difference::<Acrobot>())]
#[case(largest_difference::<Pendulum>())]
#[case(largest_difference::<MountainCar>())]
fn a_thousand_actions_give_gymnasiums_states(#[case] difference: f64) {
    assert!(difference <= 1e-6, "{difference:e}");
}

/// Drives `env` for `steps` with seeded random actions; returns every bit it wrote.
fn drive(env: &mut dyn VecEnv, rng: &mut [StreamRng], steps: usize) -> Vec<Vec<u32>> {
    let (n, dim) = (env.n_envs(), env.obs_dim());
    let mut trace = vec![Vec::new(); n];
    let (mut obs, mut final_obs) = (vec![0.0; n * dim], vec![0.0; n * dim]);
    let (mut reward, mut terminated, mut truncated) =
        (vec![0.0; n], vec![false; n], vec![false; n]);
    for _ in 0..steps {
        let mut out = StepOut {
            obs: &mut obs,
            reward: &mut reward,
            terminated: &mut terminated,
            truncated: &mut truncated,
            final_obs: &mut final_obs,
        };
        match env.action_space() {
            ActionSpace::Discrete(size) => {
                let actions: Vec<u32> = rng
                    .iter_mut()
                    .map(|r| r.below(size as u64) as u32)
                    .collect();
                env.step(Actions::Discrete(&actions), &mut out);
            }
            ActionSpace::Continuous(_) => {
                let actions: Vec<f32> = rng.iter_mut().map(|r| 2.0 * r.normal() as f32).collect();
                env.step(Actions::Continuous(&actions), &mut out);
            }
        }
        for i in 0..n {
            let row = &obs[i * dim..(i + 1) * dim];
            trace[i].extend(row.iter().map(|x| x.to_bits()));
            trace[i].push(reward[i].to_bits());
            trace[i].push(u32::from(terminated[i]) + 2 * u32::from(truncated[i]));
        }
    }
    trace
}

fn action_rngs(shard: Shard) -> Vec<StreamRng> {
    let streams = Streams::new(99);
    (shard.first..shard.first + shard.n_envs)
        .map(|i| streams.stream("policy", i as u64))
        .collect()
}

#[rstest]
fn shards_give_the_bits_of_the_whole(#[values(0, 1, 2, 3)] task: usize) {
    let task = ClassicTask::ALL[task];
    let run = |shard: Shard| {
        let mut env = task.vectorised(shard, Streams::new(7)).unwrap();
        drive(env.as_mut(), &mut action_rngs(shard), 600)
    };
    let whole = run(Shard::whole(5));
    let parts = [
        run(Shard {
            first: 0,
            n_envs: 2,
        }),
        run(Shard {
            first: 2,
            n_envs: 3,
        }),
    ]
    .concat();
    assert!(whole == parts, "{} depends on its shard", task.id());
    assert!(whole[0] != whole[1], "environments share a random stream");
}

#[rstest]
fn a_loaded_state_continues_bit_identically(#[values(0, 1, 2, 3)] task: usize) {
    let task = ClassicTask::ALL[task];
    let shard = Shard::whole(4);
    let mut rngs = action_rngs(shard);
    let mut env = task.vectorised(shard, Streams::new(7)).unwrap();
    drive(env.as_mut(), &mut rngs, 333);
    let mut other = task.vectorised(shard, Streams::new(8)).unwrap();
    other.load(&env.save()).unwrap();
    let mut same = rngs.clone();
    assert!(drive(env.as_mut(), &mut rngs, 700) == drive(other.as_mut(), &mut same, 700));
}

#[test]
fn a_state_of_another_task_is_refused() {
    let shard = Shard::whole(2);
    let cart = ClassicTask::CartPole
        .vectorised(shard, Streams::new(1))
        .unwrap();
    let mut acrobot = ClassicTask::Acrobot
        .vectorised(shard, Streams::new(1))
        .unwrap();
    let error = acrobot.load(&cart.save()).unwrap_err().to_string();
    assert!(error.contains("2 × CartPole-v1"), "{error}");
    assert!(acrobot.load(b"{").is_err());
}
