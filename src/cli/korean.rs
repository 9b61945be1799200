//! The help in Korean: each sentence of the flags with its translation.
//!
//! Tables and nothing else; [`super::help`] lays them over the commands and tests that they are
//! whole.

mod models;

/// Returns what each sentence of the help is in Korean; clap drops a sentence's last full stop.
pub fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    KOREAN.iter().chain(models::KOREAN)
}

/// All but what is said of models.
const KOREAN: &[(&str, &str)] = &[
    (
        "Terminal console for reinforcement-learning trading on a GPU host",
        "GPU 서버에서 쓰는 강화학습 트레이딩 터미널 콘솔. 명령 없이 실행하면 콘솔이 열립니다",
    ),
    (
        "Language of messages: en or ko (default: MAKOOK_LANG, console.language, the locale)",
        "메시지 언어: en 또는 ko (기본값: MAKOOK_LANG, console.language, 로캘 순)",
    ),
    (
        "Speak in plain lines for a screen reader and take typed commands (also: ACCESSIBLE=1)",
        "화면 낭독기를 위해 글줄로 알리고 명령을 입력받습니다(ACCESSIBLE=1도 됨)",
    ),
    ("Print help", "도움말을 보여 줍니다"),
    ("Print version", "버전을 보여 줍니다"),
    (
        "Print this message or the help of the given subcommand(s)",
        "이 도움말이나 하위 명령의 도움말을 보여 줍니다",
    ),
    (
        "Open the console (also: `makook` alone)",
        "콘솔을 엽니다(`makook`만 입력해도 됨)",
    ),
    (
        "Import the shipped sample, train, judge, and show the result",
        "함께 제공되는 표본 데이터를 가져와 학습하고 판정한 뒤 결과를 보여 줍니다",
    ),
    (
        "Train and judge an agent; follows it until it ends",
        "에이전트를 학습하고 판정합니다. 끝날 때까지 지켜봅니다",
    ),
    (
        "Judge a finished run's agents again, with other costs or windows",
        "끝난 실행의 에이전트를 다른 비용이나 구간으로 다시 판정합니다",
    ),
    (
        "Continue an interrupted or crashed run from its last checkpoint",
        "중단되거나 비정상 종료된 실행을 마지막 체크포인트부터 이어서 합니다",
    ),
    (
        "Ask a running training to save and stop",
        "실행 중인 학습에 저장하고 멈추라고 요청합니다",
    ),
    (
        "Show a run's result: tables and charts here, or one HTML file",
        "실행 결과를 표와 차트로 보여 주거나 HTML 파일 하나로 만듭니다",
    ),
    (
        "List, show, follow, compare and remove runs",
        "실행을 나열, 표시, 추적, 비교, 삭제합니다",
    ),
    (
        "Show, explain, change and check settings",
        "설정을 표시, 설명, 변경, 검사합니다",
    ),
    (
        "Import, list, describe and check market data",
        "시장 데이터를 가져오고 나열, 설명, 검사합니다",
    ),
    (
        "List every indicator with its parameters, or prove a set free of leaks",
        "모든 지표와 매개변수를 나열하거나 미래 정보 누출이 없음을 증명합니다",
    ),
    (
        "Look at this machine: what is there, what is missing, what that means",
        "이 컴퓨터를 점검합니다: 있는 것, 없는 것, 그 의미",
    ),
    ("Print JSON", "JSON으로 출력합니다"),
    (
        "Experiment file (TOML) laid over configs/default.toml",
        "configs/default.toml 위에 덮어쓸 실험 파일(TOML)",
    ),
    (
        "Lay this preset over the file, e.g. careful; `makook config presets` lists them",
        "이 프리셋을 파일 위에 덮어씁니다. 예: careful. `makook config presets`로 목록을 볼 수 있습니다",
    ),
    (
        "List the presets, what each is for and what it sets",
        "프리셋과 각각의 쓰임, 바꾸는 값을 나열합니다",
    ),
    (
        "Change one setting, e.g. --set agent.learning_rate=1e-4 (repeatable)",
        "설정 하나를 바꿉니다. 예: --set agent.learning_rate=1e-4 (여러 번 가능)",
    ),
    (
        "Change one setting (repeatable)",
        "설정 하나를 바꿉니다(여러 번 가능)",
    ),
    (
        "Do not offer to open the console at the end",
        "마지막에 콘솔을 열지 묻지 않습니다",
    ),
    (
        "Name of the run (default: run.name)",
        "실행 이름(기본값: run.name)",
    ),
    (
        "Run that the settings come from; it is noted as the parent",
        "설정의 바탕이 된 실행. 부모 실행으로 기록됩니다",
    ),
    (
        "Start it and return its identifier at once",
        "시작만 하고 실행 ID를 바로 돌려줍니다",
    ),
    (
        "Print JSON lines instead of progress",
        "진행 상황 대신 JSON을 한 줄씩 출력합니다",
    ),
    (
        "Run: identifier, unique beginning, `latest`, or path",
        "실행: ID, 하나만 가리키는 앞부분, `latest` 또는 경로",
    ),
    (
        "Change a setting of evaluate, data or the costs for this judgement (repeatable)",
        "이 판정에만 쓸 evaluate, data 또는 비용 설정을 바꿉니다(여러 번 가능)",
    ),
    (
        "Print a JSON object for each line",
        "줄마다 JSON 객체를 출력합니다",
    ),
    (
        "Print the report data as JSON",
        "보고서 데이터를 JSON으로 출력합니다",
    ),
    (
        "Write the HTML page here (default: the run's report/index.html)",
        "HTML을 쓸 위치(기본값: 실행의 report/index.html)",
    ),
    ("List runs, newest first", "실행을 최신순으로 나열합니다"),
    (
        "Show one run: state, progress, settings that differ from the defaults, outcome",
        "실행 하나를 보여 줍니다: 상태, 진행, 기본값과 다른 설정, 결과",
    ),
    (
        "Print the last lines of a run's log",
        "실행 로그의 마지막 줄을 출력합니다",
    ),
    (
        "Put runs side by side: settings that differ, and outcomes",
        "실행을 나란히 비교합니다: 서로 다른 설정과 결과",
    ),
    (
        "Move runs to the trash, from which they vanish after seven days",
        "실행을 휴지통으로 옮깁니다. 7일 뒤 지워집니다",
    ),
    ("Print a run's directory", "실행 디렉터리를 출력합니다"),
    (
        "Say what looks wrong with a training, by which rule, and what usually helps",
        "학습에서 이상해 보이는 점을 규칙, 수치, 해결 방법과 함께 알려 줍니다",
    ),
    (
        "Print a run's round trips: filtered, sorted, with totals",
        "실행의 거래를 조건과 정렬에 따라 합계와 함께 출력합니다",
    ),
    (
        "Condition, e.g. 'pnl<0 and side=long and bars>20'",
        "조건. 예: 'pnl<0 and side=long and bars>20'",
    ),
    (
        "Column to sort by (default: the newest exit first)",
        "정렬할 열(기본값: 최근 청산부터)",
    ),
    (
        "The smallest of the sorted column first, not the largest",
        "정렬한 열에서 큰 것 대신 작은 것부터 보여 줍니다",
    ),
    (
        "Rows at most; the totals are those of all that fit",
        "최대 행 수. 합계는 조건에 맞는 전체의 합계입니다",
    ),
    (
        "Draw curves of a run here, or write them as a picture or as data",
        "실행의 곡선을 여기에 그리거나 그림 또는 데이터 파일로 저장합니다",
    ),
    (
        "What to draw: a recorded name such as loss/entropy, or equity or drawdown (repeatable)",
        "그릴 것: loss/entropy 같은 기록 이름, 또는 equity나 drawdown(여러 번 가능)",
    ),
    ("What lies along the chart", "차트의 가로축"),
    (
        "How strongly to smooth; the raw curve stays behind, faint",
        "평활화 세기. 원래 곡선은 흐리게 남습니다",
    ),
    ("Write a picture here", "그림을 쓸 위치"),
    ("Write a table of the points here", "점의 표를 쓸 위치"),
    ("Write the points as JSON here", "점을 JSON으로 쓸 위치"),
    ("Lines to begin with", "처음에 보여 줄 줄 수"),
    (
        "Go on until the run ends or Ctrl-C",
        "실행이 끝나거나 Ctrl-C를 누를 때까지 계속합니다",
    ),
    ("Runs, at least two", "실행 둘 이상"),
    ("Runs", "실행"),
    (
        "Print every setting with where it came from",
        "모든 설정을 값이 온 곳과 함께 출력합니다",
    ),
    (
        "Only what differs from the built-in defaults",
        "기본값과 다른 것만",
    ),
    (
        "Explain one key: meaning, unit, range, what raising and lowering it does",
        "설정 하나를 설명합니다: 뜻, 단위, 범위, 높이고 낮출 때의 효과",
    ),
    (
        "Key, e.g. agent.learning_rate; a section lists its keys",
        "키. 예: agent.learning_rate. 섹션을 쓰면 키를 나열합니다",
    ),
    (
        "Change one key in a file, keeping its comments",
        "파일의 설정을 바꿉니다. 주석은 그대로 둡니다",
    ),
    (
        "Assignments, e.g. agent.learning_rate=1e-4",
        "바꿀 설정. 예: agent.learning_rate=1e-4",
    ),
    (
        "File to change (created if missing)",
        "바꿀 파일(없으면 만듦)",
    ),
    (
        "Write what a run was made with into an experiment file",
        "실행에 쓰인 설정을 실험 파일로 저장합니다",
    ),
    (
        "Compare two experiment files as resolved",
        "두 실험 파일을 최종 값으로 비교합니다",
    ),
    ("First file", "첫째 파일"),
    ("Second file", "둘째 파일"),
    (
        "Print the JSON Schema of all settings",
        "모든 설정의 JSON Schema를 출력합니다",
    ),
    (
        "Check files and say every problem at once",
        "파일을 검사하고 문제를 한꺼번에 알려 줍니다",
    ),
    (
        "Read a CSV or Parquet file into the store, with every fault reported",
        "CSV나 Parquet 파일을 저장소로 가져오고 결함을 모두 알려 줍니다",
    ),
    ("List the data sets", "데이터를 나열합니다"),
    (
        "Describe one data set: range, gaps, flags, origin",
        "데이터 하나를 설명합니다: 기간, 공백, 표시, 출처",
    ),
    (
        "Check a stored data set against its manifest again",
        "저장된 데이터를 매니페스트와 다시 대조합니다",
    ),
    (
        "CSV (also gzip) or Parquet file",
        "CSV(gzip 가능) 또는 Parquet 파일",
    ),
    (
        "Name in the store (default: the file's name)",
        "저장할 이름(기본값: 파일 이름)",
    ),
    (
        "Symbol; needed where the file holds several",
        "종목. 파일에 여럿이 있으면 필요합니다",
    ),
    (
        "Bar length such as 1h (default: found from the data)",
        "봉 주기. 예: 1h (기본값: 데이터에서 찾음)",
    ),
    (
        "Name a repair, e.g. duplicates=keep_last, unordered=sort, bad_rows=drop (repeatable)",
        "수정 방법. 예: duplicates=keep_last, unordered=sort, bad_rows=drop (여러 번 가능)",
    ),
    (
        "Name a column, e.g. time=Date (repeatable)",
        "열 지정. 예: time=Date (여러 번 가능)",
    ),
    (
        "Replace a data set of that name",
        "같은 이름의 데이터를 바꿉니다",
    ),
    ("Name in the store", "저장된 이름"),
    (
        "Show functions whose name, group or description holds this",
        "이름, 분류, 설명에 이 낱말이 든 함수를 보여 줍니다",
    ),
    (
        "Prove the configured set free of leaks on the configured data",
        "설정된 특징에 미래 정보 누출이 없음을 설정된 데이터로 증명합니다",
    ),
    (
        "Send it through this profile, e.g. local or klone (default: jobs.on)",
        "이 프로필로 보냅니다. 예: local, klone (기본값: jobs.on)",
    ),
    (
        "Show the exact command and script, and send nothing",
        "보내지 않고 명령과 스크립트만 그대로 보여 줍니다",
    ),
    (
        "Send this script instead of the generated one (Slurm)",
        "자동으로 만든 스크립트 대신 이 스크립트를 보냅니다(Slurm)",
    ),
    (
        "List, submit, steer and explain jobs, on this machine and on clusters",
        "이 컴퓨터와 클러스터의 작업을 나열, 제출, 제어, 설명합니다",
    ),
    (
        "List jobs: running, waiting, ended a short while ago",
        "작업을 나열합니다: 실행 중, 대기 중, 방금 끝난 것",
    ),
    (
        "Ask this profile only (default: every one in use)",
        "이 프로필만 확인합니다(기본값: 쓰는 프로필 모두)",
    ),
    ("Leave out jobs that ended", "끝난 작업은 뺍니다"),
    (
        "Show one job: its run, command, starts, lost work and cost",
        "작업 하나를 보여 줍니다: 실행, 명령, 시작 기록, 잃은 진행분, 비용",
    ),
    (
        "Job: its number, or its run's identifier, unique beginning, name or `latest`",
        "작업: 번호, 또는 실행의 ID, 하나만 가리키는 앞부분, 이름, `latest`",
    ),
    (
        "Send queued or interrupted runs off; several become one array",
        "대기 중이거나 중단된 실행을 보냅니다. 여럿이면 배열 작업 하나가 됩니다",
    ),
    (
        "Runs: identifiers, unique beginnings, names or paths",
        "실행: ID, 하나만 가리키는 앞부분, 이름, 경로",
    ),
    (
        "At most this many at the same time",
        "동시에 실행할 최대 개수",
    ),
    (
        "Ask a job to save now and go on",
        "작업에 지금 저장하고 계속하라고 요청합니다",
    ),
    (
        "Save and end a job; its run can be resumed",
        "작업을 저장하고 끝냅니다. 그 실행은 이어서 할 수 있습니다",
    ),
    (
        "End a job for good; a scheduler does not start it again",
        "작업을 완전히 끝냅니다. 스케줄러가 다시 시작하지 않습니다",
    ),
    (
        "Save a job and send it back to the queue",
        "작업을 저장하고 대기열로 돌려보냅니다",
    ),
    (
        "Print the last lines that a job wrote",
        "작업이 쓴 마지막 줄을 출력합니다",
    ),
    (
        "Go on until the job ends or Ctrl-C",
        "작업이 끝나거나 Ctrl-C를 누를 때까지 계속합니다",
    ),
    (
        "Say in plain words why a job waits or how it ended, and what usually helps",
        "작업이 왜 기다리는지, 어떻게 끝났는지와 보통의 해결책을 알기 쉽게 설명합니다",
    ),
    (
        "Let at most N tasks of an array run at the same time",
        "배열 작업에서 동시에 실행할 최대 개수를 정합니다",
    ),
    ("Job: any task of the array", "작업: 배열에 속한 아무 작업"),
    ("Tasks at the same time", "동시에 실행할 개수"),
    (
        "Measure which settings make training fastest on this machine",
        "이 컴퓨터에서 학습이 가장 빠른 설정을 측정합니다",
    ),
    ("Seconds to spend", "측정에 쓸 시간(초)"),
    (
        "Measure again what the ledger already knows",
        "이미 기록된 것도 다시 측정합니다",
    ),
    (
        "Measure also where this looks like a cluster's login node",
        "클러스터의 로그인 노드처럼 보여도 측정합니다",
    ),
    (
        "Write what was found into this experiment file",
        "찾은 값을 이 실험 파일에 씁니다",
    ),
    (
        "Look at the cluster instead: partitions, accounts, limits, preemption",
        "대신 클러스터를 점검합니다: 파티션, 계정, 제한, 선점",
    ),
    (
        "Write what was learnt as this profile into configs/clusters",
        "알아낸 것을 configs/clusters에 이 이름의 프로필로 씁니다",
    ),
    (
        "Supervise the local job pool; started by itself while there is work",
        "로컬 작업 풀을 관리합니다. 작업이 있으면 저절로 시작됩니다",
    ),
    (
        "The pool's directory (default: the one beside the runs)",
        "풀의 디렉터리(기본값: 실행 옆의 것)",
    ),
    (
        "Jobs at the same time (0: 2 to 8, by load; default: jobs.slots, also when that changes)",
        "동시에 실행할 작업 수(0: 부하에 따라 2–8. 기본값: jobs.slots이며 바뀌면 따라감)",
    ),
    (
        "GPUs to give out, as CUDA_VISIBLE_DEVICES names them, e.g. 0,1",
        "나누어 줄 GPU. CUDA_VISIBLE_DEVICES와 같은 이름. 예: 0,1",
    ),
    (
        "Order of day, month and year in dates such as 01/02/2024 (default: found from the data)",
        "01/02/2024 같은 날짜에서 일, 월, 연도의 순서(기본값: 데이터에서 찾음)",
    ),
    (
        "Unit of numeric times since 1970 (default: found from their size)",
        "1970년부터 센 숫자 시각의 단위(기본값: 크기로 알아냄)",
    ),
    (
        "Work on this host over your own ssh: the console here, any verb there",
        "사용자의 ssh로 이 호스트에서 작업합니다: 콘솔은 여기서, 명령은 그곳에서 실행",
    ),
    (
        "The makook program on that host (default: MAKOOK_HOST_PROGRAM, else `makook`)",
        "그 호스트의 makook 프로그램(기본값: MAKOOK_HOST_PROGRAM, 없으면 `makook`)",
    ),
    (
        "The project folder on that host (default: MAKOOK_HOST_PROJECT, else found there)",
        "그 호스트의 프로젝트 폴더(기본값: MAKOOK_HOST_PROJECT, 없으면 그곳에서 찾음)",
    ),
    (
        "Serve a console elsewhere; started by `makook --host`",
        "다른 곳의 콘솔에 응답합니다. `makook --host`가 시작합니다",
    ),
    (
        "Stay when nothing waits or runs, as a service does",
        "기다리거나 실행 중인 작업이 없어도 서비스처럼 남아 있습니다",
    ),
    (
        "Show the console in a browser: a page on this machine, to be forwarded over ssh",
        "콘솔을 브라우저에 띄웁니다: 이 컴퓨터의 페이지를 ssh 포트 포워딩으로 엽니다",
    ),
    (
        "Port to listen on (0: any free one)",
        "연결을 받을 포트(0: 비어 있는 아무 포트)",
    ),
    (
        "Address to listen on; anything but this machine itself is asked about twice",
        "연결을 받을 주소. 이 컴퓨터 자신이 아니면 두 번 확인합니다",
    ),
    (
        "Leave out every action that touches a job or a file",
        "작업이나 파일을 바꾸는 동작을 모두 뺍니다",
    ),
    (
        "Print the link and what happens as JSON lines",
        "링크와 일어나는 일을 JSON으로 한 줄씩 출력합니다",
    ),
];
