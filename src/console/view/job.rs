//! One job in full: where it is and why, how it was sent, what its starts cost, what it uses.

use super::{jobs, paint::Paint};
use crate::{cells, job_news::Job, number, placement::Place, state::State, words};
use ::jobs::Badge;
use domain::{Lang, Text};
use ratatui::layout::Rect;
use runs::{GpuRecord, ResourceRecord};

/// Returns what deserves a look, the gravest first, in words.
#[must_use]
pub const fn alarms() -> [(Badge, Text); 3] {
    [
        (Badge::Died, words::DIED),
        (Badge::Stalled, words::STALLED),
        (Badge::NoStep, words::NO_STEP),
    ]
}

/// Draws the chosen job.
pub fn draw(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let Some(job) = state.job() else {
        paint.panel(area, paint.say(words::JOB));
        return;
    };
    let title = format!("{}  {}", job.row.view.id, job.row.title);
    let inner = paint.panel(area, &cells::clean(&title));
    let (text, faint) = (paint.theme.text, paint.theme.faint);
    let (label, style) = jobs::state_of(paint, job);
    let end = paint.text(inner, 0, 0, label, style) + 2;
    paint.text(inner, end, 0, &whereabouts(paint, job), text);
    let mut y = 1;
    if let Some(reason) = reason(paint, job) {
        y = paint.wrapped(inner, y, &reason, paint.theme.warn);
    }
    for (badge, says) in alarms() {
        if job.row.badges.contains(&badge) {
            y = paint.wrapped(inner, y, paint.say(says), paint.theme.bad);
        }
    }
    let Some(data) = state.data() else {
        let says = match state.run() {
            Some(_) => words::READING,
            None => words::RUN_NOT_HERE,
        };
        paint.text(inner, 0, y, paint.say(says), faint);
        return;
    };
    y = paint.wrapped(inner, y, &command(paint, &data.place), text);
    if let Some(problem) = &data.place.problem {
        let says = format!("! {}", cells::clean(problem.get(paint.lang)));
        y = paint.wrapped(inner, y, &says, paint.theme.bad);
    }
    if let Some(used) = &data.place.used {
        y = paint.wrapped(inner, y, &uses(paint, used), text);
    }
    if let Some(cost) = cost(paint, &data.place) {
        paint.wrapped(inner, y, &cost, faint);
    }
}

fn whereabouts(paint: &Paint<'_>, job: &Job) -> String {
    let view = &job.row.view;
    let mut words_of = vec![jobs::place(job)];
    if let Some(node) = &view.node {
        words_of.push(cells::clean(&format!("@ {node}")));
    }
    if let Some(position) = view.position {
        words_of.push(format!("{} {position}", paint.say(words::NUMBER_IN_LINE)));
    }
    if let Some(soon) = job.starts_in {
        words_of.push(jobs::in_time(paint, soon));
    }
    if view.cpus > 0 {
        words_of.push(format!("{} {}", paint.say(words::CPU), view.cpus));
    }
    if view.gpus > 0 {
        words_of.push(format!("{} {}", paint.say(words::GPUS), view.gpus));
    }
    if view.restarts > 0 {
        words_of.push(match paint.lang {
            Lang::En => format!(
                "{} {} {}",
                words::STARTED_AGAIN.en,
                view.restarts,
                words::TIMES.en
            ),
            Lang::Ko => format!("{} {}회", words::STARTED_AGAIN.ko, view.restarts),
        });
    }
    words_of.join("  ")
}

/// Says why the job is where it is, in plain words, with the scheduler's own beside them.
fn reason(paint: &Paint<'_>, job: &Job) -> Option<String> {
    let view = &job.row.view;
    let plain = view.reason.as_ref().map(|says| says.get(paint.lang));
    let raw = view.raw_reason.as_deref().filter(|raw| !raw.is_empty());
    let says = match (plain, raw) {
        (Some(plain), Some(raw)) => format!("{plain} ({raw})"),
        (Some(says), None) | (None, Some(says)) => says.to_owned(),
        (None, None) => return None,
    };
    Some(cells::clean(&says))
}

fn command(paint: &Paint<'_>, place: &Place) -> String {
    let Some(record) = &place.record else {
        return paint.say(words::NOT_SENT).to_owned();
    };
    let command = shell(&record.command);
    format!("{}: {}", paint.say(words::COMMAND), cells::clean(&command))
}

/// Joins words as a shell would read them.
pub fn shell(words: &[String]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-+=/:,@%^".contains(c);
    let quoted = |word: &String| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Says everything that the worker uses.
pub fn uses(paint: &Paint<'_>, used: &ResourceRecord) -> String {
    uses_within(paint, used, usize::MAX)
}

/// Says what the worker uses, the most telling first, as much as `room` cells hold.
pub fn uses_within(paint: &Paint<'_>, used: &ResourceRecord, room: usize) -> String {
    let named = |name: Text, figure: Option<String>| {
        figure.map(|figure| format!("{} {figure}", paint.say(name)))
    };
    let share = |share: f64| format!("{share:.0}%");
    let first = [
        named(words::CPU, used.cpu_percent.map(share)),
        named(words::MEMORY, used.rss_mib.map(gib)),
    ];
    let last = [
        named(words::LOAD, used.load.map(|load| format!("{load:.1}"))),
        named(words::FREE, used.available_mib.map(gib)),
        named(words::DISK, used.free_mib.map(gib)),
        named(words::THREADS, used.threads.map(|count| count.to_string())),
    ];
    let gpus = used.gpus.iter().map(|one| Some(gpu(one)));
    let mut says = format!("{}:", paint.say(words::USES));
    for part in first.into_iter().chain(gpus).chain(last).flatten() {
        if cells::width(&says) + 2 + cells::width(&part) <= room {
            says.push_str("  ");
            says.push_str(&part);
        }
    }
    says
}

fn gpu(gpu: &GpuRecord) -> String {
    let memory = match (gpu.memory_used_mib, gpu.memory_total_mib) {
        (Some(used), Some(total)) => Some(format!("{:.1}/{}", used / 1024.0, gib(total))),
        (Some(used), None) => Some(gib(used)),
        _ => None,
    };
    let figures = [
        gpu.utilisation_percent.map(|share| format!("{share:.0}%")),
        memory,
        gpu.power_watts.map(|power| format!("{power:.0} W")),
        gpu.celsius.map(|heat| format!("{heat:.0} C")),
    ];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    let name = cells::clean(&gpu.name);
    format!("| {name} {}", figures.join(" "))
        .trim_end()
        .to_owned()
}

fn gib(mib: f64) -> String {
    match mib {
        small if small < 1024.0 => format!("{small:.0} MiB"),
        small if small < 102_400.0 => format!("{:.1} GiB", small / 1024.0),
        large => format!("{:.0} GiB", large / 1024.0),
    }
}

/// Says what the starts of the run cost together; nothing before the first.
fn cost(paint: &Paint<'_>, place: &Place) -> Option<String> {
    let account = &place.account;
    (account.segments > 0).then(|| {
        let mut says = format!("{} {}", paint.say(words::STARTS), account.segments);
        let times = [
            (words::RUN_TIME, account.wall_seconds),
            (words::GPU_TIME, account.gpu_seconds),
            (words::LOST_WORK, account.lost_seconds),
        ];
        for (name, seconds) in times.into_iter().filter(|(_, seconds)| *seconds >= 1.0) {
            let time = number::duration(seconds);
            says.push_str(&format!("  {} {time}", paint.say(name)));
        }
        if account.lost_seconds >= 1.0 {
            says.push_str(&format!(" ({})", number::percent(account.lost_share)));
        }
        says
    })
}
