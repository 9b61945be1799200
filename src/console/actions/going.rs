//! Actions that go somewhere: screens, movement, help, palette, back, undo, out.

use super::{
    appearance::why_forgotten,
    reasons,
    undoing::{redo, undo},
};
use crate::{
    action::{Action, RECONNECT},
    areas,
    chord::Chord,
    cursor::Step,
    layer::{Finder, Layer},
    log_news::LogRequest,
    message::{Effect, Errand},
    panes::Pane,
    state::{Screen, State, Tone},
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase, Text, phrase};
use logbook::Levels;

/// The action that goes to a screen with a digit.
const fn goes(
    id: &'static str,
    screen: Screen,
    help: Text,
    keys: &'static [Chord],
    act: fn(&mut State) -> Vec<Effect>,
) -> Action {
    Action::looks(id, screen.title(), help, keys, act)
}

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        rank: 1,
        enabled: reasons::line_is_lost,
        ..Action::looks(
            RECONNECT,
            Text::new("Reconnect", "다시 연결"),
            Text::new(
                "Log in to the host again after the line was lost. Never done by itself: sites block addresses that fail to log in.",
                "연결이 끊긴 호스트에 다시 로그인합니다. 로그인 실패가 반복되면 주소가 차단될 수 있어 자동으로는 하지 않습니다.",
            ),
            &[Chord::key(KeyCode::F(9))],
            |_| vec![Effect::Run(Errand::Reconnect)],
        )
    },
    goes(
        "screen.dashboard",
        Screen::Dashboard,
        Text::new(
            "All runs, and the chosen one at a glance.",
            "모든 실행과 선택한 실행을 한눈에 봅니다.",
        ),
        &[Chord::char('1')],
        |state| open(state, Screen::Dashboard),
    ),
    goes(
        "screen.config",
        Screen::Config,
        Text::new("Settings of the next training.", "다음 학습의 설정입니다."),
        &[Chord::char('2')],
        |state| open(state, Screen::Config),
    ),
    goes(
        "screen.run",
        Screen::Run,
        Text::new(
            "Curves and events of the chosen run.",
            "선택한 실행의 곡선과 이벤트입니다.",
        ),
        &[Chord::char('3')],
        |state| open(state, Screen::Run),
    ),
    goes(
        "screen.trades",
        Screen::Trades,
        Text::new(
            "Round trips of the chosen run's latest evaluation.",
            "최근 평가의 거래 목록입니다.",
        ),
        &[Chord::char('4')],
        |state| open(state, Screen::Trades),
    ),
    goes(
        "screen.report",
        Screen::Performance,
        Text::new(
            "The verdict on the chosen run, with its reasons.",
            "선택한 실행의 판정과 근거입니다.",
        ),
        &[Chord::char('5')],
        |state| open(state, Screen::Performance),
    ),
    goes(
        "screen.jobs",
        Screen::Jobs,
        Text::new(
            "All jobs, on this machine and on clusters.",
            "이 컴퓨터와 클러스터의 모든 작업입니다.",
        ),
        &[Chord::char('7')],
        |state| open(state, Screen::Jobs),
    ),
    goes(
        "screen.data",
        Screen::Data,
        Text::new(
            "Market data: what there is, where bars are missing or odd, and importing more.",
            "시장 데이터입니다. 빠진 봉과 이상한 봉을 확인하고 새 파일을 가져옵니다.",
        ),
        &[Chord::char('8')],
        |state| open(state, Screen::Data),
    ),
    goes(
        "screen.models",
        Screen::Models,
        Text::new(
            "Every run's models: what each was made of, compared, exported, given a name.",
            "모든 실행의 모델입니다. 무엇으로 만들었는지 보고 비교하고 내보내고 이름을 붙입니다.",
        ),
        &[Chord::char('9')],
        |state| open(state, Screen::Models),
    ),
    goes(
        "screen.logs",
        Screen::Logs,
        Text::new("The log of the chosen run.", "선택한 실행의 로그입니다."),
        &[Chord::char('0'), Chord::char('l')],
        |state| open(state, Screen::Logs),
    ),
    Action::looks(
        "screen.next",
        Text::new("Next screen", "다음 화면"),
        Text::new("Go to the next screen.", "다음 화면으로 갑니다."),
        &[Chord::key(KeyCode::Tab)],
        |state| cycle(state, 1),
    ),
    Action::looks(
        "screen.previous",
        Text::new("Previous screen", "이전 화면"),
        Text::new("Go to the previous screen.", "이전 화면으로 갑니다."),
        &[Chord::shift(KeyCode::Tab)],
        |state| cycle(state, Screen::NUMBERED.len() - 1),
    ),
    Action::looks(
        "move.up",
        Text::new("Up", "위로"),
        Text::new("One row up.", "한 줄 위로 갑니다."),
        &[Chord::key(KeyCode::Up), Chord::char('k')],
        |state| walk(state, Step::Up),
    ),
    Action::looks(
        "move.down",
        Text::new("Down", "아래로"),
        Text::new("One row down.", "한 줄 아래로 갑니다."),
        &[Chord::key(KeyCode::Down), Chord::char('j')],
        |state| walk(state, Step::Down),
    ),
    Action::looks(
        "move.page_up",
        Text::new("Page up", "한 쪽 위로"),
        Text::new("One page up.", "한 쪽 위로 갑니다."),
        &[Chord::key(KeyCode::PageUp)],
        |state| walk(state, Step::PageUp),
    ),
    Action::looks(
        "move.page_down",
        Text::new("Page down", "한 쪽 아래로"),
        Text::new("One page down.", "한 쪽 아래로 갑니다."),
        &[Chord::key(KeyCode::PageDown)],
        |state| walk(state, Step::PageDown),
    ),
    Action::looks(
        "move.first",
        Text::new("To the first", "처음으로"),
        Text::new("To the first row.", "첫 줄로 갑니다."),
        &[Chord::key(KeyCode::Home)],
        |state| walk(state, Step::Home),
    ),
    Action::looks(
        "move.last",
        Text::new("To the last", "끝으로"),
        Text::new(
            "To the last row; a log follows from there.",
            "마지막 줄로 갑니다. 로그는 따라가기 시작합니다.",
        ),
        &[Chord::key(KeyCode::End)],
        |state| walk(state, Step::End),
    ),
    Action {
        rank: 9,
        enabled: reasons::can_go_back,
        ..Action::looks(
            "app.back",
            Text::new("Back", "뒤로"),
            Text::new("One layer back.", "한 단계 뒤로 갑니다."),
            &[Chord::key(KeyCode::Esc)],
            back,
        )
    },
    Action {
        rank: 30,
        enabled: reasons::can_undo,
        ..Action::looks(
            "app.undo",
            Text::new("Undo", "되돌리기"),
            Text::new(
                "Take the last change back; brings a removed run back too, and takes a training that still waits out of the queue.",
                "마지막 변경을 되돌립니다. 휴지통으로 보낸 실행도 되살리고, 아직 기다리는 학습은 대기열에서 뺍니다.",
            ),
            &[Chord::ctrl('z')],
            undo,
        )
    },
    Action {
        rank: 31,
        enabled: reasons::can_redo,
        ..Action::looks(
            "app.redo",
            Text::new("Redo", "다시 하기"),
            Text::new("Do again what was taken back.", "되돌린 것을 다시 합니다."),
            &[Chord::ctrl('y')],
            redo,
        )
    },
    Action::looks(
        "app.refresh",
        Text::new("Look again", "새로 고침"),
        Text::new(
            "Read all files again now.",
            "지금 모든 파일을 다시 읽습니다.",
        ),
        &[Chord::f(5)],
        |state| {
            state.report = state.report.anew();
            state.look_at_shelves_again();
            vec![Effect::Refresh, state.resolve_settings()]
        },
    ),
    Action::looks(
        "app.repaint",
        Text::new("Repaint", "다시 그리기"),
        Text::new(
            "Paint every cell anew, should another program have written here.",
            "다른 프로그램이 화면을 어지럽혔을 때 모두 다시 그립니다.",
        ),
        &[Chord::ctrl('l')],
        |_| vec![Effect::Repaint],
    ),
    Action::looks(
        "app.language",
        Text::new("한국어로", "To English"),
        Text::new(
            "Switch the language of the console. Remembered for this user.",
            "콘솔의 언어를 바꿉니다. 이 사용자에게 기억됩니다.",
        ),
        &[Chord::f(12)],
        switch_language,
    ),
    Action::looks(
        "app.palette",
        Text::new("Go to anything", "무엇이든 찾기"),
        Text::new(
            "Find any action, run or setting by a few letters; initial consonants work too.",
            "몇 글자로 동작, 실행, 설정을 찾습니다. 초성도 됩니다.",
        ),
        &[Chord::ctrl('p'), Chord::char(':')],
        |state| {
            state.layers.push(Layer::Palette(Finder::default()));
            Vec::new()
        },
    ),
    Action {
        rank: 50,
        ..Action::looks(
            "app.help",
            Text::new("Help", "도움말"),
            Text::new(
                "Every action with its keys; Enter does it, disabled ones say why.",
                "모든 동작과 키를 보여 줍니다. Enter로 실행하고, 안 되는 것은 이유를 알려 줍니다.",
            ),
            &[Chord::f(1), Chord::char('?')],
            |state| {
                state.layers.push(Layer::Help(Finder::default()));
                Vec::new()
            },
        )
    },
    Action {
        rank: 51,
        ..Action::looks(
            "app.quit",
            Text::new("Quit", "끝내기"),
            Text::new(
                "Close the console. Trainings go on.",
                "콘솔을 닫습니다. 학습은 계속됩니다.",
            ),
            &[Chord::f(10), Chord::ctrl('c'), Chord::char('q')],
            |_| vec![Effect::Quit],
        )
    },
];

fn switch_language(state: &mut State) -> Vec<Effect> {
    state.lang = match state.lang {
        Lang::En => Lang::Ko,
        Lang::Ko => Lang::En,
    };
    state.look.language.choose(state.lang);
    // Said in the new language.
    let says = match why_forgotten(state, state.look.language.is_remembered()) {
        None => Phrase::new(
            "in English, remembered; console.language sets it for everybody",
            "한국어로 표시하고 기억합니다. 모두에게 적용하려면 console.language를 바꾸세요",
        ),
        Some(Text { en, ko }) => phrase!(
            "in English until the console closes: {en}",
            "콘솔을 닫을 때까지 한국어로 표시합니다. {ko}"
        ),
    };
    state.say(Tone::Good, says);
    Vec::new()
}

fn open(state: &mut State, screen: Screen) -> Vec<Effect> {
    state.go(screen);
    Vec::new()
}

fn cycle(state: &mut State, by: usize) -> Vec<Effect> {
    let screens = Screen::NUMBERED;
    let at = screens
        .iter()
        .position(|screen| *screen == state.screen)
        .unwrap_or(0);
    open(state, screens[(at + by) % screens.len()])
}

fn walk(state: &mut State, step: Step) -> Vec<Effect> {
    let body = state.areas().body;
    let text_page = areas::page_below_title(body);
    match state.screen {
        Screen::Dashboard => {
            let page = state.run_page();
            state.runs.go(step, page);
        }
        Screen::Config => {
            let page = state.form_page();
            let count = state.form.rows().len();
            state.form.cursor.go(step, count, page);
        }
        Screen::Run => {
            let count = state.data().map_or(0, |data| data.events.len());
            state.events.go(step, count, 1);
        }
        Screen::Trades => {
            let count = state.trades.len();
            let page = areas::page_below_heads(body).saturating_sub(1);
            state.trades.cursor.go(step, count, page);
        }
        Screen::Performance => {
            let count = state.report.lines.len();
            let page = match (state.report.sheet(), state.report.is_whole) {
                (Some(_), false) => areas::page_below_title(areas::performance(body).figures),
                _ => text_page,
            };
            state.report.cursor.scroll(step, count, page);
        }
        Screen::Compare => {
            let count = crate::view::compare::line_count(state);
            // Below the title and the names of the runs.
            let (table, _) = state.look.panes.divide(Pane::Compare, body);
            let page = areas::page_below_heads(table);
            state.compared.scroll(step, count, page);
        }
        Screen::Jobs => {
            let page = state.job_page();
            state.jobs.go(step, page);
        }
        Screen::Data => {
            let page = state.data_page();
            state.data_list.go(step, page);
        }
        Screen::Models => {
            let page = state.model_page();
            state.model_list.go(step, page);
        }
        Screen::Logs => return vec![Effect::Log(LogRequest::Step(step.into()))],
    }
    Vec::new()
}

fn back(state: &mut State) -> Vec<Effect> {
    if let Some(stops) = super::stop_search(state) {
        return stops;
    }
    if state.screen == Screen::Run && state.charts.cursor.is_some() {
        state.charts.cursor = None;
    } else if state.screen == Screen::Run && state.charts.window.is_some() {
        let data = state.data.clone();
        let whole = |charts: &mut crate::charts::Charts| charts.window = None;
        state.charts.change(data.as_deref(), state.now, whole);
    } else if state.zoomed {
        state.zoomed = false;
    } else if state.screen == Screen::Dashboard && !state.runs.filter.is_empty() {
        let page = state.run_page();
        state.runs.filter_by(String::new(), page);
    } else if state.screen == Screen::Jobs && !state.jobs.filter.is_empty() {
        let page = state.job_page();
        state.jobs.filter_by(String::new(), page);
    } else if state.screen == Screen::Jobs && !state.jobs.marked.is_empty() {
        state.jobs.marked.clear();
    } else if state.screen == Screen::Models && !state.model_list.filter.is_empty() {
        let page = state.model_page();
        state.model_list.filter_by(String::new(), page);
    } else if state.screen == Screen::Models && !state.model_list.marked.is_empty() {
        state.model_list.marked.clear();
    } else if state.screen == Screen::Trades && !state.trades.filter().is_empty() {
        // A blank filter always parses.
        let _ = state.trades.filter_by("");
        state.trades.cursor = Default::default();
    } else if state.screen == Screen::Config && !state.form.filter.is_empty() {
        state.form.filter.clear();
    } else if state.screen == Screen::Logs && state.log.levels != Levels::All {
        state.log.levels = Levels::All;
    } else if state.screen == Screen::Config && state.form.differing {
        state.form.differing = false;
    } else if let Some(former) = state.former.pop() {
        state.screen = former;
    }
    Vec::new()
}
