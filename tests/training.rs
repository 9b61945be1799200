//! A training from settings to verdict, through both programs and the run directory alone.

use crate::place::{Place, metrics, read_json, text, weights_hash};

#[test]
fn a_training_ends_with_a_verdict_a_report_and_pictures() {
    let place = Place::new();
    let run = place.train(&["train.seeds=[3, 4, 5]"]);
    let done = read_json(&run.join("done.json"));
    assert!(done["verdict"]["says"]["ko"].as_str().unwrap().len() > 10);
    assert!(done["metrics"]["optimum/share_iqm"].is_number(), "{done}");
    let report = place.json(&["report", "--json"]);
    let meta = read_json(&run.join("meta/0001.json"));
    let hash = &report["heading"]["data"]["hash"];
    assert!(
        hash.is_string() && meta["data_hashes"]["sine"] == *hash,
        "{meta}"
    );
    assert_eq!(report["seeds"].as_array().unwrap().len(), 3);
    assert!(report["baselines"].as_array().unwrap().len() >= 5);
    assert!(
        report["evidence"]["costs"]["rows"]
            .as_array()
            .unwrap()
            .len()
            >= 6
    );
    let nulls = report["evidence"]["nulls"].as_array().unwrap();
    assert!(
        nulls.len() >= 3,
        "delayed, flipped and shuffled runs belong to every verdict"
    );
    let text = place.ok(0, &["report"]);
    assert!(
        text.contains("Sharpe") && text.contains("max drawdown"),
        "{text}"
    );
    let page = std::fs::read_to_string(run.join("report/index.html")).unwrap();
    assert!(
        page.matches("<svg").count() >= 8,
        "{}",
        page.matches("<svg").count()
    );
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    let korean = place.ok(0, &["--lang", "ko", "report"]);
    assert!(korean.contains("판정 근거"), "{korean}");
    let listed = place.json(&["runs", "list", "--json"]);
    assert_eq!(listed[0]["state"], "done");
}

#[test]
fn real_data_is_imported_featured_and_judged() {
    let place = Place::new();
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let source = sample.join("binance_spot_BTCUSDT_1h_2017-08_2024-01.parquet");
    let source = format!("data.source={}", source.display());
    let run = place.train(&[
        "env.kind=trading",
        "env.sizing=fraction",
        "env.reward=log_equity",
        "data.start=2020-01-01",
        "data.end=2021-06-30",
        "train.total_steps=8192",
        &source,
    ]);
    let report = read_json(&run.join("report/report.json"));
    assert_eq!(report["heading"]["data"]["symbol"], "BTCUSDT");
    // What the table of trades adds up to is what the report says of them.
    let trades = place.json(&["runs", "trades", "latest", "--json"]);
    let chosen = report["chosen"].as_u64().unwrap() as usize;
    let activity = &report["seeds"][chosen]["metrics"]["activity"];
    let totals = &trades["totals"];
    assert_eq!(totals["count"], activity["trades"]);
    for (of_table, of_report) in [("win_rate", "hit_rate"), ("profit_factor", "profit_factor")] {
        let (table, report) = (totals[of_table].as_f64(), activity[of_report].as_f64());
        let same = match (table, report) {
            (Some(table), Some(report)) => (table - report).abs() < 1e-9,
            (table, report) => table == report,
        };
        assert!(same, "{of_table}: {table:?}, {report:?} in the report");
    }
    let rungs = report["judgement"]["rungs"].as_array().unwrap();
    let prover = rungs
        .iter()
        .find(|rung| rung["question"] == "no_leak")
        .unwrap();
    assert_eq!(prover["check"], "passed");
    let sets = place.json(&["data", "list", "--json"]);
    assert_eq!(sets[0]["manifest"]["coverage"]["bars"], 55_861);
    assert_eq!(sets[0]["manifest"]["coverage"]["missing_bars"], 32);
    // The same agents at twice the fee: a run of its own that names its parent.
    place.ok(1, &["evaluate", "latest", "--set", "env.fee_bps=20"]);
    let again = place.json(&["report", "latest", "--json"]);
    assert_eq!(again["account"]["costs"]["fee_bps"], 20.0);
    // What made the agent what it is cannot be changed after the fact.
    let refused = place.run(&["evaluate", "latest", "--set", "env.window=9"]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    assert!(
        text(&refused).contains("evaluate.*, data.*"),
        "{}",
        text(&refused)
    );
}

#[test]
fn a_control_task_trains_and_reports_its_return() {
    let place = Place::new();
    let run = place.train(&[
        "env.kind=cartpole",
        "agent.gamma=0.98",
        "agent.learning_rate=1e-3",
        "train.total_steps=40000",
        "policy.hidden=[64, 64]",
    ]);
    let done = read_json(&run.join("done.json"));
    let mean = done["metrics"]["test/return"].as_f64().unwrap();
    assert!(
        mean > 100.0,
        "CartPole must learn something in 40,000 steps: {mean}"
    );
    let report = place.run(&["report"]);
    assert_eq!(report.status.code(), Some(2), "{}", text(&report));
    assert!(text(&report).contains("control task"), "{}", text(&report));
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let place = Place::new();
    let first = place.train(&[]);
    let second = place.train(&["train.threads=1"]);
    assert_ne!(first, second);
    assert_eq!(weights_hash(&first, 3), weights_hash(&second, 3));
    assert_eq!(metrics(&first, 3), metrics(&second, 3));
    let other = place.train(&["train.seeds=[4]"]);
    assert_ne!(weights_hash(&first, 3), weights_hash(&other, 4));
}
