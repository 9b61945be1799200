//! One run directory: how it comes into being and how it is opened.
//!
//! It is put together under a hidden name and renamed when whole, so a listed run always has its
//! `run.toml`; readers still cope with one that has not.

use crate::{Home, Layout, RunId, RunsError, Status, Track};
use domain::{Clock, Nanos, Phrase, StreamRng, Text, durable, phrase};
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// The format that this makook writes, and the newest it reads.
pub const FORMAT: u32 = 1;

/// Separates the manifest from the settings in `run.toml`.
const MARKER: &str = "# ---- settings as resolved ----\n";

/// What kind of work a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Training, with its evaluation.
    #[default]
    Train,
    /// Evaluation of an agent that exists.
    Evaluate,
    /// A backtest of a rule, without learning.
    Backtest,
    /// Work of a kind that a newer makook knows.
    #[serde(other)]
    Unknown,
}

impl Kind {
    /// Returns the word that a user reads.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Train => Text::new("training", "학습"),
            Self::Evaluate => Text::new("evaluation", "평가"),
            Self::Backtest => Text::new("backtest", "백테스트"),
            Self::Unknown => Text::new("unknown", "알 수 없음"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Evaluate => "evaluate",
            Self::Backtest => "backtest",
            Self::Unknown => "unknown",
        })
    }
}

/// The head of `run.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of the whole directory.
    pub format: u32,
    /// The run's identifier; also its directory's name when it was created.
    pub id: RunId,
    /// The name as the user wrote it.
    pub name: String,
    /// What kind of work.
    pub kind: Kind,
    /// When it was created.
    pub created: Nanos,
    /// The run this one comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
    /// Version of the makook that created it.
    pub version: String,
    /// BLAKE3 of the settings' text, in hexadecimal.
    pub settings_hash: String,
}

/// What a new run is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    /// The user's name for it; any text.
    pub name: &'a str,
    /// What kind of work.
    pub kind: Kind,
    /// The run it comes from.
    pub parent: Option<&'a RunId>,
    /// Every setting as resolved, as TOML whose comments may say where each value came from.
    pub settings: &'a str,
    /// Version of the program that creates it.
    pub version: &'a str,
}

/// A run directory whose manifest was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDir {
    layout: Layout,
    manifest: Manifest,
}

impl RunDir {
    /// Creates a run within `home` and leaves it queued.
    ///
    /// # Errors
    /// `Invalid` when the settings are no TOML or claim the table `manifest`, or the operating
    /// system's error; nothing is listed then.
    pub fn create(
        home: &Home,
        new: &NewRun<'_>,
        clock: &dyn Clock,
        rng: &mut StreamRng,
    ) -> Result<Self, RunsError> {
        let settings: toml::Table = new.settings.parse().map_err(|error: toml::de::Error| {
            let error = error.message();
            RunsError::Invalid {
                what: phrase!(
                    "the settings are not TOML: {error}",
                    "설정이 TOML이 아닙니다: {error}"
                ),
                hint: Text::new(
                    "`makook config validate FILE` shows the place",
                    "`makook config validate 파일`로 위치를 확인하세요",
                ),
            }
        })?;
        if settings.contains_key("manifest") {
            return Err(RunsError::Invalid {
                what: phrase!(
                    "the settings have a table `manifest`, which run.toml keeps for itself",
                    "설정에 `manifest` 표가 있습니다. run.toml이 쓰는 이름입니다"
                ),
                hint: Text::new(
                    "remove that table from the settings",
                    "설정에서 그 표를 지우세요",
                ),
            });
        }
        let now = clock.now();
        fs::create_dir_all(home.root())
            .map_err(RunsError::io(home.root(), "create the runs' home"))?;
        loop {
            let manifest = Manifest {
                format: FORMAT,
                id: RunId::new(new.name, now, rng),
                name: new.name.to_owned(),
                kind: new.kind,
                created: now,
                parent: new.parent.cloned(),
                version: new.version.to_owned(),
                settings_hash: blake3::hash(new.settings.as_bytes()).to_hex().to_string(),
            };
            if let Some(run) = Self::assemble(home, manifest, new.settings)? {
                return Ok(run);
            }
        }
    }

    /// Puts the directory together and publishes it; `None` when the name is taken.
    fn assemble(
        home: &Home,
        manifest: Manifest,
        settings: &str,
    ) -> Result<Option<Self>, RunsError> {
        let hidden = home.root().join(format!(".new-{}", manifest.id));
        match fs::create_dir(&hidden) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(RunsError::io(hidden, "create the run")(error)),
        }
        let target = home.run(&manifest.id);
        let filled = Self::fill(&Layout::new(&hidden), &manifest, settings);
        let published = filled.and_then(|()| {
            if target.exists() {
                return Ok(None);
            }
            // Fails on a directory that is not empty, so a name taken meanwhile stays untouched.
            fs::rename(&hidden, &target).map_err(RunsError::io(&target, "publish the run"))?;
            durable::sync_directory(&target).map_err(RunsError::io(&target, "publish the run"))?;
            Ok(Some(Self {
                layout: Layout::new(&target),
                manifest,
            }))
        });
        if !matches!(published, Ok(Some(_))) {
            let _ = fs::remove_dir_all(&hidden);
        }
        published
    }

    fn fill(layout: &Layout, manifest: &Manifest, settings: &str) -> Result<(), RunsError> {
        #[derive(Serialize)]
        struct Head<'a> {
            manifest: &'a Manifest,
        }
        let head = toml::to_string(&Head { manifest }).map_err(|error| RunsError::bug(&error))?;
        let path = layout.settings();
        durable::publish_once(&path, format!("{head}\n{MARKER}{settings}").as_bytes())
            .map_err(RunsError::io(path, "write run.toml"))?;
        let queued = Status {
            at: manifest.created,
            ..Status::default()
        };
        queued.write(&layout.status())?;
        for dir in [layout.mailbox(), layout.logs(), layout.root().join("meta")] {
            fs::create_dir(&dir).map_err(RunsError::io(dir, "create the run"))?;
        }
        Ok(())
    }

    /// Opens the run directory at `path`, wherever it lies.
    ///
    /// # Errors
    /// `HalfWritten` without `run.toml`, `Corrupt` when it has no manifest, `NewerFormat`, or the
    /// operating system's error.
    pub fn open_path(path: &Path) -> Result<Self, RunsError> {
        let layout = Layout::new(path);
        let text = match fs::read_to_string(layout.settings()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(if path.is_dir() {
                    RunsError::HalfWritten(path.to_owned())
                } else {
                    RunsError::io(path, "open the run")(error)
                });
            }
            Err(error) => return Err(RunsError::io(layout.settings(), "read run.toml")(error)),
        };
        let manifest = read_manifest(&layout, &text)?;
        Ok(Self { layout, manifest })
    }

    /// Returns the identifier.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.manifest.id
    }

    /// Returns the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.layout.root()
    }

    /// Returns the manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the paths of the run as a whole.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the paths of one track.
    #[must_use]
    pub fn track(&self, track: Track) -> Layout {
        Layout::of(self.path(), track)
    }

    /// Returns the seeds that have a directory, in order.
    #[must_use]
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<u64> = fs::read_dir(self.layout.seeds())
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        seeds.sort_unstable();
        seeds
    }

    /// Returns the settings' text exactly as the run was created with.
    ///
    /// # Errors
    /// `Corrupt` when the text was changed since, or the operating system's error.
    pub fn settings(&self) -> Result<String, RunsError> {
        let path = self.layout.settings();
        let text = fs::read_to_string(&path).map_err(RunsError::io(&path, "read run.toml"))?;
        let settings = text.split_once(MARKER).map_or("", |(_, settings)| settings);
        if blake3::hash(settings.as_bytes()).to_hex().as_str() != self.manifest.settings_hash {
            return Err(RunsError::Corrupt {
                path,
                what: phrase!(
                    "the settings were changed after the run was created",
                    "실행을 만든 뒤에 설정이 바뀌었습니다"
                ),
            });
        }
        Ok(settings.to_owned())
    }

    /// Returns the numbers of all starts of a worker, in order.
    #[must_use]
    pub fn segments(&self) -> Vec<u32> {
        crate::layout::segments_in(&self.path().join("meta"), "claim.json")
    }

    /// Returns the log files, oldest first.
    #[must_use]
    pub fn logs(&self) -> Vec<PathBuf> {
        crate::layout::segments_in(&self.layout.logs(), "log")
            .into_iter()
            .map(|segment| self.layout.log(segment))
            .collect()
    }
}

/// Reads the manifest alone: the settings below it are long, and a list reads a thousand runs.
fn read_manifest(layout: &Layout, text: &str) -> Result<Manifest, RunsError> {
    let corrupt = |what: Phrase| RunsError::Corrupt {
        path: layout.settings(),
        what,
    };
    let no_manifest = |error: toml::de::Error| {
        let error = error.message();
        corrupt(phrase!(
            "has no manifest: {error}",
            "매니페스트가 없습니다: {error}"
        ))
    };
    let Some((head, _)) = text.split_once(MARKER) else {
        return Err(corrupt(phrase!(
            "the line that ends the manifest is missing",
            "매니페스트를 끝내는 줄이 없습니다"
        )));
    };
    let mut head: toml::Table = head.parse().map_err(no_manifest)?;
    let Some(manifest) = head.remove("manifest") else {
        return Err(corrupt(phrase!("has no manifest", "매니페스트가 없습니다")));
    };
    // Looked at before anything else: a newer manifest may have any other fields.
    let format = manifest.get("format").and_then(toml::Value::as_integer);
    if let Some(found) = format.and_then(|format| u32::try_from(format).ok())
        && found > FORMAT
    {
        return Err(RunsError::NewerFormat {
            path: layout.root().to_owned(),
            found,
            known: FORMAT,
        });
    }
    manifest.try_into().map_err(no_manifest)
}
