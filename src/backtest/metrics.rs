//! All figures of one replay together, under one set of conventions.

use crate::activity::Activity;
use crate::conventions::Conventions;
use crate::drawdown::DatedDrawdown;
use crate::performance::Performance;
use crate::replay::{Replay, close_times};
use domain::BarsView;
use serde::{Deserialize, Serialize};

/// Performance, activity and the deepest fall with its dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Figures of the returns.
    pub performance: Performance,
    /// Figures of the trading.
    pub activity: Activity,
    /// Deepest fall in calendar time (instants of bar closes).
    pub max_drawdown: Option<DatedDrawdown>,
}

impl Metrics {
    /// Measures `replay` over the `bars` that were replayed.
    #[must_use]
    pub fn of(replay: &Replay, bars: BarsView<'_>, conventions: &Conventions) -> Self {
        let performance = Performance::of_returns(&replay.returns, conventions);
        Self {
            performance,
            activity: Activity::of(replay, bars),
            max_drawdown: performance
                .max_drawdown
                .map(|fall| fall.dated(&close_times(bars))),
        }
    }
}
