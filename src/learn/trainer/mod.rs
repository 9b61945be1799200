//! The training loop: rollout, update, callbacks, commands, checkpoints.
//!
//! Owns the order of things and the state that makes a training resumable bit for bit; what is
//! learned is [`crate::learner`]'s business, where figures go the sink's. Start at
//! [`Trainer::run`].

mod run;
mod update;

pub use run::{Ending, Surroundings};

use crate::{
    callback::{Callback, Progress},
    checkpoint::Checkpoint,
    device,
    error::{CheckpointError, TrainError},
    learner::{self, LearnConfig, Learner, LearnerState},
    normaliser::{ObsNormaliser, RewardScaler},
    policy::{MlpPolicy, PolicyWeights, head_of},
    rollout::{EnvFamily, LoadError, Rollouts},
    spec::{BackendChoice, DeviceChoice, PpoSpec, Schedule},
    state::{Book, TrainerState},
};
use domain::{Phrase, StreamRng, Streams, phrase};
use kernel::{MlpShape, Pool};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Coefficients as tuned so far: they start as the spec's and may be changed while training runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Course of the learning rate.
    pub learning_rate: Schedule,
    /// Course of the entropy bonus.
    pub entropy_coef: Schedule,
    /// ε of the clipped ratio.
    pub clip_range: f64,
}

/// A training between two updates.
#[derive(Debug)]
pub struct Trainer {
    spec: PpoSpec,
    settings: Settings,
    progress: Progress,
    callbacks: Vec<Box<dyn Callback>>,
    pool: Arc<Pool>,
    learner: Box<dyn Learner>,
    /// The network that acts, one copy a worker of the pool.
    actors: Vec<Mutex<kernel::Policy>>,
    rollouts: Rollouts,
    normaliser: ObsNormaliser,
    scaler: RewardScaler,
    shuffle: StreamRng,
    /// The policy as callbacks and the caller see it.
    policy: MlpPolicy,
    /// Parameters after the last update, `[params]`.
    parameters: Vec<f32>,
    /// Row numbers of the rollout, shuffled each epoch.
    rows: Vec<u32>,
    /// Why the learner runs where it runs.
    backend: Phrase,
    resumed_from: u64,
    /// Whether a checkpoint holds the state as it is now.
    is_saved: bool,
    /// Time spent on saving checkpoints.
    saving: Duration,
}

impl Trainer {
    /// Starts a training at step 0 on the environments of `family`.
    ///
    /// # Errors
    /// [`TrainError::Spec`], [`TrainError::Environment`], [`TrainError::NoGpu`],
    /// [`TrainError::Torch`].
    pub fn new(
        spec: PpoSpec,
        family: &EnvFamily<'_>,
        callbacks: Vec<Box<dyn Callback>>,
    ) -> Result<Self, TrainError> {
        spec.validate()?;
        let chosen = device::choose(spec.device, spec.backend)?;
        let pool = Arc::new(Pool::new(spec.resolved_threads()));
        let streams = Streams::new(spec.seed);
        let rollouts = Rollouts::new(family, spec.n_envs, spec.horizon, streams)?;
        let shape = MlpShape {
            obs_dim: rollouts.obs_dim(),
            hidden: spec.hidden.clone(),
            head: head_of(rollouts.space()),
            activation: spec.activation,
        };
        let parameters = fresh_parameters(&shape, &spec, streams)?;
        let config = LearnConfig::of(&spec);
        let learner = learner::build(chosen.backend, &shape, &parameters, config, &pool)?;
        let actor = || {
            let own = Arc::new(Pool::new(1));
            kernel::Policy::from_params(shape.clone(), own, parameters.clone()).map(Mutex::new)
        };
        let actors = (0..pool.workers())
            .map(|_| actor())
            .collect::<Result<_, _>>()?;
        let normaliser = if spec.normalise_observations {
            ObsNormaliser::running(shape.obs_dim)
        } else {
            ObsNormaliser::identity(shape.obs_dim)
        };
        let scaler = if spec.normalise_rewards {
            RewardScaler::running()
        } else {
            RewardScaler::identity()
        };
        let policy = MlpPolicy::new(&PolicyWeights {
            shape,
            parameters: parameters.clone(),
            obs_moments: normaliser.moments().cloned(),
        })?;
        Ok(Self {
            settings: Settings {
                learning_rate: spec.learning_rate,
                entropy_coef: spec.entropy_coef,
                clip_range: spec.clip_range,
            },
            progress: Progress {
                total_steps: spec.total_steps,
                ..Progress::default()
            },
            callbacks,
            learner,
            actors,
            rollouts,
            normaliser,
            scaler,
            shuffle: streams.stream("shuffle", 0),
            policy,
            parameters,
            rows: Vec::with_capacity(spec.batch_size()),
            backend: chosen.reason,
            resumed_from: 0,
            is_saved: false,
            saving: Duration::ZERO,
            pool,
            spec,
        })
    }

    /// Goes on where `checkpoint` was taken. Spec, environments and callbacks are those of that
    /// training; `total_steps`, `threads`, `device` and `backend` may differ.
    ///
    /// # Errors
    /// [`CheckpointError::Mismatch`] when it belongs to another training; the environment's error
    /// when it refuses its state.
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> Result<(), TrainError> {
        let step = checkpoint.manifest.step;
        let mismatch = |reason: Phrase| CheckpointError::Mismatch { step, reason };
        let TrainerState {
            book,
            policy,
            learner,
            shards,
        } = TrainerState::decode(checkpoint)?;
        let differing = differing_keys(&book.spec, &self.spec);
        if !differing.is_empty() {
            let keys = differing.join(", ");
            let reason = phrase!("these settings differ: {keys}", "다른 설정: {keys}");
            return Err(mismatch(reason).into());
        }
        if policy.shape != *self.policy.shape() {
            let (found, due) = (&policy.shape, self.policy.shape());
            let reason = phrase!(
                "network {found:?} instead of {due:?}",
                "신경망이 {due:?}이어야 하는데 {found:?}입니다"
            );
            return Err(mismatch(reason).into());
        }
        self.rollouts
            .load(&shards, &book.action_rngs)
            .map_err(|error| match error {
                LoadError::Shape(reason) => TrainError::from(mismatch(reason)),
                LoadError::Env(error) => TrainError::EnvironmentState(error),
            })?;
        for callback in &mut self.callbacks {
            if let Some(state) = book.callbacks.get(callback.name()) {
                let name = callback.name();
                callback.load(state).map_err(|why| {
                    mismatch(phrase!("callback {name}: {why}", "콜백 {name}: {why}"))
                })?;
            }
        }
        self.learner.load(&learner)?;
        self.normaliser = match policy.obs_moments {
            Some(moments) => ObsNormaliser::from_moments(moments),
            None => ObsNormaliser::identity(self.rollouts.obs_dim()),
        };
        self.scaler = book.reward_scaler;
        self.shuffle = book.shuffle;
        self.settings = book.settings;
        self.progress = Progress {
            total_steps: self.spec.total_steps,
            ..book.progress
        };
        self.resumed_from = step;
        self.refresh_policy()
    }

    /// Returns everything needed to continue; what [`resume`](Self::resume) takes over.
    ///
    /// # Errors
    /// [`TrainError::Torch`].
    pub fn state(&self) -> Result<TrainerState, TrainError> {
        let (shards, action_rngs) = self.rollouts.save();
        let callbacks: BTreeMap<_, _> = self
            .callbacks
            .iter()
            .map(|callback| (callback.name().to_owned(), callback.save()))
            .filter(|(_, state)| !state.is_null())
            .collect();
        Ok(TrainerState {
            book: Book {
                spec: self.spec.clone(),
                progress: self.progress,
                settings: self.settings,
                reward_scaler: self.scaler.clone(),
                shuffle: self.shuffle.clone(),
                action_rngs,
                callbacks,
            },
            policy: self.policy.weights(),
            learner: self.learner.save()?,
            shards,
        })
    }

    /// Returns the spec.
    #[must_use]
    pub fn spec(&self) -> &PpoSpec {
        &self.spec
    }

    /// Returns how far training is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Returns where the learner runs and why, in words.
    #[must_use]
    pub fn backend(&self) -> Phrase {
        let (learner, Phrase { en, ko }) = (self.learner.describe(), &self.backend);
        phrase!("{learner} ({en})", "{learner} ({ko})")
    }

    /// Returns the policy as it is now: deterministic, with frozen observation scale.
    pub fn policy(&mut self) -> &mut MlpPolicy {
        &mut self.policy
    }

    /// Returns a hash of all weights, for comparing two trainings bit by bit.
    #[must_use]
    pub fn weights_hash(&self) -> blake3::Hash {
        blake3::hash(&self.policy.weights().encode())
    }

    /// Hands the learner's parameters to all that act.
    fn refresh_policy(&mut self) -> Result<(), TrainError> {
        self.learner.copy_parameters(&mut self.parameters)?;
        for actor in &mut self.actors {
            let actor = actor
                .get_mut()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            actor.set_params(&self.parameters)?;
        }
        self.policy.refresh(&self.parameters, &self.normaliser)
    }

    /// Puts the learner back to `good`.
    fn restore(&mut self, good: &LearnerState) -> Result<(), TrainError> {
        self.learner.load(good)?;
        self.refresh_policy()
    }
}

/// Returns orthogonal weights, with the spec's initial log-std for continuous actions.
fn fresh_parameters(
    shape: &MlpShape,
    spec: &PpoSpec,
    streams: Streams,
) -> Result<Vec<f32>, TrainError> {
    let rng = &mut streams.stream("init", 0);
    let network = kernel::Policy::new(shape.clone(), Arc::new(Pool::new(1)), rng)?;
    let mut parameters = network.params().to_vec();
    if let Some(view) = network.layout().view("actor.log_std") {
        parameters[view.range()].fill(spec.initial_log_std as f32);
    }
    Ok(parameters)
}

/// Returns the names of the settings that must not differ between a checkpoint and its resumption,
/// but do.
fn differing_keys(saved: &PpoSpec, now: &PpoSpec) -> Vec<String> {
    let free = |spec: &PpoSpec| PpoSpec {
        total_steps: 1,
        threads: 1,
        device: DeviceChoice::Cpu,
        backend: BackendChoice::Auto,
        ..spec.clone()
    };
    let fields = |spec: &PpoSpec| serde_json::to_value(free(spec)).expect("plain data");
    let (saved, now) = (fields(saved), fields(now));
    let keys = now.as_object().expect("a spec is an object").keys();
    keys.filter(|key| saved[key.as_str()] != now[key.as_str()])
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests;
