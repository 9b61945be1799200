//! Finds out how a text file is laid out, from its first part: separator, decimal mark, header,
//! columns, form of the times.
//!
//! Never decides on one line alone, and never guesses between two readings. Start at [`learn`].

use crate::{
    columns::{self, ColumnUse, Offered, Unresolved},
    fault::Fault,
    header,
    instant::TimeReader,
    number::{self, Cell},
    spec::{Decimal, Detect, ImportSpec},
};
use domain::{Phrase, phrase};

/// How many sample rows are looked at.
const SAMPLE_ROWS: usize = 2_000;

/// How a text file is laid out.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Between cells.
    pub(crate) separator: u8,
    /// Decimal mark.
    pub(crate) decimal: Decimal,
    /// Lines in front of the first row: remarks and header.
    pub(crate) lines_before: usize,
    /// Cells in a row.
    pub(crate) width: usize,
    /// Which column is which.
    pub(crate) columns: ColumnUse,
    /// How times read.
    pub(crate) time: TimeReader,
    /// Mean length of a sampled row in bytes, line break included.
    pub(crate) row_bytes: usize,
}

/// Why a layout could not be learnt.
pub(crate) type LayoutFault = (Fault, Phrase);

/// Learns the layout from the first part of a file; `whole` says that nothing follows it.
pub(crate) fn learn(sample: &[u8], whole: Whole, spec: &ImportSpec) -> Result<Layout, LayoutFault> {
    let sample = sample.strip_prefix(b"\xef\xbb\xbf").unwrap_or(sample);
    let mut lines: Vec<&[u8]> = sample.split(|byte| *byte == b'\n').collect();
    // The last line may be cut by the sample's end or by the file's.
    if whole == Whole::No || lines.len() > 3 {
        lines.pop();
    }
    let lines: Vec<(usize, &[u8])> = lines
        .into_iter()
        .enumerate()
        .filter(|(_, line)| !is_remark(line))
        .take(SAMPLE_ROWS)
        .collect();
    if lines.is_empty() {
        return Err((Fault::Empty, no_row()));
    }
    let (separator, width) = separator(&lines).ok_or_else(|| {
        (
            Fault::Unreadable,
            phrase!(
                "no separator splits its lines into columns (tried tab, `;`, `|` and `,`)",
                "줄을 열로 나눌 구분자를 찾지 못했습니다(탭, `;`, `|`, `,`를 시도함)"
            ),
        )
    })?;
    let rows: Vec<(usize, Vec<String>)> = lines
        .iter()
        .map(|(at, line)| (*at, cells_of(line, separator)))
        .skip_while(|(_, cells)| cells.len() * 2 <= width)
        .collect();
    let (first_line, first) = rows
        .first()
        .map(|(at, cells)| (*at, cells.clone()))
        .ok_or_else(|| (Fault::Empty, no_row()))?;
    let header = is_header(&first);
    let mut names = if header { first } else { Vec::new() };
    let mut data = &rows[usize::from(header)..];
    let mut lines_before = first_line + usize::from(header);
    // yfinance writes three header lines: Price, Ticker, Date.
    if header
        && let [(_, second), (at, third), ..] = data
        && second[0] == "Ticker"
        && third[0] == "Date"
    {
        names[0] = "Date".to_owned();
        lines_before = at + 1;
        data = &data[2..];
    }
    if data.is_empty() {
        return Err((
            Fault::Empty,
            phrase!(
                "the file has a header and no row",
                "머리글만 있고 행이 없습니다"
            ),
        ));
    }
    let samples: Vec<Vec<String>> = data
        .iter()
        .filter(|(_, cells)| cells.len() == width)
        .map(|(_, cells)| cells.clone())
        .collect();
    if header {
        fit_names(&mut names, &samples, width)?;
    }
    let decimal = match spec.decimal {
        Detect::Given(decimal) => decimal,
        Detect::Auto => decimal_mark(&samples, separator),
    };
    let offered = Offered {
        names: &names,
        rows: &samples,
        decimal,
    };
    let columns = columns::resolve(&offered, spec).map_err(unresolved)?;
    let times: Vec<Vec<u8>> = samples
        .iter()
        .map(|cells| joined_time(&columns, cells))
        .collect();
    let samples_of_time: Vec<&[u8]> = times.iter().map(Vec::as_slice).collect();
    let time =
        TimeReader::learn(&samples_of_time, spec).map_err(|reason| (Fault::Columns, reason))?;
    if !times.iter().any(|cell| time.accepts(cell)) {
        let found = times.first().map_or(String::new(), |cell| {
            String::from_utf8_lossy(cell).into_owned()
        });
        let number = columns.time + 1;
        return Err((
            Fault::Columns,
            phrase!(
                "column #{number} holds no times (`{found}`)",
                "#{number} 열은 시각이 아닙니다(`{found}`)"
            ),
        ));
    }
    let bytes: usize = lines.iter().map(|(_, line)| line.len() + 1).sum();
    Ok(Layout {
        separator,
        decimal,
        lines_before,
        width,
        columns,
        time,
        row_bytes: (bytes / lines.len()).max(2),
    })
}

/// Words a file without any row.
pub(crate) fn no_row() -> Phrase {
    phrase!("the file has no row", "파일에 행이 없습니다")
}

/// Refuses a header that names more or fewer columns than the rows have; which is which would be a
/// guess. Empty names and empty cells at the end do not count.
fn fit_names(
    names: &mut Vec<String>,
    samples: &[Vec<String>],
    width: usize,
) -> Result<(), LayoutFault> {
    while names.len() > width && names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    let spare_cells_are_empty = || {
        samples
            .iter()
            .all(|row| row[names.len()..].iter().all(String::is_empty))
    };
    if names.len() > width || names.len() < width && !spare_cells_are_empty() {
        let count = names.len();
        return Err((
            Fault::Columns,
            phrase!(
                "the header names {count} columns, most rows have {width} cells",
                "머리글에는 열이 {count}개인데 대부분의 행은 {width}칸입니다"
            ),
        ));
    }
    Ok(())
}

/// Whether a sample is all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// More follows.
    No,
    /// Nothing follows.
    Yes,
}

/// Returns why columns were not resolved, as a fault.
pub(crate) fn unresolved(reason: Unresolved) -> LayoutFault {
    match reason {
        Unresolved::Columns(text) => (Fault::Columns, text),
        Unresolved::Symbol(text) => (Fault::Symbol, text),
    }
}

/// Returns whether a line is blank or a remark.
pub(crate) fn is_remark(line: &[u8]) -> bool {
    matches!(line.trim_ascii().first(), None | Some(b'#'))
}

/// Splits a line into cells; quotes are honoured and taken off.
pub(crate) fn split(line: &[u8], separator: u8, cells: &mut Vec<(u32, u32)>) {
    cells.clear();
    let mut start = 0;
    let mut quoted = false;
    let mut close = |start: usize, end: usize| {
        let inner = line[start..end].trim_ascii();
        let offset = start + (inner.as_ptr() as usize - line[start..end].as_ptr() as usize);
        let (offset, length) = match inner {
            [b'"', .., b'"'] => (offset + 1, inner.len() - 2),
            _ => (offset, inner.len()),
        };
        cells.push((offset as u32, (offset + length) as u32));
    };
    for (at, byte) in line.iter().enumerate() {
        if *byte == b'"' {
            quoted = !quoted;
        } else if *byte == separator && !quoted {
            close(start, at);
            start = at + 1;
        }
    }
    close(start, line.len());
}

fn cells_of(line: &[u8], separator: u8) -> Vec<String> {
    let mut cells = Vec::new();
    split(line, separator, &mut cells);
    cells
        .iter()
        .map(|(start, end)| {
            String::from_utf8_lossy(&line[*start as usize..*end as usize]).into_owned()
        })
        .collect()
}

/// Returns the separator that splits most lines alike, and into how many cells.
fn separator(lines: &[(usize, &[u8])]) -> Option<(u8, usize)> {
    let mut best: Option<(usize, u8, usize)> = None;
    let mut cells = Vec::new();
    for candidate in *b"\t;|," {
        let mut widths: Vec<usize> = lines
            .iter()
            .take(200)
            .map(|(_, line)| {
                split(line, candidate, &mut cells);
                cells.len()
            })
            .collect();
        widths.sort_unstable();
        let alike = widths
            .chunk_by(|a, b| a == b)
            .filter(|run| run[0] > 1)
            .max_by_key(|run| (run.len(), run[0]));
        if let Some(run) = alike
            && best.is_none_or(|(count, ..)| run.len() > count)
        {
            best = Some((run.len(), candidate, run[0]));
        }
    }
    best.map(|(_, separator, width)| (separator, width))
}

fn is_header(cells: &[String]) -> bool {
    cells
        .first()
        .is_some_and(|cell| header::role(cell).is_some())
        || !cells.iter().any(|cell| {
            matches!(
                number::read(cell.as_bytes(), Decimal::Point),
                Cell::Number(_)
            )
        })
}

fn decimal_mark(rows: &[Vec<String>], separator: u8) -> Decimal {
    if separator == b',' {
        return Decimal::Point;
    }
    let is = |cell: &String, decimal: Decimal, mark: char| {
        cell.contains(mark) && matches!(number::read(cell.as_bytes(), decimal), Cell::Number(_))
    };
    let cells = || rows.iter().take(100).flatten();
    let commas = cells().filter(|cell| is(cell, Decimal::Comma, ',')).count();
    let points = cells().filter(|cell| is(cell, Decimal::Point, '.')).count();
    if commas > points {
        Decimal::Comma
    } else {
        Decimal::Point
    }
}

fn joined_time(columns: &ColumnUse, cells: &[String]) -> Vec<u8> {
    let mut text = cells.get(columns.time).cloned().unwrap_or_default();
    if let Some(clock) = columns.clock.and_then(|at| cells.get(at)) {
        text.push(' ');
        text.push_str(clock);
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn of(text: &str) -> Layout {
        learn(text.as_bytes(), Whole::Yes, &ImportSpec::default()).unwrap()
    }

    #[rstest]
    #[case::plain("time,open,high,low,close\n1640995200,1,1,1,1\n", b',', 1)]
    #[case::bom("\u{feff}time,open,high,low,close\n1640995200,1,1,1,1\n", b',', 1)]
    #[case::first_line_is_an_address(
        "https://www.example.org\nunix,open,high,low,close\n1640995200,1,1,1,1\n1640995260,1,1,1,1\n",
        b',',
        2
    )]
    #[case::remark("# made by hand\n\nt;o;h;l;c\n1640995200;1;1;1;1\n", b';', 3)]
    #[case::no_header("1640995200|1|1|1|1\n1640995260|1|1|1|1\n", b'|', 0)]
    #[case::yfinance(
        "Price,Close,High,Low,Open,Volume\nTicker,A,A,A,A,A\nDate,,,,,\n2024-01-02,1,1,1,1,1\n2024-01-03,1,1,1,1,1\n",
        b',',
        3
    )]
    fn headers_and_separators_are_found(
        #[case] text: &str,
        #[case] separator: u8,
        #[case] lines_before: usize,
    ) {
        let layout = of(text);
        assert_eq!(layout.separator, separator);
        assert_eq!(layout.lines_before, lines_before);
    }

    #[test]
    fn decimal_commas_beat_the_comma_as_separator() {
        let layout = of("Date;open;high;low;close\n31.01.2024;1,5;1,6;1,4;1,5\n");
        assert_eq!((layout.separator, layout.decimal), (b';', Decimal::Comma));
    }

    #[test]
    fn quotes_keep_their_separators() {
        let mut cells = Vec::new();
        let line = br#""Jan 05, 2024", "1,234.5" ,x"#;
        split(line, b',', &mut cells);
        let text = |(start, end): (u32, u32)| &line[start as usize..end as usize];
        assert_eq!(text(cells[0]), b"Jan 05, 2024");
        assert_eq!(text(cells[1]), b"1,234.5");
        assert_eq!(cells.len(), 3);
    }
}
