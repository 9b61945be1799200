//! The script that is sent with `sbatch`: what a person sees, may edit, and finds kept in the run.
//!
//! The worker is the last line and replaces the shell: with a shell between them, the warning
//! before the time limit kills the shell instead of reaching the worker. Every path is quoted for
//! the one who reads it, `sbatch` above and bash below, which differ.

use super::field;
use crate::{JobSpec, JobsError, Resources, RunRef};
use domain::phrase;
use runs::RunId;
use std::{fmt::Write, path::Path};

/// Where a site has defaults of its own for the user, from the variables that `sbatch` reads.
/// They are written into the script, so that what is shown is what is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// `SBATCH_PARTITION`.
    pub partition: Option<String>,
    /// `SBATCH_ACCOUNT`.
    pub account: Option<String>,
    /// `SBATCH_QOS`.
    pub qos: Option<String>,
}

/// Returns the script that sends `runs` as one job, or as an array when there are several.
///
/// # Errors
/// `Refused` when there is no run, or a path or word cannot stand in a script.
pub fn generate(spec: &JobSpec, runs: &[RunRef], defaults: &Defaults) -> Result<String, JobsError> {
    let first = runs.first().ok_or_else(|| JobsError::Refused {
        what: phrase!("there is no run to submit", "보낼 실행이 없습니다"),
    })?;
    let mut script = String::from("#!/bin/bash\n");
    for option in options(spec, runs, first, defaults)? {
        let _ = writeln!(script, "#SBATCH {option}");
    }
    script.push('\n');
    for (name, value) in &spec.env {
        let well_named = !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
        if !well_named {
            return Err(unfit(name));
        }
        let _ = writeln!(script, "export {name}={}", for_bash(value)?);
    }
    for line in &spec.resources.setup {
        let _ = writeln!(script, "{}", one_line(line)?);
    }
    let worker = for_bash(text(&spec.worker)?)?;
    let directory = if runs.len() == 1 {
        for_bash(text(&first.dir)?)?
    } else {
        script.push_str("runs=(\n");
        for run in runs {
            let _ = writeln!(script, "  {}", for_bash(text(&run.dir)?)?);
        }
        script.push_str(
            ")\nrun=${runs[$SLURM_ARRAY_TASK_ID]}\n\
             exec >>\"$run/log/slurm-${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}.out\" 2>&1\n",
        );
        "\"$run\"".to_owned()
    };
    let project = for_bash(text(&spec.project)?)?;
    let _ = writeln!(script, "cd -- {project} || exit 3");
    let _ = writeln!(script, "exec {worker} run {directory}");
    Ok(script)
}

fn options(
    spec: &JobSpec,
    runs: &[RunRef],
    first: &RunRef,
    defaults: &Defaults,
) -> Result<Vec<String>, JobsError> {
    let Resources {
        partition,
        account,
        qos,
        gpus,
        gpu_type,
        cpus,
        memory_mib,
        time_limit_seconds,
        requeue,
        warn_seconds,
        options: further,
        ..
    } = &spec.resources;
    let mut options = Vec::new();
    let mut say = |name: &str, value: &str| -> Result<(), JobsError> {
        options.push(format!("--{name}={}", for_sbatch(value)?));
        Ok(())
    };
    say("job-name", &job_name(&first.id))?;
    say("comment", &comment(runs))?;
    let task = if runs.len() > 1 { "%A_%a" } else { "%A" };
    let log = text(&first.dir)?.replace('%', "%%");
    say("output", &format!("{log}/log/slurm-{task}.out"))?;
    say("open-mode", "append")?;
    if *warn_seconds > 0 {
        say("signal", &format!("B:USR1@{warn_seconds}"))?;
    }
    say("mail-type", "NONE")?;
    for (name, value, default) in [
        ("partition", partition, &defaults.partition),
        ("account", account, &defaults.account),
        ("qos", qos, &defaults.qos),
    ] {
        if let Some(value) = value.as_ref().or(default.as_ref()) {
            say(name, value)?;
        }
    }
    say("nodes", "1")?;
    say("ntasks", "1")?;
    if *time_limit_seconds > 0 {
        say("time", &field::time_limit(*time_limit_seconds))?;
    }
    if *gpus > 0 {
        let kind = gpu_type
            .as_ref()
            .map_or(String::new(), |kind| format!("{kind}:"));
        say("gres", &format!("gpu:{kind}{gpus}"))?;
    }
    if *cpus > 0 {
        say("cpus-per-task", &cpus.to_string())?;
    }
    if *memory_mib > 0 {
        say("mem", &format!("{memory_mib}M"))?;
    }
    if runs.len() > 1 {
        let last = runs.len() - 1;
        let throttle = spec
            .at_most
            .map_or(String::new(), |most| format!("%{most}"));
        say("array", &format!("0-{last}{throttle}"))?;
    }
    options.push(
        if *requeue {
            "--requeue"
        } else {
            "--no-requeue"
        }
        .to_owned(),
    );
    for option in further {
        options.push(one_line(option)?.to_owned());
    }
    Ok(options)
}

/// Returns the comment that finds the job again: the run, or for an array its first run and how
/// many there are.
#[must_use]
pub fn comment(runs: &[RunRef]) -> String {
    match runs {
        [] => String::new(),
        [one] => one.id.to_string(),
        [first, ..] => format!("{}*{}", first.id, runs.len()),
    }
}

/// Returns a name of the run in plain letters; administrators' tools break on others.
#[must_use]
pub fn job_name(id: &RunId) -> String {
    let mut name: String = id
        .slug()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    if !name.bytes().any(|b| b.is_ascii_alphanumeric()) {
        // Of a Hangul name nothing is left; the four digits still tell runs apart.
        name = id.as_str().rsplit('-').next().unwrap_or("run").to_owned();
    }
    format!("mk:{}", name.trim_matches('-'))
}

/// Returns what is odd about a script that a person edited, as English and Korean sentences;
/// an error only where `sbatch` would not take it.
///
/// # Errors
/// `Refused` when it does not name its interpreter.
pub fn look_at(script: &str, worker: &Path) -> Result<Vec<domain::Phrase>, JobsError> {
    if !script.starts_with("#!") {
        return Err(JobsError::Refused {
            what: phrase!(
                "the script does not begin with `#!`, e.g. `#!/bin/bash`",
                "스크립트가 `#!`로 시작하지 않습니다. 예: `#!/bin/bash`"
            ),
        });
    }
    let mut odd = Vec::new();
    let program = worker
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    let launches = script
        .lines()
        .rfind(|line| !line.trim_start().starts_with('#') && line.contains(&program));
    match launches {
        None => odd.push(domain::Phrase::new(
            format!("the script does not start {program}: the run will not go on"),
            format!("스크립트가 {program}을(를) 시작하지 않아 실행이 진행되지 않습니다"),
        )),
        Some(line) if !line.trim_start().starts_with("exec ") => odd.push(domain::Phrase::new(
            format!("the script starts {program} without `exec`: it will not be warned before the time limit"),
            format!("스크립트가 `exec` 없이 {program}을(를) 시작합니다. 시간 제한 전 경고를 받지 못합니다"),
        )),
        Some(_) => {}
    }
    Ok(odd)
}

fn text(path: &Path) -> Result<&str, JobsError> {
    let text = path
        .to_str()
        .ok_or_else(|| unfit(&path.to_string_lossy()))?;
    if path.is_absolute() {
        Ok(text)
    } else {
        Err(JobsError::Refused {
            what: phrase!(
                "{text} is not an absolute path; a job starts elsewhere",
                "{text}은(는) 절대 경로가 아닙니다. 작업은 다른 곳에서 시작합니다"
            ),
        })
    }
}

fn one_line(text: &str) -> Result<&str, JobsError> {
    if text.chars().any(|c| c.is_control() && c != '\t') {
        Err(unfit(text))
    } else {
        Ok(text)
    }
}

fn unfit(text: &str) -> JobsError {
    JobsError::Refused {
        what: {
            let shown: String = text.escape_debug().take(120).collect();
            phrase!(
                "`{shown}` cannot stand in a job script",
                "`{shown}`은(는) 작업 스크립트에 쓸 수 없습니다"
            )
        },
    }
}

/// Quotes a word for bash.
fn for_bash(word: &str) -> Result<String, JobsError> {
    Ok(format!("'{}'", one_line(word)?.replace('\'', r"'\''")))
}

/// Quotes a word for a `#SBATCH` line, only where it needs that.
fn for_sbatch(word: &str) -> Result<String, JobsError> {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=@+%*|&!~".contains(c);
    if one_line(word)?.chars().all(plain) {
        Ok(word.to_owned())
    } else {
        Ok(format!(
            "\"{}\"",
            word.replace('\\', r"\\").replace('"', "\\\"")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::{collections::BTreeMap, path::PathBuf, process::Command};

    fn run(id: &str, dir: &str) -> RunRef {
        RunRef {
            id: id.parse().unwrap(),
            dir: PathBuf::from(dir),
        }
    }

    fn spec(runs: Vec<RunRef>) -> JobSpec {
        JobSpec {
            runs,
            worker: "/opt/makook/makook-worker".into(),
            project: "/home/lee/프로젝트 1".into(),
            env: BTreeMap::new(),
            resources: Resources {
                partition: Some("ckpt-all".into()),
                gpus: 1,
                gpu_type: Some("a40".into()),
                cpus: 8,
                memory_mib: 32_000,
                time_limit_seconds: 28_800,
                requeue: true,
                warn_seconds: 120,
                setup: vec!["module load apptainer".into()],
                options: vec!["--constraint=a40|l40s".into()],
                ..Resources::default()
            },
            at_most: Some(2),
            script: None,
        }
    }

    fn defaults() -> Defaults {
        Defaults {
            account: Some("stf".into()),
            partition: Some("elsewhere".into()),
            qos: None,
        }
    }

    #[test]
    fn one_run() {
        let spec = spec(vec![run(
            "20240131-235959-ppo-1a2b",
            "/g/r 100%/20240131-235959-ppo-1a2b",
        )]);
        let script = generate(&spec, &spec.runs, &defaults()).unwrap();
        assert_eq!(script, include_str!("fixtures/one.sbatch"));
    }

    #[test]
    fn several_runs_are_an_array() {
        let spec = spec(vec![
            run("20240131-235959-한글-1a2b", "/g/첫 실행"),
            run("20240131-235959-b-1a2c", "/g/it's"),
        ]);
        let script = generate(&spec, &spec.runs, &Defaults::default()).unwrap();
        assert_eq!(script, include_str!("fixtures/array.sbatch"));
    }

    #[rstest]
    #[case("plain")]
    #[case("two words")]
    #[case("it's \"quoted\" \\ $HOME `id` 100% #x ; & |")]
    #[case("한글 폴더")]
    #[case("-n")]
    fn bash_reads_the_very_path(#[case] name: &str) {
        let quoted = for_bash(name).unwrap();
        let said = Command::new("bash")
            .args(["-c", &format!("printf %s {quoted}")])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(said.stdout).unwrap(), name);
    }

    #[test]
    fn bash_takes_the_scripts() {
        for script in ["one", "array"] {
            let path = format!(
                "{}/slurm/fixtures/{script}.sbatch",
                env!("CARGO_MANIFEST_DIR")
            );
            assert!(
                Command::new("bash")
                    .args(["-n", &path])
                    .status()
                    .unwrap()
                    .success()
            );
        }
    }

    #[rstest]
    #[case("/g/a\nb")]
    #[case("/g/a\u{1b}b")]
    #[case("relative")]
    fn paths_that_cannot_stand_there_are_refused(#[case] dir: &str) {
        let spec = spec(vec![run("20240131-235959-ppo-1a2b", dir)]);
        let error = generate(&spec, &spec.runs, &Defaults::default()).unwrap_err();
        assert!(matches!(error, JobsError::Refused { .. }), "{error}");
    }

    #[test]
    fn a_variable_must_have_a_name() {
        let mut spec = spec(vec![run("20240131-235959-ppo-1a2b", "/g/r")]);
        spec.env.insert("A; rm -rf x".into(), "1".into());
        assert!(generate(&spec, &spec.runs, &Defaults::default()).is_err());
    }

    #[rstest]
    #[case("20240131-235959-ppo-btc-1a2b", "mk:ppo-btc")]
    #[case("20240131-235959-비트코인-첫-실험-1a2b", "mk:1a2b")]
    #[case("20240131-235959-비트-btc-1a2b", "mk:btc")]
    fn names_are_plain(#[case] id: &str, #[case] name: &str) {
        assert_eq!(job_name(&id.parse().unwrap()), name);
    }

    #[rstest]
    #[case("#!/bin/bash\nexec /opt/makook-worker run x\n", 0)]
    #[case("#!/bin/bash\n/opt/makook-worker run x\n", 1)]
    #[case("#!/bin/bash\n# exec /opt/makook-worker\nsleep 1\n", 1)]
    fn an_edited_script_is_looked_at(#[case] script: &str, #[case] odd: usize) {
        let found = look_at(script, Path::new("/opt/makook-worker")).unwrap();
        assert_eq!(found.len(), odd);
        assert!(look_at("echo", Path::new("/w")).is_err());
    }
}
