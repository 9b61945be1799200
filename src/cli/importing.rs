//! An import that the console asked for: the worker as a process of its own, heard through its
//! pipes.
//!
//! It outlives the console. Start at [`begin`].

use super::{data, data_args::ImportArgs, failure::Failure, launch, surroundings::Surroundings};
use console::{
    hands::Tell,
    importing::{ImportNews, ImportOrder, imported, progress},
};
use domain::{Lang, Phrase};
use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, Stdio},
    thread,
};

/// Starts the import that `order` asks for; `tell` hears how it goes.
///
/// # Errors
/// No worker beside this program, or the operating system's refusal to start it.
pub fn begin(around: &Surroundings, order: &ImportOrder, tell: Tell) -> Result<(), Failure> {
    let child = launch::worker(around)?
        .args(arguments(around, order))
        .current_dir(&around.project)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // What ends the terminal's programs is not meant for it.
        .process_group(0)
        .spawn()?;
    thread::spawn(move || tell(ImportNews::Ended(listen(child, &tell))));
    Ok(())
}

fn arguments(around: &Surroundings, order: &ImportOrder) -> Vec<String> {
    let args = ImportArgs {
        source: around.project.join(&order.source),
        name: Some(order.name.clone()),
        symbol: order.symbol.clone(),
        timeframe: None,
        date_order: None,
        epoch: None,
        repair: order.repairs.clone(),
        column: Vec::new(),
        replace: order.replace,
        json: true,
    };
    let mut arguments = data::import_arguments(&args, &order.source);
    let lang = match order.lang {
        Lang::En => "en",
        Lang::Ko => "ko",
    };
    arguments.extend(["--progress", "--lang", lang].map(str::to_owned));
    arguments
}

/// Tells how far `child` is until it ends, and returns how that was.
fn listen(mut child: Child, tell: &Tell) -> Result<console::importing::Imported, Phrase> {
    // Read aside, so that neither pipe fills while the other is waited for.
    let report = child.stdout.take().map(|mut out| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = out.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let mut said: Vec<String> = Vec::new();
    let lines = child.stderr.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(|lines| lines.split(b'\n')) {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line).into_owned();
        match progress(&line) {
            Some((stage, percent)) => tell(ImportNews::At(stage, percent)),
            None => said.push(line),
        }
    }
    let report = report.and_then(|reading| reading.join().ok());
    let well = child.wait().is_ok_and(|status| status.success());
    let stored = report.as_deref().and_then(imported).filter(|_| well);
    stored.ok_or_else(|| match said.is_empty() {
        true => Phrase::new(
            "the worker ended without a word; `makook data import` tells more",
            "작업자가 아무 말 없이 끝났습니다. `makook data import` 명령으로 확인하세요",
        ),
        false => Phrase::same(said.join("\n")),
    })
}
