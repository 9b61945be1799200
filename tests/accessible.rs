//! The console for a screen reader, in a pseudo-terminal: lines that are only ever added, and not
//! one escape byte.

use crate::place::Place;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use rstest::rstest;
use std::{
    io::{Read, Write},
    sync::mpsc,
    time::Duration,
};

/// What the console writes for tests when nothing is left to do; the only escape there may be.
const IDLE: &str = "\u{1b}]7777;idle\u{7}";

/// A console that is heard.
struct Reader {
    bytes: mpsc::Receiver<Vec<u8>>,
    heard: Vec<u8>,
    /// How much of it was looked at.
    seen: usize,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Reader {
    fn open(place: &Place, lang: &str) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_makook"));
        command.env_clear();
        command.cwd(place.path());
        command.env("HOME", place.path());
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("MAKOOK_LANG", lang);
        command.env("MAKOOK_PROJECT", place.path());
        command.env("MAKOOK_WORKER", env!("CARGO_BIN_EXE_makook-worker"));
        command.env("MAKOOK_TEST_IDLE", "1");
        command.env("ACCESSIBLE", "1");
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sender, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let _master = pair.master;
            let mut buffer = [0; 65_536];
            while let Ok(read) = reader.read(&mut buffer) {
                if read == 0 || sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            bytes,
            heard: Vec::new(),
            seen: 0,
            writer,
            child,
        }
    }

    /// Waits for `text` among the lines that came since the last wait; returns them.
    fn hears(&mut self, text: &str) -> String {
        loop {
            let new = String::from_utf8_lossy(&self.heard[self.seen..]).into_owned();
            // A settled console has said everything that it has to say.
            if let Some(end) = new.rfind(IDLE).filter(|end| new[..*end].contains(text)) {
                self.seen = self.heard.len() - (new.len() - end - IDLE.len());
                return new[..end].to_owned();
            }
            match self.bytes.recv_timeout(Duration::from_secs(60)) {
                Ok(more) => self.heard.extend(more),
                Err(_) => panic!("`{text}` never came:\n{new}"),
            }
        }
    }

    fn types(&mut self, line: &str) {
        self.writer.write_all(line.as_bytes()).unwrap();
        self.writer.write_all(b"\n").unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits for the end; returns the exit code and everything that was written.
    fn end(mut self) -> (u32, String) {
        while let Ok(more) = self.bytes.recv_timeout(Duration::from_secs(60)) {
            self.heard.extend(more);
        }
        let code = self.child.wait().unwrap().exit_code();
        (code, String::from_utf8(self.heard).unwrap())
    }
}

#[rstest]
#[case::english("en", Words {
    list: "list", open: "open", launch: "start training", asks: "Where shall it run?",
    sends: "This would be sent", cancel: "cancel", no_answer: "that is no answer", quit: "quit",
    done: "done", screen: "screen: ",
})]
#[case::korean("ko", Words {
    list: "목록", open: "열기", launch: "학습 시작", asks: "어디에서 실행할까요?",
    sends: "이렇게 보냅니다", cancel: "취소", no_answer: "맞는 답이 아닙니다", quit: "끝내기",
    done: "완료", screen: "화면: ",
})]
fn a_session_without_one_escape_byte(#[case] lang: &str, #[case] words: Words) {
    let place = Place::new();
    place.train(&["run.name=shown"]);
    let mut reader = Reader::open(&place, lang);
    reader.hears(words.done);
    reader.types("help");
    reader.hears("(F8)");
    reader.types(words.list);
    reader.hears("1. shown");
    reader.types("1");
    reader.types(words.open);
    reader.hears(words.screen);
    reader.types("agent.clip_range=0.1");
    reader.hears("0.1");
    // The launch shows the exact command; whatever is not its word sends nothing.
    reader.types(words.launch);
    reader.hears("local");
    reader.types("1");
    let shown = reader.hears(words.sends);
    assert!(shown.contains("makook"), "{shown}");
    reader.types("yes");
    reader.hears(words.no_answer);
    reader.types(words.cancel);
    reader.hears(words.asks);
    reader.types(words.cancel);
    reader.types(words.quit);
    let (code, written) = reader.end();
    assert_eq!(code, 0, "{written}");
    let left = written.replace(IDLE, "");
    let odd: Vec<char> = left
        .chars()
        .filter(|c| c.is_control() && !matches!(c, '\r' | '\n'))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    assert_eq!(
        place
            .json(&["runs", "list", "--json"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

/// What is typed and heard in one language.
struct Words {
    list: &'static str,
    open: &'static str,
    launch: &'static str,
    asks: &'static str,
    sends: &'static str,
    cancel: &'static str,
    no_answer: &'static str,
    quit: &'static str,
    done: &'static str,
    screen: &'static str,
}

#[test]
fn it_needs_no_terminal_and_ends_with_its_input() {
    let place = Place::new();
    let output = place.command(&[]).env("ACCESSIBLE", "1").output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        crate::place::text(&output)
    );
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(
        !written.contains('\u{1b}') && !written.is_empty(),
        "{written:?}"
    );
    let asked = place.command(&["--accessible"]).output().unwrap();
    assert_eq!(
        asked.status.code(),
        Some(0),
        "{}",
        crate::place::text(&asked)
    );
}
