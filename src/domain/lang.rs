//! The two languages a user reads, and a text that exists in both.
//!
//! A [`Text`] can only be built from two strings, so a missing translation does not compile.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean (한국어).
    Ko,
}

impl Lang {
    /// Returns the language of a locale name such as `ko_KR.UTF-8`; English when it is neither.
    #[must_use]
    pub fn from_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("ko") {
            Self::Ko
        } else {
            Self::En
        }
    }

    /// Returns how files name it: `en` or `ko`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// Returns the language of a [`code`](Self::code).
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::En, Self::Ko]
            .into_iter()
            .find(|lang| lang.code() == code)
    }
}

/// A text that a user reads, in English and in Korean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English wording.
    pub en: &'static str,
    /// Korean wording.
    pub ko: &'static str,
}

impl Text {
    /// Pairs the two wordings.
    #[must_use]
    pub const fn new(en: &'static str, ko: &'static str) -> Self {
        Self { en, ko }
    }

    /// Returns the wording in `lang`.
    #[must_use]
    pub const fn get(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.en)
    }
}

/// A sentence put together at run time, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// English wording.
    pub en: String,
    /// Korean wording.
    pub ko: String,
}

impl Phrase {
    /// Pairs the two wordings.
    #[must_use]
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

/// Builds a [`Phrase`] from two format strings with inline arguments; without either it does not
/// compile.
#[macro_export]
macro_rules! phrase {
    ($en:literal, $ko:literal $(,)?) => {
        $crate::Phrase {
            en: format!($en),
            ko: format!($ko),
        }
    };
}

impl Phrase {
    /// Returns a text that is the same in both languages: a path, a name, a system's own words.
    #[must_use]
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        let ko = en.clone();
        Self { en, ko }
    }

    /// Returns whether neither language says anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.ko.is_empty()
    }
}

impl From<Text> for Phrase {
    fn from(text: Text) -> Self {
        Self::new(text.en, text.ko)
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// Which of the two forms a Korean particle takes after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Particle {
    /// 을/를
    Object,
    /// 이/가
    Subject,
    /// 은/는
    Topic,
}

/// Returns the particle that fits `word`'s last sound: `을` after a final consonant, else `를`.
///
/// A word that does not end in a Hangul syllable is read as ending in a vowel.
#[must_use]
pub fn particle(word: &str, kind: Particle) -> &'static str {
    let closed = word.chars().last().is_some_and(|c| {
        let code = c as u32;
        (0xAC00..=0xD7A3).contains(&code) && !(code - 0xAC00).is_multiple_of(28)
    });
    match (kind, closed) {
        (Particle::Object, true) => "을",
        (Particle::Object, false) => "를",
        (Particle::Subject, true) => "이",
        (Particle::Subject, false) => "가",
        (Particle::Topic, true) => "은",
        (Particle::Topic, false) => "는",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ko_KR.UTF-8", Lang::Ko)]
    #[case("en_US.UTF-8", Lang::En)]
    #[case("C", Lang::En)]
    fn locale_decides_language(#[case] locale: &str, #[case] lang: Lang) {
        assert_eq!(Lang::from_locale(locale), lang);
    }

    #[rstest]
    #[case("학습률", Particle::Object, "을")]
    #[case("보상", Particle::Subject, "이")]
    #[case("수수료", Particle::Object, "를")]
    #[case("clip", Particle::Topic, "는")]
    fn particles_follow_the_last_sound(
        #[case] word: &str,
        #[case] kind: Particle,
        #[case] expected: &str,
    ) {
        assert_eq!(particle(word, kind), expected);
    }
}
