//! PPO: what is trained, how experience is gathered and learned from, and what survives a crash.
//!
//! Owns the algorithm, the training loop, checkpoints and the policy that comes out; the only
//! crate that touches libtorch. Never parses configuration, never prints, never asks the clock or
//! draws randomness of its own. Start at [`PpoSpec`] and [`Trainer::run`].

pub mod spec;

pub mod trainer;

pub mod callback;

pub mod control;

pub mod sink;

pub mod rollout;

pub mod normaliser;

pub mod learner;

pub mod fused;

pub mod torch;

pub mod device;

pub mod policy;

pub mod evaluate;

pub mod state;

pub mod checkpoint;

pub mod error;

mod tensor_file;

#[cfg(test)]
mod control_tests;
#[cfg(test)]
mod toy;

pub use callback::{
    Callback, CheckpointEvery, EarlyStop, Progress, Schedules, Throughput, Turn, Validate,
    Validated, Validation,
};
pub use checkpoint::{Best, Checkpoint, CheckpointArchive, CheckpointStore};
pub use control::{Command, Control, Tunable, Uncontrolled};
pub use error::{CheckpointError, TrainError};
pub use evaluate::{Evaluation, evaluate};
pub use kernel::Activation;
pub use policy::{ActionBuffer, MlpPolicy, Policy, PolicyWeights};
pub use rollout::EnvFamily;
pub use sink::{MemorySink, MetricSink, Metrics, TrainEvent, depends_on_time};
pub use spec::{Anneal, BackendChoice, DeviceChoice, PpoSpec, Schedule};
pub use trainer::{Ending, Settings, Surroundings, Trainer};
