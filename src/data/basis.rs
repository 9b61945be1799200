//! What times are measured from, and the watch that one file does not mix it.

use crate::{fault::Fault, findings::Findings, spec::EpochUnit};
use domain::phrase;

/// What a time was measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// A number since 1970.
    Epoch(EpochUnit),
    /// A civil time without zone, read with the offset assumed.
    Unzoned,
    /// A civil time with its own offset from UTC in seconds.
    Offset(i32),
}

/// Watches that all times are measured from the same.
#[derive(Debug, Default)]
pub(crate) struct Bases {
    first: Option<Basis>,
    last: Option<Basis>,
}

impl Bases {
    /// Looks at one row's basis.
    #[inline]
    pub(crate) fn see(&mut self, basis: Basis, row: usize, findings: &mut Findings) {
        if self.last != Some(basis) {
            self.change(basis, row, findings);
        }
    }

    #[cold]
    fn change(&mut self, basis: Basis, row: usize, findings: &mut Findings) {
        let Some(first) = self.first else {
            self.first = Some(basis);
            self.last = Some(basis);
            return;
        };
        match (first, self.last.unwrap_or(first), basis) {
            (Basis::Epoch(_), Basis::Epoch(before), Basis::Epoch(now)) => {
                findings.row(Fault::UnitChange, row, || {
                    let (before, now) = (before.sign(), now.sign());
                    phrase!(
                        "time changes from {before} to {now}",
                        "시각 단위가 {before}에서 {now}(으)로 바뀝니다"
                    )
                });
            }
            (Basis::Offset(_), Basis::Offset(before), Basis::Offset(now)) => {
                findings.row(Fault::OffsetChange, row, || {
                    phrase!(
                        "offset from UTC changes from {before} s to {now} s",
                        "UTC 오프셋이 {before}초에서 {now}초로 바뀝니다"
                    )
                });
            }
            (Basis::Unzoned, _, Basis::Offset(_)) => {
                findings.row(Fault::MixedZones, row, || {
                    phrase!(
                        "time has a zone where earlier rows have none",
                        "앞의 행과 달리 시각에 시간대가 있습니다"
                    )
                });
                return;
            }
            (Basis::Offset(_), _, Basis::Unzoned) => {
                findings.row(Fault::MixedZones, row, || {
                    phrase!(
                        "time has no zone where earlier rows have one",
                        "앞의 행과 달리 시각에 시간대가 없습니다"
                    )
                });
                return;
            }
            (Basis::Epoch(_), _, _) | (_, _, Basis::Epoch(_)) => {
                findings.row(Fault::MixedZones, row, || {
                    phrase!(
                        "Unix numbers and dates are mixed",
                        "유닉스 숫자와 날짜가 섞여 있습니다"
                    )
                });
                return;
            }
            (Basis::Unzoned, _, Basis::Unzoned) | (Basis::Offset(_), _, Basis::Offset(_)) => {}
        }
        self.last = Some(basis);
    }
}
