//! Follows a run until it ends: progress with rate and time left at a terminal, plain lines
//! elsewhere, JSON lines for machines.
//!
//! Reads the run directory, and asks the backend only whether the job is over or why it waits.
//! Ctrl-C asks the worker to save and stop; a second Ctrl-C leaves it to itself.

use super::{context::Context, failure::Failure, output};
use domain::{Clock, Exit, Lang, Phrase, phrase};
use jobs::{JobId, Launcher, Phase, Signal};
use runs::{
    Command, Mailbox, Observation, Observer, Outcome, RunDir, RunReader, State, Track,
    event::Loudness, observe::STALENESS,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    time::Duration,
};

/// The job that works on the followed run.
pub struct Work {
    /// Its backend.
    pub launcher: Box<dyn Launcher>,
    /// Its name there.
    pub id: JobId,
    /// The newest segment of the run before it was sent.
    pub before: u32,
}

/// What the backend said last.
#[derive(Default)]
struct Standing {
    over: bool,
    waits: Option<Phrase>,
    asked: Option<Duration>,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// One line, rewritten.
    Terminal,
    /// A line now and then.
    Plain,
    /// One JSON object a line.
    Json,
}

/// How often the backend is asked; a scheduler's backend answers from its cache in between.
const ASK: Duration = Duration::from_millis(250);

/// Follows `run` to its end. `work` is its job where this program sent it.
///
/// # Errors
/// A run directory that cannot be read.
pub fn follow(
    run: &RunDir,
    mut work: Option<Work>,
    json: bool,
    context: &Context,
) -> Result<Exit, Failure> {
    let style = match (json, std::io::stderr().is_terminal()) {
        (true, _) => Style::Json,
        (_, true) => Style::Terminal,
        _ => Style::Plain,
    };
    let mut view = View {
        style,
        lang: context.lang,
        shown: BTreeMap::new(),
        last_line: None,
        waits: None,
    };
    let mut observer = Observer::new(STALENESS);
    let mut reader = RunReader::new(run);
    let mut asked = 0;
    let mut standing = Standing::default();
    loop {
        let seen = observer.observe(run.path(), &context.clock);
        if let Some(work) = &mut work {
            standing.ask(work, &seen, context.clock.steady());
        }
        reader.poll()?;
        view.events(&reader)?;
        view.waiting(standing.waits.as_ref().filter(|_| !seen.state.is_active()));
        view.progress(&seen, context.clock.steady())?;
        // Before its worker takes the run, the directory still says how the last one ended: then
        // only the backend knows.
        let ended = match &work {
            Some(work) => standing.over || work.has_settled(&seen),
            None => !seen.state.is_active(),
        };
        if ended {
            view.clear();
            let last = observer.observe(run.path(), &context.clock);
            reader.poll()?;
            view.events(&reader)?;
            return finish(run, &last, style, context);
        }
        if context.stop.times() > asked {
            asked = context.stop.times();
            view.clear();
            if asked > 1 {
                eprintln!(
                    "{}",
                    context.say(
                        "left running; `makook runs list` shows it",
                        "계속 실행하도록 두었습니다. `makook runs list`로 볼 수 있습니다",
                    )
                );
                return Ok(Exit::Interrupted);
            }
            match &mut work {
                Some(work) if !seen.state.is_active() => {
                    work.launcher.signal(&work.id, Signal::Stop)?;
                }
                _ => {
                    let mailbox = Mailbox::of(run.layout());
                    mailbox.post(&Command::Stop, "Ctrl-C", context.clock.now())?;
                }
            }
            eprintln!(
                "{}",
                context.say(
                    "saving and stopping … (Ctrl-C again leaves it running)",
                    "저장하고 멈추는 중 … (Ctrl-C를 한 번 더 누르면 계속 실행됩니다)",
                )
            );
        }
        context.stop.wait(Duration::from_millis(100));
    }
}

impl Work {
    /// Returns whether a worker of this job has left the run's outcome behind.
    fn has_settled(&self, seen: &Observation) -> bool {
        seen.outcome.is_some() && seen.status.segment > self.before
    }
}

impl Standing {
    /// Asks the backend, unless it was asked a moment ago.
    fn ask(&mut self, work: &mut Work, seen: &Observation, now: Duration) {
        if self.asked.is_some_and(|at| now.saturating_sub(at) < ASK) {
            return;
        }
        self.asked = Some(now);
        // A backend that cannot be asked just now says nothing about the job.
        let Ok(poll) = work.launcher.poll() else {
            return;
        };
        let job = poll.jobs.iter().find(|job| job.id == work.id);
        self.waits = job.and_then(|job| job.reason.clone());
        self.over = match job.map(|job| job.phase) {
            Some(phase) => phase.is_over() && phase != Phase::Lost,
            None => false,
        } || (job.is_none_or(|job| job.phase == Phase::Lost)
            && !seen.state.is_active()
            && seen.status.segment > work.before);
    }
}

struct View {
    style: Style,
    lang: Lang,
    shown: BTreeMap<Track, usize>,
    last_line: Option<(Duration, String)>,
    waits: Option<Phrase>,
}

impl View {
    fn events(&mut self, reader: &RunReader) -> Result<(), Failure> {
        for (track, readings) in reader.tracks() {
            let records = readings.events.records();
            let shown = self.shown.entry(track).or_insert(0);
            for record in records.iter().skip(*shown) {
                let seed = match track {
                    Track::Run => None,
                    Track::Seed(seed) => Some(seed),
                };
                if self.style == Style::Json {
                    output::print_json_line(&json!({ "event": record, "seed": seed }))?;
                    continue;
                }
                if self.style == Style::Terminal {
                    eprint!("\r\x1b[K");
                }
                let mark = match record.event.loudness() {
                    Loudness::Info => " ",
                    Loudness::Warning => "!",
                    Loudness::Alert => "‼",
                };
                let prefix = seed.map(|seed| format!("[{seed}] ")).unwrap_or_default();
                eprintln!("{mark} {prefix}{}", record.event.says().get(self.lang));
            }
            *shown = records.len();
        }
        Ok(())
    }

    /// Says once why the job waits, and again when that changes.
    fn waiting(&mut self, why: Option<&Phrase>) {
        if self.waits.as_ref() == why {
            return;
        }
        self.waits = why.cloned();
        if let Some(why) = why.filter(|_| self.style != Style::Json) {
            self.clear();
            eprintln!("  {}", why.get(self.lang));
        }
    }

    fn progress(&mut self, seen: &Observation, now: Duration) -> Result<(), Failure> {
        let status = &seen.status;
        if self.style == Style::Json {
            let line = serde_json::to_string(&status).unwrap_or_default();
            if self
                .last_line
                .as_ref()
                .is_none_or(|(_, last)| *last != line)
            {
                output::print_json_line(&json!({ "status": status }))?;
                self.last_line = Some((now, line));
            }
            return Ok(());
        }
        let Some(share) = status.progress() else {
            return Ok(());
        };
        let phase = status
            .phase
            .map(|phase| phase.label().get(self.lang).to_owned());
        let left = status
            .eta_seconds
            .map(output::duration)
            .unwrap_or_else(|| "–".into());
        let (word, steps) = match self.lang {
            Lang::En => ("left", "steps"),
            Lang::Ko => ("남음", "스텝"),
        };
        let line = format!(
            "{:>5.1}%  {} / {} {steps}  {} {steps}/s  {left} {word}  {}",
            share * 100.0,
            report::axis::count(status.step as f64),
            report::axis::count(status.total_steps as f64),
            report::axis::count(status.rate),
            phase.unwrap_or_default()
        );
        let due = match (&self.last_line, self.style) {
            (None, _) => true,
            (Some((_, last)), Style::Terminal) => *last != line,
            (Some((at, last)), _) => {
                *last != line && now.saturating_sub(*at) >= Duration::from_secs(10)
            }
        };
        if due {
            if self.style == Style::Terminal {
                eprint!("\r\x1b[K{line}");
                let _ = std::io::stderr().flush();
            } else {
                eprintln!("{line}");
            }
            self.last_line = Some((now, line));
        }
        Ok(())
    }

    fn clear(&mut self) {
        if self.style == Style::Terminal && self.last_line.take().is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

/// Says how the run ended and turns it into an exit code.
fn finish(
    run: &RunDir,
    seen: &Observation,
    style: Style,
    context: &Context,
) -> Result<Exit, Failure> {
    if style == Style::Json {
        let summary = runs::roster::summary(run, &context.clock);
        output::print_json_line(&json!({ "ended": summary }))?;
    }
    match &seen.outcome {
        Some(Outcome::Done(success)) => {
            let negative = success
                .verdict
                .as_ref()
                .is_some_and(|verdict| !verdict.positive);
            Ok(if negative { Exit::Negative } else { Exit::Done })
        }
        Some(Outcome::Failed(failure)) => {
            let mut message = failure.says.clone();
            for cause in &failure.causes {
                for text in [&mut message.en, &mut message.ko] {
                    text.push_str(&format!("\n  {cause}"));
                }
            }
            Err(Failure::environment(message, failure.hint.clone()))
        }
        None if matches!(seen.state, State::Interrupted | State::Preempted) => {
            eprintln!(
                "{}",
                context.say(
                    "saved; `makook resume` continues it",
                    "저장했습니다. `makook resume`으로 이어서 할 수 있습니다",
                )
            );
            Ok(Exit::Interrupted)
        }
        None => {
            let (id, logs) = (run.id(), run.layout().logs());
            let logs = logs.display();
            Err(Failure::environment(
                phrase!(
                    "the worker of {id} ended without a word",
                    "{id}의 작업자가 아무 말 없이 끝났습니다"
                ),
                phrase!(
                    "see {logs}/worker.out; `makook resume {id}` tries again",
                    "{logs}/worker.out을 확인하세요. `makook resume {id}`(으)로 다시 시도합니다"
                ),
            ))
        }
    }
}
