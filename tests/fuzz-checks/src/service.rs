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
        let app = App::new("1", APP_SECRET, &[]).and_then(|app| app.with_meta("2", "test-meta-secret"));
        Ok(Arc::new(app.expect("an app")))
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

/// The router over a vault, for logins with Instagram.
pub(crate) fn router(vault: MemoryVault) -> Router {
    router_for(ProviderName::Instagram, vault)
}

/// The router over a vault, for one kind of login.
pub(crate) fn router_for(provider: ProviderName, vault: MemoryVault) -> Router {
    let variables: Variables = [
        ("EVERTOKEN_PUBLIC_URL".to_owned(), "https://connect.example.com".to_owned()),
        ("EVERTOKEN_PROVIDER".to_owned(), provider.as_str().to_owned()),
    ]
    .into_iter()
    .collect();
    routes(Arc::new(Service {
        logins: Logins::one(FuzzProvider(provider)),
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
