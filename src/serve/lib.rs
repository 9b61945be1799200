//! The console in a browser: a page with a terminal, a WebSocket, and the same `makook` in a
//! pseudo-terminal behind it.
//!
//! Owns who may come in, how much anybody may ask, and how long a console is kept without a
//! browser. Knows nothing of what runs in the terminal. Speaks plain HTTP, since it is meant for
//! this machine alone and for `ssh -L`; the cookie is sent to every port of the address it came
//! from, as browsers do, so other servers on that machine are trusted with it as soon as the same
//! browser visits them. Start at [`Server`]; then `visit` for what a request meets, [`session`] for
//! the terminal, [`line`](mod@line) for what goes between the two.

// Who may come in, and what they get.
pub mod gate;
pub mod names;
pub mod request;
mod visit;

// The page.
pub mod files;
pub mod words;

// The terminal.
pub mod line;
pub mod program;
pub mod sequence;
pub mod session;

// All together.
pub mod error;
pub mod limits;
pub mod server;

#[cfg(test)]
mod tests;

pub use error::ServeError;
pub use limits::Limits;
pub use program::Program;
pub use server::{Event, Plan, Server};
