//! A router on a port of this machine.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use rustls::ServerConfig;
use tokio::net::TcpListener;

use super::shutdown::Shutdown;
use super::tls_listener::TlsListener;
use crate::error::{CliError, Result};

/// How long open requests may take after the shutdown signal.
const GRACE_PERIOD: Duration = Duration::from_secs(2);

/// Binds a port. Port 0 picks a free one.
pub(crate) async fn bind(address: IpAddr, port: u16) -> Result<TcpListener> {
    TcpListener::bind((address, port)).await.map_err(|source| CliError::Listen { address, port, source })
}

pub(crate) async fn bind_loopback(port: u16) -> Result<TcpListener> {
    bind(Ipv4Addr::LOCALHOST.into(), port).await
}

/// A bound port, with TLS if it is configured.
#[derive(Debug)]
pub(crate) struct HttpServer {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<ServerConfig>,
}

impl HttpServer {
    /// Serves until the shutdown signal. Open requests then have the grace period.
    pub(crate) async fn serve(self, router: Router, shutdown: Shutdown) -> Result<()> {
        let served = match self.tls {
            Some(tls) => match TlsListener::new(self.listener, tls) {
                Ok(listener) => serve(listener, router, shutdown).await,
                Err(error) => Err(error),
            },
            None => serve(self.listener, router, shutdown).await,
        };
        served.map_err(CliError::Serve)
    }
}

async fn serve<L: Listener<Addr: Debug>>(listener: L, router: Router, shutdown: Shutdown) -> io::Result<()> {
    let requested = shutdown.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { requested.requested().await });
    tokio::select! {
        result = serving => result,
        () = async { shutdown.requested().await; tokio::time::sleep(GRACE_PERIOD).await } => Ok(()),
    }
}
