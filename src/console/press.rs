//! Where a key goes: to the topmost layer, else to the action it belongs to.
//!
//! Start at [`press`].

use crate::{
    action::{self, Act, Action, Risk},
    actions, areas,
    chord::Chord,
    cursor::Step,
    form, launch,
    layer::{Button, Confirm, Entry, EntryFor, Layer, Page, Pick, PickFor},
    message::Effect,
    resting,
    search::{self, Hit},
    state::{Screen, State, Tone},
    stray, tour, words,
};
use crossterm::event::KeyCode;
use report::trades::{Filter, complete};
use std::path::PathBuf;

/// Takes a key, with everything following the cursor unless it only moves that; during the tour, the
/// step that waits has the first say.
pub fn press(state: &mut State, chord: Chord) -> Vec<Effect> {
    if chord == Chord::ctrl('c') {
        return vec![Effect::Quit];
    }
    resting::walk(state, |state| {
        tour::press(state, chord).unwrap_or_else(|| on_screen(state, chord))
    })
}

/// Gives a key to the topmost layer, or to the action that it does on this screen.
pub fn on_screen(state: &mut State, chord: Chord) -> Vec<Effect> {
    if let Some(effects) = actions::copy_from_layer(state, chord) {
        return effects;
    }
    match state.layers.pop() {
        Some(layer) => in_layer(state, layer, chord),
        None => match action::of_chord(state, chord) {
            Some(action) => perform(state, action),
            None => {
                if let Some(says) = stray::says(state, chord) {
                    state.say(Tone::Bad, says);
                }
                Vec::new()
            }
        },
    }
}

/// Does `action`, asks first, or says why not.
pub fn perform(state: &mut State, action: &'static Action) -> Vec<Effect> {
    if state.read_only && action.risk >= Risk::R2 {
        state.say(Tone::Bad, stray::read_only(action));
        return Vec::new();
    }
    if let Err(reason) = (action.enabled)(state) {
        state.say(Tone::Bad, reason);
        return Vec::new();
    }
    state.lesson = state.practice.explains(action).then_some(action);
    match action.act {
        Act::Now(run) | Act::Open(run) => run(state),
        Act::Ask(plan) => {
            if let Some(plan) = plan(state) {
                state
                    .layers
                    .push(Layer::Confirm(Confirm::of(action.title, plan)));
            }
            Vec::new()
        }
    }
}

/// Takes pasted text: only a line that is being typed wants it.
pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    let Some(mut layer) = state.layers.pop() else {
        return Vec::new();
    };
    match &mut layer {
        Layer::Entry(entry) => entry.line.insert(text),
        Layer::Help(finder) | Layer::Palette(finder) => {
            finder.query.insert(text);
            finder.cursor = Default::default();
        }
        Layer::Launch(dialog) if dialog.stage == launch::Stage::Edit => {
            dialog.script.insert(text);
        }
        Layer::Launch(dialog) if dialog.stage == launch::Stage::Count => {
            dialog.typed.insert(text);
        }
        Layer::Confirm(confirm) if confirm.plan.word.is_some() => confirm.typed.insert(text),
        Layer::Confirm(_)
        | Layer::Pick(_)
        | Layer::Launch(_)
        | Layer::Page(_)
        | Layer::NewKey(_) => {}
    }
    state.layers.push(layer);
    Vec::new()
}

fn in_layer(state: &mut State, layer: Layer, chord: Chord) -> Vec<Effect> {
    if let Layer::Launch(dialog) = layer {
        return launch::press(state, dialog, chord);
    }
    if chord == Chord::key(KeyCode::Esc) || chord == Chord::f(10) {
        if let Layer::Pick(Pick {
            purpose: PickFor::Theme(former),
            ..
        }) = layer
        {
            state.look.theme.choose(former);
        }
        return Vec::new();
    }
    match layer {
        Layer::NewKey(waiting) => actions::take_key(state, &waiting, chord),
        Layer::Page(page) => in_page(state, page, chord),
        Layer::Confirm(confirm) => in_confirm(state, confirm, chord),
        Layer::Pick(pick) => in_pick(state, pick, chord),
        Layer::Entry(entry) => in_entry(state, entry, chord),
        finder => in_finder(state, finder, chord),
    }
}

fn in_confirm(state: &mut State, mut confirm: Confirm, chord: Chord) -> Vec<Effect> {
    match chord.code {
        KeyCode::Left | KeyCode::Right | KeyCode::Tab | KeyCode::Up | KeyCode::Down => {
            confirm.button = match confirm.button {
                Button::Cancel => Button::Proceed,
                Button::Proceed => Button::Cancel,
            };
        }
        KeyCode::PageUp | KeyCode::PageDown => {
            if let Some(step) = Step::of(chord) {
                let page = confirm.page(state.size.1);
                confirm.scroll.scroll(step, confirm.lines.len(), page);
            }
        }
        KeyCode::Enter if confirm.button == Button::Cancel => return Vec::new(),
        KeyCode::Enter if confirm.is_meant() => return confirm.plan.effects,
        _ if confirm.plan.word.is_some() => {
            confirm.typed.press(chord);
        }
        _ => {}
    }
    state.layers.push(Layer::Confirm(confirm));
    Vec::new()
}

fn in_page(state: &mut State, mut page: Page, chord: Chord) -> Vec<Effect> {
    if chord.code == KeyCode::Enter {
        return Vec::new();
    }
    if let Some(step) = Step::of(chord) {
        let visible = Page::page(state.size.1);
        page.scroll.scroll(step, page.lines.len(), visible);
    }
    state.layers.push(Layer::Page(page));
    Vec::new()
}

fn in_pick(state: &mut State, mut pick: Pick, chord: Chord) -> Vec<Effect> {
    let mut takes = chord.code == KeyCode::Enter;
    // Where items are numbered a digit takes one at once.
    if let (PickFor::Alert(_), KeyCode::Char(c @ '1'..='9')) = (&pick.purpose, chord.code) {
        let at = c as usize - '1' as usize;
        takes = at < pick.items.len();
        pick.cursor.at = if takes { at } else { pick.cursor.at };
    }
    if takes {
        let Some(item) = pick.items.get(pick.cursor.at) else {
            return Vec::new();
        };
        let value = item.value.clone();
        return match pick.purpose {
            PickFor::Setting(key) => actions::change_setting(state, key, Some(value)),
            PickFor::Experiment => {
                let path = (!value.is_empty()).then(|| PathBuf::from(value));
                actions::choose_experiment(state, path)
            }
            PickFor::Against => {
                actions::hold_against(state, &value);
                Vec::new()
            }
            PickFor::Log => {
                actions::choose_log(state, &value);
                Vec::new()
            }
            PickFor::SaveTo => actions::save_to(state, &value),
            PickFor::Preset => actions::use_preset(state, &value),
            PickFor::Theme(_) => actions::use_theme(state, &value),
            PickFor::ImportFile => actions::import_file(state, &value),
            PickFor::ExportAs(model) => actions::export_as(state, *model, &value),
            PickFor::Promote => actions::promote(state, &value),
            PickFor::PromoteTo(run) => actions::promote_to(state, &run, &value),
            PickFor::Found(found) => match found.into_iter().nth(pick.cursor.at) {
                Some(found) => actions::use_found(state, &found),
                None => Vec::new(),
            },
            PickFor::Alert(alerts) => match alerts.into_iter().nth(pick.cursor.at) {
                Some(alert) => actions::attend(state, alert),
                None => Vec::new(),
            },
            PickFor::Live(run, path) => {
                if let Some(key) = config::find(&value) {
                    let typed = actions::current(state, key);
                    actions::edit_live(state, key, &typed, run, path);
                }
                Vec::new()
            }
        };
    }
    if let Some(step) = Step::of(chord) {
        let count = pick.items.len();
        pick.cursor.go(step, count, count.min(10));
    }
    state.layers.push(Layer::Pick(pick));
    Vec::new()
}

fn in_entry(state: &mut State, mut entry: Entry, chord: Chord) -> Vec<Effect> {
    let typed = entry.line.text().trim().to_owned();
    let key = match &entry.purpose {
        EntryFor::Setting(key) | EntryFor::Live(key, ..) => Some(*key),
        _ => None,
    };
    let filters_trades = matches!(entry.purpose, EntryFor::TradeFilter);
    if matches!(entry.purpose, EntryFor::ImportFile) && chord.code == KeyCode::Tab {
        if let Some(whole) = actions::complete_file(state, &typed) {
            entry.line = crate::line_edit::LineEdit::new(&whole);
            entry.refusal = None;
        }
    } else if filters_trades && chord.code == KeyCode::Tab {
        entry.line.press(Chord::key(KeyCode::End));
        if let Some(rest) = complete(entry.line.text()).rest() {
            entry.line.insert(&rest);
            entry.refusal = None;
        }
    } else if let (true, KeyCode::Enter, Err(error)) =
        (filters_trades, chord.code, Filter::parse(&typed))
    {
        // It stays open until that is mended.
        entry.refusal = Some(error.says().get(state.lang).to_owned());
    } else if let (EntryFor::LogSearch, KeyCode::Tab) = (&entry.purpose, chord.code) {
        actions::turn_entry(state, &mut entry);
    } else if let (EntryFor::LogSearch, KeyCode::Enter, Some(refusal)) = (
        &entry.purpose,
        chord.code,
        actions::refuse_search(state, &typed),
    ) {
        entry.refusal = Some(refusal.get(state.lang).to_owned());
    } else if let (EntryFor::LogPlace, KeyCode::Enter, None) = (
        &entry.purpose,
        chord.code,
        actions::place_in_log(state, &typed),
    ) {
        let refusal = words::NO_PLACE_IN_LOG.get(state.lang);
        entry.refusal = Some(refusal.to_owned());
    } else if let (Some(key), KeyCode::Up | KeyCode::Down) = (key, chord.code) {
        let steps = if chord.code == KeyCode::Up { 1 } else { -1 };
        let value = key.parse(&typed).ok();
        if let Some(next) = value.and_then(|value| form::stepped(key, &value, steps)) {
            entry.line = crate::line_edit::LineEdit::new(&next);
            entry.refusal = None;
        }
    } else if chord.code == KeyCode::Enter {
        if let Some(refusal) = refusal(&entry.purpose, &typed) {
            entry.refusal = Some(format!(
                "{}; {}",
                refusal.message.get(state.lang),
                refusal.hint.get(state.lang)
            ));
        } else {
            return accept(state, entry.purpose, typed);
        }
    } else if entry.line.press(chord) {
        let typed = entry.line.text().trim();
        let refusal = refusal(&entry.purpose, typed);
        entry.refusal = refusal.map(|refusal| refusal.message.get(state.lang).to_owned());
        if let EntryFor::Setting(key) = &entry.purpose {
            entry.hint = actions::hint(key, typed);
        }
        narrow(state, &entry.purpose, typed.to_owned());
    }
    state.layers.push(Layer::Entry(entry));
    Vec::new()
}

/// Says why `typed` would not be taken; only the form takes several values.
fn refusal(purpose: &EntryFor, typed: &str) -> Option<config::Refusal> {
    match purpose {
        EntryFor::Setting(key) => form::check(key, typed).err(),
        EntryFor::Live(key, ..) => key.parse(typed).err(),
        EntryFor::SaveAs => actions::refuse_name(typed),
        EntryFor::ModelName(_) => actions::refuse_model_name(typed),
        EntryFor::ImportName(_) => actions::refuse_set_name(typed),
        _ => None,
    }
}

/// Filters as the user types.
fn narrow(state: &mut State, purpose: &EntryFor, typed: String) {
    match purpose {
        EntryFor::RunFilter => {
            let page = state.run_page();
            state.runs.filter_by(typed, page);
        }
        EntryFor::JobFilter => {
            let page = state.job_page();
            state.jobs.filter_by(typed, page);
        }
        EntryFor::ModelFilter => {
            let page = state.model_page();
            state.model_list.filter_by(typed, page);
        }
        EntryFor::SettingFilter => {
            state.form.filter = typed;
            let first = usize::from(!state.form.filter.is_empty());
            let count = state.form.rows().len();
            state.form.cursor.set(first, count, count);
        }
        // While it is no filter yet, the former one holds.
        EntryFor::TradeFilter if state.trades.filter_by(&typed).is_ok() => {
            state.trades.cursor = Default::default();
        }
        _ => {}
    }
}

fn accept(state: &mut State, purpose: EntryFor, typed: String) -> Vec<Effect> {
    match purpose {
        EntryFor::Setting(key) => return actions::change_setting(state, key, Some(typed)),
        EntryFor::Live(key, run, path) => actions::change_live(state, key, typed, &run, path),
        EntryFor::SaveAs => return actions::save_as(state, &typed),
        EntryFor::LogSearch => return actions::find_in_log(state, typed),
        EntryFor::LogPlace => {
            let place = actions::place_in_log(state, &typed);
            return place.map(Effect::Log).into_iter().collect();
        }
        EntryFor::ModelName(model) => actions::promote_as(state, &model, &typed),
        EntryFor::ImportFile => return actions::import_file(state, &typed),
        EntryFor::ImportName(source) => actions::import_named(state, source, typed),
        EntryFor::ImportSymbol(source, name) => {
            actions::import_symbol(state, source, name, &typed);
        }
        EntryFor::RunFilter
        | EntryFor::JobFilter
        | EntryFor::ModelFilter
        | EntryFor::SettingFilter
        | EntryFor::TradeFilter => {
            narrow(state, &purpose, typed);
        }
    }
    Vec::new()
}

/// Goes to the form, with the cursor on `key`.
pub fn show_setting(state: &mut State, key: &config::Key) {
    state.form.filter.clear();
    state.form.differing = false;
    let rows = state.form.rows();
    let at = rows
        .iter()
        .position(|row| matches!(row, form::Row::Field(field) if field.path == key.path));
    let page = state.form_page();
    state.form.cursor.set(at.unwrap_or(0), rows.len(), page);
    state.go(Screen::Config);
}

fn in_finder(state: &mut State, mut layer: Layer, chord: Chord) -> Vec<Effect> {
    let page = areas::finder_page(state.size.0, state.size.1);
    let hits = search::hits(state, &layer);
    let is_help = matches!(layer, Layer::Help(_));
    let (Layer::Help(finder) | Layer::Palette(finder)) = &mut layer else {
        return Vec::new();
    };
    if chord.code == KeyCode::Enter {
        return match hits.get(finder.cursor.at) {
            Some(Hit::Action(action)) => perform(state, action),
            Some(Hit::Run(id)) => {
                let page = state.run_page();
                state.runs.choose(id.clone(), page);
                state.go(Screen::Run);
                Vec::new()
            }
            Some(Hit::Setting(key)) => {
                show_setting(state, key);
                Vec::new()
            }
            Some(Hit::Remark(_)) => {
                state.layers.push(layer);
                Vec::new()
            }
            None => Vec::new(),
        };
    }
    let chosen = hits.get(finder.cursor.at);
    if let (true, Some(Hit::Action(action)), KeyCode::F(2 | 3)) = (is_help, chosen, chord.code) {
        state.layers.push(layer);
        return match chord.code {
            KeyCode::F(2) => actions::wait_for_key(state, action),
            _ => actions::usual_keys(state, action),
        };
    }
    // Home and End belong to the line being typed.
    let walks = Step::of(chord).filter(|step| !matches!(step, Step::Home | Step::End));
    if let Some(step) = walks {
        finder.cursor.go(step, hits.len(), page);
    } else if finder.query.press(chord) {
        finder.cursor = Default::default();
    }
    state.layers.push(layer);
    Vec::new()
}
