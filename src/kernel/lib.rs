//! Fused CPU kernels for MLP actor-critic policies: forward pass, PPO gradient, AdamW, GAE.
//!
//! Owns the arithmetic that decides how fast PPO trains on a CPU; needs no libtorch. It never draws
//! random numbers while acting (the caller hands in the noise), never touches files or clocks, and
//! gives the same bits for every number of threads. Start at [`Policy`] and [`PpoGradient`].

pub mod shape;

pub mod layout;

pub mod policy;

pub mod ppo;

pub mod adamw;

pub mod gae;

pub mod pool;

pub mod isa;

pub mod error;

mod act;
mod aligned;
mod elementary;
mod gemm;
mod init;
mod lanes;
mod loss;
mod network;
mod reduce;
mod tile;

#[cfg(test)]
mod tests;

pub use act::{Actions, ActionsMut, Choice};
pub use adamw::{AdamW, AdamWConfig, AdamWState};
pub use error::KernelError;
pub use gae::{Gae, Transitions};
pub use isa::Isa;
pub use layout::{Layout, ParamView};
pub use policy::{Decisions, Policy};
pub use pool::Pool;
pub use ppo::{AdvantageScale, PpoGradient, PpoLoss, PpoStats, Rollout};
pub use shape::{Activation, Head, MlpShape};
