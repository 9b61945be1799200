//! The shape of an actor-critic MLP: two separate trunks of equal hidden sizes.

use serde::{Deserialize, Serialize};

use crate::error::KernelError;
use crate::layout::Layout;

/// Nonlinearity after every hidden layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// `max(x, 0)`.
    Relu,
}

/// What the actor's last layer parametrises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// Logits of a categorical distribution over this many actions.
    Categorical(usize),
    /// Means of a diagonal normal distribution of this dimension, with a state-independent log-std.
    Gaussian(usize),
}

impl Head {
    /// Returns the width of the actor's last layer.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Categorical(width) | Self::Gaussian(width) => width,
        }
    }
}

/// An actor and a critic, each `obs_dim → hidden… → head`; the critic's head is one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlpShape {
    /// Values in one observation.
    pub obs_dim: usize,
    /// Widths of the hidden layers, from the observation on; may be empty (a linear policy).
    pub hidden: Vec<usize>,
    /// The actor's distribution.
    pub head: Head,
    /// Nonlinearity of the hidden layers.
    pub activation: Activation,
}

impl MlpShape {
    /// Checks that no size is zero.
    ///
    /// # Errors
    /// [`KernelError::EmptyShape`] names the first size that is zero.
    pub fn validate(&self) -> Result<(), KernelError> {
        let hidden = self.hidden.iter().enumerate();
        let sizes = [
            ("obs_dim".to_owned(), self.obs_dim),
            ("head".to_owned(), self.head.width()),
        ]
        .into_iter()
        .chain(hidden.map(|(index, width)| (format!("hidden[{index}]"), *width)));
        for (what, size) in sizes {
            if size == 0 {
                return Err(KernelError::EmptyShape { what });
            }
        }
        Ok(())
    }

    /// Returns where each named parameter lies in the arena.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::of(self)
    }

    /// Returns `(inputs, outputs)` of the actor's layers in order.
    #[must_use]
    pub fn actor_layers(&self) -> Vec<(usize, usize)> {
        self.layers(self.head.width())
    }

    /// Returns `(inputs, outputs)` of the critic's layers in order.
    #[must_use]
    pub fn critic_layers(&self) -> Vec<(usize, usize)> {
        self.layers(1)
    }

    fn layers(&self, last: usize) -> Vec<(usize, usize)> {
        let inputs = std::iter::once(self.obs_dim).chain(self.hidden.iter().copied());
        let outputs = self.hidden.iter().copied().chain(std::iter::once(last));
        inputs.zip(outputs).collect()
    }
}
