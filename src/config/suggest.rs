//! "Did you mean": the known name that a mistyped one most likely stands for.
//!
//! Owns the measure of likeness and the names that other libraries give to our settings. Start at
//! [`keys_like`].

use crate::keys::{SECTIONS, keys};

/// How alike two names must be (Jaro–Winkler, 1 is equal) before one is offered for the other.
const LIKENESS: f64 = 0.84;

/// What Stable-Baselines3, CleanRL and common speech call our settings.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("anneal_lr", "agent.learning_rate_schedule"),
    ("batch_size", "agent.minibatch_size"),
    ("clip_coef", "agent.clip_range"),
    ("commission", "env.fee_bps"),
    ("discount", "agent.gamma"),
    ("ent_coef", "agent.entropy_coef"),
    ("fee", "env.fee_bps"),
    ("lam", "agent.gae_lambda"),
    ("lambda", "agent.gae_lambda"),
    ("lr", "agent.learning_rate"),
    ("n_epochs", "agent.epochs"),
    ("n_steps", "agent.horizon"),
    ("net_arch", "policy.hidden"),
    ("norm_adv", "agent.normalise_advantage"),
    ("num_envs", "train.n_envs"),
    ("num_steps", "agent.horizon"),
    ("seed", "train.seeds"),
    ("total_timesteps", "train.total_steps"),
    ("update_epochs", "agent.epochs"),
    ("vf_coef", "agent.value_coef"),
];

/// Returns the candidate most like `word`, if any is like enough.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// Returns the section most like `word`.
pub(crate) fn section_like(word: &str) -> Option<&'static str> {
    nearest(word, SECTIONS.iter().map(|section| section.name))
}

/// Returns the paths that `path` may stand for, the likeliest first; at most three.
#[must_use]
pub fn keys_like(path: &str) -> Vec<&'static str> {
    let lower = path.to_lowercase();
    let (section, name) = lower.rsplit_once('.').unwrap_or(("", &lower));
    let mut found: Vec<&'static str> = Vec::new();
    let mut offer = |path: &'static str| {
        if !found.contains(&path) && found.len() < 3 {
            found.push(path);
        }
    };
    // The right name in the wrong section, then what others call it, then a slip of the finger.
    keys()
        .filter(|key| key.name() == name)
        .for_each(|key| offer(key.path));
    OTHER_NAMES
        .iter()
        .filter(|(other, _)| *other == name)
        .for_each(|(_, path)| offer(path));
    let home = SECTIONS
        .iter()
        .filter(|candidate| candidate.name == section);
    let inside = home.flat_map(|home| home.keys);
    let mut alike: Vec<(f64, &'static str)> = inside
        .map(|key| (strsim::jaro_winkler(name, key.name()), key.path))
        .collect();
    if alike.iter().all(|(likeness, _)| *likeness < LIKENESS) {
        alike.extend(keys().map(|key| {
            let whole = strsim::jaro_winkler(&lower, key.path);
            let last = strsim::jaro_winkler(name, key.name());
            (
                if section.is_empty() {
                    last
                } else {
                    whole.min(last)
                },
                key.path,
            )
        }));
    }
    alike.retain(|(likeness, _)| *likeness >= LIKENESS);
    alike.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    alike.into_iter().for_each(|(_, path)| offer(path));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("agent.learning_rte", "agent.learning_rate")]
    #[case("agnet.learning_rate", "agent.learning_rate")]
    #[case("train.clip_range", "agent.clip_range")]
    #[case("agent.lr", "agent.learning_rate")]
    #[case("lr", "agent.learning_rate")]
    #[case("policy.net_arch", "policy.hidden")]
    #[case("env.stoploss", "env.stop_loss")]
    #[case("env.Fee_Bps", "env.fee_bps")]
    #[case("positons", "env.positions")]
    fn the_likeliest_key_comes_first(#[case] typed: &str, #[case] meant: &str) {
        assert_eq!(keys_like(typed).first(), Some(&meant));
    }

    #[rstest]
    #[case("env.quantum_flux")]
    #[case("zzz")]
    #[case("")]
    fn nothing_is_offered_for_what_is_like_nothing(#[case] typed: &str) {
        assert!(keys_like(typed).is_empty(), "{:?}", keys_like(typed));
    }

    #[test]
    fn every_other_name_leads_to_a_key() {
        for (other, path) in OTHER_NAMES {
            assert!(crate::find(path).is_some(), "{other} → {path}");
        }
    }
}
