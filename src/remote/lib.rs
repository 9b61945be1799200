//! A host over the user's own `ssh`: makook's agent there, one line to it, and a mirror of its
//! files here that the console reads as if they were local.
//!
//! Owns the protocol, what of a run home crosses the line and in which order, the confinement of
//! both sides to their folders, and how the remote command is quoted. Never asks for a password,
//! never retries a login by itself (sites block addresses that do), and knows neither the console
//! nor what a job needs: requests that do something are answered by the caller of [`serve`]. Start
//! at [`Line`] for this side and at [`serve`] for the host's.

// What crosses the line.
pub mod error;
pub mod frame;
pub mod wire;

// The host's side.
pub mod gather;
pub mod scope;
pub mod serve;

// This side.
pub mod address;
pub mod attention;
pub mod ledger;
pub mod line;
pub mod link;
pub mod mirror;
pub mod quote;

pub use address::Address;
pub use error::RemoteError;
pub use gather::Gatherer;
pub use line::{Line, Standing};
pub use link::Link;
pub use mirror::Mirror;
pub use serve::serve;
pub use wire::{Answer, Ask, Order, Place};

#[cfg(test)]
mod tests;
