//! What is looked for by a regular expression, and what is wrong with one.
//!
//! An expression is meant for one line. Looking through many lines at once is faster by far, so it
//! is known here what a look at many can miss. Start at [`Pattern::new`].

use crate::Case;
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::{
    ParserBuilder,
    ast::ErrorKind,
    hir::{Look, LookSet},
};
use std::ops::Range;

/// A regular expression in the syntax of the crate `regex`: linear in time, so without references
/// back and looking around.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    looks: LookSet,
}

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A `(` without its `)`.
    GroupUnclosed,
    /// A `)` without its `(`.
    GroupUnopened,
    /// What stands behind `(?` is none of what may.
    Group,
    /// A `[` without its `]`.
    SetUnclosed,
    /// A range or a class within `[ ]` that there is not.
    Set,
    /// A `*`, `+`, `?` or `{` behind nothing that could be repeated.
    NothingToRepeat,
    /// Counts within `{ }` that are none.
    Count,
    /// A `\` before something that has no meaning then, or before nothing.
    Escape,
    /// A reference back or a look around.
    Unsupported,
    /// It is too large or too deep.
    TooLarge,
    /// Anything else.
    Other,
}

/// An expression that cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {at}: {fault:?}")]
pub struct PatternError {
    /// What is wrong.
    pub fault: Fault,
    /// Where: the character, counted from 1.
    pub at: usize,
}

impl Pattern {
    /// Reads `text`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn new(text: &str, case: Case) -> Result<Self, PatternError> {
        let is_ignored = case == Case::Ignored;
        let parsed = ParserBuilder::new()
            .multi_line(true)
            .case_insensitive(is_ignored)
            .utf8(false)
            .build()
            .parse(text);
        let looks = match parsed {
            Ok(parsed) => parsed.properties().look_set(),
            Err(error) => return Err(PatternError::of(&error)),
        };
        let built = RegexBuilder::new(text)
            .multi_line(true)
            .case_insensitive(is_ignored)
            .build();
        let too_large = PatternError {
            fault: Fault::TooLarge,
            at: 1,
        };
        built
            .map(|regex| Self { regex, looks })
            .map_err(|_| too_large)
    }

    /// Returns whether `line` has it.
    #[must_use]
    pub fn fits(&self, line: &[u8]) -> bool {
        self.regex.is_match(line)
    }

    /// Returns where the first match in `bytes`, which may be many lines, begins and ends from the
    /// line's beginning at `from` on. No line before has a match by itself; whether one of those
    /// that it touches has is to be looked at.
    #[must_use]
    pub fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        self.regex.find_at(bytes, from).map(|found| found.range())
    }

    /// Returns whether a line can have a match that a look at many lines cannot find, because the
    /// expression asks for the beginning or the end of everything.
    #[must_use]
    pub fn asks_for_the_whole(&self) -> bool {
        self.looks.contains(Look::Start) || self.looks.contains(Look::End)
    }

    /// Returns whether it asks what stands beside: then what a `\r` overwrote matters.
    #[must_use]
    pub fn asks_for_borders(&self) -> bool {
        !self.looks.is_empty()
    }

    /// Returns where all matches in `line` are that are not empty.
    pub fn all<'a>(&'a self, line: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.regex.find_iter(line).map(|found| found.range());
        found.filter(|range| !range.is_empty())
    }
}

impl PatternError {
    fn of(error: &regex_syntax::Error) -> Self {
        let (fault, span) = match error {
            regex_syntax::Error::Parse(error) => (fault(error.kind()), error.span()),
            regex_syntax::Error::Translate(error) => (Fault::Set, error.span()),
            _ => return Self::elsewhere(),
        };
        Self {
            fault,
            at: span.start.column,
        }
    }

    fn elsewhere() -> Self {
        Self {
            fault: Fault::Other,
            at: 1,
        }
    }
}

fn fault(kind: &ErrorKind) -> Fault {
    match kind {
        ErrorKind::GroupUnclosed => Fault::GroupUnclosed,
        ErrorKind::GroupUnopened => Fault::GroupUnopened,
        ErrorKind::FlagDanglingNegation
        | ErrorKind::FlagDuplicate { .. }
        | ErrorKind::FlagRepeatedNegation { .. }
        | ErrorKind::FlagUnexpectedEof
        | ErrorKind::FlagUnrecognized
        | ErrorKind::GroupNameDuplicate { .. }
        | ErrorKind::GroupNameEmpty
        | ErrorKind::GroupNameInvalid
        | ErrorKind::GroupNameUnexpectedEof => Fault::Group,
        ErrorKind::ClassUnclosed => Fault::SetUnclosed,
        ErrorKind::ClassEscapeInvalid
        | ErrorKind::ClassRangeInvalid
        | ErrorKind::ClassRangeLiteral
        | ErrorKind::UnicodeClassInvalid => Fault::Set,
        ErrorKind::RepetitionMissing => Fault::NothingToRepeat,
        ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid
        | ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountUnclosed => Fault::Count,
        ErrorKind::EscapeHexEmpty
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::EscapeUnexpectedEof
        | ErrorKind::EscapeUnrecognized
        | ErrorKind::SpecialWordBoundaryUnclosed
        | ErrorKind::SpecialWordBoundaryUnrecognized
        | ErrorKind::SpecialWordOrRepetitionUnexpectedEof => Fault::Escape,
        ErrorKind::UnsupportedBackreference | ErrorKind::UnsupportedLookAround => {
            Fault::Unsupported
        }
        ErrorKind::CaptureLimitExceeded | ErrorKind::NestLimitExceeded(_) => Fault::TooLarge,
        _ => Fault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("loss (", Fault::GroupUnclosed, 6)]
    #[case("학습)", Fault::GroupUnopened, 3)]
    #[case("(?q)", Fault::Group, 3)]
    #[case("a[0-9", Fault::SetUnclosed, 2)]
    #[case("[z-a]", Fault::Set, 2)]
    #[case(r"\p{Nothing}", Fault::Set, 1)]
    #[case("*a", Fault::NothingToRepeat, 1)]
    #[case("a{2", Fault::Count, 2)]
    #[case("a{3,2}", Fault::Count, 2)]
    #[case(r"\y", Fault::Escape, 1)]
    #[case(r"a\", Fault::Escape, 2)]
    #[case(r"(a)\1", Fault::Unsupported, 4)]
    #[case("(?=a)", Fault::Unsupported, 1)]
    #[case("((a{1000}){1000}){1000}", Fault::TooLarge, 1)]
    fn what_is_wrong_is_known_and_where(
        #[case] text: &str,
        #[case] fault: Fault,
        #[case] at: usize,
    ) {
        let error = Pattern::new(text, Case::Ignored).unwrap_err();
        assert_eq!(error, PatternError { fault, at });
    }

    #[rstest]
    #[case("LOSS=[0-9.]+", Case::Ignored, true)]
    #[case("LOSS=[0-9.]+", Case::Exact, false)]
    #[case("^update", Case::Exact, true)]
    #[case("loss$", Case::Exact, false)]
    #[case("손실$", Case::Exact, true)]
    fn lines_fit(#[case] text: &str, #[case] case: Case, #[case] fits: bool) {
        let line = "update 7 loss=0.25 손실";
        assert_eq!(
            Pattern::new(text, case).unwrap().fits(line.as_bytes()),
            fits
        );
    }
}
