//! `makook demo`: the main job on the shipped data, from nothing to a verdict and a picture.

use super::{
    args::{DemoArgs, SendingArgs, SettingArgs},
    context::Context,
    failure::Failure,
    opening, report, train,
};
use domain::Exit;
use std::io::{BufRead, IsTerminal};

/// Trains with `configs/demo.toml`, prints the report, and at a terminal offers the console.
///
/// The exit code says whether the demo ran, not what the verdict is.
///
/// # Errors
/// What ended the run.
pub fn run(args: &DemoArgs, context: &Context) -> Result<Exit, Failure> {
    let experiment = context.around.project.join("configs").join("demo.toml");
    let asked = SettingArgs {
        experiment: Some(experiment),
        set: args.set.clone(),
        ..SettingArgs::default()
    };
    let run = train::create(&asked, context)?;
    let exit = train::start(
        &run,
        train::Origin::New,
        &SendingArgs::default(),
        args.json,
        context,
    )?;
    if !matches!(exit, Exit::Done | Exit::Negative) {
        return Ok(exit);
    }
    if args.json {
        // Its last line is the run's summary, verdict included.
        return Ok(Exit::Done);
    }
    report::show(&run, false, context)?;
    let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if interactive && !args.no_console {
        eprint!(
            "{}",
            context.say(
                "\nEnter opens the console on this run (q or F10 leaves it); Ctrl-C ends here. ",
                "\nEnter를 누르면 이 실행을 콘솔에서 엽니다(q나 F10으로 종료). 끝내려면 Ctrl-C. ",
            )
        );
        let mut line = String::new();
        if std::io::stdin()
            .lock()
            .read_line(&mut line)
            .is_ok_and(|read| read > 0)
            && !context.stop.was_asked()
        {
            opening::open(Some(run.id().as_str()), context)?;
        }
    }
    Ok(Exit::Done)
}
