//! `makook jobs show` and `explain`: everything about one job on a page, and one job in words.

use super::{
    backends, context::Context, failure::Failure, job_args::JobArgs, jobs as listing, output,
};
use domain::{Clock, Exit, Lang, Nanos};
use jobs::{Attempt, JobRecord, JobRow, Phase};
use runs::{
    RunDir, RunReader,
    segments::{self, Account, SegmentView},
};
use serde_json::json;

/// `makook jobs show`.
///
/// # Errors
/// No such job.
pub fn show(args: &JobArgs, context: &Context) -> Result<Exit, Failure> {
    let mut book = listing::open_book(context);
    let row = listing::row_of(&args.job, &mut book)?;
    let run = row
        .view
        .run
        .as_ref()
        .and_then(|id| context.around.home.open(id.as_str()).ok());
    let record = match &run {
        Some(run) => JobRecord::read(run.path())?,
        None => None,
    };
    let segments = run.as_ref().map(segments::history).unwrap_or_default();
    let mut account = segments::account(&segments);
    let asked = record
        .as_ref()
        .map_or_else(|| vec![row.view.id.clone()], |record| record.ids.clone());
    let (attempts, history_problem) = match book.launcher(&row.profile)?.history(&asked) {
        Ok(attempts) => (attempts, None),
        Err(error) => (Vec::new(), Some(jobs::book::said(&error))),
    };
    if let Some(held) = accelerator_seconds(&attempts, context.clock.now()) {
        // The backend may remember fewer starts than the run does.
        account.gpu_seconds = account.gpu_seconds.max(held);
    }
    let cost = backends::profile(&row.profile, &context.around)
        .ok()
        .and_then(|profile| profile.cost(account.gpu_seconds))
        .map(|cost| format!("{:.2} {}", cost.amount, cost.currency));
    let saving = run.as_ref().and_then(checkpoint_share);
    if args.json {
        output::print_json(&json!({
            "job": row, "record": record, "attempts": attempts, "segments": segments,
            "account": account, "cost": cost, "checkpoint_share": saving,
        }))?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    let mut text = head(&row, record.as_ref(), lang);
    text.push_str(&starts(&segments, lang));
    text.push_str(&sums(&account, cost.as_deref(), saving, lang));
    text.push_str(&remembered(&attempts, lang));
    if let Some(problem) = history_problem {
        text.push_str(&format!("  {}\n", problem.get(lang)));
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

/// Returns the seconds that starts held accelerators for, each counted; `None` where the backend
/// remembers no start. What was held is paid for, whether it was used or not.
fn accelerator_seconds(attempts: &[Attempt], now: Nanos) -> Option<f64> {
    let held = attempts.iter().filter_map(|attempt| {
        let nanos = attempt.ended.unwrap_or(now).0 - attempt.started?.0;
        Some(f64::from(attempt.gpus) * nanos.max(0) as f64 / 1e9)
    });
    let held: Vec<f64> = held.collect();
    (!held.is_empty()).then(|| held.iter().sum())
}

fn head(row: &JobRow, record: Option<&JobRecord>, lang: Lang) -> String {
    let view = &row.view;
    let mut text = format!(
        "{}  {}  {} ({})\n",
        view.id,
        view.phase.label().get(lang),
        row.title,
        row.profile
    );
    let mut line = |en: &str, ko: &str, value: &str| {
        let word = match lang {
            Lang::En => en,
            Lang::Ko => ko,
        };
        text.push_str(&format!("  {word}: {value}\n"));
    };
    if let Some(run) = &view.run {
        line("run", "실행", run.as_str());
    }
    if let Some(reason) = &view.reason {
        line("why", "이유", reason.get(lang));
    }
    if let Some(node) = &view.node {
        line("machine", "노드", node);
    }
    if let Some(at) = view.starts {
        match listing::waits(view.phase) {
            true => line("expected to start", "예상 시작", &output::moment(at)),
            false => line("started", "시작", &output::moment(at)),
        }
    }
    if let Some(limit) = view.limit {
        line(
            "time limit",
            "시간 제한",
            &output::duration(limit.as_secs_f64()),
        );
    }
    if view.restarts > 0 {
        line("started again", "재시작", &view.restarts.to_string());
    }
    if let Some(share) = row.progress {
        line("progress", "진행", &format!("{:.1}%", share * 100.0));
    }
    if let Some(record) = record {
        line("sent with", "보낸 명령", &record.command.join(" "));
    }
    text
}

fn starts(segments: &[SegmentView], lang: Lang) -> String {
    if segments.is_empty() {
        return String::new();
    }
    let head = match lang {
        Lang::En => [
            "start", "machine", "began", "lasted", "steps", "saved", "lost", "ended",
        ],
        Lang::Ko => [
            "시작",
            "노드",
            "시작 시각",
            "길이",
            "스텝",
            "저장",
            "손실",
            "끝",
        ],
    };
    let rows: Vec<Vec<String>> = segments
        .iter()
        .map(|one| {
            vec![
                one.number.to_string(),
                one.host.clone(),
                output::moment(one.started),
                output::duration(one.seconds()),
                format!("{} → {}", one.from_step, one.to_step),
                one.saved_step.to_string(),
                match one.lost_steps {
                    0 => "–".to_owned(),
                    steps => format!("{steps} ({})", output::duration(one.lost_seconds)),
                },
                one.state.label().get(lang).to_owned(),
            ]
        })
        .collect();
    format!("\n{}", output::table(&head, &rows))
}

/// Returns the share of its time that the training spent on checkpoints, of the seed with most.
fn checkpoint_share(run: &RunDir) -> Option<f64> {
    let mut reader = RunReader::new(run);
    reader.poll().ok()?;
    let shares = reader.tracks().filter_map(|(_, readings)| {
        let mut newest = readings.metrics.records().iter().rev();
        newest.find_map(|record| record.k.get("perf/checkpoint_share").copied())
    });
    shares.max_by(f64::total_cmp)
}

fn sums(account: &Account, cost: Option<&str>, saving: Option<f64>, lang: Lang) -> String {
    if account.segments == 0 {
        return String::new();
    }
    let wall = output::duration(account.wall_seconds);
    let gpu = account.gpu_seconds / 3_600.0;
    let lost = output::duration(account.lost_seconds);
    let share = account.lost_share * 100.0;
    let mut text = match lang {
        Lang::En => {
            format!("\n{wall} in all, {gpu:.2} GPU-hours, {lost} of work lost ({share:.1}%)")
        }
        Lang::Ko => format!("\n전체 {wall}, GPU {gpu:.2}시간, 잃은 진행분 {lost} ({share:.1}%)"),
    };
    if let Some(cost) = cost {
        text.push_str(&format!(", {cost}"));
    }
    if let Some(saving) = saving.map(|share| share * 100.0) {
        text.push_str(&match lang {
            Lang::En => {
                format!("; checkpoints took {saving:.2}% of the last start's training time")
            }
            Lang::Ko => format!("; 마지막 시작의 학습 시간 중 체크포인트 {saving:.2}%"),
        });
    }
    text.push('\n');
    text
}

fn remembered(attempts: &[Attempt], lang: Lang) -> String {
    if attempts.is_empty() {
        return String::new();
    }
    let head = match lang {
        Lang::En => [
            "scheduler's record",
            "began",
            "ended",
            "node",
            "state",
            "code",
        ],
        Lang::Ko => ["스케줄러 기록", "시작", "끝", "노드", "상태", "코드"],
    };
    let time = |at: Option<Nanos>| at.map_or_else(|| "–".to_owned(), output::moment);
    let rows: Vec<Vec<String>> = attempts
        .iter()
        .map(|one| {
            vec![
                one.id.to_string(),
                time(one.started),
                time(one.ended),
                one.node.clone().unwrap_or_else(|| "–".to_owned()),
                one.phase.label().get(lang).to_owned(),
                one.exit_code
                    .map_or_else(|| "–".to_owned(), |code| code.to_string()),
            ]
        })
        .collect();
    format!("\n{}", output::table(&head, &rows))
}

/// `makook jobs explain`.
///
/// # Errors
/// No such job.
pub fn explain(args: &JobArgs, context: &Context) -> Result<Exit, Failure> {
    let mut book = listing::open_book(context);
    let row = listing::row_of(&args.job, &mut book)?;
    let summary = row
        .view
        .run
        .as_ref()
        .and_then(|id| context.around.home.open(id.as_str()).ok())
        .map(|run| runs::roster::summary(&run, &context.clock));
    if args.json {
        output::print_json(&json!({
            "job": row.view.id, "profile": row.profile, "phase": row.view.phase.word(),
            "reason": row.view.reason, "raw_reason": row.view.raw_reason,
            "starts": row.view.starts, "position": row.view.position, "run": summary,
        }))?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    let mut text = format!("{}: {}\n", row.view.id, row.view.phase.label().get(lang));
    if let Some(reason) = &row.view.reason {
        text.push_str(&format!("  {}\n", reason.get(lang)));
    }
    if let Some(raw) = &row.view.raw_reason {
        let word = context.say("the scheduler says", "스케줄러의 말");
        text.push_str(&format!("  {word}: {raw}\n"));
    }
    if let (true, Some(at)) = (listing::waits(row.view.phase), row.view.starts) {
        let word = context.say("expected to start", "예상 시작");
        text.push_str(&format!("  {word}: {}\n", output::moment(at)));
    }
    // What the run says counts, whatever the scheduler calls it.
    if let Some(run) = summary {
        let word = context.say("the run says", "실행 기록");
        text.push_str(&format!("  {word}: {}", run.state.label().get(lang)));
        if let Some(reason) = &run.reason {
            text.push_str(&format!(", {}", reason.get(lang)));
        }
        text.push('\n');
        if row.view.phase.is_over() && run.resumable {
            let word = context.say(
                "`makook resume` continues it from its last checkpoint",
                "`makook resume`으로 마지막 체크포인트부터 이어서 할 수 있습니다",
            );
            text.push_str(&format!("  {word}\n"));
        }
    } else if row.view.phase == Phase::Lost {
        let word = context.say(
            "nobody saw it end, and its run is not here",
            "끝난 것을 본 곳이 없고, 실행도 여기에 없습니다",
        );
        text.push_str(&format!("  {word}\n"));
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::SECOND;
    use jobs::{End, JobId};

    #[test]
    fn the_time_of_checkpoints_is_no_part_of_what_was_lost() {
        let account = Account {
            segments: 2,
            wall_seconds: 3_600.0,
            gpu_seconds: 1_800.0,
            lost_seconds: 43.0,
            lost_share: 0.012,
            ..Account::default()
        };
        let said = |lang| sums(&account, Some("0.45 USD"), Some(0.005), lang);
        assert_eq!(
            said(Lang::En),
            "\n1h00m in all, 0.50 GPU-hours, 43s of work lost (1.2%), 0.45 USD; \
             checkpoints took 0.50% of the last start's training time\n"
        );
        assert_eq!(
            said(Lang::Ko),
            "\n전체 1h00m, GPU 0.50시간, 잃은 진행분 43s (1.2%), 0.45 USD; \
             마지막 시작의 학습 시간 중 체크포인트 0.50%\n"
        );
    }

    #[test]
    fn accelerators_are_counted_while_they_are_held() {
        let attempt = |began, ended: Option<i64>, gpus| Attempt {
            id: JobId::new("259"),
            started: Some(Nanos(began * SECOND)),
            ended: ended.map(|at| Nanos(at * SECOND)),
            node: None,
            phase: Phase::Ended {
                end: End::Interrupted,
            },
            exit_code: None,
            cpus: 8,
            gpus,
        };
        let held = |attempts: &[Attempt]| accelerator_seconds(attempts, Nanos(100 * SECOND));
        assert_eq!(held(&[]), None);
        let two = [attempt(0, Some(10), 2), attempt(90, None, 2)];
        assert_eq!(held(&two), Some(40.0));
        // The clock of the machine that wrote the end may be behind.
        assert_eq!(held(&[attempt(50, Some(40), 1)]), Some(0.0));
    }
}
