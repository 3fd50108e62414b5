//! Serves the sandbox on a listener.

use std::future::pending;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::sandbox::Sandbox;

/// How long in-flight requests may take after the shutdown signal. A fault can delay a response by any time.
const GRACE_PERIOD: Duration = Duration::from_secs(1);

/// Serves a sandbox until `shutdown` completes. In-flight requests then have one second to finish.
///
/// # Errors
/// An I/O error from the listener.
pub async fn serve(
    listener: TcpListener,
    sandbox: Sandbox,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (shutdown_started, started) = oneshot::channel();
    let server = axum::serve(listener, sandbox.router()).with_graceful_shutdown(async move {
        shutdown.await;
        let _receiver_dropped = shutdown_started.send(());
    });
    let grace_period = async {
        if started.await.is_err() {
            pending::<()>().await;
        }
        tokio::time::sleep(GRACE_PERIOD).await;
    };
    tokio::select! {
        result = server => result,
        () = grace_period => Ok(()),
    }
}
