//! The configured bars: loaded from the store, or imported into it first, and cut to the dates.
//!
//! Owns what a reader has to be told of them; never repairs anything that the settings do not name.
//! Start at [`load`].

use super::error::JobError;
use backtest::Words;
use config::Config;
use data::{DataError, Detect, ImportSpec, Manifest, Store};
use domain::{Bars, Clock};
use std::path::{Path, PathBuf};

/// Loads the configured set, importing it from `data.source` where the store has none.
///
/// # Errors
/// What the store or the import says.
pub fn load(
    config: &Config,
    project: &Path,
    clock: &dyn Clock,
) -> Result<(Manifest, Bars), JobError> {
    let store = Store::at(&data_dir(config, project));
    match store.load(&config.data.set) {
        Err(DataError::NotFound { .. }) if !config.data.source.is_empty() => {
            let source: PathBuf = project.join(&config.data.source);
            let spec = ImportSpec {
                symbol: Detect::Given(config.data.symbol.clone()),
                timeframe: match config.data.timeframe.parse() {
                    Ok(timeframe) => Detect::Given(timeframe),
                    Err(_) => Detect::Auto,
                },
                repair: repairs(config)?,
                ..ImportSpec::named(&config.data.set)
            };
            data::import(&source, &spec, &store, clock, &mut data::quiet)?;
            Ok(store.load(&config.data.set)?)
        }
        loaded => Ok(loaded?),
    }
}

/// Returns the folder that holds `store/` and `cache/`.
pub fn data_dir(config: &Config, project: &Path) -> PathBuf {
    project.join(&config.data.store)
}

/// Returns the named repairs as the import takes them.
fn repairs(config: &Config) -> Result<data::RepairPolicy, JobError> {
    let mut policy = data::RepairPolicy {
        longest_fill: config.data.longest_fill,
        ..data::RepairPolicy::default()
    };
    for repair in &config.data.repair {
        policy.set(repair.name()).map_err(DataError::from)?;
    }
    Ok(policy)
}

/// Returns the bars that open within `[data.start, data.end]`; an empty date is no bound.
pub fn between(bars: Bars, config: &Config) -> Bars {
    let (start, end) = (&config.data.start, &config.data.end);
    if start.is_empty() && end.is_empty() {
        return bars;
    }
    let date = |index: usize| bars.open_time[index].date();
    let from = (0..bars.len())
        .find(|index| date(*index) >= *start)
        .unwrap_or(bars.len());
    let to = (from..bars.len()).find(|index| !end.is_empty() && date(*index) > *end);
    bars.cut(from..to.unwrap_or(bars.len()))
}

/// Returns the dates of the first and the last bar; empty texts where there is none.
pub fn dates(bars: &Bars) -> (String, String) {
    let date = |time: Option<&domain::Nanos>| time.map(|time| time.date()).unwrap_or_default();
    (date(bars.open_time.first()), date(bars.open_time.last()))
}

/// Returns what a reader has to know of real data: gaps and repairs.
pub fn remarks(manifest: &Manifest) -> Vec<Words> {
    let (gaps, missing) = (manifest.coverage.gaps, manifest.coverage.missing_bars);
    let mut remarks = Vec::new();
    if gaps > 0 {
        remarks.push(Words::new(
            format!("{missing} bars are missing in {gaps} gaps; they are left out, not filled."),
            format!("빠진 봉 {missing}개(공백 {gaps}곳)는 채우지 않고 그대로 두었습니다."),
        ));
    }
    for repair in &manifest.repairs {
        let (fault, how, rows) = (repair.fault.title(), &repair.policy, repair.count);
        remarks.push(Words::new(
            format!("Repaired on import: {} ({how}) in {rows} rows.", fault.en),
            format!("가져올 때 고침: {} ({how}) {rows}행.", fault.ko),
        ));
    }
    remarks
}
