//! A few thousand neighbouring points of a curve, and the chunks of a curve that are whole.
//!
//! Owns how points lie in memory, so that an edge of a chart's column costs as little of it as can
//! be. Start at [`Chunk`].

use crate::{
    column::{Bound, Column},
    pyramid::{FAN, Pyramid, Span},
};
use std::{ops::Range, sync::Arc};

/// Points of a whole chunk.
pub const CHUNK: usize = 4_096;

/// The chunks that are whole: shared by all copies of a curve, so that copying or dropping one
/// touches none of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Whole {
    /// The chunks.
    pub chunks: Vec<Arc<Chunk>>,
    /// First step and first second of each.
    pub starts: Vec<[f64; 2]>,
    /// Lowest and highest of each.
    pub spans: Vec<Span>,
    /// The same of many.
    pub upper: Pyramid,
}

/// Neighbouring points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// Environment steps.
    pub steps: Column,
    /// Seconds since the curve's first point.
    pub seconds: Column,
    /// Values, gaps included.
    pub values: Vec<f64>,
    pyramid: Pyramid,
    /// Once it is whole: what lies before and from each block on. The columns of a wide chart begin
    /// and end inside chunks; so each end costs one look instead of one a level.
    sides: Vec<[Span; 2]>,
}

/// About where a place lies.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The chunk.
    pub chunk: usize,
    /// The point in it.
    pub index: usize,
}

impl Spot {
    /// Returns where the point `index` of a curve is.
    #[must_use]
    pub fn of(index: usize) -> Option<Self> {
        let (chunk, index) = (index / CHUNK, index % CHUNK);
        Some(Self { chunk, index })
    }
}

/// Returns how many of `sorted` are below, in steps that double: few where few are.
fn gallop<T>(sorted: &[T], is_below: impl Fn(&T) -> bool) -> usize {
    let mut reach = 1;
    while reach <= sorted.len() && is_below(&sorted[reach - 1]) {
        reach *= 2;
    }
    let known = reach / 2;
    known + sorted[known..reach.min(sorted.len())].partition_point(is_below)
}

impl Whole {
    /// Takes a chunk in.
    pub fn push(&mut self, chunk: Arc<Chunk>) {
        self.starts.push([chunk.steps.get(0), chunk.seconds.get(0)]);
        self.spans.push(chunk.span(0..CHUNK));
        self.chunks.push(chunk);
        let spans = &self.spans;
        self.upper.grow(spans.len(), |index| spans[index]);
    }

    /// Returns about where `place` lies in column `which`; `None` before the first point, and
    /// behind the last whole chunk but one, where the newest points are at hand. `before` is how many
    /// chunks begin below a place no higher, and becomes that of this one.
    pub fn spot(&self, which: usize, place: f64, before: &mut usize) -> Option<Spot> {
        *before += gallop(&self.starts[*before..], |start| start[which] < place);
        let chunk = before.checked_sub(1)?;
        let (start, next) = (self.starts[chunk][which], self.starts.get(*before)?[which]);
        let index = Column::guess(place, (start, next), CHUNK);
        Some(Spot { chunk, index })
    }

    /// Returns how many points lie below `place`, which `spot` was found for.
    pub fn position(&self, which: usize, place: f64, spot: Spot) -> usize {
        let ends = [spot.chunk, spot.chunk + 1].map(|chunk| self.starts[chunk][which]);
        let column = self.chunks[spot.chunk].column(which);
        spot.chunk * CHUNK + column.partition_point(Bound::Below(place), (ends[0], ends[1]))
    }

    /// Forgets all chunks from `kept` on.
    pub fn truncate(&mut self, kept: usize) {
        self.chunks.truncate(kept);
        self.starts.truncate(kept);
        self.spans.truncate(kept);
        self.upper.shrink(kept);
    }
}

impl Chunk {
    /// Appends a point.
    pub fn push(&mut self, step: f64, seconds: f64, value: f64) {
        self.steps.push(step);
        self.seconds.push(seconds);
        self.values.push(value);
        let values = &self.values;
        self.pyramid
            .grow(values.len(), |index| Span::of(values[index]));
    }

    /// Returns steps (0) or seconds (1).
    pub fn column(&self, which: usize) -> &Column {
        match which {
            0 => &self.steps,
            _ => &self.seconds,
        }
    }

    /// Returns something made of what the edge of a column at the point `index` is worked out from.
    pub fn around(&self, which: Option<usize>, index: usize) -> u64 {
        let place = which.map_or(0.0, |which| self.column(which).get(index));
        let block = index / FAN;
        let ends = [block * FAN, index, (block * FAN + FAN - 1).min(CHUNK - 1)];
        let side = self.sides.get(block).is_some_and(|side| side[1] == side[0]);
        let values = ends.iter().map(|end| self.values[*end].to_bits());
        values.fold(place.to_bits() ^ u64::from(side), |all, bits| all ^ bits)
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

    /// Takes in that nothing more will come.
    pub fn close(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn galloping_finds_what_walking_finds() {
        for len in 0..40_usize {
            let sorted: Vec<usize> = (0..len).collect();
            for below in 0..=len + 1 {
                assert_eq!(gallop(&sorted, |one| *one < below), below.min(len));
            }
        }
    }
}
