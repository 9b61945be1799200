//! The scheduler's side of a start: which job this is, and how it gets back into the queue.
//!
//! A worker that saves and exits in the grace period is booked as completed and never started
//! again, so it asks for the requeue itself and waits to be killed. An array's last task carries
//! the array's own id, with which a requeue restarts all of it: the task is always named.

use domain::Phrase;
use jobs::{JobRecord, slurm::field};
use runs::{Launch, RunDir, SegmentView, segments};
use std::{
    collections::BTreeMap,
    io::{self, Read},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How long one call of the scheduler may take; its own clients give up after 10 s.
const CALL: Duration = Duration::from_secs(20);
/// How often the requeue is tried: a busy controller refuses now and then.
const TRIES: u32 = 3;

/// The Slurm job that this worker runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// `12`, or `12_3` for a task of an array.
    id: String,
    restart: u32,
}

/// What the scheduler has decided about a job that it interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet, or that its time is over: it starts again only when the worker asks for it.
    Open,
    /// It starts again by itself.
    BackInQueue,
    /// A person cancelled it: a requeue would bring it back to life.
    Cancelled,
}

impl Allocation {
    /// Reads the job from the environment; `None` outside Slurm and for a worker that a local pool
    /// started within an allocation, which the pool names in `MAKOOK_JOB`.
    #[must_use]
    pub fn from_env(env: &BTreeMap<String, String>) -> Option<Self> {
        let get = |name: &str| env.get(name).filter(|value| !value.is_empty());
        if get("MAKOOK_JOB").is_some() {
            return None;
        }
        let job = get("SLURM_ARRAY_JOB_ID").or(get("SLURM_JOB_ID"))?;
        let id = match get("SLURM_ARRAY_TASK_ID") {
            Some(task) => format!("{job}_{task}"),
            None => get("SLURM_JOB_ID")?.clone(),
        };
        let restart = get("SLURM_RESTART_COUNT").and_then(|count| count.parse().ok());
        Some(Self {
            id,
            restart: restart.unwrap_or(0),
        })
    }

    /// Returns the job's name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what the scheduler has decided about the job. One that gives no answer has decided
    /// nothing.
    #[must_use]
    pub fn fate(&self) -> Fate {
        scontrol(&["-o", "show", "job", &self.id])
            .map_or(Fate::Open, |said| decided(&said, self.restart))
    }

    /// Puts the job back into the queue.
    ///
    /// # Errors
    /// The scheduler's refusal in its own words, or that it is not there.
    pub fn requeue(&self) -> Result<(), String> {
        let mut refusal = String::new();
        for attempt in 1..=TRIES {
            match scontrol(&["requeue", &self.id]) {
                Ok(_) => return Ok(()),
                Err(Refusal::Missing(why)) => return Err(why),
                Err(Refusal::Said(why)) => refusal = why,
            }
            if attempt < TRIES {
                std::thread::sleep(Duration::from_secs(1));
            }
        }
        Err(refusal)
    }
}

/// Reads what was decided about a job whose present start is number `restart`, from the answer of
/// `scontrol -o show job`.
///
/// While processes are being ended every state is shown as `COMPLETING`, a cancelled one too; that
/// a job goes back to the queue shows in its count of restarts, which is raised at once.
fn decided(shown: &str, restart: u32) -> Fate {
    let get = |key: &str| {
        let mut words = shown.split_whitespace();
        words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    };
    if !matches!(get("JobState"), Some("CANCELLED" | "COMPLETING")) {
        return Fate::Open;
    }
    let restarts = get("Restarts").and_then(|count| count.parse::<u32>().ok());
    if restarts.is_some_and(|restarts| restarts > restart) {
        return Fate::BackInQueue;
    }
    let time = |key| get(key).and_then(field::duration);
    match (time("RunTime"), time("TimeLimit")) {
        (Some(ran), Some(limit)) if ran >= limit => Fate::Open,
        _ => Fate::Cancelled,
    }
}

/// Returns under which job this start happens.
///
/// `MAKOOK_JOB` and `MAKOOK_RESTART` are how a backend other than Slurm names its job.
#[must_use]
pub fn launch(
    env: &BTreeMap<String, String>,
    allocation: Option<&Allocation>,
    record: Option<&JobRecord>,
) -> Launch {
    let siblings = record.map_or_else(Vec::new, |record| {
        let ids = record.ids.iter();
        ids.map(|id| id.as_str().to_owned()).collect()
    });
    let (job, restart) = match allocation {
        Some(allocation) => (allocation.id.clone(), allocation.restart),
        None => (
            env.get("MAKOOK_JOB").cloned().unwrap_or_default(),
            env.get("MAKOOK_RESTART")
                .and_then(|count| count.parse().ok())
                .unwrap_or(0),
        ),
    };
    Launch {
        job,
        restart,
        overrules: record.map_or(0, |record| record.letters),
        siblings,
    }
}

/// Returns whether `job.json` of the run says that this very job goes back to the queue.
#[must_use]
pub fn wants_requeue(run: &RunDir, allocation: &Allocation) -> bool {
    let record = JobRecord::read(run.path()).unwrap_or_else(|error| {
        tracing::warn!("{error}");
        None
    });
    record.is_some_and(|record| {
        let ours = record.ids.iter().any(|id| id.as_str() == allocation.id);
        record.resources.requeue && ours
    })
}

/// Returns the sentence that ends a run which gets nowhere, with its remedy; `None` while there is
/// hope. `every_seconds` is the wall-clock interval of checkpoints, 0 for none.
#[must_use]
pub fn storm(
    history: &[SegmentView],
    launch: &Launch,
    every_seconds: u64,
) -> Option<(Phrase, Phrase)> {
    let starts = segments::fruitless(history, launch)?;
    let median = segments::account(starts).median_seconds;
    let n = starts.len();
    let says = if every_seconds as f64 > median {
        Phrase::new(
            format!(
                "no progress between preemptions: checkpoint interval {every_seconds} s > median \
                 segment {median:.0} s"
            ),
            format!(
                "선점되는 사이에 진행된 것이 없습니다: 체크포인트 간격 {every_seconds}초 > 구간 \
                 길이 중앙값 {median:.0}초"
            ),
        )
    } else {
        Phrase::new(
            format!(
                "no progress between preemptions: {n} starts in a row ended without a new \
                 checkpoint, median segment {median:.0} s, checkpoint interval {every_seconds} s"
            ),
            format!(
                "선점되는 사이에 진행된 것이 없습니다: 연속 {n}번의 시작이 새 체크포인트 없이 \
                 끝났습니다. 구간 길이 중앙값 {median:.0}초, 체크포인트 간격 {every_seconds}초"
            ),
        )
    };
    let hint = Phrase::new(
        "lower train.checkpoint_every_seconds, or send it where jobs live longer; `makook resume` \
         tries again",
        "train.checkpoint_every_seconds를 줄이거나 작업이 더 오래 유지되는 곳으로 보내세요. \
         `makook resume`으로 다시 시도합니다",
    );
    Some((says, hint))
}

/// Why a call of the scheduler gave nothing.
enum Refusal {
    /// The program is not there.
    Missing(String),
    /// It said no, or nothing in time.
    Said(String),
}

fn scontrol(arguments: &[&str]) -> Result<String, Refusal> {
    let mut child = Command::new("scontrol")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Refusal::Missing(format!("cannot start scontrol: {error}")))?;
    let said = |error: io::Error| Refusal::Said(format!("scontrol: {error}"));
    let ended = wait_at_most(&mut child, CALL).map_err(said)?;
    let Some(status) = ended else {
        let _ = child.kill();
        let _ = child.wait();
        let seconds = CALL.as_secs();
        return Err(Refusal::Said(format!(
            "scontrol gave no answer within {seconds} s"
        )));
    };
    let (mut out, mut err) = (String::new(), String::new());
    if let Some(pipe) = &mut child.stdout {
        pipe.read_to_string(&mut out).map_err(said)?;
    }
    if let Some(pipe) = &mut child.stderr {
        pipe.read_to_string(&mut err).map_err(said)?;
    }
    if status.success() {
        Ok(out)
    } else {
        Err(Refusal::Said(format!(
            "scontrol: {} ({status})",
            err.trim()
        )))
    }
}

/// Waits for `child`; its answers are a few lines, which fit into the pipes.
fn wait_at_most(child: &mut Child, time: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    const LOOK: Duration = Duration::from_millis(20);
    let mut left = time;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if left.is_zero() {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
        left = left.saturating_sub(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use runs::State;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[rstest]
    #[case::outside(&[], None)]
    #[case::single(&[("SLURM_JOB_ID", "12")], Some("12"))]
    #[case::task(
        &[("SLURM_JOB_ID", "15"), ("SLURM_ARRAY_JOB_ID", "12"), ("SLURM_ARRAY_TASK_ID", "3")],
        Some("12_3")
    )]
    #[case::last_task_of_an_array_has_the_arrays_id(
        &[("SLURM_JOB_ID", "12"), ("SLURM_ARRAY_JOB_ID", "12"), ("SLURM_ARRAY_TASK_ID", "3")],
        Some("12_3")
    )]
    #[case::in_a_local_pool(&[("SLURM_JOB_ID", "12"), ("MAKOOK_JOB", "l-000001")], None)]
    fn a_job_is_named_so_that_no_other_is_requeued(
        #[case] pairs: &[(&str, &str)],
        #[case] expected: Option<&str>,
    ) {
        let found = Allocation::from_env(&env(pairs));
        assert_eq!(found.as_ref().map(Allocation::id), expected);
    }

    #[rstest]
    #[case::warned(
        "JobState=RUNNING Restarts=0 RunTime=00:01:00 TimeLimit=01:00:00",
        Fate::Open
    )]
    #[case::cancelled(
        "JobState=COMPLETING Restarts=0 RunTime=00:01:00 TimeLimit=01:00:00",
        Fate::Cancelled
    )]
    #[case::cancelled_without_limit(
        "JobState=CANCELLED Restarts=0 RunTime=00:01:00 TimeLimit=UNLIMITED",
        Fate::Cancelled
    )]
    #[case::requeued_by_the_scheduler(
        "JobState=COMPLETING Restarts=1 RunTime=00:01:00 TimeLimit=01:00:00",
        Fate::BackInQueue
    )]
    #[case::out_of_time(
        "JobState=COMPLETING Restarts=0 RunTime=01:00:20 TimeLimit=01:00:00",
        Fate::Open
    )]
    #[case::no_answer("", Fate::Open)]
    fn what_the_scheduler_decided_is_read(#[case] shown: &str, #[case] expected: Fate) {
        assert_eq!(decided(shown, 0), expected);
    }

    #[test]
    fn the_guards_sentence_carries_real_figures() {
        let start = |seconds: i64| SegmentView {
            job: "12".to_owned(),
            state: State::Preempted,
            ended: domain::Nanos(seconds * 1_000_000_000),
            ..SegmentView::default()
        };
        let history = [start(90), start(140), start(200)];
        let launch = Launch {
            job: "12".to_owned(),
            ..Launch::default()
        };
        let (says, _) = storm(&history, &launch, 300).unwrap();
        assert_eq!(
            says.en,
            "no progress between preemptions: checkpoint interval 300 s > median segment 140 s"
        );
        let (says, _) = storm(&history, &launch, 60).unwrap();
        assert!(says.en.contains("3 starts in a row"), "{}", says.en);
        assert!(says.ko.contains("140초"), "{}", says.ko);
        assert!(storm(&history[1..], &launch, 300).is_none());
    }
}
