//! `makook models …`: what runs left, copied out or given a name.

use super::{
    args::ModelsVerb,
    context::Context,
    failure::Failure,
    model_args::{DemoteArgs, ExportArgs, ModelArgs, PromoteArgs},
    output,
};
use domain::{Exit, Lang, phrase};
use runs::{
    Model, Promotion,
    model_archive::{archive, is_archive},
    model_export::{self, Form},
    models,
    passport::Passport,
    promotion::{self, Pointer},
};
use serde_json::json;

/// Runs one of the verbs.
///
/// # Errors
/// No such model, one that is not whole, or what the operating system refused.
pub fn run(verb: &ModelsVerb, context: &Context) -> Result<Exit, Failure> {
    match verb {
        ModelsVerb::List(args) => list(args.json, context),
        ModelsVerb::Show(args) => show(args, context),
        ModelsVerb::Export(args) => export(args, context),
        ModelsVerb::Promote(args) => promote(args, context),
        ModelsVerb::Demote(args) => demote(args, context),
    }
}

fn list(json: bool, context: &Context) -> Result<Exit, Failure> {
    let home = &context.around.home;
    let (models, names) = (models::list(home)?, promotion::list(home)?);
    if json {
        output::print_json(&json!({ "models": models, "names": names }))?;
        return Ok(Exit::Done);
    }
    if models.is_empty() {
        eprintln!(
            "{}",
            context.say(
                "no models yet; a training leaves its first with its first checkpoint",
                "아직 모델이 없습니다. 학습이 첫 체크포인트를 저장하면 생깁니다"
            )
        );
    }
    let head = match context.lang {
        Lang::En => ["model", "step", "score", "verdict", "data", "name"],
        Lang::Ko => ["모델", "스텝", "점수", "판정", "데이터", "이름"],
    };
    let rows: Vec<Vec<String>> = models.iter().map(|model| row(model, &names)).collect();
    let mut text = match rows.is_empty() {
        true => String::new(),
        false => output::table(&head, &rows),
    };
    let lang = context.lang;
    let of_models = models
        .iter()
        .filter_map(|one| Some((one.id.to_string(), one.problem.as_ref()?)));
    let of_names = names
        .iter()
        .filter_map(|one| Some((one.name.clone(), one.problem.as_ref()?)));
    for (subject, problem) in of_models.chain(of_names) {
        text.push_str(&format!("! {subject}: {}\n", problem.get(lang)));
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

fn row(model: &Model, names: &[Promotion]) -> Vec<String> {
    const NONE: &str = "–";
    let passport = model.passport.as_ref();
    let of = |read: &dyn Fn(&Passport) -> Option<String>| {
        passport.and_then(read).unwrap_or_else(|| NONE.to_owned())
    };
    vec![
        model.id.to_string(),
        of(&|passport| Some(report::axis::count(passport.step as f64))),
        of(&|passport| passport.score.map(output::figure)),
        of(&|passport| passport.verdict().map(|verdict| verdict.word.clone())),
        of(&|passport| Some(passport.origin.data.set.clone())),
        names_of(model, names).join(", "),
    ]
}

/// Returns the names that point to `model`.
fn names_of(model: &Model, names: &[Promotion]) -> Vec<String> {
    let hash = model.passport.as_ref().map(|passport| &passport.hash);
    let points_here = |pointer: &Pointer| pointer.model == model.id && Some(&pointer.hash) == hash;
    let fitting = names
        .iter()
        .filter(|name| name.pointer().is_some_and(points_here));
    fitting.map(|name| name.name.clone()).collect()
}

fn show(args: &ModelArgs, context: &Context) -> Result<Exit, Failure> {
    let home = &context.around.home;
    let model = promotion::resolve(home, &args.model)?;
    let names = names_of(&model, &promotion::list(home)?);
    if args.json {
        output::print_json(&json!({ "model": model, "names": names }))?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    let mut rows = vec![vec![String::new(), model.id.to_string()]];
    let mut say = |label: &str, value: String| {
        if !value.is_empty() {
            rows.push(vec![label.to_owned(), value]);
        }
    };
    say(context.say("name", "이름"), names.join(", "));
    for fact in model.passport.iter().flat_map(Passport::facts) {
        say(fact.label.get(lang), fact.value.get(lang).to_owned());
    }
    say(
        context.say("files", "파일"),
        model.path.display().to_string(),
    );
    let mut text = output::table(&["", ""], &rows).trim_start().to_owned();
    if let Some(problem) = &model.problem {
        text.push_str(&format!("! {}\n", problem.get(lang)));
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

fn export(args: &ExportArgs, context: &Context) -> Result<Exit, Failure> {
    let home = &context.around.home;
    let model = promotion::resolve(home, &args.model)?;
    let usual = || model_export::usual_folder(home, &model);
    let file = args
        .to
        .as_deref()
        .filter(|to| is_archive(to) && !to.is_dir());
    let form = match file.is_some() || args.archive {
        true => Form::Archive,
        false => Form::Folder,
    };
    let exported = match file {
        Some(file) => archive(&model, file)?,
        None => {
            let into = args.to.clone().unwrap_or_else(usual);
            model_export::export_as(form, &model, &into, &context.clock)?
        }
    };
    let (place, files) = (&exported.place, &exported.files);
    if args.json {
        output::print_json(&match form {
            Form::Folder => json!({ "folder": place, "files": files }),
            Form::Archive => json!({ "archive": place, "files": files }),
        })?;
    } else {
        output::print(&format!("{}\n", place.display()))?;
    }
    Ok(Exit::Done)
}

fn promote(args: &PromoteArgs, context: &Context) -> Result<Exit, Failure> {
    let home = &context.around.home;
    let model = promotion::resolve(home, &args.model)?;
    let by = context.around.user();
    let former = promotion::promote(home, &model, &args.name, &by, &context.clock)?;
    let (name, id) = (&args.name, &model.id);
    if args.json {
        output::print_json(&json!({ "name": name, "model": id, "former": former }))?;
    } else {
        let says = phrase!("{name} is {id} now", "{name}: 이제 {id}입니다");
        eprintln!("{}", says.get(context.lang));
    }
    Ok(Exit::Done)
}

fn demote(args: &DemoteArgs, context: &Context) -> Result<Exit, Failure> {
    let home = &context.around.home;
    let name = &args.name;
    let names = promotion::list(home)?;
    if !names.iter().any(|one| one.name == *name) {
        return Err(Failure::usage(
            phrase!(
                "no model has the name `{name}`",
                "`{name}`(이)라는 이름을 가진 모델이 없습니다"
            ),
            phrase!(
                "see `makook models list`",
                "`makook models list`로 목록을 보세요"
            ),
        ));
    }
    let by = context.around.user();
    let former = promotion::point(home, name, None, &by, &context.clock)?;
    if args.json {
        output::print_json(&json!({ "name": name, "former": former }))?;
    } else {
        let says = phrase!(
            "{name} is no model's name any more",
            "{name}: 이제 어느 모델의 이름도 아닙니다"
        );
        eprintln!("{}", says.get(context.lang));
    }
    Ok(Exit::Done)
}
