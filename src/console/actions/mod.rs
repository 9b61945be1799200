//! Every action, by what it is about. To add one, add a row.
//!
//! Start at [`all`].

mod charting;
mod going;
mod job;
mod judging;
mod looking;
mod measured;
mod queue;
mod reasons;
mod setting;

pub use measured::{offer_found, use_found};
pub use queue::show_script;
pub use setting::{change_live, change_setting, choose_experiment};

use crate::action::Action;

/// Iterates over every action, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Action> {
    [
        job::ACTIONS,
        queue::ACTIONS,
        setting::ACTIONS,
        measured::ACTIONS,
        looking::ACTIONS,
        charting::ACTIONS,
        going::ACTIONS,
        judging::ACTIONS,
    ]
    .into_iter()
    .flatten()
}
