//! What is known of a stored data set, beside its bars: where it came from, what it covers, what
//! is wrong with it and what was repaired.

use crate::{
    error::{DataError, Doing},
    fault::Fault,
    spec::{Calendar, ImportSpec},
};
use domain::{BarFlags, Nanos, Timeframe};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// The newest manifest format that this makook reads and the one it writes.
pub const MANIFEST_FORMAT: u32 = 1;

/// Most gaps that a manifest lists one by one; [`Coverage::gaps`] counts them all.
pub(crate) const LISTED_GAPS: usize = 10_000;

/// What is known of a stored data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format of this manifest.
    pub format: u32,
    /// Name in the store.
    pub name: String,
    /// Instrument.
    pub symbol: String,
    /// Length of a bar.
    pub timeframe: Timeframe,
    /// Whether bars are candles or one price each.
    pub prices: PriceKind,
    /// Whether the source has a volume; without one `volume` is zero and not flagged.
    pub has_volume: bool,
    /// When the market trades, by which gaps were told.
    pub calendar: Calendar,
    /// Where the bars came from.
    pub source: Source,
    /// Name of the Parquet file beside the manifest.
    pub bars_file: String,
    /// Blake3 of the Parquet file; checked at every load.
    pub bars_file_hash: String,
    /// Blake3 of the bars themselves, whatever file they are in; identifies the data.
    pub bars_hash: String,
    /// What the bars cover.
    pub coverage: Coverage,
    /// Missing bars, oldest first; at most 10,000 are listed.
    pub gaps: Vec<Gap>,
    /// How many bars carry each quality mark.
    pub flags: FlagCounts,
    /// Everything found in the source, with counts.
    pub found: BTreeMap<Fault, u64>,
    /// Everything repaired, with the policy that did it.
    pub repairs: Vec<Repair>,
    /// What the import was told.
    pub spec: ImportSpec,
    /// Version of makook that imported.
    pub importer: String,
    /// When it was imported.
    pub imported_at: Nanos,
}

/// Whether bars are candles or one price each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceKind {
    /// Open, high, low and close as published.
    Candle,
    /// The source has one price a bar; open, high and low repeat it.
    CloseOnly,
}

/// Where bars came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Path as the user named it.
    pub path: String,
    /// Blake3 of the file.
    pub hash: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Rows read, header not counted.
    pub rows_read: u64,
    /// Rows of a wide panel in which the instrument has no price.
    pub rows_without_price: u64,
}

/// What bars cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Open time of the bar before.
    pub after: Nanos,
    /// Open time of the bar behind.
    pub until: Nanos,
    /// Bars missing between them.
    pub missing: u64,
}

/// One kind of fault that was repaired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repair {
    /// What was wrong.
    pub fault: Fault,
    /// The policy that dealt with it.
    pub policy: String,
    /// How often.
    pub count: u64,
}

/// How many bars carry each quality mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagCounts {
    /// Bars directly after a gap.
    pub after_gap: u64,
    /// Bars whose values a repair changed or chose.
    pub repaired: u64,
    /// Bars that a repair made.
    pub synthetic: u64,
    /// Bars in which nothing traded.
    pub zero_volume: u64,
    /// Bars after a jump beyond the outlier rule.
    pub outlier: u64,
    /// Bars between the timeframe's steps.
    pub off_grid: u64,
}

impl FlagCounts {
    /// Counts the marks of `flags`.
    #[must_use]
    pub fn of(flags: &[BarFlags]) -> Self {
        let mut counts = Self::default();
        for flag in flags {
            let has = |mark: BarFlags| u64::from(flag.contains(mark));
            counts.after_gap += has(BarFlags::AFTER_GAP);
            counts.repaired += has(BarFlags::REPAIRED);
            counts.synthetic += has(BarFlags::SYNTHETIC);
            counts.zero_volume += has(BarFlags::ZERO_VOLUME);
            counts.outlier += has(BarFlags::OUTLIER);
            counts.off_grid += has(BarFlags::OFF_GRID);
        }
        counts
    }
}

impl Manifest {
    /// Reads and understands the manifest at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, DataError> {
        #[derive(Deserialize)]
        struct Versioned {
            format: u32,
        }
        let damaged = |error: serde_json::Error| DataError::BadManifest {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let bytes = fs::read(path).map_err(DataError::io(Doing::Read, path))?;
        let version: Versioned = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version.format > MANIFEST_FORMAT {
            return Err(DataError::NewerFormat {
                path: path.to_owned(),
                found: version.format,
                known: MANIFEST_FORMAT,
            });
        }
        serde_json::from_slice(&bytes).map_err(damaged)
    }
}
