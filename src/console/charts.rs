//! How the charts of the run screen are looked at, and what they show beside the chosen run.
//!
//! One x domain and one cursor for all charts of the grid. Legends of the same lines change at most
//! twice a second, so that a fast training does not repaint them all the time. Start at [`Charts`].

use crate::{
    backlog::Backlog,
    dots::Form,
    extent::Extent,
    marks::{Mark, Marking},
    metric::METRICS,
    run_data::{Curve, RunData},
    series::{Axis, Series},
    smoothing::{Smoothed, Smoothing},
};
use runs::RunId;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Least time between two changes of the values in the legends of the same lines.
pub const LEGEND_PAUSE: Duration = Duration::from_millis(500);

/// Runs laid over the chosen one at most; more lines are told apart by nobody.
pub const MOST_OVERLAYS: usize = 5;

/// Steps from one end of what is shown to the other that the cursor makes.
const CURSOR_STEPS: f64 = 50.0;
/// Points of a curve that are smoothed while somebody waits.
const SMOOTHED_AT_ONCE: usize = 4_096;
/// The least that can be shown, as a share of the whole x domain.
const LEAST_SHOWN: f64 = 1e-7;

/// One line of a chart.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Whose it is.
    pub run: &'a RunId,
    /// The seed; `None` for the run as a whole.
    pub seed: Option<u64>,
    /// Which run it belongs to: 0 for the chosen one.
    pub place: usize,
    /// Its points as recorded.
    pub raw: &'a Series,
    /// Its smoothed twin; `None` while nothing is smoothed, or this curve not yet.
    pub smooth: Option<&'a Series>,
}

impl Line<'_> {
    /// Returns the curve whose values are told.
    #[must_use]
    pub fn told(&self) -> &Series {
        self.smooth.unwrap_or(self.raw)
    }
}

/// Whose curve it is: run, chart, seed.
pub type CurveName = (RunId, usize, Option<u64>);

/// How charts are looked at.
#[derive(Clone, Debug)]
pub struct Charts {
    /// What lies along x.
    pub axis: Axis,
    /// How strongly curves are smoothed.
    pub smoothing: Smoothing,
    /// How dots are shown.
    pub form: Form,
    /// Which marks are shown.
    pub marking: Marking,
    /// The part of the x domain that is shown; `None` for all of it.
    pub window: Option<(f64, f64)>,
    /// Where the cursor is; `None` while there is none.
    pub cursor: Option<f64>,
    /// Ranges of the charts, in the order of [`METRICS`].
    pub extents: Vec<Extent>,
    /// Runs laid over the chosen one.
    pub overlays: BTreeMap<RunId, Arc<RunData>>,
    /// Where what is drawn roughly is left to be read; `None` where nobody reads and everything is
    /// exact at once.
    pub backlog: Option<Backlog>,
    /// The latest value of each line of each chart.
    legends: Vec<Vec<Option<f64>>>,
    told_at: Option<Duration>,
    untold: bool,
    smoothed: BTreeMap<CurveName, Smoothed>,
    /// Curves that are being smoothed by another thread, and how strongly.
    awaited: BTreeMap<CurveName, Smoothing>,
}

impl Default for Charts {
    fn default() -> Self {
        Self {
            axis: Axis::default(),
            smoothing: Smoothing::default(),
            form: Form::default(),
            marking: Marking::default(),
            window: None,
            cursor: None,
            extents: vec![Extent::default(); METRICS.len()],
            overlays: BTreeMap::new(),
            backlog: None,
            legends: Vec::new(),
            told_at: None,
            untold: false,
            smoothed: BTreeMap::new(),
            awaited: BTreeMap::new(),
        }
    }
}

impl Charts {
    /// Forgets everything about the run shown before; how charts are looked at stays.
    pub fn begin(&mut self) {
        self.forget_awaited();
        *self = Self {
            axis: self.axis,
            smoothing: self.smoothing,
            form: self.form,
            marking: self.marking,
            overlays: std::mem::take(&mut self.overlays),
            backlog: self.backlog.take(),
            ..Self::default()
        };
    }

    /// Takes in what `data` and the overlays hold at the steady time `now`.
    pub fn take(&mut self, data: &RunData, now: Duration) {
        self.smooth(data);
        self.fit(data);
        self.untold = true;
        self.tell(Some(data), now);
    }

    /// Returns when the legends are to change, if they are not up to date.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        let told_at = self.told_at.filter(|_| self.untold)?;
        Some(told_at + LEGEND_PAUSE)
    }

    /// Brings the legends up to date once it is time.
    pub fn tell(&mut self, data: Option<&RunData>, now: Duration) {
        let Some(data) = data else {
            self.untold = false;
            return;
        };
        let early = self.told_at.is_some_and(|at| now < at + LEGEND_PAUSE);
        // Values that would stand beside other lines do not wait.
        let fits = |(metric, told): (usize, &Vec<_>)| self.lines(data, metric).len() == told.len();
        if !self.untold || early && self.legends.iter().enumerate().all(fits) {
            return;
        }
        let told = |metric: usize| {
            let lines = self.lines(data, metric);
            lines.iter().map(|line| line.told().last()).collect()
        };
        let legends = (0..METRICS.len()).map(told).collect();
        (self.legends, self.told_at, self.untold) = (legends, Some(now), false);
    }

    /// Returns the value that the legend tells of line `index` of chart `metric`: at the cursor,
    /// else the latest.
    #[must_use]
    pub fn legend(&self, metric: usize, index: usize, line: &Line<'_>) -> Option<f64> {
        match self.cursor {
            Some(x) => line.told().value_at(self.axis, x),
            None => *self.legends.get(metric)?.get(index)?,
        }
    }

    /// Returns the lines of chart `metric`, the chosen run's first.
    #[must_use]
    pub fn lines<'a>(&'a self, data: &'a RunData, metric: usize) -> Vec<Line<'a>> {
        let own = std::iter::once(data);
        let others = self.overlays.values().map(|data| &**data);
        let mut lines = Vec::new();
        for (place, data) in own.chain(others).enumerate() {
            let curves = data.curves.get(metric).into_iter().flatten();
            lines.extend(curves.map(|curve| self.line(data, metric, curve, place)));
        }
        lines
    }

    fn line<'a>(
        &'a self,
        data: &'a RunData,
        metric: usize,
        curve: &'a Curve,
        place: usize,
    ) -> Line<'a> {
        let smoothed = match self.smoothing {
            Smoothing::Off => None,
            _ => self.smoothed.get(&(data.run.clone(), metric, curve.seed)),
        };
        Line {
            run: &data.run,
            seed: curve.seed,
            place,
            raw: &curve.series,
            smooth: smoothed
                .filter(|smoothed| smoothed.is_of(&curve.series, self.smoothing))
                .map(Smoothed::series),
        }
    }

    /// Returns the marks of the chosen run that chart `metric` shows and where they lie, from the
    /// left. Runs laid over it lend it none of theirs.
    #[must_use]
    pub fn marks<'a>(&self, data: &'a RunData, metric: usize) -> Vec<(f64, &'a Mark)> {
        let curves = data.curves.get(metric).map_or(&[][..], Vec::as_slice);
        let place = |mark: &'a Mark| {
            let of_seed = |curve: &&Curve| curve.seed == mark.seed;
            let curve = curves.iter().find(of_seed).or(curves.first())?;
            Some((mark.x(self.axis, &curve.series)?, mark))
        };
        let shown = data.marks.iter().filter(|mark| self.marking.shows(mark));
        let mut marks: Vec<(f64, &Mark)> = shown.filter_map(place).collect();
        if self.axis != Axis::EnvSteps {
            marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        marks
    }

    fn smooth(&mut self, data: &RunData) {
        if self.smoothing == Smoothing::Off {
            self.smoothed.clear();
            self.forget_awaited();
            return;
        }
        let others: Vec<Arc<RunData>> = self.overlays.values().cloned().collect();
        for data in std::iter::once(data).chain(others.iter().map(|data| &**data)) {
            for (metric, curves) in data.curves.iter().enumerate() {
                for curve in curves {
                    let name = (data.run.clone(), metric, curve.seed);
                    self.follow(name, &curve.series);
                }
            }
        }
    }

    /// Smooths what was added to a curve; what takes long is another thread's to do.
    fn follow(&mut self, name: CurveName, raw: &Series) {
        let strength = self.smoothing;
        let smoothed = self.smoothed.entry(name.clone()).or_default();
        let is_long = smoothed.missing(raw, strength) > SMOOTHED_AT_ONCE;
        let Some(backlog) = self.backlog.as_ref().filter(|_| is_long) else {
            smoothed.follow(raw, strength);
            self.awaited.remove(&name);
            return;
        };
        if self.awaited.insert(name.clone(), strength) != Some(strength) {
            backlog.smooth(name, raw.clone(), strength, smoothed.clone());
        }
    }

    fn forget_awaited(&mut self) {
        let is_awaited = !std::mem::take(&mut self.awaited).is_empty();
        if let Some(backlog) = self.backlog.as_ref().filter(|_| is_awaited) {
            backlog.forget();
        }
    }

    /// Returns whether curves are being smoothed by another thread.
    #[must_use]
    pub fn is_smoothing(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// Takes in a curve that was smoothed meanwhile, unless nobody waits for it any more; with the
    /// last of them everything is fitted to all.
    pub fn smoothed(&mut self, name: CurveName, smoothed: Smoothed, data: &RunData, now: Duration) {
        if self.awaited.get(&name) == Some(&smoothed.strength()) {
            self.awaited.remove(&name);
            self.smoothed.insert(name, smoothed);
            if self.awaited.is_empty() {
                self.told_at = None;
                self.take(data, now);
            }
        }
    }

    /// Fits the ranges to what is shown: one x domain for all charts, a y range for each.
    fn fit(&mut self, data: &RunData) {
        let mut x_end = 0.0_f64;
        let mut ranges = Vec::new();
        for metric in 0..METRICS.len() {
            let mut all = None;
            for line in self.lines(data, metric) {
                if let Some(last) = line.raw.len().checked_sub(1) {
                    x_end = x_end.max(line.raw.x(self.axis, last));
                }
                // A smoothed curve lags: at a steep place it lies outside the raw one's range.
                for series in std::iter::once(line.raw).chain(line.smooth) {
                    let summary = match self.window {
                        Some(window) => series.within(self.axis, window),
                        None => series.summary(0..series.len()),
                    };
                    all = union(all, summary.span.range());
                }
            }
            ranges.push(all);
        }
        let planned = match self.axis {
            Axis::EnvSteps => data.planned,
            Axis::Time | Axis::Updates => 0.0,
        };
        for (extent, range) in self.extents.iter_mut().zip(ranges) {
            extent.take_range(x_end, range, planned);
        }
    }

    /// Lays no other runs than `wanted` over the chosen one.
    pub fn keep_overlays(&mut self, wanted: &[RunId]) {
        let gone: Vec<RunId> = self
            .overlays
            .keys()
            .filter(|id| !wanted.contains(id))
            .cloned()
            .collect();
        self.overlays.retain(|id, _| wanted.contains(id));
        self.smoothed.retain(|(run, ..), _| !gone.contains(run));
        self.awaited.retain(|(run, ..), _| !gone.contains(run));
    }

    /// Changes how charts are looked at, and fits everything to it anew.
    pub fn change(
        &mut self,
        data: Option<&RunData>,
        now: Duration,
        change: impl FnOnce(&mut Self),
    ) {
        change(self);
        self.extents = vec![Extent::default(); METRICS.len()];
        self.told_at = None;
        if let Some(data) = data {
            self.take(data, now);
        }
    }

    /// Returns the whole x domain; `None` before the first point.
    #[must_use]
    pub fn domain(&self) -> Option<(f64, f64)> {
        self.extents.first().and_then(Extent::x)
    }

    /// Returns the part of the x domain that is shown.
    #[must_use]
    pub fn shown(&self) -> Option<(f64, f64)> {
        self.window.or_else(|| self.domain())
    }

    /// Shows `factor` times as much, around the cursor or else the middle.
    pub fn zoom(&mut self, factor: f64) {
        let Some(((from, to), domain)) = self.shown().zip(self.domain()) else {
            return;
        };
        let whole = domain.1 - domain.0;
        let span = ((to - from) * factor).max(whole * LEAST_SHOWN);
        let centre = self.cursor.unwrap_or(from.midpoint(to));
        self.window = (span < whole).then(|| within(domain, centre - span / 2.0, span));
    }

    /// Shows what lies `share` of the shown part further right.
    pub fn pan(&mut self, share: f64) {
        let (Some((from, to)), Some(domain)) = (self.window, self.domain()) else {
            return;
        };
        let span = to - from;
        self.window = Some(within(domain, from + span * share, span));
    }

    /// Moves the cursor by `steps`, or puts it on the last point; what is shown follows it.
    pub fn step(&mut self, steps: f64, last: Option<f64>) {
        let Some(((from, to), domain)) = self.shown().zip(self.domain()) else {
            return;
        };
        let at = match self.cursor {
            Some(x) => x + (to - from) / CURSOR_STEPS * steps,
            None => last.unwrap_or(to).clamp(from, to),
        };
        self.look_at(at.clamp(domain.0, domain.1));
    }

    /// Puts the cursor at `at`; what is shown follows it.
    pub fn look_at(&mut self, at: f64) {
        self.cursor = Some(at);
        let domain = self.domain().unwrap_or((at, at));
        if let Some((from, to)) = self.window
            && !(from..=to).contains(&at)
        {
            self.window = Some(within(domain, at - (to - from) / 2.0, to - from));
        }
    }
}

fn union(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> Option<(f64, f64)> {
    match (a, b) {
        (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
        (a, b) => a.or(b),
    }
}

/// Returns the stretch of `span` from `from` on, moved into `domain`.
fn within(domain: (f64, f64), from: f64, span: f64) -> (f64, f64) {
    let from = from.min(domain.1 - span).max(domain.0);
    (from, from + span)
}
