//! Reads `sacct`, and `scontrol show job` where a site keeps no accounting: how jobs ended.

use super::{
    call::{Programs, refused},
    field,
};
use crate::{Attempt, End, JobId, JobsError, Phase};
use std::collections::BTreeMap;

/// Separates the fields of a row.
const FIELD: &str = "\u{1f}";

const FIELDS: &str = "JobID,State,ExitCode,Start,End,NodeList,AllocTRES";

/// So many identifiers go into one call: far below the limit of a command line.
const AT_ONCE: usize = 2_000;

/// Exit code and signal of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExitCode {
    /// Code, 0 when a signal ended it.
    pub code: i32,
    /// Signal, 0 for none.
    pub signal: i32,
}

/// Returns every start of the jobs `ids` in one call, oldest first.
///
/// # Errors
/// `NoHistory` where the site keeps none, else the refusal.
pub fn attempts(programs: &Programs, ids: &[JobId]) -> Result<Vec<Attempt>, JobsError> {
    let mut found = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let list: Vec<&str> = some.iter().map(JobId::as_str).collect();
        let delimiter = format!("--delimiter={FIELD}");
        let args = [
            "-X",
            "-D",
            "-P",
            "-n",
            &delimiter,
            "-o",
            FIELDS,
            "-j",
            &list.join(","),
        ];
        let said = programs.call("sacct", &args, None)?;
        let words = format!("{}{}", said.err, said.out);
        if words.contains("accounting storage is disabled") {
            return Err(JobsError::NoHistory {
                why: words.trim().to_owned(),
            });
        }
        if !said.well {
            return Err(refused("sacct", &said));
        }
        found.extend(read(&said.out));
    }
    Ok(found)
}

/// Reads the rows of `sacct`. A row that stands for several tasks at once becomes one each.
#[must_use]
pub fn read(answer: &str) -> Vec<Attempt> {
    answer
        .lines()
        .filter_map(|line| {
            let (id, rest) = line.split_once(FIELD)?;
            let attempt = row(rest)?;
            Some(named(id).into_iter().map(move |id| Attempt {
                id: JobId::new(id),
                ..attempt.clone()
            }))
        })
        .flatten()
        .collect()
}

/// Returns the jobs that `259`, `259_3` or `259_[3-5,8%2]` names; none for other forms.
fn named(id: &str) -> Vec<String> {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some((array, tasks)) = id.split_once('_') else {
        return if plain(id) {
            vec![id.to_owned()]
        } else {
            Vec::new()
        };
    };
    if !plain(array) {
        return Vec::new();
    }
    let tasks = tasks.trim_matches(['[', ']']);
    let tasks = tasks.split('%').next().unwrap_or(tasks);
    let mut names = Vec::new();
    for part in tasks.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else {
            continue;
        };
        // An array is limited to some thousands; anything larger is a misreading.
        let last = last.min(first.saturating_add(100_000));
        names.extend((first..=last).map(|task| format!("{array}_{task}")));
    }
    names
}

/// Reads what stands behind the identifier.
fn row(line: &str) -> Option<Attempt> {
    let fields: Vec<&str> = line.split(FIELD).collect();
    let [state, code, start, end_time, node, tres] = fields.try_into().ok()?;
    let ended = field::instant(end_time);
    let exit = exit(code);
    let phase = phase(state, exit)?;
    Some(Attempt {
        id: JobId::new(""),
        started: field::instant(start),
        ended,
        node: Some(node)
            .filter(|node| !matches!(*node, "" | "None assigned" | "(null)"))
            .map(str::to_owned),
        phase,
        exit_code: exit
            .filter(|_| ended.is_some() && matches!(phase, Phase::Ended { .. }))
            .map(|exit| exit.code),
        cpus: field::cpus(tres),
        gpus: field::gpus(tres),
    })
}

/// Returns what is left in the controller's memory of the job `id`: its last start.
///
/// # Errors
/// `NoSuchJob` once the controller forgot it, else the refusal.
pub fn last_start(programs: &Programs, id: &JobId) -> Result<Attempt, JobsError> {
    let said = programs.call("scontrol", &["-o", "show", "job", id.as_str()], None)?;
    if said.well {
        shown(&said.out)
    } else if said.err.contains("Invalid job id") {
        None
    } else {
        return Err(refused("scontrol", &said));
    }
    .ok_or_else(|| JobsError::NoSuchJob(id.to_string()))
    .map(|attempt| Attempt {
        id: id.clone(),
        ..attempt
    })
}

/// Reads the first job of `scontrol -o show job`; a name may hold a line break.
#[must_use]
pub fn shown(line: &str) -> Option<Attempt> {
    let mut known = BTreeMap::new();
    // A name may hold anything, `JobState=` included; the fields used here stand after it.
    let after_name = line.find(" UserId=").map_or(line, |at| &line[at..]);
    for (key, value) in after_name
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
    {
        known.entry(key).or_insert(value);
    }
    let get = |key: &str| known.get(key).copied().unwrap_or_default();
    let id = line.strip_prefix("JobId=")?.split(' ').next()?;
    let exit = exit(get("ExitCode"));
    let phase = phase(get("JobState"), exit)?;
    let over = matches!(phase, Phase::Ended { .. });
    Some(Attempt {
        id: JobId::new(id),
        started: field::instant(get("StartTime")),
        ended: field::instant(get("EndTime")).filter(|_| over),
        node: Some(get("NodeList"))
            .filter(|node| !matches!(*node, "" | "(null)"))
            .map(str::to_owned),
        phase,
        exit_code: exit.filter(|_| over).map(|exit| exit.code),
        cpus: get("NumCPUs").parse().unwrap_or(0),
        gpus: field::gpus(get("TRES")).max(field::gpus(get("AllocTRES"))),
    })
}

/// Translates a state of the accounting; `None` for a word that is none.
fn phase(state: &str, exit: Option<ExitCode>) -> Option<Phase> {
    // `CANCELLED by 1001`
    let word = state.split(' ').next().unwrap_or(state);
    Some(match word {
        "PENDING" => Phase::Queued,
        "CONFIGURING" => Phase::Starting,
        "RUNNING" | "SUSPENDED" | "RESIZING" | "STOPPED" => Phase::Running,
        "COMPLETING" | "SIGNALING" | "STAGE_OUT" => Phase::Stopping,
        "REQUEUED" | "REQUEUE_HOLD" | "SPECIAL_EXIT" => Phase::Requeued { until: None },
        other => Phase::Ended {
            end: end(other, exit)?,
        },
    })
}

/// Translates a state in which nothing runs any more; `None` for other words.
#[must_use]
pub fn end(state: &str, exit: Option<ExitCode>) -> Option<End> {
    let word = state
        .split(' ')
        .next()
        .unwrap_or(state)
        .trim_end_matches('+');
    Some(match word {
        "COMPLETED" => End::Completed,
        "FAILED" => match exit {
            // The worker's own words: a negative verdict, and saved and stopped.
            Some(ExitCode { code: 1, signal: 0 }) => End::Completed,
            Some(ExitCode { code: 4, signal: 0 }) => End::Interrupted,
            _ => End::Failed,
        },
        "CANCELLED" | "REVOKED" => End::Cancelled,
        "TIMEOUT" | "DEADLINE" => End::TimedOut,
        "OUT_OF_MEMORY" => End::OutOfMemory,
        "NODE_FAIL" | "BOOT_FAIL" => End::NodeFailed,
        "PREEMPTED" => End::Interrupted,
        "LAUNCH_FAILED" | "RECONFIG_FAIL" => End::Failed,
        _ => return None,
    })
}

/// Reads `code:signal` of the accounting, or the raw wait status of `squeue`.
#[must_use]
pub fn exit(text: &str) -> Option<ExitCode> {
    if let Some((code, signal)) = text.split_once(':') {
        return Some(ExitCode {
            code: code.parse().ok()?,
            signal: signal.parse().ok()?,
        });
    }
    let status: i32 = text.parse().ok()?;
    Some(ExitCode {
        code: status >> 8 & 0xff,
        signal: status & 0x7f,
    })
}
