//! Training as a whole: same bits, resumption, commands, values that are no numbers.

use super::*;
use crate::{
    callback::{
        CheckpointEvery, EarlyStop, Schedules, Throughput, Validate, Validated, Validation,
    },
    checkpoint::{CheckpointArchive, CheckpointStore, Disk, LocalDisk},
    control::{Command, Control, Tunable, Uncontrolled},
    policy::{ActionBuffer, Policy},
    sink::{MemorySink, MetricSink, TrainEvent, depends_on_time},
    toy::SignTask,
};
use domain::{ManualClock, Nanos};
use rstest::rstest;
use sim::{ActionSpace, Shard, SimError, VecEnv};
use std::{collections::VecDeque, io, num::NonZeroUsize, path::Path, time::Duration};

const DISCRETE: ActionSpace = ActionSpace::Discrete(2);
const CONTINUOUS: ActionSpace = ActionSpace::Continuous(1);

fn spec() -> PpoSpec {
    PpoSpec {
        total_steps: 10 * 40 * 16,
        n_envs: 40,
        horizon: 16,
        epochs: 3,
        minibatch_size: 200,
        hidden: vec![16],
        learning_rate: Schedule::linear(3e-3),
        entropy_coef: Schedule::linear(0.01),
        normalise_observations: true,
        normalise_rewards: true,
        threads: 2,
        device: DeviceChoice::Cpu,
        seed: 7,
        ..PpoSpec::default()
    }
}

fn family(space: ActionSpace) -> impl Fn(Shard, Streams) -> Result<Box<dyn VecEnv>, SimError> {
    move |shard, streams| Ok(Box::new(SignTask::new(space, shard, streams)))
}

/// Scores by the share of signs that are matched.
#[derive(Debug)]
struct Signs;

impl Validation for Signs {
    fn validate(&mut self, policy: &mut MlpPolicy) -> Result<Validated, TrainError> {
        let obs: Vec<f32> = (0..20)
            .flat_map(|i| [i as f32 / 10.0 - 0.95, 0.95 - i as f32 / 10.0, 1.0])
            .collect();
        let mut actions = ActionBuffer::new(policy.action_space(), 20);
        policy.act(&obs, &mut actions);
        let right = match actions {
            ActionBuffer::Discrete(actions) => (0..20)
                .filter(|i| (actions[*i] == 1) == (obs[i * 3] > 0.0))
                .count(),
            ActionBuffer::Continuous(actions) => (0..20)
                .filter(|i| (actions[*i] > 0.0) == (obs[i * 3] > 0.0))
                .count(),
        };
        Ok(Validated {
            score: right as f64 / 20.0,
            ..Validated::default()
        })
    }
}

fn callbacks() -> Vec<Box<dyn Callback>> {
    vec![
        Box::new(Schedules),
        Box::new(Validate::new(Box::new(Signs), 2_000)),
        Box::new(EarlyStop::new(100, 0.0, 0.0)),
        Box::new(Throughput::default()),
    ]
}

fn trainer(spec: PpoSpec, space: ActionSpace) -> Trainer {
    Trainer::new(spec, &family(space), callbacks()).unwrap()
}

/// Trains without store or commands.
fn train(trainer: &mut Trainer) -> (MemorySink, Result<Ending, TrainError>) {
    run(trainer, &mut Uncontrolled, None)
}

fn run(
    trainer: &mut Trainer,
    control: &mut dyn Control,
    store: Option<&mut CheckpointStore>,
) -> (MemorySink, Result<Ending, TrainError>) {
    let mut sink = MemorySink::default();
    let clock = ManualClock::at(Nanos(0));
    let ending = trainer.run(&mut Surroundings {
        sink: &mut sink,
        control,
        store,
        clock: &clock,
    });
    (sink, ending)
}

/// Hashes all figures that don't measure time.
fn metrics_hash(sinks: &[&MemorySink]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for (step, values) in sinks.iter().flat_map(|sink| &sink.metrics) {
        hasher.update(&step.to_le_bytes());
        for (key, value) in values.iter().filter(|(key, _)| !depends_on_time(key)) {
            hasher.update(key.as_bytes());
            hasher.update(&value.to_bits().to_le_bytes());
        }
    }
    hasher.finalize()
}

fn open(directory: &Path) -> CheckpointStore {
    CheckpointStore::open(directory, NonZeroUsize::new(2).unwrap()).unwrap()
}

#[rstest]
#[case(DISCRETE, 0.95)]
#[case(CONTINUOUS, 0.8)]
fn it_learns(#[case] space: ActionSpace, #[case] at_least: f64) {
    let mut trainer = trainer(
        PpoSpec {
            total_steps: 60 * 640,
            gamma: 0.5,
            ..spec()
        },
        space,
    );
    let (sink, ending) = train(&mut trainer);
    assert_eq!(ending.unwrap(), Ending::Finished);
    let rewards = sink.series("rollout/reward_mean");
    let last = rewards[rewards.len() - 5..].iter().sum::<f64>() / 5.0;
    assert!(
        last > at_least,
        "mean reward of a step: {last}, first {}",
        rewards[0]
    );
    assert!(
        sink.series("loss/explained_variance")
            .iter()
            .all(|x| x.is_finite())
    );
}

#[rstest]
#[case(DISCRETE)]
#[case(CONTINUOUS)]
fn the_seed_decides_every_bit_and_threads_decide_none(#[case] space: ActionSpace) {
    let result = |threads: usize, seed: u64| {
        let mut trainer = trainer(
            PpoSpec {
                threads,
                seed,
                ..spec()
            },
            space,
        );
        let (sink, _) = train(&mut trainer);
        (trainer.weights_hash(), metrics_hash(&[&sink]))
    };
    let first = result(1, 7);
    assert_eq!(first, result(1, 7));
    assert_eq!(first, result(2, 7));
    assert_eq!(first, result(5, 7));
    assert_ne!(
        first,
        result(1, 8),
        "another seed must give another training"
    );
}

#[rstest]
#[case(DISCRETE, 1)]
#[case(DISCRETE, 7)]
#[case(CONTINUOUS, 4)]
fn resuming_continues_bit_for_bit(#[case] space: ActionSpace, #[case] updates: u64) {
    let mut whole = trainer(spec(), space);
    let (whole_sink, _) = train(&mut whole);

    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut first = trainer(spec(), space);
    let mut stop = Script::new(updates, &[Command::Stop]);
    let (first_sink, ending) = run(&mut first, &mut stop, Some(&mut store));
    assert_eq!(ending.unwrap(), Ending::Stopped);
    assert_eq!(first.progress().updates, updates);

    let checkpoint = store.archive().load_latest().unwrap().unwrap();
    let mut second = trainer(
        PpoSpec {
            threads: 1,
            ..spec()
        },
        space,
    );
    second.resume(&checkpoint).unwrap();
    let (second_sink, ending) = train(&mut second);
    assert_eq!(ending.unwrap(), Ending::Finished);
    assert_eq!(second.weights_hash(), whole.weights_hash());
    assert_eq!(
        metrics_hash(&[&first_sink, &second_sink]),
        metrics_hash(&[&whole_sink])
    );
}

#[test]
fn a_state_survives_its_files() {
    let mut trainer = trainer(spec(), CONTINUOUS);
    let _ = train(&mut trainer);
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let state = trainer.state().unwrap();
    store.save(5, &state.encode(), None).unwrap();
    let back = TrainerState::decode(&store.archive().load(5).unwrap()).unwrap();
    assert_eq!(back, state);
}

#[test]
fn a_checkpoint_of_another_training_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let state = trainer(spec(), DISCRETE).state().unwrap();
    store.save(0, &state.encode(), None).unwrap();
    let checkpoint = store.archive().load(0).unwrap();
    let mut other = trainer(
        PpoSpec {
            gamma: 0.5,
            seed: 8,
            ..spec()
        },
        DISCRETE,
    );
    let error = other.resume(&checkpoint).unwrap_err().to_string();
    assert!(error.contains("gamma, seed"), "{error}");
    let error = trainer(spec(), CONTINUOUS)
        .resume(&checkpoint)
        .unwrap_err()
        .to_string();
    assert!(error.contains("network"), "{error}");
}

#[rstest]
#[case::nan(f32::NAN, "a reward from the environment")]
#[case::overflow(1e25, "the value loss")]
fn a_value_that_is_no_number_stops_and_keeps_the_last_good_weights(
    #[case] reward: f32,
    #[case] expected: &str,
) {
    let poisoned = |shard: Shard, streams: Streams| -> Result<Box<dyn VecEnv>, SimError> {
        Ok(Box::new(
            SignTask::new(DISCRETE, shard, streams).poisoned(3 * 16 + 5, reward),
        ))
    };
    let spec = PpoSpec {
        normalise_rewards: false,
        ..spec()
    };
    let mut trainer = Trainer::new(spec.clone(), &poisoned, callbacks()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let (sink, ending) = run(&mut trainer, &mut Uncontrolled, Some(&mut store));
    let error = ending.unwrap_err();
    let TrainError::NotFinite { step, update, what } = error else {
        panic!("{error}")
    };
    assert_eq!((step, update, what.en), (3 * 640, 4, expected));
    assert!(
        sink.events
            .iter()
            .any(|(_, event)| matches!(event, TrainEvent::NotFinite { .. }))
    );

    let mut healthy = Trainer::new(spec, &family(DISCRETE), callbacks()).unwrap();
    let _ = run(&mut healthy, &mut Script::new(3, &[Command::Cancel]), None);
    assert_eq!(
        trainer.state().unwrap().learner,
        healthy.state().unwrap().learner
    );
    let saved = store.archive().load_latest().unwrap().unwrap();
    let saved = TrainerState::decode(&saved).unwrap();
    assert_eq!(saved.learner, healthy.state().unwrap().learner);
}

#[test]
fn a_full_disk_is_an_event_while_training_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Box::new(FullFrom { writes: 12 });
    let mut store = CheckpointStore::open_on(dir.path(), NonZeroUsize::MIN, disk).unwrap();
    let mut list = callbacks();
    list.push(Box::new(CheckpointEvery::new(640, Duration::ZERO)));
    let mut trainer = Trainer::new(spec(), &family(DISCRETE), list).unwrap();
    let (sink, ending) = run(&mut trainer, &mut Uncontrolled, Some(&mut store));
    let error = ending.unwrap_err();
    assert_eq!(error.exit(), domain::Exit::Environment);
    assert!(error.hint().en.contains("free some space"), "{error}");
    assert_eq!(
        trainer.progress().steps,
        spec().total_steps,
        "training itself went to its end"
    );
    let failed = |event: &TrainEvent| matches!(event, TrainEvent::CheckpointFailed { .. });
    assert!(
        sink.events
            .iter()
            .filter(|(_, event)| failed(event))
            .count()
            > 3
    );
    let latest = CheckpointArchive::new(dir.path())
        .load_latest()
        .unwrap()
        .unwrap();
    assert!(TrainerState::decode(&latest).is_ok());
}

#[test]
fn commands_are_obeyed_between_updates_and_acknowledged() {
    let list: Vec<Box<dyn Callback>> = vec![Box::new(Schedules)];
    let mut trainer = Trainer::new(spec(), &family(DISCRETE), list).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let set = |key, value| Command::Set { key, value };
    let mut script = Script::new(
        2,
        &[
            Command::Pause,
            set(Tunable::LearningRate, 1e-2),
            set(Tunable::ClipRange, 0.0),
            Command::Checkpoint,
            Command::Resume,
        ],
    );
    let (sink, ending) = run(&mut trainer, &mut script, Some(&mut store));
    assert_eq!(ending.unwrap(), Ending::Finished);
    let refused: Vec<bool> = script.outcomes.iter().map(Result::is_err).collect();
    assert_eq!(refused, [false, false, true, false, false]);
    let rates = sink.series("schedule/learning_rate");
    assert!((rates[1] - 3e-3 * 0.9).abs() < 1e-12 && (rates[2] - 1e-2 * 0.8).abs() < 1e-12);
    let steps = store.archive().steps().unwrap();
    assert_eq!(steps, [2 * 640, 10 * 640]);
}

#[test]
fn validation_marks_the_best_and_patience_ends() {
    let mut list = callbacks();
    list[2] = Box::new(EarlyStop::new(2, 0.5, 0.0));
    let mut trainer = Trainer::new(spec(), &family(DISCRETE), list).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let (sink, ending) = run(&mut trainer, &mut Uncontrolled, Some(&mut store));
    let ending = ending.unwrap();
    assert!(
        matches!(&ending, Ending::StoppedEarly(why) if why.en.contains("2 validations")),
        "{ending:?}"
    );
    let scores = sink.series("valid/score");
    let best = store.archive().best().unwrap();
    let highest = scores.iter().copied().fold(f64::MIN, f64::max);
    assert!((best.score - highest).abs() < 1e-12, "{best:?} {scores:?}");
}

#[test]
fn a_policy_that_moves_too_far_ends_the_epochs_or_the_training() {
    let wild = PpoSpec {
        learning_rate: Schedule::constant(0.3),
        ..spec()
    };
    let mut early = trainer(
        PpoSpec {
            target_kl: 1e-4,
            ..wild.clone()
        },
        DISCRETE,
    );
    let (sink, _) = train(&mut early);
    assert!(sink.series("loss/epochs")[0] < 3.0);
    let list: Vec<Box<dyn Callback>> = vec![Box::new(EarlyStop::new(0, 0.0, 1e-4))];
    let mut limited = Trainer::new(wild, &family(DISCRETE), list).unwrap();
    let (_, ending) = train(&mut limited);
    assert!(matches!(ending.unwrap(), Ending::StoppedEarly(why) if why.en.contains("KL")));
    assert_eq!(limited.progress().updates, 1);
}

#[test]
fn an_environment_of_the_wrong_width_is_refused() {
    let narrow = |shard: Shard, streams: Streams| -> Result<Box<dyn VecEnv>, SimError> {
        let shard = Shard {
            n_envs: shard.n_envs - 1,
            ..shard
        };
        Ok(Box::new(SignTask::new(DISCRETE, shard, streams)))
    };
    let error = Trainer::new(spec(), &narrow, Vec::new()).unwrap_err();
    assert!(matches!(error, TrainError::Environment { .. }), "{error}");
}

/// Delivers all its commands once that many polls went by.
#[derive(Debug)]
struct Script {
    polls_left: u64,
    commands: VecDeque<Command>,
    outcomes: Vec<Result<(), Phrase>>,
}

impl Script {
    fn new(after: u64, commands: &[Command]) -> Self {
        Self {
            polls_left: after,
            commands: commands.iter().copied().collect(),
            outcomes: Vec::new(),
        }
    }
}

impl Control for Script {
    fn poll(&mut self) -> Vec<Command> {
        if self.polls_left == 0 {
            return self.commands.pop_front().into_iter().collect();
        }
        self.polls_left -= 1;
        Vec::new()
    }

    fn wait(&mut self) -> Vec<Command> {
        self.commands.pop_front().into_iter().collect()
    }

    fn acknowledge(&mut self, _command: &Command, outcome: Result<(), Phrase>) {
        self.outcomes.push(outcome);
    }
}

/// A disk that is full from some write on.
#[derive(Debug)]
struct FullFrom {
    writes: usize,
}

impl Disk for FullFrom {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.writes == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.writes -= 1;
        LocalDisk.write(path, bytes)
    }
}

/// Keeps figures waiting until it is told to settle.
#[derive(Debug, Default)]
struct Waiting {
    waits: Vec<u64>,
    saved: usize,
}

impl MetricSink for Waiting {
    fn metrics(&mut self, step: u64, _: &crate::sink::Metrics) -> io::Result<()> {
        self.waits.push(step);
        Ok(())
    }

    fn event(&mut self, step: u64, event: &TrainEvent) -> io::Result<()> {
        if matches!(event, TrainEvent::CheckpointSaved { .. }) {
            assert_eq!(self.waits, [0; 0], "a kill at step {step} would lose these");
            self.saved += 1;
        }
        Ok(())
    }

    fn settle(&mut self) -> io::Result<()> {
        self.waits.clear();
        Ok(())
    }
}

#[test]
fn figures_are_on_disk_before_the_checkpoint_that_would_not_say_them_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut list = callbacks();
    list.push(Box::new(CheckpointEvery::new(640, Duration::ZERO)));
    let mut trainer = Trainer::new(spec(), &family(DISCRETE), list).unwrap();
    let mut sink = Waiting::default();
    let ending = trainer.run(&mut Surroundings {
        sink: &mut sink,
        control: &mut Uncontrolled,
        store: Some(&mut store),
        clock: &ManualClock::at(Nanos(0)),
    });
    assert_eq!(ending.unwrap(), Ending::Finished);
    assert!(sink.saved > 3);
}
