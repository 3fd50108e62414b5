//! The router over an in-memory vault with one account.

use std::sync::Arc;

use axum::Router;
use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::app::App;
use evertoken_core::clock::Clock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::document::ProviderName;
use evertoken_core::events::MemoryEvents;
use evertoken_core::login::new_document;
use evertoken_core::metrics::NoMetrics;
use evertoken_core::provider::{GrantedAccount, Logins};
use evertoken_core::scopes::Scopes;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{AccountStore, DocumentLocator, MemoryVault};
use time::OffsetDateTime;

use crate::provider::{FuzzProvider, profile, token};
use crate::signed_texts::{APP_SECRET, FixedEntropy, NOW, SIGNED_AT, SIGNING_KEY};
use tokio_util::task::TaskTracker;

/// The account in the vault.
pub(crate) const STORED: &str = "shop-de";

#[derive(Clone, Copy, Debug)]
struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        NOW
    }
}

struct FixedCredentials;

impl AppCredentials for FixedCredentials {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        Ok(Arc::new(App::new("1", APP_SECRET, &[]).expect("an app")))
    }
}

impl SigningKeySource for FixedCredentials {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        Ok(Arc::new(SigningKeys::parse(SIGNING_KEY).expect("a key")))
    }
}

/// A vault with the account [`STORED`], which was connected before the genuine signed request.
pub(crate) async fn vault() -> MemoryVault {
    let vault = MemoryVault::default();
    let name = STORED.parse().expect("a name");
    let scopes: Scopes = std::iter::once("instagram_business_basic").collect();
    let document = new_document(
        ProviderName::Instagram,
        &name,
        scopes,
        GrantedAccount { profile: profile(), token: token(), facebook: None },
        SIGNED_AT,
    );
    vault.create(&document).await.expect("an empty vault");
    vault
}

/// The router over a vault.
pub(crate) fn router(vault: MemoryVault) -> Router {
    let public = ("EVERTOKEN_PUBLIC_URL".to_owned(), "https://connect.example.com".to_owned());
    let variables: Variables = std::iter::once(public).collect();
    routes(Arc::new(Service {
        logins: Logins::one(FuzzProvider),
        vault,
        app_credentials: FixedCredentials,
        signing_keys: FixedCredentials,
        events: None::<MemoryEvents>,
        environment: Environment {
            clock: Arc::new(FixedClock),
            entropy: Arc::new(FixedEntropy),
            metrics: Arc::new(NoMetrics),
            locator: DocumentLocator::Memory,
            settings: Settings::read(&variables).expect("settings"),
            removals: None,
            background: TaskTracker::new(),
        },
    }))
}
