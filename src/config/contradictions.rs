//! Rules between settings: what is right alone and wrong together.
//!
//! Owns every check that needs more than one key. Each names all the keys involved, stands at the
//! one that the strongest layer decided, and is skipped where one of them is already known to be
//! wrong. Start at [`check`].

use crate::{
    key::Key,
    keys::{
        ActionKind, Activation, Backend, Config, Device, Environment, FeatureSet, Reward, Slippage,
    },
    resolved::Setting,
};
use domain::{Phrase, Place, Problems, phrase};

/// Checks everything; `broken` are the keys whose value was refused.
pub(crate) fn check(
    config: &Config,
    settings: &[Setting],
    broken: &[&'static Key],
    findings: &mut Problems,
) {
    let mut rules = Rules {
        settings,
        broken,
        findings,
    };
    rollout(config, &mut rules);
    splits(config, &mut rules);
    market_view(config, &mut rules);
    actions(config, &mut rules);
    costs_and_reward(config, &mut rules);
    hardware(config, &mut rules);
    stopping(config, &mut rules);
    judgement(config, &mut rules);
}

fn rollout(config: &Config, rules: &mut Rules<'_>) {
    let (envs, horizon) = (config.train.n_envs, config.agent.horizon);
    let minibatch = config.agent.minibatch_size;
    let rollout = envs.saturating_mul(horizon);
    let keys = ["agent.minibatch_size", "train.n_envs", "agent.horizon"];
    if minibatch > rollout {
        rules.refuse(
            &keys,
            phrase!(
                "agent.minibatch_size = {minibatch} is more than a rollout holds: train.n_envs {envs} × agent.horizon {horizon} = {rollout}",
                "agent.minibatch_size = {minibatch}은(는) 롤아웃 하나보다 큽니다: train.n_envs {envs} × agent.horizon {horizon} = {rollout}",
            ),
            phrase!(
                "lower agent.minibatch_size to at most {rollout}, or raise train.n_envs or agent.horizon",
                "agent.minibatch_size를 {rollout} 이하로 낮추거나 train.n_envs 또는 agent.horizon을 높이세요",
            ),
        );
    } else if !rollout.is_multiple_of(minibatch) {
        let rest = rollout % minibatch;
        rules.advise(
            &keys,
            phrase!(
                "the last minibatch of each epoch holds {rest} of {minibatch} samples (rollout {rollout})",
                "에포크마다 마지막 미니배치에 표본이 {minibatch}개가 아니라 {rest}개뿐입니다(롤아웃 {rollout})",
            ),
            phrase!(
                "choose a divisor of train.n_envs × agent.horizon",
                "train.n_envs × agent.horizon의 약수를 고르세요",
            ),
        );
    }
    let total = config.train.total_steps;
    if total < rollout as u64 {
        rules.refuse(
            &["train.total_steps", "train.n_envs", "agent.horizon"],
            phrase!(
                "train.total_steps = {total} is less than one rollout: train.n_envs {envs} × agent.horizon {horizon} = {rollout}",
                "train.total_steps = {total}은(는) 롤아웃 하나보다 작습니다: train.n_envs {envs} × agent.horizon {horizon} = {rollout}",
            ),
            phrase!(
                "raise train.total_steps to at least {rollout}, or lower train.n_envs or agent.horizon",
                "train.total_steps를 {rollout} 이상으로 높이거나 train.n_envs 또는 agent.horizon을 낮추세요",
            ),
        );
    }
}

fn splits(config: &Config, rules: &mut Rules<'_>) {
    let cut = &config.evaluate;
    let (train, valid, test) = (cut.train_fraction, cut.valid_fraction, cut.test_fraction);
    // Thousandths of a thousandth: 0.7 + 0.15 + 0.15 must not fail by a rounding error.
    let sum = ((train + valid + test) * 1e6).round() / 1e6;
    if sum > 1.0 {
        rules.refuse(
            &["evaluate.train_fraction", "evaluate.valid_fraction", "evaluate.test_fraction"],
            phrase!(
                "the shares of time add up to {sum}, more than 1: train {train} + valid {valid} + test {test}",
                "시간 비율의 합이 {sum}로 1을 넘습니다: 학습 {train} + 검증 {valid} + 시험 {test}",
            ),
            phrase!(
                "typical shares are 0.7, 0.15 and 0.15",
                "보통 0.7, 0.15, 0.15로 나눕니다",
            ),
        );
    }
    let (purge, window) = (cut.purge, config.env.window);
    if config.env.kind.is_market() && purge < window {
        rules.refuse(
            &["evaluate.purge", "env.window"],
            phrase!(
                "evaluate.purge = {purge} is less than env.window = {window}: observations would span the cut",
                "evaluate.purge = {purge}이(가) env.window = {window}보다 작아 관측이 경계를 걸칩니다",
            ),
            phrase!(
                "raise evaluate.purge to at least {window}",
                "evaluate.purge를 {window} 이상으로 높이세요",
            ),
        );
    }
    let (start, end) = (&config.data.start, &config.data.end);
    if !start.is_empty() && !end.is_empty() && start >= end {
        rules.refuse(
            &["data.start", "data.end"],
            phrase!(
                "data.start = {start} is not before data.end = {end}",
                "data.start = {start}이(가) data.end = {end}보다 앞서지 않습니다",
            ),
            phrase!(
                "swap them, or leave one empty",
                "둘을 바꾸거나 하나를 비우세요"
            ),
        );
    }
}

fn market_view(config: &Config, rules: &mut Rules<'_>) {
    let repairs = &config.data.repair;
    for (index, repair) in repairs.iter().enumerate() {
        if let Some(other) = repairs[..index]
            .iter()
            .find(|other| other.fault() == repair.fault())
        {
            rules.refuse(
                &["data.repair"],
                phrase!(
                    "data.repair names two policies for one fault: {other} and {repair}",
                    "data.repair가 한 문제에 두 방침을 정합니다: {other}, {repair}",
                ),
                phrase!("keep one of them", "하나만 남기세요"),
            );
        }
    }
    if config.features.set == FeatureSet::Empty && config.features.columns.is_empty() {
        rules.refuse(
            &["features.columns", "features.set"],
            phrase!(
                "features.set = empty with no features.columns: the agent would see nothing of the market",
                "features.set = empty인데 features.columns가 비어 있어 에이전트가 시장을 볼 수 없습니다",
            ),
            phrase!(
                "name columns, or set features.set = \"default\"",
                "열을 적거나 features.set = \"default\"로 정하세요",
            ),
        );
    }
}

fn actions(config: &Config, rules: &mut Rules<'_>) {
    let env = &config.env;
    let (kind, actions) = (env.kind, env.actions);
    if let Some(only) = kind.only_actions()
        && only != actions
    {
        rules.refuse(
            &["env.actions", "env.kind"],
            phrase!(
                "env.actions = {actions} does not fit env.kind = {kind}, which takes {only} actions",
                "env.actions = {actions}은(는) {only} 행동만 받는 env.kind = {kind}에 맞지 않습니다",
            ),
            phrase!(
                "set env.actions = \"{only}\"",
                "env.actions = \"{only}\"로 정하세요",
            ),
        );
    }
    if !kind.is_market() {
        return;
    }
    if actions == ActionKind::Continuous && rules.is_set("env.positions") {
        rules.advise(
            &["env.positions", "env.actions"],
            phrase!(
                "env.positions has no effect while env.actions = continuous",
                "env.actions = continuous에서는 env.positions가 쓰이지 않습니다",
            ),
            phrase!(
                "remove it; env.leverage bounds continuous positions",
                "지우세요. 연속 포지션은 env.leverage가 제한합니다",
            ),
        );
    }
    if actions == ActionKind::Discrete {
        let cap = env.leverage;
        if let Some(beyond) = env.positions.iter().find(|position| position.abs() > cap) {
            rules.refuse(
                &["env.positions", "env.leverage"],
                phrase!(
                    "env.positions holds {beyond}, beyond env.leverage = {cap}",
                    "env.positions의 {beyond}이(가) env.leverage = {cap}을(를) 넘습니다",
                ),
                phrase!(
                    "raise env.leverage or remove the position",
                    "env.leverage를 높이거나 그 포지션을 지우세요",
                ),
            );
        }
        if env.positions.iter().all(|position| position.abs() > 0.0) {
            rules.advise(
                &["env.positions"],
                phrase!(
                    "env.positions has no 0: the agent can never be flat",
                    "env.positions에 0이 없어 에이전트가 거래를 쉴 수 없습니다",
                ),
                phrase!("add 0", "0을 추가하세요"),
            );
        }
    }
}

fn costs_and_reward(config: &Config, rules: &mut Rules<'_>) {
    let env = &config.env;
    if !env.kind.is_market() {
        return;
    }
    if env.slippage == Slippage::None && env.slippage_bps > 0.0 && rules.is_set("env.slippage_bps")
    {
        rules.advise(
            &["env.slippage_bps", "env.slippage"],
            phrase!(
                "env.slippage_bps has no effect while env.slippage = none",
                "env.slippage = none에서는 env.slippage_bps가 쓰이지 않습니다",
            ),
            phrase!(
                "set env.slippage = \"constant\"",
                "env.slippage = \"constant\"로 정하세요"
            ),
        );
    }
    let penalised = env.reward == Reward::DrawdownPenalised;
    if penalised != (env.drawdown_penalty > 0.0) {
        let (reward, penalty) = (env.reward, env.drawdown_penalty);
        rules.advise(
            &["env.drawdown_penalty", "env.reward"],
            phrase!(
                "env.drawdown_penalty = {penalty} has no effect together with env.reward = {reward}",
                "env.drawdown_penalty = {penalty}은(는) env.reward = {reward}와(과) 함께 쓰면 효과가 없습니다",
            ),
            phrase!(
                "use env.reward = \"drawdown_penalised\" with a penalty above 0, or neither",
                "env.reward = \"drawdown_penalised\"와 0보다 큰 벌점을 함께 쓰거나 둘 다 쓰지 마세요",
            ),
        );
    }
}

fn hardware(config: &Config, rules: &mut Rules<'_>) {
    let (device, backend) = (config.train.device, config.policy.backend);
    if device == Device::Cuda && backend == Backend::Fused {
        rules.refuse(
            &["train.device", "policy.backend"],
            phrase!(
                "train.device = cuda contradicts policy.backend = fused, which runs on the CPU only",
                "train.device = cuda는 CPU에서만 도는 policy.backend = fused와 모순됩니다",
            ),
            phrase!(
                "set policy.backend = \"auto\", or train.device = \"cpu\"",
                "policy.backend = \"auto\" 또는 train.device = \"cpu\"로 정하세요",
            ),
        );
    }
    let activation = config.policy.activation;
    if backend == Backend::Fused && activation != Activation::Tanh {
        rules.refuse(
            &["policy.activation", "policy.backend"],
            phrase!(
                "policy.activation = {activation} contradicts policy.backend = fused, which has tanh only",
                "policy.activation = {activation}은(는) tanh만 있는 policy.backend = fused와 모순됩니다",
            ),
            phrase!(
                "set policy.backend = \"auto\", or policy.activation = \"tanh\"",
                "policy.backend = \"auto\" 또는 policy.activation = \"tanh\"로 정하세요",
            ),
        );
    }
    let (threads, envs) = (config.train.threads, config.train.n_envs);
    if threads > envs {
        rules.advise(
            &["train.threads", "train.n_envs"],
            phrase!(
                "train.threads = {threads} is more than train.n_envs = {envs}: some threads have no environment",
                "train.threads = {threads}이(가) train.n_envs = {envs}보다 많아 일부 스레드는 맡을 환경이 없습니다",
            ),
            phrase!(
                "lower train.threads or raise train.n_envs",
                "train.threads를 낮추거나 train.n_envs를 높이세요",
            ),
        );
    }
}

fn stopping(config: &Config, rules: &mut Rules<'_>) {
    let (target, stop) = (config.agent.target_kl, config.train.stop_kl);
    if stop > 0.0 && stop <= 1.5 * target {
        rules.refuse(
            &["train.stop_kl", "agent.target_kl"],
            phrase!(
                "train.stop_kl = {stop} is within 1.5 × agent.target_kl = {target}: ordinary updates would stop the training",
                "train.stop_kl = {stop}이(가) agent.target_kl = {target}의 1.5배 이내라 평범한 업데이트도 학습을 멈춥니다",
            ),
            phrase!(
                "raise train.stop_kl well above it, or set it to 0",
                "train.stop_kl을 훨씬 높이거나 0으로 정하세요",
            ),
        );
    }
    let (every, total) = (config.train.validate_every_steps, config.train.total_steps);
    if every > total {
        rules.advise(
            &["train.validate_every_steps", "train.total_steps"],
            phrase!(
                "train.validate_every_steps = {every} is more than train.total_steps = {total}: only the end is validated",
                "train.validate_every_steps = {every}이(가) train.total_steps = {total}보다 커서 마지막에만 검증합니다",
            ),
            phrase!(
                "lower train.validate_every_steps",
                "train.validate_every_steps를 낮추세요",
            ),
        );
    }
    if config.train.checkpoint_every_steps == 0 && config.train.checkpoint_every_seconds == 0 {
        rules.refuse(
            &[
                "train.checkpoint_every_steps",
                "train.checkpoint_every_seconds",
            ],
            phrase!(
                "no checkpoint would ever be saved: both intervals are 0",
                "두 간격이 모두 0이라 체크포인트가 한 번도 저장되지 않습니다",
            ),
            phrase!(
                "set train.checkpoint_every_seconds, e.g. to 300",
                "train.checkpoint_every_seconds를 예를 들어 300으로 정하세요",
            ),
        );
    }
}

fn judgement(config: &Config, rules: &mut Rules<'_>) {
    let seeds = config.train.seeds.len();
    if config.run.environment == Environment::Production && seeds < 3 {
        rules.refuse(
            &["train.seeds", "run.environment"],
            phrase!(
                "train.seeds has {seeds} member(s); a production run needs at least 3",
                "train.seeds가 {seeds}개뿐입니다. 운영 실행에는 3개 이상이 필요합니다",
            ),
            phrase!(
                "add seeds, or run in development",
                "시드를 추가하거나 development에서 실행하세요",
            ),
        );
    }
}

struct Rules<'a> {
    settings: &'a [Setting],
    broken: &'a [&'static Key],
    findings: &'a mut Problems,
}

impl Rules<'_> {
    fn refuse(&mut self, involved: &[&str], message: Phrase, hint: Phrase) {
        if let Some(place) = self.place(involved) {
            self.findings.error(place, message, hint);
        }
    }

    fn advise(&mut self, involved: &[&str], message: Phrase, hint: Phrase) {
        if let Some(place) = self.place(involved) {
            self.findings.warn(place, message, hint);
        }
    }

    /// Returns whether somebody wants another value than the built-in default.
    fn is_set(&self, path: &str) -> bool {
        self.settings
            .iter()
            .any(|setting| setting.key.path == path && setting.is_changed())
    }

    /// Returns where the strongest of the keys was set; `None` if one of them is broken.
    fn place(&self, involved: &[&str]) -> Option<Place> {
        debug_assert!(involved.iter().all(|path| crate::find(path).is_some()));
        if self.broken.iter().any(|key| involved.contains(&key.path)) {
            return None;
        }
        // Of equally strong ones the last is taken: reversed, that is the first named.
        involved
            .iter()
            .rev()
            .filter_map(|path| {
                self.settings
                    .iter()
                    .find(|setting| setting.key.path == *path)
            })
            .max_by_key(|setting| setting.strength)
            .map(|setting| setting.origin.clone())
    }
}
