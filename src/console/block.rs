//! A chunk as it lies in a file: blocks of neighbouring points, each with all that the edge of a
//! chart's column needs, so that an edge costs one read.
//!
//! Owns the layout. Of a block: the value before it, its values, the lowest and highest of what lies
//! before it and behind it in the chunk, then steps and seconds where they are not evenly spaced;
//! behind all blocks the lowest and highest of each. Start at [`Blocks`].

use crate::{
    chunk::{CHUNK, Chunk},
    column::{Bound, Column, Even},
    pyramid::{FAN, Span},
    scratch::{SLOT, Scratch},
};
use std::ops::Range;

/// Blocks of a chunk.
const BLOCKS: usize = CHUNK / FAN;
/// Bytes of a number.
const NUMBER: usize = 8;
/// Bytes of a span.
const SPAN: usize = 2 * NUMBER;
/// Bytes of a column of a block.
const COLUMN: usize = FAN * NUMBER;
/// Bytes of a block before its steps.
const HEAD: usize = NUMBER + COLUMN + 2 * SPAN;
/// Blocks that are remembered: those at both ends of a chart's column, and their neighbours.
const HELD: usize = 4;

const _: () = assert!(BLOCKS * (HEAD + 2 * COLUMN + SPAN) <= SLOT);

/// Where a chunk lies, and what is not written of it.
#[derive(Clone, Copy, Debug)]
pub struct Away {
    /// Bytes from the beginning of the file.
    pub at: u64,
    /// First step and first second.
    starts: [f64; 2],
    /// What evenly spaced steps and seconds grow by; NaN where they are written.
    by: [f64; 2],
}

impl Away {
    /// Returns the chunk, which is whole, as bytes.
    pub fn bytes(chunk: &Chunk) -> Vec<u8> {
        let away = Self::at(0, chunk);
        let mut bytes = Vec::with_capacity(BLOCKS * (away.size() + SPAN));
        let mut put = |number: f64| bytes.extend(number.to_le_bytes());
        for block in 0..BLOCKS {
            let (from, to) = (block * FAN, (block + 1) * FAN);
            put(from.checked_sub(1).map_or(f64::NAN, |i| chunk.values[i]));
            (from..to).for_each(|i| put(chunk.values[i]));
            for span in [chunk.span(0..from), chunk.span(to..CHUNK)] {
                span.ends().into_iter().for_each(&mut put);
            }
            for which in (0..2).filter(|which| !away.is_even(*which)) {
                (from..to).for_each(|i| put(chunk.column(which).get(i)));
            }
        }
        for block in 0..BLOCKS {
            let span = chunk.span(block * FAN..(block + 1) * FAN);
            span.ends().into_iter().for_each(&mut put);
        }
        bytes
    }

    /// Returns the place of `chunk`, whose bytes were written at `at`.
    pub fn at(at: u64, chunk: &Chunk) -> Self {
        let by = [0, 1].map(|which| match chunk.column(which) {
            Column::Even(even) => even.by,
            Column::Listed(_) => f64::NAN,
        });
        let starts = [0, 1].map(|which| chunk.column(which).get(0));
        Self { at, starts, by }
    }

    fn is_even(&self, which: usize) -> bool {
        !self.by[which].is_nan()
    }

    /// Returns a column that is evenly spaced.
    fn even(&self, which: usize) -> Column {
        Column::Even(Even {
            first: self.starts[which],
            by: self.by[which],
            len: CHUNK,
        })
    }

    /// Returns `number` of column `which`; where it could not be read, what is known: an axis must
    /// not have holes.
    fn known(&self, which: usize, number: f64) -> f64 {
        match number.is_nan() {
            true => self.starts[which],
            false => number,
        }
    }

    /// Returns where a block lies; what comes behind the last is the table of their spans.
    fn block(&self, block: usize) -> u64 {
        self.at + (block * self.size()) as u64
    }

    /// Returns the bytes of one block.
    fn size(&self) -> usize {
        let listed = (0..2).filter(|which| !self.is_even(*which)).count();
        HEAD + listed * COLUMN
    }

    /// Returns where in a block its numbers of column `which` are, if they are anywhere.
    fn column(&self, which: usize) -> Option<usize> {
        let behind = which == 1 && !self.is_even(0);
        (!self.is_even(which)).then_some(HEAD + usize::from(behind) * COLUMN)
    }

    /// Reads all of it.
    pub fn load(&self, scratch: Option<&Scratch>) -> Chunk {
        let mut bytes = vec![0; BLOCKS * self.size()];
        read(scratch, &mut bytes, self.at);
        let gathered = |offset: usize| {
            let mut numbers = Vec::with_capacity(CHUNK);
            for block in bytes.chunks_exact(self.size()) {
                let (column, _) = block[offset..offset + COLUMN].as_chunks();
                numbers.extend(column.iter().map(|bytes| f64::from_le_bytes(*bytes)));
            }
            numbers
        };
        let column = |which: usize| match self.column(which) {
            Some(offset) => {
                let mut numbers = gathered(offset);
                let known = |number: &mut f64| *number = self.known(which, *number);
                numbers.iter_mut().for_each(known);
                Column::Listed(numbers)
            }
            None => self.even(which),
        };
        Chunk::of([column(0), column(1)], gathered(NUMBER))
    }
}

/// Reads numbers of chunks in a file; remembers the last few blocks.
#[derive(Debug)]
pub struct Blocks<'a> {
    scratch: Option<&'a Scratch>,
    /// Where they lie, and their bytes.
    held: Vec<(u64, Vec<u8>)>,
    next: usize,
    /// The spans of a chunk's blocks, and where they lie.
    table: (Option<u64>, Vec<u8>),
}

impl<'a> Blocks<'a> {
    /// Starts with nothing read of `scratch`, without which no chunk is away.
    pub fn of(scratch: Option<&'a Scratch>) -> Self {
        Self {
            scratch,
            held: Vec::new(),
            next: 0,
            table: (None, Vec::new()),
        }
    }

    /// Returns the value `index`.
    pub fn value(&mut self, away: &Away, index: usize) -> f64 {
        let (block, inside) = (index / FAN, index % FAN);
        // The last value of a column often lies right before the block of its edge.
        if inside + 1 == FAN && block + 1 < BLOCKS && self.holds(away, block + 1) {
            return number(self.block(away, block + 1), 0);
        }
        number(self.block(away, block), NUMBER + inside * NUMBER)
    }

    /// Returns the step (0) or second (1) `index`.
    pub fn x(&mut self, away: &Away, which: usize, index: usize) -> f64 {
        let Some(offset) = away.column(which) else {
            return away.even(which).get(index);
        };
        let block = self.block(away, index / FAN);
        away.known(which, number(block, offset + index % FAN * NUMBER))
    }

    /// Returns how many steps (0) or seconds (1) lie before `bound`; they reach from about the first
    /// to about the last of `ends`.
    pub fn partition_point(
        &mut self,
        away: &Away,
        which: usize,
        bound: Bound,
        ends: (f64, f64),
    ) -> usize {
        let Some(offset) = away.column(which) else {
            return away.even(which).partition_point(bound, ends);
        };
        let (mut from, mut to) = (0, BLOCKS);
        let mut guess = Column::guess(bound.place(), ends, CHUNK) / FAN;
        let mut reach = 1;
        while from < to {
            let block = self.block(away, guess);
            let holds = |index: usize| bound.holds(number(block, offset + index * NUMBER));
            match (holds(0), holds(FAN - 1)) {
                (_, true) => {
                    from = guess + 1;
                    guess = (guess + reach).min(to - 1);
                }
                (true, false) => (from, to) = (guess, guess),
                (false, false) => {
                    to = guess;
                    guess = guess.saturating_sub(reach).max(from);
                }
            }
            reach *= 2;
            // Far from even: by halves.
            if reach > 8 {
                guess = from.midpoint(to);
            }
        }
        if from == BLOCKS {
            return CHUNK;
        }
        let block = self.block(away, from);
        let holds = |index: &usize| bound.holds(number(block, offset + index * NUMBER));
        from * FAN + (0..FAN).take_while(holds).count()
    }

    /// Returns the lowest and the highest value of the points in `range`.
    pub fn span(&mut self, away: &Away, range: Range<usize>) -> Span {
        let Range { start, end } = range;
        if end == CHUNK {
            let first = start / FAN;
            let behind = span(self.block(away, first), NUMBER + COLUMN + SPAN);
            return behind.with(self.walked(away, start..(first + 1) * FAN));
        }
        let last = end / FAN;
        if start == 0 {
            let before = span(self.block(away, last), NUMBER + COLUMN);
            return before.with(self.walked(away, last * FAN..end));
        }
        let first = start.div_ceil(FAN);
        if first > last {
            return self.walked(away, start..end);
        }
        let ends = self.walked(away, start..first * FAN);
        let ends = ends.with(self.walked(away, last * FAN..end));
        ends.with(self.tabled(away, first..last))
    }

    /// Goes through values of one block.
    fn walked(&mut self, away: &Away, range: Range<usize>) -> Span {
        if range.is_empty() {
            return Span::EMPTY;
        }
        let block = self.block(away, range.start / FAN);
        let from = range.start % FAN;
        let values = (from..from + range.len()).map(|i| number(block, NUMBER + i * NUMBER));
        values.fold(Span::EMPTY, |span, value| span.with(Span::of(value)))
    }

    /// Returns the lowest and the highest value of whole blocks.
    pub fn tabled(&mut self, away: &Away, blocks: Range<usize>) -> Span {
        if blocks.is_empty() {
            return Span::EMPTY;
        }
        let at = away.block(BLOCKS);
        if self.table.0 != Some(at) {
            self.table.0 = Some(at);
            self.table.1.resize(BLOCKS * SPAN, 0);
            read(self.scratch, &mut self.table.1, at);
        }
        let spans = blocks.map(|block| span(&self.table.1, block * SPAN));
        spans.fold(Span::EMPTY, Span::with)
    }

    fn holds(&self, away: &Away, block: usize) -> bool {
        self.held.iter().any(|held| held.0 == away.block(block))
    }

    /// Returns the bytes of a block.
    fn block(&mut self, away: &Away, block: usize) -> &[u8] {
        let at = away.block(block);
        let known = self.held.iter().position(|held| held.0 == at);
        let index = known.unwrap_or_else(|| {
            let index = self.next;
            self.next = (index + 1) % HELD;
            if index == self.held.len() {
                self.held.push((at, Vec::new()));
            }
            let held = &mut self.held[index];
            held.0 = at;
            held.1.resize(away.size(), 0);
            read(self.scratch, &mut held.1, at);
            index
        });
        &self.held[index].1
    }
}

fn read(scratch: Option<&Scratch>, bytes: &mut [u8], at: u64) {
    if let Some(scratch) = scratch {
        scratch.read(bytes, at);
    }
}

fn number(bytes: &[u8], offset: usize) -> f64 {
    let mut number = [0; NUMBER];
    number.copy_from_slice(&bytes[offset..offset + NUMBER]);
    f64::from_le_bytes(number)
}

fn span(bytes: &[u8], offset: usize) -> Span {
    Span::between(number(bytes, offset), number(bytes, offset + NUMBER))
}
