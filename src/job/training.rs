//! Trains every seed of a run, each resumable on its own, and hands back the chosen policies.
//!
//! Seeds run one after the other with all threads each. A seed that has ended leaves
//! `seeds/<seed>/trained.json`; a resumed run skips it.

use super::{desk::Desk, error::JobError, orders::Orders, plan, sink::SeedSink};
use config::Config;
use domain::{Phrase, durable};
use learn::{
    CheckpointArchive, CheckpointError, CheckpointEvery, CheckpointStore, EarlyStop, Ending,
    EnvFamily, Schedules, Surroundings, Throughput, Trainer, Validate, Validation,
    state::POLICY_FILE,
};
use runs::{Event, Layout, Phase, Track};
use serde::{Deserialize, Serialize};
use std::{fs, num::NonZeroUsize, time::Duration};

/// What is left of a seed's training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// The seed.
    pub seed: u64,
    /// Environment steps done.
    pub steps: u64,
    /// Why it ended before its last step, if it did.
    pub stopped_early: Option<String>,
    /// Step of the checkpoint whose validation was best; the last one without validation.
    pub chosen_step: u64,
    /// Its validation score.
    pub score: Option<f64>,
    /// Validations looked at.
    pub validations: u64,
    /// BLAKE3 of the weights after the last update, in hexadecimal.
    pub weights_hash: String,
}

/// How the training of a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// Every seed is trained.
    All(Vec<Trained>),
    /// Stopped on command after saving.
    Stopped,
    /// Ended on command for good.
    Cancelled,
    /// Ended by a signal after saving.
    Signalled,
}

/// What one training is made of.
pub struct Recipe<'a> {
    /// Builds the environments; the same for every seed.
    pub family: &'a EnvFamily<'a>,
    /// Builds the validation; `None` where every checkpoint counts the same.
    pub validation: Option<&'a dyn Fn() -> Box<dyn Validation>>,
}

/// Trains every seed of `config` that is not trained yet.
///
/// # Errors
/// What ended a training; what was saved stays.
pub fn train(desk: &Desk, config: &Config, recipe: &Recipe<'_>) -> Result<Outcome, JobError> {
    let seeds = &config.train.seeds;
    let total = config.train.total_steps;
    desk.status.edit(|status| {
        status.seed_count = seeds.len() as u32;
        status.total_steps = total * seeds.len() as u64;
    });
    let mut all = Vec::new();
    for (index, seed) in seeds.iter().enumerate() {
        let offset = total * index as u64;
        desk.status.edit(|status| {
            status.seed_index = index as u32 + 1;
            status.step = offset;
        });
        let layout = desk.segment().run().track(Track::Seed(*seed));
        if let Some(done) = read_trained(&layout)? {
            all.push(done);
            continue;
        }
        desk.phase(Phase::Training { seed: *seed })?;
        match train_seed(desk, config, recipe, *seed, offset)? {
            Ended::Trained(done) => all.push(done),
            Ended::Stopped => return Ok(Outcome::Stopped),
            Ended::Cancelled => return Ok(Outcome::Cancelled),
            Ended::Signalled => return Ok(Outcome::Signalled),
        }
        if desk.signals.received().is_some() {
            return Ok(Outcome::Signalled);
        }
    }
    desk.status.edit(|status| status.step = status.total_steps);
    Ok(Outcome::All(all))
}

enum Ended {
    Trained(Trained),
    Stopped,
    Cancelled,
    Signalled,
}

fn train_seed(
    desk: &Desk,
    config: &Config,
    recipe: &Recipe<'_>,
    seed: u64,
    offset: u64,
) -> Result<Ended, JobError> {
    let layout = desk.segment().run().track(Track::Seed(seed));
    let mut callbacks: Vec<Box<dyn learn::Callback>> = vec![Box::new(Schedules)];
    if let Some(validation) = recipe.validation {
        callbacks.push(Box::new(Validate::new(
            validation(),
            config.train.validate_every_steps,
        )));
        callbacks.push(Box::new(EarlyStop::new(
            config.train.patience as u64,
            0.0,
            config.train.stop_kl,
        )));
    }
    callbacks.push(Box::new(CheckpointEvery::new(
        config.train.checkpoint_every_steps,
        Duration::from_secs(config.train.checkpoint_every_seconds),
    )));
    callbacks.push(Box::new(Throughput::default()));
    let mut trainer = Trainer::new(plan::ppo(config, seed), recipe.family, callbacks)?;
    let keep = NonZeroUsize::new(config.train.keep_checkpoints).unwrap_or(NonZeroUsize::MIN);
    let mut store = CheckpointStore::open(&layout.checkpoints(), keep)?;
    let resumed_from = resume(desk, &mut trainer, store.archive())?;
    let journals = desk.segment().seed(seed, resumed_from)?;
    let mut sink = SeedSink::new(desk.clone(), journals, seed, offset);
    let mut orders = Orders::new(desk.clone());
    let floor = desk.training();
    let ending = trainer.run(&mut Surroundings {
        sink: &mut sink,
        control: &mut orders,
        store: Some(&mut store),
        clock: &*desk.clock,
    });
    match ending {
        Ok(Ending::Finished | Ending::StoppedEarly(_)) => drop(floor),
        // A signal that comes now, as it does behind every order to a job, is about this end.
        _ => floor.decide(),
    }
    let ending = ending?;
    let stopped_early = match ending {
        Ending::Finished => None,
        Ending::StoppedEarly(reason) => Some(reason.en),
        Ending::Stopped if orders.ended_by_signal() => return Ok(Ended::Signalled),
        Ending::Stopped => return Ok(Ended::Stopped),
        Ending::Cancelled => return Ok(Ended::Cancelled),
    };
    let archive = store.archive();
    let best = archive.best();
    let last = archive.latest()?.unwrap_or_default();
    let trained = Trained {
        seed,
        steps: trainer.progress().steps,
        stopped_early,
        chosen_step: best.map_or(last, |best| best.step),
        score: best.map(|best| best.score),
        validations: trainer
            .progress()
            .steps
            .div_ceil(config.train.validate_every_steps.max(1)),
        weights_hash: trainer.weights_hash().to_hex().to_string(),
    };
    write_trained(&layout, &trained)?;
    Ok(Ended::Trained(trained))
}

/// Continues from the newest whole checkpoint. A damaged one is named in the events, and the one
/// before is taken.
fn resume(
    desk: &Desk,
    trainer: &mut Trainer,
    archive: &CheckpointArchive,
) -> Result<Option<u64>, JobError> {
    let mut candidate = archive.latest()?;
    while let Some(step) = candidate {
        match archive.load(step) {
            Ok(checkpoint) => {
                trainer.resume(&checkpoint)?;
                return Ok(Some(step));
            }
            Err(error @ CheckpointError::Corrupt { previous, .. }) => {
                desk.event(Event::CheckpointRefused {
                    name: step.to_string(),
                    reason: error.says(),
                })?;
                candidate = previous;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

fn trained_file(layout: &Layout) -> std::path::PathBuf {
    layout.root().join("trained.json")
}

/// Returns what is left of a seed's training; `None` while it is not done.
///
/// # Errors
/// A damaged file.
pub fn read_trained(layout: &Layout) -> Result<Option<Trained>, JobError> {
    let path = trained_file(layout);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| JobError::io(&path, std::io::Error::other(error))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(JobError::io(&path, error)),
    }
}

fn write_trained(layout: &Layout, trained: &Trained) -> Result<(), JobError> {
    let path = trained_file(layout);
    let bytes = serde_json::to_vec_pretty(trained).expect("plain data has a JSON form");
    durable::replace(&path, &bytes).map_err(|error| JobError::io(&path, error))
}

/// Loads the policy that was chosen for `trained`.
///
/// # Errors
/// A missing or damaged checkpoint, named.
pub fn chosen_policy(layout: &Layout, trained: &Trained) -> Result<learn::MlpPolicy, JobError> {
    read_policy(layout, trained).map_err(|error| unreadable(layout, trained, error))
}

fn read_policy(layout: &Layout, trained: &Trained) -> Result<learn::MlpPolicy, CheckpointError> {
    let archive = CheckpointArchive::new(&layout.checkpoints());
    let checkpoint = archive.load(trained.chosen_step)?;
    let bytes = checkpoint.file(POLICY_FILE)?;
    learn::MlpPolicy::decode(bytes).map_err(|reason| {
        let reason = Phrase::same(reason);
        let step = trained.chosen_step;
        CheckpointError::Mismatch { step, reason }
    })
}

/// A resumed run skips a trained seed, so that what helps a training does not help here.
fn unreadable(layout: &Layout, trained: &Trained, error: CheckpointError) -> JobError {
    let lost = matches!(
        error,
        CheckpointError::Corrupt { .. }
            | CheckpointError::Mismatch { .. }
            | CheckpointError::Missing { .. }
    );
    if !lost {
        return error.into();
    }
    JobError::Agent {
        seed: trained.seed,
        folder: layout.root().to_owned(),
        reason: error.says(),
    }
}
