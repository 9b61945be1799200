//! What is in question: the chosen row of a list, once the cursor rests on it.
//!
//! An arrow moves the cursor at once. Charts, help and figures of every row that it passes would
//! cost a screen each, on the line and in files to read; so the details stay the former row's, under
//! its name, until the cursor has rested. Whatever acts on the chosen row acts on the one under the
//! cursor: every key but a movement, and every click, has the details follow first. Start at
//! [`walk`]; [`settle`] ends it.

use crate::{
    data_list::Row, data_sets::DataSet, job_list::JobName, job_news::Job, layer::Layer,
    message::Effect, run_data::RunData, screen::Screen, state::State,
};
use config::Key;
use runs::{Model, ModelId, RunId, Summary, TradeRecord};
use std::time::Duration;

/// How long the cursor stays on a row before its details follow: longer than between two
/// repetitions of a held key, which are 92 ms apart where they are slowest (a Linux console), and
/// shorter than what feels like waiting.
pub const REST: Duration = Duration::from_millis(120);

/// How long the former details stay while the files of the next run are read, so that they are
/// painted over once and not emptied before. Files of this machine are there long before.
pub const READING: Duration = Duration::from_millis(250);

/// What a row of a list is about.
#[derive(Clone, Debug, PartialEq)]
enum Subject {
    Run(RunId),
    /// The path of a setting; `None` for a heading.
    Setting(Option<&'static str>),
    /// The row and what is in it.
    Trade(usize, TradeRecord),
    Job(JobName),
    /// A set's name or a file's path.
    Data(String),
    Model(ModelId),
    /// A row of a layer's list.
    Item(Listed, usize),
}

/// A list in a layer: what it is called, and what was typed to narrow it.
type Listed = (String, String);

impl Subject {
    /// Returns what is under the cursor; `None` where there is nothing, or no list with details.
    fn under_cursor(state: &State) -> Option<Self> {
        match state.layers.last() {
            None => {}
            Some(Layer::Pick(pick)) => {
                return Some(Self::Item(
                    (pick.title.en.clone(), String::new()),
                    pick.cursor.at,
                ));
            }
            Some(layer @ (Layer::Help(finder) | Layer::Palette(finder))) => {
                let name = match layer {
                    Layer::Help(_) => "help",
                    _ => "palette",
                };
                let typed = finder.query.text().to_owned();
                return Some(Self::Item((name.to_owned(), typed), finder.cursor.at));
            }
            Some(_) => return None,
        }
        Some(match state.screen {
            Screen::Dashboard => Self::Run(state.runs.chosen.clone()?),
            Screen::Config => Self::Setting(state.form.key().map(|key| key.path)),
            Screen::Trades => {
                let at = state.trades.cursor.at;
                Self::Trade(at, *state.trades.row(at)?)
            }
            Screen::Jobs => Self::Job(state.jobs.chosen()?.name()),
            Screen::Data => Self::Data(state.data_list.chosen()?.key()),
            Screen::Models => Self::Model(state.model_list.chosen()?.id.clone()),
            Screen::Run | Screen::Performance | Screen::Logs | Screen::Compare => return None,
        })
    }

    /// Returns whether the cursor came from here to `other` by moving, where both are on one screen
    /// and below as many layers.
    fn leads_to(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Item(list, _), Self::Item(other_list, _)) => list == other_list && self != other,
            _ => self != other,
        }
    }
}

/// Whether the details follow the cursor.
#[derive(Debug, Default)]
pub struct Resting(Option<Behind>);

/// Where a list is: the screen, and how many layers are over it.
type Place = (Screen, usize);

/// Details that are still the former row's.
#[derive(Debug)]
struct Behind {
    of: Subject,
    on: Place,
    until: Duration,
    /// The cursor has rested, and the files of its run are being read.
    reading: bool,
}

impl Resting {
    /// Returns the steady time at which the details follow; `None` where they have.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.0.as_ref().map(|behind| behind.until)
    }

    /// Returns whether only the files of the chosen run are waited for.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.0.as_ref().is_some_and(|behind| behind.reading)
    }

    /// Has the details follow at once.
    pub fn catch_up(&mut self) {
        self.0 = None;
    }

    fn former(&self) -> Option<&Subject> {
        self.0.as_ref().map(|behind| &behind.of)
    }
}

/// Does what a key stands for, to the row under the cursor; where that only moved the cursor, the
/// details stay until it has rested.
pub fn walk(state: &mut State, act: impl FnOnce(&mut State) -> Vec<Effect>) -> Vec<Effect> {
    let on = place(state);
    let from = Subject::under_cursor(state);
    let former = state.resting.0.take();
    let effects = act(state);
    let to = Subject::under_cursor(state).filter(|_| place(state) == on);
    if let (Some(from), Some(to)) = (from, to)
        && from.leads_to(&to)
    {
        let of = former.map_or(from, |behind| behind.of);
        state.resting.0 = (of != to).then(|| Behind {
            of,
            on,
            until: state.now + REST,
            reading: false,
        });
    }
    effects
}

/// Has the details follow where the cursor has rested or something else is looked at; those of a
/// run follow once its files are read.
pub fn settle(state: &mut State) {
    let Some(behind) = &state.resting.0 else {
        return;
    };
    let elsewhere = behind.on != place(state);
    if !elsewhere && state.now < behind.until {
        return;
    }
    let is_read = |run: &Summary| state.watched.as_ref() == Some(&run.id);
    let reads = !elsewhere && !behind.reading && !state.run_of(None).is_none_or(is_read);
    let until = state.now + READING;
    state.resting.0 = state
        .resting
        .0
        .take()
        .filter(|_| reads)
        .map(|behind| Behind {
            until,
            reading: true,
            ..behind
        });
}

fn place(state: &State) -> Place {
    (state.screen, state.layers.len())
}

/// What the screen and its actions are about.
impl State {
    /// Returns the run in question: the chosen one, and on the screen of jobs the job's.
    #[must_use]
    pub fn run(&self) -> Option<&Summary> {
        self.run_of(self.resting.former())
    }

    /// Returns the run whose files are to be followed: the one in question, or the next.
    #[must_use]
    pub fn run_to_read(&self) -> Option<&Summary> {
        let reading = self.resting.is_reading();
        self.run_of(self.resting.former().filter(|_| !reading))
    }

    /// Returns the data of the run in question, once they are here.
    #[must_use]
    pub fn data(&self) -> Option<&RunData> {
        let run = self.run().map(|run| &run.id);
        self.data.as_deref().filter(|data| Some(&data.run) == run)
    }

    /// Returns the setting in question; `None` for a heading.
    #[must_use]
    pub fn key(&self) -> Option<&'static Key> {
        match self.resting.former() {
            Some(Subject::Setting(path)) => config::find((*path)?),
            _ => self.form.key(),
        }
    }

    /// Returns the row of the round trip in question.
    #[must_use]
    pub fn trade(&self) -> usize {
        match self.resting.former() {
            Some(Subject::Trade(at, trade)) if self.trades.row(*at) == Some(trade) => *at,
            _ => self.trades.cursor.at,
        }
    }

    /// Returns the job in question.
    #[must_use]
    pub fn job(&self) -> Option<&Job> {
        self.job_of(self.resting.former())
    }

    /// Returns the jobs that an action is about: the marked ones, else the one in question.
    #[must_use]
    pub fn jobs_meant(&self) -> Vec<&Job> {
        match self.jobs.marked.is_empty() {
            true => self.job().into_iter().collect(),
            false => self.jobs.marked(),
        }
    }

    /// Returns the row of market data in question.
    #[must_use]
    pub fn data_row(&self) -> Option<Row<'_>> {
        let former = match self.resting.former() {
            Some(Subject::Data(key)) => self.data_list.find(key),
            _ => None,
        };
        former.or_else(|| self.data_list.chosen())
    }

    /// Returns the data set in question.
    #[must_use]
    pub fn data_set(&self) -> Option<&DataSet> {
        match self.data_row()? {
            Row::Set(set) => Some(set),
            Row::File(_) => None,
        }
    }

    /// Returns the model in question.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        let former = match self.resting.former() {
            Some(Subject::Model(id)) => self.model_list.find(id),
            _ => None,
        };
        former.or_else(|| self.model_list.chosen())
    }

    /// Returns which row of the topmost layer's list is in question; the cursor is on row `at`.
    #[must_use]
    pub fn item(&self, at: usize) -> usize {
        match self.resting.former() {
            Some(Subject::Item(_, former)) => *former,
            _ => at,
        }
    }

    fn run_of(&self, former: Option<&Subject>) -> Option<&Summary> {
        let former = match (self.screen, former) {
            (Screen::Jobs, _) => {
                let run = self.job_of(former)?.row.view.run.as_ref()?;
                return self.runs.find(run);
            }
            (_, Some(Subject::Run(id))) => self.runs.find(id),
            _ => None,
        };
        former.or_else(|| self.runs.chosen())
    }

    fn job_of(&self, former: Option<&Subject>) -> Option<&Job> {
        let former = match former {
            Some(Subject::Job(name)) => self.jobs.find(name),
            _ => None,
        };
        former.or_else(|| self.jobs.chosen())
    }
}
