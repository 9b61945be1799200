//! A console at work without a terminal of its own: effects are carried out on real files, a
//! foreman makes real runs, and what a terminal shows is read back after every frame.
//!
//! Start at [`Works`].

use super::{
    Place, SETTINGS, answers, drawn_with,
    fakes::{destinations, preview},
    shipped, train_seed,
};
use crate::{
    canvas::Canvas,
    caps::{Caps, Depth, Glyphs},
    cells,
    chord::Chord,
    diary::Diary,
    hands::{Destination, Foreman, Order},
    layer::Layer,
    message::{Assignment, Effect, Errand, Message},
    office::Office,
    run_files::RunFiles,
    state::State,
    update::update,
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, ManualClock, Nanos, Phrase, StreamRng};
use jobs::{End, JobId, JobRow, Listing, Phase, Preview, Signal, Source};
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use runs::{Home, Kind, NewRun, Outcome, Roster, RunDir, RunId, Segment, Success};
use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

/// Runs that the foreman makes at most; more would only be slow.
const MOST_RUNS: usize = 24;

/// What a foreman has made so far.
struct Site {
    home: Home,
    clock: ManualClock,
    rng: StreamRng,
    jobs: Vec<JobRow>,
}

impl Site {
    /// Makes a run that waits, or one that is through already.
    fn train(&mut self, order: &Order) -> Result<Vec<RunId>, Phrase> {
        let place = order.on.as_deref().unwrap_or("local");
        if place == "closed" || self.jobs.len() >= MOST_RUNS {
            return Err(Phrase::new(
                "no room\nend a job",
                "자리 없음\n작업을 끝내세요",
            ));
        }
        let number = self.jobs.len();
        let name = format!("made {number}");
        let new = NewRun {
            name: &name,
            kind: Kind::Train,
            parent: order.parent.as_ref(),
            settings: SETTINGS,
            version: "0.1.0",
        };
        self.clock.advance(Duration::from_secs(1));
        let run = RunDir::create(&self.home, &new, &self.clock, &mut self.rng).unwrap();
        let mut row = super::fakes::job(&format!("{}", 300 + number), Some(run.id()), &name);
        row.profile = place.to_owned();
        if number.is_multiple_of(3) {
            row.view.phase = Phase::Queued;
        } else {
            let segment = Segment::begin(&run, None, &self.clock).unwrap();
            train_seed(&segment, 1, 12);
            let success = Success {
                at: self.clock.now(),
                verdict: None,
                metrics: BTreeMap::new(),
            };
            let done = Outcome::Done(success);
            segment.finish(&done, &self.clock).unwrap();
            row.view.phase = Phase::Ended {
                end: End::Completed,
            };
        }
        self.jobs.push(row);
        Ok(vec![run.id().clone()])
    }

    fn end(&mut self, id: &JobId) -> Result<(), Phrase> {
        let found = self.jobs.iter_mut().find(|job| job.view.id == *id);
        let job = found.ok_or(Phrase::new("no such job", "그런 작업이 없습니다"))?;
        job.view.phase = Phase::Ended {
            end: End::Cancelled,
        };
        Ok(())
    }
}

/// A foreman who makes runs, by his site.
struct Builder(Arc<Mutex<Site>>);

impl Foreman for Builder {
    fn list(&mut self) -> Result<Listing, Phrase> {
        let site = self.0.lock().unwrap();
        let source = Source {
            profile: "klone".into(),
            seen_at: site.clock.now(),
            problems: Vec::new(),
        };
        Ok(Listing {
            jobs: site.jobs.clone(),
            sources: vec![source],
        })
    }

    fn destinations(&mut self) -> Vec<Destination> {
        let mut all = destinations();
        all.push(Destination {
            profile: "closed".into(),
            about: Phrase::new("refuses everything", "모두 거절합니다"),
        });
        all
    }

    fn preview(&mut self, order: &Order) -> Result<Preview, Phrase> {
        match order.on.as_deref() {
            Some("klone" | "closed") => Ok(preview()),
            Some("local") => Ok(Preview {
                script: None,
                ..preview()
            }),
            _ => Err(Phrase::new("no\nsuch place", "그런\n곳이 없습니다")),
        }
    }

    fn train(&mut self, order: &Order) -> Result<Vec<RunId>, Phrase> {
        self.0.lock().unwrap().train(order)
    }

    fn resume(&mut self, _: &RunId) -> Result<(), Phrase> {
        Ok(())
    }

    fn signal(&mut self, _: &str, job: &JobId, signal: Signal) -> Result<(), Phrase> {
        match signal {
            Signal::Stop | Signal::Kill => self.0.lock().unwrap().end(job),
            Signal::Requeue => Ok(()),
        }
    }

    fn throttle(&mut self, _: &str, _: &JobId, _: u32) -> Result<(), Phrase> {
        Ok(())
    }
}

/// A console at work.
pub(super) struct Works {
    /// Its home and project.
    pub place: Place,
    /// What it knows.
    pub state: State,
    site: Arc<Mutex<Site>>,
    canvas: Canvas,
    terminal: vt100::Parser,
    /// Bytes that the terminal was sent.
    pub sent: usize,
}

impl Works {
    /// Opens a console of `lang` and `size` on `place`, whose project gets the shipped configs.
    pub fn open(place: Place, lang: Lang, size: (u16, u16)) -> Self {
        let project = place.home.root().parent().unwrap().to_owned();
        copy(&shipped(), &project.join("configs"));
        let mine = "# 내 실험\n[agent]\nclip_range = 0.2  # was 0.3\n\n[train]\nseeds = [1]\n";
        fs::write(project.join("configs/mine.toml"), mine).unwrap();
        let site = Site {
            home: place.home.clone(),
            clock: ManualClock::at(Nanos::from_millis(1_706_745_700_000)),
            rng: StreamRng::seeded(99),
            jobs: Vec::new(),
        };
        let state = State::new(&project, lang, size, None);
        let mut works = Self {
            place,
            state,
            site: Arc::new(Mutex::new(site)),
            canvas: Canvas::default(),
            terminal: terminal(size),
            sent: 0,
        };
        let opening = works.state.opening();
        works.carry_out(opening.into_iter().chain([Effect::Refresh]).collect());
        works
    }

    /// Has every job begin that waits.
    pub fn begin_jobs(&self) {
        let mut site = self.site.lock().unwrap();
        let waits = |job: &&mut JobRow| job.view.phase == Phase::Queued;
        let waiting = site.jobs.iter_mut().filter(waits);
        waiting.for_each(|job| job.view.phase = Phase::Running);
    }

    /// Returns the phases of all jobs, in the order in which they were sent.
    pub fn phases(&self) -> Vec<Phase> {
        let site = self.site.lock().unwrap();
        site.jobs.iter().map(|job| job.view.phase).collect()
    }

    /// Presses `keys`, each followed by everything that follows from it, then lets the cursor rest.
    pub fn press(&mut self, keys: &[Chord]) {
        for key in keys {
            self.tell(Message::Press(*key));
        }
        self.rest();
    }

    /// Lets the cursor rest until the details have followed.
    pub fn rest(&mut self) {
        while let Some(due) = self.state.resting.due() {
            let effects = update(&mut self.state, Message::Tick, due);
            self.carry_out(effects);
        }
    }

    /// Tells `message` and does everything that follows from it.
    pub fn tell(&mut self, message: Message) {
        let effects = self.place.tell(&mut self.state, message);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut waiting: VecDeque<Effect> = effects.into();
        let resolves =
            |effect: &Effect| matches!(effect, Effect::Run(Errand::Settings { did: None, .. }));
        while let Some(effect) = waiting.pop_front() {
            let heard = match effect {
                // Logs are read by a thread of their own; a terminal has neither mouse nor clipboard.
                Effect::Log(_) | Effect::Mouse(_) | Effect::Copy(_) => Vec::new(),
                Effect::Quit | Effect::Watch(None) => Vec::new(),
                Effect::Repaint => {
                    self.canvas.forget();
                    Vec::new()
                }
                Effect::Watch(Some((_, path))) => read(&path).into_iter().collect(),
                Effect::Overlay(runs) => runs.iter().filter_map(|(_, path)| read(path)).collect(),
                Effect::Refresh => self.look_around(),
                // A later one says the same and more.
                effect if resolves(&effect) && waiting.iter().any(resolves) => Vec::new(),
                Effect::Run(errand) => answers(&self.place, vec![errand]),
                Effect::Assign(assignment) => self.ask(assignment),
            };
            for message in heard {
                waiting.extend(self.place.tell(&mut self.state, message));
            }
        }
    }

    fn look_around(&mut self) -> Vec<Message> {
        let mut roster = Roster::new(self.place.home.clone());
        let runs = roster.refresh(&self.place.clock);
        let mut heard = vec![Message::Roster(runs.map_err(|error| error.says()))];
        heard.extend(self.state.run().and_then(|run| read(&run.path)));
        heard.extend(self.ask(Assignment::Look));
        heard
    }

    /// Has the office do one thing.
    fn ask(&self, assignment: Assignment) -> Vec<Message> {
        let (out, inbox) = mpsc::channel();
        let (send, received) = mpsc::channel();
        let clock = Arc::new(ManualClock::at(self.place.clock.now()));
        let office = Office {
            foreman: Box::new(Builder(Arc::clone(&self.site))),
            diary: Diary::of(self.place.home.root(), &BTreeMap::new(), clock.clone()),
            clock,
            pulse: Arc::default(),
            out,
        };
        send.send(assignment).unwrap();
        drop(send);
        office.run(&received);
        inbox.into_iter().collect()
    }

    /// Goes through whatever lies over the screen until it is done: picks the second of a list,
    /// steps a value, types what is asked for.
    pub fn proceed(&mut self) {
        const ENTER: Chord = Chord::key(KeyCode::Enter);
        for _ in 0..12 {
            let keys = match self.state.layers.last() {
                None => return,
                Some(Layer::Confirm(confirm)) => {
                    let word = confirm.plan.word.clone().unwrap_or_default();
                    let mut keys = super::typed(&word);
                    keys.extend([Chord::key(KeyCode::Right), ENTER]);
                    keys
                }
                Some(Layer::Pick(_)) => vec![Chord::key(KeyCode::Down), ENTER],
                Some(Layer::Entry(entry)) if entry.line.text().is_empty() => {
                    let mut keys = super::typed("named");
                    keys.push(ENTER);
                    keys
                }
                Some(Layer::Entry(_)) => vec![Chord::key(KeyCode::Up), ENTER],
                Some(Layer::Launch(launch)) => {
                    let count = launch.count().to_string();
                    let mut keys = match launch.stage {
                        crate::launch::Stage::Count => super::typed(&count),
                        _ => Vec::new(),
                    };
                    keys.push(ENTER);
                    keys
                }
                Some(_) => vec![ENTER],
            };
            self.press(&keys);
        }
    }

    /// Closes everything that lies over the screen.
    pub fn close(&mut self) {
        for _ in 0..64 {
            if self.state.layers.is_empty() {
                return;
            }
            self.press(&[Chord::key(KeyCode::Esc)]);
        }
        panic!("Esc leads nowhere: {:?}", self.state.layers);
    }

    /// Draws, and compares what a terminal shows with what was drawn.
    pub fn draw(&mut self) {
        let caps = Caps {
            depth: Depth::Indexed,
            glyphs: Glyphs::Unicode,
        };
        let size = self.state.size;
        if self.terminal.screen().size() != (size.1.try_into().unwrap(), size.0.try_into().unwrap())
        {
            self.terminal = terminal(size);
        }
        let (buffer, caret) = drawn_with(&self.state, caps);
        let mut bytes = Vec::new();
        self.canvas.show(&mut bytes, buffer.clone(), caret).unwrap();
        self.sent += bytes.len();
        self.terminal.process(&bytes);
        let screen = self.terminal.screen();
        if let Some(difference) = difference(&buffer, screen) {
            panic!(
                "{difference}\nin {:?}\n{}",
                self.state.size,
                screen.contents()
            );
        }
        assert_eq!(screen.hide_cursor(), caret.is_none());
        if let Some((x, y)) = caret {
            assert_eq!(screen.cursor_position(), (y, x));
        }
    }

    /// Returns every file of the project's configs with its bytes.
    pub fn configs(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(&self.state.project.join("configs"), &mut found);
        found
    }

    /// Returns the journal's lines.
    pub fn journal(&self) -> Vec<String> {
        let path = self.place.home.root().join("console.jsonl");
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn terminal((columns, rows): (u16, u16)) -> vt100::Parser {
    vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0)
}

fn read(path: &Path) -> Option<Message> {
    let run = RunDir::open_path(path).ok()?;
    let data = RunFiles::new(run).poll()?;
    Some(Message::Run(Arc::new(data)))
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}

/// Returns the first cell that `screen` shows otherwise than `buffer` has it.
pub(super) fn difference(buffer: &Buffer, screen: &vt100::Screen) -> Option<String> {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let drawn = &buffer[(x, y)];
            let seen = screen.cell(y, x)?;
            let (text, shown) = (text_of(drawn.symbol()), text_of(seen.contents()));
            let looks = [style_of(drawn), look_of(seen)].map(|look| visible(text, look));
            if text != shown || looks[0] != looks[1] {
                return Some(format!(
                    "column {x}, row {y}: drawn {drawn:?}, shown {seen:?}"
                ));
            }
            x += u16::try_from(cells::width(drawn.symbol()).max(1)).unwrap();
        }
    }
    None
}

fn text_of(symbol: &str) -> &str {
    if symbol.is_empty() { " " } else { symbol }
}

/// Returns what of `look` can be seen: a blank has no ink unless it is in reverse.
fn visible(text: &str, look: Look) -> Look {
    let (_, back, [.., reversed]) = look;
    match text {
        " " if !reversed => (vt100::Color::Default, back, [false; 3]),
        _ => look,
    }
}

type Look = (vt100::Color, vt100::Color, [bool; 3]);

fn style_of(cell: &Cell) -> Look {
    let colour = |colour: Color| match colour {
        Color::Reset => vt100::Color::Default,
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        other => panic!("{other:?} is no colour of 256"),
    };
    let has = |modifier| cell.modifier.contains(modifier);
    let modifiers = [Modifier::BOLD, Modifier::DIM, Modifier::REVERSED];
    (colour(cell.fg), colour(cell.bg), modifiers.map(has))
}

fn look_of(cell: &vt100::Cell) -> Look {
    let modifiers = [cell.bold(), cell.dim(), cell.inverse()];
    (cell.fgcolor(), cell.bgcolor(), modifiers)
}

#[test]
fn a_terminal_that_shows_something_else_is_noticed() {
    let mut works = Works::open(super::scenes::place(), Lang::Ko, (80, 24));
    works.draw();
    let caps = Caps {
        depth: Depth::Indexed,
        glyphs: Glyphs::Unicode,
    };
    let (buffer, _) = drawn_with(&works.state, caps);
    assert_eq!(difference(&buffer, works.terminal.screen()), None);
    for bytes in ["\x1b[5;5HX", "\x1b[1;1H\x1b[31mm", "\x1b[2J", "\x1b[3;1H학"] {
        let mut other = terminal((80, 24));
        other.process(works.terminal.screen().contents_formatted().as_bytes());
        assert_eq!(difference(&buffer, other.screen()), None);
        other.process(bytes.as_bytes());
        assert!(difference(&buffer, other.screen()).is_some(), "{bytes:?}");
    }
}
