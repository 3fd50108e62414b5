//! How long a login, and the removal of accounts, may take.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, timeout_at};

use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::vault::{OutageCause, VaultError};

/// How long the parts of a login, and a removal, may take, counted from the request.
///
/// Each single call has its own timeout. Together they could take longer than the person's connection: an HTTP API responds
/// with an error of its own after 30 seconds (AWS, "Quotas for configuring and running an HTTP API").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    /// All calls to Instagram.
    pub provider: Duration,
    /// The login, including all calls to the vault.
    pub login: Duration,
    /// The response, including the event.
    pub response: Duration,
    /// The removal of a person's accounts. The rest is the time to keep the request for another attempt.
    pub removal: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            provider: Duration::from_secs(15),
            login: Duration::from_secs(25),
            response: Duration::from_secs(28),
            removal: Duration::from_secs(15),
        }
    }
}

impl TimeLimits {
    /// The limits as points in time.
    pub fn deadlines(&self, start: Instant) -> Deadlines {
        let [provider, login, response] = [self.provider, self.login, self.response].map(|limit| start + limit);
        Deadlines { provider, login, response }
    }
}

/// When the parts of a login end.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// The end of all calls to Instagram.
    pub provider: Instant,
    /// The end of all calls to the vault.
    pub login: Instant,
    /// The last moment for the response.
    pub response: Instant,
}

impl Deadlines {
    /// Cancels a call to Instagram at the deadline.
    ///
    /// Not an `async fn`, which would hold the call twice and copy it on its way.
    pub(super) fn call<T>(
        &self,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> impl Future<Output = Result<T, ProviderError>> {
        timeout_at(self.provider, call)
            .map(|ended| ended.unwrap_or_else(|_| Err(ProviderError::new(ProviderErrorKind::Unreachable))))
    }

    /// Cancels the writes of a login while there is still time to undo what was done for them.
    pub(super) fn write<T, E: From<VaultError>>(
        &self,
        write: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        let time_to_undo = self.login.saturating_duration_since(self.provider) / 5;
        until(self.login.checked_sub(time_to_undo).unwrap_or(self.login), write)
    }

    /// Cancels a login at the deadline. Only the vault can be the reason, because the calls to Instagram end earlier.
    ///
    /// A write in progress may still take effect. Then the login is complete although the person sees an error, and
    /// another login replaces its token.
    pub(super) fn login<T, E: From<VaultError>>(
        &self,
        login: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        until(self.login, login)
    }
}

/// Cancels calls to the vault at `deadline`.
fn until<T, E: From<VaultError>>(
    deadline: Instant,
    calls: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>> {
    timeout_at(deadline, calls).map(|ended| {
        ended.unwrap_or_else(|_| {
            Err(VaultError::Unavailable { cause: OutageCause::Network, code: "timeout".to_owned() }.into())
        })
    })
}
