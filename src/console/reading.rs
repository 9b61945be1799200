//! Answers questions about a curve, wherever its chunks lie.
//!
//! Remembers what it read last: questions from left to right, as a chart asks them, cost one read
//! for each place. Start at [`Reader`].

use crate::{
    block::{Away, Blocks},
    chunk::{CHUNK, Chunk, Lies, PART, Whole},
    column::{Bound, Column},
    pyramid::{FAN, Span},
    series::{Axis, Summary},
    tail::Tail,
};
use std::{ops::Range, sync::Arc};

/// Reads one curve.
#[derive(Debug)]
pub struct Reader<'a> {
    whole: &'a Whole,
    tail: &'a Tail,
    blocks: Blocks<'a>,
    /// How many chunks began before the last place asked for.
    begun: usize,
    /// Chunks are read as a whole; the last one, and which it is.
    dense: Option<(usize, Arc<Chunk>)>,
}

/// Where a place lies.
enum Place {
    /// Behind so many points.
    Behind(usize),
    /// Somewhere in a chunk that is whole, whose column reaches from about one to about another.
    Within(usize, (f64, f64)),
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

impl<'a> Reader<'a> {
    /// Reads the curve of these chunks that are whole and of the one that is not.
    pub fn new(whole: &'a Whole, tail: &'a Tail) -> Self {
        let scratch = whole.scratch().map(|scratch| &**scratch);
        Self {
            whole,
            tail,
            blocks: Blocks::of(scratch),
            begun: 0,
            dense: None,
        }
    }

    /// Reads chunks as a whole from now on: cheaper where most of their blocks are needed.
    pub fn densely(&mut self) {
        self.dense = Some((usize::MAX, Arc::default()));
    }

    fn len(&self) -> usize {
        self.whole.chunks.len() * CHUNK + self.tail.len()
    }

    /// Returns a chunk that is whole, or where it lies.
    fn chunk(&mut self, index: usize) -> Result<&Chunk, Away> {
        let away = match &self.whole.chunks[index] {
            Lies::Here(chunk) => return Ok(chunk),
            Lies::Away(away) => *away,
        };
        let Some((known, chunk)) = &mut self.dense else {
            return Err(away);
        };
        if *known != index {
            (*known, *chunk) = (index, self.whole.load(index).unwrap_or_default());
        }
        Ok(chunk)
    }

    /// Returns where the point `index` lies on `axis`; NaN beyond the last.
    pub fn x(&mut self, axis: Axis, index: usize) -> f64 {
        let Some(which) = axis.column() else {
            return match index < self.len() {
                true => (index + 1) as f64,
                false => f64::NAN,
            };
        };
        if let Some(inside) = self.in_tail(index) {
            return self.tail.x(which, inside);
        }
        match self.chunk(index / CHUNK) {
            Ok(chunk) => chunk.column(which).get(index % CHUNK),
            Err(away) => self.blocks.x(&away, which, index % CHUNK),
        }
    }

    /// Returns which point of the tail the point `index` is; `None` where it lies in a whole chunk.
    fn in_tail(&self, index: usize) -> Option<usize> {
        index.checked_sub(self.whole.chunks.len() * CHUNK)
    }

    /// Returns the value of the point `index`; NaN beyond the last.
    pub fn value(&mut self, index: usize) -> f64 {
        if let Some(inside) = self.in_tail(index) {
            return self.tail.value(inside);
        }
        match self.chunk(index / CHUNK) {
            Ok(chunk) => {
                let value = chunk.values.get(index % CHUNK);
                value.copied().unwrap_or(f64::NAN)
            }
            Err(away) => self.blocks.value(&away, index % CHUNK),
        }
    }

    /// Returns how many points lie before `bound`.
    pub fn points_before(&mut self, axis: Axis, bound: Bound) -> usize {
        let Some(which) = axis.column() else {
            // Points stand at 1, 2, 3 and so on.
            let whole = match bound {
                Bound::Below(x) => x.ceil() - 1.0,
                Bound::UpTo(x) => x.floor(),
            };
            return (whole.max(0.0) as usize).min(self.len());
        };
        match self.locate(which, bound) {
            Place::Behind(points) => points,
            Place::Within(index, ends) => {
                let inside = match self.chunk(index) {
                    Ok(chunk) => chunk.column(which).partition_point(bound, ends),
                    Err(away) => self.blocks.partition_point(&away, which, bound, ends),
                };
                index * CHUNK + inside
            }
        }
    }

    /// Returns where `bound` lies in a column, as far as that is known without reading.
    fn locate(&mut self, which: usize, bound: Bound) -> Place {
        self.begin(which, bound);
        let (starts, tail) = (&self.whole.starts, self.tail);
        let begins = (tail.len() > 0).then(|| tail.x(which, 0));
        if self.begun == starts.len() && begins.is_some_and(|first| bound.holds(first)) {
            return Place::Behind(self.begun * CHUNK + tail.partition_point(which, bound));
        }
        let Some(index) = self.begun.checked_sub(1) else {
            return Place::Behind(0);
        };
        // Where the next chunk starts is at hand; the last number would have to be fetched.
        let next = starts.get(index + 1).map(|start| start[which]);
        let next = next.or(begins);
        let first = starts[index][which];
        let last = next.unwrap_or_else(|| match self.chunk(index) {
            Ok(chunk) => chunk.column(which).get(CHUNK - 1),
            Err(away) => self.blocks.x(&away, which, CHUNK - 1),
        });
        Place::Within(index, (first, last))
    }

    /// Counts the chunks that began before `bound`.
    fn begin(&mut self, which: usize, bound: Bound) {
        let starts = &self.whole.starts;
        let begins = |start: &[f64; 2]| bound.holds(start[which]);
        let known = self
            .begun
            .checked_sub(1)
            .filter(|last| begins(&starts[*last]));
        let known = known.map_or(0, |last| last + 1);
        self.begun = known + gallop(&starts[known..], begins);
    }

    /// Returns about what each column of the points in `range` holds that ends at one of `bounds`,
    /// which never fall, and begins where the one before ends. Edges are moved to those of parts, and
    /// no file is read; where parts are wider than columns to those of blocks, for which the spans of
    /// a chunk's blocks are read. What a column begins and ends with is any value near its edge.
    pub fn glance(&mut self, axis: Axis, range: Range<usize>, bounds: &[Bound]) -> Vec<Summary> {
        let grain = match range.len() < bounds.len() * PART {
            true => FAN,
            false => PART,
        };
        let (mut from, end) = (range.start, range.end);
        let mut column = |(index, bound): (usize, &Bound)| {
            let to = match index + 1 == bounds.len() {
                true => end,
                false => self.near(axis, *bound, grain).min(end).max(from),
            };
            let summary = self.rough(from..to, grain);
            from = to;
            summary
        };
        bounds.iter().enumerate().map(&mut column).collect()
    }

    /// Returns about how many points lie before `bound`: as many as whole pieces of `grain` hold.
    fn near(&mut self, axis: Axis, bound: Bound, grain: usize) -> usize {
        let place = match axis.column() {
            Some(which) => self.locate(which, bound),
            None => Place::Behind(self.points_before(axis, bound)),
        };
        let index = match place {
            Place::Behind(points) => points,
            Place::Within(chunk, ends) => chunk * CHUNK + Column::guess(bound.place(), ends, CHUNK),
        };
        match index < self.whole.chunks.len() * CHUNK {
            true => (index + grain / 2) / grain * grain,
            false => index,
        }
    }

    /// Returns about the summary of the points in `range`, which lie in whole pieces of `grain`.
    fn rough(&mut self, range: Range<usize>, grain: usize) -> Summary {
        if range.is_empty() {
            return Summary::EMPTY;
        }
        let Range { start, end } = range;
        let whole = self.whole.chunks.len() * CHUNK;
        let of_chunks = match grain {
            FAN => self.blocks_in(start.min(whole)..end.min(whole)),
            _ => {
                let parts = start.min(whole) / PART..end.min(whole).div_ceil(PART);
                self.whole.parts(parts)
            }
        };
        let values = start.max(whole) - whole..end.max(whole) - whole;
        let any = |index: usize| match index < whole {
            true => {
                let part = index / PART;
                let span = self.whole.parts(part..part + 1).range();
                span.map_or(f64::NAN, |(low, _)| low)
            }
            false => self.tail.value(index - whole),
        };
        Summary {
            first: any(start),
            last: any(end - 1),
            span: of_chunks.with(self.tail.span(values)),
            count: end - start,
        }
    }

    /// Returns the span of all blocks that points of `range` lie in, all of whole chunks.
    fn blocks_in(&mut self, range: Range<usize>) -> Span {
        let mut span = Span::EMPTY;
        let mut from = range.start / FAN * FAN;
        while from < range.end {
            let chunk = from / CHUNK;
            let to = range.end.next_multiple_of(FAN).min((chunk + 1) * CHUNK);
            let inside = from % CHUNK..to - chunk * CHUNK;
            span = span.with(match self.chunk(chunk) {
                _ if inside.len() == CHUNK => self.whole.span(chunk..chunk + 1),
                Ok(chunk) => chunk.span(inside),
                Err(away) => self
                    .blocks
                    .tabled(&away, inside.start / FAN..inside.end / FAN),
            });
            from = to;
        }
        span
    }

    /// Returns the summary of the points in `range`; what lies beyond the last is left out.
    pub fn summary(&mut self, range: Range<usize>) -> Summary {
        let (from, to) = (range.start, range.end.min(self.len()));
        if from >= to {
            return Summary::EMPTY;
        }
        Summary {
            first: self.value(from),
            last: self.value(to - 1),
            span: self.span(from..to),
            count: to - from,
        }
    }

    /// Returns the span of the points in `range`, which is not empty and lies inside.
    fn span(&mut self, range: Range<usize>) -> Span {
        let (first, last) = (range.start / CHUNK, (range.end - 1) / CHUNK);
        let (from, to) = (range.start % CHUNK, range.end - last * CHUNK);
        if first == last {
            return self.within(first, from..to);
        }
        let between = self.whole.span(first + 1..last);
        let ends = self.within(first, from..CHUNK);
        ends.with(between).with(self.within(last, 0..to))
    }

    /// Returns the span of the points in `range` of a chunk.
    fn within(&mut self, chunk: usize, range: Range<usize>) -> Span {
        if chunk == self.whole.chunks.len() {
            return self.tail.span(range);
        }
        match range.len() {
            0 => return Span::EMPTY,
            CHUNK => return self.whole.span(chunk..chunk + 1),
            _ => {}
        }
        match self.chunk(chunk) {
            Ok(chunk) => chunk.span(range),
            Err(away) => self.blocks.span(&away, range),
        }
    }

    /// Returns where the line from the point `index` to the next is at `x`; `None` at a gap.
    pub fn crossing(&mut self, axis: Axis, index: usize, x: f64) -> Option<f64> {
        if index + 1 >= self.len() {
            return None;
        }
        let (left, right) = (self.x(axis, index), self.x(axis, index + 1));
        let (low, high) = (self.value(index), self.value(index + 1));
        let share = (x - left) / (right - left);
        let value = low * (1.0 - share) + high * share;
        value.is_finite().then_some(value)
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
