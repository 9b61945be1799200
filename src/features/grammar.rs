//! The shape of a feature spec, before any name in it means something.
//!
//! `source | transform | transform`, where source and transform are `name`, `name(args)` or
//! `name(args).output`, and an argument is `value` or `name = value`. Owns positions for error
//! messages; never looks a name up. Start at [`parse`].

use crate::error::FeatureError;
use domain::{Phrase, Text, phrase};

/// A source and the transforms it goes through, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    pub source: Call,
    pub transforms: Vec<Call>,
}

/// A name with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: String,
    pub args: Vec<Argument>,
    pub output: Option<String>,
}

/// One argument; positional when it has no name.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    pub name: Option<String>,
    pub value: Value,
}

/// What an argument can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(f64, String),
    Call(Call),
}

impl Value {
    /// Returns the text to show in a message.
    pub fn text(&self) -> &str {
        match self {
            Self::Number(_, text) => text,
            Self::Call(call) => &call.name,
        }
    }
}

/// Nesting deeper than this is refused, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 8;

/// Reads one spec.
///
/// # Errors
/// [`FeatureError::Syntax`] with the position of the first character that does not fit.
pub fn parse(spec: &str) -> Result<Pipeline, FeatureError> {
    let mut reader = Reader {
        spec,
        chars: spec.chars().collect(),
        at: 0,
        depth: 0,
    };
    let source = reader.call()?;
    let mut transforms = Vec::new();
    while reader.take('|') {
        transforms.push(reader.call()?);
    }
    match reader.peek() {
        None => Ok(Pipeline { source, transforms }),
        Some(found) => Err(reader.error(phrase!(
            "expected `|` or the end, found `{found}`",
            "`|`나 끝이 와야 하는데 `{found}`입니다"
        ))),
    }
}

struct Reader<'a> {
    spec: &'a str,
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn call(&mut self) -> Result<Call, FeatureError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(phrase!(
                "functions are nested deeper than {MAX_DEPTH}",
                "함수를 {MAX_DEPTH}단계보다 깊이 겹쳐 썼습니다"
            )));
        }
        let name = self.word(Text::new("a name", "이름"))?;
        let args = if self.take('(') {
            self.args()?
        } else {
            Vec::new()
        };
        let output = if self.take('.') {
            Some(self.word(Text::new("an output's name", "출력 이름"))?)
        } else {
            None
        };
        self.depth -= 1;
        Ok(Call { name, args, output })
    }

    fn args(&mut self) -> Result<Vec<Argument>, FeatureError> {
        let mut args = Vec::new();
        if self.take(')') {
            return Ok(args);
        }
        loop {
            args.push(self.argument()?);
            if self.take(')') {
                return Ok(args);
            }
            if !self.take(',') {
                return Err(self.error(phrase!("expected `,` or `)`", "`,`나 `)`가 와야 합니다")));
            }
        }
    }

    fn argument(&mut self) -> Result<Argument, FeatureError> {
        let value = self.value()?;
        if !self.take('=') {
            return Ok(Argument { name: None, value });
        }
        match value {
            Value::Call(Call {
                name,
                args,
                output: None,
            }) if args.is_empty() => Ok(Argument {
                name: Some(name),
                value: self.value()?,
            }),
            _ => Err(self.error(phrase!(
                "expected a parameter's name before `=`",
                "`=` 앞에는 매개변수 이름이 와야 합니다"
            ))),
        }
    }

    fn value(&mut self) -> Result<Value, FeatureError> {
        let first = self.peek();
        if !first.is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            return self.call().map(Value::Call);
        }
        let start = self.at;
        let part = |reader: &Self| {
            let char = reader.chars[reader.at];
            let exponent_sign =
                matches!(char, '-' | '+') && matches!(reader.chars[reader.at - 1], 'e' | 'E');
            char.is_ascii_alphanumeric() || char == '.' || exponent_sign
        };
        self.at += 1;
        while self.at < self.chars.len() && part(self) {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Number(number, text)),
            _ => {
                self.at = start;
                Err(self.error(phrase!(
                    "`{text}` is not a number",
                    "`{text}`은(는) 숫자가 아닙니다"
                )))
            }
        }
    }

    fn word(&mut self, what: Text) -> Result<String, FeatureError> {
        self.skip_spaces();
        let start = self.at;
        while self
            .chars
            .get(self.at)
            .is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_')
        {
            self.at += 1;
        }
        if self.at == start {
            let Text { en, ko } = what;
            let expected = match self.peek() {
                None => phrase!(
                    "expected {en}, found the end",
                    "{ko}이(가) 와야 하는데 끝났습니다"
                ),
                Some(found) => phrase!(
                    "expected {en}, found `{found}`",
                    "{ko}이(가) 와야 하는데 `{found}`입니다"
                ),
            };
            return Err(self.error(expected));
        }
        Ok(self.chars[start..self.at].iter().collect())
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.chars.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn error(&self, expected: Phrase) -> FeatureError {
        FeatureError::Syntax {
            spec: self.spec.to_owned(),
            at: self.at + 1,
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn reads_source_output_and_transforms() {
        let read =
            parse("MACD(12, slow_period = 26).macd_hist | over_atr(14)|clip( -3 , 3e0 )").unwrap();
        assert_eq!(read.source.name, "MACD");
        assert_eq!(read.source.output.as_deref(), Some("macd_hist"));
        assert_eq!(read.source.args[1].name.as_deref(), Some("slow_period"));
        let names: Vec<_> = read
            .transforms
            .iter()
            .map(|call| call.name.as_str())
            .collect();
        assert_eq!(names, ["over_atr", "clip"]);
        assert_eq!(
            read.transforms[1].args[0].value,
            Value::Number(-3.0, "-3".to_owned())
        );
    }

    #[rstest]
    #[case("", 1, "expected a name, found the end")]
    #[case("RSI(", 5, "expected a name, found the end")]
    #[case("RSI(14", 7, "expected `,` or `)`")]
    #[case("RSI(14) diff", 9, "expected `|` or the end, found `d`")]
    #[case("RSI(14) |", 10, "expected a name, found the end")]
    #[case("RSI(1x4)", 5, "`1x4` is not a number")]
    #[case("RSI(14=3)", 8, "expected a parameter's name before `=`")]
    #[case("a(b(c(d(e(f(g(h(i))))))))", 17, "functions are nested deeper than 8")]
    fn wrong_texts_are_refused_with_place(
        #[case] spec: &str,
        #[case] position: usize,
        #[case] message: &str,
    ) {
        let FeatureError::Syntax { at, expected, .. } = parse(spec).unwrap_err() else {
            panic!("not a syntax error");
        };
        assert_eq!((at, expected.en.as_str()), (position, message));
    }
}
