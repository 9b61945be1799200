//! Tells workers to end: because a person asks for it, because their time is up, or because they
//! did not when they were told.

use super::Supervisor;
use crate::{
    End, JobsError,
    local::{
        job::{Asked, Job, Wish},
        number::Number,
        process::{self, Push},
        reason,
        store::Ask,
    },
};
use domain::Nanos;
use std::time::Duration;

impl Supervisor<'_> {
    /// Fulfils what people ask. A wish stays until its effect is on disk.
    pub(super) fn obey(&mut self) -> Result<(), JobsError> {
        for count in self.store.asks()? {
            let fulfilled = match self.store.ask(count) {
                Ok(Some(ask)) => self.fulfil(&ask),
                Ok(None) => continue,
                Err(error) => {
                    self.complain(&error.to_string());
                    true
                }
            };
            if fulfilled {
                self.store.drop_ask(count)?;
                self.changed = true;
            }
        }
        Ok(())
    }

    fn fulfil(&mut self, ask: &Ask) -> bool {
        let now = self.clock.now();
        let number = Number::of(&ask.id);
        let Some((number, job)) = number.and_then(|n| Some((n, self.jobs.get_mut(&n)?))) else {
            // It is over by now.
            return true;
        };
        if job.is_over() {
            return self.save(number);
        }
        if job.is_waiting() {
            if ask.wish == Wish::Requeue {
                return true;
            }
            job.close(now, End::Cancelled, Some(reason::withdrawn()));
            return self.save(number);
        }
        let former = job.asked;
        let push = match (former.map(|asked| asked.wish), ask.wish) {
            (Some(Wish::Kill), wish) if wish != Wish::Kill => return true,
            (_, Wish::Kill) => Some(Push::Kill),
            // It is ending already, by a wish or since its time is nearly up; a second signal would
            // cut off its saving.
            (Some(_), _) => None,
            (None, _) if job.live().is_some_and(|start| start.warned) => None,
            (None, _) => Some(Push::End),
        };
        if let Some(push) = push
            && !self.push(number, push)
        {
            return false;
        }
        if let Some(job) = self.jobs.get_mut(&number) {
            let at = former.map_or(now, |asked| asked.at);
            job.asked = Some(Asked { wish: ask.wish, at });
        }
        self.save(number)
    }

    /// Sees to time limits, and to workers that do not end when told.
    pub(super) fn enforce(&mut self) {
        let now = self.clock.now();
        let due: Vec<(Number, Push)> = self
            .jobs
            .iter()
            .filter_map(|(number, job)| Some((*number, due(job, now, self.settings.kill_after)?)))
            .collect();
        for (number, push) in due {
            if !self.push(number, push) {
                continue;
            }
            let Some(job) = self.jobs.get_mut(&number) else {
                continue;
            };
            match push {
                Push::Kill => continue,
                Push::End => {
                    let wish = Wish::Limit;
                    job.asked = Some(Asked { wish, at: now });
                }
                Push::Warn => {
                    if let Some(start) = job.live_mut() {
                        start.warned = true;
                    }
                }
            }
            self.changed = true;
            self.save(number);
        }
    }

    /// Tells the worker of `number` something; `false` when that has to be tried again.
    fn push(&mut self, number: Number, push: Push) -> bool {
        let Some(start) = self.jobs.get(&number).and_then(Job::live) else {
            return true;
        };
        match process::push(start, push) {
            Ok(()) => true,
            Err(error) => {
                self.complain(&format!("{number}: cannot signal the worker: {error}"));
                false
            }
        }
    }
}

/// Returns what the worker of `job` has to be told at `now`.
fn due(job: &Job, now: Nanos, kill_after: Duration) -> Option<Push> {
    let start = job.live()?;
    let since = |at: Nanos| Duration::from_nanos(u64::try_from(now.0 - at.0).unwrap_or(0));
    if let Some(asked) = job.asked {
        let overdue = asked.wish == Wish::Kill || since(asked.at) >= kill_after;
        return overdue.then_some(Push::Kill);
    }
    let limit = job.resources.time_limit()?;
    let warning = Duration::from_secs(u64::from(job.resources.warn_seconds));
    let elapsed = since(start.at);
    if elapsed >= limit {
        // After a warning it is ending already; a second signal would cut off its saving.
        return Some(if start.warned { Push::Kill } else { Push::End });
    }
    let warn = !warning.is_zero() && !start.warned && elapsed + warning >= limit;
    warn.then_some(Push::Warn)
}
