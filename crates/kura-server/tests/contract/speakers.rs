//! Who speaks to the inputs, and what their protocols' words mean.

use kura_core::intake::Refused;
use kura_ingest::inputs::{Input, InputContext, InputLimits};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::forward;
use crate::http::{self, Kind};
use crate::world::Wire;

/// A kind of sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    Forward,
    ForwardByTls,
    Http(Kind),
}

/// The senders of an input, each of which has other bytes on the wire.
pub fn of(input: Input) -> Vec<Speaker> {
    match input {
        Input::Forward => vec![Speaker::Forward, Speaker::ForwardByTls],
        // `kura send`, which reads stdin, is one of these that sends lines.
        Input::Http => Kind::ALL.map(Speaker::Http).to_vec(),
    }
}

pub fn all() -> Vec<Speaker> {
    Input::ALL.into_iter().flat_map(of).collect()
}

/// What a sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It is kept.
    Taken,
    /// In words: try again.
    Later(&'static str),
    /// In words: this will never be taken.
    Never(&'static str),
    /// Not a word; whoever waits for an ack tries again.
    Closed,
}

/// What is no delivery.
#[derive(Debug)]
pub struct Garbage {
    pub what: &'static str,
    pub bytes: Vec<u8>,
    pub told: Told,
    /// Whether the input sees it: what is not even the transport's ends before that.
    pub is_counted: bool,
}

impl Garbage {
    pub fn new(what: &'static str, bytes: Vec<u8>, told: Told) -> Self {
        Garbage { what, bytes, told, is_counted: true }
    }
}

impl Speaker {
    pub fn input(self) -> Input {
        match self {
            Speaker::Forward | Speaker::ForwardByTls => Input::Forward,
            Speaker::Http(_) => Input::Http,
        }
    }

    /// Serves until the context stops.
    pub fn serve(self, listener: TcpListener, context: InputContext) -> JoinHandle<()> {
        match self {
            Speaker::Forward => forward::serve(listener, context, false),
            Speaker::ForwardByTls => forward::serve(listener, context, true),
            Speaker::Http(_) => http::serve(listener, context),
        }
    }

    /// What a connection says first; `None` if it is closed before.
    pub async fn greet(self, stream: TcpStream) -> Option<Box<dyn Wire>> {
        match self {
            Speaker::ForwardByTls => forward::by_tls(stream).await,
            Speaker::Forward | Speaker::Http(_) => Some(Box::new(stream)),
        }
    }

    /// The bytes of a delivery of that name.
    pub fn delivery(self, name: &str, records: &[String]) -> Vec<u8> {
        match self {
            Speaker::Forward | Speaker::ForwardByTls => forward::delivery(name, records),
            Speaker::Http(kind) => kind.delivery(name, records),
        }
    }

    /// The answer to the delivery of that name.
    pub async fn told(self, wire: &mut dyn Wire, name: &str) -> Told {
        match self {
            Speaker::Forward | Speaker::ForwardByTls => forward::told(wire, name).await,
            Speaker::Http(_) => http::told(wire).await,
        }
    }

    /// What is to be said where the intake refused.
    pub fn words_for(self, refused: &Refused) -> Told {
        match self {
            Speaker::Forward | Speaker::ForwardByTls => Told::Closed,
            Speaker::Http(_) => http::words_for(refused),
        }
    }

    /// What is to be said to more senders than there may be.
    pub fn words_for_too_many(self) -> Told {
        match self {
            Speaker::Forward | Speaker::ForwardByTls => Told::Closed,
            Speaker::Http(_) => Told::Later("429"),
        }
    }

    /// What is to be said to a sender that stands still in the midst of a delivery.
    pub fn words_for_stalled(self) -> Told {
        match self {
            Speaker::Forward | Speaker::ForwardByTls => Told::Closed,
            Speaker::Http(_) => Told::Never("408"),
        }
    }

    pub fn garbage(self, limits: &InputLimits) -> Vec<Garbage> {
        match self {
            Speaker::Forward | Speaker::ForwardByTls => forward::garbage(limits),
            Speaker::Http(kind) => kind.garbage(limits),
        }
    }
}
