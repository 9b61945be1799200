//! Markets whose law is known, so that the best possible policy is known too.
//!
//! Each is a finite Markov chain whose state an agent can read in its features. Dynamic
//! programming over (time, state, position) with costs gives the exact best expected profit of
//! any policy that knows the law but not the future. Start at [`KnownMarketSpec`].

mod known;
mod law;
mod optimum;
mod specimens;
#[cfg(test)]
mod tests;

pub use known::KnownMarket;
pub use law::{Edge, MarkovLaw};
pub use optimum::Optimum;
pub use specimens::KnownMarketSpec;
