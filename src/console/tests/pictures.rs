//! The pictures of the README and the handbook, drawn from the same scenes as the snapshots.
//!
//! They are in `docs/pictures`; a picture that no longer shows what the console draws fails here.

use super::{
    scenes::{SCENES, place, scene},
    svg,
};
use crate::{
    caps::{Caps, Depth, Glyphs},
    state::Screen,
    theme::Theme,
    view::view,
};
use domain::{Lang, Text};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What accepts what is drawn and written now.
const RENEW: &str = "MAKOOK_BLESS=1 cargo test --release -p console@0.1.0 as_shipped";

/// A picture: its scene, the screen that it is of where it is of one alone, and what is seen.
pub(super) const PICTURES: &[(&str, Option<Screen>, Text)] = &[
    (
        "dashboard-jobs",
        Some(Screen::Dashboard),
        Text::new("All runs, one at a glance", "모든 실행과 선택한 실행"),
    ),
    (
        "config",
        Some(Screen::Config),
        Text::new("The settings, each explained", "설정과 설명"),
    ),
    (
        "config-compared",
        Some(Screen::Config),
        Text::new(
            "Settings beside those of other runs",
            "다른 실행과 나란히 놓은 설정",
        ),
    ),
    (
        "presets",
        None,
        Text::new("Ready-made settings", "준비된 설정 묶음"),
    ),
    (
        "run",
        Some(Screen::Run),
        Text::new("A training, live", "진행 중인 학습"),
    ),
    (
        "trades-filtered",
        Some(Screen::Trades),
        Text::new("Trades that fit a condition", "조건에 맞는 거래"),
    ),
    (
        "performance",
        Some(Screen::Performance),
        Text::new("The verdict and its figures", "판정과 지표"),
    ),
    (
        "jobs",
        Some(Screen::Jobs),
        Text::new("Jobs here and on a cluster", "이 컴퓨터와 클러스터의 작업"),
    ),
    (
        "data",
        Some(Screen::Data),
        Text::new("Market data over time", "시간에 따른 시장 데이터"),
    ),
    (
        "models",
        Some(Screen::Models),
        Text::new("Models and their passports", "모델과 명세"),
    ),
    (
        "logs",
        Some(Screen::Logs),
        Text::new("The log of a run", "실행의 로그"),
    ),
    (
        "compare",
        Some(Screen::Compare),
        Text::new("Runs side by side", "나란히 놓은 실행"),
    ),
    (
        "help",
        None,
        Text::new("Help: every action and its keys", "도움말: 모든 동작과 키"),
    ),
    (
        "palette",
        None,
        Text::new("Anything, by a few letters", "몇 글자로 무엇이든 찾기"),
    ),
];

/// Bytes of a picture at most.
const MOST_BYTES: usize = 60_000;

pub(super) const LANGS: [(Lang, &str); 2] = [(Lang::En, "en"), (Lang::Ko, "ko")];

/// The folder of the documents.
pub(super) fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Compares what is written now with the files of `docs`, or writes them where that is asked for.
pub(super) fn hold(now: &[(String, String)]) {
    let bless = std::env::var_os("MAKOOK_BLESS").is_some();
    for (name, text) in now.iter().filter(|_| bless) {
        let path = docs().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let stale = stale(&docs(), now).join("\n");
    assert!(
        stale.is_empty(),
        "no longer true:\n{stale}\nto renew: {RENEW}"
    );
}

/// Returns which files of `folder` differ from what is written now, or are not there.
fn stale(folder: &Path, now: &[(String, String)]) -> Vec<String> {
    let is_stale = |(name, text): &&(String, String)| {
        let is = fs::read_to_string(folder.join(name));
        is.ok().as_ref() != Some(text)
    };
    let stale = now.iter().filter(is_stale);
    stale.map(|(name, _)| format!("docs/{name}")).collect()
}

fn pictures() -> Vec<(String, String)> {
    let place = place();
    let caps = Caps {
        depth: Depth::True,
        glyphs: Glyphs::Unicode,
    };
    let theme = Theme::new(config::keys::Theme::Dark, caps.depth);
    let area = Rect::new(0, 0, 120, 40);
    let mut pictures = Vec::new();
    for (name, screen, title) in PICTURES {
        let one = SCENES.iter().find(|one| one.0 == *name).unwrap();
        for (lang, word) in LANGS {
            let state = scene(&place, one, lang, (area.width, area.height));
            assert!(screen.is_none_or(|screen| screen == state.screen), "{name}");
            let mut buffer = Buffer::empty(area);
            if let Some(caret) = view(&state, &caps, &theme, lang, area, &mut buffer) {
                buffer[caret].modifier.toggle(Modifier::REVERSED);
            }
            let picture = svg::draw(&buffer, title.get(lang));
            pictures.push((format!("pictures/{name}-{word}.svg"), picture));
        }
    }
    pictures
}

#[test]
fn pictures_are_as_shipped() {
    let pictures = pictures();
    for (name, picture) in &pictures {
        assert!(picture.len() <= MOST_BYTES, "{name}: {}", picture.len());
    }
    hold(&pictures);
    let files = fs::read_dir(docs().join("pictures")).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| format!("pictures/{}", file.unwrap().file_name().to_string_lossy()))
        .collect();
    let drawn: BTreeSet<String> = pictures.into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, drawn, "a picture of nothing is left over");
}

#[test]
fn what_differs_or_is_missing_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let now = ["a", "b", "c"].map(|name| (name.to_owned(), "now\n".to_owned()));
    fs::write(folder.path().join("a"), "now\n").unwrap();
    fs::write(folder.path().join("b"), "then\n").unwrap();
    assert_eq!(stale(folder.path(), &now), ["docs/b", "docs/c"]);
}

#[test]
fn every_screen_has_a_picture() {
    for screen in Screen::ALL {
        let mut shown = PICTURES.iter().filter_map(|(_, screen, _)| *screen);
        assert!(shown.any(|one| one == screen), "{screen:?}");
    }
}

#[test]
fn a_picture_holds_columns_escapes_text_and_swaps_reversed_colours() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
    let blue = Style::new().fg(Color::Rgb(0x5f, 0xaf, 0xff));
    buffer.set_string(0, 0, "학습 <&", blue);
    buffer.set_string(8, 0, "ab", Style::new().add_modifier(Modifier::REVERSED));
    buffer.set_string(10, 0, "\u{2824}\u{28ff}", blue);
    let seen = svg::draw(&buffer, "a \"b\"");
    for part in [
        "aria-label=\"a &quot;b&quot;\"",
        // Two wide characters fill four columns, what follows begins at the sixth.
        "<text x=\"0\" y=\"15\" textLength=\"32\" font-size=\"15\" fill=\"#5fafff\">학습</text>",
        "<text x=\"40\" y=\"15\" textLength=\"16\" fill=\"#5fafff\">&lt;&amp;</text>",
        "<rect x=\"64\" y=\"0\" width=\"16\" height=\"20\" fill=\"#d4d7dd\"/>",
        "<text x=\"64\" y=\"15\" textLength=\"16\" fill=\"#15181e\">ab</text>",
        // The third row of dots goes through both cells.
        "d=\"M90 2h5M90 7h5M82 12h13M90 17h5\"",
    ] {
        assert!(seen.contains(part), "{part}\n{seen}");
    }
    let other = svg::draw(&Buffer::empty(Rect::new(0, 0, 12, 1)), "a");
    assert!(
        !other.contains("<text") && !other.contains("<path"),
        "{other}"
    );
}
