//! The console as lines: what is told and when, and that every action can be typed.

use super::{Place, fakes::destinations, queue, train_seed};
use crate::{
    accessible::{Dialogue, account::Account, is_asked},
    action::{self, Risk},
    caps::Glyphs,
    layer::Layer,
    message::{Assignment, Effect, Errand, Message},
    state::{Screen, State},
};
use domain::{Lang, Phrase};
use jobs::Preview;
use runs::{Command, State as RunState};
use std::collections::BTreeMap;

/// A console that is heard.
struct Heard<'a> {
    place: &'a Place,
    state: State,
    told: Account,
}

impl<'a> Heard<'a> {
    fn new(place: &'a Place, lang: Lang) -> Self {
        let mut state = place.state(lang, crate::accessible::SIZE);
        state.dialogue = Some(Dialogue::default());
        let told = Account::of(&state);
        Self { place, state, told }
    }

    /// Returns the lines that are new.
    fn news(&mut self) -> Vec<String> {
        let account = Account::of(&self.state);
        let lines = account.news(&self.told, self.state.lang);
        self.told = account;
        lines
    }

    fn tell(&mut self, message: Message) -> Vec<String> {
        self.place.tell(&mut self.state, message);
        self.news()
    }

    fn types(&mut self, text: &str) -> (Vec<Effect>, String) {
        let effects = self
            .place
            .tell(&mut self.state, Message::Typed(text.into()));
        (effects, self.news().join("\n"))
    }

    fn hears(&mut self, typed: &str, wanted: &str) -> String {
        let (_, heard) = self.types(typed);
        assert!(
            heard.contains(wanted),
            "`{typed}`: {wanted} is not in:\n{heard}"
        );
        heard
    }
}

#[test]
fn a_session_in_words() {
    for lang in [Lang::En, Lang::Ko] {
        let say = |en: &'static str, ko: &'static str| if lang == Lang::En { en } else { ko };
        let mut place = Place::new();
        place.judged("old");
        let (_run, _segment) = place.training("btc");
        let mut heard = Heard::new(&place, lang);
        heard.tell(Message::Destinations(destinations()));
        // What can be done here, and why something cannot.
        let help = heard.hears("help", "(F8)");
        assert!(help.contains(say("not now: ", "지금은 안 됨: ")), "{help}");
        // Runs are listed and one is opened.
        let list = heard.hears(say("list", "목록"), "1. btc");
        assert!(list.contains(say("2. old: done", "2. old: 완료")), "{list}");
        heard.hears("2", "old");
        assert_eq!(heard.state.run().unwrap().name, "old");
        heard.hears(say("open", "열기"), say("screen: Report", "화면: 보고서"));
        // A setting, by its path; a wrong one says why.
        heard.hears("agent.clip_range=0.1", "0.1");
        assert_eq!(heard.state.form.sets(), ["agent.clip_range=0.1"]);
        let (effects, why) = heard.types("agent.clip_range=7");
        assert!(effects.is_empty() && !why.is_empty(), "{why}");
        assert_eq!(heard.state.form.sets(), ["agent.clip_range=0.1"]);
        // The launch: a place by number, the exact command, refused, then confirmed.
        heard.hears(say("start training", "학습 시작"), "1. local");
        let (effects, _) = heard.types("1");
        let [Effect::Assign(Assignment::Preview(order))] = &effects[..] else {
            panic!("{effects:?}");
        };
        let preview = Preview {
            command: ["makook-worker", "run", "a b"].map(str::to_owned).to_vec(),
            script: None,
        };
        let (order, outcome) = (order.clone(), Ok(preview));
        let lines = heard.tell(Message::Previewed { order, outcome }).join("\n");
        assert!(lines.contains("makook-worker run 'a b'"), "{lines}");
        for refused in ["", "yes", "1", "y", "enter"] {
            let (effects, _) = heard.types(refused);
            assert!(effects.is_empty(), "{refused}: {effects:?}");
        }
        let (effects, _) = heard.types(say("do it", "진행"));
        let trains = |effect: &Effect| matches!(effect, Effect::Assign(Assignment::Train(_)));
        assert!(effects.iter().any(trains), "{effects:?}");
        // A question is left alone by anything but its word.
        heard.types(say("dashboard", "대시보드"));
        heard.types("1");
        heard.hears(say("stop", "멈추기"), "makook stop");
        let (effects, _) = heard.types("");
        assert!(effects.is_empty() && !heard.state.layers.is_empty());
        heard.types(say("cancel", "취소"));
        assert!(heard.state.layers.is_empty());
        heard.types("f7");
        let (effects, _) = heard.types(say("Do it", "진행"));
        let stops = |effect: &Effect| {
            let Effect::Run(Errand::Post { command, .. }) = effect else {
                return false;
            };
            *command == Command::Stop
        };
        assert!(effects.len() == 1 && stops(&effects[0]), "{effects:?}");
        assert_eq!(heard.types(say("quit", "끝내기")).0, [Effect::Quit]);
    }
}

#[test]
fn a_quiet_training_is_quiet_and_a_tenth_is_told() {
    let mut place = Place::new();
    let (_run, segment) = place.training("btc");
    let mut heard = Heard::new(&place, Lang::En);
    let step = |heard: &mut Heard<'_>, steps: u64, state: RunState| {
        segment.status().edit(|status| {
            (status.step, status.total_steps, status.state) = (steps, 200_000, state);
        });
        segment.status().write_now(&heard.place.clock).unwrap();
        heard.place.look(&mut heard.state);
        heard.news()
    };
    assert!(step(&mut heard, 141_000, RunState::Running).is_empty());
    assert!(step(&mut heard, 159_999, RunState::Running).is_empty());
    assert_eq!(
        step(&mut heard, 160_000, RunState::Running),
        ["btc: running, 80%"]
    );
    let paused = step(&mut heard, 160_100, RunState::Paused).join(" ");
    assert!(paused.contains("btc: paused, 80%"), "{paused}");
    // Looking at the same files again says nothing.
    heard.place.look(&mut heard.state);
    assert!(heard.news().is_empty());
    train_seed(&segment, 3, 1);
}

#[test]
fn answers_and_alarms_are_told_once() {
    let mut place = Place::new();
    let (run, _segment) = place.training("btc");
    let mut heard = Heard::new(&place, Lang::En);
    heard.place.list(&mut heard.state, queue(Some(run.id())));
    let alarms = heard.news().join("\n");
    assert!(
        alarms.contains("STALLED") && alarms.contains("DIED"),
        "{alarms}"
    );
    heard.place.list(&mut heard.state, queue(Some(run.id())));
    assert!(heard.news().is_empty());
    let says = Phrase::new("the worker answered: stop accepted", "작업자 응답");
    let lines = heard.tell(Message::Went(says.clone()));
    assert!(lines.contains(&says.en), "{lines:?}");
    assert!(heard.tell(Message::Tick).is_empty());
    heard
        .place
        .clock
        .advance(std::time::Duration::from_secs(11));
    assert!(heard.tell(Message::Tick).is_empty(), "silence is no news");
}

#[test]
fn every_action_of_every_screen_can_be_typed() {
    let mut place = Place::new();
    place.judged("one");
    let (run, _segment) = place.training("two");
    for screen in Screen::ALL {
        let mut probe = Heard::new(&place, Lang::En);
        probe.place.list(&mut probe.state, queue(Some(run.id())));
        probe.state.screen = screen;
        let existing: Vec<_> = action::existing(&probe.state).collect();
        for (at, action) in existing.iter().enumerate() {
            for typed in [action.id.to_owned(), (at + 1).to_string()] {
                let mut heard = Heard::new(&place, Lang::En);
                heard.place.list(&mut heard.state, queue(Some(run.id())));
                heard.state.screen = screen;
                heard.types("help");
                let mut by_key = Heard::new(&place, Lang::En);
                by_key.place.list(&mut by_key.state, queue(Some(run.id())));
                by_key.state.screen = screen;
                let (effects, _) = heard.types(&typed);
                let expected = crate::press::perform(&mut by_key.state, action);
                // Whatever follows from having looked at a screen is beside the point.
                let first = |effects: &[Effect]| format!("{:?}", effects.first());
                if action.risk >= Risk::R1 || !expected.is_empty() {
                    assert_eq!(first(&effects), first(&expected), "{screen:?} {typed}");
                }
                let layers = |state: &State| state.layers.len();
                assert_eq!(layers(&heard.state), layers(&by_key.state), "{typed}");
                assert_eq!(heard.state.screen, by_key.state.screen, "{typed}");
            }
        }
    }
}

#[test]
fn nothing_that_is_told_can_move_a_cursor() {
    let mut place = Place::new();
    place.judged("\u{1b}[2Jevil\u{7}");
    let mut heard = Heard::new(&place, Lang::Ko);
    let mut all = Account::of(&heard.state).news(&Account::default(), Lang::Ko);
    for typed in [
        "help", "목록", "읽기", "2", "읽기", "f1", "취소", "f2", "\u{1b}[A", "열기",
    ] {
        all.push(heard.types(typed).1);
    }
    for screen in Screen::ALL {
        heard.state.screen = screen;
        all.push(heard.types("읽기").1);
    }
    let text = all.concat();
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
    // Only what says something is read out: no borders, no bars.
    assert!(!text.contains("---") && !text.contains("⠤"), "{text}");
}

#[test]
fn lists_and_lines_are_answered_by_number_and_by_typing() {
    let place = Place::new();
    let mut heard = Heard::new(&place, Lang::En);
    heard.types("config");
    let heard_presets = heard.hears("presets", "1. First try");
    assert!(heard_presets.contains("Type a number"), "{heard_presets}");
    heard.hears("99", "no answer");
    assert!(!heard.state.layers.is_empty());
    heard.hears("1", "settings changed");
    assert!(heard.state.layers.is_empty() && !heard.state.form.changes.is_empty());
    heard.types("undo");
    assert!(heard.state.form.changes.is_empty());
    heard.types("agent.gamma");
    heard.hears("edit", "Discount");
    heard.hears("7", "1");
    assert!(matches!(heard.state.layers.last(), Some(Layer::Entry(_))));
    heard.types("0.9");
    assert_eq!(heard.state.form.sets(), ["agent.gamma=0.9"]);
    heard.hears("edit", "now: 0.9");
    heard.types("");
    assert!(heard.state.layers.is_empty());
    // A word that fits several is asked about; one that fits none says so.
    heard.hears("screen", "Which of these?");
    heard.hears("zzzz", "nothing here is called zzzz");
    heard.types("help");
    heard.hears("9999", "no such number");
    // The tour points at a screen that nobody sees.
    heard.hears("tour", "the tour points at the screen");
    assert!(heard.state.tour.is_none());
    let shown = super::screen(&heard.state, Glyphs::Ascii);
    assert!(!shown.is_empty());
}

#[test]
fn it_is_asked_for_by_a_variable_that_says_yes() {
    let env = |value: &str| BTreeMap::from([("ACCESSIBLE".to_owned(), value.to_owned())]);
    assert!(is_asked(&env("1")) && is_asked(&env("yes")));
    assert!(!is_asked(&env("0")) && !is_asked(&env("")) && !is_asked(&BTreeMap::new()));
}
