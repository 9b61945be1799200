//! What can be wrong with a network before any arithmetic starts.

/// Why a policy or an optimiser state cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// A size in the shape is zero.
    #[error("network shape: {what} is 0, but must be at least 1")]
    EmptyShape {
        /// The size that is zero, e.g. `obs_dim` or `hidden[1]`.
        what: String,
    },
    /// A parameter vector belongs to another network.
    #[error(
        "{what}: found {found} values, but this network has {expected} parameters; \
         load the weights into the shape they were saved from"
    )]
    ParamCount {
        /// What was being loaded, e.g. `parameters` or `first moment`.
        what: &'static str,
        /// Values handed in.
        found: usize,
        /// Values the layout needs.
        expected: usize,
    },
    /// A value is NaN or infinite.
    #[error("{what}: value {index} is not finite; the saved state is damaged or training diverged")]
    NotFinite {
        /// What was being loaded.
        what: &'static str,
        /// Position of the first bad value in the arena.
        index: usize,
    },
}
