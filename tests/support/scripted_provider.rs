//! A scripted provider, whose calls a test can pause.

use std::sync::atomic::{AtomicUsize, Ordering};

use evertoken_core::app::App;
use evertoken_core::document::{Document, ProviderName};
use evertoken_core::provider::{
    AuthorizeRequest, CheckedToken, GrantedAccount, GrantedAccounts, Profile, Provider, TokenApi,
};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use time::Duration;
use url::Url;

use crate::pause_points::{PausePoints, PausedCall};
use crate::sample;

/// A call that can be paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Exchanges a code for a short-lived token.
    ExchangeCode,
    /// Exchanges a short-lived token for a long-lived one.
    Extend,
    /// Refreshes a long-lived token.
    Refresh,
    /// Requests the profile of a token's account, to check a refreshed token or as the last step of a login.
    Profile,
}

/// A provider that grants everything to one account. It issues distinct tokens: `IGAA-login-1`, `IGAA-refreshed-2`.
#[derive(Debug, Default)]
pub struct ScriptedProvider {
    issued: AtomicUsize,
    pause_points: PausePoints<Call>,
}

impl ScriptedProvider {
    /// Pauses the next call of this kind until the test resumes it.
    pub fn pause_next(&self, call: Call) -> PausedCall {
        self.pause_points.pause_next(call)
    }

    async fn pass(&self, call: Call) {
        self.pause_points.pass(&call).await.expect("the test dropped a paused call");
    }

    fn issue(&self, source: &str) -> LongLivedToken {
        let number = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
        LongLivedToken {
            token: AccessToken::new(format!("IGAA-{source}-{number}")),
            token_type: "bearer".to_owned(),
            expires_in: Duration::days(60),
        }
    }
}

impl Provider for ScriptedProvider {
    fn name(&self) -> ProviderName {
        ProviderName::Instagram
    }

    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url {
        let mut url = Url::parse("https://instagram.invalid/oauth/authorize").unwrap();
        url.query_pairs_mut().append_pair("state", request.state);
        url
    }

    async fn exchange_code(&self, _: &App, _: &AuthorizationCode, _: &Url) -> Result<ShortLivedToken, ProviderError> {
        self.pass(Call::ExchangeCode).await;
        Ok(ShortLivedToken { token: AccessToken::new("IGAA-short-lived"), granted: None })
    }

    async fn extend(&self, _: &App, _: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        self.pass(Call::Extend).await;
        Ok(self.issue("login"))
    }

    async fn accounts(&self, _: &App, token: &LongLivedToken) -> Result<GrantedAccounts, ProviderError> {
        self.pass(Call::Profile).await;
        let sample = sample::document("profile");
        let profile = Profile {
            account_id: sample.account_id,
            app_scoped_id: sample.app_scoped_id,
            username: sample.username,
            account_type: sample.account_type,
        };
        let account = GrantedAccount { profile, token: token.clone(), facebook: None };
        Ok(GrantedAccounts { scopes: None, accounts: vec![account] })
    }

    async fn prove(&self, _: &App, account: GrantedAccount) -> Result<GrantedAccount, ProviderError> {
        Ok(account)
    }
}

impl TokenApi for ScriptedProvider {
    async fn refresh(&self, _: &Document) -> Result<LongLivedToken, ProviderError> {
        self.pass(Call::Refresh).await;
        Ok(self.issue("refreshed"))
    }

    async fn check(&self, _: &Document) -> Result<CheckedToken, ProviderError> {
        self.pass(Call::Profile).await;
        let sample = sample::document("profile");
        Ok(CheckedToken { account_id: sample.account_id, username: sample.username, data_access_expires_at: None })
    }
}
