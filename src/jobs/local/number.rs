//! A job's number in the pool: `l-000012`, and `l-000012_3` within an array.

use crate::JobId;
use std::{fmt, str::FromStr};

/// Orders jobs as they were submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Number {
    /// Number of the submission, from 1.
    pub batch: u64,
    /// Place among the jobs that were submitted together; `None` for one alone.
    pub task: Option<u32>,
}

impl Number {
    pub fn id(self) -> JobId {
        JobId::new(self.to_string())
    }

    pub fn of(id: &JobId) -> Option<Self> {
        id.as_str().parse().ok()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "l-{:06}", self.batch)?;
        match self.task {
            Some(task) => write!(f, "_{task}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Number {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix("l-").ok_or(())?;
        let (batch, task) = match digits.split_once('_') {
            Some((batch, task)) => (batch, Some(task.parse().map_err(|_| ())?)),
            None => (digits, None),
        };
        let batch = batch.parse().map_err(|_| ())?;
        let number = Self { batch, task };
        // One spelling only: a name is also a file's.
        (number.to_string() == text).then_some(number).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("l-000012", 12, None)]
    #[case("l-000012_0", 12, Some(0))]
    #[case("l-1234567_31", 1_234_567, Some(31))]
    fn names_read_back(#[case] text: &str, #[case] batch: u64, #[case] task: Option<u32>) {
        assert_eq!(text.parse(), Ok(Number { batch, task }));
        assert_eq!(Number { batch, task }.to_string(), text);
    }

    #[rstest]
    #[case("l-12")]
    #[case("12")]
    #[case("l-000012_")]
    #[case("l-000012_+3")]
    #[case("l-+00012")]
    #[case("l-000012_03")]
    #[case("../l-000012")]
    fn other_texts_are_no_numbers(#[case] text: &str) {
        assert_eq!(text.parse::<Number>(), Err(()));
    }
}
