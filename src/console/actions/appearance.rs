//! Actions on how the console looks and answers: theme, mouse, clipboard, sizes of panes.

use super::reasons;
use crate::{
    action::{self, Action},
    chord::Chord,
    cursor::Cursor,
    launch::Stage,
    layer::{Layer, Pick, PickFor, PickItem},
    look::theme_named,
    message::{Effect, Errand},
    panes::Pane,
    state::{Screen, State, Tone},
    view, words,
};
use config::keys::Theme;
use crossterm::event::KeyCode;
use domain::{Phrase, Text, phrase};
use ratatui::layout::Rect;

/// Copying, which dialogs offer too.
const COPY: &str = "app.copy";

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        rank: 40,
        enabled: |state| match chosen(state) {
            Some(_) => Ok(()),
            None => Err(Text::new(
                "nothing is chosen that could be copied",
                "복사할 것을 고르지 않았습니다",
            )),
        },
        ..Action::looks(
            COPY,
            Text::new("Copy", "복사"),
            Text::new(
                "Copy what is chosen into the terminal's clipboard and into a file: the run's identifier or folder, the setting, the trade, the log line, the job, or the command of a dialog.",
                "고른 것을 터미널의 클립보드와 파일에 복사합니다. 실행의 ID나 폴더, 설정, 거래, 로그 줄, 작업, 대화 상자의 명령이 복사됩니다.",
            ),
            &[Chord::char('y'), Chord::key(KeyCode::Insert)],
            |state| chosen(state).map_or_else(Vec::new, |copy| copied(state, copy)),
        )
    },
    Action::looks(
        "app.theme",
        Text::new("Theme", "테마"),
        Text::new(
            "Choose the colours, seen as soon as the cursor rests on them: dark, light, strong contrast, and two for the colour-blind. Remembered for this user.",
            "색 테마를 고릅니다. 커서가 멈추면 바로 보입니다. 어두움, 밝음, 강한 대비, 색각 이상용 두 가지가 있습니다. 이 사용자에게 기억됩니다.",
        ),
        &[Chord::shift(KeyCode::F(12))],
        choose_theme,
    ),
    Action::looks(
        "app.mouse",
        Text::new("Mouse on or off", "마우스 켜기/끄기"),
        Text::new(
            "Take clicks, the wheel and drags, or leave the mouse to the terminal, which then selects text without Shift. Remembered for this user.",
            "클릭, 휠, 끌기를 콘솔이 쓰거나 터미널에 맡깁니다. 맡기면 Shift 없이 글을 선택할 수 있습니다. 이 사용자에게 기억됩니다.",
        ),
        &[Chord::shift(KeyCode::F(11))],
        |state| {
            let on = !state.look.mouse.get();
            state.look.mouse.choose(on);
            let says = match on {
                true => Text::new(
                    "the mouse is on; hold Shift to select text",
                    "마우스를 켰습니다. 글을 선택하려면 Shift를 누르세요",
                ),
                false => Text::new("the mouse is off", "마우스를 껐습니다"),
            };
            state.say(Tone::Good, says);
            vec![Effect::Mouse(on)]
        },
    ),
    Action {
        on: PANED,
        enabled: has_border,
        ..Action::looks(
            "pane.forward",
            Text::new("Border right or down", "경계를 오른쪽/아래로"),
            Text::new(
                "Move the border between the two panes to the right, or down where one is below the other. Remembered for this user.",
                "두 영역의 경계를 오른쪽으로, 위아래로 놓였으면 아래로 옮깁니다. 이 사용자에게 기억됩니다.",
            ),
            &[with_ctrl(KeyCode::Right), with_ctrl(KeyCode::Down)],
            |state| move_border(state, 1),
        )
    },
    Action {
        on: PANED,
        enabled: has_border,
        ..Action::looks(
            "pane.back",
            Text::new("Border left or up", "경계를 왼쪽/위로"),
            Text::new(
                "Move the border between the two panes to the left, or up where one is below the other. Remembered for this user.",
                "두 영역의 경계를 왼쪽으로, 위아래로 놓였으면 위로 옮깁니다. 이 사용자에게 기억됩니다.",
            ),
            &[with_ctrl(KeyCode::Left), with_ctrl(KeyCode::Up)],
            |state| move_border(state, -1),
        )
    },
];

/// Screens of two panes.
const PANED: &[Screen] = &[
    Screen::Dashboard,
    Screen::Config,
    Screen::Jobs,
    Screen::Compare,
];

const fn with_ctrl(code: KeyCode) -> Chord {
    Chord {
        code,
        ctrl: true,
        shift: false,
    }
}

fn border(state: &State) -> Option<(Pane, Rect)> {
    let pane = Pane::of(state.screen)?;
    let border = state.look.panes.border(pane, state.areas().body);
    (!border.is_empty()).then_some((pane, border))
}

fn has_border(state: &State) -> Result<(), Text> {
    match border(state) {
        Some(_) => Ok(()),
        None => Err(Text::new(
            "there is room for one pane only",
            "한 영역만 보일 만큼 화면이 작습니다",
        )),
    }
}

fn move_border(state: &mut State, steps: i16) -> Vec<Effect> {
    let body = state.areas().body;
    if let Some((pane, border)) = border(state) {
        // A column is half as wide as a row is high.
        let at = (
            border.x.saturating_add_signed(2 * steps),
            border.y.saturating_add_signed(steps),
        );
        state.look.panes.drag(pane, body, at);
    }
    Vec::new()
}

fn choose_theme(state: &mut State) -> Vec<Effect> {
    let current = state.look.theme.get();
    let choices = Theme::CHOICES.iter();
    let items: Vec<PickItem> = choices
        .map(|choice| PickItem {
            value: choice.name.to_owned(),
            label: Phrase::same(choice.name),
            help: choice.help.into(),
        })
        .collect();
    let at = items.iter().position(|item| item.value == current.name());
    let mut cursor = Cursor::default();
    cursor.set(at.unwrap_or(0), items.len(), items.len());
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("Theme", "테마"),
        items,
        cursor,
        purpose: PickFor::Theme(current),
    }));
    Vec::new()
}

/// Shows the theme in question while one is picked.
pub fn show_theme(state: &mut State) {
    let Some(Layer::Pick(pick)) = state.layers.last() else {
        return;
    };
    let item = pick.items.get(state.item(pick.cursor.at));
    let theme = item.and_then(|item| theme_named(&item.value));
    if let (PickFor::Theme(_), Some(theme)) = (&pick.purpose, theme) {
        state.look.theme.choose(theme);
    }
}

/// Keeps the theme of a setting's word.
pub fn use_theme(state: &mut State, word: &str) -> Vec<Effect> {
    if let Some(theme) = theme_named(word) {
        state.look.theme.choose(theme);
    }
    let says = match why_forgotten(state, state.look.theme.is_remembered()) {
        None => phrase!(
            "theme {word}, remembered; console.theme sets it for everybody",
            "{word} 테마를 기억합니다. 모두에게 적용하려면 console.theme를 바꾸세요"
        ),
        Some(Text { en, ko }) => phrase!(
            "theme {word} until the console closes: {en}",
            "콘솔을 닫을 때까지 {word} 테마를 씁니다. {ko}"
        ),
    };
    state.say(Tone::Good, says);
    Vec::new()
}

/// Says why what is chosen here ends with the console; `None` where it is remembered.
pub(super) fn why_forgotten(state: &State, is_remembered: bool) -> Option<Text> {
    if state.read_only {
        return reasons::may_write(state).err();
    }
    (!is_remembered).then_some(Text::new(
        "an option or a variable sets it at the start",
        "시작할 때 옵션이나 환경 변수로 정해져 있습니다",
    ))
}

/// A text and what it is.
struct Copy {
    what: Text,
    text: String,
}

/// Returns what is chosen on the screen.
fn chosen(state: &State) -> Option<Copy> {
    let (what, text) = match state.screen {
        Screen::Dashboard => (words::RUN, state.run()?.id.to_string()),
        Screen::Run | Screen::Performance | Screen::Compare => {
            (words::FOLDER, state.run()?.path.display().to_string())
        }
        Screen::Config => {
            let key = state.key()?;
            let value = state.form.shown(key);
            (words::SETTING, format!("{}={value}", key.path))
        }
        Screen::Trades => {
            let trade = state.trades.row(state.trade())?;
            (words::TRADE, serde_json::to_string(trade).ok()?)
        }
        Screen::Jobs => {
            let job = state.job()?;
            (words::JOB, job.row.view.id.to_string())
        }
        Screen::Data => (words::DATA_SET, state.data_row()?.key()),
        Screen::Models => {
            let model = state.model()?;
            (words::MODEL, model.id.to_string())
        }
        Screen::Logs => {
            let window = &state.log.page().window;
            let line = window.cursor.and_then(|at| window.lines.get(at))?;
            (words::LOG_LINE, line.text.clone())
        }
    };
    Some(Copy { what, text })
}

/// Copies what the topmost layer shows, if `key` is the one for that and nothing is typed there;
/// `None` where the key is the layer's own.
pub fn copy_from_layer(state: &mut State, key: Chord) -> Option<Vec<Effect>> {
    let action = action::named(COPY)?;
    let keys = state.look.keys.keys(action);
    let is_meant = keys.contains(&key) || keys.contains(&key.on_latin_layout());
    let types = |layer: &Layer| match layer {
        Layer::Confirm(confirm) => confirm.plan.word.is_some(),
        Layer::Launch(launch) => matches!(launch.stage, Stage::Edit | Stage::Count),
        _ => false,
    };
    let layer = state.layers.last().filter(|_| is_meant)?;
    if types(layer) && matches!(key.code, KeyCode::Char(_)) {
        return None;
    }
    let (what, text) = match layer {
        Layer::Confirm(confirm) => (words::THE_COMMAND, confirm.plan.command.clone()),
        Layer::Launch(launch) => match &launch.preview {
            Some(Ok(preview)) if launch.stage != Stage::Choose => {
                (words::THE_COMMAND, view::shell(&preview.command))
            }
            _ => return None,
        },
        Layer::Page(page) => (words::TEXT, page.lines.join("\n")),
        _ => return None,
    };
    Some(copied(state, Copy { what, text }))
}

/// Returns the effects that copy; a console that only looks writes no file.
fn copied(state: &mut State, Copy { what, text }: Copy) -> Vec<Effect> {
    let to_terminal = Effect::Copy(text.clone());
    if state.read_only {
        let Text { en, ko } = what;
        let says = phrase!("copied: {en}", "복사했습니다: {ko}");
        state.say(Tone::Good, says);
        return vec![to_terminal];
    }
    vec![to_terminal, Effect::Run(Errand::KeepCopy { what, text })]
}
