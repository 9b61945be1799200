//! A tour of under a minute: the real screens and the real keys, ending with a training that runs.
//!
//! Every step waits for one key, does what that key always does, and goes on. Esc leaves at any
//! time, and then it never comes back by itself. Start at [`Tour`]; [`press`] gives it keys.

use crate::{
    action,
    chord::Chord,
    launch::Stage,
    layer::Layer,
    message::Effect,
    press,
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::Text;

/// The preset that the last step trains with.
pub const PRESET: &str = "first-try";
/// The setting that is raised on the way.
const SETTING: &str = "agent.learning_rate";

/// A step, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What this is, and in which language.
    Welcome,
    /// Digits go to screens.
    Digits,
    /// Arrows change a setting.
    Raise,
    /// F1 says what can be done.
    Help,
    /// F8 starts a training.
    Launch,
    /// Where to.
    Place,
    /// The exact command, before anything is sent.
    Send,
    /// The training runs.
    Watch,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 8] = [
        Self::Welcome,
        Self::Digits,
        Self::Raise,
        Self::Help,
        Self::Launch,
        Self::Place,
        Self::Send,
        Self::Watch,
    ];

    /// Returns the key that goes on.
    #[must_use]
    pub const fn key(self) -> Chord {
        match self {
            Self::Welcome | Self::Place | Self::Send | Self::Watch => Chord::key(KeyCode::Enter),
            Self::Digits => Chord::char('2'),
            Self::Raise => Chord::key(KeyCode::Right),
            Self::Help => Chord::f(1),
            Self::Launch => Chord::f(8),
        }
    }

    /// Returns what it says; which key to press follows.
    #[must_use]
    pub const fn says(self) -> Text {
        match self {
            Self::Welcome => Text::new(
                "Welcome. In a minute you will have changed a setting and started a training on the sample data. F12 switches to Korean and back; Esc leaves the tour at any time.",
                "환영합니다. 1분 안에 설정 하나를 바꾸고 표본 데이터로 학습을 시작해 봅니다. F12로 언어를 바꾸고, Esc로 언제든 둘러보기를 그만둘 수 있습니다.",
            ),
            Self::Digits => Text::new(
                "The digits in the top row go to the screens. 2 is the settings of the next training.",
                "맨 윗줄의 숫자가 화면을 엽니다. 2는 다음 학습의 설정입니다.",
            ),
            Self::Raise => Text::new(
                "The learning rate is chosen. Left and Right change a value by a step, Up and Down choose another, Ctrl-Z takes a change back. Nothing is written to a file by this.",
                "학습률이 선택되어 있습니다. 왼쪽/오른쪽 키로 값을 한 단계씩 바꾸고, 위/아래 키로 다른 설정을 고르며, Ctrl-Z로 되돌립니다. 파일은 바뀌지 않습니다.",
            ),
            Self::Help => Text::new(
                "The bottom row shows the most useful keys. F1 lists everything that can be done here, and says why where something cannot.",
                "맨 아랫줄에는 자주 쓰는 키가 있습니다. F1은 여기서 할 수 있는 모든 동작을 보여 주고, 할 수 없는 것은 이유를 알려 줍니다.",
            ),
            Self::Launch => Text::new(
                "Enter does what is chosen in this list, typing finds. F8 starts a training from anywhere: now with the preset for a first try, which takes a minute or two.",
                "이 목록에서 Enter를 누르면 고른 동작을 하고, 입력하면 찾습니다. F8은 어디서나 학습을 시작합니다. 지금은 1~2분 걸리는 첫 시도 프리셋을 씁니다.",
            ),
            Self::Place => Text::new(
                "Nothing starts before you have seen what it would be. First: where shall it run? The chosen place will do.",
                "무엇을 시작하는지 보기 전에는 아무것도 시작되지 않습니다. 먼저 실행할 곳을 고릅니다. 선택된 곳이면 됩니다.",
            ),
            Self::Send => Text::new(
                "This is the exact command. Enter sends it; the training goes on when the console is closed.",
                "이것이 그대로 실행될 명령입니다. Enter를 누르면 보냅니다. 콘솔을 닫아도 학습은 계속됩니다.",
            ),
            Self::Watch => Text::new(
                "This is your training: its curves fill in as it goes, and the verdict comes on screen 5. F7 stops it, 1 shows all runs. The tour is in the help (F1) whenever you want it again.",
                "지금 학습이 진행 중입니다. 곡선이 점점 채워지고, 끝나면 5번 화면에 판정이 나옵니다. F7로 멈추고 1로 모든 실행을 봅니다. 둘러보기는 도움말(F1)에서 다시 할 수 있습니다.",
            ),
        }
    }

    /// Returns what on the screen the step points at.
    #[must_use]
    pub fn points_at(self) -> Option<Pointed> {
        match self {
            Self::Digits => Some(Pointed::Header(Screen::Config)),
            Self::Help => Some(Pointed::Footer("app.help")),
            _ => None,
        }
    }

    fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }

    /// Returns its place, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        Self::ALL.iter().take_while(|step| **step <= self).count()
    }
}

/// What a step points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// A screen's name in the header.
    Header(Screen),
    /// An action in the footer.
    Footer(&'static str),
}

/// How far the tour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tour {
    /// The step that waits for its key.
    pub step: Step,
    /// Whether another key was pressed, so that the right one is named again.
    pub nudged: bool,
}

/// Begins at the first step, over whatever is shown.
pub fn begin(state: &mut State) {
    state.layers.clear();
    state.tour = Some(Tour {
        step: Step::Welcome,
        nudged: false,
    });
}

/// Begins by itself where nothing was ever done: no runs, nothing remembered, nothing open.
pub fn greet(state: &mut State) {
    let greets = std::mem::take(&mut state.greets);
    let fresh = state.runs.all.is_empty() && state.layers.is_empty();
    if greets && fresh && !state.read_only && state.line.is_none() {
        begin(state);
    }
}

/// Ends where a training was refused: its dialog is open again and says why.
pub fn settle(state: &mut State) {
    let watching = state.tour.is_some_and(|tour| tour.step == Step::Watch);
    if watching && !state.layers.is_empty() {
        state.tour = None;
    }
}

/// Gives `chord` to the step that waits; `None` where the tour has no say in it.
pub fn press(state: &mut State, chord: Chord) -> Option<Vec<Effect>> {
    let mut tour = state.tour?;
    let esc = chord == Chord::key(KeyCode::Esc);
    if esc || chord == Chord::f(10) {
        state.tour = None;
        // A dialog closes with the tour; without one, Esc has done what it was pressed for.
        return (esc && state.layers.is_empty()).then(Vec::new);
    }
    if chord == Chord::f(12) {
        let language = action::named("app.language");
        return language.map(|language| press::perform(state, language));
    }
    if chord != tour.step.key() && !(tour.step == Step::Place && is_choosing(chord)) {
        tour.nudged = true;
        state.tour = Some(tour);
        return Some(Vec::new());
    }
    Some(go_on(state, tour, chord))
}

fn is_choosing(chord: Chord) -> bool {
    matches!(chord.code, KeyCode::Up | KeyCode::Down)
}

/// Does what the key always does; goes on where that has happened.
fn go_on(state: &mut State, tour: Tour, chord: Chord) -> Vec<Effect> {
    let effects = match tour.step {
        Step::Welcome | Step::Watch => Vec::new(),
        Step::Launch => {
            state.layers.clear();
            let mut effects = crate::actions::use_preset(state, PRESET);
            effects.extend(press::on_screen(state, chord));
            effects
        }
        _ => press::on_screen(state, chord),
    };
    let happened = match tour.step {
        Step::Welcome | Step::Watch => true,
        Step::Digits => state.screen == Screen::Config,
        Step::Raise => state.form.changes.contains_key(SETTING),
        Step::Help => matches!(state.layers.last(), Some(Layer::Help(_))),
        Step::Launch => stage(state) == Some(Stage::Choose),
        Step::Place => stage(state) == Some(Stage::Preview),
        Step::Send => stage(state).is_none(),
    };
    let step = if happened {
        tour.step.next()
    } else {
        Some(tour.step)
    };
    state.tour = step.map(|step| Tour {
        step,
        nudged: false,
    });
    if happened && tour.step == Step::Digits {
        choose_setting(state);
    }
    effects
}

fn stage(state: &State) -> Option<Stage> {
    match state.layers.last() {
        Some(Layer::Launch(launch)) => Some(launch.stage),
        _ => None,
    }
}

/// Puts the cursor of the form on the setting of the tour.
fn choose_setting(state: &mut State) {
    if let Some(key) = config::find(SETTING) {
        press::show_setting(state, key);
    }
}
