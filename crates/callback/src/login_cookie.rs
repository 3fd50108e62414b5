//! The cookie that binds a login to one browser. Each login has its own, so that logins in several tabs do not interfere.

use axum::response::AppendHeaders;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use evertoken_core::login_state::LoginState;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// As long as the login's state is valid.
const LOGIN_MAX_AGE: Duration = Duration::minutes(10);

/// As long as the receipt is valid.
const RECEIPT_MAX_AGE: Duration = Duration::hours(1);

/// `Set-Cookie` headers, as a part of a response.
pub(crate) type SetCookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

#[derive(Debug)]
pub(crate) struct LoginCookie {
    /// The name of the cookie while the login is in progress, and of the receipt that then takes its place.
    login: String,
    /// The name of the cookie that marks a failed login.
    failed: String,
    secure: bool,
}

impl LoginCookie {
    /// The prefix `__Host-` ties the cookie to this host and to HTTPS. Plain HTTP is for loopback only, where some browsers
    /// reject the prefix.
    pub(crate) fn of(state: &LoginState, public_url: &Url) -> Self {
        let secure = public_url.scheme() == "https";
        let prefix = if secure { "__Host-" } else { "" };
        let named = |purpose: &str| format!("{prefix}evertoken-{purpose}-{}", state.cookie_suffix());
        Self { login: named("login"), failed: named("failed"), secure }
    }

    pub(crate) fn read(&self, headers: &HeaderMap) -> Option<String> {
        Self::find(&self.login, headers)
    }

    /// Reads the mark of a failed login.
    pub(crate) fn read_failed(&self, headers: &HeaderMap) -> Option<String> {
        Self::find(&self.failed, headers)
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

    pub(crate) fn set(&self, value: &str) -> SetCookies {
        AppendHeaders(self.header(&self.login, value, LOGIN_MAX_AGE).into_iter().collect())
    }

    pub(crate) fn remove(&self) -> SetCookies {
        AppendHeaders(self.removal().into_iter().collect())
    }

    /// Removes the cookie and sets the mark of a failed login, which tells a reload from a stranger's request.
    pub(crate) fn mark_failed(&self, mark: &str) -> SetCookies {
        AppendHeaders(self.removal().into_iter().chain(self.header(&self.failed, mark, LOGIN_MAX_AGE)).collect())
    }

    /// Replaces the cookie with the receipt of a completed login.
    pub(crate) fn replace_with_receipt(&self, receipt: &str) -> SetCookies {
        AppendHeaders(self.header(&self.login, receipt, RECEIPT_MAX_AGE).into_iter().collect())
    }

    fn removal(&self) -> Option<(HeaderName, HeaderValue)> {
        self.header(&self.login, "", Duration::ZERO)
    }

    fn header(&self, name: &str, value: &str, max_age: Duration) -> Option<(HeaderName, HeaderValue)> {
        let cookie = Cookie::build((name, value))
            .path("/")
            .secure(self.secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(max_age)
            .build();
        // The name and the value consist of base64url characters and dots, so this is always a valid header.
        let mut header = HeaderValue::from_str(&cookie.to_string()).ok()?;
        header.set_sensitive(true);
        Some((SET_COOKIE, header))
    }
}
