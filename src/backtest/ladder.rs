//! The rungs' answers and their wording, English and Korean, with the figures filled in.

use crate::baseline::Baseline;
use crate::judge::{
    COST_MARGIN, Check, DEFLATED_NEEDED, Evidence, NullRun, Question, Rung, SEEDS_NEEDED,
    SIGNIFICANCE, TRADES_NEEDED, Verdict,
};
use crate::nulls::Null;
use crate::words::{Words, percent, ratio};

/// Answers every question, in the order in which a sceptic asks.
pub(crate) fn rungs(evidence: &Evidence) -> Vec<Rung> {
    [
        no_leak(evidence),
        beats_flat(evidence),
        sharpe_interval(evidence),
        beats_buy_and_hold(evidence),
        beats_rules(evidence),
        worst_seed(evidence),
        cost_margin(evidence),
        delayed(evidence),
        flipped(evidence),
        shuffled(evidence),
        enough_trades(evidence),
        deflated(evidence),
    ]
    .into_iter()
    .map(|(question, check, finding)| Rung {
        question,
        title: title(question),
        check,
        finding,
        required: question.is_required(),
    })
    .collect()
}

/// Says the verdict in one sentence with its figures and, below an edge, the first reason.
pub(crate) fn headline(verdict: Verdict, evidence: &Evidence, rungs: &[Rung]) -> Words {
    let performance = &evidence.metrics.performance;
    let total = percent(performance.total_return);
    let sharpe = ratio(performance.sharpe);
    let failed = |check| {
        rungs
            .iter()
            .find(|rung| rung.required && rung.check == check)
    };
    let reason = failed(Check::Failed).or_else(|| failed(Check::NotRun));
    let (why_en, why_ko) = reason.map_or(("", ""), |rung| {
        (rung.finding.en.as_str(), rung.finding.ko.as_str())
    });
    match verdict {
        Verdict::Edge => Words::new(
            format!(
                "Edge: {total} after costs, Sharpe {sharpe}, on data that the agent never saw; every required check passed."
            ),
            format!(
                "우위 있음: 에이전트가 본 적 없는 데이터에서 비용 차감 후 {total}, 샤프 {sharpe}. 필수 검사를 모두 통과했습니다."
            ),
        ),
        Verdict::Weak => Words::new(
            format!(
                "Weak evidence: {total} after costs, Sharpe {sharpe}, but not enough to speak of an edge. {why_en}"
            ),
            format!(
                "약한 증거: 비용 차감 후 {total}, 샤프 {sharpe}이지만 우위라고 하기에는 부족합니다. {why_ko}"
            ),
        ),
        Verdict::NoEdge if evidence.metrics.activity.orders_filled == 0 => Words::new(
            "No edge: the agent stayed out of the market throughout.",
            "우위 없음: 에이전트가 한 번도 거래하지 않았습니다.",
        ),
        Verdict::NoEdge => Words::new(
            format!(
                "No edge: {total} after costs, Sharpe {sharpe}; chance explains this. {why_en}"
            ),
            format!(
                "우위 없음: 비용 차감 후 {total}, 샤프 {sharpe}. 우연으로 설명됩니다. {why_ko}"
            ),
        ),
        Verdict::Invalid if rungs[0].check == Check::Failed => Words::new(
            format!("Invalid: {why_en} No figure of this run counts."),
            format!("무효: {why_ko} 이 실행의 수치는 모두 쓸 수 없습니다."),
        ),
        Verdict::Invalid => {
            let periods = performance.periods;
            Words::new(
                format!(
                    "Invalid: {periods} returns are too few to judge; test on a longer window."
                ),
                format!(
                    "무효: 수익률이 {periods}개뿐이라 판단할 수 없습니다. 더 긴 구간으로 시험하세요."
                ),
            )
        }
    }
}

/// A question, its answer, and the answer in words.
type Answer = (Question, Check, Words);

fn no_leak(evidence: &Evidence) -> Answer {
    let finding = match evidence.leak_prover {
        Check::Passed => Words::new(
            "Features and fills saw the past only (leak prover).",
            "특징과 체결이 과거 정보만 사용했습니다(누출 검사 통과).",
        ),
        Check::Failed => Words::new(
            "The leak prover found a feature or fill that sees the future.",
            "누출 검사에서 미래를 보는 특징 또는 체결이 발견되었습니다.",
        ),
        Check::NotRun => not_run("the leak prover", "누출 검사"),
    };
    (Question::NoLeak, evidence.leak_prover, finding)
}

fn beats_flat(evidence: &Evidence) -> Answer {
    let total = evidence.metrics.performance.total_return;
    let check = Check::when(total > 0.0);
    let text = percent(total);
    let finding = match check {
        Check::Passed => Words::new(
            format!("It earned {text} after costs, more than doing nothing."),
            format!("비용을 빼고 {text}로, 아무것도 하지 않은 것보다 낫습니다."),
        ),
        _ => Words::new(
            format!("It earned {text} after costs: doing nothing was as good or better."),
            format!("비용을 빼고 {text}로, 아무것도 하지 않는 것보다 낫지 않습니다."),
        ),
    };
    (Question::BeatsFlat, check, finding)
}

fn sharpe_interval(evidence: &Evidence) -> Answer {
    let question = Question::SharpeInterval;
    let Some(bootstrap) = evidence.bootstrap else {
        let finding = Words::new(
            "The Sharpe ratio has no interval: too few returns, or none but zeros.",
            "샤프 구간을 구할 수 없습니다: 수익률이 너무 적거나 모두 0입니다.",
        );
        return (question, Check::Failed, finding);
    };
    let check = Check::when(bootstrap.interval.above(0.0));
    let (sharpe, low, high) = (
        bootstrap.sharpe,
        bootstrap.interval.low,
        bootstrap.interval.high,
    );
    let confidence = bootstrap.interval.confidence * 100.0;
    let finding = match check {
        Check::Passed => Words::new(
            format!(
                "Sharpe {sharpe:.2}; its {confidence:.0} % interval {low:.2} to {high:.2} lies above zero."
            ),
            format!(
                "샤프 {sharpe:.2}; {confidence:.0} % 구간 {low:.2}~{high:.2}가 0보다 위에 있습니다."
            ),
        ),
        _ => Words::new(
            format!(
                "Sharpe {sharpe:.2}; its {confidence:.0} % interval {low:.2} to {high:.2} includes zero."
            ),
            format!(
                "샤프 {sharpe:.2}; {confidence:.0} % 구간 {low:.2}~{high:.2}에 0이 들어 있습니다."
            ),
        ),
    };
    (question, check, finding)
}

fn beats_buy_and_hold(evidence: &Evidence) -> Answer {
    let question = Question::BeatsBuyAndHold;
    let mut tests = evidence.paired.iter();
    let Some(test) = tests.find(|test| test.baseline == "buy_and_hold") else {
        return (
            question,
            Check::NotRun,
            not_run("the comparison with buy and hold", "매수 후 보유와의 비교"),
        );
    };
    let check = Check::when(test.p_adjusted < SIGNIFICANCE && test.difference > 0.0);
    let (difference, p) = (test.difference, test.p_adjusted);
    let finding = match check {
        Check::Passed => Words::new(
            format!(
                "Its Sharpe ratio exceeds buy and hold's by {difference:.2} (p = {p:.3}, corrected)."
            ),
            format!("샤프가 매수 후 보유보다 {difference:.2} 높습니다(보정 p = {p:.3})."),
        ),
        _ => Words::new(
            format!(
                "It is not shown to beat buy and hold: Sharpe difference {difference:+.2}, p = {p:.3} after correction."
            ),
            format!(
                "매수 후 보유보다 낫다는 것이 보이지 않습니다: 샤프 차이 {difference:+.2}, 보정 p = {p:.3}."
            ),
        ),
    };
    (question, check, finding)
}

fn beats_rules(evidence: &Evidence) -> Answer {
    let question = Question::BeatsRules;
    if evidence.paired.is_empty() {
        return (
            question,
            Check::NotRun,
            not_run("the comparison with rules", "규칙 전략과의 비교"),
        );
    }
    let ahead: Vec<&str> = evidence
        .paired
        .iter()
        .filter(|test| test.difference <= 0.0)
        .map(|test| test.baseline.as_str())
        .collect();
    let check = Check::when(ahead.is_empty());
    let finding = if ahead.is_empty() {
        let count = evidence.paired.len();
        Words::new(
            format!("Its Sharpe ratio is above that of all {count} baselines."),
            format!("샤프가 기준 전략 {count}개 모두보다 높습니다."),
        )
    } else {
        let names: Vec<Words> = ahead.into_iter().map(Baseline::name_of).collect();
        let listed = |of: fn(&Words) -> &str| names.iter().map(of).collect::<Vec<_>>().join(", ");
        let (en, ko) = (listed(|name| &name.en), listed(|name| &name.ko));
        Words::new(
            format!("Rules without learning did as well or better: {en}."),
            format!("학습 없는 규칙이 같거나 더 나았습니다: {ko}."),
        )
    };
    (question, check, finding)
}

fn worst_seed(evidence: &Evidence) -> Answer {
    let question = Question::WorstSeed;
    let Some(seeds) = evidence.seeds else {
        return (
            question,
            Check::NotRun,
            not_run("a comparison of seeds", "시드 비교"),
        );
    };
    let (count, worst, iqm) = (seeds.seeds, percent(seeds.worst), percent(seeds.iqm));
    if count < SEEDS_NEEDED {
        let finding = Words::new(
            format!(
                "{count} seed(s) only; at least {SEEDS_NEEDED} are needed to tell skill from luck."
            ),
            format!(
                "시드가 {count}개뿐입니다. 실력과 운을 가리려면 {SEEDS_NEEDED}개 이상 필요합니다."
            ),
        );
        return (question, Check::Failed, finding);
    }
    let check = Check::when(seeds.worst > 0.0);
    let finding = match check {
        Check::Passed => Words::new(
            format!("Even the worst of {count} seeds earned {worst} (IQM {iqm})."),
            format!("시드 {count}개 중 가장 나쁜 것도 {worst}를 벌었습니다(IQM {iqm})."),
        ),
        _ => Words::new(
            format!(
                "The worst of {count} seeds earned {worst} (IQM {iqm}): the result depends on luck."
            ),
            format!(
                "시드 {count}개 중 가장 나쁜 것은 {worst}입니다(IQM {iqm}). 결과가 운에 좌우됩니다."
            ),
        ),
    };
    (question, check, finding)
}

fn cost_margin(evidence: &Evidence) -> Answer {
    let question = Question::CostMargin;
    let Some(costs) = &evidence.costs else {
        return (
            question,
            Check::NotRun,
            not_run("the cost table", "비용 표"),
        );
    };
    let (even, stated) = (costs.break_even.bps(), costs.stated_bps);
    let check = Check::when(even > 0.0 && even >= COST_MARGIN * stated);
    let finding = match check {
        Check::Passed => Words::new(
            format!(
                "The profit survives costs up to {even:.1} bps a side; {stated:.1} bps were assumed."
            ),
            format!("편도 비용이 {even:.1} bps가 될 때까지 이익이 남습니다(가정 {stated:.1} bps)."),
        ),
        _ if even <= 0.0 => Words::new(
            format!("It loses even without costs; {stated:.1} bps a side were assumed."),
            format!("비용이 없어도 손실입니다(가정 편도 {stated:.1} bps)."),
        ),
        _ => Words::new(
            format!(
                "The profit ends at {even:.1} bps a side; {stated:.1} bps were assumed, which leaves no margin."
            ),
            format!(
                "편도 비용 {even:.1} bps에서 이익이 사라집니다(가정 {stated:.1} bps). 여유가 없습니다."
            ),
        ),
    };
    (question, check, finding)
}

fn delayed(evidence: &Evidence) -> Answer {
    let question = Question::Delayed;
    let Some(run) = null_of(evidence, Null::Delayed).next() else {
        return (
            question,
            Check::NotRun,
            not_run("the delayed signal", "신호 지연 시험"),
        );
    };
    let total = run.metrics.performance.total_return;
    let text = percent(total);
    let check = Check::when(total > 0.0);
    let finding = match check {
        Check::Passed => Words::new(
            format!("One bar late it still earned {text}."),
            format!("신호가 한 봉 늦어도 {text}를 벌었습니다."),
        ),
        _ => Words::new(
            format!("One bar late it earned {text}: the result hangs on perfect timing."),
            format!("신호가 한 봉 늦으면 {text}입니다. 결과가 완벽한 시점에 달려 있습니다."),
        ),
    };
    (question, check, finding)
}

fn flipped(evidence: &Evidence) -> Answer {
    let question = Question::Flipped;
    let Some(run) = null_of(evidence, Null::Flipped).next() else {
        return (
            question,
            Check::NotRun,
            not_run("the flipped signal", "신호 반전 시험"),
        );
    };
    let other = run.metrics.performance.total_return;
    let own = evidence.metrics.performance.total_return;
    let (other_text, own_text) = (percent(other), percent(own));
    let check = Check::when(other < own);
    let finding = match check {
        Check::Passed => Words::new(
            format!("The opposite decisions earned {other_text}, less than {own_text}."),
            format!("반대로 거래하면 {other_text}로, {own_text}보다 적습니다."),
        ),
        _ => Words::new(
            format!("The opposite decisions earned {other_text}, no less than {own_text}."),
            format!("반대로 거래해도 {other_text}로, {own_text}보다 적지 않습니다."),
        ),
    };
    (question, check, finding)
}

fn shuffled(evidence: &Evidence) -> Answer {
    let question = Question::ShuffledFeatures;
    let best = null_of(evidence, Null::ShuffledFeatures)
        .map(|run| run.metrics.performance.sharpe.unwrap_or(0.0))
        .reduce(f64::max);
    let Some(best) = best else {
        return (
            question,
            Check::NotRun,
            not_run("the run with shuffled features", "특징 뒤섞기 시험"),
        );
    };
    let own = evidence.metrics.performance.sharpe.unwrap_or(0.0);
    let check = Check::when(own > best);
    let finding = match check {
        Check::Passed => Words::new(
            format!("With shuffled features the Sharpe ratio is {best:.2} instead of {own:.2}."),
            format!("특징을 뒤섞으면 샤프가 {own:.2}에서 {best:.2}로 바뀝니다."),
        ),
        _ => Words::new(
            format!(
                "Shuffled features do as well (Sharpe {best:.2} against {own:.2}): the features carry nothing."
            ),
            format!(
                "특징을 뒤섞어도 결과가 같습니다(샤프 {best:.2} 대 {own:.2}). 특징에 정보가 없습니다."
            ),
        ),
    };
    (question, check, finding)
}

fn enough_trades(evidence: &Evidence) -> Answer {
    let trades = evidence.metrics.activity.trades;
    let check = Check::when(trades >= TRADES_NEEDED);
    let finding = match check {
        Check::Passed => Words::new(
            format!("{trades} round trips are enough to average over."),
            format!("왕복 거래 {trades}번은 평균을 내기에 충분합니다."),
        ),
        _ => Words::new(
            format!("{trades} round trips are too few; {TRADES_NEEDED} are needed."),
            format!("왕복 거래가 {trades}번뿐입니다. {TRADES_NEEDED}번이 필요합니다."),
        ),
    };
    (Question::EnoughTrades, check, finding)
}

fn deflated(evidence: &Evidence) -> Answer {
    let question = Question::DeflatedSharpe;
    let Some(deflated) = evidence.deflated else {
        let finding = Words::new(
            "The Sharpe ratio cannot be deflated: its returns have no dispersion.",
            "수익률에 변동이 없어 샤프를 시행 횟수로 보정할 수 없습니다.",
        );
        return (question, Check::Failed, finding);
    };
    let (chance, trials) = (deflated.deflated * 100.0, deflated.trials);
    let check = Check::when(deflated.deflated >= DEFLATED_NEEDED);
    let needed = DEFLATED_NEEDED * 100.0;
    let finding = match check {
        Check::Passed => Words::new(
            format!("After {trials} trials the deflated Sharpe probability is {chance:.1} %."),
            format!("{trials}번의 시행을 감안한 보정 샤프 확률은 {chance:.1} %입니다."),
        ),
        _ => Words::new(
            format!(
                "After {trials} trials the deflated Sharpe probability is {chance:.1} %, below {needed:.0} %."
            ),
            format!(
                "{trials}번의 시행을 감안한 보정 샤프 확률은 {chance:.1} %로 {needed:.0} %에 못 미칩니다."
            ),
        ),
    };
    (question, check, finding)
}

fn null_of(evidence: &Evidence, null: Null) -> impl Iterator<Item = &NullRun> {
    evidence.nulls.iter().filter(move |run| run.null == null)
}

fn not_run(en: &str, ko: &str) -> Words {
    Words::new(
        format!("Not run: {en}; it counts as not passed."),
        format!("실행하지 않음: {ko}. 통과하지 못한 것으로 봅니다."),
    )
}

fn title(question: Question) -> Words {
    let (en, ko) = match question {
        Question::NoLeak => ("no look-ahead", "미래 정보 없음"),
        Question::BeatsFlat => (
            "beats doing nothing, after costs",
            "비용 후 무포지션보다 나음",
        ),
        Question::SharpeInterval => ("Sharpe interval above zero", "샤프 구간이 0보다 위"),
        Question::BeatsBuyAndHold => ("beats buy and hold", "매수 후 보유보다 나음"),
        Question::BeatsRules => ("beats simple rules", "단순 규칙보다 나음"),
        Question::WorstSeed => ("worst seed earns", "최악의 시드도 이익"),
        Question::CostMargin => ("break-even cost has margin", "손익분기 비용에 여유"),
        Question::Delayed => ("survives a delay of one bar", "한 봉 지연을 견딤"),
        Question::Flipped => ("opposite signal does worse", "반대 신호는 더 나쁨"),
        Question::ShuffledFeatures => ("shuffled features do worse", "뒤섞은 특징은 더 나쁨"),
        Question::EnoughTrades => ("enough trades", "충분한 거래 수"),
        Question::DeflatedSharpe => ("survives the number of trials", "시행 횟수를 견딤"),
    };
    Words::new(en, ko)
}
