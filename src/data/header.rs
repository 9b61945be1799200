//! The names that exchanges and programs give to the columns of a candle.
//!
//! The one registry of header names: a new export is supported by a word here. Names are compared
//! without case, spaces, punctuation and leading digits ("1. open", `<OPEN>`, "Open time").

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Time of the bar; lower ranks are preferred where a file has several.
    Time(u8),
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price; lower ranks are preferred.
    Close(u8),
    /// Traded amount; lower ranks are preferred.
    Volume(u8),
    /// Instrument of the row.
    Symbol,
    /// Known, and not needed.
    Unused,
}

/// Exact names and what they mean.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Time(0),
        &[
            "opentime",
            "candledatetimeutc",
            "timeopen",
            "opentimestamp",
            "starttime",
            "candlebegintime",
        ],
    ),
    (
        Role::Time(1),
        &[
            "timestamp",
            "unix",
            "unixtime",
            "unixtimestamp",
            "ts",
            "tsms",
            "epoch",
            "time",
            "datetime",
            "gmttime",
            "timeutc",
            "timestamputc",
            "시각",
            "일시",
        ],
    ),
    (
        Role::Time(2),
        &[
            "date",
            "dateutc",
            "tradedate",
            "businessdate",
            "day",
            "month",
            "begin",
            "start",
            "t",
            "localtime",
            "index",
            "indexlevel",
            "시간",
            "날짜",
            "일자",
        ],
    ),
    (
        Role::Open,
        &[
            "open",
            "o",
            "openprice",
            "openingprice",
            "priceopen",
            "시가",
        ],
    ),
    (
        Role::High,
        &["high", "h", "max", "highprice", "pricehigh", "고가"],
    ),
    (
        Role::Low,
        &["low", "l", "min", "lowprice", "pricelow", "저가"],
    ),
    (
        Role::Close(0),
        &[
            "close",
            "c",
            "closeprice",
            "closelast",
            "priceclose",
            "tradeprice",
            "종가",
        ],
    ),
    (
        Role::Close(1),
        &["last", "lastprice", "price", "value", "현재가"],
    ),
    (
        Role::Volume(0),
        &[
            "volume",
            "vol",
            "v",
            "basevolume",
            "volumefrom",
            "volumebase",
            "candleacctradevolume",
            "거래량",
        ],
    ),
    (Role::Volume(1), &["tickvol", "tickvolume", "amount"]),
    (
        Role::Symbol,
        &[
            "symbol",
            "ticker",
            "tic",
            "pair",
            "coin",
            "asset",
            "instrument",
            "market",
            "currency",
            "code",
            "종목",
            "종목코드",
        ],
    ),
    (
        Role::Unused,
        &[
            "closetime",
            "quotevolume",
            "quoteassetvolume",
            "quoteav",
            "trades",
            "numberoftrades",
            "numtrades",
            "tradecount",
            "tradescount",
            "count",
            "vwap",
            "weightedprice",
            "ignore",
            "adjclose",
            "adjustedclose",
            "takerbuyvolume",
            "takerbuyquotevolume",
            "takerbuybaseassetvolume",
            "takerbuyquoteassetvolume",
            "takerbuybase",
            "takerbuyquote",
            "takerbasevol",
            "takerquotevol",
            "spread",
            "dividends",
            "dividend",
            "stocksplits",
            "splitcoefficient",
            "dividendamount",
            "turnover",
            "change",
            "changepct",
            "openinterest",
            "oi",
            "volumeto",
            "candledatetimekst",
            "candleacctradeprice",
            "unit",
            "prevclosingprice",
            "changeprice",
            "changerate",
            "marketcap",
            "tradecountbuy",
            "등락률",
            "변동",
            "거래대금",
        ],
    ),
];

/// Currencies in which volumes are counted as money rather than as amount.
const QUOTES: &[&str] = &[
    "usd", "usdt", "usdc", "busd", "tusd", "fdusd", "dai", "eur", "gbp", "jpy", "krw", "try",
    "currency", "quote",
];

/// Returns what a header cell names; `None` when it is not known.
pub(crate) fn role(name: &str) -> Option<Role> {
    let plain = plain(name);
    let exact = NAMES
        .iter()
        .find(|(_, names)| names.contains(&plain.as_str()))
        .map(|(role, _)| *role);
    exact.or_else(|| {
        let currency = plain.strip_prefix("volume")?;
        let money = QUOTES.contains(&currency);
        (currency.len() <= 8).then_some(if money {
            Role::Volume(3)
        } else {
            Role::Volume(1)
        })
    })
}

/// Returns a name without case, punctuation and leading digits.
pub(crate) fn plain(name: &str) -> String {
    let letters: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    letters
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Open time", Some(Role::Time(0)))]
    #[case("open_time", Some(Role::Time(0)))]
    #[case("<OPEN>", Some(Role::Open))]
    #[case("1. open", Some(Role::Open))]
    #[case("Vol.", Some(Role::Volume(0)))]
    #[case("Volume BTC", Some(Role::Volume(1)))]
    #[case("Volume USDT", Some(Role::Volume(3)))]
    #[case("Volume_(Currency)", Some(Role::Volume(3)))]
    #[case("Adj Close", Some(Role::Unused))]
    #[case("Close/Last", Some(Role::Close(0)))]
    #[case("종가", Some(Role::Close(0)))]
    #[case("__index_level_0__", Some(Role::Time(2)))]
    #[case("RSI", None)]
    fn header_names_are_known(#[case] name: &str, #[case] expected: Option<Role>) {
        assert_eq!(role(name), expected);
    }

    #[test]
    fn no_name_means_two_things() {
        let mut all: Vec<&str> = NAMES
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
