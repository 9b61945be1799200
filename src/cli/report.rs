//! `makook report`: a run's result as text here and as one HTML file.

use super::{args::ReportArgs, context::Context, failure::Failure, output};
use backtest::report::Report;
use config::Resolved;
use domain::{Exit, durable, phrase};
use report::{document, page, terminal};
use runs::RunDir;
use std::path::{Path, PathBuf};

/// Runs the verb.
///
/// # Errors
/// No such run, no report yet, or a damaged one.
pub fn run(args: &ReportArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    if args.json {
        show(&run, true, context)?;
        return Ok(Exit::Done);
    }
    show(&run, false, context)?;
    if let Some(path) = &args.html {
        write_page(&read(&run)?, path, context)?;
        eprintln!("{}", path.display());
    }
    Ok(Exit::Done)
}

/// Prints the report of `run` and writes its page beside the data.
///
/// # Errors
/// No report yet, or a damaged one.
pub fn show(run: &RunDir, json: bool, context: &Context) -> Result<(), Failure> {
    let report = read(run)?;
    if json {
        return output::print_json(&report);
    }
    let columns = context
        .around
        .terminal_size
        .map_or(100, |(columns, _)| usize::from(columns));
    let said = document(&report, context.lang);
    output::print(&terminal::render(&said, columns, context.glyphs()))?;
    let path = page_path(run);
    match write_page(&report, &path, context) {
        Ok(()) => eprintln!("\n{} {}", context.say("page:", "페이지:"), path.display()),
        // A run directory that may only be read still has a report.
        Err(failure) => eprintln!("{}", failure.render(context.lang)),
    }
    Ok(())
}

fn page_path(run: &RunDir) -> PathBuf {
    run.layout().report().join("index.html")
}

fn write_page(report: &Report, path: &Path, context: &Context) -> Result<(), Failure> {
    let text = page::render(&document(report, context.lang), context.lang);
    let place = path.display();
    durable::replace(path, text.as_bytes()).map_err(|error| {
        Failure::environment(
            phrase!("{place}: {error}", "{place}: 쓸 수 없습니다: {error}"),
            phrase!(
                "choose another place with --html",
                "--html로 다른 위치를 지정하세요"
            ),
        )
    })
}

/// Reads the report data of `run`.
///
/// # Errors
/// No report yet, one of a newer makook, or a damaged one.
pub fn read(run: &RunDir) -> Result<Report, Failure> {
    let (id, path) = (run.id(), run.layout().report().join("report.json"));
    let place = path.display();
    let bytes = std::fs::read(&path).map_err(|error| {
        if is_control(run) {
            return Failure::usage(
                phrase!(
                    "run {id} has no report: a control task has no market to be judged on",
                    "실행 {id}에는 보고서가 없습니다. 제어 과제에는 판정할 시장이 없습니다"
                ),
                phrase!(
                    "`makook runs show {id}` has its mean return and learning curves",
                    "`makook runs show {id}`에서 평균 보상과 학습 곡선을 볼 수 있습니다"
                ),
            );
        }
        Failure::usage(
            phrase!(
                "run {id} has no report: {error}",
                "실행 {id}에는 보고서가 없습니다: {error}"
            ),
            phrase!(
                "only a run that has ended has one; see `makook runs show {id}`",
                "끝난 실행에만 보고서가 있습니다. `makook runs show {id}`(으)로 확인하세요"
            ),
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::usage(
            phrase!(
                "{place} cannot be understood: {error}",
                "{place} 파일을 읽을 수 없습니다: {error}"
            ),
            phrase!(
                "it is damaged or of another version; `makook evaluate {id}` writes a new one",
                "손상되었거나 다른 버전입니다. `makook evaluate {id}`(으)로 다시 만들 수 있습니다"
            ),
        )
    })
}

/// Returns whether `run` trains on a control task rather than a market.
fn is_control(run: &RunDir) -> bool {
    let settings = run.settings().ok();
    let resolved =
        settings.and_then(|text| Resolved::from_run_toml("run.toml", text.as_bytes()).ok());
    resolved.is_some_and(|resolved| !resolved.config.env.kind.is_market())
}
