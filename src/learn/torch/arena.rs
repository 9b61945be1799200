//! All parameters in one flat tensor, their gradients in another, and AdamW over both.

use crate::learner::LearnConfig;
use kernel::Layout;
use tch::{Device, TchError, Tensor};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;

/// Parameters, gradients and moments as flat tensors.
#[derive(Debug)]
pub(super) struct Arena {
    pub(super) parameters: Tensor,
    pub(super) gradients: Tensor,
    pub(super) first: Tensor,
    pub(super) second: Tensor,
    pub(super) steps: u64,
    /// One leaf a parameter, in the layout's order; each shares the arena's memory.
    leaves: Vec<Tensor>,
    pub(super) layout: Layout,
}

impl Arena {
    pub(super) fn new(
        layout: Layout,
        parameters: &[f32],
        device: Device,
    ) -> Result<Self, TchError> {
        let parameters = Tensor::f_from_slice(parameters)?.f_to_device(device)?;
        let leaves = layout
            .views()
            .iter()
            .map(|view| {
                let shape: Vec<i64> = view.shape.iter().map(|size| *size as i64).collect();
                parameters
                    .f_narrow(0, view.offset as i64, view.len() as i64)?
                    .f_view(&shape[..])?
                    .f_detach()?
                    .f_set_requires_grad(true)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            gradients: parameters.f_zeros_like()?,
            first: parameters.f_zeros_like()?,
            second: parameters.f_zeros_like()?,
            steps: 0,
            parameters,
            leaves,
            layout,
        })
    }

    pub(super) fn leaf(&self, name: &str) -> &Tensor {
        let index = self
            .layout
            .views()
            .iter()
            .position(|view| view.name == name);
        &self.leaves[index.expect("the layout has every layer of the shape")]
    }

    pub(super) fn clear_gradients(&mut self) -> Result<(), TchError> {
        self.gradients.f_zero_().map(|_| ())
    }

    /// Makes each gradient that autograd allocated a view of the flat tensor; later ones already are.
    pub(super) fn adopt_gradients(&mut self) -> Result<(), TchError> {
        let _guard = tch::no_grad_guard();
        let base = self.gradients.data_ptr() as usize;
        for (leaf, view) in self.leaves.iter().zip(self.layout.views()) {
            let mut gradient = leaf.f_grad()?;
            if gradient.data_ptr() as usize == base + view.offset * size_of::<f32>() {
                continue;
            }
            let mut home = self
                .gradients
                .f_narrow(0, view.offset as i64, view.len() as i64)?
                .f_view(&gradient.size()[..])?;
            home.f_copy_(&gradient)?;
            gradient.f_set_data(&home)?;
        }
        Ok(())
    }

    /// One step of AdamW with clipping by the global norm; returns the norm before clipping.
    pub(super) fn step(
        &mut self,
        config: &LearnConfig,
        learning_rate: f64,
    ) -> Result<f64, TchError> {
        let _guard = tch::no_grad_guard();
        let norm = self.gradients.f_norm()?.f_double_value(&[])?;
        if !norm.is_finite() {
            return Ok(norm);
        }
        if config.max_grad_norm > 0.0 {
            let scale = (config.max_grad_norm / (norm + 1e-6)).min(1.0);
            let _ = self.gradients.f_mul_scalar_(scale)?;
        }
        self.steps += 1;
        let _ = self.first.f_lerp_(&self.gradients, 1.0 - BETA1)?;
        let _ = self
            .second
            .f_lerp_(&self.gradients.f_square()?, 1.0 - BETA2)?;
        let correction = |beta: f64| 1.0 - beta.powf(self.steps as f64);
        let root = correction(BETA2).sqrt().recip();
        let denominator = self.second.f_sqrt()? * root + config.adam_eps;
        let update = self.first.f_div(&denominator)? * (learning_rate / correction(BETA1));
        let _ = self
            .parameters
            .f_mul_scalar_(1.0 - learning_rate * config.weight_decay)?;
        let _ = self.parameters.f_sub_(&update)?;
        Ok(norm)
    }
}
