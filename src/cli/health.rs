//! `makook runs health`: what looks wrong with a training, by which rule, and what usually helps.

use super::{args::RunArgs, context::Context, failure::Failure, output};
use domain::{Exit, Lang};
use report::health::{self, Finding, Gravity, Recorded};
use serde_json::json;

/// Runs the verb.
///
/// # Errors
/// No such run, or files that cannot be read.
pub fn run(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    let tracks = Recorded::of_run(&run)?;
    let tracks: Vec<&Recorded> = tracks.iter().collect();
    let findings = health::examine(&tracks);
    if args.json {
        output::print_json(&json!({ "run": run.id(), "findings": findings }))?;
        return Ok(Exit::Done);
    }
    if findings.is_empty() {
        let well = context.say("nothing looks wrong", "이상 없음");
        output::print(&format!("{}: {well}\n", run.id()))?;
    }
    for finding in &findings {
        output::print(&worded(finding, context.lang))?;
    }
    Ok(Exit::Done)
}

fn worded(finding: &Finding, lang: Lang) -> String {
    let gravity = match (finding.gravity, lang) {
        (Gravity::Note, Lang::En) => "note",
        (Gravity::Note, Lang::Ko) => "참고",
        (Gravity::Warning, Lang::En) => "warning",
        (Gravity::Warning, Lang::Ko) => "주의",
        (Gravity::Alert, Lang::En) => "alert",
        (Gravity::Alert, Lang::Ko) => "경고",
    };
    let seeds: Vec<String> = finding.seeds.iter().map(u64::to_string).collect();
    let seeds = match (seeds.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::En) => format!(" (seed {})", seeds.join(", ")),
        (false, Lang::Ko) => format!(" (시드 {})", seeds.join(", ")),
    };
    let (helps, rule) = match lang {
        Lang::En => ("what helps", "rule"),
        Lang::Ko => ("해결 방법", "규칙"),
    };
    format!(
        "{gravity}: {}{seeds}\n  {}\n  {helps}: {}\n  {rule}: {} ({})\n",
        finding.says.get(lang),
        finding.because.get(lang),
        finding.helps.get(lang),
        finding.rule,
        finding.source.get(lang)
    )
}
