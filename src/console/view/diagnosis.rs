//! The page of learning health: of each finding the rule with its numbers, where on which curve it
//! shows, and what usually helps.
//!
//! Laid out for the room there is: beside each other where two columns fit, else below each other.
//! Start at [`lines`].

use super::health::texts;
use crate::{
    caps::Glyphs, cells, dots::sparkline, metric, number, run_data::RunData, series::Axis,
    series::Series, words,
};
use domain::{Lang, Phrase};
use report::health::Finding;

/// Cells from which evidence and remedy stand beside each other.
const BESIDE: usize = 130;
/// Cells of a curve's picture.
const PICTURE: usize = 24;
/// Seeds whose curves are shown.
const SEEDS: usize = 3;

/// Returns the page in `room` cells.
#[must_use]
pub fn lines(data: &RunData, glyphs: Glyphs, lang: Lang, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &data.findings {
        let [says, because, helps] = texts(finding, lang);
        lines.extend(cells::wrap(&says, room));
        let say = |text: domain::Text| text.get(lang).to_owned();
        let mut seen = vec![(say(words::EVIDENCE), because)];
        let places = places(data, finding, glyphs, lang);
        let heads = std::iter::once(say(words::SHOWS_ON)).chain(std::iter::repeat(String::new()));
        seen.extend(heads.zip(places));
        seen.push((say(words::BY_RULE), rule(finding, lang)));
        let helps = vec![(say(words::HELPS), helps)];
        if room >= BESIDE {
            let left = room * 11 / 20;
            let (seen, helps) = (labelled(&seen, left), labelled(&helps, room - left - 2));
            for row in 0..seen.len().max(helps.len()) {
                let part = |lines: &[String]| lines.get(row).cloned().unwrap_or_default();
                let both = format!("{}  {}", cells::left(&part(&seen), left), part(&helps));
                lines.push(both.trim_end().to_owned());
            }
        } else {
            seen.insert(1, helps.into_iter().next().unwrap_or_default());
            lines.extend(labelled(&seen, room));
        }
        lines.push(String::new());
    }
    lines.pop();
    if lines.is_empty() {
        lines.push(words::ALL_WELL.get(lang).to_owned());
    }
    lines
}

/// Writes texts behind their labels, broken into lines of `room` cells.
fn labelled(rows: &[(String, String)], room: usize) -> Vec<String> {
    const INDENT: usize = 2;
    let widest = rows.iter().map(|(label, _)| cells::width(label)).max();
    let margin = INDENT + widest.unwrap_or(0) + 2;
    let mut lines = Vec::new();
    for (label, text) in rows {
        let mut head = format!("{}{label}", " ".repeat(INDENT));
        for line in broken(text, room.saturating_sub(margin)) {
            lines.push(format!("{}{line}", cells::left(&head, margin)));
            head.clear();
        }
    }
    lines
}

/// Breaks a text where it is too long; one that fits keeps every blank, since pictures have some.
fn broken(text: &str, room: usize) -> Vec<String> {
    match cells::width(text) <= room {
        true => vec![text.to_owned()],
        false => cells::wrap(text, room),
    }
}

fn rule(finding: &Finding, lang: Lang) -> String {
    let (rule, Phrase { en, ko }) = (finding.rule, &Phrase::from(finding.source));
    let says = domain::phrase!("{rule}, after: {en}", "{rule}, 출처: {ko}");
    cells::clean(says.get(lang))
}

/// Shows the curves that a finding is about, seed by seed, with their latest values.
fn places(data: &RunData, finding: &Finding, glyphs: Glyphs, lang: Lang) -> Vec<String> {
    let Some(metric) = curve_of(finding) else {
        return Vec::new();
    };
    let title = metric::METRICS[metric].title.get(lang);
    let curves = data.curves.get(metric).map_or(&[][..], Vec::as_slice);
    let meant = curves.iter().filter(|curve| match curve.seed {
        Some(seed) => finding.seeds.is_empty() || finding.seeds.contains(&seed),
        None => true,
    });
    let picture = |curve: &crate::run_data::Curve| {
        let series = &curve.series;
        let step = series.x(Axis::EnvSteps, series.len().checked_sub(1)?);
        let steps = number::count(step.max(0.0) as u64);
        let seed = curve.seed.map(|seed| format!(" #{seed}"));
        let seed = seed.unwrap_or_default();
        let value = series
            .last()
            .map_or(number::NONE.to_owned(), number::figure);
        let line = sparkline(&sampled(series), PICTURE, glyphs);
        let says = domain::phrase!(
            "{title}{seed}  {line}  {value} at {steps} steps",
            "{title}{seed}  {line}  {steps} 스텝에서 {value}"
        );
        Some(says.get(lang).to_owned())
    };
    meant.take(SEEDS).filter_map(picture).collect()
}

/// Returns as many values of a curve as its picture has dots.
fn sampled(series: &Series) -> Vec<f64> {
    let count = PICTURE * 2;
    if series.len() <= count {
        return series.points(Axis::Updates).map(|(_, y)| y).collect();
    }
    let whole = (1.0, series.len() as f64);
    let shown = series.visible(Axis::Updates, whole, count);
    shown.columns.iter().map(|column| column.last).collect()
}

/// Returns which watched curve a finding is about; `None` for one that is not charted.
fn curve_of(finding: &Finding) -> Option<usize> {
    let key = match finding.rule {
        "kl_high" | "epochs_cut" => "loss/approx_kl",
        "clip_high" | "clip_zero" => "loss/clip_fraction",
        "entropy_collapsed" | "entropy_flat" => "loss/entropy",
        "value_useless" | "value_exploding" => "loss/explained_variance",
        "overfit" | "ruined" => "valid/score",
        // The sentence names the figure that was none.
        "not_a_number" => {
            let first = finding.because.en.split(' ').next()?;
            return metric::of_key(first);
        }
        _ => return None,
    };
    metric::of_key(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_data::Curve;
    use domain::Text;
    use report::health::{Gravity, RULES};
    use rstest::rstest;

    fn found(rule: &'static str) -> Finding {
        Finding {
            rule,
            gravity: Gravity::Warning,
            seeds: vec![2],
            says: Text::new("updates move the policy too far", "너무 크게 바꿉니다"),
            because: Phrase::new("loss/approx_kl is 0.101 > 0.040", "KL 0.101 > 0.040"),
            helps: Text::new("lower the learning rate", "학습률을 낮춰 보세요"),
            value: 0.1,
            threshold: 0.04,
            source: Text::new("house rule", "자체 기준"),
        }
    }

    fn data(rule: &'static str) -> RunData {
        let mut data = RunData::empty("20240131-235959-x-1a2b".parse().unwrap());
        let kl = metric::of_key("loss/approx_kl").unwrap();
        let curve = |seed, value| {
            let points: Vec<(f64, f64)> = (1..=200)
                .map(|n| (f64::from(n) * 1e3, value + f64::from(n)))
                .collect();
            Curve::new(Some(seed), Series::of(&points))
        };
        data.curves[kl] = vec![curve(1, 0.0), curve(2, 100.0)];
        data.findings = vec![found(rule)];
        data
    }

    #[rstest]
    #[case(76)]
    #[case(116)]
    #[case(180)]
    fn a_finding_has_evidence_place_rule_and_remedy(#[case] room: usize) {
        for lang in [Lang::En, Lang::Ko] {
            let lines = lines(&data("kl_high"), Glyphs::Unicode, lang, room);
            assert!(
                lines.iter().all(|line| cells::width(line) <= room),
                "{lines:#?}"
            );
            let text = lines.join("\n");
            for part in ["0.101 > 0.040", "kl_high", "#2  ", "300.0", "200k"] {
                assert!(text.contains(part), "{part}: {text}");
            }
            // The seed that is well is not shown.
            assert!(!text.contains("#1"), "{text}");
            let beside = lines
                .iter()
                .any(|line| line.contains("0.101") && line.contains(words::HELPS.get(lang)));
            assert_eq!(beside, room >= BESIDE, "{text}");
        }
    }

    #[test]
    fn what_is_not_charted_shows_no_curve_and_no_finding_says_so() {
        let shown = lines(&data("slowed"), Glyphs::Ascii, Lang::En, 116).join("\n");
        assert!(!shown.contains("300.0") && shown.is_ascii(), "{shown}");
        let mut well = data("slowed");
        well.findings.clear();
        assert_eq!(
            lines(&well, Glyphs::Ascii, Lang::En, 116),
            ["nothing looks wrong"]
        );
    }

    #[test]
    fn every_curve_named_here_is_charted_and_every_rule_named_here_exists() {
        let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let charted = known.iter().filter(|rule| curve_of(&found(rule)).is_some());
        assert_eq!(charted.count(), 11);
    }
}
