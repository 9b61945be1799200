//! How fast training goes, and how much of its time goes into checkpoints.

use super::{Callback, Turn};
use crate::error::TrainError;
use std::time::Duration;

/// Reports environment steps per second, learning included, since the update before, and the share
/// of all time since the start that saving checkpoints took.
#[derive(Clone, Debug, Default)]
pub struct Throughput {
    last: Option<(u64, Duration)>,
    /// When the first update began.
    began: Option<Duration>,
}

impl Callback for Throughput {
    fn name(&self) -> &'static str {
        "throughput"
    }

    fn before_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let now = turn.clock.steady();
        self.last.get_or_insert((turn.progress.steps, now));
        self.began.get_or_insert(now);
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
        let all = now.1.saturating_sub(*self.began.get_or_insert(now.1));
        if !all.is_zero() {
            let share = turn.saving.as_secs_f64() / all.as_secs_f64();
            turn.metrics
                .insert("perf/checkpoint_share".to_owned(), share);
        }
        Ok(())
    }
}
