//! Somebody with a browser: keeps cookies, and is led through a login.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, StatusCode};
use url::Url;

use crate::login_house::House;

/// What came back.
#[derive(Debug)]
pub struct Seen {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as text.
    pub text: String,
}

impl Seen {
    /// Where it leads.
    pub fn location(&self) -> Url {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| panic!("no Location: {self:?}"));
        location.to_str().unwrap().parse().unwrap()
    }

    /// The page's heading.
    pub fn heading(&self) -> &str {
        let after = self.text.split("<h1>").nth(1).unwrap_or_else(|| panic!("no heading: {self:?}"));
        after.split("</h1>").next().unwrap()
    }
}

/// A browser on the loopback: cookies by name.
#[derive(Debug, Default)]
pub struct Visitor {
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Visitor {
    /// A new browser.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens an address.
    pub async fn open(&self, house: &House, url: &Url) -> Seen {
        self.send(house.client.get(url.clone())).await
    }

    /// Sends a request with the cookies that are there, and keeps those that come.
    pub async fn send(&self, request: RequestBuilder) -> Seen {
        let response = request.header(COOKIE, self.cookie_header()).send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Seen { status, headers, text: response.text().await.unwrap() }
    }

    /// All cookies in one header.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Forgets all cookies.
    pub fn forget(&self) {
        self.cookies.lock().unwrap().clear();
    }

    /// From a link to the address that Instagram sends the person back to, as `account` that allows everything.
    pub async fn consent(&self, house: &House, link: &Url, account: &str) -> Url {
        let asked = self.open(house, link).await;
        assert_eq!(asked.status, 302, "{asked:?}");
        self.decide(house, &asked.location(), account, "allow", None).await
    }

    /// Answers Instagram's page. `granted` are the permissions that stay ticked, else all.
    pub async fn decide(
        &self,
        house: &House,
        authorize: &Url,
        account: &str,
        decision: &str,
        granted: Option<&[&str]>,
    ) -> Url {
        let mut form: Vec<(String, String)> =
            authorize.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let asked: Vec<String> =
            form.iter().filter(|(name, _)| name == "scope").map(|(_, scope)| scope.clone()).collect();
        let all: Vec<&str> = asked.iter().flat_map(|scopes| scopes.split(',')).collect();
        let granted = granted.map_or(all, <[&str]>::to_vec);
        form.extend(granted.iter().map(|scope| ("grant".to_owned(), (*scope).to_owned())));
        form.extend([("account", account), ("decision", decision)].map(|(n, v)| (n.to_owned(), v.to_owned())));
        let mut page = authorize.clone();
        page.set_query(None);
        let sent_back = house.client.post(page).form(&form).send().await.unwrap();
        assert_eq!(sent_back.status(), 302, "{}", sent_back.text().await.unwrap());
        sent_back.headers()[LOCATION].to_str().unwrap().parse().unwrap()
    }

    /// A whole login, up to the answer of `/callback`.
    pub async fn log_in(&self, house: &House, link: &Url, account: &str) -> Seen {
        let callback = self.consent(house, link, account).await;
        self.open(house, &callback).await
    }
}
