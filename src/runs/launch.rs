//! Under which job of a scheduler a worker was started.
//!
//! A scheduler starts a worker again without being asked; a person does so on purpose. What the
//! two may do differs: only a person takes up what a person has ended.

use crate::{Owner, Status};

/// The job that started a worker; the default is a person at a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// The scheduler's name of the job, e.g. `259_3`; empty without a scheduler.
    pub job: String,
    /// How often the scheduler has started this job again.
    pub restart: u32,
    /// The highest number in the run's mailbox when the job was sent: whoever sends a run wants it
    /// to run, whatever was wished before. 0 where nobody wrote that down.
    pub overrules: u64,
    /// Every job of the same submission, e.g. the links of a chain; `job` need not be among them.
    pub siblings: Vec<String>,
}

impl Launch {
    /// Returns whether the start under `job` belongs to the same submission as this one.
    #[must_use]
    pub fn is_akin(&self, job: &str) -> bool {
        !self.job.is_empty()
            && !job.is_empty()
            && (self.job == job || self.siblings.iter().any(|id| id == job))
    }

    /// Returns whether the scheduler began this start because the one of `former` had ended:
    /// whatever its files say, that process is gone.
    #[must_use]
    pub fn replaces(&self, former: &Owner) -> bool {
        self.is_akin(&former.job) && (self.job != former.job || self.restart > former.restart)
    }

    /// Returns whether a person or a guard has withdrawn the run from this job, so that it must
    /// not be taken up again.
    #[must_use]
    pub fn is_withdrawn(&self, status: &Status) -> bool {
        !self.job.is_empty() && status.withdrawn.contains(&self.job)
    }

    /// Returns every job from which the run is withdrawn when this start is the last.
    #[must_use]
    pub fn all_jobs(&self) -> Vec<String> {
        let mut jobs = self.siblings.clone();
        jobs.push(self.job.clone());
        jobs.retain(|job| !job.is_empty());
        jobs.sort_unstable();
        jobs.dedup();
        jobs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn launch(job: &str, restart: u32) -> Launch {
        Launch {
            job: job.to_owned(),
            restart,
            overrules: 0,
            siblings: vec!["12".to_owned(), "13".to_owned()],
        }
    }

    #[rstest]
    #[case::requeued("12", 1, "12", 0, true)]
    #[case::next_link_of_the_chain("13", 0, "12", 4, true)]
    #[case::a_second_process_of_the_same_start("12", 1, "12", 1, false)]
    #[case::another_submission("99", 0, "7", 0, false)]
    #[case::by_a_person("", 0, "12", 0, false)]
    #[case::after_a_person("12", 1, "", 0, false)]
    fn a_restart_replaces_its_own_former_start(
        #[case] job: &str,
        #[case] restart: u32,
        #[case] former_job: &str,
        #[case] former_restart: u32,
        #[case] expected: bool,
    ) {
        let mut former = Owner::myself(domain::Nanos(0));
        (former.job, former.restart) = (former_job.to_owned(), former_restart);
        assert_eq!(launch(job, restart).replaces(&former), expected);
    }

    #[test]
    fn a_withdrawn_run_is_left_alone_by_its_jobs_and_by_no_other() {
        let status = Status {
            withdrawn: launch("12_3", 0).all_jobs(),
            ..Status::default()
        };
        assert_eq!(status.withdrawn, ["12", "12_3", "13"]);
        assert!(launch("12_3", 1).is_withdrawn(&status));
        assert!(launch("13", 0).is_withdrawn(&status));
        assert!(!launch("14", 0).is_withdrawn(&status));
        assert!(!Launch::default().is_withdrawn(&status));
    }
}
