//! A router on a port of this machine, until Ctrl-C.

use std::future::Future;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long an answer that is under way may take once the end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// Listens on loopback. Port 0 takes a free one.
pub(crate) async fn bind(port: u16) -> Result<TcpListener> {
    let advice = || format!("port {port} of 127.0.0.1 cannot be used; choose another one with --port");
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(advice)
}

/// Serves until the end is asked for; then what is under way has [`GRACE`].
pub(crate) async fn serve(listener: TcpListener, router: Router, end: End) -> Result<()> {
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
