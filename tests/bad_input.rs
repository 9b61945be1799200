//! Bad input through the programs: each case says what, where and what to do, and loses nothing.

use crate::place::{Place, read_json, text, wait_until};
use domain::{StreamRng, SystemClock};
use runs::{Home, Kind, NewRun, RunDir};
use std::{fs, path::Path, process::Command};

#[test]
fn all_problems_of_a_file_come_at_once_with_places() {
    let place = Place::new();
    let file = "[agent]\nlerning_rate = 0.1\nclip_range = -2.0\n\n[train]\nseeds = []\n";
    fs::write(place.path().join("bad.toml"), file).unwrap();
    let output = place.run(&["train", "bad.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output);
    for expected in [
        "bad.toml:2:1",
        "bad.toml:3:",
        "bad.toml:6:",
        "learning_rate",
    ] {
        assert!(said.contains(expected), "{expected} is missing in\n{said}");
    }
    assert_eq!(
        place.json(&["runs", "list", "--json"]),
        serde_json::json!([])
    );
}

#[test]
fn contradictory_settings_are_refused_before_anything_starts() {
    let place = Place::new();
    let arguments = [
        "train",
        "--set",
        "train.device=cuda",
        "--set",
        "policy.backend=fused",
    ];
    let output = place.run(&arguments);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
}

#[test]
fn damaged_data_is_refused_with_row_numbers() {
    let place = Place::new();
    let file = "timestamp,open,high,low,close,volume\n\
        1700000000,10,11,9,10,1\n1700003600,10,8,9,10,1\n1700003600,10,11,9,10,1\n\
        1700010800,nan,11,9,10,1\n";
    fs::write(place.path().join("bad.csv"), file).unwrap();
    let output = place.run(&["data", "import", "bad.csv", "--symbol", "X"]);
    assert_ne!(output.status.code(), Some(0));
    let said = text(&output);
    assert!(said.contains("row 3") || said.contains("row 4"), "{said}");
    assert!(said.contains("hint"), "{said}");
    assert_eq!(
        place.json(&["data", "list", "--json"]),
        serde_json::json!([])
    );
}

#[test]
fn faults_of_data_are_told_in_korean_too() {
    let place = Place::new();
    let file = "timestamp,open,high,low,close,volume\n\
        1700000000,10,11,9,10,1\n1700003600,x,11,9,10,1\n1700007200,10,11,9,,1\n";
    fs::write(place.path().join("bad.csv"), file).unwrap();
    let output = place.run(&["data", "import", "bad.csv", "--lang", "ko"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for expected in [
        "bad.csv: 3행",
        "시가 칸이 숫자가 아닙니다",
        "종가 칸이 비어 있습니다",
        "도움말: 행을 고치거나",
    ] {
        assert!(said.contains(expected), "{expected} is missing in\n{said}");
    }
}

#[test]
fn a_date_with_two_readings_is_refused_until_its_order_is_given() {
    let place = Place::new();
    let mut rows = String::from("date,open,high,low,close,volume\n");
    for month in 1..=9 {
        rows.push_str(&format!("01/0{month}/2024,10,11,9,10,1\n"));
    }
    fs::write(place.path().join("days.csv"), rows).unwrap();
    let import = ["data", "import", "days.csv", "--timeframe", "1d"];
    let output = place.run(&import);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(
        text(&output).contains("--date-order dmy"),
        "{}",
        text(&output)
    );
    let mut ordered = import.to_vec();
    ordered.extend(["--date-order", "mdy"]);
    place.ok(0, &ordered);
    let described = place.json(&["data", "describe", "days", "--json"]);
    // 2024-01-09, in nanoseconds.
    assert_eq!(described["coverage"]["to"], 1_704_758_400_000_000_000_u64);
}

#[test]
fn data_that_changed_since_its_manifest_is_refused() {
    let place = Place::new();
    let mut rows = String::from("timestamp,open,high,low,close,volume\n");
    for hour in 0..600 {
        let price = 100 + hour % 7;
        rows.push_str(&format!(
            "{},{price},{},{},{price},5\n",
            1_700_000_000 / 3600 * 3600 + hour * 3600,
            price + 1,
            price - 1
        ));
    }
    fs::write(place.path().join("good.csv"), rows).unwrap();
    place.ok(
        0,
        &[
            "data", "import", "good.csv", "--name", "good", "--symbol", "X",
        ],
    );
    place.ok(0, &["data", "validate", "good"]);
    let parquet = walk(&place.path().join("data"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|kind| kind == "parquet"))
        .unwrap();
    let mut bytes = fs::read(&parquet).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&parquet, bytes).unwrap();
    let checked = place.run(&["data", "validate", "good"]);
    assert_ne!(checked.status.code(), Some(0));
    let settings = [
        "env.kind=trading",
        "env.sizing=fraction",
        "env.reward=log_equity",
        "data.set=good",
        "data.symbol=X",
    ];
    let trained = place.run(&place.training(&["train"], &settings));
    assert!(
        !matches!(trained.status.code(), Some(0 | 1)),
        "{}",
        text(&trained)
    );
    assert!(text(&trained).contains("good"), "{}", text(&trained));
}

/// Hourly bars of nothing in particular, as a CSV file in `place`.
fn hours(place: &Place, name: &str) {
    let mut rows = String::from("timestamp,open,high,low,close,volume\n");
    for hour in 0..600 {
        let (time, price) = (1_699_999_200 + hour * 3_600, 100 + hour % 7);
        let (high, low) = (price + 1, price - 1);
        rows.push_str(&format!("{time},{price},{high},{low},{price},5\n"));
    }
    fs::write(place.path().join(name), rows).unwrap();
}

#[test]
fn a_set_that_is_not_there_is_refused_and_not_taken_from_the_sample() {
    let place = Place::new();
    let sample = "data/sample/binance_spot_BTCUSDT_1h_2017-08_2024-01.parquet";
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(sample);
    fs::create_dir_all(place.path().join("data/sample")).unwrap();
    fs::copy(shipped, place.path().join(sample)).unwrap();
    let settings = [
        "env.kind=trading",
        "env.sizing=fraction",
        "env.reward=log_equity",
        "data.set=mydata",
    ];
    let trained = place.run(&place.training(&["train"], &settings));
    let said = text(&trained);
    assert!(!matches!(trained.status.code(), Some(0 | 1)), "{said}");
    for expected in ["`mydata`", "makook data import FILE --name mydata"] {
        assert!(said.contains(expected), "{expected} is missing in\n{said}");
    }
    let sets = place.json(&["data", "list", "--json"]);
    assert_eq!(sets, serde_json::json!([]));
}

#[test]
fn a_set_that_holds_something_else_than_the_settings_ask_for_is_refused() {
    let place = Place::new();
    hours(&place, "hours.csv");
    let import = ["data", "import", "hours.csv", "--name", "mine"];
    place.ok(0, &[&import[..], &["--symbol", "X"]].concat());
    let settings = ["data.set=mine", "data.symbol=Y", "data.timeframe=15m"];
    let proved = place.run(&with_settings(&["features", "--prove"], &settings));
    let said = text(&proved);
    assert_eq!(proved.status.code(), Some(2), "{said}");
    for expected in ["holds X, not Y", "bars of 1h, not 15m"] {
        assert!(said.contains(expected), "{expected} is missing in\n{said}");
    }
}

#[test]
fn a_store_elsewhere_is_used_by_every_verb() {
    let place = Place::new();
    hours(&place, "hours.csv");
    let elsewhere = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        let output = command.env("MAKOOK_DATA__STORE", "bars").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        text(&output)
    };
    elsewhere(&["data", "import", "hours.csv", "--symbol", "X"]);
    assert!(elsewhere(&["data", "list"]).contains("hours"));
    assert!(place.path().join("bars/store/hours").is_dir());
    let usual = place.json(&["data", "list", "--json"]);
    assert_eq!(usual, serde_json::json!([]));
}

fn with_settings<'a>(verb: &[&'a str], settings: &[&'a str]) -> Vec<&'a str> {
    let settings = settings.iter().flat_map(|setting| ["--set", *setting]);
    verb.iter().copied().chain(settings).collect()
}

fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(walk(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn a_second_worker_on_a_run_is_refused_and_told_who_holds_it() {
    let place = Place::new();
    let mut child = place.start(&["train.total_steps=2000000"]);
    wait_until("a run appears", || {
        place.run(&["runs", "path", "latest"]).status.success()
    });
    let run = place.latest();
    wait_until("it is taken", || run.join("meta/0001.claim.json").exists());
    let second = Command::new(env!("CARGO_BIN_EXE_makook-worker"))
        .arg("run")
        .arg(&run)
        .current_dir(place.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2), "{}", text(&second));
    assert!(text(&second).contains("is held by"), "{}", text(&second));
    let resumed = place.run(&["resume"]);
    assert_eq!(resumed.status.code(), Some(2), "{}", text(&resumed));
    place.ok(0, &["stop"]);
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

#[test]
fn half_written_and_newer_run_directories_are_shown_not_fatal() {
    let place = Place::new();
    let run = place.train(&[]);
    let runs = run.parent().unwrap();
    fs::create_dir(runs.join("20200101-000000-half-abcd")).unwrap();
    let newer = runs.join("20200101-000001-newer-abce");
    fs::create_dir(&newer).unwrap();
    let settings = fs::read_to_string(run.join("run.toml")).unwrap();
    fs::write(
        newer.join("run.toml"),
        settings.replacen("format = 1", "format = 99", 1),
    )
    .unwrap();
    let listed = place.json(&["runs", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    let half = place.run(&["runs", "show", "half"]);
    assert_eq!(half.status.code(), Some(2));
    assert!(
        text(&half).contains("run.toml is missing"),
        "{}",
        text(&half)
    );
    let future = place.run(&["runs", "show", "newer"]);
    assert!(text(&future).contains("99"), "{}", text(&future));
    assert_eq!(
        place.json(&["runs", "show", "latest", "--json"])["summary"]["state"],
        "done"
    );
}

#[test]
fn without_slurm_sending_there_says_what_is_missing_and_leaves_no_run() {
    let place = Place::new();
    let bin = place.path().join("empty");
    fs::create_dir(&bin).unwrap();
    let mut train = place.training(&["train", "--on", "generic-slurm"], &[]);
    train.push("--detach");
    for arguments in [train, vec!["doctor", "--cluster"]] {
        let mut command = place.command(&arguments);
        let output = command.env("PATH", &bin).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        let said = text(&output);
        assert!(
            said.contains("is not on this machine") && said.contains("hint"),
            "{said}"
        );
    }
    assert_eq!(
        place.json(&["runs", "list", "--json"]),
        serde_json::json!([])
    );
}

#[test]
fn a_run_of_another_version_fails_with_both_versions_named() {
    let place = Place::new();
    let run = place.train(&[]);
    let known = RunDir::open_path(&run).unwrap().settings().unwrap();
    let newer = NewRun {
        name: "newer",
        kind: Kind::Train,
        parent: None,
        settings: &format!("{known}\n[telepathy]\nrange = 1\n"),
        version: "99.0.0",
    };
    let home = Home::at(run.parent().unwrap());
    let (clock, mut rng) = (SystemClock::new(), StreamRng::seeded(1));
    let newer = RunDir::create(&home, &newer, &clock, &mut rng).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_makook-worker"))
        .arg("run")
        .arg(newer.path())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2), "{}", text(&ended));
    let failed = read_json(&newer.path().join("failed.json"));
    let says = failed["says"]["en"].as_str().unwrap();
    assert!(
        says.contains("99.0.0") && says.contains(env!("CARGO_PKG_VERSION")),
        "{says}"
    );
    assert!(says.contains("telepathy"), "{says}");
    let shown = place.json(&["runs", "show", newer.id().as_str(), "--json"]);
    assert_eq!(shown["summary"]["state"], "failed");
}

#[test]
fn settings_changed_after_creation_are_noticed() {
    let place = Place::new();
    let mut child = place.start(&["train.total_steps=2000000"]);
    wait_until("a run appears", || {
        place.run(&["runs", "path", "latest"]).status.success()
    });
    let run = place.latest();
    wait_until("it is taken", || run.join("meta/0001.claim.json").exists());
    place.ok(0, &["stop"]);
    child.wait().unwrap();
    let file = run.join("run.toml");
    let settings = fs::read_to_string(&file)
        .unwrap()
        .replace("gamma = 0.99", "gamma = 0.5");
    fs::write(&file, settings).unwrap();
    let resumed = place.run(&["resume"]);
    assert_ne!(resumed.status.code(), Some(0));
    let told = fs::read_to_string(run.join("log/worker.out")).unwrap() + &text(&resumed);
    assert!(told.contains("changed after the run was created"), "{told}");
}

#[test]
fn a_home_that_cannot_be_written_is_an_environment_error() {
    let place = Place::new();
    let file = place.path().join("occupied");
    fs::write(&file, "").unwrap();
    let arguments = place.training(&["train"], &[]);
    let mut command = place.command(&arguments);
    let output = command.env("MAKOOK_HOME", &file).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("occupied"), "{}", text(&output));
}

#[test]
fn nothing_is_measured_on_a_login_node() {
    let place = Place::new();
    let bin = place.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("sbatch"), "").unwrap();
    let measured = |arguments: &[&str], within_job: &str| {
        let mut command = place.command(arguments);
        let command = command.env("PATH", &bin).env("SLURM_CONF", "lab");
        let command = command.env("MAKOOK_WORKER", "/bin/true");
        command.env("SLURM_JOB_ID", within_job).output().unwrap()
    };
    let refused = measured(&["calibrate"], "");
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    let said = text(&refused);
    assert!(
        said.contains("is a login node") && said.contains("srun"),
        "{said}"
    );
    // Inside a job the worker is started, and where a person says so; this one measures nothing.
    for (arguments, job) in [(&["calibrate"][..], "7"), (&["calibrate", "--here"], "")] {
        let said = text(&measured(arguments, job));
        assert!(!said.contains("login node"), "{said}");
    }
}
