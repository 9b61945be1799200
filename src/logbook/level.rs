//! How loud a line is, judged by the words that loggers, panics and aborts write.
//!
//! Start at [`Level::of`].

use memchr::memmem;

/// How loud a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Ordinary.
    #[default]
    Info,
    /// A warning.
    Warning,
    /// An error, a panic or an abort.
    Error,
}

/// Which lines are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Levels {
    /// Every line.
    #[default]
    All,
    /// Warnings and errors.
    Warnings,
    /// Errors.
    Errors,
}

impl Levels {
    /// All of them, the loosest first.
    pub const ALL: [Self; 3] = [Self::All, Self::Warnings, Self::Errors];

    /// Returns the word that files know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Warnings => "warnings",
            Self::Errors => "errors",
        }
    }

    /// Returns the words of which a line has one, where not every line is meant.
    #[must_use]
    pub fn words(self) -> Vec<&'static [u8]> {
        match self {
            Self::All => Vec::new(),
            Self::Warnings => [&WARNINGS[..], &ERRORS[..]].concat(),
            Self::Errors => ERRORS.to_vec(),
        }
    }

    /// Returns whether a line of `level` is meant.
    #[must_use]
    pub fn has(self, level: Level) -> bool {
        match self {
            Self::All => true,
            Self::Warnings => level >= Level::Warning,
            Self::Errors => level >= Level::Error,
        }
    }
}

/// Bytes of a line's last state, colours included, that are judged: loggers name the level in
/// front.
pub const HEAD: usize = 160;

const WARNINGS: [&[u8]; 2] = [b"WARN", b"Warning:"];
const ERRORS: [&[u8]; 5] = [
    b"ERROR",
    b"Error:",
    b"FATAL",
    b"panicked at",
    b"terminate called",
];

/// Bytes of the longest of those words.
pub const LONGEST_WORD: usize = 16;

impl Level {
    /// Judges a line by its last state.
    #[must_use]
    pub fn of(last_state: &[u8]) -> Self {
        let head = &last_state[..last_state.len().min(HEAD)];
        let has = |words: &[&[u8]]| words.iter().any(|word| memmem::find(head, word).is_some());
        if has(&ERRORS) {
            Self::Error
        } else if has(&WARNINGS) {
            Self::Warning
        } else {
            Self::Info
        }
    }
}

/// In which parts of a block loud words end, one bit a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    warnings: u64,
    errors: u64,
}

impl Words {
    /// Adds those of `bytes`, of which the first `overlap` were looked at before; the next one lies
    /// `offset` bytes into the block, whose parts have `part` bytes.
    pub fn find(&mut self, bytes: &[u8], overlap: usize, offset: usize, part: usize) {
        let find = |parts: &mut u64, word: &[u8]| {
            let mut at = 0;
            while let Some(found) = bytes.get(at..).and_then(|rest| memmem::find(rest, word)) {
                let last = at + found + word.len() - 1;
                at += found + 1;
                if let Some(behind) = last.checked_sub(overlap) {
                    let hit = (offset + behind) / part;
                    *parts |= 1 << hit;
                    // The rest of that part tells nothing new.
                    let next = overlap + (hit + 1) * part - offset;
                    at = at.max(next.saturating_sub(word.len() - 1));
                }
            }
        };
        for word in WARNINGS {
            find(&mut self.warnings, word);
        }
        for word in ERRORS {
            find(&mut self.errors, word);
        }
    }

    /// Returns the parts in which a line of `levels` may have its word.
    #[must_use]
    pub fn parts(self, levels: Levels) -> u64 {
        match levels {
            Levels::All => u64::MAX,
            Levels::Warnings => self.warnings | self.errors,
            Levels::Errors => self.errors,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-01-02T03:04:05Z  INFO job: step 5", Level::Info)]
    #[case("2026-01-02T03:04:05Z  WARN job: slow", Level::Warning)]
    #[case("UserWarning: deprecated", Level::Warning)]
    #[case("2026-01-02T03:04:05Z ERROR job: failed", Level::Error)]
    #[case("RuntimeError: CUDA out of memory", Level::Error)]
    #[case("thread 'main' panicked at src/a.rs:1", Level::Error)]
    #[case("terminate called after throwing", Level::Error)]
    #[case("error rate 0.1", Level::Info)]
    #[case("warned twice", Level::Info)]
    fn lines_are_judged_by_their_words(#[case] line: &str, #[case] level: Level) {
        assert_eq!(Level::of(line.as_bytes()), level);
    }

    #[test]
    fn only_the_head_counts_and_the_longest_word_is_known() {
        let late = format!("{}ERROR", "x".repeat(HEAD));
        assert_eq!(Level::of(late.as_bytes()), Level::Info);
        let words = WARNINGS.iter().chain(&ERRORS);
        assert_eq!(words.map(|word| word.len()).max(), Some(LONGEST_WORD));
    }
}
