//! The validation scores of one run for its sparkline, read as they are written.
//!
//! A sparkline is a few cells wide: of a long training every second score is left out, again and
//! again, so that neither memory nor what is sent grows with it. Start at [`Spark::poll`].

use runs::{
    MetricRecord, RunDir, Track,
    reader::{Joined, Kept, metrics},
};
use std::{collections::BTreeMap, path::Path};

/// Scores of one seed that are kept at most; no sparkline has half as many dots.
const MOST: usize = 512;

/// The scores of a run.
#[derive(Debug, Default)]
pub struct Spark {
    seeds: BTreeMap<u64, (Option<Joined>, Scores)>,
}

/// Every so many scores of one seed.
#[derive(Debug)]
struct Scores {
    /// Environment steps and score.
    kept: Vec<(u64, f64)>,
    /// How many were written for each that is kept.
    stride: usize,
    /// How many were written since the last that is kept.
    passed: usize,
}

impl Default for Scores {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            stride: 1,
            passed: 0,
        }
    }
}

impl Spark {
    /// Takes in what was added until `goes_on` says no, which is asked after each piece of a file.
    /// Returns the last seed's scores if anything was, and whether there is more.
    pub fn poll(
        &mut self,
        path: &Path,
        mut goes_on: impl FnMut() -> bool,
    ) -> (Option<Vec<f64>>, bool) {
        let seeds = RunDir::open_path(path).map(|run| (run.seeds(), run));
        let Ok((seeds, run)) = seeds else {
            return (None, false);
        };
        let (mut changed, mut more) = (false, false);
        for seed in seeds {
            let (joined, scores) = self.seeds.entry(seed).or_default();
            let joined = joined.get_or_insert_with(|| metrics(&run.track(Track::Seed(seed))));
            while let Ok(delta) = joined.poll::<MetricRecord>() {
                more = delta.more;
                match delta.kept {
                    Kept::All => {}
                    Kept::Below(floor) => scores.keep_below(floor),
                    Kept::Nothing => *scores = Scores::default(),
                }
                changed |= delta.kept != Kept::All;
                for record in delta.records {
                    if let Some(score) = record.k.get("valid/score") {
                        changed |= scores.push((record.step, *score));
                    }
                }
                if !more || !goes_on() {
                    break;
                }
            }
            if more {
                break;
            }
        }
        let mut last = self.seeds.values().rev();
        let last = last.find(|(_, scores)| !scores.kept.is_empty());
        let last = last.filter(|_| changed);
        let scores = |kept: &[(u64, f64)]| kept.iter().map(|(_, score)| *score).collect();
        (last.map(|(_, last)| scores(&last.kept)), more)
    }
}

impl Scores {
    /// Forgets the scores of the step `floor` and beyond. Others that are left stay as far apart as
    /// those to come.
    fn keep_below(&mut self, floor: u64) {
        self.kept.retain(|(step, _)| *step < floor);
        if self.kept.is_empty() {
            *self = Self::default();
        }
    }

    /// Takes a score in; returns whether it is kept.
    fn push(&mut self, score: (u64, f64)) -> bool {
        self.passed += 1;
        if self.passed < self.stride && !self.kept.is_empty() {
            return false;
        }
        self.passed = 0;
        if self.kept.len() == MOST {
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
        self.kept.push(score);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_scores_are_all_kept_and_of_many_every_so_many() {
        let mut scores = Scores::default();
        for n in 0..MOST as u64 {
            assert!(scores.push((n, n as f64)));
        }
        assert_eq!(scores.kept.len(), MOST);
        for n in MOST as u64..100_000 {
            scores.push((n, n as f64));
            assert!((MOST / 2..=MOST).contains(&scores.kept.len()));
        }
        let apart: Vec<u64> = scores
            .kept
            .windows(2)
            .map(|two| two[1].0 - two[0].0)
            .collect();
        let stride = scores.stride as u64;
        assert!(apart.iter().all(|apart| *apart == stride), "{apart:?}");
        assert_eq!(scores.kept[0].0, 0);
        assert!(100_000 - scores.kept[scores.kept.len() - 1].0 <= stride);
        scores.keep_below(1_000);
        assert!(scores.stride as u64 == stride && scores.kept.len() > 1);
        scores.keep_below(0);
        assert!((0..9).all(|n| scores.push((n, 0.0))));
    }
}
