//! Proves that no row knows what comes after its bar.
//!
//! For random bars `t`, everything after `t` is changed in several ways, and every row up to `t` must
//! stay bit for bit the same (prefix invariance). Works on any pipeline from bars to a matrix, so a
//! scaler belongs inside the closure. A proof by trial: it finds leaks, and with many probes their
//! absence is convincing, not certain. Start at [`prove`].

use crate::{matrix::Matrix, mutation::Mutation};
use domain::{Bars, BarsView, StreamRng};
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

impl fmt::Display for LeakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            write!(
                f,
                "no leak in {} trials at {} bars",
                self.trials, self.probes
            )?;
            return match self.refused {
                0 => Ok(()),
                refused => write!(f, "; {refused} more could not be computed"),
            };
        }
        if self.trials == 0 {
            return write!(
                f,
                "nothing proven: none of {} trials could be computed",
                self.refused
            );
        }
        write!(f, "{} columns know the future", self.leaks.len())?;
        for leak in &self.leaks {
            write!(
                f,
                "\n  {}: row {} changed when bars after {} did ({:?}; {} of {} trials)",
                leak.column, leak.row, leak.t, leak.mutation, leak.trials, self.trials
            )?;
        }
        Ok(())
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
