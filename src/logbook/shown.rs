//! What a terminal would have left of a line's bytes.
//!
//! `\r` begins the line anew, as progress bars do: the last state is what counts. Escape sequences
//! go; [`crate::ink`] knows what colours they asked for. Bytes that are no UTF-8 become `U+FFFD`; a character whose end is not
//! written yet is left out. Start at [`last_state`].

use memchr::{memchr, memrchr};
use std::borrow::Cow;

/// Bytes shown of one line; the rest is counted.
pub const LONGEST: usize = 64 * 1024;

pub(crate) const ESCAPE: u8 = 0x1b;

/// Returns what was written over everything before it; `raw` is without its line end.
#[must_use]
pub fn last_state(raw: &[u8]) -> &[u8] {
    let written = raw.iter().rposition(|byte| *byte != b'\r');
    let raw = written.map_or(&raw[..0], |last| &raw[..=last]);
    memrchr(b'\r', raw).map_or(raw, |at| &raw[at + 1..])
}

/// Takes escape sequences away. One that never ends is shown without its first byte, so that no
/// text is lost.
#[must_use]
pub fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr(ESCAPE, bytes) else {
        return Cow::Borrowed(bytes);
    };
    let mut kept = bytes[..first].to_vec();
    let mut rest = &bytes[first..];
    loop {
        rest = &rest[sequence(rest)..];
        let next = memchr(ESCAPE, rest).unwrap_or(rest.len());
        kept.extend_from_slice(&rest[..next]);
        rest = &rest[next..];
        if rest.is_empty() {
            return Cow::Owned(kept);
        }
    }
}

/// Returns the length of the escape sequence that `bytes` begin with.
pub(crate) fn sequence(bytes: &[u8]) -> usize {
    let run = |from: usize, kind: std::ops::RangeInclusive<u8>| {
        let of_kind = bytes[from..].iter().take_while(|byte| kind.contains(byte));
        from + of_kind.count()
    };
    match bytes.get(1) {
        None => 1,
        Some(b'[') => {
            let end = run(2, 0x20..=0x3f);
            match bytes.get(end) {
                Some(0x40..=0x7e) => end + 1,
                // Torn or none: what follows is text.
                _ => end,
            }
        }
        // An operating system command: a window's title, a link.
        Some(b']') => {
            let ends = |at: &usize| bytes[*at] == 0x07 || bytes[*at..].starts_with(b"\x1b\\");
            let end = (2..bytes.len()).find(ends);
            match end {
                Some(at) if bytes[at] == 0x07 => at + 1,
                Some(at) => at + 2,
                None => 1,
            }
        }
        Some(0x20..=0x7e) => {
            let end = run(1, 0x20..=0x2f);
            match bytes.get(end) {
                Some(0x30..=0x7e) => end + 1,
                _ => end,
            }
        }
        Some(_) => 1,
    }
}

/// Returns `bytes` without a character at the end of which only the beginning is there.
#[must_use]
pub fn whole(bytes: &[u8]) -> &[u8] {
    let from = bytes.len().saturating_sub(3);
    let begins = |byte: u8| byte >= 0xc0;
    let Some(at) = bytes[from..].iter().rposition(|byte| begins(*byte)) else {
        return bytes;
    };
    let at = from + at;
    match std::str::from_utf8(&bytes[at..]) {
        Err(error) if error.error_len().is_none() => &bytes[..at],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("plain", "plain")]
    #[case("windows\r", "windows")]
    #[case("10%\r20%\r30%", "30%")]
    #[case("10%\r20%\r", "20%")]
    #[case("\r\r", "")]
    #[case("", "")]
    fn the_last_state_counts(#[case] raw: &str, #[case] left: &str) {
        assert_eq!(last_state(raw.as_bytes()), left.as_bytes());
    }

    #[rstest]
    #[case("\x1b[31mred\x1b[0m end", "red end")]
    #[case("a\x1b[2Kb\x1b[1;38;5;9mc", "abc")]
    #[case("\x1b]0;title\x07x", "x")]
    #[case("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link")]
    #[case("\x1b]never ends", "]never ends")]
    #[case("\x1b(Bx\x1b=y", "xy")]
    #[case("torn \x1b[3", "torn ")]
    #[case("torn \x1b", "torn ")]
    #[case("\x1b[31학", "학")]
    #[case("\x1b학", "학")]
    #[case("\x1b\x1b[1mx", "x")]
    fn escapes_go_and_text_stays(#[case] raw: &str, #[case] left: &str) {
        assert_eq!(String::from_utf8_lossy(&plain(raw.as_bytes())), left);
    }

    #[rstest]
    #[case(b"ab\xed\x95", b"ab")]
    #[case("한".as_bytes(), "한".as_bytes())]
    #[case(b"a\xff", b"a\xff")]
    #[case(b"a\x80", b"a\x80")]
    #[case(b"\xf0\x9f\x98", b"")]
    fn a_torn_character_waits_for_its_end(#[case] bytes: &[u8], #[case] kept: &[u8]) {
        assert_eq!(whole(bytes), kept);
    }
}
