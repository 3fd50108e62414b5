//! The login that a request continues: its signed state, and what the browser can prove about it.

use std::sync::Arc;

use evertoken_core::app::App;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::login_state::LoginState;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::SigningKeys;
use evertoken_core::token::LongLivedToken;
use http::HeaderMap;
use time::OffsetDateTime;

use crate::choice_cookie;
use crate::error_page::ErrorPage;
use crate::login_cookie::{LoginCookie, Proof};
use crate::request_error::RequestError;
use crate::restart::restart_url;
use crate::service::Ports;

pub(crate) struct LoginInProgress {
    pub(crate) keys: Arc<SigningKeys>,
    /// Checked when it is needed.
    pub(crate) app: Result<Arc<App>, CredentialsError>,
    pub(crate) state: LoginState,
    pub(crate) cookie: LoginCookie,
    pub(crate) proof: Proof,
    pub(crate) now: OffsetDateTime,
}

/// What a request continues.
pub(crate) enum Opened {
    InProgress(Box<LoginInProgress>),
    /// The login has completed: the page is reloaded, or opened again.
    Completed(Box<Receipt>, Arc<SigningKeys>),
}

impl LoginInProgress {
    /// Verifies the state, and looks for the receipt of a completed login. `signed_state` must look signed, so that malformed
    /// input is rejected before a secret is fetched.
    pub(crate) async fn open<S: Ports>(
        service: &S,
        headers: &HeaderMap,
        signed_state: &str,
    ) -> Result<Opened, RequestError> {
        // In parallel, because this may be the first request of a process.
        let (keys, app) = tokio::join!(service.signing_keys().signing_keys(), service.app_credentials().app());
        let keys = keys?;
        let now = service.environment().clock.now();
        let state = keys.open::<LoginState>(signed_state).ok_or(ErrorPage::StateForged)?;
        let cookie = LoginCookie::of(&state, &service.environment().settings.public_url);
        let receipt = cookie.receipt(headers).and_then(|receipt| keys.verify::<Receipt>(&receipt, now).ok());
        if let Some(receipt) = receipt.filter(|receipt| receipt.is_for(&state)) {
            return Ok(Opened::Completed(Box::new(receipt), keys));
        }
        let proof = cookie.proof(&state, headers, &keys);
        Ok(Opened::InProgress(Box::new(Self { keys, app, state, cookie, proof, now })))
    }

    /// Refuses a browser that did not start the login, or in which it has failed.
    pub(crate) fn require_proof(&self) -> Result<(), ErrorPage> {
        match &self.proof {
            Proof::Started(_) => Ok(()),
            Proof::Failed(_) => Err(ErrorPage::StateUsed),
            Proof::Absent => Err(ErrorPage::OtherBrowser),
        }
    }

    /// The login's token, if a choice waits in this browser.
    pub(crate) fn token_for_choice(&self, headers: &HeaderMap, signed_state: &str) -> Option<LongLivedToken> {
        let sealed = self.cookie.choice(headers, signed_state)?;
        choice_cookie::open(&sealed, &self.state, self.now, &self.keys)
    }

    /// Adds the link that starts the login again.
    pub(crate) fn restartable<S: Ports>(&self, service: &S, error: impl Into<RequestError>) -> RequestError {
        error.into().with_restart_url(restart_url(service, &self.state, &self.proof, &self.keys))
    }
}
