//! The action that shows the console from the start.

use crate::{action::Action, chord::Chord, state::State, tour};
use domain::Text;

/// The action.
pub const ACTIONS: &[Action] = &[Action {
    enabled: can_tour,
    ..Action::looks(
        "app.tour",
        Text::new("Tour", "둘러보기"),
        Text::new(
            "Show the console in a minute: screens, settings, help, and a first training on the sample data.",
            "1분 동안 콘솔을 둘러봅니다. 화면, 설정, 도움말을 보고 표본 데이터로 첫 학습을 시작합니다.",
        ),
        &[Chord::ctrl('v')],
        |state| {
            tour::begin(state);
            Vec::new()
        },
    )
}];

/// The tour's last step may start a training.
fn can_tour(state: &State) -> Result<(), Text> {
    if state.dialogue.is_some() {
        return Err(Text::new(
            "the tour points at the screen; here `help` says what can be done",
            "둘러보기는 화면을 가리키며 안내합니다. 여기서는 `도움말`이 할 수 있는 일을 알려 줍니다",
        ));
    }
    match state.read_only {
        false => Ok(()),
        true => Err(Text::new(
            "the tour starts a training, and the console is read-only",
            "둘러보기는 학습을 시작하는데, 지금은 읽기 전용입니다",
        )),
    }
}
