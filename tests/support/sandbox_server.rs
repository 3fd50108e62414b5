//! Serves the sandbox in this process.

use evertoken_sandbox::{InjectedFault, Sandbox, Settings};
use serde_json::{Value, json};
use time::Duration;
use tokio::net::TcpListener;

use crate::http;

/// A separate sandbox, which is served until the test's async runtime shuts down.
#[derive(Debug)]
pub struct SandboxServer {
    sandbox: Sandbox,
    origin: String,
}

impl SandboxServer {
    /// Serves a new sandbox with this redirect URI registered.
    pub async fn start(settings: Settings, redirect_uri: &str) -> Self {
        let server = Self::without_redirect_uri(settings).await;
        server.register_redirect_uri(redirect_uri);
        server
    }

    /// Serves a new sandbox without a redirect URI.
    pub async fn without_redirect_uri(settings: Settings) -> Self {
        let sandbox = Sandbox::new(settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(evertoken_sandbox::serve(listener, sandbox.clone(), std::future::pending()));
        Self { sandbox, origin }
    }

    /// Returns the value for the three variables that set Instagram's hosts.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Registers a redirect URI, as the owner of the app does in Meta's dashboard.
    pub fn register_redirect_uri(&self, redirect_uri: &str) {
        self.sandbox.register_redirect_uri(redirect_uri);
    }

    /// Returns the sandbox.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Moves the sandbox's clock forward.
    pub fn advance(&self, by: Duration) {
        self.sandbox.advance(by);
    }

    /// Injects a fault.
    pub async fn inject_fault(&self, fault: InjectedFault) {
        self.control("faults", &fault.into()).await;
    }

    /// Removes all faults.
    pub async fn clear_faults(&self) {
        let faults = format!("{}/_sandbox/faults", self.origin);
        assert!(http::client().delete(faults).send().await.unwrap().status().is_success());
    }

    /// Issues a long-lived token for this account, dated `age` ago.
    pub async fn token(&self, account: &str, age: Duration) -> String {
        let wanted = json!({"account": account, "age_seconds": age.whole_seconds()});
        self.control("tokens", &wanted).await["access_token"].as_str().unwrap().to_owned()
    }

    /// Issues a short-lived token for this account.
    pub async fn short_lived_token(&self, account: &str) -> String {
        let wanted = json!({"account": account, "kind": "short"});
        self.control("tokens", &wanted).await["access_token"].as_str().unwrap().to_owned()
    }

    /// Revokes the app's access, as the account's owner can.
    pub async fn revoke(&self, account: &str) {
        let url = format!("{}/_sandbox/accounts/{account}", self.origin);
        let response = http::client().patch(url).json(&json!({"revoked": true})).send().await.unwrap();
        assert!(response.status().is_success());
    }

    /// Changes response formats, such as `{"refreshed_token": "dud"}`.
    pub async fn change_shapes(&self, shapes: &Value) {
        let response = http::client().patch(format!("{}/_sandbox/shapes", self.origin)).json(shapes).send().await;
        assert!(response.unwrap().status().is_success());
    }

    /// Returns the signed request that Meta posts when this account's owner removes the app.
    pub async fn signed_request(&self, account: &str) -> String {
        let signed = self.control("signed_request", &json!({ "account": account })).await;
        signed["signed_request"].as_str().unwrap().to_owned()
    }

    /// Returns how many requests an endpoint (`code`, `exchange`, `refresh`, `me`) has received.
    pub async fn request_count(&self, endpoint: &str) -> u64 {
        let counters = http::client().get(format!("{}/_sandbox/counters", self.origin)).send().await.unwrap();
        let counters: Value = counters.json().await.unwrap();
        counters[endpoint]["requests"].as_u64().unwrap_or(0)
    }

    /// Requests `/me` with a token, and returns the status and body.
    pub async fn me(&self, token: &str) -> (u16, Value) {
        let me = http::client().get(format!("{}/me?fields=user_id,username", self.origin)).bearer_auth(token);
        let response = me.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        let response = http::client().post(format!("{}/_sandbox/{path}", self.origin)).json(body).send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        response.json().await.unwrap()
    }
}
