//! Finding things by a few typed letters, in both languages.
//!
//! A query matches when its letters occur in order; Korean initial consonants stand for their
//! syllables (`ㅎㅅㄹ` finds 학습률). Start at [`score`].

use crate::cells;
use unicode_normalization::UnicodeNormalization;

/// Initial consonants in the order in which Unicode composes syllables.
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];

/// Returns how well `query` fits `text`, higher is better; `None` when it does not.
///
/// An empty query fits everything alike.
#[must_use]
pub fn score(query: &str, text: &str) -> Option<i32> {
    best(query, [text])
}

/// Returns `text` as it is compared; for lists long enough that folding counts.
#[must_use]
pub fn folded(text: &str) -> Vec<char> {
    // Simple characters are composed already.
    match text.chars().all(|c| cells::simple_width(c).is_some()) {
        true => text.chars().flat_map(char::to_lowercase).collect(),
        false => text.nfc().flat_map(char::to_lowercase).collect(),
    }
}

/// The same as [`score`] for what is folded already.
#[must_use]
pub fn score_folded(query: &[char], text: &[char]) -> Option<i32> {
    let mut total = 0;
    let mut at = 0;
    let mut last: Option<usize> = None;
    for &wanted in query {
        if wanted.is_whitespace() {
            last = None;
            continue;
        }
        let found = (at..text.len()).find(|index| fits(wanted, text[*index]))?;
        total += 1;
        if last.is_some_and(|last| last + 1 == found) {
            total += 4;
        }
        if found == 0 || !text[found - 1].is_alphanumeric() {
            total += 3;
        }
        last = Some(found);
        at = found + 1;
    }
    Some(total * 16 - i32::try_from(text.len()).unwrap_or(i32::MAX).min(256) / 16)
}

/// Returns the best score of `query` over several texts.
#[must_use]
pub fn best<'a>(query: &str, texts: impl IntoIterator<Item = &'a str>) -> Option<i32> {
    if query.is_empty() {
        return Some(0);
    }
    let query = folded(query);
    let texts = texts.into_iter();
    let scores = texts.filter_map(|text| score_folded(&query, &folded(text)));
    scores.max()
}

fn fits(wanted: char, found: char) -> bool {
    wanted == found || initial(found) == Some(wanted)
}

/// Returns the initial consonant of a Hangul syllable.
fn initial(syllable: char) -> Option<char> {
    let index = u32::from(syllable)
        .checked_sub(0xAC00)
        .filter(|index| *index < 11_172)?;
    INITIALS.get(index as usize / 588).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ㅎㅅㄹ", "학습률")]
    #[case("학ㅅ", "학습률")]
    #[case("lr", "Learning rate")]
    #[case("LEARN", "learning rate")]
    #[case("", "anything")]
    fn these_fit(#[case] query: &str, #[case] text: &str) {
        assert!(score(query, text).is_some());
    }

    #[rstest]
    #[case("ㅎㄹㅅ", "학습률")]
    #[case("xyz", "learning rate")]
    fn these_do_not(#[case] query: &str, #[case] text: &str) {
        assert_eq!(score(query, text), None);
    }

    #[test]
    fn words_beat_scattered_letters() {
        assert!(score("stop", "stop training") > score("stop", "sort the open panels"));
    }
}
