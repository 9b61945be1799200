//! Looks through a log for the next line that fits, in either direction, around the end.
//!
//! Takes whole lines a piece at a time, so that nothing straddles; a line that fits none of them is
//! looked at by itself. Says how far it is after each, and stops when told to. Start at [`search`].

use crate::{Lines, LogError, Target};
use memchr::{memchr, memrchr};
use std::ops::ControlFlow;

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
/// Bytes of one line that an expression is held against.
const LONGEST_FIT: usize = 16 << 20;

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

/// Returns whether a line that is longer than a piece fits; of a text, colours
/// within are not seen through.
fn fits_alone(lines: Lines<'_>, target: &Target, start: u64, end: u64) -> Result<bool, LogError> {
    let mut bytes = Vec::new();
    let mut at = lines.last_state(start, end)?;
    let needle = match target {
        Target::Levels(levels) => return Ok(levels.has(lines.shown(start, end)?.level)),
        Target::Pattern(_) => {
            let most = usize::try_from(end - at).unwrap_or(usize::MAX);
            lines.log.read(at, most.min(LONGEST_FIT), &mut bytes)?;
            return Ok(target.fits(&bytes));
        }
        Target::Text(needle) => needle,
    };
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
