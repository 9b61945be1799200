//! `makook calibrate`: measures in the worker what makes training fastest here, and puts it into
//! a file on demand.

use super::{
    args::CalibrateArgs, context::Context, failure::Failure, launch, output, train::exit_of,
};
use config::Change;
use domain::{Clock, Exit, phrase};
use serde::Deserialize;

/// What the worker found; see `src/job/calibrate.rs`.
#[derive(Debug, Deserialize)]
struct Found {
    sets: Vec<String>,
    steps_per_second: f64,
    baseline: f64,
    speedup: f64,
    threads_only: Only,
}

/// The best that leaves learning untouched.
#[derive(Debug, Deserialize)]
struct Only {
    sets: Vec<String>,
    steps_per_second: f64,
}

/// Measures, shows, and with `--apply` writes.
///
/// # Errors
/// Wrong settings, no worker, or a file that cannot be changed.
pub fn run(args: &CalibrateArgs, context: &Context) -> Result<Exit, Failure> {
    // Settings are checked here, where problems are told in the user's language.
    super::settings::load(&args.settings, context)?;
    let dir = context.around.project.join("data/cache/calibration");
    std::fs::create_dir_all(&dir)?;
    let out = dir.join(format!("{}.json", context.clock.now().stamp()));
    let mut arguments = vec![
        "calibrate".to_owned(),
        "--dir".to_owned(),
        context.around.project.display().to_string(),
        "--out".to_owned(),
        out.display().to_string(),
        "--budget".to_owned(),
        args.budget.to_string(),
    ];
    if let Some(file) = &args.settings.experiment {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        arguments.extend(["--experiment".to_owned(), file.display().to_string()]);
    }
    for set in &args.settings.set {
        arguments.extend(["--set".to_owned(), set.clone()]);
    }
    if args.fresh {
        arguments.push("--fresh".to_owned());
    }
    let code = launch::foreground(&context.around, &arguments)?;
    if code != 0 {
        return Ok(exit_of(code));
    }
    let text = std::fs::read_to_string(&out)?;
    if args.json {
        output::print(&(text.trim_end().to_owned() + "\n"))?;
    }
    let found: Found = serde_json::from_str(&text).map_err(|error| {
        let shown = out.display();
        Failure::environment(
            phrase!(
                "{shown}: {error}",
                "{shown} 파일을 읽을 수 없습니다: {error}"
            ),
            phrase!(
                "makook and makook-worker are of different versions; build both anew",
                "makook과 makook-worker의 버전이 다릅니다. 둘 다 다시 빌드하세요"
            ),
        )
    })?;
    if !args.json {
        output::print(&render(&found, context))?;
    }
    if let Some(file) = &args.apply {
        apply(&found, file, context)?;
    }
    Ok(Exit::Done)
}

fn render(found: &Found, context: &Context) -> String {
    let rate = |steps: f64| format!("{}/s", report::axis::count(steps));
    let mut text = format!(
        "{}: {}\n{}: {} (×{:.2})\n",
        context.say("as configured", "현재 설정"),
        rate(found.baseline),
        context.say("fastest", "가장 빠름"),
        rate(found.steps_per_second),
        found.speedup
    );
    for set in &found.sets {
        text.push_str(&format!("  {set}\n"));
    }
    text.push_str(context.say(
        "environments, horizon and minibatch change learning too: judge a run before you keep them\n",
        "환경 수, 호라이즌, 미니배치는 학습에도 영향을 줍니다. 계속 쓰기 전에 실행 결과를 확인하세요\n",
    ));
    text.push_str(&format!(
        "{}: {} {}\n",
        context.say("with the same learning", "학습은 그대로 둘 때"),
        rate(found.threads_only.steps_per_second),
        found.threads_only.sets.join(" ")
    ));
    text
}

fn apply(found: &Found, file: &std::path::Path, context: &Context) -> Result<(), Failure> {
    let pairs: Vec<(&str, &str)> = found
        .sets
        .iter()
        .filter_map(|set| set.split_once('='))
        .collect();
    let changes: Vec<Change<'_>> = pairs
        .iter()
        .map(|(path, typed)| Change::Set { path, typed })
        .collect();
    let request = super::settings::request(&super::args::SettingArgs::default(), context);
    let edit = config::edit(&request, file, &changes)?;
    eprintln!(
        "{}: {}",
        edit.file.display(),
        context.say("written", "기록했습니다")
    );
    Ok(())
}
