//! Data sets as they lie in the store, read from the manifests that an import leaves beside the
//! bars, and files that could be imported.
//!
//! The bars themselves are the worker's business. A manifest that cannot be read stays in the list
//! with the reason. Start at [`read`].

use domain::{Fault, Nanos, Phrase, Timeframe, Timeline, phrase, timeline::Marks};
use runs::{Home, RunDir, RunId, passport::DataOrigin, passport::Origin};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The newest manifest format that is read here.
const FORMAT: u32 = 1;
/// A manifest lists ten thousand gaps at most; anything larger is none.
const LARGEST: u64 = 16 << 20;
/// Files that are offered at most.
const MOST_FILES: usize = 200;
/// Folders below `data/` that are looked into.
const DEPTH: usize = 3;
/// Stretches of time in which missing bars are counted: more than a wide terminal has columns.
const STRETCHES: usize = 1_024;

/// Everything on the shelf.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataNews {
    /// Data sets, by name.
    pub sets: Vec<DataSet>,
    /// Files that no data set comes from, by path.
    pub files: Vec<LooseFile>,
}

/// A data set.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSet {
    /// Its name.
    pub name: String,
    /// What its manifest says, or why it cannot be read.
    pub facts: Result<SetFacts, Phrase>,
    /// Runs that read these very bars, newest first.
    pub used_by: Vec<RunId>,
    /// How many runs read other bars under the same name.
    pub used_otherwise: usize,
}

/// A file that could be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseFile {
    /// Relative to the project.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Whether makook comes with it.
    pub shipped: bool,
}

/// What a manifest says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SetFacts {
    /// Instrument.
    pub symbol: String,
    /// Length of a bar.
    pub timeframe: Timeframe,
    /// Where the bars came from.
    pub source: Source,
    /// Identifies the bars.
    #[serde(default)]
    pub bars_hash: String,
    /// What they cover.
    pub coverage: Coverage,
    /// Missing bars, oldest first.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// How many bars carry each mark, by the mark's name.
    #[serde(default)]
    pub flags: BTreeMap<String, u64>,
    /// Everything found in the source, with counts.
    #[serde(default)]
    pub found: BTreeMap<String, u64>,
    /// Everything repaired.
    #[serde(default)]
    pub repairs: Vec<Repair>,
    /// Version of makook that imported.
    #[serde(default)]
    pub importer: String,
    /// When it was imported.
    #[serde(default)]
    pub imported_at: Nanos,
    /// Where bars carry marks; `None` when an older makook imported them.
    #[serde(skip)]
    pub timeline: Option<Timeline>,
    /// Which share of each stretch of time is missing.
    #[serde(skip)]
    missing: Vec<f32>,
}

/// Where bars came from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Source {
    /// Path as the user named it.
    pub path: String,
    /// BLAKE3 of the file.
    pub hash: String,
    /// Its length.
    pub bytes: u64,
}

/// What bars cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Coverage {
    /// Number of bars.
    pub bars: u64,
    /// Open time of the first bar.
    pub from: Nanos,
    /// Open time of the last bar.
    pub to: Nanos,
    /// Number of gaps.
    pub gaps: u64,
    /// Bars missing in all gaps together.
    pub missing_bars: u64,
}

/// Missing bars between two neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Gap {
    /// Open time of the bar before.
    pub after: Nanos,
    /// Open time of the bar behind.
    pub until: Nanos,
    /// Bars missing between them.
    pub missing: u64,
}

/// One kind of fault that was repaired.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Repair {
    /// What was wrong.
    pub fault: String,
    /// The policy that dealt with it.
    pub policy: String,
    /// How often.
    pub count: u64,
}

/// What stands in one cell of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// Every bar, none with a mark.
    Full,
    /// Some bars are missing.
    Part,
    /// Half of the bars or more are missing.
    Gap,
    /// A bar is marked as odd.
    Flagged,
    /// A bar was repaired or made by a repair.
    Mended,
}

impl SetFacts {
    /// Returns the data set's time in `width` cells of equal length.
    #[must_use]
    pub fn stretches(&self, width: usize) -> Vec<Stretch> {
        let (from, to) = (self.coverage.from, self.coverage.to);
        let step = |cell: usize| {
            let span = i128::from(to.0) - i128::from(from.0);
            let into = span * cell as i128 / width.max(1) as i128;
            Nanos(i64::try_from(i128::from(from.0) + into).unwrap_or(to.0))
        };
        (0..width)
            .map(|cell| {
                let ends = (step(cell), step(cell + 1));
                let timeline = self.timeline.as_ref();
                let marks = timeline.map(|timeline| timeline.between(ends.0, ends.1));
                stretch(self.missing_in(cell, width), marks.unwrap_or_default())
            })
            .collect()
    }

    /// Returns the largest share that is missing in the stretches of one cell.
    fn missing_in(&self, cell: usize, width: usize) -> f32 {
        let count = self.missing.len();
        let first = cell * count / width;
        let last = ((cell + 1) * count / width).max(first + 1).min(count);
        let stretches = self.missing.get(first..last).unwrap_or_default();
        let sum: f32 = stretches.iter().sum();
        sum / stretches.len().max(1) as f32
    }

    /// Returns how many bars carry a mark other than of a gap or a repair.
    #[must_use]
    pub fn flagged(&self) -> u64 {
        let odd = ["zero_volume", "outlier", "off_grid"];
        let counts = odd.iter().filter_map(|name| self.flags.get(*name));
        counts.sum()
    }

    /// Returns what was found besides gaps, with counts and what helps.
    pub fn findings(&self) -> impl Iterator<Item = (Fault, u64)> {
        let known = self.found.iter();
        known.filter_map(|(name, count)| Some((Fault::named(name)?, *count)))
    }

    /// Counts which share of each stretch of time the gaps take.
    fn count_missing(&mut self) {
        let (from, to) = (self.coverage.from.0, self.coverage.to.0);
        let span = (to as f64 - from as f64).max(1.0);
        let mut missing = vec![0.0_f32; STRETCHES];
        let place = |time: i64| (time as f64 - from as f64) / span * STRETCHES as f64;
        for gap in &self.gaps {
            let start = place(gap.after.0.saturating_add(self.timeframe.nanos()));
            let end = place(gap.until.0).min(STRETCHES as f64);
            let mut at = start.max(0.0);
            while at < end {
                let cell = at as usize;
                let next = (at.floor() + 1.0).min(end);
                if let Some(share) = missing.get_mut(cell) {
                    *share += (next - at) as f32;
                }
                at = next;
            }
        }
        self.missing = missing;
    }
}

fn stretch(missing: f32, marks: Marks) -> Stretch {
    match (missing, marks) {
        (0.5.., _) => Stretch::Gap,
        (_, Marks { flagged: true, .. }) => Stretch::Flagged,
        (_, Marks { mended: true, .. }) => Stretch::Mended,
        (share, _) if share > 0.0 => Stretch::Part,
        _ => Stretch::Full,
    }
}

/// Reads the store below `data`, looks for files to import in `project`, and tells which runs of
/// `home` read what; `known` keeps what is settled about runs between looks.
///
/// # Errors
/// Why the store cannot be listed.
pub fn read(
    (data, project): (&Path, &Path),
    home: &Home,
    known: &mut BTreeMap<RunId, DataOrigin>,
) -> Result<DataNews, Phrase> {
    let mut sets = stored(&data.join("store"))?;
    let uses = uses(home, known);
    for set in &mut sets {
        let hash = set.facts.as_ref().map(|facts| facts.bars_hash.clone());
        let of_set = uses.iter().filter(|(_, origin)| origin.set == set.name);
        for (run, origin) in of_set {
            match hash.as_deref() == Ok(origin.hash.as_str()) {
                true => set.used_by.push(run.clone()),
                // Before its data were read a run has used none.
                false if origin.hash.is_empty() => {}
                false => set.used_otherwise += 1,
            }
        }
    }
    let files = loose(project, data, &sets);
    Ok(DataNews { sets, files })
}

fn stored(store: &Path) -> Result<Vec<DataSet>, Phrase> {
    let entries = match fs::read_dir(store) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let store = store.display();
            return Err(phrase!(
                "{store} cannot be listed: {error}",
                "{store} 폴더를 읽을 수 없습니다: {error}"
            ));
        }
    };
    let mut sets: Vec<DataSet> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| DataSet {
            name: entry.file_name().to_string_lossy().into_owned(),
            facts: facts(&entry.path()),
            used_by: Vec::new(),
            used_otherwise: 0,
        })
        .filter(|set| !set.name.starts_with('.'))
        .collect();
    sets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sets)
}

/// Reads the manifest of the set in the directory `set`.
fn facts(set: &Path) -> Result<SetFacts, Phrase> {
    #[derive(Deserialize)]
    struct Versioned {
        format: u32,
    }
    let damaged = |error: String| {
        phrase!(
            "the manifest is damaged: {error}; import the source again",
            "매니페스트가 손상되었습니다: {error}. 원본을 다시 가져오세요"
        )
    };
    let path = set.join("manifest.json");
    let length = fs::metadata(&path).map(|meta| meta.len());
    let bytes = match length {
        Ok(0..=LARGEST) => fs::read(&path),
        Ok(_) => Err(io::Error::other("too large")),
        Err(error) => Err(error),
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Phrase::new(
            "no manifest: an import was broken off here; import the source again",
            "매니페스트가 없습니다. 가져오다가 중단된 데이터입니다. 원본을 다시 가져오세요",
        ),
        _ => damaged(error.to_string()),
    })?;
    let parsed = serde_json::from_slice(&bytes);
    let Versioned { format } = parsed.map_err(|error| damaged(error.to_string()))?;
    if format > FORMAT {
        return Err(phrase!(
            "a newer makook wrote it (format {format}, here up to {FORMAT}); update makook",
            "더 새로운 makook이 썼습니다(형식 {format}, 여기는 {FORMAT}까지). makook을 업데이트하세요"
        ));
    }
    let parsed = serde_json::from_slice(&bytes);
    let mut facts: SetFacts = parsed.map_err(|error| damaged(error.to_string()))?;
    let timeline = set.join(Timeline::FILE);
    let small = fs::metadata(&timeline).is_ok_and(|meta| meta.len() <= LARGEST);
    let bytes = fs::read(&timeline).ok().filter(|_| small);
    facts.timeline = bytes.and_then(|bytes| Timeline::parse(&bytes, &facts.bars_hash));
    facts.count_missing();
    Ok(facts)
}

/// Returns which data each run read, newest run first.
fn uses(home: &Home, known: &mut BTreeMap<RunId, DataOrigin>) -> Vec<(RunId, DataOrigin)> {
    let ids = home.ids().unwrap_or_default();
    known.retain(|id, _| ids.binary_search(id).is_ok());
    let mut uses = Vec::new();
    for id in ids.into_iter().rev() {
        if let Some(origin) = known.get(&id) {
            uses.push((id, origin.clone()));
            continue;
        }
        let read = RunDir::open_path(&home.run(&id)).and_then(|run| Origin::read(&run));
        let Ok(Origin { data, .. }) = read else {
            continue;
        };
        // Until its data are read, a run may still come to use some.
        if !data.hash.is_empty() {
            known.insert(id.clone(), data.clone());
        }
        uses.push((id, data));
    }
    uses
}

/// Returns the files of `project` and its folder `data` that no set of `sets` comes from.
fn loose(project: &Path, data: &Path, sets: &[DataSet]) -> Vec<LooseFile> {
    let data = project.join(data);
    let mut found = Vec::new();
    collect(project, 0, &mut found);
    for folder in [project.join("data"), data.clone()] {
        collect(&folder, DEPTH, &mut found);
    }
    let own = [data.join("store"), data.join("cache")];
    found.retain(|(path, _)| own.iter().all(|own| !path.starts_with(own)));
    found.sort();
    found.dedup();
    let taken = |path: &Path| {
        let facts = sets.iter().filter_map(|set| set.facts.as_ref().ok());
        let mut sources = facts.map(|facts| project.join(&facts.source.path));
        sources.any(|source| source == path)
    };
    found
        .into_iter()
        .filter(|(path, _)| !taken(path))
        .take(MOST_FILES)
        .map(|(path, bytes)| LooseFile {
            shipped: path.starts_with(project.join("data/sample")),
            path: path.strip_prefix(project).unwrap_or(&path).to_owned(),
            bytes,
        })
        .collect()
}

/// Adds the files of `folder` that an import reads, `depth` folders down.
fn collect(folder: &Path, depth: usize, found: &mut Vec<(PathBuf, u64)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() && depth > 0 {
            collect(&path, depth - 1, found);
        } else if meta.is_file() && is_readable(&path) {
            found.push((path, meta.len()));
        }
    }
}

fn is_readable(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    let kinds = [".csv", ".csv.gz", ".parquet"];
    kinds.iter().any(|kind| name.ends_with(kind))
}
