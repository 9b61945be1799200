//! The tables of a report: metrics beside baselines, costs, seeds, provenance.

use crate::document::{Part, Say, Table};
use crate::trades::Totals;
use backtest::{
    DatedDrawdown, Metrics, Performance, cost_table::BreakEven, report::Report, rolling::FEWEST,
};
use domain::{Lang, Nanos};

/// Formats a fraction as per cent.
#[must_use]
pub fn percent(value: Option<f64>) -> String {
    finite(value).map_or_else(|| "–".to_owned(), |value| format!("{:.2}%", value * 100.0))
}

/// Formats a plain figure.
#[must_use]
pub fn plain(value: Option<f64>) -> String {
    finite(value).map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

/// Passes a figure a year on unless it rests on too few returns to mean anything.
pub(crate) fn annual(performance: &Performance, value: Option<f64>) -> Option<f64> {
    value.filter(|_| performance.periods >= FEWEST)
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// A row of the metrics table: names, and how it reads from one column's figures.
type Row = (&'static str, &'static str, fn(&Metrics) -> String);

const ROWS: &[Row] = &[
    ("total return", "총수익률", |m| {
        percent(Some(m.performance.total_return))
    }),
    ("annual return", "연수익률", |m| {
        percent(annual(&m.performance, m.performance.annual_return))
    }),
    ("annual volatility", "연변동성", |m| {
        percent(annual(&m.performance, m.performance.annual_volatility))
    }),
    ("Sharpe, annual", "샤프(연)", |m| {
        plain(annual(&m.performance, m.performance.sharpe))
    }),
    ("Sortino, annual", "소르티노(연)", |m| {
        plain(annual(&m.performance, m.performance.sortino))
    }),
    ("Calmar", "칼마", |m| {
        plain(annual(&m.performance, m.performance.calmar))
    }),
    ("Omega", "오메가", |m| plain(m.performance.omega)),
    ("max drawdown", "최대 낙폭", |m| {
        percent(m.performance.max_drawdown.map(|fall| fall.depth))
    }),
    ("  from", "  시작", |m| {
        date(m.max_drawdown.map(|fall| fall.start))
    }),
    ("  trough", "  저점", |m| {
        date(m.max_drawdown.map(|fall| fall.trough))
    }),
    ("  recovered", "  회복", |m| {
        date(m.max_drawdown.and_then(|fall| fall.recovery))
    }),
    ("VaR 5 % a bar", "VaR 5% (봉당)", |m| {
        percent(m.performance.value_at_risk)
    }),
    ("CVaR 5 % a bar", "CVaR 5% (봉당)", |m| {
        percent(m.performance.conditional_value_at_risk)
    }),
    ("tail ratio", "꼬리 비율", |m| {
        plain(m.performance.tail_ratio)
    }),
    ("skew", "왜도", |m| plain(m.performance.skew)),
    ("excess kurtosis", "초과 첨도", |m| {
        plain(m.performance.excess_kurtosis)
    }),
    ("trades", "거래 수", |m| m.activity.trades.to_string()),
    ("trades a day", "하루 거래", |m| {
        plain(Some(m.activity.trades_per_day))
    }),
    (
        "turnover a year, × equity",
        "연 회전율(자산의 배수)",
        |m| plain(Some(m.activity.turnover_per_year)),
    ),
    ("mean holding, hours", "평균 보유(시간)", |m| {
        plain(m.activity.mean_holding_hours)
    }),
    ("time in market", "보유 비중", |m| {
        percent(Some(m.activity.exposure))
    }),
    ("hit rate", "승률", |m| percent(m.activity.hit_rate)),
    ("profit factor", "손익비", |m| {
        plain(m.activity.profit_factor)
    }),
    (
        "costs, % of initial equity",
        "비용(초기 자산 대비)",
        |m| percent(Some(m.activity.costs_of_initial)),
    ),
    ("orders refused", "거절된 주문", |m| {
        m.activity.orders_refused.to_string()
    }),
];

fn date(time: Option<Nanos>) -> String {
    time.map_or_else(|| "–".to_owned(), |time| time.date())
}

/// Figures of returns alone, with the round trips' totals.
pub(crate) fn of_returns(
    performance: &Performance,
    deepest: Option<&DatedDrawdown>,
    totals: &Totals,
    lang: Lang,
) -> Table {
    let say = Say(lang);
    let metrics = Metrics {
        performance: *performance,
        max_drawdown: deepest.copied(),
        ..Metrics::default()
    };
    let of_returns = ROWS.iter().take_while(|(en, ..)| *en != "trades");
    let mut rows: Vec<Vec<String>> = of_returns
        .map(|(en, ko, cell)| vec![say.pick(en, ko), cell(&metrics)])
        .collect();
    let of_trades = [
        ("trades", "거래 수", totals.count.to_string()),
        ("hit rate", "승률", percent(totals.win_rate())),
        ("profit factor", "손익비", plain(totals.profit_factor())),
        ("fees", "수수료", plain(Some(totals.fees))),
    ];
    let of_trades = of_trades.map(|(en, ko, value)| vec![say.pick(en, ko), value]);
    rows.extend(of_trades);
    Table {
        head: vec![String::new(), say.pick("agent", "에이전트")],
        rows,
    }
}

/// The chosen agent's figures beside every baseline's.
pub(crate) fn beside_baselines(report: &Report, lang: Lang) -> Table {
    let say = Say(lang);
    let mut head = vec![String::new(), say.pick("agent", "에이전트")];
    let mut columns = vec![&report.evidence.metrics];
    for baseline in &report.baselines {
        head.push(baseline.label.get(lang).to_owned());
        columns.push(&baseline.metrics);
    }
    let rows = ROWS.iter().map(|(en, ko, cell)| {
        let mut row = vec![say.pick(en, ko)];
        row.extend(columns.iter().map(|metrics| cell(metrics)));
        row
    });
    Table {
        head,
        rows: rows.collect(),
    }
}

/// The chosen agent beside every baseline, with how sure the difference is.
pub(crate) fn metrics(report: &Report, lang: Lang) -> Vec<Part> {
    let say = Say(lang);
    let mut parts = vec![Part::Table(beside_baselines(report, lang))];
    if let Some(bootstrap) = report.evidence.bootstrap {
        let interval = bootstrap.interval;
        parts.push(Part::Note(format!(
            "{} {:.2} [{:.2}, {:.2}] ({:.0} %, {})",
            say.pick(
                "Sharpe with its stationary-bootstrap interval:",
                "정상 부트스트랩 구간을 붙인 샤프:"
            ),
            bootstrap.sharpe,
            interval.low,
            interval.high,
            interval.confidence * 100.0,
            say.pick(
                &format!("mean block {:.0} bars", bootstrap.block_length),
                &format!("평균 블록 {:.0}봉", bootstrap.block_length)
            )
        )));
    }
    parts.extend(paired(report, say));
    if let Some(timing) = report.timing {
        parts.push(Part::Note(say.pick(
            &format!(
                "Random timing: the same positions at {} random rotations; {:.1} % of them earned at least as much.",
                timing.rotations,
                timing.p_value * 100.0
            ),
            &format!(
                "무작위 시점: 같은 포지션을 {}번 무작위로 옮겼을 때 {:.1}%가 그만큼 이상 벌었습니다.",
                timing.rotations,
                timing.p_value * 100.0
            ),
        )));
    }
    parts
}

fn paired(report: &Report, say: Say) -> Option<Part> {
    if report.evidence.paired.is_empty() {
        return None;
    }
    let head = [
        ("Sharpe difference to", "샤프 차이 대상"),
        ("difference", "차이"),
        ("interval", "구간"),
        ("p, Holm", "p(홀름 보정)"),
    ];
    let rows = report.evidence.paired.iter().map(|test| {
        let label = report.baselines.iter().find(|one| one.id == test.baseline);
        vec![
            label.map_or_else(
                || test.baseline.clone(),
                |one| one.label.get(say.0).to_owned(),
            ),
            plain(Some(test.difference)),
            format!("[{:.2}, {:.2}]", test.interval.low, test.interval.high),
            plain(Some(test.p_adjusted)),
        ]
    });
    let head = head.iter().map(|(en, ko)| say.pick(en, ko)).collect();
    Some(Part::Table(Table {
        head,
        rows: rows.collect(),
    }))
}

/// The same decisions at other costs.
pub(crate) fn costs(report: &Report, lang: Lang) -> Vec<Part> {
    let say = Say(lang);
    let Some(table) = &report.evidence.costs else {
        return Vec::new();
    };
    let head = [
        ("cost a side", "편도 비용"),
        ("total return", "총수익률"),
        ("annual return", "연수익률"),
        ("Sharpe", "샤프"),
        ("max drawdown", "최대 낙폭"),
    ];
    let replayed = &report.evidence.metrics.performance;
    let rows = table.rows.iter().map(|row| {
        vec![
            format!("{} bps", row.bps),
            percent(Some(row.total_return)),
            percent(annual(replayed, row.annual_return)),
            plain(annual(replayed, row.sharpe)),
            percent(Some(row.max_drawdown)),
        ]
    });
    let break_even = match table.break_even {
        BreakEven::Never => say.pick(
            "Break-even: none, the decisions lose even without costs.",
            "손익분기 비용: 없음. 비용이 없어도 손실입니다.",
        ),
        BreakEven::At { bps } => say.pick(
            &format!("Break-even at {bps:.2} bps a side."),
            &format!("손익분기 비용: 편도 {bps:.2}bps."),
        ),
        BreakEven::Above { bps } => say.pick(
            &format!("Break-even above {bps:.0} bps a side."),
            &format!("손익분기 비용: 편도 {bps:.0}bps 이상."),
        ),
    };
    let stated = say.pick(
        &format!(
            "The settings' own costs: {:.2} bps a side.",
            table.stated_bps
        ),
        &format!("설정된 비용: 편도 {:.2}bps.", table.stated_bps),
    );
    let head = head.iter().map(|(en, ko)| say.pick(en, ko)).collect();
    vec![
        Part::Table(Table {
            head,
            rows: rows.collect(),
        }),
        Part::Note(format!("{break_even} {stated}")),
    ]
}

/// Every seed, and what they say together.
pub(crate) fn seeds(report: &Report, lang: Lang) -> Vec<Part> {
    let say = Say(lang);
    let head = [
        ("seed", "시드"),
        ("total return", "총수익률"),
        ("Sharpe", "샤프"),
        ("max drawdown", "최대 낙폭"),
        ("trades", "거래 수"),
        ("time in market", "보유 비중"),
        ("", ""),
    ];
    let rows = report.seeds.iter().enumerate().map(|(index, seed)| {
        let (performance, activity) = (&seed.metrics.performance, &seed.metrics.activity);
        vec![
            seed.seed.to_string(),
            percent(Some(performance.total_return)),
            plain(annual(performance, performance.sharpe)),
            percent(performance.max_drawdown.map(|fall| fall.depth)),
            activity.trades.to_string(),
            percent(Some(activity.exposure)),
            if index == report.chosen {
                say.pick("chosen on validation", "검증에서 선택됨")
            } else {
                String::new()
            },
        ]
    });
    let head = head.iter().map(|(en, ko)| say.pick(en, ko)).collect();
    let mut parts = vec![Part::Table(Table {
        head,
        rows: rows.collect(),
    })];
    if let Some(all) = report.evidence.seeds {
        let interval = all.interval.map_or_else(String::new, |interval| {
            format!(
                " [{:.2}%, {:.2}%]",
                interval.low * 100.0,
                interval.high * 100.0
            )
        });
        parts.push(Part::Note(say.pick(
            &format!(
                "Total return over {} seeds: interquartile mean {:.2}%{interval}, worst {:.2}%.",
                all.seeds,
                all.iqm * 100.0,
                all.worst * 100.0
            ),
            &format!(
                "시드 {}개의 총수익률: 사분위 평균 {:.2}%{interval}, 최악 {:.2}%.",
                all.seeds,
                all.iqm * 100.0,
                all.worst * 100.0
            ),
        )));
    }
    parts
}

/// Data, windows, account, conventions.
pub(crate) fn provenance(report: &Report, lang: Lang) -> Vec<Part> {
    let say = Say(lang);
    let (data, windows) = (&report.heading.data, &report.heading.windows);
    let bars = |count: usize| say.pick(&format!("{count} bars"), &format!("{count}봉"));
    let window = |en: &str, ko: &str, window: &backtest::report::Window| {
        vec![
            say.pick(en, ko),
            format!(
                "{} – {}, {}",
                window.first.date(),
                window.last.date(),
                bars(window.bars)
            ),
        ]
    };
    let rows = vec![
        vec![
            say.pick("instrument", "종목"),
            format!("{} {}", data.symbol, data.timeframe),
        ],
        vec![say.pick("source", "출처"), data.source.clone()],
        vec![say.pick("hash of the bars", "봉 해시"), data.hash.clone()],
        window("training window", "학습 구간", &windows.train),
        window("validation window", "검증 구간", &windows.valid),
        window("test window", "시험 구간", &windows.test),
        vec![
            say.pick("purge, embargo", "경계 제거(purge), 유예(embargo)"),
            format!(
                "{}, {}",
                bars(windows.purge_bars),
                bars(windows.embargo_bars)
            ),
        ],
        vec![
            say.pick("trials counted", "시도 횟수"),
            report.trials.to_string(),
        ],
    ];
    let mut parts = vec![Part::Table(Table {
        head: vec![String::new(), String::new()],
        rows,
    })];
    parts.extend(
        data.remarks
            .iter()
            .map(|remark| Part::Note(remark.get(lang).to_owned())),
    );
    parts.push(Part::Note(report.conventions_in_words.get(lang).to_owned()));
    parts
}
