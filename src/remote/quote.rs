//! Words quoted for the shell of another machine, whichever that is.

/// Returns `word` so that a POSIX shell, and csh and fish as well, read exactly that word.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | ',' | '+' | '@')
    };
    // A leading `=` would be a command's path to zsh.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns a path so that a leading `~/` still means the home folder there.
#[must_use]
pub fn quoted_path(path: &str) -> String {
    match path.strip_prefix("~/") {
        Some("") => "~/".to_owned(),
        Some(rest) => format!("~/{}", quoted(rest)),
        None if path == "~" => path.to_owned(),
        None => quoted(path),
    }
}

/// Returns one command line of `words`.
#[must_use]
pub fn line<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word.as_ref())).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use std::process::Command;

    fn read_by_shell(line: &str) -> Vec<u8> {
        let script = format!("printf '%s\\0' {line}");
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(output.status.success(), "{line}");
        output.stdout
    }

    #[rstest]
    #[case("runs", "runs")]
    #[case("", "''")]
    #[case("run.name=비트코인 첫 실험", "'run.name=비트코인 첫 실험'")]
    #[case("it's", r"'it'\''s'")]
    #[case("$(reboot)", "'$(reboot)'")]
    #[case("a\nb", "'a\nb'")]
    #[case("~", "'~'")]
    fn words_are_quoted_only_where_needed(#[case] word: &str, #[case] expected: &str) {
        assert_eq!(quoted(word), expected);
    }

    #[rstest]
    #[case("~/bin/makook", "~/bin/makook")]
    #[case("~/my bin/makook", "~/'my bin/makook'")]
    #[case("/opt/a b", "'/opt/a b'")]
    fn a_home_folder_stays_one(#[case] path: &str, #[case] expected: &str) {
        assert_eq!(quoted_path(path), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn a_shell_reads_back_exactly_the_words(words in prop::collection::vec("[^\u{0}]{0,12}", 1..5)) {
            let mut expected = Vec::new();
            for word in &words {
                expected.extend_from_slice(word.as_bytes());
                expected.push(0);
            }
            prop_assert_eq!(read_by_shell(&line(&words)), expected);
        }
    }
}
