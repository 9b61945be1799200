//! `makook doctor`: what this machine has, what it lacks, and what that means for the user.
//!
//! Looks, never changes anything. Each probe is a function from the surroundings to one
//! [`Finding`]; a failed *required* probe means that the main job cannot run here (exit 3).

use super::{settings, surroundings::Surroundings};
use config::LoadRequest;
use domain::{Exit, Lang, Text};
use serde::Serialize;
use std::{path::Path, process::Command};

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There, and good enough.
    Ok,
    /// Missing or poor; the main job runs all the same.
    Note,
    /// Missing; the main job cannot run.
    Fail,
}

/// One thing looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Stable name for scripts.
    pub id: &'static str,
    #[serde(skip)]
    title: Text,
    /// How it ended.
    pub state: State,
    /// What was found, in plain figures.
    pub found: String,
    /// What that means and what to do (English); empty when all is well.
    pub meaning: String,
    #[serde(skip)]
    meaning_ko: String,
}

impl Finding {
    fn ok(id: &'static str, title: Text, found: impl Into<String>) -> Self {
        let (meaning, meaning_ko) = (String::new(), String::new());
        Self {
            id,
            title,
            state: State::Ok,
            found: found.into(),
            meaning,
            meaning_ko,
        }
    }

    fn with(mut self, state: State, en: impl Into<String>, ko: impl Into<String>) -> Self {
        self.state = state;
        self.meaning = en.into();
        self.meaning_ko = ko.into();
        self
    }
}

/// Looks at everything, in reading order.
#[must_use]
pub fn examine(around: &Surroundings) -> Vec<Finding> {
    vec![
        worker(around),
        libtorch(around),
        toolchain(),
        cpu(),
        memory(),
        gpu(),
        disk(around),
        write_access(around),
        terminal(around),
        locale(around),
        keys(around),
        slurm(around),
    ]
}

/// Returns [`Exit::Environment`] when the main job could not run.
#[must_use]
pub fn verdict(findings: &[Finding]) -> Exit {
    let failed = findings.iter().any(|finding| finding.state == State::Fail);
    if failed {
        Exit::Environment
    } else {
        Exit::Done
    }
}

/// Renders the findings as aligned lines.
#[must_use]
pub fn render(findings: &[Finding], lang: Lang) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match (finding.state, lang) {
            (State::Ok, Lang::En) => "ok  ",
            (State::Note, Lang::En) => "note",
            (State::Fail, Lang::En) => "FAIL",
            (State::Ok, Lang::Ko) => "정상",
            (State::Note, Lang::Ko) => "참고",
            (State::Fail, Lang::Ko) => "실패",
        };
        let title = finding.title.get(lang);
        let width = title
            .chars()
            .map(|c| if c.is_ascii() { 1 } else { 2 })
            .sum::<usize>();
        let pad = " ".repeat(18_usize.saturating_sub(width));
        text.push_str(&format!("{mark}  {title}{pad}{}\n", finding.found));
        let meaning = match lang {
            Lang::En => &finding.meaning,
            Lang::Ko => &finding.meaning_ko,
        };
        if !meaning.is_empty() {
            text.push_str(&format!("      {meaning}\n"));
        }
    }
    text.push_str(match (verdict(findings), lang) {
        (Exit::Done, Lang::En) => "The main job can run here: try `makook demo`.\n",
        (Exit::Done, Lang::Ko) => "이 컴퓨터에서 주 작업을 실행할 수 있습니다: `makook demo`\n",
        (_, Lang::En) => "The main job cannot run here until what FAILs is mended.\n",
        (_, Lang::Ko) => "실패 항목을 고치기 전에는 주 작업을 실행할 수 없습니다.\n",
    });
    text
}

fn worker(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("worker", "작업자");
    match &around.worker {
        Some(path) => Finding::ok("worker", TITLE, path.display().to_string()),
        None => Finding::ok("worker", TITLE, "makook-worker not found").with(
            State::Fail,
            "training runs in makook-worker, which belongs beside makook; build it with `make build`",
            "학습은 makook 옆에 있는 makook-worker가 실행합니다. `make build`로 빌드하세요",
        ),
    }
}

fn libtorch(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("libtorch", "libtorch");
    let Some(worker) = &around.worker else {
        return Finding::ok("libtorch", TITLE, "unknown without the worker").with(
            State::Fail,
            "build the worker first",
            "먼저 작업자를 빌드하세요",
        );
    };
    match Command::new(worker).arg("--version").output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            Finding::ok("libtorch", TITLE, text.trim().to_owned())
        }
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let line = text
                .lines()
                .next()
                .unwrap_or("the worker does not start")
                .to_owned();
            Finding::ok("libtorch", TITLE, line).with(
                State::Fail,
                "the worker cannot load libtorch; after a build of your own run `make setup` and `make build`, \
                 in an unpacked archive `deploy/libtorch.py --into .`",
                "작업자가 libtorch를 불러오지 못했습니다. 직접 빌드했다면 `make setup` 후 `make build`를, \
                 압축을 푼 것이라면 그 폴더에서 `deploy/libtorch.py --into .`를 실행하세요",
            )
        }
        Err(error) => Finding::ok("libtorch", TITLE, error.to_string()).with(
            State::Fail,
            "the worker cannot be started; check its permissions",
            "작업자를 시작할 수 없습니다. 권한을 확인하세요",
        ),
    }
}

fn toolchain() -> Finding {
    const TITLE: Text = Text::new("toolchain", "개발 도구");
    let cargo = first_line("cargo", &["--version"]);
    let compiler = first_line("c++", &["--version"]);
    let python = first_line("python3", &["--version"]);
    let found = [&cargo, &compiler, &python]
        .map(|tool| tool.as_deref().unwrap_or("-"))
        .join(" · ");
    let finding = Finding::ok("toolchain", TITLE, found);
    if cargo.is_some() && compiler.is_some() && python.is_some() {
        return finding;
    }
    finding.with(
        State::Note,
        "only needed to build; an installed makook runs without",
        "빌드할 때만 필요합니다. 설치된 makook은 없이도 실행됩니다",
    )
}

fn cpu() -> Finding {
    const TITLE: Text = Text::new("CPU", "CPU");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let simd = simd_level();
    let finding = Finding::ok("cpu", TITLE, format!("{cores} cores, {simd}"));
    if simd == "no AVX2" {
        return finding.with(
            State::Note,
            "training uses the portable code path, several times slower",
            "학습이 범용 코드로 실행되어 몇 배 느립니다",
        );
    }
    finding
}

#[cfg(target_arch = "x86_64")]
fn simd_level() -> &'static str {
    if std::is_x86_feature_detected!("avx512f") {
        "AVX-512"
    } else if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
        "AVX2"
    } else {
        "no AVX2"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn simd_level() -> &'static str {
    "no AVX2"
}

fn memory() -> Finding {
    const TITLE: Text = Text::new("memory", "메모리");
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    let (Some(total), Some(free)) = (kib("MemTotal:"), kib("MemAvailable:")) else {
        return Finding::ok("memory", TITLE, "unknown");
    };
    let gib = 1024.0 * 1024.0;
    let found = format!("{:.1} GiB free of {:.1} GiB", free / gib, total / gib);
    let finding = Finding::ok("memory", TITLE, found);
    if free / gib >= 1.5 {
        return finding;
    }
    finding.with(
        State::Note,
        "the main job takes about 1 GiB; building takes 3 GiB",
        "주 작업에는 약 1GiB, 빌드에는 3GiB가 필요합니다",
    )
}

fn gpu() -> Finding {
    const TITLE: Text = Text::new("GPU", "GPU");
    let query = [
        "--query-gpu=name,memory.total,driver_version",
        "--format=csv,noheader",
    ];
    match first_line("nvidia-smi", &query) {
        Some(line) => Finding::ok("gpu", TITLE, line),
        None => Finding::ok("gpu", TITLE, "none found").with(
            State::Note,
            "training runs on the CPU (device = auto); on a cluster ask for a GPU node",
            "CPU로 학습합니다(device = auto). 클러스터에서는 GPU 노드를 요청하세요",
        ),
    }
}

fn disk(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("disk", "디스크");
    let existing = around
        .home
        .root()
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("."));
    let Ok(space) = rustix::fs::statvfs(existing) else {
        return Finding::ok("disk", TITLE, format!("cannot read {}", existing.display()));
    };
    let free = space.f_bavail as f64 * space.f_frsize as f64 / 1e9;
    let found = format!("{free:.1} GB free at {}", existing.display());
    let finding = Finding::ok("disk", TITLE, found);
    if free >= 1.5 {
        return finding;
    }
    let state = if free < 0.2 { State::Fail } else { State::Note };
    finding.with(
        state,
        "a run needs about 0.1 GB, building 6 GB; set MAKOOK_HOME to a bigger disk",
        "실행에는 약 0.1GB, 빌드에는 6GB가 필요합니다. MAKOOK_HOME을 더 큰 디스크로 지정하세요",
    )
}

fn write_access(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("run directory", "실행 폴더");
    let existing = around
        .home
        .root()
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("."));
    let finding = Finding::ok(
        "write_access",
        TITLE,
        around.home.root().display().to_string(),
    );
    match rustix::fs::access(existing, rustix::fs::Access::WRITE_OK) {
        Ok(()) => finding,
        Err(error) => finding.with(
            State::Fail,
            format!(
                "cannot write {}: {error}; set MAKOOK_HOME to a folder of yours",
                existing.display()
            ),
            format!(
                "{}에 쓸 수 없습니다({error}). MAKOOK_HOME을 쓸 수 있는 폴더로 지정하세요",
                existing.display()
            ),
        ),
    }
}

fn terminal(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("terminal", "터미널");
    let term = around.variable("TERM").unwrap_or("-");
    let multiplexer = match (around.variable("TMUX"), around.variable("STY")) {
        (Some(_), _) => ", in tmux",
        (_, Some(_)) => ", in screen",
        _ => "",
    };
    let size = match around.terminal_size {
        Some((columns, rows)) => format!("{columns}×{rows}"),
        None => "not a terminal".to_owned(),
    };
    let finding = Finding::ok("terminal", TITLE, format!("{term}, {size}{multiplexer}"));
    if term == "dumb" || around.terminal_size.is_none() {
        return finding.with(
            State::Note,
            "the console needs a terminal; every action also exists as a command with --json",
            "콘솔에는 터미널이 필요합니다. 모든 기능은 --json 명령으로도 쓸 수 있습니다",
        );
    }
    finding
}

fn locale(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("locale", "언어 설정");
    let locale = around.locale();
    let finding = Finding::ok("locale", TITLE, locale.clone());
    let upper = locale.to_uppercase();
    if upper.contains("UTF-8") || upper.contains("UTF8") {
        return finding;
    }
    finding.with(
        State::Note,
        "no UTF-8 locale: the console draws in plain ASCII; `export LANG=C.UTF-8` or ko_KR.UTF-8",
        "UTF-8이 아니어서 ASCII로 그립니다. `export LANG=ko_KR.UTF-8`을 설정하세요",
    )
}

fn keys(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("console keys", "콘솔 키");
    let problems = settings::key_problems(&LoadRequest {
        dir: around.project.join("configs"),
        env: around.env.clone(),
        ..LoadRequest::default()
    });
    let count = problems.iter().count();
    match problems.iter().next() {
        None => Finding::ok("console_keys", TITLE, "all usable"),
        Some(first) => {
            let found = format!("{count} of console.keys cannot be");
            Finding::ok("console_keys", TITLE, found).with(
                State::Note,
                first.render(Lang::En).replace("\n ", ";"),
                first.render(Lang::Ko).replace("\n ", "."),
            )
        }
    }
}

fn slurm(around: &Surroundings) -> Finding {
    const TITLE: Text = Text::new("Slurm", "Slurm");
    let inside = around
        .variable("SLURM_JOB_ID")
        .map(|id| format!(", inside job {id}"));
    match first_line("sinfo", &["--version"]) {
        Some(version) => Finding::ok("slurm", TITLE, version + &inside.unwrap_or_default()),
        None => Finding::ok("slurm", TITLE, "not here").with(
            State::Note,
            "jobs run on this machine",
            "작업은 이 컴퓨터에서 실행됩니다",
        ),
    }
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use runs::Home;
    use std::{collections::BTreeMap, path::PathBuf};

    fn bare() -> Surroundings {
        Surroundings {
            env: BTreeMap::new(),
            project: PathBuf::from("."),
            home: Home::at(std::env::temp_dir()),
            worker: None,
            terminal_size: None,
        }
    }

    #[test]
    fn a_missing_worker_stops_the_main_job_and_says_how_to_build_it() {
        let findings = examine(&bare());
        assert_eq!(verdict(&findings), Exit::Environment);
        let text = render(&findings, Lang::En);
        assert!(
            text.contains("FAIL  worker") && text.contains("make build"),
            "{text}"
        );
    }

    #[test]
    fn every_meaning_exists_in_both_languages() {
        for finding in examine(&bare()) {
            assert_eq!(
                finding.meaning.is_empty(),
                finding.meaning_ko.is_empty(),
                "{}",
                finding.id
            );
        }
    }
}
