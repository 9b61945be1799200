//! Which rows of a long panel are wanted: those of one instrument, chosen or the only one.

use crate::{columns::some_of, fault::Fault, findings::Findings};
use domain::{Phrase, phrase};
use std::collections::BTreeSet;

/// Which rows of a long panel are wanted.
#[derive(Debug)]
pub(crate) struct Wanted {
    name: Option<String>,
    chosen: bool,
    raw: Vec<u8>,
    taken: bool,
    others: BTreeSet<String>,
}

impl Wanted {
    /// Wants the rows of `symbol`, or those of the only one there is.
    pub(crate) fn new(symbol: Option<&str>) -> Self {
        Self {
            name: symbol.map(str::to_owned),
            chosen: symbol.is_some(),
            raw: Vec::new(),
            taken: false,
            others: BTreeSet::new(),
        }
    }

    /// Returns whether the row with this symbol cell is wanted.
    #[inline]
    pub(crate) fn takes(&mut self, cell: &[u8]) -> bool {
        if self.taken && cell == self.raw {
            return true;
        }
        self.takes_new(cell)
    }

    #[cold]
    fn takes_new(&mut self, cell: &[u8]) -> bool {
        let text = String::from_utf8_lossy(cell).into_owned();
        let wanted = match &self.name {
            Some(name) => same_symbol(name, &text),
            None => true,
        };
        if wanted {
            self.raw = cell.to_vec();
            self.taken = true;
            if !self.chosen && self.name.is_none() {
                self.name = Some(text);
            }
        } else if self.others.len() < 1_000 {
            self.others.insert(text);
        }
        wanted
    }

    /// Notes a choice that is missing or matches nothing.
    pub(crate) fn conclude(&self, findings: &mut Findings) {
        let Some(name) = &self.name else { return };
        let others = || some_of(self.others.iter().map(String::as_str));
        if self.chosen && !self.taken && !self.others.is_empty() {
            findings.file(Fault::Symbol, || {
                let Phrase { en, ko } = others();
                phrase!(
                    "`{name}` is not in this file; it has {en}",
                    "`{name}` 종목이 이 파일에 없습니다. 있는 종목: {ko}"
                )
            });
        } else if !self.chosen && !self.others.is_empty() {
            findings.file(Fault::Symbol, || {
                let count = self.others.len() + 1;
                let Phrase { en, ko } = others();
                phrase!(
                    "the file has {count} instruments: {name}, {en}",
                    "종목 {count}개가 든 파일입니다: {name}, {ko}"
                )
            });
        }
    }

    /// Returns the instrument's name, where one was seen or given.
    pub(crate) fn into_name(self) -> Option<String> {
        self.name
    }
}

/// Compares instruments without case and punctuation: `BTC/USDT` is `BTCUSDT`.
fn same_symbol(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect()
    };
    plain(a) == plain(b)
}
