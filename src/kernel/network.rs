//! The two trunks as the kernels want them: packed weights, and one tile's forward and backward pass.
//!
//! A tile is a few rows whose activations stay in the nearest caches. Weights are packed once per
//! change of the parameters. Gradients come out in packed order and are put into the arena's order
//! when the chunks of a minibatch are summed.

use crate::aligned::Aligned;
use crate::elementary::{Relu, Tanh};
use crate::gemm::{AddOuter, Multiply, PANEL, panelled, panels};
use crate::isa::Isa;
use crate::layout::Layout;
use crate::shape::{Activation, Head, MlpShape};
use crate::tile::{AddColumnSums, LoadRows, ThroughActivation};

/// Rows of a tile: a multiple of every register block's height.
pub(crate) const TILE: usize = 96;

/// Both trunks, packed, and where their gradients lie in a packed gradient.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) actor: Trunk,
    pub(crate) critic: Trunk,
    /// Offset of the log-std's gradient in a packed gradient, and its dimension (0 if categorical).
    pub(crate) log_std: Packed,
    /// Values in a packed gradient.
    pub(crate) packed_len: usize,
    /// Hidden widths, for scratch buffers.
    hidden: Vec<usize>,
    obs_dim: usize,
    head_width: usize,
    activation: Activation,
    isa: Isa,
}

/// A vector parameter: `arena[at..at + len]`, its gradient at `packed`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed {
    pub(crate) at: usize,
    pub(crate) packed: usize,
    pub(crate) len: usize,
}

/// The layers of the actor or of the critic.
#[derive(Debug)]
pub(crate) struct Trunk {
    pub(crate) layers: Vec<Layer>,
}

/// One linear layer.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// `weightᵀ`, `[inputs, outputs]` in panels.
    forward: Aligned,
    /// `weight`, `[outputs, inputs]` in panels; empty for the first layer, which passes nothing back.
    backward: Aligned,
    /// Padded to whole panels.
    bias: Aligned,
    /// Offset of the weight in the arena.
    pub(crate) weight_at: usize,
    /// Offset of the weight's gradient, `[outputs, inputs]` in panels.
    pub(crate) weight_packed: usize,
    pub(crate) bias_vector: Packed,
}

/// Buffers for one tile; one per worker.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// `[rows, obs_dim]` in panels.
    pub(crate) obs: Aligned,
    /// Activations of each hidden layer, `[rows, width]` in panels.
    hidden: Vec<Aligned>,
    /// Gradients by a hidden layer's output, and by the one before.
    delta: Aligned,
    next_delta: Aligned,
    /// Output of the last layer, later the loss's gradient by it: `[rows, width]` in panels.
    pub(crate) head: Aligned,
    /// The bias of a product that has none.
    zeros: Aligned,
}

impl Packed {
    /// Returns the gradient's range, padding included.
    fn padded(&self) -> std::ops::Range<usize> {
        self.packed..self.packed + panels(self.len) * PANEL
    }
}

impl Network {
    /// Packs `params`, which are in `layout`'s order.
    pub(crate) fn new(shape: &MlpShape, layout: &Layout, params: &[f32], isa: Isa) -> Self {
        let mut packed_len = 0;
        let mut trunk = |name: &str, sizes: &[(usize, usize)]| Trunk {
            layers: sizes
                .iter()
                .enumerate()
                .map(|(index, (inputs, outputs))| {
                    let offset = |kind: &str| {
                        let view = layout.view(&format!("{name}.{index}.{kind}"));
                        view.expect("the layout has every layer of the shape")
                            .offset
                    };
                    let back = if index == 0 {
                        0
                    } else {
                        panelled(*outputs, *inputs)
                    };
                    let weight_packed = packed_len;
                    let bias_packed = weight_packed + panelled(*outputs, *inputs);
                    packed_len = bias_packed + panels(*outputs) * PANEL;
                    Layer {
                        inputs: *inputs,
                        outputs: *outputs,
                        forward: Aligned::zeros(panelled(*inputs, *outputs)),
                        backward: Aligned::zeros(back),
                        bias: Aligned::zeros(panels(*outputs) * PANEL),
                        weight_at: offset("weight"),
                        weight_packed,
                        bias_vector: Packed {
                            at: offset("bias"),
                            packed: bias_packed,
                            len: *outputs,
                        },
                    }
                })
                .collect(),
        };
        let actor = trunk("actor", &shape.actor_layers());
        let critic = trunk("critic", &shape.critic_layers());
        let dims = match shape.head {
            Head::Categorical(_) => 0,
            Head::Gaussian(dim) => dim,
        };
        let at = layout.view("actor.log_std").map_or(0, |view| view.offset);
        let log_std = Packed {
            at,
            packed: packed_len,
            len: dims,
        };
        packed_len += panels(dims) * PANEL;
        let mut network = Self {
            actor,
            critic,
            log_std,
            packed_len,
            hidden: shape.hidden.clone(),
            obs_dim: shape.obs_dim,
            head_width: shape.head.width(),
            activation: shape.activation,
            isa,
        };
        network.pack(params);
        network
    }

    /// Packs `params` again after they changed.
    pub(crate) fn pack(&mut self, params: &[f32]) {
        for layer in self.actor.layers.iter_mut().chain(&mut self.critic.layers) {
            layer.pack(params);
        }
    }

    /// Returns buffers for one worker.
    pub(crate) fn scratch(&self) -> Scratch {
        let widest = self.hidden.iter().copied().max().unwrap_or(0);
        Scratch {
            obs: Aligned::zeros(panelled(TILE, self.obs_dim)),
            hidden: self
                .hidden
                .iter()
                .map(|w| Aligned::zeros(panelled(TILE, *w)))
                .collect(),
            delta: Aligned::zeros(panelled(TILE, widest)),
            next_delta: Aligned::zeros(panelled(TILE, widest)),
            head: Aligned::zeros(panelled(TILE, self.head_width)),
            zeros: Aligned::zeros(panels(widest) * PANEL),
        }
    }

    /// Copies observation rows into a tile; `row(r)` is the row of `obs` that becomes row `r`.
    pub(crate) fn load_obs(
        &self,
        scratch: &mut Scratch,
        obs: &[f32],
        rows: usize,
        row: impl Fn(usize) -> usize,
    ) {
        let (tile, dim) = (&mut *scratch.obs, self.obs_dim);
        self.isa.run(LoadRows {
            tile,
            obs,
            dim,
            rows,
            row,
        });
    }

    /// Runs a trunk over the loaded tile; the output is in `scratch.head`.
    pub(crate) fn forward(&self, trunk: &Trunk, scratch: &mut Scratch, rows: usize) {
        for (index, layer) in trunk.layers.iter().enumerate() {
            let (before, from) = scratch.hidden.split_at_mut(index);
            let input = before.last().unwrap_or(&scratch.obs);
            let output = from.first_mut().unwrap_or(&mut scratch.head);
            self.isa.run(Multiply {
                a: input,
                b: &layer.forward,
                bias: &layer.bias,
                c: output,
                rows,
                depth: layer.inputs,
                columns: layer.outputs,
            });
            if index < self.hidden.len() {
                let live = &mut output[..panelled(rows, layer.outputs)];
                match self.activation {
                    Activation::Tanh => self.isa.run(Tanh(live)),
                    Activation::Relu => self.isa.run(Relu(live)),
                }
            }
        }
    }

    /// Adds the parameters' gradients to `gradient`, given the loss's gradient by the output in
    /// `scratch.head` and the activations that [`Network::forward`] left.
    pub(crate) fn backward(
        &self,
        trunk: &Trunk,
        scratch: &mut Scratch,
        rows: usize,
        gradient: &mut [f32],
    ) {
        for (index, layer) in trunk.layers.iter().enumerate().rev() {
            let last = index == self.hidden.len();
            let delta = if last { &scratch.head } else { &scratch.delta };
            if last {
                let sums = &mut gradient[layer.bias_vector.padded()];
                self.isa.run(AddColumnSums { rows, delta, sums });
            }
            let weight =
                layer.weight_packed..layer.weight_packed + panelled(layer.outputs, layer.inputs);
            let input = if index == 0 {
                &scratch.obs
            } else {
                &scratch.hidden[index - 1]
            };
            self.isa.run(AddOuter {
                a: delta,
                b: input,
                c: &mut gradient[weight],
                rows,
                outputs: layer.outputs,
                columns: layer.inputs,
            });
            if index == 0 {
                continue;
            }
            self.isa.run(Multiply {
                a: delta,
                b: &layer.backward,
                bias: &scratch.zeros,
                c: &mut scratch.next_delta,
                rows,
                depth: layer.outputs,
                columns: layer.inputs,
            });
            let live = panelled(rows, layer.inputs);
            self.isa.run(ThroughActivation {
                activation: self.activation,
                rows,
                delta: &mut scratch.next_delta[..live],
                output: &input[..live],
                sums: &mut gradient[trunk.layers[index - 1].bias_vector.padded()],
            });
            std::mem::swap(&mut scratch.delta, &mut scratch.next_delta);
        }
    }
}

impl Layer {
    fn pack(&mut self, params: &[f32]) {
        let weight = &params[self.weight_at..self.weight_at + self.outputs * self.inputs];
        for (output, row) in weight.chunks_exact(self.inputs).enumerate() {
            let column = (output / PANEL) * self.inputs * PANEL + output % PANEL;
            for (input, value) in row.iter().enumerate() {
                self.forward[column + input * PANEL] = *value;
            }
            if self.backward.is_empty() {
                continue;
            }
            for (panel, values) in row.chunks(PANEL).enumerate() {
                let at = (panel * self.outputs + output) * PANEL;
                self.backward[at..at + values.len()].copy_from_slice(values);
            }
        }
        let bias = &self.bias_vector;
        self.bias[..bias.len].copy_from_slice(&params[bias.at..bias.at + bias.len]);
    }
}
