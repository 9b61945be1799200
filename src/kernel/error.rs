//! What can be wrong with a network before any arithmetic starts.

use domain::Phrase;

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

impl KernelError {
    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::EmptyShape { what } => {
                format!("신경망 모양: {what}이(가) 0입니다. 1 이상이어야 합니다")
            }
            Self::ParamCount {
                what,
                found,
                expected,
            } => format!(
                "{what}: 값이 {found}개인데 이 신경망의 매개변수는 {expected}개입니다. 저장할 때와 같은 모양으로 불러오세요"
            ),
            Self::NotFinite { what, index } => format!(
                "{what}: {index}번째 값이 유한하지 않습니다. 저장된 상태가 손상되었거나 학습이 발산했습니다"
            ),
        };
        Phrase::new(self.to_string(), korean)
    }
}
