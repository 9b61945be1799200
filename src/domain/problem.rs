//! Collected validation: every problem at once, each with its place and its remedy.

use crate::{Lang, Phrase, Text};
use serde::{Serialize, Serializer, ser::SerializeStruct};
use std::fmt;

/// The word in front of what to do next.
pub const HINT: Text = Text::new("hint", "도움말");

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; work goes on.
    Warning,
    /// Work cannot go on.
    Error,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A position in a text file; line and column start at 1.
    File {
        /// Path as the user named it.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        col: usize,
    },
    /// A row of a data file; the header is row 1.
    Row {
        /// Path as the user named it.
        path: String,
        /// Row, from 1, header counted.
        row: usize,
    },
    /// A whole file or directory.
    Path(String),
    /// An environment variable.
    Env(String),
    /// A command-line flag.
    Flag(String),
    /// A built-in default.
    Default,
}

impl Place {
    /// Returns the place as a person reads it.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::File { path, line, col }, _) => format!("{path}:{line}:{col}"),
            (Self::Row { path, row }, Lang::En) => format!("{path}: row {row}"),
            (Self::Row { path, row }, Lang::Ko) => format!("{path}: {row}행"),
            (Self::Path(path), _) => path.clone(),
            (Self::Env(name), Lang::En) => format!("environment variable {name}"),
            (Self::Env(name), Lang::Ko) => format!("환경 변수 {name}"),
            (Self::Flag(flag), Lang::En) => format!("flag {flag}"),
            (Self::Flag(flag), Lang::Ko) => format!("옵션 {flag}"),
            (Self::Default, Lang::En) => "built-in default".to_owned(),
            (Self::Default, Lang::Ko) => "기본값".to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

/// One problem: where, what, and what to do about it.
///
/// As JSON, `message` and `hint` are English, `message_ko` and `hint_ko` Korean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong, with the offending value.
    pub message: Phrase,
    /// What to do next; empty where there is nothing to do.
    pub hint: Phrase,
}

impl Problem {
    /// Returns where, what and what to do next, on two lines.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let word = match (self.severity, lang) {
            (Severity::Warning, Lang::En) => "warning: ",
            (Severity::Warning, Lang::Ko) => "경고: ",
            (Severity::Error, _) => "",
        };
        let message = self.message.get(lang);
        let mut text = format!("{}  {word}{message}", self.place.render(lang));
        let hint = self.hint.get(lang);
        if !hint.is_empty() {
            text += &format!("\n  {}: {hint}", HINT.get(lang));
        }
        text
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Problem", 6)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("place", &self.place)?;
        fields.serialize_field("message", &self.message.en)?;
        fields.serialize_field("hint", &self.hint.en)?;
        fields.serialize_field("message_ko", &self.message.ko)?;
        fields.serialize_field("hint_ko", &self.hint.ko)?;
        fields.end()
    }
}

/// Problems in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Starts with none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error.
    pub fn error(&mut self, place: Place, message: impl Into<Phrase>, hint: impl Into<Phrase>) {
        self.push(Severity::Error, place, message.into(), hint.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, place: Place, message: impl Into<Phrase>, hint: impl Into<Phrase>) {
        self.push(Severity::Warning, place, message.into(), hint.into());
    }

    fn push(&mut self, severity: Severity, place: Place, message: Phrase, hint: Phrase) {
        self.0.push(Problem {
            severity,
            place,
            message,
            hint,
        });
    }

    /// Adds a problem that was found elsewhere.
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Takes over all of `other`'s problems.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Puts the problems of one text file in the order of its lines; other places keep their order.
    #[must_use]
    pub fn in_file_order(mut self) -> Self {
        let mut files: Vec<String> = Vec::new();
        for problem in &self.0 {
            if let Place::File { path, .. } = &problem.place
                && !files.contains(path)
            {
                files.push(path.clone());
            }
        }
        self.0.sort_by_key(|problem| match &problem.place {
            Place::File { path, line, col } => {
                let file = files.iter().position(|known| known == path);
                (0, file.unwrap_or(files.len()), *line, *col)
            }
            _ => (1, 0, 0, 0),
        });
        self
    }

    /// Returns all of them as a person reads them, one after the other.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let texts: Vec<String> = self.0.iter().map(|problem| problem.render(lang)).collect();
        texts.join("\n")
    }

    /// Returns whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Returns whether there is none at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Returns `value` if there is no error, else all the problems.
    ///
    /// # Errors
    /// Itself, when any problem is an error.
    pub fn into_result<T>(self, value: T) -> Result<(T, Self), Self> {
        if self.has_errors() {
            Err(self)
        } else {
            Ok((value, self))
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_speaks_both_languages() {
        let mut problems = Problems::new();
        let place = Place::Row {
            path: "a.csv".to_owned(),
            row: 7,
        };
        let empty = crate::phrase!("open is empty", "시가가 비어 있습니다");
        problems.warn(place, empty, Text::new("correct the row", "행을 고치세요"));
        let english = "a.csv: row 7  warning: open is empty\n  hint: correct the row";
        assert_eq!(problems.to_string(), english);
        let korean = "a.csv: 7행  경고: 시가가 비어 있습니다\n  도움말: 행을 고치세요";
        assert_eq!(problems.render(Lang::Ko), korean);
        let json = serde_json::to_value(&problems).unwrap();
        assert_eq!(json[0]["hint"], "correct the row");
        assert_eq!(json[0]["message_ko"], "시가가 비어 있습니다");
    }
}
