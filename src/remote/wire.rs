//! What the two sides say to each other. Parsed here, once.
//!
//! The agent opens with one line, [`Greeting`]; from then on both sides send frames
//! ([`crate::frame`]) that carry an [`Ask`] or an [`Answer`] as JSON, answers under the number of
//! their request and in any order.

use domain::{Nanos, Phrase};
use jobs::{JobId, Listing, Preview, Signal};
use runs::{Command, RunId};
use serde::{Deserialize, Serialize};

/// The format of everything below; raised by any change that an older side would misread.
pub const FORMAT: u32 = 2;

/// The agent's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// [`FORMAT`] of the agent.
    #[serde(rename = "makook-agent")]
    pub format: u32,
    /// Version of its makook.
    pub version: String,
}

/// What is asked of the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// Says what is here already; the first request of every line.
    Begin {
        /// Files here, as the agent named their content.
        have: Vec<Held>,
    },
    /// Asks for what changed.
    Sync {
        /// The run on screen: all that can be shown of it comes too.
        watch: Option<RunId>,
        /// Runs whose metrics come too, for their sparklines.
        glance: Vec<RunId>,
        /// Bytes that the answer may take on the line, about.
        budget: u64,
        /// Files that could not be kept and are wanted from their beginning.
        again: Vec<String>,
    },
    /// Posts a command to a run's worker.
    Post {
        /// The run.
        run: RunId,
        /// The command.
        command: Command,
    },
    /// Moves a run to the trash.
    Remove {
        /// The run.
        run: RunId,
    },
    /// Brings a run back from the trash.
    Restore {
        /// The run.
        run: RunId,
    },
    /// Writes settings into an experiment file.
    Save {
        /// What is saved where.
        saving: Saving,
    },
    /// Takes a save back, or makes it again.
    Exchange {
        /// Which text goes where.
        exchange: Exchange,
    },
    /// Lists jobs.
    Jobs,
    /// Lists where jobs can be sent.
    Destinations,
    /// Asks what [`Ask::Train`] would send.
    Preview {
        /// The training.
        order: Order,
    },
    /// Creates a run and sends it off.
    Train {
        /// The training.
        order: Order,
    },
    /// Continues a run.
    Resume {
        /// The run.
        run: RunId,
    },
    /// Asks something of a job.
    Signal {
        /// Its profile.
        profile: String,
        /// The job.
        job: JobId,
        /// What.
        signal: Signal,
    },
    /// Limits how many tasks of an array run at the same time.
    Throttle {
        /// Its profile.
        profile: String,
        /// The job.
        job: JobId,
        /// The limit.
        at_most: u32,
    },
}

impl Ask {
    /// Returns whether the answer may have to wait for a scheduler.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        !matches!(
            self,
            Self::Begin { .. }
                | Self::Sync { .. }
                | Self::Post { .. }
                | Self::Remove { .. }
                | Self::Restore { .. }
                | Self::Save { .. }
                | Self::Exchange { .. }
        )
    }

    /// Returns whether it only looks; one that does something is carried out even when nobody is
    /// left to be told.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        matches!(
            self,
            Self::Begin { .. }
                | Self::Sync { .. }
                | Self::Jobs
                | Self::Destinations
                | Self::Preview { .. }
        )
    }
}

/// A file here and which content of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// `runs/<id>/…` or `configs/…`.
    pub path: String,
    /// The agent's name for the content (replaced files) or the file (growing ones).
    pub token: String,
    /// Bytes here, counted from the beginning of the file there.
    pub upto: u64,
}

/// A training to start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Experiment file, relative to the host's `configs/`.
    pub experiment: Option<String>,
    /// `section.key=value` each, laid over it.
    pub sets: Vec<String>,
    /// Profile; `None` for the configured one.
    pub on: Option<String>,
    /// The run that the settings come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
    /// The script as a person edited it.
    pub script: Option<String>,
}

/// Settings on their way into an experiment file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saving {
    /// The file, relative to the host's `configs/`.
    pub file: String,
    /// Whether it has to be made.
    pub fresh: bool,
    /// The file that a fresh one is a copy of, likewise.
    pub from: Option<String>,
    /// Settings and what was typed for them.
    pub changes: Vec<(String, String)>,
    /// The file's text as the person saw it; empty for a fresh one.
    pub before: String,
    /// The run whose settings these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoted: Option<RunId>,
}

/// A settings file's text on its way to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The file, relative to the host's `configs/`.
    pub file: String,
    /// Its text now; `None` where there is no file.
    pub from: Option<String>,
    /// Its text then; `None` where there is to be none.
    pub to: Option<String>,
}

/// Where the agent is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name of the machine.
    pub host: String,
    /// Its run home.
    pub home: String,
    /// Its project folder.
    pub project: String,
}

/// Somewhere jobs can be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Name of its profile.
    pub profile: String,
    /// What it is.
    pub about: Phrase,
}

/// A part of a file; its bytes follow in the frame, in the order of the parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `runs/<id>/…` or `configs/…`.
    pub path: String,
    /// See [`Held::token`].
    pub token: String,
    /// Where the bytes belong in the file there.
    pub offset: u64,
    /// How many there are.
    pub len: u64,
    /// When the file last changed, by the host's file system.
    pub changed: Nanos,
    /// How it is written there.
    pub nature: Nature,
}

/// How a file is written, which decides how it is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Replaced whole; more parts follow.
    Replaced,
    /// Replaced whole; this part is its last.
    ReplacedEnd,
    /// Appended to.
    Grown,
}

/// What changed on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The host's clock.
    pub now: Nanos,
    /// Parts of files.
    pub parts: Vec<Part>,
    /// Files, and run directories with all below them, that are gone.
    pub gone: Vec<String>,
    /// More is there already.
    pub more: bool,
}

/// What the host says to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "it", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Ask::Begin`].
    Begun(Place),
    /// To [`Ask::Sync`].
    Changes(Changes),
    /// Done, with nothing to say.
    Done,
    /// To [`Ask::Post`]: the command's number.
    Posted(u64),
    /// To [`Ask::Jobs`].
    Jobs(Listing),
    /// To [`Ask::Destinations`].
    Destinations(Vec<Destination>),
    /// To [`Ask::Preview`].
    Preview(Preview),
    /// To [`Ask::Train`]: the runs.
    Started(Vec<RunId>),
    /// The host's refusal, with what to do.
    No(Phrase),
}
