//! Actions on the shelf of market data: read, import, use.
//!
//! An import asks for file, name and instrument, each by picking or by taking what is offered, and
//! shows the exact command before anything is done.

use super::use_found;
use crate::{
    action::{Act, Action, Risk},
    calibration::Found,
    chord::Chord,
    cursor::Cursor,
    data_list::Row,
    data_sets::DataSet,
    importing::ImportOrder,
    layer::{Confirm, Entry, EntryFor, Layer, Page, Pick, PickFor, PickItem, Plan},
    line_edit::LineEdit,
    message::{Effect, Errand},
    number,
    state::{Screen, State, Tone},
    view::set_lines,
};
use config::Refusal;
use crossterm::event::KeyCode;
use domain::{Phrase, Text, phrase};
use std::path::{Path, PathBuf};

const HERE: &[Screen] = &[Screen::Data];
const IMPORT: Text = Text::new("Import", "가져오기");
/// Cells of the page's text.
const PAGE_WIDTH: u16 = 116;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "data.read",
        title: Text::new("Details", "자세히"),
        help: Text::new(
            "Everything that is known of the chosen data: gaps, what was found and what helps, where it comes from, which runs used it.",
            "선택한 데이터의 공백, 발견된 점과 해결 방법, 출처, 사용한 실행을 모두 봅니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter)],
        on: HERE,
        risk: Risk::R0,
        rank: 2,
        enabled: has_row,
        act: Act::Now(read),
    },
    Action {
        id: "data.import",
        title: IMPORT,
        help: Text::new(
            "Import a CSV or Parquet file: choose it, name it, see the exact command, then do it. The console downloads nothing; data come from your own files.",
            "CSV나 Parquet 파일을 가져옵니다. 파일을 고르고 이름을 정한 뒤 실행할 명령을 확인합니다. 콘솔은 아무것도 내려받지 않고 가지고 있는 파일만 읽습니다.",
        ),
        keys: &[Chord::f(2)],
        on: HERE,
        risk: Risk::R2,
        rank: 3,
        enabled: can_import,
        act: Act::Open(choose_file),
    },
    Action {
        id: "data.use",
        title: Text::new("Use in next training", "다음 학습에 쓰기"),
        help: Text::new(
            "Set data set, instrument and bar length of the settings to the chosen data, as one change.",
            "설정의 데이터 세트, 종목, 봉 길이를 선택한 데이터에 맞춥니다. 한 번에 되돌릴 수 있습니다.",
        ),
        keys: &[Chord::ctrl('t'), Chord::char('u')],
        on: HERE,
        risk: Risk::R1,
        rank: 4,
        enabled: has_sound_set,
        act: Act::Now(use_set),
    },
];

/// The data lie on this machine.
fn is_here(state: &State) -> Result<(), Text> {
    state.line.is_none().then_some(()).ok_or(Text::new(
        "the data lie on the host: `makook --host HOST data` works there",
        "데이터는 호스트에 있습니다. `makook --host 호스트 data` 명령을 쓰세요",
    ))
}

fn has_row(state: &State) -> Result<(), Text> {
    is_here(state)?;
    state.data_row().map(|_| ()).ok_or(Text::new(
        "there are no data yet; F2 imports a file",
        "아직 데이터가 없습니다. F2로 파일을 가져오세요",
    ))
}

fn has_sound_set(state: &State) -> Result<(), Text> {
    has_row(state)?;
    match state.data_set() {
        Some(set) if set.facts.is_ok() => Ok(()),
        Some(_) => Err(Text::new(
            "these data cannot be read; import their source again",
            "읽을 수 없는 데이터입니다. 원본을 다시 가져오세요",
        )),
        None => Err(Text::new(
            "this file is not imported yet; F2 imports it",
            "아직 가져오지 않은 파일입니다. F2로 가져오세요",
        )),
    }
}

fn can_import(state: &State) -> Result<(), Text> {
    is_here(state)?;
    let idle = state.data_list.importing.is_none();
    idle.then_some(()).ok_or(Text::new(
        "an import is at work; wait until it is over",
        "가져오는 중입니다. 끝날 때까지 기다리세요",
    ))
}

fn read(state: &mut State) -> Vec<Effect> {
    let room = usize::from(state.size.0.min(PAGE_WIDTH + 4).saturating_sub(4));
    let Some(row) = state.data_row() else {
        return Vec::new();
    };
    let title = match row {
        Row::Set(set) => set.name.clone(),
        Row::File(file) => file.path.display().to_string(),
    };
    let lines = set_lines(row, state.lang, room);
    state.layers.push(Layer::Page(Page {
        title: Phrase::same(title),
        lines,
        scroll: Cursor::default(),
    }));
    Vec::new()
}

/// Goes on with the chosen file, or offers every file that there is.
fn choose_file(state: &mut State) -> Vec<Effect> {
    if let Some(Row::File(file)) = state.data_row() {
        let source = file.path.clone();
        ask_name(state, source);
        return Vec::new();
    }
    let news = &state.data_list.news;
    let chosen = state.data_set();
    let again = chosen.and_then(|set| Some((set, set.facts.as_ref().ok()?)));
    let mut items = Vec::new();
    if let Some((set, facts)) = again {
        let (name, source) = (&set.name, facts.source.path.clone());
        items.push(PickItem {
            label: Phrase::same(source.clone()),
            value: source,
            help: phrase!(
                "The source of {name}: import it again.",
                "{name}의 원본입니다. 다시 가져옵니다."
            ),
        });
    }
    items.extend(news.files.iter().map(|file| {
        let path = file.path.display().to_string();
        let size = number::bytes(file.bytes);
        PickItem {
            value: path.clone(),
            label: Phrase::same(path),
            help: match file.shipped {
                true => phrase!(
                    "Comes with makook, {size}; data/sample/README.md says where it is from.",
                    "makook과 함께 제공됩니다({size}). 출처는 data/sample/README.md에 있습니다."
                ),
                false => phrase!(
                    "Not imported yet, {size}.",
                    "아직 가져오지 않았습니다({size})."
                ),
            },
        }
    }));
    items.push(PickItem {
        value: String::new(),
        label: Phrase::new("another file", "다른 파일"),
        help: Phrase::new(
            "Type its path; CSV (also .gz) and Parquet can be read.",
            "경로를 입력합니다. CSV(.gz 포함)와 Parquet을 읽을 수 있습니다.",
        ),
    });
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("File to import", "가져올 파일"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::ImportFile,
    }));
    Vec::new()
}

/// Takes the file that was picked or typed, empty to type one.
pub fn import_file(state: &mut State, path: &str) -> Vec<Effect> {
    if !path.is_empty() {
        ask_name(state, PathBuf::from(path));
        return Vec::new();
    }
    let last = state.data_list.last.as_ref();
    let last = last.map(|order| order.source.display().to_string());
    state.layers.push(Layer::Entry(Entry {
        title: Phrase::new("File to import", "가져올 파일"),
        line: LineEdit::new(&last.unwrap_or_else(|| "data/".to_owned())),
        hint: Phrase::new(
            "a path from the project's folder, or a whole one; Tab completes",
            "프로젝트 폴더 기준 경로나 전체 경로. Tab으로 완성합니다",
        ),
        refusal: None,
        purpose: EntryFor::ImportFile,
    }));
    Vec::new()
}

/// Returns the longest beginning that all known files have in common which begin with `typed`;
/// `None` where that is nothing more.
pub fn complete_file(state: &State, typed: &str) -> Option<String> {
    let news = &state.data_list.news;
    let facts = news.sets.iter().filter_map(|set| set.facts.as_ref().ok());
    let sources = facts.map(|facts| facts.source.path.clone());
    let files = news
        .files
        .iter()
        .map(|file| file.path.display().to_string());
    let fitting = sources.chain(files).filter(|path| path.starts_with(typed));
    let shared = fitting.reduce(|a, b| {
        let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
        same.map(|(a, _)| a).collect()
    })?;
    (shared.len() > typed.len()).then_some(shared)
}

fn ask_name(state: &mut State, source: PathBuf) {
    let of_source = |set: &&DataSet| {
        let facts = set.facts.as_ref().ok();
        facts.is_some_and(|facts| Path::new(&facts.source.path) == source)
    };
    let last = state.data_list.last.as_ref();
    let last = last.filter(|order| order.source == source);
    let known = state.data_list.news.sets.iter().find(of_source);
    let name = last
        .map(|order| order.name.clone())
        .or_else(|| known.map(|set| set.name.clone()))
        .unwrap_or_else(|| slug(&source));
    state.layers.push(Layer::Entry(Entry {
        title: Phrase::new("Name of the data set", "데이터 세트 이름"),
        line: LineEdit::new(&name),
        hint: Phrase::new(
            "letters, digits, - and _; a name that is taken is replaced after a question",
            "영문자, 숫자, -, _. 이미 있는 이름이면 물어본 뒤 바꿉니다",
        ),
        refusal: None,
        purpose: EntryFor::ImportName(source),
    }));
}

/// Names a set after its file: small letters, digits and dashes.
fn slug(source: &Path) -> String {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let dashed: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    dashed.trim_matches('-').to_owned()
}

/// Says why `typed` is no name for a data set: the store and `data.set` have to take it.
pub fn refuse_set_name(typed: &str) -> Option<Refusal> {
    let key = config::find("data.set");
    if let Some(Err(refusal)) = key.map(|key| key.parse(typed)) {
        return Some(refusal);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let sound = typed.starts_with(|c: char| c.is_ascii_alphanumeric())
        && typed.len() <= 100
        && typed.chars().all(fits);
    (!sound).then(|| Refusal {
        message: Phrase::new(
            "a name has English letters, digits, -, _ and . and starts with a letter or digit",
            "이름에는 영문자, 숫자, -, _, .만 쓰고 영문자나 숫자로 시작해야 합니다",
        ),
        hint: Phrase::new("choose another name", "다른 이름을 고르세요"),
    })
}

/// Takes the name and asks for the instrument.
pub fn import_named(state: &mut State, source: PathBuf, name: String) {
    let last = state.data_list.last.as_ref();
    let last = last.filter(|order| order.source == source);
    // A set that is imported again keeps its instrument's name.
    let sets = state.data_list.news.sets.iter();
    let former = sets.filter(|set| set.name == name);
    let former = former.filter_map(|set| set.facts.as_ref().ok()).next();
    let symbol = last
        .and_then(|order| order.symbol.clone())
        .or_else(|| former.map(|facts| facts.symbol.clone()));
    state.layers.push(Layer::Entry(Entry {
        title: Phrase::new("Instrument", "종목"),
        line: LineEdit::new(&symbol.unwrap_or_default()),
        hint: Phrase::new(
            "empty if the file holds one; of a file with several the one to read, e.g. AAPL",
            "파일에 종목이 하나면 비워 둡니다. 여럿이면 읽을 종목을 적습니다. 예: AAPL",
        ),
        refusal: None,
        purpose: EntryFor::ImportSymbol(source, name),
    }));
}

/// Takes the instrument, shows what would be done and asks for it.
pub fn import_symbol(state: &mut State, source: PathBuf, name: String, symbol: &str) {
    let resolved = state.form.resolved.as_ref();
    let repairs = resolved.map(|resolved| &resolved.config.data.repair);
    let repairs = repairs.into_iter().flatten();
    let replace = state.data_list.news.sets.iter().any(|set| set.name == name);
    let order = ImportOrder {
        source,
        symbol: (!symbol.is_empty()).then(|| symbol.to_owned()),
        repairs: repairs.map(|repair| repair.name().to_owned()).collect(),
        replace,
        name,
        lang: state.lang,
    };
    let plan = Plan {
        command: order.command(),
        consequence: consequence(&order),
        effects: vec![Effect::Run(Errand::Import(order))],
        word: None,
    };
    state.layers.push(Layer::Confirm(Confirm::of(IMPORT, plan)));
}

fn consequence(order: &ImportOrder) -> Phrase {
    let name = &order.name;
    let mut says = match order.replace {
        true => phrase!(
            "{name} is replaced once the file was read without a fault that stops it; runs made with the former bars stay as they are.",
            "파일을 문제없이 읽으면 {name} 데이터를 바꿉니다. 이전 봉으로 만든 실행은 그대로입니다."
        ),
        false => phrase!(
            "The file is read, checked and stored as {name}; it stays as it is.",
            "파일을 읽고 검사해 {name}(으)로 저장합니다. 원본은 그대로 둡니다."
        ),
    };
    if order.repairs.is_empty() {
        says.en
            .push_str(" Faults stop it; data.repair on screen 2 names repairs.");
        says.ko
            .push_str(" 문제가 있으면 멈춥니다. 수정 방법은 2번 화면의 data.repair에서 정합니다.");
    } else {
        says.en
            .push_str(" Repairs are those of data.repair on screen 2.");
        says.ko
            .push_str(" 수정 방법은 2번 화면의 data.repair를 따릅니다.");
    }
    says
}

fn use_set(state: &mut State) -> Vec<Effect> {
    let Some(set) = state.data_set() else {
        return Vec::new();
    };
    let Ok(facts) = &set.facts else {
        return Vec::new();
    };
    let found = Found {
        sets: vec![
            format!("data.set={}", set.name),
            format!("data.symbol={}", facts.symbol),
            format!("data.timeframe={}", facts.timeframe),
        ],
        ..Found::default()
    };
    let effects = use_found(state, &found);
    if effects.is_empty() {
        state.say(
            Tone::Good,
            Text::new(
                "the settings name these data already",
                "이미 설정에서 쓰고 있는 데이터입니다",
            ),
        );
    }
    effects
}
