//! Checkpoints that are whole, torn, damaged, newer, or on a disk that is full.

use super::*;
use crate::error::CheckpointError;
use rstest::rstest;
use std::{collections::BTreeMap, fs, io, num::NonZeroUsize, path::Path};

fn files(mark: u8) -> BTreeMap<String, Vec<u8>> {
    BTreeMap::from([
        ("policy.safetensors".to_owned(), vec![mark; 64]),
        (
            "state.json".to_owned(),
            format!("{{\"mark\":{mark}}}").into_bytes(),
        ),
    ])
}

fn store(directory: &Path, keep: usize) -> CheckpointStore {
    CheckpointStore::open(directory, NonZeroUsize::new(keep).unwrap()).unwrap()
}

/// Accepts `room` bytes and then answers "no space left".
#[derive(Debug)]
struct SmallDisk {
    room: usize,
}

impl Disk for SmallDisk {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > self.room {
            LocalDisk.write(path, &bytes[..self.room])?;
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.room -= bytes.len();
        LocalDisk.write(path, bytes)
    }
}

#[test]
fn what_is_saved_is_loaded_and_the_latest() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 3);
    store.save(10, &files(1), None).unwrap();
    store.save(20, &files(2), Some(0.5)).unwrap();
    let latest = store.archive().load_latest().unwrap().unwrap();
    assert_eq!(
        (latest.manifest.step, latest.manifest.score),
        (20, Some(0.5))
    );
    assert_eq!(latest.files, files(2));
    assert_eq!(latest.file("state.json").unwrap(), files(2)["state.json"]);
    assert_eq!(
        fs::read_to_string(dir.path().join("LATEST")).unwrap(),
        "20\n"
    );
}

#[test]
fn the_last_few_and_the_best_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 2);
    store.save(10, &files(1), Some(1.0)).unwrap();
    store
        .mark_best(Best {
            step: 10,
            score: 1.0,
        })
        .unwrap();
    for step in [20, 30, 40] {
        store.save(step, &files(2), None).unwrap();
    }
    assert_eq!(store.archive().steps().unwrap(), [10, 30, 40]);
    store
        .mark_best(Best {
            step: 40,
            score: 2.0,
        })
        .unwrap();
    assert_eq!(store.archive().steps().unwrap(), [30, 40]);
    assert_eq!(
        store.archive().best(),
        Some(Best {
            step: 40,
            score: 2.0
        })
    );
}

#[rstest]
#[case::flipped_bit("policy.safetensors", |bytes: &mut Vec<u8>| bytes[5] ^= 1)]
#[case::torn("state.json", |bytes: &mut Vec<u8>| bytes.truncate(3))]
#[case::emptied("manifest.json", |bytes: &mut Vec<u8>| bytes.clear())]
fn a_corrupt_checkpoint_is_named_and_the_one_before_offered(
    #[case] name: &str,
    #[case] damage: fn(&mut Vec<u8>),
) {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 5);
    for step in [10, 20, 30] {
        store.save(step, &files(1), None).unwrap();
    }
    for step in [20, 30] {
        let path = store.archive().path(step).join(name);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
    }
    let error = store.archive().load_latest().unwrap_err();
    let CheckpointError::Corrupt {
        step,
        file,
        previous,
        ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((*step, file.as_str(), *previous), (30, name, Some(10)));
    assert!(error.hint().en.contains("the one before, 10"), "{error}");
}

#[test]
fn a_missing_file_is_corruption_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 5);
    let path = store.save(10, &files(1), None).unwrap();
    fs::remove_file(path.join("state.json")).unwrap();
    let error = store.archive().load(10).unwrap_err();
    assert!(
        matches!(error, CheckpointError::Corrupt { previous: None, .. }),
        "{error}"
    );
}

#[test]
fn a_newer_format_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 5);
    let path = store.save(10, &files(1), None).unwrap();
    fs::write(
        path.join("manifest.json"),
        r#"{"format": 9, "tensors": []}"#,
    )
    .unwrap();
    let error = store.archive().load(10).unwrap_err();
    assert!(
        matches!(error, CheckpointError::NewerFormat { found: 9, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("newer"));
}

#[rstest]
#[case::first_file(10)]
#[case::second_file(70)]
#[case::manifest(90)]
fn a_full_disk_costs_no_earlier_checkpoint(#[case] room: usize) {
    let dir = tempfile::tempdir().unwrap();
    store(dir.path(), 1).save(10, &files(1), None).unwrap();
    let one = NonZeroUsize::MIN;
    let mut full = CheckpointStore::open_on(dir.path(), one, Box::new(SmallDisk { room })).unwrap();
    let error = full.save(20, &files(2), None).unwrap_err();
    assert!(error.hint().en.contains("free some space"), "{error}");
    assert!(error.may_pass());
    assert_eq!(full.archive().steps().unwrap(), [10]);
    assert_eq!(
        full.archive().load_latest().unwrap().unwrap().files,
        files(1)
    );
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(
        left.len(),
        2,
        "only the checkpoint and LATEST stay: {left:?}"
    );
}

#[test]
fn saving_a_step_again_replaces_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 2);
    store.save(10, &files(1), None).unwrap();
    store.save(10, &files(2), None).unwrap();
    assert_eq!(store.archive().load(10).unwrap().files, files(2));
}

#[test]
fn leftovers_of_a_killed_writer_are_cleared_or_restored() {
    let dir = tempfile::tempdir().unwrap();
    store(dir.path(), 5).save(10, &files(1), None).unwrap();
    fs::rename(dir.path().join("10"), dir.path().join(".10.old")).unwrap();
    fs::create_dir(dir.path().join(".20.tmp")).unwrap();
    fs::create_dir(dir.path().join(".5.gone")).unwrap();
    let store = store(dir.path(), 5);
    assert_eq!(
        store
            .archive()
            .load_latest()
            .unwrap()
            .unwrap()
            .manifest
            .step,
        10
    );
    assert!(!dir.path().join(".20.tmp").exists() && !dir.path().join(".5.gone").exists());
}

#[test]
fn an_empty_directory_has_no_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let archive = CheckpointArchive::new(&dir.path().join("none"));
    assert!(archive.load_latest().unwrap().is_none());
    assert!(matches!(
        archive.load(3),
        Err(CheckpointError::Missing { step: 3, .. })
    ));
}
