//! Notices that workers have ended and writes down how.

use super::{Supervisor, has_taken};
use crate::{
    End,
    local::{
        job::{Start, Wish},
        judge::{Exit, RunEnd, Verdict, judge},
        number::Number,
        process::{self, Fate},
    },
};
use domain::Clock;
use runs::{State, observe::STALENESS};
use std::{os::unix::process::ExitStatusExt, path::Path, process::ExitStatus};

impl Supervisor<'_> {
    /// Notices the ends of workers.
    pub(super) fn settle(&mut self) {
        let live = self.jobs.iter().filter(|(_, job)| job.live().is_some());
        let live: Vec<Number> = live.map(|(number, _)| *number).collect();
        for number in live {
            if let Some(exit) = self.exit_of(number) {
                self.close_start(number, exit);
            }
        }
    }

    /// Returns how the worker of `number` ended; `None` while it lives.
    fn exit_of(&mut self, number: Number) -> Option<Exit> {
        if let Some(child) = self.children.get_mut(&number) {
            return match child.try_wait() {
                Ok(status) => status.map(exit_of_child),
                Err(error) => {
                    self.complain(&format!("{number}: cannot wait for the worker: {error}"));
                    None
                }
            };
        }
        let job = self.jobs.get(&number)?;
        match process::fate(job.live()?) {
            Fate::Alive => None,
            Fate::Gone => Some(Exit::Unseen),
            Fate::Rebooted => Some(Exit::Rebooted),
            Fate::Hidden => {
                let seen = runs::observe(&job.run.dir, self.clock, STALENESS);
                (!seen.state.is_active()).then_some(Exit::Unseen)
            }
        }
    }

    fn close_start(&mut self, number: Number, exit: Exit) {
        let now = self.clock.now();
        self.children.remove(&number);
        let Some(job) = self.jobs.get_mut(&number) else {
            return;
        };
        let run = job.run.dir.clone();
        let asked = job.asked.map(|asked| asked.wish);
        let Some(start) = job.live_mut() else {
            return;
        };
        // Whoever was warned that its time is nearly up ended for that.
        let asked = asked.or(start.warned.then_some(Wish::Limit));
        let verdict = judge(asked, exit, run_end(start, &run, self.clock));
        start.ended = Some(now);
        start.exit_code = match exit {
            Exit::Code(code) => Some(code),
            _ => None,
        };
        match verdict {
            Verdict::Again => {
                start.end = Some(End::Interrupted);
                job.asked = None;
                job.restarts += 1;
            }
            Verdict::Over { end, why } => {
                start.end = Some(end);
                job.close(now, end, why);
            }
        }
        self.changed = true;
        self.save(number);
    }
}

fn exit_of_child(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unseen,
    }
}

/// Returns what the run directory says of `start`; words of former starts do not count.
fn run_end(start: &Start, run: &Path, clock: &dyn Clock) -> RunEnd {
    match runs::observe(run, clock, STALENESS).state {
        State::Done => RunEnd::Done,
        State::Failed if has_taken(start, run) => RunEnd::Failed,
        State::Interrupted | State::Preempted if has_taken(start, run) => RunEnd::Saved,
        _ => RunEnd::Silent,
    }
}
