//! What arrives from keyboards, input methods, clipboards and terminals that answer late.

use super::stage::{Stage, chosen, header};
use crate::console::{ASK, Screen};
use rstest::rstest;

const CTRL_F: &[u8] = b"\x06";
const ESC: &[u8] = b"\x1b";

/// A console in which a filter is being typed.
fn typing(stage: &Stage) -> Screen {
    let mut screen = stage.opened(&[]);
    screen.press(CTRL_F);
    screen.wait_for("name, id or state");
    screen
}

/// How clipboards arrive.
fn pasted(text: &str) -> Vec<u8> {
    format!("\x1b[200~{text}\x1b[201~").into_bytes()
}

#[rstest]
#[case::korean("첫 실험", "첫 실험")]
#[case::decomposed("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글")]
#[case::lines("one\ntwo\r\n", "one")]
#[case::keys_of_ours("q\x1b[21~", "q")]
fn pasted_text_is_text(#[case] text: &str, #[case] shown: &str) {
    let stage = Stage::lived_in();
    let mut screen = typing(&stage);
    screen.press(&pasted(text));
    screen.wait_for(shown);
    // It is still being typed: nothing of it was taken for a key.
    screen.press(b"@@");
    let still = screen.wait_for("@@");
    assert!(
        still.contains("name, id or state") && still.contains(shown),
        "{still}"
    );
    screen.press(ESC);
    screen.wait_without("name, id or state");
    screen.quit();
}

#[test]
fn text_pasted_where_none_is_typed_does_nothing() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(&pasted("q\n2\n"));
    screen.press(b"7");
    screen.wait_until("the jobs", |shown| header(shown) == "7 Jobs");
    screen.press(ESC);
    screen.wait_until("the dashboard", |shown| header(shown) == "1 Dashboard");
    screen.quit();
}

#[test]
fn what_an_input_method_sends_in_pieces_is_one_syllable() {
    let stage = Stage::lived_in();
    let mut screen = typing(&stage);
    for part in ["\u{1112}", "\u{1161}", "\u{11ab}"] {
        screen.press(part.as_bytes());
    }
    screen.wait_for("한");
    // One step back takes the whole syllable.
    screen.press(b"\x7f");
    screen.wait_without("한");
    screen.press(ESC);
    screen.wait_without("name, id or state");
    screen.quit();
}

#[test]
fn the_cursor_stands_behind_what_was_typed() {
    let stage = Stage::lived_in();
    let mut screen = typing(&stage);
    screen.press("학습".as_bytes());
    let shown = screen.wait_for("학습");
    let terminal = screen.terminal();
    let (row, column) = terminal.cursor_position();
    assert!(!terminal.hide_cursor());
    let line = shown.lines().nth(usize::from(row)).unwrap();
    let before = line.find("학습").unwrap();
    assert_eq!(usize::from(column), before + 4, "{line}");
    screen.press(ESC);
    screen.wait_without("name, id or state");
    screen.quit();
}

#[rstest]
#[case::down("ㅓ", "alpha")]
#[case::letter("j", "alpha")]
#[case::arrow("\x1b[B", "alpha")]
#[case::arrow_of_an_application("\x1bOB", "alpha")]
fn a_korean_keyboard_moves_as_a_latin_one(#[case] key: &str, #[case] run: &str) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(key.as_bytes());
    screen.wait_until(run, |shown| chosen(shown).contains(run));
    screen.quit();
}

#[rstest]
#[case::mode(b"\x1b[?2026;2$y")]
#[case::colour(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\")]
#[case::identity(b"\x1b[?62;22c")]
#[case::capability(b"\x1bP1+r544e=787465726d\x1b\\")]
#[case::focus(b"\x1b[I\x1b[O")]
#[case::noise(b"\xff\xfe\x1b[999999999999999z")]
fn what_is_no_key_is_no_key(#[case] bytes: &[u8]) {
    let stage = Stage::lived_in();
    let mut screen = typing(&stage);
    screen.press(bytes);
    // The keys right behind it arrive, and nothing else does.
    screen.press(b"xyz");
    screen.wait_for("filter: xyz ");
    screen.press(ESC);
    screen.wait_without("name, id or state");
    screen.quit();
}

#[test]
fn a_sequence_that_the_line_tore_is_still_one_key() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    for byte in b"\x1b[B" {
        screen.press(&[*byte]);
    }
    screen.wait_until("alpha is chosen", |shown| chosen(shown).contains("alpha"));
    screen.quit();
}

#[test]
fn a_terminal_that_never_answers_is_asked_once() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    for digit in ["2", "3", "7", "0"] {
        screen.press(digit.as_bytes());
        screen.wait_until(digit, |shown| header(shown).starts_with(digit));
    }
    assert_eq!(screen.asked, 1, "{}", String::from_utf8_lossy(ASK));
    screen.quit();
}

#[test]
fn a_terminal_that_answers_is_asked_after_every_frame() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]).answering();
    let before = screen.asked;
    for digit in ["2", "3", "7", "0"] {
        screen.press(digit.as_bytes());
        screen.wait_until(digit, |shown| header(shown).starts_with(digit));
    }
    assert!(screen.asked >= before + 3, "{} {before}", screen.asked);
    screen.quit();
}
