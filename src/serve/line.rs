//! The WebSocket between a browser and its session.
//!
//! Two threads: the caller's reads what is typed, a second one sends what is to be shown. Both write
//! whole frames through one lock, since reading answers pings. Start at [`run`].

use crate::{
    limits::Limits,
    program::Size,
    session::{Attachment, News},
};
use serde::Deserialize;
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tungstenite::{
    Bytes, Error, Message, WebSocket,
    protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
};

/// How long a line that did something wrong is read on, and how much of it.
const LINGER: Duration = Duration::from_millis(500);
const READ_OFF: u64 = 256 << 10;

/// What the page says besides what is typed.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Word {
    /// Columns and rows.
    Resize(u16, u16),
    /// Bytes shown since the last time.
    Shown(usize),
}

/// The close of a line, which one of its two threads says once: browsers take a second one for an
/// error.
#[derive(Debug, Default)]
struct LastWord(AtomicBool);

impl LastWord {
    /// Returns whether the caller has it.
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// Serves the browser at the other end of `stream`, which has switched to WebSocket already, until
/// either side ends.
///
/// # Errors
/// The operating system's refusal.
pub fn run(stream: &TcpStream, attachment: &Attachment, limits: &Limits) -> io::Result<()> {
    stream.set_read_timeout(Some(limits.silence))?;
    stream.set_write_timeout(Some(limits.send))?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(0)
        .max_message_size(Some(limits.message))
        .max_frame_size(Some(limits.message));
    let out = Arc::new(Mutex::new(stream.try_clone()?));
    let half = |stream| Half {
        stream,
        out: Arc::clone(&out),
    };
    let socket = |half| WebSocket::from_raw_socket(half, Role::Server, Some(config));
    let mut hearing = socket(half(stream.try_clone()?));
    let mut saying = socket(half(stream.try_clone()?));
    let last_word = LastWord::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            // After a farewell the browser has the last word; else it is gone or stuck.
            let side = match say(&mut saying, attachment, limits, &last_word) {
                Ok(true) => Shutdown::Write,
                Ok(false) => return,
                Err(_) => Shutdown::Both,
            };
            let _ = stream.shutdown(side);
        });
        let why = hear(&mut hearing, attachment, &last_word);
        let wrong = why.is_some();
        if let Some(frame) = why.filter(|_| last_word.take()) {
            let _ = hearing.close(Some(frame));
            let _ = hearing.flush();
            let _ = stream.shutdown(Shutdown::Write);
        }
        attachment.leave();
        if wrong {
            // What was sent and not read would reset the connection before the reason arrives.
            let _ = stream.set_read_timeout(Some(LINGER));
            let _ = io::copy(&mut stream.take(READ_OFF), &mut io::sink());
        }
        let _ = stream.shutdown(Shutdown::Both);
    });
    Ok(())
}

/// Sends news until there will be no more; returns whether it had the last word.
fn say(
    socket: &mut WebSocket<Half>,
    attachment: &Attachment,
    limits: &Limits,
    last_word: &LastWord,
) -> Result<bool, Error> {
    loop {
        let farewell = match attachment.wait(limits.ping) {
            News::Output(bytes) => {
                socket.send(Message::Binary(bytes.into()))?;
                continue;
            }
            News::Quiet => {
                socket.send(Message::Ping(Bytes::new()))?;
                continue;
            }
            News::Ended(code) => format!("{{\"ended\":{code}}}"),
            News::Taken => "{\"taken\":true}".to_owned(),
            News::Closing => "{\"closed\":true}".to_owned(),
        };
        if !last_word.take() {
            return Ok(false);
        }
        socket.send(Message::Text(farewell.into()))?;
        let code = CloseCode::Away;
        let frame = CloseFrame {
            code,
            reason: "".into(),
        };
        return socket.close(Some(frame)).map(|()| true);
    }
}

/// Takes in what the browser sends until it ends; returns what it did wrong, if anything.
fn hear(
    socket: &mut WebSocket<Half>,
    attachment: &Attachment,
    last_word: &LastWord,
) -> Option<CloseFrame> {
    let wrong = |code, why: &'static str| {
        Some(CloseFrame {
            code,
            reason: why.into(),
        })
    };
    loop {
        match socket.read() {
            Ok(Message::Binary(bytes)) => {
                if attachment.type_in(&bytes).is_err() {
                    return wrong(CloseCode::Again, "the program does not read");
                }
            }
            Ok(Message::Text(text)) => match serde_json::from_str(&text) {
                Ok(Word::Resize(columns, rows)) => attachment.resize(Size::near(columns, rows)),
                Ok(Word::Shown(bytes)) => attachment.confirm(bytes),
                Err(_) => return wrong(CloseCode::Policy, "unknown message"),
            },
            Ok(Message::Close(_)) => {
                // The answer goes out with the next write; where it is the answer to ours there is none.
                if last_word.take() {
                    let _ = socket.flush();
                }
                return None;
            }
            Ok(_) => {}
            Err(Error::Capacity(_)) => return wrong(CloseCode::Size, "message too long"),
            Err(_) => return None,
        }
    }
}

/// Reads from the stream; writes whole frames through the lock.
struct Half {
    stream: TcpStream,
    out: Arc<Mutex<TcpStream>>,
}

impl Read for Half {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.read(into)
    }
}

impl Write for Half {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Program, session::Session};
    use domain::SystemClock;
    use rstest::rstest;
    use std::net::TcpListener;

    /// Closes as a browser does; returns what comes back, up to the end.
    fn closed_by_a_browser(last_word: &LastWord) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut browser = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let program = Program {
            path: "/bin/true".into(),
            arguments: Vec::new(),
            env: Default::default(),
            folder: "/".into(),
        };
        let clock = Arc::new(SystemClock::new());
        let limits = Limits::default();
        let session = Session::start(&program, Size::near(80, 24), limits, clock, |_| {}).unwrap();
        let half = Half {
            stream: stream.try_clone().unwrap(),
            out: Arc::new(Mutex::new(stream.try_clone().unwrap())),
        };
        let mut socket = WebSocket::from_raw_socket(half, Role::Server, None);
        // A masked close without a reason.
        browser.write_all(&[0x88, 0x80, 1, 2, 3, 4]).unwrap();
        let attachment = session.attach(Size::near(80, 24));
        assert!(hear(&mut socket, &attachment, last_word).is_none());
        stream.shutdown(Shutdown::Both).unwrap();
        let mut answer = Vec::new();
        browser.read_to_end(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_close_is_answered_unless_it_is_the_answer() {
        let last_word = LastWord::default();
        assert_eq!(closed_by_a_browser(&last_word), [0x88, 0]);
        assert!(!last_word.take());
        // The other thread has closed already.
        assert_eq!(closed_by_a_browser(&last_word), [0_u8; 0]);
    }

    #[rstest]
    #[case("{\"resize\":[80,24]}", Some(Word::Resize(80, 24)))]
    #[case("{\"shown\":4096}", Some(Word::Shown(4_096)))]
    #[case("{\"resize\":[80,-1]}", None)]
    #[case("{\"resize\":[80]}", None)]
    #[case("{\"run\":\"rm\"}", None)]
    #[case("", None)]
    fn only_two_words_are_known(#[case] text: &str, #[case] word: Option<Word>) {
        assert_eq!(serde_json::from_str(text).ok(), word);
    }
}
