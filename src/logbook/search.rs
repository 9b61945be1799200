//! Looks through a log for the next line that fits, in either direction, around the end.
//!
//! Takes whole lines a piece at a time, so that nothing straddles; a line that fits none of them is
//! looked at by itself. Says how far it is after each, and stops when told to. Start at [`search`].

use crate::{
    Levels, Lines, LogError, Needle,
    level::Level,
    shown::{last_state, plain},
};
use memchr::{memchr, memmem, memrchr};
use std::ops::ControlFlow;

/// Which lines fit.
#[derive(Clone, Debug)]
pub enum Target {
    /// Those whose shown text has this one.
    Text(Needle),
    /// Those that are this loud.
    Levels(Levels),
}

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end.
    Forward,
    /// Towards the beginning.
    Backward,
}

/// How far a search is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Looked through.
    pub done: u64,
    /// To be looked through at most.
    pub total: u64,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The line that begins there fits.
    Found {
        /// Its first byte.
        at: u64,
        /// Whether it lies around the end.
        wrapped: bool,
    },
    /// No line fits.
    Nowhere,
    /// It was told to stop, here.
    Stopped {
        /// Everything between the start and this byte was looked through.
        at: u64,
    },
}

/// How far a scan is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Looked through or known not to fit.
    pub passed: u64,
    /// Read for that.
    pub read: u64,
}

/// Bytes of the first piece of a scan: the line may be near.
const FIRST_PIECE: usize = 16 * 1024;
/// Bytes of a piece, which stays in the processor's own memory; a line that is longer is looked at
/// by itself.
const PIECE: usize = 256 * 1024;

/// Looks for the nearest line that fits in `direction` from the line that begins at `from`, which
/// comes last of all. `told` hears how far it is after each piece, and may end it.
///
/// # Errors
/// A log that cannot be read.
pub fn search(
    lines: Lines<'_>,
    target: &Target,
    from: u64,
    direction: Direction,
    mut told: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, LogError> {
    let length = lines.length();
    let from = from.min(length);
    let after = lines.next(from)?.unwrap_or(length);
    let ranges = match direction {
        Direction::Forward => [(after, length), (0, after)],
        Direction::Backward => [(0, from), (from, length)],
    };
    let mut done = 0;
    for ((low, high), wrapped) in ranges.into_iter().zip([false, true]) {
        let mut heard = |scanned: Scanned| {
            let done = (done + scanned.passed).min(length);
            let total = length;
            told(Progress { done, total })
        };
        match scan(lines, target, (low, high), direction, &mut heard)? {
            Outcome::Found { at, .. } => return Ok(Outcome::Found { at, wrapped }),
            Outcome::Stopped { at } => return Ok(Outcome::Stopped { at }),
            Outcome::Nowhere => done += high - low,
        }
    }
    Ok(Outcome::Nowhere)
}

/// Looks for the nearest line that fits among those that begin from `low` on and before `high`,
/// which are beginnings of lines or the log's end.
///
/// # Errors
/// A log that cannot be read.
pub fn scan(
    lines: Lines<'_>,
    target: &Target,
    (low, high): (u64, u64),
    direction: Direction,
    told: &mut dyn FnMut(Scanned) -> ControlFlow<()>,
) -> Result<Outcome, LogError> {
    match direction {
        Direction::Forward => forward(lines, target, (low, high), told),
        Direction::Backward => backward(lines, target, (low, high), told),
    }
}

fn larger(piece: usize) -> usize {
    (piece * 4).min(PIECE)
}

fn found(at: u64) -> Outcome {
    Outcome::Found { at, wrapped: false }
}

fn forward(
    lines: Lines<'_>,
    target: &Target,
    (low, high): (u64, u64),
    told: &mut dyn FnMut(Scanned) -> ControlFlow<()>,
) -> Result<Outcome, LogError> {
    let mut bytes = Vec::new();
    let (mut at, mut piece, mut read) = (low, FIRST_PIECE, 0);
    while at < high {
        if let Some(next) = skip_forward(lines, target, at)? {
            (at, piece) = (next, FIRST_PIECE);
        } else {
            let most = usize::try_from(high - at).unwrap_or(usize::MAX).min(piece);
            lines.log.read(at, most, &mut bytes)?;
            if bytes.is_empty() {
                return Ok(Outcome::Nowhere);
            }
            read += bytes.len() as u64;
            let reaches_end = at + bytes.len() as u64 == high;
            let whole = match memrchr(b'\n', &bytes) {
                _ if reaches_end => bytes.len(),
                Some(end) => end + 1,
                None => 0,
            };
            if whole == 0 && piece < PIECE {
                piece = larger(piece);
                continue;
            }
            piece = larger(piece);
            if whole == 0 {
                let end = lines.end_of(at)?;
                if fits_alone(lines, target, at, end)? {
                    return Ok(found(at));
                }
                at = end + 1;
            } else {
                if let Some(start) = target.first(&bytes[..whole]) {
                    return Ok(found(at + start as u64));
                }
                at += whole as u64;
            }
        }
        if at < high
            && told(Scanned {
                passed: at - low,
                read,
            })
            .is_break()
        {
            return Ok(Outcome::Stopped { at });
        }
    }
    Ok(Outcome::Nowhere)
}

fn backward(
    lines: Lines<'_>,
    target: &Target,
    (low, high): (u64, u64),
    told: &mut dyn FnMut(Scanned) -> ControlFlow<()>,
) -> Result<Outcome, LogError> {
    let mut bytes = Vec::new();
    let (mut until, mut piece, mut read) = (high, FIRST_PIECE, 0);
    while until > low {
        if let Some(next) = skip_backward(lines, target, until)? {
            (until, piece) = (next.max(low), FIRST_PIECE);
        } else {
            let from = until.saturating_sub(piece as u64).max(low);
            lines.log.read(from, (until - from) as usize, &mut bytes)?;
            if bytes.is_empty() {
                return Ok(Outcome::Nowhere);
            }
            read += bytes.len() as u64;
            // The last byte ends the last line; it begins none.
            let first_end = memchr(b'\n', &bytes[..bytes.len() - 1]);
            let begins = match first_end {
                _ if from == low => Some(0),
                end => end.map(|end| end + 1),
            };
            if begins.is_none() && piece < PIECE {
                piece = larger(piece);
                continue;
            }
            piece = larger(piece);
            if let Some(begins) = begins {
                if let Some(start) = target.last(&bytes[begins..]) {
                    return Ok(found(from + (begins + start) as u64));
                }
                until = from + begins as u64;
            } else {
                let start = lines.start_of(until - 1)?.max(low);
                if fits_alone(lines, target, start, lines.end_of(start)?)? {
                    return Ok(found(start));
                }
                until = start;
            }
        }
        if until > low
            && told(Scanned {
                passed: high - until,
                read,
            })
            .is_break()
        {
            return Ok(Outcome::Stopped { at: until });
        }
    }
    Ok(Outcome::Nowhere)
}

/// Returns the beginning of a line further on when every line before it is known not to fit.
fn skip_forward(lines: Lines<'_>, target: &Target, at: u64) -> Result<Option<u64>, LogError> {
    let Target::Levels(levels) = target else {
        return Ok(None);
    };
    let loud = lines.index.quiet_until(at, *levels).min(lines.length());
    if loud == at {
        return Ok(None);
    }
    // A word that ends from there on may belong to a line that begins before.
    let start = lines.start_of(loud)?;
    Ok((start > at).then_some(start))
}

/// Returns the beginning of a line further back when every line from there on is known not to fit.
fn skip_backward(lines: Lines<'_>, target: &Target, until: u64) -> Result<Option<u64>, LogError> {
    let Target::Levels(levels) = target else {
        return Ok(None);
    };
    let quiet = lines.index.quiet_from(until, *levels);
    if quiet == until {
        return Ok(None);
    }
    // The line that reaches into the quiet parts may have its word before them.
    let start = match quiet {
        0 => 0,
        quiet => lines.next(lines.start_of(quiet - 1)?)?.unwrap_or(until),
    };
    Ok((start < until).then_some(start))
}

/// Returns whether a line that is longer than a piece fits; colours within are not seen through.
fn fits_alone(lines: Lines<'_>, target: &Target, start: u64, end: u64) -> Result<bool, LogError> {
    let needle = match target {
        Target::Levels(levels) => return Ok(levels.has(lines.shown(start, end)?.level)),
        Target::Text(needle) => needle,
    };
    let mut bytes = Vec::new();
    let mut at = lines.last_state(start, end)?;
    let overlap = needle.length().saturating_sub(1) as u64;
    while at < end {
        let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(PIECE);
        lines.log.read(at, most, &mut bytes)?;
        if needle.find(&bytes).is_some() {
            return Ok(true);
        }
        let next = at + bytes.len() as u64;
        if next >= end || bytes.len() as u64 <= overlap {
            return Ok(false);
        }
        at = next - overlap;
    }
    Ok(false)
}

impl Target {
    /// Returns where the first line of `bytes` that fits begins; they begin with a line.
    fn first(&self, bytes: &[u8]) -> Option<usize> {
        Fits::new(self, bytes).next()
    }

    /// Returns where the last one begins.
    fn last(&self, bytes: &[u8]) -> Option<usize> {
        Fits::new(self, bytes).last()
    }

    /// Returns whether the line `raw`, without its end, fits.
    #[must_use]
    pub fn fits(&self, raw: &[u8]) -> bool {
        let state = last_state(raw);
        match self {
            Self::Text(needle) => needle.find(&plain(state)).is_some(),
            Self::Levels(levels) => levels.has(Level::of(state)),
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
    Word(&'static [u8]),
}

#[derive(Clone, Copy)]
enum Place {
    Unknown,
    Nowhere,
    At(usize),
}

impl<'a> Fits<'a> {
    fn new(target: &'a Target, bytes: &'a [u8]) -> Self {
        let signs = match target {
            // An escape sequence may tear the text apart.
            Target::Text(needle) => vec![What::Needle(needle), What::Word(b"\x1b")],
            Target::Levels(levels) => levels.words().into_iter().map(What::Word).collect(),
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
    /// Returns the nearest place from `at` on; what was found before is not looked for again.
    fn nearest(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let stale = match self.place {
            Place::Unknown => true,
            Place::Nowhere => false,
            Place::At(place) => place < at,
        };
        if stale {
            let found = match self.what {
                What::Needle(needle) => needle.find(&bytes[at..]),
                What::Word(word) => memmem::find(&bytes[at..], word),
            };
            self.place = found.map_or(Place::Nowhere, |found| Place::At(at + found));
        }
        match self.place {
            Place::At(place) => Some(place),
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
            let place = match self.target {
                Target::Levels(Levels::All) => at,
                _ => places.filter_map(|sign| sign.nearest(bytes, at)).min()?,
            };
            let before = memrchr(b'\n', &bytes[at..place]);
            let start = before.map_or(at, |end| at + end + 1);
            let end = memchr(b'\n', &bytes[place..]).map(|end| place + end);
            let end = end.unwrap_or(bytes.len());
            self.at = end + 1;
            if self.target.fits(&bytes[start..end]) {
                return Some(start);
            }
        }
        None
    }
}
