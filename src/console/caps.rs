//! What the terminal can show: colours and characters.
//!
//! Decided from the environment and the settings alone, so that nobody waits for a terminal that
//! is far away. Start at [`Caps::detect`].

use config::keys::{Ascii, Color, Console};
use std::collections::BTreeMap;

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: bold, dim and reverse only.
    Mono,
    /// The 16 basic ones.
    Basic,
    /// The 256 of the palette.
    Indexed,
    /// 24 bit.
    True,
}

/// Which characters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Hangul and braille; never anything of ambiguous width.
    Unicode,
    /// ASCII only for everything that we draw.
    Ascii,
}

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Colours.
    pub depth: Depth,
    /// Characters.
    pub glyphs: Glyphs,
}

impl Caps {
    /// Decides from `env` and the console's settings.
    #[must_use]
    pub fn detect(env: &BTreeMap<String, String>, console: &Console) -> Self {
        let variable = |name: &str| env.get(name).map(String::as_str).filter(|v| !v.is_empty());
        let term = variable("TERM").unwrap_or("dumb");
        let depth = match console.color {
            Color::None => Depth::Mono,
            Color::Basic => Depth::Basic,
            Color::Indexed => Depth::Indexed,
            Color::True => Depth::True,
            Color::Auto if variable("NO_COLOR").is_some() || term == "dumb" => Depth::Mono,
            Color::Auto => match variable("COLORTERM") {
                Some("truecolor" | "24bit") => Depth::True,
                _ if matches!(term, "linux" | "vt100" | "vt220" | "ansi" | "xterm") => Depth::Basic,
                _ => Depth::Indexed,
            },
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(variable);
        let utf8 = locale.is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            name.contains("utf-8") || name.contains("utf8")
        });
        let glyphs = match console.ascii {
            Ascii::Always => Glyphs::Ascii,
            Ascii::Never => Glyphs::Unicode,
            Ascii::Auto if utf8 && term != "linux" => Glyphs::Unicode,
            Ascii::Auto => Glyphs::Ascii,
        };
        Self { depth, glyphs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[("TERM", "xterm-256color"), ("LANG", "ko_KR.UTF-8")], Depth::Indexed, Glyphs::Unicode)]
    #[case(&[("TERM", "tmux-256color"), ("COLORTERM", "truecolor"), ("LANG", "en_US.utf8")], Depth::True, Glyphs::Unicode)]
    #[case(&[("TERM", "xterm-256color"), ("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], Depth::Indexed, Glyphs::Ascii)]
    #[case(&[("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("LANG", "C.UTF-8")], Depth::Mono, Glyphs::Unicode)]
    #[case(&[("TERM", "linux"), ("LANG", "ko_KR.UTF-8")], Depth::Basic, Glyphs::Ascii)]
    #[case(&[], Depth::Mono, Glyphs::Ascii)]
    fn the_environment_decides(
        #[case] env: &[(&str, &str)],
        #[case] depth: Depth,
        #[case] glyphs: Glyphs,
    ) {
        let env = env
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        assert_eq!(
            Caps::detect(&env, &Console::default()),
            Caps { depth, glyphs }
        );
    }
}
