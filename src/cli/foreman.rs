//! What the console does with jobs: the same calls as the command line's.

use super::{
    args::{SendingArgs, SettingArgs},
    backends,
    context::{Context, Stop},
    failure::Failure,
    sending::{self, Unsent},
    surroundings::Surroundings,
    train,
};
use console::{
    hands::{Destination, Foreman, Order},
    look::Said,
};
use domain::{Clock, Lang, Phrase, SystemClock};
use jobs::{Book, JobId, JobsError, Listing, Preview, Signal, profile::Profile};
use runs::{RunDir, RunId};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// Starts, lists and ends jobs of this machine's user.
pub struct LocalForeman {
    around: Surroundings,
    lang: Lang,
    clock: Arc<dyn Clock>,
    book: Book,
    /// Profiles that could not be opened, so that each is complained about once.
    refused: BTreeSet<String>,
    /// When it was last looked which backends are in use, by the steady clock.
    looked: Option<Duration>,
}

/// How often it is looked which backends are in use.
const LOOK: Duration = Duration::from_secs(10);

impl LocalForeman {
    /// Opens every backend in use.
    #[must_use]
    pub fn new(around: Surroundings, lang: Lang) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let book = Book::new(Vec::new(), around.home.clone(), Arc::clone(&clock));
        Self {
            around,
            lang,
            clock,
            book,
            refused: BTreeSet::new(),
            looked: None,
        }
    }

    fn context(&self) -> Context {
        Context {
            around: self.around.clone(),
            lang: self.lang,
            lang_said: Said::ByNobody,
            clock: SystemClock::new(),
            stop: Stop::default(),
        }
    }

    /// Opens the backends that came into use since the last look. That reads a file of every run,
    /// so it is not done each second.
    fn open_new(&mut self) {
        let now = self.clock.steady();
        if self.looked.is_some_and(|at| now.saturating_sub(at) < LOOK) {
            return;
        }
        self.looked = Some(now);
        let mut wanted = self.book.used_profiles();
        wanted.insert(backends::LOCAL.to_owned());
        for name in wanted {
            let known = self.book.profiles().contains(&name.as_str());
            if known || self.refused.contains(&name) {
                continue;
            }
            match backends::open(&name, &self.around, &self.clock) {
                Ok(launcher) => self.book.add(launcher),
                Err(_) => {
                    self.refused.insert(name);
                }
            }
        }
    }

    fn send(&mut self, runs: &[RunDir], order: &Order) -> Result<(), Unsent> {
        let context = self.context();
        let asked = SendingArgs {
            on: order.on.clone(),
            ..SendingArgs::default()
        };
        let mut parcel = sending::pack(runs, &asked, None, &context)?;
        let script = order.script.as_deref();
        parcel.spec.script = script.map(|script| sending::adopt(script, runs));
        self.looked = None;
        parcel.send().map(drop)
    }
}

impl Foreman for LocalForeman {
    fn list(&mut self) -> Result<Listing, Phrase> {
        self.open_new();
        Ok(self.book.list())
    }

    fn destinations(&mut self) -> Vec<Destination> {
        let dir = self.around.project.join("configs");
        let chosen = backends::configured(&self.around).map(|jobs| jobs.on);
        let mut found: Vec<Destination> = Profile::list(&dir)
            .into_iter()
            .filter_map(|(_, profile)| profile.ok())
            .map(|profile| Destination {
                about: Phrase::new(profile.about.en, profile.about.ko),
                profile: profile.name,
            })
            .collect();
        found.sort_by_key(|one| {
            let name = Some(&one.profile);
            (name != chosen.as_ref(), one.profile != backends::LOCAL)
        });
        found
    }

    fn preview(&mut self, order: &Order) -> Result<Preview, Phrase> {
        let asked = SendingArgs {
            on: order.on.clone(),
            ..SendingArgs::default()
        };
        let rehearsed = sending::rehearse(&settings_of(order), &asked, &self.context());
        let (preview, problems) = rehearsed.map_err(Phrase::from)?;
        match problems.into_result(preview) {
            Ok((preview, _)) => Ok(preview),
            Err(problems) => Err(Failure::from(problems).into()),
        }
    }

    fn train(&mut self, order: &Order) -> Result<Vec<RunId>, Phrase> {
        let made = train::create_each(
            &self.around.home,
            &settings_of(order),
            order.parent.as_ref(),
            &self.context(),
        );
        let runs = made.map_err(Phrase::from)?;
        match self.send(&runs, order) {
            Ok(()) => Ok(runs.iter().map(|run| run.id().clone()).collect()),
            Err(unsent) => Err(unsent.take_back(&runs).into()),
        }
    }

    fn resume(&mut self, run: &RunId) -> Result<(), Phrase> {
        let opened = self.around.home.open(run.as_str());
        let run = opened.map_err(|error| Phrase::from(Failure::from(error)))?;
        let sent = self.send(std::slice::from_ref(&run), &Order::default());
        sent.map_err(|unsent| Phrase::from(unsent.why))
    }

    fn signal(&mut self, profile: &str, job: &JobId, signal: Signal) -> Result<(), Phrase> {
        let done = self.book.signal(profile, job, signal);
        done.map_err(|error| jobs::book::said(&error))
    }

    fn throttle(&mut self, profile: &str, job: &JobId, at_most: u32) -> Result<(), Phrase> {
        let launcher = self.book.launcher(profile);
        let done = launcher.and_then(|launcher| launcher.throttle(job, at_most));
        done.map_err(|error: JobsError| jobs::book::said(&error))
    }
}

fn settings_of(order: &Order) -> SettingArgs {
    SettingArgs {
        experiment: order.experiment.clone(),
        set: order.sets.clone(),
        ..SettingArgs::default()
    }
}
