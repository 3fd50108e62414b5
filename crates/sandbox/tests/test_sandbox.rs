//! A sandbox on a free port, and a client that sends the requests of an app.

use evertoken_sandbox::{InjectedFault, Sandbox, Settings};
use reqwest::header::LOCATION;
use reqwest::{Client, Method, Response, multipart, redirect};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
pub(crate) const BASIC: &str = "instagram_business_basic";
pub(crate) const COMMENTS: &str = "instagram_business_manage_comments";
pub(crate) const ACCOUNT: &str = "blue_bottle";
pub(crate) const DAY: i64 = 24 * 3600;

pub(crate) struct TestSandbox {
    pub(crate) handle: Sandbox,
    pub(crate) app_id: String,
    pub(crate) app_secret: String,
    pub(crate) client: Client,
    pub(crate) origin: String,
    /// Dropping it stops the server.
    _shutdown: oneshot::Sender<()>,
}

impl TestSandbox {
    pub(crate) async fn start() -> Self {
        let settings = Settings { redirect_uris: vec![REDIRECT_URI.to_owned()], ..Settings::default() };
        let (app_id, app_secret) = (settings.app_id.clone(), settings.app_secret.clone());
        let handle = Sandbox::new(settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (shutdown, stopped) = oneshot::channel();
        tokio::spawn(evertoken_sandbox::serve(listener, handle.clone(), async {
            let _dropped = stopped.await;
        }));
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        Self { handle, app_id, app_secret, client, origin, _shutdown: shutdown }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Response {
        self.client.get(self.url(path)).query(query).send().await.unwrap()
    }

    /// Sends a control request, which must succeed.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let response = self.client.request(method, self.url(path)).json(&body).send().await.unwrap();
        let (status, body) = (response.status(), response.json().await.unwrap());
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) async fn shape(&self, shapes: Value) {
        self.control(Method::PATCH, "/_sandbox/shapes", shapes).await;
    }

    pub(crate) async fn change_account(&self, change: Value) {
        self.control(Method::PATCH, &format!("/_sandbox/accounts/{ACCOUNT}"), change).await;
    }

    pub(crate) async fn inject(&self, fault: InjectedFault) {
        self.control(Method::POST, "/_sandbox/faults", fault.into()).await;
    }

    /// The number of requests to an endpoint with this outcome.
    pub(crate) async fn counted(&self, endpoint: &str, outcome: &str) -> u64 {
        let counters = self.control(Method::GET, "/_sandbox/counters", json!({})).await;
        counters[endpoint]["outcomes"][outcome].as_u64().unwrap_or(0)
    }

    /// Creates a token that is `age` seconds old.
    pub(crate) async fn create_token(&self, kind: &str, age: i64) -> String {
        let request = json!({"account": ACCOUNT, "kind": kind, "age_seconds": age});
        let created = self.control(Method::POST, "/_sandbox/tokens", request).await;
        created["access_token"].as_str().unwrap().to_owned()
    }

    /// The form that the consent page posts for `scope`, without granted scopes.
    pub(crate) fn consent<'a>(&'a self, scope: &'a str, decision: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("client_id", &self.app_id),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("scope", scope),
            ("state", "s t&te"),
            ("account", ACCOUNT),
            ("decision", decision),
        ]
    }

    /// Posts the consent page's form. Returns the redirect's target.
    pub(crate) async fn decide(&self, form: &[(&str, &str)]) -> Url {
        let response = self.client.post(self.url("/oauth/authorize")).form(form).send().await.unwrap();
        assert_eq!(response.status(), 302, "{}", response.text().await.unwrap());
        response.headers()[LOCATION].to_str().unwrap().parse().unwrap()
    }

    /// An authorization code for these granted scopes.
    pub(crate) async fn code(&self, granted: &[&str]) -> String {
        let scope = format!("{BASIC},{COMMENTS}");
        let mut form = self.consent(&scope, "allow");
        form.extend(granted.iter().map(|scope| ("grant", *scope)));
        value_of(&self.decide(&form).await, "code").unwrap()
    }

    /// The valid form of a code exchange.
    pub(crate) fn exchange<'a>(&'a self, code: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("client_id", &self.app_id),
            ("client_secret", &self.app_secret),
            ("grant_type", "authorization_code"),
            ("redirect_uri", REDIRECT_URI),
            ("code", code),
        ]
    }

    pub(crate) async fn post_exchange(&self, form: &[(&str, &str)]) -> Response {
        self.client.post(self.url("/oauth/access_token")).form(form).send().await.unwrap()
    }

    pub(crate) async fn post_multipart(&self, form: &[(&str, &str)]) -> Response {
        let empty = multipart::Form::new();
        let form = form.iter().fold(empty, |form, &(name, value)| form.text(name.to_owned(), value.to_owned()));
        self.client.post(self.url("/oauth/access_token")).multipart(form).send().await.unwrap()
    }

    pub(crate) async fn extend(&self, token: &str) -> Response {
        let query =
            [("grant_type", "ig_exchange_token"), ("client_secret", self.app_secret.as_str()), ("access_token", token)];
        self.get("/access_token", &query).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Response {
        let query = [("grant_type", "ig_refresh_token"), ("access_token", token)];
        self.get("/refresh_access_token", &query).await
    }

    pub(crate) async fn me(&self, token: &str) -> Response {
        self.get("/v26.0/me", &[("fields", "id,username"), ("access_token", token)]).await
    }
}

/// A query parameter of a URL.
pub(crate) fn value_of(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The form with one field replaced or removed.
pub(crate) fn with<'a>(form: &[(&'a str, &'a str)], name: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let others = form.iter().copied().filter(|(key, _)| *key != name);
    others.chain(value.map(|value| (name, value))).collect()
}

/// Asserts status, code, subcode, type and the beginning of the message of a Graph host's error.
pub(crate) async fn assert_rejected(response: Response, status: u16, code: u64, subcode: Option<u64>, message: &str) {
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    let error = &body["error"];
    assert_eq!(error["code"], code, "{body}");
    assert_eq!(error.get("error_subcode").and_then(Value::as_u64), subcode, "{body}");
    assert!(error["message"].as_str().unwrap().starts_with(message), "{body}");
    let kind = if code == 100 { "IGApiException" } else { "OAuthException" };
    assert_eq!(error["type"], kind, "{body}");
    assert!(error["fbtrace_id"].as_str().unwrap().len() > 10, "{body}");
}
