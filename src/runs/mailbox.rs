//! Commands from people to a worker: one numbered file a command (`mailbox/000001.json`).
//!
//! A number is taken by link, so two consoles never write the same file; the worker answers each
//! command once, in its events.

use crate::{Layout, RunsError};
use domain::{Nanos, durable};
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs, io,
    io::Read,
    path::{Path, PathBuf},
};

/// What a person asks of a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Wait after the current update.
    Pause,
    /// Go on.
    Resume,
    /// Save and end; can be resumed.
    Stop,
    /// End for good: a scheduler must not start it again.
    Cancel,
    /// Save now and go on.
    Checkpoint,
    /// Change a setting that may change while the run is going.
    Set {
        /// Key, e.g. `train.learning_rate`.
        key: String,
        /// New value, as written in TOML.
        value: String,
    },
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pause => f.write_str("pause"),
            Self::Resume => f.write_str("resume"),
            Self::Stop => f.write_str("stop"),
            Self::Cancel => f.write_str("cancel"),
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::Set { key, value } => write!(f, "set {key} = {value}"),
        }
    }
}

/// The content of a command file.
#[derive(Serialize, Deserialize)]
struct Letter {
    posted: Nanos,
    by: String,
    command: Command,
}

/// One command file as read by the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The file's number, which orders commands and which the answer names.
    pub number: u64,
    /// When, by the clock of who posted it.
    pub posted: Nanos,
    /// Who posted it, as far as the file says.
    pub by: String,
    /// The command, or why the file holds none.
    pub command: Result<Command, String>,
}

/// The directory of command files.
#[derive(Clone, Debug)]
pub struct Mailbox {
    dir: PathBuf,
}

/// A command file is a few dozen bytes; anything larger is none.
const LARGEST: u64 = 64 * 1024;

impl Mailbox {
    /// Returns the mailbox of the run at `layout`.
    #[must_use]
    pub fn of(layout: &Layout) -> Self {
        Self {
            dir: layout.mailbox(),
        }
    }

    /// Posts `command` in the name of `by` and returns its number.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn post(&self, command: &Command, by: &str, now: Nanos) -> Result<u64, RunsError> {
        let letter = Letter {
            posted: now,
            by: by.to_owned(),
            command: command.clone(),
        };
        let bytes = serde_json::to_vec(&letter).map_err(|error| RunsError::bug(&error))?;
        fs::create_dir_all(&self.dir).map_err(RunsError::io(&self.dir, "create the mailbox"))?;
        let mut number = self.last_number()? + 1;
        loop {
            let path = self.dir.join(format!("{number:06}.json"));
            match durable::publish_once(&path, &bytes) {
                Ok(()) => return Ok(number),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(RunsError::io(path, "post the command")(error)),
            }
        }
    }

    /// Returns the commands with a number above `after`, in order. A file that holds no command
    /// is among them, so that it is answered too.
    ///
    /// # Errors
    /// The operating system's error of listing; a mailbox that is not there is empty.
    pub fn take_new(&self, after: u64) -> Result<Vec<Received>, RunsError> {
        self.take(|number| number > after)
    }

    /// Reads the commands whose number is wanted, in order.
    pub(crate) fn take(
        &self,
        mut wanted: impl FnMut(u64) -> bool,
    ) -> Result<Vec<Received>, RunsError> {
        let mut numbers = self.numbers()?;
        numbers.retain(|(number, _)| wanted(*number));
        Ok(numbers
            .iter()
            .map(|(number, path)| receive(*number, path))
            .collect())
    }

    /// Returns the highest number posted; 0 when there is none.
    ///
    /// # Errors
    /// The operating system's error of listing.
    pub fn last_number(&self) -> Result<u64, RunsError> {
        Ok(self.numbers()?.last().map_or(0, |(last, _)| *last))
    }

    fn numbers(&self) -> Result<Vec<(u64, PathBuf)>, RunsError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunsError::io(&self.dir, "list the mailbox")(error)),
        };
        let mut numbers: Vec<(u64, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let number = name.to_str()?.strip_suffix(".json")?.parse().ok()?;
                Some((number, entry.path()))
            })
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

fn receive(number: u64, path: &Path) -> Received {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(path)?
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let refused = |why: String| Received {
        number,
        posted: Nanos(0),
        by: String::new(),
        command: Err(why),
    };
    match read() {
        Err(error) => refused(format!("cannot read the command file: {error}")),
        Ok(bytes) if bytes.len() as u64 > LARGEST => {
            refused(format!("the command file is larger than {LARGEST} bytes"))
        }
        Ok(bytes) => match serde_json::from_slice::<Letter>(&bytes) {
            Ok(letter) => Received {
                number,
                posted: letter.posted,
                by: letter.by,
                command: Ok(letter.command),
            },
            Err(error) => refused(format!("the command file holds no command: {error}")),
        },
    }
}
