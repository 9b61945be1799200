//! The screens: their order, digits and names.
//!
//! Start at [`Screen`].

use domain::Text;

/// A screen. Those with a digit are in the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// All runs and the chosen one at a glance.
    #[default]
    Dashboard,
    /// Settings for the next training.
    Config,
    /// Curves and events of one run.
    Run,
    /// Round trips of one run.
    Trades,
    /// The report of one run.
    Performance,
    /// All jobs of all backends.
    Jobs,
    /// Market data: sets, their quality, files to import.
    Data,
    /// What runs left: every model with its passport.
    Models,
    /// The log of one run.
    Logs,
    /// Marked runs side by side.
    Compare,
}

impl Screen {
    /// The screens of the header, in the order of Tab.
    pub const NUMBERED: [Self; 9] = [
        Self::Dashboard,
        Self::Config,
        Self::Run,
        Self::Trades,
        Self::Performance,
        Self::Jobs,
        Self::Data,
        Self::Models,
        Self::Logs,
    ];

    /// Every screen.
    pub const ALL: [Self; 10] = [
        Self::Dashboard,
        Self::Config,
        Self::Run,
        Self::Trades,
        Self::Performance,
        Self::Jobs,
        Self::Data,
        Self::Models,
        Self::Logs,
        Self::Compare,
    ];

    /// Returns the word that files know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Config => "config",
            Self::Run => "run",
            Self::Trades => "trades",
            Self::Performance => "report",
            Self::Jobs => "jobs",
            Self::Data => "data",
            Self::Models => "models",
            Self::Logs => "logs",
            Self::Compare => "compare",
        }
    }

    /// Returns the digit that goes there; `None` for one that an action opens.
    #[must_use]
    pub const fn digit(self) -> Option<char> {
        match self {
            Self::Dashboard => Some('1'),
            Self::Config => Some('2'),
            Self::Run => Some('3'),
            Self::Trades => Some('4'),
            Self::Performance => Some('5'),
            Self::Jobs => Some('7'),
            Self::Data => Some('8'),
            Self::Models => Some('9'),
            Self::Logs => Some('0'),
            Self::Compare => None,
        }
    }

    /// Returns its name where there is little room.
    #[must_use]
    pub const fn short_title(self) -> Text {
        match self {
            Self::Dashboard => Text::new("Dash", "대시보드"),
            Self::Config => Text::new("Conf", "설정"),
            Self::Trades => Text::new("Trade", "거래"),
            _ => self.title(),
        }
    }

    /// Returns its name.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::Dashboard => Text::new("Dashboard", "대시보드"),
            Self::Config => Text::new("Config", "설정"),
            Self::Run => Text::new("Run", "실행"),
            Self::Trades => Text::new("Trades", "거래"),
            Self::Performance => Text::new("Report", "보고서"),
            Self::Jobs => Text::new("Jobs", "작업"),
            Self::Data => Text::new("Data", "데이터"),
            Self::Models => Text::new("Models", "모델"),
            Self::Logs => Text::new("Logs", "로그"),
            Self::Compare => Text::new("Compare", "비교"),
        }
    }
}
