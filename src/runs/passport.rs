//! What a model was made of: the one page that goes wherever its weights go.
//!
//! Put together from what the run directory holds anyway; whatever a run does not tell stays
//! empty, so that an old run has a passport too. Start at [`Origin::read`] for what all models of
//! a run share and at [`Passport`] for one model.

use crate::{
    Outcome, Provenance, RunDir, RunId, RunsError, Verdict,
    checkpoints::{Contents, FileSum, Mark, marked},
    compare::flat_settings,
    real,
};
use domain::{Nanos, Phrase, Text};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// The format of a passport that is written here.
pub const FORMAT: u32 = 1;

/// Settings that decide what a policy sees.
const OBSERVATION: [&str; 8] = [
    "agent.normalise_observations",
    "env.remaining_episode",
    "env.window",
    "features.clip",
    "features.columns",
    "features.keep_bounded",
    "features.scaler",
    "features.set",
];
/// Settings that decide what a policy can do.
const ACTIONS: [&str; 6] = [
    "env.actions",
    "env.deadband",
    "env.leverage",
    "env.positions",
    "env.sizing",
    "env.unit_size",
];
/// Settings of the network.
const NETWORK: [&str; 4] = [
    "policy.activation",
    "policy.hidden",
    "policy.initial_log_std",
    "policy.network",
];

/// What all models of one run come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The run.
    pub run: RunId,
    /// Its name as the user wrote it.
    pub name: String,
    /// When it was created.
    pub created: Nanos,
    /// Version of the makook that created it.
    pub version: String,
    /// The market data.
    pub data: DataOrigin,
    /// Which time it learned, was chosen and was judged on, by name; empty before the judgement.
    pub windows: BTreeMap<String, Span>,
    /// The features as fitted; `None` where there are none.
    pub features: Option<FeatureOrigin>,
    /// Settings that decide what the policy sees.
    pub observation: BTreeMap<String, String>,
    /// Settings that decide what the policy can do.
    pub actions: BTreeMap<String, String>,
    /// Settings of the network.
    pub network: BTreeMap<String, String>,
    /// Algorithm that trained it.
    pub algorithm: String,
    /// Seeds that were trained.
    pub seeds: Vec<u64>,
    /// Revision of the source code.
    pub code: String,
    /// Where it was computed.
    pub device: String,
    /// What the judgement on held-out time concludes.
    pub verdict: Option<Verdict>,
    /// Figures of the judgement by key, e.g. `test/sharpe`.
    #[serde(with = "real::map")]
    pub figures: BTreeMap<String, f64>,
}

/// The market data that a run read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataOrigin {
    /// Name of the data set.
    pub set: String,
    /// Hash of the bars; empty before they were read.
    pub hash: String,
    /// Instrument.
    pub symbol: String,
    /// Length of a bar.
    pub timeframe: String,
    /// First day that is used; empty for all there is.
    pub start: String,
    /// First day that is no longer used; empty for all there is.
    pub end: String,
}

/// A stretch of bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Open time of the first bar.
    pub first: Nanos,
    /// Open time of the last bar.
    pub last: Nanos,
    /// How many there are.
    pub bars: u64,
}

/// The features that a policy sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureOrigin {
    /// How many columns.
    pub columns: usize,
    /// BLAKE3 of `export/features.json`: every column's spec and the scaler as fitted.
    pub hash: String,
}

/// One model with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passport {
    /// [`FORMAT`] of the writer.
    pub format: u32,
    /// The seed that trained it.
    pub seed: u64,
    /// Which checkpoint of that seed.
    pub mark: Mark,
    /// Environment steps done.
    pub step: u64,
    /// Validation score; `None` where there was none or it was no number.
    pub score: Option<f64>,
    /// Whether the run's verdict is about this checkpoint: judged are the best ones.
    pub judged: bool,
    /// BLAKE3 of the checkpoint's manifest, which holds the checksums of its files.
    pub hash: String,
    /// Every file of the checkpoint.
    pub files: BTreeMap<String, FileSum>,
    /// What it comes from.
    pub origin: Origin,
}

/// One line of a passport, as it is read and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: Phrase,
    /// What it says; empty where that is not known.
    pub value: Phrase,
    /// Whether it is a result rather than an ingredient.
    pub is_figure: bool,
}

impl Origin {
    /// Reads what the run tells of itself.
    ///
    /// # Errors
    /// `Corrupt` when the settings were changed or are no TOML any more, or the operating system's
    /// error.
    pub fn read(run: &RunDir) -> Result<Self, RunsError> {
        let settings = flat_settings(run)?;
        let text = |key: &str| -> String {
            let value = settings.get(key).map(String::as_str).unwrap_or_default();
            value.trim_matches('"').to_owned()
        };
        let some = |keys: &[&str]| -> BTreeMap<String, String> {
            let known = keys.iter().filter(|key| settings.contains_key(**key));
            known.map(|key| ((*key).to_owned(), text(key))).collect()
        };
        let made = provenance(run);
        let (verdict, figures) = match Outcome::read(run.layout()) {
            Ok(Some(Outcome::Done(success))) => (success.verdict, success.metrics),
            _ => (None, BTreeMap::new()),
        };
        let set = text("data.set");
        let hashes = &made.data_hashes;
        let hash = hashes.get(&set).or_else(|| hashes.values().next());
        let manifest = run.manifest();
        Ok(Self {
            run: run.id().clone(),
            name: manifest.name.clone(),
            created: manifest.created,
            version: manifest.version.clone(),
            data: DataOrigin {
                hash: hash.cloned().unwrap_or_default(),
                symbol: text("data.symbol"),
                timeframe: text("data.timeframe"),
                start: text("data.start"),
                end: text("data.end"),
                set,
            },
            windows: windows(run),
            features: features(run),
            observation: some(&OBSERVATION),
            actions: some(&ACTIONS),
            network: some(&NETWORK),
            algorithm: text("agent.algorithm"),
            seeds: made.seeds,
            code: made.code_revision,
            device: made.device,
            verdict,
            figures,
        })
    }
}

/// Returns what the newest start that says so tells of itself.
fn provenance(run: &RunDir) -> Provenance {
    let metas = run.segments().into_iter().rev();
    let mut read = metas.filter_map(|segment| {
        let bytes = fs::read(run.layout().meta(segment)).ok()?;
        serde_json::from_slice(&bytes).ok()
    });
    read.next().unwrap_or_default()
}

/// Returns the windows that the report speaks of; none where there is no report yet.
fn windows(run: &RunDir) -> BTreeMap<String, Span> {
    let path = run.layout().report().join("report.json");
    let read = fs::read(path).ok();
    let report = read.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let windows = report
        .as_ref()
        .and_then(|report| report.pointer("/heading/windows"));
    ["train", "valid", "test"]
        .into_iter()
        .filter_map(|name| {
            let span = windows?.get(name)?.clone();
            Some((name.to_owned(), serde_json::from_value(span).ok()?))
        })
        .collect()
}

fn features(run: &RunDir) -> Option<FeatureOrigin> {
    #[derive(Deserialize)]
    struct Recipe {
        columns: Vec<String>,
    }
    let bytes = fs::read(recipe(run.path())).ok()?;
    let recipe: Recipe = serde_json::from_slice(&bytes).ok()?;
    Some(FeatureOrigin {
        columns: recipe.columns.len(),
        hash: blake3::hash(&bytes).to_hex().to_string(),
    })
}

/// Returns where the run at `run` keeps the scale of what its policies see.
pub(crate) fn recipe(run: &Path) -> std::path::PathBuf {
    crate::Layout::new(run).export().join("features.json")
}

impl Passport {
    /// Returns the passport of the checkpoint with `contents`, which is `mark` of `seed`'s below
    /// `checkpoints`.
    #[must_use]
    pub fn of(
        origin: &Origin,
        (seed, mark): (u64, Mark),
        contents: Contents,
        checkpoints: &Path,
    ) -> Self {
        let best = marked(checkpoints, Mark::Best);
        Self {
            format: FORMAT,
            seed,
            mark,
            step: contents.step,
            score: contents.score,
            judged: origin.verdict.is_some() && best.is_none_or(|best| best == contents.step),
            hash: contents.hash,
            files: contents.files,
            origin: origin.clone(),
        }
    }

    /// Returns the length of all files together in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|sum| sum.bytes).sum()
    }

    /// Returns the verdict on this checkpoint.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.origin.verdict.as_ref().filter(|_| self.judged)
    }

    /// Returns every line, the same ones in the same order for every model; of the figures those
    /// that there are.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let origin = &self.origin;
        let data = &origin.data;
        let mut facts = Vec::new();
        facts.push(Fact {
            label: Text::new("checkpoint", "체크포인트").into(),
            value: self.mark.label().into(),
            is_figure: false,
        });
        let mut say = |en: &'static str, ko: &'static str, value: String| {
            facts.push(Fact {
                label: Text::new(en, ko).into(),
                value: Phrase::same(value),
                is_figure: false,
            });
        };
        say("run", "실행", origin.run.to_string());
        say("seed", "시드", self.seed.to_string());
        say("step", "스텝", self.step.to_string());
        say("data set", "데이터 세트", data.set.clone());
        say("data hash", "데이터 해시", short(&data.hash));
        say("instrument", "종목", data.symbol.clone());
        say("bar length", "봉 길이", data.timeframe.clone());
        say("learned on", "학습 구간", self.window("train"));
        say("chosen on", "검증 구간", self.window("valid"));
        say("judged on", "시험 구간", self.window("test"));
        let (columns, hash) = match &origin.features {
            Some(features) => (features.columns.to_string(), short(&features.hash)),
            None => Default::default(),
        };
        say("features", "특징 수", columns);
        say("features hash", "특징 해시", hash);
        say("algorithm", "알고리즘", origin.algorithm.clone());
        say("seeds trained", "학습한 시드", listed(&origin.seeds));
        say("code", "코드", short(&origin.code));
        say("makook", "makook 버전", origin.version.clone());
        say("device", "장치", origin.device.clone());
        for (key, value) in [&origin.observation, &origin.actions, &origin.network]
            .into_iter()
            .flatten()
        {
            facts.push(Fact {
                label: Phrase::same(key.clone()),
                value: Phrase::same(value.clone()),
                is_figure: false,
            });
        }
        let verdict = self.verdict().map(|verdict| verdict.word.clone());
        let mut figure = |label: Phrase, value: String| {
            facts.push(Fact {
                label,
                value: Phrase::same(value),
                is_figure: true,
            });
        };
        let score = self.score.map(|score| format!("{score:.4}"));
        figure(
            Text::new("validation score", "검증 점수").into(),
            score.unwrap_or_default(),
        );
        figure(
            Text::new("verdict", "판정").into(),
            verdict.unwrap_or_default(),
        );
        for (key, value) in origin.figures.iter().filter(|_| self.judged) {
            figure(Phrase::same(key.clone()), format!("{value:.4}"));
        }
        facts
    }

    fn window(&self, name: &str) -> String {
        let span = self.origin.windows.get(name);
        span.map_or_else(String::new, |span| {
            format!("{} - {}", span.first.date(), span.last.date())
        })
    }
}

/// Returns as much of a hash as tells two apart.
#[must_use]
pub fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn listed(numbers: &[u64]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
