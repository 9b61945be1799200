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
    let count = |severity| {
        problems
            .iter()
            .filter(|one| one.severity == severity)
            .count()
    };
    Validation {
        ok,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        problems,
    }
}

impl Validation {
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
