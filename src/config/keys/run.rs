//! Rows of `[run]`: what a run is called, where it is kept, and in which environment it belongs.

use crate::{
    declare::{Shape, choice, section},
    key::TextRule,
};

choice! {
    /// Which of the files in `configs/env/` is laid over the defaults.
    Environment {
        Development "development":
            "Trying things out." / "이것저것 시험해 봅니다.",
        Staging "staging":
            "Rehearsal with production's settings." / "운영 설정으로 예행연습합니다.",
        Production "production":
            "Runs whose results count." / "결과를 실제로 사용하는 실행입니다.",
    }
}

section! {
    /// What a run is called and in which environment it belongs.
    Run "run": "Run" / "실행" {
        name: String = "run".to_owned() => Shape::text(TextRule::Title), {
            label: "Name" / "이름",
            help: "Short name that becomes part of the run's identifier." / "실행 식별자에 들어가는 짧은 이름입니다.",
        }
        notes: String = String::new() => Shape::text(TextRule::Free), {
            label: "Notes" / "메모",
            help: "Anything worth remembering about this run." / "이 실행에 대해 기억해 둘 내용입니다.",
        }
        environment: Environment = Environment::Development => Shape::choice(Environment::CHOICES), {
            label: "Environment file" / "환경 설정 파일",
            help: "Which file of configs/env is laid over the defaults; MAKOOK_ENV sets it too."
                / "기본값 위에 얹을 configs/env의 파일입니다. MAKOOK_ENV로도 정할 수 있습니다.",
        }
    }
}
