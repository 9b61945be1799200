//! Everything that a training needs to go on bit-identically, and its form as checkpoint files.
//!
//! Owns the content of a checkpoint; how it reaches the disk is [`crate::checkpoint`]'s business.
//! `policy.safetensors` alone is enough to act; the other files are for resuming.

use crate::{
    callback::Progress,
    checkpoint::Checkpoint,
    error::CheckpointError,
    learner::LearnerState,
    normaliser::RewardScaler,
    policy::PolicyWeights,
    spec::PpoSpec,
    tensor_file::{TensorReader, TensorWriter},
    trainer::Settings,
};
use domain::{Phrase, StreamRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Weights and observation scale.
pub const POLICY_FILE: &str = "policy.safetensors";
const OPTIMISER_FILE: &str = "optimiser.safetensors";
const ROLLOUT_FILE: &str = "rollout.safetensors";
const ENVS_FILE: &str = "envs.bin";
const STATE_FILE: &str = "state.json";

/// A training between two updates.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainerState {
    /// Counters, settings and random streams.
    pub book: Book,
    /// Weights, network shape and observation scale.
    pub policy: PolicyWeights,
    /// The optimiser's memory; its `parameters` are the policy's.
    pub learner: LearnerState,
    /// Where each shard of environments stands.
    pub shards: Vec<ShardState>,
}

/// The small part of the state, kept as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// The spec that the training runs under.
    pub spec: PpoSpec,
    /// How far it is.
    pub progress: Progress,
    /// Coefficients as tuned so far.
    pub settings: Settings,
    /// Running scale of the rewards.
    pub reward_scaler: RewardScaler,
    /// Stream that shuffles minibatches.
    pub shuffle: StreamRng,
    /// Action stream of every environment, by global index.
    pub action_rngs: Vec<StreamRng>,
    /// State of each callback by name.
    pub callbacks: BTreeMap<String, Value>,
}

/// Where one shard of environments stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ShardState {
    /// The environments' own state.
    pub env: Vec<u8>,
    /// Observation to act on next, unscaled, `[n, obs_dim]`.
    pub obs: Vec<f32>,
    /// Reward so far of each running episode.
    pub episode_return: Vec<f64>,
    /// Steps so far of each running episode.
    pub episode_length: Vec<u64>,
    /// Discounted return of each environment, as the reward scale sees it.
    pub discounted: Vec<f64>,
}

impl TrainerState {
    /// Returns the checkpoint's files by name.
    #[must_use]
    pub fn encode(&self) -> BTreeMap<String, Vec<u8>> {
        let mut optimiser = TensorWriter::default();
        let n = self.learner.first.len();
        optimiser.f32("first_moment", &[n], &self.learner.first);
        optimiser.f32("second_moment", &[n], &self.learner.second);
        let mut rollout = TensorWriter::default();
        let mut envs = Vec::new();
        for (index, shard) in self.shards.iter().enumerate() {
            let n = shard.episode_return.len();
            let obs_dim = shard.obs.len() / n.max(1);
            rollout.f32(&format!("{index}.obs"), &[n, obs_dim], &shard.obs);
            rollout.f64(&format!("{index}.episode_return"), &shard.episode_return);
            rollout.u64(&format!("{index}.episode_length"), &shard.episode_length);
            rollout.f64(&format!("{index}.discounted"), &shard.discounted);
            envs.extend_from_slice(&(shard.env.len() as u64).to_le_bytes());
            envs.extend_from_slice(&shard.env);
        }
        let book = serde_json::to_vec(&self.book).expect("plain data has a JSON form");
        BTreeMap::from([
            (POLICY_FILE.to_owned(), self.policy.encode()),
            (
                OPTIMISER_FILE.to_owned(),
                optimiser.encode(&self.learner.steps),
            ),
            (ROLLOUT_FILE.to_owned(), rollout.encode(&self.shards.len())),
            (ENVS_FILE.to_owned(), envs),
            (STATE_FILE.to_owned(), book),
        ])
    }

    /// Reads a verified checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError::Mismatch`] when a file is missing or does not have the expected content.
    pub fn decode(checkpoint: &Checkpoint) -> Result<Self, CheckpointError> {
        let step = checkpoint.manifest.step;
        let within = |file: &'static str| {
            move |reason: String| CheckpointError::Mismatch {
                step,
                reason: Phrase::same(format!("{file}: {reason}")),
            }
        };
        let policy =
            PolicyWeights::decode(checkpoint.file(POLICY_FILE)?).map_err(within(POLICY_FILE))?;
        let learner = decode_optimiser(checkpoint.file(OPTIMISER_FILE)?, &policy.parameters)
            .map_err(within(OPTIMISER_FILE))?;
        let envs = split_envs(checkpoint.file(ENVS_FILE)?).map_err(within(ENVS_FILE))?;
        let shards =
            decode_shards(checkpoint.file(ROLLOUT_FILE)?, envs).map_err(within(ROLLOUT_FILE))?;
        let book: Book = serde_json::from_slice(checkpoint.file(STATE_FILE)?)
            .map_err(|error| within(STATE_FILE)(error.to_string()))?;
        Ok(Self {
            book,
            policy,
            learner,
            shards,
        })
    }
}

fn decode_optimiser(bytes: &[u8], parameters: &[f32]) -> Result<LearnerState, String> {
    let reader = TensorReader::new(bytes)?;
    Ok(LearnerState {
        parameters: parameters.to_vec(),
        first: reader.f32("first_moment")?,
        second: reader.f32("second_moment")?,
        steps: reader.document()?,
    })
}

fn decode_shards(bytes: &[u8], envs: Vec<Vec<u8>>) -> Result<Vec<ShardState>, String> {
    let reader = TensorReader::new(bytes)?;
    let shards: usize = reader.document()?;
    if shards != envs.len() {
        return Err(format!(
            "{shards} shards, but {} environment states",
            envs.len()
        ));
    }
    envs.into_iter()
        .enumerate()
        .map(|(index, env)| {
            Ok(ShardState {
                env,
                obs: reader.f32(&format!("{index}.obs"))?,
                episode_return: reader.f64(&format!("{index}.episode_return"))?,
                episode_length: reader.u64(&format!("{index}.episode_length"))?,
                discounted: reader.f64(&format!("{index}.discounted"))?,
            })
        })
        .collect()
}

fn split_envs(mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut envs = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes
            .split_first_chunk::<8>()
            .ok_or("it ends within a length")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|e| e.to_string())?;
        let (env, rest) = rest
            .split_at_checked(length)
            .ok_or("it ends within a state")?;
        envs.push(env.to_vec());
        bytes = rest;
    }
    Ok(envs)
}
