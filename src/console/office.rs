//! The foreman's thread: lists jobs again and again and does what is asked of the backends.
//!
//! A backend may be silent for half a minute, so this thread shares nothing with those that read
//! keys, run lists and mailboxes. It speaks only when something visible changed. Start at
//! [`Office::run`].

use crate::{
    diary::Diary,
    hands::{Foreman, Order},
    job_list::JobName,
    job_news::JobNews,
    message::{Assignment, Message},
    pulse::Pulse,
};
use domain::{Clock, Phrase, phrase};
use jobs::{Phase, Signal};
use runs::RunId;
use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

/// Between two looks while a job waits or runs; backends keep their own answers for longer.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks otherwise; whatever is done here or seen among the runs brings one at once.
const QUIET_LOOK: Duration = Duration::from_secs(30);

/// The foreman at work.
pub struct Office {
    /// Talks to the backends.
    pub foreman: Box<dyn Foreman>,
    /// Where it is written down what was done.
    pub diary: Diary,
    /// Ages of answers.
    pub clock: Arc<dyn Clock>,
    /// Tells others how long a call takes.
    pub pulse: Arc<Pulse>,
    /// Who is told.
    pub out: Sender<Message>,
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Office").finish_non_exhaustive()
    }
}

/// Nobody is there to be told.
struct Gone;

impl Office {
    /// Works until nobody asks or listens any more.
    pub fn run(mut self, assignments: &Receiver<Assignment>) {
        let mut told = None;
        let mut wait = Duration::ZERO;
        loop {
            let mut waiting = VecDeque::new();
            match assignments.recv_timeout(wait) {
                Ok(assignment) => waiting.push_back(assignment),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            waiting.extend(assignments.try_iter());
            for assignment in waiting {
                if self.take(assignment).is_err() {
                    return;
                }
            }
            if self.look(&mut told).is_err() {
                return;
            }
            let quiet = |news: &JobNews| news.jobs.iter().all(|job| job.row.view.phase.is_over());
            wait = match &told {
                Some(Ok(news)) if quiet(news) => QUIET_LOOK,
                _ => LOOK,
            };
        }
    }

    fn take(&mut self, assignment: Assignment) -> Result<(), Gone> {
        self.pulse.begin(self.clock.steady());
        let message = self.answer(assignment);
        self.pulse.end();
        message.map_or(Ok(()), |message| self.send(message))
    }

    /// Lists the jobs and tells of them if they look different from what was `told`.
    fn look(&mut self, told: &mut Option<Result<JobNews, Phrase>>) -> Result<(), Gone> {
        self.pulse.begin(self.clock.steady());
        let listing = self.foreman.list();
        self.pulse.end();
        let now = self.clock.now();
        let news = listing.map(|listing| JobNews::of(listing, now));
        if told.as_ref() == Some(&news) {
            return Ok(());
        }
        *told = Some(news.clone());
        self.send(Message::Jobs(news))
    }

    fn answer(&mut self, assignment: Assignment) -> Option<Message> {
        match assignment {
            Assignment::Look => None,
            Assignment::Destinations => Some(Message::Destinations(self.foreman.destinations())),
            Assignment::Preview(order) => {
                let outcome = self.foreman.preview(&order);
                Some(Message::Previewed { order, outcome })
            }
            Assignment::Train(order) => {
                let started = self.foreman.train(&order);
                self.note(&described(&order), started.as_ref().err());
                Some(match started {
                    Ok(runs) => Message::Launched(runs),
                    Err(why) => Message::Refused { order, why },
                })
            }
            Assignment::Resume(run) => {
                let resumed = self.foreman.resume(&run);
                self.note(&format!("resume {run}"), resumed.as_ref().err());
                let says = Phrase::new(
                    format!("{run} continues"),
                    format!("{run}: 이어서 학습합니다"),
                );
                Some(resumed.map_or_else(Message::Failed, |()| Message::Went(says)))
            }
            Assignment::Withdraw { runs, jobs } => Some(self.withdraw(runs, &jobs)),
            Assignment::Signal { jobs, signal } => Some(self.signal(&jobs, signal)),
            Assignment::Throttle { job, at_most } => {
                let done = self.foreman.throttle(&job.profile, &job.id, at_most);
                let did = format!("throttle {} {at_most}", job.id);
                self.note(&did, done.as_ref().err());
                Some(match done {
                    Ok(()) => Message::Throttled { job, at_most },
                    Err(why) => Message::Failed(why),
                })
            }
        }
    }

    /// Has the jobs leave the queue that still wait in it; one that has begun meanwhile goes on.
    fn withdraw(&mut self, runs: Vec<RunId>, jobs: &[JobName]) -> Message {
        let listing = match self.foreman.list() {
            Ok(listing) => listing,
            Err(why) => return Message::Failed(why),
        };
        let phase = |name: &JobName| {
            let mut rows = listing.jobs.iter();
            let row = rows.find(|row| row.profile == name.profile && row.view.id == name.id);
            row.map(|row| row.view.phase)
        };
        let (waiting, others): (Vec<&JobName>, Vec<&JobName>) = jobs
            .iter()
            .partition(|name| phase(name) == Some(Phase::Queued));
        let begun = others
            .iter()
            .find(|name| phase(name).is_some_and(Phase::is_live));
        let mut refusal = match (begun, others.first()) {
            (Some(job), _) => {
                let id = &job.id;
                Some(phrase!(
                    "{id} has begun meanwhile and goes on; F7 stops it",
                    "{id}: 그사이 시작해서 계속합니다. 멈추려면 F7을 누르세요"
                ))
            }
            (None, Some(job)) if waiting.is_empty() => {
                let id = &job.id;
                Some(phrase!(
                    "not taken back: {id} waits no more",
                    "되돌리지 않았습니다. {id}: 더는 대기 중이 아닙니다"
                ))
            }
            (None, _) => None,
        };
        for job in waiting {
            // Should it begin this very moment, it saves before it ends.
            let done = self.foreman.signal(&job.profile, &job.id, Signal::Stop);
            self.note(&format!("withdraw {}", job.id), done.as_ref().err());
            refusal = refusal.or(done.err());
        }
        refusal.map_or(Message::Withdrawn(runs), Message::Failed)
    }

    /// Asks every job; one that refuses does not keep the others from being asked.
    fn signal(&mut self, jobs: &[JobName], signal: Signal) -> Message {
        let mut refusals = Vec::new();
        for job in jobs {
            let done = self.foreman.signal(&job.profile, &job.id, signal);
            let did = format!("{} {}", verb(signal), job.id);
            self.note(&did, done.as_ref().err());
            if let Err(why) = done {
                refusals.push((job, why));
            }
        }
        let asked = jobs.len() - refusals.len();
        let Some((job, why)) = refusals.first() else {
            return Message::Went(Phrase::new(
                format!("{} sent to {}", verb(signal), named(jobs, "jobs")),
                format!(
                    "{} 요청을 보냈습니다: {}",
                    verb(signal),
                    named(jobs, "개 작업")
                ),
            ));
        };
        let id = &job.id;
        Message::Failed(match jobs.len() {
            1 => why.clone(),
            all => Phrase::new(
                format!("{asked} of {all} were asked; {id}: {}", why.en),
                format!("{all}개 가운데 {asked}개에 보냈습니다. {id}: {}", why.ko),
            ),
        })
    }

    fn note(&self, did: &str, failed: Option<&Phrase>) {
        self.diary.note(did, failed.map(|why| why.en.as_str()));
    }

    fn send(&self, message: Message) -> Result<(), Gone> {
        self.out.send(message).map_err(|_| Gone)
    }
}

/// Returns the verb of `makook jobs` that asks the same.
#[must_use]
pub fn verb(signal: Signal) -> &'static str {
    match signal {
        Signal::Stop => "stop",
        Signal::Requeue => "requeue",
        Signal::Kill => "cancel",
    }
}

fn named(jobs: &[JobName], several: &str) -> String {
    match jobs {
        [one] => one.id.to_string(),
        all => format!("{} {several}", all.len()).replace(" 개", "개"),
    }
}

/// Words an order for the journal.
fn described(order: &Order) -> String {
    let experiment = order.experiment.as_deref().and_then(Path::file_name);
    let experiment = experiment.unwrap_or_default().to_string_lossy();
    let place = order.on.as_deref().unwrap_or("the configured place");
    let edited = match order.script {
        Some(_) => ", script edited",
        None => "",
    };
    let sets = order.sets.join(" ");
    format!("train {experiment} {sets} on {place}{edited}")
}
