//! `makook runs chart`: curves of a run as a picture or as data for other programs.

use super::{context::Context, evaluated::Evaluated, failure::Failure, output};
use clap::Args;
use console::{
    marks::{Mark, Marking},
    series::{Axis, Series},
    smoothing::{Smoothed, Smoothing},
};
use domain::{Exit, Lang, Text, durable, phrase};
use report::{Figure, Style, axis::Unit, braille, export::Format};
use runs::{EquityRecord, Evaluation, RunDir, RunReader, Track};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// `makook runs chart`.
#[derive(Debug, Args)]
pub struct ChartArgs {
    /// Run: identifier, unique beginning, `latest`, or path.
    #[arg(default_value = "latest")]
    pub run: String,
    /// What to draw: a recorded name such as loss/entropy, or equity or drawdown (repeatable).
    #[arg(long, required = true, value_name = "METRIC")]
    pub metric: Vec<String>,
    /// What lies along the chart.
    #[arg(long, default_value = "steps", value_parser = ["steps", "time", "updates"])]
    pub axis: String,
    /// How strongly to smooth; the raw curve stays behind, faint.
    #[arg(long, default_value = "off", value_parser = ["off", "light", "medium", "strong", "strongest"])]
    pub smooth: String,
    /// Write a picture here.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write a table of the points here.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the points as JSON here.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Rows of a picture in the terminal.
const ROWS: usize = 18;

/// What of an evaluation can be drawn, over calendar time.
const EVALUATED: [&str; 2] = ["equity", "drawdown"];

/// Runs the verb.
///
/// # Errors
/// No such run, nothing recorded under a name, or a file that cannot be written.
pub fn run(args: &ChartArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    let mut reader = RunReader::new(&run);
    reader.poll()?;
    let evaluated = args
        .metric
        .iter()
        .any(|one| EVALUATED.contains(&one.as_str()));
    // Data reads the same whatever the language of the one who asked for it.
    let drawn = |lang| -> Result<(Figure, &'static str, Option<Value>), Failure> {
        if evaluated {
            let (figure, of) = evaluation(&run, &reader, args, lang)?;
            return Ok((figure, "unix_ns", Some(of)));
        }
        Ok((
            learning(&run, &reader, args, lang)?,
            axis(args).word(),
            None,
        ))
    };
    let files = [
        (&args.svg, Format::Svg),
        (&args.csv, Format::Csv),
        (&args.json, Format::Json),
    ];
    let mut written = false;
    for (path, format) in files {
        if let Some(path) = path {
            let lang = match format {
                Format::Svg => context.lang,
                Format::Csv | Format::Json => Lang::En,
            };
            let (figure, x, of) = drawn(lang)?;
            let mut text = format.render(&figure, x);
            if let (Format::Json, Some(of)) = (format, of) {
                text = with_evaluations(&text, of);
            }
            write(path, &text)?;
            eprintln!("{}", path.display());
            written = true;
        }
    }
    if !written {
        output::print(&shown(&drawn(context.lang)?.0, context))?;
    }
    Ok(Exit::Done)
}

/// Adds to a figure's data which evaluations its lines are of.
fn with_evaluations(text: &str, of: Value) -> String {
    let mut whole: Value = serde_json::from_str(text).unwrap_or_default();
    if let Value::Object(fields) = &mut whole {
        fields.insert("evaluations".into(), of);
    }
    whole.to_string() + "\n"
}

/// Draws `figure` for the terminal.
fn shown(figure: &Figure, context: &Context) -> String {
    let columns = context.around.terminal_size;
    let columns = columns.map_or(100, |(columns, _)| usize::from(columns).min(160));
    let lines = braille::draw(figure, columns, ROWS, context.glyphs());
    let line = |line: &braille::Line| {
        let text: String = line.iter().map(|(text, _)| text.as_str()).collect();
        format!("{}\n", text.trim_end())
    };
    lines.iter().map(line).collect()
}

fn axis(args: &ChartArgs) -> Axis {
    match args.axis.as_str() {
        "time" => Axis::Time,
        "updates" => Axis::Updates,
        _ => Axis::EnvSteps,
    }
}

/// Draws what was recorded while training: one line a metric and seed.
fn learning(
    run: &RunDir,
    reader: &RunReader,
    args: &ChartArgs,
    lang: Lang,
) -> Result<Figure, Failure> {
    let unit = match axis(args) {
        Axis::Time => Unit::Number,
        Axis::EnvSteps | Axis::Updates => Unit::Count,
    };
    let title = format!("{}: {}", args.metric.join(", "), run.id());
    let strength = Smoothing::ALL
        .into_iter()
        .find(|one| one.word() == args.smooth)
        .unwrap_or_default();
    let mut figure = Figure::new(title, unit, Unit::Number);
    // Marks lie where the first metric's curve of their seed has their step.
    let mut curves: BTreeMap<Option<u64>, Series> = BTreeMap::new();
    for metric in &args.metric {
        let before = figure.series.len();
        for (track, readings) in reader.tracks() {
            let mut raw = Series::default();
            for record in readings.metrics.records() {
                if let Some(value) = record.k.get(metric) {
                    raw.push(record.step as f64, record.t, *value);
                }
            }
            if raw.is_empty() {
                continue;
            }
            curves.entry(seed_of(track)).or_insert_with(|| raw.clone());
            let name = named(metric, track, args, lang);
            let points = |series: &Series| series.points(axis(args)).collect();
            if strength != Smoothing::Off {
                let mut smoothed = Smoothed::default();
                smoothed.follow(&raw, strength);
                let told = format!("{name} ({})", strength.label().get(lang));
                figure = figure.with(told, Style::Line, points(smoothed.series()));
            }
            let style = match strength {
                Smoothing::Off => Style::Line,
                _ => Style::Faint,
            };
            figure = figure.with(name, style, points(&raw));
        }
        if figure.series.len() == before {
            return Err(unknown(run, reader, metric));
        }
    }
    Ok(figure.with_marks(marks(reader, args, lang, &curves)))
}

/// Returns what happened while the run trained, as the console marks it.
fn marks(
    reader: &RunReader,
    args: &ChartArgs,
    lang: Lang,
    curves: &BTreeMap<Option<u64>, Series>,
) -> Vec<report::Mark> {
    let tracks: Vec<_> = reader
        .tracks()
        .map(|(track, readings)| (seed_of(track), readings.events.records()))
        .collect();
    let all = Mark::all(&tracks);
    let placed = all.iter().filter_map(|mark| {
        let curve = curves.get(&mark.seed).or(curves.values().next())?;
        let x = mark.x(axis(args), curve)?;
        Marking::default().shows(mark).then(|| report::Mark {
            x,
            what: mark.what.word(),
            sign: mark.what.sign(),
            label: mark.label(lang, curves.len() > 1),
        })
    });
    let mut marks: Vec<report::Mark> = placed.collect();
    marks.sort_by(|a, b| a.x.total_cmp(&b.x));
    marks
}

fn seed_of(track: Track) -> Option<u64> {
    match track {
        Track::Run => None,
        Track::Seed(seed) => Some(seed),
    }
}

/// Names a line; by its seed alone where there is one metric.
fn named(metric: &str, track: Track, args: &ChartArgs, lang: Lang) -> String {
    let word = Text::new("seed", "시드").get(lang);
    match (track, args.metric.len()) {
        (Track::Run, _) => metric.to_owned(),
        (Track::Seed(seed), 1) => format!("{word} {seed}"),
        (Track::Seed(seed), _) => format!("{metric} {word} {seed}"),
    }
}

fn unknown(run: &RunDir, reader: &RunReader, metric: &str) -> Failure {
    let records = reader
        .tracks()
        .flat_map(|(_, readings)| readings.metrics.records());
    let keys: BTreeSet<&str> = records
        .flat_map(|record| record.k.keys().map(String::as_str))
        .collect();
    let keys: Vec<&str> = keys.into_iter().chain(EVALUATED).collect();
    let (id, keys) = (run.id(), keys.join(", "));
    Failure::usage(
        phrase!(
            "run {id} has recorded nothing as `{metric}`",
            "실행 {id}에는 `{metric}` 기록이 없습니다"
        ),
        phrase!("there are: {keys}", "있는 이름: {keys}"),
    )
}

/// Draws equity or drawdown over the window that counts, the held-out one first: of the run and of
/// each seed its latest there. Returns the figure and which evaluations its lines are of.
fn evaluation(
    run: &RunDir,
    reader: &RunReader,
    args: &ChartArgs,
    lang: Lang,
) -> Result<(Figure, Value), Failure> {
    let [metric] = &args.metric[..] else {
        return Err(Failure::usage(
            phrase!(
                "equity and drawdown are drawn over calendar time, alone",
                "equity와 drawdown은 달력 시간 위에 따로 그립니다"
            ),
            phrase!(
                "give one --metric, and another command for the rest",
                "--metric을 하나만 주고 나머지는 따로 실행하세요"
            ),
        ));
    };
    let Some(counts) = Evaluation::latest(Evaluation::with_equity(reader)) else {
        return Err(unknown(run, reader, metric));
    };
    let is_equity = metric == EVALUATED[0];
    let (unit, style) = match is_equity {
        true => (Unit::Number, Style::Line),
        false => (Unit::Percent, Style::Area),
    };
    let mut lines = Vec::new();
    for (track, readings) in reader.tracks() {
        let records = readings.equity.records();
        // Lines over different windows would say nothing of one another.
        let here = Evaluation::of(track, records).filter(|one| one.scope == counts.scope);
        let Some(latest) = Evaluation::latest(here) else {
            continue;
        };
        let value = |record: &EquityRecord| match is_equity {
            true => record.equity,
            false => -record.drawdown,
        };
        let points: Vec<(f64, f64)> = records
            .iter()
            .filter(|record| latest.left(*record))
            .map(|record| (record.t.0 as f64, value(record)))
            .collect();
        lines.push((Evaluated::of(run, latest), points));
    }
    let told = |of: &Evaluated| of.words().get(lang).to_owned();
    let title = match &lines[..] {
        [(only, _)] => format!("{metric}: {}, {}", run.id(), told(only)),
        _ => format!("{metric}: {}", run.id()),
    };
    let evaluations = lines.iter().map(|(of, _)| of.described()).collect();
    let several = lines.len() > 1;
    let figure = Figure::new(title, Unit::Time, unit);
    let figure = lines.into_iter().fold(figure, |figure, (of, points)| {
        let name = match several {
            true => told(&of),
            false => named(metric, of.evaluation.track, args, lang),
        };
        figure.with(name, style, points)
    });
    Ok((figure, evaluations))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let place = path.display();
    durable::replace(path, text.as_bytes()).map_err(|error| {
        Failure::environment(
            phrase!("{place}: {error}", "{place}: 쓸 수 없습니다: {error}"),
            phrase!("choose another place", "다른 위치를 지정하세요"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Clock, ManualClock, Nanos, StreamRng};
    use runs::{Event, Home, Kind, MetricRecord, NewRun, Scope, Segment};
    use std::time::Duration;

    /// A run of two seeds of three records each, the second with a gap, and one evaluation.
    fn recorded() -> (tempfile::TempDir, RunDir) {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Nanos(1));
        let new = NewRun {
            name: "one",
            kind: Kind::Train,
            parent: None,
            settings: "",
            version: "0",
        };
        let home = Home::at(dir.path());
        let run = RunDir::create(&home, &new, &clock, &mut StreamRng::seeded(1)).unwrap();
        let mut segment = Segment::begin(&run, None, &clock).unwrap();
        for seed in [1, 2] {
            let mut journals = segment.seed(seed, None).unwrap();
            for (step, value) in [(10, 1.0), (20, f64::NAN), (20, 3.0)] {
                clock.advance(Duration::from_secs(5));
                let k = BTreeMap::from([("loss/entropy".to_owned(), value)]);
                let t = clock.now();
                journals.metric(&MetricRecord { step, t, k }).unwrap();
            }
            journals.flush().unwrap();
        }
        let point = |step, scope, t, drawdown| EquityRecord {
            step,
            scope,
            t: Nanos(t),
            equity: 100.0,
            drawdown,
            position: 0.0,
        };
        let points = [
            point(20, Scope::Valid, 1, 0.9),
            point(20, Scope::Test, 5, 0.0),
            point(20, Scope::Test, 6, 0.25),
        ];
        segment.journals().equity(&points).unwrap();
        segment.journals().flush().unwrap();
        let mut journals = segment.seed(1, None).unwrap();
        journals.equity(&[point(30, Scope::Valid, 3, 0.5)]).unwrap();
        journals.flush().unwrap();
        (dir, run)
    }

    fn asked(metric: &[&str]) -> ChartArgs {
        ChartArgs {
            run: "latest".into(),
            metric: metric.iter().map(|one| (*one).to_owned()).collect(),
            axis: "steps".into(),
            smooth: "off".into(),
            svg: None,
            csv: None,
            json: None,
        }
    }

    fn read(run: &RunDir) -> RunReader {
        let mut reader = RunReader::new(run);
        reader.poll().unwrap();
        reader
    }

    #[test]
    fn every_seed_is_a_line_over_the_asked_axis() {
        let (_dir, run) = recorded();
        let reader = read(&run);
        let mut args = asked(&["loss/entropy"]);
        let figure = learning(&run, &reader, &args, Lang::En).ok().unwrap();
        let text = Format::Csv.render(&figure, axis(&args).word());
        let seed = |n: u8| format!("seed {n},10,1\nseed {n},20,\nseed {n},20,3\n");
        assert_eq!(
            text,
            format!("series,env_steps,value\n{}{}", seed(1), seed(2))
        );
        args.axis = "time".into();
        args.smooth = "light".into();
        let figure = learning(&run, &reader, &args, Lang::En).ok().unwrap();
        assert_eq!(figure.series.len(), 4);
        let korean = learning(&run, &reader, &args, Lang::Ko).ok().unwrap();
        let names: Vec<&str> = korean.series.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names[..2], ["시드 1 (평활화 0.60)", "시드 1"]);
        let times: Vec<f64> = figure.series[0]
            .points
            .iter()
            .map(|point| point.0)
            .collect();
        assert_eq!(times, [0.0, 5.0, 10.0]);
    }

    #[test]
    fn what_happened_is_marked_on_its_seed_s_curve() {
        let (_dir, run) = recorded();
        let mut args = asked(&["loss/entropy"]);
        let figure = learning(&run, &read(&run), &args, Lang::En).ok().unwrap();
        assert!(figure.marks.is_empty());
        let clock = ManualClock::at(Nanos(9));
        let segment = Segment::begin(&run, Some(20), &clock).unwrap();
        let mut journals = segment.seed(2, Some(20)).unwrap();
        let changed = Event::SettingChanged {
            key: "agent.learning_rate".into(),
            from: "0.0003".into(),
            to: "0.0001".into(),
        };
        journals.event(clock.now(), Some(20), changed).unwrap();
        args.axis = "time".into();
        let figure = learning(&run, &read(&run), &args, Lang::Ko).ok().unwrap();
        let [mark] = &figure.marks[..] else {
            panic!("{:?}", figure.marks);
        };
        assert_eq!(mark.label, "#2 학습률 3e-4 -> 1e-4");
        assert!((mark.x - 10.0).abs() < 1e-9, "{}", mark.x);
        let json = Format::Json.render(&figure, axis(&args).word());
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["marks"][0]["what"], "changed");
    }

    #[test]
    fn a_name_that_is_not_recorded_is_refused_with_those_that_are() {
        let (_dir, run) = recorded();
        let refused = learning(&run, &read(&run), &asked(&["loss/entropie"]), Lang::En);
        let said = refused.err().unwrap().render(domain::Lang::En);
        assert!(
            said.contains("loss/entropie") && said.contains("loss/entropy, equity"),
            "{said}"
        );
    }

    #[test]
    fn the_held_out_window_of_the_latest_evaluation_is_drawn_alone() {
        let (_dir, run) = recorded();
        let reader = read(&run);
        let asked_for = asked(&["drawdown"]);
        let (figure, of) = evaluation(&run, &reader, &asked_for, Lang::Ko)
            .ok()
            .unwrap();
        assert_eq!(figure.series[0].points, [(5.0, -0.0), (6.0, -0.25)]);
        // A seed's validation is over another window than the run's test.
        assert_eq!(figure.series.len(), 1);
        let told = "시험 구간, 시드 2개 중 선택된 것, 20 스텝";
        assert!(figure.title.ends_with(told), "{}", figure.title);
        let json = with_evaluations(&Format::Json.render(&figure, "unix_ns"), of);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["evaluations"][0]["window"], "test");
        assert_eq!(json["evaluations"][0]["step"], 20);
        let both = evaluation(&run, &reader, &asked(&["equity", "loss/entropy"]), Lang::En);
        assert!(both.is_err());
    }
}
