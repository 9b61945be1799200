//! The registry of models: every run's best and newest checkpoint of each seed, with its passport.
//!
//! There is no file behind it that could go stale: it is read from the run directories whenever it
//! is asked for. What cannot be read stays in the list with the reason. Names that people gave are
//! in [`crate::promotion`]. Start at [`list`].

use crate::{
    Home, Layout, RunDir, RunId, RunsError, Track,
    checkpoints::{Contents, Mark, marked},
    passport::{Origin, Passport},
};
use domain::{Phrase, phrase};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Which model: `<run>/<seed>/best` or `<run>/<seed>/last`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModelId {
    /// The run.
    pub run: RunId,
    /// The seed.
    pub seed: u64,
    /// Which checkpoint of that seed.
    pub mark: Mark,
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.run, self.seed, self.mark)
    }
}

impl FromStr for ModelId {
    type Err = RunsError;

    fn from_str(text: &str) -> Result<Self, RunsError> {
        let parsed = || {
            let (rest, mark) = text.rsplit_once('/')?;
            let (run, seed) = rest.rsplit_once('/')?;
            Some(Self {
                run: run.parse().ok()?,
                seed: seed.parse().ok()?,
                mark: mark.parse().ok()?,
            })
        };
        parsed().ok_or_else(|| no_model(text))
    }
}

/// A model of the list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Model {
    /// Which one.
    pub id: ModelId,
    /// Its checkpoint's directory; that of all checkpoints where none is known.
    pub path: PathBuf,
    /// What it was made of; `None` where that cannot be read.
    pub passport: Option<Passport>,
    /// What is wrong with it.
    pub problem: Option<Phrase>,
}

/// Lists the models of all runs, newest run first, then by seed, the best before the last.
///
/// # Errors
/// The operating system's error on the home itself; single runs never fail the list.
pub fn list(home: &Home) -> Result<Vec<Model>, RunsError> {
    let ids = home.ids()?;
    let newest_first = ids.into_iter().rev();
    Ok(newest_first
        .flat_map(|id| of_run(&home.run(&id), &id))
        .collect())
}

/// Lists the models of the run `id` at `path`.
#[must_use]
pub fn of_run(path: &Path, id: &RunId) -> Vec<Model> {
    let seeds = seeds(path);
    if seeds.is_empty() {
        return Vec::new();
    }
    let origin = RunDir::open_path(path).and_then(|run| Origin::read(&run));
    let mut models = Vec::new();
    for seed in seeds {
        let checkpoints = Layout::of(path, Track::Seed(seed)).checkpoints();
        for mark in Mark::ALL {
            let id = ModelId {
                run: id.clone(),
                seed,
                mark,
            };
            if let Some(step) = marked(&checkpoints, mark) {
                models.push(read(id, &checkpoints, step, origin.as_ref()));
            }
        }
    }
    models
}

fn read(id: ModelId, checkpoints: &Path, step: u64, origin: Result<&Origin, &RunsError>) -> Model {
    let path = checkpoints.join(step.to_string());
    let contents = Contents::read(&path);
    let whole = contents
        .as_ref()
        .map_err(brief)
        .and_then(|contents| contents.glance(&path).map_err(|error| brief(&error)));
    let problem = origin.map_err(brief).err().or(whole.err());
    let passport = match (origin, contents) {
        (Ok(origin), Ok(contents)) => {
            let which = (id.seed, id.mark);
            Some(Passport::of(origin, which, contents, checkpoints))
        }
        _ => None,
    };
    Model {
        id,
        path,
        passport,
        problem,
    }
}

/// Words an error in a line of its own, where the path stands beside it anyway.
pub(crate) fn brief(error: &RunsError) -> Phrase {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    match error {
        RunsError::Corrupt { path, what } => {
            let (name, Phrase { en, ko }) = (name(path), what);
            phrase!("{name}: {en}", "{name}: {ko}")
        }
        RunsError::NewerFormat { found, known, .. } => phrase!(
            "a newer makook wrote it (format {found}, here up to {known})",
            "더 새로운 makook이 썼습니다(형식 {found}, 여기는 {known}까지)"
        ),
        RunsError::Io { path, source, .. } => {
            let name = name(path);
            phrase!(
                "{name}: cannot be read: {source}",
                "{name}: 읽을 수 없습니다: {source}"
            )
        }
        other => other.says(),
    }
}

fn seeds(run: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(Layout::new(run).seeds());
    let mut seeds: Vec<u64> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    seeds.sort_unstable();
    seeds
}

/// Finds the model that a user names: `RUN`, `RUN/SEED` or `RUN/SEED/best`, where a run is named
/// as everywhere; without a seed the one with the best score, without a mark the best checkpoint,
/// else the last.
///
/// # Errors
/// `NotFound` where there is no such model, or what naming the run says.
pub fn find(home: &Home, asked: &str) -> Result<Model, RunsError> {
    let mut parts = asked.splitn(3, '/');
    let run = parts.next().unwrap_or_default();
    let seed = parts.next().map(str::parse::<u64>).transpose();
    let mark = parts.next().map(str::parse::<Mark>).transpose();
    let (Ok(seed), Ok(mark)) = (seed, mark) else {
        return Err(no_model(asked));
    };
    let path = home.find(run)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let models = of_run(&path, &name.parse()?);
    let fits = |model: &Model| {
        seed.is_none_or(|seed| model.id.seed == seed)
            && mark.is_none_or(|mark| model.id.mark == mark)
    };
    let score = |model: &Model| {
        let passport = model.passport.as_ref();
        let score = passport.and_then(|passport| passport.score);
        score.unwrap_or(f64::NEG_INFINITY)
    };
    // A best checkpoint goes before a last one, then the higher score counts.
    let chosen = models.into_iter().filter(fits).reduce(|a, b| {
        let better = b.id.mark < a.id.mark || b.id.mark == a.id.mark && score(&b) > score(&a);
        if better { b } else { a }
    });
    chosen.ok_or_else(|| no_model(asked))
}

fn no_model(asked: &str) -> RunsError {
    RunsError::Invalid {
        what: phrase!(
            "there is no model `{asked}`",
            "`{asked}`(이)라는 모델이 없습니다"
        ),
        hint: domain::Text::new(
            "see `makook models list`; RUN, RUN/SEED and RUN/SEED/best or last will do",
            "`makook models list`로 목록을 보세요. 실행, 실행/시드, 실행/시드/best 또는 last로 적습니다",
        ),
    }
}
