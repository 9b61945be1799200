//! Actions on the charts of the run screen: zoom, cursor, smoothing, axis, form, export.

use super::reasons;
use crate::{
    action::{Action, Risk},
    charts::Charts,
    chord::Chord,
    dots::Form,
    exporting::ChartExport,
    marks::Marking,
    message::{Effect, Errand},
    series::Axis,
    state::{Screen, State, Tone},
};
use crossterm::event::KeyCode;
use domain::Text;

/// An action without risk on the charts.
const fn looks(
    id: &'static str,
    title: Text,
    help: Text,
    keys: &'static [Chord],
    act: fn(&mut State) -> Vec<Effect>,
) -> Action {
    Action {
        on: &[Screen::Run],
        enabled: reasons::has_curves,
        ..Action::looks(id, title, help, keys, act)
    }
}

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        rank: 12,
        ..looks(
            "chart.cursor_right",
            Text::new("Cursor right", "커서 오른쪽"),
            Text::new(
                "Move the cursor of all charts to the right; the legends tell the values there.",
                "모든 차트의 커서를 오른쪽으로 옮깁니다. 범례에 그 지점의 값이 나옵니다.",
            ),
            &[Chord::char('.'), Chord::shift(KeyCode::Right)],
            |state| step(state, 1.0),
        )
    },
    looks(
        "chart.cursor_left",
        Text::new("Cursor left", "커서 왼쪽"),
        Text::new(
            "Move the cursor of all charts to the left; Esc takes it away.",
            "모든 차트의 커서를 왼쪽으로 옮깁니다. Esc로 없앱니다.",
        ),
        &[Chord::char(','), Chord::shift(KeyCode::Left)],
        |state| step(state, -1.0),
    ),
    Action {
        rank: 16,
        enabled: reasons::has_happenings,
        ..looks(
            "chart.next_mark",
            Text::new("Next change", "다음 변경"),
            Text::new(
                "Put the cursor of all charts on the next mark: a setting changed, a pause, a restart or the best validation.",
                "모든 차트의 커서를 다음 표시로 옮깁니다. 설정 변경, 일시정지, 다시 시작, 최고 검증이 표시됩니다.",
            ),
            &[Chord::char(']')],
            |state| to_mark(state, Way::Onward),
        )
    },
    Action {
        enabled: reasons::has_happenings,
        ..looks(
            "chart.previous_mark",
            Text::new("Previous change", "이전 변경"),
            Text::new(
                "Put the cursor of all charts on the mark before; below it stands what happened there.",
                "모든 차트의 커서를 이전 표시로 옮깁니다. 아래에 그때 일어난 일이 나옵니다.",
            ),
            &[Chord::char('[')],
            |state| to_mark(state, Way::Back),
        )
    },
    looks(
        "chart.marks",
        Text::new("Mark checkpoints too", "체크포인트도 표시"),
        Text::new(
            "Mark every checkpoint and every former best in the charts as well, or no longer; changes are always marked.",
            "차트에 모든 체크포인트와 이전 최고 기록도 표시하거나 다시 숨깁니다. 변경은 항상 표시됩니다.",
        ),
        &[Chord::char('*'), Chord::char('m')],
        |state| {
            let (next, says) = match state.charts.marking {
                Marking::Usual => (
                    Marking::Everything,
                    Text::new(
                        "checkpoints and former bests are marked",
                        "체크포인트와 이전 최고 기록을 표시합니다",
                    ),
                ),
                Marking::Everything => (
                    Marking::Usual,
                    Text::new(
                        "changes, restarts and the best are marked",
                        "변경, 다시 시작, 최고 기록만 표시합니다",
                    ),
                ),
            };
            state.charts.marking = next;
            state.say(Tone::Good, says);
            Vec::new()
        },
    ),
    Action {
        rank: 13,
        ..looks(
            "chart.zoom_in",
            Text::new("Zoom in", "확대"),
            Text::new(
                "Show half as much of all charts, around the cursor.",
                "모든 차트를 커서를 중심으로 두 배 확대합니다.",
            ),
            &[Chord::char('+'), Chord::char('=')],
            |state| change(state, |charts| charts.zoom(0.5)),
        )
    },
    looks(
        "chart.zoom_out",
        Text::new("Zoom out", "축소"),
        Text::new(
            "Show twice as much of all charts.",
            "모든 차트를 두 배 넓게 봅니다.",
        ),
        &[Chord::char('-')],
        |state| change(state, |charts| charts.zoom(2.0)),
    ),
    looks(
        "chart.whole",
        Text::new("Whole range", "전체 범위"),
        Text::new(
            "Show everything from the first to the last step.",
            "처음부터 끝까지 모두 봅니다.",
        ),
        &[Chord::key(KeyCode::Backspace)],
        |state| change(state, |charts| charts.window = None),
    ),
    looks(
        "chart.pan_right",
        Text::new("Pan right", "오른쪽으로 이동"),
        Text::new(
            "While zoomed in, show what comes later.",
            "확대한 상태에서 더 나중을 봅니다.",
        ),
        &[Chord::char('>')],
        |state| change(state, |charts| charts.pan(0.25)),
    ),
    looks(
        "chart.pan_left",
        Text::new("Pan left", "왼쪽으로 이동"),
        Text::new(
            "While zoomed in, show what came before.",
            "확대한 상태에서 더 이전을 봅니다.",
        ),
        &[Chord::char('<')],
        |state| change(state, |charts| charts.pan(-0.25)),
    ),
    Action {
        rank: 14,
        ..looks(
            "chart.smooth",
            Text::new("Smooth", "평활화"),
            Text::new(
                "Smooth the curves more strongly, or no longer after the strongest; the raw curve stays behind, faint.",
                "곡선을 더 강하게 평활화합니다. 가장 강한 단계 다음은 끕니다. 원래 곡선은 흐리게 남습니다.",
            ),
            &[Chord::ctrl('e'), Chord::char('s')],
            |state| {
                let next = state.charts.smoothing.next();
                let effects = change(state, |charts| charts.smoothing = next);
                state.say(Tone::Good, next.label());
                effects
            },
        )
    },
    Action {
        risk: Risk::R1,
        rank: 15,
        enabled: |state| {
            reasons::may_write(state)?;
            reasons::has_curves(state)?;
            reasons::has_whole_curves(state)
        },
        ..looks(
            "chart.export",
            Text::new("Export chart", "차트 내보내기"),
            Text::new(
                "Write the chosen chart as SVG and its data as CSV and JSON into the run's exports folder, with --host onto this machine.",
                "선택한 차트를 SVG로, 데이터를 CSV와 JSON으로 실행의 exports 폴더에 저장합니다. --host를 쓰면 이 컴퓨터에 저장합니다.",
            ),
            &[Chord::ctrl('o'), Chord::char('o')],
            |state| {
                let chart = ChartExport::of(state);
                chart.map_or_else(Vec::new, |chart| {
                    vec![Effect::Run(Errand::Export(vec![chart]))]
                })
            },
        )
    },
    Action {
        risk: Risk::R1,
        on: &[Screen::Dashboard, Screen::Run, Screen::Performance],
        enabled: |state| {
            reasons::may_write(state)?;
            reasons::has_evaluation(state)
        },
        ..looks(
            "chart.export_equity",
            Text::new("Export equity", "자산 곡선 내보내기"),
            Text::new(
                "Write equity and drawdown as SVG and their data as CSV and JSON into the run's exports folder, with --host onto this machine.",
                "자산과 낙폭을 SVG로, 데이터를 CSV와 JSON으로 실행의 exports 폴더에 저장합니다. --host를 쓰면 이 컴퓨터에 저장합니다.",
            ),
            &[Chord::char('#'), Chord::char('w')],
            |state| {
                vec![Effect::Run(Errand::Export(ChartExport::of_evaluation(
                    state,
                )))]
            },
        )
    },
    looks(
        "chart.axis",
        Text::new("Change axis", "가로축 바꾸기"),
        Text::new(
            "Lay environment steps, elapsed time or updates along the charts.",
            "차트의 가로축을 환경 스텝, 경과 시간, 업데이트 중에서 바꿉니다.",
        ),
        &[Chord::ctrl('x'), Chord::char('x')],
        |state| {
            let (next, says) = match state.charts.axis {
                Axis::EnvSteps => (
                    Axis::Time,
                    Text::new("over elapsed time", "가로축: 경과 시간"),
                ),
                Axis::Time => (Axis::Updates, Text::new("over updates", "가로축: 업데이트")),
                Axis::Updates => (
                    Axis::EnvSteps,
                    Text::new("over environment steps", "가로축: 환경 스텝"),
                ),
            };
            let effects = change(state, |charts| {
                (charts.axis, charts.window, charts.cursor) = (next, None, None);
            });
            state.say(Tone::Good, says);
            effects
        },
    ),
    looks(
        "chart.form",
        Text::new("Change drawing", "그리기 방식 바꾸기"),
        Text::new(
            "Draw charts with braille dots, blocks or plain ASCII, whichever this terminal shows best.",
            "점자, 블록, ASCII 중 이 터미널에서 잘 보이는 방식으로 차트를 그립니다.",
        ),
        &[Chord::ctrl('d'), Chord::char('d')],
        |state| {
            let (next, says) = match state.charts.form {
                Form::Braille => (
                    Form::Block,
                    Text::new("drawn with blocks", "블록으로 그립니다"),
                ),
                Form::Block => (
                    Form::Ascii,
                    Text::new("drawn with ASCII", "ASCII로 그립니다"),
                ),
                Form::Ascii => (
                    Form::Braille,
                    Text::new("drawn with braille", "점자로 그립니다"),
                ),
            };
            state.charts.form = next;
            state.say(Tone::Good, says);
            Vec::new()
        },
    ),
];

fn change(state: &mut State, change: impl FnOnce(&mut Charts)) -> Vec<Effect> {
    let data = state.data.clone();
    state.charts.change(data.as_deref(), state.now, change);
    Vec::new()
}

/// Which way along x.
#[derive(Clone, Copy)]
enum Way {
    Onward,
    Back,
}

/// Puts the cursor on the nearest mark that way, from the end where there is no cursor yet.
fn to_mark(state: &mut State, way: Way) -> Vec<Effect> {
    let Some(data) = state.data.clone() else {
        return Vec::new();
    };
    let marks = state.charts.marks(&data, state.chart);
    let at = state.charts.cursor;
    let mut places = marks.into_iter().map(|(x, _)| x);
    let found = match way {
        Way::Onward => places.find(|x| at.is_none_or(|at| *x > at)),
        Way::Back => places.rfind(|x| at.is_none_or(|at| *x < at)),
    };
    let Some(x) = found else {
        let says = match way {
            Way::Onward => Text::new("nothing is marked after this", "이 뒤에는 표시가 없습니다"),
            Way::Back => Text::new("nothing is marked before this", "이 앞에는 표시가 없습니다"),
        };
        state.say(Tone::Bad, says);
        return Vec::new();
    };
    moved(state, |charts| charts.look_at(x))
}

fn step(state: &mut State, steps: f64) -> Vec<Effect> {
    let Some(data) = state.data.clone() else {
        return Vec::new();
    };
    let lines = state.charts.lines(&data, state.chart);
    let last = lines.first().and_then(|line| {
        let last = line.raw.len().checked_sub(1)?;
        Some(line.raw.x(state.charts.axis, last))
    });
    moved(state, |charts| charts.step(steps, last))
}

/// Moves the cursor; where what is shown went with it, everything is fitted to that.
fn moved(state: &mut State, go: impl FnOnce(&mut Charts)) -> Vec<Effect> {
    let window = state.charts.window;
    go(&mut state.charts);
    if state.charts.window != window {
        return change(state, |_| {});
    }
    Vec::new()
}
