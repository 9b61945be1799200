//! Korean is whole: keys, typing, finding, particles and words.

use super::{scenes, typed};
use crate::{
    action,
    actions::all,
    chord::Chord,
    fuzzy,
    layer::{Layer, Page},
    message::Message,
    search::{self, Hit},
    state::{Screen, State},
    words,
};
use crossterm::event::KeyCode;
use domain::Lang;
use std::{fs, path::Path};

/// Everything that a key of the two-set layout sends while the input method is on.
fn jamo() -> impl Iterator<Item = char> {
    'ㄱ'..='ㅣ'
}

/// The jamo on the key of `letter`.
fn jamo_of(letter: char) -> Option<char> {
    let there = |jamo: &char| Chord::char(*jamo).on_latin_layout() == Chord::char(letter);
    jamo().find(there)
}

#[test]
fn every_letter_of_every_action_works_with_an_input_method_on() {
    let place = scenes::place();
    let mut letters = 0;
    for screen in Screen::ALL {
        let mut state = place.state(Lang::Ko, (80, 24));
        state.screen = screen;
        for action in all().filter(|action| action.is_on(screen)) {
            for key in action.keys.iter().filter(|key| key.is_letter()) {
                let KeyCode::Char(letter) = key.code else {
                    panic!("{key} is a letter");
                };
                let Some(jamo) = jamo_of(letter) else {
                    // Shift gives most keys no jamo of their own; there is another key then.
                    assert!(letter.is_uppercase(), "{}: no jamo for {letter}", action.id);
                    assert!(!action.keys[0].is_letter(), "{}", action.id);
                    continue;
                };
                let by = |c| action::of_chord(&state, Chord::char(c)).map(|found| found.id);
                assert_eq!(by(jamo), by(letter), "{} on {screen:?}", action.id);
                assert!(by(jamo).is_some(), "{} on {screen:?}", action.id);
                letters += 1;
            }
        }
    }
    assert!(letters > 40, "{letters} letters are few");
    assert_eq!(jamo_of('1'), None);
    // A consonant or vowel that is on no key of its own does nothing.
    let state = place.state(Lang::Ko, (80, 24));
    assert!(action::of_chord(&state, Chord::char('ㄳ')).is_none());
}

/// 한글 as some input methods send it: in pieces.
const PIECES: &str = "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}";

/// Returns what is typed in the topmost layer.
fn text_of(state: &State) -> String {
    match state.layers.last().unwrap() {
        Layer::Entry(entry) => entry.line.text().to_owned(),
        Layer::Help(finder) | Layer::Palette(finder) => finder.query.text().to_owned(),
        Layer::Launch(launch) => match launch.stage {
            crate::launch::Stage::Edit => launch.script.text(),
            _ => launch.typed.text().to_owned(),
        },
        Layer::Confirm(confirm) => confirm.typed.text().to_owned(),
        Layer::Pick(_) | Layer::Page(Page { .. }) | Layer::NewKey(_) => String::new(),
    }
}

#[test]
fn what_is_typed_in_pieces_is_composed_wherever_something_can_be_typed() {
    let place = scenes::place();
    let fields: [scenes::Scene; 11] = [
        ("filter of runs", |place, state| {
            place.press(state, &[Chord::ctrl('f')]);
        }),
        ("filter of settings", |place, state| {
            place.press(state, &[Chord::char('2'), Chord::ctrl('f')]);
        }),
        ("filter of trades", |place, state| {
            let keys = [Chord::key(KeyCode::Down), Chord::char('4')];
            place.press(state, &keys);
            place.read_chosen(state);
            place.press(state, &[Chord::ctrl('f')]);
        }),
        ("filter of jobs", |place, state| {
            scenes::jobs(place, state);
            place.press(state, &[Chord::ctrl('f')]);
        }),
        ("search in the log", |place, state| {
            place.press(state, &[Chord::char('0'), Chord::ctrl('f')]);
        }),
        ("palette", |place, state| {
            place.press(state, &[Chord::ctrl('p')]);
        }),
        ("help", |place, state| {
            place.press(state, &[Chord::f(1)]);
        }),
        ("setting", |place, state| {
            scenes::setting(place, state, "data.set");
            place.press(state, &[Chord::key(KeyCode::Enter)]);
        }),
        ("name of a file", |place, state| {
            scenes::typed_for(place, state, "agent.gamma", "0.9");
            place.press(state, &[Chord::ctrl('o')]);
        }),
        ("script", |place, state| {
            scenes::launch(place, state);
            place.press(state, &[Chord::f(3)]);
        }),
        ("number of jobs", |place, state| {
            scenes::jobs(place, state);
            let mark = Chord::char(' ');
            place.press(state, &[mark, mark, Chord::key(KeyCode::Delete)]);
        }),
    ];
    for (name, open) in fields {
        for pasted in [false, true] {
            let mut state = place.state(Lang::Ko, (80, 24));
            open(&place, &mut state);
            let before = text_of(&state);
            if pasted {
                place.tell(&mut state, Message::Paste(PIECES.to_owned()));
            } else {
                place.press(&mut state, &typed(PIECES));
            }
            let after = text_of(&state);
            assert_eq!(
                after.matches("한글").count(),
                1,
                "{name}: {before:?} {after:?}"
            );
            assert_eq!(after.chars().count(), before.chars().count() + 2, "{name}");
            // By syllable, not by piece.
            place.press(&mut state, &[Chord::key(KeyCode::Backspace)]);
            assert_eq!(text_of(&state).matches('글').count(), 0, "{name}");
            assert_eq!(text_of(&state).matches('한').count(), 1, "{name}");
        }
    }
}

/// The initial consonants of the Hangul in `text`; `None` where there is none.
fn initials(text: &str) -> Option<String> {
    const INITIALS: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
    let initial = |c: char| {
        let index = u32::from(c)
            .checked_sub(0xAC00)
            .filter(|index| *index < 11_172)?;
        INITIALS.chars().nth(index as usize / 588)
    };
    let found: String = text.chars().filter_map(initial).collect();
    (!found.is_empty()).then_some(found)
}

#[test]
fn every_action_and_every_setting_is_found_by_its_initial_consonants() {
    let place = scenes::place();
    let mut state = place.state(Lang::Ko, (80, 24));
    let mut found = 0;
    let hits = |state: &mut State, query: &str| {
        state.layers.clear();
        place.press(state, &[Chord::ctrl('p')]);
        place.press(state, &typed(query));
        search::hits(state, state.layers.last().unwrap())
    };
    for screen in Screen::ALL {
        state.screen = screen;
        let here: Vec<_> = action::existing(&state).collect();
        for action in here {
            // It is worded in the other language on purpose.
            if action.id == "app.language" {
                continue;
            }
            let query = initials(action.title.ko).unwrap_or_else(|| panic!("{}", action.id));
            // The screens' own actions are on all of them.
            if action.on.is_empty() && screen != Screen::Dashboard {
                continue;
            }
            let named = |hit: &Hit| matches!(hit, Hit::Action(one) if one.id == action.id);
            assert!(
                hits(&mut state, &query).iter().any(named),
                "{query}: {}",
                action.id
            );
            found += 1;
        }
    }
    state.screen = Screen::Dashboard;
    let mut named_alike = Vec::new();
    for key in config::keys::keys() {
        let Some(query) = initials(key.label.ko) else {
            named_alike.push(key.path);
            continue;
        };
        let named = |hit: &Hit| matches!(hit, Hit::Setting(one) if one.path == key.path);
        assert!(
            hits(&mut state, &query).iter().any(named),
            "{query}: {}",
            key.path
        );
        found += 1;
    }
    // Symbols of the field, written alike everywhere.
    assert_eq!(named_alike, ["agent.gae_lambda", "agent.adam_eps"]);
    assert!(found > 150, "{found} are few");
    assert_eq!(fuzzy::score("ㅎㄹㅅ", "학습률"), None);
}

/// Words that stand in Korean texts as they are: names, units, symbols and terms of the field that
/// have no Korean form in use.
const ALLOWED: &[&str] = &[
    "AAPL", "ASCII", "Adam", "AdamW", "Alt", "Bksp", "Del", "PgUp", "Shift", "bksp", "btc", "ctrl",
    "down", "esc", "hourly", "makook", "pgup", "screen", "shift", "space", "tmux", "CPU", "CSV",
    "Ctrl", "Lib", "STEP", "wide", "DIED", "Enter", "English", "Esc", "GAE", "GPU", "GiB", "JSON",
    "PPO", "Parquet", "QOS", "RSI", "STALLED", "SVG", "Slurm", "Space", "Tab", "UTC", "and", "bps",
    "clip", "exports", "local", "sbatch", "unit", "units",
];

/// Returns the Latin words of `text` that are neither allowed nor code, a key, a path or a number.
fn foreign(text: &str) -> Vec<String> {
    let outside = |text: &str, open: char, close: char| -> String {
        let mut depth = 0_i32;
        let mut kept = String::new();
        for c in text.chars() {
            let inside = depth > 0;
            match c {
                c if c == open && (open != close || !inside) => depth += 1,
                c if c == close && inside => depth -= 1,
                _ if inside => {}
                c => kept.push(c),
            }
        }
        kept
    };
    let text = outside(&outside(text, '{', '}'), '`', '`');
    let apart = |c: char| !c.is_ascii_graphic() || matches!(c, '"' | '\'' | ',' | '(' | ')' | ':');
    let is_code = |word: &&str| word.starts_with("--") || word.contains(['/', '=', '<', '>', '_']);
    text.split(apart)
        .filter(|word| !is_code(word))
        .flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric() && c != '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_alphabetic()))
        .filter(|word| !ALLOWED.contains(word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_korean_text_is_half_english() {
    let mut wrong = Vec::new();
    let mut check = |place: &str, text: &str| {
        for word in foreign(text) {
            wrong.push(format!("{word}: {place}: {text}"));
        }
    };
    for action in all() {
        check(action.id, action.title.ko);
        check(action.id, action.help.ko);
    }
    for text in words::ALL {
        check(text.en, text.ko);
    }
    for key in config::keys::keys() {
        let effect = key.effect.map(|effect| [effect.raising, effect.lowering]);
        let texts = [key.label, key.help, key.unit];
        for text in texts.into_iter().chain(effect.into_iter().flatten()) {
            check(key.path, text.ko);
        }
    }
    for (path, text) in korean_of_sources() {
        check(&path, &text);
    }
    assert!(
        wrong.is_empty(),
        "{} words:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(foreign("학습을 start 합니다"), ["start"]);
    assert!(foreign("`makook resume {id}` 명령과 configs/a.toml, agent.gamma=1").is_empty());
}

/// Every literal with Hangul in the console's sources, tests excepted.
fn korean_of_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [root.to_owned(), root.join("actions"), root.join("view")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|kind| kind != "rs") || path.ends_with("tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            for line in program
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
            {
                for literal in line.split('"').skip(1).step_by(2) {
                    if literal.chars().any(|c| ('가'..='힣').contains(&c)) {
                        found.push((name.clone(), literal.to_owned()));
                    }
                }
            }
        }
    }
    found
}

/// Particles that leave it to the reader which form is meant.
const EITHER: [&str; 6] = ["을(를)", "이(가)", "은(는)", "와(과)", "과(와)", "(으)로"];

/// Returns whether a particle of `text` leaves its form open after a word that is known here.
fn leaves_open(text: &str) -> bool {
    EITHER.iter().any(|particle| {
        let mut at = text.match_indices(particle);
        at.any(|(at, _)| {
            text[..at]
                .chars()
                .last()
                .is_some_and(|c| ('가'..='힣').contains(&c))
        })
    })
}

#[test]
fn no_particle_is_left_open_after_a_known_word() {
    let texts = korean_of_sources();
    assert!(texts.len() > 300, "{} texts are few", texts.len());
    for (path, text) in texts {
        assert!(!leaves_open(&text), "{path}: {text}");
    }
    for key in config::keys::keys() {
        assert!(!leaves_open(key.help.ko), "{}", key.path);
    }
    assert!(leaves_open("설정을(를) 저장") && leaves_open("파일(으)로"));
    assert!(!leaves_open("{path}을(를) 저장"));
}
