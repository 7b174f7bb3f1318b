//! One sender: its messages are read one by one, delivered, and acknowledged. While a delivery
//! waits nothing is read, so that a slow store slows its senders, and a connection holds one
//! message and what one read brought behind it. Where the room for all senders is full nothing
//! is read on, either.

use std::net::IpAddr;

use bytes::Bytes;
use kura_core::intake::{RawRecords, Refused};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::super::room::Held;
use super::super::{InputContext, InputLimits};
use super::Invalid;
use super::frames::Frames;
use super::handshake::{PING_BYTES_MAX, Security};
use super::message::Message;

/// Messages without ack are put together up to here.
const TOGETHER_BYTES_MAX: usize = 1 << 20;

/// What is longer is not read on a thread that has other connections to serve.
const INLINE_BYTES_MAX: usize = 32 << 10;

/// Why a connection ends before its sender wanted.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    #[error("{0}")]
    Invalid(#[from] Invalid),
    #[error("{0}")]
    Refused(#[from] Refused),
    #[error("{0}")]
    NotLetIn(&'static str),
    #[error("no more came of what had begun")]
    Stalled,
    #[error("{0}")]
    Broken(#[from] std::io::Error),
}

/// A connection, and what is at hand of it.
#[derive(Debug)]
pub(super) struct Connection<S> {
    pub stream: S,
    pub peer: IpAddr,
    pub context: InputContext,
    frames: Frames,
    held: Held,
}

/// What a message says, ready to be delivered.
#[derive(Debug)]
struct Parcel {
    tag: String,
    chunk: Option<(String, Vec<u8>)>,
    records: RawRecords,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(stream: S, peer: IpAddr, context: InputContext) -> Self {
        let (frames, held) = (Frames::new(context.limits.body_bytes_max), context.hold());
        Connection { stream, peer, context, frames, held }
    }

    /// Serves the sender until it goes, is not served any more, or the input stops.
    pub(super) async fn run(mut self, security: Option<&Security>) -> Result<(), End> {
        if let Some(security) = security
            && !self.is_let_in(security).await?
        {
            return Ok(());
        }
        let mut behind = None;
        // After the stop too, for what came in full: many senders want no ack, and have let go.
        loop {
            let parcel = match behind.take() {
                Some(parcel) => parcel,
                None => match self.next_parcel().await? {
                    Some(parcel) => parcel,
                    None => return Ok(()),
                },
            };
            let (parcel, next) = self.together(parcel).await;
            self.deliver(parcel).await?;
            behind = next?;
            let behind_bytes = behind.as_ref().map_or(0, |parcel| parcel.records.bytes());
            self.held.shrink_to(self.frames.bytes() + behind_bytes);
        }
    }

    /// Says HELO, and looks at the PING that comes. `false`: the sender went.
    async fn is_let_in(&mut self, security: &Security) -> Result<bool, End> {
        let challenge = security.challenge();
        self.write(&challenge.helo()).await?;
        self.frames.set_bytes_max(PING_BYTES_MAX);
        // Who has not shown the key may not stay for ever.
        let ping = timeout(self.context.limits.patience, self.next_frame())
            .await
            .map_err(|_| End::Stalled)??;
        let Some(ping) = ping else { return Ok(false) };
        self.frames.set_bytes_max(self.context.limits.body_bytes_max);
        let pong = challenge.pong(security, &ping)?;
        self.write(&pong.bytes).await?;
        match pong.refusal {
            Some(refusal) => Err(End::NotLetIn(refusal)),
            None => Ok(true),
        }
    }

    /// Keeps the records of a message, then says so.
    async fn deliver(&mut self, parcel: Parcel) -> Result<(), End> {
        let (id, ack) = parcel.chunk.unzip();
        // Fluent Bit's chunks are digests of their content without the tag: two hosts that log
        // the same in the same second have the same chunk, and are two all the same. An empty
        // one names nothing.
        let key = id.filter(|id| !id.is_empty());
        let key = key.map(|id| format!("{} {} {id}", self.peer, parcel.tag));
        self.context.deliver(&parcel.tag, key, parcel.records).await?;
        match ack {
            Some(ack) => self.write(&ack).await,
            None => Ok(()),
        }
    }

    /// Puts to a message that wants no ack what lies behind it in the buffer and wants none,
    /// either. Also what came then.
    async fn together(&mut self, mut parcel: Parcel) -> (Parcel, Result<Option<Parcel>, End>) {
        let limits = self.context.limits;
        while parcel.may_grow(&limits) {
            match self.parcel_at_hand().await {
                Ok(Some(more)) if parcel.goes_with(&more, &limits) => parcel.grow(&more),
                next => return (parcel, next),
            }
        }
        (parcel, Ok(None))
    }

    async fn next_parcel(&mut self) -> Result<Option<Parcel>, End> {
        loop {
            let Some(frame) = self.next_frame().await? else { return Ok(None) };
            if let Some(parcel) = self.parcel(frame).await? {
                return Ok(Some(parcel));
            }
        }
    }

    async fn parcel_at_hand(&mut self) -> Result<Option<Parcel>, End> {
        while let Some(frame) = self.frames.next()? {
            if let Some(parcel) = self.parcel(frame).await? {
                return Ok(Some(parcel));
            }
        }
        Ok(None)
    }

    async fn parcel(&mut self, frame: Bytes) -> Result<Option<Parcel>, End> {
        let limits = self.context.limits;
        let _opening = self.held.opening().await;
        let parcel = match frame.len() <= INLINE_BYTES_MAX {
            true => Parcel::read(&frame, &limits)?,
            false => {
                let read = move || Parcel::read(&frame, &limits);
                let joined = tokio::task::spawn_blocking(read).await;
                joined.map_err(|error| End::Broken(std::io::Error::other(error)))??
            }
        };
        self.hold(parcel.as_ref().map_or(0, |parcel| parcel.records.bytes())).await;
        Ok(parcel)
    }

    /// So much more is held of this sender. At the end what came in full is not waited with.
    async fn hold(&mut self, bytes: usize) {
        tokio::select! {
            biased;
            () = self.held.add(bytes) => {}
            () = self.context.stop.cancelled() => {}
        }
    }

    /// The bytes of the next message; `None` once the sender is gone or is not to be read on.
    async fn next_frame(&mut self) -> Result<Option<Bytes>, End> {
        let stop = self.context.stop.clone();
        loop {
            if let Some(frame) = self.frames.next()? {
                return Ok(Some(frame));
            }
            let read = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(None),
                read = self.read() => read?,
            };
            if read == 0 {
                return Ok(None);
            }
            self.hold(read).await;
        }
    }

    /// Between messages a sender may be silent for as long as it likes.
    async fn read(&mut self) -> Result<usize, End> {
        let is_between = self.frames.is_between();
        let read = self.frames.read(&mut self.stream);
        match is_between {
            true => Ok(read.await?),
            false => Ok(timeout(self.context.limits.patience, read)
                .await
                .map_err(|_| End::Stalled)??),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), End> {
        let write = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        Ok(timeout(self.context.limits.patience, write).await.map_err(|_| End::Stalled)??)
    }
}

impl Parcel {
    fn read(frame: &Bytes, limits: &InputLimits) -> Result<Option<Self>, Invalid> {
        let Some(message) = Message::read(frame)? else { return Ok(None) };
        let records = message.records(limits)?;
        let chunk = message.chunk.map(|chunk| (chunk.id.to_string(), chunk.ack()));
        Ok(Some(Parcel { tag: message.tag.into_owned(), chunk, records }))
    }

    fn may_grow(&self, limits: &InputLimits) -> bool {
        self.chunk.is_none()
            && self.records.bytes() < TOGETHER_BYTES_MAX
            && self.records.len() < limits.records_max
    }

    fn goes_with(&self, more: &Parcel, limits: &InputLimits) -> bool {
        more.chunk.is_none()
            && more.tag == self.tag
            && self.records.bytes() + more.records.bytes() <= TOGETHER_BYTES_MAX
            && self.records.len() + more.records.len() <= limits.records_max
    }

    fn grow(&mut self, more: &Parcel) {
        for record in more.records.iter() {
            self.records.push(record.bytes, record.time);
        }
    }
}
