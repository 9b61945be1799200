//! What the crate promises across its parts: every function reachable, streaming equal to batch,
//! no leak, parity with TA-Lib's C library, scale-free defaults.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as loudly as tests"
)]

mod compute;
mod leaks;
mod market;
mod parity;
mod specs;
mod streaming;
