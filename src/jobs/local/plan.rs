//! Who starts next, and why the others wait. Pure: the supervisor starts by it, and whoever looks
//! explains the queue by it.
//!
//! Waiting jobs are gone through by priority, then in the order of their submission:
//! - a job whose array is at its limit is passed by;
//! - a job that waits for GPUs keeps those that are free for itself, and lets jobs without pass;
//! - a job that finds no place ends the round: nobody overtakes it.
//!
//! With a fixed number of places a job finds one while fewer jobs run. With automatic places the
//! first [`LEAST`] always do, also on two processors. Each further one, up to [`MOST`], starts only
//! while
//! - the processors that are busy leave at least one, and as many as it asks for. Busy are as many
//!   as the running jobs ask for (at least one each), or the 1-minute load if that is more; jobs
//!   that started within the last minute are added to the load, which does not know them yet;
//! - the available memory leaves [`ROOM_MIB`], or what it asks for if that is more, and as much
//!   again for each job that started within the last minute and has not grown yet.

use super::{array::Array, job::Job, machine::Machine, number::Number, reason::Wait};
use domain::Nanos;
use std::{cmp::Reverse, collections::BTreeMap};

/// Jobs that run at once whatever the load, with automatic places.
pub(crate) const LEAST: usize = 2;
/// Jobs that run at once at most, with automatic places.
pub(crate) const MOST: usize = 8;
/// Memory that must be available for each further job, in MiB.
const ROOM_MIB: u64 = 2048;
/// How long after its start a job's memory does not show yet, and its load does not either.
const GROWS_NANOS: i64 = 60 * domain::time::SECOND;

/// What there is to give.
#[derive(Clone, Debug)]
pub(crate) struct Capacity<'a> {
    /// Places; 0 for automatic.
    pub slots: usize,
    pub gpus: &'a [String],
    pub machine: Machine,
    pub now: Nanos,
}

/// What happens to a waiting job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It starts on these GPUs.
    Start {
        gpus: Vec<String>,
    },
    Wait(Wait),
}

/// Returns the waiting ones among `jobs`, in the order in which they are served, each with what
/// happens to it now.
pub(crate) fn plan<'a>(
    jobs: impl Iterator<Item = &'a Job>,
    arrays: &BTreeMap<u64, Array>,
    capacity: &Capacity<'_>,
) -> Vec<(Number, Turn)> {
    let mut waiting = Vec::new();
    let mut held = Held::new(capacity);
    for job in jobs.filter(|job| !job.is_over()) {
        match job.live() {
            Some(start) => held.take(job, &start.gpus, start.at, capacity.now),
            None => waiting.push(job),
        }
    }
    waiting.sort_by_key(|job| (Reverse(job.resources.priority), job.number()));
    waiting
        .into_iter()
        .map(|job| (job.number(), held.serve(job, arrays, capacity)))
        .collect()
}

/// What is taken, in the course of one round.
struct Held {
    running: usize,
    processors: usize,
    /// Of those that started within the last minute.
    young_processors: usize,
    young: u64,
    free_gpus: Vec<String>,
    in_array: BTreeMap<u64, u32>,
    /// Set once a job waits for GPUs, for a place.
    gpus_kept: bool,
    full: Option<Wait>,
}

impl Held {
    fn new(capacity: &Capacity<'_>) -> Self {
        Self {
            running: 0,
            processors: 0,
            young_processors: 0,
            young: 0,
            free_gpus: capacity.gpus.to_vec(),
            in_array: BTreeMap::new(),
            gpus_kept: false,
            full: None,
        }
    }

    fn take(&mut self, job: &Job, gpus: &[String], since: Nanos, now: Nanos) {
        self.running += 1;
        self.processors += processors(job);
        if now.0 - since.0 < GROWS_NANOS {
            self.young += 1;
            self.young_processors += processors(job);
        }
        self.free_gpus.retain(|gpu| !gpus.contains(gpu));
        *self.in_array.entry(job.number().batch).or_default() += 1;
    }

    fn serve(&mut self, job: &Job, arrays: &BTreeMap<u64, Array>, capacity: &Capacity<'_>) -> Turn {
        let number = job.number();
        let limit = arrays.get(&number.batch).and_then(|array| array.at_most);
        let running = self.in_array.get(&number.batch).copied().unwrap_or(0);
        if let Some(at_most) = limit.filter(|limit| running >= *limit) {
            return Turn::Wait(Wait::Array { at_most });
        }
        let asked = job.resources.gpus as usize;
        let all = capacity.gpus.len();
        if asked > all {
            return Turn::Wait(Wait::TooManyGpus { all, asked });
        }
        if asked > 0 && (self.gpus_kept || self.free_gpus.len() < asked) {
            self.gpus_kept = true;
            let free = self.free_gpus.len();
            return Turn::Wait(Wait::Gpu { free, all, asked });
        }
        if self.full.is_none() {
            self.full = self.no_place(job, capacity);
        }
        if let Some(wait) = self.full {
            return Turn::Wait(wait);
        }
        let gpus: Vec<String> = self.free_gpus.iter().take(asked).cloned().collect();
        self.take(job, &gpus, capacity.now, capacity.now);
        Turn::Start { gpus }
    }

    /// Returns why there is no place for `job`; `None` where there is one.
    fn no_place(&self, job: &Job, capacity: &Capacity<'_>) -> Option<Wait> {
        let used = self.running;
        let all = match capacity.slots {
            0 => MOST,
            slots => slots,
        };
        if used >= all {
            return Some(Wait::Place { used, all });
        }
        if capacity.slots > 0 || used < LEAST {
            return None;
        }
        let machine = &capacity.machine;
        let loaded = machine.load + self.young_processors as f64;
        let busy = loaded.max(self.processors as f64);
        let spare = machine.cpus as f64 - busy >= processors(job) as f64;
        let room = ROOM_MIB.max(job.resources.memory_mib) + ROOM_MIB * self.young;
        (!spare || machine.available_mib < room).then_some(Wait::Machine { running: used })
    }
}

fn processors(job: &Job) -> usize {
    job.resources.cpus.max(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        RunRef,
        local::job::{Job, Start},
    };
    use rstest::rstest;
    use std::path::PathBuf;

    const NOW: Nanos = Nanos(1_000_000_000_000);
    const LONG_AGO: Nanos = Nanos(0);

    fn job(batch: u64) -> Job {
        let id: runs::RunId = format!("20240131-235959-한글-{batch:04x}").parse().unwrap();
        let number = Number { batch, task: None };
        Job {
            id: number.id(),
            run: RunRef {
                id,
                dir: PathBuf::new(),
            },
            worker: PathBuf::new(),
            project: PathBuf::new(),
            env: BTreeMap::new(),
            resources: crate::Resources::default(),
            submitted: LONG_AGO,
            restarts: 0,
            asked: None,
            starts: Vec::new(),
            ended: None,
        }
    }

    fn task(batch: u64, task: u32) -> Job {
        let number = Number {
            batch,
            task: Some(task),
        };
        Job {
            id: number.id(),
            ..job(batch)
        }
    }

    fn running(mut job: Job, at: Nanos, gpus: &[&str]) -> Job {
        job.starts.push(Start {
            at,
            process: None,
            gpus: gpus.iter().map(|gpu| (*gpu).to_owned()).collect(),
            segments: 0,
            warned: false,
            ended: None,
            end: None,
            exit_code: None,
        });
        job
    }

    fn with_gpus(mut job: Job, gpus: u32) -> Job {
        job.resources.gpus = gpus;
        job
    }

    fn first(mut job: Job, priority: i32) -> Job {
        job.resources.priority = priority;
        job
    }

    fn machine(cpus: usize, load: f64, available_mib: u64) -> Machine {
        Machine {
            cpus,
            memory_mib: 64 * 1024,
            available_mib,
            load,
        }
    }

    /// Plans on an idle machine with `slots` places and `gpus`; one word a job.
    fn words(jobs: &[Job], slots: usize, gpus: &[&str]) -> Vec<String> {
        words_of(jobs, &BTreeMap::new(), slots, gpus)
    }

    fn words_of(
        jobs: &[Job],
        arrays: &BTreeMap<u64, Array>,
        slots: usize,
        gpus: &[&str],
    ) -> Vec<String> {
        let gpus: Vec<String> = gpus.iter().map(|gpu| (*gpu).to_owned()).collect();
        let capacity = Capacity {
            slots,
            gpus: &gpus,
            machine: machine(8, 0.0, 64 * 1024),
            now: NOW,
        };
        let turns = plan(jobs.iter(), arrays, &capacity);
        turns
            .into_iter()
            .map(|(number, turn)| match turn {
                Turn::Start { gpus } if gpus.is_empty() => format!("{number} starts"),
                Turn::Start { gpus } => format!("{number} starts on {}", gpus.join("+")),
                Turn::Wait(wait) => format!("{number} {}", wait.says()),
            })
            .collect()
    }

    #[test]
    fn priority_then_order_until_the_places_are_full() {
        let jobs = [
            running(job(1), LONG_AGO, &[]),
            job(2),
            first(job(3), 5),
            job(4),
        ];
        let expected = [
            "l-000003 starts",
            "l-000002 starts",
            "l-000004 waits for a free place: 3 of 3 in use",
        ];
        assert_eq!(words(&jobs, 3, &[]), expected);
    }

    #[test]
    fn gpus_are_given_out_once_and_kept_for_whoever_waits_for_more() {
        let jobs = [
            running(with_gpus(job(1), 1), LONG_AGO, &["0"]),
            with_gpus(job(2), 2),
            with_gpus(job(3), 1),
            job(4),
        ];
        let expected = [
            "l-000002 waits for a GPU: needs 2, 1 of 2 free",
            "l-000003 waits for a GPU: needs 1, 1 of 2 free",
            "l-000004 starts",
        ];
        assert_eq!(words(&jobs, 8, &["0", "1"]), expected);
        let jobs = [with_gpus(job(1), 1), with_gpus(job(2), 2), job(3)];
        let expected = [
            "l-000001 starts on 4",
            "l-000002 waits for a GPU: needs 2, 1 of 2 free",
            "l-000003 starts",
        ];
        assert_eq!(words(&jobs, 8, &["4", "6"]), expected);
    }

    #[test]
    fn a_job_that_can_never_start_holds_up_nobody() {
        let jobs = [with_gpus(job(1), 3), with_gpus(job(2), 1)];
        let expected = [
            "l-000001 cannot start: asks for 3 GPUs, the pool has 1",
            "l-000002 starts on 0",
        ];
        assert_eq!(words(&jobs, 8, &["0"]), expected);
    }

    #[test]
    fn an_array_at_its_limit_is_passed_by() {
        let jobs = [
            running(task(1, 0), LONG_AGO, &[]),
            task(1, 2),
            task(1, 10),
            job(2),
        ];
        let limit = BTreeMap::from([(1, Array::limited(Some(2)))]);
        let expected = [
            "l-000001_2 starts",
            "l-000001_10 waits for others of its array: at most 2 at the same time",
            "l-000002 starts",
        ];
        assert_eq!(words_of(&jobs, &limit, 8, &[]), expected);
        let none = BTreeMap::from([(1, Array::limited(Some(0)))]);
        assert!(
            words_of(&jobs, &none, 8, &[])
                .iter()
                .all(|word| word.ends_with("starts"))
        );
    }

    /// How many of ten waiting jobs start beside `run` long-running ones with automatic places.
    #[rstest]
    #[case::two_processors(2, 0.0, 64 * 1024, 0, 2)]
    #[case::two_even_under_load(2, 7.5, 100, 0, 2)]
    #[case::one_of_two_runs(2, 2.0, 64 * 1024, 1, 1)]
    #[case::processors_limit(4, 0.0, 64 * 1024, 0, 4)]
    #[case::load_of_others_limits(8, 5.5, 64 * 1024, 2, 2)]
    #[case::jobs_are_not_counted_twice(8, 4.0, 64 * 1024, 4, 4)]
    #[case::never_more_than_eight(64, 0.0, 512 * 1024, 0, 8)]
    #[case::eight_run(64, 8.0, 512 * 1024, 8, 0)]
    #[case::memory_limits(64, 0.0, 5 * 1024, 4, 2)]
    #[case::no_memory(64, 0.0, 2047, 4, 0)]
    fn automatic_places(
        #[case] cpus: usize,
        #[case] load: f64,
        #[case] available_mib: u64,
        #[case] run: u64,
        #[case] expected: usize,
    ) {
        let mut jobs: Vec<Job> = (1..=run)
            .map(|batch| running(job(batch), LONG_AGO, &[]))
            .collect();
        jobs.extend((run + 1..=run + 10).map(job));
        let capacity = Capacity {
            slots: 0,
            gpus: &[],
            machine: machine(cpus, load, available_mib),
            now: NOW,
        };
        let turns = plan(jobs.iter(), &BTreeMap::new(), &capacity);
        let starts = turns
            .iter()
            .filter(|(_, turn)| matches!(turn, Turn::Start { .. }));
        assert_eq!(starts.count(), expected);
    }

    #[test]
    fn a_job_needs_the_processors_it_asks_for() {
        let mut big = job(3);
        big.resources.cpus = 4;
        let jobs = [
            running(job(1), LONG_AGO, &[]),
            running(job(2), LONG_AGO, &[]),
            big,
            job(4),
        ];
        let capacity = Capacity {
            slots: 0,
            gpus: &[],
            machine: machine(5, 2.0, 64 * 1024),
            now: NOW,
        };
        let turns = plan(jobs.iter(), &BTreeMap::new(), &capacity);
        let wait = Turn::Wait(Wait::Machine { running: 2 });
        // The smaller one behind it does not overtake, or the big one might never start.
        assert_eq!(
            turns.iter().map(|(_, turn)| turn).collect::<Vec<_>>(),
            [&wait, &wait]
        );
    }
}
