//! `makook agent`: serves a console elsewhere, on standard input and output, until the line ends.
//!
//! Writes nothing else to standard output. Requests name runs and experiment files, never paths:
//! this is where they become paths of this machine.

use super::{
    args::SettingArgs, context::Context, failure::Failure, foreman::LocalForeman,
    hands::LocalHands, host::VERSION,
};
use config::{Draft, LoadRequest};
use console::{
    hands::{Foreman, Hands, Order},
    saving::{Exchange, Saving, Source, Target},
};
use domain::{Clock, Exit, Phrase, SystemClock};
use remote::{
    Answer, Ask, Gatherer, Place,
    serve::{Crew, Doing},
    wire::Destination,
};
use runs::Home;
use std::{
    io::{self, BufReader},
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A console asks every few seconds; an agent that hears nothing for this long has lost it.
const FORSAKEN: Duration = Duration::from_secs(15 * 60);

/// Serves until the line ends.
///
/// # Errors
/// Input that is no request.
pub fn serve(context: &Context) -> Result<Exit, Failure> {
    let around = &context.around;
    let hands = Box::new(LocalHands::new(around.clone()));
    let foreman = Box::new(LocalForeman::new(around.clone(), context.lang));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let heard = Arc::new(AtomicU64::new(0));
    end_when_forsaken(Arc::clone(&heard), Arc::clone(&clock));
    let hearing = Arc::clone(&clock);
    let settings = super::settings::request(&SettingArgs::default(), context)?;
    let crew = Crew {
        place: Place {
            host: around.host(),
            home: around.home.root().display().to_string(),
            project: around.project.display().to_string(),
        },
        version: VERSION.to_owned(),
        gatherer: Gatherer::new(around.home.root(), &around.project),
        hands: with_hands(hands, around.home.clone(), settings),
        foreman: with_foreman(foreman, around.project.join("configs")),
        clock,
        heard: Box::new(move || heard.store(hearing.steady().as_secs(), Ordering::SeqCst)),
    };
    remote::serve(BufReader::new(io::stdin()), io::stdout(), crew)?;
    Ok(Exit::Done)
}

/// A laptop that fell asleep says no goodbye, and login nodes want no leftovers.
fn end_when_forsaken(heard: Arc<AtomicU64>, clock: Arc<dyn Clock>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(60));
            let silent = clock.steady().as_secs() - heard.load(Ordering::SeqCst);
            if silent >= FORSAKEN.as_secs() {
                std::process::exit(i32::from(Exit::Done.code()));
            }
        }
    });
}

/// `settings` is what experiment files are checked with.
fn with_hands(mut hands: Box<dyn Hands>, home: Home, settings: LoadRequest) -> Doing {
    Box::new(move |ask| match ask {
        Ask::Post { run, command } => {
            let posted = hands.post(&home.run(&run), &command)?;
            Ok(Answer::Posted(posted))
        }
        Ask::Remove { run } => {
            hands.remove(&run, &home.run(&run))?;
            Ok(Answer::Done)
        }
        Ask::Restore { run } => {
            hands.restore(&run)?;
            Ok(Answer::Done)
        }
        Ask::Save { saving } => {
            let (saving, draft) = draft_here(&saving, &settings)?;
            hands.save(&saving, &draft)?;
            Ok(Answer::Done)
        }
        Ask::Exchange { exchange } => {
            hands.exchange(&exchange_here(exchange, &settings.dir)?)?;
            Ok(Answer::Done)
        }
        other => Err(misdirected(&other)),
    })
}

fn with_foreman(mut foreman: Box<dyn Foreman>, configs: PathBuf) -> Doing {
    Box::new(move |ask| match ask {
        Ask::Jobs => Ok(Answer::Jobs(foreman.list()?)),
        Ask::Destinations => {
            let found = foreman.destinations().into_iter();
            let sent = found.map(|one| Destination {
                profile: one.profile,
                about: one.about,
            });
            Ok(Answer::Destinations(sent.collect()))
        }
        Ask::Preview { order } => {
            let order = order_here(&order, &configs)?;
            Ok(Answer::Preview(foreman.preview(&order)?))
        }
        Ask::Train { order } => {
            let order = order_here(&order, &configs)?;
            Ok(Answer::Started(foreman.train(&order)?))
        }
        Ask::Resume { run } => {
            foreman.resume(&run)?;
            Ok(Answer::Done)
        }
        Ask::Signal {
            profile,
            job,
            signal,
        } => {
            foreman.signal(&profile, &job, signal)?;
            Ok(Answer::Done)
        }
        Ask::Throttle {
            profile,
            job,
            at_most,
        } => {
            foreman.throttle(&profile, &job, at_most)?;
            Ok(Answer::Done)
        }
        other => Err(misdirected(&other)),
    })
}

/// Returns an order whose experiment is a file of this machine.
fn order_here(order: &remote::Order, configs: &Path) -> Result<Order, Phrase> {
    let experiment = order.experiment.as_deref();
    Ok(Order {
        experiment: experiment.map(|name| confined(name, configs)).transpose()?,
        sets: order.sets.clone(),
        on: order.on.clone(),
        parent: order.parent.clone(),
        script: order.script.clone(),
    })
}

/// Works out what saving would write here; it must start from the text that the person saw.
fn draft_here(
    asked: &remote::wire::Saving,
    settings: &LoadRequest,
) -> Result<(Saving, Draft), Phrase> {
    let configs = &settings.dir;
    let from = asked.from.as_deref();
    let target = match asked.fresh {
        false => Target::Existing,
        true => Target::New {
            from: from.map(|name| confined(name, configs)).transpose()?,
        },
    };
    let known = |(path, typed): &(String, String)| {
        let key = config::find(path).ok_or_else(|| {
            Phrase::new(
                format!("this host's makook has no setting {path}"),
                format!("이 호스트의 makook에는 {path} 설정이 없습니다"),
            )
        })?;
        Ok::<_, Phrase>((key.path, typed.clone()))
    };
    let saving = Saving {
        file: match asked.fresh {
            true => fresh_name(&asked.file, configs)?,
            false => confined(&asked.file, configs)?,
        },
        target,
        changes: asked.changes.iter().map(known).collect::<Result<_, _>>()?,
        source: match &asked.promoted {
            Some(run) => Source::Run(run.clone()),
            None => Source::Form,
        },
    };
    let draft = saving
        .draft(settings)
        .map_err(|problems| console::clerk::said(&problems))?;
    if draft.before != asked.before {
        return Err(Phrase::new(
            "the file there has changed meanwhile; look at the change again",
            "그사이 호스트의 파일이 바뀌었습니다. 바뀐 내용을 다시 확인하세요",
        ));
    }
    Ok((saving, draft))
}

/// Returns which text is given up for which in a file of `configs`.
fn exchange_here(asked: remote::wire::Exchange, configs: &Path) -> Result<Exchange, Phrase> {
    Ok(Exchange {
        file: match asked.from {
            Some(_) => confined(&asked.file, configs)?,
            None => fresh_name(&asked.file, configs)?,
        },
        from: asked.from,
        to: asked.to,
    })
}

/// Returns where a fresh experiment file `name` comes to lie: in `configs` itself.
fn fresh_name(name: &str, configs: &Path) -> Result<PathBuf, Phrase> {
    let stem = name.strip_suffix(".toml");
    let plain = Path::new(name).components().count() == 1 && !name.starts_with('.');
    match stem {
        Some(stem) if plain && console::actions::refuse_name(stem).is_none() => {
            Ok(configs.join(name))
        }
        _ => Err(Phrase::new(
            format!("`{name}` is no name for an experiment file"),
            format!("`{name}`: 실험 파일 이름으로 쓸 수 없습니다"),
        )),
    }
}

/// Returns the experiment file `name`, which must lie below `configs`, links included.
fn confined(name: &str, configs: &Path) -> Result<PathBuf, Phrase> {
    let refused = || {
        Phrase::new(
            format!("`{name}` is not among the configs of this host"),
            format!("`{name}`: 이 호스트의 configs에 없는 파일입니다"),
        )
    };
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if !Path::new(name).components().all(plain) {
        return Err(refused());
    }
    let (root, file) = (configs.canonicalize(), configs.join(name).canonicalize());
    match (root, file) {
        (Ok(root), Ok(file)) if file.starts_with(&root) && file.is_file() => Ok(configs.join(name)),
        _ => Err(refused()),
    }
}

fn misdirected(ask: &Ask) -> Phrase {
    Phrase::new(
        format!("this makook cannot answer {ask:?}"),
        format!("이 makook은 다음 요청에 답할 수 없습니다: {ask:?}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn experiments_outside_the_configs_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let configs = dir.path().join("configs");
        std::fs::create_dir(&configs).unwrap();
        std::fs::write(configs.join("내 실험.toml"), "").unwrap();
        std::fs::write(dir.path().join("outside.toml"), "").unwrap();
        std::os::unix::fs::symlink("../outside.toml", configs.join("link.toml")).unwrap();
        assert!(confined("내 실험.toml", &configs).is_ok());
        for name in [
            "../outside.toml",
            "link.toml",
            "/etc/passwd",
            "missing.toml",
            "",
        ] {
            let refused = confined(name, &configs).unwrap_err();
            assert!(refused.en.contains("not among"), "{name}: {refused}");
        }
    }

    #[test]
    fn a_save_is_taken_back_byte_for_byte_and_nothing_else_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let configs = dir.path().join("configs");
        std::fs::create_dir(&configs).unwrap();
        std::fs::write(dir.path().join("outside.toml"), "out").unwrap();
        let file = configs.join("mine.toml");
        let exchange = |file: &str, from: Option<&str>, to: Option<&str>| {
            let asked = remote::wire::Exchange {
                file: file.to_owned(),
                from: from.map(str::to_owned),
                to: to.map(str::to_owned),
            };
            exchange_here(asked, &configs).and_then(|exchange| exchange.make())
        };
        // Made again and taken back, a file that was new.
        let text = "# 내 설정\r\n[agent]\n";
        exchange("mine.toml", None, Some(text)).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        assert!(
            exchange("mine.toml", None, Some("x")).is_err(),
            "it is there"
        );
        exchange("mine.toml", Some(text), Some("[agent]\n")).unwrap();
        // Somebody else's text is never lost.
        let refused = exchange("mine.toml", Some(text), None).unwrap_err();
        assert!(refused.en.contains("another program"), "{refused}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "[agent]\n");
        exchange("mine.toml", Some("[agent]\n"), None).unwrap();
        assert!(!file.exists());
        for name in ["../outside.toml", "/etc/passwd", "a/b.toml", "x", ""] {
            assert!(exchange(name, Some("out"), None).is_err(), "{name}");
            assert!(exchange(name, None, Some("x")).is_err(), "{name}");
        }
        assert!(dir.path().join("outside.toml").exists());
    }

    #[test]
    fn a_form_is_saved_into_the_file_that_was_seen_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let configs = dir.path().join("configs");
        std::fs::create_dir(&configs).unwrap();
        let before = "# mine\n[agent]\nepochs = 4\n";
        std::fs::write(configs.join("mine.toml"), before).unwrap();
        let settings = LoadRequest {
            dir: configs.clone(),
            ..LoadRequest::default()
        };
        let asked = |file: &str, fresh: bool| remote::wire::Saving {
            file: file.to_owned(),
            fresh,
            from: fresh.then(|| "mine.toml".to_owned()),
            changes: vec![("agent.epochs".to_owned(), "7".to_owned())],
            before: if fresh { "" } else { before }.to_owned(),
            promoted: None,
        };
        let after = "# mine\n[agent]\nepochs = 7\n";
        let (_, draft) = draft_here(&asked("mine.toml", false), &settings).unwrap();
        assert_eq!(draft.after, after);
        let (saving, draft) = draft_here(&asked("copy.toml", true), &settings).unwrap();
        assert_eq!((draft.after.as_str(), draft.created), (after, true));
        assert_eq!(saving.file, configs.join("copy.toml"));
        for name in ["../x.toml", "a/b.toml", "default.toml", ".x.toml", "x", ""] {
            assert!(draft_here(&asked(name, true), &settings).is_err(), "{name}");
        }
        assert!(draft_here(&asked("mine.toml", true), &settings).is_err());
        let mut stale = asked("mine.toml", false);
        stale.before = "[agent]\nepochs = 3\n".to_owned();
        let refused = draft_here(&stale, &settings).unwrap_err();
        assert!(refused.en.contains("changed meanwhile"), "{refused}");
        let mut unknown = asked("mine.toml", false);
        unknown.changes[0].0 = "agent.no_such".to_owned();
        assert!(draft_here(&unknown, &settings).is_err());
    }
}
