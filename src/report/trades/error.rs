//! Why a filter cannot be understood: where, what stands there, and what would.
//!
//! Start at [`FilterError`].

use super::column::{Column, Kind};
use domain::{Lang, Phrase, Text, phrase};

/// What would have been understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A column, `not` or an opening parenthesis.
    Condition,
    /// A comparison sign.
    Comparison,
    /// A value that this column can be compared with.
    Value(Column),
    /// `and`, `or` or the end.
    Joint,
    /// A closing parenthesis.
    Closing,
    /// `=` or `!=`, all that a column of words knows.
    Equality(Column),
}

/// Why a filter cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Something else was expected.
    #[error("column {}: {}", .at + 1, self.says().en)]
    Unexpected {
        /// Character, from 0.
        at: usize,
        /// What stands there; `None` at the end.
        found: Option<String>,
        /// What would have been understood.
        expected: Expected,
    },
    /// There is no such column.
    #[error("column {}: {}", .at + 1, self.says().en)]
    UnknownColumn {
        /// Character, from 0.
        at: usize,
        /// The name.
        found: String,
        /// The nearest column.
        near: Option<Column>,
    },
    /// Parentheses and `not` are nested too deeply.
    #[error("column {}: {}", .at + 1, self.says().en)]
    TooDeep {
        /// Character, from 0.
        at: usize,
    },
}

impl FilterError {
    /// Returns the character it is about, from 0.
    #[must_use]
    pub const fn at(&self) -> usize {
        match self {
            Self::Unexpected { at, .. } | Self::UnknownColumn { at, .. } | Self::TooDeep { at } => {
                *at
            }
        }
    }

    /// Says what was expected and what stands there.
    #[must_use]
    pub fn says(&self) -> Phrase {
        match self {
            Self::Unexpected {
                found, expected, ..
            } => {
                let wanted = expected.says();
                let (en, ko) = (wanted.en, wanted.ko);
                match found {
                    Some(found) => phrase!(
                        "expected {en}, found `{found}`",
                        "`{found}` 자리에는 다음이 와야 합니다: {ko}"
                    ),
                    None => phrase!(
                        "expected {en}, but the filter ends here",
                        "조건이 여기서 끝났습니다. 다음이 와야 합니다: {ko}"
                    ),
                }
            }
            Self::UnknownColumn {
                found,
                near: Some(near),
                ..
            } => {
                let near = near.name();
                phrase!(
                    "there is no column `{found}`; did you mean `{near}`?",
                    "`{found}` 열은 없습니다. `{near}` 열을 뜻하셨나요?"
                )
            }
            Self::UnknownColumn { found, .. } => {
                let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
                let names = names.join(", ");
                phrase!(
                    "there is no column `{found}`; columns: {names}",
                    "`{found}` 열은 없습니다. 쓸 수 있는 열: {names}"
                )
            }
            Self::TooDeep { .. } => Phrase::new(
                "parentheses and `not` are nested too deeply",
                "괄호와 not이 너무 깊게 겹쳐 있습니다",
            ),
        }
    }

    /// Draws the filter with a caret below the place, and says what is wrong there.
    #[must_use]
    pub fn pointed_out(&self, filter: &str, lang: Lang) -> String {
        let before: String = filter.chars().take(self.at()).collect();
        let indent = unicode_width::UnicodeWidthStr::width(before.as_str());
        format!("{filter}\n{:indent$}^ {}", "", self.says().get(lang))
    }
}

impl Expected {
    /// Says what may stand there.
    #[must_use]
    pub fn says(self) -> Phrase {
        match self {
            Self::Condition => Text::new("a column, `not` or `(`", "열 이름, not 또는 (").into(),
            Self::Comparison => Text::new("one of = != < <= > >=", "= != < <= > >= 중 하나").into(),
            Self::Joint => Text::new("`and`, `or` or the end", "and, or 또는 끝").into(),
            Self::Closing => Text::new("`)`", "닫는 괄호 )").into(),
            Self::Equality(column) => {
                let name = column.name();
                phrase!(
                    "= or != (`{name}` holds words)",
                    "= 또는 != ({name} 열은 낱말입니다)"
                )
            }
            Self::Value(column) => match column.kind() {
                Kind::Number => {
                    Text::new("a number such as 20, -1.5 or 2k", "20, -1.5, 2k 같은 수").into()
                }
                Kind::Fraction => {
                    Text::new("a share such as 1.5% or 0.015", "1.5%나 0.015 같은 비율").into()
                }
                Kind::Moment => Text::new(
                    "a date such as 2024, 2024-01, 2024-01-31 or 2024-01-31T12:00",
                    "2024, 2024-01, 2024-01-31, 2024-01-31T12:00 같은 날짜",
                )
                .into(),
                Kind::Word(words) => {
                    let words: Vec<&str> = words.iter().map(|word| word[0]).collect();
                    let words = words.join(", ");
                    phrase!("one of {words}", "{words} 중 하나")
                }
            },
        }
    }
}
