//! Actions on the models: read, mark, compare, find, sort, export, give a name.

use crate::{
    action::{Act, Action, Risk},
    cells,
    chord::Chord,
    cursor::Cursor,
    layer::{Confirm, Entry, EntryFor, Layer, Page, Pick, PickFor, PickItem, Plan},
    line_edit::LineEdit,
    message::{Effect, Errand},
    model_list::SortBy,
    state::{Screen, State},
    view::models,
};
use config::Refusal;
use crossterm::event::KeyCode;
use domain::{Phrase, Text, phrase};
use runs::{Model, ModelId, model_export::Form, promotion};

const HERE: &[Screen] = &[Screen::Models];
const EXPORT: Text = Text::new("Export", "내보내기");
const PROMOTE: Text = Text::new("Give a name", "이름 붙이기");
/// Cells of the page's text.
const PAGE_WIDTH: u16 = 116;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "models.read",
        title: Text::new("Passport", "명세"),
        help: Text::new(
            "Everything that the chosen model was made of, what came of it, and where its files lie.",
            "선택한 모델을 무엇으로 만들었는지, 결과가 어떤지, 파일이 어디 있는지 모두 봅니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter)],
        on: HERE,
        risk: Risk::R0,
        rank: 2,
        enabled: has_model,
        act: Act::Now(read),
    },
    Action {
        id: "models.mark",
        title: Text::new("Mark", "표시"),
        help: Text::new(
            "Mark the model for comparison, or take the mark away.",
            "비교할 모델로 표시하거나 표시를 지웁니다.",
        ),
        keys: &[Chord::char(' ')],
        on: HERE,
        risk: Risk::R0,
        rank: 6,
        enabled: has_model,
        act: Act::Now(|state| {
            let page = state.model_page();
            state.model_list.toggle_mark(page);
            Vec::new()
        }),
    },
    Action {
        id: "models.compare",
        title: Text::new("Compare marked", "표시한 것 비교"),
        help: Text::new(
            "Put the marked models side by side: what differs in their passports, and their figures.",
            "표시한 모델을 나란히 놓고 명세에서 다른 점과 지표를 봅니다.",
        ),
        keys: &[Chord::f(3), Chord::char('v')],
        on: HERE,
        risk: Risk::R0,
        rank: 7,
        enabled: has_marks,
        act: Act::Now(compare),
    },
    Action {
        id: "models.promote",
        title: PROMOTE,
        help: Text::new(
            "Give the model a name, so that evaluations and later trading can refer to it; a name given again points to the new model.",
            "모델에 이름을 붙여 평가와 이후의 거래에서 찾을 수 있게 합니다. 이미 있는 이름은 새 모델을 가리키게 됩니다.",
        ),
        keys: &[Chord::f(2)],
        on: HERE,
        risk: Risk::R2,
        rank: 3,
        enabled: is_sound,
        act: Act::Open(ask_name),
    },
    Action {
        id: "models.export",
        title: EXPORT,
        help: Text::new(
            "Copy weights, passport, settings and checksums into a folder or into one .tar.gz file; works on runs that can only be read.",
            "가중치, 명세, 설정, 체크섬을 폴더 하나나 .tar.gz 파일 하나로 복사합니다. 읽기만 되는 실행에서도 됩니다.",
        ),
        keys: &[Chord::ctrl('e'), Chord::char('e')],
        on: HERE,
        risk: Risk::R2,
        rank: 4,
        enabled: is_sound,
        act: Act::Open(choose_form),
    },
    Action {
        id: "models.demote",
        title: Text::new("Take name away", "이름 떼기"),
        help: Text::new(
            "Take the model's name away; the model and the name's history stay.",
            "모델에서 이름을 뗍니다. 모델과 이름의 기록은 그대로 남습니다.",
        ),
        keys: &[Chord::key(KeyCode::Delete), Chord::char('x')],
        on: HERE,
        risk: Risk::R2,
        rank: 8,
        enabled: has_name,
        act: Act::Ask(demote),
    },
    Action {
        id: "models.filter",
        title: Text::new("Filter", "거르기"),
        help: Text::new(
            "Show only models whose run, data, instrument, verdict or name fits a few letters.",
            "실행, 데이터, 종목, 판정, 이름이 몇 글자에 맞는 모델만 보여 줍니다.",
        ),
        keys: &[Chord::ctrl('f'), Chord::char('/')],
        on: HERE,
        risk: Risk::R0,
        rank: 9,
        enabled: is_here,
        act: Act::Now(|state| {
            state.layers.push(Layer::Entry(Entry {
                title: Phrase::new("Filter models", "모델 거르기"),
                line: LineEdit::new(&state.model_list.filter),
                hint: Phrase::new(
                    "run, data, instrument, verdict or name",
                    "실행, 데이터, 종목, 판정, 이름",
                ),
                refusal: None,
                purpose: EntryFor::ModelFilter,
            }));
            Vec::new()
        }),
    },
    Action {
        id: "models.sort",
        title: Text::new("Sort", "정렬"),
        help: Text::new(
            "Sort by score, Sharpe ratio, step or size in turn, the largest first; then the newest run first again.",
            "점수, 샤프 지수, 스텝, 크기 순으로 차례로 정렬합니다. 그다음은 다시 최신 실행 순입니다.",
        ),
        keys: &[Chord::key(KeyCode::Right)],
        on: HERE,
        risk: Risk::R0,
        rank: 10,
        enabled: has_model,
        act: Act::Now(|state| {
            let page = state.model_page();
            state.model_list.turn_sort(1, page);
            Vec::new()
        }),
    },
    Action {
        id: "models.sort_back",
        title: Text::new("Sort by the one before", "이전 기준으로 정렬"),
        help: Text::new(
            "Sort by what comes before this in turn.",
            "바로 앞의 기준으로 정렬합니다.",
        ),
        keys: &[Chord::key(KeyCode::Left)],
        on: HERE,
        risk: Risk::R0,
        rank: 0,
        enabled: has_model,
        act: Act::Now(|state| {
            let page = state.model_page();
            state.model_list.turn_sort(SortBy::ALL.len(), page);
            Vec::new()
        }),
    },
    Action {
        id: "models.reverse",
        title: Text::new("Turn order", "순서 뒤집기"),
        help: Text::new(
            "Turn the order round; models without the figure stay last.",
            "순서를 뒤집습니다. 값이 없는 모델은 그대로 끝에 둡니다.",
        ),
        keys: &[Chord::char('-')],
        on: HERE,
        risk: Risk::R0,
        rank: 0,
        enabled: has_model,
        act: Act::Now(|state| {
            let page = state.model_page();
            state.model_list.reverse(page);
            Vec::new()
        }),
    },
    Action {
        id: "models.run",
        title: Text::new("Open its run", "실행 열기"),
        help: Text::new(
            "Go to the curves of the run that the model comes from.",
            "모델이 나온 실행의 곡선으로 갑니다.",
        ),
        keys: &[Chord::ctrl('o'), Chord::char('o')],
        on: HERE,
        risk: Risk::R0,
        rank: 11,
        enabled: has_model,
        act: Act::Now(|state| {
            if let Some(run) = state.model().map(|model| model.id.run.clone()) {
                state.runs.filter.clear();
                let page = state.run_page();
                state.runs.choose(run, page);
                state.go(Screen::Run);
            }
            Vec::new()
        }),
    },
];

/// The models lie on this machine.
fn is_here(state: &State) -> Result<(), Text> {
    state.line.is_none().then_some(()).ok_or(Text::new(
        "the models lie on the host: `makook --host HOST models` works there",
        "모델은 호스트에 있습니다. `makook --host 호스트 models` 명령을 쓰세요",
    ))
}

fn has_model(state: &State) -> Result<(), Text> {
    is_here(state)?;
    state.model().map(|_| ()).ok_or(Text::new(
        "there is no model yet; F8 starts a training",
        "아직 모델이 없습니다. F8로 학습을 시작하세요",
    ))
}

fn is_sound(state: &State) -> Result<(), Text> {
    has_model(state)?;
    let chosen = state.model();
    let sound = chosen.is_some_and(|model| model.problem.is_none());
    sound.then_some(()).ok_or(Text::new(
        "this model is not whole; Enter says why",
        "온전하지 않은 모델입니다. Enter로 이유를 보세요",
    ))
}

fn has_marks(state: &State) -> Result<(), Text> {
    is_here(state)?;
    let enough = state.model_list.marked().len() >= 2;
    enough.then_some(()).ok_or(Text::new(
        "mark two models or more with Space",
        "Space로 모델을 두 개 이상 표시하세요",
    ))
}

fn has_name(state: &State) -> Result<(), Text> {
    has_model(state)?;
    let named = name_of_chosen(state).is_some();
    named.then_some(()).ok_or(Text::new(
        "this model has no name; F2 gives it one",
        "이름이 없는 모델입니다. F2로 이름을 붙이세요",
    ))
}

fn name_of_chosen(state: &State) -> Option<&str> {
    let mut names = state.model_list.names_of(state.model()?);
    names.next().map(|name| name.name.as_str())
}

fn room(state: &State) -> usize {
    usize::from(state.size.0.min(PAGE_WIDTH + 4).saturating_sub(4))
}

fn read(state: &mut State) -> Vec<Effect> {
    let Some(model) = state.model() else {
        return Vec::new();
    };
    let page = Layer::Page(Page {
        title: Phrase::same(model.id.to_string()),
        lines: models::passport_lines(state, model, room(state)),
        scroll: Cursor::default(),
    });
    state.layers.push(page);
    Vec::new()
}

fn compare(state: &mut State) -> Vec<Effect> {
    let page = Layer::Page(Page {
        title: Phrase::new("Models side by side", "모델 비교"),
        lines: models::comparison_lines(state, room(state)),
        scroll: Cursor::default(),
    });
    state.layers.push(page);
    Vec::new()
}

/// Asks whether a folder or one file is wanted.
fn choose_form(state: &mut State) -> Vec<Effect> {
    let Some(model) = state.model() else {
        return Vec::new();
    };
    let item = |form: Form, label: Text, help: Text| PickItem {
        value: word(form).to_owned(),
        label: label.into(),
        help: help.into(),
    };
    let items = vec![
        item(
            Form::Folder,
            Text::new("a folder", "폴더"),
            Text::new(
                "The files side by side, to be used from there.",
                "파일을 따로따로 둡니다. 그대로 쓰기 좋습니다.",
            ),
        ),
        item(
            Form::Archive,
            Text::new("one file, .tar.gz", "파일 하나(.tar.gz)"),
            Text::new(
                "The same files packed, to be sent or kept; the same model gives the same bytes.",
                "같은 파일을 하나로 묶습니다. 보내거나 보관하기 좋으며, 모델이 같으면 내용도 똑같습니다.",
            ),
        ),
    ];
    let pick = Layer::Pick(Pick {
        title: EXPORT.into(),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::ExportAs(Box::new(model.clone())),
    });
    state.layers.push(pick);
    Vec::new()
}

const fn word(form: Form) -> &'static str {
    match form {
        Form::Folder => "folder",
        Form::Archive => "archive",
    }
}

/// Shows what exporting `model` in the picked form would do, and asks for it.
pub fn export_as(state: &mut State, model: Model, picked: &str) -> Vec<Effect> {
    let mut forms = [Form::Folder, Form::Archive].into_iter();
    if let Some(form) = forms.find(|form| word(*form) == picked) {
        let confirm = Confirm::of(EXPORT, export(model, form));
        state.layers.push(Layer::Confirm(confirm));
    }
    Vec::new()
}

fn export(model: Model, form: Form) -> Plan {
    let id = &model.id;
    let run = &id.run;
    let flag = match form {
        Form::Folder => "",
        Form::Archive => " --archive",
    };
    let command = format!("makook models export {id}{flag}");
    let consequence = match form {
        Form::Archive => phrase!(
            "A new .tar.gz with weights, passport, settings and checksums appears in exports/{run} beside the runs. The run stays as it is; Ctrl-Z takes the file away.",
            "실행 폴더 옆의 exports/{run}에 가중치, 명세, 설정, 체크섬을 담은 새 .tar.gz 파일을 만듭니다. 실행은 그대로 두며, Ctrl-Z로 파일을 지웁니다."
        ),
        Form::Folder => phrase!(
            "A new folder with weights, passport, settings and checksums appears in exports/{run} beside the runs. The run stays as it is; Ctrl-Z takes the folder away.",
            "실행 폴더 옆의 exports/{run}에 가중치, 명세, 설정, 체크섬을 담은 새 폴더를 만듭니다. 실행은 그대로 두며, Ctrl-Z로 폴더를 지웁니다."
        ),
    };
    Plan {
        command,
        consequence,
        effects: vec![Effect::Run(Errand::ExportModel {
            model: Box::new(model),
            form,
        })],
        word: None,
    }
}

fn ask_name(state: &mut State) -> Vec<Effect> {
    let Some(model) = state.model() else {
        return Vec::new();
    };
    let usual = || model.id.run.slug().to_owned();
    let name = name_of_chosen(state).map_or_else(usual, str::to_owned);
    let entry = Layer::Entry(Entry {
        title: Phrase::new("Name of the model", "모델 이름"),
        line: LineEdit::new(&name),
        hint: Phrase::new(
            "e.g. btc-hourly; a name that is taken points to this model from then on",
            "예: btc-hourly. 이미 있는 이름이면 이제부터 이 모델을 가리킵니다",
        ),
        refusal: None,
        purpose: EntryFor::ModelName(model.id.clone()),
    });
    state.layers.push(entry);
    Vec::new()
}

/// Says why `typed` cannot be given to a model.
pub fn refuse_model_name(typed: &str) -> Option<Refusal> {
    let refusal = promotion::refuse_name(typed)?;
    Some(Refusal {
        message: refusal.into(),
        hint: Phrase::new("choose another name", "다른 이름을 고르세요"),
    })
}

/// Takes the name that was typed for `model`, shows what follows and asks for it.
pub fn promote_as(state: &mut State, model: &ModelId, name: &str) {
    // It may have vanished while the name was typed.
    let Some(model) = state.model_list.find(model).cloned() else {
        return;
    };
    let (id, shown) = (&model.id, cells::clean(name));
    let former = state.model_list.names.iter().find(|one| one.name == name);
    let former = former.and_then(|name| name.pointer());
    let consequence = match former {
        Some(former) => {
            let former = &former.model;
            phrase!(
                "{shown} points to {id} from now on, no longer to {former}. Files stay where they are; Ctrl-Z takes it back.",
                "{shown}: 이제 {former} 대신 {id}을(를) 가리킵니다. 파일은 그대로 두며, Ctrl-Z로 되돌립니다."
            )
        }
        None => phrase!(
            "{shown} points to {id} from now on. Files stay where they are; Ctrl-Z takes it back.",
            "{shown}: 이제 {id}을(를) 가리킵니다. 파일은 그대로 두며, Ctrl-Z로 되돌립니다."
        ),
    };
    let plan = Plan {
        command: format!("makook models promote {id} {name}"),
        consequence,
        effects: vec![Effect::Run(Errand::Promote {
            model: Box::<Model>::new(model.clone()),
            name: name.to_owned(),
        })],
        word: None,
    };
    state
        .layers
        .push(Layer::Confirm(Confirm::of(PROMOTE, plan)));
}

fn demote(state: &State) -> Option<Plan> {
    let name = name_of_chosen(state)?.to_owned();
    Some(Plan {
        command: format!("makook models demote {name}"),
        consequence: phrase!(
            "Whoever asks for {name} finds no model any more. The model stays; Ctrl-Z takes it back.",
            "{name}(이)라는 이름으로는 더 이상 모델을 찾을 수 없습니다. 모델은 그대로 두며, Ctrl-Z로 되돌립니다."
        ),
        effects: vec![Effect::Run(Errand::Demote(name))],
        word: None,
    })
}
