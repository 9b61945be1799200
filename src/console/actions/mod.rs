//! Every action, by what it is about. To add one, add a row.
//!
//! Start at [`all`].

mod alerting;
mod appearance;
mod charting;
mod comparing;
mod data;
mod going;
mod job;
mod judging;
mod keys;
mod log_search;
mod logs;
mod looking;
mod measured;
mod models;
mod preset;
mod promote;
mod queue;
mod reasons;
mod saving;
mod setting;
mod tour;
mod undoing;
mod withdrawing;

pub use alerting::attend;
pub use appearance::{copy_from_layer, show_theme, use_theme};
pub use comparing::{ask_columns, hold_against, take_settings};
pub use data::{complete_file, import_file, import_named, import_symbol, refuse_set_name};
pub use keys::{take_key, usual_keys, wait_for_key};
pub use log_search::{find_in_log, refuse_search, stop_search, take_search, turn_entry};
pub use logs::{choose_log, missed, place_in_log, take_files};
pub use measured::{offer_found, use_found};
pub use models::{export_as, promote_as, refuse_model_name};
pub use preset::use_preset;
pub use promote::{promote, promote_to};
pub use queue::show_script;
pub(crate) use reasons::always;
pub use saving::{offer_save, refuse_name, save_as, save_to, saved};
pub use setting::{change_live, change_setting, choose_experiment, current, edit_live, hint};
pub use withdrawing::withdrawn;

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
        appearance::ACTIONS,
        keys::ACTIONS,
        alerting::ACTIONS,
        data::ACTIONS,
        models::ACTIONS,
        logs::ACTIONS,
        promote::ACTIONS,
        tour::ACTIONS,
    ]
    .into_iter()
    .flatten()
}
