//! What a report says, apart from how it is shown: one document feeds the terminal and the page.
//!
//! Every number comes from `backtest`'s report data; here they only get names, units and an order.
//! Start at [`document`].

use crate::figure::Figure;
use backtest::report::Report;
use domain::Lang;

/// A report in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Name of the run.
    pub title: String,
    /// The verdict as one word or two.
    pub verdict: String,
    /// The verdict as a sentence.
    pub headline: String,
    /// Everything else, in reading order.
    pub parts: Vec<Part>,
}

/// One part of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A heading.
    Heading(String),
    /// A picture.
    Figure(Figure),
    /// Rows below a head; the first column names the row.
    Table(Table),
    /// Remarks, each a sentence with a mark.
    Remarks(Vec<Remark>),
    /// A sentence of small print.
    Note(String),
}

/// Rows below a head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Column titles.
    pub head: Vec<String>,
    /// Rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

/// How a remark is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Shown.
    Passed,
    /// Not shown.
    Failed,
    /// Nobody asked.
    Open,
    /// To look at.
    Warning,
}

/// A sentence with a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// How it is meant.
    pub mark: Mark,
    /// The sentence.
    pub text: String,
}

/// Says `report` in `lang`.
#[must_use]
pub fn document(report: &Report, lang: Lang) -> Document {
    let say = Say(lang);
    let mut parts = crate::verdict::parts(report, lang);
    parts.push(Part::Heading(say.pick("Test window", "시험 구간")));
    parts.extend(
        crate::pictures::test_window(report, lang)
            .into_iter()
            .map(Part::Figure),
    );
    parts.extend(crate::tables::metrics(report, lang));
    parts.push(Part::Heading(say.pick("Costs", "비용")));
    parts.extend(crate::tables::costs(report, lang));
    parts.push(Part::Heading(say.pick("Seeds", "시드")));
    parts.extend(crate::tables::seeds(report, lang));
    let learning = crate::pictures::learning(report, lang);
    if !learning.is_empty() {
        parts.push(Part::Heading(say.pick("Learning", "학습")));
        parts.extend(learning.into_iter().map(Part::Figure));
    }
    parts.push(Part::Heading(
        say.pick("Data and conventions", "데이터와 계산 기준"),
    ));
    parts.extend(crate::tables::provenance(report, lang));
    Document {
        title: report.heading.title.clone(),
        verdict: crate::verdict::word(report.judgement.verdict)
            .get(lang)
            .to_owned(),
        headline: report.judgement.headline.get(lang).to_owned(),
        parts,
    }
}

/// Picks a wording.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Say(pub Lang);

impl Say {
    pub fn pick(self, en: &str, ko: &str) -> String {
        match self.0 {
            Lang::En => en.to_owned(),
            Lang::Ko => ko.to_owned(),
        }
    }
}
