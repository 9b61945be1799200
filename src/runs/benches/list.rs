//! How long the list of a thousand runs takes: `cargo bench -p runs --bench list`.
//!
//! Half of the runs are done, a quarter crashed, a quarter queued. Their directories are copies
//! of three real ones, since creating a thousand with every fsync would take minutes.

use domain::{Clock, Phrase, StreamRng, SystemClock};
use runs::{
    Home, Kind, NewRun, Outcome, Roster, RunDir, RunId, Segment, State, Success, layout::Layout,
};
use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::Path,
};

const RUNS: usize = 1_000;

fn main() -> io::Result<()> {
    let place = tempfile::tempdir()?;
    let (clock, mut rng) = (SystemClock::new(), StreamRng::seeded(1));
    let models = Home::at(place.path().join("models"));
    let home = Home::at(place.path().join("runs"));
    let mut settings = String::from("[train]\n");
    for key in 0..200 {
        writeln!(settings, "key_{key} = {key} # built-in default").map_err(io::Error::other)?;
    }
    let new = NewRun {
        name: "model",
        kind: Kind::Train,
        parent: None,
        settings: &settings,
        version: "0.1.0",
    };
    let mut create = || RunDir::create(&models, &new, &clock, &mut rng).map_err(io::Error::other);
    let (done, interrupted, queued) = (create()?, create()?, create()?);
    let begin = |run| Segment::begin(run, None, &clock).map_err(io::Error::other);
    let outcome = Outcome::Done(Success::default());
    begin(&done)?
        .finish(&outcome, &clock)
        .map_err(io::Error::other)?;
    let reason = Phrase::new("SIGTERM", "SIGTERM");
    begin(&interrupted)?
        .suspend(State::Interrupted, reason, &clock)
        .map_err(io::Error::other)?;
    let mut rng = StreamRng::seeded(2);
    for n in 0..RUNS {
        let model = [&done, &done, &interrupted, &queued][n % 4];
        let id = RunId::new(&format!("run {n}"), clock.now(), &mut rng);
        copy(model.path(), Layout::new(home.run(&id)).root())?;
    }
    let mut roster = Roster::new(home);
    for look in ["first", "second", "third"] {
        let start = clock.steady();
        let lines = roster.refresh(&clock).map_err(io::Error::other)?;
        let took = clock.steady() - start;
        writeln!(
            io::stderr(),
            "{look} look at {} runs: {:.1} ms",
            lines.len(),
            took.as_secs_f64() * 1e3
        )?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
