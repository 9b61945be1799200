//! One key press, as actions name it and as it arrives.
//!
//! Owns the aliases of a Korean keyboard: with an input method on, `j` arrives as `ㅓ`, so every
//! letter also answers to its place on the two-set layout. Start at [`Chord`].

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::{fmt, str::FromStr};

/// A key with its modifiers; shift counts only for keys that are no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    /// The key.
    pub code: KeyCode,
    /// Whether control is held.
    pub ctrl: bool,
    /// Whether shift is held.
    pub shift: bool,
}

impl Chord {
    /// A key that is no character.
    #[must_use]
    pub const fn key(code: KeyCode) -> Self {
        Self {
            code,
            ctrl: false,
            shift: false,
        }
    }

    /// A function key.
    #[must_use]
    pub const fn f(number: u8) -> Self {
        Self::key(KeyCode::F(number))
    }

    /// A character.
    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::key(KeyCode::Char(c))
    }

    /// A character with control.
    #[must_use]
    pub const fn ctrl(c: char) -> Self {
        Self {
            code: KeyCode::Char(c),
            ctrl: true,
            shift: false,
        }
    }

    /// A key with shift.
    #[must_use]
    pub const fn shift(code: KeyCode) -> Self {
        Self {
            code,
            ctrl: false,
            shift: true,
        }
    }

    /// Reads what the terminal sent; `None` for releases and for combinations with Alt.
    #[must_use]
    pub fn of(event: &KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release
            || event
                .modifiers
                .intersects(KeyModifiers::ALT | KeyModifiers::SUPER)
        {
            return None;
        }
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let (code, shift) = match event.code {
            KeyCode::Char(c) if ctrl => (KeyCode::Char(latin(c).to_ascii_lowercase()), false),
            KeyCode::Char(c) => (KeyCode::Char(c), false),
            KeyCode::BackTab => (KeyCode::Tab, true),
            code => (code, event.modifiers.contains(KeyModifiers::SHIFT)),
        };
        Some(Self { code, ctrl, shift })
    }

    /// Returns the same key on a Latin layout: `ㅓ` is `j`.
    #[must_use]
    pub fn on_latin_layout(self) -> Self {
        match self.code {
            KeyCode::Char(c) => Self {
                code: KeyCode::Char(latin(c)),
                ..self
            },
            _ => self,
        }
    }

    /// Returns whether the key is a letter, which some input methods swallow.
    #[must_use]
    pub fn is_letter(self) -> bool {
        !self.ctrl && matches!(self.code, KeyCode::Char(c) if c.is_alphabetic())
    }
}

/// The two-set layout (두벌식), key by key.
const TWO_SET: &[(char, char)] = &[
    ('ㅂ', 'q'),
    ('ㅈ', 'w'),
    ('ㄷ', 'e'),
    ('ㄱ', 'r'),
    ('ㅅ', 't'),
    ('ㅛ', 'y'),
    ('ㅕ', 'u'),
    ('ㅑ', 'i'),
    ('ㅐ', 'o'),
    ('ㅔ', 'p'),
    ('ㅁ', 'a'),
    ('ㄴ', 's'),
    ('ㅇ', 'd'),
    ('ㄹ', 'f'),
    ('ㅎ', 'g'),
    ('ㅗ', 'h'),
    ('ㅓ', 'j'),
    ('ㅏ', 'k'),
    ('ㅣ', 'l'),
    ('ㅋ', 'z'),
    ('ㅌ', 'x'),
    ('ㅊ', 'c'),
    ('ㅍ', 'v'),
    ('ㅠ', 'b'),
    ('ㅜ', 'n'),
    ('ㅡ', 'm'),
    ('ㅃ', 'Q'),
    ('ㅉ', 'W'),
    ('ㄸ', 'E'),
    ('ㄲ', 'R'),
    ('ㅆ', 'T'),
    ('ㅒ', 'O'),
    ('ㅖ', 'P'),
];

fn latin(c: char) -> char {
    let found = TWO_SET.iter().find(|(jamo, _)| *jamo == c);
    found.map_or(c, |(_, letter)| *letter)
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.shift {
            f.write_str("Shift-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            KeyCode::Up => f.write_str("Up"),
            KeyCode::Down => f.write_str("Down"),
            KeyCode::Left => f.write_str("Left"),
            KeyCode::Right => f.write_str("Right"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::Backspace => f.write_str("Bksp"),
            KeyCode::Delete => f.write_str("Del"),
            code => write!(f, "{code:?}"),
        }
    }
}

/// Names of keys that are no character, as [`fmt::Display`] writes them and as others do.
const NAMES: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pageup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("pagedown", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("tab", KeyCode::Tab),
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("bksp", KeyCode::Backspace),
    ("backspace", KeyCode::Backspace),
    ("del", KeyCode::Delete),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("ins", KeyCode::Insert),
];

/// Why a text names no key that can arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoChord {
    /// There is no such key.
    Unknown,
    /// Input methods and terminals take Alt for themselves.
    Alt,
    /// Shift counts only for keys that are no character.
    ShiftedCharacter,
}

impl FromStr for Chord {
    type Err = NoChord;

    /// Reads what [`fmt::Display`] writes: `Ctrl-X`, `F8`, `Shift-F3`, `k`, in any case but for a
    /// letter alone. A letter of a Korean keyboard is the Latin one on the same key.
    fn from_str(text: &str) -> Result<Self, NoChord> {
        let (mut ctrl, mut shift, mut name) = (false, false, text.trim());
        while let Some((modifier, rest)) =
            name.split_once(['-', '+']).filter(|(_, r)| !r.is_empty())
        {
            match modifier.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "c" => ctrl = true,
                "shift" => shift = true,
                "alt" | "meta" | "option" | "a" | "m" => return Err(NoChord::Alt),
                _ => return Err(NoChord::Unknown),
            }
            name = rest;
        }
        let mut characters = name.chars();
        if let (Some(c), None) = (characters.next(), characters.next()) {
            let c = latin(c);
            if c.is_control() || c.is_whitespace() {
                return Err(NoChord::Unknown);
            }
            return match (ctrl, shift) {
                (_, true) => Err(NoChord::ShiftedCharacter),
                (true, false) => Ok(Self::ctrl(c.to_ascii_lowercase())),
                (false, false) => Ok(Self::char(c)),
            };
        }
        let name = name.to_ascii_lowercase();
        let function = name
            .strip_prefix('f')
            .and_then(|number| number.parse().ok());
        let function = function.filter(|number| (1..=24).contains(number));
        let named = NAMES.iter().find(|(known, _)| *known == name);
        let code = named.map(|(_, code)| *code).or(function.map(KeyCode::F));
        let code = code.ok_or(NoChord::Unknown)?;
        match (code, shift) {
            (KeyCode::Char(_), true) => Err(NoChord::ShiftedCharacter),
            _ => Ok(Self { code, ctrl, shift }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case('ㅂ', 'q')]
    #[case('ㅓ', 'j')]
    #[case('ㅡ', 'm')]
    #[case('ㄲ', 'R')]
    #[case('q', 'q')]
    fn a_korean_keyboard_reaches_every_letter(#[case] typed: char, #[case] letter: char) {
        assert_eq!(Chord::char(typed).on_latin_layout(), Chord::char(letter));
    }

    #[test]
    fn every_letter_has_a_jamo() {
        for letter in 'a'..='z' {
            assert!(
                TWO_SET.iter().any(|(_, latin)| *latin == letter),
                "{letter}"
            );
        }
    }

    #[test]
    fn control_works_with_an_input_method_on() {
        let event = KeyEvent::new(KeyCode::Char('ㅔ'), KeyModifiers::CONTROL);
        assert_eq!(Chord::of(&event), Some(Chord::ctrl('p')));
    }

    #[test]
    fn alt_alone_is_nobody_s_key() {
        let event = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::ALT);
        assert_eq!(Chord::of(&event), None);
    }

    #[rstest]
    #[case("ctrl-x", Ok(Chord::ctrl('x')))]
    #[case("Ctrl+X", Ok(Chord::ctrl('x')))]
    #[case("ctrl-ㅌ", Ok(Chord::ctrl('x')))]
    #[case("F8", Ok(Chord::f(8)))]
    #[case("shift-f3", Ok(Chord::shift(KeyCode::F(3))))]
    #[case("ctrl-shift-left", Ok(Chord { code: KeyCode::Left, ctrl: true, shift: true }))]
    #[case("k", Ok(Chord::char('k')))]
    #[case("K", Ok(Chord::char('K')))]
    #[case("ㅏ", Ok(Chord::char('k')))]
    #[case("-", Ok(Chord::char('-')))]
    #[case("+", Ok(Chord::char('+')))]
    #[case("ctrl--", Ok(Chord::ctrl('-')))]
    #[case("space", Ok(Chord::char(' ')))]
    #[case("pagedown", Ok(Chord::key(KeyCode::PageDown)))]
    #[case("f0", Err(NoChord::Unknown))]
    #[case("f25", Err(NoChord::Unknown))]
    #[case("alt-x", Err(NoChord::Alt))]
    #[case("shift-k", Err(NoChord::ShiftedCharacter))]
    #[case("shift-space", Err(NoChord::ShiftedCharacter))]
    #[case("hyper-x", Err(NoChord::Unknown))]
    #[case("", Err(NoChord::Unknown))]
    #[case("ctrl-", Err(NoChord::Unknown))]
    #[case("jj", Err(NoChord::Unknown))]
    fn a_text_names_a_key(#[case] text: &str, #[case] expected: Result<Chord, NoChord>) {
        assert_eq!(text.parse(), expected);
    }

    #[test]
    fn every_key_of_the_registry_is_read_as_it_is_shown() {
        for action in crate::actions::all() {
            for key in action.keys {
                assert_eq!(key.to_string().parse(), Ok(*key), "{}", action.id);
            }
        }
    }
}
