//! The store: one directory a data set, with its bars as Parquet and its manifest beside them.
//!
//! `<data>/store/<name>/manifest.json` names the Parquet file and its hash, and is replaced in one
//! step; a set is whole or not there, whatever kills the process. `timeline.json` beside it shows
//! where bars carry marks. Bars are checked against their manifest whenever they are loaded. Start
//! at [`Store`].

use crate::{
    bars_file,
    csv::Scanned,
    error::{DataError, Doing},
    findings::Findings,
    import::{Report, audit},
    manifest::{FlagCounts, Manifest, PriceKind},
    report::CheckReport,
    source::hash_file,
    spec::{Existing, ImportSpec},
    table::Table,
};
use domain::{Bars, Place, Timeline, durable, phrase};
use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

const MANIFEST: &str = "manifest.json";

/// The data sets of one data directory.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

/// One name in the store.
#[derive(Debug)]
pub struct StoreEntry {
    /// Its name.
    pub name: String,
    /// Its manifest, or why it cannot be read.
    pub manifest: Result<Manifest, DataError>,
}

impl Store {
    /// Returns the store of the data directory `data`, which need not exist yet.
    #[must_use]
    pub fn at(data: &Path) -> Self {
        Self {
            root: data.join("store"),
        }
    }

    /// Returns every data set, by name; none where there is no store yet.
    ///
    /// # Errors
    /// What the operating system refused.
    pub fn list(&self) -> Result<Vec<StoreEntry>, DataError> {
        let directory = match fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(DataError::io(Doing::List, &self.root))?,
        };
        let mut entries = Vec::new();
        for entry in directory {
            let path = entry
                .map_err(DataError::io(Doing::List, &self.root))?
                .path();
            let manifest = path.join(MANIFEST);
            if let Some(name) = path.file_name().and_then(|name| name.to_str())
                && manifest.is_file()
            {
                entries.push(StoreEntry {
                    name: name.to_owned(),
                    manifest: Manifest::read(&manifest),
                });
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Returns the manifest of one data set.
    ///
    /// # Errors
    /// [`DataError::NotFound`], [`DataError::NewerFormat`], [`DataError::BadManifest`], or what the
    /// operating system refused.
    pub fn describe(&self, name: &str) -> Result<Manifest, DataError> {
        valid_name(name)?;
        let path = self.root.join(name).join(MANIFEST);
        if !path.exists() {
            let known = self.list()?.into_iter().map(|entry| entry.name).collect();
            return Err(DataError::NotFound {
                name: name.to_owned(),
                known,
            });
        }
        Manifest::read(&path)
    }

    /// Loads a data set: its manifest, and bars that were checked against it.
    ///
    /// # Errors
    /// As [`describe`](Self::describe); [`DataError::Changed`] when the bars are not those that the
    /// manifest describes; [`DataError::Parquet`] when they cannot be read.
    pub fn load(&self, name: &str) -> Result<(Manifest, Bars), DataError> {
        let manifest = self.describe(name)?;
        match self.load_bars(&manifest) {
            // Replaced since the manifest was read: the new manifest names the new file.
            Err(DataError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let manifest = self.describe(name)?;
                let bars = self.load_bars(&manifest)?;
                Ok((manifest, bars))
            }
            other => Ok((manifest, other?)),
        }
    }

    fn load_bars(&self, manifest: &Manifest) -> Result<Bars, DataError> {
        let path = self.bars_path(manifest);
        let hash = hash_file(&path).map_err(DataError::io(Doing::Read, &path))?;
        if hash != manifest.bars_file_hash {
            return Err(DataError::Changed {
                path,
                expected: short(&manifest.bars_file_hash),
                found: short(&hash),
            });
        }
        bars_file::read(&path, &manifest.symbol, manifest.timeframe)
    }

    /// Returns where the bars of `manifest` lie.
    #[must_use]
    pub fn bars_path(&self, manifest: &Manifest) -> PathBuf {
        self.root.join(&manifest.name).join(&manifest.bars_file)
    }

    /// Checks a stored set again: its hashes, its bars, and whether its source is still the same.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn validate(&self, name: &str) -> Result<CheckReport, DataError> {
        let (manifest, bars) = self.load(name)?;
        let path = self.bars_path(&manifest).to_string_lossy().into_owned();
        let mut findings = Findings::new(&path);
        let hash = bars_hash(&bars);
        let mut scanned = Scanned {
            table: table_of(&bars),
            source_hash: String::new(),
            rows_read: manifest.coverage.bars,
            rows_without_price: 0,
            close_only: manifest.prices == PriceKind::CloseOnly,
            has_volume: manifest.has_volume,
            symbol: None,
        };
        let mut spec = ImportSpec::named(name);
        spec.timeframe = crate::Detect::Given(manifest.timeframe);
        spec.calendar = crate::Detect::Given(manifest.calendar);
        spec.outliers = manifest.spec.outliers;
        audit(&mut scanned, &spec, &mut findings);
        let mut problems = findings.problems(&spec.repair);
        if hash != manifest.bars_hash {
            problems.error(
                Place::Path(path),
                phrase!(
                    "the bars are not those that the manifest describes",
                    "봉 데이터가 매니페스트의 내용과 다릅니다"
                ),
                phrase!("import the source again", "원본을 다시 가져오세요"),
            );
        }
        if let Ok(hash) = hash_file(Path::new(&manifest.source.path))
            && hash != manifest.source.hash
        {
            problems.warn(
                Place::Path(manifest.source.path.clone()),
                phrase!(
                    "the source changed since it was imported",
                    "가져온 뒤에 원본이 바뀌었습니다"
                ),
                phrase!(
                    "import it again if the change is wanted here",
                    "바뀐 내용이 필요하면 다시 가져오세요"
                ),
            );
        }
        Ok(CheckReport {
            found: findings.counts(),
            manifest: Some(manifest),
            problems,
        })
    }

    /// Removes a data set.
    ///
    /// # Errors
    /// As [`describe`](Self::describe).
    pub fn remove(&self, name: &str) -> Result<(), DataError> {
        valid_name(name)?;
        let directory = self.root.join(name);
        let manifest = directory.join(MANIFEST);
        if !manifest.exists() {
            self.describe(name)?;
        }
        // Without its manifest it is no data set any more, whatever happens next.
        fs::remove_file(&manifest).map_err(DataError::io(Doing::Remove, &manifest))?;
        fs::remove_dir_all(&directory).map_err(DataError::io(Doing::Remove, &directory))
    }

    /// Returns an error early, before a long import, when the name cannot be used.
    pub(crate) fn check_name(&self, spec: &ImportSpec) -> Result<(), DataError> {
        valid_name(&spec.name)?;
        let taken = self.root.join(&spec.name).join(MANIFEST).exists();
        if taken && spec.existing == Existing::Refuse {
            return Err(DataError::Exists(spec.name.clone()));
        }
        Ok(())
    }

    /// Writes the bars, then the manifest that makes them a data set.
    pub(crate) fn save(
        &self,
        mut manifest: Manifest,
        bars: &Bars,
        existing: Existing,
        report: &mut Report<'_>,
    ) -> Result<Manifest, DataError> {
        let directory = self.root.join(&manifest.name);
        fs::create_dir_all(&directory).map_err(DataError::io(Doing::Create, &directory))?;
        let temporary = directory.join(format!("bars.{}.tmp", std::process::id()));
        let saved = bars_file::write(bars, &temporary, report).and_then(|hash| {
            manifest.bars_file = format!("bars-{}.parquet", &hash[..16]);
            manifest.bars_file_hash = hash;
            manifest.bars_hash = bars_hash(bars);
            manifest.flags = FlagCounts::of(&bars.flags);
            let path = directory.join(&manifest.bars_file);
            fs::rename(&temporary, &path).map_err(DataError::io(Doing::Write, &path))?;
            if let Some(timeline) = Timeline::of(bars, &manifest.bars_hash) {
                let path = directory.join(Timeline::FILE);
                durable::replace(&path, &timeline.bytes())
                    .map_err(DataError::io(Doing::Write, &path))?;
            }
            publish(&directory.join(MANIFEST), &manifest, existing)
        });
        if let Err(error) = saved {
            let _ = fs::remove_file(&temporary);
            let _ = fs::remove_dir(&directory);
            return Err(error);
        }
        remove_others(&directory, &manifest.bars_file);
        Ok(manifest)
    }
}

fn publish(path: &Path, manifest: &Manifest, existing: Existing) -> Result<(), DataError> {
    let mut bytes =
        serde_json::to_vec_pretty(manifest).map_err(|error| DataError::BadManifest {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
    bytes.push(b'\n');
    let published = match existing {
        Existing::Refuse => durable::publish_once(path, &bytes),
        Existing::Replace => durable::replace(path, &bytes),
    };
    match published {
        // Another import of the same name was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(DataError::Exists(manifest.name.clone()))
        }
        other => other.map_err(DataError::io(Doing::Write, path)),
    }
}

/// Removes bars that no manifest names any more; what cannot be removed only costs space.
fn remove_others(directory: &Path, keep: &str) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let stale = name.starts_with("bars") && name != keep;
        if stale {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns the blake3 of the bars themselves: symbol, timeframe and columns as little-endian bytes.
fn bars_hash(bars: &Bars) -> String {
    fn words(hasher: &mut blake3::Hasher, values: impl Iterator<Item = u64>) {
        let mut buffer = Vec::with_capacity(1 << 16);
        for value in values {
            buffer.extend_from_slice(&value.to_le_bytes());
            if buffer.len() == 1 << 16 {
                hasher.update(&buffer);
                buffer.clear();
            }
        }
        hasher.update(&buffer);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(bars.symbol.as_bytes());
    words(
        &mut hasher,
        [
            bars.symbol.len() as u64,
            bars.timeframe.nanos() as u64,
            bars.len() as u64,
        ]
        .into_iter(),
    );
    words(&mut hasher, bars.open_time.iter().map(|time| time.0 as u64));
    for column in [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume] {
        words(&mut hasher, column.iter().map(|value| value.to_bits()));
    }
    let flags: Vec<u8> = bars.flags.iter().map(|flag| flag.0).collect();
    hasher.update(&flags);
    hasher.finalize().to_hex().to_string()
}

fn table_of(bars: &Bars) -> Table {
    let mut table = Table::default();
    for index in 0..bars.len() {
        let candle = [
            bars.open[index],
            bars.high[index],
            bars.low[index],
            bars.close[index],
            bars.volume[index],
        ];
        table.push(index + 1, bars.open_time[index].0, candle);
    }
    table
}

fn valid_name(name: &str) -> Result<(), DataError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if starts_well && name.len() <= 100 && name.chars().all(allowed) {
        Ok(())
    } else {
        Err(DataError::BadName(name.to_owned()))
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// Goes on whatever the progress; for callers that show none.
pub fn quiet(_: crate::Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
