//! When to save.

use super::{Callback, Turn};
use crate::error::TrainError;
use serde_json::{Value, json};
use std::time::Duration;

/// Asks for a checkpoint every so many steps and every so much wall-clock time, whichever comes
/// first.
#[derive(Clone, Debug)]
pub struct CheckpointEvery {
    steps: u64,
    period: Duration,
    last_step: u64,
    last_time: Option<Duration>,
}

impl CheckpointEvery {
    /// Saves every `steps` environment steps and every `period`; 0 and zero turn one off.
    #[must_use]
    pub fn new(steps: u64, period: Duration) -> Self {
        Self {
            steps,
            period,
            last_step: 0,
            last_time: None,
        }
    }
}

impl Callback for CheckpointEvery {
    fn name(&self) -> &'static str {
        "checkpoint_every"
    }

    fn after_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let (step, now) = (turn.progress.steps, turn.clock.steady());
        let since = *self.last_time.get_or_insert(now);
        let due_by_step = self.steps > 0 && step - self.last_step >= self.steps;
        let due_by_time = !self.period.is_zero() && now.saturating_sub(since) >= self.period;
        if due_by_step || due_by_time {
            turn.requests.checkpoint = true;
        }
        if turn.requests.checkpoint {
            (self.last_step, self.last_time) = (step, Some(now));
        }
        Ok(())
    }

    fn save(&self) -> Value {
        json!({ "last_step": self.last_step })
    }

    fn load(&mut self, state: &Value) -> Result<(), String> {
        self.last_step = state["last_step"].as_u64().ok_or("last_step is missing")?;
        Ok(())
    }
}
