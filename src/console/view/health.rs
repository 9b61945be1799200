//! What looks wrong with a training: a panel for wide screens, a line for narrow ones.
//!
//! The rules are `report::health`'s; here they only get a place. The page with every number is
//! [`super::diagnosis`]. Start at [`panel`].

use super::paint::Paint;
use crate::{cells, run_data::RunData, words};
use domain::Lang;
use ratatui::{layout::Rect, style::Style};
use report::health::{Finding, Gravity};

/// Draws the findings, the worst first, as much of each as fits.
pub fn panel(paint: &mut Paint<'_>, area: Rect, data: &RunData) {
    if area.is_empty() {
        return;
    }
    let title = match data.findings.len() {
        0 => paint.say(words::HINTS).to_owned(),
        count => format!("{} {count}", paint.say(words::HINTS)),
    };
    let inner = paint.panel(area, &title);
    if data.findings.is_empty() {
        let says = match data.reading {
            Some(_) => words::READING,
            None => words::ALL_WELL,
        };
        paint.text(inner, 0, 0, paint.say(says), paint.theme.faint);
    }
    // What is wrong comes before why: a finding that is not named is not seen.
    let room = usize::from(inner.width);
    let heights: Vec<[usize; 3]> = data
        .findings
        .iter()
        .map(|finding| told(finding, paint.lang).map(|text| cells::wrap(&text, room).len()))
        .collect();
    let mut left = usize::from(inner.height);
    let mut shown = vec![0_usize; data.findings.len()];
    for depth in 0..3 {
        for (shown, heights) in shown.iter_mut().zip(&heights) {
            if *shown == depth && heights[depth] <= left {
                left -= heights[depth];
                *shown += 1;
            }
        }
    }
    let mut y = 0;
    for (finding, shown) in data.findings.iter().zip(shown) {
        let styles = [style(paint, finding), paint.theme.faint, paint.theme.text];
        let parts = told(finding, paint.lang).into_iter().zip(styles);
        for (text, style) in parts.take(shown) {
            y = paint.wrapped(inner, y, &text, style);
        }
    }
}

/// Draws the worst finding in one row; nothing where there is none. Returns the rows used.
pub fn line(paint: &mut Paint<'_>, area: Rect, data: &RunData) -> u16 {
    let Some(worst) = data.findings.first() else {
        return 0;
    };
    let more = match data.findings.len() {
        1 => String::new(),
        count => format!(" +{}", count - 1),
    };
    let tail = format!("{more}  F3");
    let [says, ..] = texts(worst, paint.lang);
    let room = usize::from(area.width).saturating_sub(cells::width(&tail));
    let text = format!("{}{tail}", cells::cut(&says, room));
    paint.text(area, 0, 0, &text, style(paint, worst));
    1
}

/// The same with a word before what helps.
fn told(finding: &Finding, lang: Lang) -> [String; 3] {
    let [says, because, helps] = texts(finding, lang);
    [
        says,
        because,
        format!("{}: {helps}", words::HELPS.get(lang)),
    ]
}

/// Words what is wrong, the rule with its numbers, and what helps.
pub fn texts(finding: &Finding, lang: Lang) -> [String; 3] {
    let mark = match finding.gravity {
        Gravity::Note => '-',
        Gravity::Warning => '!',
        Gravity::Alert => '#',
    };
    let seeds: String = finding
        .seeds
        .iter()
        .map(|seed| format!("#{seed} "))
        .collect();
    let seeds = seeds.trim_end();
    let seeds = match seeds.is_empty() {
        true => String::new(),
        false => format!(" ({seeds})"),
    };
    [
        cells::clean(&format!("{mark} {}{seeds}", finding.says.get(lang))),
        cells::clean(finding.because.get(lang)),
        cells::clean(finding.helps.get(lang)),
    ]
}

fn style(paint: &Paint<'_>, finding: &Finding) -> Style {
    match finding.gravity {
        Gravity::Note => paint.theme.text,
        Gravity::Warning => paint.theme.warn,
        Gravity::Alert => paint.theme.bad,
    }
}
