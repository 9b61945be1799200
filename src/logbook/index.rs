//! What is kept of a log: for each MiB how many lines end before its end, and for each sixty-fourth
//! of it whether it may hold a warning or an error. Ten gigabytes take a quarter of a megabyte.
//!
//! Built piece by piece, so that whoever builds it can do something else in between. Start at
//! [`Index::extend`].

use crate::{
    LogError, Snapshot,
    level::{LONGEST_WORD, Levels, Words},
    lines::LARGEST_READ,
};
use memchr::memchr_iter;

/// Bytes of a block.
pub const BLOCK: u64 = 1 << 20;
/// Bytes of a part, for which there is one bit of each kind of word.
pub const PART: u64 = BLOCK / u64::BITS as u64;

/// Lines and loud words of a log, by block.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Bytes looked at.
    counted: u64,
    /// Line ends up to the end of each block, the last one being filled.
    ends: Vec<u64>,
    /// Where in each block loud words end.
    words: Vec<Words>,
}

impl Index {
    /// Returns how many bytes were looked at.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// Returns how many lines end within the bytes looked at.
    #[must_use]
    pub fn line_ends(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Returns how many bytes of memory it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.ends.capacity() * size_of::<u64>() + self.words.capacity() * size_of::<Words>()
    }

    /// Looks at up to `most` further bytes of `log`, which must be the same log grown; returns
    /// whether there is more.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn extend(&mut self, log: &Snapshot, most: u64) -> Result<bool, LogError> {
        let goal = log.length().min(self.counted.saturating_add(most));
        let mut bytes = Vec::new();
        while self.counted < goal {
            let block = self.counted / BLOCK;
            let end = ((block + 1) * BLOCK)
                .min(goal)
                .min(self.counted + LARGEST_READ as u64);
            // A word may have begun in the piece before.
            let overlap = self.counted.min(LONGEST_WORD as u64 - 1);
            let from = self.counted - overlap;
            log.read(from, (end - from) as usize, &mut bytes)?;
            let Some(piece) = bytes.get(overlap as usize..) else {
                return Ok(false);
            };
            if piece.is_empty() {
                return Ok(false);
            }
            let at = block as usize;
            if self.ends.len() == at {
                self.ends.push(self.line_ends());
                self.words.push(Words::default());
            }
            self.ends[at] += memchr_iter(b'\n', piece).count() as u64;
            let offset = (self.counted % BLOCK) as usize;
            self.words[at].find(&bytes, overlap as usize, offset, PART as usize);
            self.counted += piece.len() as u64;
        }
        Ok(self.counted < log.length())
    }

    /// Returns how many lines end before `offset`'s block, where it begins; `None` beyond what was
    /// looked at.
    #[must_use]
    pub fn before_block_of(&self, offset: u64) -> Option<(u64, u64)> {
        let block = offset / BLOCK;
        let known = offset <= self.counted;
        let ends = match block {
            0 => Some(0),
            block => self.ends.get(block as usize - 1).copied(),
        };
        ends.filter(|_| known).map(|ends| (ends, block * BLOCK))
    }

    /// Returns where the block begins in which line number `line`, counted from 0, begins, and the
    /// number of lines that end before it; `None` beyond what was looked at.
    #[must_use]
    pub fn block_of_line(&self, line: u64) -> Option<(u64, u64)> {
        if line == 0 {
            return Some((0, 0));
        }
        let block = self.ends.partition_point(|ends| *ends < line);
        if block == self.ends.len() {
            return None;
        }
        let before = block.checked_sub(1).map_or(0, |former| self.ends[former]);
        Some((block as u64 * BLOCK, before))
    }

    /// Returns whether the whole block of `offset` is known to have no line end.
    #[must_use]
    pub fn is_endless(&self, offset: u64) -> bool {
        let block = offset / BLOCK;
        let whole = (block + 1) * BLOCK <= self.counted;
        whole && self.block_ends(block) == 0
    }

    /// Returns up to where, from `offset` on, no word of `levels` is known to end; `offset` itself
    /// where that is not known.
    #[must_use]
    pub fn quiet_until(&self, mut offset: u64, levels: Levels) -> u64 {
        while self.is_quiet(offset, levels) {
            let is_whole = offset.is_multiple_of(BLOCK) && self.is_quiet_block(offset, levels);
            let step = if is_whole { BLOCK } else { PART };
            offset = (offset / step + 1) * step;
        }
        offset
    }

    /// Returns from where on, up to `offset`, no word of `levels` is known to end; `offset` itself
    /// where that is not known.
    #[must_use]
    pub fn quiet_from(&self, mut offset: u64, levels: Levels) -> u64 {
        while let Some(last) = offset.checked_sub(1)
            && self.is_quiet(last, levels)
        {
            let is_whole = offset.is_multiple_of(BLOCK) && self.is_quiet_block(last, levels);
            let step = if is_whole { BLOCK } else { PART };
            offset = last / step * step;
        }
        offset
    }

    /// Returns whether the whole part of `offset` is known to have no word of `levels`.
    fn is_quiet(&self, offset: u64, levels: Levels) -> bool {
        let whole = (offset / PART + 1) * PART <= self.counted;
        let bit = 1 << (offset % BLOCK / PART);
        whole && self.words[(offset / BLOCK) as usize].parts(levels) & bit == 0
    }

    fn is_quiet_block(&self, offset: u64, levels: Levels) -> bool {
        let whole = (offset / BLOCK + 1) * BLOCK <= self.counted;
        whole && self.words[(offset / BLOCK) as usize].parts(levels) == 0
    }

    fn block_ends(&self, block: u64) -> u64 {
        let at = block as usize;
        let before = at.checked_sub(1).map_or(0, |former| self.ends[former]);
        self.ends[at] - before
    }
}
