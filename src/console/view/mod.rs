//! Draws the state. Pure: no files, no clock, no memory of the last frame.
//!
//! Start at [`view`].

pub mod candles;
mod chart;
pub mod compare;
mod curves;
mod dashboard;
pub mod drawdown;
mod finder;
mod frame;
pub mod health;
pub mod histogram;
mod job;
mod jobs;
mod launch;
mod layers;
mod logs;
mod overlaid;
mod paint;
pub mod performance;
pub mod report;
mod run;
mod settings;
mod trades;

pub use job::shell;

use crate::{
    areas::Areas,
    caps::Caps,
    dots::Form,
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
        lang,
        caret: None,
    };
    let areas = Areas::of(area.width, area.height);
    frame::header(&mut paint, areas.header, state);
    match state.screen {
        Screen::Dashboard => dashboard::draw(&mut paint, areas.body, state),
        Screen::Config => settings::draw(&mut paint, areas.body, state),
        Screen::Run => run::draw(&mut paint, areas.body, state),
        Screen::Trades => trades::draw(&mut paint, areas.body, state),
        Screen::Performance => performance::draw(&mut paint, areas.body, state),
        Screen::Jobs => jobs::draw(&mut paint, areas.body, state),
        Screen::Logs => logs::draw(&mut paint, areas.body, state),
        Screen::Compare => compare::draw(&mut paint, areas.body, state),
    }
    frame::status(&mut paint, areas.status, state);
    frame::footer(&mut paint, areas.footer, state);
    for layer in &state.layers {
        layers::draw(&mut paint, area, state, layer);
    }
    // A dialog may be larger than the screen; its caret is then nowhere.
    paint.caret.filter(|caret| area.contains((*caret).into()))
}
