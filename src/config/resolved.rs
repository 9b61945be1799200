//! Every setting with its value, and where the value came from.
//!
//! Owns the resolved form: complete, admitted and free of contradictions. It can only be had from
//! [`crate::load`] and [`Resolved::from_run_toml`]. Start at [`Resolved`].

use crate::{key::Key, keys::Config, value::Value};
use domain::{Place, Problems};
use serde_json::{Map, Value as Json};

/// All settings, complete and checked.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The settings, typed.
    pub config: Config,
    settings: Vec<Setting>,
    warnings: Problems,
}

/// One setting as resolved.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its row of the registry.
    pub key: &'static Key,
    /// Its value.
    pub value: Value,
    /// Where the value was written.
    pub origin: Place,
    /// What weaker layers said, weakest first; the built-in default is always the first.
    pub shadowed: Vec<(Place, Value)>,
    /// Strength of the layer that decided: 0 is the built-in default.
    pub(crate) strength: usize,
}

impl Setting {
    pub(crate) fn built_in(key: &'static Key) -> Self {
        Self {
            key,
            value: key.default_value(),
            origin: Place::Default,
            shadowed: Vec::new(),
            strength: 0,
        }
    }

    pub(crate) fn overlay(&mut self, value: Value, origin: Place, strength: usize) {
        let value = std::mem::replace(&mut self.value, value);
        let origin = std::mem::replace(&mut self.origin, origin);
        self.shadowed.push((origin, value));
        self.strength = strength;
    }

    /// Returns whether the value differs from the built-in default.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.value != self.key.default_value()
    }
}

impl Resolved {
    pub(crate) fn new(config: Config, settings: Vec<Setting>, warnings: Problems) -> Self {
        Self {
            config,
            settings,
            warnings,
        }
    }

    /// Returns the settings in the registry's order.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Returns one setting, e.g. of `agent.clip_range`; `None` for a path that is none.
    #[must_use]
    pub fn setting(&self, path: &str) -> Option<&Setting> {
        self.settings
            .iter()
            .find(|setting| setting.key.path == path)
    }

    /// Returns one value.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.setting(path).map(|setting| &setting.value)
    }

    /// Returns where a value was written.
    #[must_use]
    pub fn origin(&self, path: &str) -> Option<&Place> {
        self.setting(path).map(|setting| &setting.origin)
    }

    /// Returns what is odd but no error.
    #[must_use]
    pub fn warnings(&self) -> &Problems {
        &self.warnings
    }
}

/// Builds the typed form of admitted settings.
pub(crate) fn typed(settings: &[Setting]) -> Config {
    let mut root = Map::new();
    for setting in settings {
        let section = root
            .entry(setting.key.section())
            .or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(section) = section {
            let value = serde_json::to_value(&setting.value)
                .expect("an admitted value is finite and has a JSON form");
            section.insert(setting.key.name().to_owned(), value);
        }
    }
    serde_json::from_value(Json::Object(root))
        .expect("the registry declares key and typed field in one row")
}
