//! A feature matrix in a memory-mapped file: the one module of this crate with unsafe code.
//!
//! Several processes and threads share the pages; nothing is copied. Files are only ever replaced
//! by rename ([`crate::MatrixCache`]), so that an open map keeps its content.
#![expect(
    unsafe_code,
    reason = "mapping a file and viewing its bytes as f32 have no safe form"
)]

use crate::cache::Header;
use memmap2::Mmap;
use std::{fs::File, io};

#[cfg(target_endian = "big")]
compile_error!("matrix files hold little-endian f32");

/// A feature matrix `[rows, cols] f32`, row-major, mapped from its file; read-only.
#[derive(Debug)]
pub struct MappedMatrix {
    map: Mmap,
    header: Header,
    start: usize,
}

impl MappedMatrix {
    /// Maps `file`, whose values begin at byte `start`.
    pub(crate) fn map(file: &File, header: Header, start: usize) -> io::Result<Self> {
        // SAFETY: makook replaces matrix files by rename and never writes into one in place, so the
        // mapped pages do not change while the map lives.
        let map = unsafe { Mmap::map(file)? };
        let length = start + header.rows * header.cols * size_of::<f32>();
        if map.len() != length || !start.is_multiple_of(align_of::<f32>()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the file has {} bytes, not {length}", map.len()),
            ));
        }
        Ok(Self { map, header, start })
    }

    /// Returns the number of rows: one a bar.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.header.rows
    }

    /// Returns the number of columns: one a feature.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.header.cols
    }

    /// Returns the names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.header.names
    }

    /// Returns the rows at the start whose values are not yet meaningful.
    #[must_use]
    pub fn warm_up(&self) -> usize {
        self.header.warm_up
    }

    /// Returns one row, `[cols] f32`. `row` is below [`rows`](Self::rows).
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        let cols = self.header.cols;
        &self.as_ref()[row * cols..(row + 1) * cols]
    }

    /// Returns the bytes of all values.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map[self.start..]
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }
}

impl AsRef<[f32]> for MappedMatrix {
    fn as_ref(&self) -> &[f32] {
        let bytes = self.bytes();
        // SAFETY: the map is page-aligned and `start` a multiple of f32's alignment (checked when
        // mapped), the length is `rows * cols` values, and every bit pattern is an f32.
        unsafe {
            std::slice::from_raw_parts(
                bytes.as_ptr().cast::<f32>(),
                self.header.rows * self.header.cols,
            )
        }
    }
}
