//! How a start of a worker ended, and whether the job goes back to the queue. Pure.

use super::{job::Wish, reason};
use crate::End;
use domain::Phrase;

/// How the process ended, as far as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
    /// It was another supervisor's child: nobody could wait for it.
    Unseen,
    /// The machine was restarted under it.
    Rebooted,
}

/// What the run directory says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunEnd {
    Done,
    Failed,
    /// Saved by this start; can be resumed.
    Saved,
    /// This start left no word.
    Silent,
}

/// What becomes of the job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    Over {
        end: End,
        why: Option<Phrase>,
    },
    /// Back to the queue.
    Again,
}

/// Judges the end of a start of which `asked` was asked.
///
/// A worker that nobody asked to end is never started again by itself.
pub(crate) fn judge(asked: Option<Wish>, exit: Exit, run: RunEnd) -> Verdict {
    let over = |end, why| Verdict::Over { end, why };
    // A worker may be killed on its way out, after it published its result.
    let finished = matches!(exit, Exit::Code(0 | 1)) || run == RunEnd::Done;
    if finished {
        return over(End::Completed, None);
    }
    let interrupted = match exit {
        Exit::Code(code) => code == 4,
        Exit::Signal(_) => false,
        Exit::Unseen | Exit::Rebooted => run == RunEnd::Saved,
    };
    // Whether it ended because it was told to, the hard way included.
    let obeyed = interrupted || (!matches!(exit, Exit::Code(_)) && run != RunEnd::Failed);
    match asked {
        Some(Wish::Kill) => return over(End::Cancelled, None),
        Some(Wish::Limit) if obeyed => return over(End::TimedOut, None),
        Some(Wish::Stop) if obeyed => return over(End::Interrupted, None),
        Some(Wish::Requeue) if obeyed && run != RunEnd::Failed => return Verdict::Again,
        _ => {}
    }
    if interrupted {
        return over(End::Interrupted, None);
    }
    match exit {
        Exit::Code(code) => over(End::Failed, Some(reason::exit_code(code))),
        Exit::Signal(number) => over(End::Failed, Some(reason::signal(number))),
        Exit::Rebooted => over(End::NodeFailed, Some(reason::rebooted())),
        Exit::Unseen if run == RunEnd::Failed => over(End::Failed, None),
        Exit::Unseen => over(End::Failed, Some(reason::vanished())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const STOP: Option<Wish> = Some(Wish::Stop);
    const REQUEUE: Option<Wish> = Some(Wish::Requeue);
    const KILL: Option<Wish> = Some(Wish::Kill);
    const LIMIT: Option<Wish> = Some(Wish::Limit);

    #[rstest]
    #[case::done(None, Exit::Code(0), RunEnd::Done, Some(End::Completed))]
    #[case::no_edge(None, Exit::Code(1), RunEnd::Done, Some(End::Completed))]
    #[case::mailbox_stop(None, Exit::Code(4), RunEnd::Saved, Some(End::Interrupted))]
    #[case::no_libtorch(None, Exit::Code(3), RunEnd::Silent, Some(End::Failed))]
    #[case::somebodys_kill(None, Exit::Signal(9), RunEnd::Silent, Some(End::Failed))]
    #[case::killed_after_its_result(None, Exit::Signal(9), RunEnd::Done, Some(End::Completed))]
    #[case::adopted_done(None, Exit::Unseen, RunEnd::Done, Some(End::Completed))]
    #[case::adopted_failed(None, Exit::Unseen, RunEnd::Failed, Some(End::Failed))]
    #[case::adopted_saved(None, Exit::Unseen, RunEnd::Saved, Some(End::Interrupted))]
    #[case::adopted_killed(None, Exit::Unseen, RunEnd::Silent, Some(End::Failed))]
    #[case::reboot(None, Exit::Rebooted, RunEnd::Silent, Some(End::NodeFailed))]
    #[case::reboot_after_the_end(None, Exit::Rebooted, RunEnd::Done, Some(End::Completed))]
    #[case::stopped(STOP, Exit::Code(4), RunEnd::Saved, Some(End::Interrupted))]
    #[case::stopped_before_it_listened(
        STOP,
        Exit::Signal(15),
        RunEnd::Silent,
        Some(End::Interrupted)
    )]
    #[case::stop_then_killed(STOP, Exit::Signal(9), RunEnd::Silent, Some(End::Interrupted))]
    #[case::stop_came_too_late(STOP, Exit::Code(0), RunEnd::Done, Some(End::Completed))]
    #[case::failed_while_stopping(STOP, Exit::Code(3), RunEnd::Failed, Some(End::Failed))]
    #[case::adopted_stop(STOP, Exit::Unseen, RunEnd::Silent, Some(End::Interrupted))]
    #[case::killed(KILL, Exit::Signal(9), RunEnd::Silent, Some(End::Cancelled))]
    #[case::kill_came_too_late(KILL, Exit::Code(0), RunEnd::Done, Some(End::Completed))]
    #[case::limit(LIMIT, Exit::Code(4), RunEnd::Saved, Some(End::TimedOut))]
    #[case::limit_ignored(LIMIT, Exit::Signal(9), RunEnd::Silent, Some(End::TimedOut))]
    #[case::limit_and_done(LIMIT, Exit::Code(0), RunEnd::Done, Some(End::Completed))]
    #[case::requeued(REQUEUE, Exit::Code(4), RunEnd::Saved, None)]
    #[case::requeued_the_hard_way(REQUEUE, Exit::Signal(9), RunEnd::Silent, None)]
    #[case::adopted_requeued(REQUEUE, Exit::Unseen, RunEnd::Saved, None)]
    #[case::requeue_came_too_late(REQUEUE, Exit::Code(0), RunEnd::Done, Some(End::Completed))]
    #[case::cancelled_meanwhile(REQUEUE, Exit::Code(4), RunEnd::Failed, Some(End::Interrupted))]
    #[case::failed_while_requeued(REQUEUE, Exit::Code(2), RunEnd::Silent, Some(End::Failed))]
    fn ends(
        #[case] asked: Option<Wish>,
        #[case] exit: Exit,
        #[case] run: RunEnd,
        #[case] expected: Option<End>,
    ) {
        let end = match judge(asked, exit, run) {
            Verdict::Over { end, .. } => Some(end),
            Verdict::Again => None,
        };
        assert_eq!(end, expected);
    }
}
