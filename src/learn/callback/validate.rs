//! Scoring the policy on data that it does not learn from.

use super::{Callback, Turn};
use crate::{
    error::TrainError,
    policy::MlpPolicy,
    sink::{Metrics, TrainEvent},
};
use domain::phrase;
use serde_json::{Value, json};
use std::fmt::Debug;

/// What a validation found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validated {
    /// By which checkpoints are compared; higher is better.
    pub score: f64,
    /// Further figures, e.g. `valid/sharpe`.
    pub metrics: Metrics,
}

/// Scores a frozen, deterministic policy.
pub trait Validation: Debug + Send {
    /// Returns the policy's score. Must depend on nothing but the policy.
    ///
    /// # Errors
    /// Any; ends training.
    fn validate(&mut self, policy: &mut MlpPolicy) -> Result<Validated, TrainError>;
}

/// Runs a validation every so many steps and at the last one, and asks to keep the best weights.
#[derive(Debug)]
pub struct Validate {
    validation: Box<dyn Validation>,
    every_steps: u64,
    last_step: u64,
    best: Option<f64>,
}

impl Validate {
    /// Runs `validation` every `every_steps` environment steps.
    #[must_use]
    pub fn new(validation: Box<dyn Validation>, every_steps: u64) -> Self {
        Self {
            validation,
            every_steps,
            last_step: 0,
            best: None,
        }
    }
}

impl Callback for Validate {
    fn name(&self) -> &'static str {
        "validate"
    }

    fn after_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let step = turn.progress.steps;
        let at_end = step >= turn.progress.total_steps;
        if step - self.last_step < self.every_steps && !at_end {
            return Ok(());
        }
        self.last_step = step;
        let found = self.validation.validate(turn.policy)?;
        let score = found.score;
        if !score.is_finite() {
            return Err(TrainError::Validation(phrase!(
                "the score is {score} at step {step}",
                "{step} 스텝의 점수가 {score}입니다"
            )));
        }
        turn.metrics.extend(found.metrics);
        turn.metrics.insert("valid/score".to_owned(), found.score);
        turn.requests.score = Some(found.score);
        if self.best.is_none_or(|best| found.score > best) {
            self.best = Some(found.score);
            turn.requests.best = true;
        }
        turn.events.push(TrainEvent::Validated {
            score: found.score,
            best: self.best.unwrap_or(found.score),
        });
        Ok(())
    }

    fn save(&self) -> Value {
        json!({ "last_step": self.last_step, "best": self.best })
    }

    fn load(&mut self, state: &Value) -> Result<(), String> {
        self.last_step = state["last_step"].as_u64().ok_or("last_step is missing")?;
        self.best = state["best"].as_f64();
        Ok(())
    }
}
