//! HTTP requests and responses, independent of the transport.

use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::Url;

/// Returns a client that follows no redirects and ignores the machine's proxy settings.
pub fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

/// A browser's request.
#[derive(Clone, Debug)]
pub struct Request {
    /// GET, HEAD or POST.
    pub method: Method,
    /// The target URL.
    pub url: Url,
    /// All headers except `Cookie`.
    pub headers: Vec<(String, String)>,
    /// The form fields of a POST request.
    pub form: Vec<(String, String)>,
}

impl Request {
    /// Creates a GET request.
    pub fn get(url: &Url) -> Self {
        Self { method: Method::GET, url: url.clone(), headers: Vec::new(), form: Vec::new() }
    }

    /// Changes the method.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The response to a request.
#[derive(Clone, Debug)]
pub struct Response {
    /// The URL of the request.
    pub url: Url,
    /// The HTTP status code.
    pub status: u16,
    /// All headers except `Set-Cookie`, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The values of the `Set-Cookie` headers.
    pub cookies: Vec<String>,
    /// The body as text.
    pub body: String,
}

impl Response {
    /// Returns a header's value, or an empty string if the header is absent.
    pub fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|header| header.0 == name);
        header.map_or("", |(_, value)| value)
    }

    /// Returns the target of a redirect, or `None` if this is not a redirect.
    pub fn location(&self) -> Option<Url> {
        let redirect = [301, 302, 303, 307, 308].contains(&self.status);
        redirect.then(|| self.url.join(self.header("location")).unwrap())
    }

    /// Returns where the button of an invite's landing page leads, or `None` if this is another page.
    pub fn landing_button(&self) -> Option<Url> {
        let is_landing_page = self.status == 200 && self.url.path() == "/login";
        is_landing_page.then(|| button(&self.body).unwrap_or_else(|| panic!("no button: {self:?}")))
    }
}

/// Returns where the button of a page leads, or `None` if the page has none.
pub fn button(page: &str) -> Option<Url> {
    let link = page.split("class=\"button\" href=\"").nth(1)?.split('"').next()?;
    Some(link.replace("&#38;", "&").parse().unwrap())
}

/// Returns a query parameter's value, or an empty string if the parameter is absent.
pub fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|pair| pair.0 == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}
