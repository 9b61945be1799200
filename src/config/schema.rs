//! `makook config schema`: the registry as JSON Schema, for editors and other tools.
//!
//! Draft 2020-12, with `x-makook-*` members for what the standard has no word for. Start at
//! [`schema`].

use crate::{
    key::{Apply, Key, Kind, Limit, Repeats, Scalar, TextRule},
    keys::SECTIONS,
    preset,
};
use domain::Text;
use serde_json::{Map, Value as Json, json};

/// Returns the JSON Schema of a settings file.
#[must_use]
pub fn schema() -> Json {
    let sections: Map<String, Json> = SECTIONS
        .iter()
        .map(|section| {
            let keys: Map<String, Json> = section
                .keys
                .iter()
                .map(|key| (key.name().to_owned(), key_schema(key)))
                .collect();
            let body = json!({
                "type": "object",
                "title": section.label.en,
                "x-makook-title-ko": section.label.ko,
                "additionalProperties": false,
                "properties": keys,
            });
            (section.name.to_owned(), body)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "makook settings",
        "type": "object",
        "additionalProperties": false,
        "properties": with_heading(sections),
    })
}

/// Adds what tells a preset from any other settings file.
fn with_heading(mut properties: Map<String, Json>) -> Map<String, Json> {
    let both = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["en", "ko"],
        "properties": { "en": { "type": "string" }, "ko": { "type": "string" } },
    });
    let heading = json!({
        "type": "object",
        "description": "what a file in configs/presets is called and what it is for",
        "additionalProperties": false,
        "required": ["order", "title", "purpose"],
        "properties": { "order": { "type": "integer" }, "title": both, "purpose": both },
    });
    properties.insert(preset::HEADING.to_owned(), heading);
    properties
}

fn key_schema(key: &Key) -> Json {
    let mut body = match key.kind {
        Kind::One(scalar) => scalar_schema(key, scalar),
        Kind::List {
            of,
            at_least,
            repeats,
        } => {
            let mut list = Map::new();
            list.insert("type".to_owned(), json!("array"));
            list.insert("items".to_owned(), Json::Object(scalar_schema(key, of)));
            list.insert("minItems".to_owned(), json!(at_least));
            list.insert("uniqueItems".to_owned(), json!(repeats == Repeats::Refused));
            list
        }
    };
    let both = |Text { en, ko }: Text| json!({ "en": en, "ko": ko });
    let mut add = |name: &str, value: Json| body.insert(name.to_owned(), value);
    add("title", json!(key.label.en));
    add("description", json!(key.help.en));
    add("default", json!(key.default_value()));
    add("x-makook-label", both(key.label));
    add("x-makook-help", both(key.help));
    add("x-makook-live", json!(key.apply == Apply::Live));
    if !key.unit.en.is_empty() {
        add("x-makook-unit", both(key.unit));
    }
    if let Some((low, high)) = key.typical {
        add("x-makook-typical", json!([low, high]));
    }
    if let Some(effect) = key.effect {
        add("x-makook-raising", both(effect.raising));
        add("x-makook-lowering", both(effect.lowering));
        add("x-makook-step", json!(key.step));
        add("x-makook-log-scale", json!(key.log_scale));
    }
    Json::Object(body)
}

fn scalar_schema(key: &Key, scalar: Scalar) -> Map<String, Json> {
    let mut body = Map::new();
    let mut add = |name: &str, value: Json| body.insert(name.to_owned(), value);
    match scalar {
        Scalar::Bool => {
            add("type", json!("boolean"));
        }
        Scalar::Int | Scalar::Float => {
            let name = if scalar == Scalar::Int {
                "integer"
            } else {
                "number"
            };
            add("type", json!(name));
            if let Some(Limit { at, exclusive }) = key.range.min {
                add(
                    if exclusive {
                        "exclusiveMinimum"
                    } else {
                        "minimum"
                    },
                    json!(at),
                );
            }
            if let Some(Limit { at, exclusive }) = key.range.max {
                add(
                    if exclusive {
                        "exclusiveMaximum"
                    } else {
                        "maximum"
                    },
                    json!(at),
                );
            }
        }
        Scalar::Text(rule) => {
            add("type", json!("string"));
            if let Some(pattern) = pattern(rule) {
                add("pattern", json!(pattern));
            }
        }
        Scalar::Choice(choices) => {
            let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
            add("type", json!("string"));
            add("enum", json!(names));
        }
    }
    body
}

fn pattern(rule: TextRule) -> Option<&'static str> {
    match rule {
        TextRule::Free => None,
        TextRule::Filled => Some(r"\S"),
        TextRule::Title => Some(r"^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$"),
        TextRule::Slug => Some(r"^[\p{L}\p{N}][\p{L}\p{N}._-]*$"),
        TextRule::Timeframe => Some(r"^[0-9]+(ns|ms|s|m|min|h|d|w)$"),
        TextRule::Date => Some(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"),
    }
}
