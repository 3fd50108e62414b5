//! Requests and answers, whoever carries them.

use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::Url;

/// A client that does no more than it is told: no redirects, no proxy of the machine's.
pub fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

/// What a browser sends.
#[derive(Clone, Debug)]
pub struct Request {
    /// GET, HEAD or POST.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// All headers but `Cookie`.
    pub headers: Vec<(String, String)>,
    /// A form, with POST.
    pub form: Vec<(String, String)>,
}

impl Request {
    /// A visit.
    pub fn get(url: &Url) -> Self {
        Self { method: Method::GET, url: url.clone(), headers: Vec::new(), form: Vec::new() }
    }

    /// The same with another method.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What comes back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The address that was asked.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// All headers but `Set-Cookie`, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The `Set-Cookie` headers.
    pub cookies: Vec<String>,
    /// The body's text.
    pub body: String,
}

impl Answer {
    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|header| header.0 == name);
        found.map_or("", |(_, value)| value)
    }

    /// Where a redirect leads to; none if this is no redirect.
    pub fn location(&self) -> Option<Url> {
        let redirect = [301, 302, 303, 307, 308].contains(&self.status);
        redirect.then(|| self.url.join(self.header("location")).unwrap())
    }
}

/// A query parameter's value; empty if it is not there.
pub fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|pair| pair.0 == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}
