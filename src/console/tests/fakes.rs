//! Backends and jobs that the tests stand on: files that are real, schedulers that are not.

use crate::{
    clerk,
    hands::{Destination, Foreman, Hands, Order, Tell},
    importing::{ImportNews, ImportOrder, Imported, Stage},
    log_news::{LogNews, LogPlace},
    saving::{Exchange, Saving},
};
use config::Draft;
use domain::{Clock, ManualClock, Nanos, Phrase};
use jobs::{
    Badge, End, JobId, JobRecord, JobRow, JobView, Listing, Phase, Preview, Resources, Signal,
};
use logbook::{Level, Line, Window};
use runs::{Command, Home, Layout, Mailbox, RunId, State, trash};
use std::{path::Path, sync::mpsc, time::Duration};

/// Touches real run directories.
pub struct Files(pub Home);

impl Files {
    fn clock() -> ManualClock {
        ManualClock::at(Nanos(5))
    }
}

fn said(error: &runs::RunsError) -> Phrase {
    Phrase::new(error.to_string(), error.to_string())
}

impl Hands for Files {
    fn post(&mut self, run: &Path, command: &Command) -> Result<u64, Phrase> {
        let mailbox = Mailbox::of(&Layout::new(run));
        let posted = mailbox.post(command, "console", Self::clock().now());
        posted.map_err(|error| said(&error))
    }

    fn remove(&mut self, _: &RunId, path: &Path) -> Result<(), Phrase> {
        let removed = trash::remove(&self.0, path, &Self::clock());
        removed.map(|_| ()).map_err(|error| said(&error))
    }

    fn save(&mut self, _: &Saving, draft: &Draft) -> Result<(), Phrase> {
        let written = draft.clone().write();
        written.map(drop).map_err(|problems| clerk::said(&problems))
    }

    fn exchange(&mut self, exchange: &Exchange) -> Result<(), Phrase> {
        exchange.make()
    }

    fn restore(&mut self, run: &RunId) -> Result<(), Phrase> {
        let restored = trash::restore(&self.0, run);
        restored.map(|_| ()).map_err(|error| said(&error))
    }

    fn import(&mut self, order: &ImportOrder, tell: Tell) -> Result<(), Phrase> {
        if order.name == CLOSED {
            return Err(refusal());
        }
        tell(ImportNews::At(Stage::Reading, 50));
        tell(ImportNews::Ended(Ok(Imported {
            name: order.name.clone(),
            bars: 5,
            gaps: 0,
            warnings: 0,
        })));
        Ok(())
    }
}

/// Answers as told; a call to `list` waits for the next listing, as a silent scheduler would.
pub struct Puppet {
    /// Told when a call to `list` begins.
    pub asked: mpsc::Sender<()>,
    /// What `list` answers.
    pub answers: mpsc::Receiver<Result<Listing, Phrase>>,
}

/// Refuses an order for this place and a signal for this job.
pub const CLOSED: &str = "closed";

fn refusal() -> Phrase {
    Phrase::new("invalid account", "잘못된 계정")
}

impl Foreman for Puppet {
    fn list(&mut self) -> Result<Listing, Phrase> {
        let _ = self.asked.send(());
        self.answers
            .recv()
            .unwrap_or_else(|_| Ok(Listing::default()))
    }

    fn destinations(&mut self) -> Vec<Destination> {
        destinations()
    }

    fn preview(&mut self, _: &Order) -> Result<Preview, Phrase> {
        Ok(preview())
    }

    fn train(&mut self, order: &Order) -> Result<Vec<RunId>, Phrase> {
        match order.on.as_deref() {
            Some(CLOSED) => Err(refusal()),
            _ => Ok(vec!["20240131-235959-x-1a2b".parse().unwrap()]),
        }
    }

    fn resume(&mut self, _: &RunId) -> Result<(), Phrase> {
        Ok(())
    }

    fn signal(&mut self, _: &str, job: &JobId, _: Signal) -> Result<(), Phrase> {
        match job.as_str() {
            CLOSED => Err(refusal()),
            _ => Ok(()),
        }
    }

    fn throttle(&mut self, _: &str, _: &JobId, _: u32) -> Result<(), Phrase> {
        Ok(())
    }
}

/// A pool and a cluster.
pub fn destinations() -> Vec<Destination> {
    vec![
        Destination {
            profile: "local".into(),
            about: Phrase::new("this machine, 2 slots", "이 컴퓨터, 자리 2개"),
        },
        Destination {
            profile: "klone".into(),
            about: Phrase::new(
                "Slurm; interrupted jobs wait again by themselves",
                "Slurm. 중단된 작업은 저절로 다시 대기합니다",
            ),
        },
    ]
}

/// What would be sent to a cluster: a script longer than a small screen.
pub fn preview() -> Preview {
    let mut script = "#!/bin/bash\n#SBATCH --job-name='첫 실험'\n#SBATCH --requeue\n".to_owned();
    for n in 0..20 {
        script.push_str(&format!("# line {n}\n"));
    }
    script.push_str("exec /opt/makook/makook-worker run '/gscratch/stf/netid/runs/one'\n");
    let command = [
        "sbatch",
        "--parsable",
        "/gscratch/stf/my runs/launch.sbatch",
    ];
    Preview {
        command: command.map(str::to_owned).to_vec(),
        script: Some(script),
    }
}

/// How a run was sent.
pub fn record() -> JobRecord {
    JobRecord {
        profile: "klone".into(),
        ids: vec![JobId::new("259_3")],
        submitted: Nanos(1),
        command: preview().command,
        resources: Resources::default(),
        letters: 0,
    }
}

/// A job of a cluster that runs.
pub fn job(id: &str, run: Option<&RunId>, title: &str) -> JobRow {
    JobRow {
        profile: "klone".into(),
        view: JobView {
            id: JobId::new(id),
            run: run.cloned(),
            name: title.into(),
            phase: Phase::Running,
            reason: None,
            raw_reason: None,
            node: Some("g3001".into()),
            queue: "ckpt-all".into(),
            starts: Some(Nanos(1)),
            elapsed: Duration::from_secs(4_385),
            limit: Some(Duration::from_secs(8 * 3_600)),
            restarts: 0,
            position: None,
            gpus: 1,
            cpus: 8,
        },
        title: title.into(),
        state: Some(State::Running),
        progress: Some(0.7),
        eta_seconds: Some(5_025.0),
        badges: Vec::new(),
    }
}

fn with(mut row: JobRow, change: impl FnOnce(&mut JobRow)) -> JobRow {
    change(&mut row);
    row
}

/// One job of every kind; the first works on `run`.
pub fn queue(run: Option<&RunId>) -> Vec<JobRow> {
    let waits = |row: &mut JobRow, phase| {
        row.view.phase = phase;
        (row.view.node, row.view.elapsed, row.view.gpus) = (None, Duration::ZERO, 0);
        (row.state, row.progress, row.eta_seconds) = (Some(State::Queued), Some(0.0), None);
        row.view.starts = None;
    };
    let starts_at = Nanos::from_millis(1_706_745_599_000 + 7_200_000);
    let over = |row: &mut JobRow, end| {
        row.view.phase = Phase::Ended { end };
        (row.view.gpus, row.eta_seconds) = (0, None);
    };
    vec![
        with(job("259_3", run, "ppo btc"), |row| {
            row.view.restarts = 3;
            row.badges = vec![Badge::Stalled, Badge::Restarted];
        }),
        job("259_4", None, "비트코인 한 시간봉 두 번째 실험"),
        with(job("l-000012", None, "local one"), |row| {
            row.profile = "local".into();
            row.view.queue = "local".into();
            (row.view.node, row.view.gpus, row.view.limit) = (Some("node".into()), 0, None);
            row.badges = vec![Badge::NoStep];
        }),
        with(job("259_5", None, "ppo btc 5"), |row| {
            let until = Some(starts_at);
            waits(row, Phase::Requeued { until });
            row.view.restarts = 1;
            row.view.reason = Some(Phrase::new(
                "interrupted, goes back to the queue",
                "중단되어 다시 대기합니다",
            ));
            row.view.raw_reason = Some("BeginTime".into());
        }),
        with(job("260", None, "big net"), |row| {
            waits(row, Phase::Queued);
            row.view.starts = Some(starts_at);
            row.view.reason = Some(Phrase::new(
                "your limit of jobs at the same time is reached",
                "동시에 돌릴 수 있는 작업 수를 다 썼습니다",
            ));
            row.view.raw_reason = Some("QOSMaxJobsPerUserLimit".into());
        }),
        with(job("l-000013", None, "local two"), |row| {
            waits(row, Phase::Queued);
            (row.profile, row.view.queue) = ("local".into(), "local".into());
            (row.view.position, row.view.limit) = (Some(1), None);
        }),
        with(job("250", None, "crashed one"), |row| {
            over(row, End::OutOfMemory);
            (row.state, row.progress) = (Some(State::Crashed), Some(0.35));
            row.badges = vec![Badge::Died];
        }),
        with(job("249", None, "done one"), |row| {
            over(row, End::Completed);
            (row.state, row.progress) = (Some(State::Done), Some(1.0));
        }),
        with(job("248", None, "cancelled one"), |row| {
            over(row, End::Cancelled);
            (row.state, row.progress) = (Some(State::Interrupted), Some(0.2));
        }),
    ]
}

/// A page of the chosen run's log, followed.
pub fn log_page(state: &crate::State) -> LogNews {
    let line = |at, level, text: &str| Line {
        at,
        level,
        text: text.into(),
        ..Line::default()
    };
    let mut lines = vec![
        line(0, Level::Info, "2024-01-31T23:58:01Z  INFO data: importing"),
        line(
            48,
            Level::Warning,
            "2024-01-31T23:58:02Z  WARN data: 3 gaps repaired",
        ),
        line(
            98,
            Level::Error,
            "2024-01-31T23:59:07Z ERROR train: 학습 중단",
        ),
        line(150, Level::Info, "[12, 12, 12, 12, 12, 12, 12, 12, 12]"),
    ];
    lines[3].hidden = 900 << 10;
    let path = state.run().unwrap().path.clone();
    LogNews {
        place: Some(LogPlace::Run { path, file: None }),
        name: "0001.log".into(),
        window: Window {
            lines,
            cursor: Some(3),
            follows: true,
            number: Some(4),
            count: Some(4),
            length: 922_000,
            ..Window::default()
        },
        sign: 7,
        counted: 922_000,
        ..LogNews::default()
    }
}
