//! The tests that need the whole project: house rules and both programs end to end.

mod bad_input;
mod command_line;
mod console;
mod conventions;
mod dropped_line;
mod host;
mod jobs;
mod place;
mod preemption;
mod programs;
mod resumption;
mod training;
