//! Every screen, by its digit and by Tab, in both languages and at every size.

use super::stage::{Stage, header};
use rstest::rstest;
use std::collections::BTreeSet;

#[rstest]
fn a_digit_opens_its_screen(
    #[values(
        ('1', "Dashboard", "대시보드"),
        ('2', "Config", "설정"),
        ('3', "Run", "실행"),
        ('4', "Trades", "거래"),
        ('5', "Report", "보고서"),
        ('7', "Jobs", "작업"),
        ('0', "Logs", "로그")
    )]
    screen: (char, &str, &str),
    #[values("en", "ko")] lang: &str,
) {
    let (digit, english, korean) = screen;
    let title = if lang == "ko" { korean } else { english };
    let mut screen = Stage::lived_in().opened(&[("MAKOOK_LANG", lang)]);
    let elsewhere = if digit == '2' { "0" } else { "2" };
    screen.press(elsewhere.as_bytes());
    screen.wait_until("another screen", |shown| {
        header(shown).starts_with(elsewhere)
    });
    screen.press(&[digit as u8]);
    let wanted = format!("{digit} {title}");
    screen.wait_until(&wanted, |shown| header(shown) == wanted);
    screen.quit();
}

#[rstest]
#[case::forwards(b"\t")]
#[case::backwards(b"\x1b[Z")]
fn tab_goes_round_every_screen(#[case] key: &[u8]) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    let (first, mut seen) = ("1 Dashboard".to_owned(), BTreeSet::new());
    let mut at = first.clone();
    loop {
        screen.press(key);
        let shown = screen.wait_until("the next screen", |shown| header(shown) != at);
        at = header(&shown).to_owned();
        assert!(seen.insert(at.clone()), "{at} twice");
        if at == first {
            break;
        }
    }
    assert!(seen.len() >= 7, "{seen:?}");
    screen.quit();
}

#[test]
fn esc_comes_back_from_every_screen_to_the_one_before() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    for digit in ["2", "7", "3"] {
        screen.press(digit.as_bytes());
        screen.wait_until(digit, |shown| header(shown).starts_with(digit));
    }
    for digit in ["7", "2", "1"] {
        screen.press(b"\x1b");
        screen.wait_until(digit, |shown| header(shown).starts_with(digit));
    }
    screen.quit();
}

#[test]
fn a_chart_is_enlarged_and_its_cursor_read() {
    let stage = Stage::lived_in();
    let mut screen = stage.on_alpha(&[]);
    screen.press(b"3");
    screen.wait_for("Approx. KL");
    screen.press(b"\r");
    screen.wait_without("Approx. KL");
    screen.press(b"\x1b[C");
    screen.wait_for("Validation score");
    screen.press(b"\x1b");
    screen.wait_for("Approx. KL");
    screen.quit();
}

#[test]
fn the_language_switches_at_once_and_back() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"\x1b[24~");
    screen.wait_for("대시보드");
    screen.press(b"\x1b[24~");
    screen.wait_for("Dashboard");
    screen.quit();
}

#[test]
fn a_project_without_runs_says_how_to_begin() {
    let stage = Stage::new();
    let mut screen = stage.open(&[]);
    screen.wait_for("F8");
    screen.quit();
}
