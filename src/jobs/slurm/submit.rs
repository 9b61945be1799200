//! Sends runs: looks for a live job first, asks whether it would be taken, then sends, and leaves
//! nothing behind when it fails half-way.

use super::{
    Slurm,
    call::{PATIENCE, refused},
    pace::ACTED,
    script, watch,
};
use crate::{JobId, JobRecord, JobSpec, JobView, JobsError, Phase, Preview, RunRef};
use domain::{durable, lock::LockedFile, phrase};
use runs::RunId;
use std::{collections::BTreeMap, fs, path::Path, time::Duration};

/// One submission goes on at a time, by all of the user's processes.
const LOCK: &str = "submit.lock";

/// Where the script of a run's submission is kept.
const SCRIPT: &str = "launch.sbatch";

/// So often it is looked whether a former job has ended: over somewhat longer than sites usually
/// give a job to end.
const LOOKS: usize = 12;

impl Slurm {
    /// Returns what [`send`](Self::send) would use for all runs of `spec`.
    pub(super) fn would_send(&self, spec: &JobSpec) -> Result<Preview, JobsError> {
        let first = first(&spec.runs)?;
        Ok(Preview {
            command: command(spec, &spec.runs, &first.dir, None),
            script: Some(self.script(spec, &spec.runs)?),
        })
    }

    /// Returns the script: the edited one, or the generated one.
    pub(super) fn script(&self, spec: &JobSpec, runs: &[RunRef]) -> Result<String, JobsError> {
        match &spec.script {
            Some(edited) => {
                script::look_at(edited, &spec.worker)?;
                Ok(edited.clone())
            }
            None => script::generate(spec, runs, &self.defaults()),
        }
    }

    /// Sends those runs of `spec` that no live job works on, and returns the jobs of all.
    pub(super) fn send(&mut self, spec: &JobSpec) -> Result<Vec<JobId>, JobsError> {
        // Whatever is wrong with the words is found before anything is asked.
        self.would_send(spec)?;
        for run in &spec.runs {
            self.dirs.insert(run.id.clone(), run.dir.clone());
        }
        let _lock = self.lock_when_settled(spec)?;
        let mut jobs: BTreeMap<RunId, Vec<JobId>> = BTreeMap::new();
        let mut missing = Vec::new();
        for run in &spec.runs {
            let live = self.live_jobs_of(&run.id);
            if live.is_empty() {
                missing.push(run.clone());
            } else {
                let ids = self.adopt(spec, run, live)?;
                jobs.insert(run.id.clone(), ids);
            }
        }
        if !missing.is_empty() {
            let sent = self.send_new(spec, &missing)?;
            jobs.extend(missing.iter().map(|run| run.id.clone()).zip(sent));
        }
        self.acted();
        Ok(spec
            .runs
            .iter()
            .filter_map(|run| jobs.get(&run.id)?.first().cloned())
            .collect())
    }

    /// Takes the lock of submissions with a fresh list, once no job of these runs is just ending:
    /// taken for a live one, its run would never start. Others may submit while it waits.
    fn lock_when_settled(&mut self, spec: &JobSpec) -> Result<Option<LockedFile>, JobsError> {
        let mut looks = 0;
        loop {
            // Two submissions, each with the scheduler's patience for three calls.
            let lock = self.shelf.wait(LOCK, PATIENCE * 6)?;
            self.refresh_now()?;
            let Some(id) = self.ending(spec) else {
                return Ok(lock);
            };
            drop(lock);
            looks += 1;
            if looks == LOOKS {
                return Err(JobsError::Changing {
                    what: phrase!(
                        "the run's former job {id} is still ending",
                        "이 실행의 이전 작업 {id}이(가) 아직 끝나는 중입니다"
                    ),
                });
            }
            std::thread::sleep(ACTED);
        }
    }

    /// Returns a job that ends, of a run of `spec` that has no other.
    fn ending(&self, spec: &JobSpec) -> Option<JobId> {
        spec.runs.iter().find_map(|run| {
            let of_run = |job: &&JobView| job.run.as_ref() == Some(&run.id);
            let of_run = self.jobs().iter().filter(of_run);
            let mut live = of_run.filter(|job| !job.phase.is_over()).peekable();
            let last = live.peek()?.id.clone();
            live.all(|job| job.phase == Phase::Stopping).then_some(last)
        })
    }

    /// Returns the jobs that wait for or work on `run`, the oldest first.
    pub(super) fn live_jobs_of(&self, run: &RunId) -> Vec<JobId> {
        let of_run = |job: &&JobView| job.run.as_ref() == Some(run) && !job.phase.is_over();
        let live = self.jobs().iter().filter(of_run);
        live.map(|job| job.id.clone()).collect()
    }

    /// Takes over live jobs that were found: a record is written if a kill prevented that, and
    /// the rest of a chain is sent if it stopped half-way.
    fn adopt(
        &mut self,
        spec: &JobSpec,
        run: &RunRef,
        mut live: Vec<JobId>,
    ) -> Result<Vec<JobId>, JobsError> {
        if let Some(record) = JobRecord::read(&run.dir)?
            && live.iter().all(|id| record.ids.contains(id))
        {
            return Ok(live);
        }
        let links = links(spec);
        let single = live.iter().all(|id| !id.as_str().contains('_'));
        if single && live.len() < links && spec.runs.len() == 1 {
            let last = live.last().cloned();
            let runs = [run.clone()];
            let more = self.chain(spec, &runs, links - live.len(), last)?;
            self.announce(views(spec, &runs, &more));
            live.extend(more.into_iter().map(JobId::new));
        }
        let letters = JobRecord::letters_in(&run.dir);
        self.record(spec, run, live.clone(), &run.dir, letters)?;
        Ok(live)
    }

    /// Sends `runs`, for which no job exists, and returns the jobs of each.
    fn send_new(&mut self, spec: &JobSpec, runs: &[RunRef]) -> Result<Vec<Vec<JobId>>, JobsError> {
        let dir = &first(runs)?.dir;
        let script = self.script(spec, runs)?;
        for run in runs {
            let logs = run.dir.join("log");
            fs::create_dir_all(&logs).map_err(JobsError::io(logs, "make room for the log"))?;
        }
        let path = dir.join(SCRIPT);
        durable::replace(&path, script.as_bytes())
            .map_err(JobsError::io(&path, "keep the job script"))?;
        if runs.len() > 1 {
            let ids: Vec<RunId> = runs.iter().map(|run| run.id.clone()).collect();
            watch::write_array(dir, &ids)?;
        }
        match self.would_be_taken(spec, runs, &script) {
            Err(error) if !may_only_wait(&error) => return Err(error),
            _ => {}
        }
        let letters: Vec<u64> = runs
            .iter()
            .map(|run| JobRecord::letters_in(&run.dir))
            .collect();
        let links = self.chain(spec, runs, links(spec), None)?;
        let jobs: Vec<Vec<JobId>> = (0..runs.len())
            .map(|task| links.iter().map(|link| id_of(link, task, runs)).collect())
            .collect();
        for ((run, ids), letters) in runs.iter().zip(&jobs).zip(letters) {
            if let Err(error) = self.record(spec, run, ids.clone(), dir, letters) {
                // A disk that cannot hold the record cannot hold the run either.
                self.withdraw(&links);
                return Err(error);
            }
        }
        self.announce(views(spec, runs, &links));
        Ok(jobs)
    }

    /// Asks whether the script would be taken, without sending it.
    pub(super) fn would_be_taken(
        &self,
        spec: &JobSpec,
        runs: &[RunRef],
        script: &str,
    ) -> Result<(), JobsError> {
        let comment = comment_option(spec, runs);
        let args: Vec<&str> = ["--test-only"]
            .into_iter()
            .chain(comment.as_deref())
            .collect();
        let said = self.programs.call("sbatch", &args, Some(script))?;
        if said.well {
            Ok(())
        } else {
            Err(refused("sbatch", &said))
        }
    }

    /// Sends `count` links that wait for each other, the first for `previous`. Returns their
    /// numbers; when one is refused, the earlier ones are withdrawn.
    fn chain(
        &mut self,
        spec: &JobSpec,
        runs: &[RunRef],
        count: usize,
        mut previous: Option<JobId>,
    ) -> Result<Vec<String>, JobsError> {
        let mut sent: Vec<String> = Vec::new();
        for _ in 0..count {
            match self.send_one(spec, runs, previous.as_ref(), &sent) {
                Ok(number) => {
                    previous = Some(JobId::new(number.clone()));
                    sent.push(number);
                }
                Err(error) => {
                    self.withdraw(&sent);
                    return Err(error);
                }
            }
        }
        Ok(sent)
    }

    fn send_one(
        &mut self,
        spec: &JobSpec,
        runs: &[RunRef],
        previous: Option<&JobId>,
        sent: &[String],
    ) -> Result<String, JobsError> {
        let dir = &first(runs)?.dir;
        let command = command(spec, runs, dir, previous);
        let args: Vec<&str> = command.iter().skip(1).map(String::as_str).collect();
        let before: Vec<JobId> = self.live_jobs_of(&first(runs)?.id);
        let said = match self.programs.call("sbatch", &args, None) {
            Ok(said) => said,
            Err(silent @ JobsError::Silent { .. }) => {
                // The answer got lost, perhaps not the job.
                return self.find_lost(runs, &before, sent).ok_or(silent);
            }
            Err(error) => return Err(error),
        };
        if !said.well {
            return Err(refused("sbatch", &said));
        }
        number(&said.out).ok_or_else(|| JobsError::Refused {
            what: {
                let words = said.out.trim();
                phrase!(
                    "sbatch gave no job number but `{words}`",
                    "sbatch가 작업 번호 대신 `{words}`을(를) 돌려주었습니다"
                )
            },
        })
    }

    fn find_lost(&mut self, runs: &[RunRef], before: &[JobId], sent: &[String]) -> Option<String> {
        self.refresh_now().ok()?;
        let found = self.live_jobs_of(&runs.first()?.id);
        let new = found.into_iter().find(|id| {
            !before.contains(id) && !sent.iter().any(|number| array_of(id) == number.as_str())
        })?;
        Some(array_of(&new).to_owned())
    }

    /// Cancels jobs of which nobody knows yet. Failing that, they stand in the queue and the next
    /// submission of the run finds them.
    fn withdraw(&self, numbers: &[String]) {
        for number in numbers.iter().rev().filter(|number| !number.is_empty()) {
            let _ = self.programs.call("scancel", &[number], None);
        }
    }

    fn record(
        &self,
        spec: &JobSpec,
        run: &RunRef,
        ids: Vec<JobId>,
        dir: &Path,
        letters: u64,
    ) -> Result<(), JobsError> {
        JobRecord {
            profile: self.profile.name.clone(),
            ids,
            submitted: self.clock.now(),
            command: command(spec, std::slice::from_ref(run), dir, None),
            resources: spec.resources.clone(),
            letters,
        }
        .write(&run.dir)
    }
}

fn first(runs: &[RunRef]) -> Result<&RunRef, JobsError> {
    runs.first().ok_or_else(|| JobsError::Refused {
        what: phrase!("there is no run to submit", "보낼 실행이 없습니다"),
    })
}

fn links(spec: &JobSpec) -> usize {
    usize::try_from(spec.resources.chain.max(1)).unwrap_or(1)
}

/// Returns the command that sends the script in `dir`.
fn command(spec: &JobSpec, runs: &[RunRef], dir: &Path, previous: Option<&JobId>) -> Vec<String> {
    let mut command = vec!["sbatch".to_owned(), "--parsable".to_owned()];
    if let Some(previous) = previous {
        command.push(format!("--dependency=afterany:{previous}"));
    }
    command.extend(comment_option(spec, runs));
    command.push(dir.join(SCRIPT).display().to_string());
    command
}

/// An edited script may have lost the comment by which its job is found again.
fn comment_option(spec: &JobSpec, runs: &[RunRef]) -> Option<String> {
    let edited = spec.script.is_some();
    edited.then(|| format!("--comment={}", script::comment(runs)))
}

/// Reads `259` or `259;cluster`; warnings may stand before it.
fn number(said: &str) -> Option<String> {
    let number = said.trim().lines().last()?.split(';').next()?.trim();
    let fits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| number.to_owned())
}

fn id_of(link: &str, task: usize, runs: &[RunRef]) -> JobId {
    if runs.len() > 1 {
        JobId::new(format!("{link}_{task}"))
    } else {
        JobId::new(link)
    }
}

/// Returns the number of the array that a task belongs to, or of the job itself.
pub(super) fn array_of(id: &JobId) -> &str {
    let id = id.as_str();
    id.split_once('_').map_or(id, |(array, _)| array)
}

/// Returns the jobs as they stand right after they were sent.
fn views(spec: &JobSpec, runs: &[RunRef], links: &[String]) -> Vec<JobView> {
    let resources = &spec.resources;
    let name = runs
        .first()
        .map_or_else(String::new, |run| script::job_name(&run.id));
    links
        .iter()
        .flat_map(|link| {
            let name = name.clone();
            runs.iter().enumerate().map(move |(task, run)| JobView {
                id: id_of(link, task, runs),
                run: Some(run.id.clone()),
                name: name.clone(),
                phase: Phase::Queued,
                reason: None,
                raw_reason: None,
                node: None,
                queue: resources.partition.clone().unwrap_or_default(),
                starts: None,
                elapsed: Duration::ZERO,
                limit: resources.time_limit(),
                restarts: 0,
                position: None,
                gpus: resources.gpus,
                cpus: resources.cpus,
            })
        })
        .collect()
}

/// Returns whether a refused trial may mean no more than a wait. A trial knows of no waiting: what
/// a maintenance ahead only delays it refuses in the words for what no node could ever run, and
/// those the submission repeats where they are meant.
pub(super) fn may_only_wait(error: &JobsError) -> bool {
    let words = "node configuration is not available";
    matches!(error, JobsError::Refused { .. }) && error.to_string().contains(words)
}
