//! Buffers whose first value starts a cache line, so that no vector load straddles two.

use std::ops::{Deref, DerefMut};

const CACHE_LINE: usize = 64;

/// A fixed number of `f32` that starts at a 64-byte boundary.
#[derive(Debug)]
pub(crate) struct Aligned {
    storage: Vec<f32>,
    start: usize,
    len: usize,
}

impl Aligned {
    /// Returns `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        let storage = vec![0.0; len + CACHE_LINE / size_of::<f32>()];
        let start = storage.as_ptr().align_offset(CACHE_LINE);
        Self {
            storage,
            start,
            len,
        }
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.storage[self.start..self.start + self.len]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.storage[self.start..self.start + self.len]
    }
}
