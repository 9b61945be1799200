//! What changes on a host appears in the mirror, whatever happened to the files in between.

use crate::{
    Gatherer, Mirror, RemoteError,
    mirror::Taken,
    wire::{Changes, Nature, Part, Place},
};
use domain::{ManualClock, Nanos};
use rstest::rstest;
use runs::RunId;
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

const RUN: &str = "20240131-235959-첫-실험-1a2b";

struct Pair {
    dir: tempfile::TempDir,
    clock: ManualClock,
    gatherer: Gatherer,
    mirror: Option<Mirror>,
    /// Content bytes moved so far.
    moved: usize,
}

impl Pair {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("there");
        fs::create_dir_all(there.join("project/configs/clusters")).unwrap();
        fs::create_dir_all(there.join("runs")).unwrap();
        let gatherer = Gatherer::new(&there.join("runs"), &there.join("project"));
        let mut pair = Self {
            clock: ManualClock::at(Nanos::from_millis(1_800_000_000_000)),
            gatherer,
            mirror: None,
            moved: 0,
            dir,
        };
        pair.connect();
        pair
    }

    fn place(&self) -> Place {
        Place {
            host: "h".to_owned(),
            home: self.dir.path().join("there/runs").display().to_string(),
            project: String::new(),
        }
    }

    /// Begins as after a restart of both sides.
    fn connect(&mut self) {
        drop(self.mirror.take());
        let there = self.dir.path().join("there");
        let mut mirror = Mirror::open(&self.dir.path().join("here"), "h").unwrap();
        mirror.stand_for(&self.place()).unwrap();
        self.gatherer = Gatherer::new(&there.join("runs"), &there.join("project"));
        self.gatherer.begin(mirror.have());
        self.mirror = Some(mirror);
    }

    fn there(&self, path: &str) -> PathBuf {
        let full = self.dir.path().join("there/runs").join(RUN).join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        full
    }

    fn here(&self, path: &str) -> PathBuf {
        self.dir.path().join("here/h/runs").join(RUN).join(path)
    }

    fn write(&self, path: &str, text: &str) {
        domain::durable::replace(&self.there(path), text.as_bytes()).unwrap();
    }

    fn append(&self, path: &str, text: &str) {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.there(path));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn look(&mut self, watched: bool, budget: u64, again: &[String]) -> (Changes, Taken) {
        let id: RunId = RUN.parse().unwrap();
        self.clock.advance(Duration::from_secs(90));
        let watch = watched.then_some(&id);
        let (changes, content) = self
            .gatherer
            .sync(watch, &[], budget, again, &self.clock)
            .unwrap();
        self.moved += content.len();
        let mirror = self.mirror.as_mut().unwrap();
        let taken = mirror
            .take(
                "h",
                &changes,
                &content,
                Nanos::from_millis(1_900_000_000_000),
            )
            .unwrap();
        (changes, taken)
    }

    /// Looks until there is no more and returns how many answers that took.
    fn sync(&mut self, watched: bool) -> usize {
        for answers in 1..10_000 {
            let (changes, taken) = self.look(watched, 8 << 10, &[]);
            assert_eq!(taken.again, Vec::<String>::new());
            if !changes.more {
                return answers;
            }
        }
        panic!("there is always more");
    }

    fn agree(&self, path: &str) {
        let (there, here) = (fs::read(self.there(path)), fs::read(self.here(path)));
        assert_eq!(there.unwrap(), here.unwrap(), "{path}");
    }
}

#[test]
fn small_files_come_whole_and_only_once() {
    let mut pair = Pair::new();
    pair.write("run.toml", "a = 1");
    pair.write("status.json", "{}");
    pair.write("meta/0001.claim.json", "{\"pid\":1}");
    pair.append("log/0001.log", "not watched\n");
    fs::write(
        pair.dir
            .path()
            .join("there/project/configs/clusters/klone.toml"),
        "x = 1",
    )
    .unwrap();
    pair.sync(false);
    for path in ["run.toml", "status.json", "meta/0001.claim.json"] {
        pair.agree(path);
    }
    assert!(!pair.here("log/0001.log").exists());
    let config = pair
        .dir
        .path()
        .join("here/h/project/configs/clusters/klone.toml");
    assert_eq!(fs::read_to_string(config).unwrap(), "x = 1");
    let moved = pair.moved;
    let (changes, _) = pair.look(false, 8 << 10, &[]);
    assert_eq!((changes.parts.len(), pair.moved), (0, moved));
    pair.write("status.json", "{\"beat\":2}");
    pair.sync(false);
    pair.agree("status.json");
}

#[test]
fn a_failure_moved_aside_and_a_removed_run_disappear() {
    let mut pair = Pair::new();
    pair.write("run.toml", "");
    pair.write("failed.json", "{}");
    pair.sync(true);
    assert!(pair.here("failed.json").exists());
    fs::rename(
        pair.there("failed.json"),
        pair.there("meta/0001.failed.json"),
    )
    .unwrap();
    pair.sync(true);
    assert!(!pair.here("failed.json").exists());
    pair.agree("meta/0001.failed.json");
    fs::remove_dir_all(pair.dir.path().join("there/runs").join(RUN)).unwrap();
    pair.sync(true);
    assert!(!pair.here("").exists());
}

#[test]
fn growing_files_grow_from_where_they_stand() {
    let mut pair = Pair::new();
    pair.append(
        "seeds/3/metrics/0001.jsonl",
        &"{\"step\":1}\n".repeat(3_000),
    );
    assert!(
        pair.sync(true) > 3,
        "a budget of 8 KiB takes several answers"
    );
    pair.agree("seeds/3/metrics/0001.jsonl");
    let moved = pair.moved;
    pair.append("seeds/3/metrics/0001.jsonl", "{\"step\":2}\n{\"st");
    pair.sync(true);
    pair.append("seeds/3/metrics/0001.jsonl", "ep\":3}\n");
    pair.sync(true);
    pair.agree("seeds/3/metrics/0001.jsonl");
    assert_eq!(pair.moved - moved, 22);
}

#[test]
fn a_file_cut_short_or_made_anew_starts_over() {
    let mut pair = Pair::new();
    pair.append("log/worker.out", "one\ntwo\n");
    pair.sync(true);
    let before = fs::metadata(pair.here("log/worker.out")).unwrap();
    fs::write(pair.there("log/worker.out"), "new\n").unwrap();
    pair.sync(true);
    pair.agree("log/worker.out");
    pair.write(
        "log/worker.out",
        "another file that is longer than the first\n",
    );
    pair.sync(true);
    pair.agree("log/worker.out");
    use std::os::unix::fs::MetadataExt;
    let after = fs::metadata(pair.here("log/worker.out")).unwrap();
    assert_ne!(
        before.ino(),
        after.ino(),
        "a follower has to see another file"
    );
}

#[test]
fn a_long_log_begins_near_its_end_and_goes_on() {
    let mut pair = Pair::new();
    let line = format!("{}\n", "x".repeat(99));
    pair.append("log/0001.log", &line.repeat(10_000));
    pair.sync(true);
    let copy = fs::read_to_string(pair.here("log/0001.log")).unwrap();
    assert!((200_000..300_000).contains(&copy.len()), "{}", copy.len());
    assert!(copy.starts_with('x') && copy.lines().all(|line| line.len() == 99));
    pair.append("log/0001.log", "끝\n");
    pair.sync(true);
    assert!(
        fs::read_to_string(pair.here("log/0001.log"))
            .unwrap()
            .ends_with("x\n끝\n")
    );
    pair.connect();
    let moved = pair.moved;
    pair.append("log/0001.log", "after\n");
    pair.sync(true);
    assert_eq!(pair.moved - moved, 6);
    assert!(
        fs::read_to_string(pair.here("log/0001.log"))
            .unwrap()
            .ends_with("끝\nafter\n")
    );
}

#[test]
fn a_new_line_begins_where_the_last_one_ended() {
    let mut pair = Pair::new();
    pair.write("run.toml", &"long = 1\n".repeat(5_000));
    pair.append("events/0001.jsonl", &"{}\n".repeat(5_000));
    pair.sync(true);
    let moved = pair.moved;
    pair.connect();
    pair.append("events/0001.jsonl", "{\"a\":1}\n");
    pair.sync(true);
    assert_eq!(pair.moved - moved, 8);
    pair.agree("events/0001.jsonl");
    pair.agree("run.toml");
}

#[test]
fn a_kill_at_any_moment_costs_a_fetch_and_no_truth() {
    let mut pair = Pair::new();
    pair.write("status.json", "{\"beat\":1}");
    pair.append("events/0001.jsonl", "{\"n\":1}\n");
    pair.sync(true);
    pair.mirror.as_mut().unwrap().save().unwrap();
    let ledger = pair.dir.path().join("here/h/ledger.json");
    let old = fs::read(&ledger).unwrap();
    pair.write("status.json", "{\"beat\":22}");
    pair.append("events/0001.jsonl", "{\"n\":2}\n");
    pair.sync(true);
    drop(pair.mirror.take());
    // As if killed after the files and before the list; and a copy that somebody cut.
    fs::write(&ledger, &old).unwrap();
    pair.connect();
    pair.append("events/0001.jsonl", "{\"n\":3}\n");
    pair.sync(true);
    pair.agree("status.json");
    pair.agree("events/0001.jsonl");
    drop(pair.mirror.take());
    fs::write(pair.here("events/0001.jsonl"), "{").unwrap();
    fs::write(&ledger, "{broken").unwrap();
    pair.connect();
    pair.sync(true);
    pair.agree("events/0001.jsonl");
}

#[test]
fn a_copy_that_vanished_is_asked_for_again() {
    let mut pair = Pair::new();
    pair.append("events/0001.jsonl", "{\"n\":1}\n");
    pair.sync(true);
    fs::remove_file(pair.here("events/0001.jsonl")).unwrap();
    pair.append("events/0001.jsonl", "{\"n\":2}\n");
    let (_, taken) = pair.look(true, 8 << 10, &[]);
    assert_eq!(taken.again.len(), 1);
    pair.look(true, 8 << 10, &taken.again);
    pair.agree("events/0001.jsonl");
}

#[test]
fn links_lead_nowhere() {
    let mut pair = Pair::new();
    let secret = pair.dir.path().join("secret");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("key.json"), "{\"secret\":1}").unwrap();
    pair.write("run.toml", "");
    symlink(secret.join("key.json"), pair.there("status.json")).unwrap();
    symlink(&secret, pair.there("meta")).unwrap();
    symlink(&secret, pair.there("seeds")).unwrap();
    let runs = pair.dir.path().join("there/runs");
    symlink(&secret, runs.join("20240131-235959-link-1a2b")).unwrap();
    symlink(
        secret.join("key.json"),
        pair.dir.path().join("there/project/configs/a.json"),
    )
    .unwrap();
    let (changes, _) = pair.look(
        true,
        1 << 20,
        &[format!("runs/{RUN}/../../../secret/key.json")],
    );
    let sent: Vec<&str> = changes
        .parts
        .iter()
        .map(|part| part.path.as_str())
        .collect();
    assert_eq!(sent, [format!("runs/{RUN}/run.toml")]);
}

#[rstest]
#[case("../outside")]
#[case("/etc/passwd")]
#[case("runs/../../outside")]
#[case("runs/20240131-235959-x-1a2b/../../../outside")]
#[case("runs/not-a-run/run.toml")]
#[case("runs/.trash/x")]
#[case("configs/../../lock")]
#[case("configs/")]
#[case("configs//x.toml")]
#[case("ledger.json")]
#[case("")]
fn a_host_cannot_write_or_remove_outside_the_mirror(#[case] path: &str) {
    let mut pair = Pair::new();
    let part = Part {
        path: path.to_owned(),
        token: "1".to_owned(),
        offset: 0,
        len: 1,
        changed: Nanos(0),
        nature: Nature::ReplacedEnd,
    };
    let writes = Changes {
        parts: vec![part],
        ..Changes::default()
    };
    let removes = Changes {
        gone: vec![path.to_owned()],
        ..Changes::default()
    };
    let before = listing(pair.dir.path());
    let mirror = pair.mirror.as_mut().unwrap();
    for (changes, content) in [(writes, "x"), (removes, "")] {
        let error = mirror
            .take("h", &changes, content.as_bytes(), Nanos(0))
            .unwrap_err();
        assert!(matches!(error, RemoteError::Untrusted { .. }), "{error}");
    }
    assert_eq!(listing(pair.dir.path()), before);
}

#[test]
fn content_of_the_wrong_length_is_refused() {
    let mut pair = Pair::new();
    let part = Part {
        path: "configs/a.toml".to_owned(),
        token: "1".to_owned(),
        offset: 0,
        len: u64::MAX,
        changed: Nanos(0),
        nature: Nature::ReplacedEnd,
    };
    let changes = Changes {
        parts: vec![part],
        ..Changes::default()
    };
    let error = pair
        .mirror
        .as_mut()
        .unwrap()
        .take("h", &changes, b"x", Nanos(0))
        .unwrap_err();
    assert!(matches!(error, RemoteError::Untrusted { .. }));
}

#[test]
fn ages_survive_the_difference_of_clocks() {
    let mut pair = Pair::new();
    pair.write("status.json", "{}");
    let there = fs::metadata(pair.there("status.json"))
        .unwrap()
        .modified()
        .unwrap();
    let (changes, _) = pair.look(false, 8 << 10, &[]);
    let here = fs::metadata(pair.here("status.json"))
        .unwrap()
        .modified()
        .unwrap();
    let (now_there, now_here) = (changes.now.0, 1_900_000_000_000_000_000_i64);
    let nanos = |at: std::time::SystemTime| {
        i64::try_from(at.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos()).unwrap()
    };
    assert_eq!(now_there - nanos(there), now_here - nanos(here));
}

#[test]
fn copies_of_another_folder_do_not_stay() {
    let mut pair = Pair::new();
    pair.write("run.toml", "a");
    pair.sync(false);
    let other = Place {
        home: "/elsewhere".to_owned(),
        ..pair.place()
    };
    assert!(pair.mirror.as_mut().unwrap().stand_for(&other).unwrap());
    assert!(!pair.here("").exists());
    assert!(pair.mirror.as_ref().unwrap().have().is_empty());
}

#[test]
fn two_consoles_have_mirrors_of_their_own() {
    let pair = Pair::new();
    let second = Mirror::open(&pair.dir.path().join("here"), "h").unwrap();
    assert_ne!(second.home(), pair.mirror.as_ref().unwrap().home());
}

fn listing(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(listing(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}
