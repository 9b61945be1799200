//! Answers questions about a curve, wherever its chunks lie.
//!
//! Remembers what it read last: questions from left to right, as a chart asks them, cost one read
//! for each place. Start at [`Reader`].

use crate::{
    block::Blocks,
    chunk::{CHUNK, Chunk, Lies, Whole},
    column::Bound,
    pyramid::Span,
    series::{Axis, Summary},
};
use std::ops::Range;

/// Reads one curve.
#[derive(Debug)]
pub struct Reader<'a> {
    whole: &'a Whole,
    tail: &'a Chunk,
    blocks: Blocks<'a>,
    /// How many chunks began before the last place asked for.
    begun: usize,
}

/// Where a column of a chart begins or ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edge {
    /// So many points lie before it.
    At(usize),
    /// Somewhere in this chunk, none of whose points reaches beyond what both columns beside it hold
    /// anyway.
    Within(usize),
}

impl Edge {
    /// Returns how many points lie before it at least.
    pub fn least(self) -> usize {
        match self {
            Self::At(index) => index,
            Self::Within(chunk) => chunk * CHUNK,
        }
    }

    fn chunk(self) -> usize {
        self.least() / CHUNK
    }
}

/// One chunk.
enum Part<'a> {
    Here(&'a Chunk),
    Away(&'a crate::block::Away),
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
    pub fn new(whole: &'a Whole, tail: &'a Chunk) -> Self {
        let scratch = whole.scratch().map(|scratch| &**scratch);
        Self {
            whole,
            tail,
            blocks: Blocks::of(scratch),
            begun: 0,
        }
    }

    fn len(&self) -> usize {
        self.whole.chunks.len() * CHUNK + self.tail.values.len()
    }

    fn part(&self, index: usize) -> Part<'a> {
        match self.whole.chunks.get(index) {
            None => Part::Here(self.tail),
            Some(Lies::Here(chunk)) => Part::Here(chunk),
            Some(Lies::Away(away)) => Part::Away(away),
        }
    }

    /// Returns where the point `index` lies on `axis`; NaN beyond the last.
    pub fn x(&mut self, axis: Axis, index: usize) -> f64 {
        let Some(which) = axis.column() else {
            return match index < self.len() {
                true => (index + 1) as f64,
                false => f64::NAN,
            };
        };
        match self.part(index / CHUNK) {
            Part::Here(chunk) => chunk.column(which).get(index % CHUNK),
            Part::Away(away) => self.blocks.x(away, which, index % CHUNK),
        }
    }

    /// Returns the value of the point `index`; NaN beyond the last.
    pub fn value(&mut self, index: usize) -> f64 {
        match self.part(index / CHUNK) {
            Part::Here(chunk) => {
                let value = chunk.values.get(index % CHUNK);
                value.copied().unwrap_or(f64::NAN)
            }
            Part::Away(away) => self.blocks.value(away, index % CHUNK),
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
        self.begin(which, bound);
        let (starts, tail) = (&self.whole.starts, self.tail.column(which));
        if self.begun == starts.len() && !tail.is_empty() && bound.holds(tail.get(0)) {
            let ends = (tail.get(0), tail.get(tail.len() - 1));
            return self.begun * CHUNK + tail.partition_point(bound, ends);
        }
        let Some(index) = self.begun.checked_sub(1) else {
            return 0;
        };
        // Where the next chunk starts is at hand; the last number would have to be fetched.
        let next = starts.get(index + 1).map(|start| start[which]);
        let ends = (starts[index][which], next.unwrap_or_else(|| tail.get(0)));
        let inside = match self.part(index) {
            Part::Here(chunk) => chunk.column(which).partition_point(bound, ends),
            Part::Away(away) => self.blocks.partition_point(away, which, bound, ends),
        };
        index * CHUNK + inside
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

    /// Returns the chunk that the place of `bound` lies in.
    fn chunk_of(&mut self, axis: Axis, bound: Bound) -> usize {
        let Some(which) = axis.column() else {
            return self.points_before(axis, bound) / CHUNK;
        };
        self.begin(which, bound);
        self.begun.saturating_sub(1)
    }

    /// Returns the edges at `bounds`, which never fall; `first` is the one before all of them.
    ///
    /// Where a column holds many chunks, what its neighbour and it have of the chunk between them
    /// mostly is no higher and no lower than what they hold besides, and so is the line that joins
    /// them. Such an edge is not looked for: the picture is the same.
    pub fn edges(&mut self, axis: Axis, first: Edge, bounds: &[Bound]) -> Vec<Edge> {
        let chunks: Vec<usize> = std::iter::once(first.chunk())
            .chain(bounds.iter().map(|bound| self.chunk_of(axis, *bound)))
            .collect();
        let inner = |column: &[usize]| self.between(column[0], column[1]);
        let inner: Vec<Span> = chunks.windows(2).map(inner).collect();
        let mut last = first;
        let mut edges = Vec::with_capacity(bounds.len());
        for (index, bound) in bounds.iter().enumerate() {
            let chunk = chunks[index + 1];
            let is_hidden = self.whole.spans.get(chunk).is_some_and(|span| {
                let beside = inner.get(index + 1);
                inner[index].covers(*span) && beside.is_some_and(|inner| inner.covers(*span))
            });
            last = match is_hidden {
                true => Edge::Within(chunk),
                // A window that ends before it begins shows nothing.
                false => Edge::At(self.points_before(axis, *bound).max(last.least())),
            };
            edges.push(last);
        }
        edges
    }

    /// Returns the span of the chunks between two others.
    fn between(&self, first: usize, last: usize) -> Span {
        if first + 1 >= last {
            return Span::EMPTY;
        }
        let whole = self.whole;
        whole
            .upper
            .fold(first + 1..last, |index| whole.spans[index])
    }

    /// Returns the summary of the points from one edge to another.
    pub fn column(&mut self, from: Edge, to: Edge) -> Summary {
        if let (Edge::At(from), Edge::At(to)) = (from, to) {
            return self.summary(from..to);
        }
        let (first, left) = match from {
            Edge::At(index) => {
                let rest = self.within(index / CHUNK, index % CHUNK..CHUNK);
                (self.value(index), rest)
            }
            Edge::Within(chunk) => (self.any_value(chunk), Span::EMPTY),
        };
        let (last, right) = match to {
            Edge::At(index) => {
                let rest = self.within(index / CHUNK, 0..index % CHUNK);
                (self.value(index - 1), rest)
            }
            Edge::Within(chunk) => (self.any_value(chunk), Span::EMPTY),
        };
        let inner = self.between(from.chunk(), to.chunk());
        Summary {
            first,
            last,
            span: left.with(inner).with(right),
            count: to.least() - from.least(),
        }
    }

    /// Returns a value within the span of a chunk; NaN where it has none.
    fn any_value(&self, chunk: usize) -> f64 {
        let span = self.whole.spans.get(chunk).and_then(Span::range);
        span.map_or(f64::NAN, |(low, _)| low)
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
        let between = self.between(first, last);
        let ends = self.within(first, from..CHUNK);
        ends.with(between).with(self.within(last, 0..to))
    }

    /// Returns the span of the points in `range` of a chunk.
    fn within(&mut self, chunk: usize, range: Range<usize>) -> Span {
        let known = self.whole.spans.get(chunk);
        match (self.part(chunk), known) {
            (_, Some(all)) if range.len() == CHUNK => *all,
            _ if range.is_empty() => Span::EMPTY,
            (Part::Here(chunk), _) => chunk.span(range),
            (Part::Away(away), _) => self.blocks.span(away, range),
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

    /// Returns how many of 49 edges are not looked for in a curve of `value`.
    fn hidden(value: impl Fn(u64) -> f64) -> usize {
        let (mut whole, mut tail) = (Whole::default(), Chunk::default());
        for index in 0..200_000_u64 {
            tail.push(index as f64, index as f64, value(index));
            if tail.values.len() == CHUNK {
                whole.push(std::mem::take(&mut tail).into());
            }
        }
        let bounds: Vec<Bound> = (1..50)
            .map(|column| Bound::Below(f64::from(column) * 4_000.0))
            .collect();
        let mut reader = Reader::new(&whole, &tail);
        let edges = reader.edges(Axis::EnvSteps, Edge::At(0), &bounds);
        let hidden = edges.iter().filter(|edge| matches!(edge, Edge::Within(_)));
        hidden.count()
    }

    #[test]
    fn an_edge_is_looked_for_only_where_it_can_be_seen() {
        // Every chunk of a wave reaches as far as any other; the last edge has one column only.
        assert_eq!(hidden(|index| (index % 64) as f64), 48);
        // Of a curve that only rises each reaches further than the one before.
        assert_eq!(hidden(|index| index as f64), 0);
    }

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
