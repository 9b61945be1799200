//! Follows one run's files and turns what they hold into [`RunData`].
//!
//! Keeps columns of the watched metrics only: a long training has more records than a screen ever
//! shows. Thinning keeps every extreme. Start at [`RunFiles::poll`].

use crate::{
    marks::Mark,
    metric::{METRICS, of_key},
    placement::Placement,
    run_data::{Curve, Evaluation, RunData, Trades},
    scratch::Scratch,
    series::Series,
};
use backtest::drawdown::max_drawdown;
use domain::{Nanos, Phrase};
use report::{
    figure::thin,
    health::{self, Limits, Recorded},
    trades::Totals,
};
use runs::{
    EquityRecord, Event, EventRecord, MetricRecord, RunDir, RunsError, Scope, Track, TradeRecord,
    compare::flat_settings,
    reader::{Delta, Joined, Kept, TrackReader, metrics},
};
use std::{collections::BTreeMap, sync::Arc};

/// Columns that an equity chart has at most; thinning keeps four points of each.
const BUCKETS: usize = 800;
/// Events kept.
const EVENTS: usize = 500;

/// Follows one run.
#[derive(Debug)]
pub struct RunFiles {
    run: RunDir,
    scratch: Arc<Scratch>,
    settings: BTreeMap<String, String>,
    tracks: BTreeMap<Track, Followed>,
    placement: Placement,
    trades: Option<Sorted>,
    problem: Option<Phrase>,
    bad_lines: u64,
    /// What is known was returned.
    is_told: bool,
    /// There is more to read.
    is_behind: bool,
}

/// Round trips of one evaluation, kept while nothing is added.
#[derive(Debug)]
struct Sorted {
    /// Which, and how often its trades had changed.
    of: (runs::Evaluation, u64),
    trades: Trades,
    totals: Totals,
}

#[derive(Debug)]
struct Followed {
    metrics: Joined,
    /// There is more of them to read.
    more: bool,
    /// One column a row of [`METRICS`] and a key of it.
    columns: Vec<BTreeMap<usize, Series>>,
    rest: TrackReader,
    health: Recorded,
    versions: [u64; 3],
}

impl RunFiles {
    /// Starts with nothing read; settings that cannot be read are empty.
    #[must_use]
    pub fn new(run: RunDir) -> Self {
        let settings = flat_settings(&run).unwrap_or_default();
        Self {
            run,
            scratch: Arc::default(),
            settings,
            tracks: BTreeMap::new(),
            placement: Placement::default(),
            trades: None,
            problem: None,
            bad_lines: 0,
            is_told: false,
            is_behind: false,
        }
    }

    /// Has the next poll return the data even if nothing was added.
    pub fn tell_again(&mut self) {
        self.is_told = false;
    }

    /// Has the points of long curves lie in `scratch`, which others may share; to be called before
    /// anything is read.
    #[must_use]
    pub fn on(self, scratch: &Arc<Scratch>) -> Self {
        let scratch = Arc::clone(scratch);
        Self { scratch, ..self }
    }

    /// Takes in what was added; returns the data if anything changed.
    pub fn poll(&mut self) -> Option<RunData> {
        self.poll_while(|| true)
    }

    /// The same until `goes_on` says no, which is asked before each piece of metrics but the first of
    /// each track.
    pub fn poll_while(&mut self, mut goes_on: impl FnMut() -> bool) -> Option<RunData> {
        let mut changed = !std::mem::replace(&mut self.is_told, true);
        changed |= self.placement.poll(&self.run);
        let seeds = self.run.seeds().into_iter().map(Track::Seed);
        for track in std::iter::once(Track::Run).chain(seeds) {
            self.tracks.entry(track).or_insert_with(|| {
                changed = true;
                Followed::new(&self.run, track, Limits::of(&self.settings))
            });
        }
        let (was_behind, mut problem, mut is_first) = (self.is_behind, None, true);
        loop {
            self.is_behind = false;
            for followed in self.tracks.values_mut() {
                if !is_first && followed.more && !goes_on() {
                    self.is_behind = true;
                    break;
                }
                if is_first || followed.more {
                    let (news, failed) = followed.poll(&self.scratch);
                    changed |= news;
                    problem = problem.or(failed.map(|error| error.says()));
                }
                self.is_behind |= followed.more;
            }
            is_first = false;
            if !self.is_behind || !goes_on() {
                break;
            }
        }
        // That all of it is read is news even where the last piece held none.
        changed |= was_behind != self.is_behind;
        // What cannot be read is news, and so is what can be read again.
        let bad_lines = self.tracks.values().map(Followed::bad_lines).sum();
        changed |= problem != self.problem || bad_lines != self.bad_lines;
        (self.problem, self.bad_lines) = (problem, bad_lines);
        changed.then(|| self.data())
    }

    /// Returns whether there is more to read already.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Returns which share of the metrics is read, in `[0, 1]`.
    #[must_use]
    pub fn share(&self) -> f64 {
        let parts = self.tracks.values().map(|track| track.metrics.progress());
        let (read, there) = parts.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        read as f64 / there.max(1) as f64
    }

    fn data(&mut self) -> RunData {
        let events = self.events();
        let evaluation = self.evaluation();
        let mut settings = self.settings.clone();
        for (_, record) in &events {
            if let Event::SettingChanged { key, to, .. } = &record.event {
                settings.insert(key.clone(), to.clone());
            }
        }
        let planned = settings
            .get("train.total_steps")
            .map(|text| text.replace('_', ""));
        RunData {
            curves: (0..METRICS.len())
                .map(|metric| self.curves(metric))
                .collect(),
            planned: planned.and_then(|text| text.parse().ok()).unwrap_or(0.0),
            evaluation,
            // Half a training looks wrong where the whole does not.
            findings: match self.is_behind {
                true => Vec::new(),
                false => self.findings(),
            },
            marks: self.marks(),
            bad_lines: self.bad_lines,
            events,
            settings,
            place: self.placement.place().clone(),
            problem: self.problem.clone(),
            ..RunData::empty(self.run.id().clone())
        }
    }

    fn curves(&self, metric: usize) -> Vec<Curve> {
        let of_track = |(track, followed): (&Track, &Followed)| {
            let (_, series) = followed.columns[metric].first_key_value()?;
            Some(Curve::new(seed_of(*track), series.clone()))
        };
        self.tracks.iter().filter_map(of_track).collect()
    }

    fn marks(&self) -> Vec<Mark> {
        let tracks: Vec<_> = self
            .tracks
            .iter()
            .map(|(track, followed)| (seed_of(*track), followed.rest.events.records()))
            .collect();
        Mark::all(&tracks)
    }

    fn findings(&self) -> Vec<health::Finding> {
        let tracks: Vec<&Recorded> = self.tracks.values().map(|track| &track.health).collect();
        health::examine(&tracks)
    }

    fn events(&self) -> Vec<(Option<u64>, EventRecord)> {
        let mut events: Vec<(Option<u64>, EventRecord)> = self
            .tracks
            .iter()
            .flat_map(|(track, followed)| {
                let seed = seed_of(*track);
                followed
                    .rest
                    .events
                    .records()
                    .iter()
                    .map(move |record| (seed, record.clone()))
            })
            .collect();
        events.sort_by_key(|(_, record)| record.t);
        let superfluous = events.len().saturating_sub(EVENTS);
        events.drain(..superfluous);
        events
    }

    fn evaluation(&mut self) -> Evaluation {
        let all = self.tracks.iter().flat_map(|(track, followed)| {
            runs::Evaluation::of(*track, followed.rest.equity.records())
        });
        let Some(latest) = runs::Evaluation::latest(all) else {
            return Evaluation::default();
        };
        let rest = &self.tracks[&latest.track].rest;
        let points = rest.equity.records().iter();
        let points: Vec<&EquityRecord> = points.filter(|one| latest.left(*one)).collect();
        let curve = |value: fn(&EquityRecord) -> f64| {
            let all: Vec<(f64, f64)> = points
                .iter()
                .map(|record| (record.t.seconds(), value(record)))
                .collect();
            thin(&all, BUCKETS)
        };
        let of = (latest, rest.trades.version());
        if self.trades.as_ref().is_none_or(|kept| kept.of != of) {
            self.trades = Some(Sorted::new(of, rest.trades.records()));
        }
        let kept = self.trades.as_ref();
        let (trades, totals) =
            kept.map_or_else(Default::default, |kept| (kept.trades.clone(), kept.totals));
        let (times, equity): (Vec<Nanos>, Vec<f64>) = points
            .iter()
            .map(|record| (record.t, record.equity))
            .unzip();
        Evaluation {
            held_out: latest.scope == Scope::Test,
            step: latest.step,
            equity: curve(|record| record.equity),
            drawdown: curve(|record| -record.drawdown),
            worst: max_drawdown(&equity).map(|fall| fall.dated(&times)),
            span: points
                .first()
                .zip(points.last())
                .map(|(first, last)| (first.t, last.t)),
            trades,
            totals,
        }
    }
}

impl Sorted {
    fn new(of: (runs::Evaluation, u64), records: &[TradeRecord]) -> Self {
        let left = records.iter().filter(|trade| of.0.left(*trade));
        let mut trades: Vec<TradeRecord> = left.copied().collect();
        trades.sort_by_key(|trade| trade.exit_t);
        Self {
            of,
            totals: Totals::of(&trades),
            trades: trades.into(),
        }
    }
}

impl Followed {
    fn new(run: &RunDir, track: Track, limits: Limits) -> Self {
        let layout = run.track(track);
        Self {
            metrics: metrics(&layout),
            more: false,
            columns: METRICS.iter().map(|_| BTreeMap::new()).collect(),
            rest: TrackReader::new(&layout),
            health: Recorded::new(seed_of(track), limits),
            versions: [0; 3],
        }
    }

    /// Takes in a piece of the metrics and all else that was added; returns whether anything was, and
    /// the first error: a file that cannot be read keeps no other from being read.
    fn poll(&mut self, scratch: &Arc<Scratch>) -> (bool, Option<RunsError>) {
        let mut changed = false;
        let polled = self.metrics.poll::<MetricRecord>();
        self.more = polled.as_ref().is_ok_and(|delta| delta.more);
        let failed = match polled {
            Ok(delta) => {
                changed |= self.take(&delta, scratch);
                None
            }
            Err(error) => Some(error),
        };
        let rest = [
            self.rest.equity.poll(),
            self.rest.trades.poll(),
            self.rest.events.poll(),
        ];
        let versions = [
            self.rest.equity.version(),
            self.rest.trades.version(),
            self.rest.events.version(),
        ];
        if versions != self.versions {
            changed = true;
            self.versions = versions;
            let (equity, trades) = (self.rest.equity.records(), self.rest.trades.records());
            self.health.test(equity, trades);
        }
        let failed = failed.or_else(|| rest.into_iter().find_map(Result::err));
        (changed, failed)
    }

    /// Takes in metrics that were added; returns whether there were any.
    fn take(&mut self, delta: &Delta<MetricRecord>, scratch: &Arc<Scratch>) -> bool {
        self.health.take(delta.kept, &delta.records);
        for column in self.columns.iter_mut().flat_map(BTreeMap::values_mut) {
            match delta.kept {
                Kept::All => {}
                Kept::Below(floor) => column.keep_below(floor as f64),
                Kept::Nothing => column.clear(),
            }
        }
        for record in &delta.records {
            for (key, value) in &record.k {
                let Some(metric) = of_key(key) else { continue };
                let rank = METRICS[metric].keys.iter().position(|known| known == key);
                let column = self.columns[metric].entry(rank.unwrap_or(0));
                let column = column.or_insert_with(|| Series::on(scratch));
                column.push(record.step as f64, record.t, *value);
            }
        }
        delta.kept != Kept::All || !delta.records.is_empty()
    }

    fn bad_lines(&self) -> u64 {
        self.metrics.bad_lines() + self.rest.bad_lines()
    }
}

fn seed_of(track: Track) -> Option<u64> {
    match track {
        Track::Run => None,
        Track::Seed(seed) => Some(seed),
    }
}
