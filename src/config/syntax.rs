//! TOML that may be broken: every syntax error of a text, and what can still be read of it.
//!
//! Owns positions and the wording of syntax errors; knows nothing of settings. Start at [`read`].

use domain::{Phrase, Place, Problems, phrase};
use std::{borrow::Cow, ops::Range};
use toml::de::{DeTable, DeValue, Error};

/// What is left of a text after its syntax errors have been reported.
#[derive(Debug)]
pub(crate) struct Readable<'a> {
    /// The text with hopeless lines blanked; byte offsets are unchanged.
    pub text: Cow<'a, str>,
    /// Lines on which an error was found.
    pub torn_lines: Vec<usize>,
}

/// Reports every syntax error of a file's text, at most one a line.
pub(crate) fn read<'a>(path: &str, text: &'a str, findings: &mut Problems) -> Readable<'a> {
    let (readable, errors) = without_hopeless_lines(text);
    let (table, _) = DeTable::parse_recoverable(&readable);
    let unclosed = unclosed_values(table.get_ref(), text);
    let mut torn_lines = Vec::new();
    let mut reported = Vec::new();
    for error in errors {
        let at = start_of(&error);
        torn_lines.push(line(text, at));
        let cause = unclosed
            .iter()
            .find(|(_, value)| (value.start..=value.end).contains(&at));
        let start = cause.map_or(at, |(key, _)| *key);
        if reported.contains(&line(text, start)) {
            continue;
        }
        reported.push(line(text, start));
        let (message, hint) = match cause {
            Some(_) => not_closed(),
            None => worded(error.message(), text[..boundary(text, at)].ends_with('[')),
        };
        findings.error(place(path, text, start), message, hint);
    }
    Readable {
        text: readable,
        torn_lines,
    }
}

/// Returns the place of byte `offset`; columns count characters.
pub(crate) fn place(path: &str, text: &str, offset: usize) -> Place {
    let before = &text[..boundary(text, offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place::File {
        path: path.to_owned(),
        line: line(text, offset),
        col: before[line_start..]
            .trim_start_matches('\u{feff}')
            .chars()
            .count()
            + 1,
    }
}

/// Returns the line of byte `offset`, from 1.
pub(crate) fn line(text: &str, offset: usize) -> usize {
    text[..boundary(text, offset)].matches('\n').count() + 1
}

fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

fn start_of(error: &Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

/// Blanks the lines after which the parser gives up (a key without `=`), and returns the errors of
/// every line, blanked or not.
fn without_hopeless_lines(text: &str) -> (Cow<'_, str>, Vec<Error>) {
    let mut readable = Cow::Borrowed(text);
    let mut hopeless = Vec::new();
    loop {
        let (_, errors) = DeTable::parse_recoverable(&readable);
        let (ends_here, mut others): (Vec<_>, Vec<_>) = errors
            .into_iter()
            .partition(|error| error.message().starts_with("key with no value"));
        if ends_here.is_empty() {
            others.append(&mut hopeless);
            others.sort_by_key(start_of);
            return (readable, others);
        }
        for error in &ends_here {
            blank_line(readable.to_mut(), start_of(error));
        }
        hopeless.extend(ends_here);
    }
}

fn blank_line(text: &mut String, offset: usize) {
    let offset = boundary(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..]
        .find(['\r', '\n'])
        .map_or(text.len(), |rest| offset + rest);
    text.replace_range(start..end, &" ".repeat(end - start));
}

/// Finds lists and texts that run over several lines and lack their end: the key's offset and the
/// value's span. The parser reports such a slip only where it finally stumbles.
fn unclosed_values(table: &DeTable<'_>, text: &str) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    for (name, item) in table {
        let span = item.span();
        let written = text.get(span.clone()).unwrap_or("").trim_end();
        let is_open = match item.get_ref() {
            DeValue::Table(inner) => {
                found.extend(unclosed_values(inner, text));
                false
            }
            DeValue::Array(_) => !written.ends_with(']'),
            DeValue::String(_) => ["\"\"\"", "'''"]
                .iter()
                .any(|mark| written.starts_with(mark) && !written[3..].ends_with(mark)),
            _ => false,
        };
        if is_open && written.contains('\n') {
            found.push((name.span().start, span));
        }
    }
    found
}

fn not_closed() -> (Phrase, Phrase) {
    (
        phrase!(
            "syntax: what begins here is not closed",
            "문법 오류: 여기서 시작한 값이 닫히지 않았습니다",
        ),
        phrase!(
            "close a list with ] and a text of several lines with \"\"\"",
            "목록은 ]로, 여러 줄 글은 \"\"\"로 닫으세요",
        ),
    )
}

/// Words the parser's message, with the remedies for the slips that people really make.
fn worded(message: &str, is_header: bool) -> (Phrase, Phrase) {
    let is_twice = message.contains("duplicate key");
    let (english, hint) = if is_twice && is_header {
        (
            "the section is written twice",
            phrase!(
                "put its settings under one heading",
                "설정을 한 섹션 아래로 모으세요"
            ),
        )
    } else if is_twice {
        (
            "the key is written twice",
            phrase!("keep one of the two lines", "두 줄 가운데 하나만 남기세요"),
        )
    } else {
        (
            message.lines().next().unwrap_or("not TOML"),
            phrase!(
                "write key = value; a text needs quotes, a list needs [ ]",
                "키 = 값 형식으로 쓰고, 글은 따옴표로, 목록은 [ ]로 묶으세요",
            ),
        )
    };
    (phrase!("syntax: {english}", "문법 오류: {english}"), hint)
}
