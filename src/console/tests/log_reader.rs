//! What the thread that reads logs makes of real files.

use crate::{
    log_news::{LogNews, LogPlace, LogRequest, Look},
    log_reader::{LogReader, LogTask},
    message::Message,
};
use domain::{Clock, SystemClock};
use logbook::Levels;
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

/// A reader at work.
pub struct Reading {
    tasks: Sender<LogTask>,
    heard: Receiver<Message>,
    /// The latest page.
    last: RefCell<LogNews>,
    thread: JoinHandle<()>,
    pub log: PathBuf,
    _dir: tempfile::TempDir,
}

impl Reading {
    /// Reads the first log of a run, five lines of forty cells.
    pub fn of(text: &str) -> Self {
        Self::timed_by(text, Arc::new(SystemClock::new()))
    }

    /// The same by the time of `clock`, which only searches ask.
    pub fn timed_by(text: &str, clock: Arc<dyn Clock>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        let log = runs::Layout::new(&run).log(1);
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        fs::write(&log, text).unwrap();
        let (tasks, inbox) = mpsc::channel();
        let (out, heard) = mpsc::channel();
        let reader = LogReader {
            own: dir.path().join("console"),
            clock,
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

    pub fn ask(&self, request: LogRequest) {
        self.tasks.send(LogTask::Asked(request)).unwrap();
    }

    /// Waits for a page that is as wanted.
    pub fn page(&self, wanted: impl Fn(&LogNews) -> bool) -> LogNews {
        while !wanted(&self.last.borrow()) {
            if let Message::Log(news) = self.hear() {
                self.last.replace(news);
            }
        }
        self.last.borrow().clone()
    }

    /// Asks and waits for the answer, which is a page and the word that all is done.
    pub fn answer(&self, request: LogRequest) -> Option<LogNews> {
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

    pub fn hear(&self) -> Message {
        self.heard.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    pub fn append(&self, text: &str) {
        let file = OpenOptions::new().append(true).create(true).open(&self.log);
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    pub fn end(self) {
        drop(self.heard);
        // Its answer finds nobody.
        let _ = self.tasks.send(LogTask::Asked(LogRequest::Look(None)));
        self.thread.join().unwrap();
    }
}

pub fn look(run: &Path, levels: Levels) -> Look {
    Look {
        place: LogPlace::Run {
            path: run.to_owned(),
            file: None,
        },
        rows: 5,
        columns: 40,
        shift: 0,
        levels,
        wanted: None,
    }
}

pub fn text(news: &LogNews) -> Vec<&str> {
    let lines = news.window.lines.iter();
    lines.map(|line| line.text.as_str()).collect()
}

pub fn numbered(count: u64) -> String {
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
fn whoever_comes_back_to_a_log_is_shown_its_page_though_nothing_changed() {
    let reading = Reading::of(&numbered(20));
    let page = reading.page(|news| news.window.count == Some(20));
    assert!(reading.answer(LogRequest::Look(None)).is_none());
    let run = reading.log.parent().unwrap().parent().unwrap();
    let back = look(run, Levels::All);
    let again = reading.answer(LogRequest::Look(Some(back.clone())));
    assert_eq!(again.map(|news| news.window), Some(page.window));
    // Looking on at what is shown says nothing new.
    assert!(reading.answer(LogRequest::Look(Some(back))).is_none());
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
