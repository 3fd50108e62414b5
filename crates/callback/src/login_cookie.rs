//! The cookie that binds a login to one browser. One a login, so that several tabs work at once.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use evertoken_core::login_state::LoginState;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use url::Url;

/// How long the browser keeps it: as long as the login's state holds.
const MAX_AGE: Duration = Duration::minutes(10);

/// The same of a receipt: the back button leads to what was connected.
const RECEIPT_MAX_AGE: Duration = Duration::hours(1);

/// A login's cookie, by name.
#[derive(Debug)]
pub(crate) struct LoginCookie {
    name: String,
    /// Of the mark that a failed login leaves.
    over: String,
    secure: bool,
}

impl LoginCookie {
    /// `__Host-` keeps the cookie to this host and to https. Plain http is for loopback alone, where some browsers refuse
    /// that prefix.
    pub(crate) fn of(state: &LoginState, public_url: &Url) -> Self {
        let secure = public_url.scheme() == "https";
        let prefix = if secure { "__Host-" } else { "" };
        let named = |what: &str| format!("{prefix}evertoken-{what}-{}", state.cookie_suffix());
        Self { name: named("login"), over: named("over"), secure }
    }

    /// What the browser sent.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Option<String> {
        Self::find(&self.name, headers)
    }

    /// What the browser sent of a login that has failed.
    pub(crate) fn read_over(&self, headers: &HeaderMap) -> Option<String> {
        Self::find(&self.over, headers)
    }

    fn find(name: &str, headers: &HeaderMap) -> Option<String> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned())
    }

    /// Sets it.
    pub(crate) fn set(&self, value: &str, headers: &mut HeaderMap) {
        self.append(&self.name, value, MAX_AGE, headers);
    }

    /// Takes it away.
    pub(crate) fn remove(&self, headers: &mut HeaderMap) {
        self.append(&self.name, "", Duration::ZERO, headers);
    }

    /// Takes it away and leaves a mark, so that a reload is told from a stranger.
    pub(crate) fn end(&self, mark: &str, headers: &mut HeaderMap) {
        self.remove(headers);
        self.append(&self.over, mark, MAX_AGE, headers);
    }

    /// Puts a receipt in its place, for as long as that holds.
    pub(crate) fn keep_receipt(&self, receipt: &str, headers: &mut HeaderMap) {
        self.append(&self.name, receipt, RECEIPT_MAX_AGE, headers);
    }

    fn append(&self, name: &str, value: &str, max_age: Duration, headers: &mut HeaderMap) {
        let cookie = Cookie::build((name, value))
            .path("/")
            .secure(self.secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(max_age)
            .build();
        // Name and value are base64url and dots: always a valid header.
        if let Ok(mut header) = HeaderValue::from_str(&cookie.to_string()) {
            header.set_sensitive(true);
            headers.append(SET_COOKIE, header);
        }
    }
}
