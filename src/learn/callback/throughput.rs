//! How fast training goes.

use super::{Callback, Turn};
use crate::error::TrainError;
use std::time::Duration;

/// Reports environment steps per second, learning included, since the update before.
#[derive(Clone, Debug, Default)]
pub struct Throughput {
    last: Option<(u64, Duration)>,
}

impl Callback for Throughput {
    fn name(&self) -> &'static str {
        "throughput"
    }

    fn before_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        self.last
            .get_or_insert((turn.progress.steps, turn.clock.steady()));
        Ok(())
    }

    fn after_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let now = (turn.progress.steps, turn.clock.steady());
        if let Some((steps, time)) = self.last.replace(now) {
            let seconds = now.1.saturating_sub(time).as_secs_f64();
            if seconds > 0.0 {
                let rate = (now.0 - steps) as f64 / seconds;
                turn.metrics
                    .insert("perf/steps_per_second".to_owned(), rate);
            }
        }
        Ok(())
    }
}
