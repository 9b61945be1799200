//! A server on a loopback port, a program in a real terminal behind it, and a client that is no
//! browser.

mod browser;
mod chromium;
mod doors;
mod lines;
mod properties;

use crate::{Event, Limits, Plan, Program, Server, visit};
use domain::{Lang, SystemClock};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};
use tungstenite::{Message, WebSocket, protocol::Role};

/// Far more than anything here takes: only a failure waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server and what it tells.
struct Bench {
    server: Server,
    events: mpsc::Receiver<Event>,
}

/// Returns a shell that runs `script`.
fn shell(script: &str) -> Program {
    let env = [
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("TERM", "xterm-256color".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
    ];
    Program {
        path: PathBuf::from("/bin/bash"),
        arguments: vec!["--norc".into(), "-c".into(), script.into()],
        env: BTreeMap::from(env.map(|(name, value)| (name.to_owned(), value))),
        folder: std::env::temp_dir(),
    }
}

impl Bench {
    fn new(script: &str) -> Self {
        Self::with(script, Limits::default())
    }

    fn with(script: &str, limits: Limits) -> Self {
        Self::of(shell(script), limits, Lang::En)
    }

    fn of(program: Program, limits: Limits, lang: Lang) -> Self {
        let (tell, events) = mpsc::channel();
        let server = Server::open(Plan {
            bind: "127.0.0.1:0".parse().unwrap(),
            machine: "node7".to_owned(),
            program,
            lang,
            limits,
            clock: Arc::new(SystemClock::new()),
            tell: Box::new(move |event| drop(tell.send(event))),
        });
        Self {
            server: server.unwrap(),
            events,
        }
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.server.address().port())
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Asks for `path` with these lines after the host's.
    fn get(&self, path: &str, headers: &[&str]) -> Reply {
        self.ask(
            &format!("GET {path} HTTP/1.1\r\nHost: {}", self.host()),
            headers,
        )
    }

    /// Sends these lines and reads to the end.
    fn ask(&self, head: &str, headers: &[&str]) -> Reply {
        let mut stream = self.connect();
        let lines = [&[head], headers].concat().join("\r\n");
        stream
            .write_all(format!("{lines}\r\n\r\n").as_bytes())
            .unwrap();
        Reply::read(&mut stream)
    }

    /// Lets a client in and returns its cookie line.
    fn enter(&self) -> String {
        let token = self.server.fresh_token().unwrap();
        let reply = self.get(&format!("/?token={token}"), &[]);
        assert!(reply.head.starts_with("HTTP/1.1 200"), "{}", reply.head);
        let cookie = reply.header("Set-Cookie").unwrap();
        format!("Cookie: {}", cookie.split(';').next().unwrap())
    }

    /// Opens the line of the client with this cookie.
    fn line(&self, cookie: &str, size: (u16, u16)) -> Line {
        let stream = self.connect();
        let host = self.host();
        let origin = format!("Origin: http://{host}");
        let reply = self.upgrade(&stream, &[cookie, &origin], size);
        assert!(reply.starts_with("HTTP/1.1 101"), "{reply}");
        assert!(reply.contains(&visit::accept_of(KEY)), "{reply}");
        Line {
            socket: WebSocket::from_raw_socket(stream, Role::Client, None),
            screen: vt100::Parser::new(size.1.try_into().unwrap(), size.0.try_into().unwrap(), 0),
            bytes: 0,
        }
    }

    /// Asks to switch to WebSocket and returns the answer's head.
    fn upgrade(&self, mut stream: &TcpStream, headers: &[&str], size: (u16, u16)) -> String {
        let (columns, rows) = size;
        let path = format!("/line?columns={columns}&rows={rows}");
        let fixed = [
            format!("GET {path} HTTP/1.1\r\nHost: {}", self.host()),
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13".to_owned(),
            format!("Sec-WebSocket-Key: {KEY}"),
        ];
        let lines = format!("{}\r\n{}\r\n\r\n", fixed.join("\r\n"), headers.join("\r\n"));
        stream.write_all(lines.as_bytes()).unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap()
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(PATIENCE).unwrap()
    }

    /// Waits for the console's end and returns its exit code.
    fn end(&self) -> u32 {
        loop {
            if let Event::Ended(code) = self.event() {
                return code;
            }
        }
    }
}

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// An answer.
#[derive(Debug)]
struct Reply {
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn read(stream: &mut TcpStream) -> Self {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let end = all
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or(all.len());
        Self {
            head: String::from_utf8(all[..end].to_vec()).unwrap(),
            body: all[(end + 4).min(all.len())..].to_vec(),
        }
    }

    fn status(&self) -> u16 {
        let status = self.head.split(' ').nth(1).unwrap_or_default();
        status.parse().unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| *known == name).map(|line| line.1)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A client's side of a line, with a screen of its own.
struct Line {
    socket: WebSocket<TcpStream>,
    screen: vt100::Parser,
    bytes: usize,
}

impl Line {
    fn say(&mut self, text: &str) {
        self.socket
            .send(Message::Text(text.to_owned().into()))
            .unwrap();
    }

    fn press(&mut self, keys: &[u8]) {
        self.socket
            .send(Message::Binary(keys.to_vec().into()))
            .unwrap();
    }

    /// Takes in one message without confirming it; returns texts and closing as they are.
    fn hear(&mut self) -> Option<Message> {
        match self.socket.read() {
            Ok(Message::Binary(bytes)) => {
                self.bytes += bytes.len();
                self.screen.process(&bytes);
                Some(Message::Binary(bytes))
            }
            Ok(other) => Some(other),
            Err(tungstenite::Error::Io(error)) => panic!("{error}: {}", self.contents()),
            Err(_) => None,
        }
    }

    /// Takes in output, confirming it as a page does, until `text` is on the screen.
    fn wait_for(&mut self, text: &str) {
        while !self.contents().contains(text) {
            match self.hear() {
                Some(Message::Binary(bytes)) => self.say(&format!("{{\"shown\":{}}}", bytes.len())),
                Some(Message::Ping(_)) => {}
                other => panic!("{other:?} before `{text}`: {}", self.contents()),
            }
        }
    }

    /// Takes in everything to the close; returns the last text and the close.
    fn farewell(&mut self) -> (Option<String>, Option<Message>) {
        let mut last = None;
        loop {
            match self.hear() {
                Some(Message::Text(text)) => last = Some(text.to_string()),
                Some(Message::Close(frame)) => return (last, Some(Message::Close(frame))),
                Some(_) => {}
                None => return (last, None),
            }
        }
    }

    fn contents(&self) -> String {
        self.screen.screen().contents()
    }
}
