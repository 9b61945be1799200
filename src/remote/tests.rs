//! Both sides together: files that are copied, requests that are served, lines that break.

mod copying;
mod lines;
mod serving;
