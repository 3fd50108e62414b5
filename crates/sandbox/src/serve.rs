//! The sandbox on a listener.

use std::future::pending;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::Sandbox;

/// How long answers that are under way may take once the end is asked for: a fault's latency may be any.
const GRACE: Duration = Duration::from_secs(1);

/// Serves a sandbox until `shutdown` is done; what is under way then has one second.
///
/// # Errors
/// What the listener reports.
pub async fn serve(
    listener: TcpListener,
    sandbox: Sandbox,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (ending, ended) = oneshot::channel();
    let serving = axum::serve(listener, sandbox.router()).with_graceful_shutdown(async move {
        shutdown.await;
        let _nobody_waits = ending.send(());
    });
    let grace = async {
        if ended.await.is_err() {
            pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = serving => result,
        () = grace => Ok(()),
    }
}
