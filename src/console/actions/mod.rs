//! Every action, by what it is about. To add one, add a row.
//!
//! Start at [`all`].

mod going;
mod job;
mod looking;
mod reasons;
mod setting;

pub use setting::{change_live, change_setting, choose_experiment};

use crate::action::Action;

/// Iterates over every action, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Action> {
    [
        job::ACTIONS,
        setting::ACTIONS,
        looking::ACTIONS,
        going::ACTIONS,
    ]
    .into_iter()
    .flatten()
}
