//! AdamW (Loshchilov and Hutter 2019) over the flat arena, fused with clipping by the global norm.

use serde::{Deserialize, Serialize};

use crate::error::KernelError;
use crate::isa::{Isa, Kernel};
use crate::lanes::Lanes;

/// Settings that stay the same over a run; the learning rate comes with each step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamWConfig {
    /// Decay of the first moment, in `[0, 1)`; default 0.9.
    pub beta1: f64,
    /// Decay of the second moment, in `[0, 1)`; default 0.999.
    pub beta2: f64,
    /// Added to the root of the second moment; default 1e-5.
    pub eps: f64,
    /// Decoupled weight decay per unit of learning rate; default 0.
    pub weight_decay: f64,
    /// Largest global norm of the gradient; infinite turns clipping off; default 0.5.
    pub max_grad_norm: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-5,
            weight_decay: 0.0,
            max_grad_norm: 0.5,
        }
    }
}

/// What a checkpoint must hold to continue bit-identically.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamWState {
    /// First moment, `[params]`.
    pub m: Vec<f32>,
    /// Second moment, `[params]`.
    pub v: Vec<f32>,
    /// Steps taken.
    pub step: u64,
}

/// The optimiser.
#[derive(Clone, Debug)]
pub struct AdamW {
    config: AdamWConfig,
    state: AdamWState,
    isa: Isa,
}

impl AdamW {
    /// Returns an optimiser of `params` parameters that has taken no step.
    #[must_use]
    pub fn new(config: AdamWConfig, params: usize) -> Self {
        let state = AdamWState {
            m: vec![0.0; params],
            v: vec![0.0; params],
            step: 0,
        };
        Self {
            config,
            state,
            isa: Isa::best(),
        }
    }

    /// Returns an optimiser that continues from `state` for an arena of `params` parameters.
    ///
    /// # Errors
    /// [`KernelError::ParamCount`] when a moment has another length, [`KernelError::NotFinite`] when
    /// it holds NaN or infinity.
    pub fn from_state(
        config: AdamWConfig,
        state: AdamWState,
        params: usize,
    ) -> Result<Self, KernelError> {
        for (what, moment) in [("first moment", &state.m), ("second moment", &state.v)] {
            check(what, moment, params)?;
        }
        Ok(Self {
            config,
            state,
            isa: Isa::best(),
        })
    }

    /// Returns the settings.
    #[must_use]
    pub fn config(&self) -> &AdamWConfig {
        &self.config
    }

    /// Returns the state to be saved.
    #[must_use]
    pub fn state(&self) -> &AdamWState {
        &self.state
    }

    /// Updates `params` by one step and returns the gradient's global norm before clipping.
    ///
    /// As `torch.nn.utils.clip_grad_norm_` followed by `torch.optim.AdamW`. When the norm is NaN or
    /// infinite nothing is changed, so that the last good weights survive.
    ///
    /// # Panics
    /// When `params` or `gradient` has another length than the state.
    pub fn step(&mut self, params: &mut [f32], gradient: &[f32], learning_rate: f64) -> f64 {
        let len = self.state.m.len();
        assert!(
            params.len() == len && gradient.len() == len,
            "one value per parameter ({len})"
        );
        let norm = self.isa.run(SumOfSquares(gradient)).sqrt();
        if !norm.is_finite() {
            return norm;
        }
        self.state.step += 1;
        let AdamWConfig {
            beta1,
            beta2,
            eps,
            weight_decay,
            max_grad_norm,
        } = self.config;
        let correction = |beta: f64| 1.0 - beta.powf(self.state.step as f64);
        self.isa.run(Update {
            params,
            gradient,
            m: &mut self.state.m,
            v: &mut self.state.v,
            scale: (max_grad_norm / (norm + 1e-6)).min(1.0) as f32,
            keep1: beta1 as f32,
            take1: (1.0 - beta1) as f32,
            keep2: beta2 as f32,
            take2: (1.0 - beta2) as f32,
            eps: eps as f32,
            shrink: (1.0 - learning_rate * weight_decay) as f32,
            rate: (learning_rate / correction(beta1)) as f32,
            root: correction(beta2).sqrt().recip() as f32,
        });
        norm
    }
}

/// Checks that `values` fits an arena of `params` parameters and is finite.
pub(crate) fn check(what: &'static str, values: &[f32], params: usize) -> Result<(), KernelError> {
    if values.len() != params {
        return Err(KernelError::ParamCount {
            what,
            found: values.len(),
            expected: params,
        });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(KernelError::NotFinite { what, index }),
        None => Ok(()),
    }
}

/// Sums squares in `f64`, in an order that no instruction set changes.
struct SumOfSquares<'a>(&'a [f32]);

impl Kernel for SumOfSquares<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        const WIDTH: usize = 32;
        let mut sums = [0.0_f64; WIDTH];
        let chunks = self.0.chunks_exact(WIDTH);
        let rest = chunks.remainder();
        for chunk in chunks {
            for (sum, value) in sums.iter_mut().zip(chunk) {
                *sum += f64::from(*value) * f64::from(*value);
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            *sum += f64::from(*value) * f64::from(*value);
        }
        sums.iter().sum()
    }
}

struct Update<'a> {
    params: &'a mut [f32],
    gradient: &'a [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
    scale: f32,
    keep1: f32,
    take1: f32,
    keep2: f32,
    take2: f32,
    eps: f32,
    shrink: f32,
    rate: f32,
    root: f32,
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let moments = self.m.iter_mut().zip(self.v);
        let rows = self.params.iter_mut().zip(self.gradient).zip(moments);
        for ((param, gradient), (m, v)) in rows {
            let g = gradient * self.scale;
            *m = self.keep1 * *m + self.take1 * g;
            *v = self.keep2 * *v + self.take2 * g * g;
            let denominator = v.sqrt() * self.root + self.eps;
            *param = self.shrink * *param - self.rate * *m / denominator;
        }
    }
}
