//! `makook calibrate`: has the worker measure what makes training fastest here, and puts it into a
//! file on demand. The worker tells its progress and what it found.

use super::{
    args::CalibrateArgs, backends, context::Context, failure::Failure, launch, output,
    train::exit_of,
};
use config::Change;
use domain::{Clock, Exit, phrase};
use serde::Deserialize;

/// What is needed of the worker's result; see `src/job/calibrate.rs`.
#[derive(Debug, Deserialize)]
struct Found {
    /// `section.key=value` each.
    sets: Vec<String>,
}

/// Measures, shows, and with `--apply` writes.
///
/// # Errors
/// Wrong settings, a login node, no worker, or a file that cannot be changed.
pub fn run(args: &CalibrateArgs, context: &Context) -> Result<Exit, Failure> {
    // Settings are checked here, where problems are told in the user's language.
    super::settings::load(&args.settings, context)?;
    let pool = backends::pool_settings(&context.around)?;
    if pool.on_login_node && !args.here {
        let host = pool.host;
        return Err(Failure::environment(
            phrase!(
                "{host} is a login node: measuring takes all of its processors for minutes, and other machines would be faster or slower",
                "{host}은(는) 로그인 노드입니다. 측정하면 몇 분 동안 CPU를 모두 쓰고, 결과도 다른 노드와 다릅니다"
            ),
            phrase!(
                "measure where training runs, with as many processors: `srun --partition=<partition> --gpus=1 --cpus-per-task=8 --pty makook calibrate`; if this is no login node, `--here`",
                "학습할 노드에서 같은 CPU 수로 측정하세요. 예: `srun --partition=<파티션> --gpus=1 --cpus-per-task=8 --pty makook calibrate`. 로그인 노드가 아니면 `--here`를 붙이세요"
            ),
        ));
    }
    let dir = context.around.project.join("data/cache/calibration");
    std::fs::create_dir_all(&dir)?;
    let out = dir.join(format!("{}.json", context.clock.now().stamp()));
    let mut arguments = vec![
        "calibrate".to_owned(),
        "--dir".to_owned(),
        context.around.project.display().to_string(),
        "--out".to_owned(),
        out.display().to_string(),
        "--lang".to_owned(),
        context.say("en", "ko").to_owned(),
        "--budget".to_owned(),
        args.budget.to_string(),
    ];
    if let Some(file) = &args.settings.experiment {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        arguments.extend(["--experiment".to_owned(), file.display().to_string()]);
    }
    for set in &super::settings::request(&args.settings, context)?.flags() {
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
    if let Some(file) = &args.apply {
        apply(&found, file, context)?;
    }
    Ok(Exit::Done)
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
    let request = super::settings::request(&super::args::SettingArgs::default(), context)?;
    let edit = config::edit(&request, file, &changes)?;
    eprintln!(
        "{}: {}",
        edit.file.display(),
        context.say("written", "기록했습니다")
    );
    Ok(())
}
