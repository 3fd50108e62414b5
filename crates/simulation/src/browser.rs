//! An owner's browser, which completes logins on the real pages.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::router_client::send;

/// In bytes.
const LARGEST_PAGE: usize = 64 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) pages: Router,
    pub(crate) instagram: Router,
    /// Work that the pages continue after a response. As on Lambda, it finishes before the next request.
    pub(crate) background: TaskTracker,
}

impl Browser {
    /// Opens a link and completes the login. Returns whether it succeeded.
    pub(crate) async fn log_in(&self, link: &Url, username: &str) -> bool {
        self.try_to_log_in(link, username).await.is_some()
    }

    async fn try_to_log_in(&self, link: &Url, username: &str) -> Option<()> {
        let landing_page = get(&self.pages, link, None).await?;
        let start = button(landing_page).await?;
        let started = get(&self.pages, &start, None).await?;
        let cookie = cookies(started.headers());
        let authorize = (started.status() == StatusCode::FOUND).then(|| location(started.headers()))??;
        let callback = self.consent(authorize, username).await?;
        let finished = get(&self.pages, &callback, Some(&cookie)).await?;
        self.background.wait().await;
        (finished.status() == StatusCode::SEE_OTHER).then_some(())
    }

    /// Grants all requested scopes. Returns the target of Instagram's redirect.
    async fn consent(&self, mut authorize: Url, username: &str) -> Option<Url> {
        let params: Vec<(String, String)> = authorize.query_pairs().into_owned().collect();
        let scopes = params.iter().find(|(name, _)| name == "scope").map(|(_, scopes)| scopes.clone())?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&params).extend_pairs(scopes.split(',').map(|scope| ("grant", scope)));
        form.extend_pairs([("account", username), ("decision", "allow")]);
        authorize.set_query(None);
        let (status, headers) = post(&self.instagram, authorize.path(), form.finish()).await?;
        (status == StatusCode::FOUND).then(|| location(&headers))?
    }

    /// Sends Meta's request after an owner has removed the app. Returns whether the service accepted it.
    pub(crate) async fn deauthorize(&self, signed_request: &str) -> bool {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("signed_request", signed_request);
        let response = post(&self.pages, "/deauthorize", form.finish()).await;
        self.background.wait().await;
        response.is_some_and(|(status, _)| status == StatusCode::OK)
    }
}

async fn get(router: &Router, url: &Url, cookie: Option<&str>) -> Option<Response<Body>> {
    let mut request = Request::get(url.as_str()).body(Body::empty()).ok()?;
    if let Some(cookie) = cookie {
        request.headers_mut().insert(COOKIE, cookie.parse().ok()?);
    }
    Some(send(router, request).await)
}

/// Where the button of an invite's landing page leads.
async fn button(page: Response<Body>) -> Option<Url> {
    let page = to_bytes(page.into_body(), LARGEST_PAGE).await.ok()?;
    let page = std::str::from_utf8(&page).ok()?;
    let link = page.split("class=\"button\" href=\"").nth(1)?.split('"').next()?;
    link.replace("&#38;", "&").parse().ok()
}

async fn post(router: &Router, path: &str, form: String) -> Option<(StatusCode, HeaderMap)> {
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form)).ok()?;
    let response = send(router, request).await;
    Some((response.status(), response.headers().clone()))
}

fn location(headers: &HeaderMap) -> Option<Url> {
    headers.get(LOCATION)?.to_str().ok()?.parse().ok()
}

/// Joins all cookies that the response sets into one header.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
}
