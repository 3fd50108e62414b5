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

/// What a person chooses during a login through Facebook.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices<'a> {
    /// The label of the person in the sandbox.
    pub(crate) person: &'a str,
    /// The pages to which the person grants access.
    pub(crate) pages: &'a [u64],
    /// The account to connect, if several can be.
    pub(crate) account: u64,
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
        let (status, headers) = post(&self.instagram, authorize.path(), form.finish(), None).await?;
        (status == StatusCode::FOUND).then(|| location(&headers))?
    }

    /// Opens a link and completes a login through Facebook. Returns whether it succeeded.
    pub(crate) async fn log_in_with_facebook(&self, link: &Url, choices: Choices<'_>) -> bool {
        self.try_to_log_in_with_facebook(link, choices).await.is_some()
    }

    async fn try_to_log_in_with_facebook(&self, link: &Url, choices: Choices<'_>) -> Option<()> {
        let landing_page = get(&self.pages, link, None).await?;
        let start = button(landing_page).await?;
        let started = get(&self.pages, &start, None).await?;
        let mut cookie = cookies(started.headers());
        let dialog = (started.status() == StatusCode::FOUND).then(|| location(started.headers()))??;
        let callback = self.consent_on_facebook(dialog, &choices).await?;
        let finished = get(&self.pages, &callback, Some(&cookie)).await?;
        self.background.wait().await;
        let next = (finished.status() == StatusCode::SEE_OTHER).then(|| location(finished.headers()))??;
        if next.path() != "/choose" {
            return Some(());
        }
        // There is an account to choose. The sealed cookie of the choice comes on top of that of the login.
        cookie = format!("{cookie}; {}", cookies(finished.headers()));
        let page = body(get(&self.pages, &next, Some(&cookie)).await?).await?;
        let state = page.split("name=\"state\" value=\"").nth(1)?.split('"').next()?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("state", state).append_pair("account", &choices.account.to_string());
        let (status, headers) = post(&self.pages, "/choose", form.finish(), Some(&cookie)).await?;
        self.background.wait().await;
        let connected = location(&headers)?;
        (status == StatusCode::SEE_OTHER && connected.path() == "/connected").then_some(())
    }

    /// Grants access to the person's pages. Returns the target of Facebook's redirect.
    async fn consent_on_facebook(&self, mut dialog: Url, choices: &Choices<'_>) -> Option<Url> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(dialog.query_pairs());
        form.extend_pairs(choices.pages.iter().map(|page| ("page", page.to_string())));
        form.extend_pairs([("person", choices.person), ("decision", "allow")]);
        dialog.set_query(None);
        let (status, headers) = post(&self.instagram, dialog.path(), form.finish(), None).await?;
        (status == StatusCode::FOUND).then(|| location(&headers))?
    }

    /// Sends Meta's request after an owner has removed the app. Returns whether the service accepted it.
    pub(crate) async fn deauthorize(&self, signed_request: &str) -> bool {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("signed_request", signed_request);
        let response = post(&self.pages, "/deauthorize", form.finish(), None).await;
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
    let page = body(page).await?;
    let link = page.split("class=\"button\" href=\"").nth(1)?.split('"').next()?;
    link.replace("&#38;", "&").parse().ok()
}

async fn body(page: Response<Body>) -> Option<String> {
    let page = to_bytes(page.into_body(), LARGEST_PAGE).await.ok()?;
    String::from_utf8(page.to_vec()).ok()
}

async fn post(router: &Router, path: &str, form: String, cookie: Option<&str>) -> Option<(StatusCode, HeaderMap)> {
    let mut request = Request::builder().method(Method::POST).uri(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
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
