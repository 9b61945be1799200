//! Which lines a search is after, and which of some bytes they are.
//!
//! Looks at whole pieces for signs without which no line fits, and judges only the lines that have
//! one. Start at [`Target`].

use crate::{
    Levels, Needle, Pattern,
    level::Level,
    shown::{last_state, plain},
};
use memchr::{memchr, memmem, memrchr};
use std::ops::Range;

/// Which lines fit.
#[derive(Clone, Debug)]
pub enum Target {
    /// Those whose shown text has this one.
    Text(Needle),
    /// Those whose shown text has a match of this.
    Pattern(Pattern),
    /// Those that are this loud.
    Levels(Levels),
}

/// Places of a line that are pointed out at most.
const HITS: usize = 1_000;

impl Target {
    /// Returns where the first line of `bytes` that fits begins; they begin with a line.
    pub(crate) fn first(&self, bytes: &[u8]) -> Option<usize> {
        Fits::new(self, bytes).next()
    }

    /// Returns where the last one begins.
    pub(crate) fn last(&self, bytes: &[u8]) -> Option<usize> {
        Fits::new(self, bytes).last()
    }

    /// Returns whether the line `raw`, without its end, fits.
    #[must_use]
    pub fn fits(&self, raw: &[u8]) -> bool {
        let state = last_state(raw);
        match self {
            Self::Text(needle) => needle.find(&plain(state)).is_some(),
            Self::Pattern(pattern) => pattern.fits(&plain(state)),
            Self::Levels(levels) => levels.has(Level::of(state)),
        }
    }

    /// Returns where in the shown text of a line that stands which is looked for; nowhere where
    /// only loudness counts.
    #[must_use]
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let whole = |range: &Range<usize>| text.get(range.clone()).is_some();
        match self {
            Self::Levels(_) => Vec::new(),
            Self::Pattern(pattern) => {
                let all = pattern.all(text.as_bytes());
                all.filter(whole).take(HITS).collect()
            }
            Self::Text(needle) => {
                let mut from = 0;
                let next = || {
                    let start = from + needle.find(text.as_bytes().get(from..)?)?;
                    from = start + needle.length();
                    (from > start).then_some(start..from)
                };
                std::iter::from_fn(next).filter(whole).take(HITS).collect()
            }
        }
    }
}

/// The lines of some bytes that fit, in order.
struct Fits<'a> {
    target: &'a Target,
    bytes: &'a [u8],
    at: usize,
    signs: Vec<Sign<'a>>,
}

/// Something without which no line fits, and the nearest place where it stands.
struct Sign<'a> {
    what: What<'a>,
    place: Place,
}

enum What<'a> {
    Needle(&'a Needle),
    Pattern(&'a Pattern),
    Word(&'static [u8]),
    /// Every line has to be judged.
    Anything,
}

#[derive(Clone)]
enum Place {
    Unknown,
    Nowhere,
    /// Every line that has one of these bytes may fit.
    At(Range<usize>),
}

impl<'a> Fits<'a> {
    fn new(target: &'a Target, bytes: &'a [u8]) -> Self {
        // An escape sequence may tear the text apart.
        let escape = What::Word(b"\x1b");
        let signs = match target {
            Target::Text(needle) => vec![What::Needle(needle), escape],
            Target::Levels(Levels::All) => vec![What::Anything],
            Target::Levels(levels) => levels.words().into_iter().map(What::Word).collect(),
            Target::Pattern(pattern) if pattern.asks_for_the_whole() => vec![What::Anything],
            Target::Pattern(pattern) if pattern.asks_for_borders() => {
                vec![What::Pattern(pattern), escape, What::Word(b"\r")]
            }
            Target::Pattern(pattern) => vec![What::Pattern(pattern), escape],
        };
        let unseen = |what| Sign {
            what,
            place: Place::Unknown,
        };
        Self {
            target,
            bytes,
            at: 0,
            signs: signs.into_iter().map(unseen).collect(),
        }
    }
}

impl Sign<'_> {
    /// Returns the nearest place from the line's beginning at `at` on; what was found before is not
    /// looked for again.
    fn nearest(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let stale = match &self.place {
            Place::Unknown => true,
            Place::Nowhere => false,
            Place::At(place) => place.start < at && place.end <= at,
        };
        if stale {
            let one = |place: usize| place..place + 1;
            let found = match self.what {
                What::Needle(needle) => needle.find(&bytes[at..]).map(|found| one(at + found)),
                What::Word(word) => memmem::find(&bytes[at..], word).map(|found| one(at + found)),
                What::Pattern(pattern) => pattern.find(bytes, at),
                What::Anything => Some(at..bytes.len()),
            };
            self.place = found.map_or(Place::Nowhere, Place::At);
        }
        match &self.place {
            // A match over several lines may hide one that lies within a later one of them.
            Place::At(place) => Some(place.start.max(at)),
            Place::Unknown | Place::Nowhere => None,
        }
    }
}

impl Iterator for Fits<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.at < self.bytes.len() {
            let (at, bytes) = (self.at, self.bytes);
            let places = self.signs.iter_mut();
            let place = places.filter_map(|sign| sign.nearest(bytes, at)).min()?;
            let before = memrchr(b'\n', &bytes[at..place]);
            let start = before.map_or(at, |end| at + end + 1);
            let end = memchr(b'\n', &bytes[place..]).map(|end| place + end);
            let end = end.unwrap_or(bytes.len());
            self.at = end + 1;
            if start < bytes.len() && self.target.fits(&bytes[start..end]) {
                return Some(start);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needle::Case;

    #[test]
    fn a_match_over_many_lines_is_not_looked_for_from_each_of_them() {
        // Every line begins what only the last one ends.
        let bytes = format!("{}ends\n", "begins and goes on\n".repeat(1_000)).into_bytes();
        let pattern = Pattern::new("(?s)begins.*ends", Case::Exact).unwrap();
        let mut sign = Sign {
            what: What::Pattern(&pattern),
            place: Place::Unknown,
        };
        for line in 0..1_000 {
            assert_eq!(sign.nearest(&bytes, line * 19), Some(line * 19));
            // Looked for anew it would begin in that line.
            assert!(matches!(&sign.place, Place::At(found) if *found == (0..19_004)));
        }
        assert_eq!(sign.nearest(&bytes, 19_005), None);
    }
}
