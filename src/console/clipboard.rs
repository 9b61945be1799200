//! Copying into the clipboard of the terminal that the user sits at, by OSC 52, and into a file.
//!
//! Owns the bytes, also through tmux and screen, and what is too long for them. A terminal never says
//! whether it took the text, and many are set not to, so the file is always written as well. Start at
//! [`sequence`] and [`keep`].

use domain::durable;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Longest text in bytes: with its frame it makes 100,000 bytes, which is where terminals stop.
pub const LONGEST: usize = 74_994;
/// Bytes of a sequence that screen passes on in one piece; older ones take 256 with their frame.
const SCREEN_PIECE: usize = 240;

/// What stands between the console and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Nothing that matters.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

impl Between {
    /// Decides from `env`.
    #[must_use]
    pub fn of(env: &BTreeMap<String, String>) -> Self {
        let is_set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
        let term = env.get("TERM").map_or("", String::as_str);
        if is_set("TMUX") {
            Self::Tmux
        } else if is_set("STY") || term == "screen" || term.starts_with("screen.") {
            Self::Screen
        } else {
            Self::Nothing
        }
    }
}

/// Returns what makes the terminal take `text`; `None` where it is too long, since half a text would
/// be pasted unnoticed.
#[must_use]
pub fn sequence(text: &str, between: Between) -> Option<Vec<u8>> {
    if text.len() > LONGEST {
        return None;
    }
    let plain = [b"\x1b]52;c;", base64(text.as_bytes()).as_slice(), b"\x07"].concat();
    Some(match between {
        Between::Nothing => plain,
        // tmux takes either for its own buffer (set-clipboard) or what it is to pass on
        // (allow-passthrough), as it is set; the same text twice does no harm.
        Between::Tmux => {
            let mut bytes = plain.clone();
            bytes.extend_from_slice(b"\x1bPtmux;");
            for byte in plain {
                bytes.extend(std::iter::repeat_n(byte, 1 + usize::from(byte == 0x1b)));
            }
            bytes.extend_from_slice(b"\x1b\\");
            bytes
        }
        Between::Screen => {
            let pieces = plain.chunks(SCREEN_PIECE);
            let framed = pieces.map(|piece| [b"\x1bP", piece, b"\x1b\\"].concat());
            framed.collect::<Vec<_>>().concat()
        }
    })
}

/// Returns the file of the home at `root` that holds what was copied last.
#[must_use]
pub fn path(root: &Path) -> PathBuf {
    let parent = root.parent().unwrap_or(root);
    parent.join("console").join("clipboard.txt")
}

/// Writes `text` to `path`, whole or not at all.
///
/// # Errors
/// The operating system's.
pub fn keep(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    durable::replace(path, text.as_bytes())
}

/// Encodes as RFC 4648 says, with padding.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            encoded.push(match place <= group.len() {
                true => SIGNS[(bits >> (18 - 6 * place)) as usize & 63],
                false => b'=',
            });
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn decoded(encoded: &[u8]) -> Vec<u8> {
        let digit = |sign: u8| match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("{other} is no digit"),
        };
        let digits = encoded.iter().take_while(|sign| **sign != b'=');
        let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
        for sign in digits {
            bits = (bits << 6) | u32::from(digit(*sign));
            count += 6;
            if count >= 8 {
                count -= 8;
                bytes.push((bits >> count) as u8);
                bits &= (1 << count) - 1;
            }
        }
        bytes
    }

    /// Returns the text that a terminal takes from `plain`.
    fn taken(plain: &[u8]) -> Vec<u8> {
        let rest = plain.strip_prefix(b"\x1b]52;c;").unwrap();
        decoded(rest.strip_suffix(b"\x07").unwrap())
    }

    #[rstest]
    #[case("", "")]
    #[case("f", "Zg==")]
    #[case("fo", "Zm8=")]
    #[case("foo", "Zm9v")]
    #[case("foobar", "Zm9vYmFy")]
    #[case("학습률", "7ZWZ7Iq166Wg")]
    fn it_encodes_as_the_standard_says(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(base64(text.as_bytes()), expected.as_bytes());
    }

    #[test]
    fn the_bytes_are_these() {
        let bytes = |between| sequence("foobar", between).unwrap();
        assert_eq!(bytes(Between::Nothing), b"\x1b]52;c;Zm9vYmFy\x07");
        assert_eq!(
            bytes(Between::Tmux),
            b"\x1b]52;c;Zm9vYmFy\x07\x1bPtmux;\x1b\x1b]52;c;Zm9vYmFy\x07\x1b\\"
        );
        assert_eq!(bytes(Between::Screen), b"\x1bP\x1b]52;c;Zm9vYmFy\x07\x1b\\");
    }

    #[test]
    fn screen_gets_pieces_that_it_passes_on() {
        let text = "학습률 ".repeat(500);
        let bytes = sequence(&text, Between::Screen).unwrap();
        let mut plain = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some(piece) = rest.strip_prefix(b"\x1bP") {
            let end = piece.windows(2).position(|two| two == b"\x1b\\").unwrap();
            assert!(end <= SCREEN_PIECE && end + 4 <= 256, "{end}");
            plain.extend_from_slice(&piece[..end]);
            rest = &piece[end + 2..];
        }
        assert!(rest.is_empty());
        assert_eq!(taken(&plain), text.as_bytes());
    }

    #[test]
    fn a_text_is_copied_whole_or_not_at_all() {
        let longest = "x".repeat(LONGEST);
        let bytes = sequence(&longest, Between::Nothing).unwrap();
        assert_eq!(bytes.len(), 100_000);
        assert_eq!(taken(&bytes), longest.as_bytes());
        let longer = longest + "x";
        for between in [Between::Nothing, Between::Tmux, Between::Screen] {
            assert_eq!(sequence(&longer, between), None);
        }
    }

    #[rstest]
    #[case(&[("TERM", "xterm-256color")], Between::Nothing)]
    #[case(&[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-1/default,1,0")], Between::Tmux)]
    #[case(&[("TERM", "screen-256color"), ("TMUX", "x")], Between::Tmux)]
    #[case(&[("TERM", "screen.xterm-256color"), ("STY", "1.pts-0.node")], Between::Screen)]
    #[case(&[("TERM", "screen"), ("TMUX", "")], Between::Screen)]
    #[case(&[], Between::Nothing)]
    fn the_environment_tells_what_is_between(
        #[case] env: &[(&str, &str)],
        #[case] expected: Between,
    ) {
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        assert_eq!(Between::of(&env.collect()), expected);
    }

    #[test]
    fn the_file_holds_what_was_copied_last() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(&dir.path().join("runs"));
        keep(&path, "first").unwrap();
        keep(&path, "둘째\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "둘째\n");
        assert!(path.ends_with("console/clipboard.txt"));
    }
}
