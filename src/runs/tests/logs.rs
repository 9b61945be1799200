//! The tail of a log under everything that happens to logs.

use crate::{LogTail, tail::Tailed};
use rstest::rstest;
use std::{fs, io::Write, path::PathBuf};
use tempfile::TempDir;

fn log(bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0001.log");
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn append(path: &PathBuf, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

fn texts(tailed: &Tailed) -> Vec<&str> {
    tailed.lines.iter().map(|line| line.text.as_str()).collect()
}

#[rstest]
#[case::fewer(b"a\nb\n", 5, &["a", "b"])]
#[case::exactly(b"a\nb\n", 2, &["a", "b"])]
#[case::more(b"a\nb\nc\n", 2, &["b", "c"])]
#[case::none(b"a\nb\n", 0, &[])]
#[case::empty(b"", 3, &[])]
#[case::empty_lines(b"a\n\n\n", 2, &["", ""])]
#[case::unfinished(b"a\nb\nc", 2, &["b"])]
#[case::carriage_returns(b"x 1%\rx 50%\rx 99%\nend\r\n", 9, &["x 99%", "end"])]
#[case::invalid_utf8(b"\xff\xfeok\n", 9, &["\u{fffd}\u{fffd}ok"])]
#[case::korean("학습 시작\n".as_bytes(), 9, &["학습 시작"])]
fn the_last_lines_come_first(#[case] bytes: &[u8], #[case] last: usize, #[case] expected: &[&str]) {
    let (_dir, path) = log(bytes);
    let mut tail = LogTail::open(&path, last).unwrap();
    assert_eq!(texts(&tail.poll().unwrap()), expected);
}

#[test]
fn growth_is_followed_byte_by_byte() {
    let (_dir, path) = log(b"");
    let mut tail = LogTail::open(&path, 10).unwrap();
    let mut seen = Vec::new();
    for byte in "epoch 1\r\n가나\n50%\r100%\n".bytes() {
        append(&path, &[byte]);
        seen.extend(tail.poll().unwrap().lines.into_iter().map(|line| line.text));
    }
    assert_eq!(seen, ["epoch 1", "가나", "100%"]);
}

#[test]
fn an_unfinished_line_is_shown_as_partial() {
    let (_dir, path) = log(b"done\n10%\r20%");
    let mut tail = LogTail::open(&path, 10).unwrap();
    tail.poll().unwrap();
    assert_eq!(tail.partial().as_deref(), Some("20%"));
    append(&path, b"\r");
    tail.poll().unwrap();
    assert_eq!(tail.partial().as_deref(), Some("20%"));
}

#[test]
fn truncation_starts_over() {
    let (_dir, path) = log(b"one\ntwo\n");
    let mut tail = LogTail::open(&path, 10).unwrap();
    tail.poll().unwrap();
    fs::write(&path, b"new\n").unwrap();
    let found = tail.poll().unwrap();
    assert!(found.restarted);
    assert_eq!(texts(&found), ["new"]);
}

#[test]
fn rotation_starts_over_even_if_the_new_file_is_longer() {
    let (dir, path) = log(b"one\n");
    let mut tail = LogTail::open(&path, 10).unwrap();
    tail.poll().unwrap();
    fs::rename(&path, dir.path().join("0001.log.1")).unwrap();
    assert_eq!(tail.poll().unwrap(), Tailed::default());
    fs::write(&path, b"a longer first line\n").unwrap();
    let found = tail.poll().unwrap();
    assert!(found.restarted);
    assert_eq!(texts(&found), ["a longer first line"]);
}

#[test]
fn a_log_that_does_not_exist_yet_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0001.log");
    let mut tail = LogTail::open(&path, 10).unwrap();
    assert_eq!(tail.poll().unwrap(), Tailed::default());
    fs::write(&path, b"hello\n").unwrap();
    assert_eq!(texts(&tail.poll().unwrap()), ["hello"]);
}

#[test]
fn a_line_of_megabytes_is_cut_and_the_rest_counted() {
    let mut bytes = vec![b'x'; 3 << 20];
    bytes.extend(b"\nnext\n");
    let (_dir, path) = log(&bytes);
    let mut tail = LogTail::open(&path, 10).unwrap();
    let mut lines = Vec::new();
    loop {
        let found = tail.poll().unwrap();
        lines.extend(found.lines);
        if !found.more {
            break;
        }
    }
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].text.len() as u64 + lines[0].hidden_bytes, 3 << 20);
    assert_eq!(lines[1].text, "next");
}

#[test]
fn the_end_of_a_long_log_is_found_without_reading_it_all() {
    let mut bytes = Vec::new();
    for n in 0..200_000 {
        writeln!(bytes, "line {n}").unwrap();
    }
    let (_dir, path) = log(&bytes);
    let mut tail = LogTail::open(&path, 3).unwrap();
    let found = tail.poll().unwrap();
    assert_eq!(texts(&found), ["line 199997", "line 199998", "line 199999"]);
    assert!(!found.more);
}
