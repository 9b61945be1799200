//! Rows of `[console]`: how the terminal console looks and how often it looks at files.

use crate::{
    declare::{Shape, choice, section, unit},
    key::{Repeats, Scalar, TextRule},
};

choice! {
    /// The language of the interface.
    Language {
        Auto "auto": "As the terminal's locale says." / "터미널의 로캘을 따릅니다.",
        En "en": "English." / "영어.",
        Ko "ko": "Korean." / "한국어.",
    }
}

choice! {
    /// The colour theme.
    Theme {
        Dark "dark": "For dark backgrounds." / "어두운 배경용.",
        Light "light": "For light backgrounds." / "밝은 배경용.",
        Contrast "contrast": "Strong contrast, for dark backgrounds." / "어두운 배경용. 대비가 강합니다.",
        RedGreen "red-green": "For whoever confuses red and green: blue is good, orange is bad. For dark backgrounds." / "적록 색각 이상용. 좋음은 파랑, 나쁨은 주황입니다. 어두운 배경용.",
        BlueYellow "blue-yellow": "For whoever confuses blue and yellow: teal is good, red is bad. For dark backgrounds." / "청황 색각 이상용. 좋음은 청록, 나쁨은 빨강입니다. 어두운 배경용.",
    }
}

choice! {
    /// Whether only ASCII characters are drawn.
    Ascii {
        Auto "auto": "ASCII where the locale cannot show more." / "로캘이 지원하지 않을 때만 ASCII로 그립니다.",
        Always "always": "Only ASCII." / "ASCII만 씁니다.",
        Never "never": "Box drawing and braille." / "선 문자와 점자를 씁니다.",
    }
}

choice! {
    /// How many colours are used.
    Color {
        Auto "auto": "As the terminal says; none with NO_COLOR." / "터미널에 따릅니다. NO_COLOR이면 쓰지 않습니다.",
        None "none": "No colours." / "색을 쓰지 않습니다.",
        Basic "ansi16": "The 16 basic colours." / "기본 16색.",
        Indexed "ansi256": "256 colours." / "256색.",
        True "truecolor": "24-bit colours." / "24비트 색.",
    }
}

section! {
    /// How the terminal console looks and how often it looks at files.
    Console "console": "Console" / "콘솔" {
        language: Language = Language::Auto => Shape::choice(Language::CHOICES), {
            label: "Language" / "언어",
            help: "Language of the interface, of messages and of reports; --lang and MAKOOK_LANG go first."
                / "화면, 메시지, 보고서의 언어입니다. --lang과 MAKOOK_LANG이 우선합니다.",
        }
        theme: Theme = Theme::Dark => Shape::choice(Theme::CHOICES), {
            label: "Theme" / "테마",
            help: "Colour theme." / "색 테마입니다.",
        }
        ascii: Ascii = Ascii::Auto => Shape::choice(Ascii::CHOICES), {
            label: "ASCII only" / "ASCII 전용",
            help: "Whether only ASCII characters are drawn." / "ASCII 문자만으로 그릴지 정합니다.",
        }
        color: Color = Color::Auto => Shape::choice(Color::CHOICES), {
            label: "Colours" / "색상",
            help: "How many colours are used." / "사용할 색의 수입니다.",
        }
        mouse: bool = true => Shape::bool(), {
            label: "Mouse" / "마우스",
            help: "Take clicks, the wheel and drags. Hold Shift while dragging to select text as usual." / "클릭, 휠, 끌기를 씁니다. Shift를 누르고 끌면 평소처럼 글을 선택합니다.",
        }
        keys: Vec<String> = Vec::new() => Shape::list(Scalar::Text(TextRule::Filled), 0, Repeats::Refused), {
            label: "Keys" / "키",
            help: "Keys of actions, each entry ACTION=KEY or several keys with blanks between them, e.g. run.mark=m or app.refresh=ctrl-w shift-f5. The first is shown; usual keys that no other action takes stay. In the console's help F2 changes a key." / "동작의 키입니다. 항목마다 동작=키로 적고 키가 여럿이면 빈칸으로 나눕니다. 예: run.mark=m, app.refresh=ctrl-w shift-f5. 첫째 키가 화면에 나오며, 다른 동작이 가져가지 않은 원래 키도 그대로 쓸 수 있습니다. 콘솔 도움말에서 F2로도 바꿉니다.",
        }
        read_only: bool = false => Shape::bool(), {
            label: "Read only" / "읽기 전용",
            help: "Remove every action that touches a job or a file." / "작업이나 파일을 건드리는 동작을 모두 없앱니다.",
        }
        tour: bool = true => Shape::bool(), {
            label: "Tour at first use" / "첫 사용 둘러보기",
            help: "Show the tour by itself where there are no runs yet and the console was never used."
                / "실행이 아직 없고 콘솔을 처음 쓸 때 둘러보기를 저절로 보여 줍니다.",
        }
        refresh: u64 = 500
            => Shape::int().at_least(50.0).at_most(60_000.0).step(50.0).typical(200.0, 2_000.0).unit(unit::MILLISECONDS), {
            label: "Refresh" / "새로 고침",
            help: "How often run directories are looked at for news." / "실행 디렉터리에 새 내용이 있는지 확인하는 간격입니다.",
            raising: "Calmer on slow lines and network file systems." / "느린 회선과 네트워크 파일 시스템에 부담이 적습니다.",
            lowering: "News is shown sooner." / "새 내용이 더 빨리 보입니다.",
        }
    }
}
