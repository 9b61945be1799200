//! Exit codes are an API: scripts and schedulers branch on them.

/// How a command of either program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Did what was asked.
    Done,
    /// Ran to the end; the answer is negative (verdict "no edge", validation found problems).
    Negative,
    /// Wrong usage or configuration; nothing was started.
    Usage,
    /// The environment lacks something: libtorch, a GPU, disk space, permission.
    Environment,
    /// Interrupted after saving; `makook resume` continues.
    Interrupted,
}

impl Exit {
    /// Returns the process exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Negative => 1,
            Self::Usage => 2,
            Self::Environment => 3,
            Self::Interrupted => 4,
        }
    }
}
