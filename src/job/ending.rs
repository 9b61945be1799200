//! How a start of the worker ends, and what the scheduler is told.
//!
//! The last word is a person's if there is one in the mailbox, then the scheduler's. In a training
//! the training itself notices a signal and saves first; everywhere else there is nothing to save,
//! and [`watch`] ends the process at once.

use super::{
    desk::Desk,
    error::JobError,
    pipeline::Ended,
    preemption::{Allocation, Fate, storm, wants_requeue},
    signals::Signals,
};
use domain::{Clock, Exit, Nanos, Phrase};
use jobs::JobRecord;
use runs::{
    Ack, Command, Event, Failure, Launch, Outcome, RunDir, RunsError, Segment, State, Status,
    segments,
};
use std::{sync::Arc, time::Duration};

/// How long the scheduler is given to clear the place of a job that it has put back into the queue.
const CLEARED: Duration = Duration::from_secs(600);

/// Who began this start, and what an ending has to know.
#[derive(Clone, Debug)]
pub struct Post {
    /// The Slurm job; `None` elsewhere.
    pub allocation: Option<Allocation>,
    /// The job under its backend's name.
    pub launch: Launch,
    /// Wall-clock interval of checkpoints in seconds; 0 for none.
    pub checkpoint_every_seconds: u64,
}

/// Ends the start with what the job came to.
///
/// # Errors
/// The job's own error, after it was published as a failure; the operating system's.
pub fn finish(desk: &Desk, post: &Post, worked: Result<Ended, JobError>) -> Result<Exit, JobError> {
    let clock = Arc::clone(&desk.clock);
    let signal = desk.signals.received().unwrap_or("signal");
    let (mut segment, _closing) = desk
        .close()
        .expect("whoever else closes the desk never lets go of it");
    match worked {
        Ok(Ended::Done(success)) => {
            let negative = success
                .verdict
                .as_ref()
                .is_some_and(|verdict| !verdict.positive);
            segment.finish(&Outcome::Done(*success), &*clock)?;
            Ok(if negative { Exit::Negative } else { Exit::Done })
        }
        Ok(Ended::Stopped) => match last_letter(&mut segment, &*clock)? {
            Some(Command::Cancel) => cancel(segment, post, &*clock),
            _ => stop(segment, post, &*clock),
        },
        Ok(Ended::Cancelled) => cancel(segment, post, &*clock),
        Ok(Ended::Signalled) => conclude(segment, &desk.signals, signal, post, &*clock),
        Err(error) => {
            tracing::error!("{error}");
            fail(segment, &error, &*clock)?;
            Err(error)
        }
    }
}

/// Publishes `error` as the run's failure.
///
/// # Errors
/// The operating system's.
pub fn fail(segment: Segment, error: &JobError, clock: &dyn Clock) -> Result<(), JobError> {
    let failure = Failure {
        says: error.says(),
        hint: error.hint(),
        causes: causes(error),
        ..at(&segment, clock.now())
    };
    Ok(segment.finish(&Outcome::Failed(failure), clock)?)
}

/// Waits for a signal on a thread of its own and has `end` end the process; a training that is on
/// is left to save and to end by itself.
pub fn watch(desk: Desk, post: Post, end: impl FnOnce(Exit) + Send + 'static) {
    let watching = move || {
        let signal = desk.signals.first();
        // Both are kept to the end: no other thread may go on with the run.
        let Some(_floor) = desk.interrupt() else {
            return;
        };
        let Some((mut segment, mut closing)) = desk.close() else {
            return;
        };
        let now = desk.now();
        let name = signal.to_owned();
        let said = segment
            .journals()
            .event(now, None, Event::Signal { name })
            .map_err(JobError::from);
        let ended =
            said.and_then(|()| conclude(segment, &desk.signals, signal, &post, &*desk.clock));
        let exit = ended.unwrap_or_else(|error| {
            eprintln!("makook-worker: {error}");
            Exit::Interrupted
        });
        closing.close_log();
        end(exit);
    };
    let started = std::thread::Builder::new()
        .name("ending".into())
        .spawn(watching);
    if let Err(error) = started {
        tracing::warn!("signals are looked at in training only: {error}");
    }
}

/// Ends a start that `signal` cut short, once everything is saved.
fn conclude(
    mut segment: Segment,
    signals: &Signals,
    signal: &str,
    post: &Post,
    clock: &dyn Clock,
) -> Result<Exit, JobError> {
    match last_letter(&mut segment, clock)? {
        Some(Command::Cancel) => return cancel(segment, post, clock),
        Some(_) => return stop(segment, post, clock),
        None => {}
    }
    let interrupted = Phrase::new(
        format!("{signal} received, saved"),
        format!("{signal} 신호를 받아 저장하고 멈춤"),
    );
    let Some(allocation) = post.allocation.as_ref().filter(|_| signal != "SIGINT") else {
        segment.suspend(State::Interrupted, interrupted, clock)?;
        return Ok(Exit::Interrupted);
    };
    let run = segment.run().clone();
    if let Some((says, hint)) = storm(
        &segments::history(&run),
        &post.launch,
        post.checkpoint_every_seconds,
    ) {
        return give_up(segment, post, says, hint, clock);
    }
    let requeues = wants_requeue(&run, allocation);
    let reason = if requeues {
        Phrase::new(
            format!("{signal} received, saved; goes back to the queue"),
            format!("{signal} 신호를 받아 저장하고 대기열로 돌아감"),
        )
    } else {
        interrupted
    };
    segment.suspend(State::Preempted, reason, clock)?;
    if requeues {
        back_to_queue(&run, allocation, signals, clock);
    }
    Ok(Exit::Interrupted)
}

/// Puts the job back into the queue and waits for the signal by which the scheduler clears the
/// place. Ending before it would end the job for good where it is only warned; waiting for the
/// kill would keep others from the place for as long as the site's patience.
pub fn back_to_queue(run: &RunDir, allocation: &Allocation, signals: &Signals, clock: &dyn Clock) {
    let fate = allocation.fate();
    if fate == Fate::BackInQueue {
        tracing::info!("job {} is in the queue again", allocation.id());
        return;
    }
    if fate == Fate::Cancelled {
        let reason = Phrase::new(
            "cancelled at the scheduler, saved",
            "스케줄러에서 취소되어 저장하고 멈춤",
        );
        tracing::info!("{}", reason.en);
        say(run, State::Interrupted, reason, &[allocation.id()], clock);
        return;
    }
    let before = signals.count();
    match allocation.requeue() {
        Ok(()) => {
            tracing::info!("job {} goes back to the queue", allocation.id());
            signals.wait_beyond(before, CLEARED);
        }
        Err(why) => {
            let reason = Phrase::new(
                format!("preempted and saved, but not requeued: {why}"),
                format!("선점되어 저장했지만 대기열로 돌아가지 못함: {why}"),
            );
            tracing::warn!("{}", reason.en);
            eprintln!("makook-worker: {}", reason.en);
            say(run, State::Preempted, reason, &[], clock);
        }
    }
}

/// Ends a run that its scheduler starts again and again for nothing.
///
/// # Errors
/// The operating system's error.
pub fn give_up(
    segment: Segment,
    post: &Post,
    says: Phrase,
    hint: Phrase,
    clock: &dyn Clock,
) -> Result<Exit, JobError> {
    tracing::error!("{}", says.en);
    eprintln!("makook-worker: {}\n  hint: {}", says.en, hint.en);
    segment.withdraw_from(&all_jobs(&segment, post), clock)?;
    let failure = Failure {
        says,
        hint,
        ..at(&segment, clock.now())
    };
    segment.finish(&Outcome::Failed(failure), clock)?;
    Ok(Exit::Environment)
}

/// Returns every job of the submission. The first link of a chain may begin before the others are
/// written down, so the record is read again.
fn all_jobs(segment: &Segment, post: &Post) -> Vec<String> {
    let mut jobs = post.launch.all_jobs();
    if !post.launch.job.is_empty()
        && let Ok(Some(record)) = JobRecord::read(segment.run().path())
    {
        jobs.extend(record.ids.iter().map(ToString::to_string));
        jobs.sort_unstable();
        jobs.dedup();
    }
    jobs
}

fn stop(segment: Segment, post: &Post, clock: &dyn Clock) -> Result<Exit, JobError> {
    segment.withdraw_from(&all_jobs(&segment, post), clock)?;
    let reason = Phrase::new("stopped on command, saved", "명령으로 멈추고 저장함");
    segment.suspend(State::Interrupted, reason, clock)?;
    Ok(Exit::Interrupted)
}

fn cancel(segment: Segment, post: &Post, clock: &dyn Clock) -> Result<Exit, JobError> {
    segment.withdraw_from(&all_jobs(&segment, post), clock)?;
    let failure = Failure {
        says: Phrase::new("cancelled on command", "명령으로 취소함"),
        hint: Phrase::new(
            "`makook resume` takes it up again",
            "`makook resume`으로 다시 시작할 수 있습니다",
        ),
        cancelled: true,
        ..at(&segment, clock.now())
    };
    segment.finish(&Outcome::Failed(failure), clock)?;
    Ok(Exit::Interrupted)
}

/// Returns a person's wish to end that waits in the mailbox, a cancellation before a stop, and
/// answers it. Other letters are left for the next start.
fn last_letter(segment: &mut Segment, clock: &dyn Clock) -> Result<Option<Command>, RunsError> {
    let letters = segment.commands(clock)?;
    let ends = |command: &Command| matches!(command, Command::Cancel | Command::Stop);
    for (number, command) in letters.iter().filter(|(_, command)| ends(command)) {
        segment.acknowledge(*number, command, Ack::Accepted, clock)?;
    }
    let wishes = letters.into_iter().map(|(_, command)| command);
    Ok(wishes
        .filter(ends)
        .max_by_key(|command| *command == Command::Cancel))
}

/// Writes what became of a run that nobody holds any more.
fn say(run: &RunDir, state: State, reason: Phrase, withdrawn: &[&str], clock: &dyn Clock) {
    let path = run.layout().status();
    let written = Status::read(&path).and_then(|status| {
        let mut status = status.unwrap_or_default();
        status.state = state;
        status.reason = Some(reason);
        status.at = clock.now();
        status.beat += 1;
        let jobs = withdrawn.iter().map(|job| (*job).to_owned());
        status.withdrawn.extend(jobs);
        status.write(&path)
    });
    if let Err(error) = written {
        tracing::warn!("{error}");
    }
}

fn at(segment: &Segment, now: Nanos) -> Failure {
    Failure {
        at: now,
        segment: segment.number(),
        ..Failure::default()
    }
}

fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::super::{desk::Open, resources::Sampler};
    use super::*;
    use domain::{StreamRng, SystemClock};
    use runs::{Home, Kind, NewRun};
    use std::{
        collections::BTreeMap,
        path::Path,
        sync::{Barrier, mpsc},
        thread,
    };

    /// No ending takes as long.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn post() -> Post {
        Post {
            allocation: None,
            launch: Launch::default(),
            checkpoint_every_seconds: 0,
        }
    }

    /// A start of a new run in `folder`, with everything that is written beside a job.
    fn begun(folder: &Path) -> (RunDir, Desk) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let new = NewRun {
            name: "ends",
            kind: Kind::Train,
            parent: None,
            settings: "",
            version: "0",
        };
        let home = Home::at(folder);
        let run = RunDir::create(&home, &new, &*clock, &mut StreamRng::seeded(1)).unwrap();
        let segment = Segment::begin(&run, None, &*clock).unwrap();
        let env = BTreeMap::new();
        let sampler = Sampler::start(&run, 1, segment.status(), &env, Arc::clone(&clock));
        let open = Open {
            segment,
            sampler,
            log: None,
        };
        (run, Desk::new(open, clock, Signals::default()))
    }

    #[test]
    fn a_signal_behind_an_order_does_not_end_what_the_order_ends() {
        let folder = tempfile::tempdir().unwrap();
        let (run, desk) = begun(folder.path());
        let (ended, endings) = mpsc::channel();
        // The training saw the order and saved.
        desk.training().decide();
        desk.signals.note(signal_hook::consts::SIGUSR1);
        watch(desk.clone(), post(), move |exit| {
            let _ = ended.send(exit);
        });
        assert!(endings.recv().is_err(), "the signal ended it");
        let exit = finish(&desk, &post(), Ok(Ended::Stopped)).unwrap();
        assert_eq!(exit, Exit::Interrupted);
        let status = Status::read(&run.layout().status()).unwrap().unwrap();
        assert_eq!(status.state, State::Interrupted);
        assert_eq!(status.reason.unwrap().en, "stopped on command, saved");
    }

    #[test]
    fn a_signal_that_a_training_saw_no_more_ends_what_follows() {
        let folder = tempfile::tempdir().unwrap();
        let (_run, desk) = begun(folder.path());
        let (ended, endings) = mpsc::channel();
        let training = desk.training();
        desk.signals.note(signal_hook::consts::SIGTERM);
        watch(desk.clone(), post(), move |exit| {
            let _ = ended.send(exit);
        });
        assert!(endings.try_recv().is_err(), "a training is on");
        drop(training);
        assert_eq!(endings.recv_timeout(PATIENCE), Ok(Exit::Interrupted));
    }

    #[test]
    fn a_start_ends_whenever_a_signal_comes() {
        for round in 0..100 {
            let folder = tempfile::tempdir().unwrap();
            let (run, desk) = begun(folder.path());
            let (ended, endings) = mpsc::channel();
            let together = Arc::new(Barrier::new(2));
            let (job, out, starts) = (desk.clone(), ended.clone(), Arc::clone(&together));
            watch(desk.clone(), post(), move |exit| {
                let _ = ended.send(exit);
                // Here the process ends.
                loop {
                    thread::park();
                }
            });
            thread::spawn(move || {
                starts.wait();
                let exit = finish(&job, &post(), Ok(Ended::Stopped));
                let _ = out.send(exit.unwrap());
            });
            together.wait();
            desk.signals.note(signal_hook::consts::SIGTERM);
            let exit = endings.recv_timeout(PATIENCE);
            assert_eq!(exit, Ok(Exit::Interrupted), "round {round}");
            let status = Status::read(&run.layout().status()).unwrap().unwrap();
            assert_eq!(status.state, State::Interrupted, "round {round}");
        }
    }
}
