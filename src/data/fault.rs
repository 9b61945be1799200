//! What is done about a fault: the policy that decides, and what comes of it.
//!
//! Names, wording and remedies are [`domain::fault`]'s. Start at [`outcome`].

use crate::spec::{
    DuplicatePolicy, EnvelopePolicy, GapPolicy, GridPolicy, OrderPolicy, RepairPolicy, RowPolicy,
};
pub use domain::Fault;

/// What happens to a fault under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The import stops.
    Stops,
    /// The named policy deals with it, and the manifest counts it.
    Repaired(&'static str),
    /// It is shown, and flagged where bars can carry the flag.
    Shown,
}

/// Returns what happens to `fault` under `policy`.
pub(crate) fn outcome(fault: Fault, policy: &RepairPolicy) -> Outcome {
    let rows = |choice: RowPolicy| match choice {
        RowPolicy::Fail => Outcome::Stops,
        RowPolicy::Drop => Outcome::Repaired("drop"),
    };
    match fault {
        Fault::Empty
        | Fault::Unreadable
        | Fault::Columns
        | Fault::Symbol
        | Fault::MixedZones
        | Fault::Timeframe => Outcome::Stops,
        Fault::UnknownColumn
        | Fault::OffsetChange
        | Fault::UnitChange
        | Fault::LongGap
        | Fault::ZeroVolume
        | Fault::Outlier => Outcome::Shown,
        // Reversing loses nothing and has one reading; the manifest still counts it.
        Fault::Descending => Outcome::Repaired("reverse"),
        Fault::Truncated => rows(policy.truncated),
        Fault::OffGrid => match policy.off_grid {
            GridPolicy::Keep => Outcome::Shown,
            GridPolicy::Drop => Outcome::Repaired("drop"),
            GridPolicy::Fail => Outcome::Stops,
        },
        Fault::RaggedRow
        | Fault::BadTime
        | Fault::MissingCell
        | Fault::NotANumber
        | Fault::NotFinite
        | Fault::NotPositive => rows(policy.bad_rows),
        Fault::Unordered => match policy.unordered {
            OrderPolicy::Fail => Outcome::Stops,
            OrderPolicy::Sort => Outcome::Repaired("sort"),
        },
        Fault::DuplicateIdentical | Fault::DuplicateConflicting => match policy.duplicates {
            DuplicatePolicy::Fail => Outcome::Stops,
            DuplicatePolicy::KeepFirst => Outcome::Repaired("keep_first"),
            DuplicatePolicy::KeepLast => Outcome::Repaired("keep_last"),
        },
        Fault::HighBelowLow | Fault::OutsideRange => match policy.high_low {
            EnvelopePolicy::Fail => Outcome::Stops,
            EnvelopePolicy::Widen => Outcome::Repaired("widen"),
            EnvelopePolicy::Drop => Outcome::Repaired("drop"),
        },
        Fault::Gap => match policy.gaps {
            GapPolicy::Keep => Outcome::Shown,
            GapPolicy::ForwardFill => Outcome::Repaired("forward_fill"),
            GapPolicy::Fail => Outcome::Stops,
        },
    }
}
