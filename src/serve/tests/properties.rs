//! What holds for any input: nothing panics, nothing is lost, a painted screen is the screen.

use crate::{
    names::{Names, same_origin},
    request::Request,
    sequence::Cutter,
    session::painting,
};
use proptest::prelude::*;

/// Pieces of what programs write.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed: &[&str] = &[
        "plain text ",
        "학습률 ",
        "🙂",
        "\r\n",
        "\x1b[1;31m",
        "\x1b[38;5;208m",
        "\x1b[0m",
        "\x1b[2J",
        "\x1b[K",
        "\x1b[5;7H",
        "\x1b[24;79H",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b[?25l",
        "\x1b[?25h",
        "\x1b[?2004h",
        "\x1b[?2026h",
        "\x1b]0;제목\x07",
    ];
    let fixed: Vec<Vec<u8>> = fixed.iter().map(|text| text.as_bytes().to_vec()).collect();
    prop_oneof![
        9 => prop::sample::select(fixed),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ]
}

proptest! {
    #[test]
    fn the_cutter_passes_everything_in_order(
        pieces in prop::collection::vec(piece(), 0..30),
        step in 1_usize..40,
    ) {
        let all = pieces.concat();
        let mut cutter = Cutter::default();
        let passed: Vec<u8> = all.chunks(step).flat_map(|part| cutter.push(part)).collect();
        // CAN ends whatever is still held.
        let rest = cutter.push(b"\x18");
        let mut expected = all;
        expected.push(0x18);
        prop_assert_eq!([passed, rest].concat(), expected);
    }

    #[test]
    fn a_painted_screen_is_the_screen(pieces in prop::collection::vec(piece(), 0..60)) {
        let fresh = || vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        let mut cutter = Cutter::default();
        let mut shown = fresh();
        for piece in pieces {
            shown.process(&cutter.push(&piece));
        }
        let (shown, mut back) = (shown.screen(), fresh());
        back.process(b"what an earlier console left\x1b[?25l\x1b[7m");
        back.process(&painting(shown));
        let back = back.screen();
        prop_assert_eq!(back.contents(), shown.contents());
        prop_assert_eq!(back.contents_formatted(), shown.contents_formatted());
        prop_assert_eq!(back.cursor_position(), shown.cursor_position());
        prop_assert_eq!(back.input_mode_formatted(), shown.input_mode_formatted());
        prop_assert_eq!(back.alternate_screen(), shown.alternate_screen());
    }

    #[test]
    fn no_request_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Request::read(&mut bytes.as_slice());
        let head = [b"GET /?a=b HTTP/1.1\r\ncookie: ", bytes.as_slice(), b"\r\n\r\n"].concat();
        if let Ok(request) = Request::read(&mut head.as_slice()) {
            let _ = (request.cookie("a"), request.asked("a"), request.lists("cookie", "a"));
        }
    }

    #[test]
    fn no_name_of_letters_and_dots_is_admitted_but_localhost(name in "[a-z.\\[\\]:가-힣]{0,20}") {
        let names = Names::of("127.0.0.1:1".parse().unwrap(), "node7");
        let loopback = name.trim_start_matches('[').starts_with("::");
        prop_assert!(!names.admit(&name) || name == "localhost" || loopback, "{}", name);
        let _ = same_origin(&name, &name);
    }
}
