//! Append-only JSON lines: one whole line a record, a torn last line is ignored.
//!
//! A writer owns its file alone (one writer a file); lines gather in memory and reach the file in
//! one write. A reader keeps its offset, so that following a file costs only what was added.

use crate::durable::is_full;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Appends records to one file.
#[derive(Debug)]
pub struct JournalWriter {
    path: PathBuf,
    file: File,
    /// Bytes that were written whole.
    whole: u64,
    pending: Vec<u8>,
}

impl JournalWriter {
    /// Creates the file, which must not exist: a restarted writer opens a new segment.
    ///
    /// # Errors
    /// `AlreadyExists` when the file is there; else the operating system's error.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            whole: 0,
            pending: Vec::new(),
        })
    }

    /// Adds one record to what the next [`flush`](Self::flush) writes.
    ///
    /// # Errors
    /// `InvalidData` when the record has no JSON form.
    pub fn push(&mut self, record: &impl Serialize) -> io::Result<()> {
        let start = self.pending.len();
        if let Err(error) = serde_json::to_writer(&mut self.pending, record) {
            self.pending.truncate(start);
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        self.pending.push(b'\n');
        Ok(())
    }

    /// Returns how many bytes wait for the next flush.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.pending.len()
    }

    /// Writes everything that waits, in one write. A file that was lost on the way, as a network
    /// file system's handles are, is opened again.
    ///
    /// # Errors
    /// The operating system's error; what was not written keeps waiting.
    pub fn flush(&mut self) -> io::Result<()> {
        match self.write() {
            Err(error) if !is_full(&error) => {
                self.file = OpenOptions::new().append(true).open(&self.path)?;
                self.cut()?;
                self.write()
            }
            written => written,
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all(&self.pending) {
            let _ = self.cut();
            return Err(error);
        }
        self.whole += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Cuts off what was written in part: a half line would glue itself to the next one.
    fn cut(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() > self.whole {
            self.file.set_len(self.whole)?;
        }
        Ok(())
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// Reads what was appended since the last time.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    offset: u64,
    /// Whole lines that were not a record; they are skipped and counted.
    pub bad_lines: u64,
}

impl JournalReader {
    /// Starts at the beginning of `path`, which need not exist yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            offset: 0,
            bad_lines: 0,
        }
    }

    /// Returns the file followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how many bytes of whole lines were read so far.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the records of all whole lines added since the last call; a missing file has none.
    ///
    /// A file that became shorter is read again from its start.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn read_new<T: DeserializeOwned>(&mut self) -> io::Result<Vec<T>> {
        Ok(self.read_some(u64::MAX)?.0)
    }

    /// The same of about `most` bytes, one line at least; returns too whether there is more. Who
    /// reads piece by piece needs no more memory however long a file gets.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn read_some<T: DeserializeOwned>(&mut self, most: u64) -> io::Result<(Vec<T>, bool)> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Vec::new(), false));
            }
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length < self.offset {
            self.offset = 0;
        }
        let rest = length - self.offset;
        if rest == 0 {
            return Ok((Vec::new(), false));
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let (mut bytes, mut wanted) = (Vec::new(), most.clamp(1, rest));
        let whole = loop {
            bytes.reserve_exact(wanted as usize - bytes.len());
            let missing = wanted - bytes.len() as u64;
            Read::by_ref(&mut file)
                .take(missing)
                .read_to_end(&mut bytes)?;
            let end = bytes.iter().rposition(|byte| *byte == b'\n');
            match end {
                Some(end) => break end + 1,
                // Cut short meanwhile, or torn.
                None if wanted == rest || (bytes.len() as u64) < wanted => break 0,
                None => wanted = wanted.saturating_mul(2).min(rest),
            }
        };
        self.offset += whole as u64;
        let mut records = Vec::new();
        for line in bytes[..whole]
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            match serde_json::from_slice(line) {
                Ok(record) => records.push(record),
                Err(_) => self.bad_lines += 1,
            }
        }
        Ok((records, whole > 0 && wanted < rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_growing_file_and_ignores_a_torn_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        let mut reader = JournalReader::new(&path);
        assert!(reader.read_new::<u32>().unwrap().is_empty());
        let mut writer = JournalWriter::create(&path).unwrap();
        writer.push(&1).unwrap();
        writer.push(&2).unwrap();
        writer.flush().unwrap();
        assert_eq!(reader.read_new::<u32>().unwrap(), [1, 2]);
        std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"3\n4")
            .unwrap();
        assert_eq!(reader.read_new::<u32>().unwrap(), [3]);
        assert!(reader.read_new::<u32>().unwrap().is_empty());
    }

    #[test]
    fn a_long_file_is_read_piece_by_piece_and_no_line_twice() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        let long = format!("\"{}\"\n", "x".repeat(300));
        let text = ["\"a\"\n", "\"b\"\n", &long, "{oops\n", "\"c\"\n\"torn"].concat();
        std::fs::write(&path, &text).unwrap();
        for most in [0, 1, 4, 5, 100, 304, 10_000] {
            let mut reader = JournalReader::new(&path);
            let (mut found, mut pieces) = (Vec::new(), 0);
            loop {
                let (records, more) = reader.read_some::<String>(most).unwrap();
                found.extend(records.iter().map(String::len));
                pieces += 1;
                if !more {
                    break;
                }
            }
            assert_eq!(found, [1, 1, 300, 1], "{most}");
            assert_eq!(reader.bad_lines, 1);
            assert_eq!(reader.offset(), (text.len() - 5) as u64);
            assert_eq!(pieces == 1, most == 10_000, "{most}: {pieces}");
            assert_eq!(reader.read_some::<String>(most).unwrap().0, [""; 0]);
        }
    }

    #[test]
    fn a_lost_handle_is_replaced_and_no_line_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        let mut writer = JournalWriter::create(&path).unwrap();
        writer.push(&1).unwrap();
        writer.flush().unwrap();
        // Refuses writing, as a stale handle does.
        writer.file = File::open(&path).unwrap();
        writer.push(&2).unwrap();
        writer.flush().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n");
        // Half of the next line got there before the handle was lost, and could not be cut off.
        std::fs::write(&path, "1\n2\n34").unwrap();
        writer.file = File::open(&path).unwrap();
        writer.push(&345).unwrap();
        writer.flush().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n345\n");
        // A file that is gone for good keeps its lines waiting and says so.
        std::fs::remove_file(&path).unwrap();
        writer.file = File::open(dir.path()).unwrap();
        writer.push(&3).unwrap();
        assert!(writer.flush().is_err());
        assert_eq!(writer.pending_bytes(), 2);
    }

    #[test]
    fn a_line_that_is_no_record_is_counted_and_skipped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        std::fs::write(&path, "1\n{oops\n2\n").unwrap();
        let mut reader = JournalReader::new(&path);
        assert_eq!(reader.read_new::<u32>().unwrap(), [1, 2]);
        assert_eq!(reader.bad_lines, 1);
    }

    #[test]
    fn an_existing_segment_is_never_appended_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        drop(JournalWriter::create(&path).unwrap());
        let again = JournalWriter::create(&path).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }
}
