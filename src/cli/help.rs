//! The help in the user's language.
//!
//! `args.rs` holds the English; this holds what each of its sentences is in Korean, and lays it
//! over the whole command tree. A sentence without a translation fails the test below. Start at
//! [`command`].

use super::args::Cli;
use clap::{
    Command, CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};
use domain::Lang;

/// What each sentence of the help is in Korean; clap drops a sentence's last full stop.
const KOREAN: &[(&str, &str)] = &[
    (
        "Terminal console for reinforcement-learning trading on a GPU host",
        "GPU 서버에서 쓰는 강화학습 매매 터미널 콘솔. 명령 없이 실행하면 콘솔이 열립니다",
    ),
    (
        "Language of messages: en or ko (default: from the locale)",
        "메시지 언어: en 또는 ko (기본값: 로캘)",
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
        "함께 제공되는 예제 데이터를 가져와 학습하고 판정한 뒤 결과를 보여 줍니다",
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
        "중단된 실행을 마지막 체크포인트부터 이어서 합니다",
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
        "Change an `evaluate.*` or cost setting for this judgement (repeatable)",
        "이 판정에만 쓸 `evaluate.*` 또는 비용 설정을 바꿉니다(여러 번 가능)",
    ),
    (
        "Print the report data as JSON",
        "보고서 데이터를 JSON으로 출력합니다",
    ),
    (
        "Return at once instead of following it",
        "지켜보지 않고 바로 돌아옵니다",
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
];

const AFTER_KOREAN: &str = "\
시작하기:
  makook demo                      제공된 실제 데이터로 학습하고 판정
  makook                           콘솔 열기
  makook train configs/demo.toml   실험 파일로 학습
  makook runs list                 지난 실행과 진행 중인 실행
  makook report latest             결과 읽기

종료 코드: 0 완료 · 1 실행됨, 부정적 판정 · 2 사용법이나 설정 오류 · 3 환경에 없는 것이 있음 ·
4 중단됨, `makook resume`으로 이어서 실행.
환경 변수: MAKOOK_HOME(실행 저장 위치), MAKOOK_LANG, MAKOOK_ENV, MAKOOK_<섹션>__<키>.";

const TEMPLATE: &str = "\
{before-help}{about-with-newline}
사용법: {usage}

{all-args}{after-help}";

/// Returns the command line with its help in `lang`.
#[must_use]
pub fn command(lang: Lang) -> Command {
    let mut command = Cli::command();
    if lang == Lang::Ko {
        // The help verb and flags exist only after building.
        command.build();
        command = translated(command).after_help(AFTER_KOREAN);
    }
    command
}

/// Returns the language that the arguments ask for; parsing them is what needs it.
#[must_use]
pub fn asked(arguments: &[String]) -> Option<Lang> {
    let flag = arguments.iter().position(|argument| argument == "--lang");
    let after = flag
        .and_then(|at| arguments.get(at + 1))
        .map(String::as_str);
    let joined = || arguments.iter().find_map(|one| one.strip_prefix("--lang="));
    after.or_else(joined).map(Lang::from_locale)
}

fn translated(command: Command) -> Command {
    let about = command
        .get_about()
        .and_then(|text| korean(&text.to_string()));
    let mut command = command.help_template(TEMPLATE);
    if let Some(about) = about {
        command = command.about(about);
    }
    command
        .subcommand_help_heading("명령")
        .mut_args(|argument| {
            let help = argument
                .get_help()
                .and_then(|text| korean(&text.to_string()));
            let heading = if argument.is_positional() {
                "인자"
            } else {
                "옵션"
            };
            let argument = argument.help_heading(heading);
            match help {
                Some(help) => argument.help(help),
                None => argument,
            }
        })
        .mut_subcommands(translated)
}

fn korean(english: &str) -> Option<&'static str> {
    let found = KOREAN.iter().find(|(known, _)| *known == english);
    found.map(|(_, korean)| *korean)
}

/// Says in Korean what is wrong with the arguments; `None` where clap words it.
#[must_use]
pub fn refusal(error: &clap::Error, lang: Lang) -> Option<String> {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let argument = named(ContextKind::InvalidArg);
    if lang == Lang::En {
        return None;
    }
    let what = match error.kind() {
        ErrorKind::UnknownArgument => {
            format!("`{argument}`은(는) 이 명령에서 받지 않는 인자입니다")
        }
        ErrorKind::InvalidSubcommand => {
            format!(
                "`{}`(이)라는 명령은 없습니다",
                named(ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::MissingRequiredArgument => {
            format!("필요한 인자가 없습니다: {argument}")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = named(ContextKind::InvalidValue);
            let valid = named(ContextKind::ValidValue);
            match (value.as_str(), valid.as_str()) {
                ("", _) => format!("{argument}에 값이 없습니다"),
                (_, "") => format!("{argument}에 `{value}`은(는) 쓸 수 없습니다"),
                _ => format!("{argument}에 `{value}`은(는) 쓸 수 없습니다. 가능한 값: {valid}"),
            }
        }
        _ => return None,
    };
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(text)) => {
            format!(
                "사용법: {}\n\n",
                text.to_string().trim_start_matches("Usage: ")
            )
        }
        _ => String::new(),
    };
    Some(format!(
        "오류: {what}\n\n{usage}자세한 내용은 `--help`를 보세요.\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn sentences(command: &Command, into: &mut Vec<String>) {
        into.extend(command.get_about().map(ToString::to_string));
        let shown = command.get_arguments().filter(|one| !one.is_hide_set());
        into.extend(shown.filter_map(|one| one.get_help().map(ToString::to_string)));
        for verb in command.get_subcommands() {
            sentences(verb, into);
        }
    }

    #[test]
    fn every_sentence_of_the_help_has_its_korean() {
        let mut all = Vec::new();
        let mut command = Cli::command();
        command.build();
        sentences(&command, &mut all);
        let missing: Vec<&String> = all.iter().filter(|text| korean(text).is_none()).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        for (english, korean) in KOREAN {
            assert!(hangul(korean), "{english}");
            assert!(all.iter().any(|text| text == english), "unused: {english}");
        }
    }

    #[rstest]
    #[case(&["makook", "runs", "--lang", "ko"], Some(Lang::Ko))]
    #[case(&["makook", "--lang=ko", "--help"], Some(Lang::Ko))]
    #[case(&["makook", "--lang", "en"], Some(Lang::En))]
    #[case(&["makook", "--lang"], None)]
    #[case(&["makook"], None)]
    fn the_language_is_known_before_parsing(#[case] words: &[&str], #[case] lang: Option<Lang>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(asked(&words), lang);
    }

    #[rstest]
    #[case(&["makook", "--nonsense"], "--nonsense")]
    #[case(&["makook", "trian"], "trian")]
    #[case(&["makook", "data", "import"], "<SOURCE>")]
    #[case(&["makook", "--lang", "fr"], "en, ko")]
    fn wrong_arguments_are_named_in_korean(#[case] words: &[&str], #[case] named: &str) {
        let error = command(Lang::Ko).try_get_matches_from(words).unwrap_err();
        let said = refusal(&error, Lang::Ko).unwrap();
        assert!(said.starts_with("오류: ") && said.contains(named), "{said}");
    }
}
