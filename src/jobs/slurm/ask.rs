//! Asks something of a job that exists: stop, requeue, kill, and how many of an array at once.
//!
//! A wish goes into the run's mailbox before the signal that wakes the worker, so that the worker
//! knows a person's stop from the cluster's, after which it goes back to the queue.

use super::{Slurm, call::refused, submit::array_of};
use crate::{JobId, JobRecord, JobView, JobsError, Phase, Signal};
use runs::{Command, Layout, Mailbox, RunId};
use std::time::Duration;

/// A job changes between the look and the word: so often the word is said again.
const TRIES: usize = 5;
/// Between two tries.
const BREATH: Duration = Duration::from_millis(400);

/// In whose name letters are posted.
const POSTED_BY: &str = "scheduler";

/// What came of a word to a job.
enum Heard {
    Yes,
    /// It changed its state meanwhile: look again.
    Changed,
}

impl Slurm {
    /// Does what [`Signal`] says to the job `id`, or to every task of the array `id`.
    pub(super) fn ask(&mut self, id: &JobId, signal: Signal) -> Result<(), JobsError> {
        self.refresh_now()?;
        let named = self.named(id)?;
        let mut first_error = None;
        for view in named {
            if let Err(error) = self.ask_one(view, signal) {
                first_error.get_or_insert(error);
            }
        }
        self.acted();
        first_error.map_or(Ok(()), Err)
    }

    /// Returns the jobs that `id` names: itself, or the tasks of an array.
    fn named(&self, id: &JobId) -> Result<Vec<JobView>, JobsError> {
        let board = self.board();
        let left = board.gone.iter().chain(&board.over).map(|left| &left.view);
        let all: Vec<&JobView> = self.jobs().iter().chain(left).collect();
        let itself: Vec<JobView> = all
            .iter()
            .filter(|view| view.id == *id)
            .map(|view| (*view).clone())
            .collect();
        if !itself.is_empty() {
            return Ok(itself);
        }
        let tasks: Vec<JobView> = all
            .into_iter()
            .filter(|view| array_of(&view.id) == id.as_str() && !view.phase.is_over())
            .cloned()
            .collect();
        if tasks.is_empty() {
            Err(JobsError::NoSuchJob(id.to_string()))
        } else {
            Ok(tasks)
        }
    }

    fn ask_one(&mut self, mut view: JobView, signal: Signal) -> Result<(), JobsError> {
        if signal != Signal::Requeue {
            self.cancel_later_links(&view)?;
        }
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::sleep(BREATH);
                self.refresh_now()?;
                match self.jobs().iter().find(|job| job.id == view.id) {
                    Some(now) => view = now.clone(),
                    None => return Ok(()),
                }
            }
            let heard = match signal {
                _ if view.phase.is_over() => return over(&view, signal),
                // It ends already; whether for good shows in a moment.
                Signal::Stop if view.phase == Phase::Stopping => Heard::Changed,
                Signal::Stop => self.stop(&view)?,
                Signal::Kill => self.kill(&view)?,
                Signal::Requeue => self.requeue(&view)?,
            };
            if matches!(heard, Heard::Yes) {
                return Ok(());
            }
        }
        if view.phase == Phase::Stopping {
            return Ok(());
        }
        Err(JobsError::Changing {
            what: {
                let id = &view.id;
                domain::phrase!(
                    "job {id} keeps changing its state",
                    "작업 {id}의 상태가 계속 바뀝니다"
                )
            },
        })
    }

    fn stop(&self, view: &JobView) -> Result<Heard, JobsError> {
        match view.phase {
            Phase::Queued | Phase::Requeued { .. } => self.withdraw_waiting(view),
            // No worker is there yet to hear of it.
            Phase::Starting => self.scancel(&[view.id.as_str()]),
            _ => {
                if self.post(view, &Command::Stop).unwrap_or(false) {
                    self.scancel(&["--batch", "--signal=USR1", view.id.as_str()])
                } else {
                    self.scancel(&[view.id.as_str()])
                }
            }
        }
    }

    fn kill(&self, view: &JobView) -> Result<Heard, JobsError> {
        match view.phase {
            Phase::Queued | Phase::Requeued { .. } => self.withdraw_waiting(view),
            Phase::Starting => self.scancel(&[view.id.as_str()]),
            _ => {
                // A full disk must not keep a job running: without a letter the worker asks the
                // scheduler, and finds itself cancelled.
                let _ = self.post(view, &Command::Cancel);
                self.scancel(&[view.id.as_str()])
            }
        }
    }

    fn requeue(&self, view: &JobView) -> Result<Heard, JobsError> {
        if !view.phase.is_live() {
            return Err(JobsError::Refused {
                what: {
                    let id = &view.id;
                    domain::phrase!(
                        "job {id} is waiting already",
                        "작업 {id}은(는) 이미 기다리고 있습니다"
                    )
                },
            });
        }
        // Always the task's own name: the array's number can restart the whole array.
        let said = self
            .programs
            .call("scontrol", &["requeue", view.id.as_str()], None)?;
        if said.well {
            Ok(Heard::Yes)
        } else if changing(&said.err) {
            Ok(Heard::Changed)
        } else {
            Err(refused("scontrol", &said))
        }
    }

    /// Withdraws a job that waits. One that started meanwhile must be told first, or its worker
    /// takes the end for a preemption: hence the condition, and the look afterwards.
    fn withdraw_waiting(&self, view: &JobView) -> Result<Heard, JobsError> {
        let id = view.id.as_str();
        // With a condition, the name of a task would mean all waiting tasks of its array.
        let condition = (!id.contains('_')).then_some("--state=PENDING");
        let args: Vec<&str> = condition.into_iter().chain([id]).collect();
        self.scancel(&args)?;
        match self.programs.read("squeue", &["-h", "-o", "%T", "-j", id]) {
            Ok(states) if states.trim().is_empty() => Ok(Heard::Yes),
            Ok(_) => Ok(Heard::Changed),
            Err(JobsError::Refused { what }) if what.en.contains("Invalid job id") => {
                Ok(Heard::Yes)
            }
            Err(error) => Err(error),
        }
    }

    fn scancel(&self, args: &[&str]) -> Result<Heard, JobsError> {
        let said = self.programs.call("scancel", args, None)?;
        // A code without words means that the job ended on its own meanwhile.
        if said.well || said.err.trim().is_empty() || said.err.contains("already completed") {
            Ok(Heard::Yes)
        } else if changing(&said.err) {
            Ok(Heard::Changed)
        } else {
            Err(refused("scancel", &said))
        }
    }

    /// Posts `command` to the run that the job works on; false when it works on none that is here.
    fn post(&self, view: &JobView, command: &Command) -> Result<bool, JobsError> {
        let Some(run) = &view.run else {
            return Ok(false);
        };
        let dir = self.run_dir(run);
        if !dir.is_dir() {
            return Ok(false);
        }
        let mailbox = Mailbox::of(&Layout::new(dir));
        mailbox.post(command, POSTED_BY, self.clock.now())?;
        Ok(true)
    }

    /// Cancels what would start after this link of a chain, before the link itself is asked.
    fn cancel_later_links(&self, view: &JobView) -> Result<(), JobsError> {
        let Some(run) = &view.run else {
            return Ok(());
        };
        for id in self.later_links(view, run) {
            self.scancel(&[id.as_str()])?;
        }
        Ok(())
    }

    fn later_links(&self, view: &JobView, run: &RunId) -> Vec<JobId> {
        // A record that cannot be read names none: then every later job of the run is one.
        let record = JobRecord::read(&self.run_dir(run)).ok().flatten();
        let recorded = record.map_or_else(Vec::new, |record| record.ids);
        let order = super::queue::order(&view.id);
        let mut links = self.live_jobs_of(run);
        links.retain(|id| {
            super::queue::order(id) > order && (recorded.contains(id) || recorded.is_empty())
        });
        // The last first: none of them is freed by the end of the one before it.
        links.reverse();
        links
    }

    /// Lets at most `at_most` tasks of an array run at once.
    pub(super) fn limit(&mut self, id: &JobId, at_most: u32) -> Result<(), JobsError> {
        self.refresh_now()?;
        let array = array_of(id).to_owned();
        let mut tasks = self
            .jobs()
            .iter()
            .filter(|view| array_of(&view.id) == array)
            .peekable();
        if tasks.peek().is_none() {
            return Err(JobsError::NoSuchJob(id.to_string()));
        }
        if !tasks.any(|view| view.id.as_str().contains('_')) {
            return Err(JobsError::Refused {
                what: domain::phrase!(
                    "job {id} is no array",
                    "작업 {id}은(는) 배열 작업이 아닙니다"
                ),
            });
        }
        let job = format!("jobid={array}");
        let throttle = format!("arraytaskthrottle={at_most}");
        let said = self
            .programs
            .call("scontrol", &["update", &job, &throttle], None)?;
        // A task that is over already is reported as a failure though the others were changed.
        let harmless = |line: &str| line.contains("already finished") || line.contains("No error");
        let live = self
            .jobs()
            .iter()
            .any(|view| array_of(&view.id) == array && !view.phase.is_over());
        if said.well || (live && said.err.lines().chain(said.out.lines()).all(harmless)) {
            self.acted();
            Ok(())
        } else {
            Err(refused("scontrol", &said))
        }
    }
}

/// Answers for a job that is over: an end was asked and is there; a return was asked and is not.
fn over(view: &JobView, signal: Signal) -> Result<(), JobsError> {
    match signal {
        Signal::Stop | Signal::Kill => Ok(()),
        Signal::Requeue => Err(JobsError::Refused {
            what: {
                let id = &view.id;
                domain::phrase!(
                    "job {id} is over; send its run again instead",
                    "작업 {id}은(는) 끝났습니다. 그 실행을 다시 보내세요"
                )
            },
        }),
    }
}

/// Returns whether Slurm refused only because the job is between two states.
fn changing(err: &str) -> bool {
    err.contains("try again later") || err.contains("already completing")
}
