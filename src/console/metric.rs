//! The curves of a training that a tuner watches.
//!
//! A chart more is a row more; what an odd curve means is `report::health`'s to say. Start at
//! [`METRICS`].

use domain::Text;

/// One watched curve.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Keys in the metric files, the first that a run has counts.
    pub keys: &'static [&'static str],
    /// Short name.
    pub title: Text,
}

/// Everything charted on the run screen, in reading order.
pub static METRICS: &[Metric] = &[
    Metric {
        keys: &["rollout/episode_return", "rollout/reward_mean"],
        title: Text::new("Rollout return", "롤아웃 수익"),
    },
    Metric {
        keys: &["valid/score", "valid/sharpe", "valid/return"],
        title: Text::new("Validation score", "검증 점수"),
    },
    Metric {
        keys: &["loss/entropy"],
        title: Text::new("Entropy", "엔트로피"),
    },
    Metric {
        keys: &["loss/approx_kl"],
        title: Text::new("Approx. KL", "근사 KL"),
    },
    Metric {
        keys: &["loss/clip_fraction"],
        title: Text::new("Clip fraction", "클립 비율"),
    },
    Metric {
        keys: &["loss/explained_variance"],
        title: Text::new("Explained variance", "설명된 분산"),
    },
];

/// Returns the watched curve that the file key belongs to.
#[must_use]
pub fn of_key(key: &str) -> Option<usize> {
    METRICS.iter().position(|metric| metric.keys.contains(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_belongs_to_one_curve_or_none() {
        for (index, metric) in METRICS.iter().enumerate() {
            assert!(metric.keys.iter().all(|key| of_key(key) == Some(index)));
        }
        assert_eq!(of_key("loss/policy"), None);
    }
}
