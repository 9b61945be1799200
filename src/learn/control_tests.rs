//! Does it learn a task of the literature? The full bars are `benches/control.rs`.

use crate::{
    DeviceChoice, MemorySink, PpoSpec, Schedule, Schedules, Surroundings, Trainer, Uncontrolled,
    evaluate,
};
use domain::{ManualClock, Nanos, Streams};
use sim::{ClassicTask, Shard};

#[test]
fn cart_pole_is_solved_within_the_literature_s_steps() {
    let spec = PpoSpec {
        total_steps: 100_000,
        n_envs: 8,
        horizon: 32,
        epochs: 20,
        minibatch_size: 256,
        gamma: 0.98,
        gae_lambda: 0.8,
        value_coef: 1.0,
        learning_rate: Schedule::linear(1e-3),
        threads: 1,
        device: DeviceChoice::Cpu,
        ..PpoSpec::default()
    };
    let family = |shard: Shard, streams: Streams| ClassicTask::CartPole.vectorised(shard, streams);
    let mut trainer = Trainer::new(spec, &family, vec![Box::new(Schedules)]).unwrap();
    trainer
        .run(&mut Surroundings {
            sink: &mut MemorySink::default(),
            control: &mut Uncontrolled,
            store: None,
            clock: &ManualClock::at(Nanos(0)),
        })
        .unwrap();
    let mut env = family(Shard::whole(20), Streams::new(99)).unwrap();
    let found = evaluate(trainer.policy(), env.as_mut(), 20);
    assert_eq!(found.returns.len(), 20);
    assert!(found.mean() >= 475.0, "mean return {}", found.mean());
}
