//! What the jobs of one submission share.

use serde::{Deserialize, Serialize};

/// The content of `arrays/<number>.json`. Its jobs count only once it is there: either all of
/// them were submitted or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Array {
    /// How many may run at the same time; `None` for no limit.
    pub at_most: Option<u32>,
}

impl Array {
    /// A limit of 0 is none, as Slurm has it.
    pub fn limited(at_most: Option<u32>) -> Self {
        Self {
            at_most: at_most.filter(|limit| *limit > 0),
        }
    }
}
