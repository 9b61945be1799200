//! Reads a text file of candles in one pass, row by row, in constant memory beside the columns.
//!
//! Written here rather than taken from polars: every faulty cell is to be reported with its row and
//! its text, through preambles, panels, two-column times and broken archives, without ever holding
//! the file's text. Start at [`scan`].

use crate::{
    basis::Bases,
    columns::{Prices, some_of},
    error::{DataError, Doing},
    fault::Fault,
    findings::Findings,
    import::{Progress, Report, Stage},
    layout::{self, Layout, Whole},
    lines::{Line, Lines},
    number::{self, Cell},
    source::SourceFile,
    spec::ImportSpec,
    symbol::Wanted,
    table::{Candle, NAMES, Table, acceptable},
};
use domain::{Phrase, Text, phrase};
use std::path::Path;

/// Rows between two reports of progress.
const REPORT_EVERY: usize = 1 << 16;

/// What a source gave.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// The usable rows.
    pub(crate) table: Table,
    /// Blake3 of the whole source.
    pub(crate) source_hash: String,
    /// Rows read, usable or not.
    pub(crate) rows_read: u64,
    /// Rows of a wide panel in which the instrument has no price.
    pub(crate) rows_without_price: u64,
    /// Whether there is one price a bar.
    pub(crate) close_only: bool,
    /// Whether there is a volume.
    pub(crate) has_volume: bool,
    /// The instrument, where the file names it.
    pub(crate) symbol: Option<String>,
}

/// Reads every row of `source`; `None` when the layout itself is at fault.
pub(crate) fn scan(
    source: SourceFile,
    path: &Path,
    spec: &ImportSpec,
    findings: &mut Findings,
    report: &mut Report<'_>,
) -> Result<Option<Scanned>, DataError> {
    let total = source.length;
    let compressed = source.format == crate::source::Format::Gzip;
    let (reader, meter) = source.text();
    let mut lines = Lines::new(reader);
    lines.fill().map_err(DataError::io(Doing::Read, path))?;
    let whole = if lines.ended() { Whole::Yes } else { Whole::No };
    let layout = match layout::learn(lines.waiting(), whole, spec) {
        Ok(layout) => layout,
        Err((fault, message)) => {
            lines.note_end(findings);
            findings.file(fault, || message);
            return Ok(None);
        }
    };
    let mut scan = Scan::new(&layout, spec);
    if !compressed {
        let rows = total as usize / layout.row_bytes;
        scan.table.reserve(rows + rows / 50);
    }
    let mut cells = Vec::with_capacity(layout.width);
    let mut line_number = 0;
    while let Some(line) = lines
        .next(layout.separator, &mut cells)
        .map_err(|error| DataError::io(Doing::Read, path)(error))?
    {
        line_number += 1;
        if line_number > layout.lines_before {
            scan.row(line, &cells, line_number, findings);
        }
        if line_number % REPORT_EVERY == 0 {
            report.tell(Progress {
                stage: Stage::Reading,
                done: meter.bytes(),
                total,
            })?;
        }
    }
    lines.note_end(findings);
    Ok(Some(scan.finish(meter.hash(), findings)))
}

/// One pass over the rows.
struct Scan<'a> {
    layout: &'a Layout,
    table: Table,
    rows_read: u64,
    rows_without_price: u64,
    wanted: Wanted,
    joined: Vec<u8>,
    bases: Bases,
    close_only: bool,
}

impl<'a> Scan<'a> {
    fn new(layout: &'a Layout, spec: &ImportSpec) -> Self {
        Self {
            layout,
            table: Table::default(),
            rows_read: 0,
            rows_without_price: 0,
            wanted: Wanted::new(spec.symbol.given().map(String::as_str)),
            joined: Vec::new(),
            bases: Bases::default(),
            close_only: matches!(layout.columns.prices, Prices::CloseOnly(_)),
        }
    }

    #[inline]
    fn row(&mut self, line: Line<'_>, cells: &[(u32, u32)], row: usize, findings: &mut Findings) {
        let width = self.layout.width;
        if cells.len() != width && !self.right_width(line, cells, row, findings) {
            return;
        }
        self.rows_read += 1;
        let cell = |at: usize| {
            let (start, end) = cells[at];
            &line.bytes[start as usize..end as usize]
        };
        let columns = &self.layout.columns;
        if let Some(at) = columns.symbol
            && !self.wanted.takes(cell(at))
        {
            return;
        }
        let time_cell = match columns.clock {
            None => cell(columns.time),
            Some(clock) => {
                self.joined.clear();
                self.joined.extend_from_slice(cell(columns.time));
                self.joined.push(b' ');
                self.joined.extend_from_slice(cell(clock));
                &self.joined
            }
        };
        let Some((time, basis)) = self.layout.time.read(time_cell) else {
            let text = shown(time_cell);
            note(line, row, Fault::BadTime, findings, || {
                phrase!("time is `{text}`", "시각이 `{text}`입니다")
            });
            return;
        };
        let decimal = self.layout.decimal;
        let mut candle: Candle = [0.0; 5];
        let (places, count) = match columns.prices {
            Prices::Candle([open, high, low, close]) => ([open, high, low, close], 4),
            Prices::CloseOnly(close) => ([close; 4], 1),
        };
        for (index, at) in places.into_iter().take(count).enumerate() {
            match number::read(cell(at), decimal) {
                Cell::Number(value) => candle[index] = value,
                Cell::Missing if columns.panel_symbol.is_some() => {
                    self.rows_without_price += 1;
                    return;
                }
                fault => return bad_cell(line, row, index, fault, cell(at), findings),
            }
        }
        if self.close_only {
            candle = [candle[0], candle[0], candle[0], candle[0], 0.0];
        }
        if let Some(at) = columns.volume {
            match number::read(cell(at), decimal) {
                Cell::Number(value) => candle[4] = value,
                fault => return bad_cell(line, row, 4, fault, cell(at), findings),
            }
        }
        self.bases.see(basis, row, findings);
        if acceptable(&candle, row, findings) {
            self.table.push(row, time, candle);
        }
    }

    /// Returns whether a row of unusual width can be read all the same; notes it if not.
    #[cold]
    fn right_width(
        &mut self,
        line: Line<'_>,
        cells: &[(u32, u32)],
        row: usize,
        findings: &mut Findings,
    ) -> bool {
        if layout::is_remark(line.bytes) {
            return false;
        }
        let width = self.layout.width;
        let spare_is_empty =
            cells.len() > width && cells[width..].iter().all(|(start, end)| start == end);
        if spare_is_empty {
            return true;
        }
        self.rows_read += 1;
        note(line, row, Fault::RaggedRow, findings, || {
            let count = cells.len();
            phrase!(
                "{count} cells where {width} are expected",
                "칸이 {width}개여야 하는데 {count}개입니다"
            )
        });
        false
    }

    fn finish(mut self, source_hash: String, findings: &mut Findings) -> Scanned {
        self.wanted.conclude(findings);
        let columns = &self.layout.columns;
        if !columns.unknown.is_empty() {
            let names = some_of(columns.unknown.iter().map(String::as_str));
            findings.file(Fault::UnknownColumn, || not_imported(names));
        }
        for column in [
            &mut self.table.open,
            &mut self.table.high,
            &mut self.table.low,
            &mut self.table.close,
            &mut self.table.volume,
        ] {
            column.shrink_to_fit();
        }
        Scanned {
            close_only: self.close_only,
            has_volume: columns.volume.is_some(),
            symbol: columns.panel_symbol.clone().or(self.wanted.into_name()),
            table: self.table,
            source_hash,
            rows_read: self.rows_read,
            rows_without_price: self.rows_without_price,
        }
    }
}

/// Notes a fault; on a last line without line break the cause is the cut.
fn note(
    line: Line<'_>,
    row: usize,
    fault: Fault,
    findings: &mut Findings,
    message: impl FnOnce() -> Phrase,
) {
    if line.terminated {
        findings.row(fault, row, message);
    } else {
        findings.row(Fault::Truncated, row, || {
            let Phrase { en, ko } = message();
            phrase!(
                "the last line breaks off: {en}",
                "마지막 줄이 중간에 끊겼습니다: {ko}"
            )
        });
    }
}

#[cold]
fn bad_cell(
    line: Line<'_>,
    row: usize,
    index: usize,
    fault: Cell,
    cell: &[u8],
    findings: &mut Findings,
) {
    if fault == Cell::Missing {
        note(line, row, Fault::MissingCell, findings, || empty(index));
    } else {
        note(line, row, Fault::NotANumber, findings, || {
            no_number(index, &shown(cell))
        });
    }
}

/// Words a missing value; `index` is its place in a [`Candle`].
pub(crate) fn empty(index: usize) -> Phrase {
    let Text { en, ko } = NAMES[index];
    phrase!("{en} is empty", "{ko} 칸이 비어 있습니다")
}

/// Words a value that is no number.
pub(crate) fn no_number(index: usize, found: &str) -> Phrase {
    let Text { en, ko } = NAMES[index];
    phrase!("{en} is `{found}`", "{ko} 칸이 숫자가 아닙니다: `{found}`")
}

/// Words columns that are left out.
pub(crate) fn not_imported(names: Phrase) -> Phrase {
    let Phrase { en, ko } = names;
    phrase!(
        "columns of unknown meaning are not imported: {en}",
        "뜻을 알 수 없는 열은 가져오지 않습니다: {ko}"
    )
}

/// Returns a cell's text, shortened.
pub(crate) fn shown(cell: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(cell).chars().take(40).collect();
    text.escape_debug().to_string()
}
