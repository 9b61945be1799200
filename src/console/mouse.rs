//! What a click, a turn of the wheel and a drag do.
//!
//! Whoever draws something that can be clicked says so ([`Spot`]), so that a click can never mean
//! something else than what is seen there. Everything here has a key as well. Only buttons are heard,
//! never mere motion: that would send bytes for every cell the pointer crosses. Start at [`take`].

use crate::{
    action::Action,
    chord::Chord,
    launch::Stage,
    layer::{Button, Layer},
    log_news::LogRequest,
    message::Effect,
    panes::Pane,
    press::{perform, press},
    state::{Screen, State},
    view,
};
use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};

/// Rows that one notch of the wheel moves.
const NOTCH: usize = 3;

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// The left button went down.
    Press,
    /// It moved while down.
    Drag,
    /// It came up.
    Release,
    /// The wheel turned away from the user.
    WheelUp,
    /// The wheel turned towards the user.
    WheelDown,
}

/// What the mouse did, and in which cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub gesture: Gesture,
    /// Column and row.
    pub at: (u16, u16),
}

impl Mouse {
    /// Reads what the terminal sent; `None` for other buttons and mere motion.
    #[must_use]
    pub fn of(event: &MouseEvent) -> Option<Self> {
        let gesture = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => Gesture::Press,
            MouseEventKind::Drag(MouseButton::Left) => Gesture::Drag,
            MouseEventKind::Up(MouseButton::Left) => Gesture::Release,
            MouseEventKind::ScrollUp => Gesture::WheelUp,
            MouseEventKind::ScrollDown => Gesture::WheelDown,
            _ => return None,
        };
        let at = (event.column, event.row);
        Some(Self { gesture, at })
    }
}

/// What is at a place of the screen.
#[derive(Clone, Copy, Debug)]
pub enum Spot {
    /// A screen's name in the header.
    Screen(Screen),
    /// An action in the footer.
    Action(&'static Action),
    /// A row of the list that the arrows walk, so many below the chosen one.
    Row(isize),
    /// The line of a log that begins at this byte.
    Line(u64),
    /// The chart of this metric.
    Chart(usize),
    /// The border between two panes.
    Border(Pane),
    /// A button of the topmost layer.
    Button(Button),
    /// A layer, where it has nothing to click; what lies below it cannot be reached.
    Layer,
}

/// Takes what the mouse did.
pub fn take(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    match mouse.gesture {
        Gesture::Press => match spot(state, mouse.at) {
            Some(spot) => click(state, spot),
            None => Vec::new(),
        },
        Gesture::Drag => {
            if let Some(pane) = state.dragged {
                let body = state.areas().body;
                state.look.panes.drag(pane, body, mouse.at);
            }
            Vec::new()
        }
        Gesture::Release => {
            state.dragged = None;
            Vec::new()
        }
        Gesture::WheelUp => wheel(state, mouse.at, KeyCode::Up),
        Gesture::WheelDown => wheel(state, mouse.at, KeyCode::Down),
    }
}

/// Returns what is at a cell of the screen as it is drawn now.
#[must_use]
pub fn spot(state: &State, (x, y): (u16, u16)) -> Option<Spot> {
    let spots = view::spots(state);
    let mut above = spots.into_iter().rev();
    let found = above.find(|(area, _)| area.contains((x, y).into()));
    found.map(|(_, spot)| spot)
}

fn click(state: &mut State, spot: Spot) -> Vec<Effect> {
    state.resting.catch_up();
    match spot {
        Spot::Screen(screen) => state.go(screen),
        Spot::Action(action) => return perform(state, action),
        Spot::Border(pane) => state.dragged = Some(pane),
        Spot::Chart(metric) if state.chart != metric => state.chart = metric,
        Spot::Row(0) => return press(state, Chord::key(KeyCode::Enter)),
        Spot::Row(below) => {
            // By the keys, so that whatever goes with the choice happens too.
            let key = if below < 0 {
                KeyCode::Up
            } else {
                KeyCode::Down
            };
            let presses = (0..below.unsigned_abs()).flat_map(|_| press(state, Chord::key(key)));
            let effects = presses.collect();
            state.resting.catch_up();
            return effects;
        }
        Spot::Line(at) => return vec![Effect::Log(LogRequest::Choose(at))],
        Spot::Button(button) if chosen_button(state) != Some(button) => {
            if let Some(Layer::Confirm(confirm)) = state.layers.last_mut() {
                confirm.button = button;
            }
        }
        // What is chosen already is opened.
        Spot::Chart(_) | Spot::Button(_) => {
            return press(state, Chord::key(KeyCode::Enter));
        }
        Spot::Layer => {}
    }
    Vec::new()
}

fn wheel(state: &mut State, at: (u16, u16), towards: KeyCode) -> Vec<Effect> {
    let key = match (state.layers.last(), spot(state, at)) {
        // There the arrows do something else than scroll.
        (Some(Layer::Entry(_) | Layer::NewKey(_)), _) => return Vec::new(),
        (Some(Layer::Launch(launch)), _) if launch.stage == Stage::Count => return Vec::new(),
        (Some(Layer::Confirm(_)), _) => {
            let page = if towards == KeyCode::Up {
                KeyCode::PageUp
            } else {
                KeyCode::PageDown
            };
            return press(state, Chord::key(page));
        }
        (None, Some(Spot::Chart(metric))) if state.screen == Screen::Run => {
            state.chart = metric;
            let zoom = if towards == KeyCode::Up {
                "chart.zoom_in"
            } else {
                "chart.zoom_out"
            };
            return match crate::action::named(zoom) {
                Some(action) => perform(state, action),
                None => Vec::new(),
            };
        }
        _ => Chord::key(towards),
    };
    (0..NOTCH).flat_map(|_| press(state, key)).collect()
}

fn chosen_button(state: &State) -> Option<Button> {
    match state.layers.last()? {
        Layer::Confirm(confirm) => Some(confirm.button),
        _ => None,
    }
}
