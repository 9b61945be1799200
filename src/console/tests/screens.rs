//! Every screen and layer as text: at three sizes, in both languages, in colour and in ASCII.
//!
//! The pictures are in `snapshots/`; `MAKOOK_BLESS=1` writes them anew, for a person to review. A
//! coloured one has a row of signs below every row that says how each cell is drawn.

use super::{
    Place,
    corners::{self, CORNERS},
    drawn_with,
    scenes::{SCENES, Scene, place},
    screen,
    touring::STEPS,
};
use crate::{
    caps::{Caps, Depth, Glyphs},
    cells,
    state::State,
    theme::Theme,
};
use domain::{Clock, Lang};
use ratatui::style::{Color, Modifier, Style};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const SMALL: (u16, u16) = (80, 24);
const SIZES: [(u16, u16); 3] = [SMALL, (120, 40), (200, 60)];
const LANGS: [(Lang, &str); 2] = [(Lang::En, "en"), (Lang::Ko, "ko")];

/// All snapshots together, so that nobody has to look through a flood of them.
const MOST_BYTES: u64 = 3_000_000;

/// How a picture is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Mono,
    Colour,
    Ascii,
}

/// One picture to review.
struct Picture {
    scene: &'static Scene,
    lang: Lang,
    size: (u16, u16),
    look: Look,
    file: String,
}

/// Lists every picture: those of the screens at all sizes, the rarer ones at two; in colour and in
/// ASCII at the smallest, the rarer ones in one language.
fn pictures() -> Vec<Picture> {
    let mut all = Vec::new();
    for (scene, rare) in SCENES
        .iter()
        .chain(STEPS)
        .map(|one| (one, false))
        .chain(CORNERS.iter().map(|one| (one, true)))
    {
        for (lang, word) in LANGS {
            let mut add = |size: (u16, u16), look| {
                let suffix = match look {
                    Look::Mono => "",
                    Look::Colour => "-colour",
                    Look::Ascii => "-ascii",
                };
                let file = format!("{}-{word}-{}x{}{suffix}.txt", scene.0, size.0, size.1);
                all.push(Picture {
                    scene,
                    lang,
                    size,
                    look,
                    file,
                });
            };
            let sizes = if rare { &SIZES[..2] } else { &SIZES[..] };
            for size in sizes {
                add(*size, Look::Mono);
                if *size == SMALL && (!rare || lang == Lang::Ko) {
                    add(SMALL, Look::Colour);
                }
            }
            if !rare || lang == Lang::En {
                add(SMALL, Look::Ascii);
            }
        }
    }
    all
}

impl Picture {
    fn state(&self, place: &Place) -> State {
        let mut state = place.state(self.lang, self.size);
        if self.look == Look::Ascii {
            state.glyphs = Glyphs::Ascii;
        }
        self.scene.1(place, &mut state);
        state
    }

    fn drawn(&self, state: &State) -> String {
        match self.look {
            Look::Mono => screen(state, Glyphs::Unicode),
            Look::Ascii => screen(state, Glyphs::Ascii),
            Look::Colour => coloured(state),
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

/// Returns the names of the files in the folder of snapshots.
fn kept() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).into_iter().flatten();
    let name = |file: std::io::Result<fs::DirEntry>| file.unwrap().file_name();
    files
        .map(|file| name(file).into_string().unwrap())
        .collect()
}

#[test]
fn screens_look_as_reviewed() {
    let place = place();
    let folder = folder();
    let bless = std::env::var_os("MAKOOK_BLESS").is_some();
    let mut differing = Vec::new();
    let mut wanted = BTreeSet::new();
    let mut state = State::new(Path::new("."), Lang::En, SMALL, None);
    for one in pictures() {
        // A coloured picture follows the plain one of the same state.
        if one.look != Look::Colour {
            state = one.state(&place);
        }
        let seen = one.drawn(&state);
        let path = folder.join(&one.file);
        if bless {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &seen).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != seen {
            differing.push(format!("{}\n{seen}", path.display()));
        }
        assert!(wanted.insert(one.file), "two scenes have one name");
    }
    for left in kept().difference(&wanted) {
        if bless {
            fs::remove_file(folder.join(left)).unwrap();
        } else {
            differing.push(format!("{left} is a picture of nothing"));
        }
    }
    assert!(
        differing.is_empty(),
        "MAKOOK_BLESS=1 accepts:\n{}",
        differing.join("\n")
    );
}

#[test]
fn the_snapshots_are_many_and_small() {
    let pictures = pictures();
    assert!(
        pictures.len() >= 300,
        "{} snapshots are few",
        pictures.len()
    );
    for look in [Look::Mono, Look::Colour, Look::Ascii] {
        for (lang, _) in LANGS {
            let like = |one: &&Picture| one.look == look && one.lang == lang;
            assert!(pictures.iter().filter(like).count() >= 30);
        }
    }
    let bytes = |file: &String| fs::metadata(folder().join(file)).map_or(0, |meta| meta.len());
    let total: u64 = kept().iter().map(bytes).sum();
    assert!(total < MOST_BYTES, "{total} bytes of snapshots are many");
}

/// Returns the screen as text with a row of signs below every row that is not plain, and what each
/// sign stands for below all.
fn coloured(state: &State) -> String {
    let caps = Caps {
        depth: Depth::Indexed,
        glyphs: Glyphs::Unicode,
    };
    let theme = Theme::new(config::keys::Theme::Dark, caps.depth);
    let roles = [
        ('.', theme.faint),
        ('T', theme.title),
        ('=', theme.bar),
        ('+', theme.good),
        ('!', theme.warn),
        ('x', theme.bad),
    ];
    let lines = ('0'..).zip(theme.series);
    let roles: Vec<(char, Style)> = roles.into_iter().chain(lines).collect();
    let (buffer, _) = drawn_with(state, caps);
    let text = screen(state, Glyphs::Unicode);
    let mut legend: BTreeMap<char, String> = BTreeMap::new();
    let mut others: Vec<Style> = Vec::new();
    let mut all = String::new();
    for (y, line) in (0..buffer.area.height).zip(text.lines()) {
        let mut signs = String::new();
        // The second half of a wide character looks as the first.
        let mut half = None;
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            if let Some(sign) = half.take() {
                signs.push(sign);
                continue;
            }
            let style = Style::new()
                .fg(cell.fg)
                .bg(cell.bg)
                .add_modifier(cell.modifier);
            let sign = match roles.iter().find(|role| filled(role.1) == style) {
                _ if style == filled(Style::new()) => ' ',
                Some((sign, _)) => *sign,
                None => {
                    let at = others.iter().position(|other| *other == style);
                    let at = at.unwrap_or_else(|| {
                        others.push(style);
                        others.len() - 1
                    });
                    ('a'..='w').nth(at).expect("a screen has few styles")
                }
            };
            if sign != ' ' {
                legend.entry(sign).or_insert_with(|| described(style));
            }
            signs.push(sign);
            half = (cells::width(cell.symbol()) > 1).then_some(sign);
        }
        all.push_str(format!("  {line}").trim_end());
        all.push('\n');
        if !signs.trim().is_empty() {
            all.push_str(format!("^ {signs}").trim_end());
            all.push('\n');
        }
    }
    for (sign, style) in legend {
        all.push_str(&format!("\n{sign} {style}"));
    }
    all.push('\n');
    all
}

/// Returns `style` as a cell has it.
fn filled(style: Style) -> Style {
    let (front, back) = (style.fg.unwrap_or_default(), style.bg.unwrap_or_default());
    Style::new()
        .fg(front)
        .bg(back)
        .add_modifier(style.add_modifier)
}

fn described(style: Style) -> String {
    let mut words = Vec::new();
    for (name, colour) in [("text", style.fg), ("ground", style.bg)] {
        if let Some(colour) = colour.filter(|colour| *colour != Color::Reset) {
            words.push(format!("{name} {colour}"));
        }
    }
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::UNDERLINED, "underlined"),
    ] {
        if style.add_modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    words.join(", ")
}

#[test]
fn a_coloured_picture_tells_colours_apart() {
    let place = place();
    let state = place.state(Lang::En, SMALL);
    let seen = coloured(&state);
    for part in ["\nT text 75, bold", "\n= reversed", "\n. text 246"] {
        assert!(seen.contains(part), "{part:?} is not in\n{seen}");
    }
    let mut other = place.state(Lang::En, SMALL);
    other.toast = None;
    other.say(crate::state::Tone::Bad, domain::Text::new("no", "아님"));
    assert!(!seen.contains("\n^ !!!!") && coloured(&other).contains("\n^ !!!!"));
}

#[test]
fn nothing_is_of_ambiguous_width() {
    let place = place();
    for one in corners::all() {
        for lang in [Lang::En, Lang::Ko] {
            let mut state = place.state(lang, (120, 40));
            one.1(&place, &mut state);
            let seen = screen(&state, Glyphs::Unicode).replace('\n', "");
            assert_eq!(cells::clean(&seen), seen, "{}", one.0);
        }
    }
}

/// What the users of the scenes wrote themselves, which no terminal's characters change.
const USERS: [&str; 7] = [
    "첫-실험",
    "첫 실험",
    "비트코인 한 시간봉 두 번째 실험",
    "ERROR 학습 중단",
    "ㅎㅅㄹ",
    "ㅈㅈ",
    "한글",
];

fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣' | 'ㄱ'..='ㅣ')
}

#[test]
fn an_ascii_terminal_gets_ascii() {
    let place = place();
    let mut wrong = Vec::new();
    let ascii = |one: &&Picture| one.look == Look::Ascii;
    // Those names are all signs.
    let named = |one: &&Picture| one.scene.0 != "odd-names";
    for picture in pictures().iter().filter(ascii).filter(named) {
        let seen = screen(&picture.state(&place), Glyphs::Ascii);
        let ours = |c: &char| !c.is_ascii() && !is_hangul(*c);
        let odd: String = seen.chars().filter(ours).collect();
        // In English every Hangul word is a user's.
        let words = seen.split(|c: char| !is_hangul(c));
        let words = words.filter(|word| picture.lang == Lang::En && !word.is_empty());
        let strange: Vec<&str> = words
            .filter(|word| !USERS.iter().any(|text| text.contains(word)))
            .collect();
        if !odd.is_empty() || !strange.is_empty() {
            wrong.push(format!("{}: {odd} {strange:?}\n{seen}", picture.scene.0));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn in_korean_only_hangul_is_beyond_ascii_on_an_ascii_terminal() {
    let place = place();
    let mut wrong = Vec::new();
    let own = ["log-odd", "odd-names", "logs"];
    let ascii = |one: &&Picture| one.look == Look::Ascii && !own.contains(&one.scene.0);
    for picture in pictures().iter().filter(ascii) {
        let seen = picture.drawn(&picture.state(&place));
        let hangul = |c: char| ('가'..='힣').contains(&c) || ('ㄱ'..='ㅣ').contains(&c);
        let odd: String = seen
            .chars()
            .filter(|c| !c.is_ascii() && !hangul(*c))
            .collect();
        if !odd.is_empty() {
            wrong.push(format!("{}: {odd}\n{seen}", picture.file));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_first_frame_says_who_we_are_before_any_file_was_read() {
    let state = State::new(Path::new("."), Lang::Ko, (80, 24), None);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("makook") && seen.contains("실행을 찾는 중"),
        "{seen}"
    );
    assert!(seen.contains("F10 끝내기"), "{seen}");
}

#[test]
fn colour_is_not_needed_to_see_what_is_chosen() {
    let place = place();
    let seen = screen(&place.state(Lang::En, (80, 24)), Glyphs::Ascii);
    assert!(seen.lines().any(|line| line.starts_with('>')), "{seen}");
    assert!(place.clock.now().0 > 0);
}
