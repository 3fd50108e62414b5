//! An owner with a browser, who is led through the real pages.

use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use url::Url;

use crate::network::ask;

/// What the owner's browser meets.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    pub(crate) pages: Router,
    pub(crate) instagram: Router,
}

impl Web {
    /// From a link to the page that says who is connected. Whether it came to that.
    pub(crate) async fn log_in(&self, link: &Url, username: &str) -> bool {
        self.try_to_log_in(link, username).await.is_some()
    }

    async fn try_to_log_in(&self, link: &Url, username: &str) -> Option<()> {
        let (status, headers) = open(&self.pages, link, None).await?;
        let cookie = cookies(&headers);
        let authorize = (status == StatusCode::FOUND).then(|| location(&headers))??;
        let callback = self.consent(authorize, username).await?;
        let (status, _) = open(&self.pages, &callback, Some(&cookie)).await?;
        (status == StatusCode::SEE_OTHER).then_some(())
    }

    /// Allows all that is asked for. Where Instagram then sends the browser.
    async fn consent(&self, mut authorize: Url, username: &str) -> Option<Url> {
        let asked: Vec<(String, String)> = authorize.query_pairs().into_owned().collect();
        let scopes = asked.iter().find(|(name, _)| name == "scope").map(|(_, scopes)| scopes.clone())?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&asked).extend_pairs(scopes.split(',').map(|scope| ("grant", scope)));
        form.extend_pairs([("account", username), ("decision", "allow")]);
        authorize.set_query(None);
        let (status, headers) = post(&self.instagram, authorize.path(), form.finish()).await?;
        (status == StatusCode::FOUND).then(|| location(&headers))?
    }

    /// What Meta does when somebody removes the app. Whether it was taken.
    pub(crate) async fn deauthorize(&self, signed_request: &str) -> bool {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("signed_request", signed_request);
        let answer = post(&self.pages, "/deauthorize", form.finish()).await;
        answer.is_some_and(|(status, _)| status == StatusCode::OK)
    }
}

async fn open(router: &Router, url: &Url, cookie: Option<&str>) -> Option<(StatusCode, HeaderMap)> {
    let mut request = Request::get(url.as_str()).body(Body::empty()).ok()?;
    if let Some(cookie) = cookie {
        request.headers_mut().insert(COOKIE, cookie.parse().ok()?);
    }
    let response = ask(router, request).await;
    Some((response.status(), response.headers().clone()))
}

async fn post(router: &Router, path: &str, form: String) -> Option<(StatusCode, HeaderMap)> {
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form)).ok()?;
    let response = ask(router, request).await;
    Some((response.status(), response.headers().clone()))
}

fn location(headers: &HeaderMap) -> Option<Url> {
    headers.get(LOCATION)?.to_str().ok()?.parse().ok()
}

/// All cookies that were set, in one header.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
}
