//! Which `Host` and `Origin` a request may carry.
//!
//! A page of another site can make a browser send requests here: with a name of its own that it
//! has pointed at this address (DNS rebinding, seen in `Host`), or across sites (seen in `Origin`).
//! An address in digits cannot be rebound, and neither can `localhost`. The port is not compared,
//! since a forwarded port may have another number at the browser's end. Start at [`Names::admit`].

use std::net::{IpAddr, SocketAddr};

/// The names that this server answers to.
#[derive(Clone, Debug)]
pub struct Names {
    /// Whether others than this machine can reach it.
    exposed: bool,
    own: Vec<String>,
}

impl Names {
    /// Returns the names of a server bound to `bind` on the machine called `machine`.
    #[must_use]
    pub fn of(bind: SocketAddr, machine: &str) -> Self {
        Self {
            exposed: !bind.ip().is_loopback(),
            own: vec![machine.to_ascii_lowercase()],
        }
    }

    /// Returns whether a request may name this host.
    #[must_use]
    pub fn admit(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else {
            return false;
        };
        let name = name.to_ascii_lowercase();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        match address.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || self.exposed,
            Err(_) => name == "localhost" || (self.exposed && self.own.contains(&name)),
        }
    }
}

/// Returns whether a request that names `host` comes from a page of that very host and port.
#[must_use]
pub fn same_origin(origin: &str, host: &str) -> bool {
    let plain = origin.strip_prefix("http://");
    let inside_tls = || origin.strip_prefix("https://");
    plain
        .or_else(inside_tls)
        .is_some_and(|from| from.eq_ignore_ascii_case(host))
}

/// Returns the name in `host`; `None` where that is no name with an optional port.
fn without_port(host: &str) -> Option<&str> {
    let (name, rest) = match host.strip_prefix('[') {
        Some(inner) => host.split_at(inner.find(']')? + 2),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port = rest.strip_prefix(':');
    let numbered = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let fits = rest.is_empty() || port.is_some_and(numbered);
    (fits && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("127.0.0.1:8000", true, true)]
    #[case("127.0.0.1", true, true)]
    #[case("localhost:1", true, true)]
    #[case("LOCALHOST", true, true)]
    #[case("[::1]:8000", true, true)]
    #[case("rebound.example", false, false)]
    #[case("rebound.example:8000", false, false)]
    #[case("localhost.rebound.example", false, false)]
    #[case("127.0.0.1.rebound.example", false, false)]
    #[case("10.0.0.5:8000", false, true)]
    #[case("node7:8000", false, true)]
    #[case("node7.rebound.example", false, false)]
    #[case("", false, false)]
    #[case(":80", false, false)]
    #[case("localhost:", false, false)]
    #[case("localhost:80@rebound.example", false, false)]
    #[case("[::1", false, false)]
    #[case("[::1]x", false, false)]
    fn only_names_that_cannot_be_rebound_are_admitted(
        #[case] host: &str,
        #[case] at_loopback: bool,
        #[case] exposed: bool,
    ) {
        let names = |bind: &str| Names::of(bind.parse().unwrap(), "node7");
        assert_eq!(names("127.0.0.1:8000").admit(host), at_loopback);
        assert_eq!(names("0.0.0.0:8000").admit(host), exposed);
    }

    #[rstest]
    #[case("http://localhost:8000", "localhost:8000", true)]
    #[case("https://localhost:8000", "localhost:8000", true)]
    #[case("http://localhost:8001", "localhost:8000", false)]
    #[case("http://rebound.example", "localhost:8000", false)]
    #[case("null", "localhost:8000", false)]
    #[case("localhost:8000", "localhost:8000", false)]
    #[case("http://localhost:8000.rebound.example", "localhost:8000", false)]
    fn only_its_own_page_is_of_the_same_origin(
        #[case] origin: &str,
        #[case] host: &str,
        #[case] same: bool,
    ) {
        assert_eq!(same_origin(origin, host), same);
    }
}
