//! A profile's text: every mistake in it, with its line and in both languages.

use super::Profile;
use domain::{Phrase, Place, Problems};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A chain costs money at every link; more links than this are a slip of the pen.
const LONGEST_CHAIN: u32 = 100;

/// Keys that profiles once had and nothing reads; files that still have them stay as good as before.
const FORMER: &[&str] = &["remote_host"];

/// A file to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    /// Its path as the user knows it.
    pub path: &'a str,
    /// What the profile must be called; `None` for anything.
    pub name: Option<&'a str>,
    /// Its text.
    pub text: &'a str,
}

/// Collects what is wrong.
struct Slips<'a> {
    file: File<'a>,
    problems: Problems,
}

impl Slips<'_> {
    fn add(&mut self, offset: usize, message: Phrase, hint: Phrase) {
        let place = place(self.file.path, self.file.text, offset);
        self.problems.error(place, message, hint);
    }

    /// Adds a mistake in the value of a key.
    fn value(&mut self, keys: &[&str], message: Phrase, hint: Phrase) {
        self.add(find(self.file.text, keys).unwrap_or(0), message, hint);
    }
}

/// Reads `file` and checks its values.
pub(super) fn read(file: &File<'_>) -> Result<Profile, Problems> {
    let mut slips = Slips {
        file: *file,
        problems: Problems::new(),
    };
    let (_, errors) = DeTable::parse_recoverable(file.text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let ko = format!("TOML 문법에 맞지 않습니다({})", error.message());
        slips.add(
            at,
            Phrase::new(error.message(), ko),
            Phrase::new(
                "write it as TOML: key = value",
                "`키 = 값` 형식의 TOML로 쓰세요",
            ),
        );
    }
    if slips.problems.has_errors() {
        return Err(slips.problems);
    }
    let profile = deserialize(&mut slips);
    match profile {
        Some(profile) => {
            check(&profile, &mut slips);
            slips
                .problems
                .into_result(profile)
                .map(|(profile, _)| profile)
        }
        None => Err(slips.problems),
    }
}

/// Reads the values, and goes on behind each that does not fit.
fn deserialize(slips: &mut Slips<'_>) -> Option<Profile> {
    let mut readable = slips.file.text.to_owned();
    for span in former(slips.file.text) {
        blank(&mut readable, span);
    }
    let mut found: Vec<(usize, String)> = Vec::new();
    let profile = loop {
        let error = match toml::from_str::<Profile>(&readable) {
            Ok(profile) => break Some(profile),
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        if message.starts_with("missing field") {
            // A key that was blanked below is not missing.
            if found.is_empty() {
                found.push((0, message));
            }
            break None;
        }
        found.push((span.start, message));
        if !blank(&mut readable, span) {
            break None;
        }
    };
    found.sort();
    for (at, message) in found {
        slips.add(
            at,
            worded(&message),
            Phrase::new(
                "makook doctor --cluster --write NAME writes a profile with every key explained",
                "makook doctor --cluster --write 이름이 모든 키를 설명한 프로필을 만들어 줍니다",
            ),
        );
    }
    profile
}

/// Returns where `text` sets what nothing reads any more.
fn former(text: &str) -> Vec<Range<usize>> {
    let (table, _) = DeTable::parse_recoverable(text);
    let set = table.get_ref().iter();
    set.filter(|(key, _)| FORMER.contains(&key.get_ref().as_ref()))
        .map(|(key, value)| key.span().start..value.span().end)
        .collect()
}

/// Words a message of the parser in both languages.
fn worded(message: &str) -> Phrase {
    let quoted = message.split('`').nth(1).unwrap_or_default();
    let ko = if message.starts_with("missing field") {
        format!("`{quoted}` 키가 없습니다")
    } else if message.starts_with("unknown field") {
        format!("`{quoted}`은(는) 없는 키입니다")
    } else if message.starts_with("unknown variant") {
        let allowed: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        format!(
            "`{quoted}`은(는) 쓸 수 없습니다. 가능한 값: {}",
            allowed.join(", ")
        )
    } else {
        format!("값의 형식이 맞지 않습니다({message})")
    };
    Phrase::new(message, ko)
}

/// Blanks the lines of `span`; false when there is nothing left to blank.
fn blank(text: &mut String, span: Range<usize>) -> bool {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end..]
        .find('\n')
        .map_or(text.len(), |at| span.end + at);
    let line = text[start..end].to_owned();
    // Lengths in bytes must stay: the places of later slips are counted in the original.
    let empty: String = line
        .bytes()
        .map(|b| if b == b'\n' { '\n' } else { ' ' })
        .collect();
    text.replace_range(start..end, &empty);
    !line.trim().is_empty()
}

/// Finds values that can be read but cannot be meant.
fn check(profile: &Profile, slips: &mut Slips<'_>) {
    let wanted = &profile.resources;
    if let Some(name) = slips.file.name
        && profile.name != name
    {
        let called = &profile.name;
        slips.value(
            &["name"],
            Phrase::new(
                format!("the profile is called `{called}`, its file {name}.toml"),
                format!("프로필 이름은 `{called}`인데 파일은 {name}.toml입니다"),
            ),
            Phrase::new("give both the same name", "두 이름을 같게 하세요"),
        );
    }
    let price = profile.price_per_gpu_hour;
    if !price.is_finite() || price < 0.0 {
        slips.value(
            &["price_per_gpu_hour"],
            Phrase::new(
                format!("{price} is no price"),
                format!("{price}은(는) 가격이 아닙니다"),
            ),
            Phrase::new(
                "0 means that nothing is charged or known",
                "무료이거나 모르면 0으로 쓰세요",
            ),
        );
    }
    if price > 0.0 && profile.currency.is_empty() {
        slips.value(
            &["price_per_gpu_hour"],
            Phrase::new("the price has no currency", "가격에 통화가 없습니다"),
            Phrase::new(
                "add e.g. currency = \"USD\"",
                "예: currency = \"USD\"를 추가하세요",
            ),
        );
    }
    if profile.requires_gpu && wanted.gpus == 0 {
        slips.value(
            &["requires_gpu"],
            Phrase::new(
                "every job needs a GPU here, but resources.gpus is 0",
                "모든 작업에 GPU가 필요한데 resources.gpus가 0입니다",
            ),
            Phrase::new("set resources.gpus = 1", "resources.gpus = 1로 정하세요"),
        );
    }
    check_limits(profile, slips);
    for option in &wanted.options {
        if !option.starts_with('-') || option.contains(char::is_control) {
            let option = option.escape_debug();
            slips.value(
                &["resources", "options"],
                Phrase::new(
                    format!("`{option}` is no option of sbatch"),
                    format!("`{option}`은(는) sbatch 옵션이 아닙니다"),
                ),
                Phrase::new(
                    "write each as one text, e.g. \"--constraint=a40|l40s\"",
                    "옵션마다 하나의 문자열로 쓰세요. 예: \"--constraint=a40|l40s\"",
                ),
            );
        }
    }
    if wanted
        .setup
        .iter()
        .any(|line| line.contains(char::is_control))
    {
        slips.value(
            &["resources", "setup"],
            Phrase::new(
                "a setup command spans several lines",
                "준비 명령이 여러 줄에 걸쳐 있습니다",
            ),
            Phrase::new(
                "write one command a text",
                "명령마다 하나의 문자열로 쓰세요",
            ),
        );
    }
}

/// Finds requests beyond what the profile itself says is allowed.
fn check_limits(profile: &Profile, slips: &mut Slips<'_>) {
    let wanted = &profile.resources;
    let gpus = wanted.gpus.max(1);
    let cpus = profile.max_cpus_per_gpu.saturating_mul(gpus);
    if cpus > 0 && wanted.cpus > cpus {
        slips.value(
            &["resources", "cpus"],
            Phrase::new(
                format!(
                    "{} processors are more than the {cpus} allowed here",
                    wanted.cpus
                ),
                format!("CPU {}개는 허용된 {cpus}개보다 많습니다", wanted.cpus),
            ),
            Phrase::new(
                "lower it, or raise max_cpus_per_gpu if the site allows more",
                "줄이거나, 클러스터가 허용하면 max_cpus_per_gpu를 올리세요",
            ),
        );
    }
    let memory = profile
        .max_memory_mib_per_gpu
        .saturating_mul(u64::from(gpus));
    if memory > 0 && wanted.memory_mib > memory {
        slips.value(
            &["resources", "memory_mib"],
            Phrase::new(
                format!(
                    "{} MiB are more than the {memory} MiB allowed here",
                    wanted.memory_mib
                ),
                format!(
                    "{} MiB는 허용된 {memory} MiB보다 많습니다",
                    wanted.memory_mib
                ),
            ),
            Phrase::new(
                "lower it, or raise max_memory_mib_per_gpu if the site allows more",
                "줄이거나, 클러스터가 허용하면 max_memory_mib_per_gpu를 올리세요",
            ),
        );
    }
    if wanted.chain > LONGEST_CHAIN {
        slips.value(
            &["resources", "chain"],
            Phrase::new(
                format!("a chain of {} links is too long", wanted.chain),
                format!("연속 제출 {}개는 너무 많습니다", wanted.chain),
            ),
            Phrase::new(
                "100 at most; each link may cost money",
                "최대 100개입니다. 하나하나 요금이 나올 수 있습니다",
            ),
        );
    }
    let limit = wanted.time_limit_seconds;
    if limit > 0 && u64::from(wanted.warn_seconds) >= limit {
        let warn = wanted.warn_seconds;
        slips.value(
            &["resources", "warn_seconds"],
            Phrase::new(
                format!("a warning {warn} s before a limit of {limit} s comes before the start"),
                format!("시간 제한 {limit}초보다 {warn}초 전이면 시작하기 전에 경고하게 됩니다"),
            ),
            Phrase::new("120 is usual", "보통 120초입니다"),
        );
    }
}

/// Returns where the value of a key begins.
fn find(text: &str, keys: &[&str]) -> Option<usize> {
    let (table, _) = DeTable::parse_recoverable(text);
    let (last, tables) = keys.split_last()?;
    let mut table = table.get_ref();
    for key in tables {
        match table.get(*key)?.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    Some(table.get(*last)?.span().start)
}

fn place(path: &str, text: &str, offset: usize) -> Place {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place::File {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        col: before[line_start..].chars().count() + 1,
    }
}
