//! A router on a port of this machine.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::connection;
use super::connections::{self, Connections, Seat};
use super::shutdown::Shutdown;
use crate::error::{CliError, Result};

/// How long requests that have arrived may take after the shutdown signal. A login ends within 28 seconds.
const GRACE_PERIOD: Duration = Duration::from_secs(30);

/// The longest time for a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The time between two attempts while the operating system has no more sockets.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How many connections the operating system may keep until they are accepted. If there are more, clients try again after
/// a second. Linux allows 4,096 (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// Binds a port. Port 0 picks a free one.
pub(crate) fn bind(address: IpAddr, port: u16) -> Result<TcpListener> {
    listen(SocketAddr::new(address, port)).map_err(|source| CliError::Listen { address, port, source })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As `TcpListener::bind` does, so that a service can be restarted at once.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

pub(crate) fn bind_loopback(port: u16) -> Result<TcpListener> {
    bind(Ipv4Addr::LOCALHOST.into(), port)
}

/// A bound port, with TLS if it is configured.
#[derive(Debug)]
pub(crate) struct HttpServer {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<ServerConfig>,
}

impl HttpServer {
    /// Serves until the shutdown signal. Requests that have arrived then have the grace period; all other connections are
    /// closed at once.
    pub(crate) async fn serve(self, router: Router, shutdown: Shutdown) {
        let tls = self.tls.map(|tls| TlsAcceptor::from(Arc::new(tls)));
        let mut open = JoinSet::new();
        tokio::select! {
            () = accept_all(&self.listener, tls, router, &shutdown, &mut open) => {}
            () = shutdown.requested() => {}
        }
        drop(self.listener);
        // What is still open after the grace period is closed when the set is dropped.
        timeout(GRACE_PERIOD, async { while open.join_next().await.is_some() {} }).await.ok();
    }
}

async fn accept_all(
    listener: &TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    shutdown: &Shutdown,
    open: &mut JoinSet<()>,
) {
    let connections = Connections::new(connections::limit());
    loop {
        while open.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                recover(&error, &connections).await;
                continue;
            }
        };
        let Some(seat) = connections.admit().await else { return };
        open.spawn(serve_connection(stream, tls.clone(), router.clone(), seat, shutdown.clone()));
    }
}

/// Waits if the operating system has no more sockets, after closing one.
async fn recover(error: &io::Error, connections: &Connections) {
    // The client has closed the connection before it was accepted.
    let is_clients = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset].contains(&error.kind());
    if !is_clients {
        tracing::error!("cannot accept a connection ({})", error.kind());
        connections.close_longest_waiting();
        sleep(ACCEPT_RETRY).await;
    }
}

async fn serve_connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    seat: Arc<Seat>,
    shutdown: Shutdown,
) {
    let serving = async {
        let Some(tls) = tls else { return connection::serve(stream, router, Arc::clone(&seat), &shutdown).await };
        let handshake = tokio::select! {
            handshake = timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)) => handshake,
            () = shutdown.requested() => return,
        };
        // Failures are not logged: clients that do not use TLS or do not trust the certificate are common.
        if let Ok(Ok(stream)) = handshake {
            connection::serve(stream, router, Arc::clone(&seat), &shutdown).await;
        }
    };
    tokio::select! {
        () = serving => {}
        () = seat.closed() => {}
    }
}
