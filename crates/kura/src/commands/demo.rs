//! `kura demo`: logs of a made-up organisation, imported through the same code as anyone's,
//! and five questions about what happened in them.

use std::path::Path;

use anyhow::{Context, bail};
use kura_demo::{Command, Demo, Object, Options, Question};
use kura_ingest::ImportOptions;
use serde::{Deserialize, Serialize};

use super::import::import_with_progress;
use super::serve::{listen, serve};
use crate::cli::{DemoArgs, Global};
use crate::config::Config;
use crate::context::open_or_create_lake;
use crate::exit::{Exit, UsageError};
use crate::output::write_line;

/// What the folder was made with: another demo in it would mix two stories.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    seed: u64,
    days: u32,
    events: u64,
}

const BUCKET: &str = "bucket";
const MADE_FILE: &str = "demo.json";

pub async fn run(global: &Global, args: DemoArgs) -> anyhow::Result<Exit> {
    let config = Config::read(global.config.as_deref())?;
    let listener = if args.no_serve { None } else { Some(listen(&args.listen).await?) };
    let demo = Demo::new(Options {
        seed: args.seed,
        days: args.days,
        events: args.events,
        ..Options::default()
    });
    let made = Made { seed: args.seed, days: args.days, events: args.events };
    make(&demo, &args.dir, &made)?;
    let global = Global { lake: args.dir.join("lake").display().to_string(), ..global.clone() };
    let lake = open_or_create_lake(&global).await?;
    eprintln!("importing, as `kura import {}` would:", args.dir.join(BUCKET).display());
    let sources = vec![args.dir.join(BUCKET).display().to_string()];
    let mut options = ImportOptions::new(sources, global.memory_plan());
    options.work.threads = global.threads();
    import_with_progress(&lake, options).await?;
    questions(&demo.questions(), &global.lake)?;
    match listener {
        Some(listener) => serve(&global, lake, config, listener, &args.upkeep).await,
        None => Ok(Exit::Ok),
    }
}

/// Writes the objects, unless they are there: a demo begun again goes on.
fn make(demo: &Demo, dir: &Path, made: &Made) -> anyhow::Result<()> {
    let marker = dir.join(MADE_FILE);
    if let Ok(text) = std::fs::read_to_string(&marker) {
        let before: Made = serde_json::from_str(&text)
            .with_context(|| format!("`{}` is not a demo's", marker.display()))?;
        if &before != made {
            let why = format!(
                "`{}` holds another demo (--seed {} --days {} --events {}); name another with --dir",
                dir.display(),
                before.seed,
                before.days,
                before.events
            );
            return Err(UsageError(why).into());
        }
        eprintln!("the logs in {} are there already", dir.join(BUCKET).display());
        return Ok(());
    }
    eprintln!("making {} days of logs in {} …", made.days, dir.join(BUCKET).display());
    let (mut objects, mut events) = (0u64, 0u64);
    for object in demo.objects().chain(demo.network_objects()) {
        write_object(&dir.join(BUCKET), &object)?;
        objects += 1;
        events += object.events;
    }
    std::fs::write(&marker, serde_json::to_string(made)?)
        .with_context(|| format!("writing `{}`", marker.display()))?;
    eprintln!("{objects} objects with {events} events");
    Ok(())
}

fn write_object(bucket: &Path, object: &Object) -> anyhow::Result<()> {
    let path = bucket.join(&object.key);
    let Some(folder) = path.parent() else { bail!("an object without a name") };
    std::fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))?;
    std::fs::write(&path, &object.bytes).with_context(|| format!("writing `{}`", path.display()))
}

/// Japanese where the terminal's language is.
fn questions(questions: &[Question], lake: &str) -> anyhow::Result<()> {
    let japanese = std::env::var("LC_ALL")
        .or_else(|_| std::env::var("LANG"))
        .is_ok_and(|language| language.starts_with("ja"));
    let heading = match japanese {
        true => "このログには事件が隠れています。五つの問いと、その答えを出すコマンド:",
        false => {
            "Something happened in these logs. Five questions, and the commands that answer them:"
        }
    };
    write_line(&format!("\n{heading}\n"))?;
    for (number, question) in (1..).zip(questions) {
        let title = if japanese { &question.title_ja } else { &question.title_en };
        write_line(&format!("{number}. {title}\n"))?;
        write_line(&format!("   {}\n", command_line(&question.command, lake)))?;
    }
    Ok(())
}

/// With the program as it was called, so that the line can be pasted.
fn command_line(command: &Command, lake: &str) -> String {
    let kura = std::env::args().next().unwrap_or_else(|| "kura".to_owned());
    match command {
        Command::Sql(sql) => format!("{kura} --lake {lake} sql \"{sql}\""),
        Command::Search { query, since, until } => {
            format!("{kura} --lake {lake} search '{query}' --since {since} --until {until}")
        }
    }
}
