//! The colours that a log's own escape sequences ask for, beside the text without them.
//!
//! Only "select graphic rendition" (ECMA-48, `CSI … m`) has a meaning here; whatever moves the
//! cursor, names a window or hides text has none. A line begins without a colour: what one leaves
//! behind does not reach the next. Start at [`inked`].

use crate::shown::{ESCAPE, sequence};
use memchr::memchr;
use std::ops::Range;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// One of the 256 of the palette, of which the terminal's user chooses the first 16.
    Indexed(u8),
    /// Red, green and blue.
    True(u8, u8, u8),
}

/// How a piece of text is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ink {
    /// Colour of the letters.
    pub front: Option<Colour>,
    /// Colour behind them.
    pub back: Option<Colour>,
    /// Bold.
    pub bold: bool,
    /// Faint.
    pub faint: bool,
    /// Slanted.
    pub slanted: bool,
    /// Underlined.
    pub underlined: bool,
    /// Front and back changed over.
    pub reversed: bool,
}

/// A text and how its pieces are to look; those that look like nothing special are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inked {
    /// The text.
    pub text: String,
    /// Pieces of it, in order.
    pub inks: Vec<(Range<usize>, Ink)>,
}

/// Takes escape sequences away as [`crate::shown::plain`] does, and keeps what they ask for.
#[must_use]
pub fn inked(bytes: &[u8]) -> Inked {
    if memchr(ESCAPE, bytes).is_none() {
        let text = String::from_utf8_lossy(bytes).into_owned();
        return Inked {
            text,
            inks: Vec::new(),
        };
    }
    let (mut kept, mut changes) = (Vec::new(), Vec::new());
    let (mut rest, mut ink) = (bytes, Ink::default());
    while !rest.is_empty() {
        if rest[0] == ESCAPE {
            let (taken, left) = rest.split_at(sequence(rest));
            if let Some(values) = rendition(taken) {
                ink.take(values);
                changes.push((kept.len(), ink));
            }
            rest = left;
        }
        let text = memchr(ESCAPE, rest).unwrap_or(rest.len());
        kept.extend_from_slice(&rest[..text]);
        rest = &rest[text..];
    }
    let places: Vec<usize> = changes.iter().map(|(at, _)| *at).collect();
    let (text, places) = decoded(&kept, &places);
    let ends = places.iter().skip(1).copied().chain([text.len()]);
    let pieces = places.iter().copied().zip(ends).map(|(from, to)| from..to);
    let inks = pieces.zip(changes.iter().map(|(_, ink)| *ink));
    let seen = |(piece, ink): &(Range<usize>, Ink)| !piece.is_empty() && *ink != Ink::default();
    Inked {
        inks: inks.filter(seen).collect(),
        text,
    }
}

/// Returns the values of an escape sequence that chooses a look.
fn rendition(sequence: &[u8]) -> Option<&[u8]> {
    let values = sequence.strip_prefix(b"\x1b[")?.strip_suffix(b"m")?;
    let is_value = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
    values.iter().all(is_value).then_some(values)
}

/// Decodes `bytes` as [`String::from_utf8_lossy`] does, and `places` with them.
fn decoded(bytes: &[u8], places: &[usize]) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(bytes.len());
    let mut moved = Vec::with_capacity(places.len());
    let mut left = places.iter().copied().peekable();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        while let Some(place) = left.next_if(|place| *place <= at + valid.len()) {
            let within = (0..=place - at).rfind(|at| valid.is_char_boundary(*at));
            moved.push(text.len() + within.unwrap_or(0));
        }
        text.push_str(valid);
        at += valid.len() + chunk.invalid().len();
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        while left.next_if(|place| *place <= at).is_some() {
            moved.push(text.len());
        }
    }
    moved.extend(left.map(|_| text.len()));
    (text, moved)
}

impl Ink {
    /// Takes over what `values` of one sequence say.
    fn take(&mut self, values: &[u8]) {
        let mut fields = values.split(|byte| *byte == b';');
        while let Some(field) = fields.next() {
            let mut parts = field.split(|byte| *byte == b':').map(number);
            let Some(first) = parts.next().flatten() else {
                continue;
            };
            let parts: Vec<Option<u16>> = parts.collect();
            match (first, parts.as_slice()) {
                // 58 colours the line below letters, which is drawn in theirs.
                (38 | 48 | 58, []) => {
                    let colour = Colour::of_fields(&mut fields);
                    self.colour(first, colour);
                }
                (38 | 48, parts) => self.colour(first, Colour::of_parts(parts)),
                (4, [Some(0), ..]) => self.underlined = false,
                // The shapes of lines below; other values have no parts.
                (4, _) => self.underlined = true,
                (_, []) => self.attribute(first),
                _ => {}
            }
        }
    }

    fn colour(&mut self, place: u16, colour: Option<Colour>) {
        match (place, colour) {
            (38, Some(colour)) => self.front = Some(colour),
            (48, Some(colour)) => self.back = Some(colour),
            _ => {}
        }
    }

    fn attribute(&mut self, value: u16) {
        let basic = |value: u16, first: u16, offset: u16| {
            u8::try_from(value - first + offset)
                .ok()
                .map(Colour::Indexed)
        };
        match value {
            0 => *self = Self::default(),
            1 => self.bold = true,
            2 => self.faint = true,
            3 => self.slanted = true,
            21 => self.underlined = true,
            7 => self.reversed = true,
            22 => (self.bold, self.faint) = (false, false),
            23 => self.slanted = false,
            24 => self.underlined = false,
            27 => self.reversed = false,
            30..=37 => self.front = basic(value, 30, 0),
            39 => self.front = None,
            40..=47 => self.back = basic(value, 40, 0),
            49 => self.back = None,
            90..=97 => self.front = basic(value, 90, 8),
            100..=107 => self.back = basic(value, 100, 8),
            _ => {}
        }
    }
}

impl Colour {
    /// Reads `5;n` or `2;r;g;b`.
    fn of_fields<'a>(fields: &mut impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut next = || number(fields.next()?);
        match next()? {
            5 => Self::indexed(next()?),
            2 => {
                let (red, green, blue) = (next(), next(), next());
                Self::of_rgb(red?, green?, blue?)
            }
            _ => None,
        }
    }

    /// Reads what stands behind `38:`: `5:n`, `2:r:g:b` or `2:space:r:g:b`.
    fn of_parts(parts: &[Option<u16>]) -> Option<Self> {
        match *parts {
            [Some(5), Some(index)] => Self::indexed(index),
            [Some(2), Some(red), Some(green), Some(blue)]
            | [Some(2), _, Some(red), Some(green), Some(blue), ..] => {
                Self::of_rgb(red, green, blue)
            }
            _ => None,
        }
    }

    fn indexed(index: u16) -> Option<Self> {
        u8::try_from(index).ok().map(Self::Indexed)
    }

    fn of_rgb(red: u16, green: u16, blue: u16) -> Option<Self> {
        let byte = |value| u8::try_from(value).ok();
        Some(Self::True(byte(red)?, byte(green)?, byte(blue)?))
    }
}

/// Reads a value; one that is left out is 0.
fn number(digits: &[u8]) -> Option<u16> {
    match digits {
        [] => Some(0),
        digits => std::str::from_utf8(digits).ok()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::plain;
    use proptest::{prelude::*, sample::select};
    use rstest::rstest;

    fn front(colour: Colour) -> Ink {
        Ink {
            front: Some(colour),
            ..Ink::default()
        }
    }

    #[rstest]
    #[case("\x1b[31mred", front(Colour::Indexed(1)))]
    #[case("\x1b[94mred", front(Colour::Indexed(12)))]
    #[case("\x1b[38;5;208mred", front(Colour::Indexed(208)))]
    #[case("\x1b[38:5:208mred", front(Colour::Indexed(208)))]
    #[case("\x1b[38;2;1;2;3mred", front(Colour::True(1, 2, 3)))]
    #[case("\x1b[38:2::1:2:3mred", front(Colour::True(1, 2, 3)))]
    #[case("\x1b[38:2:1:2:3mred", front(Colour::True(1, 2, 3)))]
    #[case("\x1b[41;31;49mred", front(Colour::Indexed(1)))]
    #[case("\x1b[41;31;39mred", Ink { back: Some(Colour::Indexed(1)), ..Ink::default() })]
    #[case("\x1b[102mred", Ink { back: Some(Colour::Indexed(10)), ..Ink::default() })]
    #[case("\x1b[1;2;22;1mred", Ink { bold: true, ..Ink::default() })]
    #[case("\x1b[4:3mred", Ink { underlined: true, ..Ink::default() })]
    #[case("\x1b[4;3;23mred", Ink { underlined: true, ..Ink::default() })]
    #[case("\x1b[7;2mred", Ink { reversed: true, faint: true, ..Ink::default() })]
    #[case("\x1b[38;5;999;1mred", Ink { bold: true, ..Ink::default() })]
    #[case("\x1b[38;9;1mred", Ink { bold: true, ..Ink::default() })]
    fn a_sequence_chooses_how_text_looks(#[case] bytes: &str, #[case] ink: Ink) {
        let found = inked(bytes.as_bytes());
        assert_eq!(
            (found.text.as_str(), found.inks),
            ("red", vec![(0..3, ink)])
        );
    }

    #[rstest]
    #[case::taken_back("\x1b[31m\x1b[mred")]
    #[case::all_taken_back("\x1b[1;4;7;31;41;22;24;27;39;49mred")]
    #[case::private("\x1b[?31mred")]
    #[case::keys_of_xterm("\x1b[>4;2mred")]
    #[case::cursor("\x1b[31Ared")]
    #[case::title("\x1b]0;\x1b[31m\x07red")]
    #[case::hidden_text_is_shown("\x1b[8mred")]
    #[case::underline_of_no_shape("\x1b[4;4:0mred")]
    #[case::half("\x1b[38;2;1mred")]
    #[case::colour_of_the_line_below("\x1b[58;5;1mred")]
    #[case::colour_of_the_line_below_in_parts("\x1b[58;2;9;0;31mred")]
    #[case::at_the_end("red\x1b[31m")]
    fn anything_else_chooses_nothing(#[case] bytes: &str) {
        let found = inked(bytes.as_bytes());
        assert_eq!((found.text.as_str(), found.inks.len()), ("red", 0));
    }

    #[test]
    fn pieces_lie_where_the_text_has_them() {
        let found = inked("학\x1b[32m습\x1b[1m률\x1b[0m!".as_bytes());
        let green = front(Colour::Indexed(2));
        let bold = Ink {
            bold: true,
            ..green
        };
        assert_eq!(found.text, "학습률!");
        assert_eq!(found.inks, [(3..6, green), (6..9, bold)]);
        // A character that a colour tears apart is put together again.
        let torn = inked(b"\xed\x1b[32m\x95\x9cx");
        assert_eq!(torn.text, "한x");
        let at = torn.text.find('x').unwrap();
        let last = torn.inks.last().unwrap();
        assert!(last.0.contains(&at) && last.1 == green, "{torn:?}");
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let words = select(vec![
            "\x1b[31m",
            "\x1b[0m",
            "\x1b[",
            "\x1b]8;;",
            "\x07",
            "\x1b[38;5;1",
            "m",
            "학습률",
            "\x1b",
            "1;",
        ]);
        prop_oneof![
            4 => words.prop_map(|word| word.as_bytes().to_vec()),
            2 => prop::collection::vec(any::<u8>(), 0..5),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn whatever_comes_the_text_is_what_stripping_leaves(
            pieces in prop::collection::vec(piece(), 0..20)
        ) {
            let bytes = pieces.concat();
            let found = inked(&bytes);
            let stripped = plain(&bytes);
            prop_assert_eq!(found.text.as_str(), String::from_utf8_lossy(&stripped));
            let mut end = 0;
            for (piece, ink) in &found.inks {
                prop_assert!(piece.start >= end && piece.start < piece.end);
                prop_assert!(found.text.get(piece.clone()).is_some());
                prop_assert_ne!(*ink, Ink::default());
                end = piece.end;
            }
        }
    }
}
