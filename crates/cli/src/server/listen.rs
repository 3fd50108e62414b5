//! A router on a port of this machine, until Ctrl-C.

use std::fmt::Debug;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::serve::Listener;
use tokio::net::TcpListener;

use super::shutdown::Shutdown;
use crate::error::CliError;

/// How long an answer that is under way may take once the end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// Listens on an address of this machine. Port 0 takes a free one.
pub(crate) async fn bind(address: IpAddr, port: u16) -> Result<TcpListener> {
    TcpListener::bind((address, port)).await.map_err(|error| {
        let help = match error.kind() {
            ErrorKind::AddrInUse => "something else listens there: choose another port with --port",
            ErrorKind::PermissionDenied => "ports below 1024 need a right of their own: choose another one with --port",
            _ => "choose another port with --port, or another address with --address",
        };
        CliError::failed(format!("port {port} of {address} cannot be used ({})", error.kind()), help).into()
    })
}

/// Listens on loopback.
pub(crate) async fn bind_loopback(port: u16) -> Result<TcpListener> {
    bind(Ipv4Addr::LOCALHOST.into(), port).await
}

/// Serves until the end is asked for; then what is under way has [`GRACE`].
pub(crate) async fn serve<L: Listener<Addr: Debug>>(listener: L, router: Router, end: Shutdown) -> Result<()> {
    let asked = end.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { asked.asked().await });
    tokio::select! {
        result = serving => Ok(result?),
        () = async { end.asked().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}
