//! An input of the fuzz targets `routes` and `choices`: a request as text.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{Method, Request, Uri};
use url::form_urlencoded;

use crate::signed_texts::SignedTexts;

static SIGNED_TEXTS: LazyLock<SignedTexts> = LazyLock::new(SignedTexts::new);

/// A request: the method and the path with its query on the first line, the `Cookie` header on the second, and the body in
/// the rest. Each part may contain placeholders for genuine signed texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    method: &'a str,
    target: &'a str,
    cookie: &'a str,
    body: &'a str,
}

impl<'a> Input<'a> {
    /// Parses an input; `None` if it has no method and path.
    pub(crate) fn parse(data: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(data).ok()?;
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (method, target) = line.split_once(' ')?;
        let (cookie, body) = rest.split_once('\n').unwrap_or((rest, ""));
        Some(Self { method, target, cookie, body })
    }

    /// The request; `None` if it is not valid HTTP.
    pub(crate) fn request(self) -> Option<Request<Body>> {
        let method = Method::from_bytes(self.method.as_bytes()).ok()?;
        let request = Request::builder().method(method).uri(sign(self.target)).header("cookie", sign(self.cookie));
        request.body(Body::from(sign(self.body))).ok()
    }

    /// Whether this is a callback with the genuine state, and from the browser that started the login.
    pub(crate) fn may_connect(self) -> bool {
        self.is("GET", "/callback") && self.target.contains("{state}") && has_genuine_cookie(self.cookie)
    }

    /// Whether this is a request to log in with the genuine invite.
    pub(crate) fn may_start_a_login(self) -> bool {
        self.is("GET", "/login") && self.target.contains("{invite}")
    }

    /// Whether this is a choice from the browser that started the login, with the sealed token of that login.
    pub(crate) fn may_choose(self) -> bool {
        let has = |whole: &str, part: &str| self.cookie.contains(whole) || self.cookie.contains(part);
        self.is("POST", "/choose")
            && has("{facebook_cookie}", "{facebook_tag}")
            && has("{choice_cookie}", "{sealed_token}")
            && self.body.contains("account=")
    }

    /// Whether Instagram or Facebook supposedly reported an error, which may be one of the server.
    pub(crate) fn reports_an_error(self) -> bool {
        let Ok(uri) = sign(self.target).parse::<Uri>() else { return false };
        let mut query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        uri.path() == "/callback" && query.any(|(name, _)| name == "error")
    }

    /// Whether this is a request of Meta to remove the account.
    pub(crate) fn may_remove(self) -> bool {
        (self.is("POST", "/deauthorize") || self.is("POST", "/data-deletion")) && self.body.contains("{signed_request}")
    }

    fn is(self, method: &str, path: &str) -> bool {
        self.method == method && sign(self.target).parse::<Uri>().is_ok_and(|uri| uri.path() == path)
    }
}

/// Whether the header holds the tag that only the browser which started the login has.
fn has_genuine_cookie(cookie: &str) -> bool {
    cookie.contains("{cookie}") || cookie.contains("{cookie_tag}")
}

/// Replaces the placeholders.
fn sign(text: &str) -> String {
    SIGNED_TEXTS.fill_in(text)
}
