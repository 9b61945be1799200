//! The verdict and its reasons: what is shown, what is not, what nobody asked, what to look at.

use crate::{
    document::{Mark, Part, Remark, Say, Table},
    tables,
};
use backtest::{
    judge::{Check, Verdict},
    report::Report,
};
use domain::{Lang, Text};

/// Returns the verdict in a word or two.
#[must_use]
pub const fn word(verdict: Verdict) -> Text {
    match verdict {
        Verdict::Edge => Text::new("edge", "우위 있음"),
        Verdict::Weak => Text::new("weak evidence", "약한 증거"),
        Verdict::NoEdge => Text::new("no edge", "우위 없음"),
        Verdict::Invalid => Text::new("not a valid test", "유효하지 않은 시험"),
    }
}

/// Returns the ladder of questions, alarms and nulls.
pub(crate) fn parts(report: &Report, lang: Lang) -> Vec<Part> {
    let say = Say(lang);
    let mut parts = vec![Part::Heading(say.pick("Why", "판정 근거"))];
    let rungs = report.judgement.rungs.iter().map(|rung| Remark {
        mark: match rung.check {
            Check::Passed => Mark::Passed,
            Check::Failed => Mark::Failed,
            Check::NotRun => Mark::Open,
        },
        text: format!("{}: {}", rung.title.get(lang), rung.finding.get(lang)),
    });
    let alarms = report.evidence.alarms.iter().map(|alarm| Remark {
        mark: Mark::Warning,
        text: alarm.words.get(lang).to_owned(),
    });
    parts.push(Part::Remarks(rungs.chain(alarms).collect()));
    if !report.evidence.nulls.is_empty() {
        let head = [
            ("negative control", "대조 시험"),
            ("total return", "총수익률"),
            ("Sharpe", "샤프"),
        ];
        let rows = report.evidence.nulls.iter().map(|run| {
            let performance = &run.metrics.performance;
            vec![
                run.null.label().get(lang).to_owned(),
                tables::percent(Some(performance.total_return)),
                tables::plain(tables::annual(performance, performance.sharpe)),
            ]
        });
        parts.push(Part::Table(Table {
            head: head.iter().map(|(en, ko)| say.pick(en, ko)).collect(),
            rows: rows.collect(),
        }));
    }
    parts
}
