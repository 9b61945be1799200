//! From a source file to a stored data set: read, check, repair what was asked for, store.
//!
//! Owns the order of the steps. A source is read once; every fault in it is reported together.
//! Start at [`import()`].

use crate::{
    csv::{self, Scanned},
    envelope,
    error::DataError,
    fault::Fault,
    findings::Findings,
    grid::{self, Grid},
    manifest::{
        Coverage, FlagCounts, Gap, LISTED_GAPS, MANIFEST_FORMAT, Manifest, PriceKind, Source,
    },
    marks, order, parquet,
    report::{CheckReport, ImportReport},
    source::{Format, SourceFile},
    spec::ImportSpec,
    store::Store,
    table::Table,
};
use domain::{BarFlags, Bars, Clock, Nanos, Text, phrase};
use std::{ops::ControlFlow, path::Path};

/// What an import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading the source; counted in bytes (CSV) or rows (Parquet).
    Reading,
    /// Checking the bars; counted in bars.
    Checking,
    /// Writing the store; counted in bars.
    Writing,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
}

/// Tells progress, and hears whether to go on.
pub(crate) struct Report<'a>(&'a mut dyn FnMut(Progress) -> ControlFlow<()>);

impl<'a> Report<'a> {
    pub(crate) fn new(callback: &'a mut dyn FnMut(Progress) -> ControlFlow<()>) -> Self {
        Self(callback)
    }

    pub(crate) fn tell(&mut self, progress: Progress) -> Result<(), DataError> {
        match (self.0)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(DataError::Cancelled),
        }
    }
}

/// Imports the candles of `source` into `store` under `spec.name`.
///
/// `progress` is called every few ten thousand rows and may break off the import; nothing is
/// stored then. A kill at any time leaves the store as it was or with the new set whole.
///
/// # Errors
/// [`DataError::Rejected`] with every fault that no policy covers; [`DataError::Exists`] when the
/// name is taken; otherwise what the operating system refused.
pub fn import(
    source: &Path,
    spec: &ImportSpec,
    store: &Store,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportReport, DataError> {
    let mut report = Report::new(progress);
    store.check_name(spec)?;
    let (draft, bars, findings) = read(source, spec, clock.now(), &mut report)?;
    let manifest = store.save(draft, &bars, spec.existing, &mut report)?;
    Ok(ImportReport {
        manifest,
        warnings: findings.problems(&spec.repair),
    })
}

/// Checks the candles of `source` without storing anything.
///
/// # Errors
/// What the operating system refused. Faults in the source are not errors here but the answer.
pub fn check(
    source: &Path,
    spec: &ImportSpec,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<CheckReport, DataError> {
    let mut report = Report::new(progress);
    match read(source, spec, clock.now(), &mut report) {
        Ok((manifest, _, findings)) => Ok(CheckReport {
            manifest: Some(manifest),
            found: findings.counts(),
            problems: findings.problems(&spec.repair),
        }),
        Err(DataError::Rejected(problems)) => Ok(CheckReport {
            manifest: None,
            found: std::collections::BTreeMap::new(),
            problems,
        }),
        Err(error) => Err(error),
    }
}

/// Reads, checks and repairs; the manifest lacks only what storing adds.
pub(crate) fn read(
    source: &Path,
    spec: &ImportSpec,
    now: Nanos,
    report: &mut Report<'_>,
) -> Result<(Manifest, Bars, Findings), DataError> {
    let path = source.to_string_lossy().into_owned();
    let mut findings = Findings::new(&path);
    let file = SourceFile::open(source)?;
    let bytes = file.length;
    let scanned = match file.format {
        Format::Parquet => parquet::scan(file, source, spec, &mut findings, report)?,
        Format::Text | Format::Gzip => csv::scan(file, source, spec, &mut findings, report)?,
        Format::Empty => {
            findings.file(Fault::Empty, || {
                phrase!("the file is empty", "파일이 비어 있습니다")
            });
            None
        }
        Format::Other(what) => {
            findings.file(Fault::Unreadable, || {
                let Text { en, ko } = what;
                phrase!(
                    "the file is {en}, not CSV or Parquet",
                    "CSV나 Parquet이 아니라 {ko}입니다"
                )
            });
            None
        }
    };
    let checked = match scanned {
        Some(mut scanned) => {
            report.tell(Progress {
                stage: Stage::Checking,
                done: 0,
                total: scanned.table.len() as u64,
            })?;
            audit(&mut scanned, spec, &mut findings).map(|found| (scanned, found))
        }
        None => None,
    };
    if findings.stops(&spec.repair) {
        return Err(DataError::Rejected(findings.problems(&spec.repair)));
    }
    let (scanned, (grid, gaps)) =
        checked.expect("an import without a grid has a fault that stops it");
    let table = scanned.table;
    let symbol = match spec.symbol.given().cloned().or(scanned.symbol) {
        Some(symbol) => symbol,
        None => spec.name.clone(),
    };
    let coverage = Coverage {
        bars: table.len() as u64,
        from: Nanos(table.time[0]),
        to: Nanos(table.time[table.len() - 1]),
        gaps: gaps.len() as u64,
        missing_bars: gaps.iter().map(|gap| gap.missing).sum(),
    };
    let manifest = Manifest {
        format: MANIFEST_FORMAT,
        name: spec.name.clone(),
        symbol: symbol.clone(),
        timeframe: grid.timeframe,
        prices: if scanned.close_only {
            PriceKind::CloseOnly
        } else {
            PriceKind::Candle
        },
        has_volume: scanned.has_volume,
        calendar: grid.calendar,
        source: Source {
            path,
            hash: scanned.source_hash,
            bytes,
            rows_read: scanned.rows_read,
            rows_without_price: scanned.rows_without_price,
        },
        bars_file: String::new(),
        bars_file_hash: String::new(),
        bars_hash: String::new(),
        coverage,
        flags: FlagCounts::of(&table.flags),
        gaps: gaps.into_iter().take(LISTED_GAPS).collect(),
        found: findings.counts(),
        repairs: findings.repairs(&spec.repair),
        spec: spec.clone(),
        importer: format!("makook {}", env!("CARGO_PKG_VERSION")),
        imported_at: now,
    };
    Ok((manifest, into_bars(table, &symbol, grid), findings))
}

/// Checks rows against each other; `None` when there is nothing left or no grid to check on.
pub(crate) fn audit(
    scanned: &mut Scanned,
    spec: &ImportSpec,
    findings: &mut Findings,
) -> Option<(Grid, Vec<Gap>)> {
    let table = &mut scanned.table;
    if table.len() == 0 {
        let symbol_missing = findings.counts().contains_key(&Fault::Symbol);
        if !symbol_missing {
            findings.file(Fault::Empty, || {
                let rows = scanned.rows_read;
                phrase!(
                    "none of its {rows} rows can be used",
                    "행 {rows}개 가운데 쓸 수 있는 행이 없습니다"
                )
            });
        }
        return None;
    }
    table.flags = vec![BarFlags::CLEAN; table.len()];
    order::put_in_order(table, &spec.repair, findings);
    envelope::check(table, &spec.repair, findings);
    if table.len() == 0 {
        findings.file(Fault::Empty, || {
            phrase!(
                "no row is left after repairs",
                "수정하고 나니 남은 행이 없습니다"
            )
        });
        return None;
    }
    let grid = grid::lay(table, spec, findings)?;
    if scanned.has_volume {
        marks::zero_volume(table, findings);
    }
    marks::outliers(table, spec.outliers, findings);
    let gaps = grid.gaps(table, &spec.repair, findings);
    Some((grid, gaps))
}

fn into_bars(table: Table, symbol: &str, grid: Grid) -> Bars {
    Bars {
        symbol: symbol.to_owned(),
        timeframe: grid.timeframe,
        open_time: table.time.into_iter().map(Nanos).collect(),
        open: table.open,
        high: table.high,
        low: table.low,
        close: table.close,
        volume: table.volume,
        flags: table.flags,
    }
}
