//! The page and what it loads, from within the program: nothing comes from another place.
//!
//! Each file's address holds a hash of all of them, so a browser may keep them for good and a new
//! makook is never mixed with an old page. Start at [`Files::find`].

use crate::words;
use domain::{Lang, Text};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

const PAGE: &str = include_str!("page/page.html");
const REFUSAL: &str = include_str!("page/refusal.html");
const WELCOME: &str = include_str!("page/welcome.html");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Name, media type and content of what the page loads.
const FILES: &[(&str, &str, &str)] = &[
    ("xterm.js", SCRIPT, include_str!("page/xterm/xterm.js")),
    ("xterm.css", STYLE, include_str!("page/xterm/xterm.css")),
    (
        "addon-fit.js",
        SCRIPT,
        include_str!("page/xterm/addon-fit.js"),
    ),
    (
        "addon-unicode11.js",
        SCRIPT,
        include_str!("page/xterm/addon-unicode11.js"),
    ),
    ("page.js", SCRIPT, include_str!("page/page.js")),
    ("page.css", STYLE, include_str!("page/page.css")),
];

/// One file as it is sent.
#[derive(Clone, Debug)]
pub struct File {
    /// Media type.
    pub kind: &'static str,
    /// Content.
    pub plain: &'static str,
    /// Content for browsers that take gzip: a fifth, which counts on a bad line.
    pub packed: Vec<u8>,
    path: String,
}

/// The page in one language, and its files.
#[derive(Clone, Debug)]
pub struct Files {
    lang: Lang,
    page: String,
    files: Vec<File>,
}

impl Files {
    /// Packs the files and fills the page in.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        let mut hasher = blake3::Hasher::new();
        for (_, _, content) in FILES {
            hasher.update(content.as_bytes());
        }
        let folder = &hasher.finalize().to_hex()[..12];
        let files = FILES.iter().map(|(name, kind, content)| File {
            kind,
            plain: content,
            packed: packed(content.as_bytes()),
            path: format!("/{folder}/{name}"),
        });
        let page = PAGE
            .replace("{{files}}", folder)
            .replace("{{words}}", &words::attributes(lang));
        Self {
            lang,
            page: in_language(&page, lang),
            files: files.collect(),
        }
    }

    /// Returns the page.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.page
    }

    /// Returns what a browser with the right token gets: it goes on to the page by itself.
    ///
    /// A redirect would not do: a link clicked on another site makes the browser withhold a strict
    /// cookie from the redirected request.
    #[must_use]
    pub fn welcome(&self) -> String {
        in_language(WELCOME, self.lang)
    }

    /// Returns a page that says `why` there is nothing else.
    #[must_use]
    pub fn refusal(&self, why: &Text) -> String {
        let why = words::escaped(why.get(self.lang));
        in_language(&REFUSAL.replace("{{why}}", &why), self.lang)
    }

    /// Returns the number of the file at `path`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<usize> {
        self.files.iter().position(|file| file.path == path)
    }

    /// Returns all files by their number.
    #[must_use]
    pub fn all(&self) -> &[File] {
        &self.files
    }
}

fn in_language(page: &str, lang: Lang) -> String {
    let code = match lang {
        Lang::En => "en",
        Lang::Ko => "ko",
    };
    page.replace("{{lang}}", code)
}

fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("a vector takes every byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Lang::En)]
    #[case(Lang::Ko)]
    fn the_page_loads_only_what_is_here(#[case] lang: Lang) {
        let files = Files::new(lang);
        let page = files.page();
        assert!(!page.contains("{{") && !page.contains("://"), "{page}");
        let loaded: Vec<&str> = page
            .split(['"', '\''])
            .filter(|text| text.starts_with('/'))
            .collect();
        assert_eq!(loaded.len(), FILES.len());
        assert!(
            loaded.iter().all(|path| files.find(path).is_some()),
            "{loaded:?}"
        );
        assert!(files.find("/page.js").is_none());
    }

    #[test]
    fn every_word_that_the_script_uses_is_there() {
        let script = FILES
            .iter()
            .find(|(name, ..)| *name == "page.js")
            .unwrap()
            .2;
        for used in script.split("words.").skip(1) {
            let name: String = used.chars().take_while(char::is_ascii_lowercase).collect();
            assert!(
                words::OF_PAGE.iter().any(|(known, _)| *known == name),
                "{name}"
            );
        }
        for (name, _) in words::OF_PAGE {
            assert!(script.contains(&format!("words.{name}")), "unused: {name}");
        }
    }

    #[test]
    fn the_files_of_others_come_with_their_licence() {
        let licence = include_str!("page/xterm/LICENSE");
        assert!(licence.contains("The xterm.js authors") && licence.contains("free of charge"));
    }

    #[test]
    fn gzip_makes_the_page_small_enough_for_a_bad_line() {
        let files = Files::new(Lang::En);
        let sent: usize = files.files.iter().map(|file| file.packed.len()).sum();
        assert!(sent < 200_000, "{sent} bytes");
    }
}
