//! Finding lines in a log: where they begin and end, what is shown of them, and which number they
//! have.
//!
//! A line begins at 0 or after a `\n`; what comes after the last `\n` is a line as well, unless it
//! is empty. Start at [`Lines::start_of`].

use crate::{
    Index, Ink, Level, LogError, Snapshot,
    index::BLOCK,
    ink::{Inked, inked},
    shown::{self, LONGEST},
};
use memchr::{memchr, memchr_iter, memrchr};
use std::ops::Range;

/// Bytes read first; lines are seldom longer.
const FIRST_READ: usize = 4 * 1024;
/// Bytes read at once while a line has no end or lines are counted: more would be no faster, and is
/// memory that the program keeps.
pub const LARGEST_READ: usize = 128 * 1024;

/// A log and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    /// Its bytes.
    pub log: &'a Snapshot,
    /// Counts of a part of it, which spare reading.
    pub index: &'a Index,
}

/// What is shown of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Its text, without line end, overwritten states and escape sequences.
    pub text: String,
    /// The colours of pieces of it.
    pub inks: Vec<(Range<usize>, Ink)>,
    /// Bytes after it that are not shown, in a very long line.
    pub hidden: u64,
    /// How loud it is.
    pub level: Level,
}

impl Lines<'_> {
    /// Returns how many bytes there are.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.log.length()
    }

    /// Returns where the line begins that has the byte at `offset`.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn start_of(&self, offset: u64) -> Result<u64, LogError> {
        let before = self.end_before(offset.min(self.length()))?;
        Ok(before.map_or(0, |end| end + 1))
    }

    /// Returns where the line that begins at `start` ends: at its `\n`, or at the end of the log.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn end_of(&self, start: u64) -> Result<u64, LogError> {
        Ok(self.end_after(start)?.unwrap_or(self.length()))
    }

    /// Returns where the line after the one at `start` begins, if there is one.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn next(&self, start: u64) -> Result<Option<u64>, LogError> {
        let next = self.end_after(start)?.map(|end| end + 1);
        Ok(next.filter(|next| *next < self.length()))
    }

    /// Returns where the line before `start` begins, if there is one; `start` may be the log's end.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn previous(&self, start: u64) -> Result<Option<u64>, LogError> {
        match start.min(self.length()).checked_sub(1) {
            None => Ok(None),
            Some(last) => self.start_of(last).map(Some),
        }
    }

    /// Returns how many lines begin before `start`, where one begins; `None` while they are not
    /// counted.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn number_of(&self, start: u64) -> Result<Option<u64>, LogError> {
        let Some((before, block)) = self.index.before_block_of(start) else {
            return Ok(None);
        };
        let (mut bytes, mut ends, mut from) = (Vec::new(), before, block);
        while from < start {
            let most = LARGEST_READ.min((start - from) as usize);
            self.log.read(from, most, &mut bytes)?;
            if bytes.is_empty() {
                break;
            }
            ends += memchr_iter(b'\n', &bytes).count() as u64;
            from += bytes.len() as u64;
        }
        Ok(Some(ends))
    }

    /// Returns where line `number`, counted from 0, begins; `None` while that is not known.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn start_of_number(&self, number: u64) -> Result<Option<u64>, LogError> {
        let Some((block, before)) = self.index.block_of_line(number) else {
            return Ok(None);
        };
        let (mut bytes, mut ends, mut start) = (Vec::new(), before, block);
        while ends < number {
            self.log.read(start, LARGEST_READ, &mut bytes)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let mut found = memchr_iter(b'\n', &bytes).take((number - ends) as usize);
            let (mut count, mut last) = (0, bytes.len() - 1);
            for end in found.by_ref() {
                (count, last) = (count + 1, end);
            }
            ends += count;
            start += if ends < number { bytes.len() } else { last + 1 } as u64;
        }
        Ok(Some(start).filter(|start| *start < self.length()))
    }

    /// Returns how many lines there are; `None` while they are not all counted.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn count(&self) -> Result<Option<u64>, LogError> {
        if self.index.counted() < self.length() {
            return Ok(None);
        }
        let unended = match self.length().checked_sub(1) {
            None => false,
            Some(last) => self.end_after(last)?.is_none(),
        };
        Ok(Some(self.index.line_ends() + u64::from(unended)))
    }

    /// Returns what is shown of the line from `start` to `end`.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn shown(&self, start: u64, end: u64) -> Result<Shown, LogError> {
        let start = if end - start <= LONGEST as u64 {
            start
        } else {
            self.last_state(start, end)?
        };
        let mut bytes = Vec::new();
        let most = usize::try_from(end - start).unwrap_or(usize::MAX);
        self.log.read(start, most.min(LONGEST), &mut bytes)?;
        let hidden = (end - start).saturating_sub(bytes.len() as u64);
        let state = shown::last_state(&bytes);
        let level = Level::of(state);
        // Where it was cut, or where it is still being written.
        let torn = hidden > 0 || end == self.length();
        let state = if torn { shown::whole(state) } else { state };
        let Inked { text, inks } = inked(state);
        Ok(Shown {
            text,
            inks,
            hidden,
            level,
        })
    }

    /// Returns where the last state of a long line begins.
    pub(crate) fn last_state(&self, start: u64, end: u64) -> Result<u64, LogError> {
        let mut bytes = Vec::new();
        let mut until = end;
        let mut written = false;
        while until > start {
            let from = until.saturating_sub(LARGEST_READ as u64).max(start);
            self.log.read(from, (until - from) as usize, &mut bytes)?;
            let mut part = bytes.as_slice();
            if !written {
                // The returns at the very end overwrite nothing.
                let last = part.iter().rposition(|byte| *byte != b'\r');
                part = last.map_or(&part[..0], |last| &part[..=last]);
                written = last.is_some();
            }
            if let Some(at) = memrchr(b'\r', part) {
                return Ok(from + at as u64 + 1);
            }
            until = from;
        }
        Ok(start)
    }

    /// Returns where the last `\n` before `offset` is.
    fn end_before(&self, offset: u64) -> Result<Option<u64>, LogError> {
        let mut bytes = Vec::new();
        let mut most = FIRST_READ;
        let mut until = offset;
        while until > 0 {
            if self.index.is_endless(until - 1) {
                until = (until - 1) / BLOCK * BLOCK;
                continue;
            }
            let from = until.saturating_sub(most as u64);
            self.log.read(from, (until - from) as usize, &mut bytes)?;
            if let Some(at) = memrchr(b'\n', &bytes) {
                return Ok(Some(from + at as u64));
            }
            until = from;
            most = (most * 4).min(LARGEST_READ);
        }
        Ok(None)
    }

    /// Returns where the first `\n` from `offset` on is.
    fn end_after(&self, offset: u64) -> Result<Option<u64>, LogError> {
        let mut bytes = Vec::new();
        let mut most = FIRST_READ;
        let mut from = offset;
        while from < self.length() {
            if self.index.is_endless(from) {
                from = (from / BLOCK + 1) * BLOCK;
                continue;
            }
            self.log.read(from, most, &mut bytes)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            if let Some(at) = memchr(b'\n', &bytes) {
                return Ok(Some(from + at as u64));
            }
            from += bytes.len() as u64;
            most = (most * 4).min(LARGEST_READ);
        }
        Ok(None)
    }
}
