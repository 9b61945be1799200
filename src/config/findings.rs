//! What is wrong, said in both languages, until the reader's language is known.
//!
//! Owns the pairing of the two wordings; [`domain::Problems`] is what leaves the crate. Start at
//! [`Findings`].

use domain::{Lang, Place, Problems, Severity};

/// A sentence in English and in Korean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub en: String,
    pub ko: String,
}

impl Said {
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }
}

/// Builds a [`Said`] from two format strings with inline arguments.
macro_rules! said {
    ($en:literal, $ko:literal $(,)?) => {
        $crate::findings::Said {
            en: format!($en),
            ko: format!($ko),
        }
    };
}
pub(crate) use said;

/// Why a value is not allowed, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Objection {
    pub message: Said,
    pub hint: Said,
}

/// Problems in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings(Vec<(Severity, Place, Objection)>);

impl Findings {
    pub fn error(&mut self, place: Place, message: Said, hint: Said) {
        let objection = Objection { message, hint };
        self.0.push((Severity::Error, place, objection));
    }

    pub fn warn(&mut self, place: Place, message: Said, hint: Said) {
        let objection = Objection { message, hint };
        self.0.push((Severity::Warning, place, objection));
    }

    pub fn object(&mut self, place: Place, objection: Objection) {
        self.0.push((Severity::Error, place, objection));
    }

    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Returns whether there is no error yet; warnings do not count.
    pub fn none_fatal(&self) -> bool {
        self.0
            .iter()
            .all(|(severity, ..)| *severity != Severity::Error)
    }

    /// Puts the problems of one file in the order of its lines; other places keep their order.
    pub fn in_file_order(mut self) -> Self {
        let mut files: Vec<String> = Vec::new();
        for (_, place, _) in &self.0 {
            if let Place::File { path, .. } = place
                && !files.contains(path)
            {
                files.push(path.clone());
            }
        }
        self.0.sort_by_key(|(_, place, _)| match place {
            Place::File { path, line, col } => {
                let file = files.iter().position(|known| known == path);
                (0, file.unwrap_or(files.len()), *line, *col)
            }
            _ => (1, 0, 0, 0),
        });
        self
    }

    pub fn in_language(self, lang: Lang) -> Problems {
        let mut problems = Problems::new();
        for (severity, place, Objection { message, hint }) in self.0 {
            let (message, hint) = (message.get(lang), hint.get(lang));
            match severity {
                Severity::Error => problems.error(place, message, hint),
                Severity::Warning => problems.warn(place, message, hint),
            }
        }
        problems
    }
}
