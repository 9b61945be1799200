//! Steps per second of the kernels alone: acting, and learning from a finished rollout.
//!
//! Usage: `cargo bench -p kernel --bench learner -- [threads] [filter]`. One learner step is one
//! environment step passed through all epochs of PPO.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the wall clock"
)]
#![expect(clippy::print_stdout, reason = "a benchmark's figures are its output")]

use std::sync::Arc;
use std::time::Instant;

use domain::StreamRng;
use kernel::{
    Actions, ActionsMut, Activation, AdamW, AdamWConfig, Choice, Decisions, Gae, Head, MlpShape,
    Policy, Pool, PpoGradient, PpoLoss, Rollout, Transitions,
};

const OBS_DIM: usize = 47;
const ENVS: usize = 1_024;
const HORIZON: usize = 128;
const EPOCHS: usize = 4;
const MINIBATCH: usize = 8_192;
const STEPS: usize = ENVS * HORIZON;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let threads = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2);
    let filter = arguments.next().unwrap_or_default();
    for (name, width) in [("2x64", 64), ("2x256", 256)] {
        if !name.contains(filter.as_str()) {
            continue;
        }
        measure(name, width, threads);
    }
}

fn measure(name: &str, width: usize, threads: usize) {
    let mut rng = StreamRng::seeded(1);
    let shape = MlpShape {
        obs_dim: OBS_DIM,
        hidden: vec![width; 2],
        head: Head::Categorical(3),
        activation: Activation::Tanh,
    };
    let pool = Arc::new(Pool::new(threads));
    let mut policy = Policy::new(shape, pool, &mut rng).expect("the shape is valid");
    let mut adam = AdamW::new(AdamWConfig::default(), policy.params().len());
    let mut learner = PpoGradient::new(&policy);

    let obs: Vec<f32> = (0..STEPS * OBS_DIM).map(|_| rng.normal() as f32).collect();
    let reward: Vec<f32> = (0..STEPS).map(|_| rng.normal() as f32).collect();
    let mut noise = vec![0.0; policy.noise_len(STEPS)];
    policy.fill_noise(&mut rng, &mut noise);
    let (mut log_prob, mut value) = (vec![0.0; STEPS], vec![0.0; STEPS]);
    let mut actions = vec![0; STEPS];
    let mut act = |policy: &Policy| {
        for step in 0..HORIZON {
            let rows = step * ENVS..(step + 1) * ENVS;
            let out = Decisions {
                actions: ActionsMut::Discrete(&mut actions[rows.clone()]),
                log_prob: &mut log_prob[rows.clone()],
                value: &mut value[rows.clone()],
            };
            let obs = &obs[rows.start * OBS_DIM..rows.end * OBS_DIM];
            policy.act(obs, Choice::Sample(&noise[rows]), out);
        }
    };
    report(name, "act, 1,024 rows a call", 5, || act(&policy));

    let (mut advantage, mut returns) = (vec![0.0; STEPS], vec![0.0; STEPS]);
    let flags = vec![false; STEPS];
    let steps = Transitions {
        reward: &reward,
        value: &value,
        terminated: &flags,
        truncated: &flags,
        final_value: &value,
        next_value: &value[..ENVS],
    };
    report(name, "GAE", 5, || {
        Gae::default().estimate(&steps, &mut advantage, &mut returns);
    });

    let rollout = Rollout {
        obs: &obs,
        actions: Actions::Discrete(&actions),
        log_prob: &log_prob,
        value: &value,
        advantage: &advantage,
        returns: &returns,
    };
    let loss = PpoLoss {
        entropy_coef: 0.01,
        value_clip_range: Some(0.2),
        ..PpoLoss::default()
    };
    let mut order: Vec<u32> = (0..STEPS as u32).collect();
    let rounds = if width > 64 { 3 } else { 8 };
    let mut fastest = f64::INFINITY;
    report(name, "learn, 4 epochs x minibatch 8,192", rounds, || {
        for _ in 0..EPOCHS {
            rng.shuffle(&mut order);
            for rows in order.chunks(MINIBATCH) {
                let start = Instant::now();
                learner.compute(&policy, &rollout, rows, &loss);
                policy.update(|params| adam.step(params, learner.gradient(), 2.5e-4));
                fastest = fastest.min(start.elapsed().as_secs_f64());
            }
        }
    });
    // On a busy machine only the fastest minibatch says what the code can do.
    let rate = MINIBATCH as f64 / EPOCHS as f64 / fastest / 1e3;
    println!(
        "{name:6} {:34} {rate:8.0} k steps/s",
        "learn, at the fastest minibatch"
    );
}

/// Prints the median rate over `rounds` repetitions, each of which handles `STEPS` steps.
fn report(name: &str, what: &str, rounds: usize, mut round: impl FnMut()) {
    round();
    let mut seconds: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let rate = |seconds: f64| STEPS as f64 / seconds / 1e3;
    println!(
        "{name:6} {what:34} {:8.0} k steps/s (best {:.0})",
        rate(median),
        rate(seconds[0])
    );
}
