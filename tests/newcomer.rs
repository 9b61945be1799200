//! A newcomer's path: from opening the console to promoting the better configuration, with arrows,
//! Enter, Esc, digits and F-keys alone, each key counted.

use crate::{
    console::Screen,
    place::{Place, SMALL},
};

/// Keys that the whole path may take.
const BUDGET: usize = 40;

const ENTER: &[u8] = b"\r";
const UP: &[u8] = b"\x1b[A";
const RIGHT: &[u8] = b"\x1b[C";
const PAGE_DOWN: &[u8] = b"\x1b[6~";
const SPACE: &[u8] = b" ";
const F7: &[u8] = b"\x1b[18~";
const F8: &[u8] = b"\x1b[19~";
const F9: &[u8] = b"\x1b[20~";
const F10: &[u8] = b"\x1b[21~";

/// Every key of the path but digits; none is a letter or needs Ctrl or Alt.
const KEYS: &[&[u8]] = &[ENTER, UP, RIGHT, PAGE_DOWN, SPACE, F7, F8, F9, F10];

/// A person at the console, whose key presses are counted.
struct Newcomer {
    screen: Screen,
    pressed: usize,
}

impl Newcomer {
    fn press(&mut self, key: &[u8]) {
        let digit = matches!(key, [b'0'..=b'9']);
        assert!(
            digit || KEYS.contains(&key),
            "{key:?} is no key of a newcomer"
        );
        self.pressed += 1;
        self.screen.press(key);
    }

    fn press_times(&mut self, key: &[u8], times: usize) {
        (0..times).for_each(|_| self.press(key));
    }

    fn sees(&mut self, text: &str) -> String {
        self.screen.wait_for(text)
    }
}

#[test]
fn from_opening_to_the_better_configuration_in_forty_keys() {
    let place = Place::new();
    // What is set for the whole project: small, and longer than anyone waits.
    let endless = "train.total_steps=2000000000";
    let mut set = vec!["config", "set"];
    set.extend(
        SMALL
            .iter()
            .filter(|one| !one.starts_with("train.total_steps")),
    );
    set.push(endless);
    place.ok(0, &set);
    let previous = place.train(&[]);
    let screen = Screen::open(&place, 120, 40, &[]);
    let mut person = Newcomer { screen, pressed: 0 };
    person.sees("F10");

    // Three settings: two pages down and up again to each.
    person.press(b"2");
    person.sees("Data set (set)");
    person.press_times(PAGE_DOWN, 2);
    for (up, key) in [(9, "entropy_coef"), (2, "clip_range"), (4, "learning_rate")] {
        person.press_times(UP, up);
        person.sees(&format!("agent.{key}"));
        person.press(RIGHT);
    }
    person.sees("changes 3");

    // Launch, with the exact command on screen before anything is sent.
    person.press(F8);
    person.sees("local");
    person.press(ENTER);
    person.sees("This would be sent");
    person.press(ENTER);

    // Watch: the console is on the new run already.
    person.sees("Rollout return");
    person.sees("started");
    person.sees("running");

    // Stop.
    person.press(F7);
    person.sees("[> Cancel <]");
    person.press(RIGHT);
    person.press(ENTER);

    // Compare with the previous run.
    person.press(b"1");
    person.sees("interrupted");
    person.press_times(SPACE, 2);
    person.press(F9);
    person.sees("only B was judged on held-out time");

    // Promote the better one, which is offered first.
    person.press(ENTER);
    person.sees("Whose settings");
    person.press(ENTER);
    let shown = person.sees("[> Cancel <]");
    assert!(shown.contains("total_steps = 16_384"), "{shown}");
    person.press(RIGHT);
    person.press(ENTER);
    person.sees("promoted: the next training starts from");
    person.press(F10);
    let pressed = person.pressed;
    assert_eq!(person.screen.end().0, 0);
    assert!(pressed <= BUDGET, "{pressed} keys");

    let id = previous.file_name().unwrap().to_string_lossy().into_owned();
    let promoted = place.path().join("configs/btc.toml");
    let text = std::fs::read_to_string(&promoted).unwrap();
    assert!(text.contains(&id), "{text}");
    // A training from the file would have the previous run's settings, not those just tried.
    let shown = place.json(&["config", "show", "configs/btc.toml", "--json"]);
    let rows = shown["rows"].as_array().unwrap();
    let value = |key: &str| &rows.iter().find(|row| row["path"] == key).unwrap()["value"];
    assert_eq!(*value("train.total_steps"), 16_384);
    assert_eq!(*value("agent.clip_range"), 0.2);
    // The console wrote down what it did.
    let journal = place.path().join("logs/runs/console.jsonl");
    let lines = std::fs::read_to_string(journal).unwrap();
    assert!(
        lines.contains(&format!("promote {id} to btc.toml")),
        "{lines}"
    );
}

#[test]
fn a_run_is_promoted_from_the_command_line_as_well() {
    let place = Place::new();
    let run = place.train(&[]);
    let out = place.json(&[
        "config",
        "promote",
        "latest",
        "--file",
        "configs/kept.toml",
        "--json",
    ]);
    assert_eq!(out["created"], true);
    let text = std::fs::read_to_string(place.path().join("configs/kept.toml")).unwrap();
    let id = run.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        text.contains(&id) && text.contains("total_steps = 16_384"),
        "{text}"
    );
    // A second time nothing is left to write.
    let again = place.json(&[
        "config",
        "promote",
        "latest",
        "--file",
        "configs/kept.toml",
        "--json",
    ]);
    assert_eq!(
        (&again["created"], &again["changed"]),
        (&false.into(), &false.into())
    );
}
