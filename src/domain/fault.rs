//! The one list of everything that can be wrong with bars: names, wording and remedy.
//!
//! Here, not where bars are checked, since whoever shows a data set's manifest words it too without
//! the machinery that reads market data. Start at [`Fault`].

use crate::lang::Text;
use serde::{Deserialize, Serialize};

/// One kind of fault, in the order in which faults are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The file has no content, or a header and no rows.
    Empty,
    /// The file is not text or Parquet that can be read.
    Unreadable,
    /// The columns needed are not there, or cannot be told apart.
    Columns,
    /// The instrument must be chosen, or is not there.
    Symbol,
    /// A column of unknown meaning; not imported.
    UnknownColumn,
    /// The file breaks off.
    Truncated,
    /// A row has too few or too many cells.
    RaggedRow,
    /// A time cannot be read.
    BadTime,
    /// A cell is empty.
    MissingCell,
    /// A cell is no number.
    NotANumber,
    /// A number is NaN or infinite.
    NotFinite,
    /// A price is zero or negative, or a volume negative.
    NotPositive,
    /// Some times carry a zone and some do not.
    MixedZones,
    /// The offset from UTC changes within the file.
    OffsetChange,
    /// The unit of numeric times changes within the file.
    UnitChange,
    /// The file runs from new to old.
    Descending,
    /// Rows out of order.
    Unordered,
    /// Rows that repeat an earlier one.
    DuplicateIdentical,
    /// Rows of one time with different values.
    DuplicateConflicting,
    /// The step between bars is not the timeframe.
    Timeframe,
    /// A bar between the timeframe's steps.
    OffGrid,
    /// High below low.
    HighBelowLow,
    /// Open or close above high or below low.
    OutsideRange,
    /// Missing bars.
    Gap,
    /// Missing bars in a gap too long to fill.
    LongGap,
    /// Bars in which nothing traded.
    ZeroVolume,
    /// A jump beyond the outlier rule.
    Outlier,
}

impl Fault {
    /// Every kind, in order.
    pub const ALL: [Self; 27] = [
        Self::Empty,
        Self::Unreadable,
        Self::Columns,
        Self::Symbol,
        Self::UnknownColumn,
        Self::Truncated,
        Self::RaggedRow,
        Self::BadTime,
        Self::MissingCell,
        Self::NotANumber,
        Self::NotFinite,
        Self::NotPositive,
        Self::MixedZones,
        Self::OffsetChange,
        Self::UnitChange,
        Self::Descending,
        Self::Unordered,
        Self::DuplicateIdentical,
        Self::DuplicateConflicting,
        Self::Timeframe,
        Self::OffGrid,
        Self::HighBelowLow,
        Self::OutsideRange,
        Self::Gap,
        Self::LongGap,
        Self::ZeroVolume,
        Self::Outlier,
    ];

    /// Returns the fault that files know by `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
    }

    /// Returns the fault's name for a person.
    #[must_use]
    pub fn title(self) -> Text {
        match self {
            Self::Empty => Text::new("no rows", "행 없음"),
            Self::Unreadable => Text::new("unreadable file", "읽을 수 없는 파일"),
            Self::Columns => Text::new("columns not recognised", "열을 알아볼 수 없음"),
            Self::Symbol => Text::new("instrument not chosen", "종목이 정해지지 않음"),
            Self::UnknownColumn => Text::new("columns not imported", "가져오지 않은 열"),
            Self::Truncated => Text::new("file breaks off", "파일이 중간에 끊김"),
            Self::RaggedRow => Text::new("wrong number of cells", "칸 수가 맞지 않음"),
            Self::BadTime => Text::new("unreadable time", "읽을 수 없는 시각"),
            Self::MissingCell => Text::new("empty cell", "빈 칸"),
            Self::NotANumber => Text::new("not a number", "숫자가 아님"),
            Self::NotFinite => Text::new("NaN or infinite", "NaN 또는 무한대"),
            Self::NotPositive => Text::new("price not positive", "0 이하의 가격"),
            Self::MixedZones => Text::new("mixed time zones", "시간대 혼용"),
            Self::OffsetChange => Text::new("UTC offset changes", "UTC 오프셋 변경"),
            Self::UnitChange => Text::new("time unit changes", "시각 단위 변경"),
            Self::Descending => Text::new("newest first", "최신 순 정렬"),
            Self::Unordered => Text::new("out of order", "순서 어긋남"),
            Self::DuplicateIdentical => Text::new("repeated row", "같은 행 반복"),
            Self::DuplicateConflicting => Text::new("conflicting rows", "값이 다른 중복 행"),
            Self::Timeframe => Text::new("timeframe mismatch", "봉 주기 불일치"),
            Self::OffGrid => Text::new("bar off the grid", "주기에서 벗어난 봉"),
            Self::HighBelowLow => Text::new("high below low", "고가가 저가보다 낮음"),
            Self::OutsideRange => Text::new("price outside high and low", "고저 범위 밖의 가격"),
            Self::Gap => Text::new("gap", "빠진 봉"),
            Self::LongGap => Text::new("gap too long to fill", "채우기에는 긴 공백"),
            Self::ZeroVolume => Text::new("zero volume", "거래량 0"),
            Self::Outlier => Text::new("outlier jump", "비정상 급변"),
        }
    }

    /// Returns what a person can do about it.
    #[must_use]
    pub fn remedy(self) -> Text {
        match self {
            Self::Empty => Text::new(
                "export the file again; it needs one row a bar",
                "파일을 다시 내보내세요. 봉마다 한 행이 있어야 합니다",
            ),
            Self::Unreadable => Text::new(
                "give a CSV (UTF-8, may be gzip) or a Parquet file",
                "CSV(UTF-8, gzip 가능) 또는 Parquet 파일을 주세요",
            ),
            Self::Columns => Text::new(
                "name the columns, e.g. --column time=Date --column close=#5 (#5 is the fifth)",
                "열을 지정하세요. 예: --column time=Date --column close=#5 (#5는 다섯째 열)",
            ),
            Self::Symbol => Text::new(
                "choose the instrument with --symbol NAME (data.symbol in the settings)",
                "--symbol 이름(설정에서는 data.symbol)으로 종목을 고르세요",
            ),
            Self::UnknownColumn => Text::new(
                "nothing to do unless one of them is a price or the volume: then name it with --column",
                "가격이나 거래량 열이 아니라면 그대로 두세요. 맞다면 --column으로 지정하세요",
            ),
            Self::Truncated => Text::new(
                "fetch the file again, or keep what is whole with the repair truncated=drop",
                "파일을 다시 받거나, 수정 방법 truncated=drop으로 온전한 부분만 쓰세요",
            ),
            Self::RaggedRow
            | Self::BadTime
            | Self::MissingCell
            | Self::NotANumber
            | Self::NotFinite
            | Self::NotPositive => Text::new(
                "correct the row, or leave such rows out with the repair bad_rows=drop",
                "행을 고치거나, 수정 방법 bad_rows=drop으로 이런 행을 빼세요",
            ),
            Self::MixedZones => Text::new(
                "write every time with its zone, or none",
                "모든 시각에 시간대를 쓰거나 모두 빼세요",
            ),
            Self::OffsetChange => Text::new(
                "nothing to do: every time carries its offset and is read as such",
                "조치 필요 없음: 각 시각의 오프셋대로 읽었습니다",
            ),
            Self::UnitChange => Text::new(
                "nothing to do if the dates are right; else give the unit, e.g. --epoch ms",
                "날짜가 맞으면 그대로 두세요. 아니면 단위를 지정하세요. 예: --epoch ms",
            ),
            Self::Descending => Text::new(
                "nothing to do: the bars are stored from old to new",
                "조치 필요 없음: 오래된 순서로 저장했습니다",
            ),
            Self::Unordered => Text::new(
                "look for files pasted together, or sort by time with the repair unordered=sort",
                "이어 붙인 파일인지 확인하거나, 수정 방법 unordered=sort로 정렬하세요",
            ),
            Self::DuplicateIdentical => Text::new(
                "keep one of them with the repair duplicates=keep_first",
                "수정 방법 duplicates=keep_first로 하나만 남기세요",
            ),
            Self::DuplicateConflicting => Text::new(
                "decide which one is right: repair duplicates=keep_first or duplicates=keep_last",
                "어느 쪽이 맞는지 정하세요: 수정 방법 duplicates=keep_first 또는 duplicates=keep_last",
            ),
            Self::Timeframe => Text::new(
                "give the bar length that the file has, e.g. --timeframe 5m (data.timeframe in the settings)",
                "파일의 봉 주기를 지정하세요. 예: --timeframe 5m (설정에서는 data.timeframe)",
            ),
            Self::OffGrid => Text::new(
                "kept as published and flagged; leave such bars out with the repair off_grid=drop",
                "그대로 두고 표시했습니다. 수정 방법 off_grid=drop으로 뺄 수 있습니다",
            ),
            Self::HighBelowLow | Self::OutsideRange => Text::new(
                "check the order of the columns; or use the repair high_low=widen or high_low=drop",
                "열 순서를 확인하세요. 또는 수정 방법 high_low=widen이나 high_low=drop을 쓰세요",
            ),
            Self::Gap => Text::new(
                "kept as gaps and flagged; fetch the missing bars, or use the repair gaps=forward_fill",
                "빠진 채로 표시해 두었습니다. 빠진 봉을 받거나 수정 방법 gaps=forward_fill을 쓰세요",
            ),
            Self::LongGap => Text::new(
                "kept as a gap; fetch the missing bars, or raise data.longest_fill",
                "채우지 않고 두었습니다. 빠진 봉을 받거나 data.longest_fill을 늘리세요",
            ),
            Self::ZeroVolume => Text::new(
                "flagged: no order can be filled in such a bar",
                "표시해 두었습니다: 이런 봉에서는 체결될 수 없습니다",
            ),
            Self::Outlier => Text::new(
                "flagged and kept as published; look at the bar before trusting results around it",
                "표시만 하고 값은 그대로 두었습니다. 결과를 믿기 전에 이 봉을 확인하세요",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_the_name_that_files_have() {
        for fault in Fault::ALL {
            let name = serde_json::to_value(fault).unwrap();
            assert_eq!(Fault::named(name.as_str().unwrap()), Some(fault));
        }
        assert_eq!(Fault::named("of a later version"), None);
    }
}
