//! Opens the console and gives it its hands and its foreman.

use super::{
    args::SettingArgs,
    context::{Context, Stop},
    failure::Failure,
    launch,
    surroundings::Surroundings,
    train,
};
use console::{
    ConsoleError, Foreman, Hands, Session,
    hands::{Destination, Order},
};
use domain::{Clock, Exit, Lang, Phrase, SystemClock};
use jobs::{Book, JobId, JobsError, Listing, Preview, Signal, book};
use runs::{Command, Home, Layout, Mailbox, RunId, RunsError, trash};
use std::{path::Path, sync::Arc};

/// Opens the console, on `run` where one is named.
///
/// # Errors
/// No terminal, or no such run.
pub fn open(run: Option<&str>, context: &Context) -> Result<Exit, Failure> {
    let around = &context.around;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let user = around.variable("USER").unwrap_or("console").to_owned();
    let session = Session {
        home: around.home.clone(),
        project: around.project.clone(),
        env: around.env.clone(),
        lang: context.lang,
        open: run.map(str::to_owned),
        hands: Box::new(LocalHands {
            home: around.home.clone(),
            clock: Arc::clone(&clock),
            user,
        }),
        foreman: Box::new(Starter {
            around: around.clone(),
            lang: context.lang,
            book: Book::new(Vec::new(), around.home.clone(), Arc::clone(&clock)),
        }),
        clock,
    };
    match console::run(session) {
        Ok(()) => Ok(Exit::Done),
        Err(ConsoleError::Run(error)) => Err(error.into()),
        Err(error) => Err(Failure::environment(
            error.to_string(),
            "every action of the console also exists as a command: see `makook --help`",
            "콘솔의 모든 기능은 명령으로도 쓸 수 있습니다. `makook --help`를 보세요",
        )),
    }
}

/// Touches the run directories of this machine.
struct LocalHands {
    home: Home,
    clock: Arc<dyn Clock>,
    user: String,
}

impl Hands for LocalHands {
    fn post(&mut self, run: &Path, command: &Command) -> Result<u64, Phrase> {
        let mailbox = Mailbox::of(&Layout::new(run));
        let posted = mailbox.post(command, &self.user, self.clock.now());
        posted.map_err(|error| said(&error))
    }

    fn remove(&mut self, _: &RunId, path: &Path) -> Result<(), Phrase> {
        let removed = trash::remove(&self.home, path, &*self.clock);
        removed.map(drop).map_err(|error| said(&error))
    }

    fn restore(&mut self, run: &RunId) -> Result<(), Phrase> {
        let restored = trash::restore(&self.home, run);
        restored.map(drop).map_err(|error| said(&error))
    }
}

/// Starts workers on this machine; they outlive the console.
struct Starter {
    around: Surroundings,
    lang: Lang,
    book: Book,
}

impl Starter {
    fn context(&self) -> Context {
        Context {
            around: self.around.clone(),
            lang: self.lang,
            clock: SystemClock::new(),
            stop: Stop::default(),
        }
    }

    fn start(&self, run: &Path) -> Result<(), Failure> {
        let mut child = launch::start(&self.around, run)?;
        // Somebody has to collect the worker's exit, or it stays a zombie while the console lives.
        std::thread::spawn(move || child.wait());
        Ok(())
    }

}

fn both(failure: &Failure) -> Phrase {
    Phrase::new(failure.render(Lang::En), failure.render(Lang::Ko))
}

impl Foreman for Starter {
    fn list(&mut self) -> Result<Listing, Phrase> {
        Ok(self.book.list())
    }

    fn destinations(&mut self) -> Vec<Destination> {
        vec![Destination {
            profile: "local".to_owned(),
            about: Phrase::new("this machine", "이 기계"),
        }]
    }

    fn preview(&mut self, order: &Order) -> Result<Preview, Phrase> {
        if self.around.worker.is_none() {
            return Err(Phrase::new(
                "makook-worker is not beside makook; build it with `make build`",
                "makook-worker가 makook 옆에 없습니다. `make build`로 빌드하세요",
            ));
        }
        let mut command = vec!["makook".to_owned(), "train".to_owned()];
        let experiment = order.experiment.as_ref();
        command.extend(experiment.map(|path| path.display().to_string()));
        let sets = order.sets.iter();
        command.extend(sets.flat_map(|set| ["--set".to_owned(), set.clone()]));
        command.push("--detach".to_owned());
        Ok(Preview {
            command,
            script: None,
        })
    }

    fn train(&mut self, order: &Order) -> Result<String, Phrase> {
        let asked = SettingArgs {
            experiment: order.experiment.clone(),
            set: order.sets.clone(),
        };
        let created = train::create(&asked, &self.context());
        let run = created.map_err(|failure| both(&failure))?;
        let started = self.start(run.path());
        started.map_err(|failure| both(&failure))?;
        Ok(run.id().to_string())
    }

    fn resume(&mut self, run: &RunId) -> Result<(), Phrase> {
        let opened = self.around.home.open(run.as_str());
        let run = opened.map_err(|error| said(&error))?;
        let started = self.start(run.path());
        started.map_err(|failure| both(&failure))
    }

    fn signal(&mut self, profile: &str, job: &JobId, signal: Signal) -> Result<(), Phrase> {
        let done = self.book.signal(profile, job, signal);
        done.map_err(|error| book::said(&error))
    }

    fn throttle(&mut self, profile: &str, job: &JobId, at_most: u32) -> Result<(), Phrase> {
        let launcher = self.book.launcher(profile);
        let done = launcher.and_then(|launcher| launcher.throttle(job, at_most));
        done.map_err(|error: JobsError| book::said(&error))
    }
}

fn said(error: &RunsError) -> Phrase {
    let hint = error.hint();
    Phrase::new(
        format!("{error}; {}", hint.en),
        format!("{error}. {}", hint.ko),
    )
}
