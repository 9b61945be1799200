//! The screen of jobs: every job of every backend, and the chosen one in full.

use super::{dashboard, job, paint::Paint};
use crate::{
    areas, cells,
    job_list::JobList,
    job_news::{Heard, Job},
    number,
    panes::Pane,
    state::State,
    words,
};
use domain::Lang;
use jobs::{Badge, End, Phase};
use ratatui::{layout::Rect, style::Style};
use std::time::Duration;

/// An answer younger than this is as good as new.
const FRESH: Duration = Duration::from_secs(10);

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let (upper, lower) = state.look.panes.divide(Pane::Jobs, body);
    list(paint, upper, state);
    if !lower.is_empty() {
        job::draw(paint, lower, state);
    }
}

/// Columns of the list: at `x`, so wide; zero where there is no room.
#[derive(Clone, Copy)]
struct Columns {
    title: (u16, u16),
    state: (u16, u16),
    id: (u16, u16),
    place: (u16, u16),
    node: (u16, u16),
    progress: (u16, u16),
    time: (u16, u16),
    gpus: (u16, u16),
    remark: (u16, u16),
}

impl Columns {
    /// Gives the title what the others leave; words of a state differ in length by language.
    fn of(width: u16, lang: Lang) -> Self {
        let state = match lang {
            Lang::En => 14,
            Lang::Ko => 11,
        };
        let (id, node, gpus) = match width {
            0..100 => (0, 0, 0),
            _ => (10, 9, 4),
        };
        let (progress, time) = (11, 13);
        let (place, remark) = match width {
            0..100 => (14, 7),
            _ => (16, 12),
        };
        let gaps = 6 + 3 * u16::from(id > 0);
        let fixed = 1 + state + id + place + node + progress + time + gpus + remark + gaps;
        let title = width.saturating_sub(fixed).clamp(6, 48);
        let mut x = 2;
        let mut next = |width: u16| {
            let here = x;
            x += width + u16::from(width > 0);
            (here, width)
        };
        Self {
            title: next(title),
            state: next(state),
            id: next(id),
            place: next(place),
            node: next(node),
            progress: next(progress),
            time: next(time),
            gpus: next(gpus),
            remark: next(remark),
        }
    }

    fn heads(&self) -> [((u16, u16), domain::Text); 9] {
        [
            (self.title, words::RUN),
            (self.state, words::STATE),
            (self.id, words::JOB),
            (self.place, words::PLACE),
            (self.node, words::NODE),
            (self.progress, words::DONE_OR_NEXT),
            (self.time, words::TIME_OF),
            (self.gpus, words::GPUS),
            (self.remark, words::REMARK),
        ]
    }
}

fn list(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let jobs = &state.jobs;
    let inner = paint.panel(area, &title(paint, jobs));
    let (ages, rest) = areas::above(inner, 1);
    ages_line(paint, ages, jobs);
    let (notices, rest) = areas::above(rest, u16::try_from(jobs.notices()).unwrap_or(0));
    for (y, says) in (0..notices.height).zip(problems(jobs)) {
        let says = cells::clean(says.get(paint.lang));
        paint.text(notices, 0, y, &format!("! {says}"), paint.theme.bad);
    }
    if jobs.count() == 0 {
        let says = match (jobs.loaded, jobs.filter.is_empty()) {
            (false, _) => words::ASKING,
            (true, true) => words::NO_JOBS,
            (true, false) => words::NO_JOB_FITS,
        };
        paint.text(rest, 2, 0, paint.say(says), paint.theme.faint);
        return;
    }
    let columns = Columns::of(area.width, paint.lang);
    let (heads, rows) = areas::above(rest, 1);
    paint.heads(heads, columns.heads());
    let (at, window) = jobs.window(usize::from(rows.height));
    for (y, (job, chosen)) in (0..rows.height).zip(jobs.rows(window.clone())) {
        row(paint, rows, y, &columns, state, job);
        if chosen {
            paint.choose(rows, y, columns.title);
        }
        paint.row_spot(rows, y, window.start + usize::from(y), at);
    }
    paint.whereabouts(area, at, &window, jobs.count());
}

fn title(paint: &Paint<'_>, jobs: &JobList) -> String {
    let counts = jobs.counts;
    let mut title = format!(
        "{} {}  {} {}  {} {}",
        paint.say(words::JOBS),
        jobs.count(),
        paint.say(words::RUNNING),
        counts.running,
        paint.say(words::WAITING),
        counts.waiting,
    );
    if counts.odd > 0 {
        title.push_str(&format!(
            "  {} {}",
            paint.say(words::TO_LOOK_AT),
            counts.odd
        ));
    }
    if !jobs.filter.is_empty() {
        let filter = cells::clean(&jobs.filter);
        title.push_str(&format!("  {}: {filter}", paint.say(words::FILTER)));
    }
    if !jobs.marked.is_empty() {
        title.push_str(&format!(
            "  {} {}",
            paint.say(words::MARKED),
            jobs.marked.len()
        ));
    }
    title
}

fn problems(jobs: &JobList) -> impl Iterator<Item = &domain::Phrase> {
    let of_sources = jobs.sources.iter().flat_map(|source| &source.problems);
    jobs.problem.iter().chain(of_sources)
}

fn ages_line(paint: &mut Paint<'_>, area: Rect, jobs: &JobList) {
    let mut x = 0;
    if let Some(waiting) = jobs.waiting {
        let says = format!("! {} {}", paint.say(words::SILENT_FOR), clock(waiting));
        x = paint.text(area, x, 0, &says, paint.theme.warn) + 2;
    }
    for source in &jobs.sources {
        let style = age_style(paint, source);
        x = paint.text(area, x, 0, &heard(paint, source), style) + 2;
    }
}

/// Says how old a backend's answer is, e.g. `klone answered 0:20 ago`.
pub fn heard(paint: &Paint<'_>, source: &Heard) -> String {
    let profile = cells::clean(&source.profile);
    match source.age {
        None => format!("{profile} {}", paint.say(words::NEVER)),
        Some(age) if age < FRESH => format!(
            "{profile} {} {}",
            paint.say(words::ANSWERED),
            paint.say(words::JUST_NOW)
        ),
        Some(age) => match paint.lang {
            Lang::En => format!(
                "{profile} {} {} {}",
                words::ANSWERED.en,
                clock(age),
                words::AGO.en
            ),
            Lang::Ko => format!(
                "{profile} {} {} {}",
                clock(age),
                words::AGO.ko,
                words::ANSWERED.ko
            ),
        },
    }
}

/// Formats a waiting time as `0:20` or `1:02:30`.
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3_600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

fn row(paint: &mut Paint<'_>, area: Rect, y: u16, columns: &Columns, state: &State, job: &Job) {
    let (row, view, text) = (&job.row, &job.row.view, paint.theme.text);
    if !state.jobs.marked.is_empty() && state.jobs.marked.contains(&job.name()) {
        paint.text(area, 1, y, "*", paint.theme.key);
    }
    paint.column(area, columns.title, y, &cells::clean(&row.title), text);
    let (label, style) = state_of(paint, job);
    paint.column(area, columns.state, y, label, style);
    paint.column(area, columns.id, y, &cells::clean(view.id.as_str()), text);
    paint.column(area, columns.place, y, &place(job), text);
    let node = view.node.as_deref().unwrap_or(number::NONE);
    paint.column(area, columns.node, y, &cells::clean(node), text);
    paint.column(area, columns.progress, y, &progress(paint, job), text);
    paint.column(area, columns.time, y, &time(job), text);
    let gpus = match view.gpus {
        0 => number::NONE.to_owned(),
        gpus => gpus.to_string(),
    };
    paint.column(area, columns.gpus, y, &gpus, text);
    let style = match job.is_odd() {
        true => paint.theme.bad,
        false => paint.theme.faint,
    };
    let room = usize::from(columns.remark.1);
    paint.column(area, columns.remark, y, &remark(job, room), style);
}

/// Returns the state in words with its colour: the run's word where it has the last word.
pub fn state_of(paint: &Paint<'_>, job: &Job) -> (&'static str, Style) {
    let (phase, theme) = (job.row.view.phase, paint.theme);
    if let Some(run) = job.row.state {
        let settled = matches!(run, runs::State::Done | runs::State::Failed);
        let paused = phase == Phase::Running && run == runs::State::Paused;
        if (phase.is_over() && settled) || paused {
            return (paint.say(run.label()), dashboard::state_style(paint, run));
        }
    }
    let style = match phase {
        Phase::Running | Phase::Starting | Phase::Stopping => theme.title,
        Phase::Queued => theme.text,
        Phase::Requeued { .. } => theme.warn,
        Phase::Ended {
            end: End::Completed | End::Cancelled,
        } => theme.text,
        Phase::Ended {
            end: End::Interrupted,
        } => theme.warn,
        Phase::Ended { .. } | Phase::Lost => theme.bad,
    };
    (paint.say(phase.label()), style)
}

/// Names where a job was sent; the local pool has no queues.
pub fn place(job: &Job) -> String {
    let (profile, queue) = (&job.row.profile, &job.row.view.queue);
    match queue.is_empty() || queue == profile {
        true => cells::clean(profile),
        false => cells::clean(&format!("{profile}/{queue}")),
    }
}

/// Returns progress and time left, or when the job may start.
fn progress(paint: &Paint<'_>, job: &Job) -> String {
    let waits = !job.row.view.phase.is_live() && !job.row.view.phase.is_over();
    if waits {
        return match (job.row.view.position, job.starts_in) {
            (Some(position), _) => format!("#{position}"),
            (None, Some(soon)) => in_time(paint, soon),
            (None, None) => number::NONE.to_owned(),
        };
    }
    let share = job.row.progress;
    let share = share.map_or(number::NONE.to_owned(), |share| {
        format!("{:.0}%", share * 100.0)
    });
    let left = job.row.eta_seconds.filter(|_| job.row.view.phase.is_live());
    match left {
        Some(left) => format!("{share} {}", number::duration(left)),
        None => share,
    }
}

/// Says `in 5m00s`.
pub fn in_time(paint: &Paint<'_>, soon: Duration) -> String {
    let soon = number::duration(soon.as_secs_f64());
    match paint.lang {
        Lang::En => format!("{} {soon}", words::IN_TIME.en),
        Lang::Ko => format!("{soon} {}", words::IN_TIME.ko),
    }
}

fn time(job: &Job) -> String {
    let view = &job.row.view;
    if view.elapsed.is_zero() && !view.phase.is_live() {
        return match view.limit {
            Some(limit) => format!("/{}", number::duration(limit.as_secs_f64())),
            None => number::NONE.to_owned(),
        };
    }
    let elapsed = number::duration(view.elapsed.as_secs_f64());
    match view.limit {
        Some(limit) => format!("{elapsed}/{}", number::duration(limit.as_secs_f64())),
        None => elapsed,
    }
}

/// Returns what deserves a look, the gravest first, and how often the job was started again as far
/// as there is `room`; the chosen job's pane says all of it.
fn remark(job: &Job, room: usize) -> String {
    let badges = &job.row.badges;
    let words = [
        (Badge::Died, "DIED"),
        (Badge::Stalled, "STALLED"),
        (Badge::NoStep, "NO-STEP"),
    ];
    let worst = words.iter().find(|(badge, _)| badges.contains(badge));
    let worst = worst.map_or("", |(_, word)| word);
    let both = match job.row.view.restarts {
        0 => worst.to_owned(),
        times => format!("{worst} x{times}").trim_start().to_owned(),
    };
    match both.len() > room && !worst.is_empty() {
        true => worst.to_owned(),
        false => both,
    }
}

/// Draws the line of the dashboard that sums up the jobs.
pub fn strip(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let jobs = &state.jobs;
    let heading = format!("{} ", paint.say(words::JOBS));
    let mut x = paint.text(area, 0, 0, &heading, paint.theme.title) + 1;
    if !jobs.loaded {
        paint.text(area, x, 0, paint.say(words::ASKING), paint.theme.faint);
        return;
    }
    let (counts, theme) = (jobs.counts, paint.theme);
    let odd = match counts.odd {
        0 => theme.faint,
        _ => theme.bad,
    };
    let facts = [
        (words::RUNNING, u64::from(counts.running as u32), theme.text),
        (words::WAITING, u64::from(counts.waiting as u32), theme.text),
        (words::TO_LOOK_AT, u64::from(counts.odd as u32), odd),
        (words::GPUS, u64::from(counts.gpus), theme.text),
    ];
    for (word, count, style) in facts {
        let fact = format!("{} {count}", paint.say(word));
        x = paint.text(area, x, 0, &fact, style) + 2;
    }
    if let Some(next) = counts.next {
        let next = number::duration(next.as_secs_f64());
        let next = format!("{} {next}", paint.say(words::NEXT_START));
        x = paint.text(area, x, 0, &next, theme.text) + 2;
    }
    let rest = areas::beside(area, x).1;
    if jobs.problem.is_some() {
        let says = format!("! {}", paint.say(words::NEVER));
        paint.text(rest, 0, 0, &says, theme.bad);
    } else if let Some(waiting) = jobs.waiting {
        let says = format!("! {} {}", paint.say(words::SILENT_FOR), clock(waiting));
        paint.text(rest, 0, 0, &says, theme.warn);
    } else if let Some(oldest) = oldest(jobs) {
        let style = age_style(paint, oldest);
        paint.text(rest, 0, 0, &age(paint, oldest), style);
    }
}

/// Says how old a backend's answer is in few cells, e.g. `klone 0:20 ago`.
fn age(paint: &Paint<'_>, source: &Heard) -> String {
    let age = match source.age {
        None => paint.say(words::NEVER).to_owned(),
        Some(age) if age < FRESH => paint.say(words::JUST_NOW).to_owned(),
        Some(age) => format!("{} {}", clock(age), paint.say(words::AGO)),
    };
    format!("{} {age}", cells::clean(&source.profile))
}

/// Returns the backend that was heard last of all; one that never was comes first.
fn oldest(jobs: &JobList) -> Option<&Heard> {
    let age = |source: &&Heard| source.age.unwrap_or(Duration::MAX);
    jobs.sources.iter().max_by_key(age)
}

fn age_style(paint: &Paint<'_>, source: &Heard) -> Style {
    match source.problems.is_empty() {
        true => paint.theme.faint,
        false => paint.theme.warn,
    }
}
