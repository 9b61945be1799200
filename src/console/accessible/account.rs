//! What there is to tell of a state, and what of it is news.
//!
//! Pure: [`Account::of`] words a state, [`Account::news`] compares two. Figures that move all the
//! time are told at sensible steps, so that a quiet training is quiet.

use super::layers;
use crate::{
    cells,
    form::Row,
    number, practice,
    state::{Screen, State, Tone},
    view, words,
};
use config::Key;
use domain::{Lang, Phrase, Text, phrase};
use runs::Summary;

/// Runs that are told of: those at work, and this many of the newest.
const NEWEST: usize = 10;

/// One thing to tell, known by a name that stays the same while it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    name: String,
    says: Vec<Phrase>,
}

/// Everything there is to tell of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account(Vec<Part>);

impl Account {
    /// Words `state`.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let mut account = Self::default();
        account.runs(state);
        account.alerts(state);
        account.changes(state);
        let screen = phrase_of(words::SCREEN, state.screen.title());
        account.add(format!("screen {}", state.screen.word()), [screen]);
        if let Some(toast) = &state.toast {
            let says = match toast.tone {
                Tone::Good => toast.says.clone(),
                Tone::Bad => joined(words::ATTENTION.into(), &toast.says),
            };
            account.add(format!("said {:?}", toast.until), [says]);
        }
        if let Some(action) = state.lesson {
            let lesson = |lang| practice::lesson(action, lang, usize::MAX);
            let says = Phrase::new(lesson(Lang::En), lesson(Lang::Ko));
            account.add("lesson".to_owned(), [says]);
        }
        match state.layers.last() {
            Some(layer) => {
                let name = format!("layer {}", state.layers.len());
                account.add(name, layers::lines(state, layer));
            }
            None => account.add("chosen".to_owned(), chosen(state)),
        }
        if let Some(dialogue) = &state.dialogue {
            let name = format!("answer {}", dialogue.count);
            account.add(name, dialogue.answer.iter().cloned());
        }
        account
    }

    /// Returns what is new since `former`, one line each, safe to write anywhere.
    #[must_use]
    pub fn news(&self, former: &Self, lang: Lang) -> Vec<String> {
        let differs = |part: &&Part| !former.0.contains(part);
        let new = self.0.iter().filter(differs);
        new.flat_map(|part| &part.says)
            .map(|says| cells::clean(says.get(lang)))
            .filter(|line| !line.trim().is_empty())
            .collect()
    }

    fn add(&mut self, name: String, says: impl IntoIterator<Item = Phrase>) {
        let says = says.into_iter().collect();
        self.0.push(Part { name, says });
    }

    fn runs(&mut self, state: &State) {
        let runs = &state.runs;
        if !runs.loaded {
            self.add("runs".to_owned(), [words::LOADING.into()]);
        } else if runs.all.is_empty() {
            let says = Phrase::new(
                "no runs yet; type `start training`",
                "아직 실행이 없습니다. `학습 시작`을 입력하세요",
            );
            self.add("runs".to_owned(), [says]);
        } else {
            let count = runs.all.len();
            let says = phrase!("{count} runs", "실행 {count}개");
            self.add("runs".to_owned(), [says]);
        }
        if let Some(problem) = &runs.problem {
            let says = joined(words::ATTENTION.into(), problem);
            self.add("roster".to_owned(), [says]);
        }
        for (at, summary) in runs.all.iter().enumerate() {
            if at < NEWEST || summary.state.is_active() {
                self.add(format!("run {}", summary.id), [run(summary)]);
            }
        }
    }

    /// What a person should look at: the line, the jobs, the settings, the health of the training.
    fn alerts(&mut self, state: &State) {
        let line = state.line.as_ref().and_then(|line| line.trouble.as_ref());
        if let Some(trouble) = line {
            let says = joined(words::ATTENTION.into(), &trouble.why);
            self.add("line".to_owned(), [says]);
        }
        for (job, _) in state.jobs.rows(0..state.jobs.count()) {
            for (badge, says) in view::alarms() {
                if job.row.badges.contains(&badge) {
                    let title = Phrase::same(job.row.title.clone());
                    let name = format!("badge {:?} {badge:?}", job.name());
                    self.add(name, [joined(title, &says.into())]);
                }
            }
        }
        for problem in state.form.problems.iter() {
            let (what, hint) = (&problem.message, &problem.hint);
            let says = Phrase::new(
                format!("settings: {}; {}", what.en, hint.en),
                format!("설정: {}. {}", what.ko, hint.ko),
            );
            self.add(format!("problem {}", problem.message.en), [says]);
        }
        if let Some(data) = state.data() {
            for finding in &data.findings {
                let says = joined(words::HINTS.into(), &finding.says.into());
                self.add(format!("health {} {}", data.run, finding.rule), [says]);
            }
        }
    }

    fn changes(&mut self, state: &State) {
        for (path, typed) in &state.form.changes {
            if let Some(key) = config::find(path) {
                let Text { en, ko } = key.label;
                let says = phrase!("{en} is now {typed}", "{ko} 값: {typed}");
                self.add(format!("set {path}"), [says]);
            }
        }
        let count = state.form.changes.len();
        if count > 0 {
            let says = phrase!(
                "{count} settings changed here",
                "여기서 바꾼 설정 {count}개"
            );
            self.add("sets".to_owned(), [says]);
        }
    }
}

/// Words a run: its state, its progress in tens of percent, what came of it.
pub(super) fn run(run: &Summary) -> Phrase {
    let word = |lang: Lang| {
        let mut says = format!("{}: {}", run.name, run.state.label().get(lang));
        let progress = run.progress.filter(|_| run.state.is_active());
        if let Some(progress) = progress {
            let tens = (progress.clamp(0.0, 1.0) * 10.0).floor() * 10.0;
            says.push_str(&format!(", {tens:.0}%"));
        }
        if let Some(verdict) = &run.verdict {
            let word = view::verdict_word(lang, &verdict.word);
            says.push_str(&format!(", {word}"));
        }
        says
    };
    Phrase::new(word(Lang::En), word(Lang::Ko))
}

/// Words a setting of the form.
pub(super) fn setting(state: &State, key: &Key) -> Phrase {
    let value = state.form.shown(key);
    let word = |lang: Lang| {
        let (label, unit) = (key.label.get(lang), key.unit.get(lang));
        format!("{label} ({}): {value} {unit}", key.path)
    };
    Phrase::new(word(Lang::En), word(Lang::Ko))
}

/// Returns the rows of the screen, where it is a list.
pub(super) fn rows(state: &State) -> Option<Vec<Phrase>> {
    match state.screen {
        Screen::Dashboard => Some(state.runs.shown().into_iter().map(run).collect()),
        Screen::Config => {
            let row = |row: &Row| match row {
                Row::Heading(section) => section.label.into(),
                Row::Field(key) => setting(state, key),
            };
            Some(state.form.rows().iter().map(row).collect())
        }
        Screen::Jobs => {
            let rows = state.jobs.rows(0..state.jobs.count());
            Some(
                rows.map(|(job, _)| Phrase::same(job.row.title.clone()))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// Words what is chosen on the screen.
fn chosen(state: &State) -> Vec<Phrase> {
    let says = match state.screen {
        Screen::Config => match state.form.key() {
            Some(key) => setting(state, key),
            None => return Vec::new(),
        },
        Screen::Jobs => match state.jobs.chosen() {
            Some(job) => Phrase::same(job.row.title.clone()),
            None => return Vec::new(),
        },
        Screen::Compare => {
            let read = state.comparison.as_ref();
            let better = read.and_then(|read| crate::better::better(&read.comparison));
            return better.into_iter().map(|better| better.says).collect();
        }
        _ => match &state.runs.chosen {
            Some(run) => Phrase::same(run.to_string()),
            None => return Vec::new(),
        },
    };
    let marked = state.runs.marked.len();
    let chosen = joined(words::CHOSEN.into(), &says);
    if state.screen == Screen::Dashboard && marked > 0 {
        return vec![chosen, phrase!("{marked} marked", "{marked}개 표시됨")];
    }
    vec![chosen]
}

/// Words the newest figures of the run in question.
pub(super) fn figures(state: &State) -> Vec<Phrase> {
    let Some(run) = state.run() else {
        return Vec::new();
    };
    let figure =
        |(key, value): (&String, &f64)| Phrase::same(format!("{key}: {}", number::figure(*value)));
    run.last.iter().map(figure).collect()
}

pub(super) fn joined(first: Phrase, second: &Phrase) -> Phrase {
    let Phrase { mut en, mut ko } = first;
    en.push_str(&format!(": {}", second.en));
    ko.push_str(&format!(": {}", second.ko));
    Phrase { en, ko }
}

fn phrase_of(first: Text, second: Text) -> Phrase {
    joined(first.into(), &second.into())
}
