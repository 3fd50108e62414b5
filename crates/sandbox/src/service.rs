//! The service that uses the sandbox, as far as the control page deals with it.

use futures_util::future::BoxFuture;
use time::Duration;

use crate::sandbox::Sandbox;

/// A service in the same process that follows the sandbox's clock.
pub trait Service: Send + Sync + 'static {
    /// Where accounts are connected, if anywhere.
    fn url(&self) -> Option<&str>;

    /// Advances the sandbox's clock. Returns once the service has done what it does in that time.
    fn pass_time(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// A sandbox that is used by other processes: its clock jumps.
pub(crate) struct NoService(pub(crate) Sandbox);

impl Service for NoService {
    fn url(&self) -> Option<&str> {
        None
    }

    fn pass_time(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.0.advance(time);
        Box::pin(std::future::ready(()))
    }
}
