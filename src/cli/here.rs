//! Hands and foreman of this machine, for an agent: the run directories, and workers started
//! beside this program.

use super::{
    args::SettingArgs,
    context::{Context, Stop},
    failure::Failure,
    launch,
    surroundings::Surroundings,
    train,
};
use console::hands::{Destination, Foreman, Hands, Order};
use domain::{Clock, Lang, Phrase, SystemClock};
use jobs::{Book, JobId, JobsError, Listing, Preview, Signal, book::said};
use runs::{Command, Layout, Mailbox, RunId, RunsError, trash};
use std::{path::Path, sync::Arc};

/// This machine.
pub struct Here {
    around: Surroundings,
    lang: Lang,
    clock: Arc<dyn Clock>,
    book: Book,
}

impl Here {
    /// Works in the surroundings of `context`.
    pub fn new(context: &Context) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let home = context.around.home.clone();
        Self {
            around: context.around.clone(),
            lang: context.lang,
            book: Book::new(Vec::new(), home, Arc::clone(&clock)),
            clock,
        }
    }

    fn context(&self) -> Context {
        Context {
            around: self.around.clone(),
            lang: self.lang,
            clock: SystemClock::new(),
            stop: Stop::default(),
        }
    }

    fn start(&self, run: &Path) -> Result<(), Phrase> {
        let mut child = launch::start(&self.around, run).map_err(|failure| both(&failure))?;
        // Somebody has to collect the worker's exit, or it stays a zombie while the agent lives.
        std::thread::spawn(move || child.wait());
        Ok(())
    }
}

impl Hands for Here {
    fn post(&mut self, run: &Path, command: &Command) -> Result<u64, Phrase> {
        let by = self.around.variable("USER").unwrap_or("console");
        let mailbox = Mailbox::of(&Layout::new(run));
        let posted = mailbox.post(command, by, self.clock.now());
        posted.map_err(|error| of_runs(&error))
    }

    fn remove(&mut self, _run: &RunId, path: &Path) -> Result<(), Phrase> {
        let removed = trash::remove(&self.around.home, path, &*self.clock);
        removed.map(|_| ()).map_err(|error| of_runs(&error))
    }

    fn restore(&mut self, run: &RunId) -> Result<(), Phrase> {
        let restored = trash::restore(&self.around.home, run);
        restored.map(|_| ()).map_err(|error| of_runs(&error))
    }
}

impl Foreman for Here {
    fn list(&mut self) -> Result<Listing, Phrase> {
        Ok(self.book.list())
    }

    fn destinations(&mut self) -> Vec<Destination> {
        vec![Destination {
            profile: "local".to_owned(),
            about: Phrase::new("this machine", "이 컴퓨터"),
        }]
    }

    fn preview(&mut self, order: &Order) -> Result<Preview, Phrase> {
        if let Some(profile) = &order.on {
            self.book.launcher(profile).map_err(|error| said(&error))?;
        }
        let worker = self
            .around
            .worker
            .clone()
            .unwrap_or_else(|| "makook-worker".into());
        Ok(Preview {
            command: vec![worker.display().to_string(), "run".to_owned()],
            script: None,
        })
    }

    fn train(&mut self, order: &Order) -> Result<String, Phrase> {
        if let Some(profile) = order.on.as_ref().filter(|profile| *profile != "local") {
            self.book.launcher(profile).map_err(|error| said(&error))?;
        }
        let asked = SettingArgs {
            experiment: order.experiment.clone(),
            set: order.sets.clone(),
        };
        let run = train::create(&asked, &self.context()).map_err(|failure| both(&failure))?;
        self.start(run.path())?;
        Ok(run.id().to_string())
    }

    fn resume(&mut self, run: &RunId) -> Result<(), Phrase> {
        let run = self.around.home.open(run.as_str());
        self.start(run.map_err(|error| of_runs(&error))?.path())
    }

    fn signal(&mut self, profile: &str, job: &JobId, signal: Signal) -> Result<(), Phrase> {
        let signalled = self.book.signal(profile, job, signal);
        signalled.map_err(|error| said(&error))
    }

    fn throttle(&mut self, profile: &str, job: &JobId, at_most: u32) -> Result<(), Phrase> {
        let launcher = self.book.launcher(profile);
        let throttled = launcher.and_then(|launcher| launcher.throttle(job, at_most));
        throttled.map_err(|error: JobsError| said(&error))
    }
}

fn of_runs(error: &RunsError) -> Phrase {
    let hint = error.hint();
    Phrase::new(
        format!("{error}; {}", hint.en),
        format!("{error}. {}", hint.ko),
    )
}

fn both(failure: &Failure) -> Phrase {
    Phrase::new(failure.render(Lang::En), failure.render(Lang::Ko))
}
