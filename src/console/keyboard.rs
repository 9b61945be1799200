//! What the terminal sends, as events: keys, pasted text, the mouse, and its answers.
//!
//! Decodes the bytes itself: crossterm takes a terminal's late answer for keys, or swallows the
//! keys behind it. Owns the sequences that terminals since the VT220 send; what is none of them is
//! left out. Start at [`Keyboard::take`].

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

const ESC: u8 = 0x1b;
/// No sequence of a key is as long.
const LONGEST: usize = 64;
/// No answer of a terminal is as long.
const LONGEST_ANSWER: usize = 4_096;
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What the terminal sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A person did something.
    Event(Event),
    /// The terminal answers that it is well (DSR 5): it has shown all that was sent before.
    Alive,
}

/// Bytes that are no whole sequence yet.
#[derive(Debug, Default)]
pub struct Keyboard {
    pending: Vec<u8>,
    /// What has been pasted so far.
    paste: Option<Vec<u8>>,
}

/// What stands at the front of the bytes.
enum Piece {
    Heard(Heard),
    PasteBegins,
    Nothing,
}

impl Keyboard {
    /// Takes `bytes` in; a sequence that is not whole waits for its rest.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Heard> {
        self.pending.extend_from_slice(bytes);
        let mut heard = Vec::new();
        loop {
            if self.paste.is_some() {
                let Some(text) = self.pasted() else { break };
                heard.push(Heard::Event(Event::Paste(text)));
            }
            let Some((length, piece)) = piece(&self.pending) else {
                break;
            };
            self.pending.drain(..length);
            match piece {
                Piece::Heard(one) => heard.push(one),
                Piece::PasteBegins => self.paste = Some(Vec::new()),
                Piece::Nothing => {}
            }
        }
        heard
    }

    /// Returns whether a moment of silence would mean something: a lone Esc is the key.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.paste.is_none() && matches!(self.pending[..], [ESC] | [ESC, b'O' | b']' | b'P'])
    }

    /// Nothing more came for a moment.
    pub fn settle(&mut self) -> Option<Heard> {
        if !self.is_undecided() {
            return None;
        }
        let alone = self.pending.len() == 1;
        self.pending.clear();
        alone.then(|| key(KeyCode::Esc, KeyModifiers::NONE))
    }

    /// Takes pasted bytes over; returns the text once its end is there.
    fn pasted(&mut self) -> Option<String> {
        let paste = self.paste.as_mut()?;
        // The end may have begun in what was taken before.
        let from = paste.len().saturating_sub(PASTE_ENDS.len());
        paste.append(&mut self.pending);
        let ends = |window: &[u8]| window == PASTE_ENDS;
        let at = paste[from..].windows(PASTE_ENDS.len()).position(ends)? + from;
        self.pending = paste.split_off(at + PASTE_ENDS.len());
        let text = String::from_utf8_lossy(&paste[..at]).into_owned();
        self.paste = None;
        Some(text)
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Heard {
    Heard::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

/// Returns what stands at the front of `bytes` and its length; `None` when more is needed.
fn piece(bytes: &[u8]) -> Option<(usize, Piece)> {
    match bytes {
        [] | [ESC] | [ESC, b'O'] => None,
        [ESC, ESC, ..] => Some((1, Piece::Heard(key(KeyCode::Esc, KeyModifiers::NONE)))),
        [ESC, b'[', rest @ ..] => control(rest).map(|(length, piece)| (length + 2, piece)),
        [ESC, b'O', letter, ..] => {
            let code = letter_key(*letter);
            let heard = code.map(|code| Piece::Heard(key(code, KeyModifiers::NONE)));
            Some((3, heard.unwrap_or(Piece::Nothing)))
        }
        [ESC, b']' | b'P', rest @ ..] => answer(rest).map(|length| (length + 2, Piece::Nothing)),
        [ESC, rest @ ..] => {
            plain(rest, KeyModifiers::ALT).map(|(length, piece)| (length + 1, piece))
        }
        _ => plain(bytes, KeyModifiers::NONE),
    }
}

/// Returns the length of an operating system command or device control string, its end included.
fn answer(rest: &[u8]) -> Option<usize> {
    let bell = rest.iter().position(|byte| *byte == 7).map(|at| at + 1);
    let string = rest.windows(2).position(|pair| pair == b"\x1b\\");
    let end = [bell, string.map(|at| at + 2)].into_iter().flatten().min();
    end.or((rest.len() > LONGEST_ANSWER).then_some(rest.len()))
}

/// Returns a key without a sequence: a character, or one with control.
fn plain(bytes: &[u8], held: KeyModifiers) -> Option<(usize, Piece)> {
    let ctrl = |c: u8| (KeyCode::Char(char::from(c)), held | KeyModifiers::CONTROL);
    let first = *bytes.first()?;
    let (code, modifiers) = match first {
        b'\r' => (KeyCode::Enter, held),
        b'\t' => (KeyCode::Tab, held),
        0x7f => (KeyCode::Backspace, held),
        0 => ctrl(b' '),
        1..=0x1a => ctrl(first + 0x60),
        0x1c..=0x1f => ctrl(first - 0x1c + b'4'),
        _ => return character(bytes, held),
    };
    Some((1, Piece::Heard(key(code, modifiers))))
}

fn character(bytes: &[u8], held: KeyModifiers) -> Option<(usize, Piece)> {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let there = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(there) {
        Ok(text) => {
            let c = text.chars().next()?;
            let shift = match c.is_uppercase() {
                true => KeyModifiers::SHIFT,
                false => KeyModifiers::NONE,
            };
            Some((length, Piece::Heard(key(KeyCode::Char(c), held | shift))))
        }
        // Torn, so far without a fault.
        Err(error) if error.error_len().is_none() => None,
        Err(_) => Some((1, Piece::Nothing)),
    }
}

/// Returns what a control sequence stands for; `rest` is what follows its introducer.
fn control(rest: &[u8]) -> Option<(usize, Piece)> {
    if let [b'[', ..] = rest {
        // Function keys of the Linux console.
        let letter = *rest.get(1)?;
        let piece = match letter {
            b'A'..=b'E' => Piece::Heard(key(KeyCode::F(letter - b'A' + 1), KeyModifiers::NONE)),
            _ => Piece::Nothing,
        };
        return Some((2, piece));
    }
    let end = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte));
    let Some(end) = end else {
        return (rest.len() > LONGEST).then_some((rest.len(), Piece::Nothing));
    };
    let (parameters, last) = (&rest[..end], rest[end]);
    if !(0x40..=0x7e).contains(&last) {
        // Cut off by something that stands for itself.
        return Some((end, Piece::Nothing));
    }
    if parameters.is_empty() && last == b'M' {
        // A mouse of the old kind, three bytes, which nobody asked for.
        return (rest.len() >= 4).then_some((4, Piece::Nothing));
    }
    Some((end + 1, meaning(parameters, last)))
}

fn meaning(parameters: &[u8], last: u8) -> Piece {
    let heard = match (parameters, last) {
        ([b'<', mouse @ ..], b'M' | b'm') => mouse_event(mouse, last),
        (b"0" | b"3", b'n') => Some(Heard::Alive),
        (_, b'~') if numbers(parameters).first() == Some(&200) => return Piece::PasteBegins,
        _ => key_of(&numbers(parameters), last),
    };
    heard.map_or(Piece::Nothing, Piece::Heard)
}

/// Returns the parameters up to the first that is no number; of several parts, the first.
fn numbers(parameters: &[u8]) -> Vec<u32> {
    let text = std::str::from_utf8(parameters).unwrap_or_default();
    let number = |part: &str| {
        let part = part.split(':').next().unwrap_or_default();
        match part.is_empty() {
            true => Some(1),
            false => part.parse().ok(),
        }
    };
    match text.is_empty() {
        true => Vec::new(),
        false => text.split(';').map_while(number).collect(),
    }
}

fn key_of(numbers: &[u32], last: u8) -> Option<Heard> {
    let first = numbers.first().copied();
    let held = held(numbers.get(1).copied().unwrap_or(1));
    let code = match last {
        b'Z' => return Some(key(KeyCode::BackTab, held | KeyModifiers::SHIFT)),
        b'I' => return Some(Heard::Event(Event::FocusGained)),
        b'O' => return Some(Heard::Event(Event::FocusLost)),
        b'~' => numbered_key(first?)?,
        b'u' => coded_key(first?)?,
        letter => letter_key(letter)?,
    };
    Some(key(code, held))
}

/// Returns the modifiers of a parameter: one more than a mask.
fn held(parameter: u32) -> KeyModifiers {
    let mask = parameter.saturating_sub(1);
    [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
    ]
    .into_iter()
    .filter(|(bit, _)| mask & bit != 0)
    .fold(KeyModifiers::NONE, |all, (_, one)| all | one)
}

fn letter_key(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn numbered_key(number: u32) -> Option<KeyCode> {
    let function = |first: u32, key: u32| u8::try_from(number - first + key).map(KeyCode::F);
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => function(11, 1).ok()?,
        17..=21 => function(17, 6).ok()?,
        23..=26 => function(23, 11).ok()?,
        28..=29 => function(28, 15).ok()?,
        31..=34 => function(31, 17).ok()?,
        _ => return None,
    })
}

/// Returns a key that was sent as its code point.
fn coded_key(code: u32) -> Option<KeyCode> {
    Some(match char::from_u32(code)? {
        '\u{1b}' => KeyCode::Esc,
        '\r' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\u{7f}' => KeyCode::Backspace,
        c => KeyCode::Char(c),
    })
}

fn mouse_event(parameters: &[u8], last: u8) -> Option<Heard> {
    let [code, column, row] = numbers(parameters)[..] else {
        return None;
    };
    let button = (code & 0b11) | ((code & 0b1100_0000) >> 4);
    let held_button = match button {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (button, code & 0b10_0000 != 0) {
        (0..=2, _) if last == b'm' => MouseEventKind::Up(held_button),
        (0..=2, false) => MouseEventKind::Down(held_button),
        (0..=2, true) => MouseEventKind::Drag(held_button),
        (3, false) => MouseEventKind::Up(MouseButton::Left),
        (3.., true) => MouseEventKind::Moved,
        (4, false) => MouseEventKind::ScrollUp,
        (5, false) => MouseEventKind::ScrollDown,
        (6, false) => MouseEventKind::ScrollLeft,
        (7, false) => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let place = |side: u32| u16::try_from(side.saturating_sub(1)).ok();
    Some(Heard::Event(Event::Mouse(MouseEvent {
        kind,
        column: place(column)?,
        row: place(row)?,
        modifiers: held(((code >> 2) & 0b111) + 1),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn told(bytes: &[u8]) -> Vec<Heard> {
        let mut keyboard = Keyboard::default();
        let mut heard = keyboard.take(bytes);
        heard.extend(keyboard.settle());
        heard
    }

    fn plainly(code: KeyCode) -> Heard {
        key(code, KeyModifiers::NONE)
    }

    #[rstest]
    #[case(b"\x1b", &[plainly(KeyCode::Esc)])]
    #[case(b"\x1b\x1b[0n", &[plainly(KeyCode::Esc), Heard::Alive])]
    #[case(b"\r\t\x7f", &[plainly(KeyCode::Enter), plainly(KeyCode::Tab), plainly(KeyCode::Backspace)])]
    #[case(b"\x1a\x00", &[key(KeyCode::Char('z'), KeyModifiers::CONTROL), key(KeyCode::Char(' '), KeyModifiers::CONTROL)])]
    #[case(b"aZ", &[plainly(KeyCode::Char('a')), key(KeyCode::Char('Z'), KeyModifiers::SHIFT)])]
    #[case("ㅓ한".as_bytes(), &[plainly(KeyCode::Char('ㅓ')), plainly(KeyCode::Char('한'))])]
    #[case(b"\x1b[A\x1bOB", &[plainly(KeyCode::Up), plainly(KeyCode::Down)])]
    #[case(b"\x1b[1;2C\x1b[1;5D", &[key(KeyCode::Right, KeyModifiers::SHIFT), key(KeyCode::Left, KeyModifiers::CONTROL)])]
    #[case(b"\x1b[H\x1b[4~\x1b[5~", &[plainly(KeyCode::Home), plainly(KeyCode::End), plainly(KeyCode::PageUp)])]
    #[case(b"\x1bOP\x1b[[C\x1b[15~\x1b[21~\x1b[24~", &[plainly(KeyCode::F(1)), plainly(KeyCode::F(3)), plainly(KeyCode::F(5)), plainly(KeyCode::F(10)), plainly(KeyCode::F(12))])]
    #[case(b"\x1b[25~\x1b[28~\x1b[31~", &[plainly(KeyCode::F(13)), plainly(KeyCode::F(15)), plainly(KeyCode::F(17))])]
    #[case(b"\x1b[Z", &[key(KeyCode::BackTab, KeyModifiers::SHIFT)])]
    #[case(b"\x1b[122;5u\x1b[27u", &[key(KeyCode::Char('z'), KeyModifiers::CONTROL), plainly(KeyCode::Esc)])]
    #[case(b"\x1bx", &[key(KeyCode::Char('x'), KeyModifiers::ALT)])]
    #[case(b"\x1b[200~a\nb\x1b[201~c", &[Heard::Event(Event::Paste("a\nb".into())), plainly(KeyCode::Char('c'))])]
    // Late answers of a terminal: nothing of them is a key, and the keys behind them arrive.
    #[case(b"\x1b[?2026;2$yq", &[plainly(KeyCode::Char('q'))])]
    #[case(b"\x1b]11;rgb:0000/0000/0000\x1b\\q", &[plainly(KeyCode::Char('q'))])]
    #[case(b"\x1bP1+r544e\x1b\\\x1b[?62;22c\x1b[12;40Rq", &[key(KeyCode::F(3), held(40)), plainly(KeyCode::Char('q'))])]
    #[case(b"\x1b[\x1b[A", &[plainly(KeyCode::Up)])]
    #[case(b"\xff\xe3q", &[plainly(KeyCode::Char('q'))])]
    fn bytes_are_heard_as(#[case] bytes: &[u8], #[case] expected: &[Heard]) {
        assert_eq!(told(bytes), expected);
        // However the line tears them.
        let mut keyboard = Keyboard::default();
        let bytewise = bytes.iter().flat_map(|byte| keyboard.take(&[*byte]));
        let mut heard: Vec<Heard> = bytewise.collect();
        heard.extend(keyboard.settle());
        assert_eq!(heard, expected);
    }

    #[test]
    fn a_mouse_is_heard() {
        let at = |kind, modifiers| {
            Heard::Event(Event::Mouse(MouseEvent {
                kind,
                column: 9,
                row: 4,
                modifiers,
            }))
        };
        let left = MouseButton::Left;
        assert_eq!(
            told(b"\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<32;10;5M\x1b[<81;10;5M"),
            [
                at(MouseEventKind::Down(left), KeyModifiers::NONE),
                at(MouseEventKind::Up(left), KeyModifiers::NONE),
                at(MouseEventKind::Drag(left), KeyModifiers::NONE),
                at(MouseEventKind::ScrollDown, KeyModifiers::CONTROL),
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn nothing_that_is_sent_makes_it_deaf(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut keyboard = Keyboard::default();
            keyboard.take(&bytes);
            keyboard.settle();
            // Ends a paste or an answer that the noise began, should it have.
            keyboard.take(b"\x1b[201~\x1b\\\x07");
            let heard = keyboard.take(b"   q");
            prop_assert_eq!(heard.last(), Some(&plainly(KeyCode::Char('q'))));
        }
    }
}
