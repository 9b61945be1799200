//! Names for models: what somebody promoted, so that others can refer to it.
//!
//! `models/<name>.jsonl` beside the runs is an append-only history; its last line decides. A name
//! is a pointer with a checksum, never a copy: a model that was changed or removed since is told
//! apart from the one that was promoted. Start at [`list`].

use crate::{
    Home, Layout, Model, ModelId, RunsError, Track,
    checkpoints::Contents,
    lock::{self, Lock},
    models,
    observe::{STALENESS, observe},
};
use domain::{Clock, Nanos, Phrase, Text, durable, phrase};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// The newest format of a line that is read here and the one that is written.
const FORMAT: u32 = 1;
/// Longest name.
const LONGEST: usize = 60;
const EXTENSION: &str = "jsonl";

/// What a name points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// The model.
    #[serde(flatten)]
    pub model: ModelId,
    /// Environment steps of the checkpoint.
    pub step: u64,
    /// BLAKE3 of the checkpoint's manifest, which holds the checksums of its files.
    pub hash: String,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Format of the line.
    pub format: u32,
    /// When it was done.
    pub at: Nanos,
    /// Who did it.
    pub by: String,
    /// What the name points to from then on; `None` for nothing.
    pub to: Option<Pointer>,
}

/// A name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promotion {
    /// The name.
    pub name: String,
    /// Everything that was done with it, oldest first.
    pub history: Vec<Deed>,
    /// What is wrong with it.
    pub problem: Option<Phrase>,
}

impl Promotion {
    /// Returns what it points to now.
    #[must_use]
    pub fn pointer(&self) -> Option<&Pointer> {
        self.history.last()?.to.as_ref()
    }
}

/// Returns the folder of all names.
#[must_use]
pub fn folder(home: &Home) -> PathBuf {
    home.root().parent().unwrap_or(home.root()).join("models")
}

fn file(home: &Home, name: &str) -> PathBuf {
    folder(home).join(format!("{name}.{EXTENSION}"))
}

/// Returns every name, sorted, those that point to nothing any more among them.
///
/// # Errors
/// The operating system's error on the folder; single names never fail the list.
pub fn list(home: &Home) -> Result<Vec<Promotion>, RunsError> {
    let folder = folder(home);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(RunsError::io(&folder, "list the names of models")(error)),
    };
    let names = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let stem = name.strip_suffix(EXTENSION)?.strip_suffix('.')?;
        refuse_name(stem).is_none().then(|| stem.to_owned())
    });
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    Ok(names.into_iter().map(|name| read(home, name)).collect())
}

/// Says why `name` cannot be given to a model.
#[must_use]
pub fn refuse_name(name: &str) -> Option<Text> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let sound = name.starts_with(char::is_alphanumeric)
        && name.chars().all(fits)
        && name.chars().count() <= LONGEST;
    (!sound).then_some(Text::new(
        "a name has letters, digits, -, _ and . and starts with a letter or digit",
        "이름에는 글자, 숫자, -, _, .만 쓰고 글자나 숫자로 시작해야 합니다",
    ))
}

fn read(home: &Home, name: String) -> Promotion {
    let (history, problem) = match history(&file(home, &name)) {
        Ok(history) => {
            let pointer = history.last().and_then(|deed| deed.to.as_ref());
            let problem = pointer.and_then(|pointer| doubt(home, pointer));
            (history, problem)
        }
        Err(error) => (Vec::new(), Some(error.says())),
    };
    Promotion {
        name,
        history,
        problem,
    }
}

/// Reads the history at `path`; a last line that was cut off by a crash does not count.
fn history(path: &Path) -> Result<Vec<Deed>, RunsError> {
    #[derive(Deserialize)]
    struct Versioned {
        format: u32,
    }
    let text = fs::read_to_string(path).map_err(RunsError::io(path, "read the name"))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut deeds = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let damaged = |error: serde_json::Error| RunsError::Corrupt {
            path: path.to_owned(),
            what: phrase!(
                "a line of its history cannot be read: {error}",
                "기록 가운데 읽을 수 없는 줄이 있습니다: {error}"
            ),
        };
        let Versioned { format } = serde_json::from_str(line).map_err(damaged)?;
        if format > FORMAT {
            return Err(RunsError::NewerFormat {
                path: path.to_owned(),
                found: format,
                known: FORMAT,
            });
        }
        deeds.push(serde_json::from_str(line).map_err(damaged)?);
    }
    Ok(deeds)
}

/// Returns the directory of the checkpoint that `pointer` means.
#[must_use]
pub fn place(home: &Home, pointer: &Pointer) -> PathBuf {
    let run = home.run(&pointer.model.run);
    let layout = Layout::of(&run, Track::Seed(pointer.model.seed));
    layout.checkpoints().join(pointer.step.to_string())
}

/// Says what is wrong with what `pointer` means.
fn doubt(home: &Home, pointer: &Pointer) -> Option<Phrase> {
    let place = place(home, pointer);
    if !place.is_dir() {
        let id = &pointer.model;
        return Some(phrase!(
            "the checkpoint is gone: its run was removed, or it made way for a later one ({id})",
            "체크포인트가 없습니다. 실행을 지웠거나 뒤의 체크포인트로 바뀌었습니다({id})"
        ));
    }
    match Contents::read(&place) {
        Err(error) => Some(models::brief(&error)),
        Ok(contents) if contents.hash != pointer.hash => Some(Phrase::new(
            "the checkpoint is not the one that was promoted: it was written anew since",
            "승격한 체크포인트가 아닙니다. 그 뒤에 다시 쓰였습니다",
        )),
        Ok(contents) => contents
            .glance(&place)
            .err()
            .map(|error| models::brief(&error)),
    }
}

/// Gives `model` the name `name`, which points elsewhere from then on; returns what it pointed to
/// before. Every file is held against its checksum first.
///
/// # Errors
/// `Invalid` for a name that cannot be used, `StillActive` while the run's checkpoints may make way
/// for later ones, `Corrupt` for a checkpoint that is not whole, or the operating system's error.
pub fn promote(
    home: &Home,
    model: &Model,
    name: &str,
    by: &str,
    clock: &dyn Clock,
) -> Result<Option<Pointer>, RunsError> {
    let seen = observe(&home.run(&model.id.run), clock, STALENESS);
    if seen.state.is_active() {
        return Err(RunsError::StillActive {
            run: model.id.run.to_string(),
            state: seen.state.label(),
        });
    }
    let contents = Contents::read(&model.path)?;
    contents.verify(&model.path)?;
    let pointer = Pointer {
        model: model.id.clone(),
        step: contents.step,
        hash: contents.hash,
    };
    point(home, name, Some(pointer), by, clock)
}

/// Has `name` point to `to` from now on, nothing where that is `None`; returns what it pointed to
/// before.
///
/// # Errors
/// `Invalid` for a name that cannot be used; `Corrupt` or `NewerFormat` where its history cannot be
/// read, which is then left as it is; or the operating system's error.
pub fn point(
    home: &Home,
    name: &str,
    to: Option<Pointer>,
    by: &str,
    clock: &dyn Clock,
) -> Result<Option<Pointer>, RunsError> {
    if let Some(refusal) = refuse_name(name) {
        return Err(RunsError::Invalid {
            what: phrase!(
                "`{name}` is no name",
                "`{name}`은(는) 쓸 수 없는 이름입니다"
            ),
            hint: refusal,
        });
    }
    let folder = folder(home);
    fs::create_dir_all(&folder).map_err(RunsError::io(&folder, "keep the name"))?;
    // Two consoles that promote at once must not weave their lines into each other.
    let lock = lock::acquire(&folder.join(".lock"), lock::system_flock)?;
    if matches!(lock, Lock::Taken) {
        return Err(RunsError::Invalid {
            what: phrase!(
                "another console gives a name at this moment",
                "다른 콘솔이 지금 이름을 붙이고 있습니다"
            ),
            hint: Text::new("try again", "다시 시도하세요"),
        });
    }
    let path = file(home, name);
    let former = match history(&path) {
        Ok(history) => history.last().and_then(|deed| deed.to.clone()),
        Err(RunsError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if former == to {
        return Ok(former);
    }
    let deed = Deed {
        format: FORMAT,
        at: clock.now(),
        by: by.to_owned(),
        to,
    };
    let mut line = serde_json::to_vec(&deed).map_err(|error| RunsError::bug(&error))?;
    line.push(b'\n');
    append(&path, &line)
        .and_then(|()| durable::sync_directory(&path))
        .map_err(RunsError::io(&path, "keep the name"))?;
    Ok(former)
}

/// Adds a whole line; what a crash left of a former one is cut off first.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)?;
    let whole = whole_lines(&mut file)?;
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole))?;
    file.write_all(line)?;
    file.sync_all()
}

fn whole_lines(file: &mut File) -> io::Result<u64> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    Ok(end.map_or(0, |end| end as u64 + 1))
}

/// Finds the model that a user names: by the name that it was promoted under, else as
/// [`models::find`] does.
///
/// # Errors
/// `Invalid` where the name points to nothing or to what is no longer there, or what
/// [`models::find`] says.
pub fn resolve(home: &Home, asked: &str) -> Result<Model, RunsError> {
    let named = refuse_name(asked).is_none() && file(home, asked).is_file();
    if !named {
        return models::find(home, asked);
    }
    let promotion = read(home, asked.to_owned());
    let refused = |what: Phrase| RunsError::Invalid {
        what,
        hint: Text::new(
            "promote another model under this name; see `makook models list`",
            "다른 모델을 이 이름으로 승격하세요. `makook models list`로 확인하세요",
        ),
    };
    let pointer = match (promotion.pointer(), promotion.problem.clone()) {
        (_, Some(problem)) => {
            let (en, ko) = (problem.en, problem.ko);
            return Err(refused(phrase!("`{asked}`: {en}", "`{asked}`: {ko}")));
        }
        (None, None) => {
            return Err(refused(phrase!(
                "no model has the name `{asked}` any more",
                "`{asked}`(이)라는 이름을 가진 모델이 이제 없습니다"
            )));
        }
        (Some(pointer), None) => pointer.clone(),
    };
    let models = models::of_run(&home.run(&pointer.model.run), &pointer.model.run);
    let found = models.into_iter().find(|model| model.id == pointer.model);
    found
        .filter(|model| model.path == place(home, &pointer))
        .ok_or_else(|| {
            refused(phrase!(
                "`{asked}`: the run has marked another checkpoint since",
                "`{asked}`: 그 뒤에 실행의 체크포인트 표시가 바뀌었습니다"
            ))
        })
}
