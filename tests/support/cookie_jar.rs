//! A browser's cookies.

use cookie::Cookie;
use cookie::time::Duration;
use url::Url;

/// Stores cookies as a browser does (RFC 6265bis): per host, whatever the port.
///
/// It does not support `SameSite`, because a top-level navigation sends `Lax` cookies; `Domain`, which it rejects; and
/// expiry.
#[derive(Clone, Debug, Default)]
pub struct CookieJar(Vec<Stored>);

#[derive(Clone, Debug)]
struct Stored {
    host: String,
    cookie: Cookie<'static>,
}

impl CookieJar {
    /// Stores the cookie of a `Set-Cookie` header from `url`. Returns `None` if a browser would reject the cookie.
    pub fn store(&mut self, url: &Url, set_cookie: &str) -> Option<Cookie<'static>> {
        let cookie = Cookie::parse(set_cookie.to_owned()).ok()?.into_owned();
        let secure = cookie.secure() == Some(true);
        let host_only = secure && cookie.path() == Some("/") && cookie.domain().is_none();
        let prefix_is_valid = !cookie.name().starts_with("__Host-") || host_only;
        if cookie.domain().is_some() || !prefix_is_valid || (secure && !is_trustworthy(url)) {
            return None;
        }
        let host = url.host_str()?.to_owned();
        self.0.retain(|stored| stored.host != host || stored.cookie.name() != cookie.name());
        if cookie.max_age().is_none_or(|age| age > Duration::ZERO) {
            self.0.push(Stored { host, cookie: cookie.clone() });
        }
        Some(cookie)
    }

    /// Returns the cookies for a request to `url`, each as `name=value`.
    pub fn for_url(&self, url: &Url) -> Vec<String> {
        let applies = |stored: &&Stored| {
            let path = stored.cookie.path().unwrap_or("/");
            Some(stored.host.as_str()) == url.host_str()
                && url.path().starts_with(path)
                && (stored.cookie.secure() != Some(true) || is_trustworthy(url))
        };
        let pair = |stored: &Stored| format!("{}={}", stored.cookie.name(), stored.cookie.value());
        self.0.iter().filter(applies).map(pair).collect()
    }

    /// Returns whether the name of any cookie contains `text`.
    pub fn has_name_containing(&self, text: &str) -> bool {
        self.0.iter().any(|stored| stored.cookie.name().contains(text))
    }

    /// Returns whether there are no cookies.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns whether a browser sends `Secure` cookies to this URL.
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || evertoken_core::variables::is_loopback(url)
}
