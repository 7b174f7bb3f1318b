//! The use case of sending events: which streams there are, and who may write to them.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use futures::{Stream, StreamExt};
use kura_core::intake::{Refused, Taken};
use kura_ingest::inputs::body::{BodyError, BodyKind, records_of};
use kura_ingest::inputs::http::HttpSettings;
use kura_ingest::inputs::room::Held;
use kura_ingest::inputs::{Connection, InputContext, InputLimits};
use kura_ingest::streams::StreamWatch;
use tokio::time::timeout;

/// A stream's name is a part of a path, and of what `_origin` says.
const STREAM_CHARACTERS_MAX: usize = 200;
const KEY_CHARACTERS_MAX: usize = 255;
/// How long a request waits for room before it is told so.
const ROOM_WAIT: Duration = Duration::from_secs(10);

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
    #[error("this request comes from another site and has no browser key")]
    NoKey,
    #[error("this page may not write to this stream: the key, its origins and its streams say so")]
    NotAllowed,
    #[error("{0}")]
    BadRequest(String),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("content encoding `{0}`: gzip and zstd are understood")]
    Encoding(String),
    #[error("no more came of a request that had begun")]
    Stalled,
    #[error("the request broke off: {0}")]
    Broken(String),
    #[error("{0} requests are being taken already; try again later")]
    TooMany(usize),
    #[error("a decoder ended early")]
    Ended,
}

impl SendError {
    /// What is sent so will never be taken.
    fn is_invalid(&self) -> bool {
        use SendError::{Ended, Refused as Not, TooMany};
        !matches!(self, Not(Refused::Busy | Refused::Closing | Refused::Failed(_)))
            && !matches!(self, Ended | TooMany(_))
    }
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

    /// A request begins to be read, if it may; it is under way until this is dropped.
    pub fn begin(&self) -> Result<Connection, SendError> {
        if self.context.stop.is_cancelled() {
            return Err(Refused::Closing.into());
        }
        self.context.connect().ok_or(SendError::TooMany(self.context.limits.connections_max))
    }

    /// For one request.
    #[must_use]
    pub fn hold(&self) -> Held {
        self.context.hold()
    }

    /// So much more is held of a request, once there is room.
    async fn make_room(&self, held: &mut Held, bytes: usize) -> Result<(), SendError> {
        tokio::select! {
            biased;
            room = timeout(ROOM_WAIT, held.add(bytes)) => room.map_err(|_| Refused::Busy.into()),
            () = self.context.stop.cancelled() => Err(Refused::Closing.into()),
        }
    }

    /// All of a request's body: no more of it than there may be, nor after the input is to stop.
    pub async fn read<B: AsRef<[u8]>, E: fmt::Display>(
        &self,
        held: &mut Held,
        declared_bytes: u64,
        mut body: impl Stream<Item = Result<B, E>> + Unpin,
    ) -> Result<Vec<u8>, SendError> {
        let InputLimits { body_bytes_max, patience, .. } = self.context.limits;
        let fits = |bytes: u64| match bytes <= body_bytes_max as u64 {
            true => Ok(()),
            false => Err(BodyError::TooLarge(format!("more than {body_bytes_max} bytes"))),
        };
        fits(declared_bytes)?;
        let mut all = Vec::new();
        loop {
            let next = tokio::select! {
                biased;
                () = self.context.stop.cancelled() => return Err(Refused::Closing.into()),
                next = timeout(patience, body.next()) => next.map_err(|_| SendError::Stalled)?,
            };
            let Some(piece) = next else { return Ok(all) };
            let piece = piece.map_err(|error| SendError::Broken(error.to_string()))?;
            fits((all.len() + piece.as_ref().len()) as u64)?;
            self.make_room(held, piece.as_ref().len()).await?;
            all.extend_from_slice(piece.as_ref());
        }
    }

    /// Counts why a request was not taken.
    pub fn count(&self, error: &SendError) {
        if error.is_invalid() {
            self.context.invalid();
        }
    }

    #[must_use]
    pub fn knows_origin(&self, origin: &str) -> bool {
        self.settings().knows_origin(origin)
    }

    /// Keeps the events. Returns how many there were, and what became of them.
    pub async fn send(
        &self,
        held: &mut Held,
        sender: &Sender,
        sent: Sent,
    ) -> Result<(u64, Taken), SendError> {
        if let Sender::Page { origin, key } = sender
            && !self.settings().may_write(key, origin.as_deref(), &sent.stream)
        {
            return Err(SendError::NotAllowed);
        }
        check_stream(&sent.stream)?;
        if sent.idempotency_key.as_ref().is_some_and(|key| key.len() > KEY_CHARACTERS_MAX) {
            let why = format!("an idempotency key has at most {KEY_CHARACTERS_MAX} characters");
            return Err(SendError::BadRequest(why));
        }
        let Sent { stream, body, kind, is_compressed, idempotency_key } = sent;
        let limits = self.context.limits;
        let opening = held.opening().await;
        let records =
            tokio::task::spawn_blocking(move || records_of(body, kind, is_compressed, &limits));
        let records = records.await.map_err(|_| SendError::Ended)??;
        self.make_room(held, records.bytes()).await?;
        drop(opening);
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
