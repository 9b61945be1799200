//! Reads a Parquet source of candles; with [`crate::bars_file`] the only place that knows polars.
//!
//! Everything goes through pieces of bounded size, so that memory holds the columns once and one
//! piece beside them.

use crate::{
    basis::{Bases, Basis},
    columns::{self, ColumnUse, Offered, Prices},
    csv::{self, Scanned, shown},
    error::{DataError, Doing},
    fault::Fault,
    findings::Findings,
    import::{Progress, Report, Stage},
    instant::TimeReader,
    layout,
    number::{self, Cell},
    source::{SourceFile, hash_file},
    spec::{Decimal, ImportSpec},
    symbol::Wanted,
    table::{Candle, Table, acceptable},
};
use domain::phrase;
use polars::prelude::*;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// Rows handled at a time.
pub(crate) const PIECE: usize = 1 << 18;
/// Rows from which columns and times are learnt.
const SAMPLE_ROWS: usize = 200;
const DAY: i64 = 86_400_000_000_000;

/// Reads every row of a Parquet source; `None` when the file or its layout is at fault.
pub(crate) fn scan(
    source: SourceFile,
    path: &Path,
    spec: &ImportSpec,
    findings: &mut Findings,
    report: &mut Report<'_>,
) -> Result<Option<Scanned>, DataError> {
    let mut file = source.into_file();
    let fail = || DataError::io(Doing::Read, path);
    if !ends_whole(&mut file).map_err(fail())? {
        findings.file(Fault::Unreadable, || {
            phrase!(
                "the Parquet file breaks off: its closing mark is missing, fetch it again",
                "Parquet 파일이 중간에 끊겼습니다. 끝 표시가 없으니 다시 받으세요"
            )
        });
        return Ok(None);
    }
    let source_hash = hash_file(path).map_err(fail())?;
    let unreadable = |error: &PolarsError, findings: &mut Findings| {
        findings.file(Fault::Unreadable, || {
            let error = words(error);
            phrase!(
                "the Parquet file is damaged: {error}",
                "Parquet 파일이 손상되었습니다: {error}"
            )
        });
    };
    let sample = readable(&file).and_then(|names| piece(&file, 0, SAMPLE_ROWS, Some(&names)));
    let sample = match sample {
        Ok(sample) => sample,
        Err(error) => {
            unreadable(&error, findings);
            return Ok(None);
        }
    };
    let plan = match Plan::learn(&sample, spec) {
        Ok(plan) => plan,
        Err((fault, message)) => {
            findings.file(fault, || message);
            return Ok(None);
        }
    };
    let total = ParquetReader::new(rewound(&file).map_err(fail())?)
        .num_rows()
        .unwrap_or(0);
    let mut scan = Scan {
        plan: &plan,
        table: Table::default(),
        rows_without_price: 0,
        wanted: Wanted::new(spec.symbol.given().map(String::as_str)),
        bases: Bases::default(),
    };
    let mut offset = 0;
    while offset < total {
        let rows = match piece(&file, offset, PIECE, Some(&plan.projection)) {
            Ok(rows) if rows.height() > 0 => rows,
            Ok(_) => break,
            Err(error) => {
                unreadable(&error, findings);
                return Ok(None);
            }
        };
        if let Err(error) = scan.piece(&rows, offset, findings) {
            unreadable(&error, findings);
            return Ok(None);
        }
        offset += rows.height();
        report.tell(Progress {
            stage: Stage::Reading,
            done: offset as u64,
            total: total as u64,
        })?;
    }
    scan.wanted.conclude(findings);
    let used = &plan.columns;
    if !used.unknown.is_empty() {
        let names = columns::some_of(used.unknown.iter().map(String::as_str));
        findings.file(Fault::UnknownColumn, || csv::not_imported(names));
    }
    Ok(Some(Scanned {
        close_only: matches!(used.prices, Prices::CloseOnly(_)),
        has_volume: used.volume.is_some(),
        symbol: used.panel_symbol.clone().or(scan.wanted.into_name()),
        table: scan.table,
        source_hash,
        rows_read: offset as u64,
        rows_without_price: scan.rows_without_price,
    }))
}

/// Which columns are read, and how.
struct Plan {
    columns: ColumnUse,
    time: TimeReader,
    projection: Vec<String>,
    names: Vec<String>,
}

impl Plan {
    fn learn(sample: &DataFrame, spec: &ImportSpec) -> Result<Self, layout::LayoutFault> {
        if sample.height() == 0 {
            return Err((Fault::Empty, layout::no_row()));
        }
        let names: Vec<String> = sample
            .columns()
            .iter()
            .map(|column| column.name().to_string())
            .collect();
        let rows: Vec<Vec<String>> = (0..sample.height())
            .map(|row| sample.columns().iter().map(|c| text(c, row)).collect())
            .collect();
        let offered = Offered {
            names: &names,
            rows: &rows,
            decimal: Decimal::Point,
        };
        let used = columns::resolve(&offered, spec).map_err(layout::unresolved)?;
        let cells: Vec<&[u8]> = match sample.columns()[used.time].dtype() {
            DataType::String => rows.iter().map(|row| row[used.time].as_bytes()).collect(),
            _ => Vec::new(),
        };
        let time = TimeReader::learn(&cells, spec).map_err(|reason| (Fault::Columns, reason))?;
        let places = match used.prices {
            Prices::Candle(places) => places.to_vec(),
            Prices::CloseOnly(place) => vec![place],
        };
        let mut all = vec![used.time];
        all.extend(places);
        all.extend(used.clock.into_iter().chain(used.volume).chain(used.symbol));
        all.sort_unstable();
        all.dedup();
        let projection = all.into_iter().map(|at| names[at].clone()).collect();
        Ok(Self {
            columns: used,
            time,
            projection,
            names,
        })
    }
}

struct Scan<'a> {
    plan: &'a Plan,
    table: Table,
    rows_without_price: u64,
    wanted: Wanted,
    bases: Bases,
}

impl Scan<'_> {
    fn piece(
        &mut self,
        rows: &DataFrame,
        offset: usize,
        findings: &mut Findings,
    ) -> PolarsResult<()> {
        let used = &self.plan.columns;
        let column = |at: usize| rows.column(&self.plan.names[at]);
        let time = Times::of(column(used.time)?)?;
        let clock = used.clock.map(column).transpose()?;
        let symbol = used.symbol.map(column).transpose()?;
        let (places, count) = match used.prices {
            Prices::Candle(places) => (places, 4),
            Prices::CloseOnly(place) => ([place; 4], 1),
        };
        let mut values = Vec::with_capacity(5);
        for place in places.into_iter().take(count) {
            values.push((values.len(), Numbers::of(column(place)?)?));
        }
        if let Some(place) = used.volume {
            values.push((4, Numbers::of(column(place)?)?));
        }
        for index in 0..rows.height() {
            let row = offset + index + 1;
            if let Some(symbol) = symbol
                && !self.wanted.takes(text(symbol, index).as_bytes())
            {
                continue;
            }
            let clock = clock.map(|column| text(column, index));
            let Some((time, basis)) = time.read(index, clock.as_deref(), &self.plan.time) else {
                findings.row(Fault::BadTime, row, || {
                    let text = time.shown(index);
                    phrase!("time is `{text}`", "시각이 `{text}`입니다")
                });
                continue;
            };
            let mut candle: Candle = [0.0; 5];
            let mut whole = true;
            for (slot, numbers) in &values {
                match numbers.read(index) {
                    Cell::Number(value) => candle[*slot] = value,
                    Cell::Missing if used.panel_symbol.is_some() => {
                        self.rows_without_price += 1;
                        whole = false;
                    }
                    Cell::Missing => {
                        findings.row(Fault::MissingCell, row, || csv::empty(*slot));
                        whole = false;
                    }
                    Cell::Text => {
                        findings.row(Fault::NotANumber, row, || {
                            csv::no_number(*slot, &numbers.shown(index))
                        });
                        whole = false;
                    }
                }
                if !whole {
                    break;
                }
            }
            if !whole {
                continue;
            }
            if count == 1 {
                candle = [candle[0], candle[0], candle[0], candle[0], candle[4]];
            }
            self.bases.see(basis, row, findings);
            if acceptable(&candle, row, findings) {
                self.table.push(row, time, candle);
            }
        }
        Ok(())
    }
}

/// A time column of any type.
enum Times {
    /// Whole numbers and the nanoseconds of one, or a number since 1970 of unknown unit.
    Whole(Int64Chunked, Option<i64>),
    Fraction(Float64Chunked),
    Text(StringChunked),
}

impl Times {
    fn of(column: &Column) -> PolarsResult<Self> {
        let series = column.as_materialized_series().rechunk();
        Ok(match series.dtype() {
            DataType::Datetime(unit, _) => {
                let nanos = match unit {
                    TimeUnit::Nanoseconds => 1,
                    TimeUnit::Microseconds => 1_000,
                    TimeUnit::Milliseconds => 1_000_000,
                };
                Self::Whole(series.to_physical_repr().i64()?.clone(), Some(nanos))
            }
            DataType::Date => {
                let days = series.to_physical_repr().cast(&DataType::Int64)?;
                Self::Whole(days.i64()?.clone(), Some(DAY))
            }
            DataType::String => Self::Text(series.str()?.clone()),
            DataType::Float32 | DataType::Float64 => {
                Self::Fraction(series.cast(&DataType::Float64)?.f64()?.clone())
            }
            _ => Self::Whole(series.cast(&DataType::Int64)?.i64()?.clone(), None),
        })
    }

    #[inline]
    fn read(&self, index: usize, clock: Option<&str>, reader: &TimeReader) -> Option<(i64, Basis)> {
        match (self, clock) {
            (Self::Whole(values, Some(nanos)), _) => values
                .get(index)
                .and_then(|value| value.checked_mul(*nanos))
                .map(|time| (time, Basis::Unzoned)),
            (Self::Whole(values, None), _) => values
                .get(index)
                .and_then(|value| reader.epoch_nanos(value)),
            (Self::Fraction(values), _) => values
                .get(index)
                .and_then(|value| reader.epoch_float(value)),
            (Self::Text(values), None) => reader.read(values.get(index)?.as_bytes()),
            (Self::Text(values), Some(clock)) => {
                reader.read(format!("{} {clock}", values.get(index)?).as_bytes())
            }
        }
    }

    fn shown(&self, index: usize) -> String {
        match self {
            Self::Whole(values, _) => values.get(index).map(|value| value.to_string()),
            Self::Fraction(values) => values.get(index).map(|value| value.to_string()),
            Self::Text(values) => values.get(index).map(|value| shown(value.as_bytes())),
        }
        .unwrap_or_default()
    }
}

/// A price or volume column of any type.
enum Numbers {
    Values(Float64Chunked),
    Text(StringChunked),
}

impl Numbers {
    fn of(column: &Column) -> PolarsResult<Self> {
        let series = column.as_materialized_series().rechunk();
        Ok(match series.dtype() {
            DataType::String => Self::Text(series.str()?.clone()),
            _ => Self::Values(series.cast(&DataType::Float64)?.f64()?.clone()),
        })
    }

    #[inline]
    fn read(&self, index: usize) -> Cell {
        match self {
            Self::Values(values) => values.get(index).map_or(Cell::Missing, Cell::Number),
            Self::Text(values) => values.get(index).map_or(Cell::Missing, |value| {
                number::read(value.as_bytes(), Decimal::Point)
            }),
        }
    }

    fn shown(&self, index: usize) -> String {
        match self {
            Self::Values(_) => String::new(),
            Self::Text(values) => shown(values.get(index).unwrap_or("").as_bytes()),
        }
    }
}

/// Returns the columns of types that candles come in; others would fail the reader as a whole.
fn readable(file: &File) -> PolarsResult<Vec<String>> {
    let schema = ParquetReader::new(rewound(file)?).schema()?;
    let fits = |dtype: &ArrowDataType| {
        !matches!(
            dtype,
            ArrowDataType::Int8
                | ArrowDataType::Int16
                | ArrowDataType::UInt8
                | ArrowDataType::UInt16
                | ArrowDataType::Time32(_)
                | ArrowDataType::Time64(_)
                | ArrowDataType::Duration(_)
                | ArrowDataType::Decimal(..)
                | ArrowDataType::List(_)
                | ArrowDataType::LargeList(_)
                | ArrowDataType::Struct(_)
        )
    };
    Ok(schema
        .iter()
        .filter(|(_, field)| fits(field.dtype()))
        .map(|(name, _)| name.to_string())
        .collect())
}

/// Reads some rows of some columns.
pub(crate) fn piece(
    file: &File,
    offset: usize,
    rows: usize,
    columns: Option<&[String]>,
) -> PolarsResult<DataFrame> {
    ParquetReader::new(rewound(file)?)
        .with_slice(Some((offset, rows)))
        .with_columns(columns.map(<[String]>::to_vec))
        .finish()
}

/// Returns a second handle at the file's start.
pub(crate) fn rewound(file: &File) -> io::Result<File> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn ends_whole(file: &mut File) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    if length < 12 {
        return Ok(false);
    }
    let mut mark = [0; 4];
    file.seek(SeekFrom::End(-4))?;
    file.read_exact(&mut mark)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(&mark == b"PAR1")
}

fn text(column: &Column, row: usize) -> String {
    match column.get(row) {
        Ok(AnyValue::Null) | Err(_) => String::new(),
        // Formatting a zoned time needs a zone database, which is not built in.
        Ok(AnyValue::Datetime(value, ..) | AnyValue::DatetimeOwned(value, ..)) => value.to_string(),
        Ok(value) => match value.get_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        },
    }
}

/// Returns a polars error's first line, shortened.
pub(crate) fn words(error: &PolarsError) -> String {
    let text = error.to_string();
    text.lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(200)
        .collect()
}
