//! What a curve's columns held when it was last drawn, so that a point more costs one column.
//!
//! Copies of a curve share it, since the one that is read from files only grows; a copy that is
//! changed itself gets one of its own. Never changes what is drawn. Start at [`Seen`].

use crate::{
    original::Original,
    series::{Axis, Summary},
};
use std::sync::{Arc, Mutex, PoisonError};

/// Which columns: axis, both ends bit by bit, their count, and the curve's epoch.
pub type Window = (Axis, [u64; 2], usize, u64);

/// The columns of one window.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Which.
    pub window: Window,
    /// How many points the curve had.
    pub len: usize,
    /// How many points lie before the right edge of each.
    pub stops: Vec<usize>,
    /// What each holds.
    pub summaries: Vec<Summary>,
}

/// The columns drawn last, shared by a curve and its copies.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    columns: Arc<Mutex<Option<Columns>>>,
    original: Original,
}

/// It is no part of what a curve is.
impl PartialEq for Seen {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Seen {
    /// To be called before the curve changes: a copy goes a way of its own.
    pub fn change(&mut self) {
        if !self.original.is_it() {
            *self = Self::default();
        }
    }

    /// Returns the columns of `window` that can no longer change in a curve that has `len` points
    /// by now: those with points beyond their right edge. Both lists are as long.
    #[must_use]
    pub fn settled(&self, window: Window, len: usize) -> (Vec<usize>, Vec<Summary>) {
        let columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |seen: &&Columns| seen.window == window && seen.len <= len;
        let Some(seen) = columns.as_ref().filter(fits) else {
            return Default::default();
        };
        let kept = seen.stops.partition_point(|stop| *stop < seen.len);
        (seen.stops[..kept].to_vec(), seen.summaries[..kept].to_vec())
    }

    /// Remembers what was drawn.
    pub fn keep(&self, columns: Columns) {
        *self.columns.lock().unwrap_or_else(PoisonError::into_inner) = Some(columns);
    }
}
