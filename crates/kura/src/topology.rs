//! A node at work: what the configuration says, wired together, run, and drained.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kura_core::clock::SystemClock;
use kura_core::memory::MemoryPlan;
use kura_core::size::ByteSize;
use kura_ingest::Work;
use kura_ingest::inputs::forward;
use kura_ingest::inputs::room::Room;
use kura_ingest::inputs::{Input, InputContext, InputLimits};
use kura_ingest::streams::{StreamError, StreamOptions, Streams};
use kura_server::{HttpIntake, Kura, Ways};
use kura_store::upkeep::Retention;
use kura_store::{Lake, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cli::Global;
use crate::config::Config;
use crate::reload::Reload;
use crate::terminal::tell;

/// Between two looks at whether whoever writes to the lake is done.
const LEASE_AGAIN: Duration = Duration::from_secs(1);

/// What comes by stream, from its inputs to the tables.
#[derive(Debug)]
pub struct Node {
    lake: Lake,
    options: StreamOptions,
    config: Config,
    /// Taken before anything else is begun, so that a port in use is said at once.
    forward: Option<(TcpListener, watch::Receiver<forward::Settings>)>,
    reload: Reload,
    /// Nothing more is to be read.
    stop: CancellationToken,
}

impl Node {
    /// `retention` is told what holds from a SIGHUP on.
    pub async fn new(
        global: &Global,
        lake: Lake,
        config: Config,
        retention: watch::Sender<Retention>,
    ) -> anyhow::Result<Self> {
        // The other half is for questions, merges and imports.
        let memory = MemoryPlan::new(Some(ByteSize(global.memory_plan().total / 2)));
        let mut work = Work::new(memory);
        work.threads = global.threads();
        work.catalogue = global.catalogue()?;
        let mut options = StreamOptions::new(work);
        options.flush_age = config.stream.flush_age(options.flush_age);
        options.wal.disk_bytes_max = config.stream.wal_bytes_max(options.wal.disk_bytes_max);
        options.joining = config.joining.clone();
        options.raw = config.raw.clone();
        let mut reload = Reload::new(global.config.clone(), retention)?;
        let mut forward = None;
        if let Some(settings) = &config.inputs.forward {
            let listener = TcpListener::bind(&settings.listen).await;
            let listener = listener.with_context(|| format!("listening on {}", settings.listen))?;
            let (tell, settings) = watch::channel(settings.clone());
            (forward, reload.forward) = (Some((listener, settings)), Some(tell));
        }
        Ok(Node { lake, options, config, forward, reload, stop: CancellationToken::new() })
    }

    /// Cancelled, inputs end and what they took is stored.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Opens the log, then the inputs, and runs until it is stopped and everything that was
    /// acknowledged is in the tables.
    pub async fn run(mut self, kura: Kura) -> anyhow::Result<()> {
        let Some(streams) = self.start().await else { return Ok(()) };
        // As much as a run of rows: what waits for the disk is no more than what waits for the tables.
        let room = Room::new(usize::try_from(self.options.work.memory.run).unwrap_or(usize::MAX));
        let context = |input| {
            let (limits, intake) = (InputLimits::default(), streams.intake());
            InputContext::new(input, limits, intake, Arc::new(SystemClock), self.stop.clone())
                .within(room.clone())
        };
        let http = context(Input::Http);
        let forward = self.forward.take();
        let forward =
            forward.map(|(listener, settings)| (listener, settings, context(Input::Forward)));
        let inputs = forward.iter().map(|(_, _, context)| context.clone()).chain([http.clone()]);
        kura.open(Ways {
            inputs: inputs.collect(),
            http: HttpIntake::new(http, self.config.inputs.http.clone()),
            stream: streams.watched().clone(),
        });
        let reloading = tokio::spawn(self.reload.at_signals(kura.clone()));
        let (caught_up, ready) = (streams.caught_up(), kura.clone());
        let replaying = tokio::spawn(async move {
            caught_up.await;
            ready.set_ready();
        });
        let served = match forward {
            None => {
                self.stop.cancelled().await;
                Ok(())
            }
            Some((listener, settings, context)) => {
                if let Ok(address) = listener.local_addr() {
                    tell(format_args!("forward: listening on {address}"));
                }
                forward::serve(listener, settings, context).await
            }
        };
        reloading.abort();
        replaying.abort();
        // An input that cannot begin ends everything: nobody is to think that it listens.
        self.stop.cancel();
        streams.drain().await;
        Ok(served?)
    }

    /// Waits while somebody else writes to the lake.
    async fn start(&self) -> Option<Streams> {
        let mut is_told = false;
        loop {
            let error = match Streams::start(&self.lake, self.options.clone()).await {
                Ok(streams) => return Some(streams),
                Err(error) => error,
            };
            match &error {
                StreamError::Store(StoreError::Busy(_)) if is_told => {}
                _ => tell(format_args!("events are not taken yet: {error}; it is tried again")),
            }
            is_told = true;
            tokio::select! {
                () = tokio::time::sleep(LEASE_AGAIN) => {}
                () = self.stop.cancelled() => return None,
            }
        }
    }
}
