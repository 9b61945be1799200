//! A sentence with its figures filled in, in both languages.
//!
//! [`domain::Text`] pairs two fixed wordings; [`Words`] is its owned sibling for verdicts, alarms
//! and notes, which carry numbers and outlive the process inside a report file.

use domain::{Lang, Text};
use serde::{Deserialize, Serialize};

/// One sentence in English and in Korean.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English wording.
    pub en: String,
    /// Korean wording.
    pub ko: String,
}

impl Words {
    /// Pairs the two wordings.
    pub fn new(en: impl Into<String>, ko: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            ko: ko.into(),
        }
    }

    /// Returns the wording in `lang`.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }
}

impl From<Text> for Words {
    fn from(text: Text) -> Self {
        Self::new(text.en, text.ko)
    }
}

/// Formats a fraction as a signed percentage, `+12.3 %`.
pub(crate) fn percent(fraction: f64) -> String {
    format!("{:+.1} %", fraction * 100.0)
}

/// Formats a share between 0 and 1 without a sign, `12.3 %`.
pub(crate) fn share(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// Formats a ratio with two decimals, or a dash where it is undefined.
pub(crate) fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}
