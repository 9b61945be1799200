//! The columns that a filter, a sort and a table know, declared once.
//!
//! Start at [`Column`].

use domain::{Text, time::SECOND};
use runs::{Scope, Side, TradeRecord};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A fraction, which may be written as per cent.
    Fraction,
    /// A moment, UTC.
    Moment,
    /// One of a few words, each by its spellings, the usual one first; its place is its rank.
    Word(&'static [&'static [&'static str]]),
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// When the position was closed.
    ExitTime,
    /// Long or short.
    Side,
    /// Profit after fees, quote currency.
    Pnl,
    /// Profit as a fraction of the entry's notional.
    Return,
    /// Bars held.
    Bars,
    /// Price of the entry.
    Entry,
    /// Price of the exit.
    Exit,
    /// Quantity, base units.
    Quantity,
    /// Fees of both fills, quote currency.
    Fees,
    /// When the position was opened.
    EntryTime,
    /// Hours held.
    Hours,
    /// Bar of the entry, counted from the data set's first.
    EntryBar,
    /// Bar of the exit.
    ExitBar,
    /// Training step of the policy.
    Step,
    /// Window of the evaluation.
    Window,
}

const SIDES: &[&[&str]] = &[&["long", "매수"], &["short", "매도"]];

const WINDOWS: &[&[&str]] = &[
    &["train", "학습"],
    &["valid", "검증"],
    &["test", "시험"],
    &["paper", "모의"],
    &["live", "실거래"],
];

impl Column {
    /// Every column, in the order of the table.
    pub const ALL: [Self; 15] = [
        Self::ExitTime,
        Self::Side,
        Self::Pnl,
        Self::Return,
        Self::Bars,
        Self::Entry,
        Self::Exit,
        Self::Quantity,
        Self::Fees,
        Self::EntryTime,
        Self::Hours,
        Self::EntryBar,
        Self::ExitBar,
        Self::Step,
        Self::Window,
    ];

    /// Returns how a filter writes it, the usual spelling first.
    #[must_use]
    pub const fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::ExitTime => &["exit_time", "청산시각"],
            Self::Side => &["side", "방향"],
            Self::Pnl => &["pnl", "profit", "손익"],
            Self::Return => &["return", "수익률"],
            Self::Bars => &["bars", "봉"],
            Self::Entry => &["entry", "entry_price", "진입가"],
            Self::Exit => &["exit", "exit_price", "청산가"],
            Self::Quantity => &["qty", "quantity", "수량"],
            Self::Fees => &["fees", "수수료"],
            Self::EntryTime => &["entry_time", "진입시각"],
            Self::Hours => &["hours", "시간"],
            Self::EntryBar => &["entry_bar", "진입봉"],
            Self::ExitBar => &["exit_bar", "청산봉"],
            Self::Step => &["step", "스텝"],
            Self::Window => &["window", "구간"],
        }
    }

    /// Returns its usual spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.spellings()[0]
    }

    /// Returns the column's title.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::ExitTime => Text::new("exit", "청산"),
            Self::Side => Text::new("side", "방향"),
            Self::Pnl => Text::new("profit", "손익"),
            Self::Return => Text::new("return", "수익률"),
            Self::Bars => Text::new("bars", "봉"),
            Self::Entry => Text::new("entry", "진입가"),
            Self::Exit => Text::new("exit at", "청산가"),
            Self::Quantity => Text::new("quantity", "수량"),
            Self::Fees => Text::new("fees", "수수료"),
            Self::EntryTime => Text::new("entered", "진입"),
            Self::Hours => Text::new("hours", "시간"),
            Self::EntryBar => Text::new("entry bar", "진입 봉"),
            Self::ExitBar => Text::new("exit bar", "청산 봉"),
            Self::Step => Text::new("step", "스텝"),
            Self::Window => Text::new("window", "구간"),
        }
    }

    /// Returns what its figures mean.
    #[must_use]
    pub const fn help(self) -> Text {
        match self {
            Self::ExitTime => Text::new("when the position was closed", "포지션을 청산한 시각"),
            Self::Side => Text::new("long or short", "매수 또는 매도"),
            Self::Pnl => Text::new(
                "profit after fees, in the quote currency",
                "수수료를 뺀 손익(호가 통화)",
            ),
            Self::Return => Text::new(
                "profit as a share of what was put in",
                "진입 금액에 대한 손익의 비율",
            ),
            Self::Bars => Text::new("bars held", "보유한 봉 수"),
            Self::Entry => Text::new("price of the entry", "진입한 가격"),
            Self::Exit => Text::new("price of the exit", "청산한 가격"),
            Self::Quantity => Text::new("quantity in base units", "수량(기초 자산 단위)"),
            Self::Fees => Text::new(
                "fees of both fills, in the quote currency",
                "진입과 청산의 수수료 합계(호가 통화)",
            ),
            Self::EntryTime => Text::new("when the position was opened", "포지션에 진입한 시각"),
            Self::Hours => Text::new("hours held", "보유한 시간"),
            Self::EntryBar => Text::new(
                "bar of the entry, counted from the data's first",
                "진입한 봉(데이터의 첫 봉부터 센 번호)",
            ),
            Self::ExitBar => Text::new(
                "bar of the exit, counted from the data's first",
                "청산한 봉(데이터의 첫 봉부터 센 번호)",
            ),
            Self::Step => Text::new("training step of the policy", "정책의 학습 스텝"),
            Self::Window => Text::new("window of the evaluation", "평가한 구간"),
        }
    }

    /// Returns what it holds.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::ExitTime | Self::EntryTime => Kind::Moment,
            Self::Side => Kind::Word(SIDES),
            Self::Window => Kind::Word(WINDOWS),
            Self::Return => Kind::Fraction,
            _ => Kind::Number,
        }
    }

    /// Returns the column that `name` spells, whatever its case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let spelled = |column: &Self| {
            let mut spellings = column.spellings().iter();
            spellings.any(|spelling| spelling.eq_ignore_ascii_case(name))
        };
        Self::ALL.into_iter().find(spelled)
    }

    /// Returns a number that sorts as the column does; what is no number comes last of all.
    #[must_use]
    pub fn rank(self, trade: &TradeRecord) -> i64 {
        match self {
            Self::ExitTime => trade.exit_t.0,
            Self::EntryTime => trade.entry_t.0,
            Self::Side => side(trade),
            Self::Window => window(trade),
            _ => sortable(self.number(trade)),
        }
    }

    /// Returns the number in the row; words are their rank, moments are seconds.
    #[must_use]
    pub fn number(self, trade: &TradeRecord) -> f64 {
        match self {
            Self::ExitTime => trade.exit_t.seconds(),
            Self::EntryTime => trade.entry_t.seconds(),
            Self::Side => side(trade) as f64,
            Self::Window => window(trade) as f64,
            Self::Pnl => trade.pnl,
            Self::Return => trade.return_on_entry(),
            Self::Bars => trade.bars_held() as f64,
            Self::Entry => trade.entry_price,
            Self::Exit => trade.exit_price,
            Self::Quantity => trade.qty,
            Self::Fees => trade.fees,
            Self::Hours => hours(trade),
            Self::EntryBar => trade.entry_bar as f64,
            Self::ExitBar => trade.exit_bar as f64,
            Self::Step => trade.step as f64,
        }
    }
}

pub(super) fn side(trade: &TradeRecord) -> i64 {
    match trade.side {
        Side::Long => 0,
        Side::Short => 1,
    }
}

pub(super) fn window(trade: &TradeRecord) -> i64 {
    match trade.scope {
        Scope::Train => 0,
        Scope::Valid => 1,
        Scope::Test => 2,
        Scope::Paper => 3,
        Scope::Live => 4,
    }
}

pub(super) fn hours(trade: &TradeRecord) -> f64 {
    let held = trade.exit_t.0.saturating_sub(trade.entry_t.0);
    held as f64 / (3_600 * SECOND) as f64
}

/// Maps a float to an integer of the same order; NaN lies beyond every number.
fn sortable(value: f64) -> i64 {
    // Both zeros are one value.
    let bits = (value + 0.0).to_bits().cast_signed();
    match value.is_nan() {
        true => i64::MIN,
        false => bits ^ ((bits >> 63) & i64::MAX),
    }
}
