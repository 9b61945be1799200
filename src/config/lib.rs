//! Settings: the one registry of keys, the layers they come from, and what may be done with them.
//!
//! Owns every setting's declaration ([`keys`]), its resolution from defaults, files, environment
//! variables and flags ([`load`]), and the operations of `makook config`. Never reads the ambient
//! environment or the clock, never starts anything. Start at [`keys`] for the settings themselves
//! and at [`load`] for how they come together.

mod admit;
mod contradictions;
mod declare;
mod diff;
mod edit;
mod explain;
mod key;
pub mod keys;
mod layer;
mod lines;
mod load;
mod preset;
mod resolved;
mod run_file;
mod schema;
mod show;
mod suggest;
mod sweep;
mod syntax;
mod validate;
mod value;

#[cfg(test)]
mod tests;

pub use admit::Refusal;
pub use diff::{Difference, DifferenceRow, diff};
pub use edit::{Change, Draft, Edit, draft, draft_copy, edit};
pub use explain::{Explanation, explain};
pub use key::{Apply, Choice, Effect, Key, Kind, Limit, Range, Repeats, Scalar, Section, TextRule};
pub use keys::{Config, SECTIONS, find};
pub use lines::{LineChange, Side};
pub use load::{LoadRequest, load};
pub use preset::{Preset, PresetSetting, preset, presets};
pub use resolved::{Resolved, Setting};
pub use schema::schema;
pub use show::{Listing, ListingRow, Which, show};
pub use suggest::keys_like;
pub use sweep::{Combination, MOST_JOBS, combinations, is_sweep, load_each, sweep};
pub use validate::{Validation, validate};
pub use value::Value;
