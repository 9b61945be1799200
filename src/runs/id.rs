//! Names of runs: `20240131-235959-ppo-btc-1a2b`, sortable by time and safe as file names.

use crate::error::RunsError;
use domain::{Nanos, StreamRng, Text};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;

/// A run's identifier: `<yyyymmdd-hhmmss>-<slug>-<4 hex>`, UTC; also its directory's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

/// Characters of a slug at most; 40 Hangul syllables are 120 bytes, well below a name's limit.
const SLUG_CHARS: usize = 40;

/// `yyyymmdd-hhmmss`.
const STAMP_CHARS: usize = 15;

impl RunId {
    /// Names a run that is created at `now`; `rng` keeps apart two of the same second.
    #[must_use]
    pub fn new(name: &str, now: Nanos, rng: &mut StreamRng) -> Self {
        Self(format!(
            "{}-{}-{:04x}",
            now.stamp(),
            slug(name),
            rng.below(0x1_0000)
        ))
    }

    /// Returns the whole identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part between the time and the four hexadecimal digits.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.0[STAMP_CHARS + 1..self.0.len() - 5]
    }
}

impl FromStr for RunId {
    type Err = RunsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = || -> Option<()> {
            let (date, rest) = text.split_once('-')?;
            let (time, rest) = rest.split_once('-')?;
            let (slug, hex) = rest.rsplit_once('-')?;
            let digits =
                |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
            let named = !slug.is_empty() && slug.chars().all(|c| c == '-' || c.is_alphanumeric());
            let tagged =
                hex.len() == 4 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            (digits(date, 8) && digits(time, 6) && named && tagged).then_some(())
        };
        well_formed()
            .map(|()| Self(text.to_owned()))
            .ok_or_else(|| RunsError::Invalid {
                what: domain::phrase!(
                    "`{text}` is not a run id; one looks like 20240131-235959-ppo-btc-1a2b",
                    "`{text}`은(는) 실행 ID가 아닙니다. 예: 20240131-235959-ppo-btc-1a2b"
                ),
                hint: Text::new(
                    "copy it whole from `makook runs list`",
                    "`makook runs list`에 나온 ID를 그대로 쓰세요",
                ),
            })
    }
}

impl TryFrom<String> for RunId {
    type Error = RunsError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Turns a name into lower-case letters and digits joined by single hyphens; `run` if none is left.
///
/// Composed first (NFC): decomposed Hangul from another system would name the same run twice.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.nfc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let cut: String = slug.chars().take(SLUG_CHARS).collect();
    match cut.trim_end_matches('-') {
        "" => "run".to_owned(),
        whole => whole.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("PPO btc 1h", "ppo-btc-1h")]
    #[case("../../etc/passwd", "etc-passwd")]
    #[case("", "run")]
    #[case("---", "run")]
    #[case("비트코인 첫 실험", "비트코인-첫-실험")]
    #[case("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글")]
    #[case("a\u{0}b\nc", "a-b-c")]
    fn slugs_are_safe_file_names(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(slug(name), expected);
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(slug(&"가".repeat(200)).chars().count(), SLUG_CHARS);
    }

    #[test]
    fn an_identifier_reads_back() {
        let now = Nanos::from_millis(1_706_745_599_000);
        let id = RunId::new("한글 a-b", now, &mut StreamRng::seeded(1));
        assert!(id.as_str().starts_with("20240131-235959-한글-a-b-"));
        assert_eq!(id.slug(), "한글-a-b");
        assert_eq!(id.as_str().parse::<RunId>().unwrap(), id);
    }

    #[rstest]
    #[case("")]
    #[case("latest")]
    #[case("20240131-235959-1a2b")]
    #[case("20240131-235959-x-1A2B")]
    #[case("20240131-23595-x-1a2b")]
    #[case("20240131-235959-a/b-1a2b")]
    fn other_texts_are_no_identifiers(#[case] text: &str) {
        assert!(text.parse::<RunId>().is_err());
    }
}
