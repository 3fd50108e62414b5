//! A browser's cookies.

use cookie::Cookie;
use cookie::time::Duration;
use url::Url;

/// Keeps what it is given as a browser does (RFC 6265bis): for the host that gave it, whatever its port.
///
/// What it does not know: `SameSite`, which lets a top-level visit pass, `Domain`, which is refused, and time.
#[derive(Clone, Debug, Default)]
pub struct Cookies(Vec<Kept>);

#[derive(Clone, Debug)]
struct Kept {
    host: String,
    cookie: Cookie<'static>,
}

impl Cookies {
    /// Takes a `Set-Cookie` header of an answer of `url`. Gives the cookie back if the browser takes it.
    pub fn take(&mut self, url: &Url, set_cookie: &str) -> Option<Cookie<'static>> {
        let cookie = Cookie::parse(set_cookie.to_owned()).ok()?.into_owned();
        let secure = cookie.secure() == Some(true);
        let host_only = secure && cookie.path() == Some("/") && cookie.domain().is_none();
        let prefix_is_kept = !cookie.name().starts_with("__Host-") || host_only;
        if cookie.domain().is_some() || !prefix_is_kept || (secure && !is_trustworthy(url)) {
            return None;
        }
        let host = url.host_str()?.to_owned();
        self.0.retain(|kept| kept.host != host || kept.cookie.name() != cookie.name());
        if cookie.max_age().is_none_or(|age| age > Duration::ZERO) {
            self.0.push(Kept { host, cookie: cookie.clone() });
        }
        Some(cookie)
    }

    /// The `Cookie` header's parts for a request to `url`: `name=value`.
    pub fn of(&self, url: &Url) -> Vec<String> {
        let goes_to = |kept: &&Kept| {
            let path = kept.cookie.path().unwrap_or("/");
            Some(kept.host.as_str()) == url.host_str()
                && url.path().starts_with(path)
                && (kept.cookie.secure() != Some(true) || is_trustworthy(url))
        };
        let pair = |kept: &Kept| format!("{}={}", kept.cookie.name(), kept.cookie.value());
        self.0.iter().filter(goes_to).map(pair).collect()
    }

    /// Whether there is one of a name with these words in it.
    pub fn has(&self, words: &str) -> bool {
        self.0.iter().any(|kept| kept.cookie.name().contains(words))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where a browser sends `Secure` cookies to.
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || evertoken_core::variables::is_loopback(url)
}
