//! A browser for tests of the login service: it stores cookies and completes Instagram's consent page.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, StatusCode};
use url::Url;

use crate::http;
use crate::test_app::TestApp;

/// The response to a page request.
#[derive(Debug)]
pub struct PageResponse {
    /// The HTTP status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl PageResponse {
    /// Returns the target of the redirect.
    pub fn location(&self) -> Url {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| panic!("no Location header: {self:?}"));
        location.to_str().unwrap().parse().unwrap()
    }

    /// Returns the page's heading.
    pub fn heading(&self) -> &str {
        let after = self.text.split("<h1>").nth(1).unwrap_or_else(|| panic!("no heading: {self:?}"));
        after.split("</h1>").next().unwrap()
    }

    /// Returns where the page's button leads, or `None` if it has none.
    pub fn button(&self) -> Option<Url> {
        http::button(&self.text)
    }
}

/// A browser on the loopback interface. It sends every cookie with every request.
#[derive(Debug, Default)]
pub struct BrowserClient {
    cookies: Mutex<BTreeMap<String, String>>,
}

impl BrowserClient {
    /// Creates a browser without cookies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a URL without following redirects.
    pub async fn open(&self, app: &TestApp, url: &Url) -> PageResponse {
        self.send(app.client.get(url.clone())).await
    }

    /// Opens a login link, and presses the button if it leads to an invite's landing page.
    pub async fn start(&self, app: &TestApp, link: &Url) -> PageResponse {
        let page = self.open(app, link).await;
        match page.button().filter(|_| page.status == StatusCode::OK) {
            Some(button) => self.open(app, &button).await,
            None => page,
        }
    }

    /// Sends a request with the stored cookies, and stores the cookies of the response.
    pub async fn send(&self, request: RequestBuilder) -> PageResponse {
        let response = request.header(COOKIE, self.cookie_header()).send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        let (status, headers) = (response.status(), response.headers().clone());
        PageResponse { status, headers, text: response.text().await.unwrap() }
    }

    /// Returns the value of the `Cookie` header with all cookies.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Opens a login link, grants every permission as `account`, and returns the URL that Instagram redirects to.
    pub async fn consent(&self, app: &TestApp, link: &Url, account: &str) -> Url {
        let redirect = self.start(app, link).await;
        assert_eq!(redirect.status, 302, "{redirect:?}");
        self.submit_consent(app, &redirect.location(), account, "allow", None).await
    }

    /// Submits Instagram's consent page with `decision`, and returns the URL that Instagram redirects to. `granted` lists
    /// the granted permissions; `None` grants all requested ones.
    pub async fn submit_consent(
        &self,
        app: &TestApp,
        authorize: &Url,
        account: &str,
        decision: &str,
        granted: Option<&[&str]>,
    ) -> Url {
        let mut form: Vec<(String, String)> =
            authorize.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let requested: Vec<String> =
            form.iter().filter(|(name, _)| name == "scope").map(|(_, scope)| scope.clone()).collect();
        let all: Vec<&str> = requested.iter().flat_map(|scopes| scopes.split(',')).collect();
        let granted = granted.map_or(all, <[&str]>::to_vec);
        form.extend(granted.iter().map(|scope| ("grant".to_owned(), (*scope).to_owned())));
        form.extend([("account", account), ("decision", decision)].map(|(n, v)| (n.to_owned(), v.to_owned())));
        let mut page = authorize.clone();
        page.set_query(None);
        let redirect = app.client.post(page).form(&form).send().await.unwrap();
        assert_eq!(redirect.status(), 302, "{}", redirect.text().await.unwrap());
        redirect.headers()[LOCATION].to_str().unwrap().parse().unwrap()
    }

    /// Opens a login link, selects these pages as `person` on Facebook's consent page, and returns the URL that Facebook
    /// redirects to.
    pub async fn consent_on_facebook(&self, app: &TestApp, link: &Url, person: &str, pages: &[&str]) -> Url {
        let redirect = self.start(app, link).await;
        assert_eq!(redirect.status, 302, "{redirect:?}");
        self.select_on_facebook(app, &redirect.location(), person, pages).await
    }

    /// Submits Facebook's consent page, and returns the URL that Facebook redirects to.
    pub async fn select_on_facebook(&self, app: &TestApp, dialog: &Url, person: &str, pages: &[&str]) -> Url {
        self.decline_on_facebook(app, dialog, person, pages, "").await
    }

    /// Submits Facebook's consent page without one of the permissions, and returns the URL that Facebook redirects to.
    pub async fn decline_on_facebook(
        &self,
        app: &TestApp,
        dialog: &Url,
        person: &str,
        pages: &[&str],
        declined: &str,
    ) -> Url {
        let mut form: Vec<(String, String)> =
            dialog.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        form.extend(pages.iter().map(|page| ("page".to_owned(), (*page).to_owned())));
        form.extend(Some(("declined".to_owned(), declined.to_owned())).filter(|_| !declined.is_empty()));
        form.extend([("person", person), ("decision", "allow")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        let mut page = dialog.clone();
        page.set_query(None);
        let redirect = app.client.post(page).form(&form).send().await.unwrap();
        assert_eq!(redirect.status(), 302, "{}", redirect.text().await.unwrap());
        redirect.headers()[LOCATION].to_str().unwrap().parse().unwrap()
    }

    /// Completes a login through Facebook, and returns the response of `/callback`.
    pub async fn log_in_with_facebook(&self, app: &TestApp, link: &Url, person: &str, pages: &[&str]) -> PageResponse {
        let callback = self.consent_on_facebook(app, link, person, pages).await;
        self.open(app, &callback).await
    }

    /// Completes a whole login, and returns the response of `/callback`.
    pub async fn log_in(&self, app: &TestApp, link: &Url, account: &str) -> PageResponse {
        let callback = self.consent(app, link, account).await;
        self.open(app, &callback).await
    }
}
