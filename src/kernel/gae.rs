//! Generalised advantage estimation (Schulman et al. 2016), with bootstrap at truncation only.

use serde::{Deserialize, Serialize};

/// Discounting of [`Gae::estimate`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gae {
    /// Discount per step γ, in `[0, 1]`; default 0.99.
    pub gamma: f32,
    /// Trace decay λ, in `[0, 1]`; default 0.95.
    pub lambda: f32,
}

impl Default for Gae {
    fn default() -> Self {
        Self {
            gamma: 0.99,
            lambda: 0.95,
        }
    }
}

/// One rollout of `envs` environments over `len / envs` steps; slices are `[steps, envs]`.
#[derive(Clone, Copy, Debug)]
pub struct Transitions<'a> {
    /// Reward of each step.
    pub reward: &'a [f32],
    /// Critic's value of the observation that was acted on.
    pub value: &'a [f32],
    /// Whether the step ended the episode for good: what follows is worth 0.
    pub terminated: &'a [bool],
    /// Whether the step cut the episode off: what follows is worth `final_value`.
    pub truncated: &'a [bool],
    /// Critic's value of the last observation before the reset; read only where truncated.
    pub final_value: &'a [f32],
    /// `[envs]`: critic's value of the observation after the last step.
    pub next_value: &'a [f32],
}

impl Gae {
    /// Writes advantages and returns (advantage + value), both `[steps, envs]`.
    ///
    /// `δ_t = r_t + γ V(s_{t+1}) − V(s_t)`, `A_t = δ_t + γλ A_{t+1}`; the sum stops where an episode
    /// ends. A step that is both terminated and truncated counts as terminated.
    ///
    /// # Panics
    /// When the slices' lengths do not belong together.
    pub fn estimate(self, steps: &Transitions<'_>, advantage: &mut [f32], returns: &mut [f32]) {
        let envs = steps.next_value.len();
        let len = advantage.len();
        assert!(
            envs > 0 && len.is_multiple_of(envs),
            "whole steps of {envs} environments"
        );
        let lengths = [
            steps.reward.len(),
            steps.value.len(),
            steps.final_value.len(),
            returns.len(),
        ];
        assert!(
            lengths.iter().all(|l| *l == len),
            "every slice has {len} values: {lengths:?}"
        );
        assert!(
            steps.terminated.len() == len && steps.truncated.len() == len,
            "{len} flags each"
        );
        let decay = self.gamma * self.lambda;
        let mut next_value = steps.next_value.to_vec();
        let mut trace = vec![0.0_f32; envs];
        for first in (0..len).step_by(envs).rev() {
            let step = first..first + envs;
            let (reward, value) = (&steps.reward[step.clone()], &steps.value[step.clone()]);
            let final_value = &steps.final_value[step.clone()];
            let terminated = &steps.terminated[step.clone()];
            let truncated = &steps.truncated[step.clone()];
            let (advantage, returns) = (&mut advantage[step.clone()], &mut returns[step]);
            for env in 0..envs {
                let ended = terminated[env] | truncated[env];
                let cut_off = if truncated[env] {
                    final_value[env]
                } else {
                    next_value[env]
                };
                let following = if terminated[env] { 0.0 } else { cut_off };
                let carried = if ended { 0.0 } else { trace[env] };
                let delta = reward[env] + self.gamma * following - value[env];
                trace[env] = delta + decay * carried;
                advantage[env] = trace[env];
                returns[env] = trace[env] + value[env];
                next_value[env] = value[env];
            }
        }
    }
}
