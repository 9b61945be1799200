//! Runs errands on files: posts commands, resolves settings, reads reports. One at a time, off the
//! drawing thread; what may wait for a scheduler is the foreman's.
//!
//! Start at [`Clerk::run`].

use crate::{
    against::Values,
    awaiting::Posted,
    calibration, clipboard, data_sets,
    diary::{self, Diary},
    exporting::{self, ChartExport},
    hands::{Hands, Line},
    importing::ImportNews,
    message::{Errand, Message, SettingsNews},
    model_list::ModelNews,
    side_by_side::SideBySide,
};
use backtest::report::Report;
use config::{LoadRequest, Resolved};
use domain::{Clock, Lang, Phrase, Problems, Severity, phrase};
use runs::{
    Home, Layout, RunDir, RunId, RunsError, model_export, models, passport::DataOrigin, promotion,
};
use std::{
    collections::BTreeMap,
    fs, io,
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
    /// How old what is compared is.
    pub clock: Arc<dyn Clock>,
    /// Touches run directories.
    pub hands: Box<dyn Hands>,
    /// The line to the host whose runs these are.
    pub line: Option<Arc<dyn Line>>,
    /// Where it is written down what was done.
    pub diary: Diary,
    /// What is settled about the data of runs.
    pub origins: BTreeMap<RunId, DataOrigin>,
    /// Who is told.
    pub out: Sender<Message>,
}

impl std::fmt::Debug for Clerk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clerk")
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
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
            self.diary.note(&did, failed.as_deref());
        }
        Some(outcome.unwrap_or_else(Message::Failed))
    }

    fn attempt(&mut self, errand: Errand) -> Result<Message, Phrase> {
        match errand {
            Errand::Post { path, command } => {
                let number = self.hands.post(&path, &command)?;
                if let Ok(run) = named(&path).parse() {
                    let command = command.to_string();
                    return Ok(Message::Posted(Posted {
                        run,
                        number,
                        command,
                    }));
                }
                Ok(Message::Went(Phrase::new(
                    format!("command {number} posted: {command}; the answer comes in the events"),
                    format!("명령 {number} 보냄: {command}. 응답은 이벤트에 나타납니다"),
                )))
            }
            Errand::Remove { run, path } => {
                self.hands.remove(&run, &path)?;
                Ok(Message::Removed(run))
            }
            Errand::Restore(run) => {
                self.hands.restore(&run)?;
                Ok(Message::Went(Phrase::new(
                    format!("{run} is back"),
                    format!("{run}: 되살렸습니다"),
                )))
            }
            Errand::Reconnect => {
                if let Some(line) = &self.line {
                    line.reconnect()?;
                }
                Ok(Message::Went(Phrase::new(
                    "the line stands again",
                    "다시 연결되었습니다",
                )))
            }
            Errand::Settings {
                experiment, sets, ..
            } => Ok(Message::Settings(Box::new(self.settings(experiment, sets)))),
            Errand::RunSettings { run, path, wanted } => {
                let outcome = run_settings(&path);
                Ok(Message::RunSettings {
                    run,
                    wanted,
                    outcome,
                })
            }
            Errand::Draft(saving) => {
                let outcome = saving.draft(&self.request()).map(Box::new);
                Ok(Message::Drafted { saving, outcome })
            }
            Errand::PromoteSettings(promotion) => {
                let values = run_settings(&promotion.path)?;
                let request = self.request();
                let saving = promotion.saving(&request, &values);
                let saving = saving.map_err(|problems| said(&problems))?;
                let outcome = saving.draft(&request).map(Box::new);
                Ok(Message::Drafted { saving, outcome })
            }
            Errand::Save { saving, draft } => {
                self.hands.save(&saving, &draft)?;
                Ok(Message::Saved { saving, draft })
            }
            Errand::Exchange(exchange) => {
                self.hands.exchange(&exchange)?;
                let file = named(&exchange.file);
                Ok(Message::Went(match exchange.to {
                    Some(_) => phrase!(
                        "{file} holds its other text again",
                        "{file} 파일의 내용을 되돌렸습니다"
                    ),
                    None => phrase!("{file} is gone again", "{file} 파일을 다시 지웠습니다"),
                }))
            }
            Errand::Report { run, path } => {
                let outcome = read_report(&path).map(Arc::new);
                let sheets = RunDir::open_path(&path)
                    .and_then(|dir| report::sheet::read(&dir, outcome.as_ref().ok()))
                    .unwrap_or_default();
                Ok(Message::Report {
                    run,
                    outcome,
                    sheets: Arc::new(sheets),
                })
            }
            Errand::Script { run, path } => {
                let outcome = read_script(&path);
                Ok(Message::Script { run, outcome })
            }
            Errand::Sift(question) => {
                let picked = question.answer();
                Ok(Message::Sifted { question, picked })
            }
            Errand::Calibration(dir) => Ok(Message::Calibrated(calibration::newest(&dir))),
            Errand::Compare(paths) => {
                let runs: Vec<RunDir> = paths
                    .iter()
                    .filter_map(|path| RunDir::open_path(path).ok())
                    .collect();
                let read = SideBySide::read(&runs, &*self.clock);
                Ok(Message::Compared(Arc::new(read)))
            }
            Errand::KeepCopy { what, text } => {
                let file = clipboard::path(Home::locate(&self.project, &self.env).root());
                let bytes = text.len();
                let outcome = clipboard::keep(&file, &text);
                let shown = file.display();
                let outcome = outcome.map_err(|error| Phrase::same(format!("{shown}: {error}")));
                let outcome = outcome.map(|()| file);
                Ok(Message::Kept {
                    what,
                    bytes,
                    outcome,
                })
            }
            Errand::Export(charts) => {
                let mut files = Vec::new();
                for chart in charts {
                    files.extend(chart.write(&self.folders(&chart))?);
                }
                Ok(Message::Exported(files))
            }
            Errand::Data(folder) => {
                let place = (&*self.project.join(folder), &*self.project);
                let news = data_sets::read(place, &self.home, &mut self.origins);
                Ok(Message::Data(news))
            }
            Errand::Models => {
                let models = models::list(&self.home);
                let read = models.and_then(|models| {
                    let names = promotion::list(&self.home)?;
                    Ok(ModelNews { models, names })
                });
                Ok(Message::Models(read.map_err(|error| said_so(&error))))
            }
            Errand::Import(order) => {
                // Told of before anything is heard of it.
                let _ = self
                    .out
                    .send(Message::Import(ImportNews::Begun(order.clone())));
                let out = self.out.clone();
                let tell = move |news| drop(out.send(Message::Import(news)));
                let started = self.hands.import(&order, Box::new(tell));
                if let Err(why) = &started {
                    let _ = self
                        .out
                        .send(Message::Import(ImportNews::Ended(Err(why.clone()))));
                }
                started.map(|()| Message::Tick)
            }
            Errand::ExportModel { model, form } => {
                let into = model_export::usual_folder(&self.home, &model);
                let exported = model_export::export_as(form, &model, &into, &*self.clock);
                let exported = exported.map_err(|error| said_so(&error))?;
                Ok(Message::Exported(exported.files))
            }
            Errand::Promote { model, name } => {
                let (home, by) = (&self.home, self.user());
                let before = promotion::promote(home, &model, &name, by, &*self.clock);
                let before = before.map_err(|error| said_so(&error))?;
                let now = Some(model.id);
                Ok(Message::Named { name, before, now })
            }
            Errand::Demote(name) => {
                let before = promotion::point(&self.home, &name, None, self.user(), &*self.clock);
                let before = before.map_err(|error| said_so(&error))?;
                let now = None;
                Ok(Message::Named { name, before, now })
            }
            Errand::PointBack { name, to } => {
                let back = promotion::point(&self.home, &name, to, self.user(), &*self.clock);
                back.map_err(|error| said_so(&error))?;
                Ok(Message::Went(domain::phrase!(
                    "{name} is what it was before",
                    "{name}: 전에 가리키던 대로 되돌렸습니다"
                )))
            }
            Errand::TakeAway(files) => {
                exporting::take_away(&files)?;
                Ok(Message::Went(Phrase::new(
                    "the exported files are gone again",
                    "내보낸 파일을 다시 지웠습니다",
                )))
            }
        }
    }

    fn user(&self) -> &str {
        diary::user(&self.env).unwrap_or("console")
    }

    /// Returns where a chart is written: beside its run, unless that is the copy of another
    /// machine's or cannot be written; then below the home.
    fn folders(&self, chart: &ChartExport) -> Vec<PathBuf> {
        let root = self.home.root().parent().unwrap_or(&self.project);
        let elsewhere = root.join("exports").join(chart.run.as_str());
        let beside = self.line.is_none() && chart.path.is_dir();
        let beside = beside.then(|| chart.path.join("exports"));
        beside.into_iter().chain([elsewhere]).collect()
    }

    /// Returns what to load without an experiment or changes.
    fn request(&self) -> LoadRequest {
        LoadRequest {
            dir: self.project.join("configs"),
            env: self.env.clone(),
            ..LoadRequest::default()
        }
    }

    fn settings(&self, experiment: Option<PathBuf>, sets: Vec<String>) -> SettingsNews {
        let request = LoadRequest {
            experiment,
            sets,
            ..self.request()
        };
        let dir = &request.dir;
        SettingsNews {
            experiments: experiments(dir),
            presets: config::presets(dir).0,
            outcome: config::load_each(&request).map(first),
        }
    }
}

/// Words the errors among `problems`, each with what to do.
#[must_use]
pub fn said(problems: &Problems) -> Phrase {
    let wording = |lang: Lang| {
        let one = |problem: &domain::Problem| {
            format!("{}; {}", problem.message.get(lang), problem.hint.get(lang))
        };
        let errors = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        errors.map(one).collect::<Vec<String>>().join("; ")
    };
    Phrase::new(wording(Lang::En), wording(Lang::Ko))
}

/// Returns the settings of a sweep's first job; a sweep has one at least.
fn first(all: Vec<(config::Combination, config::Resolved)>) -> config::Resolved {
    let first = all.into_iter().next();
    first.expect("a sweep has a job").1
}

/// Returns the last part of `path`.
fn named(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Words an errand for the journal; `None` for one that only looks.
fn described(errand: &Errand) -> Option<String> {
    match errand {
        Errand::Post { path, command } => Some(format!("post {command} to {}", named(path))),
        Errand::Remove { run, .. } => Some(format!("remove {run}")),
        Errand::Restore(run) => Some(format!("restore {run}")),
        Errand::Save { saving, .. } if saving.promoted().is_some() => {
            let run = saving.promoted()?;
            Some(format!("promote {run} to {}", named(&saving.file)))
        }
        Errand::Save { saving, .. } => {
            let keys: Vec<&str> = saving.changes.iter().map(|(path, _)| *path).collect();
            Some(format!(
                "save {} to {}",
                keys.join(" "),
                named(&saving.file)
            ))
        }
        Errand::Export(charts) => {
            let run = charts.first().map(|chart| chart.run.as_str());
            Some(format!("export charts of {}", run.unwrap_or_default()))
        }
        Errand::TakeAway(files) => {
            let names: Vec<String> = files.iter().map(|file| named(file)).collect();
            Some(format!("remove {}", names.join(", ")))
        }
        Errand::Import(order) => {
            let source = order.source.display();
            Some(format!("import {source} as {}", order.name))
        }
        Errand::ExportModel { model, .. } => Some(format!("export model {}", model.id)),
        Errand::Promote { model, name } => Some(format!("promote {} to {name}", model.id)),
        Errand::Demote(name) => Some(format!("demote {name}")),
        Errand::PointBack { name, .. } => Some(format!("point {name} back")),
        Errand::Exchange(exchange) => Some(format!("exchange {}", named(&exchange.file))),
        Errand::Settings { did, .. } => did.clone(),
        Errand::Data(_)
        | Errand::Models
        | Errand::Reconnect
        | Errand::Report { .. }
        | Errand::Script { .. }
        | Errand::Calibration(_)
        | Errand::Compare(_)
        | Errand::Draft(_)
        | Errand::KeepCopy { .. }
        | Errand::PromoteSettings(_)
        | Errand::RunSettings { .. }
        | Errand::Sift(_) => None,
    }
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

/// Words an error with what to do.
fn said_so(error: &RunsError) -> Phrase {
    let (says, hint) = (error.says(), error.hint());
    Phrase::new(
        format!("{}; {}", says.en, hint.en),
        format!("{}. {}", says.ko, hint.ko),
    )
}

/// Reads every setting of the run at `path`; the manifest above them is no setting.
///
/// # Errors
/// Why they cannot be read, with what to do.
pub fn run_settings(path: &Path) -> Result<Values, Phrase> {
    let run = RunDir::open_path(path).map_err(|error| said_so(&error))?;
    let text = run.settings().map_err(|error| said_so(&error))?;
    let shown = run.layout().settings().display().to_string();
    let resolved = Resolved::from_run_toml(&shown, text.as_bytes());
    let resolved = resolved.map_err(|problems| said(&problems))?;
    let settings = resolved.settings().iter();
    Ok(settings
        .map(|setting| (setting.key.path, setting.value.clone()))
        .collect())
}

fn read_report(run: &Path) -> Result<Report, Phrase> {
    let path = Layout::new(run).report().join("report.json");
    let bytes = fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Phrase::new(
            "No report yet: it is written when the run has been judged on held-out time.",
            "아직 보고서가 없습니다. 시험 구간의 판정이 끝나면 만들어집니다.",
        ),
        _ => {
            let path = path.display();
            phrase!(
                "{path} cannot be read: {error}",
                "{path} 파일을 읽을 수 없습니다: {error}"
            )
        }
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Phrase::new(
            format!("the report is damaged or of another version: {error}; `makook evaluate` writes it again"),
            format!("보고서가 손상되었거나 다른 버전입니다: {error}. `makook evaluate`로 다시 만들 수 있습니다"),
        )
    })
}

/// A job script is a page of text; anything larger is none.
const LARGEST_SCRIPT: u64 = 1 << 20;

fn read_script(run: &Path) -> Result<String, Phrase> {
    let path = jobs::spec::script_path(run);
    let read = fs::metadata(&path).and_then(|meta| match meta.len() {
        0..=LARGEST_SCRIPT => fs::read(&path),
        _ => Err(io::Error::other("is too large for a script")),
    });
    match read {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Phrase::new(
            "no script was sent for this run: it was not sent to a scheduler",
            "이 실행에는 보낸 스크립트가 없습니다. 스케줄러로 보내지 않았습니다",
        )),
        Err(error) => Err(Phrase::new(
            format!("{}: {error}", path.display()),
            format!("{}: {error}", path.display()),
        )),
    }
}
