//! Where everything lies inside a run directory.
//!
//! The same inner layout serves the run itself and each of its seeds (`seeds/<seed>/`).

use std::path::{Path, PathBuf};

/// One line of training inside a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Track {
    /// The run as a whole.
    Run,
    /// The training of one seed.
    Seed(u64),
}

/// Paths of a track: the run directory or `seeds/<seed>/` below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Returns the layout rooted at `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the layout of `track` within the run directory `run`.
    #[must_use]
    pub fn of(run: &Path, track: Track) -> Self {
        match track {
            Track::Run => Self::new(run),
            Track::Seed(seed) => Self::new(run.join("seeds").join(seed.to_string())),
        }
    }

    /// Returns the track's own directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `run.toml`: every setting as resolved; the run level only.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.root.join("run.toml")
    }

    /// `status.json`; the run level only.
    #[must_use]
    pub fn status(&self) -> PathBuf {
        self.root.join("status.json")
    }

    /// `done.json`; the run level only.
    #[must_use]
    pub fn done(&self) -> PathBuf {
        self.root.join("done.json")
    }

    /// `failed.json`; the run level only.
    #[must_use]
    pub fn failed(&self) -> PathBuf {
        self.root.join("failed.json")
    }

    /// `lock`; the run level only.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// `mailbox/`; the run level only.
    #[must_use]
    pub fn mailbox(&self) -> PathBuf {
        self.root.join("mailbox")
    }

    /// `meta/<segment>.json`: what this start of the worker was.
    #[must_use]
    pub fn meta(&self, segment: u32) -> PathBuf {
        self.root.join("meta").join(format!("{segment:04}.json"))
    }

    /// `meta/<segment>.claim.json`: who holds this segment.
    #[must_use]
    pub fn claim(&self, segment: u32) -> PathBuf {
        self.root
            .join("meta")
            .join(format!("{segment:04}.claim.json"))
    }

    /// `meta/<segment>.failed.json`: a failure that a later start went past.
    #[must_use]
    pub fn past_failure(&self, segment: u32) -> PathBuf {
        self.root
            .join("meta")
            .join(format!("{segment:04}.failed.json"))
    }

    /// `metrics/`.
    #[must_use]
    pub fn metrics(&self) -> PathBuf {
        self.root.join("metrics")
    }

    /// `trades/`.
    #[must_use]
    pub fn trades(&self) -> PathBuf {
        self.root.join("trades")
    }

    /// `equity/`.
    #[must_use]
    pub fn equity(&self) -> PathBuf {
        self.root.join("equity")
    }

    /// `resources/`: what the worker used; the run level only.
    #[must_use]
    pub fn resources(&self) -> PathBuf {
        self.root.join("resources")
    }

    /// `events/`.
    #[must_use]
    pub fn events(&self) -> PathBuf {
        self.root.join("events")
    }

    /// `log/<segment>.log`.
    #[must_use]
    pub fn log(&self, segment: u32) -> PathBuf {
        self.logs().join(format!("{segment:04}.log"))
    }

    /// `log/`.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("log")
    }

    /// `checkpoints/`.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    /// `checkpoints/<step>/`, zero-padded so that names sort by step.
    #[must_use]
    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.checkpoints().join(format!("{step:012}"))
    }

    /// `checkpoints/LATEST`: the name of the newest whole checkpoint.
    #[must_use]
    pub fn latest_checkpoint(&self) -> PathBuf {
        self.checkpoints().join("LATEST")
    }

    /// `export/`.
    #[must_use]
    pub fn export(&self) -> PathBuf {
        self.root.join("export")
    }

    /// `report/`.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.root.join("report")
    }

    /// `seeds/`.
    #[must_use]
    pub fn seeds(&self) -> PathBuf {
        self.root.join("seeds")
    }
}

/// `<dir>/<segment>.jsonl`.
#[must_use]
pub fn segment_file(dir: &Path, segment: u32) -> PathBuf {
    dir.join(format!("{segment:04}.jsonl"))
}

/// Returns the segments that have a file `<segment>.<extension>` in `dir`, in order; none if the
/// directory is not there.
#[must_use]
pub fn segments_in(dir: &Path, extension: &str) -> Vec<u32> {
    let mut segments: Vec<u32> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let (number, rest) = name.to_str()?.split_once('.')?;
            if rest != extension || number.len() < 4 || !number.bytes().all(|b| b.is_ascii_digit())
            {
                return None;
            }
            number.parse().ok()
        })
        .collect();
    segments.sort_unstable();
    segments
}
