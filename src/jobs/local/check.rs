//! What speaks against a submission to the pool, before anything is written.

use super::{PoolSettings, machine::Machine};
use crate::{JobSpec, RunRef};
use domain::{Clock, Phrase, Place, Problems};
use runs::{RunDir, observe::STALENESS};

/// Returns every reason why the pool would refuse `spec` or ignore a part of it. `is_ours` says
/// that a job of this pool works or worked on a run.
pub(crate) fn check(
    spec: &JobSpec,
    settings: &PoolSettings,
    machine: &Machine,
    clock: &dyn Clock,
    is_ours: &dyn Fn(&RunRef) -> bool,
) -> Problems {
    let mut problems = Problems::new();
    let mut found = |place: Place, message: Phrase, hint: Phrase| {
        problems.error(place, message, hint);
    };
    if !spec.worker.is_file() {
        found(
            Place::Path(spec.worker.display().to_string()),
            Phrase::new("the worker is not there", "작업자 프로그램이 없습니다"),
            Phrase::new(
                "build it with `make build`, or name it in MAKOOK_WORKER",
                "`make build`로 빌드하거나 MAKOOK_WORKER에 경로를 지정하세요",
            ),
        );
    }
    if !spec.project.is_dir() {
        found(
            Place::Path(spec.project.display().to_string()),
            Phrase::new(
                "the project folder is not there",
                "프로젝트 폴더가 없습니다",
            ),
            Phrase::new(
                "start makook in the folder that holds configs/, or name it in MAKOOK_PROJECT",
                "configs/가 있는 폴더에서 makook을 시작하거나 MAKOOK_PROJECT에 지정하세요",
            ),
        );
    }
    for run in &spec.runs {
        if let Some((message, hint)) = against(run, clock, is_ours) {
            found(Place::Path(run.dir.display().to_string()), message, hint);
        }
    }
    let resources = &spec.resources;
    let (gpus, all) = (resources.gpus, settings.gpus.len());
    if gpus as usize > all {
        found(
            Place::Flag("--gpus".into()),
            Phrase::new(
                format!("{gpus} GPUs asked for, the pool has {all}"),
                format!("GPU {gpus}개를 요청했지만 풀에는 {all}개뿐입니다"),
            ),
            Phrase::new(
                "ask for fewer; the pool has those of CUDA_VISIBLE_DEVICES, or without it all of this machine",
                "더 적게 요청하세요. 풀의 GPU는 CUDA_VISIBLE_DEVICES에 적힌 것이고, 없으면 이 컴퓨터의 모든 GPU입니다",
            ),
        );
    }
    let (cpus, all) = (resources.cpus, machine.cpus);
    if cpus as usize > all {
        found(
            Place::Flag("--cpus".into()),
            Phrase::new(
                format!("{cpus} processors asked for, this machine has {all}"),
                format!("프로세서 {cpus}개를 요청했지만 이 컴퓨터에는 {all}개뿐입니다"),
            ),
            Phrase::new("ask for fewer", "더 적게 요청하세요"),
        );
    }
    let (memory, all) = (resources.memory_mib, machine.memory_mib);
    if memory > all {
        found(
            Place::Flag("--memory".into()),
            Phrase::new(
                format!("{memory} MiB of memory asked for, this machine has {all} MiB"),
                format!("메모리 {memory} MiB를 요청했지만 이 컴퓨터에는 {all} MiB뿐입니다"),
            ),
            Phrase::new("ask for less", "더 적게 요청하세요"),
        );
    }
    let ignored = ignored(spec);
    if !ignored.is_empty() {
        let names = ignored.join(", ");
        let message = Phrase::new(
            format!("the local pool ignores {names}"),
            format!("로컬 풀에서는 다음 항목을 사용하지 않습니다: {names}"),
        );
        problems.warn(Place::Flag("--on local".into()), message, Phrase::default());
    }
    problems
}

fn against(
    run: &RunRef,
    clock: &dyn Clock,
    is_ours: &dyn Fn(&RunRef) -> bool,
) -> Option<(Phrase, Phrase)> {
    if let Err(error) = RunDir::open_path(&run.dir) {
        return Some((error.says(), error.hint().into()));
    }
    if is_ours(run) {
        return None;
    }
    let seen = runs::observe(&run.dir, clock, STALENESS);
    if seen.state == runs::State::Done {
        return Some((
            Phrase::new("the run is already done", "이미 끝난 실행입니다"),
            Phrase::new(
                "start a new run from its settings instead",
                "같은 설정으로 새 실행을 시작하세요",
            ),
        ));
    }
    if !seen.state.is_active() {
        return None;
    }
    let holder = seen.owner.map_or_else(Phrase::default, |owner| {
        let Phrase { en, ko } = owner.says();
        Phrase::new(format!(": {en}"), format!(": {ko}"))
    });
    Some((
        Phrase::new(
            format!("a worker is on the run already{}", holder.en),
            format!("이미 작업자가 이 실행을 맡고 있습니다{}", holder.ko),
        ),
        Phrase::new(
            "stop that worker first (`makook stop`), or wait until it ends",
            "먼저 그 작업자를 멈추거나(`makook stop`) 끝날 때까지 기다리세요",
        ),
    ))
}

/// Returns the names of what was asked for and makes no difference here.
fn ignored(spec: &JobSpec) -> Vec<&'static str> {
    let resources = &spec.resources;
    let asked = [
        ("partition", resources.partition.is_some()),
        ("account", resources.account.is_some()),
        ("qos", resources.qos.is_some()),
        ("gpu_type", resources.gpu_type.is_some()),
        ("chain", resources.chain > 1),
        ("setup", !resources.setup.is_empty()),
        ("options", !resources.options.is_empty()),
        ("script", spec.script.is_some()),
    ];
    let asked = asked.into_iter().filter(|(_, is_asked)| *is_asked);
    asked.map(|(name, _)| name).collect()
}
