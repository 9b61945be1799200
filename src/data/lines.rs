//! Cuts a text, as it is read, into lines and cells; knows why the text ended.

use crate::{fault::Fault, findings::Findings, layout};
use domain::phrase;
use std::io::{self, Read};

/// Bytes read at a time; also the part from which the layout is learnt.
const BUFFER: usize = 1 << 18;
/// A line longer than this is no candle.
const LONGEST_LINE: usize = 1 << 24;

/// One line of the file.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether a line break ends it.
    pub(crate) terminated: bool,
}

/// Why a text ended.
#[derive(Debug)]
enum End {
    /// It was read to its end.
    Whole,
    /// The archive breaks off.
    CutArchive,
    /// The archive is damaged.
    BadArchive(String),
}

/// Cuts a text into lines and cells.
pub(crate) struct Lines {
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    end: Option<End>,
}

impl Lines {
    pub(crate) fn new(reader: Box<dyn Read>) -> Self {
        Self {
            reader,
            buffer: vec![0; BUFFER],
            start: 0,
            filled: 0,
            end: None,
        }
    }

    /// Returns what is read and not yet given out.
    pub(crate) fn waiting(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Returns whether nothing follows what is waiting.
    pub(crate) fn ended(&self) -> bool {
        self.end.is_some()
    }

    /// Reads until the buffer is full or the text ends.
    pub(crate) fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        if self.filled == self.buffer.len() {
            if self.filled >= LONGEST_LINE {
                return Err(io::Error::other("a line has more than 16 MiB"));
            }
            self.buffer.resize(self.filled * 2, 0);
        }
        while self.end.is_none() && self.filled < self.buffer.len() {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.end = Some(End::Whole),
                Ok(count) => self.filled += count,
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::UnexpectedEof => self.end = Some(End::CutArchive),
                    io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                        self.end = Some(End::BadArchive(error.to_string()));
                    }
                    _ => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Returns the next line and its cells.
    #[inline]
    pub(crate) fn next(
        &mut self,
        separator: u8,
        cells: &mut Vec<(u32, u32)>,
    ) -> io::Result<Option<Line<'_>>> {
        loop {
            let waiting = &self.buffer[self.start..self.filled];
            let (length, terminated) = match cut(waiting, separator, cells) {
                Some(length) => (length, true),
                None if self.end.is_none() => {
                    self.fill()?;
                    continue;
                }
                None if waiting.is_empty() => return Ok(None),
                // What an archive's cut left of a line says nothing about the line.
                None if !matches!(self.end, Some(End::Whole)) => return Ok(None),
                None => {
                    layout::split(waiting, separator, cells);
                    (waiting.len(), false)
                }
            };
            let start = self.start;
            self.start += length + usize::from(terminated);
            return Ok(Some(Line {
                bytes: &self.buffer[start..start + length],
                terminated,
            }));
        }
    }

    /// Notes an archive that breaks off or is damaged.
    pub(crate) fn note_end(&self, findings: &mut Findings) {
        match &self.end {
            Some(End::CutArchive) => findings.file(Fault::Truncated, || {
                phrase!(
                    "the gzip archive breaks off before its end",
                    "gzip 압축이 끝나기 전에 끊겼습니다"
                )
            }),
            Some(End::BadArchive(reason)) => findings.file(Fault::Unreadable, || {
                phrase!(
                    "the gzip archive is damaged: {reason}",
                    "gzip 압축이 손상되었습니다: {reason}"
                )
            }),
            Some(End::Whole) | None => {}
        }
    }
}

/// Finds the cells of the first line of `text` and returns its length; `None` without line break.
#[inline]
fn cut(text: &[u8], separator: u8, cells: &mut Vec<(u32, u32)>) -> Option<usize> {
    cells.clear();
    let mut start = 0_u32;
    for (at, &byte) in text.iter().enumerate() {
        // Most bytes are digits and points, which one comparison tells; no separator is among them.
        if byte.wrapping_sub(b'.') < 12 {
            continue;
        }
        if byte == separator {
            cells.push((start, at as u32));
            start = at as u32 + 1;
        } else if byte == b'\n' {
            let length = at;
            let end = if at > 0 && text[at - 1] == b'\r' {
                at - 1
            } else {
                at
            };
            cells.push((start, (end as u32).max(start)));
            return Some(length);
        } else if byte == b'"' {
            let length = text.iter().position(|byte| *byte == b'\n')?;
            layout::split(&text[..length], separator, cells);
            return Some(length);
        }
    }
    None
}
