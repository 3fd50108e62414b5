//! Connections that have shaken hands.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Handshakes at the same time. Further connections wait their turn in the system's queue.
const HANDSHAKES: usize = 256;

/// A connection, and who is at its other end.
type Connection = (TlsStream<TcpStream>, SocketAddr);

/// Hands out connections in the order in which their handshakes end, so that a slow or silent one holds up nobody.
#[derive(Debug)]
pub(crate) struct TlsListener {
    address: SocketAddr,
    connections: mpsc::Receiver<Connection>,
}

impl TlsListener {
    /// Listens on until it is dropped.
    pub(crate) fn new(listener: TcpListener, config: ServerConfig) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, connections) = mpsc::channel(1);
        tokio::spawn(shake_hands(listener, TlsAcceptor::from(Arc::new(config)), sender));
        Ok(Self { address, connections })
    }
}

async fn shake_hands(mut listener: TcpListener, acceptor: TlsAcceptor, sender: mpsc::Sender<Connection>) {
    let free = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        // Never closed, so a permit always comes.
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
        let (stream, peer) = tokio::select! {
            // axum's own: it waits where the system has no more sockets.
            accepted = Listener::accept(&mut listener) => accepted,
            () = sender.closed() => return,
        };
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            // Whoever speaks no TLS, or does not trust the certificate, is no news.
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                sender.send((stream, peer)).await.ok();
            }
            drop(permit);
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.connections.recv().await {
            Some(connection) => connection,
            // The task above ends only after this.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
