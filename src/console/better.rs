//! Which of several runs is the better one, by what held-out time says and nothing else.
//!
//! Validation scores, at which a training picks its own weights, count for nothing here. Start at
//! [`better`].

use crate::{number, view};
use backtest::judge::Verdict;
use domain::{Phrase, phrase};
use runs::{Comparison, Summary};

/// The better run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Better {
    /// Its place among the runs that were asked about.
    pub at: usize,
    /// In what it is better, without promising more than was seen.
    pub says: Phrase,
}

/// Figures of the held-out window, the one that counts most first.
const FIGURES: [(&str, &str, &str); 2] = [
    ("test/sharpe", "Sharpe ratio", "샤프 비율"),
    ("test/return", "return", "수익률"),
];

/// Returns the sign by which the run at `index` is called beside others.
#[must_use]
pub fn letter(index: usize) -> char {
    u8::try_from(index % 26).map_or('?', |index| char::from(b'A' + index))
}

/// Settings that say what a run was judged on: where they differ, figures are of different things.
const JUDGED_ON: [&str; 14] = [
    "data.set",
    "data.source",
    "data.symbol",
    "data.timeframe",
    "data.start",
    "data.end",
    "evaluate.train_fraction",
    "evaluate.valid_fraction",
    "evaluate.test_fraction",
    "env.kind",
    "env.fee_bps",
    "env.spread_bps",
    "env.slippage",
    "env.slippage_bps",
];

/// Returns the better one of the runs; `None` where none was judged on held-out time. Of equal ones
/// it is the first, and said so.
#[must_use]
pub fn better(comparison: &Comparison) -> Option<Better> {
    let mut better = best(&comparison.runs)?;
    let mut differing = comparison.settings.iter().map(|row| row.key.as_str());
    let other = differing.find(|key| JUDGED_ON.contains(key));
    if let (Some(key), 2..) = (other, comparison.runs.len()) {
        let Phrase { en, ko } = better.says;
        better.says = phrase!(
            "{en}; but they differ in {key}, so the figures do not compare",
            "{ko}. 다만 {key} 값이 서로 달라 그대로 비교할 수 없습니다"
        );
    }
    Some(better)
}

fn best(runs: &[Summary]) -> Option<Better> {
    let judged: Vec<(usize, Standing)> = runs
        .iter()
        .enumerate()
        .filter_map(|(at, run)| Some((at, Standing::of(run)?)))
        .collect();
    let mut ranked = judged.clone();
    // Stable: the first of equals stays the first.
    ranked.sort_by(|(_, one), (_, other)| other.order(one));
    let (at, best) = *ranked.first()?;
    let name = letter(at);
    let Phrase { en, ko } = best.outcome();
    let Some((second, next)) = ranked.get(1).copied() else {
        return Some(Better {
            at,
            says: phrase!(
                "only {name} was judged on held-out time: {en}",
                "시험 구간에서 판정된 실행은 {name}뿐입니다: {ko}"
            ),
        });
    };
    let says = if best.order(&next).is_eq() {
        let second = letter(second);
        phrase!(
            "{name} and {second} are equal on held-out time: {en}",
            "{name}, {second} 모두 시험 구간 결과가 같습니다: {ko}"
        )
    } else {
        phrase!(
            "{name} is the better one on held-out time: {en}",
            "시험 구간에서는 {name}의 결과가 더 좋습니다: {ko}"
        )
    };
    Some(Better {
        at,
        says: match best.verdict {
            Some(Verdict::Weak | Verdict::NoEdge) => warned(&says),
            _ => says,
        },
    })
}

fn warned(says: &Phrase) -> Phrase {
    let Phrase { en, ko } = says;
    phrase!(
        "{en}; none shows an edge",
        "{ko}. 우위가 확인된 실행은 없습니다"
    )
}

/// Where a run stands on held-out time.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// What was concluded; `None` for a control task, which has a return alone.
    verdict: Option<Verdict>,
    /// The figure that counts, and which of [`FIGURES`] it is.
    figure: (usize, f64),
}

impl Standing {
    fn of(run: &Summary) -> Option<Self> {
        let verdict = match &run.verdict {
            None => None,
            Some(verdict) => Some(view::verdict_of(&verdict.word)?),
        };
        // An invalid evaluation is no evidence, however good it looks.
        if verdict == Some(Verdict::Invalid) {
            return None;
        }
        let figure = FIGURES.iter().enumerate().find_map(|(at, (key, ..))| {
            let value = run.last.get(*key).copied()?;
            value.is_finite().then_some((at, value))
        });
        match (verdict, figure) {
            (_, Some(figure)) => Some(Self { verdict, figure }),
            (Some(_), None) => Some(Self {
                verdict,
                figure: (FIGURES.len(), 0.0),
            }),
            (None, None) => None,
        }
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |one: &Self| match one.verdict {
            Some(Verdict::Edge) => 3,
            Some(Verdict::Weak) => 2,
            Some(Verdict::NoEdge) => 1,
            Some(Verdict::Invalid) | None => 0,
        };
        // Runs without the figure of the others come after them.
        let kind = |one: &Self| std::cmp::Reverse(one.figure.0);
        let own = (rank(self), kind(self)).cmp(&(rank(other), kind(other)));
        own.then(self.figure.1.total_cmp(&other.figure.1))
    }

    /// Words verdict and figure.
    fn outcome(&self) -> Phrase {
        let verdict = self.verdict.map(report::verdict_word);
        let figure = FIGURES.get(self.figure.0).map(|(_, en, ko)| {
            let value = number::figure(self.figure.1);
            phrase!("{en} {value}", "{ko} {value}")
        });
        match (verdict, figure) {
            (Some(word), Some(Phrase { en, ko })) => {
                Phrase::new(format!("{}, {en}", word.en), format!("{}, {ko}", word.ko))
            }
            (Some(word), None) => word.into(),
            (None, figure) => figure.unwrap_or_default(),
        }
    }
}
