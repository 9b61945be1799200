//! Every fixed text of the screens, in both languages.
//!
//! A text is built from two wordings, so a missing translation does not compile. Titles and help
//! of actions stand with the actions. Start anywhere.

use domain::Text;

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
    NO_EVALUATION: "Equity appears after the evaluation on held-out time." / "남겨 둔 구간의 평가가 끝나면 자산 곡선이 나타납니다.";
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
    SIDE: "side" / "방향";
    LONG: "long" / "매수";
    SHORT: "short" / "매도";
    ENTRY: "entry" / "진입";
    EXIT: "exit" / "청산";
    BARS: "bars" / "봉";
    PROFIT: "profit" / "손익";
    FEES: "fees" / "수수료";
    QUANTITY: "quantity" / "수량";
    TOTAL: "total" / "합계";
    HELP: "Help" / "도움말";
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
    PHASE: "phase" / "단계";
    RATE: "rate" / "속도";
    READ_ONLY: "read-only" / "읽기 전용";
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
