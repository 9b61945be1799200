//! `makook runs …` and `makook stop`: what ran, what runs, and what to do with it.

use super::{
    args::{CompareArgs, RmArgs, RunArgs, RunsVerb, TailArgs},
    context::Context,
    failure::Failure,
    output,
};
use domain::{Exit, Lang, phrase};
use report::braille::{self, Glyphs};
use runs::{Command, LogTail, Mailbox, RunReader, Summary, Track, compare, observe, roster};
use serde_json::json;
use std::time::Duration;

/// Runs one of the verbs.
///
/// # Errors
/// What cannot be read, with its remedy.
pub fn run(verb: &RunsVerb, context: &Context) -> Result<Exit, Failure> {
    match verb {
        RunsVerb::List(args) => list(args.json, context),
        RunsVerb::Show(args) => show(args, context),
        RunsVerb::Tail(args) => tail(args, context),
        RunsVerb::Compare(args) => side_by_side(args, context),
        RunsVerb::Rm(args) => remove(args, context),
        RunsVerb::Path(args) => path(args, context),
        RunsVerb::Health(args) => super::health::run(args, context),
        RunsVerb::Trades(args) => super::trades::run(args, context),
        RunsVerb::Chart(args) => super::chart::run(args, context),
    }
}

fn list(json: bool, context: &Context) -> Result<Exit, Failure> {
    let runs = runs::list(&context.around.home, &context.clock)?;
    if json {
        output::print_json(&runs)?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        eprintln!(
            "{}",
            context.say(
                "no runs yet; `makook demo` makes one",
                "아직 실행이 없습니다. `makook demo`로 시작하세요"
            )
        );
        return Ok(Exit::Done);
    }
    let head = match context.lang {
        Lang::En => ["run", "state", "progress", "left", "best", "verdict"],
        Lang::Ko => ["실행", "상태", "진행", "남은 시간", "최고", "판정"],
    };
    let rows: Vec<Vec<String>> = runs.iter().map(|run| row(run, context.lang)).collect();
    output::print(&output::table(&head, &rows))?;
    Ok(Exit::Done)
}

fn row(run: &Summary, lang: Lang) -> Vec<String> {
    vec![
        run.id.to_string(),
        run.state.label().get(lang).to_owned(),
        run.progress
            .map_or("–".into(), |share| format!("{:.0}%", share * 100.0)),
        run.eta_seconds.map_or("–".into(), output::duration),
        run.best
            .as_ref()
            .map_or("–".into(), |best| output::figure(best.value)),
        run.verdict
            .as_ref()
            .map_or("–".into(), |verdict| verdict.word.clone()),
    ]
}

fn show(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    let summary = roster::summary(&run, &context.clock);
    let settings = compare::flat_settings(&run)?;
    if args.json {
        output::print_json(&json!({ "summary": summary, "settings": settings }))?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    let mut text = format!("{}  {}\n", summary.id, summary.state.label().get(lang));
    text.push_str(&format!("  {}\n", summary.path.display()));
    if let Some(phase) = &summary.phase {
        text.push_str(&format!("  {}\n", phase.get(lang)));
    }
    if let Some(share) = summary.progress {
        let seconds = summary
            .duration_seconds
            .map(output::duration)
            .unwrap_or_default();
        text.push_str(&format!(
            "  {:.1}%  {} / {}  {seconds}\n",
            share * 100.0,
            report::axis::count(summary.step as f64),
            report::axis::count(summary.total_steps as f64)
        ));
    }
    if let Some(reason) = &summary.reason {
        text.push_str(&format!("  {}\n", reason.get(lang)));
    }
    if let Some(verdict) = &summary.verdict {
        text.push_str(&format!("\n{}\n", verdict.says.get(lang)));
    }
    if !summary.last.is_empty() {
        let rows: Vec<Vec<String>> = summary
            .last
            .iter()
            .map(|(key, value)| vec![key.clone(), output::figure(*value)])
            .collect();
        text.push_str(&format!(
            "\n{}",
            output::table(&["", ""], &rows).trim_start_matches('\n')
        ));
    }
    text.push_str(&learning_curves(&run, context)?);
    text.push_str(&changed_settings(&settings, lang));
    for problem in &summary.problems {
        text.push_str(&format!("! {}\n", problem.get(lang)));
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

/// One sparkline of validation scores a seed.
fn learning_curves(run: &runs::RunDir, context: &Context) -> Result<String, Failure> {
    let mut reader = RunReader::new(run);
    reader.poll()?;
    let mut text = String::new();
    for (track, readings) in reader.tracks() {
        let Track::Seed(seed) = track else { continue };
        for key in ["valid/score", "rollout/episode_return"] {
            let values: Vec<f64> = readings
                .metrics
                .records()
                .iter()
                .filter_map(|record| record.k.get(key).copied())
                .collect();
            if let Some(last) = values.last() {
                let line = braille::sparkline(&values, 40, context.glyphs());
                text.push_str(&format!(
                    "seed {seed}  {key:<22} {line} {}\n",
                    output::figure(*last)
                ));
            }
        }
    }
    if !text.is_empty() {
        text.insert(0, '\n');
    }
    Ok(text)
}

fn changed_settings(settings: &std::collections::BTreeMap<String, String>, lang: Lang) -> String {
    let mut rows = Vec::new();
    for (key, value) in settings {
        let default = config::find(key).map(|known| known.default_value().to_string());
        if default.as_deref().is_some_and(|default| default != value) {
            rows.push(vec![
                key.clone(),
                value.clone(),
                default.unwrap_or_default(),
            ]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let head = match lang {
        Lang::En => ["setting", "value", "default"],
        Lang::Ko => ["설정", "값", "기본값"],
    };
    format!("\n{}", output::table(&head, &rows))
}

fn tail(args: &TailArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    let Some(path) = run.logs().pop() else {
        let id = run.id();
        return Err(Failure::usage(
            phrase!(
                "run {id} has no log yet",
                "실행 {id}에는 아직 로그가 없습니다"
            ),
            phrase!(
                "it has not been started; see `makook runs show {id}`",
                "아직 시작되지 않았습니다. `makook runs show {id}`(으)로 확인하세요"
            ),
        ));
    };
    let mut log = LogTail::open(&path, args.lines)?;
    loop {
        let found = log.poll()?;
        for line in &found.lines {
            if args.json {
                output::print_json_line(&json!({ "line": line.text }))?;
            } else {
                output::print(&format!("{}\n", line.text))?;
            }
        }
        if found.more {
            continue;
        }
        let seen = observe(run.path(), &context.clock, runs::observe::STALENESS);
        if !args.follow || !seen.state.is_active() || context.stop.was_asked() {
            return Ok(Exit::Done);
        }
        context.stop.wait(Duration::from_millis(200));
    }
}

fn side_by_side(args: &CompareArgs, context: &Context) -> Result<Exit, Failure> {
    let opened: Result<Vec<_>, _> = args
        .runs
        .iter()
        .map(|asked| context.around.home.open(asked))
        .collect();
    let comparison = runs::compare(&opened?, &context.clock);
    if args.json {
        output::print_json(&comparison)?;
        return Ok(Exit::Done);
    }
    let mut head = vec![context.say("setting", "설정")];
    let names: Vec<String> = comparison
        .runs
        .iter()
        .map(|run| run.id.to_string())
        .collect();
    head.extend(names.iter().map(String::as_str));
    let settings: Vec<Vec<String>> = comparison
        .settings
        .iter()
        .map(|row| {
            let values = row
                .values
                .iter()
                .map(|value| value.clone().unwrap_or_else(|| "–".into()));
            std::iter::once(row.key.clone()).chain(values).collect()
        })
        .collect();
    let mut text = output::table(&head, &settings);
    head[0] = context.say("figure", "지표");
    let figures: Vec<Vec<String>> = comparison
        .figures
        .iter()
        .map(|row| {
            let values = row
                .values
                .iter()
                .map(|value| value.map_or("–".into(), output::figure));
            std::iter::once(row.key.clone()).chain(values).collect()
        })
        .collect();
    text.push_str(&format!("\n{}", output::table(&head, &figures)));
    for problem in &comparison.problems {
        text.push_str(&format!("! {}\n", problem.get(context.lang)));
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

fn remove(args: &RmArgs, context: &Context) -> Result<Exit, Failure> {
    let home = &context.around.home;
    let mut moved = Vec::new();
    for asked in &args.runs {
        let dir = home.find(asked)?;
        moved.push(runs::trash::remove(home, &dir, &context.clock)?);
    }
    runs::trash::gc(home, &context.clock, runs::trash::KEEP)?;
    if args.json {
        output::print_json(&json!({ "moved": moved }))?;
    } else {
        for path in moved {
            eprintln!(
                "{} {}",
                context.say("moved to the trash:", "휴지통으로 옮김:"),
                path.display()
            );
        }
    }
    Ok(Exit::Done)
}

fn path(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    let path = context.around.home.find(&args.run)?;
    if args.json {
        output::print_json(&json!({ "path": path }))?;
    } else {
        output::print(&format!("{}\n", path.display()))?;
    }
    Ok(Exit::Done)
}

/// `makook stop`: asks a running training to save and end.
///
/// # Errors
/// No such run, or one that is not running.
pub fn stop(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    let seen = observe(run.path(), &context.clock, runs::observe::STALENESS);
    if !seen.state.is_active() {
        return Err(Failure::usage(
            super::train::state_of(&run, seen.state),
            phrase!(
                "only a running training can be stopped; see `makook runs list`",
                "실행 중인 학습만 멈출 수 있습니다. `makook runs list`로 확인하세요"
            ),
        ));
    }
    let now = domain::Clock::now(&context.clock);
    let number = Mailbox::of(run.layout()).post(&Command::Stop, "makook stop", now)?;
    if args.json {
        output::print_json(&json!({ "run": run.id(), "command": number }))?;
    } else {
        let text = context.say(
            "asked to save and stop; `makook resume` continues it",
            "저장하고 멈추도록 요청했습니다. `makook resume`으로 이어서 할 수 있습니다",
        );
        eprintln!("{}: {text}", run.id());
    }
    Ok(Exit::Done)
}

/// Returns what the terminal can show.
#[must_use]
pub fn glyphs_of(locale: &str) -> Glyphs {
    let upper = locale.to_uppercase();
    if upper.contains("UTF-8") || upper.contains("UTF8") {
        Glyphs::Braille
    } else {
        Glyphs::Ascii
    }
}
