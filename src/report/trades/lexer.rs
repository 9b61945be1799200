//! Cuts a filter into tokens, each with the character it begins at.

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a number, a date: told apart by where they stand.
    Word,
    /// `= != < <= > >=`.
    Comparison(Comparison),
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// Anything else.
    Odd,
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Character it begins at, from 0.
    pub at: usize,
    /// Its text.
    pub text: String,
    /// What it is.
    pub kind: Kind,
}

/// Cuts `text`; never fails, what is no token is [`Kind::Odd`].
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = chars.get(at) {
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        let (length, kind) = token(&chars[at..]);
        let text = chars[at..at + length].iter().collect();
        tokens.push(Token { at, text, kind });
        at += length;
    }
    tokens
}

fn token(rest: &[char]) -> (usize, Kind) {
    let second = rest.get(1).copied().unwrap_or(' ');
    match (rest[0], second) {
        ('(', _) => (1, Kind::Open),
        (')', _) => (1, Kind::Close),
        ('!', '=') | ('<', '>') => (2, Kind::Comparison(Comparison::Unequal)),
        ('=', '=') => (2, Kind::Comparison(Comparison::Equal)),
        ('<', '=') => (2, Kind::Comparison(Comparison::AtMost)),
        ('>', '=') => (2, Kind::Comparison(Comparison::AtLeast)),
        ('=', _) => (1, Kind::Comparison(Comparison::Equal)),
        ('<', _) => (1, Kind::Comparison(Comparison::Below)),
        ('>', _) => (1, Kind::Comparison(Comparison::Above)),
        (first, _) if belongs(first) => {
            let length = rest.iter().take_while(|c| belongs(**c)).count();
            (length, Kind::Word)
        }
        _ => (1, Kind::Odd),
    }
}

fn belongs(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | ':' | '%')
}
