//! `kura serve`

use std::sync::Arc;

use anyhow::Context;
use kura_core::clock::SystemClock;
use kura_server::{Kura, Limits};
use kura_store::Lake;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Global, ListenArgs, ServeArgs};
use crate::context::{engine, open_lake};
use crate::exit::{Exit, UsageError};

pub async fn run(global: &Global, args: ServeArgs) -> anyhow::Result<Exit> {
    let listener = listen(&args.listen).await?;
    let lake = open_lake(global).await?;
    serve(global, lake, listener).await
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

pub async fn serve(global: &Global, lake: Lake, listener: TcpListener) -> anyhow::Result<Exit> {
    let kura = Kura::new(engine(global, lake)?, Arc::new(SystemClock), Limits::default());
    eprintln!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    kura_server::serve(kura, listener, stop).await?;
    Ok(Exit::Ok)
}
