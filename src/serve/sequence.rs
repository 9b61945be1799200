//! Cuts a terminal's output only where nothing is torn: not within a character, not within an
//! escape sequence.
//!
//! A browser that comes back gets the screen painted afresh and then what follows; what follows
//! must not begin with the second half of something. Start at [`Cutter::push`].

/// What is held back at most: a longer sequence (a clipboard, a picture) passes in parts.
const LONGEST: usize = 64 << 10;

/// Holds back what is not complete yet.
#[derive(Debug, Default)]
pub struct Cutter {
    held: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Between sequences.
    #[default]
    Ground,
    /// Within a character of which so many bytes are missing.
    Character(u8),
    /// After ESC, or ESC and intermediates.
    Escape,
    /// After ESC [.
    Control,
    /// Within an OSC, DCS, APC, PM or SOS text.
    Text,
    /// After an ESC within such a text.
    TextEnd,
}

impl Cutter {
    /// Takes `bytes` in and returns everything up to the last place where nothing is torn.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let before = self.held.len();
        self.held.extend_from_slice(bytes);
        let mut whole = 0;
        for (at, byte) in bytes.iter().enumerate() {
            self.state = self.state.after(*byte);
            if self.state == State::Ground {
                whole = before + at + 1;
            }
        }
        if self.held.len() - whole > LONGEST {
            whole = self.held.len();
        }
        let rest = self.held.split_off(whole);
        std::mem::replace(&mut self.held, rest)
    }
}

impl State {
    fn after(self, byte: u8) -> Self {
        const ESC: u8 = 0x1b;
        match (self, byte) {
            // CAN and SUB break off any sequence.
            (_, 0x18 | 0x1a) => Self::Ground,
            (Self::Text, ESC) => Self::TextEnd,
            (Self::TextEnd, b'\\') | (Self::Text, 0x07) => Self::Ground,
            (Self::Text, _) => Self::Text,
            (_, ESC) => Self::Escape,
            (Self::Escape | Self::TextEnd, b'[') => Self::Control,
            (Self::Escape | Self::TextEnd, b']' | b'P' | b'X' | b'^' | b'_') => Self::Text,
            (Self::Escape | Self::TextEnd, 0x00..=0x2f) => Self::Escape,
            (Self::Control, 0x00..=0x3f) => Self::Control,
            (Self::Escape | Self::TextEnd | Self::Control, _) => Self::Ground,
            (Self::Character(missing @ 2..), 0x80..=0xbf) => Self::Character(missing - 1),
            (_, 0xc2..=0xdf) => Self::Character(1),
            (_, 0xe0..=0xef) => Self::Character(2),
            (_, 0xf0..=0xf4) => Self::Character(3),
            // The last byte of a character, a plain one, or one that belongs to nothing.
            (Self::Ground | Self::Character(_), _) => Self::Ground,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::character("가".as_bytes())]
    #[case::emoji("🙂".as_bytes())]
    #[case::colour(b"\x1b[38;2;1;2;3m")]
    #[case::charset(b"\x1b(B")]
    #[case::title(b"\x1b]0;makook\x07")]
    #[case::clipboard(b"\x1b]52;c;bWFrb29r\x1b\\")]
    #[case::device(b"\x1bP+q544e\x1b\\")]
    #[case::save(b"\x1b7")]
    fn a_torn_sequence_waits_for_its_rest(#[case] sequence: &[u8]) {
        for cut in 1..sequence.len() {
            let mut cutter = Cutter::default();
            let begun = [b"a".as_slice(), &sequence[..cut]].concat();
            assert_eq!(cutter.push(&begun), b"a", "cut at {cut}");
            let ended = [&sequence[cut..], b"b"].concat();
            assert_eq!(
                cutter.push(&ended),
                [sequence, b"b"].concat(),
                "cut at {cut}"
            );
        }
    }

    #[rstest]
    #[case::lone_continuation(b"\x80\xbf")]
    #[case::never_valid(b"\xc0\xff")]
    #[case::broken_off(b"\x1b[1\x18")]
    #[case::plain(b"make demo\r\n")]
    fn what_is_whole_or_broken_passes_at_once(#[case] bytes: &[u8]) {
        assert_eq!(Cutter::default().push(bytes), bytes);
    }

    #[test]
    fn nothing_is_lost_or_doubled_wherever_it_is_cut() {
        let text = "학습률\x1b[1m 0.0003\x1b[0m\x1b]0;제목\x07🙂\x1b[?2026h끝".as_bytes();
        for step in 1..text.len() {
            let mut cutter = Cutter::default();
            let passed: Vec<u8> = text
                .chunks(step)
                .flat_map(|part| cutter.push(part))
                .collect();
            assert_eq!(passed, text, "in steps of {step}");
        }
    }

    #[test]
    fn a_sequence_that_never_ends_is_not_held_for_ever() {
        let mut cutter = Cutter::default();
        let mut passed = cutter.push(b"\x1b]52;c;").len();
        for _ in 0..100 {
            passed += cutter.push(&[b'A'; 1_024]).len();
            assert!(cutter.held.len() <= LONGEST);
        }
        assert!(passed >= LONGEST);
    }
}
