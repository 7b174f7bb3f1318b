//! SIGHUP: what of the configuration may change while a node runs is read anew.
//!
//! Where the file cannot be, everything stays as it was; what else it says holds from the next
//! start.

use std::io;
use std::path::PathBuf;

use kura_ingest::inputs::forward;
use kura_server::Kura;
use kura_store::upkeep::Retention;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::config::Config;
use crate::terminal::tell;

/// Who is told.
#[derive(Debug)]
pub struct Reload {
    /// Heard from the start, and answered once there is something to tell.
    hangup: Signal,
    file: Option<PathBuf>,
    retention: watch::Sender<Retention>,
    /// If there is such an input.
    pub forward: Option<watch::Sender<forward::Settings>>,
}

impl Reload {
    pub fn new(file: Option<PathBuf>, retention: watch::Sender<Retention>) -> io::Result<Self> {
        Ok(Reload { hangup: signal(SignalKind::hangup())?, file, retention, forward: None })
    }

    pub async fn at_signals(mut self, kura: Kura) {
        while self.hangup.recv().await.is_some() {
            match Config::read(self.file.as_deref()) {
                Ok(config) => self.hold_to(config, &kura),
                Err(error) => tell(format_args!("the configuration stays as it was: {error}")),
            }
        }
    }

    fn hold_to(&self, config: Config, kura: &Kura) {
        if let Some(intake) = kura.intake() {
            intake.set(config.inputs.http);
        }
        self.retention.send_replace(config.retention);
        if let (Some(tell), Some(settings)) = (&self.forward, config.inputs.forward) {
            tell.send_replace(settings);
        }
        tell(format_args!(
            "browser keys, forward's keys, users and certificates, and retention are read anew; \
             all else is from the start"
        ));
    }
}
