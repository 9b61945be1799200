//! Who gets in, who does not, and what nobody may do.

use super::{Bench, Reply};
use crate::{Event, Limits, ServeError, Server, gate::PATIENCE, words};
use domain::Lang;
use rstest::rstest;
use std::{
    io::{Read, Write},
    net::Shutdown,
    time::Duration,
};

fn limits() -> Limits {
    Limits::default()
}

#[test]
fn the_token_lets_one_browser_in_and_the_cookie_keeps_it_in() {
    let bench = Bench::new("cat");
    let token = bench.server.fresh_token().unwrap();
    let reply = bench.get(&format!("/?token={token}"), &[]);
    assert_eq!(reply.status(), 200, "{}", reply.head);
    let cookie = reply.header("Set-Cookie").unwrap().to_owned();
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    assert!(matches!(bench.event(), Event::Opened));
    let cookie = format!("Cookie: {}", cookie.split(';').next().unwrap());
    let page = bench.get("/", &[&cookie]);
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("<div id=\"terminal\">"));
    // The same link again, in another browser and in this one.
    let again = format!("/?token={token}");
    let stranger = bench.get(&again, &[]);
    assert_eq!(
        (stranger.status(), stranger.header("Set-Cookie")),
        (403, None)
    );
    assert_eq!(bench.get(&again, &[&cookie]).status(), 200);
}

#[rstest]
#[case("/")]
#[case("/?token=")]
#[case("/?token=0123456789abcdef")]
#[case("/line?columns=80&rows=24")]
#[case("/page.js")]
#[case("/../etc/passwd")]
fn without_token_and_cookie_there_is_nothing(#[case] path: &str) {
    let bench = Bench::new("cat");
    let _ = bench.server.fresh_token().unwrap();
    let reply = bench.get(path, &["Cookie: makook=1; makook-00000000=2"]);
    assert_eq!(reply.status(), 403, "{}", reply.head);
    assert_eq!(reply.header("Set-Cookie"), None);
}

#[test]
fn ten_wrong_tokens_lock_out_and_a_fresh_one_opens_again() {
    let bench = Bench::new("cat");
    let known = bench.enter();
    let token = bench.server.fresh_token().unwrap();
    for _ in 0..PATIENCE {
        assert_eq!(bench.get("/?token=guess", &[]).status(), 403);
    }
    let right = format!("/?token={token}");
    let refused = bench.get(&right, &[]);
    assert_eq!(refused.status(), 403);
    assert!(
        refused.text().contains(&words::escaped(words::LOCKED.en)),
        "{}",
        refused.text()
    );
    // Who is in stays in.
    assert_eq!(bench.get("/", &[&known]).status(), 200);
    let told: Vec<Event> = (0..=PATIENCE).map(|_| bench.event()).collect();
    assert!(matches!(told[1], Event::WrongToken { left: 9 }));
    assert!(matches!(told.last(), Some(Event::LockedOut)));
    let token = bench.server.fresh_token().unwrap();
    assert_eq!(bench.get(&format!("/?token={token}"), &[]).status(), 200);
    assert!(
        matches!(bench.event(), Event::Opened),
        "the lock is told once"
    );
}

#[rstest]
#[case::rebound("Host: rebound.example", &[], 403)]
#[case::no_host("X: y", &[], 403)]
#[case::two_hosts("Host: localhost\r\nHost: localhost", &[], 403)]
#[case::another_site("Host: localhost:1", &["Origin: http://rebound.example"], 403)]
#[case::another_port("Host: localhost:1", &["Origin: http://localhost:2"], 403)]
#[case::forwarded("Host: localhost:1", &["Origin: http://localhost:1"], 200)]
#[case::digits("Host: 127.0.0.1:1", &[], 200)]
fn hosts_and_origins_of_others_are_refused(
    #[case] host: &str,
    #[case] headers: &[&str],
    #[case] status: u16,
) {
    let bench = Bench::new("cat");
    let cookie = bench.enter();
    let headers = [headers, &[&cookie]].concat();
    let reply = bench.ask(&format!("GET / HTTP/1.1\r\n{host}"), &headers);
    assert_eq!(reply.status(), status, "{}", reply.head);
    let line = bench.ask(&format!("GET /line HTTP/1.1\r\n{host}"), &headers);
    let switched = line.status();
    assert!(
        matches!(switched, 400 | 403),
        "never switched without a handshake: {switched}"
    );
}

#[rstest]
#[case::without_origin(&[], 403)]
#[case::of_another_site(&["Origin: http://rebound.example"], 403)]
#[case::of_no_site(&["Origin: null"], 403)]
fn a_line_needs_the_pages_own_origin(#[case] origin: &[&str], #[case] status: u16) {
    let bench = Bench::new("cat");
    let cookie = bench.enter();
    let stream = bench.connect();
    let headers = [&[cookie.as_str()], origin].concat();
    let head = bench.upgrade(&stream, &headers, (80, 24));
    assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
}

#[rstest]
#[case::picture("cross-site", "image", 0)]
#[case::frame("cross-site", "iframe", 0)]
#[case::of_another_port("same-site", "image", 0)]
#[case::link("cross-site", "document", 1)]
#[case::typed("none", "document", 1)]
fn other_sites_cannot_use_up_the_wrong_tokens(
    #[case] site: &str,
    #[case] destination: &str,
    #[case] told: usize,
) {
    let bench = Bench::new("cat");
    let _ = bench.server.fresh_token().unwrap();
    let headers = [
        format!("Sec-Fetch-Site: {site}"),
        format!("Sec-Fetch-Dest: {destination}"),
    ];
    let reply = bench.get("/?token=guess", &[&headers[0], &headers[1]]);
    assert_eq!(reply.status(), 403);
    assert_eq!(bench.events.try_iter().count(), told);
}

#[test]
fn a_line_without_cookie_is_refused_and_starts_nothing() {
    let bench = Bench::new("cat");
    let _ = bench.enter();
    let stream = bench.connect();
    let origin = format!("Origin: http://{}", bench.host());
    let head = bench.upgrade(&stream, &[&origin], (80, 24));
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    assert!(matches!(bench.event(), Event::Opened));
    assert!(bench.events.try_recv().is_err(), "something was started");
}

#[test]
fn every_answer_forbids_what_the_page_does_not_need() {
    let bench = Bench::new("cat");
    let cookie = bench.enter();
    for reply in [bench.get("/", &[&cookie]), bench.get("/", &[])] {
        let policy = reply.header("Content-Security-Policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(reply.header("Referrer-Policy"), Some("no-referrer"));
        assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    }
}

#[test]
fn files_come_packed_or_plain_and_may_be_kept() {
    let bench = Bench::new("cat");
    let cookie = bench.enter();
    let page = bench.get("/", &[&cookie]).text();
    let script = page
        .split('"')
        .find(|text| text.ends_with("/xterm.js"))
        .unwrap();
    let plain = bench.get(script, &[&cookie]);
    let packed = bench.get(script, &[&cookie, "Accept-Encoding: br, gzip"]);
    assert_eq!(packed.header("Content-Encoding"), Some("gzip"));
    assert!(packed.body.len() * 3 < plain.body.len());
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(packed.body.as_slice());
    decoder.read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == plain.body);
    assert!(plain.header("Cache-Control").unwrap().contains("immutable"));
    assert_eq!(bench.get("/no/such.js", &[&cookie]).status(), 404);
    let head = bench.ask(
        &format!("HEAD {script} HTTP/1.1\r\nHost: {}", bench.host()),
        &[&cookie],
    );
    assert_eq!((head.status(), head.body.len()), (200, 0));
    let posted = bench.ask(
        &format!("POST / HTTP/1.1\r\nHost: {}", bench.host()),
        &[&cookie],
    );
    assert_eq!(posted.status(), 405);
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let bench = Bench::new("cat");
    let reply = bench.get("/", &[&format!("X: {}", "a".repeat(9_000))]);
    assert_eq!(reply.status(), 431, "{}", reply.head);
}

#[test]
fn a_client_that_says_nothing_or_trickles_is_dropped() {
    let ask = Duration::from_millis(100);
    let bench = Bench::with("cat", Limits { ask, ..limits() });
    let mut silent = bench.connect();
    let mut trickling = bench.connect();
    assert_eq!(silent.read(&mut [0]).unwrap(), 0);
    // A byte a millisecond stays far below the size limit for longer than the time limit.
    trickling
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    let mut sent = 0;
    let dropped = loop {
        if trickling.write_all(b"G").is_err() {
            break true;
        }
        sent += 1;
        match trickling.read(&mut [0]) {
            Ok(0) => break true,
            Ok(_) => break false,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break true,
        }
    };
    assert!(dropped, "it was answered after {sent} bytes");
}

#[test]
fn too_many_at_once_are_turned_away_until_one_leaves() {
    let bench = Bench::with(
        "cat",
        Limits {
            visitors: 2,
            ..limits()
        },
    );
    let idle = [bench.connect(), bench.connect()];
    let mut third = bench.connect();
    assert_eq!(Reply::read(&mut third).status(), 503);
    for stream in idle {
        stream.shutdown(Shutdown::Both).unwrap();
    }
    // The two are noticed to be gone by threads of their own.
    let stays = (0..10_000).all(|_| {
        let mut stream = bench.connect();
        let asked = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut answer = String::new();
        asked.is_err() || stream.read_to_string(&mut answer).is_err() || answer.contains(" 503 ")
    });
    assert!(!stays, "nobody gets in any more");
}

#[test]
fn refusals_speak_korean_too() {
    let bench = Bench::of(super::shell("cat"), limits(), Lang::Ko);
    let reply = bench.get("/", &[]);
    assert!(
        reply.text().contains("접속할 수 없습니다"),
        "{}",
        reply.text()
    );
    assert!(reply.text().contains("<html lang=\"ko\">"));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let bench = Bench::new("cat");
    let mut plan = plan();
    plan.bind = bench.server.address();
    let error = Server::open(plan).unwrap_err();
    assert!(matches!(error, ServeError::Taken(_)), "{error}");
    assert!(!error.hint().is_empty());
}

fn plan() -> crate::Plan {
    crate::Plan {
        bind: "127.0.0.1:0".parse().unwrap(),
        machine: "node7".to_owned(),
        program: super::shell("cat"),
        lang: Lang::En,
        limits: limits(),
        clock: std::sync::Arc::new(domain::SystemClock::new()),
        tell: Box::new(drop),
    }
}
