//! The corpus: every file under `fixtures/good` reads as its `.expected` says, every file under
//! `fixtures/bad` is refused with exactly the problems that its `.expected` says.
//!
//! A line `spec {…}` at the top of an `.expected` file changes the import's spec.

use crate::{
    DataError,
    import::{Report, read},
    manifest::{Manifest, PriceKind},
    spec::ImportSpec,
    store::quiet,
};
use domain::{Bars, Nanos, Place, Severity};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the data files of one half of the corpus.
fn files(half: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(half);
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end != "expected"))
        .collect();
    files.sort();
    assert!(files.len() > 20, "the corpus is incomplete");
    files
}

fn is_hangul(letter: char) -> bool {
    ('가'..='힣').contains(&letter)
}

/// Returns a file's spec and what is expected of it.
fn expectation(path: &Path) -> (ImportSpec, String) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let stem = name.split('.').next().unwrap();
    let text = fs::read_to_string(path.with_file_name(format!("{stem}.expected"))).unwrap();
    let (spec, expected) = match text.strip_prefix("spec ") {
        Some(rest) => {
            let (spec, expected) = rest.split_once('\n').unwrap();
            (serde_json::from_str(spec).unwrap(), expected.to_owned())
        }
        None => (ImportSpec::default(), text),
    };
    let spec = ImportSpec {
        name: stem.to_owned(),
        ..spec
    };
    (spec, expected)
}

fn described(manifest: &Manifest, bars: &Bars) -> String {
    let kind = match manifest.prices {
        PriceKind::Candle => "candles",
        PriceKind::CloseOnly => "closes only",
    };
    let mut text = format!(
        "{} {} {} bars, {kind}\n",
        manifest.symbol,
        manifest.timeframe,
        bars.len()
    );
    for (name, at) in [("first", 0), ("last", bars.len() - 1)] {
        text += &format!(
            "{name} {} {} {} {} {} {}\n",
            bars.open_time[at],
            bars.open[at],
            bars.high[at],
            bars.low[at],
            bars.close[at],
            bars.volume[at]
        );
    }
    for gap in &manifest.gaps {
        text += &format!("gap {} {} {}\n", gap.after, gap.until, gap.missing);
    }
    if manifest.source.rows_without_price > 0 {
        text += &format!("without price {}\n", manifest.source.rows_without_price);
    }
    let name = |fault: &crate::Fault| serde_json::to_value(fault).unwrap();
    let name = |fault: &crate::Fault| name(fault).as_str().unwrap().to_owned();
    let found: Vec<String> = manifest
        .found
        .iter()
        .map(|(fault, count)| format!("{}={count}", name(fault)))
        .collect();
    if !found.is_empty() {
        text += &format!("found {}\n", found.join(" "));
    }
    let repairs: Vec<String> = manifest
        .repairs
        .iter()
        .map(|repair| format!("{}={}:{}", name(&repair.fault), repair.policy, repair.count))
        .collect();
    if !repairs.is_empty() {
        text += &format!("repaired {}\n", repairs.join(" "));
    }
    let flags = manifest.flags;
    if flags.synthetic + flags.repaired + flags.off_grid > 0 {
        text += &format!(
            "flags after_gap={} repaired={} synthetic={} zero_volume={} outlier={} off_grid={}\n",
            flags.after_gap,
            flags.repaired,
            flags.synthetic,
            flags.zero_volume,
            flags.outlier,
            flags.off_grid
        );
    }
    text
}

#[test]
fn good_files_read_as_expected() {
    for path in files("good") {
        let (spec, expected) = expectation(&path);
        let outcome = read(&path, &spec, Nanos(0), &mut Report::new(&mut quiet));
        let found = match outcome {
            Ok((manifest, bars, _)) => described(&manifest, &bars),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{}", path.display());
    }
}

#[test]
fn bad_files_are_refused_with_every_problem() {
    for path in files("bad") {
        let (spec, expected) = expectation(&path);
        let outcome = read(&path, &spec, Nanos(0), &mut Report::new(&mut quiet));
        let Err(DataError::Rejected(problems)) = outcome else {
            panic!("{} was not rejected: {outcome:?}", path.display());
        };
        let mut found = String::new();
        for problem in problems.iter().filter(|p| p.severity == Severity::Error) {
            let place = match &problem.place {
                Place::Row { row, .. } => format!("row {row}"),
                _ => "file".to_owned(),
            };
            found += &format!("{place}: {}\n", problem.message);
            for text in [&problem.message, &problem.hint] {
                assert!(text.ko.chars().any(is_hangul), "{problem} lacks Korean");
            }
        }
        assert_eq!(found, expected, "{}", path.display());
    }
}
