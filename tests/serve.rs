//! `makook serve`: the real console in a real browser, and the server at a terminal.

#[path = "../src/serve/tests/chromium.rs"]
mod chromium;

use crate::place::Place;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    sync::mpsc,
    time::Duration,
};

/// A server that was started as a machine starts it.
struct Served {
    child: Child,
    lines: mpsc::Receiver<String>,
    listening: Value,
}

impl Served {
    fn new(place: &Place, more: &[&str]) -> Self {
        let arguments = [&["serve", "--json"], more].concat();
        let mut command = place.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .for_each(|line| drop(sender.send(line)));
        });
        let mut served = Self {
            child,
            lines,
            listening: Value::Null,
        };
        served.listening = served.line();
        served
    }

    fn line(&self) -> Value {
        let line = self.lines.recv_timeout(Duration::from_secs(60)).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn url(&self) -> &str {
        self.listening["url"].as_str().unwrap()
    }

    /// Sends Ctrl-C's signal; returns the exit code.
    fn interrupt(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status();
        assert!(sent.unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the status of a plain request.
fn status(port: &Value, path: &str) -> String {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn the_console_opens_types_and_resizes_in_a_browser_in_korean() {
    let name = "the_console_opens_types_and_resizes_in_a_browser_in_korean";
    let Some(mut browser) = chromium::open(name) else {
        return;
    };
    let place = Place::new();
    let mut served = Served::new(&place, &["--lang", "ko"]);
    browser.visit(served.url());
    browser.wait_for_text("makook");
    assert_eq!(served.line()["event"], "opened");
    assert_eq!(served.line()["event"], "started");
    let shown = browser.shown();
    assert!(
        shown.chars().any(|letter| ('가'..='힣').contains(&letter)),
        "{shown}"
    );
    let key =
        |name: &str, code: u32| json!({ "key": name, "code": name, "windowsVirtualKeyCode": code });
    // The help searches for what is typed, also through an input method.
    browser.press(&key("F1", 112));
    browser.wait_for_text("Esc 닫기");
    browser.wait_for_text("표시한 것 비교");
    browser.type_keys("1");
    browser.press(&key("Backspace", 8));
    browser.compose(&["ㅎ", "하", "학"]);
    browser.compose(&["ㅅ", "스", "습"]);
    browser.wait_for_text("학습 시작");
    browser.wait_for_no_text("표시한 것 비교");
    // An Esc glued to the next key would be read as Alt.
    browser.press(&key("Escape", 27));
    browser.wait_for_no_text("Esc 닫기");
    let rows = "document.querySelectorAll('.xterm-rows > div').length";
    let before = browser.value(rows);
    let size = json!({ "width": 900, "height": 500, "deviceScaleFactor": 1, "mobile": false });
    browser.call("Emulation.setDeviceMetricsOverride", &size);
    browser.wait_for(&format!("{rows} !== {before}"));
    browser.wait_for_text("makook");
    browser.press(&key("F10", 121));
    let ended = served.line();
    assert_eq!(
        (&ended["event"], &ended["code"]),
        (&json!("ended"), &json!(0))
    );
    browser.wait_for("document.getElementById('notice').innerText.includes('종료되었습니다')");
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
    assert_eq!(served.interrupt(), Some(0));
}

#[test]
fn a_readonly_console_cannot_start_anything() {
    let Some(mut browser) = chromium::open("a_readonly_console_cannot_start_anything") else {
        return;
    };
    let place = Place::new();
    for (more, starts) in [(&[][..], true), (&["--readonly"][..], false)] {
        let served = Served::new(&place, more);
        browser.visit(served.url());
        browser.wait_for_text("F10");
        // The help lists what can be done at all, whatever has been read from disk so far.
        let help = json!({ "key": "F1", "code": "F1", "windowsVirtualKeyCode": 112 });
        browser.press(&help);
        browser.wait_for_text("Esc close");
        assert_eq!(browser.shown().contains("F8"), starts, "{more:?}");
    }
}

#[test]
fn a_wrong_token_is_refused_ten_lock_out_and_machines_are_told() {
    let place = Place::new();
    let mut served = Served::new(&place, &["--port", "0"]);
    let port = served.listening["port"].clone();
    let ssh = served.listening["ssh"].as_str().unwrap();
    assert!(
        ssh.starts_with(&format!("ssh -N -L {port}:127.0.0.1:{port} ")),
        "{ssh}"
    );
    for left in (0..10).rev() {
        assert_eq!(status(&port, "/?token=guess"), "403");
        let told = served.line();
        match left {
            0 => assert_eq!(told["event"], "locked_out"),
            left => assert_eq!(told["left"], left),
        }
    }
    let right = served
        .url()
        .split_once(&format!(":{port}"))
        .unwrap()
        .1
        .to_owned();
    assert_eq!(status(&port, &right), "403");
    assert_eq!(served.interrupt(), Some(0));
}

/// A server at a terminal, as a person starts it.
struct Typed {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    output: mpsc::Receiver<Vec<u8>>,
    shown: String,
    keys: Box<dyn Write + Send>,
}

impl Typed {
    fn new(place: &Place, arguments: &[&str]) -> Self {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_makook"));
        command.args(arguments);
        command.env_clear();
        command.cwd(place.path());
        command.env("HOME", place.path());
        command.env("LANG", "C.UTF-8");
        command.env("MAKOOK_PROJECT", place.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            // Keeps the terminal open for as long as it is read.
            let _master = pair.master;
            let mut part = [0; 4_096];
            while let Ok(read @ 1..) = reader.read(&mut part) {
                if sender.send(part[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            output,
            shown: String::new(),
            keys,
        }
    }

    /// Waits for `text`; returns what came before it and forgets both.
    fn wait_for(&mut self, text: &str) -> String {
        loop {
            if let Some((before, after)) = self.shown.split_once(text) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.shown = after;
                return before;
            }
            let more = self.output.recv_timeout(Duration::from_secs(60));
            let more = more.unwrap_or_else(|_| panic!("`{text}` never came: {}", self.shown));
            self.shown += &String::from_utf8_lossy(&more);
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    fn end(mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }
}

#[test]
fn at_a_terminal_enter_prints_a_new_link_and_ctrl_c_ends() {
    let place = Place::new();
    let mut server = Typed::new(&place, &["serve"]);
    server.wait_for("ssh -N -L ");
    server.wait_for("trainings go on.");
    server.press("\n");
    server.wait_for("/?token=");
    server.press("\x03");
    server.wait_for("serve has ended");
    assert_eq!(server.end(), 0);
}

#[rstest]
#[case::wrong_address(&["10.0.0.1\n"], "nothing was started", 2)]
#[case::wrong_word(&["0.0.0.0\n", "yes\n"], "nothing was started", 2)]
#[case::both(&["0.0.0.0\n", "expose\n"], "trainings go on.", 0)]
fn others_may_reach_it_only_after_two_answers(
    #[case] answers: &[&str],
    #[case] said: &str,
    #[case] code: u32,
) {
    let place = Place::new();
    let mut server = Typed::new(&place, &["serve", "--bind", "0.0.0.0"]);
    for (number, answer) in answers.iter().enumerate() {
        server.wait_for(&format!("{} of 2", number + 1));
        server.press(answer);
    }
    server.wait_for(said);
    server.press("\x03");
    assert_eq!(server.end(), code);
}

#[test]
fn without_a_person_others_may_not_reach_it() {
    let place = Place::new();
    let output = place.run(&["serve", "--bind", "0.0.0.0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(crate::place::text(&output).contains("ssh"));
}
