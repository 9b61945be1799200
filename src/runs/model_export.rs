//! Copies a model out of its run: a folder with weights, passport, settings and checksums.
//!
//! The folder is put together under a hidden name and renamed when whole, so that whatever kills
//! the process nothing half done has the final name. The run itself is only read, so that it may
//! be read-only or still be trained. Start at [`export`]; [`crate::model_archive`] makes one file of
//! the same.

use crate::{
    Home, Layout, Model, RunsError,
    checkpoints::Contents,
    model_archive,
    passport::{Passport, recipe},
};
use domain::{Clock, durable, phrase};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

/// The weights and the scale of what they see; the other files of a checkpoint are for resuming.
const WEIGHTS: &str = "policy.safetensors";
/// One line a file, `<BLAKE3>  <name>`, as `b3sum --check` reads it.
pub const CHECKSUMS: &str = "checksums.b3";
/// Names for exports of one model that are tried before giving up.
const MOST_NAMES: usize = 1_000;
/// What was done when something went wrong.
pub(crate) const DOING: &str = "export the model";
/// How old a folder must be that was never finished before it is swept up.
const ABANDONED: Duration = Duration::from_secs(24 * 3_600);

/// How a model is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A folder of files.
    #[default]
    Folder,
    /// One `.tar.gz`.
    Archive,
}

/// An exported model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The folder, or the archive.
    pub place: PathBuf,
    /// The files written: those of the folder, or the archive.
    pub files: Vec<PathBuf>,
}

/// Writes one file durably; an argument, so that a test can break off anywhere.
pub(crate) type WriteFile<'a> = &'a mut dyn FnMut(&Path, &[u8]) -> io::Result<()>;

/// Returns where exports of `home`'s run of `model` go unless another folder is named.
#[must_use]
pub fn usual_folder(home: &Home, model: &Model) -> PathBuf {
    let beside = home.root().parent().unwrap_or(home.root());
    beside.join("exports").join(model.id.run.as_str())
}

/// Returns the name of the folder that an export of `model` makes.
#[must_use]
pub fn folder_name(model: &Model) -> String {
    let step = model.path.file_name().unwrap_or_default().to_string_lossy();
    let (seed, mark) = (model.id.seed, model.id.mark);
    format!("model-seed{seed}-{mark}-{step}")
}

/// Copies `model` below `into`, in that `form`, under a name that is not taken yet.
///
/// # Errors
/// As [`export`].
pub fn export_as(
    form: Form,
    model: &Model,
    into: &Path,
    clock: &dyn Clock,
) -> Result<Exported, RunsError> {
    match form {
        Form::Folder => export(model, into, clock),
        Form::Archive => model_archive::archive_into(model, into, clock),
    }
}

/// Copies `model` into a new folder below `into`.
///
/// # Errors
/// `Corrupt` for a checkpoint that is half written or differs from its checksums, or the operating
/// system's error; nothing has the final name then.
pub fn export(model: &Model, into: &Path, clock: &dyn Clock) -> Result<Exported, RunsError> {
    export_with(model, into, clock, &mut |path, bytes| {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    })
}

pub(crate) fn export_with(
    model: &Model,
    into: &Path,
    clock: &dyn Clock,
    write: WriteFile<'_>,
) -> Result<Exported, RunsError> {
    let contents = gather(model)?;
    fs::create_dir_all(into).map_err(RunsError::io(into, DOING))?;
    sweep(into, clock);
    let name = folder_name(model);
    let mut free = free_names(into, &name, "");
    let folder = free.next().ok_or_else(|| too_many(into))?;
    let hidden = into.join(format!(".{name}.{}.tmp", std::process::id()));
    let refused = |error: io::Error| {
        let _ = fs::remove_dir_all(&hidden);
        RunsError::io(&folder, DOING)(error)
    };
    // Left by another process of the same number.
    let _ = fs::remove_dir_all(&hidden);
    fs::create_dir(&hidden).map_err(RunsError::io(&hidden, DOING))?;
    let mut files = Vec::new();
    for (name, bytes) in &contents {
        write(&hidden.join(name), bytes).map_err(refused)?;
        files.push(folder.join(name));
    }
    durable::sync_directory(&hidden.join(CHECKSUMS))
        // Onto a folder that is not empty a rename fails, so a name taken meanwhile stays as it is.
        .and_then(|()| fs::rename(&hidden, &folder))
        .and_then(|()| durable::sync_directory(&folder))
        .map_err(refused)?;
    Ok(Exported {
        place: folder,
        files,
    })
}

/// Returns the names below `into` that an export of `name` may have and that are not taken yet.
pub(crate) fn free_names(into: &Path, name: &str, ending: &str) -> impl Iterator<Item = PathBuf> {
    let numbered = move |number: usize| match number {
        1 => into.join(format!("{name}{ending}")),
        _ => into.join(format!("{name}-{number}{ending}")),
    };
    (1..MOST_NAMES).map(numbered).filter(|path| !path.exists())
}

/// Says that none is left.
pub(crate) fn too_many(into: &Path) -> RunsError {
    let full = io::Error::other("too many exports of this model; choose another folder");
    RunsError::io(into, DOING)(full)
}

/// Returns every file of the export; none before all of the checkpoint was found whole.
pub(crate) fn gather(model: &Model) -> Result<Vec<(&'static str, Vec<u8>)>, RunsError> {
    let contents = Contents::read(&model.path)?;
    contents.verify(&model.path)?;
    let weights = contents.file(&model.path, WEIGHTS)?;
    let passport = current_passport(model, &contents)?;
    let passport = serde_json::to_vec_pretty(passport).map_err(|error| RunsError::bug(&error))?;
    // <run>/seeds/<seed>/checkpoints/<step>
    let run = model.path.ancestors().nth(4).unwrap_or(&model.path);
    let settings = Layout::new(run).settings();
    let settings = fs::read(&settings).map_err(RunsError::io(settings, "read run.toml"))?;
    let mut files = vec![
        (WEIGHTS, weights),
        ("passport.json", passport),
        ("run.toml", settings),
    ];
    let recipe = recipe(run);
    match fs::read(&recipe) {
        Ok(bytes) => files.push(("features.json", bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(RunsError::io(recipe, "read the features")(error)),
    }
    let mut sums = String::new();
    for (name, bytes) in &files {
        let _ = writeln!(sums, "{}  {name}", blake3::hash(bytes).to_hex());
    }
    files.push((CHECKSUMS, sums.into_bytes()));
    Ok(files)
}

/// Returns the passport if it is that of what is on disk now.
fn current_passport<'a>(model: &'a Model, contents: &Contents) -> Result<&'a Passport, RunsError> {
    let passport = model.passport.as_ref();
    let same = passport.filter(|passport| passport.hash == contents.hash);
    same.ok_or_else(|| RunsError::Corrupt {
        path: model.path.clone(),
        what: match &model.problem {
            Some(problem) => problem.clone(),
            None => phrase!(
                "the checkpoint was written anew meanwhile; look again",
                "그사이 체크포인트가 다시 쓰였습니다. 새로 고치세요"
            ),
        },
    })
}

/// Removes what exports that were killed left here; what cannot be removed only costs space.
pub(crate) fn sweep(into: &Path, clock: &dyn Clock) {
    for entry in fs::read_dir(into).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let modified = entry.metadata().and_then(|meta| meta.modified()).ok();
        let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let now = u64::try_from(clock.now().0).map(Duration::from_nanos);
        let old = since.zip(now.ok());
        let old = old.is_some_and(|(since, now)| now.saturating_sub(since) > ABANDONED);
        if !old || !name.ends_with(".tmp") {
            continue;
        }
        if name.starts_with(".model-") {
            let _ = fs::remove_dir_all(entry.path());
        } else if name.starts_with("model-") && name.contains(".tar.gz.") {
            let _ = fs::remove_file(entry.path());
        }
    }
}
