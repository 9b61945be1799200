//! The store's own Parquet files: bars out and in again, piece by piece.

use crate::{
    error::{DataError, Doing},
    import::{Progress, Report, Stage},
    parquet::{PIECE, piece, rewound, words},
};
use domain::{BarFlags, Bars, Nanos, Timeframe};
use polars::prelude::*;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

/// Writes `bars` to `path` and syncs it; returns the blake3 of the file, in hex.
///
/// Columns: `open_time` (nanoseconds UTC), `open`, `high`, `low`, `close`, `volume`, `flags`.
pub(crate) fn write(
    bars: &Bars,
    path: &Path,
    report: &mut Report<'_>,
) -> Result<String, DataError> {
    let fail = |error: PolarsError| match error {
        PolarsError::IO { error, .. } => DataError::Io {
            doing: Doing::Write,
            path: path.to_owned(),
            source: io::Error::new(error.kind(), error.to_string()),
        },
        error => DataError::Parquet {
            doing: Doing::Write,
            path: path.to_owned(),
            reason: words(&error),
        },
    };
    let io_fail = || DataError::io(Doing::Write, path);
    let file = File::create(path).map_err(io_fail())?;
    let mut writer = HashingWriter {
        inner: BufWriter::with_capacity(1 << 20, file),
        hasher: blake3::Hasher::new(),
    };
    let frame = |range: std::ops::Range<usize>| frame_of(bars, range);
    let empty = frame(0..0).map_err(fail)?;
    // Prices hardly compress (LZ4 saves a third and costs a fifth of the import), and nobody asks
    // for their statistics.
    let mut batches = ParquetWriter::new(&mut writer)
        .with_compression(ParquetCompression::Uncompressed)
        .with_statistics(StatisticsOptions::empty())
        .set_parallel(false)
        .batched(empty.schema())
        .map_err(fail)?;
    let mut start = 0;
    while start < bars.len() {
        let end = (start + PIECE).min(bars.len());
        let piece = frame(start..end).map_err(fail)?;
        batches.write_batch(&piece).map_err(fail)?;
        start = end;
        report.tell(Progress {
            stage: Stage::Writing,
            done: end as u64,
            total: bars.len() as u64,
        })?;
    }
    batches.finish().map_err(fail)?;
    drop(batches);
    writer.inner.flush().map_err(io_fail())?;
    writer.inner.get_ref().sync_all().map_err(io_fail())?;
    Ok(writer.hasher.finalize().to_hex().to_string())
}

fn frame_of(bars: &Bars, range: std::ops::Range<usize>) -> PolarsResult<DataFrame> {
    let height = range.len();
    let times = bars.open_time[range.clone()].iter().map(|time| time.0);
    let times = Int64Chunked::from_vec("open_time".into(), times.collect())
        .into_datetime(TimeUnit::Nanoseconds, None);
    let flags = bars.flags[range.clone()]
        .iter()
        .map(|flag| u32::from(flag.0));
    let prices = |name: &str, values: &[f64]| Column::new(name.into(), &values[range.clone()]);
    DataFrame::new(
        height,
        vec![
            times.into_column(),
            prices("open", &bars.open),
            prices("high", &bars.high),
            prices("low", &bars.low),
            prices("close", &bars.close),
            prices("volume", &bars.volume),
            UInt32Chunked::from_vec("flags".into(), flags.collect()).into_column(),
        ],
    )
}

/// Reads bars that [`write`] wrote.
pub(crate) fn read(path: &Path, symbol: &str, timeframe: Timeframe) -> Result<Bars, DataError> {
    let fail = |error: PolarsError| DataError::Parquet {
        doing: Doing::Read,
        path: path.to_owned(),
        reason: words(&error),
    };
    let io_fail = || DataError::io(Doing::Read, path);
    let file = File::open(path).map_err(io_fail())?;
    let total = ParquetReader::new(rewound(&file).map_err(io_fail())?)
        .num_rows()
        .map_err(fail)?;
    let mut bars = Bars::empty(symbol, timeframe);
    bars.open_time.reserve_exact(total);
    for column in [
        &mut bars.open,
        &mut bars.high,
        &mut bars.low,
        &mut bars.close,
        &mut bars.volume,
    ] {
        column.reserve_exact(total);
    }
    bars.flags.reserve_exact(total);
    while bars.len() < total {
        let rows = piece(&file, bars.len(), PIECE, None).map_err(fail)?;
        if rows.height() == 0 {
            break;
        }
        append(&mut bars, &rows).map_err(fail)?;
    }
    Ok(bars)
}

fn append(bars: &mut Bars, rows: &DataFrame) -> PolarsResult<()> {
    let times = rows.column("open_time")?.as_materialized_series();
    let times = times.to_physical_repr();
    bars.open_time
        .extend(times.i64()?.into_no_null_iter().map(Nanos));
    for (name, column) in [
        ("open", &mut bars.open),
        ("high", &mut bars.high),
        ("low", &mut bars.low),
        ("close", &mut bars.close),
        ("volume", &mut bars.volume),
    ] {
        column.extend(rows.column(name)?.f64()?.into_no_null_iter());
    }
    let flags = rows.column("flags")?.u32()?.into_no_null_iter();
    bars.flags.extend(flags.map(|flag| BarFlags(flag as u8)));
    Ok(())
}

struct HashingWriter<W> {
    inner: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
