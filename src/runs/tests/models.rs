//! The registry of models: what is listed, exported and promoted, and what never is.

use super::{Place, elsewhere, pretend_owner};
use crate::{
    Model, ModelId, Outcome, Provenance, RunDir, RunsError, Success, Track, Verdict,
    checkpoints::Mark,
    model_archive::{archive, archive_with, is_archive},
    model_export::{self, CHECKSUMS, Form, export, export_as, export_with},
    models, promotion,
};
use domain::{Clock, Phrase, durable};
use rstest::rstest;
use std::{
    collections::BTreeMap,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const WEIGHTS: &[u8] = b"weights of a policy";
const SETTINGS: &str = "[data]\nset = \"btc\"\nsymbol = \"BTCUSDT\"\n\n[env]\nactions = \"discrete\"\nwindow = 4\n\n[features]\nscaler = \"standard\"\n";

/// Writes a checkpoint as the trainer does.
fn checkpoint(run: &RunDir, seed: u64, step: u64, score: &str) -> PathBuf {
    let dir = run
        .track(Track::Seed(seed))
        .checkpoints()
        .join(step.to_string());
    fs::create_dir_all(&dir).unwrap();
    let files = [
        ("policy.safetensors", WEIGHTS),
        ("state.json", b"{}" as &[u8]),
    ];
    let mut sums = Vec::new();
    for (name, bytes) in files {
        fs::write(dir.join(name), bytes).unwrap();
        let (length, hash) = (bytes.len(), blake3::hash(bytes).to_hex());
        sums.push(format!(
            "\"{name}\":{{\"bytes\":{length},\"blake3\":\"{hash}\"}}"
        ));
    }
    let sums = sums.join(",");
    let manifest =
        format!("{{\"format\":1,\"step\":{step},\"score\":{score},\"files\":{{{sums}}}}}");
    fs::write(dir.join("manifest.json"), manifest).unwrap();
    dir
}

fn mark(run: &RunDir, seed: u64, best: u64, last: u64) {
    let checkpoints = run.track(Track::Seed(seed)).checkpoints();
    let text = format!("{{\"step\":{best},\"score\":0.5}}");
    fs::write(checkpoints.join("BEST"), text).unwrap();
    fs::write(checkpoints.join("LATEST"), format!("{last}\n")).unwrap();
}

/// A run that was judged, with two seeds of two checkpoints each.
fn judged(place: &mut Place, name: &str) -> RunDir {
    let run = place.run_with(name, SETTINGS);
    let mut segment = place.begin(&run);
    let provenance = Provenance {
        code_revision: "abc123".to_owned(),
        seeds: vec![1, 2],
        ..Provenance::default()
    };
    segment.describe(provenance).unwrap();
    segment.describe_data("btc", "46a0").unwrap();
    for (seed, score) in [(1, "0.25"), (2, "0.75")] {
        checkpoint(&run, seed, 100, score);
        checkpoint(&run, seed, 200, "null");
        mark(&run, seed, 100, 200);
    }
    let recipe = run.layout().export();
    fs::create_dir_all(&recipe).unwrap();
    fs::write(
        recipe.join("features.json"),
        "{\"columns\":[\"a\",\"b\"],\"scaler\":{}}",
    )
    .unwrap();
    let success = Success {
        at: place.clock.now(),
        verdict: Some(Verdict {
            word: "no_edge".to_owned(),
            says: Phrase::new("no edge", "우위 없음"),
            positive: false,
        }),
        metrics: BTreeMap::from([("test/sharpe".to_owned(), f64::NAN)]),
    };
    segment
        .finish(&Outcome::Done(success), &place.clock)
        .unwrap();
    run
}

fn model(place: &Place, asked: &str) -> Model {
    promotion::resolve(&place.home, asked).unwrap()
}

/// Everything below `folder` that a person sees.
fn visible(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

#[test]
fn every_seed_has_its_best_and_its_last_with_a_passport() {
    let mut place = Place::new();
    let run = judged(&mut place, "ppo");
    let models = models::list(&place.home).unwrap();
    let ids: Vec<String> = models.iter().map(|model| model.id.to_string()).collect();
    let of = |end: &str| format!("{}/{end}", run.id());
    assert_eq!(
        ids,
        [of("1/best"), of("1/last"), of("2/best"), of("2/last")]
    );
    assert!(models.iter().all(|model| model.problem.is_none()));
    let best = models[0].passport.as_ref().unwrap();
    assert_eq!((best.step, best.score), (100, Some(0.25)));
    assert_eq!(best.verdict().unwrap().word, "no_edge");
    assert_eq!(best.origin.data.hash, "46a0");
    assert_eq!(best.origin.features.as_ref().unwrap().columns, 2);
    assert_eq!(best.origin.observation["env.window"], "4");
    assert_eq!(best.origin.actions["env.actions"], "discrete");
    assert_eq!(best.bytes(), WEIGHTS.len() as u64 + 2);
    let last = models[1].passport.as_ref().unwrap();
    assert_eq!(last.score, None, "a score that is no number is none");
    assert!(last.verdict().is_none(), "judged was another checkpoint");
    let again: crate::Passport =
        serde_json::from_slice(&serde_json::to_vec(last).unwrap()).unwrap();
    assert_eq!(again.hash, last.hash);
    let parsed: ModelId = ids[3].parse().unwrap();
    assert_eq!(parsed, models[3].id);
}

#[test]
fn what_cannot_be_read_stays_in_the_list_with_its_reason() {
    let mut place = Place::new();
    let run = judged(&mut place, "ppo");
    let of = |seed: u64, step: &str| run.track(Track::Seed(seed)).checkpoints().join(step);
    fs::remove_file(of(1, "100/manifest.json")).unwrap();
    fs::write(of(1, "200/manifest.json"), "{\"format\":9}").unwrap();
    fs::write(of(2, "100/state.json"), "{}{}").unwrap();
    fs::remove_dir_all(of(2, "200")).unwrap();
    let models = models::list(&place.home).unwrap();
    let said: Vec<&str> = models
        .iter()
        .map(|model| model.problem.as_ref().unwrap().en.as_str())
        .collect();
    for (said, part) in said.iter().zip([
        "half written",
        "format 9",
        "4 bytes instead of 2",
        "cannot be read",
    ]) {
        assert!(said.contains(part), "{said}");
    }
    fs::write(run.layout().settings(), "nonsense").unwrap();
    let models = models::list(&place.home).unwrap();
    assert!(models.len() == 4 && models.iter().all(|model| model.problem.is_some()));
}

#[rstest]
#[case("", "2/best")]
#[case("/1", "1/best")]
#[case("/1/last", "1/last")]
fn a_model_is_named_by_as_little_as_tells_it_apart(#[case] asked: &str, #[case] found: &str) {
    let mut place = Place::new();
    let run = judged(&mut place, "ppo");
    let found = format!("{}/{found}", run.id());
    assert_eq!(model(&place, &format!("ppo{asked}")).id.to_string(), found);
    for wrong in ["ppo/7", "ppo/1/worst", "nobody"] {
        assert!(promotion::resolve(&place.home, wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_export_is_whole_and_its_checksums_hold() {
    let mut place = Place::new();
    judged(&mut place, "ppo");
    let model = model(&place, "ppo");
    let into = model_export::usual_folder(&place.home, &model);
    let exported = export(&model, &into, &place.clock).unwrap();
    assert!(exported.place.ends_with("model-seed2-best-100"));
    let sums = fs::read_to_string(exported.place.join(CHECKSUMS)).unwrap();
    let mut listed = Vec::new();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let bytes = fs::read(exported.place.join(name)).unwrap();
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), sum, "{name}");
        listed.push(name);
    }
    let due = [
        "policy.safetensors",
        "passport.json",
        "run.toml",
        "features.json",
    ];
    assert_eq!(listed, due);
    assert_eq!(fs::read(exported.place.join(due[0])).unwrap(), WEIGHTS);
    // A second one never writes over the first.
    let second = export(&model, &into, &place.clock).unwrap();
    assert!(second.place.ends_with("model-seed2-best-100-2"));
}

/// What the system's own tar makes of `archive`: every file by its name.
fn unpacked(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder.path())
        .status();
    assert!(done.unwrap().success());
    let mut files = BTreeMap::new();
    for below in fs::read_dir(folder.path()).unwrap().flatten() {
        for file in fs::read_dir(below.path()).unwrap().flatten() {
            let name = below.file_name().to_string_lossy().into_owned();
            let name = format!("{name}/{}", file.file_name().to_string_lossy());
            files.insert(name, fs::read(file.path()).unwrap());
        }
    }
    files
}

#[test]
fn an_archive_holds_what_the_folder_holds_and_is_the_same_each_time() {
    let mut place = Place::new();
    judged(&mut place, "ppo");
    let model = model(&place, "ppo");
    let into = place.home.root().join("out");
    let folder = export(&model, &into, &place.clock).unwrap();
    let name = folder.place.file_name().unwrap().to_string_lossy();
    let expected: BTreeMap<String, Vec<u8>> = folder
        .files
        .iter()
        .map(|file| {
            let inner = file.file_name().unwrap().to_string_lossy();
            (format!("{name}/{inner}"), fs::read(file).unwrap())
        })
        .collect();
    let first = export_as(Form::Archive, &model, &into, &place.clock).unwrap();
    assert!(first.place.ends_with("model-seed2-best-100.tar.gz"));
    assert_eq!(first.files, std::slice::from_ref(&first.place));
    assert_eq!(unpacked(&first.place), expected);
    // Later, under other names: byte for byte the same.
    place.clock.advance(Duration::from_secs(86_400));
    let second = export_as(Form::Archive, &model, &into, &place.clock).unwrap();
    assert!(second.place.ends_with("model-seed2-best-100-2.tar.gz"));
    let third = archive(&model, &into.join("new/mine.tgz")).unwrap();
    for other in [&second, &third] {
        assert_eq!(
            fs::read(&other.place).unwrap(),
            fs::read(&first.place).unwrap()
        );
    }
    // Members by name, nobody's, of no time.
    let listed = Command::new("tar")
        .args(["--numeric-owner", "--utc", "-tvzf"])
        .arg(&first.place)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let rows: Vec<&str> = listed.lines().collect();
    assert_eq!(rows.len(), expected.len(), "{listed}");
    for (row, name) in rows.iter().zip(expected.keys()) {
        assert!(row.starts_with("-rw-r--r-- 0/0 "), "{row}");
        assert!(
            row.contains("1970-01-01") && row.ends_with(name.as_str()),
            "{row}"
        );
    }
}

#[test]
fn an_archive_never_stands_half_done_nor_over_what_was_there() {
    let mut place = Place::new();
    judged(&mut place, "ppo");
    let model = model(&place, "ppo");
    let into = place.home.root().join("out");
    let file = into.join("mine.tar.gz");
    let mut refuse = |_: &Path, _: &[u8]| Err(io::ErrorKind::StorageFull.into());
    let error = archive_with(&model, &file, &mut refuse).unwrap_err();
    assert!(error.to_string().contains("mine.tar.gz"), "{error}");
    assert!(
        error.hint().en.starts_with("free some space"),
        "{}",
        error.hint()
    );
    assert_eq!(visible(&into), [""; 0]);
    fs::write(&file, "precious").unwrap();
    let error = archive(&model, &file).unwrap_err();
    assert!(error.hint().en.contains("another name"), "{}", error.hint());
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(
        fs::read_dir(&into).unwrap().count(),
        1,
        "no temporary file stays"
    );
    let weights = model.path.join("policy.safetensors");
    fs::write(&weights, "half").unwrap();
    assert!(archive(&model, &into.join("other.tgz")).is_err());
    assert_eq!(visible(&into), ["mine.tar.gz"]);
    for (name, is) in [
        ("a.tar.gz", true),
        ("A.TGZ", true),
        ("a.tar", false),
        ("tgz", false),
    ] {
        assert_eq!(is_archive(Path::new(name)), is, "{name}");
    }
}

#[test]
fn a_checkpoint_that_is_not_whole_is_never_exported_or_promoted() {
    let mut place = Place::new();
    let run = judged(&mut place, "ppo");
    let into = place.home.root().join("out");
    let checkpoints = run.track(Track::Seed(1)).checkpoints();
    let weights = checkpoints.join("100/policy.safetensors");
    // The same length, one other byte: a glance does not tell.
    let damaged: Vec<u8> = WEIGHTS
        .iter()
        .map(|byte| byte ^ u8::from(*byte == b'w'))
        .collect();
    fs::write(&weights, damaged).unwrap();
    let subject = model(&place, "ppo/1");
    assert!(subject.problem.is_none());
    let error = export(&subject, &into, &place.clock).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    let named = promotion::promote(&place.home, &subject, "a", "me", &place.clock);
    assert!(named.is_err());
    fs::remove_file(checkpoints.join("100/manifest.json")).unwrap();
    let error = export(&subject, &into, &place.clock).unwrap_err();
    assert!(error.to_string().contains("half written"), "{error}");
    assert_eq!(visible(&into), [""; 0]);
    assert_eq!(promotion::list(&place.home).unwrap(), []);
}

#[test]
fn a_kill_in_the_middle_leaves_nothing_under_the_final_name() {
    let mut place = Place::new();
    judged(&mut place, "ppo");
    let model = model(&place, "ppo");
    let into = place.home.root().join("out");
    // Five files are written; each time the process ends before or within another one.
    for survived in 0..5 {
        let mut written = 0;
        let killed = catch_unwind(AssertUnwindSafe(|| {
            export_with(&model, &into, &place.clock, &mut |path, bytes| {
                if written == survived {
                    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
                    panic!("killed");
                }
                written += 1;
                fs::write(path, bytes)
            })
        }));
        assert!(killed.is_err());
        assert_eq!(visible(&into), [""; 0], "{survived}");
    }
    let mut refused = |_: &Path, _: &[u8]| Err(std::io::Error::other("disk full"));
    assert!(export_with(&model, &into, &place.clock, &mut refused).is_err());
    let exported = export(&model, &into, &place.clock).unwrap();
    assert_eq!(visible(&into).len(), 1);
    assert_eq!(exported.files.len(), 5);
}

#[test]
fn a_name_points_to_a_model_and_its_history_is_kept() {
    let mut place = Place::new();
    judged(&mut place, "ppo");
    let (one, two) = (model(&place, "ppo/1"), model(&place, "ppo/2"));
    let give =
        |model: &Model| promotion::promote(&place.home, model, "btc-live", "me", &place.clock);
    assert_eq!(give(&one).unwrap(), None);
    let former = give(&two).unwrap();
    assert_eq!(former.as_ref().unwrap().model, one.id);
    give(&two).unwrap();
    assert_eq!(model(&place, "btc-live").id, two.id);
    // Taking the last change back points to the former one again.
    promotion::point(&place.home, "btc-live", former, "me", &place.clock).unwrap();
    assert_eq!(model(&place, "btc-live").id, one.id);
    promotion::point(&place.home, "btc-live", None, "me", &place.clock).unwrap();
    let error = promotion::resolve(&place.home, "btc-live").unwrap_err();
    assert!(error.to_string().contains("any more"), "{error}");
    let [name] = promotion::list(&place.home).unwrap().try_into().unwrap();
    assert_eq!(name.history.len(), 4, "the same again is no deed");
    assert_eq!((name.pointer(), &name.problem), (None, &None));
}

#[test]
fn a_pointer_tells_when_its_model_is_gone_or_another() {
    let mut place = Place::new();
    let run = judged(&mut place, "ppo");
    let subject = model(&place, "ppo/1");
    promotion::promote(&place.home, &subject, "a", "me", &place.clock).unwrap();
    let problem = || {
        let [name] = promotion::list(&place.home).unwrap().try_into().unwrap();
        name.problem.map(|problem| problem.en)
    };
    assert_eq!(problem(), None);
    checkpoint(&run, 1, 100, "0.9");
    assert!(problem().unwrap().contains("written anew"));
    assert!(promotion::resolve(&place.home, "a").is_err());
    fs::remove_dir_all(run.path()).unwrap();
    assert!(problem().unwrap().contains("is gone"));
}

#[test]
fn a_history_is_never_woven_into_or_overwritten() {
    let mut place = Place::new();
    judged(&mut place, "ppo");
    let subject = model(&place, "ppo/1");
    let path = promotion::folder(&place.home).join("a.jsonl");
    let give = |name: &str| promotion::promote(&place.home, &subject, name, "me", &place.clock);
    give("a").unwrap();
    // A line that a crash cut off does not count and goes with the next one.
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"format\":1,\"at\":")).unwrap();
    assert_eq!(model(&place, "a").id, subject.id);
    promotion::point(&place.home, "a", None, "me", &place.clock).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with(&whole) && text.lines().count() == 2,
        "{text}"
    );
    durable::replace(&path, b"{\"format\":9}\n").unwrap();
    assert!(matches!(give("a"), Err(RunsError::NewerFormat { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"{\"format\":9}\n");
    for name in ["", "../a", "-a", "a b", ".a"] {
        assert!(
            matches!(give(name), Err(RunsError::Invalid { .. })),
            "{name}"
        );
    }
}

#[test]
fn nothing_is_promoted_while_its_run_is_trained() {
    let mut place = Place::new();
    let run = place.run_with("live", SETTINGS);
    let segment = place.begin(&run);
    checkpoint(&run, 1, 100, "0.25");
    mark(&run, 1, 100, 100);
    let subject = model(&place, "live");
    let give = || promotion::promote(&place.home, &subject, "a", "me", &place.clock);
    assert!(matches!(give(), Err(RunsError::StillActive { .. })));
    // Reading it is fine.
    let into = place.home.root().join("out");
    assert_eq!(
        export(&subject, &into, &place.clock).unwrap().files.len(),
        4
    );
    pretend_owner(&run, elsewhere);
    assert!(give().is_err());
    assert_eq!(subject.id.mark, Mark::Best);
    drop(segment);
}
