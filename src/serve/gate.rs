//! Who may come in: a token that works once, the cookie it is exchanged for, and the lock that ten
//! wrong tokens close.
//!
//! Only hashes are kept, and they are compared in constant time (`blake3::Hash` is). On a shared
//! host every other user can reach this port: the token is all that stands between. Start at
//! [`Gate::exchange`].

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Wrong tokens after which no token is taken any more.
pub const PATIENCE: u32 = 10;
/// Browsers that are known at the same time; one more makes the oldest unknown.
const BROWSERS: usize = 8;
/// Random bytes of a token and of a cookie: 192 bits.
const SECRET_BYTES: usize = 24;

/// A browser that was let in, told apart by its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Browser([u8; 32]);

/// What came of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It was the one; this cookie is worth the same from now on.
    Welcome(String),
    /// It was not; so many more may be wrong.
    Wrong {
        /// Wrong tokens left before the lock.
        left: u32,
    },
    /// No token is taken, not even the right one.
    Locked {
        /// Whether this very token closed the lock.
        now: bool,
    },
}

/// Tokens and cookies.
#[derive(Debug, Default)]
pub struct Gate {
    door: Mutex<Door>,
}

#[derive(Debug, Default)]
struct Door {
    token: Option<blake3::Hash>,
    browsers: Vec<blake3::Hash>,
    wrong: u32,
}

impl Gate {
    /// Returns a new token, which replaces the one before and opens the lock.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn fresh_token(&self) -> Result<String, getrandom::Error> {
        let token = secret()?;
        let mut door = self.door();
        door.token = Some(blake3::hash(token.as_bytes()));
        door.wrong = 0;
        Ok(token)
    }

    /// Takes `token` for a cookie, once.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn exchange(&self, token: &str) -> Result<Entry, getrandom::Error> {
        let given = blake3::hash(token.as_bytes());
        let mut door = self.door();
        if door.wrong >= PATIENCE {
            return Ok(Entry::Locked { now: false });
        }
        if door.token != Some(given) {
            door.wrong += 1;
            let left = PATIENCE - door.wrong;
            return Ok(match left {
                0 => Entry::Locked { now: true },
                left => Entry::Wrong { left },
            });
        }
        let cookie = secret()?;
        door.token = None;
        door.browsers.push(blake3::hash(cookie.as_bytes()));
        let superfluous = door.browsers.len().saturating_sub(BROWSERS);
        door.browsers.drain(..superfluous);
        Ok(Entry::Welcome(cookie))
    }

    /// Returns the browser that `cookie` was given to; `None` for any other text.
    #[must_use]
    pub fn knows(&self, cookie: &str) -> Option<Browser> {
        let given = blake3::hash(cookie.as_bytes());
        let door = self.door();
        let found = door.browsers.iter().find(|known| **known == given);
        found.map(|known| Browser(*known.as_bytes()))
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns random letters that fit a URL and a cookie.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns eight random letters that tell the cookies of two servers on one host apart.
///
/// # Errors
/// The operating system has no randomness to give.
pub fn cookie_name() -> Result<String, getrandom::Error> {
    Ok(format!("makook-{}", &secret()?[..8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_once_and_its_cookie_goes_on_opening() {
        let gate = Gate::default();
        let token = gate.fresh_token().unwrap();
        assert!(token.len() * 4 >= 128, "{token}");
        let Entry::Welcome(cookie) = gate.exchange(&token).unwrap() else {
            panic!("the right token was refused");
        };
        assert!(gate.knows(&cookie).is_some() && gate.knows(&cookie) == gate.knows(&cookie));
        assert_eq!(gate.exchange(&token).unwrap(), Entry::Wrong { left: 9 });
        for stranger in ["", &token, &cookie[1..], &cookie.to_uppercase()] {
            assert_eq!(gate.knows(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn ten_wrong_tokens_lock_out_even_the_right_one_until_there_is_a_fresh_one() {
        let gate = Gate::default();
        let token = gate.fresh_token().unwrap();
        for left in (1..PATIENCE).rev() {
            assert_eq!(gate.exchange("guess").unwrap(), Entry::Wrong { left });
        }
        assert_eq!(gate.exchange("guess").unwrap(), Entry::Locked { now: true });
        assert_eq!(gate.exchange(&token).unwrap(), Entry::Locked { now: false });
        let token = gate.fresh_token().unwrap();
        assert!(matches!(gate.exchange(&token).unwrap(), Entry::Welcome(_)));
    }

    #[test]
    fn nine_wrong_tokens_do_not_lock() {
        let gate = Gate::default();
        let token = gate.fresh_token().unwrap();
        for _ in 1..PATIENCE {
            let _ = gate.exchange("guess").unwrap();
        }
        assert!(matches!(gate.exchange(&token).unwrap(), Entry::Welcome(_)));
    }

    #[test]
    fn a_fresh_token_makes_the_one_before_worthless() {
        let gate = Gate::default();
        let before = gate.fresh_token().unwrap();
        let after = gate.fresh_token().unwrap();
        assert_ne!(before, after);
        assert_eq!(gate.exchange(&before).unwrap(), Entry::Wrong { left: 9 });
    }

    #[test]
    fn the_oldest_of_too_many_browsers_is_forgotten() {
        let gate = Gate::default();
        let cookies: Vec<String> = (0..=BROWSERS)
            .map(|_| {
                let token = gate.fresh_token().unwrap();
                match gate.exchange(&token).unwrap() {
                    Entry::Welcome(cookie) => cookie,
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        assert_eq!(gate.knows(&cookies[0]), None);
        assert!(
            cookies[1..]
                .iter()
                .all(|cookie| gate.knows(cookie).is_some())
        );
    }
}
