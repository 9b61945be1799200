//! The help in the user's language.
//!
//! `args.rs` holds the English, `korean.rs` what each of its sentences is in Korean; this lays it
//! over the whole command tree. A sentence without a translation fails the test below. Start at
//! [`command`].

use super::{args::Cli, korean};
use clap::{
    Command, CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};
use domain::Lang;
use std::ffi::OsString;

const TEMPLATE: &str = "\
{before-help}{about-with-newline}
사용법: {usage}

{all-args}{after-help}";

/// What stands below the help.
const AFTER_KOREAN: &str = "\
시작하기:
  makook demo                      제공된 실제 데이터로 학습하고 판정
  makook                           콘솔 열기
  makook train configs/demo.toml   실험 파일로 학습
  makook runs list                 지난 실행과 진행 중인 실행
  makook report latest             결과 읽기
  makook --host hyak               ssh로 접속하는 호스트를 같은 콘솔로 보기
  makook serve                     콘솔을 브라우저에서 열기

종료 코드: 0 완료 · 1 실행됨, 부정적 판정 · 2 사용법이나 설정 오류 · 3 환경에 없는 것이 있음 ·
4 중단됨, `makook resume`으로 이어서 실행.
환경 변수: MAKOOK_HOME(실행 저장 위치), MAKOOK_LANG, MAKOOK_ENV, MAKOOK_<섹션>__<키>.";

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
pub fn asked(words: &[OsString]) -> Option<Lang> {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let flag = words.iter().position(|word| word == "--lang");
    let after = flag.and_then(|at| words.get(at + 1)).map(AsRef::as_ref);
    let joined = || words.iter().find_map(|word| word.strip_prefix("--lang="));
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
    let found = korean::all().find(|(known, _)| *known == english);
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
        ErrorKind::TooFewValues | ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument}에 쓴 값의 개수가 맞지 않습니다")
        }
        ErrorKind::ArgumentConflict => {
            format!("{argument}은(는) 다른 옵션과 함께 쓸 수 없습니다")
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
        for (english, korean) in korean::all() {
            assert!(hangul(korean), "{english}");
            assert!(all.iter().any(|text| text == english), "unused: {english}");
        }
    }

    #[test]
    fn both_epilogues_name_the_same_commands() {
        // A command stands before two blanks, what it does behind them.
        let commands = |lang: Lang| -> Vec<String> {
            let after = command(lang).get_after_help().unwrap().to_string();
            let lines = after.lines().filter_map(|line| line.strip_prefix("  "));
            let commands = lines.filter_map(|line| line.split("  ").next());
            commands.map(str::to_owned).collect()
        };
        assert!(commands(Lang::En).len() > 5);
        assert_eq!(commands(Lang::Ko), commands(Lang::En));
    }

    #[rstest]
    #[case(&["makook", "runs", "--lang", "ko"], Some(Lang::Ko))]
    #[case(&["makook", "--lang=ko", "--help"], Some(Lang::Ko))]
    #[case(&["makook", "--lang", "en"], Some(Lang::En))]
    #[case(&["makook", "--lang"], None)]
    #[case(&["makook"], None)]
    fn the_language_is_known_before_parsing(#[case] words: &[&str], #[case] lang: Option<Lang>) {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        assert_eq!(asked(&words), lang);
    }

    #[rstest]
    #[case(&["makook", "--nonsense"], "--nonsense")]
    #[case(&["makook", "trian"], "trian")]
    #[case(&["makook", "data", "import"], "<SOURCE>")]
    #[case(&["makook", "runs", "compare", "a"], "<RUNS>")]
    #[case(&["makook", "--lang", "fr"], "en, ko")]
    fn wrong_arguments_are_named_in_korean(#[case] words: &[&str], #[case] named: &str) {
        let error = command(Lang::Ko).try_get_matches_from(words).unwrap_err();
        let said = refusal(&error, Lang::Ko).unwrap();
        assert!(said.starts_with("오류: ") && said.contains(named), "{said}");
    }
}
