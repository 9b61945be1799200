//! The end of a log, and what is added to it.
//!
//! Reads by position, never maps (a truncated map kills the reader) and never waits for the file
//! system to tell: network file systems are silent about other nodes' writes. Truncation and
//! rotation start over; `\r` overwrites, as on a terminal; bytes that are no UTF-8 and lines of
//! megabytes are shown as far as that makes sense.

use crate::RunsError;
use std::{
    fs::File,
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Bytes shown of one line; the rest is counted.
const LONGEST_LINE: usize = 64 * 1024;

/// Bytes looked at from the end for the first lines.
const LONGEST_LOOK_BACK: u64 = 8 << 20;

/// Bytes read by one poll at most, so that a flood cannot hold up its caller.
const LARGEST_READ: usize = 1 << 20;

/// One whole line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The text, without line end; invalid UTF-8 appears as `U+FFFD`.
    pub text: String,
    /// Bytes of the line that are not shown.
    pub hidden_bytes: u64,
}

/// What a poll found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tailed {
    /// Whole lines, in order.
    pub lines: Vec<LogLine>,
    /// The file was truncated or replaced: these lines are from its new beginning.
    pub restarted: bool,
    /// More is there already: poll again soon.
    pub more: bool,
}

/// Device, inode and, where the file system keeps it, time of birth: inodes are used again.
type Identity = (u64, u64, Option<SystemTime>);

/// Follows a log from its last lines on.
#[derive(Debug)]
pub struct LogTail {
    path: PathBuf,
    identity: Option<Identity>,
    offset: u64,
    line: Line,
}

impl LogTail {
    /// Starts `last_lines` before the end of `path`, which need not exist yet.
    ///
    /// # Errors
    /// The operating system's error, other than that the file is missing.
    pub fn open(path: &Path, last_lines: usize) -> Result<Self, RunsError> {
        let mut tail = Self {
            path: path.to_owned(),
            identity: None,
            offset: 0,
            line: Line::default(),
        };
        if let Some((file, length)) = tail.look()? {
            tail.offset = start_of_last(&file, length, last_lines)
                .map_err(RunsError::io(path, "read the log"))?;
        }
        Ok(tail)
    }

    /// Returns the file followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the line being written, e.g. a progress bar; `None` when there is none.
    #[must_use]
    pub fn partial(&self) -> Option<String> {
        (!self.line.bytes.is_empty())
            .then(|| String::from_utf8_lossy(&self.line.bytes).into_owned())
    }

    /// Returns what was added since the last call; nothing while the file is missing.
    ///
    /// # Errors
    /// The operating system's error, other than that the file is missing.
    pub fn poll(&mut self) -> Result<Tailed, RunsError> {
        let mut found = Tailed::default();
        let former = self.identity;
        let Some((file, length)) = self.look()? else {
            return Ok(found);
        };
        if length < self.offset || former.is_some_and(|former| Some(former) != self.identity) {
            self.offset = 0;
            self.line = Line::default();
            found.restarted = true;
        }
        let wanted = usize::try_from(length - self.offset).unwrap_or(usize::MAX);
        let mut bytes = vec![0; wanted.min(LARGEST_READ)];
        let read = read_at_most(&file, &mut bytes, self.offset)
            .map_err(RunsError::io(&self.path, "read the log"))?;
        self.offset += read as u64;
        found.more = self.offset < length;
        self.line.take(&bytes[..read], &mut found.lines);
        Ok(found)
    }

    /// Opens the file anew, which is what makes other nodes' writes visible.
    fn look(&mut self) -> Result<Option<(File, u64)>, RunsError> {
        let opened = File::open(&self.path).and_then(|file| {
            let meta = file.metadata()?;
            Ok((file, meta))
        });
        match opened {
            Ok((file, meta)) => {
                self.identity = Some((meta.dev(), meta.ino(), meta.created().ok()));
                Ok(Some((file, meta.len())))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(RunsError::io(&self.path, "open the log")(error)),
        }
    }
}

/// The line being read.
#[derive(Debug, Default)]
struct Line {
    bytes: Vec<u8>,
    hidden: u64,
    /// A `\r` came last: it ends the line before `\n`, else what follows overwrites.
    returned: bool,
}

impl Line {
    fn take(&mut self, mut bytes: &[u8], lines: &mut Vec<LogLine>) {
        while let Some(at) = bytes.iter().position(|b| matches!(b, b'\n' | b'\r')) {
            self.extend(&bytes[..at]);
            if bytes[at] == b'\n' {
                lines.push(self.end());
            } else {
                self.returned = true;
            }
            bytes = &bytes[at + 1..];
        }
        self.extend(bytes);
    }

    fn extend(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.returned {
            *self = Self::default();
        }
        let room = LONGEST_LINE
            .saturating_sub(self.bytes.len())
            .min(bytes.len());
        self.bytes.extend_from_slice(&bytes[..room]);
        self.hidden += (bytes.len() - room) as u64;
    }

    fn end(&mut self) -> LogLine {
        let line = std::mem::take(self);
        LogLine {
            text: String::from_utf8_lossy(&line.bytes).into_owned(),
            hidden_bytes: line.hidden,
        }
    }
}

/// Returns the offset at which the last `lines` lines begin.
fn start_of_last(file: &File, length: u64, lines: usize) -> io::Result<u64> {
    const CHUNK: u64 = 64 * 1024;
    if lines == 0 {
        return Ok(length);
    }
    let floor = length.saturating_sub(LONGEST_LOOK_BACK);
    let mut chunk = vec![0; CHUNK as usize];
    let mut end = length;
    let mut newlines = 0;
    while end > floor {
        let start = end.saturating_sub(CHUNK).max(floor);
        let part = &mut chunk[..(end - start) as usize];
        let read = read_at_most(file, part, start)?;
        for at in (0..read).rev() {
            // The newline that ends the file ends its last line, it does not begin another.
            let ends_file = start + at as u64 + 1 == length;
            if part[at] == b'\n' && !ends_file {
                newlines += 1;
            }
            if newlines == lines && part[at] == b'\n' {
                return Ok(start + at as u64 + 1);
            }
        }
        end = start;
    }
    Ok(floor)
}

/// Fills `buffer` from `offset`, less where the file ends earlier.
fn read_at_most(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
