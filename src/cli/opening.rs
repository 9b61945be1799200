//! Opens the console and gives it what it needs to start workers.

use super::{
    args::SettingArgs,
    context::{Context, Stop},
    failure::Failure,
    launch,
    surroundings::Surroundings,
    train,
};
use console::{ConsoleError, Launcher, Session};
use domain::{Exit, Lang, SystemClock};
use std::{path::Path, sync::Arc};

/// Opens the console, on `run` where one is named.
///
/// # Errors
/// No terminal, or no such run.
pub fn open(run: Option<&str>, context: &Context) -> Result<Exit, Failure> {
    let around = &context.around;
    let launcher = Starter {
        around: around.clone(),
        lang: context.lang,
    };
    let session = Session {
        home: around.home.clone(),
        project: around.project.clone(),
        env: around.env.clone(),
        lang: context.lang,
        open: run.map(str::to_owned),
        clock: Arc::new(SystemClock::new()),
        launcher: Box::new(launcher),
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

/// Opens the console on the runs of another machine.
///
/// # Errors
/// No line to it, or no terminal.
pub fn open_there(address: &remote::Address, context: &Context) -> Result<Exit, Failure> {
    let parts = super::host::session_parts(address, context)?;
    let said = format!("{}", parts.line.state().host);
    Err(Failure::environment(said, "", ""))
}

/// Starts workers for the console; they outlive it.
struct Starter {
    around: Surroundings,
    lang: Lang,
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

impl Launcher for Starter {
    fn train(&mut self, experiment: Option<&Path>, sets: &[String]) -> Result<String, String> {
        let context = self.context();
        let asked = SettingArgs {
            experiment: experiment.map(Path::to_owned),
            set: sets.to_vec(),
        };
        let say = |failure: Failure| failure.render(self.lang);
        let run = train::create(&asked, &context).map_err(say)?;
        self.start(run.path()).map_err(say)?;
        Ok(run.id().to_string())
    }

    fn resume(&mut self, run: &str) -> Result<(), String> {
        let say = |failure: Failure| failure.render(self.lang);
        let run = self
            .around
            .home
            .open(run)
            .map_err(|error| say(error.into()))?;
        self.start(run.path()).map_err(say)
    }
}
