//! The tests that need the whole project: house rules and both programs end to end.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something is not as it must be, and says when it cannot run; its helpers too"
)]

mod accessible;
mod appearance;
mod bad_input;
mod command_line;
mod console;
mod conventions;
mod dropped_line;
mod flows;
mod form;
mod host;
mod host_undo;
mod jobs;
mod newcomer;
mod permissions;
mod place;
mod preemption;
mod programs;
mod resumption;
mod serve;
mod tour;
mod training;
