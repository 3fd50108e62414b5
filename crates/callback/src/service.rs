//! What the routes work with.

use evertoken_core::ports::{Clock, Credentials, Entropy, Events, Metrics, Provider, Vault};

use crate::settings::Settings;

/// The seven ports of a login and its settings, as one type, so that a handler has one type parameter.
pub trait Ports: Send + Sync + 'static {
    /// Instagram.
    type Provider: Provider;
    /// Where documents go.
    type Vault: Vault;
    /// The app's secret and the signing keys.
    type Credentials: Credentials;
    /// The time.
    type Clock: Clock;
    /// Randomness.
    type Entropy: Entropy;
    /// Who is told.
    type Events: Events;
    /// Who counts.
    type Metrics: Metrics;

    /// Instagram.
    fn provider(&self) -> &Self::Provider;
    /// Where documents go.
    fn vault(&self) -> &Self::Vault;
    /// The app's secret and the signing keys.
    fn credentials(&self) -> &Self::Credentials;
    /// The time.
    fn clock(&self) -> &Self::Clock;
    /// Randomness.
    fn entropy(&self) -> &Self::Entropy;
    /// Who is told.
    fn events(&self) -> &Self::Events;
    /// Who counts.
    fn metrics(&self) -> &Self::Metrics;
    /// How logins go here.
    fn settings(&self) -> &Settings;
}

/// [`Ports`] from their parts.
#[derive(Debug)]
pub struct Service<P, V, K, C, E, N, M> {
    /// Instagram.
    pub provider: P,
    /// Where documents go.
    pub vault: V,
    /// The app's secret and the signing keys.
    pub credentials: K,
    /// The time.
    pub clock: C,
    /// Randomness.
    pub entropy: E,
    /// Who is told.
    pub events: N,
    /// Who counts.
    pub metrics: M,
    /// How logins go here.
    pub settings: Settings,
}

impl<P, V, K, C, E, N, M> Ports for Service<P, V, K, C, E, N, M>
where
    P: Provider,
    V: Vault,
    K: Credentials,
    C: Clock,
    E: Entropy,
    N: Events,
    M: Metrics,
{
    type Provider = P;
    type Vault = V;
    type Credentials = K;
    type Clock = C;
    type Entropy = E;
    type Events = N;
    type Metrics = M;

    fn provider(&self) -> &P {
        &self.provider
    }

    fn vault(&self) -> &V {
        &self.vault
    }

    fn credentials(&self) -> &K {
        &self.credentials
    }

    fn clock(&self) -> &C {
        &self.clock
    }

    fn entropy(&self) -> &E {
        &self.entropy
    }

    fn events(&self) -> &N {
        &self.events
    }

    fn metrics(&self) -> &M {
        &self.metrics
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}
