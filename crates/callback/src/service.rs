//! The ports and settings that the routes work with.

use std::sync::Arc;

use evertoken_core::clock::Clock;
use evertoken_core::credentials::{AppCredentials, SigningKeySource};
use evertoken_core::entropy::Entropy;
use evertoken_core::events::{self, Event, Events};
use evertoken_core::metrics::Metrics;
use evertoken_core::provider::{Logins, Provider};
use evertoken_core::removal_queue::RemovalQueue;
use evertoken_core::vault::{DocumentLocator, Vault};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::settings::Settings;

/// The ports that the routes need, as one type, so that a handler has one type parameter.
pub trait Ports: Send + Sync + 'static {
    /// Issues tokens.
    type Provider: Provider;
    /// Stores account documents.
    type Vault: Vault;
    /// Supplies the app's ID and secret.
    type AppCredentials: AppCredentials;
    /// Supplies the signing keys.
    type SigningKeys: SigningKeySource;
    /// Publishes events.
    type Events: Events;

    /// The logins that issue tokens.
    fn logins(&self) -> &Logins<Self::Provider>;
    /// Stores account documents.
    fn vault(&self) -> &Self::Vault;
    /// Supplies the app's ID and secret.
    fn app_credentials(&self) -> &Self::AppCredentials;
    /// Supplies the signing keys.
    fn signing_keys(&self) -> &Self::SigningKeys;
    /// Publishes events.
    fn events(&self) -> &Self::Events;
    /// Everything that does not depend on the adapters' types.
    fn environment(&self) -> &Environment;
}

/// What the routes need besides the adapters of [`Ports`].
pub struct Environment {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Generates random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Records measurements.
    pub metrics: Arc<dyn Metrics>,
    /// Locates account documents for the operator.
    pub locator: DocumentLocator,
    /// The settings from the environment variables.
    pub settings: Settings,
    /// Keeps removal requests that must be tried again, if that is possible.
    pub removals: Option<Arc<dyn RemovalQueue>>,
    /// Work that continues after the response. The process waits for it before it exits or is frozen.
    pub background: TaskTracker,
}

/// The adapters of a process. Implements [`Ports`].
pub struct Service<P, V, A, K, N> {
    /// The logins that issue tokens.
    pub logins: Logins<P>,
    /// Stores account documents.
    pub vault: V,
    /// Supplies the app's ID and secret.
    pub app_credentials: A,
    /// Supplies the signing keys.
    pub signing_keys: K,
    /// Publishes events.
    pub events: N,
    /// Everything that does not depend on the adapters' types.
    pub environment: Environment,
}

impl<P, V, A, K, N> Ports for Service<P, V, A, K, N>
where
    P: Provider,
    V: Vault,
    A: AppCredentials,
    K: SigningKeySource,
    N: Events,
{
    type Provider = P;
    type Vault = V;
    type AppCredentials = A;
    type SigningKeys = K;
    type Events = N;

    fn logins(&self) -> &Logins<P> {
        &self.logins
    }

    fn vault(&self) -> &V {
        &self.vault
    }

    fn app_credentials(&self) -> &A {
        &self.app_credentials
    }

    fn signing_keys(&self) -> &K {
        &self.signing_keys
    }

    fn events(&self) -> &N {
        &self.events
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// Publishes an event in the background, so that nobody waits for it. Gives up at the deadline.
pub(crate) fn publish_in_background<S: Ports>(
    service: &Arc<S>,
    deadline: Instant,
    event: impl FnOnce(String) -> Event + Send + 'static,
) {
    let shared = Arc::clone(service);
    let publishing = async move {
        let service = shared.as_ref();
        events::publish_before(deadline, service.events(), &*service.environment().entropy, event).await;
    };
    service.environment().background.spawn(publishing.in_current_span());
}
