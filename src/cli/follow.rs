//! Follows a run until it ends: progress with rate and time left at a terminal, plain lines
//! elsewhere, JSON lines for machines.
//!
//! Reads only the run directory. Ctrl-C asks the worker to save and stop; a second Ctrl-C leaves
//! it to itself.

use super::{context::Context, failure::Failure, output};
use domain::{Clock, Exit, Lang};
use runs::{
    Command, Mailbox, Observation, Observer, Outcome, RunDir, RunReader, State, Track,
    event::Loudness, observe::STALENESS,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    process::Child,
    time::Duration,
};

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

/// Follows `run` to its end. `child` is the worker where this program started it.
///
/// # Errors
/// A run directory that cannot be read.
pub fn follow(
    run: &RunDir,
    mut child: Option<Child>,
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
    };
    let mut observer = Observer::new(STALENESS);
    let mut reader = RunReader::new(run);
    let mut asked = 0;
    loop {
        let ended = match &mut child {
            Some(child) => child.try_wait()?.is_some(),
            None => false,
        };
        let seen = observer.observe(run.path(), &context.clock);
        reader.poll()?;
        view.events(&reader)?;
        view.progress(&seen, context.clock.steady())?;
        // A worker of ours has ended when its process has: before it takes the run, the directory
        // still says how the last one ended.
        if ended || (child.is_none() && !seen.state.is_active()) {
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
            Mailbox::of(run.layout()).post(&Command::Stop, "Ctrl-C", context.clock.now())?;
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

struct View {
    style: Style,
    lang: Lang,
    shown: BTreeMap<Track, usize>,
    last_line: Option<(Duration, String)>,
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
        let word = match self.lang {
            Lang::En => "left",
            Lang::Ko => "남음",
        };
        let line = format!(
            "{:>5.1}%  {} / {}  {}/s  {left} {word}  {}",
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
            let mut message = failure.says.get(context.lang).to_owned();
            for cause in &failure.causes {
                message.push_str(&format!("\n  {cause}"));
            }
            Err(Failure {
                exit: Exit::Environment,
                message,
                hint: (failure.hint.en.clone(), failure.hint.ko.clone()),
            })
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
        None => Err(Failure::environment(
            format!("the worker of {} ended without a word", run.id()),
            &format!(
                "see {}/worker.out; `makook resume` tries again",
                run.layout().logs().display()
            ),
            &format!(
                "{}/worker.out을 확인하세요. `makook resume`으로 다시 시도합니다",
                run.layout().logs().display()
            ),
        )),
    }
}
