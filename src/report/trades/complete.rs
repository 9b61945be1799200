//! What can be typed next: names of columns, words, values.
//!
//! Start at [`complete`].

use super::{
    column::{Column, Kind as Holds},
    lexer::{Kind, Token, tokens},
    parser::{AND, NOT, OR, is_one_of},
};

/// What fits at the end of a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Characters of the last word that every offer begins with.
    pub typed: usize,
    /// Offers, the likeliest first.
    pub offers: Vec<&'static str>,
}

impl Completion {
    /// Returns what has to be added to reach the first offer; `None` where there is nothing to add.
    #[must_use]
    pub fn rest(&self) -> Option<String> {
        let rest: String = self.offers.first()?.chars().skip(self.typed).collect();
        (!rest.is_empty()).then_some(rest)
    }
}

/// Returns what can follow `text`.
#[must_use]
pub fn complete(text: &str) -> Completion {
    let mut tokens = tokens(text);
    let unfinished = match tokens.last() {
        Some(last) if last.kind == Kind::Word && !text.ends_with(char::is_whitespace) => {
            tokens.pop().map(|token| token.text)
        }
        _ => None,
    };
    let typed = unfinished.unwrap_or_default();
    let offers = candidates(&tokens, !typed.is_empty())
        .into_iter()
        .filter(|offer| starts_with(offer, &typed))
        .collect();
    Completion {
        typed: typed.chars().count(),
        offers,
    }
}

fn starts_with(offer: &str, typed: &str) -> bool {
    let mut offered = offer.chars().flat_map(char::to_lowercase);
    typed
        .chars()
        .flat_map(char::to_lowercase)
        .all(|c| offered.next() == Some(c))
}

/// Everything that may stand after `tokens`; other spellings than the usual ones once a word was
/// `begun`.
fn candidates(tokens: &[Token], begun: bool) -> Vec<&'static str> {
    let column_at = |back: usize| {
        let index = tokens.len().checked_sub(back)?;
        Column::named(&tokens[index].text)
    };
    let Some(last) = tokens.last() else {
        return conditions();
    };
    match &last.kind {
        Kind::Open => conditions(),
        Kind::Close => spelled(&[AND, OR], begun),
        Kind::Comparison(_) => match column_at(2).map(Column::kind) {
            Some(Holds::Word(words)) => spelled(words, begun),
            _ => Vec::new(),
        },
        Kind::Word if is_one_of(&last.text, &[AND, OR, NOT]) => conditions(),
        Kind::Word => match column_at(1).map(Column::kind) {
            Some(Holds::Word(_)) => vec!["=", "!="],
            Some(_) => vec!["=", "!=", "<", "<=", ">", ">="],
            None => spelled(&[AND, OR], begun),
        },
        Kind::Odd => Vec::new(),
    }
}

/// The words: the usual spellings first, then where `others` are asked for the rest.
fn spelled(words: &[&'static [&'static str]], others: bool) -> Vec<&'static str> {
    let usual = words.iter().map(|word| word[0]);
    let rest = words.iter().flat_map(|word| word[1..].iter().copied());
    usual.chain(rest.filter(|_| others)).collect()
}

fn conditions() -> Vec<&'static str> {
    let usual = Column::ALL.iter().map(|column| column.name());
    let others = Column::ALL
        .iter()
        .flat_map(|column| column.spellings()[1..].iter().copied());
    let negation = NOT.iter().copied();
    usual.chain(negation).chain(others).collect()
}

/// Returns the column that `name` is most likely meant to be, at most two letters away.
pub(super) fn nearest(name: &str) -> Option<Column> {
    const LONGEST: usize = 24;
    if name.chars().count() > LONGEST {
        return None;
    }
    let name = &name.to_lowercase();
    let near = Column::ALL.into_iter().flat_map(|column| {
        let spellings = column.spellings().iter();
        spellings.map(move |spelling| (strsim::osa_distance(spelling, name), column))
    });
    let (distance, column) = near.min_by_key(|(distance, _)| *distance)?;
    let short = name.chars().count() < 4;
    (distance <= if short { 1 } else { 2 }).then_some(column)
}
