//! `makook config validate`: every problem of the layers, or that there is none.
//!
//! Start at [`validate`].

use crate::load::{LoadRequest, load};
use domain::{Lang, Problems, Severity};
use serde::Serialize;
use std::fmt::Write;

/// The outcome of a validation.
#[derive(Clone, Debug, Serialize)]
pub struct Validation {
    /// Whether a run could start with these settings.
    pub ok: bool,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// All of them, in the order of layers and lines.
    pub problems: Problems,
}

/// Loads the settings and reports on them.
#[must_use]
pub fn validate(request: &LoadRequest) -> Validation {
    let (ok, problems) = match load(request) {
        Ok(resolved) => (true, resolved.warnings().clone()),
        Err(problems) => (false, problems),
    };
    Validation::of(ok, problems)
}

impl Validation {
    fn of(ok: bool, problems: Problems) -> Self {
        let count = |severity| {
            let alike = problems.iter().filter(|one| one.severity == severity);
            alike.count()
        };
        Self {
            ok,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            problems,
        }
    }

    /// Adds what those who use the settings warn of, e.g. of keys that no action can have.
    #[must_use]
    pub fn with_warnings(self, warnings: Problems) -> Self {
        let mut problems = self.problems;
        problems.append(warnings);
        Self::of(self.ok, problems)
    }

    /// Formats every problem and a last line with the counts.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let mut text = String::new();
        for problem in self.problems.iter() {
            let _ = writeln!(text, "{}", problem.render(lang));
        }
        let (errors, warnings) = (self.errors, self.warnings);
        let _ = match lang {
            Lang::En => writeln!(text, "{errors} error(s), {warnings} warning(s)"),
            Lang::Ko => writeln!(text, "오류 {errors}개, 경고 {warnings}개"),
        };
        text
    }
}
