//! Proves that no row knows what comes after its bar.
//!
//! For random bars `t`, everything after `t` is changed in several ways, and every row up to `t` must
//! stay bit for bit the same (prefix invariance). Works on any pipeline from bars to a matrix, so a
//! scaler belongs inside the closure. A proof by trial: it finds leaks, and with many probes their
//! absence is convincing, not certain. Start at [`prove`].

use crate::{matrix::Matrix, mutation::Mutation};
use domain::{Bars, BarsView, Phrase, StreamRng, Text, phrase};
use std::{collections::BTreeMap, fmt, ops::Range};

/// Which bars are probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probes {
    /// How many bars `t`; each is tried with every [`Mutation`].
    pub count: usize,
    /// Where they are drawn from. Starts after the warm-up, or after the training window where a
    /// scaler is fitted inside the pipeline; ends before the last bar.
    pub bars: Range<usize>,
}

/// One column that changed with the future; the first time it was seen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The column's name.
    pub column: String,
    /// Everything after this bar was changed.
    pub t: usize,
    /// The earliest row, at most `t`, whose value changed.
    pub row: usize,
    /// How the future was changed.
    pub mutation: Mutation,
    /// How many of the trials changed this column.
    pub trials: usize,
}

/// What the probes found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeakReport {
    /// Leaking columns by name; empty when the pipeline passed.
    pub leaks: Vec<Leak>,
    /// Bars probed.
    pub probes: usize,
    /// Matrices compared.
    pub trials: usize,
    /// Changed markets on which the pipeline gave an error, so that nothing could be compared.
    pub refused: usize,
}

impl LeakReport {
    /// Returns whether something was compared and nothing leaked.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.leaks.is_empty() && self.trials > 0
    }
}

impl LeakReport {
    /// Returns what was found: how many trials, and every leaking column.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let (trials, probes, refused) = (self.trials, self.probes, self.refused);
        if trials == 0 {
            return phrase!(
                "nothing proven: none of {refused} trials could be computed",
                "증명하지 못했습니다. {refused}번의 시험을 하나도 계산할 수 없었습니다"
            );
        }
        if self.is_clean() {
            let Phrase { en, ko } = phrase!(
                "no leak in {trials} trials at {probes} bars",
                "봉 {probes}개에서 {trials}번 시험하여 미래 정보 누출이 없음을 확인했습니다"
            );
            return match refused {
                0 => Phrase { en, ko },
                refused => phrase!(
                    "{en}; {refused} more could not be computed",
                    "{ko}. 계산할 수 없던 시험은 {refused}번입니다"
                ),
            };
        }
        let count = self.leaks.len();
        let mut says = phrase!(
            "{count} columns know the future",
            "{count}개 열이 미래를 알고 있습니다"
        );
        for leak in &self.leaks {
            let Leak { column, t, row, .. } = leak;
            let (times, Text { en, ko }) = (leak.trials, leak.mutation.title());
            says.en += &format!(
                "\n  {column}: row {row} changed when bars after {t} did ({en}; {times} of {trials} trials)"
            );
            says.ko += &format!(
                "\n  {column}: 봉 {t} 뒤를 바꾸니 {row}행이 바뀌었습니다({ko}, {trials}번 가운데 {times}번)"
            );
        }
        says
    }
}

impl fmt::Display for LeakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says().en)
    }
}

/// Probes a pipeline from bars to a matrix.
///
/// `probes.bars` lies within `0..bars.len() - 1` and is not empty.
///
/// # Errors
/// The pipeline's own error on the original bars; on changed ones it is counted as refused.
pub fn prove<E>(
    compute: &dyn Fn(BarsView<'_>) -> Result<Matrix, E>,
    bars: &Bars,
    rng: &mut StreamRng,
    probes: &Probes,
) -> Result<LeakReport, E> {
    let original = compute(bars.view())?;
    let mut leaks: BTreeMap<String, Leak> = BTreeMap::new();
    let (mut trials, mut refused) = (0, 0);
    let span = (probes.bars.end - probes.bars.start) as u64;
    for _ in 0..probes.count {
        let t = probes.bars.start + rng.below(span) as usize;
        for mutation in Mutation::ALL {
            let Ok(changed) = compute(mutation.apply(bars, t, rng).view()) else {
                refused += 1;
                continue;
            };
            trials += 1;
            for (column, row) in differences(&original, &changed, t) {
                let leak = Leak {
                    column,
                    t,
                    row,
                    mutation,
                    trials: 0,
                };
                leaks.entry(leak.column.clone()).or_insert(leak).trials += 1;
            }
        }
    }
    Ok(LeakReport {
        leaks: leaks.into_values().collect(),
        probes: probes.count,
        trials,
        refused,
    })
}

/// Returns each column that differs in rows `0..=t`, with its first such row.
fn differences(original: &Matrix, changed: &Matrix, t: usize) -> Vec<(String, usize)> {
    if original.warmup != changed.warmup || original.names != changed.names || changed.rows <= t {
        return vec![("(shape: warm-up, columns or rows)".to_owned(), 0)];
    }
    let mut first: Vec<Option<usize>> = vec![None; original.cols];
    for row in 0..=t {
        let pairs = original.row(row).iter().zip(changed.row(row));
        for (seen, (before, after)) in first.iter_mut().zip(pairs) {
            if before.to_bits() != after.to_bits() {
                seen.get_or_insert(row);
            }
        }
    }
    let named = first.into_iter().zip(&original.names);
    named
        .filter_map(|(row, name)| row.map(|row| (name.clone(), row)))
        .collect()
}
