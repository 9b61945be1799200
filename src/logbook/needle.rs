//! What is looked for: a text, with or without regard to case.
//!
//! Exact texts are found by `memchr`'s vectorised search. Without regard to case the two rarest
//! bytes of the text are compared at their distance, which compilers turn into vector code too.
//! Only Latin letters have a case here. Start at [`Needle::new`].

use memchr::memmem;

/// Whether capital letters are told apart from small ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// They are not.
    #[default]
    Ignored,
    /// They are.
    Exact,
}

/// A text to look for.
#[derive(Clone, Debug)]
pub struct Needle {
    text: Vec<u8>,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Exact(Box<memmem::Finder<'static>>),
    /// Two places of the text; the first holds its rarest byte.
    Folded([usize; 2]),
}

/// Letters, digits and signs of logs, the most frequent first; what is missing is rare.
const FREQUENT: &[u8] = b" e0taionsr1l2d.c345pu6789m:-_gf=hby,vw/kTIN";

/// Bytes compared at once.
const STRIDE: usize = 64;

impl Needle {
    /// Looks for `text`; an empty one is everywhere.
    #[must_use]
    pub fn new(text: &str, case: Case) -> Self {
        let exact = || How::Exact(Box::new(memmem::Finder::new(text).into_owned()));
        let has_case = text.bytes().any(|byte| byte.is_ascii_alphabetic());
        match case {
            Case::Ignored if has_case => {
                let text = text.to_ascii_lowercase().into_bytes();
                let how = How::Folded(rarest(&text));
                Self { text, how }
            }
            _ => Self {
                text: text.as_bytes().to_vec(),
                how: exact(),
            },
        }
    }

    /// Returns how many bytes it has.
    #[must_use]
    pub fn length(&self) -> usize {
        self.text.len()
    }

    /// Returns where it is first found in `bytes`.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        match &self.how {
            How::Exact(finder) => finder.find(bytes),
            How::Folded(places) => self.find_folded(bytes, *places),
        }
    }

    fn find_folded(&self, bytes: &[u8], [first, second]: [usize; 2]) -> Option<usize> {
        let last = bytes.len().checked_sub(self.text.len())?;
        let (x, y) = (&bytes[first..=first + last], &bytes[second..=second + last]);
        let (x_mask, y_mask) = (mask(self.text[first]), mask(self.text[second]));
        let (x_byte, y_byte) = (self.text[first], self.text[second]);
        let fits = |x: u8, y: u8| u8::from(x | x_mask == x_byte) & u8::from(y | y_mask == y_byte);
        let is_at = |at: &usize| bytes[*at..*at + self.text.len()].eq_ignore_ascii_case(&self.text);
        let (xs, x_rest) = x.as_chunks::<STRIDE>();
        let (ys, y_rest) = y.as_chunks::<STRIDE>();
        for (index, (xs, ys)) in xs.iter().zip(ys).enumerate() {
            let mut any = 0;
            for (x, y) in xs.iter().zip(ys) {
                any |= fits(*x, *y);
            }
            if any != 0 {
                let from = index * STRIDE;
                if let Some(at) = (from..from + STRIDE).find(is_at) {
                    return Some(at);
                }
            }
        }
        let from = xs.len() * STRIDE;
        let rest = x_rest.iter().zip(y_rest).enumerate();
        let candidates = rest.filter(|(_, (x, y))| fits(**x, **y) != 0);
        candidates.map(|(at, _)| from + at).find(is_at)
    }
}

/// Returns the bits that make a letter small.
fn mask(byte: u8) -> u8 {
    if byte.is_ascii_alphabetic() { 0x20 } else { 0 }
}

/// Returns two places of `text` with rare bytes; the same one twice in a text of one byte.
fn rarest(text: &[u8]) -> [usize; 2] {
    let rank = |at: &usize| {
        let place = FREQUENT.iter().position(|byte| *byte == text[*at]);
        std::cmp::Reverse(place.unwrap_or(FREQUENT.len()))
    };
    let mut places: Vec<usize> = (0..text.len()).collect();
    places.sort_by_key(rank);
    let first = places.first().copied().unwrap_or(0);
    [first, places.get(1).copied().unwrap_or(first)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("warn", "INFO a WARN b", Case::Ignored, Some(7))]
    #[case("warn", "INFO a WARN b", Case::Exact, None)]
    #[case("WARN", "INFO a WARN b", Case::Exact, Some(7))]
    #[case("[", "INFO { [", Case::Ignored, Some(7))]
    #[case("@a", "`A @A", Case::Ignored, Some(3))]
    #[case("학습 K", "학습 k", Case::Ignored, Some(0))]
    #[case("x", "", Case::Ignored, None)]
    #[case("", "abc", Case::Ignored, Some(0))]
    fn texts_are_found(
        #[case] text: &str,
        #[case] bytes: &str,
        #[case] case: Case,
        #[case] found: Option<usize>,
    ) {
        assert_eq!(Needle::new(text, case).find(bytes.as_bytes()), found);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn ignoring_case_finds_what_a_plain_look_finds(
            text in "[abAB@`.]{1,4}",
            bytes in "[abAB@`.]{0,300}",
        ) {
            let lower = |text: &str| text.to_ascii_lowercase();
            let found = Needle::new(&text, Case::Ignored).find(bytes.as_bytes());
            prop_assert_eq!(found, lower(&bytes).find(&lower(&text)));
        }
    }
}
