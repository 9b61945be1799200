//! A thousand neighbouring points of a curve, and the chunks of a curve that are whole.
//!
//! The points of whole chunks lie in a temporary file where there is one; what is needed to find
//! them stays here, and the lowest and highest of their parts, from which a chart can be drawn
//! roughly: about a hundred and fifty bytes a chunk. Start at [`Whole`].

use crate::{
    block::Away,
    column::Column,
    pyramid::{FAN, Pyramid, Span},
    scratch::{Extent, Scratch},
};
use std::{ops::Range, sync::Arc};

/// Points of a whole chunk. Fewer would leave more behind in memory of each, more would keep more
/// in memory until they are whole.
pub const CHUNK: usize = 1_024;
/// Points of a part of a chunk.
pub const PART: usize = 256;
/// Parts of a chunk.
const PARTS: usize = CHUNK / PART;

// The pyramid over all parts never has to skip the end of a block.
const _: () = assert!(FAN.is_multiple_of(PARTS));

/// Where a whole chunk's points are.
#[derive(Clone, Debug)]
pub enum Lies {
    /// In memory.
    Here(Arc<Chunk>),
    /// In the scratch.
    Away(Away),
}

/// The chunks that are whole: shared by all copies of a curve, so that copying or dropping one
/// touches none of them.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// The chunks.
    pub chunks: Vec<Lies>,
    /// First step and first second of each.
    pub starts: Vec<[f64; 2]>,
    /// Lowest and highest of each part of each.
    parts: Vec<Span>,
    /// The same of many parts.
    upper: Pyramid,
    scratch: Option<Arc<Scratch>>,
    extents: Vec<Arc<Extent>>,
}

/// Neighbouring points, to which none is added.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Environment steps.
    pub steps: Column,
    /// Seconds since the curve's first point.
    pub seconds: Column,
    /// Values, gaps included.
    pub values: Vec<f64>,
    pyramid: Pyramid,
    /// Where it is whole: what lies before and from each block on. The columns of a wide chart begin
    /// and end inside chunks; so each end costs one look instead of one a level.
    sides: Vec<[Span; 2]>,
}

/// Makes room for `more`: an eighth more than there is, since doubling would leave half of it to spare
/// for hours.
fn widen<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 8));
    }
}

/// Returns the bytes that a list has taken.
pub fn room<T>(list: &Vec<T>) -> usize {
    list.capacity() * size_of::<T>()
}

impl Whole {
    /// Starts without any; those to come go into `scratch`.
    pub fn on(scratch: Option<&Arc<Scratch>>) -> Self {
        Self {
            scratch: scratch.cloned(),
            ..Self::default()
        }
    }

    /// Returns where chunks go.
    pub fn scratch(&self) -> Option<&Arc<Scratch>> {
        self.scratch.as_ref()
    }

    /// Takes a chunk in, which is full.
    pub fn push(&mut self, mut chunk: Chunk) {
        chunk.close();
        widen(&mut self.starts, 1);
        widen(&mut self.chunks, 1);
        widen(&mut self.parts, PARTS);
        self.starts.push([chunk.steps.get(0), chunk.seconds.get(0)]);
        let part = |part: usize| chunk.span(part * PART..(part + 1) * PART);
        self.parts.extend((0..PARTS).map(part));
        let away = self.send(&chunk);
        let lies = away.map_or_else(|| Lies::Here(Arc::new(chunk)), Lies::Away);
        self.chunks.push(lies);
        let parts = &self.parts;
        self.upper.grow(parts.len(), |index| parts[index]);
    }

    /// Writes a chunk; `None` where that cannot be done.
    fn send(&mut self, chunk: &Chunk) -> Option<Away> {
        let scratch = self.scratch.as_ref()?;
        if self.extents.last().is_none_or(|extent| extent.is_full()) {
            self.extents.push(Arc::new(Extent::new(scratch)));
        }
        let at = self.extents.last()?.write(&Away::bytes(chunk))?;
        Some(Away::at(at, chunk))
    }

    /// Returns the lowest and the highest value of neighbouring parts.
    pub fn parts(&self, range: Range<usize>) -> Span {
        self.upper.fold(range, |index| self.parts[index])
    }

    /// Returns the lowest and the highest value of neighbouring chunks.
    pub fn span(&self, chunks: Range<usize>) -> Span {
        self.parts(chunks.start * PARTS..chunks.end * PARTS)
    }

    /// Returns all points of a chunk.
    pub fn load(&self, index: usize) -> Option<Arc<Chunk>> {
        Some(match self.chunks.get(index)? {
            Lies::Here(chunk) => Arc::clone(chunk),
            Lies::Away(away) => Arc::new(away.load(self.scratch.as_deref())),
        })
    }

    /// Returns how many bytes of memory all of it takes.
    pub fn memory(&self) -> usize {
        let here = self.chunks.iter().map(|chunk| match chunk {
            Lies::Here(chunk) => chunk.memory(),
            Lies::Away(_) => 0,
        });
        let lists = room(&self.chunks) + room(&self.starts) + room(&self.parts);
        let extents = room(&self.extents) + self.extents.len() * size_of::<Extent>();
        here.sum::<usize>() + lists + extents + self.upper.memory()
    }

    /// Forgets all chunks from `kept` on.
    pub fn truncate(&mut self, kept: usize) {
        self.chunks.truncate(kept);
        self.starts.truncate(kept);
        self.parts.truncate(kept * PARTS);
        self.upper.shrink(kept * PARTS);
        let last = self.chunks.iter().rev().find_map(|chunk| match chunk {
            Lies::Away(away) => Some(away.at),
            Lies::Here(_) => None,
        });
        let last = last.and_then(|at| self.extents.iter().rposition(|extent| extent.holds(at)));
        self.extents.truncate(last.map_or(0, |last| last + 1));
    }
}

impl Chunk {
    /// Makes a chunk of steps, seconds and values.
    pub fn of([steps, seconds]: [Column; 2], values: Vec<f64>) -> Self {
        Self {
            steps,
            seconds,
            values,
            ..Self::default()
        }
    }

    /// Returns how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        let columns = [0, 1].map(|which| match self.column(which) {
            Column::Even(_) => 0,
            Column::Listed(numbers) => room(numbers),
        });
        let values = room(&self.values) + self.pyramid.memory() + room(&self.sides);
        size_of::<Self>() + columns.iter().sum::<usize>() + values
    }

    /// Returns steps (0) or seconds (1).
    pub fn column(&self, which: usize) -> &Column {
        match which {
            0 => &self.steps,
            _ => &self.seconds,
        }
    }

    /// Returns the lowest and the highest value of the points in `range`.
    pub fn span(&self, range: Range<usize>) -> Span {
        let walked = |range: Range<usize>| {
            let values = self.values[range].iter();
            values.fold(Span::EMPTY, |span, value| span.with(Span::of(*value)))
        };
        match (self.sides.is_empty(), range.start, range.end) {
            (false, 0, end) => {
                let block = end / FAN;
                self.sides[block][0].with(walked(block * FAN..end))
            }
            (false, start, CHUNK) => {
                let block = start.div_ceil(FAN);
                self.sides[block][1].with(walked(start..block * FAN))
            }
            _ => self
                .pyramid
                .fold(range, |index| Span::of(self.values[index])),
        }
    }

    /// Works out the lowest and the highest of its blocks.
    fn close(&mut self) {
        let values = &self.values;
        for len in 1..=values.len() {
            self.pyramid.grow(len, |index| Span::of(values[index]));
        }
        let blocks = CHUNK / FAN;
        let block = |index: usize| self.span(index * FAN..(index + 1) * FAN);
        let mut sides = vec![[Span::EMPTY; 2]; blocks + 1];
        for index in 0..blocks {
            sides[index + 1][0] = sides[index][0].with(block(index));
        }
        for index in (0..blocks).rev() {
            sides[index][1] = sides[index + 1][1].with(block(index));
        }
        self.sides = sides;
    }
}
