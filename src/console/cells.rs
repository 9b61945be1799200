//! Text as a terminal shows it: measured, cut and padded in cells.
//!
//! Owns the rule that nothing of ambiguous width reaches the screen: terminals disagree about `·`,
//! `→`, `…` or `γ`, and one wrong cell shifts the rest of the line. Never styles. Start at
//! [`clean`].

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks a text that was cut.
const CUT: char = '~';

/// Returns how many cells `text` takes.
#[must_use]
pub fn width(text: &str) -> usize {
    simple(text).unwrap_or_else(|| text.width())
}

/// Returns how many cells a text of simple characters takes; `None` where there are others.
#[must_use]
pub fn simple(text: &str) -> Option<usize> {
    text.chars().map(simple_width).sum()
}

/// Returns how many cells `c` takes if it stands for itself whatever is beside it: nearly all text
/// is of such characters, which need not be looked up and cannot join others.
#[must_use]
pub fn simple_width(c: char) -> Option<usize> {
    match c {
        ' '..='~' | '\u{2800}'..='\u{28ff}' => Some(1),
        '가'..='힣' => Some(2),
        _ => None,
    }
}

/// Makes an outside text safe to draw: composed (NFC), no control or joining characters, nothing
/// of ambiguous width.
#[must_use]
pub fn clean(text: &str) -> String {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        match c {
            '\t' => out.push_str("    "),
            // Joiners, variation selectors and direction marks change what neighbours look like.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {}
            '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => {}
            c if c.is_control() => out.push(' '),
            c => match substitute(c) {
                Some(spelling) => out.push_str(spelling),
                None if c.width() == c.width_cjk() => out.push(c),
                None => out.push('?'),
            },
        }
    }
    out
}

/// Returns an ASCII spelling of a character whose width terminals disagree about; Greek letters
/// are among them, whatever width tables say today.
fn substitute(c: char) -> Option<&'static str> {
    Some(match c {
        'α' => "alpha",
        'β' => "beta",
        'γ' => "gamma",
        'δ' | 'Δ' => "delta",
        'ε' => "eps",
        'λ' => "lambda",
        'μ' => "mu",
        'σ' | 'Σ' => "sigma",
        '·' | '•' | '│' => "|",
        '–' | '—' | '−' | '─' | '―' => "-",
        '…' => "..",
        '→' => "->",
        '←' => "<-",
        '↑' => "^",
        '↓' => "v",
        '×' => "x",
        '±' => "+-",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '≈' => "~",
        '∞' => "inf",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '°' => "deg",
        '●' | '■' => "*",
        '○' | '□' => "o",
        '▲' => "^",
        '▼' => "v",
        '█' => "#",
        _ => return None,
    })
}

/// Cuts `text` to at most `cells`, never through a wide character; what was cut ends in `~`.
#[must_use]
pub fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut kept = take(text, cells.saturating_sub(1)).to_owned();
    if cells > 0 {
        kept.push(CUT);
    }
    kept
}

/// Returns as many whole sentences of `text` as fit into `cells`; of a first one that does not fit,
/// what does.
#[must_use]
pub fn sentences(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let ends = text.match_indices(". ").map(|(at, _)| at + 1);
    let fitting = ends.filter(|end| width(&text[..*end]) <= cells).last();
    fitting.map_or_else(|| cut(text, cells), |end| text[..end].to_owned())
}

/// Returns the longest beginning of `text` that fits into `cells`.
#[must_use]
pub fn take(text: &str, cells: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells {
            return &text[..at];
        }
    }
    text
}

/// Cuts or fills `text` to exactly `cells`, text at the left.
#[must_use]
pub fn left(text: &str, cells: usize) -> String {
    let mut text = cut(text, cells);
    let room = cells.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', room));
    text
}

/// Cuts or fills `text` to exactly `cells`, text at the right.
#[must_use]
pub fn right(text: &str, cells: usize) -> String {
    let text = cut(text, cells);
    let room = cells.saturating_sub(width(&text));
    format!("{}{text}", " ".repeat(room))
}

/// Breaks `text` at spaces into lines of at most `cells`; a longer word is broken by graphemes.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = vec![String::new()];
    for mut word in text.split_whitespace() {
        let mut room = cells.saturating_sub(lines.last().map_or(0, |line| width(line)));
        let empty = room == cells;
        if !empty && width(word) < room {
            push(&mut lines, " ");
            push(&mut lines, word);
            continue;
        }
        if !empty {
            lines.push(String::new());
        }
        room = cells;
        while width(word) > room {
            let part = take(word, room);
            push(&mut lines, part);
            lines.push(String::new());
            word = &word[part.len()..];
        }
        push(&mut lines, word);
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(last) = lines.last_mut() {
        last.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("학습률", 5, "학습~")]
    #[case("학습률", 4, "학~")]
    #[case("학습률", 6, "학습률")]
    #[case("abc", 2, "a~")]
    #[case("abc", 0, "")]
    fn cutting_never_splits_a_wide_cell(
        #[case] text: &str,
        #[case] cells: usize,
        #[case] expected: &str,
    ) {
        assert_eq!(cut(text, cells), expected);
        assert_eq!(width(&left(text, cells)), cells);
        assert_eq!(width(&right(text, cells)), cells);
    }

    #[rstest]
    #[case("둘 다. 들어갑니다.", 20, "둘 다. 들어갑니다.")]
    #[case("하나만. 들어갑니다.", 12, "하나만.")]
    #[case("3.5 is no end. Two.", 16, "3.5 is no end.")]
    #[case("longer than that. Two.", 6, "longe~")]
    fn sentences_stay_whole(#[case] text: &str, #[case] cells: usize, #[case] expected: &str) {
        assert_eq!(sentences(text, cells), expected);
    }

    #[rstest]
    #[case("\u{1112}\u{1161}\u{11ab}", "한")]
    #[case("a → b … γ", "a -> b .. gamma")]
    #[case("x\u{1b}[31m", "x [31m")]
    #[case("👩\u{200d}🔬", "👩🔬")]
    fn outside_texts_are_made_safe(#[case] text: &str, #[case] expected: &str) {
        let cleaned = clean(text);
        assert_eq!(cleaned, expected);
        assert_eq!(cleaned.width(), cleaned.width_cjk());
    }

    #[test]
    fn simple_characters_are_as_wide_as_tables_say_and_stand_alone() {
        let simple: Vec<char> = ('\0'..='\u{ffff}')
            .filter(|c| simple_width(*c).is_some())
            .collect();
        assert!(simple.len() > 11_000);
        for pair in simple.windows(2) {
            let text: String = pair.iter().collect();
            assert_eq!(width(&text), text.width(), "{text}");
            assert_eq!(text.graphemes(true).count(), 2, "{text}");
        }
    }

    #[test]
    fn no_text_is_too_long_to_be_measured() {
        for text in ["a".repeat(65_546), "가".repeat(40_000)] {
            assert_eq!(width(&text), text.width());
            assert!(width(&cut(&text, 20)) <= 20);
            assert!(wrap(&text, 20).iter().all(|line| width(line) <= 20));
        }
    }

    #[test]
    fn wrapping_breaks_long_words() {
        let lines = wrap("검증 점수가 좋아지지 않습니다 aaaaaaaaaaaaaaaaaaaaaaaa", 10);
        assert!(lines.iter().all(|line| width(line) <= 10), "{lines:?}");
        assert_eq!(wrap("", 10), [""]);
    }
}
