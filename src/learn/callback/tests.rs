//! Callbacks one by one, each on a turn made by hand.

use super::*;
use crate::trainer::Settings;
use crate::{normaliser::Moments, policy::PolicyWeights, spec::Schedule};
use domain::{ManualClock, Nanos};
use kernel::{Activation, Head, MlpShape};
use std::time::Duration;

/// Runs `after_update` of `callback` at `steps` and returns what was asked and measured.
fn after(
    callback: &mut dyn Callback,
    clock: &ManualClock,
    steps: u64,
    score: Option<f64>,
) -> (Requests, Metrics) {
    let shape = MlpShape {
        obs_dim: 1,
        hidden: vec![],
        head: Head::Categorical(2),
        activation: Activation::Tanh,
    };
    let parameters = vec![0.0; shape.layout().len()];
    let obs_moments = Some(Moments::empty(1));
    let mut policy = MlpPolicy::new(&PolicyWeights {
        shape,
        parameters,
        obs_moments,
    })
    .unwrap();
    let settings = Settings {
        learning_rate: Schedule::linear(1.0),
        entropy_coef: Schedule::constant(0.0),
        clip_range: 0.2,
    };
    let mut coefficients = Coefficients {
        learning_rate: 1.0,
        entropy_coef: 0.0,
        clip_range: 0.2,
    };
    let (mut metrics, mut events) = (Metrics::new(), Vec::new());
    let mut requests = Requests {
        score,
        ..Requests::default()
    };
    let mut turn = Turn {
        progress: Progress {
            steps,
            total_steps: 1_000,
            ..Progress::default()
        },
        coefficients: &mut coefficients,
        settings: &settings,
        metrics: &mut metrics,
        requests: &mut requests,
        events: &mut events,
        policy: &mut policy,
        clock,
        // A hundredth of the clock's time.
        saving: clock.steady() / 100,
    };
    callback.after_update(&mut turn).unwrap();
    (requests, metrics)
}

#[test]
fn checkpoints_come_by_step_and_by_wall_clock() {
    let clock = ManualClock::at(Nanos(0));
    let mut every = CheckpointEvery::new(100, Duration::from_secs(60));
    let mut asked = |seconds: u64, steps: u64| {
        clock.advance(Duration::from_secs(seconds));
        after(&mut every, &clock, steps, None).0.checkpoint
    };
    assert!(!asked(1, 50));
    assert!(asked(1, 100));
    assert!(!asked(1, 150));
    assert!(asked(60, 160));
    assert!(!asked(1, 200));
    assert!(asked(1, 260));
}

#[test]
fn patience_counts_validations_and_survives_a_checkpoint() {
    let clock = ManualClock::at(Nanos(0));
    let mut early = EarlyStop::new(2, 0.0, 0.0);
    assert_eq!(after(&mut early, &clock, 1, Some(1.0)).0.stop, None);
    assert_eq!(after(&mut early, &clock, 2, Some(0.9)).0.stop, None);
    assert_eq!(after(&mut early, &clock, 3, None).0.stop, None);
    let mut resumed = EarlyStop::new(2, 0.0, 0.0);
    resumed.load(&early.save()).unwrap();
    assert!(after(&mut resumed, &clock, 4, Some(1.0)).0.stop.is_some());
    assert_eq!(
        after(&mut early, &clock, 4, Some(1.1)).0.stop,
        None,
        "improvement resets"
    );
}

#[test]
fn throughput_is_steps_over_time() {
    let clock = ManualClock::at(Nanos(0));
    let mut throughput = Throughput::default();
    after(&mut throughput, &clock, 0, None);
    clock.advance(Duration::from_secs(2));
    let (_, metrics) = after(&mut throughput, &clock, 500, None);
    assert!((metrics["perf/steps_per_second"] - 250.0).abs() < 1e-9);
}

#[test]
fn the_share_of_checkpoints_is_that_of_all_time_since_the_start() {
    let clock = ManualClock::at(Nanos(0));
    let mut throughput = Throughput::default();
    let (_, metrics) = after(&mut throughput, &clock, 0, None);
    assert!(!metrics.contains_key("perf/checkpoint_share"));
    clock.advance(Duration::from_secs(10));
    let (_, metrics) = after(&mut throughput, &clock, 500, None);
    assert!((metrics["perf/checkpoint_share"] - 0.01).abs() < 1e-12);
    assert!((metrics["perf/steps_per_second"] - 50.0).abs() < 1e-9);
}
