//! Actions that look at a log: search, levels, time, marks, another file. What a search does is in
//! [`log_search`].

use super::{log_search, reasons};
use crate::{
    action::{Act, Action, Risk},
    chord::Chord,
    cursor::Cursor,
    layer::{Entry, EntryFor, Layer, Pick, PickFor, PickItem},
    line_edit::LineEdit,
    log_news::{LogFile, LogMiss, LogRequest},
    log_pane::Source,
    message::Effect,
    state::{Screen, State, Tone},
    view::bytes,
};
use crossterm::event::KeyCode;
use domain::{Phrase, Text};
use logbook::{Direction, Levels, Moment};
use std::path::Path;

/// Cells by which one key shifts long lines.
const SHIFT: isize = 20;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "log.find",
        title: Text::new("Find", "찾기"),
        help: Text::new(
            "Look for a text in the whole log; nothing typed means warnings and errors.",
            "로그 전체에서 글을 찾습니다. 비워 두면 경고와 오류를 찾습니다.",
        ),
        keys: &[Chord::ctrl('f'), Chord::char('/')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 2,
        enabled: has_log,
        act: Act::Now(log_search::open),
    },
    Action {
        id: "log.next",
        title: Text::new("Next hit", "다음 찾기"),
        help: Text::new(
            "Go to the next line that fits, around the end. Esc stops a long search.",
            "맞는 다음 줄로 갑니다. 끝에 닿으면 처음부터 찾습니다. 오래 걸리면 Esc로 멈춥니다.",
        ),
        keys: &[Chord::f(3), Chord::char('n')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 3,
        enabled: has_log,
        act: Act::Now(|state| log_search::find(state, Direction::Forward)),
    },
    Action {
        id: "log.previous",
        title: Text::new("Previous hit", "이전 찾기"),
        help: Text::new(
            "Go to the line before that fits, around the beginning.",
            "맞는 이전 줄로 갑니다. 처음에 닿으면 끝부터 찾습니다.",
        ),
        keys: &[
            Chord::ctrl('u'),
            Chord::shift(KeyCode::F(3)),
            Chord::f(15),
            Chord::char('N'),
        ],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: has_log,
        act: Act::Now(|state| log_search::find(state, Direction::Backward)),
    },
    Action {
        id: "log.levels",
        title: Text::new("Levels", "수준"),
        help: Text::new(
            "Show all lines, only warnings and errors, or only errors.",
            "모든 줄, 경고와 오류, 오류 순서로 보이는 줄을 바꿉니다.",
        ),
        keys: &[Chord::ctrl('e'), Chord::char('e')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 4,
        enabled: has_log,
        act: Act::Now(turn_levels),
    },
    Action {
        id: "log.next_problem",
        title: Text::new("Next warning", "다음 경고"),
        help: Text::new(
            "Go to the next warning or error, around the end.",
            "다음 경고나 오류로 갑니다. 끝에 닿으면 처음부터 찾습니다.",
        ),
        keys: &[Chord::char('.')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: has_log,
        act: Act::Now(|state| log_search::find_problem(state, Direction::Forward)),
    },
    Action {
        id: "log.previous_problem",
        title: Text::new("Previous warning", "이전 경고"),
        help: Text::new(
            "Go to the warning or error before, around the beginning.",
            "이전 경고나 오류로 갑니다. 처음에 닿으면 끝부터 찾습니다.",
        ),
        keys: &[Chord::char(',')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: has_log,
        act: Act::Now(|state| log_search::find_problem(state, Direction::Backward)),
    },
    Action {
        id: "log.goto",
        title: Text::new("Go to", "이동"),
        help: Text::new(
            "Go to a time such as 14:30 or 2026-11-26 14:30, to a line number, or to a share such as 50%.",
            "14:30이나 2026-11-26 14:30 같은 시각, 줄 번호, 50% 같은 위치로 갑니다.",
        ),
        keys: &[Chord::ctrl('g'), Chord::char('g')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 6,
        enabled: has_log,
        act: Act::Now(open_goto),
    },
    Action {
        id: "log.files",
        title: Text::new("Logs", "로그 고르기"),
        help: Text::new(
            "Choose another log: of another start of the run, what the worker printed, or that of this console.",
            "다른 로그를 고릅니다. 이 실행의 다른 시작, 작업자의 출력, 이 콘솔의 로그가 있습니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter), Chord::char('o')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 5,
        enabled: reasons::always,
        act: Act::Now(open_files),
    },
    Action {
        id: "log.follow",
        title: Text::new("Follow", "따라가기"),
        help: Text::new(
            "Show new lines as they come, or hold still.",
            "새 줄을 따라가거나 멈춥니다.",
        ),
        keys: &[Chord::f(2), Chord::char('f')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 7,
        enabled: has_log,
        act: Act::Now(|_| ask(LogRequest::ToggleFollow)),
    },
    Action {
        id: "log.mark",
        title: Text::new("Mark", "표시"),
        help: Text::new(
            "Mark the chosen line, or take its mark away.",
            "선택한 줄에 표시하거나 표시를 지웁니다.",
        ),
        keys: &[Chord::char(' ')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 8,
        enabled: has_log,
        act: Act::Now(mark),
    },
    Action {
        id: "log.next_mark",
        title: Text::new("Next mark", "다음 표시"),
        help: Text::new(
            "Go to the next marked line, around the end.",
            "표시한 다음 줄로 갑니다. 끝에 닿으면 처음부터 찾습니다.",
        ),
        keys: &[Chord::char(']')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: has_marks,
        act: Act::Now(|state| go_to_mark(state, Direction::Forward)),
    },
    Action {
        id: "log.previous_mark",
        title: Text::new("Previous mark", "이전 표시"),
        help: Text::new(
            "Go to the marked line before, around the beginning.",
            "표시한 이전 줄로 갑니다. 처음에 닿으면 끝부터 찾습니다.",
        ),
        keys: &[Chord::char('[')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: has_marks,
        act: Act::Now(|state| go_to_mark(state, Direction::Backward)),
    },
    Action {
        id: "log.case",
        title: Text::new("Match case", "대소문자 구분"),
        help: Text::new(
            "Tell capitals apart from small letters when looking for a text, or not.",
            "글을 찾을 때 대문자와 소문자를 구분하거나 구분하지 않습니다.",
        ),
        keys: &[Chord::ctrl('x'), Chord::char('x')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: reasons::always,
        act: Act::Now(log_search::turn_case),
    },
    Action {
        id: "log.expression",
        title: Text::new("Regular expression", "정규식"),
        help: Text::new(
            "Take what is looked for as a regular expression such as loss=[0-9.]+, or as it is written. Tab does the same while it is typed.",
            "찾는 것을 `loss=[0-9.]+` 같은 정규식으로 보거나 쓴 그대로 봅니다. 입력하는 동안에는 Tab으로 바꿉니다.",
        ),
        keys: &[Chord::char('^')],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: reasons::always,
        act: Act::Now(log_search::turn_syntax),
    },
    Action {
        id: "log.right",
        title: Text::new("Shift right", "오른쪽으로"),
        help: Text::new(
            "Show what is further right in long lines.",
            "긴 줄의 오른쪽을 봅니다.",
        ),
        keys: &[Chord::key(KeyCode::Right)],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: reasons::always,
        act: Act::Now(|state| shift(state, SHIFT)),
    },
    Action {
        id: "log.left",
        title: Text::new("Shift left", "왼쪽으로"),
        help: Text::new(
            "Back to the beginning of lines.",
            "줄의 앞쪽으로 돌아갑니다.",
        ),
        keys: &[Chord::key(KeyCode::Left)],
        on: &[Screen::Logs],
        risk: Risk::R0,
        rank: 0,
        enabled: reasons::always,
        act: Act::Now(|state| shift(state, -SHIFT)),
    },
];

fn ask(request: LogRequest) -> Vec<Effect> {
    vec![Effect::Log(request)]
}

fn has_log(state: &State) -> Result<(), Text> {
    match state.log.source {
        Source::Own => Ok(()),
        Source::Newest | Source::Named(_) => reasons::has_run(state),
    }
}

fn has_marks(state: &State) -> Result<(), Text> {
    if state.log.marks.is_empty() {
        return Err(Text::new(
            "no line is marked; Space marks the chosen one",
            "표시한 줄이 없습니다. Space로 선택한 줄에 표시합니다",
        ));
    }
    has_log(state)
}

fn turn_levels(state: &mut State) -> Vec<Effect> {
    state.log.levels = match state.log.levels {
        Levels::All => Levels::Warnings,
        Levels::Warnings => Levels::Errors,
        Levels::Errors => Levels::All,
    };
    Vec::new()
}

fn open_goto(state: &mut State) -> Vec<Effect> {
    state.layers.push(Layer::Entry(Entry {
        title: Phrase::new("Go to", "이동"),
        line: LineEdit::default(),
        hint: Phrase::new(
            "14:30, 2026-11-26, 2026-11-26 14:30, a line number, or 50%",
            "14:30, 2026-11-26, 2026-11-26 14:30, 줄 번호, 50%",
        ),
        refusal: None,
        purpose: EntryFor::LogPlace,
    }));
    Vec::new()
}

/// Where `typed` goes to in the log, if it says so.
#[must_use]
pub fn place_in_log(state: &State, typed: &str) -> Option<LogRequest> {
    if let Some(percent) = typed.strip_suffix('%') {
        let percent: f64 = percent.trim().parse().ok()?;
        let share = (0.0..=100.0)
            .contains(&percent)
            .then_some(percent / 100.0)?;
        let length = state.log.page().window.length;
        return Some(LogRequest::Go((length as f64 * share) as u64));
    }
    let number = typed.parse().ok().filter(|number| *number > 0);
    let number = number.map(LogRequest::GoToNumber);
    number.or_else(|| Moment::parse(typed).map(LogRequest::GoToMoment))
}

/// Says what could not be gone to.
pub fn missed(state: &mut State, miss: LogMiss) {
    let says = match miss {
        LogMiss::Number => Text::new(
            "no such line, or its lines are still being counted",
            "그런 줄이 없거나 아직 줄을 세고 있습니다",
        ),
        LogMiss::Moment => Text::new(
            "the lines of this log do not begin with a time",
            "이 로그의 줄에는 시각이 없습니다",
        ),
    };
    state.say(Tone::Bad, says);
}

fn mark(state: &mut State) -> Vec<Effect> {
    let follows = state.log.page().window.follows;
    state.log.toggle_mark();
    // What is marked is to be seen.
    if follows {
        ask(LogRequest::ToggleFollow)
    } else {
        Vec::new()
    }
}

fn go_to_mark(state: &mut State, direction: Direction) -> Vec<Effect> {
    let mark = state.log.nearest_mark(direction);
    mark.map_or_else(Vec::new, |at| ask(LogRequest::Go(at)))
}

fn shift(state: &mut State, cells: isize) -> Vec<Effect> {
    state.log.shift_by(cells);
    Vec::new()
}

fn open_files(state: &mut State) -> Vec<Effect> {
    match state.run().map(|run| run.path.clone()) {
        Some(run) => ask(LogRequest::List(run)),
        None => {
            offer_files(state, &[]);
            Vec::new()
        }
    }
}

/// Shows the logs of the run at `run`, if that is still the one in question.
pub fn take_files(state: &mut State, run: &Path, files: &[LogFile]) {
    let is_asked = state.run().is_some_and(|chosen| chosen.path == run);
    if is_asked && state.screen == Screen::Logs && state.layers.is_empty() {
        offer_files(state, files);
    }
}

fn offer_files(state: &mut State, files: &[LogFile]) {
    let newest = PickItem {
        value: Source::Newest.word().to_owned(),
        label: Phrase::new("the newest", "가장 최근 로그"),
        help: Phrase::new(
            "the log of the run's latest start, also when it starts again",
            "실행의 마지막 시작 로그입니다. 다시 시작하면 새 로그를 봅니다",
        ),
    };
    let named = files.iter().map(|file| PickItem {
        value: file.name.clone(),
        label: Phrase::new(file.name.clone(), file.name.clone()),
        help: Phrase::new(bytes(file.length), bytes(file.length)),
    });
    let own = PickItem {
        value: Source::Own.word().to_owned(),
        label: Phrase::new("this console", "이 콘솔"),
        help: Phrase::new(
            "what was done, refused or went wrong here",
            "여기서 한 일, 거절된 일, 잘못된 일입니다",
        ),
    };
    let items: Vec<PickItem> = [newest].into_iter().chain(named).chain([own]).collect();
    let chosen = state.log.source.word();
    let at = items.iter().position(|item| item.value == chosen);
    let mut cursor = Cursor::default();
    cursor.set(at.unwrap_or(0), items.len(), 10);
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("Logs", "로그 고르기"),
        items,
        cursor,
        purpose: PickFor::Log,
    }));
}

/// Shows the log that was picked.
pub fn choose_log(state: &mut State, value: &str) {
    state.log.choose(Source::of(value));
}
