//! Going to what needs a person.

use super::{judging, reasons};
use crate::{
    action::{self, Act, Action, Risk},
    alerts::{Alert, Goal, alerts},
    chord::Chord,
    cursor::Cursor,
    layer::{Layer, Pick, PickFor, PickItem},
    message::Effect,
    press,
    state::{Screen, State},
};
use domain::{Phrase, Text};

/// The actions.
pub const ACTIONS: &[Action] = &[Action {
    id: "alert.go",
    title: Text::new("What needs you", "확인할 일"),
    help: Text::new(
        "List what needs you, each with what to do; Enter or its digit goes there.",
        "확인할 일을 할 일과 함께 보여 줍니다. Enter나 숫자로 그곳으로 갑니다.",
    ),
    keys: &[Chord::f(3), Chord::char('n')],
    on: &[Screen::Dashboard],
    risk: Risk::R0,
    rank: 3,
    enabled: reasons::has_alerts,
    act: Act::Now(|state| {
        let found = alerts(state);
        let items = (1..).zip(&found).map(|(number, alert)| PickItem {
            value: number.to_string(),
            label: Phrase::new(
                format!("{number}  {}", alert.says.en),
                format!("{number}  {}", alert.says.ko),
            ),
            help: alert.helps.clone(),
        });
        state.layers.push(Layer::Pick(Pick {
            title: Phrase::new("What needs you", "확인할 일"),
            items: items.collect(),
            cursor: Cursor::default(),
            purpose: PickFor::Alert(found),
        }));
        Vec::new()
    }),
}];

/// Goes to where something is done about `alert`.
pub fn attend(state: &mut State, alert: Alert) -> Vec<Effect> {
    state.attended.extend(alert.once);
    match alert.goal {
        Goal::Run(run, screen) => {
            choose(state, run);
            state.go(screen);
        }
        Goal::Health(run) => {
            choose(state, run);
            state.go(Screen::Run);
            // Its data are those that the finding was made of.
            if state.data().is_some() {
                return judging::open_health(state);
            }
        }
        Goal::Job(name) => {
            let page = state.job_page();
            state.jobs.filter_by(String::new(), page);
            state.go(Screen::Jobs);
            let page = state.job_page();
            state.jobs.choose(&name, page);
        }
        Goal::Runs => {}
        Goal::Line => {
            let reconnect = action::named(action::RECONNECT);
            return reconnect.map_or_else(Vec::new, |action| press::perform(state, action));
        }
    }
    Vec::new()
}

fn choose(state: &mut State, run: runs::RunId) {
    let page = state.run_page();
    state.runs.filter_by(String::new(), page);
    state.runs.choose(run, page);
}
