//! Reads tokens into a filter: `or` binds weaker than `and`, `and` weaker than `not`.
//!
//! Start at [`parse`].

use super::{
    column::{Column, Kind as Holds},
    complete::nearest,
    error::{Expected, FilterError},
    filter::{Bound, Node},
    lexer::{Comparison, Kind, Token, tokens},
};
use domain::{Nanos, time::SECOND};

/// Parentheses and `not` that may lie in one another.
const DEEPEST: usize = 64;

/// Spellings of what joins conditions that must all fit.
pub const AND: &[&str] = &["and", "그리고"];
/// Spellings of what joins conditions of which one must fit.
pub const OR: &[&str] = &["or", "또는"];
/// Spellings of what turns a condition round.
pub const NOT: &[&str] = &["not", "아닌"];

/// Returns whether `text` is a spelling of one of `words`, whatever its case.
pub(super) fn is_one_of(text: &str, words: &[&[&str]]) -> bool {
    let mut spellings = words.iter().flat_map(|word| word.iter());
    spellings.any(|spelling| spelling.eq_ignore_ascii_case(text))
}

/// Reads `text`; `None` where it is blank.
pub(super) fn parse(text: &str) -> Result<Option<Node>, FilterError> {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser {
        end: text.trim_end().chars().count(),
        tokens,
        next: 0,
        depth: 0,
    };
    let node = parser.any()?;
    match parser.peek() {
        None => Ok(Some(node)),
        Some(_) => Err(parser.unexpected(Expected::Joint)),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// Characters of the text.
    end: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn at(&self) -> usize {
        self.peek().map_or(self.end, |token| token.at)
    }

    fn unexpected(&self, expected: Expected) -> FilterError {
        FilterError::Unexpected {
            at: self.at(),
            found: self.peek().map(|token| token.text.clone()),
            expected,
        }
    }

    /// Takes the next token if it spells this word.
    fn takes(&mut self, word: &[&str]) -> bool {
        let is_one = self
            .peek()
            .is_some_and(|token| is_one_of(&token.text, &[word]));
        self.next += usize::from(is_one);
        is_one
    }

    fn any(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all()?];
        while self.takes(OR) {
            nodes.push(self.all()?);
        }
        Ok(match nodes.len() {
            1 => nodes.remove(0),
            _ => Node::Any(nodes),
        })
    }

    fn all(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.one()?];
        while self.takes(AND) {
            nodes.push(self.one()?);
        }
        Ok(match nodes.len() {
            1 => nodes.remove(0),
            _ => Node::All(nodes),
        })
    }

    fn one(&mut self) -> Result<Node, FilterError> {
        let at = self.at();
        if self.depth >= DEEPEST {
            return Err(FilterError::TooDeep { at });
        }
        if self.takes(NOT) {
            self.depth += 1;
            let node = self.one()?;
            self.depth -= 1;
            return Ok(Node::Not(Box::new(node)));
        }
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Open) => {
                self.next += 1;
                self.depth += 1;
                let node = self.any()?;
                self.depth -= 1;
                if self.peek().is_none_or(|token| token.kind != Kind::Close) {
                    // After a whole condition either goes on; the parenthesis is what is missing.
                    return Err(self.unexpected(Expected::Closing));
                }
                self.next += 1;
                Ok(node)
            }
            Some(Kind::Word) => self.comparison(),
            _ => Err(self.unexpected(Expected::Condition)),
        }
    }

    fn comparison(&mut self) -> Result<Node, FilterError> {
        let (at, name) = match self.peek() {
            Some(token) => (token.at, token.text.clone()),
            None => return Err(self.unexpected(Expected::Condition)),
        };
        if is_one_of(&name, &[AND, OR])
            || name.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+')
        {
            return Err(self.unexpected(Expected::Condition));
        }
        let Some(column) = Column::named(&name) else {
            return Err(FilterError::UnknownColumn {
                at,
                near: nearest(&name),
                found: name,
            });
        };
        self.next += 1;
        let Some(Kind::Comparison(comparison)) = self.peek().map(|token| token.kind.clone()) else {
            return Err(self.unexpected(Expected::Comparison));
        };
        let equality = matches!(comparison, Comparison::Equal | Comparison::Unequal);
        if matches!(column.kind(), Holds::Word(_)) && !equality {
            return Err(self.unexpected(Expected::Equality(column)));
        }
        self.next += 1;
        let bound = self
            .peek()
            .filter(|token| token.kind == Kind::Word)
            .and_then(|token| value(column, &token.text))
            .ok_or_else(|| self.unexpected(Expected::Value(column)))?;
        self.next += 1;
        Ok(Node::Compare {
            column,
            comparison,
            bound,
        })
    }
}

fn value(column: Column, text: &str) -> Option<Bound> {
    match column.kind() {
        Holds::Number => number(text).map(Bound::Number),
        Holds::Fraction => match text.strip_suffix('%') {
            Some(percent) => number(percent).map(|value| Bound::Number(value / 100.0)),
            None => number(text).map(Bound::Number),
        },
        Holds::Moment => moment(text).map(|(from, to)| Bound::Span(from, to)),
        Holds::Word(words) => words
            .iter()
            .position(|word| is_one_of(text, &[word]))
            .map(|rank| Bound::Rank(rank as i64)),
    }
}

/// Reads `20`, `-1.5`, `1e-3`, `1_000`, `2k`, `3M`; nothing infinite.
fn number(text: &str) -> Option<f64> {
    let (digits, factor) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1e3),
        None => match text.strip_suffix('M') {
            Some(digits) => (digits, 1e6),
            None => (text, 1.0),
        },
    };
    if !digits.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let value: f64 = digits.replace('_', "").parse().ok()?;
    let value = value * factor;
    value.is_finite().then_some(value)
}

/// Reads a year, month, day, hour, minute or second, UTC, as the nanoseconds from its beginning to
/// its end.
fn moment(text: &str) -> Option<(i64, i64)> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, clock) = match text.split_once(['T', 't']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    let parts = |text: &str, sign: char| -> Option<Vec<i16>> {
        let part = |part: &str| {
            let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse().ok()).flatten()
        };
        text.split(sign).map(part).collect()
    };
    let date = parts(date, '-')?;
    let clock = clock.map_or(Some(Vec::new()), |clock| parts(clock, ':'))?;
    let of = |parts: &[i16], index: usize, missing: i8| match parts.get(index) {
        Some(part) => i8::try_from(*part).ok(),
        None => Some(missing),
    };
    let year = *date.first()?;
    // What nanoseconds reach, the year after included.
    if !(1_678..=2_261).contains(&year) {
        return None;
    }
    let (month, day) = (of(&date, 1, 1)?, of(&date, 2, 1)?);
    let clock_of = (of(&clock, 0, 0)?, of(&clock, 1, 0)?, of(&clock, 2, 0)?);
    let start = Nanos::of_civil((year, month, day), clock_of)?;
    let first_of = |year, month| Nanos::of_civil((year, month, 1), (0, 0, 0));
    let after = |seconds: i64| Some(Nanos(start.0 + seconds * SECOND));
    let end = match (date.len(), clock.len()) {
        (1, 0) => first_of(year + 1, 1),
        (2, 0) if month == 12 => first_of(year + 1, 1),
        (2, 0) => first_of(year, month + 1),
        (3, 0) => after(86_400),
        (3, 1) => after(3_600),
        (3, 2) => after(60),
        (3, 3) => after(1),
        _ => None,
    };
    Some((start.0, end?.0))
}
