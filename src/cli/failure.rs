//! Why a command could not do what was asked, with the exit code and the remedy.

use domain::{Exit, HINT, Lang, Phrase, Problems};
use jobs::JobsError;
use runs::RunsError;

/// The end of a command that did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// What is wrong.
    pub message: Phrase,
    /// What to do next; empty where the message says it.
    pub hint: Phrase,
}

impl Failure {
    /// Wrong usage or configuration.
    pub fn usage(message: Phrase, hint: Phrase) -> Self {
        Self {
            exit: Exit::Usage,
            message,
            hint,
        }
    }

    /// The environment lacks something.
    pub fn environment(message: Phrase, hint: Phrase) -> Self {
        Self {
            exit: Exit::Environment,
            message,
            hint,
        }
    }

    /// Renders it for standard error.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let message = self.message.get(lang);
        match self.hint.get(lang) {
            "" => message.to_owned(),
            hint => format!("{message}\n  {}: {hint}", HINT.get(lang)),
        }
    }
}

/// What is wrong and what to do next, for the console.
impl From<Failure> for Phrase {
    fn from(failure: Failure) -> Self {
        Self::new(failure.render(Lang::En), failure.render(Lang::Ko))
    }
}

impl From<RunsError> for Failure {
    fn from(error: RunsError) -> Self {
        Self {
            exit: error.exit(),
            message: error.says(),
            hint: error.hint().into(),
        }
    }
}

impl From<JobsError> for Failure {
    fn from(error: JobsError) -> Self {
        Self {
            exit: error.exit(),
            message: error.says(),
            hint: error.hint().into(),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let message = Phrase::new(problems.render(Lang::En), problems.render(Lang::Ko));
        Self::usage(message, Phrase::default())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let message = domain::phrase!(
            "the operating system refused: {error}",
            "운영체제가 거부했습니다: {error}"
        );
        let hint = domain::phrase!(
            "`makook doctor` checks disk space, permissions and the terminal",
            "`makook doctor`로 디스크 공간, 권한, 터미널을 확인하세요"
        );
        Self::environment(message, hint)
    }
}
