//! Actions that judge a run: its learning health, its trades, its performance.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    chord::Chord,
    cursor::Cursor,
    layer::{Entry, EntryFor, Layer, Page},
    line_edit::LineEdit,
    message::Effect,
    state::{Screen, State},
    view::diagnosis,
};
use crossterm::event::KeyCode;
use domain::{Phrase, Text};
use report::trades::Column;

/// Cells of the page's text.
const PAGE_WIDTH: u16 = 180;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "run.health",
        title: Text::new("Health", "학습 상태"),
        help: Text::new(
            "What looks wrong with the training: the rule, its numbers and what usually helps.",
            "학습에서 이상해 보이는 점을 규칙, 수치, 해결 방법과 함께 봅니다.",
        ),
        keys: &[Chord::f(3), Chord::char('h')],
        on: &[Screen::Run],
        risk: Risk::R0,
        rank: 4,
        enabled: reasons::has_data,
        act: Act::Now(open_health),
    },
    Action {
        id: "trades.filter",
        title: Text::new("Filter", "거르기"),
        help: Text::new(
            "Show only trades that fit a condition such as pnl<0 and side=long and bars>20.",
            "pnl<0 and side=long and bars>20 같은 조건에 맞는 거래만 보여 줍니다.",
        ),
        keys: &[Chord::ctrl('f'), Chord::char('/')],
        on: &[Screen::Trades],
        risk: Risk::R0,
        rank: 2,
        enabled: reasons::has_trades,
        act: Act::Now(|state| {
            state.layers.push(Layer::Entry(Entry {
                title: Phrase::new("Filter trades", "거래 거르기"),
                line: LineEdit::new(state.trades.filter()),
                hint: Phrase::new(
                    "a number, a share such as 1.5%, or a date such as 2024-01",
                    "수, 1.5% 같은 비율, 2024-01 같은 날짜",
                ),
                refusal: None,
                purpose: EntryFor::TradeFilter,
            }));
            Vec::new()
        }),
    },
    Action {
        id: "trades.sort",
        title: Text::new("Sort", "정렬"),
        help: Text::new(
            "Sort by the next column, the largest first; after the last the newest come first.",
            "다음 열로 큰 것부터 정렬합니다. 마지막 열 다음에는 최근 순서입니다.",
        ),
        keys: &[Chord::key(KeyCode::Right)],
        on: &[Screen::Trades],
        risk: Risk::R0,
        rank: 3,
        enabled: reasons::has_trades,
        act: Act::Now(|state| {
            state.trades.turn_sort(1);
            Vec::new()
        }),
    },
    Action {
        id: "trades.sort_back",
        title: Text::new("Sort by the column before", "이전 열로 정렬"),
        help: Text::new(
            "Sort by the column before this one.",
            "이전 열로 정렬합니다.",
        ),
        keys: &[Chord::key(KeyCode::Left)],
        on: &[Screen::Trades],
        risk: Risk::R0,
        rank: 0,
        enabled: reasons::has_trades,
        act: Act::Now(|state| {
            state.trades.turn_sort(Column::ALL.len());
            Vec::new()
        }),
    },
    Action {
        id: "trades.reverse",
        title: Text::new("Turn order", "순서 뒤집기"),
        help: Text::new(
            "Turn the order round: the smallest or the oldest first.",
            "순서를 뒤집어 작은 것이나 오래된 것부터 봅니다.",
        ),
        keys: &[Chord::char(' ')],
        on: &[Screen::Trades],
        risk: Risk::R0,
        rank: 4,
        enabled: reasons::has_trades,
        act: Act::Now(|state| {
            state.trades.reverse();
            Vec::new()
        }),
    },
    Action {
        id: "report.whole",
        title: Text::new("Whole report", "전체 보고서"),
        help: Text::new(
            "Show the whole report as text, or the window's pictures again.",
            "전체 보고서를 글로 보거나 다시 구간의 그림을 봅니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter)],
        on: &[Screen::Performance],
        risk: Risk::R0,
        rank: 2,
        enabled: reasons::has_whole_report,
        act: Act::Now(|state| {
            state.report.is_whole = !state.report.is_whole;
            state.report.cursor = Cursor::default();
            Vec::new()
        }),
    },
    Action {
        id: "report.window",
        title: Text::new("Next window", "다음 구간"),
        help: Text::new(
            "Show the next evaluated window: training, validation or held-out.",
            "학습, 검증, 시험 가운데 다음 구간의 평가를 봅니다.",
        ),
        keys: &[Chord::key(KeyCode::Right)],
        on: &[Screen::Performance],
        risk: Risk::R0,
        rank: 3,
        enabled: reasons::has_windows,
        act: Act::Now(|state| turn_window(state, 1)),
    },
    Action {
        id: "report.window_back",
        title: Text::new("Window before", "이전 구간"),
        help: Text::new(
            "Show the evaluated window before this one.",
            "이전 구간의 평가를 봅니다.",
        ),
        keys: &[Chord::key(KeyCode::Left)],
        on: &[Screen::Performance],
        risk: Risk::R0,
        rank: 0,
        enabled: reasons::has_windows,
        act: Act::Now(|state| {
            let back = state.report.sheets.len().saturating_sub(1);
            turn_window(state, back)
        }),
    },
];

/// Goes `by` windows to the right, around the end.
fn turn_window(state: &mut State, by: usize) -> Vec<Effect> {
    let count = state.report.sheets.len().max(1);
    // Counted from the last, so that the held-out window is first of all.
    state.report.window = (state.report.window % count + count - by % count) % count;
    state.report.cursor = Cursor::default();
    Vec::new()
}

pub(super) fn open_health(state: &mut State) -> Vec<Effect> {
    let room = usize::from(state.size.0.saturating_sub(4).min(PAGE_WIDTH));
    let lines = state
        .data()
        .map(|data| diagnosis::lines(data, state.glyphs, state.lang, room));
    state.layers.push(Layer::Page(Page {
        title: Phrase::new("Learning health", "학습 상태"),
        lines: lines.unwrap_or_default(),
        scroll: Cursor::default(),
    }));
    Vec::new()
}
