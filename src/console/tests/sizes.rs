//! Every picture at every size: nothing panics, at 80 x 24 nothing of ours is cut off, and all that
//! can be done is named.

use super::{
    Place,
    corners::{self, all},
    drawn,
    scenes::{self, Scene},
    screen,
};
use crate::{
    action,
    caps::Glyphs,
    cells,
    chord::Chord,
    layer::Layer,
    message::Message,
    search::{self, Hit},
    state::State,
};
use crossterm::event::KeyCode;
use domain::{Lang, StreamRng};

/// Sizes drawn at random of each picture.
const RANDOM: usize = if cfg!(debug_assertions) { 1 } else { 12 };
/// Each picture is drawn at every so manieth of the fixed sizes, and all of them together at all.
const EVERY: usize = if cfg!(debug_assertions) { 4 } else { 1 };

fn draw_at(place: &Place, state: &mut State, (columns, rows): (u16, u16)) {
    place.tell(state, Message::Resize(columns, rows));
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
        drawn(state, glyphs);
    }
}

#[test]
fn no_picture_panics_at_any_size() {
    let place = scenes::place();
    let mut rng = StreamRng::seeded(10);
    let mut tiny: Vec<(u16, u16)> = (1..=6).flat_map(|x| (1..=6).map(move |y| (x, y))).collect();
    // One row or column, the ends, and around what changes the layout.
    tiny.extend([
        (400, 1),
        (1, 200),
        (400, 200),
        (13, 7),
        (40, 9),
        (59, 14),
        (76, 5),
        (79, 23),
    ]);
    tiny.extend((1..30).map(|n| (n * 3, n)));
    for (at, one) in all().enumerate() {
        let lang = if at % 2 == 0 { Lang::Ko } else { Lang::En };
        let mut state = scenes::scene(&place, one, lang, (80, 24));
        for size in tiny.iter().skip(at % EVERY).step_by(EVERY) {
            // The largest takes long; every tenth picture will do.
            if size.0 < 400 || at % 10 == 0 {
                draw_at(&place, &mut state, *size);
            }
        }
        for _ in 0..RANDOM {
            let size = (1 + rng.below(400) as u16, 1 + rng.below(200) as u16);
            draw_at(&place, &mut state, size);
        }
    }
}

#[test]
fn a_scene_may_begin_at_any_size() {
    let place = scenes::place();
    for (at, one) in all().enumerate() {
        let sizes = [(1, 1), (3, 2), (17, 5), (30, 12)];
        let size = sizes[at % sizes.len()];
        // Jumps between screens must not depend on what fits on them.
        let mut state = place.state(Lang::Ko, size);
        if one.0 != "compare" {
            one.1(&place, &mut state);
        }
        drawn(&state, Glyphs::Unicode);
    }
}

/// Texts that the user or another program made; they may be as long as they like.
const OWN: &[&str] = &[
    "비트코인 한 시간봉 두 번째 실험",
    "data/sample/binance",
    "filter: agent",
    "거르기: agent",
    "sbatch",
    "makook",
    "20240201-",
    "20240131-",
];

/// Returns what is cut off on a screen of our own texts: what stands before a `~` that ends a word.
fn cuts(seen: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in seen.lines() {
        for (at, _) in line.match_indices('~') {
            let (before, after) = (&line[..at], &line[at + 1..]);
            let ends = after.is_empty() || after.starts_with(' ');
            if !ends || before.is_empty() || before.ends_with(' ') {
                continue;
            }
            let from = before.rfind("  ").map_or(0, |space| space + 2);
            let cut = before[from..].trim().trim_start_matches(['>', '*']).trim();
            let is_own = |own: &&str| {
                let cut: Vec<char> = cut.chars().collect();
                let own: Vec<char> = own.chars().collect();
                let length = cut.len().min(own.len());
                length > 2 && cut[..length] == own[..length]
            };
            if !OWN.iter().any(is_own) {
                found.push(cut.to_owned());
            }
        }
    }
    found
}

#[test]
fn nothing_of_ours_is_cut_off_at_eighty_columns() {
    let place = scenes::place();
    // Logs, reports and scripts are texts of others.
    let others = ["odd-names", "jobs-script", "report-damaged"];
    let mut wrong = Vec::new();
    let ours = |one: &&Scene| !others.contains(&one.0) && !one.0.starts_with("logs");
    for one in all().filter(ours) {
        for lang in [Lang::En, Lang::Ko] {
            let state = scenes::scene(&place, one, lang, (80, 24));
            // What lies under a dialog is seen whole once it is closed.
            let covered = !state.layers.is_empty();
            for cut in cuts(&screen(&state, Glyphs::Unicode)) {
                if !covered || cells::width(&cut) > 2 {
                    wrong.push(format!("{} {lang:?}: {cut}", one.0));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "cut off:\n{}", wrong.join("\n"));
    assert_eq!(cuts("  남은 시간 1m11s  시드 2 학~"), ["시드 2 학"]);
    assert!(cuts("목표 0.01~0.05, ~ 3초  비트코인 한 시~ 실행").is_empty());
}

#[test]
fn at_eighty_columns_every_action_of_the_footer_is_named_or_a_key_away() {
    let place = scenes::place();
    let mut hidden = 0;
    for one in all() {
        for lang in [Lang::En, Lang::Ko] {
            let mut state = scenes::scene(&place, one, lang, (80, 24));
            state.layers.clear();
            state.tour = None;
            let seen = screen(&state, Glyphs::Unicode);
            let footer = seen.lines().last().unwrap().to_owned();
            assert!(
                footer.contains("F1 ") && footer.contains("F10 "),
                "{}\n{footer}",
                one.0
            );
            let ranked = action::footer(&state);
            let missing: Vec<_> = ranked
                .iter()
                .filter(|action| !footer.contains(action.title.get(lang)))
                .collect();
            hidden += missing.len();
            place.press(&mut state, &[Chord::f(1)]);
            let hits = search::hits(&state, state.layers.last().unwrap());
            for action in missing {
                let named = |hit: &Hit| matches!(hit, Hit::Action(one) if one.id == action.id);
                let at = hits.iter().position(named);
                let at = at.unwrap_or_else(|| panic!("{} is nowhere", action.id));
                // Its row is shown, title and key whole, once it is gone to.
                let Some(Layer::Help(finder)) = state.layers.last_mut() else {
                    panic!("no help");
                };
                finder.cursor.set(at, hits.len(), 1);
                let seen = screen(&state, Glyphs::Unicode);
                let (title, key) = (action.title.get(lang), action.keys[0].to_string());
                assert!(
                    seen.lines()
                        .any(|row| row.contains(title) && row.contains(&key)),
                    "{}: {} with {key} is not in\n{seen}",
                    one.0,
                    title
                );
            }
        }
    }
    assert!(hidden > 20, "{hidden} hidden actions prove little");
}

#[test]
fn the_size_of_a_list_never_hides_its_choice() {
    let place = scenes::place();
    for rows in [6, 9, 12, 24] {
        let one = corners::CORNERS.iter().find(|one| one.0 == "all-states");
        let mut state = scenes::scene(&place, one.unwrap(), Lang::En, (80, 24));
        place.tell(&mut state, Message::Resize(80, rows));
        for _ in 0..state.runs.all.len() {
            let seen = screen(&state, Glyphs::Unicode);
            let chosen = seen.lines().filter(|line| line.starts_with('>')).count();
            assert_eq!(chosen, 1, "{rows} rows\n{seen}");
            place.press(&mut state, &[Chord::key(KeyCode::Down)]);
        }
    }
}
