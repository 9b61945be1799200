//! Reads `squeue`: one call for all jobs of this user, in fields that no name can break.
//!
//! Every field ends in the byte 0x1f and every record in 0x1e, so a job may be called `a|b c` or
//! hold a line break. A record that does not fit is dropped and reported, never guessed at.

use super::{account, board::Task, field, reason};
use crate::{End, JobId, JobView, Phase};
use domain::{Nanos, Phrase};
use runs::RunId;
use std::time::Duration;

/// Ends a field.
const FIELD: char = '\u{1f}';
/// Ends a record.
const RECORD: char = '\u{1e}';

/// What is asked of each job, in this order.
const FIELDS: [&str; 17] = [
    "JobID",
    "ArrayJobID",
    "ArrayTaskID",
    "State",
    "Reason",
    "NodeList",
    "TimeUsed",
    "TimeLimit",
    "StartTime",
    "RestartCnt",
    "Comment",
    "Name",
    "QOS",
    "Partition",
    "NumCPUs",
    "tres-alloc",
    "exit_code",
];

/// One job as `squeue` lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The job, in the words above the seam; `run` is that of the comment.
    pub view: JobView,
    /// The comment as it stands.
    pub comment: String,
    /// The task's number within its array.
    pub task: Option<u32>,
}

impl Row {
    /// Returns whether this stands for tasks of an array of ours that were cancelled while they
    /// waited: it carries the array's number and no task's.
    #[must_use]
    pub fn is_what_is_left(&self) -> bool {
        self.task.is_none() && self.comment.contains('*')
    }

    /// Returns the place in its array, when this is a task of an array of ours.
    #[must_use]
    pub fn array_task(&self) -> Option<(JobId, Task)> {
        let (first, number) = (self.view.run.clone()?, self.task?);
        let ours = self.comment.contains('*');
        ours.then(|| (self.view.id.clone(), Task { first, number }))
    }
}

/// Returns the arguments of `squeue`.
#[must_use]
pub fn arguments() -> Vec<String> {
    let mut format = String::from("--Format=");
    for (index, name) in FIELDS.iter().enumerate() {
        let last = index + 1 == FIELDS.len();
        format.push_str(name);
        format.push(':');
        format.push(if last { RECORD } else { FIELD });
        if !last {
            format.push(',');
        }
    }
    ["--me", "-h", "-r", "-t", "all"]
        .into_iter()
        .map(str::to_owned)
        .chain([format])
        .collect()
}

/// Reads the answer to [`arguments`]: the jobs in the order of their numbers, and what made no
/// sense.
#[must_use]
pub fn read(answer: &str) -> (Vec<Row>, Vec<Phrase>) {
    let mut rows = Vec::new();
    let mut dropped = 0_u32;
    let mut first = String::new();
    let mut records = answer.split(RECORD).peekable();
    while let Some(record) = records.next() {
        let whole = records.peek().is_some();
        // squeue ends each record with a line break, which opens the next one here.
        let record = record.strip_prefix('\n').unwrap_or(record);
        if record.is_empty() && !whole {
            break;
        }
        match row(record).filter(|_| whole) {
            Some(row) => rows.push(row),
            None => {
                dropped += 1;
                if first.is_empty() {
                    first = record
                        .chars()
                        .take(60)
                        .collect::<String>()
                        .escape_debug()
                        .to_string();
                }
            }
        }
    }
    rows.sort_by_key(|row| order(&row.view.id));
    let problems = if dropped == 0 {
        Vec::new()
    } else {
        vec![Phrase::new(
            format!("{dropped} lines of squeue made no sense and are left out, the first: {first}"),
            format!("squeue의 {dropped}줄을 이해할 수 없어 제외했습니다. 첫 줄: {first}"),
        )]
    };
    (rows, problems)
}

/// Returns what sorts identifiers by number and then by task.
#[must_use]
pub fn order(id: &JobId) -> (u64, u64) {
    let (job, task) = id.as_str().split_once('_').unwrap_or((id.as_str(), ""));
    (
        job.parse().unwrap_or(u64::MAX),
        task.parse().map_or(0, |task: u64| task + 1),
    )
}

fn row(record: &str) -> Option<Row> {
    let fields: Vec<&str> = record.split(FIELD).collect();
    let [
        job,
        array,
        task,
        state,
        raw_reason,
        node,
        used,
        limit,
        start,
        restarts,
        comment,
        name,
        _qos,
        partition,
        cpus,
        tres,
        exit,
    ] = fields.try_into().ok()?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty();
    if !number(job) || !number(array) {
        return None;
    }
    let task = match task {
        "N/A" | "" => None,
        task => Some(task.parse::<u32>().ok()?),
    };
    let id = task.map_or_else(|| job.to_owned(), |task| format!("{array}_{task}"));
    let restarts = restarts.parse().ok()?;
    let start = field::instant(start);
    let comment = present(comment).unwrap_or_default();
    let raw_reason = present(raw_reason).filter(|reason| *reason != "None");
    let phase = phase(
        state,
        raw_reason.unwrap_or_default(),
        restarts,
        start,
        used,
        exit,
    )?;
    let raw_reason = raw_reason.filter(|_| explains(phase));
    Some(Row {
        view: JobView {
            id: JobId::new(id),
            run: run_of(comment),
            name: name.to_owned(),
            phase,
            reason: raw_reason.map(reason::says),
            raw_reason: raw_reason.map(str::to_owned),
            node: present(node).map(str::to_owned),
            queue: partition.to_owned(),
            starts: start,
            elapsed: field::duration(used).unwrap_or(Duration::ZERO),
            limit: field::duration(limit),
            restarts,
            position: None,
            gpus: field::gpus(tres),
            cpus: cpus.parse().unwrap_or(0),
        },
        comment: comment.to_owned(),
        task,
    })
}

/// Returns the run that a comment names: the whole of it, or for an array the part before `*`.
#[must_use]
pub fn run_of(comment: &str) -> Option<RunId> {
    comment.split('*').next()?.parse().ok()
}

fn present(text: &str) -> Option<&str> {
    Some(text).filter(|text| !matches!(*text, "" | "(null)" | "N/A" | "n/a"))
}

/// Translates a state; `None` for a word that is no state.
///
/// A job that was pushed out or whose node died is still listed while it goes back to the queue,
/// so those words are no ends here; only its absence together with the accounting's word is one.
fn phase(
    state: &str,
    reason: &str,
    restarts: u32,
    start: Option<Nanos>,
    used: &str,
    exit: &str,
) -> Option<Phase> {
    Some(match state {
        "PENDING" if reason == "BeginTime" && restarts > 0 => Phase::Requeued { until: start },
        // Being cleared away while it waits already: the time of its next start counts from 0.
        "COMPLETING" if restarts > 0 && used == "0:00" => Phase::Requeued { until: None },
        "PENDING" | "RESV_DEL_HOLD" | "REQUEUE_FED" => Phase::Queued,
        "CONFIGURING" | "POWER_UP_NODE" => Phase::Starting,
        "RUNNING" | "SUSPENDED" | "STOPPED" | "RESIZING" => Phase::Running,
        "COMPLETING" | "SIGNALING" | "STAGE_OUT" | "EXPEDITING" | "UPDATE_DB" => Phase::Stopping,
        "PREEMPTED" | "REQUEUED" | "REQUEUE_HOLD" | "SPECIAL_EXIT" | "NODE_FAIL" => {
            Phase::Requeued { until: None }
        }
        other => Phase::Ended {
            end: account::end(other, account::exit(exit))?,
        },
    })
}

/// Returns whether the scheduler's word says something about this phase. For a job that was
/// withdrawn it is still why it waited, and an exit code of the worker is no failure by itself.
const fn explains(phase: Phase) -> bool {
    !matches!(
        phase,
        Phase::Ended {
            end: End::Cancelled | End::Completed | End::Interrupted
        }
    )
}
