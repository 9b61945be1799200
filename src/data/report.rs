//! What an import or a check found, for people: short summaries in English and Korean.

use crate::{
    fault::Fault,
    manifest::{Manifest, PriceKind},
};
use domain::{Lang, Problems, Severity, Text};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, fmt::Write as _};

/// What an import did.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// The stored set.
    pub manifest: Manifest,
    /// What is worth knowing; nothing of it stopped the import.
    pub warnings: Problems,
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// What an import would store; absent when it would be refused.
    pub manifest: Option<Manifest>,
    /// Everything found, with counts; empty when it would be refused.
    pub found: BTreeMap<Fault, u64>,
    /// Every problem with its place and remedy.
    pub problems: Problems,
}

impl CheckReport {
    /// Returns whether the data can be used as it is.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.manifest.is_some() && !self.problems.has_errors()
    }

    /// Returns a short summary.
    #[must_use]
    pub fn summary(&self, lang: Lang) -> String {
        let count = |severity: Severity| {
            self.problems
                .iter()
                .filter(|problem| problem.severity == severity)
                .count()
        };
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let verdict = if self.passed() {
            Text::new("usable", "사용 가능")
        } else {
            Text::new("not usable", "사용 불가")
        };
        let counts = match lang {
            Lang::En => format!("{errors} errors, {warnings} warnings"),
            Lang::Ko => format!("오류 {errors}건, 경고 {warnings}건"),
        };
        let verdict = format!("{}: {counts}", verdict.get(lang));
        match &self.manifest {
            Some(manifest) => format!("{verdict}\n{}", manifest.summary(lang)),
            None => verdict,
        }
    }
}

impl ImportReport {
    /// Returns a short summary.
    #[must_use]
    pub fn summary(&self, lang: Lang) -> String {
        self.manifest.summary(lang)
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary(Lang::En))
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary(Lang::En))
    }
}

impl Manifest {
    /// Returns a summary of a few lines: what, from when to when, gaps, faults, repairs, origin.
    #[must_use]
    pub fn summary(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        let coverage = &self.coverage;
        let bars = grouped(coverage.bars);
        let kind = match (self.prices, self.has_volume) {
            (PriceKind::Candle, true) => Text::new("candles", "캔들"),
            (PriceKind::Candle, false) => Text::new("candles without volume", "거래량 없는 캔들"),
            (PriceKind::CloseOnly, _) => Text::new("closes only", "종가만"),
        };
        lines.push(format!(
            "{}  {} {}, {bars} {} ({})",
            self.name,
            self.symbol,
            self.timeframe,
            Text::new("bars", "봉").get(lang),
            kind.get(lang)
        ));
        lines.push(format!("  {} … {}", coverage.from, coverage.to));
        if coverage.gaps > 0 {
            let (gaps, missing) = (grouped(coverage.gaps), grouped(coverage.missing_bars));
            lines.push(match lang {
                Lang::En => format!("  {gaps} gaps, {missing} bars missing"),
                Lang::Ko => format!("  공백 {gaps}곳, 빠진 봉 {missing}개"),
            });
        }
        let found: Vec<String> = self
            .found
            .iter()
            .filter(|(fault, _)| **fault != Fault::Gap)
            .map(|(fault, count)| format!("{} {}", fault.title().get(lang), grouped(*count)))
            .collect();
        if !found.is_empty() {
            let label = Text::new("found", "발견");
            lines.push(format!("  {}: {}", label.get(lang), found.join(", ")));
        }
        let repairs: Vec<String> = self
            .repairs
            .iter()
            .map(|repair| {
                let title = repair.fault.title().get(lang);
                format!("{title} {} ({})", grouped(repair.count), repair.policy)
            })
            .collect();
        if !repairs.is_empty() {
            let label = Text::new("repaired", "수정");
            lines.push(format!("  {}: {}", label.get(lang), repairs.join(", ")));
        }
        let label = Text::new("source", "출처");
        let hash = &self.source.hash[..self.source.hash.len().min(12)];
        let mut origin = format!(
            "  {}: {} (blake3 {hash}…",
            label.get(lang),
            self.source.path
        );
        if !self.spec.licence.is_empty() {
            let _ = write!(origin, ", {}", self.spec.licence);
        }
        lines.push(origin + ")");
        lines.join("\n")
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary(Lang::En))
    }
}

/// Writes a number with thousands separators.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
