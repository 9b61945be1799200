//! What happened in a run, as typed records that render in both languages.
//!
//! Events are history: a later segment supersedes metrics, never events.

use crate::{
    real,
    record::Stepped,
    status::{Phase, State},
};
use domain::{Nanos, Phrase};
use serde::{Deserialize, Serialize};

/// One line of `events/<segment>.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Wall-clock time.
    pub t: Nanos,
    /// Training step, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Stepped for EventRecord {
    fn step(&self) -> u64 {
        self.step.unwrap_or(0)
    }
}

/// The worker's answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Ack {
    /// Done, or being done.
    Accepted,
    /// Not done.
    Refused {
        /// Why.
        reason: Phrase,
    },
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A worker took the run.
    SegmentStarted {
        /// Number of the start.
        segment: u32,
        /// Training step it continues from; `None` for a fresh start.
        resumed_from: Option<u64>,
    },
    /// The worker let go of the run.
    SegmentEnded {
        /// The state it left behind.
        state: State,
    },
    /// Work moved on to another phase.
    PhaseStarted {
        /// The phase.
        phase: Phase,
    },
    /// A checkpoint is whole on disk.
    CheckpointSaved {
        /// Directory name below `checkpoints/`.
        name: String,
        /// Size in bytes.
        bytes: u64,
    },
    /// A checkpoint cannot be used.
    CheckpointRefused {
        /// Directory name below `checkpoints/`.
        name: String,
        /// Why.
        reason: Phrase,
    },
    /// A checkpoint could not be written; the one before is kept.
    CheckpointFailed {
        /// Why.
        reason: Phrase,
    },
    /// The best validation so far.
    NewBest {
        /// Metric key.
        metric: String,
        /// Value.
        #[serde(with = "real")]
        value: f64,
    },
    /// A setting was changed while the run was going.
    SettingChanged {
        /// Key, e.g. `train.learning_rate`.
        key: String,
        /// Former value.
        from: String,
        /// New value.
        to: String,
    },
    /// Computing stopped on command.
    Paused,
    /// Computing goes on.
    Resumed,
    /// A command was read and answered.
    CommandAcknowledged {
        /// Number of the command file.
        number: u64,
        /// The command in words, as far as it was understood.
        command: String,
        /// The answer.
        #[serde(flatten)]
        ack: Ack,
    },
    /// Training ended before its last step.
    EarlyStop {
        /// The rule: `patience`, `kl`, `nan`, …
        rule: String,
        /// What it saw.
        says: Phrase,
    },
    /// A signal or the scheduler asks the worker to end.
    Signal {
        /// Name, e.g. `SIGTERM`.
        name: String,
    },
    /// Something to look at soon.
    Warning {
        /// What.
        says: Phrase,
    },
    /// Something to look at now.
    Alert {
        /// What.
        says: Phrase,
    },
    /// Something worth a line.
    Note {
        /// What.
        says: Phrase,
    },
    /// A kind that a newer makook writes.
    #[serde(other)]
    Unknown,
}

/// How loud an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Ordinary course of things.
    Info,
    /// Look soon.
    Warning,
    /// Look now.
    Alert,
}

impl Event {
    /// Returns how loud it is.
    #[must_use]
    pub fn loudness(&self) -> Loudness {
        match self {
            Self::Alert { .. } | Self::CheckpointFailed { .. } => Loudness::Alert,
            Self::Warning { .. }
            | Self::CheckpointRefused { .. }
            | Self::Signal { .. }
            | Self::CommandAcknowledged {
                ack: Ack::Refused { .. },
                ..
            } => Loudness::Warning,
            _ => Loudness::Info,
        }
    }

    /// Returns the sentence a user reads.
    #[must_use]
    pub fn says(&self) -> Phrase {
        match self {
            Self::SegmentStarted {
                segment,
                resumed_from: None,
            } => Phrase::new(
                format!("worker started (start {segment})"),
                format!("작업자 시작({segment}번째)"),
            ),
            Self::SegmentStarted {
                segment,
                resumed_from: Some(step),
            } => Phrase::new(
                format!("worker started (start {segment}), goes on from step {step}"),
                format!("작업자 시작({segment}번째), {step} 스텝부터 이어서 진행"),
            ),
            Self::SegmentEnded { state } => {
                let label = state.label();
                Phrase::new(
                    format!("worker ended: {}", label.en),
                    format!("작업자 종료: {}", label.ko),
                )
            }
            Self::PhaseStarted { phase } => phase.label(),
            Self::CheckpointSaved { name, bytes } => {
                let kib = *bytes as f64 / 1024.0;
                let size = if kib < 1024.0 {
                    format!("{kib:.0} KiB")
                } else {
                    format!("{:.1} MiB", kib / 1024.0)
                };
                Phrase::new(
                    format!("checkpoint {name} saved ({size})"),
                    format!("체크포인트 {name} 저장됨 ({size})"),
                )
            }
            Self::CheckpointRefused { name, reason } => Phrase::new(
                format!("checkpoint {name} is not usable: {}", reason.en),
                format!("체크포인트 {name}은(는) 쓸 수 없음: {}", reason.ko),
            ),
            Self::CheckpointFailed { reason } => Phrase::new(
                format!(
                    "checkpoint not written, the one before is kept: {}",
                    reason.en
                ),
                format!("체크포인트를 쓰지 못해 이전 것을 유지함: {}", reason.ko),
            ),
            Self::NewBest { metric, value } => Phrase::new(
                format!("best so far: {metric} = {value:.4}"),
                format!("지금까지 최고: {metric} = {value:.4}"),
            ),
            Self::SettingChanged { key, from, to } => Phrase::new(
                format!("{key} changed from {from} to {to}"),
                format!("{key} 변경: {from} → {to}"),
            ),
            Self::Paused => Phrase::new("paused", "일시정지"),
            Self::Resumed => Phrase::new("going on", "다시 진행"),
            Self::CommandAcknowledged {
                command,
                ack: Ack::Accepted,
                ..
            } => Phrase::new(
                format!("command accepted: {command}"),
                format!("명령 수락: {command}"),
            ),
            Self::CommandAcknowledged {
                command,
                ack: Ack::Refused { reason },
                ..
            } => Phrase::new(
                format!("command refused: {command}: {}", reason.en),
                format!("명령 거절: {command}: {}", reason.ko),
            ),
            Self::EarlyStop { rule, says } => Phrase::new(
                format!("early stop ({rule}): {}", says.en),
                format!("조기 종료 ({rule}): {}", says.ko),
            ),
            Self::Signal { name } => Phrase::new(
                format!("{name} received: saving and ending"),
                format!("{name} 신호 수신: 저장 후 종료"),
            ),
            Self::Warning { says } | Self::Alert { says } | Self::Note { says } => says.clone(),
            Self::Unknown => Phrase::new(
                "an event of a newer makook",
                "더 새로운 makook이 기록한 이벤트",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(event: Event) -> EventRecord {
        EventRecord {
            t: Nanos(1),
            step: Some(2),
            event,
        }
    }

    #[test]
    fn an_acknowledgement_reads_back() {
        for ack in [
            Ack::Accepted,
            Ack::Refused {
                reason: Phrase::new("no", "안 됨"),
            },
        ] {
            let before = record(Event::CommandAcknowledged {
                number: 3,
                command: "pause".to_owned(),
                ack,
            });
            let json = serde_json::to_string(&before).unwrap();
            assert_eq!(serde_json::from_str::<EventRecord>(&json).unwrap(), before);
        }
    }

    #[test]
    fn a_best_that_is_not_a_number_reads_back() {
        let best = record(Event::NewBest {
            metric: "valid/sharpe".to_owned(),
            value: f64::NAN,
        });
        let json = serde_json::to_string(&best).unwrap();
        let back: EventRecord = serde_json::from_str(&json).unwrap();
        assert!(matches!(back.event, Event::NewBest { value, .. } if value.is_nan()));
    }

    #[test]
    fn a_kind_from_the_future_is_kept_as_unknown() {
        let json = r#"{"t":1,"kind":"teleported","where":"moon"}"#;
        let read: EventRecord = serde_json::from_str(json).unwrap();
        assert_eq!(read.event, Event::Unknown);
    }

    #[test]
    fn every_sentence_exists_in_both_languages() {
        let said = record(Event::SettingChanged {
            key: "train.learning_rate".to_owned(),
            from: "0.0003".to_owned(),
            to: "0.0001".to_owned(),
        })
        .event
        .says();
        assert_eq!(said.en, "train.learning_rate changed from 0.0003 to 0.0001");
        assert_eq!(said.ko, "train.learning_rate 변경: 0.0003 → 0.0001");
    }
}
