//! Palette, help, filters and searches.

use super::stage::{Stage, header};
use rstest::rstest;

const ESC: &[u8] = b"\x1b";
const F1: &[u8] = b"\x1bOP";
const CTRL_F: &[u8] = b"\x06";
const CTRL_P: &[u8] = b"\x10";

#[rstest]
#[case::action(CTRL_P, "Jobs", "7 Jobs")]
#[case::by_colon(b":", "Logs", "0 Logs")]
#[case::setting_by_initials(CTRL_P, "ㅎㅅㄹ", "2 Config")]
#[case::setting(CTRL_P, "clip_range", "2 Config")]
#[case::run(CTRL_P, "alpha", "3 Run")]
#[case::korean_name_of_an_action(CTRL_P, "대시보드", "1 Dashboard")]
fn the_palette_goes_anywhere(#[case] key: &[u8], #[case] typed: &str, #[case] to: &str) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"5");
    screen.wait_until("the report", |shown| header(shown).starts_with('5'));
    screen.press(key);
    screen.wait_for("Go to anything");
    screen.press(typed.as_bytes());
    screen.wait_for(typed);
    screen.press(b"\r");
    screen.wait_until(to, |shown| {
        header(shown) == to && !shown.contains("Go to anything")
    });
    screen.quit();
}

#[test]
fn help_does_what_is_chosen() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(F1);
    screen.wait_for("Esc closes");
    screen.press("한국어로".as_bytes());
    screen.wait_for("Switch the language of the console.");
    screen.press(b"\r");
    screen.wait_for("대시보드");
    screen.quit();
}

#[rstest]
#[case("en", "Compare marked", "mark two runs or more")]
#[case("ko", "표시한 것 비교", "두 개 이상 표시하세요")]
fn help_says_why_an_action_cannot_be_done(
    #[case] lang: &str,
    #[case] action: &str,
    #[case] reason: &str,
) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[("MAKOOK_LANG", lang)]);
    screen.press(F1);
    screen.wait_for("F1");
    screen.press(action.as_bytes());
    let shown = screen.wait_for(reason);
    assert!(shown.contains(&format!("- {action}")), "{shown}");
    // Trying it says the same and does nothing.
    screen.press(b"\r");
    screen.wait_for(reason);
    screen.quit();
}

#[test]
fn the_list_of_runs_is_filtered_and_whole_again() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(CTRL_F);
    screen.press(b"alp");
    screen.wait_without("beta-");
    screen.press(b"\r");
    screen.wait_for("filter: alp");
    screen.press(ESC);
    screen.wait_for("beta-");
    screen.quit();
}

#[test]
fn a_filter_that_no_run_fits_says_how_to_get_out() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"/");
    screen.press(b"nothing");
    screen.press(b"\r");
    screen.wait_for("No run fits the filter. Esc shows all.");
    screen.press(ESC);
    screen.wait_for("beta-");
    screen.quit();
}

#[test]
fn the_list_of_jobs_takes_a_filter() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"7");
    screen.wait_until("the jobs", |shown| header(shown) == "7 Jobs");
    screen.press(CTRL_F);
    screen.press(b"gpu");
    screen.press(b"\r");
    screen.wait_for("filter: gpu");
    screen.press(ESC);
    screen.wait_without("filter: gpu");
    screen.quit();
}

#[test]
fn settings_are_filtered_and_whole_again() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"2");
    screen.wait_for("default");
    screen.press(CTRL_F);
    screen.press(b"gamma");
    screen.press(b"\r");
    let shown = screen.wait_for("filter: gamma");
    assert!(!shown.contains("data.set"), "{shown}");
    screen.press(ESC);
    screen.wait_without("filter: gamma");
    screen.quit();
}

#[rstest]
#[case::fits("pnl<0 and side=long", "trades 8/25")]
#[case::none("bars>1000", "No trade fits the filter")]
#[case::misspelt("sied=long", "did you mean `side`?")]
fn trades_are_asked_in_their_own_language(#[case] filter: &str, #[case] says: &str) {
    let stage = Stage::lived_in();
    let mut screen = stage.on_alpha(&[]);
    screen.press(b"4");
    screen.wait_for("trades 25");
    screen.press(CTRL_F);
    screen.press(filter.as_bytes());
    screen.wait_for(filter);
    screen.press(b"\r");
    screen.wait_for(says);
    screen.press(ESC);
    screen.wait_for("trades 25");
    screen.quit();
}

#[rstest]
#[case::found("repaired", "held")]
#[case::korean("중단", "held")]
#[case::not_found("nowhere", "no such line")]
fn a_log_is_searched(#[case] text: &str, #[case] says: &str) {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    screen.press(b"0");
    screen.wait_for("gaps repaired");
    screen.press(CTRL_F);
    screen.press(text.as_bytes());
    screen.press(b"\r");
    screen.wait_for(says);
    screen.quit();
}
