//! Looking for something in a log: typing it, plainly or as a regular expression, going to the next
//! place, and stopping.
//!
//! Start at [`open`] and [`find`].

use crate::{
    layer::{Entry, EntryFor, Layer},
    line_edit::LineEdit,
    log_news::{LogRequest, LogSearch, Wanted},
    log_pane::Syntax,
    message::Effect,
    state::{State, Tone},
};
use domain::{Phrase, Text, phrase};
use logbook::{Case, Direction, Fault, Outcome, Pattern, PatternError};

/// Opens the line in which that is typed which is looked for.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.layers.push(Layer::Entry(Entry {
        title: Phrase::new("Find in log", "로그에서 찾기"),
        line: LineEdit::new(&state.log.wanted),
        hint: hint(state.log.syntax),
        refusal: None,
        purpose: EntryFor::LogSearch,
    }));
    Vec::new()
}

fn hint(syntax: Syntax) -> Phrase {
    match syntax {
        Syntax::Plain => Phrase::new(
            "as it is written; empty: warnings and errors",
            "쓴 그대로 찾습니다. 비우면 경고와 오류를 찾습니다",
        ),
        Syntax::Expression => Phrase::new(
            "as a regular expression, e.g. loss=[0-9.]+ or (WARN|ERROR).*gpu; empty: warnings and errors",
            "정규식으로 찾습니다(예: `loss=[0-9.]+`, `(WARN|ERROR).*gpu`). 비우면 경고와 오류를 찾습니다",
        ),
    }
}

/// Takes what is typed in `entry` the other way.
pub fn turn_entry(state: &mut State, entry: &mut Entry) {
    state.log.syntax = state.log.syntax.turned();
    entry.hint = hint(state.log.syntax);
    entry.refusal = None;
}

/// Says why `typed` cannot be looked for.
#[must_use]
pub fn refuse_search(state: &State, typed: &str) -> Option<Phrase> {
    if state.log.syntax == Syntax::Plain {
        return None;
    }
    Pattern::new(typed, state.log.case).err().map(wording)
}

/// Looks for `typed` from the chosen line on.
pub fn find_in_log(state: &mut State, typed: String) -> Vec<Effect> {
    state.log.wanted = typed;
    find(state, Direction::Forward)
}

/// Goes to the next line in `direction` that has what is looked for.
pub(super) fn find(state: &mut State, direction: Direction) -> Vec<Effect> {
    if let Some(refusal) = refuse_search(state, &state.log.wanted) {
        state.say(Tone::Bad, refusal);
        return Vec::new();
    }
    let wanted = state.log.wanted();
    vec![Effect::Log(LogRequest::Find(wanted, direction))]
}

/// Goes to the next warning or error in `direction`.
pub(super) fn find_problem(_: &mut State, direction: Direction) -> Vec<Effect> {
    vec![Effect::Log(LogRequest::Find(Wanted::Problem, direction))]
}

/// Tells how a search stands; says so where nothing was found.
pub fn take_search(state: &mut State, search: LogSearch) {
    state.log.search = match search {
        LogSearch::Running { .. } => Some(search),
        LogSearch::Ended(_) => None,
    };
    match search {
        LogSearch::Ended(Outcome::Nowhere) => {
            state.say(Tone::Bad, Text::new("no such line", "그런 줄이 없습니다"));
        }
        LogSearch::Ended(Outcome::Found { wrapped: true, .. }) => {
            let says = Text::new(
                "the search went on around the end of the log",
                "로그의 끝을 지나 이어서 찾았습니다",
            );
            state.say(Tone::Good, says);
        }
        _ => {}
    }
}

/// Stops a search that goes on; returns `None` where there is none.
pub fn stop_search(state: &mut State) -> Option<Vec<Effect>> {
    state.log.search.take()?;
    Some(vec![Effect::Log(LogRequest::Cancel)])
}

/// Tells capitals apart, or not.
pub(super) fn turn_case(state: &mut State) -> Vec<Effect> {
    let (case, says) = match state.log.case {
        Case::Ignored => (
            Case::Exact,
            Text::new(
                "capitals count when searching",
                "대소문자를 구분해 찾습니다",
            ),
        ),
        Case::Exact => (
            Case::Ignored,
            Text::new(
                "capitals do not count when searching",
                "대소문자를 구분하지 않고 찾습니다",
            ),
        ),
    };
    state.log.case = case;
    state.say(Tone::Good, says);
    Vec::new()
}

/// Takes what is looked for as a regular expression, or as it is written.
pub(super) fn turn_syntax(state: &mut State) -> Vec<Effect> {
    state.log.syntax = state.log.syntax.turned();
    let says = match state.log.syntax {
        Syntax::Plain => Text::new("searching for text as it is written", "쓴 그대로 찾습니다"),
        Syntax::Expression => Text::new("searching by regular expression", "정규식으로 찾습니다"),
    };
    state.say(Tone::Good, says);
    if let Some(refusal) = refuse_search(state, &state.log.wanted) {
        state.say(Tone::Bad, refusal);
    }
    Vec::new()
}

fn wording(PatternError { fault, at }: PatternError) -> Phrase {
    let wrong = match fault {
        Fault::GroupUnclosed => Text::new(
            r"this ( is not closed; \( is the sign itself",
            r"괄호 ( 를 닫지 않았습니다. 글자 그대로면 \( 로 씁니다",
        ),
        Fault::GroupUnopened => Text::new(
            r"this ) closes nothing; \) is the sign itself",
            r"괄호 ) 의 짝이 없습니다. 글자 그대로면 \) 로 씁니다",
        ),
        Fault::Group => Text::new(
            "this cannot stand behind (?",
            "(? 뒤에 올 수 없는 글자입니다",
        ),
        Fault::SetUnclosed => Text::new(
            r"this [ is not closed; \[ is the sign itself",
            r"괄호 [ 를 닫지 않았습니다. 글자 그대로면 \[ 로 씁니다",
        ),
        Fault::Set => Text::new(
            "there is no such range or class of characters",
            "그런 글자 범위나 종류는 없습니다",
        ),
        Fault::NothingToRepeat => Text::new(
            r"nothing stands before this that could be repeated; \* is the sign itself",
            r"앞에 반복할 것이 없습니다. 글자 그대로면 \* 처럼 씁니다",
        ),
        Fault::Count => Text::new(
            "a count is written {2} or {2,5}",
            "횟수는 {2}나 {2,5}처럼 씁니다",
        ),
        Fault::Escape => Text::new(
            r"this has no meaning behind a \; \\ is the sign itself",
            r"\ 뒤에 올 수 없는 글자입니다. 글자 그대로면 \\ 로 씁니다",
        ),
        Fault::Unsupported => Text::new(
            "references back and looking around are not supported; write it without",
            "역참조와 전후방 탐색은 쓸 수 없습니다. 빼고 쓰세요",
        ),
        Fault::TooLarge => Text::new(
            "it is too large; repeat less",
            "식이 너무 큽니다. 반복 횟수를 줄이세요",
        ),
        Fault::Other => Text::new(
            "this is not understood; Tab takes it as it is written",
            "알 수 없는 식입니다. Tab을 누르면 쓴 그대로 찾습니다",
        ),
    };
    let (en, ko) = (wrong.en, wrong.ko);
    phrase!("character {at}: {en}", "{at}번째 글자: {ko}")
}
