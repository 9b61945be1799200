//! `makook report`: a run's result as text here and as one HTML file.

use super::{args::ReportArgs, context::Context, failure::Failure, output};
use backtest::report::Report;
use domain::{Exit, durable};
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
        Err(failure) => eprintln!("{}", failure.message),
    }
    Ok(())
}

fn page_path(run: &RunDir) -> PathBuf {
    run.layout().report().join("index.html")
}

fn write_page(report: &Report, path: &Path, context: &Context) -> Result<(), Failure> {
    let text = page::render(&document(report, context.lang), context.lang);
    durable::replace(path, text.as_bytes()).map_err(|error| {
        Failure::environment(
            format!("{}: {error}", path.display()),
            "choose another place with --html",
            "--html로 다른 위치를 지정하세요",
        )
    })
}

/// Reads the report data of `run`.
///
/// # Errors
/// No report yet, one of a newer makook, or a damaged one.
pub fn read(run: &RunDir) -> Result<Report, Failure> {
    let path = run.layout().report().join("report.json");
    let bytes = std::fs::read(&path).map_err(|error| {
        Failure::usage(
            format!("run {} has no report: {error}", run.id()),
            "only a run that has ended has one; see `makook runs show`",
            "끝난 실행에만 보고서가 있습니다. `makook runs show`로 확인하세요",
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::usage(
            format!("{}: {error}", path.display()),
            "it is damaged or of another version; `makook evaluate` writes it again",
            "손상되었거나 다른 버전입니다. `makook evaluate`로 다시 만들 수 있습니다",
        )
    })
}
