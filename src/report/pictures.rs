//! The pictures of a report as figures: equity, drawdown, rolling Sharpe, returns, positions over
//! price, learning curves.

use crate::{
    axis::Unit,
    document::Say,
    figure::{Figure, Style},
    sheet::DRAWN,
};
use backtest::report::Report;
use domain::{Lang, Nanos};
use std::collections::BTreeMap;

/// Everything that is drawn of the test window.
pub(crate) fn test_window(report: &Report, lang: Lang) -> Vec<Figure> {
    vec![
        equity(report, lang),
        drawdown(report, lang),
        rolling_sharpe(report, lang),
        price(report, lang),
        position(report, lang),
        distribution(report, lang),
    ]
}

fn over_time(time: &[Nanos], values: &[f64]) -> Vec<(f64, f64)> {
    time.iter()
        .zip(values)
        .map(|(time, value)| (time.0 as f64, *value))
        .collect()
}

/// The chosen agent's equity with every other seed and the two plainest baselines, as growth.
fn equity(report: &Report, lang: Lang) -> Figure {
    let say = Say(lang);
    let curves = &report.curves;
    let growth =
        |values: &[f64]| -> Vec<f64> { values.iter().map(|value| report.growth(*value)).collect() };
    let title = match curves.seeds.len() {
        0 | 1 => say.pick(
            "Equity against baselines, after costs",
            "비용을 뺀 자산 곡선과 기준선",
        ),
        _ => say.pick(
            "Equity against baselines, after costs (thin: other seeds)",
            "비용을 뺀 자산 곡선과 기준선(가는 선: 다른 시드)",
        ),
    };
    let mut figure = Figure::new(title, Unit::Time, Unit::Percent).with_zero();
    if let Some(own) = curves.seeds.get(report.chosen) {
        let name = say.pick("agent", "에이전트");
        figure = figure.with(
            name,
            Style::Line,
            over_time(&curves.time, &growth(&own.values)),
        );
    }
    for baseline in &curves.baselines {
        if !DRAWN.contains(&baseline.name.as_str()) {
            continue;
        }
        let label = report.baselines.iter().find(|one| one.id == baseline.name);
        let name = label.map_or(baseline.name.clone(), |one| one.label.get(lang).to_owned());
        figure = figure.with(
            name,
            Style::Line,
            over_time(&curves.time, &growth(&baseline.values)),
        );
    }
    for (index, seed) in curves.seeds.iter().enumerate() {
        if index != report.chosen {
            let points = over_time(&curves.time, &growth(&seed.values));
            figure = figure.with(String::new(), Style::Faint, points);
        }
    }
    figure
}

fn drawdown(report: &Report, lang: Lang) -> Figure {
    let title = Say(lang).pick("Drawdown of the agent", "에이전트의 낙폭");
    let points = over_time(&report.curves.time, &report.curves.drawdown);
    Figure::new(title, Unit::Time, Unit::Percent)
        .with_zero()
        .with("", Style::Area, points)
}

/// What the moving ratio over `window` bars is called.
pub(crate) fn rolling_title(window: usize, lang: Lang) -> String {
    Say(lang).pick(
        &format!("Sharpe a year over {window} bars"),
        &format!("최근 {window}봉 샤프(연)"),
    )
}

fn rolling_sharpe(report: &Report, lang: Lang) -> Figure {
    let window = report.curves.rolling_window;
    let title = rolling_title(window, lang);
    let values: Vec<f64> = report
        .curves
        .rolling_sharpe
        .iter()
        .map(|value| value.unwrap_or(f64::NAN))
        .collect();
    let points = over_time(&report.curves.time, &values);
    Figure::new(title, Unit::Time, Unit::Number)
        .with_zero()
        .with("", Style::Line, points)
}

fn price(report: &Report, lang: Lang) -> Figure {
    const MOST_MARKS: usize = 400;
    let say = Say(lang);
    let curves = &report.curves;
    let trades = &curves.trades;
    let shown = trades.len().min(MOST_MARKS);
    let title = if trades.len() > shown {
        say.pick(
            &format!("Price with the last {shown} of {} trades", trades.len()),
            &format!("가격과 거래 {}건 중 최근 {shown}건", trades.len()),
        )
    } else {
        say.pick("Price with trades", "가격과 거래")
    };
    let marks = |long: bool| -> Vec<(f64, f64)> {
        let recent = trades[trades.len() - shown..].iter();
        let mut marks: Vec<(f64, f64)> = recent
            .flat_map(|trade| {
                let bought = trade.quantity > 0.0;
                let entry = (trade.entry_time.0 as f64, trade.entry_price);
                let exit = (trade.exit_time.0 as f64, trade.exit_price);
                if bought == long {
                    vec![entry]
                } else {
                    vec![exit]
                }
            })
            .collect();
        marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        marks
    };
    Figure::new(title, Unit::Time, Unit::Count)
        .with(
            say.pick("close", "종가"),
            Style::Line,
            over_time(&curves.time, &curves.candles.close),
        )
        .with(say.pick("buy", "매수"), Style::Up, marks(true))
        .with(say.pick("sell", "매도"), Style::Down, marks(false))
}

fn position(report: &Report, lang: Lang) -> Figure {
    let title = Say(lang).pick("Position as a multiple of equity", "자산 대비 포지션");
    let points = over_time(&report.curves.time, &report.curves.position);
    Figure::new(title, Unit::Time, Unit::Number)
        .with_zero()
        .with("", Style::Area, points)
}

fn distribution(report: &Report, lang: Lang) -> Figure {
    let histogram = &report.distribution;
    let bins = histogram.counts.len().max(1) as f64;
    let step = (histogram.high - histogram.low) / bins;
    let points = histogram
        .counts
        .iter()
        .enumerate()
        .map(|(index, count)| (histogram.low + (index as f64 + 0.5) * step, *count as f64))
        .collect();
    let title = Say(lang).pick(
        "Distribution of returns a bar (number of bars)",
        "봉 수익률 분포(봉 수)",
    );
    Figure::new(title, Unit::Percent, Unit::Count)
        .with_zero()
        .with("", Style::Bars, points)
}

/// One figure a learned quantity, one line a seed.
pub(crate) fn learning(report: &Report, lang: Lang) -> Vec<Figure> {
    let say = Say(lang);
    let titles: [(&str, &str, &str); 6] = [
        ("valid/score", "Validation score", "검증 점수"),
        (
            "rollout/episode_return",
            "Return of training episodes",
            "학습 에피소드 수익",
        ),
        ("loss/entropy", "Entropy of the policy", "정책 엔트로피"),
        ("loss/approx_kl", "Approximate KL divergence", "근사 KL"),
        ("loss/clip_fraction", "Clip fraction", "클립 비율"),
        (
            "loss/explained_variance",
            "Explained variance of the value",
            "가치 설명력",
        ),
    ];
    let mut by_key: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for curve in &report.heading.learning {
        by_key.entry(curve.key.as_str()).or_default().push(curve);
    }
    titles
        .iter()
        .filter_map(|(key, en, ko)| {
            let curves = by_key.get(key)?;
            let figure = Figure::new(say.pick(en, ko), Unit::Count, Unit::Number);
            Some(curves.iter().fold(figure, |figure, curve| {
                let steps = curve.steps.iter().map(|step| *step as f64);
                let points = steps.zip(curve.values.iter().copied()).collect();
                let name = format!("{} {}", say.pick("seed", "시드"), curve.seed);
                figure.with(name, Style::Line, points)
            }))
        })
        .collect()
}
