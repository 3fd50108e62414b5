//! The cookie that binds a login to one browser. Each login has its own, so that logins in several tabs do not interfere.
//!
//! It also carries the invite that started the login, so that only this browser can start the login again. The invite is
//! the original text: signed again, it would outlive the key that signed it.

use axum::response::AppendHeaders;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use evertoken_core::login_state::LoginState;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::SigningKeys;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// As long as the login's state is valid.
const LOGIN_MAX_AGE: Duration = Duration::minutes(10);

/// As long as the receipt is valid.
const RECEIPT_MAX_AGE: Duration = Duration::hours(1);

/// The longest invite or state that a cookie carries, in bytes. API Gateway accepts 10,240 bytes of headers, and a browser may have
/// several logins in progress.
const LONGEST_SIGNED: usize = 1024;

/// `Set-Cookie` headers, as a part of a response.
pub(crate) type SetCookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

#[derive(Debug)]
pub(crate) struct LoginCookie {
    /// The name of the cookie while the login is in progress, and of the receipt that then takes its place.
    login: String,
    /// The name of the cookie that marks a failed login.
    failed: String,
    /// The name of the cookie that carries the token of a login until the person has chosen an account.
    choice: String,
    secure: bool,
}

/// What a browser can prove about a login.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Nothing. The login was started in another browser, or too long ago.
    Absent,
    /// It started the login. With the invite that it used.
    Started(Option<String>),
    /// It started the login, and the login failed.
    Failed(Option<String>),
}

impl Proof {
    /// The invite that the browser used, if the proof is valid.
    pub(crate) fn invite(&self) -> Option<&str> {
        match self {
            Self::Started(invite) | Self::Failed(invite) => invite.as_deref(),
            Self::Absent => None,
        }
    }
}

impl LoginCookie {
    pub(crate) fn of(state: &LoginState, public_url: &Url) -> Self {
        let prefix = prefix(public_url);
        let named = |purpose: &str| format!("{prefix}evertoken-{purpose}-{}", state.cookie_suffix());
        Self { login: named("login"), failed: named("failed"), choice: named("choice"), secure: is_secure(public_url) }
    }

    /// The signed receipt, if the login has completed.
    pub(crate) fn receipt(&self, headers: &HeaderMap) -> Option<String> {
        Self::find(&self.login, headers)
    }

    /// What this browser can prove about the login.
    pub(crate) fn proof(&self, state: &LoginState, headers: &HeaderMap, keys: &SigningKeys) -> Proof {
        let (failed, login) = (Self::find(&self.failed, headers), Self::find(&self.login, headers));
        let (failed, login) = (split(failed.as_deref()), split(login.as_deref()));
        let owned = |invite: Option<&str>| invite.map(str::to_owned);
        if state.is_consumed_by(failed.0, keys) {
            Proof::Failed(owned(failed.1))
        } else if state.is_bound_to(login.0, keys) {
            Proof::Started(owned(login.1))
        } else {
            Proof::Absent
        }
    }

    fn find(name: &str, headers: &HeaderMap) -> Option<String> {
        cookies(headers).find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }

    pub(crate) fn set(&self, tag: &str, invite: Option<&str>) -> SetCookies {
        AppendHeaders(self.header(&self.login, &join(tag, invite), LOGIN_MAX_AGE).into_iter().collect())
    }

    /// Sets the cookie of a choice, with the sealed token and the login's state, and the login's own cookie for as long.
    pub(crate) fn set_choice(&self, sealed: &str, signed_state: &str, tag: &str, invite: Option<&str>) -> SetCookies {
        let choice = self.header(&self.choice, &join(sealed, Some(signed_state)), LOGIN_MAX_AGE);
        let login = self.header(&self.login, &join(tag, invite), LOGIN_MAX_AGE);
        AppendHeaders(choice.into_iter().chain(login).collect())
    }

    /// The sealed token of a choice, if the cookie holds no other state.
    pub(crate) fn choice(&self, headers: &HeaderMap, signed_state: &str) -> Option<String> {
        let cookie = Self::find(&self.choice, headers)?;
        let (sealed, state) = split(Some(&cookie));
        state.is_none_or(|state| state == signed_state).then(|| sealed.to_owned())
    }

    /// Replaces both cookies of a choice with the receipt.
    pub(crate) fn replace_choice_with_receipt(&self, receipt: &str) -> SetCookies {
        let removal = self.header(&self.choice, "", Duration::ZERO);
        AppendHeaders(self.header(&self.login, receipt, RECEIPT_MAX_AGE).into_iter().chain(removal).collect())
    }

    /// Removes the cookie and sets the mark of a failed login, which tells a reload from a stranger's request.
    pub(crate) fn mark_failed(&self, mark: &str, invite: Option<&str>) -> SetCookies {
        let mark = self.header(&self.failed, &join(mark, invite), LOGIN_MAX_AGE);
        AppendHeaders(self.removal().into_iter().chain(mark).collect())
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

/// The signed state of the login that waits for a choice in this browser; `None` if none waits, or several do.
pub(crate) fn only_choice(headers: &HeaderMap, public_url: &Url) -> Option<String> {
    let name = format!("{}evertoken-choice-", prefix(public_url));
    let choices = cookies(headers).filter(|cookie| cookie.name().starts_with(&name));
    let mut states = choices.filter_map(|cookie| split(Some(cookie.value())).1.map(str::to_owned));
    let state = states.next()?;
    states.next().is_none().then_some(state)
}

/// Whether this browser completed the login of a receipt: it holds a receipt of the same login as a cookie.
pub(crate) fn proves(receipt: &Receipt, headers: &HeaderMap, public_url: &Url, keys: &SigningKeys) -> bool {
    let name = format!("{}evertoken-login-", prefix(public_url));
    cookies(headers)
        .filter(|cookie| cookie.name().starts_with(&name))
        .filter_map(|cookie| keys.open::<Receipt>(cookie.value()))
        .any(|held| held.is_of_same_login(receipt))
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let headers = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    headers.flat_map(Cookie::split_parse).filter_map(Result::ok)
}

fn is_secure(public_url: &Url) -> bool {
    public_url.scheme() == "https"
}

/// `__Host-` ties a cookie to this host and to HTTPS. Plain HTTP is for loopback only, where some browsers reject the prefix.
fn prefix(public_url: &Url) -> &'static str {
    if is_secure(public_url) { "__Host-" } else { "" }
}

/// A cookie's value: a tag or a sealed token, and after a dot the invite or state.
fn join(tag: &str, signed: Option<&str>) -> String {
    match signed.filter(|signed| signed.len() <= LONGEST_SIGNED) {
        Some(signed) => format!("{tag}.{signed}"),
        None => tag.to_owned(),
    }
}

/// The two parts of a cookie's value. The first contains no dot.
fn split(value: Option<&str>) -> (&str, Option<&str>) {
    let value = value.unwrap_or_default();
    value.split_once('.').map_or((value, None), |(tag, signed)| (tag, Some(signed)))
}

#[cfg(test)]
mod tests {
    use evertoken_core::entropy::SystemEntropy;
    use time::macros::datetime;

    use super::*;

    /// RFC 6265, section 6.1: browsers store at least 4,096 bytes of name, value and attributes.
    #[test]
    fn a_cookie_is_never_longer_than_a_browser_stores() {
        let keys = SigningKeys::parse("a-signing-key-0123456789-abcdefghijk").unwrap();
        let state = LoginState::start(None, datetime!(2026-11-22 05:00 UTC), &SystemEntropy).unwrap();
        let cookie = LoginCookie::of(&state, &"https://connect.example.com".parse().unwrap());
        for (length, is_kept) in [(0, true), (LONGEST_SIGNED, true), (LONGEST_SIGNED + 1, false), (100_000, false)] {
            let invite = "a".repeat(length);
            for cookies in [
                cookie.set(&state.cookie_value(&keys), Some(&invite)),
                cookie.mark_failed(&state.consumed_value(&keys), Some(&invite)),
            ] {
                let longest = cookies.0.iter().map(|(_, value)| value.len()).max().unwrap();
                assert!(longest <= 4096, "{longest}");
                assert_eq!(longest > length, is_kept, "{length}");
            }
        }
    }

    #[test]
    fn a_failed_login_removes_its_cookie_and_leaves_a_mark() {
        let state = LoginState::start(None, datetime!(2026-11-22 05:00 UTC), &SystemEntropy).unwrap();
        let cookie = LoginCookie::of(&state, &"https://connect.example.com".parse().unwrap());
        let headers = cookie.mark_failed("mark", None).0;
        let set: Vec<_> = headers.iter().map(|(_, value)| Cookie::parse(value.to_str().unwrap()).unwrap()).collect();
        let set: Vec<_> = set.iter().map(|set| (set.name(), set.value(), set.max_age().unwrap())).collect();
        let [login, failed] = set.as_slice() else { panic!("{set:?}") };
        assert_eq!(*login, (cookie.login.as_str(), "", Duration::ZERO));
        assert_eq!(*failed, (cookie.failed.as_str(), "mark", LOGIN_MAX_AGE));
    }
}
