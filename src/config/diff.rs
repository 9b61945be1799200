//! `makook config diff`: what two resolved sets of settings do differently.
//!
//! Compares values, not texts: `1e6` equals `1_000_000`. Start at [`diff`].

use crate::{resolved::Resolved, show, value::Value};
use domain::{Lang, Place};
use serde::Serialize;
use std::fmt::Write;

/// What differs between two sets of settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// In the registry's order.
    pub rows: Vec<DifferenceRow>,
}

/// One setting that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DifferenceRow {
    /// `section.name`.
    pub path: &'static str,
    /// Short name in the reader's language.
    pub label: &'static str,
    /// Value on the left.
    pub left: Value,
    /// Value on the right.
    pub right: Value,
    /// Where the left value was written.
    pub left_origin: Place,
    /// Where the right value was written.
    pub right_origin: Place,
}

/// Compares two sets of settings; labels are in `lang`.
#[must_use]
pub fn diff(left: &Resolved, right: &Resolved, lang: Lang) -> Difference {
    let rows = left
        .settings()
        .iter()
        .zip(right.settings())
        .filter(|(left, right)| left.value != right.value)
        .map(|(left, right)| DifferenceRow {
            path: left.key.path,
            label: left.key.label.get(lang),
            left: left.value.clone(),
            right: right.value.clone(),
            left_origin: left.origin.clone(),
            right_origin: right.origin.clone(),
        })
        .collect();
    Difference { rows }
}

impl Difference {
    /// Formats as one block a setting: left with `-`, right with `+`.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let left = show::origin(&row.left_origin, lang);
            let right = show::origin(&row.right_origin, lang);
            let _ = writeln!(text, "{}  {}", row.path, row.label);
            let _ = writeln!(text, "- {}  # {left}", row.left);
            let _ = writeln!(text, "+ {}  # {right}", row.right);
        }
        if self.rows.is_empty() {
            text.push_str(match lang {
                Lang::En => "no difference\n",
                Lang::Ko => "차이가 없습니다\n",
            });
        }
        text
    }
}
