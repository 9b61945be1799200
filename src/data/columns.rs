//! Decides which column is which, from their names and a few sample rows.
//!
//! The same for CSV and Parquet. Start at [`resolve`].

use crate::{
    header::{Role, plain, role},
    headerless::without_header,
    number::{self, Cell},
    spec::{Columns, Decimal, Detect, ImportSpec},
    table,
};
use domain::{Lang, Phrase, Text, phrase};

/// Which columns a source's bars come from, by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnUse {
    /// Time, or date where `clock` is there.
    pub(crate) time: usize,
    /// Time of day.
    pub(crate) clock: Option<usize>,
    /// Prices.
    pub(crate) prices: Prices,
    /// Volume.
    pub(crate) volume: Option<usize>,
    /// Instrument of the row.
    pub(crate) symbol: Option<usize>,
    /// Instrument named by the column's header, in a wide panel.
    pub(crate) panel_symbol: Option<String>,
    /// Names of the columns of unknown meaning.
    pub(crate) unknown: Vec<String>,
}

/// Where the prices are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prices {
    /// Open, high, low, close.
    Candle([usize; 4]),
    /// One price a bar.
    CloseOnly(usize),
}

/// Names and samples of a source's columns.
#[derive(Debug)]
pub(crate) struct Offered<'a> {
    /// Header names; empty where there is no header.
    pub(crate) names: &'a [String],
    /// Sample rows as text.
    pub(crate) rows: &'a [Vec<String>],
    /// Decimal mark of the samples.
    pub(crate) decimal: Decimal,
}

/// Why columns could not be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// Which column is which.
    Columns(Phrase),
    /// Which instrument.
    Symbol(Phrase),
}

/// Decides which column is which.
pub(crate) fn resolve(offered: &Offered<'_>, spec: &ImportSpec) -> Result<ColumnUse, Unresolved> {
    let roles = roles(offered.names);
    let find = |wanted: fn(Role) -> Option<u8>| {
        roles
            .iter()
            .enumerate()
            .filter_map(|(at, role)| role.and_then(wanted).map(|rank| (rank, at)))
            .min()
            .map(|(_, at)| at)
    };
    let given = Given {
        columns: &spec.columns,
        offered,
    };
    if offered.names.is_empty() && given.columns == &Columns::default() {
        return without_header(offered);
    }
    let time_found = || {
        find(|role| match role {
            Role::Time(rank) => Some(rank),
            _ => None,
        })
    };
    let time = given.or("time", &spec.columns.time, time_found)?;
    let (time, clock) = match (time, given.or("clock", &spec.columns.clock, || None)?) {
        (Some(time), None) => split_clock(offered, &roles, time),
        (Some(time), clock) => (time, clock),
        (None, _) => return Err(Unresolved::Columns(no_column(&[TIME], offered))),
    };
    let exactly = |role: Role| roles.iter().position(|found| *found == Some(role));
    let open = given.or("open", &spec.columns.open, || exactly(Role::Open))?;
    let high = given.or("high", &spec.columns.high, || exactly(Role::High))?;
    let low = given.or("low", &spec.columns.low, || exactly(Role::Low))?;
    let close = given.or("close", &spec.columns.close, || {
        find(|role| match role {
            Role::Close(rank) => Some(rank),
            _ => None,
        })
    })?;
    let volume = given.or("volume", &spec.columns.volume, || {
        volume_column(offered, &roles)
    })?;
    let symbol = given.or("symbol", &spec.columns.symbol, || exactly(Role::Symbol))?;
    let mut panel_symbol = None;
    let prices = match (open, high, low, close) {
        (Some(open), Some(high), Some(low), Some(close)) => {
            Prices::Candle([open, high, low, close])
        }
        (None, None, None, close) => {
            match panel_column(offered, &roles, time, close, symbol, spec)? {
                Some(at) => {
                    panel_symbol = Some(offered.names[at].clone());
                    Prices::CloseOnly(at)
                }
                None => match close {
                    Some(close) => Prices::CloseOnly(close),
                    None => {
                        return Err(Unresolved::Columns(no_column(&table::NAMES[3..4], offered)));
                    }
                },
            }
        }
        _ => {
            let missing: Vec<Text> = table::NAMES
                .into_iter()
                .zip([open, high, low, close])
                .filter_map(|(name, at)| at.is_none().then_some(name))
                .collect();
            return Err(Unresolved::Columns(no_column(&missing, offered)));
        }
    };
    let unknown = if panel_symbol.is_some() {
        Vec::new()
    } else {
        let used = used(time, clock, prices, volume, symbol);
        offered
            .names
            .iter()
            .zip(&roles)
            .enumerate()
            .filter(|(at, (name, role))| role.is_none() && !used.contains(at) && !name.is_empty())
            .map(|(_, (name, _))| name.clone())
            .collect()
    };
    let volume = if panel_symbol.is_some() { None } else { volume };
    Ok(ColumnUse {
        time,
        clock,
        prices,
        volume,
        symbol,
        panel_symbol,
        unknown,
    })
}

/// Returns every column that is read.
fn used(
    time: usize,
    clock: Option<usize>,
    prices: Prices,
    volume: Option<usize>,
    symbol: Option<usize>,
) -> Vec<usize> {
    let mut all = vec![time];
    match prices {
        Prices::Candle(columns) => all.extend(columns),
        Prices::CloseOnly(column) => all.push(column),
    }
    all.extend(clock.into_iter().chain(volume).chain(symbol));
    all
}

/// Looks up the columns that the spec names.
struct Given<'a> {
    columns: &'a Columns,
    offered: &'a Offered<'a>,
}

impl Given<'_> {
    fn or(
        &self,
        what: &str,
        choice: &Detect<String>,
        auto: impl FnOnce() -> Option<usize>,
    ) -> Result<Option<usize>, Unresolved> {
        let Detect::Given(name) = choice else {
            return Ok(auto());
        };
        let names = self.offered.names;
        let width = self.offered.rows.first().map_or(names.len(), Vec::len);
        let by_position = name
            .strip_prefix('#')
            .and_then(|number| number.parse::<usize>().ok())
            .filter(|number| (1..=width).contains(number))
            .map(|number| number - 1);
        let at = by_position
            .or_else(|| names.iter().position(|header| header == name))
            .or_else(|| {
                names
                    .iter()
                    .position(|header| header.eq_ignore_ascii_case(name))
            });
        match at {
            Some(at) => Ok(Some(at)),
            None => {
                let Phrase { en, ko } = listed(names, width);
                Err(Unresolved::Columns(phrase!(
                    "columns.{what} = `{name}` is not in the file; it has {en}",
                    "columns.{what} = `{name}`: 파일에 없는 열입니다. 있는 열: {ko}"
                )))
            }
        }
    }
}

/// Returns the roles of all names; single letters count only where a whole candle is spelt so.
fn roles(names: &[String]) -> Vec<Option<Role>> {
    let plains: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let letters = ["o", "h", "l", "c"]
        .iter()
        .all(|letter| plains.iter().any(|name| name == letter));
    names
        .iter()
        .zip(&plains)
        .map(|(name, plain)| {
            // `T`, `C` and `V` are also tickers.
            if plain.len() == 1 && plain.is_ascii() && !letters {
                None
            } else {
                role(name)
            }
        })
        .collect()
}

/// Returns date and clock columns where the time is spread over two.
fn split_clock(
    offered: &Offered<'_>,
    roles: &[Option<Role>],
    time: usize,
) -> (usize, Option<usize>) {
    let Some(first) = offered.rows.first() else {
        return (time, None);
    };
    let is_clock = |at: usize| {
        first.get(at).is_some_and(|cell| {
            let cell = cell.trim();
            cell.contains(':')
                && cell.len() <= 15
                && !cell.contains(['-', '/'])
                && cell.find(':').is_some_and(|at| at <= 2)
        })
    };
    let date = || {
        roles
            .iter()
            .enumerate()
            .find(|(at, role)| matches!(role, Some(Role::Time(_))) && !is_clock(*at))
            .map(|(at, _)| at)
    };
    if is_clock(time) {
        return match date() {
            Some(date) => (date, Some(time)),
            None => (time, None),
        };
    }
    // Date first, a clock beside it, and no time of day in the date itself.
    let has_clock_itself = first.get(time).is_some_and(|cell| cell.contains(':'));
    let numeric = first
        .get(time)
        .is_some_and(|cell| cell.len() > 8 && cell.bytes().all(|byte| byte.is_ascii_digit()));
    if has_clock_itself || numeric {
        return (time, None);
    }
    let clock = roles
        .iter()
        .enumerate()
        .find(|(at, role)| matches!(role, Some(Role::Time(_))) && is_clock(*at))
        .map(|(at, _)| at);
    (time, clock)
}

/// Returns the volume column of the lowest rank that is not all zero in the samples.
fn volume_column(offered: &Offered<'_>, roles: &[Option<Role>]) -> Option<usize> {
    let mut ranked: Vec<(u8, usize)> = roles
        .iter()
        .enumerate()
        .filter_map(|(at, role)| match role {
            Some(Role::Volume(rank)) => Some((*rank, at)),
            _ => None,
        })
        .collect();
    ranked.sort_unstable();
    let traded = |at: usize| {
        offered.rows.iter().any(|row| {
            row.get(at).is_some_and(|cell| {
                matches!(number::read(cell.as_bytes(), offered.decimal), Cell::Number(x) if x != 0.0)
            })
        })
    };
    ranked
        .iter()
        .find(|(_, at)| traded(*at))
        .or(ranked.first())
        .map(|(_, at)| *at)
}

/// Returns the instrument's column of a wide panel: a time and one price column an instrument.
fn panel_column(
    offered: &Offered<'_>,
    roles: &[Option<Role>],
    time: usize,
    close: Option<usize>,
    symbol: Option<usize>,
    spec: &ImportSpec,
) -> Result<Option<usize>, Unresolved> {
    if symbol.is_some() || close.is_some() && !matches!(spec.columns.close, Detect::Auto) {
        return Ok(None);
    }
    let members: Vec<usize> = (0..offered.names.len())
        .filter(|at| *at != time && (roles[*at].is_none() || roles[*at] == Some(Role::Symbol)))
        .collect();
    if close.is_some() || members.is_empty() {
        return Ok(None);
    }
    let names = members.iter().map(|at| offered.names[*at].as_str());
    match &spec.symbol {
        Detect::Given(symbol) => {
            let suffixed = format!("{symbol}_close");
            let found = members.iter().copied().find(|at| {
                let name = &offered.names[*at];
                name.eq_ignore_ascii_case(symbol) || name.eq_ignore_ascii_case(&suffixed)
            });
            found.map(Some).ok_or_else(|| {
                let Phrase { en, ko } = some_of(names);
                Unresolved::Symbol(phrase!(
                    "`{symbol}` is not in this panel; it has {en}",
                    "`{symbol}` 종목이 이 파일에 없습니다. 있는 종목: {ko}"
                ))
            })
        }
        Detect::Auto if members.len() == 1 => Ok(Some(members[0])),
        Detect::Auto => {
            let (count, Phrase { en, ko }) = (members.len(), some_of(names));
            Err(Unresolved::Symbol(phrase!(
                "the file is a panel of {count} instruments: {en}",
                "종목 {count}개가 든 파일입니다: {ko}"
            )))
        }
    }
}

const TIME: Text = Text::new("time", "시각");

fn no_column(what: &[Text], offered: &Offered<'_>) -> Phrase {
    let width = offered.rows.first().map_or(0, Vec::len);
    let Phrase { en, ko } = listed(offered.names, width);
    let what = |lang| {
        let names: Vec<&str> = what.iter().map(|name| name.get(lang)).collect();
        names.join(", ")
    };
    let (what, kind) = (what(Lang::En), what(Lang::Ko));
    phrase!(
        "there is no column for {what}; the file has {en}",
        "{kind} 열이 없습니다. 파일에 있는 열: {ko}"
    )
}

fn listed(names: &[String], width: usize) -> Phrase {
    if names.is_empty() {
        phrase!(
            "no header, columns #1 to #{width}",
            "머리글 없음, #1부터 #{width}까지"
        )
    } else {
        some_of(names.iter().map(String::as_str))
    }
}

/// Lists up to twenty names.
pub(crate) fn some_of<'a>(names: impl Iterator<Item = &'a str>) -> Phrase {
    let all: Vec<&str> = names.collect();
    let text = all[..all.len().min(20)].join(", ");
    match all.len().saturating_sub(20) {
        0 => Phrase::same(text),
        more => phrase!("{text} and {more} more", "{text} 외 {more}개"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn columns(header: &str, row: &str, symbol: Option<&str>) -> Result<ColumnUse, Unresolved> {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        let rows = vec![row.split(',').map(str::to_owned).collect()];
        let mut spec = ImportSpec::default();
        if let Some(symbol) = symbol {
            spec.symbol = Detect::Given(symbol.to_owned());
        }
        resolve(
            &Offered {
                names: &names,
                rows: &rows,
                decimal: Decimal::Point,
            },
            &spec,
        )
    }

    #[rstest]
    #[case::binance("Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume", "1,1,1,1,1,1,2,1", 0, [1, 2, 3, 4], Some(5))]
    #[case::ccxt("timestamp,open,high,low,close,volume", "1,1,1,1,1,1", 0, [1, 2, 3, 4], Some(5))]
    #[case::cryptodatadownload("unix,date,symbol,open,high,low,close,Volume USD,Volume BTC", "1,2,a,1,1,1,1,9,1", 0, [3, 4, 5, 6], Some(8))]
    #[case::coinbase("time,low,high,open,close,volume", "1,1,1,1,1,1", 0, [3, 2, 1, 4], Some(5))]
    #[case::yahoo("Date,Open,High,Low,Close,Adj Close,Volume", "d,1,1,1,1,1,1", 0, [1, 2, 3, 4], Some(6))]
    #[case::yahoo_new("Date,Adj Close,Close,High,Low,Open,Volume", "d,1,1,1,1,1,1", 0, [5, 3, 4, 2], Some(6))]
    #[case::investing("Date,Price,Open,High,Low,Vol.,Change %", "d,1,1,1,1,1,1", 0, [2, 3, 4, 1], Some(5))]
    #[case::upbit("market,candle_date_time_utc,candle_date_time_kst,opening_price,high_price,low_price,trade_price,timestamp,candle_acc_trade_price,candle_acc_trade_volume,unit", "a,d,d,1,1,1,1,1,1,1,1", 1, [3, 4, 5, 6], Some(9))]
    #[case::korean("일자,시가,고가,저가,종가,거래량", "d,1,1,1,1,1", 0, [1, 2, 3, 4], Some(5))]
    #[case::mt5_without_real_volume("<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>", "d,1,1,1,1,7,0,1", 0, [1, 2, 3, 4], Some(5))]
    #[case::letters("t,o,h,l,c,v", "1,1,1,1,1,1", 0, [1, 2, 3, 4], Some(5))]
    fn exports_are_known(
        #[case] header: &str,
        #[case] row: &str,
        #[case] time: usize,
        #[case] candle: [usize; 4],
        #[case] volume: Option<usize>,
    ) {
        let found = columns(header, row, None).unwrap();
        assert_eq!(found.time, time);
        assert_eq!(found.prices, Prices::Candle(candle));
        assert_eq!(found.volume, volume);
        assert!(found.unknown.is_empty(), "{:?}", found.unknown);
    }

    #[test]
    fn date_and_clock_are_joined() {
        let found = columns(
            "Date,Time,Open,High,Low,Close",
            "2012.02.01,00:05,1,1,1,1",
            None,
        );
        let found = found.unwrap();
        assert_eq!((found.time, found.clock), (0, Some(1)));
    }

    #[rstest]
    #[case(None, Err("the file is a panel of 3 instruments: AAPL, T, V"))]
    #[case(Some("T"), Ok(2))]
    #[case(Some("v"), Ok(3))]
    #[case(Some("GE"), Err("`GE` is not in this panel; it has AAPL, T, V"))]
    fn panels_need_their_instrument(
        #[case] symbol: Option<&str>,
        #[case] expected: Result<usize, &str>,
    ) {
        match (
            columns("date,AAPL,T,V", "1990-01-02,1,2,3", symbol),
            expected,
        ) {
            (Ok(found), Ok(at)) => assert_eq!(found.prices, Prices::CloseOnly(at)),
            (Err(Unresolved::Symbol(text)), Err(message)) => assert_eq!(text.en, message),
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[rstest]
    #[case(
        "date,open,high,close",
        "there is no column for low; the file has date, open, high, close"
    )]
    #[case(
        "open,high,low,close",
        "there is no column for time; the file has open, high, low, close"
    )]
    fn missing_columns_are_named(#[case] header: &str, #[case] message: &str) {
        let found = columns(header, "1,1,1,1", None);
        let Err(Unresolved::Columns(found)) = found else {
            panic!("{found:?} names no column");
        };
        assert_eq!(found.en, message);
    }
}
