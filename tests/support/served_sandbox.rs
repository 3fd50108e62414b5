//! The sandbox, served in this process.

use evertoken_sandbox::{Sandbox, Settings};
use serde_json::{Value, json};
use time::Duration;
use tokio::net::TcpListener;

use crate::web;

/// An Instagram of one's own, for as long as the test's runtime lives.
#[derive(Debug)]
pub struct ServedSandbox {
    sandbox: Sandbox,
    origin: String,
}

impl ServedSandbox {
    /// Serves a fresh sandbox that knows this redirect URI.
    pub async fn start(settings: Settings, redirect_uri: &str) -> Self {
        let sandbox = Sandbox::new(settings);
        sandbox.register_redirect_uri(redirect_uri);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(evertoken_sandbox::serve(listener, sandbox.clone(), std::future::pending()));
        Self { sandbox, origin }
    }

    /// What the three variables for Instagram's hosts are to hold.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Lets time pass at Instagram.
    pub fn advance(&self, by: Duration) {
        self.sandbox.advance(by);
    }

    /// Sets a fault, as the sandbox's README describes it.
    pub async fn fault(&self, fault: impl Into<Value>) {
        self.control("faults", &fault.into()).await;
    }

    /// Removes all faults.
    pub async fn calm(&self) {
        let faults = format!("{}/_sandbox/faults", self.origin);
        assert!(web::client().delete(faults).send().await.unwrap().status().is_success());
    }

    /// A long-lived token of this account, issued this long ago.
    pub async fn token(&self, account: &str, age: Duration) -> String {
        let wanted = json!({"account": account, "age_seconds": age.whole_seconds()});
        self.control("tokens", &wanted).await["access_token"].as_str().unwrap().to_owned()
    }

    /// A short-lived token of this account, as a code gives it.
    pub async fn short_lived_token(&self, account: &str) -> String {
        let wanted = json!({"account": account, "kind": "short"});
        self.control("tokens", &wanted).await["access_token"].as_str().unwrap().to_owned()
    }

    /// The account's owner removes the app.
    pub async fn revoke(&self, account: &str) {
        let url = format!("{}/_sandbox/accounts/{account}", self.origin);
        let answer = web::client().patch(url).json(&json!({"revoked": true})).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// What Meta posts when this account's owner removes the app.
    pub async fn signed_request(&self, account: &str) -> String {
        let signed = self.control("signed_request", &json!({ "account": account })).await;
        signed["signed_request"].as_str().unwrap().to_owned()
    }

    /// How many requests an endpoint (`code`, `exchange`, `refresh`, `me`) has had.
    pub async fn requests(&self, endpoint: &str) -> u64 {
        let counters = web::client().get(format!("{}/_sandbox/counters", self.origin)).send().await.unwrap();
        let counters: Value = counters.json().await.unwrap();
        counters[endpoint]["requests"].as_u64().unwrap_or(0)
    }

    /// The status and body of `/me` for a token.
    pub async fn me(&self, token: &str) -> (u16, Value) {
        let me = web::client().get(format!("{}/me?fields=user_id,username", self.origin)).bearer_auth(token);
        let answer = me.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        let answer = web::client().post(format!("{}/_sandbox/{path}", self.origin)).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }
}
