//! The run directory: the only channel between the console and the worker.
//!
//! Owns its format, who may write it (one worker at a time, one writer a file), its readers, the
//! mailbox and the list of runs. Never computes anything about learning or trading, and never
//! trusts what it reads: torn lines, missing files and newer formats are ordinary input here.
//! Start at [`RunDir`] for the directory, [`Segment`] for the writing side and [`RunReader`] for
//! the reading side.

// What a run is.
pub mod dir;
pub mod home;
pub mod id;
pub mod layout;

// What is written down.
pub mod event;
pub mod outcome;
pub mod real;
pub mod record;
pub mod resources;
pub mod status;

// The worker's side.
pub mod heartbeat;
mod inbox;
pub mod journals;
pub mod launch;
mod lock;
pub mod owner;
pub mod segment;

// The console's side.
pub mod compare;
pub mod evaluation;
pub mod mailbox;
pub mod observe;
pub mod reader;
pub mod roster;
pub mod segments;
pub mod tail;
pub mod trash;

// Models.
pub mod checkpoints;
pub mod model_archive;
pub mod model_export;
pub mod models;
pub mod passport;
pub mod promotion;

pub mod error;

pub use checkpoints::Mark;
pub use compare::{Comparison, SettingRow, compare};
pub use dir::{Kind, Manifest, NewRun, RunDir};
pub use error::RunsError;
pub use evaluation::{Evaluated, Evaluation};
pub use event::{Ack, Event, EventRecord};
pub use heartbeat::StatusWriter;
pub use home::Home;
pub use id::RunId;
pub use journals::Journals;
pub use launch::Launch;
pub use layout::{Layout, Track};
pub use mailbox::{Command, Mailbox, Received};
pub use models::{Model, ModelId};
pub use observe::{Observation, Observer, observe};
pub use outcome::{Failure, Outcome, Success, Verdict};
pub use owner::Owner;
pub use passport::Passport;
pub use promotion::{Pointer, Promotion};
pub use reader::{Delta, RunReader, TrackReader};
pub use record::{EquityRecord, MetricRecord, Scope, Side, TradeRecord};
pub use resources::{GpuRecord, ResourceRecord};
pub use roster::{Roster, Summary, list};
pub use segment::{Provenance, Segment};
pub use segments::{Account, SegmentView};
pub use status::{Best, Phase, State, Status};
pub use tail::{LogLine, LogTail};

#[cfg(test)]
mod tests;
