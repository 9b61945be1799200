//! The whole way: source → store → bars, the shipped sample, and every bad state of a store.

use crate::{
    DataError, Detect, Fault, ImportReport, ImportSpec, PriceKind, Progress, Store, check, import,
    quiet,
    spec::{Calendar, Existing},
};
use domain::{BarFlags, Exit, ManualClock, Nanos, Timeframe, Timeline};
use polars::prelude::*;
use rstest::rstest;
use std::{
    fs::{self, File},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

const HEADER: &str = "timestamp,open,high,low,close,volume\n";

/// A temporary data directory with a source file beside it.
struct Bench {
    dir: tempfile::TempDir,
    store: Store,
    clock: ManualClock,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            store: Store::at(&dir.path().join("data")),
            clock: ManualClock::at(Nanos(1_700_000_000_000_000_000)),
            dir,
        }
    }

    fn source(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, source: &Path, spec: &ImportSpec) -> Result<ImportReport, DataError> {
        import(source, spec, &self.store, &self.clock, &mut quiet)
    }

    fn hours(&self, count: i64) -> PathBuf {
        let mut text = HEADER.to_owned();
        for hour in 0..count {
            let time = 1_640_995_200_000 + hour * 3_600_000;
            text += &format!("{time},10.5,12.25,9.125,11,{hour}.5\n");
        }
        self.source("hours.csv", text.as_bytes())
    }

    fn bars_file(&self, name: &str) -> PathBuf {
        self.store.bars_path(&self.store.describe(name).unwrap())
    }

    fn manifest_file(&self, name: &str) -> PathBuf {
        self.bars_file(name).with_file_name("manifest.json")
    }
}

#[test]
fn what_is_imported_is_what_is_loaded() {
    let bench = Bench::new();
    let source = bench.hours(30);
    let report = bench.import(&source, &ImportSpec::named("btc-1h")).unwrap();
    assert!(report.warnings.is_empty(), "{}", report.warnings);
    let (manifest, bars) = bench.store.load("btc-1h").unwrap();
    assert_eq!(manifest, report.manifest);
    assert_eq!(manifest.imported_at, Nanos(1_700_000_000_000_000_000));
    let timeline = fs::read(bench.manifest_file("btc-1h").with_file_name(Timeline::FILE)).unwrap();
    assert!(Timeline::parse(&timeline, &manifest.bars_hash).is_some());
    let source_hash = blake3::hash(&fs::read(&source).unwrap()).to_hex();
    assert_eq!(manifest.source.hash, source_hash.as_str());
    let file_hash = blake3::hash(&fs::read(bench.bars_file("btc-1h")).unwrap()).to_hex();
    assert_eq!(manifest.bars_file_hash, file_hash.as_str());
    assert_eq!((bars.len(), bars.timeframe), (30, Timeframe::HOUR));
    assert_eq!(bars.open_time[29].to_string(), "2022-01-02T05:00:00Z");
    let last = (
        bars.open[29],
        bars.high[29],
        bars.low[29],
        bars.close[29],
        bars.volume[29],
    );
    assert_eq!(last, (10.5, 12.25, 9.125, 11.0, 29.5));
    let listed = bench.store.list().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].manifest.as_ref().unwrap(), &manifest);
    assert!(bench.store.validate("btc-1h").unwrap().passed());
}

#[test]
fn the_shipped_candles_have_their_known_gaps() {
    let bench = Bench::new();
    let sample = sample("binance_spot_BTCUSDT_1h_2017-08_2024-01.parquet");
    let spec = ImportSpec {
        symbol: Detect::Given("BTCUSDT".to_owned()),
        ..ImportSpec::named("btcusdt-1h")
    };
    let report = bench.import(&sample, &spec).unwrap();
    let manifest = &report.manifest;
    assert_eq!(manifest.coverage.bars, 55_861);
    assert_eq!(
        (manifest.coverage.gaps, manifest.coverage.missing_bars),
        (4, 32)
    );
    assert_eq!(manifest.flags.after_gap, 4);
    // After the outage of February 2018 the venue published 43 hours from minute 28 to minute 28.
    assert_eq!(
        (manifest.flags.off_grid, manifest.found[&Fault::OffGrid]),
        (43, 43)
    );
    assert_eq!(manifest.timeframe, Timeframe::HOUR);
    assert_eq!(manifest.calendar, Calendar::Always);
    assert_eq!(manifest.coverage.from.date(), "2017-08-17");
    assert!(manifest.repairs.is_empty());
    let (_, bars) = bench.store.load("btcusdt-1h").unwrap();
    for gap in &manifest.gaps {
        let at = bars.open_time.binary_search(&gap.until).unwrap();
        assert!(bars.flags[at].contains(BarFlags::AFTER_GAP));
        assert_eq!(bars.open_time[at - 1], gap.after);
    }
    assert!(bench.store.validate("btcusdt-1h").unwrap().passed());
}

#[test]
fn the_shipped_share_prices_are_close_only() {
    let bench = Bench::new();
    let sample = sample("sp500_20stocks_daily_close_1990_2022.csv.gz");
    let spec = ImportSpec {
        symbol: Detect::Given("AAPL".to_owned()),
        ..ImportSpec::named("aapl-1d")
    };
    let report = bench.import(&sample, &spec).unwrap();
    let manifest = &report.manifest;
    assert_eq!(manifest.coverage.bars, 8_313);
    assert_eq!(manifest.prices, PriceKind::CloseOnly);
    assert_eq!(manifest.calendar, Calendar::Weekdays);
    assert!(!manifest.has_volume && manifest.flags.zero_volume == 0);
    assert_eq!(manifest.coverage.from.date(), "1990-01-02");
    let (_, bars) = bench.store.load("aapl-1d").unwrap();
    assert_eq!(
        (bars.open[0], bars.high[0], bars.close[0]),
        (0.264, 0.264, 0.264)
    );
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/sample")
        .join(name)
}

/// Writes a Parquet file whose `ts` column is as given.
fn parquet(bench: &Bench, times: Column) -> PathBuf {
    let path = bench.dir.path().join("source.parquet");
    let prices = |name: &str| Column::new(name.into(), [1.0_f32, 1.5, 2.0]);
    let columns = vec![
        times,
        prices("open"),
        prices("high"),
        prices("low"),
        prices("close"),
        Column::new("volume".into(), [Some(1_i64), None, Some(3)]),
    ];
    let mut frame = DataFrame::new(3, columns).unwrap();
    ParquetWriter::new(File::create(&path).unwrap())
        .finish(&mut frame)
        .unwrap();
    path
}

#[rstest]
#[case::millis(Column::new("ts".into(), [1_640_995_200_000_i64, 1_640_998_800_000, 1_641_002_400_000]))]
#[case::seconds(Column::new("ts".into(), [1_640_995_200.0_f64, 1_640_998_800.0, 1_641_002_400.0]))]
#[case::text(Column::new("ts".into(), ["2022-01-01 00:00", "2022-01-01 01:00", "2022-01-01 02:00"]))]
#[case::datetime(
    Int64Chunked::new("ts".into(), [1_640_995_200_000_000_i64, 1_640_998_800_000_000, 1_641_002_400_000_000])
        .into_datetime(TimeUnit::Microseconds, None)
        .into_column()
)]
fn parquet_times_of_every_type_are_read(#[case] times: Column) {
    let bench = Bench::new();
    let source = parquet(&bench, times);
    let mut spec = ImportSpec::named("p");
    let refused = bench.import(&source, &spec).unwrap_err().to_string();
    assert!(refused.contains("row 2  volume is empty"), "{refused}");
    spec.repair.set("bad_rows=drop").unwrap();
    spec.timeframe = Detect::Given(Timeframe::HOUR);
    let error = bench.import(&source, &spec).unwrap_err().to_string();
    assert!(error.contains("most bars are 2h apart"), "{error}");
    spec.timeframe = Detect::Auto;
    bench.import(&source, &spec).unwrap();
    let (manifest, bars) = bench.store.load("p").unwrap();
    assert_eq!(manifest.found[&Fault::MissingCell], 1);
    assert_eq!(bars.open_time[1].to_string(), "2022-01-01T02:00:00Z");
    assert_eq!(bars.close, [1.0, 2.0]);
}

#[test]
fn bars_that_changed_since_their_manifest_are_refused() {
    let bench = Bench::new();
    let source = bench.hours(30);
    bench.import(&source, &ImportSpec::named("a")).unwrap();
    let path = bench.bars_file("a");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = bench.store.load("a").unwrap_err();
    assert!(matches!(error, DataError::Changed { .. }));
    assert!(
        error
            .to_string()
            .contains("changed since its manifest was written")
    );
    assert!(error.hint().en.contains("import the source again"));
    assert!(bench.store.validate("a").is_err());
}

#[test]
fn missing_bars_and_damaged_or_newer_manifests_are_told_apart() {
    let bench = Bench::new();
    let source = bench.hours(30);
    bench.import(&source, &ImportSpec::named("a")).unwrap();
    let path = bench.manifest_file("a");
    let whole = fs::read_to_string(&path).unwrap();

    fs::write(&path, whole.replace("\"format\": 1", "\"format\": 2")).unwrap();
    let error = bench.store.load("a").unwrap_err();
    assert!(matches!(
        error,
        DataError::NewerFormat {
            found: 2,
            known: 1,
            ..
        }
    ));
    assert!(error.hint().en.contains("update makook"));

    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(
        bench.store.load("a"),
        Err(DataError::BadManifest { .. })
    ));
    assert!(bench.store.list().unwrap()[0].manifest.is_err());

    fs::write(&path, &whole).unwrap();
    fs::remove_file(bench.bars_file("a")).unwrap();
    assert!(matches!(bench.store.load("a"), Err(DataError::Io { .. })));
}

#[test]
fn a_name_is_not_taken_twice_unless_asked_for() {
    let bench = Bench::new();
    let source = bench.hours(30);
    let mut spec = ImportSpec::named("a");
    bench.import(&source, &spec).unwrap();
    let old = bench.bars_file("a");
    let shorter = bench.hours(20);
    let error = bench.import(&shorter, &spec).unwrap_err();
    assert!(matches!(error, DataError::Exists(_)));
    assert_eq!(error.exit(), Exit::Usage);
    assert_eq!(bench.store.load("a").unwrap().1.len(), 30);
    spec.existing = Existing::Replace;
    bench.import(&shorter, &spec).unwrap();
    assert_eq!(bench.store.load("a").unwrap().1.len(), 20);
    assert!(!old.exists(), "the old bars are gone");
}

#[test]
fn an_import_that_is_stopped_leaves_nothing() {
    let bench = Bench::new();
    let source = bench.hours(30);
    let mut stop = |_: Progress| ControlFlow::Break(());
    let spec = ImportSpec::named("a");
    let stopped = import(&source, &spec, &bench.store, &bench.clock, &mut stop);
    assert!(matches!(stopped, Err(DataError::Cancelled)));
    assert!(bench.store.list().unwrap().is_empty());
    let mut stop_writing = |progress: Progress| match progress.stage {
        crate::Stage::Writing => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let stopped = import(
        &source,
        &spec,
        &bench.store,
        &bench.clock,
        &mut stop_writing,
    );
    assert!(matches!(stopped, Err(DataError::Cancelled)));
    assert!(!bench.dir.path().join("data/store/a").exists());
}

#[test]
fn what_a_kill_leaves_behind_is_no_data_set_and_no_obstacle() {
    let bench = Bench::new();
    let directory = bench.dir.path().join("data/store/a");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("bars.123.tmp"), b"half").unwrap();
    fs::write(directory.join("bars-0123456789abcdef.parquet"), b"PAR1").unwrap();
    assert!(bench.store.list().unwrap().is_empty());
    assert!(matches!(
        bench.store.load("a"),
        Err(DataError::NotFound { .. })
    ));
    let source = bench.hours(30);
    bench.import(&source, &ImportSpec::named("a")).unwrap();
    assert_eq!(bench.store.load("a").unwrap().1.len(), 30);
    assert!(!directory.join("bars-0123456789abcdef.parquet").exists());
    assert!(!directory.join("bars.123.tmp").exists());
}

#[test]
fn a_refused_source_changes_nothing_and_check_tells_the_same() {
    let bench = Bench::new();
    let text = format!("{HEADER}1640995200000,1,1,1,1,1\n1640998800000,x,1,1,1,1\n");
    let source = bench.source("bad.csv", text.as_bytes());
    let spec = ImportSpec::named("a");
    let error = bench.import(&source, &spec).unwrap_err();
    assert_eq!(error.exit(), Exit::Negative);
    let DataError::Rejected(problems) = error else {
        panic!("{error} is no rejection");
    };
    assert!(
        problems
            .to_string()
            .contains("row 3  open is `x`\n  hint: correct the row")
    );
    let checked = check(&source, &spec, &bench.clock, &mut quiet).unwrap();
    assert!(!checked.passed());
    assert_eq!(checked.problems, problems);
    assert!(!bench.dir.path().join("data").exists());
}

#[test]
fn a_source_that_changed_since_is_mentioned() {
    let bench = Bench::new();
    let source = bench.hours(30);
    bench.import(&source, &ImportSpec::named("a")).unwrap();
    bench.hours(31);
    let report = bench.store.validate("a").unwrap();
    assert!(report.passed());
    assert!(
        report
            .problems
            .to_string()
            .contains("the source changed since it was imported")
    );
}

#[rstest]
#[case("")]
#[case("../escape")]
#[case(".hidden")]
#[case("with space")]
#[case("한글")]
fn names_that_no_file_system_likes_are_refused(#[case] name: &str) {
    let bench = Bench::new();
    let source = bench.hours(3);
    let error = bench.import(&source, &ImportSpec::named(name)).unwrap_err();
    assert!(matches!(error, DataError::BadName(_)));
}

#[test]
fn missing_and_unreadable_sources_say_so() {
    let bench = Bench::new();
    let missing = bench.dir.path().join("nowhere.csv");
    let error = bench.import(&missing, &ImportSpec::named("a")).unwrap_err();
    assert_eq!(error.exit(), Exit::Usage);
    assert!(error.hint().en.contains("check the path"), "{error}");
    let error = bench
        .import(bench.dir.path(), &ImportSpec::named("a"))
        .unwrap_err();
    assert!(error.to_string().contains("it is a directory"), "{error}");
    let error = bench.store.load("a").unwrap_err();
    assert_eq!(error.to_string(), "there is no data set `a`");
    assert!(error.hint().en.contains("the store is empty"), "{error}");
}

#[test]
fn summaries_exist_in_both_languages() {
    let bench = Bench::new();
    let text = format!(
        "{HEADER}1640995200000,1,1,1,1,1\n1640998800000,1,1,1,1,1\n1641009600000,1,1,1,1,0\n"
    );
    let source = bench.source("gap.csv", text.as_bytes());
    let report = bench.import(&source, &ImportSpec::named("a")).unwrap();
    let english = report.summary(domain::Lang::En);
    assert!(english.contains("a  a 1h, 3 bars (candles)"), "{english}");
    assert!(english.contains("1 gaps, 2 bars missing") && english.contains("zero volume 1"));
    let korean = report.summary(domain::Lang::Ko);
    assert!(
        korean.contains("빠진 봉 2개") && korean.contains("거래량 0 1"),
        "{korean}"
    );
}

/// polars' own CSV reader is the independent witness for plain files.
#[test]
fn plain_files_read_as_polars_reads_them() {
    let bench = Bench::new();
    let mut rng = domain::StreamRng::seeded(11);
    let mut text = HEADER.to_owned();
    for minute in 0..5_000_i64 {
        let low = rng.uniform() * 10_f64.powi(rng.below(9) as i32 - 3) + 1e-9;
        let (open, close, high) = (low * 1.25, low * 1.5, low * (1.5 + rng.uniform()));
        let time = 1_640_995_200_000 + minute * 60_000;
        let volume = rng.uniform();
        text += &format!("{time},{open},{high:.8},{low},{close},{volume}\n");
    }
    let source = bench.source("random.csv", text.as_bytes());
    let mut spec = ImportSpec::named("a");
    spec.repair.set("high_low=widen").unwrap();
    bench.import(&source, &spec).unwrap();
    let (manifest, bars) = bench.store.load("a").unwrap();
    let frame = CsvReader::new(File::open(&source).unwrap())
        .finish()
        .unwrap();
    let column = |name: &str| -> Vec<f64> {
        frame
            .column(name)
            .unwrap()
            .f64()
            .unwrap()
            .into_no_null_iter()
            .collect()
    };
    assert_eq!(bars.open, column("open"));
    assert_eq!(bars.low, column("low"));
    assert_eq!(bars.close, column("close"));
    assert_eq!(bars.volume, column("volume"));
    assert_eq!(manifest.coverage.bars, 5_000);
}
