//! One start of a worker on a run: the only way to write into a run directory.
//!
//! [`Segment::begin`] makes sure that no other worker is on the run: by lock where the file system
//! has one, by the last owner's process or heartbeat, and by claiming the next segment's number by
//! link, which exactly one of two racing workers can do.

use crate::{
    Ack, Command, Event, Failure, Journals, Launch, Outcome, Owner, Received, RunDir, RunsError,
    State, Status, Success, Track,
    heartbeat::StatusWriter,
    inbox::Inbox,
    lock::{self, Flock, Lock},
    observe::{self, Observer, STALENESS, claimant, last_segment},
};
use domain::{Clock, Phrase, durable};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, io};

/// What has to be known to repeat a segment; `meta/<segment>.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// Revision of the source code, e.g. a commit.
    pub code_revision: String,
    /// BLAKE3 of the worker's binary, in hexadecimal.
    pub binary_hash: String,
    /// Where it computes, e.g. `cpu` or `cuda:0 NVIDIA …`.
    pub device: String,
    /// Threads it computes with.
    pub threads: usize,
    /// Hash of each data set, by name.
    pub data_hashes: BTreeMap<String, String>,
    /// Seeds it trains.
    pub seeds: Vec<u64>,
    /// Anything else worth keeping, e.g. library versions or the scheduler's job id.
    pub notes: BTreeMap<String, String>,
}

/// A worker's hold on a run. Dropping it without [`finish`](Self::finish) or
/// [`suspend`](Self::suspend) leaves a run that counts as crashed.
#[derive(Debug)]
pub struct Segment {
    run: RunDir,
    number: u32,
    owner: Owner,
    journals: Journals,
    status: StatusWriter,
    inbox: Inbox,
    described: Option<Provenance>,
    _lock: Lock,
}

impl Segment {
    /// Takes the run for this process. `resumed_from` is the training step of the checkpoint it
    /// continues from, `None` for a fresh start.
    ///
    /// A former failure is moved aside (`meta/<segment>.failed.json`): resuming means trying
    /// again.
    ///
    /// # Errors
    /// `AlreadyDone`; `Busy`, naming who holds the run; or the operating system's error.
    pub fn begin(
        run: &RunDir,
        resumed_from: Option<u64>,
        clock: &dyn Clock,
    ) -> Result<Self, RunsError> {
        Self::begin_under(run, resumed_from, clock, &Launch::default())
    }

    /// As [`begin`](Self::begin), started by a scheduler's job: the former start of the same job
    /// is known to be gone and is not waited for.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn begin_under(
        run: &RunDir,
        resumed_from: Option<u64>,
        clock: &dyn Clock,
        launch: &Launch,
    ) -> Result<Self, RunsError> {
        Self::begin_with(run, resumed_from, clock, launch, lock::system_flock)
    }

    pub(crate) fn begin_with(
        run: &RunDir,
        resumed_from: Option<u64>,
        clock: &dyn Clock,
        launch: &Launch,
        flock: Flock,
    ) -> Result<Self, RunsError> {
        let layout = run.layout();
        let lock = lock::acquire(&layout.lock(), flock)?;
        if layout.done().exists() {
            return Err(RunsError::AlreadyDone(run.id().to_string()));
        }
        let last = last_segment(layout);
        let former = last.and_then(|segment| claimant(layout, segment));
        let restarted = former
            .as_ref()
            .is_some_and(|former| launch.replaces(former));
        refuse_while_held(run, &lock, former.as_ref(), restarted, clock)?;
        let number = last.map_or(1, |segment| segment + 1);
        let owner = Owner {
            job: launch.job.clone(),
            restart: launch.restart,
            ..Owner::myself(clock.now())
        };
        claim(run, number, &owner)?;
        set_failure_aside(run, number)?;
        let former = Status::read(&layout.status())
            .ok()
            .flatten()
            .unwrap_or_default();
        let started = if former.started.0 == 0 {
            clock.now()
        } else {
            former.started
        };
        let status = StatusWriter::new(
            layout.status(),
            Status {
                state: State::Starting,
                segment: number,
                beat: 0,
                started,
                reason: None,
                phase: None,
                rate: 0.0,
                eta_seconds: None,
                ..former
            },
        );
        status.write_now(clock)?;
        let mut segment = Self {
            run: run.clone(),
            number,
            owner,
            journals: Journals::open(layout, number, resumed_from)?,
            status,
            inbox: Inbox::open(run, number, restarted, launch.overrules)?,
            described: None,
            _lock: lock,
        };
        let started = Event::SegmentStarted {
            segment: number,
            resumed_from,
        };
        segment.journals.event(clock.now(), resumed_from, started)?;
        Ok(segment)
    }

    /// Returns the number of this start, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the run.
    #[must_use]
    pub fn run(&self) -> &RunDir {
        &self.run
    }

    /// Returns the journals of the run as a whole.
    pub fn journals(&mut self) -> &mut Journals {
        &mut self.journals
    }

    /// Opens the journals of one seed in this segment, at most once each. `resumed_from` is the
    /// training step of the checkpoint that the seed continues from.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn seed(&self, seed: u64, resumed_from: Option<u64>) -> Result<Journals, RunsError> {
        Journals::open(
            &self.run.track(Track::Seed(seed)),
            self.number,
            resumed_from,
        )
    }

    /// Returns a handle on `status.json` that other threads may keep.
    #[must_use]
    pub fn status(&self) -> StatusWriter {
        self.status.clone()
    }

    /// Writes down, once, what has to be known to repeat this segment.
    ///
    /// # Errors
    /// The operating system's error; `AlreadyExists` the second time.
    pub fn describe(&mut self, provenance: Provenance) -> Result<(), RunsError> {
        let path = self.run.layout().meta(self.number);
        let bytes = self.meta(&provenance)?;
        durable::publish_once(&path, &bytes)
            .map_err(RunsError::io(path, "write the provenance"))?;
        self.described = Some(provenance);
        Ok(())
    }

    /// Adds the hash of a data set to what [`describe`](Self::describe) wrote, which came before
    /// the data was read; nothing where nothing was described.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn describe_data(&mut self, name: &str, hash: &str) -> Result<(), RunsError> {
        let Some(mut provenance) = self.described.take() else {
            return Ok(());
        };
        let hashes = &mut provenance.data_hashes;
        hashes.insert(name.to_owned(), hash.to_owned());
        let path = self.run.layout().meta(self.number);
        let bytes = self.meta(&provenance)?;
        self.described = Some(provenance);
        durable::replace(&path, &bytes).map_err(RunsError::io(path, "write the provenance"))
    }

    /// Returns the content of `meta/<segment>.json`.
    fn meta(&self, provenance: &Provenance) -> Result<Vec<u8>, RunsError> {
        #[derive(Serialize)]
        struct Meta<'a> {
            format: u32,
            run: &'a str,
            segment: u32,
            kind: crate::Kind,
            parent: Option<&'a crate::RunId>,
            owner: &'a Owner,
            #[serde(flatten)]
            provenance: &'a Provenance,
        }
        let manifest = self.run.manifest();
        let meta = Meta {
            format: crate::dir::FORMAT,
            run: manifest.id.as_str(),
            segment: self.number,
            kind: manifest.kind,
            parent: manifest.parent.as_ref(),
            owner: &self.owner,
            provenance,
        };
        serde_json::to_vec_pretty(&meta).map_err(|error| RunsError::bug(&error))
    }

    /// Returns number and content of the commands that came since the last call and await an
    /// answer, in order. Files that hold no command, and wishes from before this start that make
    /// no sense any more, are answered here and not returned.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn commands(&mut self, clock: &dyn Clock) -> Result<Vec<(u64, Command)>, RunsError> {
        let mut commands = Vec::new();
        for received in self.inbox.new_ones()? {
            let Received {
                number, command, ..
            } = received;
            match command {
                Err(why) => {
                    let reason = Phrase::new(&why, format!("명령 파일을 읽을 수 없음: {why}"));
                    self.refuse(number, "?", reason, clock)?;
                }
                Ok(command) if self.inbox.expired(number, &command) => {
                    let reason = Phrase::new(
                        "posted before this start of the worker",
                        "작업자가 다시 시작되기 전에 보낸 명령임",
                    );
                    self.refuse(number, &command.to_string(), reason, clock)?;
                }
                Ok(command) => commands.push((number, command)),
            }
        }
        Ok(commands)
    }

    /// Answers a command, once.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn acknowledge(
        &mut self,
        number: u64,
        command: &Command,
        ack: Ack,
        clock: &dyn Clock,
    ) -> Result<(), RunsError> {
        self.answer(number, command.to_string(), ack, clock)
    }

    /// Ends the run: writes what waits, then publishes the outcome, which decides.
    ///
    /// # Errors
    /// The operating system's error; the run then counts as crashed and can be resumed.
    pub fn finish(mut self, outcome: &Outcome, clock: &dyn Clock) -> Result<(), RunsError> {
        let (state, reason) = match outcome {
            Outcome::Done(Success { .. }) => (State::Done, None),
            Outcome::Failed(Failure { says, .. }) => (State::Failed, Some(says.clone())),
        };
        self.let_go(state, clock)?;
        outcome.publish(self.run.layout())?;
        self.leave(state, reason, clock)
    }

    /// Keeps the jobs `jobs` from taking the run up again by themselves.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn withdraw_from(&self, jobs: &[String], clock: &dyn Clock) -> Result<(), RunsError> {
        self.status.edit(|status| {
            status.withdrawn.extend_from_slice(jobs);
            status.withdrawn.sort_unstable();
            status.withdrawn.dedup();
        });
        self.status.write_now(clock)
    }

    /// Lets go of a run that can be resumed: `state` is `Interrupted` or `Preempted`.
    ///
    /// # Errors
    /// The operating system's error; the run then counts as crashed and can be resumed.
    pub fn suspend(
        mut self,
        state: State,
        reason: Phrase,
        clock: &dyn Clock,
    ) -> Result<(), RunsError> {
        debug_assert!(matches!(state, State::Interrupted | State::Preempted));
        self.let_go(state, clock)?;
        self.leave(state, Some(reason), clock)
    }

    fn let_go(&mut self, state: State, clock: &dyn Clock) -> Result<(), RunsError> {
        self.journals
            .event(clock.now(), None, Event::SegmentEnded { state })?;
        self.journals.flush()
    }

    fn leave(
        &self,
        state: State,
        reason: Option<Phrase>,
        clock: &dyn Clock,
    ) -> Result<(), RunsError> {
        self.status.close(clock, |status| {
            status.state = state;
            status.reason = reason;
            status.eta_seconds = None;
        })
    }

    fn refuse(
        &mut self,
        number: u64,
        command: &str,
        reason: Phrase,
        clock: &dyn Clock,
    ) -> Result<(), RunsError> {
        self.answer(number, command.to_owned(), Ack::Refused { reason }, clock)
    }

    fn answer(
        &mut self,
        number: u64,
        command: String,
        ack: Ack,
        clock: &dyn Clock,
    ) -> Result<(), RunsError> {
        let event = Event::CommandAcknowledged {
            number,
            command,
            ack,
        };
        self.journals.event(clock.now(), None, event)
    }
}

fn refuse_while_held(
    run: &RunDir,
    lock: &Lock,
    former: Option<&Owner>,
    restarted: bool,
    clock: &dyn Clock,
) -> Result<(), RunsError> {
    let held_by = |retry_after| {
        let holder = former.map_or_else(
            || domain::phrase!("another process", "다른 프로세스"),
            Owner::says,
        );
        RunsError::Busy {
            run: run.id().to_string(),
            holder,
            retry_after,
        }
    };
    if matches!(lock, Lock::Taken) {
        return Err(held_by(std::time::Duration::ZERO));
    }
    let seen = Observer::new(STALENESS).observe(run.path(), clock);
    if restarted {
        return Ok(());
    }
    if let Some(left) = observe::beats_elsewhere(&seen, run.layout()) {
        return Err(held_by(left));
    }
    let elsewhere = observe::is_elsewhere(&seen);
    if !seen.state.is_active() {
        return Ok(());
    }
    match lock {
        // The lock reaches every process of this machine; only another machine may be beyond it.
        Lock::Held { .. } if !elsewhere => Ok(()),
        _ if elsewhere => Err(held_by(STALENESS.saturating_sub(seen.silent))),
        _ => Err(held_by(std::time::Duration::ZERO)),
    }
}

pub(crate) fn claim(run: &RunDir, segment: u32, owner: &Owner) -> Result<(), RunsError> {
    let path = run.layout().claim(segment);
    if let Some(meta) = path.parent() {
        fs::create_dir_all(meta).map_err(RunsError::io(meta, "claim the run"))?;
    }
    let bytes = serde_json::to_vec(owner).map_err(|error| RunsError::bug(&error))?;
    match durable::publish_once(&path, &bytes) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(RunsError::Busy {
            run: run.id().to_string(),
            holder: domain::phrase!(
                "another worker that started at the same moment",
                "같은 순간에 시작한 다른 작업자"
            ),
            retry_after: std::time::Duration::ZERO,
        }),
        Err(error) => Err(RunsError::io(path, "claim the run")(error)),
    }
}

fn set_failure_aside(run: &RunDir, segment: u32) -> Result<(), RunsError> {
    let layout = run.layout();
    match fs::rename(
        layout.failed(),
        layout.past_failure(segment.saturating_sub(1)),
    ) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(RunsError::io(layout.failed(), "set the failure aside")(
            error,
        )),
    }
}
