//! Gathers what is found: counted in full, shown up to a few of each kind.

use crate::{
    fault::{Fault, Outcome, outcome},
    manifest::Repair,
    spec::RepairPolicy,
};
use domain::{Phrase, Place, Problems, Text, phrase};
use std::collections::BTreeMap;

/// How many faults of one kind are shown one by one.
const SHOWN: usize = 5;

/// Everything found in one source.
#[derive(Debug)]
pub(crate) struct Findings {
    path: String,
    by_fault: BTreeMap<Fault, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    shown: Vec<(Option<usize>, Phrase)>,
}

impl Findings {
    /// Starts with none in the file that the user calls `path`.
    pub(crate) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            by_fault: BTreeMap::new(),
        }
    }

    /// Adds one fault of a row; the header is row 1.
    pub(crate) fn row(&mut self, fault: Fault, row: usize, message: impl FnOnce() -> Phrase) {
        self.add(fault, Some(row), message);
    }

    /// Adds one fault of the whole file.
    pub(crate) fn file(&mut self, fault: Fault, message: impl FnOnce() -> Phrase) {
        self.add(fault, None, message);
    }

    fn add(&mut self, fault: Fault, row: Option<usize>, message: impl FnOnce() -> Phrase) {
        let tally = self.by_fault.entry(fault).or_default();
        tally.count += 1;
        if tally.shown.len() < SHOWN {
            tally.shown.push((row, message()));
        }
    }

    /// Returns how many of each kind there are.
    pub(crate) fn counts(&self) -> BTreeMap<Fault, u64> {
        self.by_fault
            .iter()
            .map(|(fault, tally)| (*fault, tally.count))
            .collect()
    }

    /// Returns what `policy` repairs, with counts.
    pub(crate) fn repairs(&self, policy: &RepairPolicy) -> Vec<Repair> {
        self.by_fault
            .iter()
            .filter_map(|(fault, tally)| match outcome(*fault, policy) {
                Outcome::Repaired(how) => Some(Repair {
                    fault: *fault,
                    policy: how.to_owned(),
                    count: tally.count,
                }),
                Outcome::Stops | Outcome::Shown => None,
            })
            .collect()
    }

    /// Returns whether anything stops the import under `policy`.
    pub(crate) fn stops(&self, policy: &RepairPolicy) -> bool {
        self.by_fault
            .keys()
            .any(|fault| outcome(*fault, policy) == Outcome::Stops)
    }

    /// Returns everything as problems: errors where `policy` stops, else warnings.
    pub(crate) fn problems(&self, policy: &RepairPolicy) -> Problems {
        let mut problems = Problems::new();
        for (fault, tally) in &self.by_fault {
            let hint = fault.remedy();
            let mut push = |place: Place, message: Phrase| match outcome(*fault, policy) {
                Outcome::Stops => problems.error(place, message, hint),
                Outcome::Repaired(how) => {
                    let Phrase { en, ko } = message;
                    let repaired = phrase!("{en} (repaired: {how})", "{ko} (수정함: {how})");
                    problems.warn(place, repaired, hint);
                }
                Outcome::Shown => problems.warn(place, message, hint),
            };
            for (row, message) in &tally.shown {
                let path = self.path.clone();
                let place = match *row {
                    Some(row) => Place::Row { path, row },
                    None => Place::Path(path),
                };
                push(place, message.clone());
            }
            let more = tally.count - tally.shown.len() as u64;
            if more > 0 {
                let Text { en, ko } = fault.title();
                push(
                    Place::Path(self.path.clone()),
                    phrase!("and {more} more: {en}", "그 밖에 {more}건: {ko}"),
                );
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_kind_are_counted_not_listed() {
        let mut findings = Findings::new("a.csv");
        for row in 2..102 {
            findings.row(Fault::MissingCell, row, || {
                phrase!("open is empty", "시가가 비어 있습니다")
            });
        }
        let problems = findings.problems(&RepairPolicy::default());
        assert_eq!(problems.iter().count(), SHOWN + 1);
        assert!(problems.to_string().contains("and 95 more: empty cell"));
        assert_eq!(findings.counts()[&Fault::MissingCell], 100);
    }

    #[test]
    fn the_policy_decides_between_error_and_warning() {
        let mut findings = Findings::new("a.csv");
        findings.row(Fault::NotANumber, 7, || {
            phrase!("open is `x`", "시가가 `x`입니다")
        });
        let mut policy = RepairPolicy::default();
        assert!(findings.stops(&policy) && findings.problems(&policy).has_errors());
        policy.set("bad_rows=drop").unwrap();
        assert!(!findings.stops(&policy) && !findings.problems(&policy).has_errors());
        assert_eq!(findings.repairs(&policy)[0].count, 1);
    }
}
