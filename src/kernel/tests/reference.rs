//! The network and the PPO loss as the papers write them: `f64`, loops, nothing fused.

use crate::{Activation, AdvantageScale, Head, MlpShape, PpoLoss, PpoStats, Rollout};

/// One row's action in either form.
#[derive(Clone, Copy)]
pub(super) struct RowAction<'a> {
    pub(super) discrete: usize,
    pub(super) continuous: &'a [f32],
}

/// Runs the trunk called `name`.
pub(super) fn trunk(shape: &MlpShape, params: &[f64], name: &str, obs: &[f64]) -> Vec<f64> {
    let layout = shape.layout();
    let mut x = obs.to_vec();
    for layer in 0..=shape.hidden.len() {
        let weight = layout.view(&format!("{name}.{layer}.weight")).unwrap();
        let bias = &params[layout
            .view(&format!("{name}.{layer}.bias"))
            .unwrap()
            .range()];
        let rows = params[weight.range()].chunks_exact(weight.shape[1]);
        x = rows
            .zip(bias)
            .map(|(row, bias)| bias + row.iter().zip(&x).map(|(w, x)| w * x).sum::<f64>())
            .collect();
        if layer < shape.hidden.len() {
            x.iter_mut().for_each(|x| {
                *x = match shape.activation {
                    Activation::Tanh => x.tanh(),
                    Activation::Relu => x.max(0.0),
                }
            });
        }
    }
    x
}

/// Returns an action's log-probability and the distribution's entropy.
pub(super) fn log_prob(
    kind: Head,
    head: &[f64],
    log_std: &[f64],
    action: RowAction<'_>,
) -> (f64, f64) {
    match kind {
        Head::Categorical(_) => {
            let log_total = head.iter().map(|l| l.exp()).sum::<f64>().ln();
            let entropy = head
                .iter()
                .map(|l| (l - log_total).exp() * (log_total - l))
                .sum();
            (head[action.discrete] - log_total, entropy)
        }
        Head::Gaussian(_) => {
            let half = 0.5 * std::f64::consts::TAU.ln();
            let mut total = (0.0, 0.0);
            for ((mean, log_std), action) in head.iter().zip(log_std).zip(action.continuous) {
                let z = (f64::from(*action) - mean) / log_std.exp();
                total.0 += -0.5 * z * z - log_std - half;
                total.1 += log_std + 0.5 + half;
            }
            total
        }
    }
}

/// Returns the total loss and its terms over `rows`.
pub(super) fn loss(
    shape: &MlpShape,
    params: &[f64],
    rollout: &Rollout<'_>,
    rows: &[u32],
    config: &PpoLoss,
) -> (f64, PpoStats) {
    let n = rows.len() as f64;
    let advantages: Vec<f64> = rows
        .iter()
        .map(|row| f64::from(rollout.advantage[*row as usize]))
        .collect();
    let mean = advantages.iter().sum::<f64>() / n;
    let variance = advantages.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let log_std = shape
        .layout()
        .view("actor.log_std")
        .map_or(&[][..], |v| &params[v.range()]);
    let width = shape.head.width();
    let mut stats = PpoStats::default();
    for (row, advantage) in rows.iter().zip(advantages) {
        let row = *row as usize;
        let obs: Vec<f64> = rollout.obs[row * shape.obs_dim..(row + 1) * shape.obs_dim]
            .iter()
            .map(|x| f64::from(*x))
            .collect();
        let action = match rollout.actions {
            crate::Actions::Discrete(a) => RowAction {
                discrete: a[row] as usize,
                continuous: &[],
            },
            crate::Actions::Continuous(a) => RowAction {
                discrete: 0,
                continuous: &a[row * width..(row + 1) * width],
            },
        };
        let head = trunk(shape, params, "actor", &obs);
        let (new, entropy) = log_prob(shape.head, &head, log_std, action);
        let advantage = match config.advantage {
            AdvantageScale::Standardised => (advantage - mean) / (variance.sqrt() + 1e-8),
            AdvantageScale::Raw => advantage,
        };
        let log_ratio = new - f64::from(rollout.log_prob[row]);
        let ratio = log_ratio.exp();
        let clip = f64::from(config.clip_range);
        let bounded = ratio.clamp(1.0 - clip, 1.0 + clip);
        stats.policy_loss += (-advantage * ratio).max(-advantage * bounded) / n;
        stats.entropy += entropy / n;
        stats.approx_kl += (ratio - 1.0 - log_ratio) / n;
        stats.clip_fraction += f64::from((ratio - 1.0).abs() > clip) / n;
        stats.ratio_mean += ratio / n;
        let value = trunk(shape, params, "critic", &obs)[0];
        let (old, target) = (
            f64::from(rollout.value[row]),
            f64::from(rollout.returns[row]),
        );
        let mut squared = (value - target).powi(2);
        if let Some(range) = config.value_clip_range {
            let range = f64::from(range);
            let near = old + (value - old).clamp(-range, range);
            squared = squared.max((near - target).powi(2));
        }
        stats.value_loss += 0.5 * squared / n;
    }
    let total = stats.policy_loss + f64::from(config.value_coef) * stats.value_loss
        - f64::from(config.entropy_coef) * stats.entropy;
    (total, stats)
}
