//! What chooses actions: the seam for evaluation, and the trained network behind it.
//!
//! A policy here no longer learns: same observation, same action. Its weights and its observation
//! scale travel together in one file, because neither is right without the other.

use crate::{
    error::TrainError,
    normaliser::{Moments, ObsNormaliser},
    tensor_file::{TensorReader, TensorWriter},
};
use kernel::{ActionsMut, Choice, Decisions, Head, MlpShape, Pool};
use serde::{Deserialize, Serialize};
use sim::{ActionSpace, Actions};
use std::{fmt::Debug, sync::Arc};

/// Actions of a batch, owned.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionBuffer {
    /// `[n]`.
    Discrete(Vec<u32>),
    /// `[n, dim]`, row-major, not clipped.
    Continuous(Vec<f32>),
}

impl ActionBuffer {
    /// Returns room for `n` actions.
    #[must_use]
    pub fn new(space: ActionSpace, n: usize) -> Self {
        match space {
            ActionSpace::Discrete(_) => Self::Discrete(vec![0; n]),
            ActionSpace::Continuous(dim) => Self::Continuous(vec![0.0; n * dim]),
        }
    }

    /// Borrows the actions as an environment takes them.
    #[must_use]
    pub fn view(&self) -> Actions<'_> {
        match self {
            Self::Discrete(actions) => Actions::Discrete(actions),
            Self::Continuous(actions) => Actions::Continuous(actions),
        }
    }

    /// Borrows the actions as the learner takes them.
    pub(crate) fn kernel_view(&self) -> kernel::Actions<'_> {
        match self {
            Self::Discrete(actions) => kernel::Actions::Discrete(actions),
            Self::Continuous(actions) => kernel::Actions::Continuous(actions),
        }
    }

    /// Borrows the actions to be written.
    pub(crate) fn kernel_view_mut(&mut self) -> ActionsMut<'_> {
        match self {
            Self::Discrete(actions) => ActionsMut::Discrete(actions),
            Self::Continuous(actions) => ActionsMut::Continuous(actions),
        }
    }
}

/// Chooses actions without learning; same observations, same actions.
pub trait Policy: Debug + Send {
    /// Writes an action for every row of `obs`, `[n, obs_dim]`, unscaled.
    ///
    /// `actions` has room for `n` actions of the policy's own kind.
    fn act(&mut self, obs: &[f32], actions: &mut ActionBuffer);
}

/// A network's weights with the observation scale that they were trained under.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyWeights {
    /// The network.
    pub shape: MlpShape,
    /// `[params]`, in the order of `shape.layout()`.
    pub parameters: Vec<f32>,
    /// Running moments of each feature; `None` when observations are not scaled.
    pub obs_moments: Option<Moments>,
}

/// What a policy file says beside its arrays.
#[derive(Serialize, Deserialize)]
struct Description {
    shape: MlpShape,
    obs_count: Option<f64>,
}

impl PolicyWeights {
    /// Returns the weights as a safetensors file: every parameter by name in PyTorch's convention,
    /// `obs.mean` and `obs.squares` (sum of squared deviations) where observations are scaled.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = TensorWriter::default();
        for view in self.shape.layout().views() {
            writer.f32(&view.name, &view.shape, &self.parameters[view.range()]);
        }
        if let Some(moments) = &self.obs_moments {
            writer.f64("obs.mean", &moments.mean);
            writer.f64("obs.squares", &moments.squares);
        }
        writer.encode(&Description {
            shape: self.shape.clone(),
            obs_count: self.obs_moments.as_ref().map(|moments| moments.count),
        })
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// What is missing or does not fit, in words.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let reader = TensorReader::new(bytes)?;
        let Description { shape, obs_count } = reader.document()?;
        shape.validate().map_err(|error| error.to_string())?;
        let mut parameters = Vec::with_capacity(shape.layout().len());
        for view in shape.layout().views() {
            let values = reader.f32(&view.name)?;
            if values.len() != view.len() {
                return Err(format!(
                    "{} has {} values, not {}",
                    view.name,
                    values.len(),
                    view.len()
                ));
            }
            parameters.extend(values);
        }
        let obs_moments = match obs_count {
            None => None,
            Some(count) => {
                let (mean, squares) = (reader.f64("obs.mean")?, reader.f64("obs.squares")?);
                if mean.len() != shape.obs_dim || squares.len() != shape.obs_dim {
                    return Err(format!(
                        "the observation scale is not of {} features",
                        shape.obs_dim
                    ));
                }
                Some(Moments {
                    count,
                    mean,
                    squares,
                })
            }
        };
        Ok(Self {
            shape,
            parameters,
            obs_moments,
        })
    }
}

/// The trained network as a policy: the most probable action, or the mean.
#[derive(Debug)]
pub struct MlpPolicy {
    network: kernel::Policy,
    normaliser: ObsNormaliser,
    scaled: Vec<f32>,
    log_prob: Vec<f32>,
    value: Vec<f32>,
}

impl MlpPolicy {
    /// Builds the policy of `weights`, to run on the calling thread.
    ///
    /// # Errors
    /// [`TrainError::Weights`] when the weights do not fit their shape or are not finite.
    pub fn new(weights: &PolicyWeights) -> Result<Self, TrainError> {
        let parameters = weights.parameters.clone();
        let pool = Arc::new(Pool::new(1));
        let network = kernel::Policy::from_params(weights.shape.clone(), pool, parameters)?;
        let dim = weights.shape.obs_dim;
        let normaliser = match &weights.obs_moments {
            Some(moments) => ObsNormaliser::from_moments(moments.clone()),
            None => ObsNormaliser::identity(dim),
        };
        Ok(Self {
            network,
            normaliser,
            scaled: Vec::new(),
            log_prob: Vec::new(),
            value: Vec::new(),
        })
    }

    /// Reads a policy file, e.g. `checkpoints/<step>/policy.safetensors`, from its bytes.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        Self::new(&PolicyWeights::decode(bytes)?).map_err(|error| error.to_string())
    }

    /// Returns the network's shape.
    #[must_use]
    pub fn shape(&self) -> &MlpShape {
        self.network.shape()
    }

    /// Returns the actions that the policy gives.
    #[must_use]
    pub fn action_space(&self) -> ActionSpace {
        match self.network.shape().head {
            Head::Categorical(n) => ActionSpace::Discrete(n),
            Head::Gaussian(dim) => ActionSpace::Continuous(dim),
        }
    }

    /// Returns the weights and the observation scale.
    #[must_use]
    pub fn weights(&self) -> PolicyWeights {
        PolicyWeights {
            shape: self.network.shape().clone(),
            parameters: self.network.params().to_vec(),
            obs_moments: self.normaliser.moments().cloned(),
        }
    }

    /// Takes over newer weights of the same shape.
    pub(crate) fn refresh(
        &mut self,
        parameters: &[f32],
        normaliser: &ObsNormaliser,
    ) -> Result<(), TrainError> {
        self.network.set_params(parameters)?;
        self.normaliser.clone_from(normaliser);
        Ok(())
    }
}

impl Policy for MlpPolicy {
    fn act(&mut self, obs: &[f32], actions: &mut ActionBuffer) {
        let n = obs.len() / self.normaliser.dim();
        self.scaled.resize(obs.len(), 0.0);
        self.log_prob.resize(n, 0.0);
        self.value.resize(n, 0.0);
        self.normaliser.apply(obs, &mut self.scaled);
        self.network.act(
            &self.scaled,
            Choice::Best,
            Decisions {
                actions: actions.kernel_view_mut(),
                log_prob: &mut self.log_prob,
                value: &mut self.value,
            },
        );
    }
}

/// Returns the actor's head for `space`.
#[must_use]
pub fn head_of(space: ActionSpace) -> Head {
    match space {
        ActionSpace::Discrete(n) => Head::Categorical(n),
        ActionSpace::Continuous(dim) => Head::Gaussian(dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamRng;
    use kernel::Activation;

    fn weights(head: Head) -> PolicyWeights {
        let shape = MlpShape {
            obs_dim: 3,
            hidden: vec![8],
            head,
            activation: Activation::Tanh,
        };
        let pool = Arc::new(Pool::new(1));
        let network = kernel::Policy::new(shape.clone(), pool, &mut StreamRng::seeded(1)).unwrap();
        PolicyWeights {
            shape,
            parameters: network.params().to_vec(),
            obs_moments: Some(Moments::of_rows(&[1.0, 2.0, 3.0, -1.0, 0.5, 9.0], 3)),
        }
    }

    #[test]
    fn a_policy_file_brings_back_the_same_actions() {
        let weights = weights(Head::Gaussian(2));
        let bytes = weights.encode();
        assert_eq!(PolicyWeights::decode(&bytes).unwrap(), weights);
        let (mut one, mut two) = (
            MlpPolicy::new(&weights).unwrap(),
            MlpPolicy::decode(&bytes).unwrap(),
        );
        let obs = [0.3, -0.2, 5.0, 1.0, 1.0, 1.0];
        let mut actions = [0, 1].map(|_| ActionBuffer::new(one.action_space(), 2));
        one.act(&obs, &mut actions[0]);
        two.act(&obs, &mut actions[1]);
        assert_eq!(actions[0], actions[1]);
    }

    #[test]
    fn a_cut_policy_file_is_refused() {
        let bytes = weights(Head::Categorical(3)).encode();
        assert!(MlpPolicy::decode(&bytes[..bytes.len() - 4]).is_err());
        assert!(MlpPolicy::decode(b"").is_err());
    }
}
