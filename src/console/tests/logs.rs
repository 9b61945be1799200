//! The screen of logs: what its keys ask for, and what the thread that reads makes of real files.

use super::{Place, fakes::log_page, key, screen, typed};
use crate::{
    caps::Glyphs,
    chord::Chord,
    layer::Layer,
    log_news::{Held, LogFile, LogMiss, LogNews, LogPlace, LogRequest, LogSearch, Look, Wanted},
    log_pane::Source,
    log_reader::{LogReader, LogTask},
    message::{Effect, Message},
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, SystemClock};
use logbook::{Case, Direction, Levels, Moment, Outcome, Step};
use rstest::rstest;
use std::{
    cell::RefCell,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

/// A console on the screen of logs, with a page of the newest run.
fn opened(place: &mut Place) -> State {
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    place.press(&mut state, &[Chord::char('0')]);
    let page = log_page(&state);
    place.tell(&mut state, Message::Log(page));
    state
}

/// What a key asks of the reader.
fn asked(effects: Vec<Effect>) -> Vec<LogRequest> {
    let request = |effect| match effect {
        Effect::Log(request) => Some(request),
        _ => None,
    };
    effects.into_iter().filter_map(request).collect()
}

#[rstest]
#[case(key(KeyCode::Up), LogRequest::Step(Step::Up))]
#[case(key(KeyCode::Home), LogRequest::Step(Step::First))]
#[case(key(KeyCode::End), LogRequest::Step(Step::End))]
#[case(Chord::f(2), LogRequest::ToggleFollow)]
#[case(Chord::f(3), LogRequest::Find(Wanted::Problem, Direction::Forward))]
#[case(
    Chord::shift(KeyCode::F(3)),
    LogRequest::Find(Wanted::Problem, Direction::Backward)
)]
#[case(
    Chord::ctrl('u'),
    LogRequest::Find(Wanted::Problem, Direction::Backward)
)]
#[case(
    Chord::char('.'),
    LogRequest::Find(Wanted::Problem, Direction::Forward)
)]
#[case(
    Chord::char(','),
    LogRequest::Find(Wanted::Problem, Direction::Backward)
)]
fn a_key_asks_the_reader(#[case] pressed: Chord, #[case] request: LogRequest) {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    let effects = place.press(&mut state, &[pressed]);
    assert_eq!(asked(effects), [request]);
}

#[test]
fn nothing_is_read_while_no_log_is_on_screen() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    for screen in ['1', '2', '3', '4', '5', '7'] {
        let effects = place.press(&mut state, &[Chord::char(screen)]);
        assert_eq!(asked(effects), []);
    }
    let effects = place.press(&mut state, &[Chord::char('0')]);
    let path = state.run().unwrap().path.clone();
    let look = Look {
        place: LogPlace::Run { path, file: None },
        rows: 26,
        columns: 98,
        shift: 0,
        levels: Levels::All,
    };
    assert_eq!(asked(effects), [LogRequest::Look(Some(look))]);
    let effects = place.press(&mut state, &[Chord::char('1')]);
    assert_eq!(asked(effects), [LogRequest::Look(None)]);
}

#[test]
fn levels_width_and_shift_are_asked_for_as_they_change() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    let look = |effects| match &asked(effects)[..] {
        [LogRequest::Look(Some(look))] => look.clone(),
        other => panic!("{other:?}"),
    };
    let errors = place.press(&mut state, &[Chord::ctrl('e')]);
    assert_eq!(look(errors).levels, Levels::Warnings);
    let shifted = place.press(&mut state, &[key(KeyCode::Right)]);
    assert_eq!(look(shifted).shift, 20);
    let narrow = place.tell(&mut state, Message::Resize(80, 24));
    assert_eq!(look(narrow).columns, 78);
    // Esc shows all lines again before it goes anywhere.
    let all = place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!(look(all).levels, Levels::All);
    assert_eq!(state.screen, Screen::Logs);
}

#[rstest]
#[case("14:30", LogRequest::GoToMoment(Moment::At([14, 30, 0])))]
#[case("2024-01-31", LogRequest::GoToMoment(Moment::On([2024, 1, 31, 0, 0, 0])))]
#[case("3", LogRequest::GoToNumber(3))]
#[case("50%", LogRequest::Go(461_000))]
fn a_typed_place_is_gone_to(#[case] text: &str, #[case] request: LogRequest) {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    place.press(&mut state, &[Chord::ctrl('g')]);
    place.press(&mut state, &typed(text));
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(asked(effects), [request]);
    assert!(state.layers.is_empty());
}

#[rstest]
#[case("noon")]
#[case("0")]
#[case("101%")]
#[case("")]
fn what_is_no_place_is_refused(#[case] text: &str) {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    place.press(&mut state, &[Chord::ctrl('g')]);
    place.press(&mut state, &typed(text));
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(asked(effects), []);
    let refused = matches!(state.layers.last(), Some(Layer::Entry(e)) if e.refusal.is_some());
    assert!(refused, "{:?}", state.layers);
}

#[test]
fn a_text_is_looked_for_and_esc_stops_looking() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    place.press(&mut state, &[Chord::ctrl('x'), Chord::ctrl('f')]);
    place.press(&mut state, &typed("Gap"));
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let wanted = Wanted::Text("Gap".into(), Case::Exact);
    assert_eq!(
        asked(effects),
        [LogRequest::Find(wanted, Direction::Forward)]
    );
    let left = Duration::from_secs(3);
    let running = LogSearch::Running { percent: 12, left };
    place.tell(&mut state, Message::LogSearch(running));
    assert!(screen(&state, Glyphs::Unicode).contains("12%"));
    let effects = place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!(asked(effects), [LogRequest::Cancel]);
    assert_eq!(state.screen, Screen::Logs);
    place.tell(
        &mut state,
        Message::LogSearch(LogSearch::Ended(Outcome::Nowhere)),
    );
    assert!(
        state
            .toast
            .as_ref()
            .unwrap()
            .says
            .en
            .contains("no such line")
    );
    place.tell(&mut state, Message::LogMissed(LogMiss::Moment));
    assert!(state.toast.unwrap().says.en.contains("time"));
}

#[test]
fn marks_are_set_and_walked() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    assert_eq!(asked(place.press(&mut state, &[Chord::char(']')])), []);
    // What is marked stays in sight.
    let effects = place.press(&mut state, &[Chord::char(' ')]);
    assert_eq!(asked(effects), [LogRequest::ToggleFollow]);
    let effects = place.press(&mut state, &[Chord::char('[')]);
    assert_eq!(asked(effects), [LogRequest::Go(150)]);
    assert!(
        screen(&state, Glyphs::Ascii)
            .lines()
            .any(|line| line.starts_with(" *[12"))
    );
}

#[test]
fn another_log_is_picked_from_a_list() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    let run = state.run().unwrap().path.clone();
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(asked(effects), [LogRequest::List(run.clone())]);
    let files = vec![LogFile {
        name: "worker.out".into(),
        length: 3,
    }];
    let listed = || Message::LogFiles {
        run: run.clone(),
        files: files.clone(),
    };
    place.tell(&mut state, listed());
    let effects = place.press(&mut state, &[key(KeyCode::Down), key(KeyCode::Enter)]);
    assert_eq!(state.log.source, Source::Named("worker.out".into()));
    assert!(matches!(&asked(effects)[..], [LogRequest::Look(Some(_))]));
    place.tell(&mut state, listed());
    let effects = place.press(&mut state, &[key(KeyCode::End), key(KeyCode::Enter)]);
    assert!(matches!(
        &asked(effects)[..],
        [LogRequest::Look(Some(Look {
            place: LogPlace::Own,
            ..
        }))]
    ));
}

/// A reader at work.
struct Reading {
    tasks: Sender<LogTask>,
    heard: Receiver<Message>,
    /// The latest page.
    last: RefCell<LogNews>,
    thread: JoinHandle<()>,
    log: PathBuf,
    _dir: tempfile::TempDir,
}

impl Reading {
    /// Reads the first log of a run, five lines of forty cells.
    fn of(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        let log = runs::Layout::new(&run).log(1);
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        fs::write(&log, text).unwrap();
        let (tasks, inbox) = mpsc::channel();
        let (out, heard) = mpsc::channel();
        let reader = LogReader {
            own: dir.path().join("console"),
            clock: Arc::new(SystemClock::new()) as Arc<dyn Clock>,
            refresh: Duration::from_millis(5),
            tasks: tasks.clone(),
            out,
        };
        let thread = std::thread::spawn(move || reader.run(&inbox).unwrap());
        let reading = Self {
            tasks,
            heard,
            last: RefCell::default(),
            thread,
            log,
            _dir: dir,
        };
        reading.answer(LogRequest::Look(Some(look(&run, Levels::All))));
        reading
    }

    fn ask(&self, request: LogRequest) {
        self.tasks.send(LogTask::Asked(request)).unwrap();
    }

    /// Waits for a page that is as wanted.
    fn page(&self, wanted: impl Fn(&LogNews) -> bool) -> LogNews {
        while !wanted(&self.last.borrow()) {
            if let Message::Log(news) = self.hear() {
                self.last.replace(news);
            }
        }
        self.last.borrow().clone()
    }

    /// Asks and waits for the answer, which is a page and the word that all is done.
    fn answer(&self, request: LogRequest) -> Option<LogNews> {
        self.ask(request);
        let mut page = None;
        loop {
            match self.hear() {
                Message::Settled => return page,
                Message::Log(news) => {
                    self.last.replace(news.clone());
                    page = Some(news);
                }
                _ => {}
            }
        }
    }

    fn hear(&self) -> Message {
        self.heard.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    fn append(&self, text: &str) {
        let file = OpenOptions::new().append(true).create(true).open(&self.log);
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn end(self) {
        drop(self.heard);
        // Its answer finds nobody.
        let _ = self.tasks.send(LogTask::Asked(LogRequest::Look(None)));
        self.thread.join().unwrap();
    }
}

fn look(run: &Path, levels: Levels) -> Look {
    Look {
        place: LogPlace::Run {
            path: run.to_owned(),
            file: None,
        },
        rows: 5,
        columns: 40,
        shift: 0,
        levels,
    }
}

fn text(news: &LogNews) -> Vec<&str> {
    let lines = news.window.lines.iter();
    lines.map(|line| line.text.as_str()).collect()
}

fn numbered(count: u64) -> String {
    (1..=count).map(|n| format!("line {n}\n")).collect()
}

#[test]
fn the_reader_shows_the_end_and_what_comes() {
    let reading = Reading::of(&numbered(20));
    let page = reading.page(|news| news.window.count == Some(20));
    assert_eq!(
        text(&page),
        ["line 16", "line 17", "line 18", "line 19", "line 20"]
    );
    reading.append("\x1b[31mcoloured\x1b[0m\n10%\r20%");
    let page = reading.page(|news| news.window.count == Some(22));
    assert_eq!(text(&page)[3..], ["coloured", "20%"]);
    // Another start of the run has a log of its own.
    fs::write(reading.log.with_file_name("0002.log"), "again\n").unwrap();
    let page = reading.page(|news| news.name == "0002.log");
    assert_eq!(text(&page), ["again"]);
    reading.end();
}

#[test]
fn the_reader_survives_truncation_rotation_and_a_run_that_vanishes() {
    let reading = Reading::of(&numbered(20));
    reading.page(|news| news.window.count == Some(20));
    fs::write(&reading.log, "cut\n").unwrap();
    let page = reading.page(|news| news.window.count == Some(1));
    assert_eq!((text(&page), page.window.restarts), (vec!["cut"], 1));
    fs::rename(&reading.log, reading.log.with_extension("old")).unwrap();
    reading.append("rotated\nanew\n");
    let page = reading.page(|news| news.window.count == Some(2));
    assert_eq!(text(&page), ["rotated", "anew"]);
    let run = reading.log.parent().unwrap().parent().unwrap();
    fs::remove_dir_all(run).unwrap();
    let page = reading.page(|news| news.window.lines.is_empty());
    assert_eq!(page.problem, None);
    reading.end();
}

#[test]
fn the_reader_searches_and_goes_there() {
    let reading = Reading::of(&numbered(3_000));
    reading.page(|news| news.window.count == Some(3_000));
    let wanted = |text: &str| Wanted::Text(text.into(), Case::Ignored);
    let find = |text: &str| LogRequest::Find(wanted(text), Direction::Forward);
    let page = reading.answer(find("LINE 1234")).unwrap();
    assert_eq!(page.window.number, Some(1_234));
    assert!(page.is_answer && !page.window.follows);
    assert_eq!(reading.answer(find("nowhere")), None, "the page stays");
    let page = reading.answer(LogRequest::GoToNumber(7)).unwrap();
    assert_eq!(page.window.number, Some(7));
    let held = Held {
        at: page.window.lines[page.window.cursor.unwrap()].at,
        sign: page.sign,
    };
    let page = reading.answer(LogRequest::Step(Step::End)).unwrap();
    assert!(page.window.follows);
    let page = reading.answer(LogRequest::Hold(held)).unwrap();
    assert_eq!(page.window.number, Some(7));
    // A line that is not what it was is not held at.
    let page = reading.answer(LogRequest::Step(Step::End)).unwrap();
    let other = Held { sign: 1, ..held };
    assert_eq!(reading.answer(LogRequest::Hold(other)), None, "{page:?}");
    reading.end();
}

#[test]
fn only_loud_lines_are_shown_when_asked() {
    let mut text_of = numbered(50);
    text_of.push_str("WARN slow\n");
    text_of.push_str(&numbered(50));
    text_of.push_str("ERROR lost\n");
    let reading = Reading::of(&text_of);
    reading.page(|news| news.window.count == Some(102));
    let run = reading.log.parent().unwrap().parent().unwrap().to_owned();
    let page = reading.answer(LogRequest::Look(Some(look(&run, Levels::Warnings))));
    assert_eq!(text(&page.unwrap()), ["WARN slow", "ERROR lost"]);
    let page = reading.answer(LogRequest::Look(Some(look(&run, Levels::Errors))));
    assert_eq!(text(&page.unwrap()), ["ERROR lost"]);
    reading.end();
}
