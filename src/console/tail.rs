//! The latest points of a curve, of which no whole chunk is made yet: written once, read by every
//! copy.
//!
//! A curve goes from the thread that reads files to the one that draws with every record; copying a
//! thousand points each time would fray memory. A copy shares them instead: a point is written
//! before a copy is made that counts it, and never again. A copy that is changed itself gets points
//! of its own. Start at [`Tail::push`].

use crate::{
    chunk::{CHUNK, Chunk},
    column::{self, Bound, Column, Even},
    original::Original,
    pyramid::Span,
    series::Point,
};
use std::{
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Numbers of a piece; a curve takes room by pieces.
const PIECE: usize = 128;
/// Which numbers are the values; steps (0) and seconds (1) come first, as in a chunk.
const VALUES: usize = 2;

const _: () = assert!(CHUNK.is_multiple_of(PIECE));

/// The points, at most a whole chunk of them.
#[derive(Clone, Debug)]
pub struct Tail {
    numbers: Arc<[Numbers; 3]>,
    len: usize,
    /// Steps and seconds that are computed; others are written.
    even: [Option<Even>; 2],
    /// Only the original writes where others count on what is written.
    original: Original,
}

/// Numbers that are written from the first to the last.
#[derive(Debug, Default)]
struct Numbers([OnceLock<Box<[AtomicU64; PIECE]>>; CHUNK / PIECE]);

impl Default for Tail {
    fn default() -> Self {
        Self {
            numbers: Arc::default(),
            len: 0,
            even: [Some(Even::default()); 2],
            original: Original::default(),
        }
    }
}

impl Tail {
    /// Appends a point; there are fewer than a whole chunk.
    pub fn push(&mut self, step: f64, seconds: f64, value: f64) {
        if !self.original.is_it() {
            *self = self.own();
        }
        for (which, x) in [step, seconds].into_iter().enumerate() {
            if self.even[which].as_mut().is_some_and(|even| even.take(x)) {
                continue;
            }
            if let Some(even) = self.even[which].take() {
                (0..self.len).for_each(|index| self.numbers[which].set(index, even.get(index)));
            }
            self.numbers[which].set(self.len, x);
        }
        self.numbers[VALUES].set(self.len, value);
        self.len += 1;
    }

    /// Returns the same points, written where nobody else writes.
    fn own(&self) -> Self {
        let mut own = Self::default();
        for point in self.points_from(0) {
            own.push(point.step, point.seconds, point.value);
        }
        own
    }

    /// Returns how many points there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns step (0) or second (1) of the point `index`; NaN beyond the last.
    pub fn x(&self, which: usize, index: usize) -> f64 {
        match &self.even[which] {
            Some(even) => even.get(index),
            None => self.number(which, index),
        }
    }

    /// Returns the value of the point `index`; NaN beyond the last.
    pub fn value(&self, index: usize) -> f64 {
        self.number(VALUES, index)
    }

    fn number(&self, which: usize, index: usize) -> f64 {
        match index < self.len {
            true => self.numbers[which].get(index),
            false => f64::NAN,
        }
    }

    /// Iterates over the points from `index` on.
    pub fn points_from(&self, index: usize) -> impl DoubleEndedIterator<Item = Point> {
        (index..self.len).map(|index| Point {
            step: self.x(0, index),
            seconds: self.x(1, index),
            value: self.value(index),
        })
    }

    /// Returns how many steps (0) or seconds (1) lie before `bound`.
    pub fn partition_point(&self, which: usize, bound: Bound) -> usize {
        let ends = (self.x(which, 0), self.x(which, self.len.saturating_sub(1)));
        column::partition_point(self.len, |index| self.x(which, index), bound, ends)
    }

    /// Returns the lowest and the highest value of the points in `range`, by walking them.
    pub fn span(&self, range: Range<usize>) -> Span {
        let values = range.map(|index| Span::of(self.value(index)));
        values.fold(Span::EMPTY, Span::with)
    }

    /// Makes a chunk of the points, which are as many as it has.
    pub fn chunk(&self) -> Chunk {
        let listed = |which: usize| (0..self.len).map(move |index| self.number(which, index));
        let column = |which: usize| match self.even[which] {
            Some(even) => Column::Even(even),
            None => Column::Listed(listed(which).collect()),
        };
        Chunk::of([column(0), column(1)], listed(VALUES).collect())
    }

    /// Returns how many bytes of memory its points take, shared or not.
    pub fn memory(&self) -> usize {
        let pieces = self.numbers.iter().flat_map(|numbers| &numbers.0);
        let written = pieces.filter(|piece| piece.get().is_some());
        size_of::<[Numbers; 3]>() + written.count() * size_of::<[AtomicU64; PIECE]>()
    }
}

impl Numbers {
    // Whoever reads a number was handed a copy made after it was written: that orders the two.
    fn get(&self, index: usize) -> f64 {
        let piece = self.0[index / PIECE].get();
        piece.map_or(f64::NAN, |piece| {
            f64::from_bits(piece[index % PIECE].load(Ordering::Relaxed))
        })
    }

    fn set(&self, index: usize, number: f64) {
        let piece =
            self.0[index / PIECE].get_or_init(|| Box::new([const { AtomicU64::new(0) }; _]));
        piece[index % PIECE].store(number.to_bits(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::sync::mpsc;

    fn bits(tail: &Tail) -> Vec<[u64; 3]> {
        let numbers = |point: Point| [point.step, point.seconds, point.value];
        tail.points_from(0)
            .map(|point| numbers(point).map(f64::to_bits))
            .collect()
    }

    fn grown(tail: &mut Tail, to: usize, by: f64) {
        for index in tail.len()..to {
            let at = index as f64;
            tail.push(at * by, at * at, at / 7.0);
        }
    }

    #[rstest]
    #[case::even(2_048.0)]
    #[case::uneven(0.1)]
    fn a_copy_keeps_what_it_counts_and_goes_a_way_of_its_own(#[case] by: f64) {
        let mut tail = Tail::default();
        grown(&mut tail, 200, by);
        let mut copy = tail.clone();
        let kept = bits(&copy);
        grown(&mut tail, 300, by);
        assert_eq!(bits(&copy), kept);
        assert!(copy.x(0, 200).is_nan() && copy.value(200).is_nan());
        copy.push(1e9, 1e9, -1.0);
        assert_eq!((copy.len(), copy.value(200)), (201, -1.0));
        assert_eq!(bits(&copy)[..200], kept);
        let mut alone = Tail::default();
        grown(&mut alone, 300, by);
        assert_eq!(bits(&tail), bits(&alone));
    }

    #[test]
    fn evenly_spaced_steps_are_written_once_they_no_longer_are() {
        let mut tail = Tail::default();
        grown(&mut tail, 500, 2_048.0);
        let copy = tail.clone();
        let before = bits(&tail);
        let memory = tail.memory();
        tail.push(1e300, 1e300, 0.0);
        assert_eq!(tail.memory(), memory + 4 * PIECE * size_of::<f64>());
        assert_eq!(bits(&tail)[..500], before);
        assert_eq!(bits(&copy), before);
    }

    #[test]
    fn whoever_is_handed_a_copy_reads_all_of_it_while_more_is_written() {
        let (sender, copies) = mpsc::channel::<Tail>();
        let reader = std::thread::spawn(move || {
            copies
                .iter()
                .map(|copy| {
                    let points = bits(&copy).into_iter().enumerate();
                    let wrong = points.filter(|(index, point)| {
                        let at = *index as f64;
                        *point != [at * 0.1, at * at, at / 7.0].map(f64::to_bits)
                    });
                    wrong.count()
                })
                .sum::<usize>()
        });
        for _ in 0..20 {
            let mut tail = Tail::default();
            for len in 1..=CHUNK {
                grown(&mut tail, len, 0.1);
                sender.send(tail.clone()).unwrap();
            }
        }
        drop(sender);
        assert_eq!(reader.join().unwrap(), 0);
    }
}
