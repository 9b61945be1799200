//! Classic control: the tasks by which learners prove that they learn.
//!
//! Dynamics, bounds, start distributions and time limits are gymnasium 1.4's
//! (`gymnasium/envs/classic_control`), held to recorded runs of it. A time limit truncates, it
//! never terminates. Start at [`ClassicTask::vectorised`].

mod acrobot;
mod cart_pole;
mod mountain_car;
mod pendulum;
#[cfg(test)]
mod tests;
mod vectorised;

use crate::{
    env::{Shard, VecEnv},
    error::SimError,
};
use domain::Streams;
use serde::{Deserialize, Serialize};

/// Which task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassicTask {
    /// `CartPole-v1`: two pushes, 4 observations, +1 a step, 500 steps.
    CartPole,
    /// `Acrobot-v1`: three torques, 6 observations, −1 a step, 500 steps.
    Acrobot,
    /// `Pendulum-v1`: one torque in [−2, 2], 3 observations, 200 steps.
    Pendulum,
    /// `MountainCarContinuous-v0`: one force in [−1, 1], 2 observations, 999 steps.
    MountainCarContinuous,
}

impl ClassicTask {
    /// Every task, in the order of the documentation.
    pub const ALL: [Self; 4] = [
        Self::CartPole,
        Self::Acrobot,
        Self::Pendulum,
        Self::MountainCarContinuous,
    ];

    /// Returns gymnasium's identifier.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::CartPole => "CartPole-v1",
            Self::Acrobot => "Acrobot-v1",
            Self::Pendulum => "Pendulum-v1",
            Self::MountainCarContinuous => "MountainCarContinuous-v0",
        }
    }

    /// Returns the bound of each action component; `None` where actions are discrete.
    #[must_use]
    pub const fn action_bound(self) -> Option<f32> {
        match self {
            Self::CartPole | Self::Acrobot => None,
            Self::Pendulum => Some(2.0),
            Self::MountainCarContinuous => Some(1.0),
        }
    }

    /// Builds the environments of `shard`.
    ///
    /// # Errors
    /// [`SimError::Setting`] when the shard is empty.
    pub fn vectorised(self, shard: Shard, streams: Streams) -> Result<Box<dyn VecEnv>, SimError> {
        use vectorised::Vectorised;
        Ok(match self {
            Self::CartPole => Box::new(Vectorised::<cart_pole::CartPole>::new(shard, streams)?),
            Self::Acrobot => Box::new(Vectorised::<acrobot::Acrobot>::new(shard, streams)?),
            Self::Pendulum => Box::new(Vectorised::<pendulum::Pendulum>::new(shard, streams)?),
            Self::MountainCarContinuous => Box::new(Vectorised::<mountain_car::MountainCar>::new(
                shard, streams,
            )?),
        })
    }
}
