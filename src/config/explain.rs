//! `makook config explain`: everything that is known of one setting, in both languages.
//!
//! Owns the explanation's data and its text form. Start at [`explain`].

use crate::{
    admit::Refusal,
    key::{Apply, Choice, Kind, Scalar, TextRule},
    keys,
    resolved::Resolved,
    show, suggest,
    value::{Value, plain},
};
use domain::{Lang, Place, Text, phrase};
use serde::Serialize;
use std::fmt::Write;

/// A text in both languages, for output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Both {
    /// English.
    pub en: &'static str,
    /// Korean.
    pub ko: &'static str,
}

impl From<Text> for Both {
    fn from(Text { en, ko }: Text) -> Self {
        Self { en, ko }
    }
}

impl Both {
    fn get(self, lang: Lang) -> &'static str {
        Text::new(self.en, self.ko).get(lang)
    }
}

/// Everything that is known of one setting.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// `section.name`.
    pub path: &'static str,
    /// Short name.
    pub label: Both,
    /// What it is.
    pub help: Both,
    /// `bool`, `int`, `float`, `text`, `choice`, or `list of …`.
    pub kind: String,
    /// Built-in default.
    pub default: Value,
    /// Unit of its numbers.
    pub unit: Both,
    /// Where its numbers must lie, e.g. `(0, 1)`; empty where nothing bounds them.
    pub range: String,
    /// Where values that work usually lie.
    pub typical: Option<(f64, f64)>,
    /// Whether steps multiply.
    pub log_scale: bool,
    /// What a higher value does.
    pub raising: Option<Both>,
    /// What a lower value does.
    pub lowering: Option<Both>,
    /// The names of a choice and what each means.
    pub choices: Vec<(&'static str, Both)>,
    /// Whether a running job takes a new value over.
    pub live: bool,
    /// The environment variable that sets it.
    pub env: String,
    /// What every layer says, weakest first; the last one counts. Empty without loaded settings.
    pub layers: Vec<(Place, Value)>,
}

/// Explains one setting, with what each layer says if `resolved` is at hand.
///
/// # Errors
/// A path that is no setting, with what it may stand for.
pub fn explain(path: &str, resolved: Option<&Resolved>) -> Result<Explanation, Refusal> {
    let Some(key) = keys::find(path) else {
        return Err(unknown(path));
    };
    let setting = resolved.and_then(|resolved| resolved.setting(path));
    let layers = setting.map_or_else(Vec::new, |setting| {
        let mut layers = setting.shadowed.clone();
        layers.push((setting.origin.clone(), setting.value.clone()));
        layers
    });
    let (Kind::One(scalar) | Kind::List { of: scalar, .. }) = key.kind;
    let numeric = matches!(scalar, Scalar::Int | Scalar::Float);
    Ok(Explanation {
        path: key.path,
        label: key.label.into(),
        help: key.help.into(),
        kind: kind_name(key.kind),
        default: key.default_value(),
        unit: key.unit.into(),
        range: if numeric {
            key.range.to_string()
        } else {
            String::new()
        },
        typical: key.typical,
        log_scale: key.log_scale,
        raising: key.effect.map(|effect| effect.raising.into()),
        lowering: key.effect.map(|effect| effect.lowering.into()),
        choices: choices(scalar)
            .iter()
            .map(|choice| (choice.name, choice.help.into()))
            .collect(),
        live: key.apply == Apply::Live,
        env: key.env_name(),
        layers,
    })
}

impl Explanation {
    /// Formats as text in `lang`; name and meaning follow in the other language.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let other = match lang {
            Lang::En => Lang::Ko,
            Lang::Ko => Lang::En,
        };
        let mut text = format!("{}  {}\n", self.path, self.label.get(lang));
        let _ = writeln!(text, "{}", self.help.get(lang));
        let _ = writeln!(
            text,
            "  {}: {}\n",
            self.label.get(other),
            self.help.get(other)
        );
        let mut row = |label: Text, content: &str| {
            if !content.is_empty() {
                let _ = writeln!(text, "{}: {content}", label.get(lang));
            }
        };
        row(Text::new("kind", "종류"), &self.kind);
        let unit = self.unit.get(lang);
        let default = format!("{} {unit}", self.default);
        row(Text::new("default", "기본값"), default.trim_end());
        row(Text::new("allowed", "허용 범위"), &self.range);
        if let Some((low, high)) = self.typical {
            let (low, high) = (plain(low), plain(high));
            let typical = match lang {
                Lang::En => format!("{low} to {high} {unit}"),
                Lang::Ko => format!("{low} ~ {high} {unit}"),
            };
            row(Text::new("typical", "보통"), typical.trim_end());
        }
        let effect = |effect: Option<Both>| effect.map_or("", |text| text.get(lang));
        row(Text::new("raising it", "높이면"), effect(self.raising));
        row(Text::new("lowering it", "낮추면"), effect(self.lowering));
        for (name, help) in &self.choices {
            row(
                Text::new("choice", "선택지"),
                &format!("{name}  {}", help.get(lang)),
            );
        }
        let at_start = self.path.starts_with("console.");
        let apply = match (self.live, lang) {
            (true, Lang::En) => "at once, also in a running job",
            (true, Lang::Ko) => "실행 중인 작업에도 바로 적용",
            (false, Lang::En) if at_start => "when makook is started next",
            (false, Lang::Ko) if at_start => "makook을 다음에 시작할 때부터 적용",
            (false, Lang::En) => "with the next run",
            (false, Lang::Ko) => "다음 실행부터 적용",
        };
        row(Text::new("takes effect", "적용 시점"), apply);
        row(Text::new("environment variable", "환경 변수"), &self.env);
        for (index, (place, value)) in self.layers.iter().enumerate() {
            let counts = if index + 1 == self.layers.len() {
                "→"
            } else {
                " "
            };
            let line = format!("{counts} {value}  # {}", show::origin(place, lang));
            row(Text::new("value", "값"), &line);
        }
        text
    }
}

fn unknown(path: &str) -> Refusal {
    let meant = suggest::keys_like(path).join(" / ");
    let is_section = keys::SECTIONS.iter().any(|section| section.name == path);
    let message = phrase!(
        "`{path}` is not a setting",
        "`{path}`(이)라는 설정은 없습니다"
    );
    let hint = if is_section {
        phrase!(
            "it is a section; makook config show {path} lists its settings",
            "섹션입니다. makook config show {path}(으)로 설정을 볼 수 있습니다",
        )
    } else if meant.is_empty() {
        phrase!(
            "makook config show lists every setting",
            "makook config show로 모든 설정을 볼 수 있습니다",
        )
    } else {
        phrase!("did you mean {meant}?", "{meant}을(를) 뜻하셨나요?")
    };
    Refusal { message, hint }
}

fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::One(scalar) => scalar_name(scalar).to_owned(),
        Kind::List { of, .. } => format!("list of {}", scalar_name(of)),
    }
}

fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::Int => "int",
        Scalar::Float => "float",
        Scalar::Choice(_) => "choice",
        Scalar::Text(TextRule::Date) => "date",
        Scalar::Text(TextRule::Timeframe) => "timeframe",
        Scalar::Text(_) => "text",
    }
}

fn choices(scalar: Scalar) -> &'static [Choice] {
    match scalar {
        Scalar::Choice(choices) => choices,
        _ => &[],
    }
}
