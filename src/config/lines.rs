//! Which lines of a text differ from another's.
//!
//! Settings files are a page or two, so that the exact answer (longest common subsequence) costs
//! nothing. Start at [`changed`].

/// A line that only one of two texts has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// Which text has it.
    pub side: Side,
    /// Its number there, from 1.
    pub number: usize,
    /// The line without its end.
    pub text: String,
}

/// One of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The former text: the line goes.
    Before,
    /// The new text: the line comes.
    After,
}

/// Lines compared exactly at most; beyond, everything between common ends counts as changed.
const EXACT: usize = 2_000;

/// Returns the lines that differ in the order of the file, what goes before what comes.
pub(crate) fn changed(before: &str, after: &str) -> Vec<LineChange> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = common(old.iter().zip(&new));
    let rest = common(old[start..].iter().rev().zip(new[start..].iter().rev()));
    let (old_end, new_end) = (old.len() - rest, new.len() - rest);
    let kept = kept(&old[start..old_end], &new[start..new_end]);
    let mut changes = Vec::new();
    let (mut at_old, mut at_new) = (start, start);
    let last = (old_end - start, new_end - start);
    for (stop_old, stop_new) in kept.into_iter().chain([last]) {
        let (stop_old, stop_new) = (start + stop_old, start + stop_new);
        changes.extend((at_old..stop_old).map(|index| line(Side::Before, index, &old)));
        changes.extend((at_new..stop_new).map(|index| line(Side::After, index, &new)));
        (at_old, at_new) = (stop_old + 1, stop_new + 1);
    }
    changes
}

fn line(side: Side, index: usize, lines: &[&str]) -> LineChange {
    LineChange {
        side,
        number: index + 1,
        text: lines[index].to_owned(),
    }
}

fn common<'a>(pairs: impl Iterator<Item = (&'a &'a str, &'a &'a str)>) -> usize {
    pairs.take_while(|(one, other)| one == other).count()
}

/// Returns the places of the lines of a longest common subsequence.
fn kept(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.len().max(new.len()) > EXACT {
        return Vec::new();
    }
    let width = new.len() + 1;
    let mut longest = vec![0_u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut kept) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            kept.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing("a\nb\n", "a\nb\n", "")]
    #[case::replaced("a\nb\nc\n", "a\nx\nc\n", "-2 b +2 x")]
    #[case::added("a\nc\n", "a\nb\nc\n", "+2 b")]
    #[case::removed("a\nb\nc\n", "a\nc\n", "-2 b")]
    #[case::two_places("a\nb\nc\nd\ne\n", "a\nB\nc\nd\nE\n", "-2 b +2 B -5 e +5 E")]
    #[case::from_nothing("", "a\nb\n", "+1 a +2 b")]
    #[case::to_nothing("a\n", "", "-1 a")]
    fn lines_that_differ_are_named(#[case] before: &str, #[case] after: &str, #[case] told: &str) {
        let shown: Vec<String> = changed(before, after)
            .into_iter()
            .map(|change| {
                let sign = if change.side == Side::Before {
                    '-'
                } else {
                    '+'
                };
                format!("{sign}{} {}", change.number, change.text)
            })
            .collect();
        assert_eq!(shown.join(" "), told);
    }
}
