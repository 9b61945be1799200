//! The pool with real processes: a worker that is a shell script, a supervisor as a thread or,
//! where its own death matters, as a process.

mod faults;
mod identity;
mod life;
mod queue;

use super::{Pool, PoolSettings, job::Job, process, store::Store, supervise};
use crate::{End, JobId, JobSpec, JobView, Launcher, Phase, Resources, RunRef};
use domain::{Clock, StreamRng, SystemClock};
use runs::{Home, Kind, NewRun, RunDir};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Takes its run as a worker does, says what it got, then waits to be told its exit code through
/// a fifo. A line in `mode` makes it deaf to the end signal.
const WORKER: &str = r#"#!/bin/sh
dir=$2
segment=$(( $(ls "$dir/meta" | grep -c claim) + 1 ))
state() {
    echo "{\"state\":\"$1\",\"segment\":$segment}" > "$dir/status.new"
    mv "$dir/status.new" "$dir/status.json"
}
leave() {
    [ "$1" = 0 ] && echo '{}' > "$dir/done.new" && mv "$dir/done.new" "$dir/done.json"
    exit "$1"
}
trap 'echo usr1 >> "$dir/marks"' USR1
if [ -e "$dir/deaf" ]; then
    trap 'echo term >> "$dir/marks"' TERM
else
    trap 'echo term >> "$dir/marks"; state interrupted; exit 4' TERM
fi
echo '{}' > "$dir/meta/000$segment.claim.json"
[ -p "$dir/fifo" ] || mkfifo "$dir/fifo"
exec 3<> "$dir/fifo"
echo "said on stdout, in $PWD"
echo "$$ $MAKOOK_JOB gpus=${CUDA_VISIBLE_DEVICES-unset} extra=$EXTRA" >> "$dir/ready"
while :; do
    code=
    read -r code <&3
    [ -n "$code" ] && leave "$code"
done
"#;

pub(super) struct Place {
    _dir: tempfile::TempDir,
    home: Home,
    worker: PathBuf,
    project: PathBuf,
    pub settings: PoolSettings,
    pub clock: Arc<dyn Clock>,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = dir.path().join("내 프로젝트");
        fs::create_dir(&project).unwrap();
        let worker = dir.path().join("worker");
        fs::write(&worker, WORKER).unwrap();
        fs::set_permissions(&worker, fs::Permissions::from_mode(0o755)).unwrap();
        let home = Home::at(project.join("logs/runs"));
        let mut settings = PoolSettings::new(super::dir_of(&home, "test host"), "test host");
        settings.slots = 2;
        settings.linger = Duration::from_millis(200);
        Self {
            _dir: dir,
            home,
            worker,
            project,
            settings,
            clock: Arc::new(SystemClock::new()),
        }
    }

    pub fn run(&self, name: &str) -> RunRef {
        let new = NewRun {
            name,
            kind: Kind::Train,
            parent: None,
            settings: "",
            version: "0",
        };
        let seed = self.home.ids().unwrap().len() as u64;
        let mut rng = StreamRng::seeded(seed);
        let run = RunDir::create(&self.home, &new, &*self.clock, &mut rng).unwrap();
        RunRef {
            id: run.id().clone(),
            dir: run.path().to_owned(),
        }
    }

    pub fn spec(&self, runs: &[&RunRef]) -> JobSpec {
        JobSpec {
            runs: runs.iter().map(|run| (*run).clone()).collect(),
            worker: self.worker.clone(),
            project: self.project.clone(),
            env: BTreeMap::from([("EXTRA".to_owned(), "값 a b".to_owned())]),
            resources: Resources::default(),
            at_most: None,
            script: None,
        }
    }

    pub fn pool(&self) -> Pool {
        Pool::open(self.settings.clone(), Arc::clone(&self.clock))
    }

    pub fn submit(&self, run: &RunRef) -> JobId {
        let ids = self.pool().submit(&self.spec(&[run])).unwrap();
        assert_eq!(ids.len(), 1);
        ids.into_iter().next().unwrap()
    }

    /// Submits `run` with other resources.
    pub fn submit_with(&self, run: &RunRef, resources: Resources) -> JobId {
        let spec = JobSpec {
            resources,
            ..self.spec(&[run])
        };
        self.pool().submit(&spec).unwrap().remove(0)
    }

    pub fn supervisor(&self) -> Watch {
        let settings = self.settings.clone();
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let clock = SystemClock::new();
            let stop = || asked.load(Ordering::SeqCst);
            supervise(&settings, &clock, &stop, &|_| {}).unwrap()
        });
        Watch {
            stop,
            thread: Some(thread),
        }
    }

    pub fn store(&self) -> Store {
        Store::at(&self.settings.dir)
    }

    pub fn view(&self, id: &JobId) -> JobView {
        let poll = self.pool().poll().unwrap();
        assert_eq!(poll.problems, []);
        let found = poll.jobs.into_iter().find(|job| job.id == *id);
        found.unwrap_or_else(|| panic!("{id} is not listed"))
    }

    pub fn wait_for(&self, id: &JobId, phase: Phase) -> JobView {
        wait_until(&format!("{id} is {phase:?}"), || {
            self.view(id).phase == phase
        });
        self.view(id)
    }

    pub fn wait_end(&self, id: &JobId, end: End) -> JobView {
        wait_until(&format!("{id} ends"), || self.view(id).phase.is_over());
        let view = self.view(id);
        assert_eq!(view.phase, Phase::Ended { end }, "{view:?}");
        view
    }

    fn jobs(&self) -> Vec<Job> {
        let store = self.store();
        let numbers = store.begun().unwrap_or_default();
        let jobs = numbers
            .into_iter()
            .filter_map(|number| store.read_begun(number).ok()?);
        jobs.collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Its supervisor first, where that is a process; a thread has ended before.
        let card = fs::read(self.settings.dir.join("supervisor.json"));
        let owner = card.map(|bytes| serde_json::from_slice::<runs::Owner>(&bytes));
        if let Ok(Ok(owner)) = owner
            && owner.pid != std::process::id()
            && owner.life() == runs::owner::Life::Alive
        {
            kill(owner.pid);
        }
        for job in self.jobs() {
            if let Some(start) = job.live() {
                let _ = process::push(start, process::Push::Kill);
            }
        }
    }
}

/// A supervisor in this process.
pub(super) struct Watch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<super::Close>>,
}

impl Watch {
    /// Lets it end by itself.
    pub fn join(mut self) -> super::Close {
        self.thread.take().unwrap().join().unwrap()
    }

    pub fn stop(self) -> super::Close {
        self.stop.store(true, Ordering::SeqCst);
        self.join()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Returns the lines that the workers of `run` wrote into `file`.
pub(super) fn lines(run: &RunRef, file: &str) -> Vec<String> {
    let text = fs::read_to_string(run.dir.join(file)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Waits until `count` workers have been ready on `run`; returns the last one's process id.
pub(super) fn ready(run: &RunRef, count: usize) -> u32 {
    wait_until("the worker is ready", || lines(run, "ready").len() >= count);
    let lines = lines(run, "ready");
    assert_eq!(lines.len(), count);
    let pid = lines[count - 1].split(' ').next().unwrap();
    pid.parse().unwrap()
}

/// Lets the worker of `run` end with `code`.
pub(super) fn finish(run: &RunRef, code: i32) {
    let fifo = fs::OpenOptions::new()
        .write(true)
        .open(run.dir.join("fifo"));
    writeln!(fifo.unwrap(), "{code}").unwrap();
}

pub(super) fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

pub(super) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    // What is waited for happens in other processes: looking again is the only way to notice.
    for _ in 0..3_000 {
        if condition() {
            return;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    panic!("never happened: {what}");
}
