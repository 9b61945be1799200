//! `data …`: import with progress, list, describe, validate.

use super::{
    args::{DataVerb, ImportArgs, OutputArgs},
    bars,
};
use ::data::{DataError, Detect, ImportSpec, Progress, Stage, Store, spec};
use config::LoadRequest;
use domain::{Exit, HINT, Lang, Phrase, Problems, SystemClock, phrase};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    ops::ControlFlow,
    path::Path,
};

/// Runs one of the verbs on the store that the settings name; `env` is the process's environment.
#[must_use]
pub fn run(verb: &DataVerb, env: &BTreeMap<String, String>) -> Exit {
    let outcome = store(env).and_then(|store| match verb {
        DataVerb::Import(args) => import_spec(args).and_then(|spec| import(args, &spec, &store)),
        DataVerb::List { output } => list(&store, output),
        DataVerb::Describe { name, output } => describe(&store, name, output),
        DataVerb::Validate { name, output } => validate(&store, name, output),
    });
    outcome.unwrap_or_else(|ending| {
        let lang = verb.lang();
        eprintln!("makook: {}", ending.message.get(lang));
        let hint = ending.hint.get(lang);
        if !hint.is_empty() {
            eprintln!("  {}: {hint}", HINT.get(lang));
        }
        ending.exit
    })
}

/// Returns the store in `data.store`; the working directory is the project's.
fn store(env: &BTreeMap<String, String>) -> Result<Store, Ending> {
    let request = LoadRequest {
        env: env.clone(),
        ..LoadRequest::default()
    };
    let config = config::load(&request)?.config;
    Ok(Store::at(&bars::data_dir(&config, Path::new(""))))
}

/// Why a verb ended early.
struct Ending {
    exit: Exit,
    message: Phrase,
    hint: Phrase,
}

impl From<DataError> for Ending {
    fn from(error: DataError) -> Self {
        Self {
            exit: error.exit(),
            message: error.says(),
            hint: error.hint(),
        }
    }
}

impl From<Problems> for Ending {
    fn from(problems: Problems) -> Self {
        // Every problem stands with its own remedy.
        let message = Phrase::new(problems.render(Lang::En), problems.render(Lang::Ko));
        usage(message, Phrase::default())
    }
}

fn usage(message: Phrase, hint: impl Into<Phrase>) -> Ending {
    Ending {
        exit: Exit::Usage,
        message,
        hint: hint.into(),
    }
}

fn lang(output: &OutputArgs) -> Lang {
    Lang::from_locale(&output.lang)
}

fn print(text: &str) {
    // A closed pipe ends the output quietly.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

fn print_json(value: &impl serde::Serialize) {
    print(&(serde_json::to_string_pretty(value).unwrap_or_default() + "\n"));
}

/// Names a set after its file: letters, digits and dashes.
fn slug(source: &Path) -> String {
    let stem = source
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let stem = stem.split('.').next().unwrap_or("data").to_owned();
    let dashed: String = stem
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    dashed.trim_matches('-').to_owned()
}

fn import_spec(args: &ImportArgs) -> Result<ImportSpec, Ending> {
    let name = args.name.clone().unwrap_or_else(|| slug(&args.source));
    let mut wanted = ImportSpec::named(&name);
    if let Some(symbol) = &args.symbol {
        wanted.symbol = Detect::Given(symbol.clone());
    }
    if let Some(timeframe) = &args.timeframe {
        let parsed = timeframe.parse().map_err(|_| {
            usage(
                phrase!(
                    "`--timeframe {timeframe}` is no bar length",
                    "`--timeframe {timeframe}`은(는) 봉 주기가 아닙니다"
                ),
                phrase!(
                    "write e.g. 1m, 15m, 1h, 4h, 1d or 1w",
                    "예: 1m, 15m, 1h, 4h, 1d, 1w"
                ),
            )
        })?;
        wanted.timeframe = Detect::Given(parsed);
    }
    wanted.date_order = match args.date_order.as_deref() {
        Some("ymd") => Detect::Given(spec::DateOrder::Ymd),
        Some("dmy") => Detect::Given(spec::DateOrder::Dmy),
        Some("mdy") => Detect::Given(spec::DateOrder::Mdy),
        _ => Detect::Auto,
    };
    wanted.epoch = match args.epoch.as_deref() {
        Some("s") => Detect::Given(spec::EpochUnit::Seconds),
        Some("ms") => Detect::Given(spec::EpochUnit::Millis),
        Some("us") => Detect::Given(spec::EpochUnit::Micros),
        Some("ns") => Detect::Given(spec::EpochUnit::Nanos),
        _ => Detect::Auto,
    };
    for repair in &args.repair {
        let set = wanted.repair.set(repair);
        set.map_err(|error| usage(error.says(), error.hint()))?;
    }
    for column in &args.column {
        let Some((role, header)) = column.split_once('=') else {
            return Err(usage(
                phrase!(
                    "`--column {column}` has no `=`",
                    "`--column {column}`에 `=`가 없습니다"
                ),
                phrase!("write e.g. --column time=Date", "예: --column time=Date"),
            ));
        };
        let field = match role {
            "time" => &mut wanted.columns.time,
            "clock" => &mut wanted.columns.clock,
            "open" => &mut wanted.columns.open,
            "high" => &mut wanted.columns.high,
            "low" => &mut wanted.columns.low,
            "close" => &mut wanted.columns.close,
            "volume" => &mut wanted.columns.volume,
            "symbol" => &mut wanted.columns.symbol,
            _ => {
                return Err(usage(
                    phrase!(
                        "`--column {column}`: there is no column `{role}`",
                        "`--column {column}`: `{role}`(이)라는 열은 없습니다"
                    ),
                    phrase!(
                        "the columns are time, clock, open, high, low, close, volume and symbol",
                        "열은 time, clock, open, high, low, close, volume, symbol입니다"
                    ),
                ));
            }
        };
        *field = Detect::Given(header.to_owned());
    }
    if args.replace {
        wanted.existing = spec::Existing::Replace;
    }
    Ok(wanted)
}

fn import(args: &ImportArgs, spec: &ImportSpec, store: &Store) -> Result<Exit, Ending> {
    let output = &args.output;
    let mut meter = Meter::new(lang(output), args.progress);
    let report = ::data::import(
        &args.source,
        spec,
        store,
        &SystemClock::new(),
        &mut |progress| {
            meter.show(progress);
            ControlFlow::Continue(())
        },
    );
    meter.clear();
    let report = report?;
    if output.json {
        print_json(&report);
    } else {
        print(&format!("{}\n", report.summary(lang(output))));
        if !report.warnings.is_empty() {
            eprintln!("{}", report.warnings.render(lang(output)));
        }
    }
    Ok(Exit::Done)
}

/// One line of progress at a terminal; JSON lines for a program that asks for them.
struct Meter {
    lang: Lang,
    shown: Option<(Stage, u64)>,
    terminal: bool,
    json_lines: bool,
}

impl Meter {
    fn new(lang: Lang, json_lines: bool) -> Self {
        Self {
            lang,
            shown: None,
            terminal: io::stderr().is_terminal() && !json_lines,
            json_lines,
        }
    }

    fn show(&mut self, progress: Progress) {
        let percent = progress.done * 100 / progress.total.max(1);
        let wanted = self.terminal || self.json_lines;
        if !wanted || self.shown == Some((progress.stage, percent)) {
            return;
        }
        self.shown = Some((progress.stage, percent));
        if self.json_lines {
            let stage = match progress.stage {
                Stage::Reading => "reading",
                Stage::Checking => "checking",
                Stage::Writing => "writing",
            };
            // Whoever asked may be gone by now; the import goes on.
            let line = json!({ "stage": stage, "percent": percent });
            let _ = writeln!(io::stderr(), "{line}");
            return;
        }
        let word = match (progress.stage, self.lang) {
            (Stage::Reading, Lang::En) => "reading",
            (Stage::Reading, Lang::Ko) => "읽는 중",
            (Stage::Checking, Lang::En) => "checking",
            (Stage::Checking, Lang::Ko) => "검사 중",
            (Stage::Writing, Lang::En) => "writing",
            (Stage::Writing, Lang::Ko) => "쓰는 중",
        };
        eprint!("\r\x1b[K{word} {percent}%");
        let _ = io::stderr().flush();
    }

    fn clear(&self) {
        if self.terminal && self.shown.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

fn list(store: &Store, output: &OutputArgs) -> Result<Exit, Ending> {
    let entries = store.list()?;
    if output.json {
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| match &entry.manifest {
                Ok(manifest) => json!({ "name": entry.name, "manifest": manifest }),
                Err(error) => {
                    let Phrase { en, ko } = error.says();
                    json!({ "name": entry.name, "error": en, "error_ko": ko })
                }
            })
            .collect();
        print_json(&rows);
        return Ok(Exit::Done);
    }
    if entries.is_empty() {
        eprintln!(
            "{}",
            match lang(output) {
                Lang::En => "no data sets yet; `makook data import FILE` makes one",
                Lang::Ko => "아직 데이터가 없습니다. `makook data import 파일`로 가져오세요",
            }
        );
    }
    for entry in entries {
        match entry.manifest {
            Ok(manifest) => {
                let coverage = &manifest.coverage;
                print(&format!(
                    "{:<24} {:>10} {} {}  {} – {}\n",
                    entry.name,
                    coverage.bars,
                    manifest.symbol,
                    manifest.timeframe,
                    coverage.from.date(),
                    coverage.to.date()
                ));
            }
            Err(error) => print(&format!(
                "{:<24} ! {}\n",
                entry.name,
                error.says().get(lang(output))
            )),
        }
    }
    Ok(Exit::Done)
}

fn describe(store: &Store, name: &str, output: &OutputArgs) -> Result<Exit, Ending> {
    let manifest = store.describe(name)?;
    if output.json {
        print_json(&manifest);
    } else {
        print(&format!("{}\n", manifest.summary(lang(output))));
    }
    Ok(Exit::Done)
}

fn validate(store: &Store, name: &str, output: &OutputArgs) -> Result<Exit, Ending> {
    let report = store.validate(name)?;
    if output.json {
        print_json(&report);
    } else {
        let lang = lang(output);
        print(&format!("{}\n", report.summary(lang)));
        if !report.problems.is_empty() {
            print(&format!("{}\n", report.problems.render(lang)));
        }
    }
    Ok(if report.passed() {
        Exit::Done
    } else {
        Exit::Negative
    })
}
