//! `makook config show`: settings with their values and where each came from.
//!
//! Owns the listing's data and its text form. Start at [`show`].

use crate::{resolved::Resolved, value::Value};
use domain::{Lang, Place};
use serde::Serialize;
use std::fmt::Write;

/// Which settings to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'a> {
    /// All of them.
    All,
    /// Those that differ from the built-in default.
    Changed,
    /// Those of a section such as `agent`, or the one of a path.
    Under(&'a str),
}

/// Settings with their origins.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// In the registry's order.
    pub rows: Vec<ListingRow>,
}

/// One setting of a [`Listing`].
#[derive(Clone, Debug, Serialize)]
pub struct ListingRow {
    /// `section.name`.
    pub path: &'static str,
    /// Short name in the reader's language.
    pub label: &'static str,
    /// Unit in the reader's language; empty where there is none.
    pub unit: &'static str,
    /// The value.
    pub value: Value,
    /// Where it was written.
    pub origin: Place,
    /// Whether it differs from the built-in default.
    pub changed: bool,
}

/// Lists settings with labels and units in `lang`.
#[must_use]
pub fn show(resolved: &Resolved, which: Which<'_>, lang: Lang) -> Listing {
    let rows = resolved
        .settings()
        .iter()
        .filter(|setting| match which {
            Which::All => true,
            Which::Changed => setting.is_changed(),
            Which::Under(name) => setting.key.section() == name || setting.key.path == name,
        })
        .map(|setting| ListingRow {
            path: setting.key.path,
            label: setting.key.label.get(lang),
            unit: setting.key.unit.get(lang),
            value: setting.value.clone(),
            origin: setting.origin.clone(),
            changed: setting.is_changed(),
        })
        .collect();
    Listing { rows }
}

impl Listing {
    /// Formats as TOML-like text; `*` marks what differs from the built-in default.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let mut text = String::new();
        let mut section = "";
        for row in &self.rows {
            let (of, name) = row.path.split_once('.').unwrap_or(("", row.path));
            if of != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                let _ = writeln!(text, "{gap}[{of}]");
                section = of;
            }
            let mark = if row.changed { '*' } else { ' ' };
            let assignment = format!("{name} = {}", row.value);
            let _ = writeln!(
                text,
                "{mark} {assignment:<44}  # {}",
                origin(&row.origin, lang)
            );
        }
        if self.rows.is_empty() {
            text.push_str(match lang {
                Lang::En => "nothing differs from the built-in defaults\n",
                Lang::Ko => "기본값과 다른 설정이 없습니다\n",
            });
        }
        text
    }
}

/// Names the place where a value was written.
pub(crate) fn origin(place: &Place, lang: Lang) -> String {
    match place {
        Place::Flag(flag) => flag.clone(),
        place => place.render(lang),
    }
}
