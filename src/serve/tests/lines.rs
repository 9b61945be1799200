//! A browser's line and the program behind it: typing, sizes, leaving and coming back, ends.

use super::Bench;
use crate::{Event, Limits};
use rstest::rstest;
use std::{io::Write, net::Shutdown, time::Duration};
use tungstenite::{Message, protocol::frame::coding::CloseCode};

const QUICK: Duration = Duration::from_millis(20);

fn limits() -> Limits {
    Limits::default()
}

/// Echoes lines, marked; knows its size.
const ECHO: &str = "stty -echo; echo ready; while read -r x; do \
                    if [ \"$x\" = size ]; then stty size; else echo \"<$x>\"; fi; done";

#[test]
fn what_is_typed_arrives_and_what_is_written_is_shown() {
    let bench = Bench::new(ECHO);
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
    line.press(b"make demo\n");
    line.wait_for("<make demo>");
    // A syllable that arrives in two messages.
    let text = "학습률\n".as_bytes();
    line.press(&text[..4]);
    line.press(&text[4..]);
    line.wait_for("<학습률>");
}

#[test]
fn sizes_are_those_of_the_page_within_reason() {
    let bench = Bench::new(ECHO);
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (100, 30));
    line.wait_for("ready");
    line.press(b"size\n");
    line.wait_for("30 100");
    line.say("{\"resize\":[132,43]}");
    line.press(b"size\n");
    line.wait_for("43 132");
    line.say("{\"resize\":[0,65535]}");
    line.press(b"size\n");
    line.wait_for("300 2");
}

#[test]
fn who_comes_back_finds_the_same_screen() {
    let screen =
        "printf '\\e[?1049h\\e[2J\\e[5;7H\\e[1;31m한글 \\e[0m끝\\e[?2004h\\e[?25l'; cat >/dev/null";
    let bench = Bench::new(screen);
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("끝");
    let before = line.screen.screen().clone();
    line.socket.get_ref().shutdown(Shutdown::Both).unwrap();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("끝");
    let after = line.screen.screen();
    assert_eq!(after.contents_formatted(), before.contents_formatted());
    assert_eq!(after.cursor_position(), before.cursor_position());
    assert!(after.alternate_screen() && after.bracketed_paste() && after.hide_cursor());
    assert!(matches!(bench.event(), Event::Opened));
    assert!(matches!(bench.event(), Event::Started));
    assert!(
        bench.events.try_recv().is_err(),
        "a second console was started"
    );
}

#[test]
fn another_tab_takes_the_console_over_and_can_lose_it_again() {
    let bench = Bench::new(ECHO);
    let cookie = bench.enter();
    let mut first = bench.line(&cookie, (80, 24));
    first.wait_for("ready");
    let mut second = bench.line(&cookie, (80, 24));
    second.wait_for("ready");
    assert_eq!(first.farewell().0.as_deref(), Some("{\"taken\":true}"));
    second.press(b"still mine\n");
    second.wait_for("<still mine>");
}

#[test]
fn two_browsers_have_a_console_each() {
    let bench = Bench::new(ECHO);
    let cookies = [bench.enter(), bench.enter()];
    let mut lines = cookies.map(|cookie| bench.line(&cookie, (80, 24)));
    lines.iter_mut().for_each(|line| line.wait_for("ready"));
    lines[0].press(b"secret\n");
    lines[0].wait_for("<secret>");
    lines[1].press(b"other\n");
    lines[1].wait_for("<other>");
    assert!(!lines[1].contents().contains("secret"));
}

#[rstest]
#[case("echo done; exit 0", 0)]
#[case("echo done; exit 3", 3)]
fn the_programs_end_is_told_and_opening_again_starts_a_new_one(
    #[case] script: &str,
    #[case] code: u32,
) {
    let bench = Bench::new(script);
    let cookie = bench.enter();
    for _ in 0..2 {
        let mut line = bench.line(&cookie, (80, 24));
        line.wait_for("done");
        let ended = format!("{{\"ended\":{code}}}");
        assert_eq!(line.farewell().0, Some(ended));
        assert_eq!(bench.end(), code);
    }
}

#[test]
fn a_process_that_is_left_behind_does_not_keep_the_console_open() {
    let bench = Bench::new("(trap '' HUP; exec cat /dev/zero >/dev/null) & echo $!; echo done");
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("done");
    let left_behind = line.contents().lines().next().unwrap().trim().to_owned();
    assert_eq!(line.farewell().0.as_deref(), Some("{\"ended\":0}"));
    let killed = std::process::Command::new("kill")
        .args(["-KILL", &left_behind])
        .status();
    assert!(killed.unwrap().success());
}

#[test]
fn the_servers_end_hangs_the_console_up_and_says_goodbye() {
    let dir = tempfile::tempdir().unwrap();
    let note = dir.path().join("note");
    let script = format!(
        "trap 'echo bye >{}; exit 0' HUP; echo ready; while :; do read -r x; done",
        note.display()
    );
    let bench = Bench::new(&script);
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
    bench.server.end();
    assert_eq!(std::fs::read_to_string(note).unwrap(), "bye\n");
    assert_eq!(line.farewell().0.as_deref(), Some("{\"closed\":true}"));
    assert_eq!(bench.end(), 0);
}

#[test]
fn a_console_that_does_not_end_by_itself_is_killed() {
    let goodbye = QUICK;
    let script = "trap '' HUP; echo ready; while :; do read -r x; done";
    let bench = Bench::with(
        script,
        Limits {
            goodbye,
            ..limits()
        },
    );
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
    bench.server.end();
    assert_ne!(bench.end(), 0);
}

#[test]
fn a_console_without_a_browser_is_kept_for_a_while_only() {
    let keep = QUICK;
    let bench = Bench::with(
        ECHO,
        Limits {
            keep,
            ping: QUICK,
            ..limits()
        },
    );
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
    // Shown for longer than it would be kept alone.
    let mut pings = 0;
    while pings < 5 {
        pings += usize::from(matches!(line.hear(), Some(Message::Ping(_))));
    }
    line.press(b"alive\n");
    line.wait_for("<alive>");
    drop(line);
    let _ = bench.end();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
    assert!(!line.contents().contains("alive"));
}

#[test]
fn a_slow_browser_makes_the_program_wait() {
    let window = 128 << 10;
    let part = 32 << 10;
    let bench = Bench::with(
        "yes",
        Limits {
            window,
            ping: QUICK,
            ..limits()
        },
    );
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    // A ping says that there was nothing to send for a while.
    let until_quiet = |line: &mut super::Line, least: usize| loop {
        if matches!(line.hear(), Some(Message::Ping(_))) && line.bytes >= least {
            return line.bytes;
        }
    };
    let sent = until_quiet(&mut line, window);
    assert!((window..window + part).contains(&sent), "{sent} bytes");
    line.say(&format!("{{\"shown\":{sent}}}"));
    let more = until_quiet(&mut line, sent + window) - sent;
    assert!((window..window + part).contains(&more), "{more} bytes");
}

#[test]
fn a_browser_that_takes_nothing_in_is_given_up_and_the_program_goes_on() {
    let limits = Limits {
        send: Duration::from_millis(200),
        window: usize::MAX,
        ..limits()
    };
    // More than the buffers between the two can hold.
    let bench = Bench::with("head -c 16000000 /dev/zero; exit 7", limits);
    let cookie = bench.enter();
    let never_read = bench.line(&cookie, (80, 24));
    assert_eq!(bench.end(), 7);
    drop(never_read);
}

#[test]
fn what_a_program_does_not_read_is_kept_up_to_a_limit() {
    let typed = 64 << 10;
    let bench = Bench::with(
        "stty raw -echo; echo ready; exec tail -f /dev/null",
        Limits { typed, ..limits() },
    );
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
    // The terminal itself takes a few KiB more.
    for _ in 0..20 {
        let part = Message::Binary(vec![b'x'; 8 << 10].into());
        if line.socket.send(part).is_err() {
            break;
        }
    }
    let (_, close) = line.farewell();
    let Some(Message::Close(Some(frame))) = close else {
        panic!("{close:?}");
    };
    assert_eq!(frame.code, CloseCode::Again);
}

#[rstest]
#[case::too_long(Message::Binary(vec![b'x'; (64 << 10) + 1].into()), CloseCode::Size)]
#[case::unknown_word(Message::Text("{\"run\":\"rm\"}".into()), CloseCode::Policy)]
fn messages_that_no_page_sends_end_the_line(#[case] message: Message, #[case] code: CloseCode) {
    let bench = Bench::new(ECHO);
    let cookie = bench.enter();
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
    let _ = line.socket.send(message);
    let (_, close) = line.farewell();
    let Some(Message::Close(Some(frame))) = close else {
        panic!("{close:?}");
    };
    assert_eq!(frame.code, code);
    // The console is still there.
    let mut line = bench.line(&cookie, (80, 24));
    line.wait_for("ready");
}

#[test]
fn a_browser_that_is_silent_for_too_long_is_given_up() {
    let bench = Bench::with(
        ECHO,
        Limits {
            silence: QUICK,
            keep: QUICK,
            ..limits()
        },
    );
    let cookie = bench.enter();
    let stream = bench.connect();
    let origin = format!("Origin: http://{}", bench.host());
    let head = bench.upgrade(&stream, &[&cookie, &origin], (80, 24));
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    // Nothing is said: no pong either. The console without a browser then ends.
    let _ = bench.end();
    let _ = (&stream).write(b"x");
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let mut program = super::shell("");
    program.path = "/no/such/program".into();
    let bench = Bench::of(program, limits(), domain::Lang::En);
    let cookie = bench.enter();
    let stream = bench.connect();
    let origin = format!("Origin: http://{}", bench.host());
    let head = bench.upgrade(&stream, &[&cookie, &origin], (80, 24));
    assert!(head.starts_with("HTTP/1.1 500"), "{head}");
    assert!(matches!(bench.event(), Event::Opened));
    assert!(matches!(bench.event(), Event::NoConsole(_)));
}
