//! What a trading environment is made of, as plain data.

use crate::{
    account::AccountSpec,
    env::ActionSpace,
    error::{SimError, require},
    reward::RewardSpec,
    sizing::Sizing,
};
use domain::Text;
use serde::{Deserialize, Serialize};

/// How an action becomes a target position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionScheme {
    /// Action `i` means `targets[i]`.
    Discrete {
        /// Target positions, at least two, finite.
        targets: Vec<f64>,
    },
    /// The action, clipped to [−1, 1], times the leverage cap.
    Continuous {
        /// Changes of the target up to this size keep the position. Range [0, 2).
        deadband: f64,
    },
}

impl Default for ActionScheme {
    /// Short, flat, long.
    fn default() -> Self {
        Self::Discrete {
            targets: vec![-1.0, 0.0, 1.0],
        }
    }
}

/// What an observation holds besides position, unrealised profit and time in trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObservationSpec {
    /// Rows of features, the newest last. Default 1, at least 1.
    pub window: usize,
    /// Adds the share of the episode that is left. Default no.
    pub remaining_episode: bool,
}

impl Default for ObservationSpec {
    fn default() -> Self {
        Self {
            window: 1,
            remaining_episode: false,
        }
    }
}

/// How training episodes are cut from the bar range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EpisodeSpec {
    /// Steps of an episode; a shorter range is one episode. Default 1,000, at least 1.
    pub length: usize,
    /// Every episode multiplies all its costs by a factor drawn from this range. Default [1, 1].
    pub cost_scale: [f64; 2],
}

impl Default for EpisodeSpec {
    fn default() -> Self {
        Self {
            length: 1_000,
            cost_scale: [1.0, 1.0],
        }
    }
}

/// A trading environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TradingSpec {
    /// Account, sizing, brackets, costs.
    pub account: AccountSpec,
    /// Actions.
    pub action: ActionScheme,
    /// Reward.
    pub reward: RewardSpec,
    /// Observation.
    pub observation: ObservationSpec,
    /// Episodes.
    pub episode: EpisodeSpec,
}

impl TradingSpec {
    /// Returns what one environment accepts.
    #[must_use]
    pub fn action_space(&self) -> ActionSpace {
        match &self.action {
            ActionScheme::Discrete { targets } => ActionSpace::Discrete(targets.len()),
            ActionScheme::Continuous { .. } => ActionSpace::Continuous(1),
        }
    }

    /// Returns the length of an observation over `n_features` features.
    #[must_use]
    pub fn obs_dim(&self, n_features: usize) -> usize {
        self.observation.window * n_features
            + super::observation::ACCOUNT_VALUES
            + usize::from(self.observation.remaining_episode)
            + if self.account.brackets.any() {
                super::observation::BRACKET_VALUES
            } else {
                0
            }
    }

    /// Returns the largest |target| that a continuous action reaches.
    pub(super) fn reach(&self) -> f64 {
        match self.account.sizing {
            Sizing::Units { .. } => 1.0,
            Sizing::Fraction | Sizing::WholeUnits => self.account.max_leverage,
        }
    }

    pub(super) fn check(&self) -> Result<(), SimError> {
        match &self.action {
            ActionScheme::Discrete { targets } => {
                let fine = targets.len() >= 2 && targets.iter().all(|target| target.is_finite());
                require(
                    fine,
                    "action.targets",
                    format!("{targets:?}"),
                    Text::new(
                        "hold at least two finite positions",
                        "유한한 포지션이 둘 이상 있어야 합니다",
                    ),
                )?;
            }
            ActionScheme::Continuous { deadband } => require(
                (0.0..2.0).contains(deadband),
                "action.deadband",
                deadband,
                Text::new("lie in [0, 2)", "[0, 2) 안에 있어야 합니다"),
            )?,
        }
        require(
            self.observation.window >= 1,
            "observation.window",
            self.observation.window,
            Text::new("be at least 1", "1 이상이어야 합니다"),
        )?;
        require(
            self.episode.length >= 1,
            "episode.length",
            self.episode.length,
            Text::new("be at least 1", "1 이상이어야 합니다"),
        )?;
        let [low, high] = self.episode.cost_scale;
        require(
            (0.0..=high).contains(&low) && high <= 100.0,
            "episode.cost_scale",
            format!("[{low}, {high}]"),
            Text::new(
                "be a rising range within [0, 100]",
                "[0, 100] 안에서 커지는 범위여야 합니다",
            ),
        )?;
        self.reward.check()
    }
}
