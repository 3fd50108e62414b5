//! The app secret, which the operator replaces during the year, and the signing keys.

use std::sync::{Arc, Mutex, PoisonError};

use evertoken_core::app::App;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::signing::SigningKeys;

/// The initial app secret, and its replacement.
pub(crate) const APP_SECRETS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];

const SIGNING_KEY: &str = "a signing key for one simulated year";

/// The credentials that the operator has configured. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedCredentials {
    app_id: String,
    app: Arc<Mutex<Result<Arc<App>, CredentialsError>>>,
    signing_keys: Result<Arc<SigningKeys>, CredentialsError>,
}

impl SimulatedCredentials {
    pub(crate) fn new(app_id: &str) -> Self {
        let [first, _] = APP_SECRETS;
        let malformed = |_| CredentialsError::SigningKeys { secret: "signing".to_owned() };
        Self {
            app_id: app_id.to_owned(),
            app: Arc::new(Mutex::new(app(app_id, first, &[]))),
            signing_keys: SigningKeys::parse(SIGNING_KEY).map(Arc::new).map_err(malformed),
        }
    }

    /// Configures the new app secret, with the old one as previous.
    pub(crate) fn configure_new_app_secret(&self) {
        let [old, new] = APP_SECRETS;
        let app = app(&self.app_id, new, &[old.to_owned()]);
        *self.app.lock().unwrap_or_else(PoisonError::into_inner) = app;
    }
}

fn app(id: &str, secret: &str, previous: &[String]) -> Result<Arc<App>, CredentialsError> {
    let malformed = |reason| CredentialsError::App { secret: "app".to_owned(), reason };
    let meta = evertoken_sandbox::Settings::default();
    let app = App::new(id, secret, previous).and_then(|app| app.with_meta(&meta.meta_app_id, &meta.meta_app_secret));
    app.map(Arc::new).map_err(malformed)
}

impl AppCredentials for SimulatedCredentials {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SigningKeySource for SimulatedCredentials {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        self.signing_keys.clone()
    }
}
