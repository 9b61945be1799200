//! Which evaluation printed figures are of: its window, its seed and its step, in words and as data.

use domain::{Phrase, phrase};
use runs::{Evaluation, RunDir, Track};
use serde_json::{Value, json};

/// An evaluation as a user knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// Which.
    pub evaluation: Evaluation,
    /// Seed of the policy; `None` while nothing says which one was chosen.
    pub seed: Option<u64>,
    /// Where the seed stands among the run's seeds, from 1.
    pub place: Option<usize>,
    /// Seeds of the run.
    pub seeds: usize,
}

impl Evaluated {
    /// Finds the seed of `evaluation`; that of the run's own test is the one its report chose.
    #[must_use]
    pub fn of(run: &RunDir, evaluation: Evaluation) -> Self {
        let seeds = run.seeds();
        let chosen = || match seeds[..] {
            [only] => Some(only),
            _ => {
                let report = super::report::read(run).ok()?;
                Some(report.seeds.get(report.chosen)?.seed)
            }
        };
        let seed = match evaluation.track {
            Track::Seed(seed) => Some(seed),
            Track::Run => chosen(),
        };
        Self {
            evaluation,
            seed,
            place: seeds
                .iter()
                .position(|one| Some(*one) == seed)
                .map(|at| at + 1),
            seeds: seeds.len(),
        }
    }

    /// Returns window, seed and step in words.
    #[must_use]
    pub fn words(&self) -> Phrase {
        let window = console::words::window(self.evaluation.scope);
        let (en, ko) = (window.en, window.ko);
        let Phrase {
            en: seed_en,
            ko: seed_ko,
        } = self.seed_in_words();
        let step = self.evaluation.step;
        phrase!(
            "{en} window{seed_en}, step {step}",
            "{ko} 구간{seed_ko}, {step} 스텝"
        )
    }

    fn seed_in_words(&self) -> Phrase {
        let seeds = self.seeds;
        match (self.seed, self.place) {
            (Some(seed), Some(place)) => phrase!(
                ", seed {seed} ({place} of {seeds})",
                ", 시드 {seed}({seeds}개 중 {place}번째)"
            ),
            (Some(seed), None) => phrase!(", seed {seed}", ", 시드 {seed}"),
            (None, _) if seeds > 0 => phrase!(
                ", the chosen one of {seeds} seeds",
                ", 시드 {seeds}개 중 선택된 것"
            ),
            (None, _) => phrase!("", ""),
        }
    }

    /// Returns the same as data.
    #[must_use]
    pub fn described(&self) -> Value {
        json!({
            "window": self.evaluation.scope,
            "seed": self.seed,
            "seed_place": self.place,
            "seeds": self.seeds,
            "step": self.evaluation.step,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runs::Scope;

    #[test]
    fn window_seed_and_step_are_told_in_both_languages_and_as_data() {
        let evaluation = Evaluation {
            track: Track::Run,
            scope: Scope::Test,
            step: 500,
        };
        let told = |seed, place, seeds| Evaluated {
            evaluation,
            seed,
            place,
            seeds,
        };
        let chosen = told(Some(7), Some(2), 5);
        assert_eq!(chosen.words().en, "test window, seed 7 (2 of 5), step 500");
        assert_eq!(
            chosen.words().ko,
            "시험 구간, 시드 7(5개 중 2번째), 500 스텝"
        );
        assert_eq!(chosen.described()["window"], "test");
        assert_eq!(chosen.described()["seed_place"], 2);
        let unknown = told(None, None, 5).words();
        assert_eq!(
            unknown.en,
            "test window, the chosen one of 5 seeds, step 500"
        );
        assert_eq!(told(None, None, 0).words().ko, "시험 구간, 500 스텝");
    }
}
