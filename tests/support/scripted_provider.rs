//! An Instagram that does as a test says, and waits where the test wants it to.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use evertoken_core::app::App;
use evertoken_core::document::ProviderName;
use evertoken_core::provider::{AuthorizeRequest, Profile, Provider};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use time::Duration;
use tokio::sync::oneshot;
use url::Url;

use crate::sample;

/// What can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Code to short-lived token.
    ExchangeCode,
    /// Short-lived to long-lived token.
    Extend,
    /// Renewing.
    Refresh,
    /// Whose token it is: a refresh's proof, a login's last step.
    Profile,
}

/// Grants everything to one account. Each token it issues is another: `IGAA-login-1`, `IGAA-refreshed-2`.
#[derive(Debug, Default)]
pub struct ScriptedProvider {
    issued: AtomicUsize,
    gates: Mutex<HashMap<Call, VecDeque<Gate>>>,
}

/// The provider's end of a held call.
#[derive(Debug)]
struct Gate {
    arrived: oneshot::Sender<()>,
    released: oneshot::Receiver<()>,
}

/// The test's end of a held call.
#[derive(Debug)]
pub struct Held {
    arrived: oneshot::Receiver<()>,
    release: oneshot::Sender<()>,
}

impl Held {
    /// Waits until somebody has made the call and stands at the gate.
    pub async fn arrived(&mut self) {
        (&mut self.arrived).await.expect("the provider is gone");
    }

    /// Opens the gate.
    pub fn release(self) {
        self.release.send(()).expect("nobody stands at the gate");
    }
}

impl ScriptedProvider {
    /// The next such call that nobody holds yet waits until it is released.
    pub fn hold(&self, call: Call) -> Held {
        let (has_arrived, arrived) = oneshot::channel();
        let (release, released) = oneshot::channel();
        let gate = Gate { arrived: has_arrived, released };
        self.gates.lock().unwrap().entry(call).or_default().push_back(gate);
        Held { arrived, release }
    }

    async fn pass(&self, call: Call) {
        let gate = self.gates.lock().unwrap().get_mut(&call).and_then(VecDeque::pop_front);
        if let Some(gate) = gate {
            gate.arrived.send(()).expect("the test is gone");
            gate.released.await.expect("the test is gone");
        }
    }

    fn issue(&self, how: &str) -> LongLivedToken {
        let number = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
        LongLivedToken {
            token: AccessToken::new(format!("IGAA-{how}-{number}")),
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

    async fn refresh(&self, _: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        self.pass(Call::Refresh).await;
        Ok(self.issue("refreshed"))
    }

    async fn profile(&self, _: &AccessToken) -> Result<Profile, ProviderError> {
        self.pass(Call::Profile).await;
        let sample = sample::document("profile");
        Ok(Profile {
            account_id: sample.account_id,
            app_scoped_id: sample.app_scoped_id,
            username: sample.username,
            account_type: sample.account_type,
        })
    }
}
