//! Every fixed text of the screens, in both languages.
//!
//! A text is built from two wordings, so a missing translation does not compile. Titles and help
//! of actions stand with the actions. Start anywhere.

use domain::Text;
use runs::Scope;

macro_rules! words {
    ($($name:ident: $en:literal / $ko:literal;)*) => {
        $(pub const $name: Text = Text::new($en, $ko);)*
        /// Every text above, for tests.
        #[cfg(test)]
        pub const ALL: &[Text] = &[$($name),*];
    };
}

words! {
    RUNS: "Runs" / "실행 목록";
    RUN: "run" / "실행";
    STATE: "state" / "상태";
    PROGRESS: "done" / "진행";
    LEFT: "left" / "남은 시간";
    BEST: "best" / "최고";
    VALIDATION: "validation" / "검증";
    VERDICT: "verdict" / "판정";
    LOADING: "looking for runs" / "실행을 찾는 중";
    NO_RUNS: "No runs yet. F8 starts a training; 2 shows the settings first." / "아직 실행이 없습니다. F8로 학습을 시작하고, 2로 설정을 먼저 볼 수 있습니다.";
    NO_FIT: "No run fits the filter. Esc shows all." / "조건에 맞는 실행이 없습니다. Esc로 모두 봅니다.";
    NO_RUN: "No run is chosen. 1 shows the list." / "선택한 실행이 없습니다. 1로 목록을 봅니다.";
    READING: "reading" / "읽는 중";
    NO_CURVE: "no data yet" / "아직 데이터가 없습니다";
    EQUITY: "Equity" / "자산";
    DRAWDOWN: "Drawdown" / "낙폭";
    RETURN: "return" / "수익률";
    MAX_DRAWDOWN: "max drawdown" / "최대 낙폭";
    TRADES: "trades" / "거래";
    WIN_RATE: "wins" / "승률";
    HELD_OUT: "held-out window" / "시험 구간";
    VALID_WINDOW: "validation window" / "검증 구간";
    EVENTS: "Events" / "이벤트";
    NO_EVENTS: "nothing happened yet" / "아직 없습니다";
    STEPS: "steps" / "스텝";
    SEED: "seed" / "시드";
    SETTINGS: "Settings of the next training" / "다음 학습의 설정";
    SETTING: "setting" / "설정";
    VALUE: "value" / "값";
    ORIGIN: "from" / "출처";
    EXPERIMENT: "experiment" / "실험 파일";
    CHANGED_HERE: "changed here" / "여기서 바꿈";
    BUILT_IN: "default" / "기본값";
    CHANGES: "changes" / "변경";
    NONE: "none" / "없음";
    ALLOWED: "allowed" / "허용";
    TYPICAL: "typical" / "보통";
    RAISING: "raising it" / "높이면";
    LOWERING: "lowering it" / "낮추면";
    LIVE: "can change while running" / "실행 중에도 바꿀 수 있음";
    PROBLEMS: "problems" / "문제";
    CPU: "CPU" / "CPU";
    MEMORY: "memory" / "메모리";
    LOG: "Log" / "로그";
    NO_LOG: "no log yet" / "아직 로그가 없습니다";
    FOLLOWING: "following" / "따라가는 중";
    HELD: "held" / "멈춤";
    REPORT: "Report" / "보고서";
    NO_TRADES: "No round trips recorded yet." / "아직 기록된 거래가 없습니다.";
    COMPARISON: "Side by side" / "비교";
    DIFFERENT_SETTINGS: "Settings that differ" / "다른 설정";
    OUTCOMES: "Outcomes" / "결과";
    NOTHING_DIFFERS: "no setting differs" / "다른 설정이 없습니다";
    LONG: "long" / "매수";
    SHORT: "short" / "매도";
    FEES: "fees" / "수수료";
    TOTAL: "total" / "합계";
    HELP: "Help" / "도움말";
    HELP_HINT: "type to find, Enter does it, F2 changes its key, F3 usual keys, Esc closes" / "입력해 찾기, Enter 실행, F2 키 바꾸기, F3 원래 키, Esc 닫기";
    PRESS_NEW_KEY: "Press the key that this action is to have." / "이 동작에 쓸 키를 누르세요.";
    KEYS_NOW: "keys now" / "지금 키";
    NEW_KEY_HINT: "the next key becomes its first one, Esc cancels" / "다음에 누르는 키가 첫째 키가 됩니다, Esc 취소";
    THE_COMMAND: "the command" / "명령";
    TEXT: "the text" / "글";
    TRADE: "the trade" / "거래";
    LOG_LINE: "the log line" / "로그 줄";
    FOLDER: "the run's folder" / "실행 폴더";
    PALETTE: "Go to anything" / "무엇이든 찾기";
    FIND: "find" / "찾기";
    CANCEL: "Cancel" / "취소";
    PROCEED: "Do it" / "진행";
    SAME_AS: "Does the same as" / "같은 명령";
    BUTTONS_HINT: "Left/Right choose, Enter confirms, Esc cancels" / "좌우 선택, Enter 확인, Esc 취소";
    PICK_HINT: "Up/Down choose, Enter takes, Esc cancels" / "위아래 선택, Enter 확인, Esc 취소";
    ENTRY_HINT: "Enter takes, Esc cancels, Ctrl-U clears" / "Enter 확인, Esc 취소, Ctrl-U 지우기";
    FINDER_HINT: "type to find, Up/Down choose, Enter does it, Esc closes" / "입력해 찾기, 위아래 선택, Enter 실행, Esc 닫기";
    SETTING_HIT: "setting" / "설정";
    RUN_HIT: "run" / "실행";
    FILTER: "filter" / "거르기";
    MARKED: "marked" / "표시";
    BAD_LINES: "unreadable lines" / "읽지 못한 줄";
    HINTS: "Health" / "학습 상태";
    ALL_WELL: "nothing looks wrong" / "이상 없음";
    RATE: "rate" / "속도";
    JOBS: "Jobs" / "작업";
    JOB: "job" / "작업";
    RUNNING: "running" / "실행";
    WAITING: "waiting" / "대기";
    TO_LOOK_AT: "to look at" / "확인 필요";
    GPUS: "GPUs" / "GPU";
    NEXT_START: "next in" / "다음 시작까지";
    NO_JOBS: "No jobs. F8 starts a training." / "작업이 없습니다. F8로 학습을 시작합니다.";
    NO_JOB_FITS: "No job fits the filter. Esc shows all." / "조건에 맞는 작업이 없습니다. Esc로 모두 봅니다.";
    ASKING: "asking" / "물어보는 중";
    JUST_NOW: "just now" / "방금";
    AGO: "ago" / "전";
    ANSWERED: "answered" / "응답";
    NEVER: "no answer yet" / "아직 응답 없음";
    SILENT_FOR: "no answer for" / "응답 없음";
    PLACE: "place" / "위치";
    DONE_OR_NEXT: "done, left" / "진행, 남음";
    TIME_OF: "time / limit" / "시간 / 제한";
    NODE: "node" / "노드";
    REMARK: "remark" / "비고";
    IN_TIME: "in" / "뒤";
    NUMBER_IN_LINE: "place in line" / "대기 순번";
    STARTED_AGAIN: "started again" / "다시 시작";
    TIMES: "times" / "회";
    COMMAND: "sent with" / "보낸 명령";
    STARTS: "starts" / "시작 횟수";
    LOST_WORK: "lost work" / "잃은 진행분";
    RUN_TIME: "run time" / "실행 시간";
    GPU_TIME: "GPU time" / "GPU 시간";
    RUN_NOT_HERE: "Its run is not in this home." / "이 작업의 실행은 여기에 없습니다.";
    NOT_SENT: "not sent to a backend" / "보낸 기록이 없습니다";
    THREADS: "threads" / "스레드";
    LOAD: "load" / "부하";
    FREE: "free" / "여유";
    DISK: "disk" / "디스크";
    USES: "uses" / "사용";
    STALLED: "STALLED: its figures have stood still for 15 minutes; see its log (0)." / "STALLED: 15분 동안 수치가 그대로입니다. 로그(0)를 보세요.";
    NO_STEP: "NO-STEP: it runs, but no training step was done in 20 minutes." / "NO-STEP: 실행 중이지만 20분 동안 학습 스텝이 없습니다.";
    DIED: "DIED: it ended without an outcome; the end of its log (0) says why." / "DIED: 결과 없이 끝났습니다. 로그(0) 끝에서 이유를 볼 수 있습니다.";
    LAUNCH: "Start training" / "학습 시작";
    WHERE_TO: "Where shall it run?" / "어디에서 실행할까요?";
    WOULD_SEND: "This would be sent" / "이렇게 보냅니다";
    SCRIPT: "Script" / "스크립트";
    EDITED: "edited here" / "여기서 고침";
    REFUSED: "It would be refused" / "이대로는 보낼 수 없습니다";
    CHOOSE_HINT: "Up/Down choose, Enter shows what would be sent, Esc closes" / "위아래 선택, Enter 보낼 내용 보기, Esc 닫기";
    SEND_HINT: "Enter sends, Esc back" / "Enter 보내기, Esc 뒤로";
    SCRIPT_HINT: "Enter sends, Up/Down scroll, F3 edits, F5 as generated, Esc back" / "Enter 보내기, 위아래 이동, F3 고치기, F5 원래대로, Esc 뒤로";
    EDIT_HINT: "type to edit, Enter breaks the line, Esc back to sending" / "입력해 고치기, Enter 줄 나누기, Esc 보내기 화면으로";
    BACK_HINT: "Esc back" / "Esc 뒤로";
    PAGE_HINT: "Up/Down scroll, Esc closes" / "위아래 이동, Esc 닫기";
    TYPE_NUMBER: "To go on, type this number" / "계속하려면 이 숫자를 입력하세요";
    READ_ONLY: "read-only" / "읽기 전용";
    ONLY_DIFFERING: "differing" / "다른 것만";
    SAME_VALUE: "same" / "같음";
    COUNT_HINT: "Enter sends all once the number is right, Esc back" / "숫자가 맞으면 Enter로 모두 보내기, Esc 뒤로";
    JOBS_OF_SWEEP: "jobs" / "작업 수";
    AWAITING: "waiting for the worker's answer" / "작업자의 응답을 기다리는 중";
    INSTEAD_OF: "instead of" / "대신한 값";
    PRICES: "Prices" / "가격";
    HELPS: "what helps" / "해결 방법";
    WINDOW: "Window" / "구간";
    AGENT: "agent" / "에이전트";
    IN_SAMPLE: "in-sample: the policy was trained or chosen on this window; no evidence" / "표본 내 구간: 학습이나 선택에 쓰인 구간이라 근거가 되지 않습니다";
    FIGURES: "Figures" / "지표";
    DISTRIBUTION: "Returns a bar (bars)" / "봉 수익률 분포(봉 수)";
    SEARCHING: "searching" / "찾는 중";
    NO_TRADE_FITS: "No trade fits the filter. Esc shows all." / "조건에 맞는 거래가 없습니다. Esc로 모두 봅니다.";
    NET_PROFIT: "net profit" / "순손익";
    PROFIT_FACTOR: "profit factor" / "손익비";
    OFFERS: "next" / "다음";
    FILTER_HINT: "Enter takes, Tab completes, Esc cancels, Ctrl-U clears" / "Enter 확인, Tab 완성, Esc 취소, Ctrl-U 지우기";
    WINDOW_TRAIN: "train" / "학습";
    WINDOW_VALID: "valid" / "검증";
    WINDOW_TEST: "test" / "시험";
    WINDOW_PAPER: "paper" / "모의";
    WINDOW_LIVE: "live" / "실거래";
    FALL_START: "start" / "시작";
    FALL_TROUGH: "trough" / "저점";
    FALL_RECOVERY: "recovery" / "회복";
    NOT_YET: "not yet" / "아직";
    BUYS: "buys" / "매수";
    SELLS: "sells" / "매도";
    ELAPSED: "elapsed" / "경과";
    UPDATES: "updates" / "업데이트";
    ZOOMED: "zoomed in" / "확대됨";
    LAID_OVER: "runs laid over" / "겹친 실행";
    NEEDS_YOU: "Needs you" / "확인할 일";
    NEEDS_NOBODY: "Nothing needs you" / "확인할 일 없음";
    EVIDENCE: "evidence" / "근거";
    SHOWS_ON: "shows on" / "나타난 곳";
    BY_RULE: "rule" / "규칙";
    LAST_TRADES: "Last trades" / "최근 거래";
    BARS: "bars" / "봉";
    DATA: "Market data" / "시장 데이터";
    FILES_TO_IMPORT: "files to import" / "가져올 파일";
    NO_DATA: "No data yet. Put a CSV or Parquet file into data/ and press F2 to import it." / "아직 데이터가 없습니다. data/에 CSV나 Parquet 파일을 넣고 F2로 가져오세요.";
    DATA_SET: "data set" / "데이터 세트";
    INSTRUMENT: "symbol" / "종목";
    BAR: "bar" / "봉";
    BAR_COUNT: "bars" / "봉 수";
    FROM: "from" / "처음";
    TO: "to" / "끝";
    GAPS: "gaps" / "공백";
    GAP: "gap" / "공백";
    FLAGGED: "odd" / "의심";
    OVER_TIME: "over time" / "시간에 따라";
    FULL: "full" / "온전";
    PARTLY: "partly" / "일부";
    MENDED: "repaired" / "고침";
    IMPORT_AGAIN: "import again to see odd bars" / "다시 가져오면 의심 봉도 보입니다";
    SHIPPED_FILE: "shipped; F2 imports it" / "제공 파일. F2로 가져옵니다";
    LOOSE_FILE: "not imported; F2 does" / "가져오기 전. F2로 가져옵니다";
    NOT_IMPORTED: "Not imported yet. F2 reads the file, checks every bar and stores it under a name." / "아직 가져오지 않았습니다. F2를 누르면 파일을 읽고 모든 봉을 검사해 이름을 붙여 저장합니다.";
    SHIPPED: "Comes with makook; data/sample/README.md says where it is from." / "makook과 함께 제공됩니다. 출처는 data/sample/README.md에 있습니다.";
    WHERE_FROM: "Where data come from" / "데이터의 출처";
    DATA_COME_FROM: "The console downloads nothing. Put your own CSV or Parquet files into data/, or give their path: F2 imports them." / "콘솔은 아무것도 내려받지 않습니다. 가지고 있는 CSV나 Parquet 파일을 data/에 넣거나 경로를 입력해 F2로 가져오세요.";
    MODELS: "Models" / "모델";
    MODEL: "model" / "모델";
    BROKEN: "broken; see below" / "손상됨, 아래 참고";
    NO_MODELS: "No models yet: a training leaves its first one with its first checkpoint. F8 starts a training." / "아직 모델이 없습니다. 학습이 첫 체크포인트를 저장하면 생깁니다. F8로 학습을 시작하세요.";
    NO_MODEL_FITS: "No model fits the filter. Esc shows all." / "조건에 맞는 모델이 없습니다. Esc로 모두 봅니다.";
    WHICH: "which" / "구분";
    STEP: "step" / "스텝";
    SCORE: "score" / "점수";
    SHARPE: "Sharpe" / "샤프";
    SIZE: "size" / "크기";
    NAME: "name" / "이름";
    FILES: "files" / "파일";
    PASSPORT: "Passport" / "명세";
    DIFFERENT_PASSPORTS: "What differs in their passports" / "명세에서 다른 점";
    OWN_LOG: "this console" / "이 콘솔";
    WARNINGS_TOO: "warnings and errors" / "경고와 오류";
    ERRORS_ONLY: "errors only" / "오류만";
    EXPRESSION: "regular expression" / "정규식";
    SEARCH_HINT: "Enter takes, Tab regular expression, Esc cancels, Ctrl-U clears" / "Enter 확인, Tab 정규식 전환, Esc 취소, Ctrl-U 지우기";
    EXACT_CASE: "match case" / "대소문자 구분";
    ESC_STOPS: "Esc stops" / "Esc로 멈춤";
    COUNTING: "counting" / "줄 세는 중";
    NO_LINE_FITS: "No such line. Ctrl-E shows all." / "그런 줄이 없습니다. Ctrl-E로 모두 봅니다.";
    NOT_LOOKED_FURTHER: "None so far. PgUp looks further back." / "아직 없습니다. PgUp으로 더 앞을 찾습니다.";
    NO_PLACE_IN_LOG: "no time, line number or share; e.g. 14:30, 1200 or 50%" / "시각, 줄 번호, 위치가 아닙니다. 예: 14:30, 1200, 50%";
    TOUR: "Tour" / "둘러보기";
    TOUR_HINT: "Esc leaves the tour" / "Esc 둘러보기 그만두기";
    SCREEN: "screen" / "화면";
    ATTENTION: "attention" / "주의";
    CHOSEN: "chosen" / "선택";
    LIST: "list" / "목록";
    READ: "read" / "읽기";
    WHICH_ONE: "Which of these?" / "다음 가운데 어느 것인가요?";
    NO_SUCH_NUMBER: "there is no such number" / "그런 번호가 없습니다";
    NO_ANSWER: "that is no answer to this" / "여기에 맞는 답이 아닙니다";
    SAY_COMMAND: "Type a title or a number of this list; also: list, a row's number, read, a setting such as agent.gamma=0.9, a key such as f8." / "이 목록의 이름이나 번호를 입력하세요. 목록, 줄 번호, 읽기, agent.gamma=0.9 같은 설정, f8 같은 키도 됩니다.";
    SAY_FIND: "Type a number, a few letters to find, or cancel." / "번호나 찾을 글자를 입력하세요. 그만두려면 취소를 입력하세요.";
    SAY_NUMBER: "Type a number, or cancel." / "번호를 입력하세요. 그만두려면 취소를 입력하세요.";
    SAY_LINE: "Type it, or nothing to cancel." / "입력하세요. 그만두려면 빈 줄을 보내세요.";
    SAY_FILTER: "Type it; an empty line shows all. Cancel leaves it." / "입력하세요. 빈 줄은 모두 보여 줍니다. 그만두려면 취소를 입력하세요.";
    SAY_PROCEED: "Type `do it` to go on, or cancel." / "계속하려면 진행, 그만두려면 취소를 입력하세요.";
    SAY_SCRIPT: "Type `do it` to send, f3 to edit the script, or cancel." / "보내려면 진행, 스크립트를 고치려면 f3, 그만두려면 취소를 입력하세요.";
    SAY_EDIT: "A typed line goes in at the caret; up, down, bksp move and erase; esc ends." / "입력한 줄이 커서 자리에 들어갑니다. up, down, bksp로 옮기고 지우며 esc로 끝냅니다.";
    SAY_KEY: "Type the name of the new key, such as f8 or ctrl-x, or cancel." / "새 키의 이름을 f8이나 ctrl-x처럼 입력하세요. 그만두려면 취소를 입력하세요.";
    SAY_CANCEL: "Type cancel to go back." / "돌아가려면 취소를 입력하세요.";
    SAY_CLOSE: "An empty line closes this." / "빈 줄을 보내면 닫습니다.";
    NONE_JUDGED: "none was judged on held-out time yet" / "아직 시험 구간에서 판정된 실행이 없습니다";
}

/// Returns the name of an evaluation's window.
#[must_use]
pub const fn window(scope: Scope) -> Text {
    match scope {
        Scope::Train => WINDOW_TRAIN,
        Scope::Valid => WINDOW_VALID,
        Scope::Test => WINDOW_TEST,
        Scope::Paper => WINDOW_PAPER,
        Scope::Live => WINDOW_LIVE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_worded_twice_and_safe_to_draw() {
        for text in ALL {
            assert!(!text.en.is_empty() && !text.ko.is_empty());
            assert_eq!(crate::cells::clean(text.en), text.en);
            assert_eq!(crate::cells::clean(text.ko), text.ko);
        }
    }
}
