//! `run.toml`: every setting of a run as resolved, and the way back.
//!
//! Owns the form of that file. A run directory alone must be enough to reproduce its run, so the
//! file names every key, also those at their default. Start at [`Resolved::to_run_toml`].

use crate::{keys::keys, layer::Layer, load, resolved::Resolved};
use domain::{Place, Problems, phrase};
use std::fmt::Write;

const HEADING: &str = "\
# Every setting of this run as resolved; each comment names where the value came from.
# 이 실행에 쓰인 모든 설정입니다. 주석은 값이 어디에서 왔는지 알려 줍니다.
";

impl Resolved {
    /// Writes every setting as TOML, each with a comment that names its origin.
    #[must_use]
    pub fn to_run_toml(&self) -> String {
        let mut text = HEADING.to_owned();
        let mut section = "";
        for setting in self.settings() {
            if setting.key.section() != section {
                section = setting.key.section();
                let _ = writeln!(text, "\n[{section}]");
            }
            let origin = one_line(&setting.origin.to_string());
            let _ = writeln!(
                text,
                "{} = {}  # {origin}",
                setting.key.name(),
                setting.value
            );
        }
        text
    }

    /// Reads back what [`Resolved::to_run_toml`] wrote; `path` is the file as the user named it.
    ///
    /// A key that the file lacks (an older makook wrote it) takes its built-in default and a
    /// warning. Origins are places in this file.
    ///
    /// # Errors
    /// Every problem at once, also keys that this makook does not know.
    pub fn from_run_toml(path: &str, bytes: &[u8]) -> Result<Self, Problems> {
        let mut findings = Problems::new();
        let layer = Layer::from_toml(path, bytes, &mut findings);
        if !layer.torn {
            for key in keys() {
                let named = layer.last(key.path).is_some()
                    || layer.broken.iter().any(|broken| broken.path == key.path);
                if !named {
                    let (name, value) = (key.path, key.default_value());
                    findings.warn(
                        Place::Path(path.to_owned()),
                        phrase!(
                            "{name} is missing; the run may have used another value than today's default {value}",
                            "{name}이(가) 없습니다. 당시 값이 지금의 기본값 {value}과(와) 달랐을 수 있습니다",
                        ),
                        phrase!(
                            "the run was written by an older makook; check the setting before repeating it",
                            "이전 버전의 makook이 기록한 실행입니다. 되풀이하기 전에 이 설정을 확인하세요",
                        ),
                    );
                }
            }
        }
        load::resolve([layer], findings)
    }
}

/// A comment ends at the first line break; what was typed into a flag may hold one.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
