//! Two crates know a checkpoint's manifest: `learn` writes it and `runs` reads it for lists, exports
//! and names. Neither may link the other, so they are held together here, where both are linked.

use learn::checkpoint::{Best, CheckpointStore};
use runs::{
    RunsError,
    checkpoints::{Contents, Mark, marked},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    num::NonZeroUsize,
    path::Path,
};

fn files(mark: u8) -> BTreeMap<String, Vec<u8>> {
    BTreeMap::from([
        ("policy.safetensors".to_owned(), vec![mark; 64]),
        (
            "state.json".to_owned(),
            format!("{{\"mark\":{mark}}}").into_bytes(),
        ),
        ("empty.bin".to_owned(), Vec::new()),
    ])
}

fn store(directory: &Path) -> CheckpointStore {
    CheckpointStore::open(directory, NonZeroUsize::new(5).unwrap()).unwrap()
}

#[test]
fn the_registry_reads_what_the_trainer_writes() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path());
    assert_eq!(marked(dir.path(), Mark::Last), None);
    assert_eq!(marked(dir.path(), Mark::Best), None);
    let saved = [
        (10, None),
        (20, Some(0.5)),
        (30, Some(-1e300)),
        (40, Some(f64::NAN)),
    ];
    for (step, score) in saved {
        store.save(step, &files(step as u8), score).unwrap();
    }
    let best = Best {
        step: 20,
        score: 0.5,
    };
    store.mark_best(best).unwrap();
    assert_eq!(marked(dir.path(), Mark::Last), Some(40));
    assert_eq!(marked(dir.path(), Mark::Best), Some(20));
    for (step, score) in saved {
        let path = store.archive().path(step);
        let read = Contents::read(&path).unwrap();
        assert_eq!(read.step, step);
        assert_eq!(read.score, score.filter(|score| score.is_finite()));
        read.glance(&path).unwrap();
        read.verify(&path).unwrap();
        let written = store.archive().load(step).unwrap().manifest;
        let of_writer = written.files.iter();
        let of_writer = of_writer.map(|(name, sum)| (name, sum.bytes, &sum.blake3));
        let of_reader = read.files.iter();
        let of_reader = of_reader.map(|(name, sum)| (name, sum.bytes, &sum.blake3));
        assert!(of_reader.eq(of_writer), "step {step}");
        for (name, bytes) in files(step as u8) {
            assert_eq!(read.file(&path, &name).unwrap(), bytes);
        }
        // Whatever the writer adds has to be thought of on the other side too.
        let text = fs::read(path.join("manifest.json")).unwrap();
        let Value::Object(manifest) = serde_json::from_slice(&text).unwrap() else {
            panic!("the manifest is no object");
        };
        let fields: BTreeSet<&str> = manifest.keys().map(String::as_str).collect();
        assert_eq!(fields, BTreeSet::from(["files", "format", "score", "step"]));
        assert_eq!(read.hash, blake3::hash(&text).to_hex().as_str());
    }
}

#[test]
fn both_refuse_a_checkpoint_that_is_damaged_or_not_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path());
    store.save(10, &files(1), None).unwrap();
    let path = store.archive().path(10);
    let manifest = path.join("manifest.json");
    let refused = || {
        let read = Contents::read(&path).and_then(|contents| contents.verify(&path));
        (store.archive().load(10).is_err(), read.is_err())
    };
    assert_eq!(refused(), (false, false));
    let weights = path.join("policy.safetensors");
    let sound = fs::read(&weights).unwrap();
    fs::write(&weights, [2; 64]).unwrap();
    assert_eq!(refused(), (true, true), "another byte");
    fs::write(&weights, &sound[..63]).unwrap();
    assert_eq!(refused(), (true, true), "a shorter file");
    fs::write(&weights, &sound).unwrap();
    assert_eq!(refused(), (false, false));
    let text = fs::read_to_string(&manifest).unwrap();
    let newer = text.replacen("\"format\": 1", "\"format\": 2", 1);
    let newer = newer.replacen("\"format\":1", "\"format\":2", 1);
    assert_ne!(newer, text);
    fs::write(&manifest, newer).unwrap();
    assert_eq!(refused(), (true, true), "a newer format");
    let error = Contents::read(&path).unwrap_err();
    assert!(
        matches!(
            error,
            RunsError::NewerFormat {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{error}"
    );
    fs::remove_file(&manifest).unwrap();
    assert_eq!(refused(), (true, true), "half written");
}
