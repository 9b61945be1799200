//! Runs errands: posts commands, starts trainings, resolves settings, reads reports. One at a
//! time, off the drawing thread.
//!
//! Keeps a journal of everything that touched a job or a file. Start at [`Clerk::run`].

use crate::{
    launcher::Launcher,
    message::{Errand, Message, SettingsNews},
};
use backtest::report::Report;
use config::LoadRequest;
use domain::{Clock, Lang, Phrase};
use runs::{Home, Layout, Mailbox, RunDir, compare, trash};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, Sender},
    },
};

/// The clerk.
pub struct Clerk {
    /// Where the runs live.
    pub home: Home,
    /// Folder with `configs/`.
    pub project: PathBuf,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Language of problems.
    pub lang: Lang,
    /// Time stamps of commands.
    pub clock: Arc<dyn Clock>,
    /// Starts workers.
    pub launcher: Box<dyn Launcher>,
    /// Who is told.
    pub out: Sender<Message>,
}

impl std::fmt::Debug for Clerk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clerk")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

/// One line of the journal.
#[derive(Serialize)]
struct Entry<'a> {
    t: i64,
    by: &'a str,
    did: String,
    failed: Option<&'a str>,
}

impl Clerk {
    /// Runs errands until nobody has any more.
    pub fn run(mut self, errands: &Receiver<Errand>) {
        for errand in errands {
            let told = self.answer(errand).into_iter().chain([Message::Settled]);
            for message in told {
                if self.out.send(message).is_err() {
                    return;
                }
            }
        }
    }

    fn answer(&mut self, errand: Errand) -> Option<Message> {
        let did = described(&errand);
        let outcome = self.attempt(errand);
        let failed = outcome.as_ref().err().map(|says| says.en.clone());
        if let Some(did) = did {
            self.note(did, failed.as_deref());
        }
        Some(outcome.unwrap_or_else(Message::Failed))
    }

    fn attempt(&mut self, errand: Errand) -> Result<Message, Phrase> {
        match errand {
            Errand::Post { path, command } => {
                let mailbox = Mailbox::of(&Layout::new(path));
                let now = self.clock.now();
                let number = mailbox
                    .post(&command, self.user(), now)
                    .map_err(|e| said(&e))?;
                Ok(Message::Went(Phrase::new(
                    format!("command {number} posted: {command}; the answer comes in the events"),
                    format!("명령 {number} 보냄: {command}. 응답은 이벤트에 나타납니다"),
                )))
            }
            Errand::Remove { run, path } => {
                trash::remove(&self.home, &path, &*self.clock).map_err(|e| said(&e))?;
                Ok(Message::Removed(run))
            }
            Errand::Restore(run) => {
                trash::restore(&self.home, &run).map_err(|e| said(&e))?;
                Ok(Message::Went(Phrase::new(
                    format!("{run} is back"),
                    format!("{run}: 되살렸습니다"),
                )))
            }
            Errand::Train { experiment, sets } => {
                let started = self.launcher.train(experiment.as_deref(), &sets);
                started
                    .map(Message::Launched)
                    .map_err(|why| Phrase::new(why.clone(), why))
            }
            Errand::Resume(run) => {
                let resumed = self.launcher.resume(run.as_str());
                resumed.map_err(|why| Phrase::new(why.clone(), why))?;
                Ok(Message::Went(Phrase::new(
                    format!("{run} continues"),
                    format!("{run}: 이어서 학습합니다"),
                )))
            }
            Errand::Settings { experiment, sets } => {
                Ok(Message::Settings(Box::new(self.settings(experiment, sets))))
            }
            Errand::Report { run, path } => {
                let outcome = read_report(&path).map(Arc::new);
                Ok(Message::Report { run, outcome })
            }
            Errand::Compare(paths) => {
                let runs: Vec<RunDir> = paths
                    .iter()
                    .filter_map(|path| RunDir::open_path(path).ok())
                    .collect();
                let comparison = compare(&runs, &*self.clock);
                Ok(Message::Compared(Arc::new(comparison)))
            }
        }
    }

    fn settings(&self, experiment: Option<PathBuf>, sets: Vec<String>) -> SettingsNews {
        let dir = self.project.join("configs");
        let request = LoadRequest {
            dir: dir.clone(),
            experiment,
            env: self.env.clone(),
            sets,
            lang: self.lang,
        };
        SettingsNews {
            experiments: experiments(&dir),
            outcome: config::load(&request),
        }
    }

    fn user(&self) -> &str {
        self.env.get("USER").map_or("console", String::as_str)
    }

    /// Adds a line to the journal; a home that cannot be written has none.
    fn note(&self, did: String, failed: Option<&str>) {
        let entry = Entry {
            t: self.clock.now().0,
            by: self.user(),
            did,
            failed,
        };
        if let Ok(mut line) = serde_json::to_vec(&entry) {
            line.push(b'\n');
            let path = self.home.root().join("console.jsonl");
            let file = OpenOptions::new().create(true).append(true).open(path);
            let _ = file.and_then(|mut file| file.write_all(&line));
        }
    }
}

/// Words an errand for the journal; `None` for one that only looks.
fn described(errand: &Errand) -> Option<String> {
    let named = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    match errand {
        Errand::Post { path, command } => Some(format!("post {command} to {}", named(path))),
        Errand::Remove { run, .. } => Some(format!("remove {run}")),
        Errand::Restore(run) => Some(format!("restore {run}")),
        Errand::Train { experiment, sets } => {
            let experiment = experiment.as_deref().map(named).unwrap_or_default();
            Some(format!("train {experiment} {}", sets.join(" ")))
        }
        Errand::Resume(run) => Some(format!("resume {run}")),
        Errand::Settings { .. } | Errand::Report { .. } | Errand::Compare(_) => None,
    }
}

fn said(error: &runs::RunsError) -> Phrase {
    let hint = error.hint();
    Phrase::new(
        format!("{error}; {}", hint.en),
        format!("{error}. {}", hint.ko),
    )
}

/// Returns the experiment files of `dir`, sorted.
fn experiments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .filter(|path| path.file_name().is_some_and(|name| name != "default.toml"))
        .collect();
    found.sort();
    found
}

fn read_report(run: &Path) -> Result<Report, Phrase> {
    let path = Layout::new(run).report().join("report.json");
    let bytes = fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Phrase::new(
            "No report yet: it is written when the run has been judged on held-out time.",
            "아직 보고서가 없습니다. 남겨 둔 구간으로 판정이 끝나면 만들어집니다.",
        ),
        _ => Phrase::new(
            format!("{}: {error}", path.display()),
            format!("{}: {error}", path.display()),
        ),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Phrase::new(
            format!("the report is damaged or of another version: {error}; `makook evaluate` writes it again"),
            format!("보고서가 손상되었거나 다른 버전입니다: {error}. `makook evaluate`로 다시 만들 수 있습니다"),
        )
    })
}
