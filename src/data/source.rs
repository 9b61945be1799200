//! Opens a source file: tells its format by its first bytes, unpacks gzip, hashes and counts what
//! is read on the way, so that the file is read once.

use crate::error::{DataError, Doing};
use domain::Text;
use flate2::read::MultiGzDecoder;
use std::{
    cell::RefCell,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    rc::Rc,
};

/// What the first bytes of a file say that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text.
    Text,
    /// Text within gzip.
    Gzip,
    /// Parquet.
    Parquet,
    /// Nothing at all.
    Empty,
    /// Something else, named.
    Other(Text),
}

/// A file, open at its start.
#[derive(Debug)]
pub(crate) struct SourceFile {
    file: File,
    /// What it is.
    pub(crate) format: Format,
    /// Length in bytes.
    pub(crate) length: u64,
}

impl SourceFile {
    /// Opens `path` and looks at its first bytes.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let fail = || DataError::io(Doing::Read, path);
        let mut file = File::open(path).map_err(fail())?;
        let meta = file.metadata().map_err(fail())?;
        if meta.is_dir() {
            let error = io::Error::new(io::ErrorKind::IsADirectory, "it is a directory");
            return Err(fail()(error));
        }
        let mut head = Vec::with_capacity(8);
        Read::by_ref(&mut file)
            .take(8)
            .read_to_end(&mut head)
            .map_err(fail())?;
        file.seek(SeekFrom::Start(0)).map_err(fail())?;
        Ok(Self {
            file,
            format: format(&head),
            length: meta.len(),
        })
    }

    /// Returns the file's text, unpacked, and the meter of what was read from disk.
    pub(crate) fn text(self) -> (Box<dyn Read>, Meter) {
        let meter = Meter::default();
        let metered = MeteredRead {
            inner: self.file,
            meter: meter.clone(),
        };
        let reader: Box<dyn Read> = match self.format {
            Format::Gzip => Box::new(MultiGzDecoder::new(metered)),
            _ => Box::new(metered),
        };
        (reader, meter)
    }

    /// Returns the file itself.
    pub(crate) fn into_file(self) -> File {
        self.file
    }
}

fn format(head: &[u8]) -> Format {
    match head {
        [] => Format::Empty,
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [0x1f, 0x8b, ..] => Format::Gzip,
        [b'P', b'K', 3, 4, ..] => Format::Other(Text::new(
            "a zip archive or a spreadsheet",
            "zip 압축 파일이나 스프레드시트",
        )),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Format::Other(Text::new("packed with zstd", "zstd 압축 파일"))
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Format::Other(Text::new("text in UTF-16", "UTF-16 글"))
        }
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Format::Other(Text::new(
            "an Arrow or Feather file",
            "Arrow나 Feather 파일",
        )),
        [0x89, b'H', b'D', b'F', ..] => Format::Other(Text::new("an HDF5 file", "HDF5 파일")),
        head if head.contains(&0) => Format::Other(Text::new("binary", "이진 파일")),
        _ => Format::Text,
    }
}

/// Counts and hashes what is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Rc<RefCell<(u64, blake3::Hasher)>>);

impl Meter {
    /// Returns the bytes read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.borrow().0
    }

    /// Returns the blake3 hash of what was read so far, in hex.
    pub(crate) fn hash(&self) -> String {
        self.0.borrow().1.finalize().to_hex().to_string()
    }
}

struct MeteredRead<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for MeteredRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut meter = self.meter.0.borrow_mut();
        meter.0 += count as u64;
        meter.1.update(&buffer[..count]);
        Ok(count)
    }
}

/// Returns the blake3 hash of a whole file, in hex.
pub(crate) fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().to_hex().to_string()),
            count => hasher.update(&buffer[..count]),
        };
    }
}
