//! The head of one HTTP request, read within a size and a time.
//!
//! Everything this server is asked fits into a head: no bodies, no second request on a connection.
//! Start at [`Request::read`].

use domain::Clock;
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// Bytes of a head at most.
const LONGEST_HEAD: usize = 8 << 10;
/// Lines of a head at most.
const MOST_HEADERS: usize = 64;

/// What a browser asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `HEAD` or what else it is.
    pub method: String,
    /// What is asked for, without the query.
    pub path: String,
    /// What follows the first `?`.
    pub query: String,
    headers: Vec<(String, String)>,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The head is longer than any that is meant for this server.
    #[error("the head is too long")]
    TooLong,
    /// Not HTTP/1.1, or more than a head.
    #[error("the request is malformed")]
    Malformed,
    /// It ended, or took too long.
    #[error("no request came: {0}")]
    Silent(io::Error),
}

impl Request {
    /// Reads a head to its last line.
    ///
    /// # Errors
    /// Why there is none.
    pub fn read(from: &mut impl Read) -> Result<Self, RequestError> {
        let mut head = Vec::new();
        let mut part = [0; 1_024];
        loop {
            let read = from.read(&mut part).map_err(RequestError::Silent)?;
            if read == 0 {
                let early = io::ErrorKind::UnexpectedEof;
                return Err(RequestError::Silent(early.into()));
            }
            head.extend_from_slice(&part[..read]);
            if let Some(request) = Self::parse(&head)? {
                return Ok(request);
            }
            if head.len() >= LONGEST_HEAD {
                return Err(RequestError::TooLong);
            }
        }
    }

    /// Returns the request that `head` is; `None` while its end is missing.
    fn parse(head: &[u8]) -> Result<Option<Self>, RequestError> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        let length = match parsed.parse(head) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(RequestError::TooLong),
            Err(_) => return Err(RequestError::Malformed),
        };
        let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
            return Err(RequestError::Malformed);
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut kept = Vec::new();
        for header in parsed.headers.iter() {
            let value = str::from_utf8(header.value).map_err(|_| RequestError::Malformed)?;
            kept.push((header.name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let request = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: kept,
        };
        let has_body = match request.header("content-length") {
            Some(length) => length != "0",
            None => request.header("transfer-encoding").is_some(),
        };
        if length != head.len() || has_body {
            return Err(RequestError::Malformed);
        }
        Ok(Some(request))
    }

    /// Returns the value of the header `name` (in small letters); `None` where it is missing or
    /// there is more than one.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Returns whether the comma-separated header `name` holds `word`.
    #[must_use]
    pub fn lists(&self, name: &str, word: &str) -> bool {
        let words = self.header(name).unwrap_or_default().split([',', ';']);
        words
            .into_iter()
            .any(|one| one.trim().eq_ignore_ascii_case(word))
    }

    /// Returns the cookie `name`.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.header("cookie").unwrap_or_default().split(';');
        let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|pair| pair.1)
    }

    /// Returns the value of `name` in the query, as it stands there.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<&str> {
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|pair| pair.1)
    }
}

/// A stream that must be done by a certain time, however slowly the other end moves.
#[derive(Debug)]
pub struct Timed<'a> {
    stream: &'a TcpStream,
    clock: &'a dyn Clock,
    until: Duration,
}

impl<'a> Timed<'a> {
    /// Gives everything that is read and written from now on `time` in all.
    #[must_use]
    pub fn new(stream: &'a TcpStream, clock: &'a dyn Clock, time: Duration) -> Self {
        Self {
            stream,
            clock,
            until: clock.steady() + time,
        }
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_sub(self.clock.steady());
        match left {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(Some(left)),
        }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(into)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn a_head_says_what_is_asked() {
        let text = "GET /line?columns=80&rows=24 HTTP/1.1\r\nHost: localhost:1\r\n\
                    Connection: keep-alive, Upgrade\r\nCookie: a=1; makook-x=2\r\n\r\n";
        let request = Request::read(&mut text.as_bytes()).unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("GET", "/line")
        );
        assert_eq!(request.asked("rows"), Some("24"));
        assert_eq!(request.asked("row"), None);
        assert_eq!(request.cookie("makook-x"), Some("2"));
        assert!(request.lists("connection", "upgrade") && !request.lists("connection", "close"));
    }

    #[rstest]
    #[case::not_http("hello\r\n\r\n")]
    #[case::with_a_body("GET / HTTP/1.1\r\ncontent-length: 4\r\n\r\n")]
    #[case::with_chunks("GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")]
    #[case::a_second_request("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")]
    fn anything_but_one_head_is_malformed(#[case] text: &str) {
        let error = Request::read(&mut text.as_bytes()).unwrap_err();
        assert!(matches!(error, RequestError::Malformed), "{error}");
    }

    #[test]
    fn a_head_without_end_is_too_long_and_one_with_two_hosts_has_none() {
        let endless = format!("GET / HTTP/1.1\r\nx: {}", "a".repeat(LONGEST_HEAD));
        let many = format!(
            "GET / HTTP/1.1\r\n{}\r\n",
            "x: 1\r\n".repeat(MOST_HEADERS + 1)
        );
        for text in [endless, many] {
            let error = Request::read(&mut text.as_bytes()).unwrap_err();
            assert!(matches!(error, RequestError::TooLong), "{error}");
        }
        let twice = "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n";
        let request = Request::read(&mut twice.as_bytes()).unwrap();
        assert_eq!(request.header("host"), None);
    }
}
