//! House rules as tests: layering, names, module headers, file budgets.
//!
//! Each rule is a function from one source file to a complaint, so that it can be shown to catch
//! a planted fault ([`every_rule_catches_its_planted_fault`]).

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One source file: path relative to the repository, and text.
struct Source {
    path: String,
    text: String,
}

type Rule = fn(&Source) -> Option<String>;

/// Layer of every crate, lowest first; a crate may use lower layers only.
const LAYERS: &[(&str, u8)] = &[
    ("domain", 0),
    ("config", 1),
    ("features", 1),
    ("kernel", 1),
    ("logbook", 1),
    ("runs", 2),
    ("data", 2),
    ("sim", 2),
    ("backtest", 3),
    ("jobs", 3),
    ("remote", 4),
    ("report", 4),
    ("learn", 4),
    ("console", 5),
    ("serve", 5),
];

/// Heavy or sensitive crates and the only place each may be used in.
const ONLY_IN: &[(&str, &str)] = &[
    ("tch", "learn"),
    ("polars", "data"),
    ("ta-lib", "features"),
    ("ratatui", "console"),
    ("crossterm", "console"),
    ("tungstenite", "serve"),
];

/// Declarative registries that may exceed the file budget.
const REGISTRIES: &[&str] = &["src/config/keys"];

const FILE_BUDGET: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for top in ["src", "tests", "benches"] {
        collect(&root().join(top), &mut found);
    }
    assert!(
        found.len() > 50,
        "the walk found only {} files",
        found.len()
    );
    found
}

fn collect(dir: &Path, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path
                .strip_prefix(root())
                .unwrap()
                .to_string_lossy()
                .into_owned();
            found.push(Source { path, text });
        }
    }
}

fn opens_with_why(source: &Source) -> Option<String> {
    (!source.text.starts_with("//! ")).then(|| "does not open with `//!` and why it exists".into())
}

fn keeps_the_budget(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    let registry = REGISTRIES
        .iter()
        .any(|prefix| source.path.starts_with(prefix));
    (lines > FILE_BUDGET && !registry).then(|| format!("has {lines} lines, {FILE_BUDGET} allowed"))
}

fn has_a_name_of_its_own(source: &Source) -> Option<String> {
    const BANNED: &[&str] = &[
        "utils", "util", "manager", "base", "common", "types", "helpers",
    ];
    let stem = Path::new(&source.path)
        .file_stem()?
        .to_string_lossy()
        .into_owned();
    BANNED
        .contains(&stem.as_str())
        .then(|| format!("`{stem}.rs` names no noun of the field"))
}

fn leaves_nothing_undone(source: &Source) -> Option<String> {
    let marks = [
        "todo!",
        "unimplemented!",
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        "dbg!",
    ];
    let found = marks.iter().find(|mark| source.text.contains(**mark))?;
    (!source.path.ends_with("tests/conventions.rs")).then(|| format!("contains `{found}`"))
}

fn tests_do_not_sleep(source: &Source) -> Option<String> {
    let tests = match source.text.find("#[cfg(test)]") {
        Some(start) => &source.text[start..],
        None if source.path.contains("tests") => source.text.as_str(),
        None => return None,
    };
    let call = concat!("sleep", "(");
    tests
        .contains(call)
        .then(|| "sleeps in a test; wait for the thing itself".into())
}

fn unsafe_says_why(source: &Source) -> Option<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let opens = concat!("unsafe", " {");
    let bare = lines.iter().enumerate().find(|(at, line)| {
        let code = line.split("//").next().unwrap_or("");
        code.contains(opens)
            && !lines[at.saturating_sub(8)..=*at]
                .iter()
                .any(|near| near.contains("SAFETY"))
    })?;
    Some(format!(
        "line {}: unsafe without a SAFETY comment",
        bare.0 + 1
    ))
}

fn names_no_machine(source: &Source) -> Option<String> {
    let paths = [
        concat!("/wo", "rk/"),
        concat!("/tmp/", "t-"),
        concat!("/ro", "ot/"),
    ];
    let found = paths.iter().find(|path| source.text.contains(**path))?;
    Some(format!("names a machine's path `{found}`"))
}

/// Crates whose results must follow from their arguments alone.
const DECISIONS: &[&str] = &["src/sim/", "src/features/", "src/backtest/", "src/kernel/"];

fn decisions_do_no_io(source: &Source) -> Option<String> {
    let decides = DECISIONS.iter().any(|home| source.path.starts_with(home));
    let aside = ["/benches/", "/tests/", "/checks/", "tests.rs"];
    if !decides || aside.iter().any(|part| source.path.contains(part)) {
        return None;
    }
    let program = source.text.split("#[cfg(test)]").next()?;
    let lines = program.lines().map(|line| line.split("//").next());
    let code: String = lines.flatten().flat_map(|line| [line, "\n"]).collect();
    let doors = ["fs", "net", "env"];
    let named = doors
        .iter()
        .find(|door| code.contains(&format!("std::{door}")));
    // `use std::{fs, io};` over one line or several.
    let grouped = code.split("use std::{").skip(1).find_map(|rest| {
        let group = rest.split(';').next()?;
        let mut names = group.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        names.find_map(|name| doors.iter().find(|door| **door == name))
    });
    let door = named.or(grouped)?;
    Some(format!("reaches for std::{door}; take it as an argument"))
}

const RULES: &[(&str, Rule)] = &[
    ("opens with why", opens_with_why),
    ("keeps the budget", keeps_the_budget),
    ("has a name of its own", has_a_name_of_its_own),
    ("leaves nothing undone", leaves_nothing_undone),
    ("tests do not sleep", tests_do_not_sleep),
    ("unsafe says why", unsafe_says_why),
    ("names no machine", names_no_machine),
    ("decisions do no I/O", decisions_do_no_io),
];

#[test]
fn every_source_file_keeps_every_rule() {
    let mut complaints = Vec::new();
    for source in sources() {
        for (name, rule) in RULES {
            if let Some(complaint) = rule(&source) {
                complaints.push(format!("{}: {name}: {complaint}", source.path));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_rule_catches_its_planted_fault() {
    let long = format!("//! Why.\n{}", "\n".repeat(FILE_BUDGET + 1));
    let sleep = concat!(
        "//! Why.\n#[cfg(test)]\nmod tests { fn f() { std::thread::sleep",
        "(d) } }"
    );
    let bare = concat!("//! Why.\nfn f() { unsafe", " { g() } }");
    let path = concat!("//! Why.\nconst P: &str = \"/wo", "rk/x\";");
    let planted: &[(&str, &str, &str)] = &[
        ("opens with why", "src/a/b.rs", "fn main() {}"),
        ("keeps the budget", "src/a/b.rs", &long),
        ("has a name of its own", "src/a/utils.rs", "//! Why.\n"),
        (
            "leaves nothing undone",
            "src/a/b.rs",
            "//! Why.\nfn f() { todo!() }",
        ),
        ("tests do not sleep", "src/a/b.rs", sleep),
        ("unsafe says why", "src/a/b.rs", bare),
        ("names no machine", "src/a/b.rs", path),
        (
            "decisions do no I/O",
            "src/sim/b.rs",
            "//! Why.\nuse std::{\n    fmt,\n    fs,\n};\n",
        ),
    ];
    assert_eq!(planted.len(), RULES.len());
    for (name, path, text) in planted {
        let rule = RULES.iter().find(|(rule, _)| rule == name).unwrap().1;
        let source = Source {
            path: (*path).into(),
            text: (*text).into(),
        };
        assert!(rule(&source).is_some(), "`{name}` missed its planted fault");
    }
}

#[test]
fn only_the_code_that_decides_is_kept_from_io() {
    let judge = |path: &str, text: &str| {
        decisions_do_no_io(&Source {
            path: path.into(),
            text: text.into(),
        })
    };
    assert!(judge("src/kernel/b.rs", "let x = std::env::var(\"X\");").is_some());
    assert!(judge("src/kernel/b.rs", "// std::fs is not used\nuse crate::env;").is_none());
    assert!(judge("src/kernel/b.rs", "#[cfg(test)]\nuse std::fs;").is_none());
    assert!(judge("src/sim/tests/b.rs", "use std::fs;").is_none());
    assert!(judge("src/runs/b.rs", "use std::fs;").is_none());
}

/// Returns `(dependency, is_dev)` for each dependency line of a crate's manifest.
fn dependencies(manifest: &str) -> Vec<(String, bool)> {
    let mut dev = None;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            dev = match section.trim_end_matches(']') {
                "dependencies" => Some(false),
                "dev-dependencies" => Some(true),
                _ => None,
            };
        } else if let (Some(dev), Some((name, _))) = (dev, line.split_once('=')) {
            let name = name.trim().split('.').next().unwrap_or("").to_owned();
            if !name.starts_with('#') {
                found.push((name, dev));
            }
        }
    }
    found
}

fn layering_complaints(crate_name: &str, manifest: &str) -> Vec<String> {
    let layer_of = |name: &str| {
        LAYERS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|row| row.1)
    };
    let Some(own) = layer_of(crate_name) else {
        return vec![format!("{crate_name} stands in no layer; add it to LAYERS")];
    };
    let mut complaints = Vec::new();
    for (dependency, dev) in dependencies(manifest) {
        if let Some(layer) = layer_of(&dependency)
            && layer >= own
            && !dev
        {
            complaints.push(format!(
                "{crate_name} (layer {own}) uses {dependency} ({layer})"
            ));
        }
        if let Some((_, home)) = ONLY_IN.iter().find(|(heavy, _)| *heavy == dependency)
            && *home != crate_name
        {
            complaints.push(format!(
                "{crate_name} uses {dependency}, which belongs in {home}"
            ));
        }
        let network = ["reqwest", "hyper", "tungstenite", "ureq"];
        if crate_name == "console" && network.contains(&dependency.as_str()) {
            complaints.push(format!(
                "the console must not use the network ({dependency})"
            ));
        }
    }
    complaints
}

#[test]
fn crates_use_lower_layers_only() {
    let mut complaints = Vec::new();
    for (name, _) in LAYERS {
        let manifest =
            fs::read_to_string(root().join("src").join(name).join("Cargo.toml")).unwrap();
        complaints.extend(layering_complaints(name, &manifest));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn layering_catches_planted_faults() {
    let upward = "[dependencies]\nlearn = { workspace = true }\n";
    assert_eq!(layering_complaints("sim", upward).len(), 1);
    let heavy = "[dependencies]\npolars = { workspace = true }\n";
    assert_eq!(layering_complaints("runs", heavy).len(), 1);
    let network = "[dependencies]\nreqwest = { workspace = true }\n";
    assert_eq!(layering_complaints("console", network).len(), 1);
    assert_eq!(layering_complaints("newcomer", "").len(), 1);
    assert!(
        layering_complaints("sim", "[dependencies]\ndomain = { workspace = true }\n").is_empty()
    );
}

#[test]
fn the_top_level_holds_what_was_agreed() {
    let agreed = [
        "ARCHITECTURE.md",
        "benches",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "Makefile",
        "README.ko.md",
        "README.md",
        "configs",
        "data",
        "deploy",
        "dist",
        "docs",
        "logs",
        "rustfmt.toml",
        "src",
        "target",
        "tests",
    ];
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || agreed.contains(&name.as_str()),
            "`{name}` stands at the top level; find its place below"
        );
    }
}

#[test]
fn both_readmes_tell_the_same_story() {
    let headings = |file: &str| {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let levels = text.lines().filter(|line| line.starts_with('#'));
        levels
            .map(|line| line.chars().take_while(|c| *c == '#').count())
            .collect::<Vec<_>>()
    };
    assert_eq!(headings("README.md"), headings("README.ko.md"));
}
