//! Rows of `[data]`: which candles a run reads.

use crate::{
    declare::{Shape, choice, section, unit},
    key::{Repeats, Scalar, TextRule},
};

choice! {
    /// A repair of what the data check found; every changed bar is counted in the manifest.
    Repair {
        DuplicatesKeepFirst "duplicates=keep_first":
            "Of several rows of one time keep the first." / "같은 시각의 행이 여럿이면 첫 행을 남깁니다.",
        DuplicatesKeepLast "duplicates=keep_last":
            "Of several rows of one time keep the last." / "같은 시각의 행이 여럿이면 마지막 행을 남깁니다.",
        UnorderedSort "unordered=sort":
            "Sort rows whose time goes back." / "시간이 거꾸로 가는 행을 정렬합니다.",
        GapsForwardFill "gaps=forward_fill":
            "Fill missing bars with the last close at zero volume, marked as synthetic."
            / "빠진 봉을 직전 종가와 거래량 0으로 채우고 합성 봉으로 표시합니다.",
        GapsFail "gaps=fail":
            "Stop at missing bars instead of marking the bar after them." / "빠진 봉을 표시만 하지 않고 멈춥니다.",
        BadRowsDrop "bad_rows=drop":
            "Leave out rows that cannot be read." / "읽을 수 없는 행을 뺍니다.",
        HighLowWiden "high_low=widen":
            "Widen high and low until they enclose open and close." / "시가와 종가를 포함하도록 고가와 저가를 넓힙니다.",
        HighLowDrop "high_low=drop":
            "Leave out bars whose high and low do not enclose open and close." / "고가와 저가가 시가와 종가를 포함하지 않는 봉을 뺍니다.",
        OffGridDrop "off_grid=drop":
            "Leave out bars between the timeframe's steps." / "봉 길이에 맞지 않는 시각의 봉을 뺍니다.",
        TruncatedDrop "truncated=drop":
            "Leave out a last line that breaks off." / "중간에 끊긴 마지막 줄을 뺍니다.",
    }
}

impl Repair {
    /// Returns the fault that it mends, the part before `=`.
    #[must_use]
    pub fn fault(self) -> &'static str {
        self.name().split_once('=').map_or("", |(fault, _)| fault)
    }
}

section! {
    /// Which candles a run reads.
    Data "data": "Market data" / "시장 데이터" {
        set: String = "btcusdt-1h".to_owned() => Shape::text(TextRule::Slug), {
            label: "Data set" / "데이터 세트",
            help: "Name of the imported data set, as `makook data list` shows it."
                / "가져온 데이터 세트의 이름입니다. `makook data list`에서 볼 수 있습니다.",
        }
        source: String = "data/sample/binance_spot_BTCUSDT_1h_2017-08_2024-01.parquet".to_owned()
            => Shape::text(TextRule::Free), {
            label: "Source file" / "원본 파일",
            help: "CSV or Parquet file that is imported when the data set does not exist yet; empty if it must exist already."
                / "데이터 세트가 아직 없을 때 가져올 CSV 또는 Parquet 파일입니다. 이미 있어야 한다면 비워 둡니다.",
        }
        store: String = "data".to_owned() => Shape::text(TextRule::Filled), {
            label: "Data store" / "데이터 저장소",
            help: "Folder whose store/ holds the imported data sets and whose cache/ the computed feature matrices."
                / "가져온 데이터 세트(store/)와 계산된 특징 행렬(cache/)을 두는 폴더입니다.",
        }
        symbol: String = "BTCUSDT".to_owned() => Shape::text(TextRule::Filled), {
            label: "Instrument" / "종목",
            help: "Instrument to trade; of a file with several, the one that is read."
                / "거래할 종목입니다. 파일에 여러 종목이 있으면 이 종목만 읽습니다.",
        }
        timeframe: String = "1h".to_owned() => Shape::text(TextRule::Timeframe), {
            label: "Bar length" / "봉 길이",
            help: "Length of one bar, such as 1m, 15m, 1h, 4h or 1d. The file must agree."
                / "봉 하나의 길이입니다(1m, 15m, 1h, 4h, 1d 등). 파일과 일치해야 합니다.",
        }
        start: String = String::new() => Shape::text(TextRule::Date), {
            label: "First day" / "시작일",
            help: "First day that is used, UTC, e.g. 2019-01-01; empty for all there is."
                / "사용할 첫날(UTC, 예: 2019-01-01)입니다. 비워 두면 처음부터 씁니다.",
        }
        end: String = String::new() => Shape::text(TextRule::Date), {
            label: "End day" / "종료일",
            help: "First day that is no longer used, UTC; empty for all there is."
                / "더 이상 사용하지 않는 첫날(UTC)입니다. 비워 두면 끝까지 씁니다.",
        }
        repair: Vec<Repair> = Vec::new()
            => Shape::list(Scalar::Choice(Repair::CHOICES), 0, Repeats::Refused), {
            label: "Repairs" / "복구 방침",
            help: "Which faults found on import are mended and how; whatever is not named stops the import, gaps are only marked."
                / "가져올 때 발견된 문제 가운데 무엇을 어떻게 고칠지 정합니다. 적지 않은 문제는 가져오기를 멈추고, 빈 구간은 표시만 합니다.",
        }
        longest_fill: u64 = 60
            => Shape::int().at_least(1.0).at_most(1_000_000.0).step(10.0).typical(1.0, 100.0).unit(unit::BARS), {
            label: "Longest fill" / "최대 채움 길이",
            help: "Longest gap that gaps=forward_fill fills; longer ones stay missing." / "gaps=forward_fill이 채우는 가장 긴 빈 구간입니다. 더 길면 그대로 둡니다.",
            raising: "More bars that nobody traded." / "실제로 거래되지 않은 봉이 늘어납니다.",
            lowering: "More gaps stay." / "빈 구간이 더 남습니다.",
        }
    }
}
