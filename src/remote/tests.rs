//! Both sides together: files that are copied, requests that are served, lines that break,
//! bytes that it costs.

mod copying;
mod cost;
mod lines;
mod serving;
