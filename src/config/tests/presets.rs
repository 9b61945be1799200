//! The presets that come with makook, and what becomes of broken ones.

use super::write;
use crate::{LoadRequest, find, load, preset, presets};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

fn shipped() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../configs")
}

#[test]
fn every_shipped_preset_is_sound_alone_and_over_the_defaults() {
    let (found, problems) = presets(&shipped());
    assert!(problems.is_empty(), "{problems}");
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    let wanted = ["first-try", "fast", "careful", "long-gpu", "continuous"];
    assert_eq!(names, wanted);
    for one in &found {
        assert!(!one.settings.is_empty(), "{}", one.name);
        for text in [&one.title, &one.purpose] {
            assert!(!text.en.is_empty() && !text.ko.is_empty(), "{}", one.name);
            assert_ne!(text.en, text.ko, "{}", one.name);
        }
        for dir in [shipped(), "no-such-folder".into()] {
            let request = LoadRequest {
                dir,
                sets: one.sets(),
                ..LoadRequest::default()
            };
            let resolved = load(&request).unwrap_or_else(|error| panic!("{}: {error}", one.name));
            assert!(resolved.warnings().is_empty(), "{}", resolved.warnings());
            for setting in &one.settings {
                assert_eq!(resolved.get(setting.key.path), Some(&setting.value));
            }
        }
    }
}

#[test]
fn a_preset_is_stronger_than_files_and_variables_and_weaker_than_a_flag() {
    let mut request = LoadRequest {
        dir: shipped(),
        env: BTreeMap::from([("MAKOOK_AGENT__CLIP_RANGE".to_owned(), "0.25".to_owned())]),
        preset: Some(preset(&shipped(), "careful").unwrap()),
        ..LoadRequest::default()
    };
    let origin = |request: &LoadRequest| {
        let resolved = load(request).unwrap();
        let setting = resolved.setting("agent.clip_range").unwrap();
        format!("{} {}", setting.value, setting.origin)
    };
    assert!(origin(&request).starts_with("0.1 "), "{}", origin(&request));
    assert!(origin(&request).ends_with("--preset careful"));
    request.sets = vec!["agent.clip_range=0.3".to_owned()];
    assert!(origin(&request).starts_with("0.3 "));
    assert_eq!(request.flags().last(), Some(&request.sets[0]));
    assert_eq!(
        request.flags().len(),
        request.preset.unwrap().settings.len() + 1
    );
}

#[test]
fn a_preset_is_a_settings_file_too() {
    for name in ["first-try", "careful"] {
        let file = shipped().join(format!("presets/{name}.toml"));
        let request = LoadRequest {
            dir: "no-such-folder".into(),
            experiment: Some(file),
            ..LoadRequest::default()
        };
        assert!(load(&request).is_ok(), "{name}");
    }
}

#[test]
fn presets_differ_from_each_other_and_are_found_by_name() {
    let (found, _) = presets(&shipped());
    let sets: BTreeSet<Vec<String>> = found.iter().map(crate::Preset::sets).collect();
    assert_eq!(sets.len(), found.len());
    let careful = preset(&shipped(), "careful").unwrap();
    assert!(careful.sets().contains(&"agent.clip_range=0.1".to_owned()));
    let json = serde_json::to_value(&careful).unwrap();
    assert_eq!(json["settings"][0]["path"], "agent.learning_rate");
    assert!(find("agent.learning_rate").is_some());
    let refused = preset(&shipped(), "carefull").unwrap_err().to_string();
    assert!(refused.contains("did you mean careful?"), "{refused}");
    let refused = preset("no-such-folder".as_ref(), "x").unwrap_err();
    assert!(refused.to_string().contains("holds none"), "{refused}");
}

#[test]
fn a_broken_preset_is_left_out_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let good = "[preset]\norder = 1\ntitle = { en = \"A\", ko = \"가\" }\n\
        purpose = { en = \"B.\", ko = \"나.\" }\n[agent]\nepochs = 3\n";
    write(dir.path(), "presets/good.toml", good);
    let rows = [
        ("untranslated", good.replace(", ko = \"나.\"", ""), "ko"),
        ("no-heading", "[agent]\nepochs = 3\n".to_owned(), "preset"),
        ("range", good.replace("= 3", "= 0"), "must be"),
        (
            "unknown",
            good.replace("epochs", "epoch_count"),
            "not a setting",
        ),
        (
            "foreign",
            good.replace("order", "colour = 1\norder"),
            "colour",
        ),
        ("torn", good.replace("[agent]", "[agent"), "torn.toml"),
    ];
    for (name, text, _) in &rows {
        write(dir.path(), &format!("presets/{name}.toml"), text);
    }
    let (found, problems) = presets(dir.path());
    assert_eq!(found.len(), 1, "{found:?}");
    let said = problems.to_string();
    for (name, _, part) in &rows {
        let own = preset(dir.path(), name).unwrap_err().to_string();
        assert!(own.contains(part), "{name}: {own}");
        assert!(said.contains(&format!("{name}.toml")), "{name}: {said}");
    }
}
