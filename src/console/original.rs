//! Tells an original from its copies, where they share what the original alone may change.
//!
//! Start at [`Original`].

/// Whether this is the original: what is cloned of it is none.
#[derive(Debug)]
pub struct Original(bool);

impl Default for Original {
    fn default() -> Self {
        Self(true)
    }
}

impl Clone for Original {
    fn clone(&self) -> Self {
        Self(false)
    }
}

impl Original {
    /// Returns whether it is.
    #[must_use]
    pub fn is_it(&self) -> bool {
        self.0
    }
}
