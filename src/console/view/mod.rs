//! Draws the state. Pure: no files, no clock, no memory of the last frame.
//!
//! Start at [`view`].

pub mod candles;
mod chart;
pub mod compare;
mod curves;
mod dashboard;
mod data;
pub mod diagnosis;
pub mod drawdown;
mod finder;
mod frame;
mod health;
pub mod histogram;
mod inks;
mod job;
mod jobs;
mod latest;
mod launch;
mod layers;
mod logs;
mod marked;
pub mod models;
mod overlaid;
mod paint;
pub mod performance;
pub mod report;
mod run;
mod settings;
mod tour;
mod trades;

pub use dashboard::{verdict_of, verdict_word};
pub use data::{elsewhere_says, set_lines};
pub use job::{alarms, shell};
pub use logs::bytes;

use crate::{
    areas::Areas,
    caps::{Caps, Depth},
    dots::Form,
    mouse::Spot,
    panes::Pane,
    state::{Screen, State},
    theme::Theme,
};
use domain::Lang;
use paint::Paint;
use ratatui::{buffer::Buffer, layout::Rect};

/// Draws `state` into `area` of `buffer`; returns where the caret is while a line is typed.
pub fn view(
    state: &State,
    caps: &Caps,
    theme: &Theme,
    lang: Lang,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let mut paint = Paint {
        buffer,
        caps,
        theme,
        form: Form::on(caps.glyphs, state.charts.form),
        backlog: state.charts.backlog.as_ref(),
        lang,
        caret: None,
        spots: Vec::new(),
    };
    draw(&mut paint, state, area);
    // A dialog may be larger than the screen; its caret is then nowhere.
    paint.caret.filter(|caret| area.contains((*caret).into()))
}

/// Returns what of `state`'s screen can be clicked, the topmost last.
#[must_use]
pub fn spots(state: &State) -> Vec<(Rect, Spot)> {
    let area = Rect::new(0, 0, state.size.0, state.size.1);
    let caps = Caps {
        depth: Depth::Mono,
        glyphs: state.glyphs,
    };
    let mut paint = Paint {
        buffer: &mut Buffer::empty(area),
        caps: &caps,
        theme: &Theme::new(state.look.theme.get(), caps.depth),
        form: Form::on(caps.glyphs, state.charts.form),
        backlog: state.charts.backlog.as_ref(),
        lang: state.lang,
        caret: None,
        spots: Vec::new(),
    };
    draw(&mut paint, state, area);
    paint.spots
}

fn draw(paint: &mut Paint<'_>, state: &State, area: Rect) {
    let areas = Areas::of(area.width, area.height);
    frame::header(paint, areas.header, state);
    match state.screen {
        Screen::Dashboard => dashboard::draw(paint, state),
        Screen::Config => settings::draw(paint, areas.body, state),
        Screen::Run => run::draw(paint, areas.body, state),
        Screen::Trades => trades::draw(paint, areas.body, state),
        Screen::Performance => performance::draw(paint, areas.body, state),
        Screen::Jobs => jobs::draw(paint, areas.body, state),
        Screen::Data => data::draw(paint, areas.body, state),
        Screen::Models => models::draw(paint, areas.body, state),
        Screen::Logs => logs::draw(paint, areas.body, state),
        Screen::Compare => compare::draw(paint, areas.body, state),
    }
    if let Some(pane) = Pane::of(state.screen) {
        let border = state.look.panes.border(pane, areas.body);
        paint.spots.push((border, Spot::Border(pane)));
    }
    frame::status(paint, areas.status, state);
    frame::footer(paint, areas.footer, state);
    for layer in &state.layers {
        layers::draw(paint, area, state, layer);
    }
    if let Some(tour) = state.tour {
        tour::draw(paint, area, state, tour);
    }
}
