//! From settings to specs: what each part of the worker is asked to do.
//!
//! The crates below take plain specs of their own and know nothing of the registry of keys; this
//! is the one place where a key's name meets a field.

use config::{
    Config,
    keys::{
        self, ActionKind, Activation, Anneal as ConfigAnneal, Backend, Device, EnvKind, Reward,
        Slippage,
    },
};
use learn::{Anneal, BackendChoice, DeviceChoice, PpoSpec, Schedule};
use sim::{
    AccountSpec, ActionScheme, Brackets, CostSpec, EpisodeSpec, ObservationSpec, RewardRule,
    RewardSpec, Sizing, SlippageModel, TradingSpec,
};

/// Returns what training seed `seed` is asked to do.
#[must_use]
pub fn ppo(config: &Config, seed: u64) -> PpoSpec {
    let (agent, train, policy) = (&config.agent, &config.train, &config.policy);
    PpoSpec {
        total_steps: train.total_steps,
        n_envs: train.n_envs,
        horizon: agent.horizon,
        epochs: agent.epochs,
        minibatch_size: agent.minibatch_size,
        hidden: policy.hidden.clone(),
        activation: match policy.activation {
            Activation::Tanh => learn::Activation::Tanh,
            Activation::Relu => learn::Activation::Relu,
        },
        gamma: agent.gamma,
        gae_lambda: agent.gae_lambda,
        clip_range: agent.clip_range,
        clip_range_value: agent.clip_range_value,
        entropy_coef: schedule(agent.entropy_coef, agent.entropy_schedule),
        value_coef: agent.value_coef,
        max_grad_norm: agent.max_grad_norm,
        target_kl: agent.target_kl,
        learning_rate: schedule(agent.learning_rate, agent.learning_rate_schedule),
        adam_eps: agent.adam_eps,
        weight_decay: agent.weight_decay,
        normalise_advantage: agent.normalise_advantage,
        normalise_observations: agent.normalise_observations,
        normalise_rewards: agent.normalise_rewards,
        initial_log_std: policy.initial_log_std,
        seed,
        threads: train.threads,
        device: match train.device {
            Device::Auto => DeviceChoice::Auto,
            Device::Cpu => DeviceChoice::Cpu,
            Device::Cuda => DeviceChoice::Cuda,
        },
        backend: match policy.backend {
            Backend::Auto => BackendChoice::Auto,
            Backend::Fused => BackendChoice::Fused,
            Backend::Torch => BackendChoice::Torch,
        },
    }
}

fn schedule(start: f64, anneal: ConfigAnneal) -> Schedule {
    match anneal {
        ConfigAnneal::Constant => Schedule::constant(start),
        ConfigAnneal::Linear => Schedule::linear(start),
        ConfigAnneal::Cosine => Schedule {
            anneal: Anneal::Cosine,
            ..Schedule::linear(start)
        },
    }
}

/// Returns the trading environment of a training.
#[must_use]
pub fn trading(config: &Config) -> TradingSpec {
    let env = &config.env;
    TradingSpec {
        account: AccountSpec {
            initial_equity: env.initial_cash,
            sizing: match env.sizing {
                keys::Sizing::Fraction => Sizing::Fraction,
                keys::Sizing::Units => Sizing::Units {
                    base: env.unit_size,
                },
                keys::Sizing::WholeUnits => Sizing::WholeUnits,
            },
            max_leverage: env.leverage,
            ruin_floor: env.ruin,
            brackets: Brackets {
                stop_loss: env.stop_loss,
                take_profit: env.take_profit,
                trailing_stop: env.trailing_stop,
            },
            costs: costs(config),
        },
        action: match env.actions {
            ActionKind::Discrete => ActionScheme::Discrete {
                targets: env.positions.clone(),
            },
            ActionKind::Continuous => ActionScheme::Continuous {
                deadband: env.deadband,
            },
        },
        reward: RewardSpec {
            rule: match env.reward {
                Reward::LogEquity => RewardRule::LogEquity,
                Reward::Pnl => RewardRule::Pnl,
                Reward::DifferentialSharpe => RewardRule::DifferentialSharpe {
                    rate: env.sharpe_decay,
                },
                Reward::DrawdownPenalised => RewardRule::DrawdownPenalised {
                    penalty: env.drawdown_penalty,
                },
            },
            scale: env.reward_scale,
        },
        observation: ObservationSpec {
            window: env.window,
            remaining_episode: env.remaining_episode,
        },
        episode: EpisodeSpec {
            length: env.episode_length,
            cost_scale: [1.0 - env.randomise_costs, 1.0 + env.randomise_costs],
        },
    }
}

/// Returns what trading costs.
#[must_use]
pub fn costs(config: &Config) -> CostSpec {
    let env = &config.env;
    let bps = env.slippage_bps;
    CostSpec {
        fee_bps: env.fee_bps,
        maker_fee_bps: env.maker_fee_bps,
        spread_bps: env.spread_bps,
        slippage: match env.slippage {
            Slippage::None => SlippageModel::Constant { bps: 0.0 },
            Slippage::Constant => SlippageModel::Constant { bps },
            Slippage::VolumeShare => SlippageModel::VolumeShare {
                bps_at_full_volume: bps,
                max_share: env.slippage_max_share,
            },
            Slippage::SqrtImpact => SlippageModel::SqrtImpact {
                bps_at_full_volume: bps,
            },
        },
        borrow_bps_per_day: env.borrow_bps_per_day,
        funding_bps_per_day: env.funding_bps_per_day,
        min_notional: env.min_notional,
        lot: env.lot,
        tick: env.tick,
    }
}

/// Returns the classic control task of an environment kind; `None` for markets.
#[must_use]
pub fn classic(kind: EnvKind) -> Option<sim::ClassicTask> {
    match kind {
        EnvKind::Cartpole => Some(sim::ClassicTask::CartPole),
        EnvKind::Acrobot => Some(sim::ClassicTask::Acrobot),
        EnvKind::Pendulum => Some(sim::ClassicTask::Pendulum),
        EnvKind::MountainCarContinuous => Some(sim::ClassicTask::MountainCarContinuous),
        _ => None,
    }
}
