//! Why a job waits or how it ended, in plain words.

use domain::Phrase;

/// What a waiting job waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// All places are in use.
    Place { used: usize, all: usize },
    /// More may run in principle, but the machine is busy.
    Machine { running: usize },
    /// GPUs are in use, or kept for a job before it.
    Gpu {
        free: usize,
        all: usize,
        asked: usize,
    },
    /// It asks for more GPUs than there are.
    TooManyGpus { all: usize, asked: usize },
    /// The jobs submitted with it reached their limit.
    Array { at_most: u32 },
}

impl Wait {
    pub fn says(self) -> Phrase {
        match self {
            Self::Place { used, all } => Phrase::new(
                format!("waits for a free place: {used} of {all} in use"),
                format!("빈 자리를 기다리는 중: {all}곳 중 {used}곳 사용 중"),
            ),
            Self::Machine { running } => Phrase::new(
                format!("waits for processors or memory to become free: {running} jobs run"),
                format!(
                    "프로세서나 메모리에 여유가 생기기를 기다리는 중: 작업 {running}개 실행 중"
                ),
            ),
            Self::Gpu { free, all, asked } => Phrase::new(
                format!("waits for a GPU: needs {asked}, {free} of {all} free"),
                format!("GPU를 기다리는 중: {asked}개 필요, {all}개 중 {free}개 사용 가능"),
            ),
            Self::TooManyGpus { all, asked } => Phrase::new(
                format!("cannot start: asks for {asked} GPUs, the pool has {all}"),
                format!("시작할 수 없음: GPU {asked}개를 요청했지만 풀에는 {all}개뿐입니다"),
            ),
            Self::Array { at_most } => Phrase::new(
                format!("waits for others of its array: at most {at_most} at the same time"),
                format!("같은 배열의 작업을 기다리는 중: 동시에 최대 {at_most}개"),
            ),
        }
    }
}

/// Says that the worker ended with `code`.
pub(crate) fn exit_code(code: i32) -> Phrase {
    Phrase::new(
        format!("the worker ended with exit code {code}; see log/worker.out in the run directory"),
        format!(
            "작업자가 종료 코드 {code}(으)로 끝났습니다. 실행 디렉터리의 log/worker.out을 확인하세요"
        ),
    )
}

/// Says that signal `number` ended the worker.
pub(crate) fn signal(number: i32) -> Phrase {
    Phrase::new(
        format!("the worker was killed by signal {number}"),
        format!("작업자가 신호 {number}에 의해 강제로 종료되었습니다"),
    )
}

/// Says that the worker went away without a word.
pub(crate) fn vanished() -> Phrase {
    Phrase::new(
        "the worker went away without leaving a result",
        "작업자가 결과를 남기지 않고 사라졌습니다",
    )
}

/// Says that the machine was restarted meanwhile.
pub(crate) fn rebooted() -> Phrase {
    Phrase::new(
        "the machine was restarted meanwhile",
        "그사이 컴퓨터가 다시 시작되었습니다",
    )
}

/// Says that the worker could not be started.
pub(crate) fn not_started(error: &std::io::Error) -> Phrase {
    Phrase::new(
        format!("the worker could not be started: {error}"),
        format!("작업자를 시작하지 못했습니다: {error}"),
    )
}

/// Says that a person withdrew it before it started.
pub(crate) fn withdrawn() -> Phrase {
    Phrase::new("withdrawn while it waited", "대기 중에 취소되었습니다")
}
