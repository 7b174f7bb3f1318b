//! The use case of sending events: which streams there are, and who may write to them.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use kura_core::intake::{Refused, Taken};
use kura_ingest::inputs::body::{BodyError, BodyKind, records_of};
use kura_ingest::inputs::http::HttpSettings;
use kura_ingest::inputs::{InputContext, InputLimits};
use kura_ingest::streams::StreamWatch;

/// A stream's name is a part of a path, and of what `_origin` says.
const STREAM_CHARACTERS_MAX: usize = 200;
const KEY_CHARACTERS_MAX: usize = 255;

/// Events that came in one request.
#[derive(Debug)]
pub struct Sent {
    pub stream: String,
    pub body: Vec<u8>,
    pub kind: BodyKind,
    pub is_compressed: bool,
    /// The sender's own name for them.
    pub idempotency_key: Option<String>,
}

/// Who sends them.
#[derive(Debug, Clone)]
pub enum Sender {
    /// The person at the machine, or a program there.
    Local,
    /// A page, with the key that it carries.
    Page { origin: Option<String>, key: String },
}

#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("this page may not write to this stream: the key, its origins and its streams say so")]
    NotAllowed,
    #[error("{0}")]
    BadRequest(String),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("a decoder ended early")]
    Ended,
}

/// What comes by stream, as the node has it at work.
#[derive(Debug, Clone)]
pub struct Ways {
    pub http: HttpIntake,
    /// All inputs, that one included.
    pub inputs: Vec<InputContext>,
    pub stream: StreamWatch,
}

/// Takes events over HTTP.
#[derive(Debug, Clone)]
pub struct HttpIntake {
    context: InputContext,
    settings: Arc<RwLock<HttpSettings>>,
}

impl HttpIntake {
    #[must_use]
    pub fn new(context: InputContext, settings: HttpSettings) -> Self {
        HttpIntake { context, settings: Arc::new(RwLock::new(settings)) }
    }

    /// From now on these hold.
    pub fn set(&self, settings: HttpSettings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    fn settings(&self) -> RwLockReadGuard<'_, HttpSettings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    #[must_use]
    pub fn limits(&self) -> &InputLimits {
        &self.context.limits
    }

    #[must_use]
    pub fn knows_origin(&self, origin: &str) -> bool {
        self.settings().knows_origin(origin)
    }

    /// Keeps the events. Returns how many there were, and what became of them.
    pub async fn send(&self, sender: &Sender, sent: Sent) -> Result<(u64, Taken), SendError> {
        if let Sender::Page { origin, key } = sender
            && !self.settings().may_write(key, origin.as_deref(), &sent.stream)
        {
            self.context.invalid();
            return Err(SendError::NotAllowed);
        }
        check_stream(&sent.stream)?;
        if self.context.stop.is_cancelled() {
            return Err(Refused::Closing.into());
        }
        if sent.idempotency_key.as_ref().is_some_and(|key| key.len() > KEY_CHARACTERS_MAX) {
            let why = format!("an idempotency key has at most {KEY_CHARACTERS_MAX} characters");
            return Err(SendError::BadRequest(why));
        }
        let Sent { stream, body, kind, is_compressed, idempotency_key } = sent;
        let limits = self.context.limits;
        let records =
            tokio::task::spawn_blocking(move || records_of(body, kind, is_compressed, &limits));
        let records = records.await.map_err(|_| SendError::Ended)?;
        let records = records.inspect_err(|_| self.context.invalid())?;
        let count = records.len() as u64;
        // The same key for another stream is another delivery.
        let key = idempotency_key.map(|key| format!("{stream}\0{key}"));
        Ok((count, self.context.deliver(&stream, key, records).await?))
    }
}

fn check_stream(stream: &str) -> Result<(), SendError> {
    let is_fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':');
    let fits = (1..=STREAM_CHARACTERS_MAX).contains(&stream.chars().count());
    match fits && stream.chars().all(is_fine) {
        true => Ok(()),
        false => Err(SendError::BadRequest(format!(
            "a stream's name has up to {STREAM_CHARACTERS_MAX} letters, digits and any of `.-_/:`"
        ))),
    }
}
