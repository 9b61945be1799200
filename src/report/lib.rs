//! Pictures and pages of a result: what `makook report` and the console show.
//!
//! Owns drawing ([`figure`] → [`svg`] or [`braille`]) and the two renderings of a report
//! ([`page`], [`terminal`]); never computes a metric: every number comes from `backtest`'s report
//! data. Also says what looks wrong with a training ([`health`]). Start at [`document()`].

pub mod axis;
pub mod braille;
pub mod document;
pub mod export;
pub mod figure;
pub mod health;
pub mod page;
mod pictures;
pub mod sheet;
pub mod stated;
pub mod svg;
mod tables;
pub mod terminal;
pub mod trades;
mod verdict;

pub use document::{Document, document};
pub use figure::{Figure, Mark, Series, Style};
pub use verdict::word as verdict_word;
