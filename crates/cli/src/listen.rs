//! A router on a port of this machine, until Ctrl-C.

use std::fmt::Debug;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::serve::Listener;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::problem::Problem;

/// How long an answer that is under way may take once the end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// What a shell says of a process that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

/// Listens on an address of this machine. Port 0 takes a free one.
pub(crate) async fn bind(address: IpAddr, port: u16) -> Result<TcpListener> {
    TcpListener::bind((address, port)).await.map_err(|error| {
        let help = match error.kind() {
            ErrorKind::AddrInUse => "something else listens there: choose another port with --port",
            ErrorKind::PermissionDenied => "ports below 1024 need a right of their own: choose another one with --port",
            _ => "choose another port with --port, or another address with --address",
        };
        Problem::failed(format!("port {port} of {address} cannot be used ({})", error.kind()), help).into()
    })
}

/// Listens on loopback.
pub(crate) async fn bind_loopback(port: u16) -> Result<TcpListener> {
    bind(Ipv4Addr::LOCALHOST.into(), port).await
}

/// Serves until the end is asked for; then what is under way has [`GRACE`].
pub(crate) async fn serve<L: Listener<Addr: Debug>>(listener: L, router: Router, end: End) -> Result<()> {
    let asked = end.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { asked.asked().await });
    tokio::select! {
        result = serving => Ok(result?),
        () = async { end.asked().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

/// Tells everything in this process when to end.
#[derive(Clone, Debug)]
pub(crate) struct End(watch::Receiver<bool>);

impl End {
    /// Asked for by Ctrl-C or a termination signal.
    pub(crate) fn on_signal() -> Result<Self> {
        let (ask, asked) = watch::channel(false);
        // Both from now on: the task below begins only after the URL is printed, and Ctrl-C may come before.
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            // Nobody listens any more only when all has ended.
            ask.send(true).ok();
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            // Asked twice: as if nobody had caught the first.
            std::process::exit(INTERRUPTED);
        });
        Ok(Self(asked))
    }

    /// Whether the end is asked for.
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Done when the end is asked for.
    pub(crate) fn asked(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut asked = self.0.clone();
        async move {
            // An error means that the signals' task is gone, which is an end as well.
            asked.wait_for(|asked| *asked).await.ok();
        }
    }
}
