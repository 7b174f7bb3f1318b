//! The listener: takes connections, as many as there may be, and ends with all of them. Beside
//! it heartbeats are answered over UDP, at the same port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kura_core::intake::Refused;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::super::InputContext;
use super::connection::{Connection, End};
use super::handshake::Security;
use super::{Settings, StartError, tls};

/// How long to wait for whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Deliveries under way when the input is to stop.
    pub drain: Duration,
    /// After a connection could not be taken: the process has no files left, say.
    pub after_failure: Duration,
}

const PATIENCE: Patience =
    Patience { drain: Duration::from_secs(5), after_failure: Duration::from_millis(200) };

/// Serves senders until `context.stop` is cancelled and what was delivered is answered. An error
/// comes at once, before any connection is taken. Keys, users and certificates may change
/// meanwhile: whoever connects then is held to the new ones.
pub async fn serve(
    listener: TcpListener,
    settings: watch::Receiver<Settings>,
    context: InputContext,
) -> Result<(), StartError> {
    serve_patiently(listener, settings, context, PATIENCE).await
}

pub(super) async fn serve_patiently(
    listener: TcpListener,
    mut settings: watch::Receiver<Settings>,
    context: InputContext,
    patience: Patience,
) -> Result<(), StartError> {
    let mut entrance = Arc::new(Entrance::new(&settings.borrow_and_update())?);
    let mut connections = JoinSet::new();
    if let Some(socket) = heartbeat_socket(&listener).await {
        let stop = context.stop.clone();
        connections.spawn(answer_heartbeats(socket, stop));
    }
    loop {
        let accepted = tokio::select! {
            biased;
            () = context.stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            Ok(()) = settings.changed() => {
                match Entrance::new(&settings.borrow_and_update()) {
                    Ok(changed) => entrance = Arc::new(changed),
                    Err(error) => tracing::warn!(%error, "forward: all stays as it was"),
                }
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(open) = context.connect() {
                    let (entrance, context) = (entrance.clone(), context.clone());
                    connections.spawn(async move {
                        entrance.serve(stream, peer, context).await;
                        drop(open);
                    });
                }
            }
            Err(error) => {
                tracing::warn!(%error, "forward: cannot take a connection");
                tokio::select! {
                    () = context.stop.cancelled() => {}
                    () = tokio::time::sleep(patience.after_failure) => {}
                }
            }
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(patience.drain, drained).await.is_err() {
        tracing::warn!("forward: deliveries were under way at the end, and are not acknowledged");
        connections.shutdown().await;
    }
    Ok(())
}

impl Settings {
    /// # Errors
    /// If nobody can be served so.
    pub fn check(&self) -> Result<(), StartError> {
        Entrance::new(self).map(drop)
    }
}

/// What every connection passes.
struct Entrance {
    security: Option<Security>,
    tls: Option<TlsAcceptor>,
}

impl Entrance {
    fn new(settings: &Settings) -> Result<Self, StartError> {
        let security = Security::new(settings)?;
        let tls = settings.tls.as_ref().map(tls::acceptor).transpose()?;
        Ok(Entrance { security, tls })
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr, context: InputContext) {
        // An ack is small, and waited for.
        let _ = stream.set_nodelay(true);
        let served = match &self.tls {
            None => self.converse(stream, peer, &context).await,
            Some(tls) => self.converse_by_tls(tls, stream, peer, &context).await,
        };
        match served {
            Ok(()) => {}
            // Health checks come and go.
            Err(End::Broken(error)) => tracing::debug!(%peer, %error, "forward: lost a connection"),
            Err(end) => {
                let is_theirs = !matches!(
                    end,
                    End::Refused(Refused::Busy | Refused::Closing | Refused::Failed(_))
                );
                if is_theirs {
                    context.invalid();
                }
                tracing::warn!(%peer, reason = %end, "forward: closed a connection");
            }
        }
    }

    async fn converse_by_tls(
        &self,
        tls: &TlsAcceptor,
        stream: TcpStream,
        peer: SocketAddr,
        context: &InputContext,
    ) -> Result<(), End> {
        let accepted = tokio::select! {
            () = context.stop.cancelled() => return Ok(()),
            accepted = timeout(context.limits.patience, tls.accept(stream)) => accepted,
        };
        let stream = accepted.map_err(|_| End::Stalled)??;
        self.converse(stream, peer, context).await
    }

    async fn converse(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        peer: SocketAddr,
        context: &InputContext,
    ) -> Result<(), End> {
        let connection = Connection::new(stream, peer.ip(), context.clone());
        connection.run(self.security.as_ref()).await
    }
}

/// The listener's own address, over UDP. Logs come without it as well.
async fn heartbeat_socket(listener: &TcpListener) -> Option<UdpSocket> {
    let bound = match listener.local_addr() {
        Ok(at) => UdpSocket::bind(at).await,
        Err(error) => Err(error),
    };
    bound
        .inspect_err(|error| tracing::warn!(%error, "forward: no heartbeats are answered over UDP"))
        .ok()
}

/// Answers whatever comes with one byte: that is all that is asked for, and never more than came.
async fn answer_heartbeats(socket: UdpSocket, stop: CancellationToken) {
    let mut datagram = [0];
    loop {
        let came = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            came = socket.recv_from(&mut datagram) => came,
        };
        // Heartbeats get lost; the next one comes.
        if let Ok((_, from)) = came {
            let _ = socket.send_to(b"\0", from).await;
        }
    }
}
