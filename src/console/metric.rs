//! The curves of a training that a tuner watches: name, unit, and what an odd value means.
//!
//! A chart more is a row more. The hints are rules of thumb, worded so; they decide nothing.
//! Start at [`METRICS`].

use domain::Text;

/// One watched curve.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Keys in the metric files, the first that a run has counts.
    pub keys: &'static [&'static str],
    /// Short name.
    pub title: Text,
    /// Says what an odd latest value means; `None` while it is ordinary.
    pub advice: fn(f64) -> Option<Text>,
}

/// Everything charted on the run screen, in reading order.
pub static METRICS: &[Metric] = &[
    Metric {
        keys: &["rollout/episode_return", "rollout/reward_mean"],
        title: Text::new("Rollout return", "롤아웃 수익"),
        advice: |_| None,
    },
    Metric {
        keys: &["valid/score", "valid/sharpe", "valid/return"],
        title: Text::new("Validation score", "검증 점수"),
        advice: |_| None,
    },
    Metric {
        keys: &["loss/entropy"],
        title: Text::new("Entropy", "엔트로피"),
        advice: |entropy| {
            (entropy < 0.02).then_some(Text::new(
                "entropy is almost gone: the policy no longer explores; raise the entropy coefficient",
                "엔트로피가 거의 사라져 탐색이 멈췄습니다. 엔트로피 계수를 올려 보세요",
            ))
        },
    },
    Metric {
        keys: &["loss/approx_kl"],
        title: Text::new("Approx. KL", "근사 KL"),
        advice: |kl| {
            (kl > 0.06).then_some(Text::new(
                "KL is far above the usual 0.02: lower the learning rate or the epochs",
                "KL이 보통 값 0.02보다 훨씬 큽니다. 학습률이나 에포크를 낮춰 보세요",
            ))
        },
    },
    Metric {
        keys: &["loss/clip_fraction"],
        title: Text::new("Clip fraction", "클립 비율"),
        advice: |share| {
            (share > 0.4).then_some(Text::new(
                "more than 40 % of the samples are clipped: updates are too large",
                "표본의 40% 넘게 클립됩니다. 업데이트가 너무 큽니다",
            ))
        },
    },
    Metric {
        keys: &["loss/explained_variance"],
        title: Text::new("Explained variance", "설명된 분산"),
        advice: |share| {
            (share < 0.0).then_some(Text::new(
                "explained variance is negative: the value estimate is worse than a constant",
                "설명된 분산이 음수입니다. 가치 추정이 상수보다 나쁩니다",
            ))
        },
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
    fn a_negative_explained_variance_is_called_out_and_a_good_one_is_not() {
        let metric = &METRICS[of_key("loss/explained_variance").unwrap()];
        assert!((metric.advice)(-0.2).is_some());
        assert!((metric.advice)(0.6).is_none());
    }
}
