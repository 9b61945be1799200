//! What keeps the console from opening or staying open, by cause.

use domain::{Phrase, Text};
use std::io;

/// Why the console ended.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Input or output is no terminal.
    #[error("the console needs a terminal for input and output")]
    NoTerminal,
    /// The run asked for cannot be opened.
    #[error(transparent)]
    Run(#[from] runs::RunsError),
    /// The terminal refused.
    #[error("the terminal cannot {doing}: {source}")]
    Terminal {
        /// A verb phrase such as `be drawn on`.
        doing: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    /// A worker thread panicked; a bug of ours.
    #[error("internal error: {0}")]
    Broken(String),
}

impl ConsoleError {
    /// Wraps the terminal's error with what was being done.
    pub(crate) fn terminal(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Terminal { doing, source }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let korean = match self {
            Self::NoTerminal => "콘솔에는 입력과 출력이 모두 터미널이어야 합니다".to_owned(),
            Self::Run(error) => error.says().ko,
            Self::Terminal { source, .. } => format!("터미널을 쓸 수 없습니다: {source}"),
            Self::Thread(error) => format!("스레드를 시작할 수 없습니다: {error}"),
            Self::Broken(words) => format!("내부 오류: {words}"),
        };
        Phrase::new(self.to_string(), korean)
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Text {
        match self {
            Self::NoTerminal => Text::new(
                "run `makook` in a terminal; `makook runs list` and `makook report` work everywhere",
                "터미널에서 `makook`을 실행하세요. `makook runs list`와 `makook report`는 어디서나 됩니다",
            ),
            Self::Run(error) => error.hint(),
            Self::Terminal { .. } => Text::new(
                "check the connection, then start `makook` again; trainings go on",
                "연결을 확인한 뒤 `makook`을 다시 시작하세요. 학습은 계속됩니다",
            ),
            Self::Thread(_) => Text::new(
                "check the limit of processes with `ulimit -u`",
                "`ulimit -u`로 프로세스 수 제한을 확인하세요",
            ),
            Self::Broken(_) => Text::new(
                "please report it; trainings go on, and `makook` can be started again",
                "알려 주세요. 학습은 계속되며 `makook`을 다시 시작할 수 있습니다",
            ),
        }
    }
}
