//! `makook config …`: settings shown, explained, changed, compared and checked.

use super::{
    args::{ConfigVerb, SettingArgs},
    context::Context,
    failure::Failure,
    output,
};
use config::{Change, Combination, Edit, LoadRequest, Preset, Resolved, Which};
use console::{keymap::Keymap, promotion::Promotion, saving::Target};
use domain::{Exit, Phrase, Place, Problems, phrase};
use std::path::{Path, PathBuf};

/// Runs one of the verbs.
///
/// # Errors
/// Every problem of the settings at once, each with its place and remedy.
pub fn run(verb: &ConfigVerb, context: &Context) -> Result<Exit, Failure> {
    match verb {
        ConfigVerb::Show {
            settings,
            changed,
            json,
        } => {
            let resolved = load(settings, context)?;
            let which = if *changed { Which::Changed } else { Which::All };
            let listing = config::show(&resolved, which, context.lang);
            print(*json, &listing, || listing.render(context.lang))?;
        }
        ConfigVerb::Explain { key, json } => explain(key, *json, context)?,
        ConfigVerb::Set {
            assignments,
            file,
            json,
        } => set(assignments, file, *json, context)?,
        ConfigVerb::Promote { run, file, json } => promote(run, file, *json, context)?,
        ConfigVerb::Diff { left, right, json } => {
            let side = |file: &PathBuf| {
                let experiment = Some(file.clone());
                load(
                    &SettingArgs {
                        experiment,
                        ..SettingArgs::default()
                    },
                    context,
                )
            };
            let difference = config::diff(&side(left)?, &side(right)?, context.lang);
            print(*json, &difference, || difference.render(context.lang))?;
        }
        ConfigVerb::Presets(args) => presets(args.json, context)?,
        ConfigVerb::Schema => output::print_json(&config::schema())?,
        ConfigVerb::Validate { settings, json } => {
            let request = request(settings, context)?;
            let keys = key_problems(&request);
            let validation = config::validate(&request).with_warnings(keys);
            print(*json, &validation, || validation.render(context.lang))?;
            if !validation.ok {
                return Ok(Exit::Usage);
            }
        }
    }
    Ok(Exit::Done)
}

/// Returns what `console.keys` says that the console cannot do; nothing where the settings cannot
/// be read at all.
#[must_use]
pub fn key_problems(request: &LoadRequest) -> Problems {
    let Ok(resolved) = config::load(request) else {
        return Problems::new();
    };
    let origin = resolved.setting("console.keys");
    let place = origin.map_or(Place::Default, |keys| keys.origin.clone());
    let keymap = Keymap::of(&resolved.config.console.keys, &place);
    keymap.problems().clone()
}

fn print(
    json: bool,
    value: &impl serde::Serialize,
    render: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if json {
        output::print_json(value)
    } else {
        output::print(&render())
    }
}

/// Returns what to load for `settings` in these surroundings; what is set by hand is stronger
/// than the preset.
///
/// # Errors
/// No such preset, or everything that is wrong with it.
pub fn request(settings: &SettingArgs, context: &Context) -> Result<LoadRequest, Problems> {
    let dir = context.around.project.join("configs");
    let preset = settings.preset.as_ref();
    let preset = preset.map(|name| config::preset(&dir, name)).transpose()?;
    Ok(LoadRequest {
        dir,
        experiment: settings.experiment.clone(),
        env: context.around.env.clone(),
        preset,
        sets: settings.set.clone(),
    })
}

/// Resolves every combination of the sweeps in `settings`; warnings go to standard error, each
/// once.
///
/// # Errors
/// Every problem of any combination.
pub fn load_each(
    settings: &SettingArgs,
    context: &Context,
) -> Result<Vec<(Combination, Resolved)>, Failure> {
    let all = config::load_each(&request(settings, context)?)?;
    let mut told: Vec<String> = Vec::new();
    for (_, resolved) in &all {
        let warnings = resolved.warnings().render(context.lang);
        if !resolved.warnings().is_empty() && !told.contains(&warnings) {
            eprintln!("{warnings}");
            told.push(warnings);
        }
    }
    Ok(all)
}

/// Resolves `settings`; warnings go to standard error.
///
/// # Errors
/// Every problem of every layer at once.
pub fn load(settings: &SettingArgs, context: &Context) -> Result<Resolved, Failure> {
    let resolved = config::load(&request(settings, context)?)?;
    if !resolved.warnings().is_empty() {
        eprintln!("{}", resolved.warnings().render(context.lang));
    }
    Ok(resolved)
}

fn presets(json: bool, context: &Context) -> Result<(), Failure> {
    let (found, problems) = config::presets(&context.around.project.join("configs"));
    if !problems.is_empty() {
        eprintln!("{}", problems.render(context.lang));
    }
    print(json, &found, || {
        let shown = |preset: &Preset| {
            let (title, purpose) = (
                preset.title.get(context.lang),
                preset.purpose.get(context.lang),
            );
            let sets = preset.sets().join("\n    ");
            format!("{}  {title}\n  {purpose}\n    {sets}\n", preset.name)
        };
        found.iter().map(shown).collect::<Vec<String>>().join("\n")
    })
}

fn explain(key: &str, json: bool, context: &Context) -> Result<(), Failure> {
    let section = config::SECTIONS.iter().find(|section| section.name == key);
    if let Some(section) = section {
        let resolved = load(&SettingArgs::default(), context)?;
        let listing = config::show(&resolved, Which::Under(section.name), context.lang);
        return print(json, &listing, || listing.render(context.lang));
    }
    // A broken file must not keep anyone from reading what a key means.
    let request = request(&SettingArgs::default(), context)?;
    let resolved = config::load(&request).ok();
    let explanation = config::explain(key, resolved.as_ref())
        .map_err(|refusal| Failure::usage(refusal.message, refusal.hint))?;
    print(json, &explanation, || explanation.render(context.lang))
}

fn set(assignments: &[String], file: &Path, json: bool, context: &Context) -> Result<(), Failure> {
    let mut changes = Vec::new();
    for assignment in assignments {
        let Some((path, typed)) = assignment.split_once('=') else {
            return Err(Failure::usage(
                phrase!(
                    "`{assignment}` is not SECTION.KEY=VALUE",
                    "`{assignment}`은(는) 섹션.키=값 형식이 아닙니다"
                ),
                phrase!(
                    "e.g. agent.learning_rate=1e-4; an empty value removes the key",
                    "예: agent.learning_rate=1e-4. 값을 비우면 설정을 지웁니다"
                ),
            ));
        };
        let (path, typed) = (path.trim(), typed.trim());
        changes.push(match typed {
            "" => Change::Unset { path },
            _ => Change::Set { path, typed },
        });
    }
    let edit = config::edit(&request(&SettingArgs::default(), context)?, file, &changes)?;
    told(&edit, json, context)
}

fn promote(run: &str, file: &Path, json: bool, context: &Context) -> Result<(), Failure> {
    let run = context.around.home.open(run)?;
    let values = console::clerk::run_settings(run.path())
        .map_err(|why| Failure::usage(why, Phrase::default()))?;
    let request = request(&SettingArgs::default(), context)?;
    let promotion = Promotion {
        run: run.id().clone(),
        path: run.path().to_owned(),
        file: file.to_owned(),
        target: match file.exists() {
            true => Target::Existing,
            false => Target::New { from: None },
        },
    };
    let draft = promotion.saving(&request, &values)?.draft(&request)?;
    told(&draft.write()?, json, context)
}

/// Says what became of a file.
fn told(edit: &Edit, json: bool, context: &Context) -> Result<(), Failure> {
    if json {
        return output::print_json(edit);
    }
    if !edit.remaining.is_empty() {
        eprintln!("{}", edit.remaining.render(context.lang));
    }
    let words = match (edit.created, edit.changed) {
        (true, _) => context.say("created", "새로 만듦"),
        (_, true) => context.say("changed", "바꿈"),
        _ => context.say("unchanged", "그대로임"),
    };
    eprintln!("{}: {words}", edit.file.display());
    Ok(())
}
