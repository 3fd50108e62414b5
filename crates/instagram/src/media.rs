//! The list of an account's posts: `/me/media` (Meta, reference pages "IG User/media" and "IG Media").

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use evertoken_core::document::Document;
use evertoken_core::media::{MediaList, MediaSource};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::AccessToken;
use reqwest::header::AUTHORIZATION;

use crate::instagram_login::{InstagramLogin, bearer, with_path};
use crate::media_responses::{self, MediaPage};
use crate::transport::Transport;

/// Everything that Evertoken reads. Some of it is not documented for Instagram Login, and an app may not be allowed to read
/// it all.
const ALL_FIELDS: &str = "id,caption,alt_text,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,\
                          username,like_count,comments_count,is_shared_to_feed,\
                          children{id,media_type,media_url,thumbnail_url,alt_text}";

/// What published clients have requested for years (`oorestisime/gatsby-source-instagram`,
/// `WPManageNinja/wp-social-reviews`).
const BASE_FIELDS: &str = "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username,like_count,\
                           comments_count,children{id,media_type,media_url,thumbnail_url}";

/// Instagram refuses the whole request if the app may not read one of the fields.
const FIELD_REFUSED: i64 = 100;

/// Instagram's largest page.
const PAGE_LENGTH: usize = 100;

/// A page of 100 albums with long captions has about 6 MB.
pub(crate) const MAXIMUM_BODY: usize = 8 * 1024 * 1024;

/// One page of the list.
pub(crate) struct PageRequest<'a> {
    length: usize,
    /// The cursor of the previous page. Lists are paged by cursor, because the link to the next page contains the token.
    after: Option<&'a str>,
}

impl PageRequest<'_> {
    /// The request's parameters.
    pub(crate) fn query<'q>(&'q self, fields: &'q str) -> Vec<(&'static str, Cow<'q, str>)> {
        let mut query = vec![("fields", fields.into()), ("limit", self.length.to_string().into())];
        query.extend(self.after.map(|after| ("after", after.into())));
        query
    }
}

/// Requests single pages of an account's list.
pub(crate) trait MediaPages: Sync {
    /// Requests one page.
    fn page(
        &self,
        fields: &str,
        page: &PageRequest<'_>,
    ) -> impl Future<Output = Result<MediaPage, ProviderError>> + Send;

    /// Whether the app may not read all fields.
    fn base_fields_only(&self) -> &AtomicBool;
}

impl<T: Transport> MediaSource for InstagramLogin<T> {
    async fn media(&self, account: &Document, limit: usize) -> Result<MediaList, ProviderError> {
        self.list_posts(&account.access_token, limit).await
    }
}

impl<T: Transport> InstagramLogin<T> {
    /// The newest posts of the account that the token belongs to; see [`MediaSource::media`].
    pub async fn list_posts(&self, token: &AccessToken, limit: usize) -> Result<MediaList, ProviderError> {
        list(&PagesOfToken { instagram: self, token }, limit).await
    }
}

struct PagesOfToken<'a, T> {
    instagram: &'a InstagramLogin<T>,
    token: &'a AccessToken,
}

impl<T: Transport> MediaPages for PagesOfToken<'_, T> {
    async fn page(&self, fields: &str, page: &PageRequest<'_>) -> Result<MediaPage, ProviderError> {
        let InstagramLogin { client, endpoints, .. } = self.instagram;
        let url = with_path(&endpoints.graph, &format!("/{}/me/media", endpoints.version));
        let request = client.get(url).query(&page.query(fields)).header(AUTHORIZATION, bearer(self.token)?);
        media_responses::media_page(&self.instagram.send_for(request, MAXIMUM_BODY).await?)
    }

    fn base_fields_only(&self) -> &AtomicBool {
        &self.instagram.base_fields_only
    }
}

/// Lists posts page by page. Posts that cannot be read count towards `limit`. So at most `limit` requests are sent, whatever the
/// responses are.
pub(crate) async fn list(pages: &impl MediaPages, limit: usize) -> Result<MediaList, ProviderError> {
    let mut list = MediaList::default();
    let mut cursors: Vec<String> = Vec::new();
    while list.posts.len() + list.unreadable < limit {
        let length = (limit - list.posts.len() - list.unreadable).min(PAGE_LENGTH);
        let page = page(pages, &PageRequest { length, after: cursors.last().map(String::as_str) }).await?;
        let is_empty = page.posts.is_empty() && page.unreadable == 0;
        list.posts.extend(page.posts);
        list.unreadable += page.unreadable;
        list.usage = page.usage.or(list.usage);
        match page.after {
            Some(after) if !is_empty && !cursors.contains(&after) => cursors.push(after),
            _ => break,
        }
    }
    // A post appears twice if another one is published between two requests.
    let mut ids = HashSet::new();
    list.posts.retain(|post| ids.insert(post.id.clone()));
    list.posts.sort_by_key(|post| Reverse(post.published_at));
    list.posts.truncate(limit);
    Ok(list)
}

/// Requests all fields, or the base fields once Instagram has refused one of the others.
async fn page(pages: &impl MediaPages, request: &PageRequest<'_>) -> Result<MediaPage, ProviderError> {
    if !pages.base_fields_only().load(Ordering::Relaxed) {
        match pages.page(ALL_FIELDS, request).await {
            Err(error) if error.code == Some(FIELD_REFUSED) => {}
            response => return response,
        }
    }
    let response = pages.page(BASE_FIELDS, request).await?;
    pages.base_fields_only().store(true, Ordering::Relaxed);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use evertoken_core::media::CallUsage;
    use evertoken_core::provider_error::ProviderErrorKind;
    use reqwest::header::{HeaderMap, HeaderValue};
    use reqwest::{Request, StatusCode};
    use serde_json::{Value, json};
    use url::Url;

    use crate::endpoints::Endpoints;
    use crate::transport::HttpResponse;

    use super::*;

    /// Answers from a list, and keeps the requests.
    #[derive(Default)]
    struct Script {
        responses: Mutex<Vec<(StatusCode, Option<u32>, Value)>>,
        requests: Mutex<Vec<Request>>,
    }

    impl Transport for Script {
        async fn send(&self, request: Request, _: usize) -> Result<HttpResponse, ProviderError> {
            self.requests.lock().unwrap().push(request);
            let (status, percent, body) = self.responses.lock().unwrap().remove(0);
            let usage = |percent| {
                let header = format!(r#"{{"1":[{{"call_count":{percent}}}]}}"#);
                ("x-business-use-case-usage".parse().unwrap(), HeaderValue::try_from(header).unwrap())
            };
            let headers: HeaderMap = percent.map(usage).into_iter().collect();
            Ok(HttpResponse { status, headers, body: body.to_string().into_bytes().into() })
        }
    }

    fn instagram(responses: impl IntoIterator<Item = Value>) -> InstagramLogin<Script> {
        let responses = responses.into_iter().map(|body| {
            let status = if body.get("error").is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            (status, None, body)
        });
        let script = Script { responses: Mutex::new(responses.collect()), requests: Mutex::default() };
        with_script(script)
    }

    fn with_script(script: Script) -> InstagramLogin<Script> {
        let origin = Url::parse("https://graph.instagram.com").unwrap();
        InstagramLogin::with_transport(script, Endpoints::on_one_origin(&origin)).unwrap()
    }

    fn page(ids: &[u64], after: &str) -> Value {
        let posts: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id.to_string(), "timestamp": format!("2026-11-{:02}T10:00:00+0000", 31 - id)}))
            .collect();
        json!({"data": posts, "paging": {"cursors": {"after": after}, "next": "https://attacker.example/?access_token=IGAA"}})
    }

    fn refused() -> Value {
        json!({"error": {"message": "Tried accessing nonexisting field (alt_text)", "type": "IGApiException", "code": 100}})
    }

    fn requests(instagram: &InstagramLogin<Script>) -> Vec<Url> {
        instagram.transport.requests.lock().unwrap().iter().map(|request| request.url().clone()).collect()
    }

    fn parameter(url: &Url, name: &str) -> Option<String> {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    async fn list(instagram: &InstagramLogin<Script>, limit: usize) -> Result<MediaList, ProviderError> {
        instagram.list_posts(&AccessToken::new("IGAAsecret"), limit).await
    }

    fn ids(list: &MediaList) -> Vec<&str> {
        list.posts.iter().map(|post| post.id.as_str()).collect()
    }

    #[tokio::test]
    async fn pages_by_cursor_with_the_token_in_a_header() {
        let instagram = instagram([page(&[1, 2], "A b"), page(&[3], "C"), page(&[], "D")]);
        assert_eq!(ids(&list(&instagram, 250).await.unwrap()), ["1", "2", "3"]);
        let urls = requests(&instagram);
        let sent: Vec<_> = urls.iter().map(|url| (parameter(url, "limit"), parameter(url, "after"))).collect();
        let expected = [("100", None), ("100", Some("A b")), ("100", Some("C"))]
            .map(|(limit, after)| (Some(limit.to_owned()), after.map(str::to_owned)));
        assert_eq!(sent, expected);
        for (url, request) in urls.iter().zip(&*instagram.transport.requests.lock().unwrap()) {
            assert_eq!((url.host_str(), url.path()), (Some("graph.instagram.com"), "/v26.0/me/media"));
            assert!(!url.as_str().contains("IGAA"), "{url}");
            assert_eq!(request.headers()[AUTHORIZATION], "Bearer IGAAsecret");
        }
    }

    #[tokio::test]
    async fn stops_at_the_limit_and_at_a_repeated_cursor() {
        let at_the_limit = instagram([page(&[1, 2], "A"), page(&[3, 4, 5], "B")]);
        assert_eq!(ids(&list(&at_the_limit, 3).await.unwrap()), ["1", "2", "3"]);
        assert_eq!(parameter(&requests(&at_the_limit)[1], "limit").as_deref(), Some("1"));

        let in_a_circle = instagram([page(&[1], "A"), page(&[2], "B"), page(&[1], "A")]);
        assert_eq!(ids(&list(&in_a_circle, 100).await.unwrap()), ["1", "2"]);

        let unreadable = instagram([json!({"data": [1, 2, 3], "paging": page(&[], "A")["paging"]})]);
        assert_eq!(list(&unreadable, 3).await.unwrap().unreadable, 3);
        let first = json!({"data": [1, page(&[1], "A")["data"][0]], "paging": page(&[], "A")["paging"]});
        let partly_unreadable = instagram([first, page(&[2], "B"), page(&[], "C")]);
        assert_eq!(ids(&list(&partly_unreadable, 5).await.unwrap()), ["1", "2"]);
        assert_eq!(parameter(&requests(&partly_unreadable)[1], "limit").as_deref(), Some("3"));
        assert_eq!(list(&instagram([]), 0).await.unwrap(), MediaList::default());
    }

    #[tokio::test]
    async fn sorts_newest_first_and_lists_each_post_once() {
        let instagram = instagram([page(&[5, 2, 9], "A"), page(&[9, 1], "B"), page(&[], "C")]);
        assert_eq!(ids(&list(&instagram, 100).await.unwrap()), ["1", "2", "5", "9"]);
    }

    #[tokio::test]
    async fn a_refused_field_is_never_requested_again() {
        let instagram = instagram([refused(), page(&[1], "A"), page(&[2], "B"), page(&[], "C"), page(&[], "D")]);
        assert_eq!(ids(&list(&instagram, 100).await.unwrap()), ["1", "2"]);
        assert_eq!(list(&instagram, 100).await.unwrap().posts, []);
        let asked: Vec<_> = requests(&instagram).iter().map(|url| parameter(url, "fields").unwrap()).collect();
        assert_eq!(asked, [ALL_FIELDS, BASE_FIELDS, BASE_FIELDS, BASE_FIELDS, BASE_FIELDS]);
    }

    #[tokio::test]
    async fn only_a_refused_field_is_retried_and_only_once() {
        let instagram = instagram([refused(), refused(), page(&[1], "A"), page(&[], "B")]);
        assert_eq!(list(&instagram, 100).await.unwrap_err().code, Some(100));
        assert_eq!(ids(&list(&instagram, 100).await.unwrap()), ["1"]);
        assert_eq!(
            parameter(&requests(&instagram)[2], "fields").as_deref(),
            Some(ALL_FIELDS),
            "the base list did not help"
        );

        let expired = self::instagram([json!({"error": {"message": "x", "code": 190, "error_subcode": 463}})]);
        assert_eq!(list(&expired, 100).await.unwrap_err().kind, ProviderErrorKind::Expired);
        assert_eq!(requests(&expired).len(), 1);
    }

    #[tokio::test]
    async fn reports_the_latest_call_usage() {
        let responses = [(Some(81), page(&[1], "A")), (Some(83), page(&[2], "B")), (None, page(&[], "C"))];
        let responses = responses.map(|(percent, body)| (StatusCode::OK, percent, body));
        let instagram = with_script(Script { responses: Mutex::new(responses.into()), requests: Mutex::default() });
        let usage = list(&instagram, 100).await.unwrap().usage;
        assert_eq!(usage, Some(CallUsage { percent: 83, blocked_for: None }));
    }
}
