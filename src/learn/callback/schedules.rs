//! Learning rate and entropy bonus over training.

use super::{Callback, Turn};
use crate::error::TrainError;

/// Sets the learning rate and the entropy coefficient of each update from their schedules, and
/// reports them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Schedules;

impl Callback for Schedules {
    fn name(&self) -> &'static str {
        "schedules"
    }

    fn before_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let share = turn.progress.share();
        let rate = turn.settings.learning_rate;
        let entropy = turn.settings.entropy_coef;
        turn.coefficients.learning_rate = rate.start * rate.factor(share);
        turn.coefficients.entropy_coef = entropy.start * entropy.factor(share);
        turn.metrics.insert(
            "schedule/learning_rate".to_owned(),
            turn.coefficients.learning_rate,
        );
        turn.metrics.insert(
            "schedule/entropy_coef".to_owned(),
            turn.coefficients.entropy_coef,
        );
        Ok(())
    }
}
