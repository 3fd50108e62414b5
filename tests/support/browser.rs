//! A browser for end-to-end tests: it stores cookies, follows redirects and reaches Lambda functions.

use reqwest::Client;
use reqwest::header::SET_COOKIE;
use url::Url;

use crate::api_gateway;
use crate::cookie_jar::CookieJar;
use crate::http::{self, Request, Response, parameter};
use crate::lambda_emulator::Lambda;
use crate::secret_scanner::SecretScanner;

/// The choices of a person on the sandbox's consent page.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// The username that the person logs in with.
    pub account: &'a str,
    /// The scopes that the person grants; `None` grants all.
    pub grants: Option<&'a [&'a str]>,
    /// The button that the person clicks: `allow` or `cancel`.
    pub decision: &'a str,
}

impl<'a> Consent<'a> {
    /// Grants everything.
    pub fn allow(account: &'a str) -> Self {
        Self { account, grants: None, decision: "allow" }
    }
}

/// A browser. A clone starts with a copy of its cookies.
#[derive(Clone, Debug)]
pub struct Browser<'a> {
    /// The Lambda function that serves this origin.
    lambda: Option<(&'a Lambda, Url)>,
    client: Client,
    /// The stored cookies.
    pub cookies: CookieJar,
    scanner: SecretScanner,
}

impl<'a> Browser<'a> {
    /// Creates a browser that sends all requests over HTTP.
    pub fn new(scanner: &SecretScanner) -> Self {
        Self::with_client(http::client(), scanner)
    }

    /// Creates a browser that sends all requests with this client, which must not follow redirects.
    pub fn with_client(client: Client, scanner: &SecretScanner) -> Self {
        Self { lambda: None, client, cookies: CookieJar::default(), scanner: scanner.clone() }
    }

    /// Creates a browser that sends requests for `origin` to a Lambda function, as an HTTP API does.
    pub fn with_lambda(lambda: &'a Lambda, origin: &Url, scanner: &SecretScanner) -> Self {
        Self { lambda: Some((lambda, origin.clone())), ..Self::new(scanner) }
    }

    /// Copies the browser, with another instance of the function behind the origin.
    #[must_use]
    pub fn served_by<'b>(&self, lambda: &'b Lambda) -> Browser<'b> {
        let origin = self.lambda.as_ref().map(|(_, origin)| origin.clone()).expect("no Lambda serves this browser");
        Browser {
            lambda: Some((lambda, origin)),
            client: self.client.clone(),
            cookies: self.cookies.clone(),
            scanner: self.scanner.clone(),
        }
    }

    /// Sends one request.
    pub async fn send(&mut self, request: &Request) -> Response {
        let response = match &self.lambda {
            Some((lambda, origin)) if origin.origin() == request.url.origin() => {
                let event = api_gateway::event(request, &self.cookies.for_url(&request.url));
                api_gateway::response(request, &lambda.invoke(&event).await)
            }
            _ => self.send_over_http(request).await,
        };
        for set_cookie in &response.cookies {
            let cookie = self.cookies.store(&response.url, set_cookie);
            let cookie = cookie.unwrap_or_else(|| panic!("a browser would reject this cookie: {set_cookie}"));
            // A receipt is also part of the redirect URL. `register_redirect_secrets` handles it.
            let is_in_redirect = response.location().is_some_and(|url| url.as_str().contains(cookie.value()));
            if !cookie.value().is_empty() && !is_in_redirect {
                self.scanner.register_secret("a cookie", cookie.value());
            }
        }
        self.register_redirect_secrets(&response);
        response
    }

    /// Requests a URL without following redirects.
    pub async fn get(&mut self, url: &Url) -> Response {
        self.send(&Request::get(url)).await
    }

    /// Opens an invite link and presses the button of its landing page.
    pub async fn start(&mut self, link: &Url) -> Response {
        let page = self.get(link).await;
        let button = page.landing_button().unwrap_or_else(|| panic!("not a landing page: {page:?}"));
        self.get(&button).await
    }

    /// Opens a URL and follows all redirects, and the button of an invite's landing page.
    pub async fn open(&mut self, url: &Url) -> Response {
        let mut response = self.get(url).await;
        let mut redirects = 0;
        while let Some(next) = response.location().or_else(|| response.landing_button()) {
            redirects += 1;
            assert!(redirects < 10, "too many redirects, the last to {next}");
            response = self.get(&next).await;
        }
        response
    }

    /// Submits the consent page, and returns the URL that Instagram redirects to.
    pub async fn consent(&mut self, page: &Response, consent: Consent<'_>) -> Url {
        assert!(page.status == 200 && page.url.path() == "/oauth/authorize", "not a consent page: {page:?}");
        let mut form: Vec<(String, String)> =
            page.url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let scope = parameter(&page.url, "scope");
        let grants = consent.grants.map_or_else(|| scope.split(',').collect(), <[_]>::to_vec);
        let choices = [("account", consent.account), ("decision", consent.decision)];
        let grants = grants.into_iter().map(|grant| ("grant", grant));
        form.extend(choices.into_iter().chain(grants).map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut action = page.url.clone();
        action.set_query(None);
        let request = Request { form, ..Request::get(&action).method(reqwest::Method::POST) };
        let mut callback = self.send(&request).await.location().unwrap_or_else(|| panic!("Instagram did not redirect"));
        callback.set_fragment(None);
        callback
    }

    /// Opens a login link, selects these pages as `person` on Facebook's consent page, and returns the page at the end: the
    /// choice among several accounts, or the end of the login.
    pub async fn log_in_with_facebook(&mut self, link: &Url, person: &str, pages: &[&str]) -> Response {
        let dialog = self.open(link).await;
        assert!(
            dialog.status == 200 && dialog.url.path().ends_with("/dialog/oauth"),
            "not Facebook's dialog: {dialog:?}"
        );
        let mut form: Vec<(String, String)> = dialog.url.query_pairs().into_owned().collect();
        let choices = [("person", person), ("decision", "allow")].into_iter();
        let choices = choices.chain(pages.iter().map(|page| ("page", *page)));
        form.extend(choices.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut action = dialog.url.clone();
        action.set_query(None);
        let request = Request { form, ..Request::get(&action).method(reqwest::Method::POST) };
        let answer = self.send(&request).await;
        let mut callback = answer.location().unwrap_or_else(|| panic!("Facebook did not redirect: {answer:?}"));
        callback.set_fragment(None);
        self.open(&callback).await
    }

    /// Chooses accounts on the page that a login with several ends on, and returns the page at the end.
    pub async fn choose(&mut self, page: &Response, accounts: &[&str]) -> Response {
        assert!(page.status == 200 && page.url.path() == "/choose", "not a choice: {page:?}");
        let state = page.body.split("name=\"state\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let fields = accounts.iter().map(|account| ("account", *account)).chain([("state", state)]);
        let form = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut action = page.url.clone();
        action.set_query(None);
        let done = self.send(&Request { form, ..Request::get(&action).method(reqwest::Method::POST) }).await;
        let next = done.location().unwrap_or_else(|| panic!("the choice failed: {done:?}"));
        self.open(&next).await
    }

    /// Completes a whole login, and returns the final page.
    pub async fn log_in(&mut self, link: &Url, consent: Consent<'_>) -> Response {
        let page = self.open(link).await;
        let callback = self.consent(&page, consent).await;
        self.open(&callback).await
    }

    async fn send_over_http(&self, request: &Request) -> Response {
        let mut builder = self.client.request(request.method.clone(), request.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let cookies = self.cookies.for_url(&request.url);
        if !cookies.is_empty() {
            builder = builder.header("cookie", cookies.join("; "));
        }
        if !request.form.is_empty() {
            builder = builder.form(&request.form);
        }
        let response = builder.send().await.unwrap();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = response.headers().iter().filter(|(name, _)| *name != SET_COOKIE);
        Response {
            url: request.url.clone(),
            status: response.status().as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
            cookies: response.headers().get_all(SET_COOKIE).iter().map(text).collect(),
            body: response.text().await.unwrap(),
        }
    }

    /// Registers the secrets in a redirect URL with the secret scanner.
    fn register_redirect_secrets(&self, response: &Response) {
        let Some(location) = response.location() else { return };
        let parameters = [("code", "an authorization code"), ("state", "a state"), ("receipt", "a receipt")];
        for (name, what) in parameters {
            match parameter(&location, name).as_str() {
                "" => {}
                code if name == "code" => self.scanner.register_secret(what, code),
                text => self.scanner.register_log_secret(what, text),
            }
        }
    }
}
