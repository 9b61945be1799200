//! Actions that look at runs: open, mark, compare, filter, enlarge, search.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    chord::Chord,
    layer::{Entry, EntryFor, Layer},
    line_edit::LineEdit,
    message::{Effect, Errand},
    metric::METRICS,
    state::Screen,
};
use crossterm::event::KeyCode;
use domain::{Phrase, Text};
use runs::State as RunState;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "run.open",
        title: Text::new("Open", "열기"),
        help: Text::new(
            "Open the chosen run: its report once it is done, else its curves.",
            "선택한 실행을 엽니다. 끝났으면 보고서를, 아니면 곡선을 보여 줍니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter)],
        on: &[Screen::Dashboard],
        risk: Risk::R0,
        rank: 2,
        enabled: reasons::has_run,
        act: Act::Now(|state| {
            let done = state.run().is_some_and(|run| run.state == RunState::Done);
            state.go(if done {
                Screen::Performance
            } else {
                Screen::Run
            });
            Vec::new()
        }),
    },
    Action {
        id: "run.mark",
        title: Text::new("Mark", "표시"),
        help: Text::new(
            "Mark the run for comparison, or take the mark away.",
            "비교할 실행으로 표시하거나 표시를 지웁니다.",
        ),
        keys: &[Chord::char(' ')],
        on: &[Screen::Dashboard],
        risk: Risk::R0,
        rank: 5,
        enabled: reasons::has_run,
        act: Act::Now(|state| {
            let page = state.run_page();
            state.runs.toggle_mark(page);
            Vec::new()
        }),
    },
    Action {
        id: "run.compare",
        title: Text::new("Compare marked", "표시한 것 비교"),
        help: Text::new(
            "Put the marked runs side by side: settings that differ, what came out, and their curves.",
            "표시한 실행을 나란히 놓고 다른 설정, 결과, 곡선을 봅니다.",
        ),
        keys: &[Chord::f(9)],
        on: &[],
        risk: Risk::R0,
        rank: 6,
        // The same key mends a lost line, which comes first.
        enabled: |state| match reasons::line_is_lost(state) {
            Ok(()) => Err(Text::new(
                "the line is lost; F9 reconnects",
                "연결이 끊겼습니다. F9로 다시 연결합니다",
            )),
            Err(_) => reasons::has_marks(state),
        },
        act: Act::Now(|state| {
            let marked = state
                .runs
                .all
                .iter()
                .filter(|run| state.runs.marked.contains(&run.id));
            let paths = marked.map(|run| run.path.clone()).collect();
            state.comparison = None;
            state.compared = Default::default();
            state.go(Screen::Compare);
            vec![Effect::Run(Errand::Compare(paths))]
        }),
    },
    Action {
        id: "run.filter",
        title: Text::new("Filter", "거르기"),
        help: Text::new(
            "Show only runs whose name, identifier or state fits a few letters.",
            "이름, ID, 상태가 몇 글자에 맞는 실행만 보여 줍니다.",
        ),
        keys: &[Chord::ctrl('f'), Chord::char('/')],
        on: &[Screen::Dashboard],
        risk: Risk::R0,
        rank: 7,
        enabled: reasons::always,
        act: Act::Now(|state| {
            state.layers.push(Layer::Entry(Entry {
                title: Phrase::new("Filter", "거르기"),
                line: LineEdit::new(&state.runs.filter),
                hint: Phrase::new("name, id or state", "이름, ID, 상태"),
                refusal: None,
                purpose: EntryFor::RunFilter,
            }));
            Vec::new()
        }),
    },
    Action {
        id: "chart.zoom",
        title: Text::new("Enlarge chart", "차트 키우기"),
        help: Text::new(
            "Show the chosen chart alone, or all of them again.",
            "선택한 차트만 크게 보거나 다시 모두 봅니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter)],
        on: &[Screen::Run],
        risk: Risk::R0,
        rank: 2,
        enabled: reasons::has_run,
        act: Act::Now(|state| {
            state.zoomed = !state.zoomed;
            Vec::new()
        }),
    },
    Action {
        id: "chart.next",
        title: Text::new("Next chart", "다음 차트"),
        help: Text::new("Choose the next chart.", "다음 차트를 고릅니다."),
        keys: &[Chord::key(KeyCode::Right)],
        on: &[Screen::Run, Screen::Compare],
        risk: Risk::R0,
        rank: 8,
        enabled: reasons::always,
        act: Act::Now(|state| {
            state.chart = (state.chart + 1) % METRICS.len();
            Vec::new()
        }),
    },
    Action {
        id: "chart.previous",
        title: Text::new("Previous chart", "이전 차트"),
        help: Text::new("Choose the previous chart.", "이전 차트를 고릅니다."),
        keys: &[Chord::key(KeyCode::Left)],
        on: &[Screen::Run, Screen::Compare],
        risk: Risk::R0,
        rank: 0,
        enabled: reasons::always,
        act: Act::Now(|state| {
            state.chart = (state.chart + METRICS.len() - 1) % METRICS.len();
            Vec::new()
        }),
    },
];
