//! `kura serve`

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kura_core::clock::SystemClock;
use kura_core::identity::Identity;
use kura_core::memory::MemoryPlan;
use kura_core::size::ByteSize;
use kura_formats::known_table;
use kura_server::{Kura, Limits};
use kura_store::expire::Expired;
use kura_store::upkeep::{Done, Retention, Upkeep};
use kura_store::{Lake, TableSnapshot};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cli::{Global, ListenArgs, ServeArgs, UpkeepArgs};
use crate::config::Config;
use crate::context::{engine, open_or_create_lake};
use crate::exit::{Exit, UsageError};
use crate::node::announce;
use crate::terminal::tell;
use crate::topology::Node;

pub async fn run(global: &Global, args: ServeArgs) -> anyhow::Result<Exit> {
    let listener = listen(&args.listen).await?;
    let config = Config::read(global.config.as_deref())?;
    let lake = open_or_create_lake(global).await?;
    serve(global, lake, config, listener, &args.upkeep).await
}

/// Takes the port before anything else is begun, so that a port in use is said at once.
pub async fn listen(args: &ListenArgs) -> anyhow::Result<TcpListener> {
    if !args.listen.ip().is_loopback() {
        let why = "Kura has no users yet and listens on loopback only: name 127.0.0.1 or [::1]";
        return Err(UsageError(why.to_owned()).into());
    }
    TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("listening on {} (`--listen` names another address)", args.listen))
}

pub async fn serve(
    global: &Global,
    lake: Lake,
    config: Config,
    listener: TcpListener,
    upkeep: &UpkeepArgs,
) -> anyhow::Result<Exit> {
    let (tell_retention, retention) = watch::channel(config.retention.clone());
    look_after(global, lake.clone(), retention, upkeep);
    let node = Node::new(global, lake.clone(), config, tell_retention).await?;
    let engine = engine(global, lake.clone())?;
    let kura = Kura::new(engine, Arc::new(SystemClock), Limits::default());
    survey(&kura, upkeep);
    let url = format!("http://{}", listener.local_addr()?);
    let _announced = announce(&lake, &kura, url.clone())?;
    tell(format_args!("listening on {url}"));
    let signals = two_signals(node.stop());
    // Questions are answered until everything that came is in the tables.
    let drained = CancellationToken::new();
    let stop = drained.clone();
    let answering = tokio::spawn(kura_server::serve(kura.clone(), listener, async move {
        stop.cancelled().await;
    }));
    let exit = tokio::select! {
        ended = node.run(kura) => ended.map(|()| Exit::Ok)?,
        exit = signals => return exit,
    };
    drained.cancel();
    answering.await??;
    Ok(exit)
}

/// The first signal drains. Another one is waited for: it ends the program where it is, which
/// loses nothing that was acknowledged.
async fn two_signals(stop: CancellationToken) -> anyhow::Result<Exit> {
    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        let exit = tokio::select! {
            _ = tokio::signal::ctrl_c() => Exit::Interrupted,
            _ = terminate.recv() => Exit::Terminated,
        };
        if stop.is_cancelled() {
            return Ok(exit);
        }
        tell(format_args!("ending; what came is stored first (once more to end at once)"));
        stop.cancel();
    }
}

/// Merges and collects in the background until the program ends. Whatever it is at then was
/// visible to nobody.
fn look_after(
    global: &Global,
    lake: Lake,
    retention: watch::Receiver<Retention>,
    upkeep: &UpkeepArgs,
) {
    if upkeep.upkeep == 0 {
        return;
    }
    let spec_of = |table: &TableSnapshot| known_table(&table.name, &table.schema).spec;
    // Beside what comes by stream, which has its own share.
    let memory = MemoryPlan::new(Some(ByteSize(global.memory_plan().total / 2)));
    let upkeeper = Upkeep::new(lake, memory, spec_of).with_retention(retention);
    let done = |done| match done {
        Done::Merged { table, files } => {
            tell(format_args!("{table}: {files} small files are one now"))
        }
        Done::Expired(Expired { table, days, rows, .. }) => {
            tell(format_args!("{table}: {days} days of {rows} rows are too old and gone"))
        }
        Done::Deleted { table, files } => {
            tell(format_args!("{table}: {files} files past their grace deleted"))
        }
    };
    tokio::spawn(upkeeper.run(Duration::from_secs(upkeep.upkeep), done));
}

/// Scans in the background for what `/metrics` tells, as often as the tables are looked at.
fn survey(kura: &Kura, upkeep: &UpkeepArgs) {
    if upkeep.upkeep > 0 {
        let every = Duration::from_secs(upkeep.upkeep);
        tokio::spawn(kura.clone().keep_surveyed(Identity::local(), every));
    }
}
