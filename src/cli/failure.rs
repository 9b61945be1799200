//! Why a command could not do what was asked, with the exit code and the remedy.

use domain::{Exit, Lang, Problems};
use jobs::JobsError;
use runs::RunsError;

/// The end of a command that did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// What is wrong.
    pub message: String,
    /// What to do next, in English and Korean; empty where the message says it.
    pub hint: (String, String),
}

impl Failure {
    /// Wrong usage or configuration.
    pub fn usage(message: impl Into<String>, en: &str, ko: &str) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.into(),
            hint: (en.to_owned(), ko.to_owned()),
        }
    }

    /// The environment lacks something.
    pub fn environment(message: impl Into<String>, en: &str, ko: &str) -> Self {
        Self {
            exit: Exit::Environment,
            ..Self::usage(message, en, ko)
        }
    }

    /// Renders it for standard error.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let (hint, word) = match lang {
            Lang::En => (&self.hint.0, "hint"),
            Lang::Ko => (&self.hint.1, "도움말"),
        };
        if hint.is_empty() {
            return self.message.clone();
        }
        format!("{}\n  {word}: {hint}", self.message)
    }
}

impl From<RunsError> for Failure {
    fn from(error: RunsError) -> Self {
        let hint = error.hint();
        Self {
            exit: error.exit(),
            message: error.to_string(),
            hint: (hint.en.to_owned(), hint.ko.to_owned()),
        }
    }
}

impl From<JobsError> for Failure {
    fn from(error: JobsError) -> Self {
        let hint = error.hint();
        Self {
            exit: error.exit(),
            message: error.to_string(),
            hint: (hint.en.to_owned(), hint.ko.to_owned()),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::usage(problems.to_string(), "", "")
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::environment(error.to_string(), "", "")
    }
}
