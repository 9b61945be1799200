//! Run directories that are damaged, half written or gone while they are shown: the screen says
//! what is wrong, everything else goes on, and once it is mended nothing is left of it.
//!
//! Read through the real watcher. Start at [`Eye`].

use super::{Place, answers, scenes, screen};
use crate::{
    caps::Glyphs,
    cells,
    chord::Chord,
    diary::Diary,
    keeper,
    memory::{Memory, Recall},
    message::{Effect, Errand, Message},
    state::{Screen, State},
    watcher::{Request, Watcher},
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, ManualClock};
use runs::{Command, Home, RunId};
use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

/// A console whose watcher looks at real files.
struct Eye<'a> {
    place: &'a Place,
    state: State,
    ask: mpsc::Sender<Request>,
    inbox: mpsc::Receiver<Message>,
    thread: JoinHandle<()>,
}

impl<'a> Eye<'a> {
    fn open(place: &'a Place, home: &Home, lang: Lang) -> Self {
        let (out, inbox) = mpsc::channel();
        let (ask, asked) = mpsc::channel();
        let clock = Arc::new(ManualClock::at(place.clock.now()));
        let hour = Duration::from_secs(3_600);
        let watcher = Watcher::new(home.clone(), clock, hour, Arc::default(), None, out);
        let mut eye = Self {
            place,
            state: State::new(home.root().parent().unwrap(), lang, (120, 40), None),
            ask,
            inbox,
            thread: std::thread::spawn(move || watcher.run(&asked)),
        };
        eye.look();
        eye
    }

    /// Looks at everything once more.
    fn look(&mut self) {
        self.ask.send(Request::Refresh).unwrap();
        let mut open = 1;
        while open > 0 {
            let message = self.inbox.recv().unwrap();
            open -= usize::from(matches!(message, Message::Settled));
            open += self.tell(message);
        }
    }

    /// Tells `message`; returns how many answers are to be waited for.
    fn tell(&mut self, message: Message) -> usize {
        let mut open = 0;
        for effect in self.place.tell(&mut self.state, message) {
            let request = match effect {
                Effect::Watch(run) => Request::Watch(run),
                Effect::Overlay(runs) => Request::Overlay(runs),
                Effect::Run(errand @ Errand::Report { .. }) => {
                    for message in answers(self.place, vec![errand]) {
                        open += self.tell(message);
                    }
                    continue;
                }
                _ => continue,
            };
            self.ask.send(request).unwrap();
            open += 1;
        }
        open
    }

    /// Returns everything that any screen shows, each after a look.
    fn sees(&mut self) -> String {
        let mut all = String::new();
        for screen_of in Screen::ALL {
            self.state.screen = screen_of;
            self.look();
            all.push_str(&screen(&self.state, Glyphs::Unicode));
        }
        self.state.screen = Screen::Dashboard;
        all
    }

    fn close(self) {
        drop(self.ask);
        self.thread.join().unwrap();
    }
}

/// Something that befalls a run directory.
struct Damage {
    name: &'static str,
    /// What it does to the directory.
    befalls: fn(&Path),
    /// What the screens then say, in both languages.
    says: [&'static str; 2],
}

fn overwrite(path: PathBuf, bytes: &[u8]) {
    fs::remove_file(&path).ok();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn replace_by_folder(path: PathBuf) {
    fs::remove_file(&path).ok();
    fs::create_dir_all(path).unwrap();
}

const METRICS: &str = "seeds/2/metrics/0001.jsonl";

const DAMAGES: &[Damage] = &[
    Damage {
        name: "status cut off",
        befalls: |run| overwrite(run.join("status.json"), b"{\"state\":"),
        says: ["status.json", "status.json"],
    },
    Damage {
        name: "status that is no text",
        befalls: |run| overwrite(run.join("status.json"), b"\xff\xfe\x00{"),
        says: ["status.json", "status.json"],
    },
    Damage {
        name: "status of megabytes",
        befalls: |run| overwrite(run.join("status.json"), &vec![b'x'; 8 << 20]),
        says: ["status.json", "status.json"],
    },
    Damage {
        name: "status that is a folder",
        befalls: |run| replace_by_folder(run.join("status.json")),
        says: ["status.json", "status.json"],
    },
    Damage {
        name: "status that links to itself",
        befalls: |run| {
            fs::remove_file(run.join("status.json")).unwrap();
            symlink("status.json", run.join("status.json")).unwrap();
        },
        says: ["status.json", "status.json"],
    },
    Damage {
        name: "outcome cut off",
        befalls: |run| overwrite(run.join("done.json"), b"{\"at\""),
        says: ["done.json", "done.json"],
    },
    Damage {
        name: "metrics that are a folder",
        befalls: |run| replace_by_folder(run.join(METRICS)),
        says: [
            "metrics/0001.jsonl: cannot read records",
            "metrics/0001.jsonl: 읽거나 쓸 수 없습니다",
        ],
    },
    Damage {
        name: "metrics that link to themselves",
        befalls: |run| {
            fs::remove_file(run.join(METRICS)).unwrap();
            symlink("0001.jsonl", run.join(METRICS)).unwrap();
        },
        says: [
            "metrics/0001.jsonl: cannot read records",
            "metrics/0001.jsonl: 읽거나 쓸 수 없습니다",
        ],
    },
    Damage {
        name: "nonsense among metrics",
        befalls: |run| {
            append(
                run,
                METRICS,
                b"nonsense\n\xff\xfe\n{\"step\":1}\n[]\n{\"step\":",
            );
        },
        says: ["unreadable lines 4", "읽지 못한 줄 4"],
    },
    Damage {
        name: "nonsense among events",
        befalls: |run| append(run, "events/0001.jsonl", b"{}\n\x00\x00\n"),
        says: ["unreadable lines 2", "읽지 못한 줄 2"],
    },
    Damage {
        name: "record of its job cut off",
        befalls: |run| overwrite(run.join("job.json"), b"{"),
        says: ["job.json", "job.json"],
    },
];

fn append(run: &Path, file: &str, bytes: &[u8]) {
    let path = run.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    file.unwrap().write_all(bytes).unwrap();
}

/// Copies `from` to `to`, whatever was there.
fn put(from: &Path, to: &Path) {
    if to.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        fs::remove_dir_all(to).unwrap();
    } else {
        fs::remove_file(to).ok();
    }
    super::works::copy(from, to);
}

/// The run that trains, whose worker holds on to it.
fn training(place: &Place) -> (RunId, PathBuf) {
    let ids = place.home.ids().unwrap();
    let id = ids.last().unwrap().clone();
    let path = place.home.run(&id);
    (id, path)
}

#[test]
fn the_screen_says_what_is_wrong_and_all_else_goes_on() {
    let place = scenes::place();
    let (id, path) = training(&place);
    let kept = place.home.root().parent().unwrap().join("kept");
    put(&path, &kept);
    for damage in DAMAGES {
        for (lang, says) in [Lang::En, Lang::Ko].into_iter().zip(damage.says) {
            let name = damage.name;
            let mut eye = Eye::open(&place, &place.home, lang);
            let before = eye.sees();
            assert!(
                !before.contains(says),
                "{name}: said without need\n{before}"
            );
            assert_eq!(eye.state.runs.chosen.as_ref(), Some(&id));
            (damage.befalls)(&path);
            let seen = eye.sees();
            assert!(seen.contains(says), "{name}: {says} is not in\n{seen}");
            // The other run is there as before, and so are this one's other files.
            assert!(
                seen.contains("Runs 2") || seen.contains("실행 목록 2"),
                "{name}\n{seen}"
            );
            assert_eq!(eye.state.runs.chosen.as_ref(), Some(&id), "{name}");
            put(&kept, &path);
            let mended = eye.sees();
            assert!(!mended.contains(says), "{name}: still said\n{mended}");
            eye.close();
        }
    }
}

/// What a run directory is replaced by, how, and whether it is listed then.
type Vanishing = (&'static str, fn(&Path), bool);

#[test]
fn a_run_that_is_replaced_or_gone_takes_nothing_with_it() {
    let place = scenes::place();
    let (id, path) = training(&place);
    let kept = place.home.root().parent().unwrap().join("kept");
    put(&path, &kept);
    let vanishes: [Vanishing; 4] = [
        ("gone", |_| {}, false),
        ("a file", |path| fs::write(path, "x").unwrap(), true),
        (
            "a link to itself",
            |path| symlink(path.file_name().unwrap(), path).unwrap(),
            true,
        ),
        (
            "an empty folder",
            |path| fs::create_dir(path).unwrap(),
            true,
        ),
    ];
    for (name, becomes, is_listed) in vanishes {
        let mut eye = Eye::open(&place, &place.home, Lang::Ko);
        eye.sees();
        fs::remove_dir_all(&path).unwrap();
        becomes(&path);
        let seen = eye.sees();
        let listed = eye.state.runs.all.iter().any(|run| run.id == id);
        assert_eq!(listed, is_listed, "{name}\n{seen}");
        eye.close();
        // Whoever opens a console now sees why.
        let mut eye = Eye::open(&place, &place.home, Lang::En);
        let seen = eye.sees();
        assert!(!is_listed || seen.contains("run.toml"), "{name}\n{seen}");
        let other = eye.state.runs.all.iter().find(|run| run.id != id);
        assert_eq!(other.unwrap().state, runs::State::Done);
        put(&kept, &path);
        let mended = eye.sees();
        assert!(!mended.contains("run.toml"), "{name}\n{mended}");
        eye.close();
    }
}

#[test]
fn parts_of_a_run_may_vanish_while_they_are_shown() {
    let place = scenes::place();
    let (id, path) = training(&place);
    let parts = [
        "seeds",
        "events",
        "meta",
        "log",
        "resources",
        "mailbox",
        "status.json",
    ];
    let mut eye = Eye::open(&place, &place.home, Lang::Ko);
    eye.sees();
    for part in parts {
        let part = path.join(part);
        match part.is_dir() {
            true => fs::remove_dir_all(&part).unwrap(),
            false => fs::remove_file(&part).unwrap(),
        }
        eye.sees();
        assert_eq!(eye.state.runs.chosen.as_ref(), Some(&id));
    }
    eye.close();
}

#[test]
fn files_that_may_not_be_read_are_named() {
    use std::os::unix::fs::PermissionsExt;
    let place = scenes::place();
    let (_, path) = training(&place);
    let status = path.join("status.json");
    fs::set_permissions(&status, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&status).is_ok() {
        let says = "SKIPPED files_that_may_not_be_read_are_named: this user may read everything\n";
        std::io::stderr().write_all(says.as_bytes()).unwrap();
        return;
    }
    let mut eye = Eye::open(&place, &place.home, Lang::En);
    assert!(eye.sees().contains("status.json"));
    eye.close();
}

#[test]
fn a_home_that_cannot_be_read_or_written_is_said_and_harms_nothing() {
    let place = Place::new();
    let blocked = place.home.root().parent().unwrap().join("file");
    fs::write(&blocked, "no folder").unwrap();
    let home = Home::at(blocked.join("runs"));
    for (lang, says) in [
        (Lang::En, "cannot list the runs"),
        (Lang::Ko, "읽거나 쓸 수 없습니다"),
    ] {
        let mut eye = Eye::open(&place, &home, lang);
        let seen = eye.sees();
        assert!(seen.contains(says), "{seen}");
        eye.close();
        let mut eye = Eye::open(&place, &place.home, lang);
        let seen = eye.sees();
        assert!(!seen.contains(says), "{seen}");
        eye.close();
    }
    // What cannot be written down is left out, with one word and no panic.
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(place.clock.now()));
    Diary::of(home.root(), &Default::default(), clock).note("did", None);
    let (send, memories) = mpsc::channel();
    for size in [(80, 24), (100, 30)] {
        let mut state = place.state(Lang::En, size);
        place.press(&mut state, &[Chord::char('2')]);
        send.send(Memory::of(&state)).unwrap();
    }
    drop(send);
    let (done, ended) = mpsc::channel();
    let mut told = Vec::new();
    keeper::keep(
        &blocked.join("console/a.json"),
        Duration::ZERO,
        &memories,
        |why| told.push(why.en),
        &done,
    );
    ended.recv().unwrap();
    let [why] = &told[..] else {
        panic!("told {told:?}");
    };
    assert!(
        why.contains("not remembered") && why.contains("a.json"),
        "{why}"
    );
    let post = Errand::Post {
        path: blocked.join("runs/one"),
        command: Command::Stop,
    };
    let heard = answers(&place, vec![post]);
    assert!(matches!(&heard[..], [Message::Failed(_)]), "{heard:?}");
    assert_eq!(fs::read_to_string(&blocked).unwrap(), "no folder");
}

#[test]
fn a_view_that_cannot_be_recalled_is_left_out_with_a_word() {
    let place = scenes::place();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let whole = Memory::of(&place.state(Lang::En, (80, 24))).bytes();
    let mut damaged: Vec<Vec<u8>> = (0..whole.len())
        .step_by(61)
        .map(|n| whole[..n].to_vec())
        .collect();
    damaged.push(b"\xff\xfe".to_vec());
    damaged.push(b"[]".to_vec());
    damaged.push(b"{\"format\":\"makook-console-99\"}".to_vec());
    let strange = String::from_utf8(whole.clone())
        .unwrap()
        .replace("\"chart\":0", "\"chart\":-1");
    damaged.push(strange.into_bytes());
    for bytes in damaged {
        fs::write(&path, &bytes).unwrap();
        let why = Memory::read(&path).unwrap_err();
        assert!(why.en.starts_with("the former view is left out"), "{why}");
        assert!(why.ko.starts_with("이전 화면을 불러오지"), "{why}");
    }
    fs::remove_file(&path).unwrap();
    for odd in [
        |path: &Path| fs::create_dir(path).unwrap(),
        |path: &Path| {
            fs::remove_dir(path).unwrap();
            symlink("a.json", path).unwrap();
        },
    ] {
        odd(&path);
        Memory::read(&path).unwrap_err();
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(Memory::read(&path), Ok(None));
    // Places far beyond what there is are no harm.
    let far = String::from_utf8(whole)
        .unwrap()
        .replace("\"at\":0", "\"at\":18446744073709551615");
    fs::write(&path, far).unwrap();
    let memory = Memory::read(&path).unwrap().unwrap();
    let mut state = place.state(Lang::Ko, (80, 24));
    memory.recall(&mut state, Recall::All);
    for one in Screen::ALL {
        state.screen = one;
        place.look(&mut state);
        screen(&state, Glyphs::Unicode);
        place.press(
            &mut state,
            &[Chord::key(KeyCode::Up), Chord::key(KeyCode::PageDown)],
        );
        screen(&state, Glyphs::Unicode);
    }
}

#[test]
fn names_from_outside_never_reach_the_terminal_as_they_are() {
    let mut place = Place::new();
    let names = [
        "\x1b[2J\x1b[31mred",
        "bell\u{7}\u{8}\u{0}",
        "\u{202e}gnp.exe\u{2066}",
        "👩\u{200d}🔬\u{fe0f}🏳\u{fe0f}\u{200d}🌈",
        "한\u{1112}\u{1161}\u{11ab}글 e\u{301} ﷽ ａｂ",
        "\u{1b}]0;title\u{7}",
        "",
    ];
    for name in names {
        place.training(&format!("{name} x"));
    }
    let mut eye = Eye::open(&place, &place.home, Lang::Ko);
    for _ in names {
        let seen = eye.sees().replace('\n', "");
        assert_eq!(cells::clean(&seen), seen);
        assert!(!seen.chars().any(char::is_control));
        eye.tell(Message::Press(Chord::key(KeyCode::Down)));
        eye.look();
    }
    eye.close();
}
