//! A sandbox, and an app that logs people in with Facebook.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::LOCATION;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::test_sandbox::{REDIRECT_URI, TestSandbox, value_of};

pub(crate) const APP_ID: &str = "9876543210987654";
pub(crate) const APP_SECRET: &str = "fedcba9876543210fedcba9876543210";
pub(crate) const SCOPES: &str = "instagram_basic,pages_show_list,pages_read_engagement,business_management";

/// The page of `one_page`, and its account.
pub(crate) const PAGE: &str = "100641205793101";
pub(crate) const BLUE_BOTTLE: &str = "17841405793187218";
pub(crate) const CORNER_BAKERY: &str = "17841405793187219";

pub(crate) struct PersonSandbox {
    pub(crate) sandbox: TestSandbox,
}

impl PersonSandbox {
    pub(crate) async fn start() -> Self {
        Self { sandbox: TestSandbox::start().await }
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        self.sandbox.control(method, &format!("/_sandbox/facebook{path}"), body).await
    }

    pub(crate) async fn change_person(&self, person: &str, change: Value) {
        self.control(Method::PATCH, &format!("/persons/{person}"), change).await;
    }

    pub(crate) async fn change_page(&self, person: &str, page: &str, change: Value) {
        self.control(Method::PATCH, &format!("/persons/{person}/pages/{page}"), change).await;
    }

    pub(crate) async fn change_app(&self, change: Value) {
        self.control(Method::PATCH, "/app", change).await;
    }

    pub(crate) async fn shape(&self, shapes: Value) {
        self.control(Method::PATCH, "/shapes", shapes).await;
    }

    /// Creates a token that is issued now.
    pub(crate) async fn token(&self, person: &str, kind: &str) -> String {
        self.created(json!({"person": person, "kind": kind})).await
    }

    pub(crate) async fn created(&self, request: Value) -> String {
        let created = self.control(Method::POST, "/tokens", request).await;
        created["access_token"].as_str().unwrap().to_owned()
    }

    /// The form that the consent page posts for a person.
    pub(crate) fn consent<'a>(person: &'a str, pages: &[&'a str]) -> Vec<(&'a str, &'a str)> {
        let mut form = vec![
            ("client_id", APP_ID),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("scope", SCOPES),
            ("state", "s t&te"),
            ("person", person),
            ("decision", "allow"),
        ];
        form.extend(pages.iter().map(|page| ("page", *page)));
        form
    }

    pub(crate) async fn post_consent(&self, form: &[(&str, &str)]) -> Response {
        self.sandbox.client.post(self.sandbox.url("/v26.0/dialog/oauth")).form(form).send().await.unwrap()
    }

    /// Posts the form. Returns the redirect's target.
    pub(crate) async fn decide(&self, form: &[(&str, &str)]) -> Url {
        let response = self.post_consent(form).await;
        assert_eq!(response.status(), 302, "{}", response.text().await.unwrap());
        response.headers()[LOCATION].to_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn code(&self, form: &[(&str, &str)]) -> String {
        value_of(&self.decide(form).await, "code").unwrap()
    }

    /// The valid parameters of a code exchange.
    pub(crate) fn exchange(code: &str) -> Vec<(&str, &str)> {
        vec![("client_id", APP_ID), ("client_secret", APP_SECRET), ("redirect_uri", REDIRECT_URI), ("code", code)]
    }

    pub(crate) async fn get_token(&self, query: &[(&str, &str)]) -> Response {
        self.sandbox.get("/v26.0/oauth/access_token", query).await
    }

    /// The token for this consent.
    pub(crate) async fn log_in(&self, form: &[(&str, &str)]) -> String {
        let code = self.code(form).await;
        let body: Value = self.get_token(&Self::exchange(&code)).await.json().await.unwrap();
        body["access_token"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
    }

    pub(crate) async fn extend(&self, token: &str) -> Response {
        self.get_token(&Self::extension(token)).await
    }

    pub(crate) fn extension(token: &str) -> Vec<(&str, &str)> {
        vec![
            ("client_id", APP_ID),
            ("client_secret", APP_SECRET),
            ("grant_type", "fb_exchange_token"),
            ("fb_exchange_token", token),
        ]
    }

    /// A call with proof and bearer token.
    pub(crate) async fn call(&self, path: &str, token: &str, query: &[(&str, &str)]) -> Response {
        self.request(Method::GET, path, token, query).await
    }

    pub(crate) async fn request(&self, method: Method, path: &str, token: &str, query: &[(&str, &str)]) -> Response {
        let url = self.sandbox.url(&format!("/v26.0{path}"));
        let proof = proof(APP_SECRET, token);
        let request = self.sandbox.client.request(method, url).query(query).query(&[("appsecret_proof", &proof)]);
        request.bearer_auth(token).send().await.unwrap()
    }

    /// The body of a call that succeeds.
    pub(crate) async fn read(&self, path: &str, token: &str, query: &[(&str, &str)]) -> Value {
        let response = self.call(path, token, query).await;
        let (status, body) = (response.status(), response.json().await.unwrap());
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// What the debugger says about a token.
    pub(crate) async fn debug(&self, token: &str) -> Value {
        let app = format!("{APP_ID}|{APP_SECRET}");
        self.read("/debug_token", &app, &[("input_token", token)]).await["data"].clone()
    }

    /// The names of all pages that a list contains.
    pub(crate) async fn names(&self, path: &str, token: &str) -> Vec<String> {
        let body = self.read(path, token, &[("fields", "name"), ("limit", "100")]).await;
        body["data"].as_array().unwrap().iter().map(|page| page["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The page token that a user token gives.
    pub(crate) async fn page_token(&self, user: &str, page: &str) -> String {
        let body = self.read(&format!("/{page}"), user, &[("fields", "access_token")]).await;
        body["access_token"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn proof(secret: &str, token: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(token.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Asserts code, subcode and the beginning of the message of an error with status 400.
pub(crate) async fn assert_error(response: Response, code: u64, subcode: Option<u64>, message: &str) {
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, 400, "{body}");
    let error = &body["error"];
    assert_eq!(error["code"], code, "{body}");
    assert_eq!(error.get("error_subcode").and_then(Value::as_u64), subcode, "{body}");
    assert!(error["message"].as_str().unwrap().starts_with(message), "{body}");
    let is_method_error = subcode == Some(33) || message.contains("appsecret_proof");
    assert_eq!(error["type"], if is_method_error { "GraphMethodException" } else { "OAuthException" }, "{body}");
    assert!(error["fbtrace_id"].as_str().unwrap().len() > 10, "{body}");
}
