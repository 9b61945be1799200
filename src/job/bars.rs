//! The configured bars: loaded from the store, or imported into it first, and cut to the dates.
//!
//! Owns what a reader has to be told of them; never repairs anything that the settings do not name.
//! Start at [`load`].

use super::error::JobError;
use backtest::Words;
use config::{Config, keys::Data};
use data::{DataError, Detect, ImportSpec, Manifest, Store};
use domain::{Bars, Clock, Phrase, Place, Problems, Timeframe, phrase};
use std::path::{Path, PathBuf};

/// Loads the configured set, importing it from `data.source` where the store has none and the
/// source is that set's.
///
/// # Errors
/// What the store or the import says; [`JobError::Settings`] where the settings ask for another
/// instrument or bar length than the set holds.
pub fn load(
    config: &Config,
    project: &Path,
    clock: &dyn Clock,
) -> Result<(Manifest, Bars), JobError> {
    let store = Store::at(&data_dir(config, project));
    let (manifest, bars) = match store.load(&config.data.set) {
        Err(DataError::NotFound { .. }) if has_its_source(&config.data) => {
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
            store.load(&config.data.set)?
        }
        loaded => loaded?,
    };
    let problems = disagreements(&config.data, &manifest.symbol, manifest.timeframe);
    if problems.has_errors() {
        return Err(JobError::Settings(problems));
    }
    Ok((manifest, bars))
}

/// Returns whether `data.source` is the file of `data.set`. The built-in source is the built-in
/// set's: under another name it would be other data than that name says.
fn has_its_source(data: &Data) -> bool {
    let usual = Data::default();
    !data.source.is_empty() && (data.set == usual.set || data.source != usual.source)
}

/// Returns where the settings ask, not by default, for something else than the set holds.
fn disagreements(data: &Data, symbol: &str, timeframe: Timeframe) -> Problems {
    let (usual, set) = (Data::default(), &data.set);
    let mut problems = Problems::new();
    if data.symbol != usual.symbol && !data.symbol.eq_ignore_ascii_case(symbol) {
        let asked = &data.symbol;
        problems.error(
            Place::Path("data.symbol".to_owned()),
            phrase!(
                "data set `{set}` holds {symbol}, not {asked}",
                "데이터 `{set}`의 종목은 {asked}이(가) 아니라 {symbol}입니다"
            ),
            phrase!(
                "set data.symbol to {symbol}, or data.set to a set of {asked} (`makook data list`)",
                "data.symbol을 {symbol}(으)로 바꾸거나 data.set을 {asked} 데이터로 바꾸세요(`makook data list`)"
            ),
        );
    }
    let asked = &data.timeframe;
    let other = asked
        .parse::<Timeframe>()
        .is_ok_and(|asked| asked != timeframe);
    if *asked != usual.timeframe && other {
        problems.error(
            Place::Path("data.timeframe".to_owned()),
            phrase!(
                "data set `{set}` has bars of {timeframe}, not {asked}",
                "데이터 `{set}`의 봉 길이는 {asked}이(가) 아니라 {timeframe}입니다"
            ),
            phrase!(
                "set data.timeframe to {timeframe}, or data.set to a set with bars of {asked} (`makook data list`)",
                "data.timeframe을 {timeframe}(으)로 바꾸거나 data.set을 봉 길이가 {asked}인 데이터로 바꾸세요(`makook data list`)"
            ),
        );
    }
    problems
}

/// Returns what to say where the settings name, by default, another instrument or bar length than
/// the set holds; the set's own count.
pub fn correction(config: &Config, manifest: &Manifest) -> Option<Phrase> {
    let (data, symbol, timeframe) = (&config.data, &manifest.symbol, manifest.timeframe);
    let same = data.symbol.eq_ignore_ascii_case(symbol)
        && data.timeframe.parse::<Timeframe>() == Ok(timeframe);
    (!same).then(|| {
        let set = &data.set;
        phrase!(
            "data set `{set}` holds {symbol} in bars of {timeframe}; that counts, not the defaults of data.symbol and data.timeframe",
            "데이터 `{set}`은(는) {symbol}, {timeframe} 봉입니다. data.symbol과 data.timeframe의 기본값 대신 이 값이 쓰입니다"
        )
    })
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

/// Returns the bars that open within `[data.start, data.end)`; an empty date is no bound.
pub fn between(bars: Bars, config: &Config) -> Bars {
    let (start, end) = (&config.data.start, &config.data.end);
    if start.is_empty() && end.is_empty() {
        return bars;
    }
    let date = |index: usize| bars.open_time[index].date();
    let from = (0..bars.len())
        .find(|index| date(*index) >= *start)
        .unwrap_or(bars.len());
    let to = (from..bars.len()).find(|index| !end.is_empty() && date(*index) >= *end);
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{BarFlags, Nanos};

    /// One bar a day from 1970-01-01 on.
    fn days(count: i64) -> Bars {
        let mut bars = Bars::empty("X", Timeframe::DAY);
        for day in 0..count {
            bars.open_time.push(Nanos(day * Timeframe::DAY.nanos()));
            bars.open.push(1.0);
            bars.high.push(1.0);
            bars.low.push(1.0);
            bars.close.push(1.0);
            bars.volume.push(1.0);
            bars.flags.push(BarFlags::CLEAN);
        }
        bars
    }

    fn cut(start: &str, end: &str) -> (String, String) {
        let mut config = Config::default();
        config.data.start = start.to_owned();
        config.data.end = end.to_owned();
        dates(&between(days(5), &config))
    }

    #[test]
    fn the_start_day_is_used_and_the_end_day_is_not() {
        let span = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(cut("", ""), span("1970-01-01", "1970-01-05"));
        assert_eq!(
            cut("1970-01-02", "1970-01-04"),
            span("1970-01-02", "1970-01-03")
        );
        assert_eq!(cut("", "1970-01-02"), span("1970-01-01", "1970-01-01"));
        assert_eq!(cut("1970-01-04", ""), span("1970-01-04", "1970-01-05"));
        assert_eq!(cut("1970-01-03", "1970-01-03"), span("", ""));
        assert_eq!(cut("1971-01-01", ""), span("", ""));
    }

    #[test]
    fn the_shipped_file_stands_in_for_no_other_set() {
        let mut data = Data::default();
        assert!(has_its_source(&data));
        data.set = "mydata".to_owned();
        assert!(!has_its_source(&data));
        data.source = "mine.csv".to_owned();
        assert!(has_its_source(&data));
        data.source.clear();
        assert!(!has_its_source(&data));
    }

    #[test]
    fn what_was_asked_for_has_to_be_what_the_set_holds() {
        let places = |data: &Data| -> Vec<String> {
            let problems = disagreements(data, "SPY", Timeframe::DAY);
            problems.iter().map(|one| one.place.to_string()).collect()
        };
        let mut data = Data::default();
        assert!(places(&data).is_empty(), "defaults ask for nothing");
        data.symbol = "ETHUSDT".to_owned();
        data.timeframe = "15m".to_owned();
        assert_eq!(places(&data), ["data.symbol", "data.timeframe"]);
        data.symbol = "spy".to_owned();
        data.timeframe = "24h".to_owned();
        assert!(places(&data).is_empty());
    }
}
