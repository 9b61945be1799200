//! When to give up.

use super::{Callback, Turn};
use crate::error::TrainError;
use domain::phrase;
use serde_json::{Value, json};

/// Ends training when validation stops improving or the policy moves too far in one update.
#[derive(Clone, Debug)]
pub struct EarlyStop {
    patience: u64,
    min_improvement: f64,
    kl_limit: f64,
    best: Option<f64>,
    without_improvement: u64,
}

impl EarlyStop {
    /// Ends after `patience` validations in a row that do not beat the best score by
    /// `min_improvement`, or after an update whose approximate KL divergence exceeds `kl_limit`;
    /// 0 turns either off. Stands after [`Validate`](super::Validate) in the list.
    #[must_use]
    pub fn new(patience: u64, min_improvement: f64, kl_limit: f64) -> Self {
        Self {
            patience,
            min_improvement,
            kl_limit,
            best: None,
            without_improvement: 0,
        }
    }
}

impl Callback for EarlyStop {
    fn name(&self) -> &'static str {
        "early_stop"
    }

    fn after_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let kl = turn.metrics.get("loss/approx_kl").copied().unwrap_or(0.0);
        let limit = self.kl_limit;
        if limit > 0.0 && kl > limit {
            turn.requests.stop = Some(phrase!(
                "approximate KL divergence {kl:.4} exceeds {limit}",
                "근사 KL 발산 {kl:.4}이(가) 한도 {limit}을(를) 넘었습니다"
            ));
        }
        let Some(score) = turn.requests.score else {
            return Ok(());
        };
        if self
            .best
            .is_none_or(|best| score > best + self.min_improvement)
        {
            self.best = Some(score);
            self.without_improvement = 0;
        } else {
            self.without_improvement += 1;
        }
        if self.patience > 0 && self.without_improvement >= self.patience {
            let count = self.without_improvement;
            turn.requests.stop = Some(phrase!(
                "{count} validations in a row without improvement",
                "검증이 {count}번 연속 나아지지 않았습니다"
            ));
        }
        Ok(())
    }

    fn save(&self) -> Value {
        json!({ "best": self.best, "without_improvement": self.without_improvement })
    }

    fn load(&mut self, state: &Value) -> Result<(), String> {
        self.best = state["best"].as_f64();
        self.without_improvement = state["without_improvement"]
            .as_u64()
            .ok_or("without_improvement is missing")?;
        Ok(())
    }
}
