//! One evaluated window as a sheet: curves, falls, distribution and figures, with their conventions.
//!
//! Every figure is `backtest`'s; here they are measured anew from the recorded equity, so that a
//! window without a report has a sheet as well. Of the held-out window the report adds baselines
//! and costs. Start at [`read`].

use crate::{
    document::{Say, Table},
    figure::thin,
    pictures,
    stated::Stated,
    tables, terminal,
    trades::Totals,
};
use backtest::{
    Conventions, DatedDrawdown, Performance, Words,
    curves::Histogram,
    drawdown::{drawdown_curve, drawdowns},
    performance::returns_of,
    report::Report,
    rolling::{rolling_sharpe, window_of},
};
use domain::{Lang, Nanos, Timeframe};
use runs::{EquityRecord, Evaluation, RunDir, RunReader, RunsError, Scope, compare::flat_settings};
use std::sync::Arc;

/// Columns that a curve has at most; thinning keeps four points of each.
const BUCKETS: usize = 800;
/// Falls listed.
const FALLS: usize = 5;
/// Baselines that are drawn beside the agent, here and in the report.
pub(crate) const DRAWN: [&str; 3] = ["buy_and_hold", "moving_average_cross", "momentum"];

/// One evaluated window.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The window.
    pub scope: Scope,
    /// Training step of the policy.
    pub step: u64,
    /// First and last bar close.
    pub span: (Nanos, Nanos),
    /// `(seconds, growth since the first point as a fraction)`.
    pub equity: Vec<(f64, f64)>,
    /// The same of the plainest baselines.
    pub baselines: Vec<(Words, Vec<(f64, f64)>)>,
    /// `(seconds, fraction below the highest equity, negative)`.
    pub drawdown: Vec<(f64, f64)>,
    /// Deepest falls, the deepest first.
    pub falls: Vec<DatedDrawdown>,
    /// `(seconds, Sharpe ratio a year)` over the last [`Self::rolling_window`] bars; NaN before.
    pub rolling: Vec<(f64, f64)>,
    /// Bars of that window.
    pub rolling_window: usize,
    /// Distribution of the returns a bar.
    pub distribution: Histogram,
    /// Figures of the returns.
    pub performance: Performance,
    /// What the figures were computed with.
    pub conventions: Conventions,
    /// Round trips of the window.
    pub totals: Totals,
    /// Fee and spread in bps, where known.
    pub costs: Option<(f64, f64)>,
    /// The report, where it is about this window.
    report: Option<Arc<Report>>,
}

/// Reads every window that was evaluated, training first and the held-out one last.
///
/// # Errors
/// The operating system's error.
pub fn read(run: &RunDir, report: Option<&Arc<Report>>) -> Result<Vec<Sheet>, RunsError> {
    let mut reader = RunReader::new(run);
    reader.poll()?;
    let stated = Stated::of(&flat_settings(run).unwrap_or_default());
    let mut sheets = Vec::new();
    for scope in [
        Scope::Train,
        Scope::Valid,
        Scope::Test,
        Scope::Paper,
        Scope::Live,
    ] {
        let of_scope = Evaluation::with_equity(&reader).filter(|one| one.scope == scope);
        let Some(latest) = Evaluation::latest(of_scope) else {
            continue;
        };
        let Some(found) = reader.track(latest.track) else {
            continue;
        };
        let points = found.equity.records().iter();
        let points: Vec<EquityRecord> = points.filter(|one| latest.left(*one)).copied().collect();
        let mut totals = Totals::default();
        let trades = found.trades.records().iter();
        for trade in trades.filter(|trade| latest.left(*trade)) {
            totals.add(trade);
        }
        let about_it = report.filter(|_| scope == Scope::Test);
        sheets.extend(Sheet::of(&points, totals, &stated, about_it));
    }
    Ok(sheets)
}

impl Sheet {
    /// Measures one window's equity; `None` for fewer than two points, for a first
    /// one that is not positive and for any that is negative.
    #[must_use]
    pub fn of(
        points: &[EquityRecord],
        totals: Totals,
        stated: &Stated,
        report: Option<&Arc<Report>>,
    ) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        let equity: Vec<f64> = points.iter().map(|point| point.equity).collect();
        // A ruined account stays at nothing; one below has no returns.
        let sound = |value: &f64| value.is_finite() && *value >= 0.0;
        if points.len() < 2 || equity[0] <= 0.0 || !equity.iter().all(sound) {
            return None;
        }
        let times: Vec<Nanos> = points.iter().map(|point| point.t).collect();
        let conventions = match report {
            Some(report) => report.conventions,
            None => conventions_of(&times, stated),
        };
        let returns = returns_of(&equity);
        let rolling_window = window_of(points.len(), &conventions);
        let rolled = rolling_sharpe(&returns, rolling_window, &conventions);
        let rolled = std::iter::once(f64::NAN)
            .chain(rolled.into_iter().map(|value| value.unwrap_or(f64::NAN)));
        let over_time = |values: &mut dyn Iterator<Item = f64>| {
            let all: Vec<(f64, f64)> = times.iter().map(|t| t.seconds()).zip(values).collect();
            thin(&all, BUCKETS)
        };
        let falls = drawdowns(&equity);
        let costs_of = |report: &Arc<Report>| {
            let costs = &report.account.costs;
            (costs.fee_bps, costs.spread_bps)
        };
        Some(Self {
            scope: first.scope,
            step: first.step,
            span: (first.t, last.t),
            equity: over_time(&mut equity.iter().map(|value| value / equity[0] - 1.0)),
            baselines: report.map_or_else(Vec::new, |report| baselines(report, first.t, last.t)),
            drawdown: over_time(&mut drawdown_curve(&equity).into_iter()),
            falls: falls
                .iter()
                .take(FALLS)
                .map(|fall| fall.dated(&times))
                .collect(),
            rolling: over_time(&mut { rolled }),
            rolling_window,
            distribution: Histogram::of(&returns),
            performance: Performance::of_returns(&returns, &conventions),
            conventions,
            totals,
            costs: report.map(costs_of).or(stated.costs),
            report: report.cloned(),
        })
    }

    /// Returns the conventions without which no figure means anything, in one short line.
    #[must_use]
    pub fn conventions_in_short(&self, lang: Lang) -> String {
        let say = Say(lang);
        let Conventions {
            periods_per_year: periods,
            risk_free,
            ..
        } = self.conventions;
        let rate = risk_free * 100.0;
        let mut text = say.pick(
            &format!("{periods} periods a year, risk-free {rate}%"),
            &format!("연 {periods}기간, 무위험 {rate}%"),
        );
        if let Some((fee, spread)) = self.costs {
            text.push_str(&say.pick(
                &format!(", fee {fee} bps a side, spread {spread} bps"),
                &format!(", 수수료 편도 {fee}bps, 스프레드 {spread}bps"),
            ));
        }
        text
    }

    /// Returns what the moving ratio is called.
    #[must_use]
    pub fn rolling_title(&self, lang: Lang) -> String {
        pictures::rolling_title(self.rolling_window, lang)
    }

    /// Lays figures, falls and conventions out in lines of at most `columns` cells.
    #[must_use]
    pub fn lines(&self, lang: Lang, columns: usize) -> Vec<String> {
        let say = Say(lang);
        let mut text = terminal::table(&self.figures(lang), columns);
        text.push('\n');
        text.push_str(&terminal::table(&self.list_of_falls(lang), columns));
        text.push('\n');
        let words = match &self.report {
            Some(report) => report.conventions_in_words.get(lang).to_owned(),
            None => self.conventions.words().get(lang).to_owned(),
        };
        let words = format!("{}: {words}", say.pick("conventions", "계산 기준"));
        for line in terminal::wrap(&words, columns) {
            text.push_str(&format!("{line}\n"));
        }
        text.lines().map(str::to_owned).collect()
    }

    /// The figures: beside every baseline where there is a report.
    fn figures(&self, lang: Lang) -> Table {
        match &self.report {
            Some(report) => tables::beside_baselines(report, lang),
            None => tables::of_returns(&self.performance, self.falls.first(), &self.totals, lang),
        }
    }

    fn list_of_falls(&self, lang: Lang) -> Table {
        let say = Say(lang);
        let head = [
            ("deepest falls", "깊은 낙폭"),
            ("start", "시작"),
            ("trough", "저점"),
            ("recovered", "회복"),
        ];
        let not_yet = || say.pick("not yet", "아직");
        let rows = self.falls.iter().map(|fall| {
            vec![
                tables::percent(Some(fall.depth)),
                fall.start.date(),
                fall.trough.date(),
                fall.recovery.map_or_else(not_yet, |at| at.date()),
            ]
        });
        Table {
            head: head.iter().map(|(en, ko)| say.pick(en, ko)).collect(),
            rows: rows.collect(),
        }
    }
}

/// Growth of the plainest baselines between two instants.
fn baselines(report: &Report, from: Nanos, to: Nanos) -> Vec<(Words, Vec<(f64, f64)>)> {
    let curves = &report.curves;
    let drawn = curves.baselines.iter().filter_map(|curve| {
        let label = report.baselines.iter().find(|one| one.id == curve.name)?;
        let growth = curve.values.iter().map(|equity| report.growth(*equity));
        let within = |(t, _): &(&Nanos, f64)| (from..=to).contains(t);
        let points = curves.time.iter().zip(growth).filter(within);
        let points = points.map(|(t, growth)| (t.seconds(), growth));
        let known = DRAWN.contains(&curve.name.as_str());
        known.then(|| (label.label.clone(), points.collect()))
    });
    drawn.collect()
}

/// The conventions that were stated, for bars as far apart as these usually are.
fn conventions_of(times: &[Nanos], stated: &Stated) -> Conventions {
    let mut gaps: Vec<i64> = times.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    gaps.sort_unstable();
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
    let market = match Timeframe::from_nanos(usual) {
        Some(timeframe) => Conventions::for_market(timeframe, stated.days),
        None => Conventions::default(),
    };
    Conventions {
        risk_free: stated.risk_free,
        ..market
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn report() -> Arc<Report> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report.json");
        let bytes = std::fs::read(path).unwrap();
        Arc::new(serde_json::from_slice(&bytes).unwrap())
    }

    fn points(equity: &[f64]) -> Vec<EquityRecord> {
        let hour = |n: usize| Nanos::from_millis(1_690_000_000_000 + n as i64 * 3_600_000);
        let point = |(n, equity): (usize, &f64)| EquityRecord {
            step: 5,
            scope: Scope::Test,
            t: hour(n),
            equity: *equity,
            drawdown: 0.0,
            position: 0.0,
        };
        equity.iter().enumerate().map(point).collect()
    }

    #[test]
    fn figures_are_those_of_backtest_and_name_their_conventions() {
        let equity: Vec<f64> = (0..200)
            .map(|n| 100.0 + f64::from(n) * 0.1 + (f64::from(n) * 0.7).sin())
            .collect();
        let settings = [
            ("env.fee_bps", "10.0"),
            ("env.spread_bps", "1"),
            ("evaluate.trading_days", "2_52.0"),
            ("evaluate.risk_free", "0.02"),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let stated = Stated::of(&BTreeMap::from(settings));
        let sheet = Sheet::of(&points(&equity), Totals::default(), &stated, None).unwrap();
        let conventions = Conventions {
            risk_free: 0.02,
            ..Conventions::for_market(Timeframe::HOUR, 252.0)
        };
        assert_eq!(sheet.conventions, conventions);
        let usual = Sheet::of(
            &points(&equity),
            Totals::default(),
            &Stated::default(),
            None,
        );
        let usual = usual.unwrap().conventions;
        assert_eq!(usual, Conventions::for_market(Timeframe::HOUR, 365.0));
        assert_eq!(
            sheet.performance,
            Performance::of_equity(&equity, &conventions)
        );
        assert_eq!(sheet.distribution.counts.iter().sum::<u64>(), 199);
        assert!(sheet.rolling[0].1.is_nan() && sheet.rolling[199].1.is_finite());
        let short = sheet.conventions_in_short(Lang::En);
        for part in ["6048 periods", "risk-free 2%", "fee 10 bps", "spread 1 bps"] {
            assert!(short.contains(part), "{short}");
        }
    }

    #[test]
    fn falls_have_start_trough_and_recovery() {
        let equity = [100.0, 110.0, 99.0, 105.0, 110.0, 120.0, 60.0, 90.0];
        let sheet = Sheet::of(
            &points(&equity),
            Totals::default(),
            &Stated::default(),
            None,
        )
        .unwrap();
        assert_eq!(sheet.falls.len(), 2);
        assert_eq!(sheet.falls[0].recovery, None);
        let lines = sheet.lines(Lang::En, 80).join("\n");
        assert!(
            lines.contains("not yet") && lines.contains("-50.00%"),
            "{lines}"
        );
        let korean = sheet.lines(Lang::Ko, 80).join("\n");
        assert!(
            korean.contains("아직") && korean.contains("계산 기준"),
            "{korean}"
        );
    }

    #[test]
    fn the_report_adds_baselines_and_its_own_costs() {
        let report = report();
        let agent = report.curves.seeds[report.chosen].values.iter();
        let points: Vec<EquityRecord> = points(&agent.copied().collect::<Vec<_>>())
            .into_iter()
            .zip(&report.curves.time)
            .map(|(point, t)| EquityRecord { t: *t, ..point })
            .collect();
        let sheet = Sheet::of(
            &points,
            Totals::default(),
            &Stated::default(),
            Some(&report),
        )
        .unwrap();
        assert_eq!(sheet.costs, Some((10.0, 1.0)));
        assert_eq!(sheet.baselines.len(), 3);
        for (label, points) in &sheet.baselines {
            let mut all = report.baselines.iter();
            let told = all.find(|one| one.label == *label).unwrap();
            let told = told.metrics.performance.total_return;
            let drawn = points.last().unwrap().1;
            assert!((drawn - told).abs() < 1e-3, "{}: {drawn}, {told}", label.en);
        }
        let lines = sheet.lines(Lang::Ko, 160).join("\n");
        assert!(lines.contains("매수 후 보유"), "{lines}");
    }

    #[test]
    fn few_returns_have_no_figure_a_year() {
        let lines = |count: i32| {
            let equity: Vec<f64> = (0..count)
                .map(|n| 100.0 + f64::from(n % 3) + f64::from(n))
                .collect();
            let sheet = Sheet::of(
                &points(&equity),
                Totals::default(),
                &Stated::default(),
                None,
            );
            sheet.unwrap().lines(Lang::En, 80)
        };
        let annual = |lines: &[String]| -> Vec<bool> {
            let names = ["annual return", "annual vol", "Sharpe", "Sortino", "Calmar"];
            let told = |name: &&str| {
                let line = lines
                    .iter()
                    .find(|line| line.trim_start().starts_with(name));
                !line.unwrap().trim_end().ends_with('–')
            };
            names.iter().map(told).collect()
        };
        assert_eq!(annual(&lines(30)), [false; 5]);
        assert_eq!(annual(&lines(31)), [true; 5]);
        assert!(
            lines(30)[1..]
                .iter()
                .any(|line| line.contains("total return"))
        );
    }

    #[test]
    fn a_ruined_account_has_a_sheet() {
        let sheet = Sheet::of(
            &points(&[100.0, 50.0, 0.0, 0.0]),
            Totals::default(),
            &Stated::default(),
            None,
        );
        assert!((sheet.unwrap().falls[0].depth + 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_measured_has_no_sheet() {
        let odd: [&[f64]; 5] = [
            &[],
            &[100.0],
            &[0.0, 1.0],
            &[100.0, -1.0],
            &[100.0, f64::NAN],
        ];
        for equity in odd {
            assert!(
                Sheet::of(&points(equity), Totals::default(), &Stated::default(), None).is_none()
            );
        }
    }
}
