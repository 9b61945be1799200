//! `calibrate`: finds the fastest `n_envs × horizon × minibatch × threads` by measuring.
//!
//! Short trainings on the real data and policy, no checkpoints; coordinate by coordinate from the
//! configured point, in powers of two. Only `threads` leaves learning as it is: the other three
//! change how much experience a gradient sees, so both answers are given apart. Start at [`run`].

use super::{
    args::CalibrateArgs,
    desk::Desk,
    error::JobError,
    ledger::{Bench, Ledger, Point, Probe},
    market, pipeline, plan,
    signals::{Second, Signals},
};
use config::{Config, LoadRequest};
use domain::{Clock, Exit, Lang, Phrase, StreamRng, SystemClock, durable};
use learn::{
    Callback, EnvFamily, MemorySink, Schedules, Surroundings, TrainError, Trainer, Turn,
    Uncontrolled,
};
use runs::{Home, Kind, NewRun, RunDir, Segment};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Updates that count in a probe, after one that warms up.
const UPDATES: u64 = 2;
/// A probe goes on for so long, so that the clock's and the machine's noise average out.
const MEASURE: Duration = Duration::from_millis(1_500);
/// A step of the search is taken for more than this, in parts of one.
const WORTH: f64 = 0.03;
/// Share of the free memory that a rollout may take.
const MEMORY_SHARE: f64 = 0.25;

/// What was found, as JSON.
#[derive(Debug, Serialize)]
struct Report {
    /// Settings of the fastest point, as `section.key=value`.
    sets: Vec<String>,
    steps_per_second: f64,
    /// How many times as fast as the configured point.
    speedup: f64,
    /// Whether `sets` change what is learned, not only how fast.
    changes_learning: bool,
    baseline: Measured,
    /// The fastest point that changes `train.threads` alone.
    threads_only: Measured,
    /// Whether the search came to its end within the budget.
    finished: bool,
    note: Phrase,
    machine: String,
    device: String,
    probes: Vec<Probe>,
}

#[derive(Debug, Serialize)]
struct Measured {
    sets: Vec<String>,
    steps_per_second: f64,
    speedup: f64,
}

/// `makook-worker calibrate …`; `env` is the process's environment.
#[must_use]
pub fn run(args: &CalibrateArgs, env: &BTreeMap<String, String>) -> Exit {
    calibrate(args, env).unwrap_or_else(|error| {
        eprintln!("makook-worker: {error}\n  hint: {}", error.hint().en);
        error.exit()
    })
}

fn calibrate(args: &CalibrateArgs, env: &BTreeMap<String, String>) -> Result<Exit, JobError> {
    let lang = Lang::from_locale(&args.lang);
    let request = LoadRequest {
        dir: args.dir.join("configs"),
        experiment: args.experiment.clone(),
        env: env.clone(),
        sets: args.set.clone(),
        ..LoadRequest::default()
    };
    let config = config::load(&request).map_err(JobError::Settings)?.config;
    let signals =
        Signals::listen(Second::EndsAtOnce).map_err(|error| JobError::io(&args.dir, error))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    // Preparing data notes its phases in a run: this one nobody will see.
    let scratch = tempfile::tempdir().map_err(|error| JobError::io(&args.dir, error))?;
    let new = NewRun {
        name: "calibration",
        kind: Kind::Train,
        parent: None,
        settings: "",
        version: env!("CARGO_PKG_VERSION"),
    };
    let home = Home::at(scratch.path());
    let run = RunDir::create(&home, &new, &*clock, &mut StreamRng::seeded(0))?;
    let segment = Segment::begin(&run, None, &*clock)?;
    let desk = Desk::new(segment, Arc::clone(&clock), signals);
    pipeline::with_family(&desk, &config, &args.dir, &mut |family| {
        let bench = Bench::describe(&config, family)?;
        let ledger = Ledger::open(&args.dir, &bench, args.fresh)?;
        let search = Search {
            desk: &desk,
            config: &config,
            family,
            bench,
            ledger,
            lang,
            began: clock.steady(),
            budget: Duration::from_secs(args.budget),
            probes: Vec::new(),
        };
        search.finish(&args.out)
    })
}

/// The search and what it has found so far.
struct Search<'a> {
    desk: &'a Desk,
    config: &'a Config,
    family: &'a EnvFamily<'a>,
    bench: Bench,
    ledger: Ledger,
    lang: Lang,
    began: Duration,
    budget: Duration,
    probes: Vec<Probe>,
}

/// Why a point has no figure.
enum Skip {
    /// It makes no sense, does not fit, or its training broke down.
    Point,
    /// Time is up or somebody asks for the end.
    Search,
}

impl Search<'_> {
    fn finish(mut self, out: &Path) -> Result<Exit, JobError> {
        let base = Point {
            n_envs: self.config.train.n_envs,
            horizon: self.config.agent.horizon,
            minibatch_size: self.config.agent.minibatch_size,
            threads: market::thread_count(self.config).get(),
        };
        let Ok(baseline) = self.rate(base)? else {
            return Ok(Exit::Interrupted);
        };
        let finished = self.climb(base, baseline)?;
        let confirmed = self.confirm(base)?;
        let report = self.report(base, finished, &confirmed);
        let bytes = serde_json::to_vec_pretty(&report).expect("plain data has a JSON form");
        durable::replace(out, &bytes).map_err(|error| JobError::io(out, error))?;
        self.tell(&report);
        let interrupted = self.desk.signals.received().is_some();
        Ok(if interrupted {
            Exit::Interrupted
        } else {
            Exit::Done
        })
    }

    /// Moves along one coordinate after the other while that pays; returns whether it came to an
    /// end by itself.
    fn climb(&mut self, base: Point, baseline: f64) -> Result<bool, JobError> {
        // Threads first and all of them: the only answer that leaves learning as it is.
        let (mut at, mut best) = (base, baseline);
        for threads in self.bench.thread_counts() {
            let point = Point { threads, ..base };
            match self.rate(point)? {
                Ok(rate) if rate > best * (1.0 + WORTH) => (at, best) = (point, rate),
                Err(Skip::Search) => return Ok(false),
                _ => {}
            }
        }
        loop {
            let before = at;
            for step in Point::STEPS {
                for up in [true, false] {
                    while let Some(point) = step(at, up) {
                        match self.rate(point)? {
                            Ok(rate) if rate > best * (1.0 + WORTH) => (at, best) = (point, rate),
                            Err(Skip::Search) => return Ok(false),
                            _ => break,
                        }
                    }
                }
            }
            if at == before {
                return Ok(true);
            }
        }
    }

    /// Returns the speed at `point`, from this search, from the ledger or measured.
    fn rate(&mut self, point: Point) -> Result<Result<f64, Skip>, JobError> {
        if let Some(known) = self.probes.iter().find(|probe| probe.point == point) {
            return Ok(Ok(known.steps_per_second));
        }
        if let Some(known) = self.ledger.find(point) {
            self.probes.push(known.clone());
            self.progress(&known);
            return Ok(Ok(known.steps_per_second));
        }
        if !self.fits(point) {
            return Ok(Err(Skip::Point));
        }
        let spent = self.desk.clock.steady().saturating_sub(self.began);
        let left = self.budget.saturating_sub(spent);
        let fastest = self.probes.iter().map(|probe| probe.steps_per_second);
        let fastest = fastest.fold(0.0, f64::max);
        let needed = (UPDATES + 1) as f64 * point.batch() as f64 / fastest;
        let too_long = !self.probes.is_empty() && needed > left.as_secs_f64();
        if too_long || self.desk.signals.received().is_some() {
            return Ok(Err(Skip::Search));
        }
        let Some(probe) = self.measure(point)? else {
            return Ok(Err(Skip::Point));
        };
        self.ledger.add(&probe)?;
        self.probes.push(probe.clone());
        self.progress(&probe);
        Ok(Ok(probe.steps_per_second))
    }

    fn fits(&self, point: Point) -> bool {
        let bytes = point.batch() as f64 * self.bench.obs_dim as f64 * 4.0;
        let room = self.bench.available_bytes * MEMORY_SHARE;
        point.minibatch_size <= point.batch() && (self.probes.is_empty() || bytes <= room)
    }

    /// Trains at `point` for a moment; `None` when its training breaks down.
    fn measure(&self, point: Point) -> Result<Option<Probe>, JobError> {
        let seed = self.config.train.seeds.first().copied().unwrap_or(0);
        let mut spec = plan::ppo(self.config, seed);
        spec.n_envs = point.n_envs;
        spec.horizon = point.horizon;
        spec.minibatch_size = point.minibatch_size;
        spec.threads = point.threads;
        // The stopwatch ends it; far from the end, schedules stand still.
        spec.total_steps = u64::MAX / 2;
        let marks = Arc::<Mutex<Vec<(u64, Duration)>>>::default();
        let watch = Stopwatch {
            marks: Arc::clone(&marks),
            signals: self.desk.signals.clone(),
        };
        let callbacks: Vec<Box<dyn Callback>> = vec![Box::new(Schedules), Box::new(watch)];
        let trained = Trainer::new(spec, self.family, callbacks).and_then(|mut trainer| {
            trainer.run(&mut Surroundings {
                sink: &mut MemorySink::default(),
                control: &mut Uncontrolled,
                store: None,
                clock: &*self.desk.clock,
            })
        });
        match trained {
            Ok(_) => {}
            Err(error @ (TrainError::NotFinite { .. } | TrainError::Spec { .. }))
                if !self.probes.is_empty() =>
            {
                eprintln!("{point}: {error}");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
        let marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
            return Ok(None);
        };
        let seconds = last.1.saturating_sub(first.1).as_secs_f64();
        let updates = marks.len() as u64 - 1;
        if updates < UPDATES || seconds <= 0.0 {
            return Ok(None);
        }
        Ok(Some(Probe {
            bench: self.bench.key.clone(),
            point,
            steps_per_second: (last.0 - first.0) as f64 / seconds,
            updates,
            seconds,
            at: self.desk.now(),
            reused: false,
        }))
    }

    /// Measures the winners and the configured point anew: the best of many noisy figures is
    /// partly luck, and only a second look tells how much.
    fn confirm(&self, base: Point) -> Result<Vec<Probe>, JobError> {
        let mut points = vec![base];
        for winner in [
            fastest(&self.probes, &|_| true).point,
            fastest(&self.probes, &|probe| probe.point.learns_as(base)).point,
        ] {
            if !points.contains(&winner) {
                points.push(winner);
            }
        }
        let mut again = Vec::new();
        for point in points {
            if self.desk.signals.received().is_some() {
                return Ok(self.probes.clone());
            }
            if let Some(probe) = self.measure(point)? {
                self.ledger.add(&probe)?;
                again.push(probe);
            }
        }
        let has_base = again.iter().any(|probe| probe.point == base);
        Ok(if has_base { again } else { self.probes.clone() })
    }

    /// Sums up; the figures are those of `confirmed`, which holds the configured point.
    fn report(&self, base: Point, finished: bool, confirmed: &[Probe]) -> Report {
        let fastest = |wanted: &dyn Fn(&Probe) -> bool| fastest(confirmed, wanted);
        let baseline = fastest(&|probe| probe.point == base);
        let measured = |probe: &Probe| Measured {
            sets: probe.point.sets(),
            steps_per_second: probe.steps_per_second,
            speedup: probe.steps_per_second / baseline.steps_per_second,
        };
        let same_learning = |probe: &Probe| probe.point.learns_as(base);
        let best = fastest(&|_| true);
        let threads_only = fastest(&same_learning);
        Report {
            sets: best.point.sets(),
            steps_per_second: best.steps_per_second,
            speedup: best.steps_per_second / baseline.steps_per_second,
            changes_learning: !same_learning(best),
            baseline: measured(baseline),
            threads_only: measured(threads_only),
            finished,
            note: Phrase::new(
                "train.n_envs, agent.horizon and agent.minibatch_size change what is learned, not \
                 only how fast: judge again after changing them; train.threads does not",
                "train.n_envs, agent.horizon, agent.minibatch_size는 속도뿐 아니라 학습 자체를 \
                 바꿉니다. 바꾼 뒤에는 다시 평가하세요. train.threads는 학습을 바꾸지 않습니다",
            ),
            machine: self.bench.key.machine.clone(),
            device: self.bench.key.device.clone(),
            probes: self.probes.clone(),
        }
    }

    fn progress(&self, probe: &Probe) {
        let spent = self.desk.clock.steady().saturating_sub(self.began);
        let left = self.budget.saturating_sub(spent).as_secs();
        let gain = 100.0 * (probe.steps_per_second / self.probes[0].steps_per_second - 1.0);
        let (number, point) = (self.probes.len(), probe.point);
        let speed = probe.steps_per_second / 1e3;
        let said = Phrase::new(
            format!(
                "{number:>3}  {point}: {speed:.1} k steps/s ({gain:+.0} %){}, at most {left} s left",
                if probe.reused {
                    ", from the ledger"
                } else {
                    ""
                },
            ),
            format!(
                "{number:>3}  {point}: 초당 {speed:.1}천 스텝 ({gain:+.0}%){}, 남은 시간 최대 {left}초",
                if probe.reused { ", 기록에서" } else { "" },
            ),
        );
        eprintln!("{}", said.get(self.lang));
    }

    fn tell(&self, report: &Report) {
        let said = Phrase::new(
            format!(
                "fastest: {} ({:.2} times); with threads alone: {} ({:.2} times)",
                report.sets.join(" "),
                report.speedup,
                report.threads_only.sets.join(" "),
                report.threads_only.speedup,
            ),
            format!(
                "가장 빠름: {} ({:.2}배), 스레드만 바꾸면: {} ({:.2}배)",
                report.sets.join(" "),
                report.speedup,
                report.threads_only.sets.join(" "),
                report.threads_only.speedup,
            ),
        );
        eprintln!("{}", said.get(self.lang));
        if report.changes_learning {
            eprintln!("{}", report.note.get(self.lang));
        }
    }
}

/// Returns the fastest of the wanted probes, of which there is one at least.
fn fastest<'a>(probes: &'a [Probe], wanted: &dyn Fn(&Probe) -> bool) -> &'a Probe {
    probes
        .iter()
        .filter(|probe| wanted(probe))
        .max_by(|a, b| a.steps_per_second.total_cmp(&b.steps_per_second))
        .expect("the configured point was measured")
}

/// Notes when each update ended and asks for the end once that is enough.
#[derive(Debug)]
struct Stopwatch {
    marks: Arc<Mutex<Vec<(u64, Duration)>>>,
    signals: Signals,
}

impl Callback for Stopwatch {
    fn name(&self) -> &'static str {
        "stopwatch"
    }

    fn after_update(&mut self, turn: &mut Turn<'_>) -> Result<(), TrainError> {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let now = turn.clock.steady();
        marks.push((turn.progress.steps, now));
        let measured = now.saturating_sub(marks[0].1) >= MEASURE;
        let enough = marks.len() as u64 > UPDATES && measured;
        if enough || self.signals.received().is_some() {
            turn.requests.stop = Some(Phrase::new("measured", "측정했습니다"));
        }
        Ok(())
    }
}
