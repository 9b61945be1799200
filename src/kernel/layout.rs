//! Names and shapes inside the flat parameter arena, in PyTorch's convention.
//!
//! The arena is one `Vec<f32>`; a view is a range of it with a name and a shape, so that weights can
//! be saved as safetensors and loaded by any other backend.

use crate::shape::{Head, MlpShape};

/// One named parameter: `arena[offset..offset + len]`, row-major in `shape`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamView {
    /// E.g. `actor.0.weight`, `actor.0.bias`, `actor.log_std`, `critic.2.bias`.
    pub name: String,
    /// `[out, in]` for weights, `[out]` for biases, `[dim]` for the log-std.
    pub shape: Vec<usize>,
    /// First value in the arena.
    pub offset: usize,
}

impl ParamView {
    /// Returns how many values the view spans.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Returns whether the view spans nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the view's range of the arena.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.len()
    }
}

/// All views of a network, in arena order, without gaps.
///
/// Order: the actor's layers (`weight`, `bias` each), `actor.log_std` for a Gaussian head, then the
/// critic's layers. The number in a name counts linear layers: 0, 1, 2, …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    views: Vec<ParamView>,
    len: usize,
}

impl Layout {
    /// Returns the layout of `shape`.
    #[must_use]
    pub fn of(shape: &MlpShape) -> Self {
        let mut layout = Self {
            views: Vec::new(),
            len: 0,
        };
        layout.push_trunk("actor", &shape.actor_layers());
        if let Head::Gaussian(dim) = shape.head {
            layout.push("actor.log_std".to_owned(), vec![dim]);
        }
        layout.push_trunk("critic", &shape.critic_layers());
        layout
    }

    /// Returns how many values the arena holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether the arena holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the views in arena order.
    #[must_use]
    pub fn views(&self) -> &[ParamView] {
        &self.views
    }

    /// Returns the view called `name`.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&ParamView> {
        self.views.iter().find(|view| view.name == name)
    }

    fn push_trunk(&mut self, trunk: &str, layers: &[(usize, usize)]) {
        for (index, (inputs, outputs)) in layers.iter().enumerate() {
            self.push(format!("{trunk}.{index}.weight"), vec![*outputs, *inputs]);
            self.push(format!("{trunk}.{index}.bias"), vec![*outputs]);
        }
    }

    fn push(&mut self, name: String, shape: Vec<usize>) {
        let view = ParamView {
            name,
            shape,
            offset: self.len,
        };
        self.len += view.len();
        self.views.push(view);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Activation;

    #[test]
    fn views_tile_the_arena_in_pytorch_convention() {
        let layout = MlpShape {
            obs_dim: 5,
            hidden: vec![4],
            head: Head::Gaussian(2),
            activation: Activation::Tanh,
        }
        .layout();
        let named: Vec<_> = layout
            .views()
            .iter()
            .map(|view| (view.name.as_str(), view.shape.clone(), view.offset))
            .collect();
        assert_eq!(
            named,
            [
                ("actor.0.weight", vec![4, 5], 0),
                ("actor.0.bias", vec![4], 20),
                ("actor.1.weight", vec![2, 4], 24),
                ("actor.1.bias", vec![2], 32),
                ("actor.log_std", vec![2], 34),
                ("critic.0.weight", vec![4, 5], 36),
                ("critic.0.bias", vec![4], 56),
                ("critic.1.weight", vec![1, 4], 60),
                ("critic.1.bias", vec![1], 64),
            ]
        );
        assert_eq!(layout.len(), 65);
        assert_eq!(layout.view("critic.1.bias").unwrap().range(), 64..65);
    }
}
