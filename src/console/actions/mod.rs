//! Every action, by what it is about. To add one, add a row.
//!
//! Start at [`all`].

mod charting;
mod comparing;
mod going;
mod job;
mod judging;
mod looking;
mod measured;
mod preset;
mod promote;
mod queue;
mod reasons;
mod saving;
mod setting;
mod tour;

pub use comparing::{ask_columns, hold_against, take_settings};
pub use measured::{offer_found, use_found};
pub use preset::use_preset;
pub use promote::{promote, promote_to};
pub use queue::show_script;
pub(crate) use reasons::always;
pub use saving::{offer_save, refuse_name, save_as, save_to, saved};
pub use setting::{change_live, change_setting, choose_experiment, current, edit_live, hint};

use crate::action::Action;

/// Iterates over every action, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Action> {
    [
        job::ACTIONS,
        queue::ACTIONS,
        setting::ACTIONS,
        measured::ACTIONS,
        preset::ACTIONS,
        saving::ACTIONS,
        comparing::ACTIONS,
        looking::ACTIONS,
        charting::ACTIONS,
        going::ACTIONS,
        judging::ACTIONS,
        promote::ACTIONS,
        tour::ACTIONS,
    ]
    .into_iter()
    .flatten()
}
