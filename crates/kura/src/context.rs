//! What commands are given: the lake that was named, and the person at the machine.

use std::sync::Arc;

use anyhow::Context;
use kura_core::clock::SystemClock;
use kura_query::Engine;
use kura_store::{Lake, Location, StoreError};

use crate::cli::Global;
use crate::exit::UsageError;
use crate::node;

/// The lake, which must be there.
pub async fn open_lake(global: &Global) -> anyhow::Result<Lake> {
    let location = Location::parse(&global.lake)?;
    match Lake::open(location, Arc::new(SystemClock)).await {
        Err(StoreError::NoLake(name)) => Err(UsageError(format!(
            "no lake at `{name}`; `kura import FOLDER` makes one, `--lake` names another"
        ))
        .into()),
        lake => lake.with_context(|| format!("opening the lake `{}`", global.lake)),
    }
}

/// The lake, made if there is none.
pub async fn open_or_create_lake(global: &Global) -> anyhow::Result<Lake> {
    let location = Location::parse(&global.lake)?;
    Lake::open_or_create(location, Arc::new(SystemClock))
        .await
        .with_context(|| format!("opening the lake `{}`", global.lake))
}

pub async fn open_engine(global: &Global) -> anyhow::Result<Engine> {
    let lake = open_lake(global).await?;
    node::see_what_the_server_sees(&lake).await?;
    engine(global, lake)
}

pub fn engine(global: &Global, lake: Lake) -> anyhow::Result<Engine> {
    let memory = usize::try_from(global.memory_plan().query).unwrap_or(usize::MAX);
    let engine = Engine::new(lake, memory, global.threads())?;
    Ok(if global.no_index { engine.without_index() } else { engine })
}
