//! The action that writes the form into an experiment file.

use super::{keys, reasons};
use crate::{
    action::{Act, Action, Risk},
    better::better,
    cells,
    chord::Chord,
    cursor::Cursor,
    layer::{Confirm, Entry, EntryFor, Layer, Pick, PickFor, PickItem, Plan},
    line_edit::LineEdit,
    message::{Effect, Errand},
    saving::{Exchange, Saving, Source, Target, shown},
    state::{Change, Screen, SettingChange, State, Tone},
};
use config::{Draft, Refusal};
use domain::{Phrase, Problems, Text, phrase};
use std::path::{Path, PathBuf};

/// The action.
pub const ACTIONS: &[Action] = &[Action {
    id: "setting.save",
    title: Text::new("Save", "저장"),
    help: Text::new(
        "Write the changes made here into an experiment file, its comments kept; shows the file and every line that changes first.",
        "여기서 바꾼 값을 실험 파일에 저장합니다. 주석은 그대로 두며, 저장하기 전에 파일과 바뀌는 줄을 모두 보여 줍니다.",
    ),
    keys: &[Chord::ctrl('o'), Chord::char('w')],
    on: &[Screen::Config],
    risk: Risk::R2,
    rank: 6,
    enabled: reasons::can_save,
    act: Act::Open(choose),
}];

/// Longest name of a file that is typed.
const LONGEST: usize = 60;

/// Asks where to: the chosen experiment file, or a new one.
fn choose(state: &mut State) -> Vec<Effect> {
    let Some(file) = state.form.experiment.clone() else {
        ask_name(state);
        return Vec::new();
    };
    let name = file.strip_prefix(&state.project).unwrap_or(&file);
    let name = name.display().to_string();
    let items = vec![
        PickItem {
            value: file.to_string_lossy().into_owned(),
            label: Phrase::same(name.clone()),
            help: Phrase::new(
                "Change this file; everything else in it stays as it is.",
                "이 파일을 바꿉니다. 나머지 내용은 그대로 둡니다.",
            ),
        },
        PickItem {
            value: String::new(),
            label: Phrase::new("a new file", "새 파일"),
            help: phrase!(
                "A copy of {name} with the changes, comments and all.",
                "{name} 파일을 주석까지 복사한 뒤 바꾼 값을 넣습니다."
            ),
        },
    ];
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("Save", "저장"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::SaveTo,
    }));
    Vec::new()
}

/// Takes the place that was picked, empty for a new file.
pub fn save_to(state: &mut State, picked: &str) -> Vec<Effect> {
    if picked.is_empty() {
        ask_name(state);
        return Vec::new();
    }
    vec![drafts(state, PathBuf::from(picked), Target::Existing)]
}

fn ask_name(state: &mut State) {
    state.layers.push(Layer::Entry(Entry {
        title: Phrase::new("Name of the new file", "새 파일 이름"),
        line: LineEdit::default(),
        hint: Phrase::new(
            "e.g. wide-clip; becomes configs/wide-clip.toml",
            "예: wide-clip. configs/wide-clip.toml 파일이 됩니다",
        ),
        refusal: None,
        purpose: EntryFor::SaveAs,
    }));
}

/// Says why `typed` is no name for a new experiment file.
pub fn refuse_name(typed: &str) -> Option<Refusal> {
    let stem = typed.strip_suffix(".toml").unwrap_or(typed);
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let sound = stem.starts_with(char::is_alphanumeric)
        && stem.chars().all(fits)
        && stem.chars().count() <= LONGEST;
    let message = match stem {
        "default" => Some(phrase!(
            "default.toml holds the settings of the whole project",
            "default.toml은 프로젝트 전체의 설정입니다"
        )),
        _ if sound => None,
        _ => Some(phrase!(
            "a name has letters, digits, -, _ and . and starts with a letter or digit",
            "이름에는 글자, 숫자, -, _, .만 쓰고 글자나 숫자로 시작해야 합니다"
        )),
    };
    message.map(|message| Refusal {
        message,
        hint: Phrase::new("choose another name", "다른 이름을 고르세요"),
    })
}

/// Takes the name that was typed for a new file.
pub fn save_as(state: &mut State, typed: &str) -> Vec<Effect> {
    let stem = typed.strip_suffix(".toml").unwrap_or(typed);
    let file = state.project.join("configs").join(format!("{stem}.toml"));
    let from = state.form.experiment.clone();
    vec![drafts(state, file, Target::New { from })]
}

/// Returns the effect that works out what saving would write. A sweep is several values, of which
/// a file can hold none.
fn drafts(state: &State, file: PathBuf, target: Target) -> Effect {
    let changes = state.form.changes.iter();
    let changes = changes
        .filter(|(path, typed)| config::find(path).is_some_and(|key| !config::is_sweep(key, typed)))
        .map(|(path, typed)| (*path, typed.clone()))
        .collect();
    Effect::Run(Errand::Draft(Saving {
        file,
        target,
        changes,
        source: Source::Form,
    }))
}

/// Shows what saving would write and asks for it.
pub fn offer_save(state: &mut State, saving: Saving, outcome: Result<Box<Draft>, Problems>) {
    let draft = match outcome {
        Ok(draft) => draft,
        Err(problems) => {
            if let Some(problem) = problems.iter().next() {
                let (what, hint) = (&problem.message, &problem.hint);
                let says = Phrase::new(
                    format!("not saved: {}; {}", what.en, hint.en),
                    format!("저장하지 않았습니다. {}. {}", what.ko, hint.ko),
                );
                state.say(Tone::Bad, says);
            }
            return;
        }
    };
    let file = relative(&saving.file, &state.project);
    let consequence = match draft.created {
        _ if saving.promoted().is_some() => promoted(state, &saving, draft.created),
        _ if matches!(saving.source, Source::Keys(_)) => keys::consequence(&file),
        true => phrase!(
            "{file} is made and becomes the experiment file of the form.",
            "{file} 파일을 만들고 설정 화면의 실험 파일로 씁니다."
        ),
        false => phrase!(
            "These lines of {file} change; comments and the rest stay.",
            "{file} 파일의 다음 줄이 바뀝니다. 주석과 나머지는 그대로입니다."
        ),
    };
    let title = match saving.source {
        Source::Form => Text::new("Save", "저장"),
        Source::Run(_) => Text::new("Promote settings", "설정 채택"),
        Source::Keys(_) => keys::SAVE,
    };
    let lines = shown(&draft.changed_lines());
    let plan = Plan {
        command: saving.command(&state.project),
        consequence,
        effects: vec![Effect::Run(Errand::Save { saving, draft })],
        word: None,
    };
    let confirm = Confirm::of(title, plan);
    let lines = lines.iter().map(|line| cells::clean(line)).collect();
    // Whatever was begun meanwhile stays on top.
    state
        .layers
        .insert(0, Layer::Confirm(confirm.showing(lines)));
}

/// Says what follows from promoting a run.
fn promoted(state: &State, saving: &Saving, created: bool) -> Phrase {
    let file = relative(&saving.file, &state.project);
    let Phrase { en, ko } = match created {
        true => phrase!(
            "{file} is made with these lines and becomes the experiment file of the form.",
            "다음 내용으로 {file} 파일을 만들고 설정 화면의 실험 파일로 씁니다."
        ),
        false => phrase!(
            "These lines of {file} change, and it becomes the experiment file of the form.",
            "{file} 파일의 다음 줄을 바꾸고 설정 화면의 실험 파일로 씁니다."
        ),
    };
    // Whoever chooses by held-out time has used it: nothing later that is judged there is a test.
    let compared = state.comparison.as_ref();
    let was_judged = compared.is_some_and(|read| better(&read.comparison).is_some());
    let Phrase { en, ko } = match state.screen {
        Screen::Compare if was_judged => phrase!(
            "{en} Chosen by held-out time, it has to prove itself on time that was not looked at: what it earns there again is flattered.",
            "{ko} 시험 구간 결과를 보고 골랐으므로, 아직 보지 않은 구간에서 다시 확인해야 합니다. 같은 구간의 성적은 실제보다 좋아 보일 수 있습니다."
        ),
        _ => Phrase { en, ko },
    };
    match state.form.changes.len() {
        0 => Phrase { en, ko },
        count => phrase!(
            "{en} The form's {count} unsaved changes are laid aside; Ctrl-Z brings them back.",
            "{ko} 저장하지 않은 변경 {count}개는 치워 둡니다. Ctrl-Z로 되살립니다."
        ),
    }
}

/// Takes the saved changes off the form, whose file holds them now. Taking that back restores form
/// and file. Whoever saved has written that down.
pub fn saved(state: &mut State, saving: &Saving, draft: &Draft) -> Vec<Effect> {
    if let Source::Keys(entries) = &saving.source {
        return keys::saved(state, entries, draft);
    }
    let mut settings: Vec<SettingChange> = Vec::new();
    for (path, typed) in &saving.changes {
        // Whatever was typed meanwhile is not saved.
        if state.form.changes.get(path) == Some(typed) {
            settings.push((path, state.form.set(path, None), None));
        }
    }
    if saving.promoted().is_some() {
        // The form starts from the run now; whatever lay over the file before would change that.
        for (path, typed) in std::mem::take(&mut state.form.changes) {
            settings.push((path, Some(typed), None));
        }
    }
    let file = Some(saving.file.clone());
    let before = std::mem::replace(&mut state.form.experiment, file.clone());
    state.undone.clear();
    state.done.push(Change::Saved {
        before,
        after: file,
        settings,
        exchange: Some(Exchange::of(draft)),
    });
    let file = relative(&saving.file, &state.project);
    let says = match saving.promoted() {
        Some(_) => phrase!(
            "promoted: the next training starts from {file}",
            "채택했습니다. 다음 학습은 {file}에서 시작합니다"
        ),
        None => phrase!("saved to {file}", "{file} 파일에 저장했습니다"),
    };
    state.say(Tone::Good, says);
    vec![state.resolve_settings()]
}

/// Returns `file` as it is named within `project`.
pub(super) fn relative(file: &Path, project: &Path) -> String {
    let file = file.strip_prefix(project).unwrap_or(file);
    file.display().to_string()
}
