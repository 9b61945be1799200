//! One connection: reads what is asked, decides whether it may be, and answers.
//!
//! The order is the point: name of the host, then method, then token or cookie, then origin. Nothing
//! but refusals and the exchange of the token is served without the cookie. Start at [`receive`].

use crate::{
    files::File,
    gate::{Browser, Entry},
    limits::Limits,
    line,
    names::same_origin,
    program::Size,
    request::{Request, RequestError, Timed},
    server::{Event, Inner, Seat},
    words,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Text;
use sha1::{Digest, Sha1};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
};

/// What of a refused request is still read, so that the refusal arrives before the reset.
const READ_OFF: u64 = 256 << 10;

const HTML: &str = "text/html; charset=utf-8";

/// An answer without its common headers.
struct Reply<'a> {
    status: &'static str,
    kind: &'static str,
    more: String,
    body: &'a [u8],
}

impl<'a> Reply<'a> {
    fn page(status: &'static str, body: &'a str) -> Self {
        Self {
            status,
            kind: HTML,
            more: "Cache-Control: no-store\r\n".to_owned(),
            body: body.as_bytes(),
        }
    }
}

/// What a request leads to.
enum Outcome {
    /// The connection is a browser's line from here on.
    Line(Browser, Size, String),
    Refused(&'static str, &'static Text),
    Welcome(String),
    Page,
    File(usize),
}

/// Serves one connection to its end.
///
/// # Errors
/// What the other end or the operating system did.
pub(crate) fn receive(stream: &TcpStream, server: &Arc<Inner>, visiting: Seat) -> io::Result<()> {
    let limits = &server.plan.limits;
    let clock = &*server.plan.clock;
    let mut timed = Timed::new(stream, clock, limits.ask);
    let request = match Request::read(&mut timed) {
        Ok(request) => request,
        Err(RequestError::Silent(error)) => return Err(error),
        Err(error) => {
            let status = match error {
                RequestError::TooLong => "431 Request Header Fields Too Large",
                _ => "400 Bad Request",
            };
            refuse(stream, server, status, &words::NOT_HERE)?;
            stream.shutdown(Shutdown::Write)?;
            io::copy(&mut timed.take(READ_OFF), &mut io::sink())?;
            return Ok(());
        }
    };
    match decide(&request, server) {
        Outcome::Refused(status, why) => refuse(stream, server, status, why),
        Outcome::Welcome(cookie) => {
            let page = server.files.welcome();
            let mut reply = Reply::page("200 OK", &page);
            let name = &server.cookie;
            reply.more +=
                &format!("Set-Cookie: {name}={cookie}; Path=/; HttpOnly; SameSite=Strict\r\n");
            answer(stream, server, &request, &reply)
        }
        Outcome::Page => {
            let reply = Reply::page("200 OK", server.files.page());
            answer(stream, server, &request, &reply)
        }
        Outcome::File(file) => {
            let reply = file_reply(&server.files.all()[file], &request);
            answer(stream, server, &request, &reply)
        }
        Outcome::Line(browser, size, accept) => {
            let Some(_place) = server.place_for_a_line() else {
                return refuse(stream, server, "503 Service Unavailable", &words::BUSY);
            };
            let attachment = match server.attach(browser, size) {
                Ok(attachment) => attachment,
                Err(error) => {
                    (server.plan.tell)(Event::NoConsole(error));
                    let status = "500 Internal Server Error";
                    return refuse(stream, server, status, &words::NO_CONSOLE);
                }
            };
            let mut timed = Timed::new(stream, clock, limits.answer);
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            timed.write_all(head.as_bytes())?;
            drop(visiting);
            let ended = line::run(stream, &attachment, limits);
            drop(attachment);
            server.left();
            ended
        }
    }
}

/// Decides what `request` leads to.
fn decide(request: &Request, server: &Inner) -> Outcome {
    let host = request.header("host").unwrap_or_default();
    let foreign = request
        .header("origin")
        .is_some_and(|origin| !same_origin(origin, host));
    if !server.names.admit(host) || foreign || is_embedded_elsewhere(request) {
        return Outcome::Refused("403 Forbidden", &words::FOREIGN);
    }
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Outcome::Refused("405 Method Not Allowed", &words::NOT_HERE);
    }
    let cookie = request.cookie(&server.cookie).unwrap_or_default();
    let known = server.gate.knows(cookie);
    let Some(browser) = known else {
        return match (request.path.as_str(), request.asked("token")) {
            // Whoever only looks at the head, as previews of links do, spends no token.
            ("/", Some(token)) if request.method == "GET" => exchange(token, server),
            _ => Outcome::Refused("403 Forbidden", &words::STRANGER),
        };
    };
    match request.path.as_str() {
        // A browser that is known already and comes by an old link is sent on.
        "/" if request.asked("token").is_some() => Outcome::Welcome(cookie.to_owned()),
        "/" => Outcome::Page,
        "/line" => upgrade(request, browser),
        path => match server.files.find(path) {
            Some(file) => Outcome::File(file),
            None => Outcome::Refused("404 Not Found", &words::NOT_HERE),
        },
    }
}

/// Returns whether a page of another site loads this as a picture, a frame or the like: such a page
/// could use up the wrong tokens. Following a link is no such thing.
fn is_embedded_elsewhere(request: &Request) -> bool {
    let elsewhere = matches!(
        request.header("sec-fetch-site"),
        Some("cross-site" | "same-site")
    );
    elsewhere && request.header("sec-fetch-dest") != Some("document")
}

fn exchange(token: &str, server: &Inner) -> Outcome {
    match server.gate.exchange(token) {
        Ok(Entry::Welcome(cookie)) => {
            (server.plan.tell)(Event::Opened);
            Outcome::Welcome(cookie)
        }
        Ok(Entry::Wrong { left }) => {
            (server.plan.tell)(Event::WrongToken { left });
            Outcome::Refused("403 Forbidden", &words::WRONG)
        }
        Ok(Entry::Locked { now }) => {
            if now {
                (server.plan.tell)(Event::LockedOut);
            }
            Outcome::Refused("403 Forbidden", &words::LOCKED)
        }
        Err(_) => Outcome::Refused("500 Internal Server Error", &words::NO_CONSOLE),
    }
}

fn upgrade(request: &Request, browser: Browser) -> Outcome {
    // Every browser names the origin of a WebSocket; one without it is another program's.
    if request.header("origin").is_none() {
        return Outcome::Refused("403 Forbidden", &words::FOREIGN);
    }
    let side = |name| request.asked(name).and_then(|side| side.parse().ok());
    let key = request.header("sec-websocket-key");
    let version = request.header("sec-websocket-version");
    let wanted = request.method == "GET"
        && request.lists("connection", "upgrade")
        && request.lists("upgrade", "websocket")
        && version == Some("13");
    match (key, side("columns"), side("rows")) {
        (Some(key), Some(columns), Some(rows)) if wanted => {
            Outcome::Line(browser, Size::near(columns, rows), accept_of(key))
        }
        _ => Outcome::Refused("400 Bad Request", &words::NOT_HERE),
    }
}

/// Returns the answer to a WebSocket's key (RFC 6455, section 4.2.2).
pub(crate) fn accept_of(key: &str) -> String {
    let with_guid = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    BASE64_STANDARD.encode(Sha1::digest(with_guid))
}

fn file_reply<'a>(file: &'a File, request: &Request) -> Reply<'a> {
    // The address holds a hash of the content.
    let lasting =
        "Cache-Control: private, max-age=31536000, immutable\r\nVary: Accept-Encoding\r\n";
    let gzip = request.lists("accept-encoding", "gzip");
    Reply {
        status: "200 OK",
        kind: file.kind,
        more: match gzip {
            true => format!("{lasting}Content-Encoding: gzip\r\n"),
            false => lasting.to_owned(),
        },
        body: match gzip {
            true => &file.packed,
            false => file.plain.as_bytes(),
        },
    }
}

fn refuse(stream: &TcpStream, server: &Inner, status: &'static str, why: &Text) -> io::Result<()> {
    let page = server.files.refusal(why);
    send(stream, server, &Reply::page(status, &page), page.as_bytes())
}

fn answer(
    stream: &TcpStream,
    server: &Inner,
    request: &Request,
    reply: &Reply<'_>,
) -> io::Result<()> {
    let body = match request.method.as_str() {
        "HEAD" => &[],
        _ => reply.body,
    };
    send(stream, server, reply, body)
}

fn send(stream: &TcpStream, server: &Inner, reply: &Reply<'_>, body: &[u8]) -> io::Result<()> {
    let Limits { answer, .. } = server.plan.limits;
    let mut timed = Timed::new(stream, &*server.plan.clock, answer);
    let Reply {
        status, kind, more, ..
    } = reply;
    let length = reply.body.len();
    // xterm.js writes its colours and sizes into style elements, hence the inline styles.
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n{more}\
         Content-Security-Policy: default-src 'none'; script-src 'self'; \
         style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'\r\n\
         X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n\
         Referrer-Policy: no-referrer\r\nCross-Origin-Opener-Policy: same-origin\r\n\
         Cross-Origin-Resource-Policy: same-origin\r\n\r\n"
    );
    timed.write_all(head.as_bytes())?;
    timed.write_all(body)?;
    timed.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_answered_as_in_the_standards_example() {
        let accept = accept_of("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
