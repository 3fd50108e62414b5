//! Facebook Pages in responses, with their Instagram accounts and tokens.

use evertoken_core::account::AccountId;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::secrets::AccessToken;
use evertoken_core::visible_text::visible;
use serde::Deserialize;
use url::Url;

use super::facebook_errors::find_facebook_error;
use crate::numeric_id::NumericId;
use crate::paging::Paging;
use crate::transport::HttpResponse;

/// Everything that the page of choices shows.
pub(super) const ALL_FIELDS: &str =
    "id,name,access_token,tasks,instagram_business_account{id,username,name,profile_picture_url}";

/// A field of a permission that was declined fails the whole call (`trypostit/trypost#291`).
pub(super) const BASE_FIELDS: &str = "id,name,access_token,instagram_business_account{id,username}";

/// Longer names are cut.
const LONGEST_NAME: usize = 200;

/// A Facebook Page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) id: AccountId,
    pub(super) name: String,
    /// Absent if the person may not use it.
    pub(super) token: Option<AccessToken>,
    /// Absent if no professional account is linked.
    pub(super) account: Option<LinkedAccount>,
}

/// The Instagram account that is linked to a page.
#[derive(Clone, Debug)]
pub(super) struct LinkedAccount {
    pub(super) id: AccountId,
    pub(super) username: String,
    pub(super) name: Option<String>,
    pub(super) picture_url: Option<Url>,
}

/// One page of a list.
#[derive(Debug)]
pub(super) struct List<T> {
    pub(super) entries: Vec<T>,
    /// The cursor of the next page, if there is one. The link to it contains the token and is not read.
    pub(super) after: Option<String>,
}

#[derive(Deserialize)]
struct PageBody {
    id: NumericId,
    name: Option<String>,
    access_token: Option<AccessToken>,
    instagram_business_account: Option<AccountBody>,
}

#[derive(Deserialize)]
struct AccountBody {
    id: NumericId,
    username: Option<String>,
    name: Option<String>,
    profile_picture_url: Option<String>,
}

#[derive(Deserialize)]
struct ListBody<T> {
    data: Vec<T>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct IdBody {
    id: NumericId,
}

fn unreadable() -> ProviderError {
    ProviderError::new(ProviderErrorKind::Unreadable)
}

fn parse<T: for<'de> Deserialize<'de>>(response: &HttpResponse) -> Result<T, ProviderError> {
    // Not after a search for an error, which would copy the tokens. serde_json's message may quote one, so it is dropped.
    let body = serde_json::from_slice(&response.body).ok().filter(|_| response.status.is_success());
    body.ok_or_else(|| find_facebook_error(response).unwrap_or_else(unreadable))
}

fn list<B, T>(
    response: &HttpResponse,
    entry: impl FnMut(B) -> Result<T, ProviderError>,
) -> Result<List<T>, ProviderError>
where
    B: for<'de> Deserialize<'de>,
{
    let body: ListBody<B> = parse(response)?;
    let after = body.paging.and_then(Paging::after);
    Ok(List { entries: body.data.into_iter().map(entry).collect::<Result<_, _>>()?, after })
}

/// A list of pages.
pub(super) fn pages(response: &HttpResponse) -> Result<List<Page>, ProviderError> {
    list(response, page_of)
}

/// A list of objects of which only the ids are needed, such as a person's businesses.
pub(super) fn ids(response: &HttpResponse) -> Result<List<AccountId>, ProviderError> {
    list(response, |body: IdBody| body.id.parse().ok_or_else(unreadable))
}

/// One page.
pub(super) fn page(response: &HttpResponse) -> Result<Page, ProviderError> {
    page_of(parse(response)?)
}

/// An Instagram account. Without a username, the response proves nothing.
pub(super) fn account(response: &HttpResponse) -> Result<LinkedAccount, ProviderError> {
    let body: AccountBody = parse(response)?;
    if body.username.is_none() { Err(unreadable()) } else { account_of(body) }
}

fn page_of(body: PageBody) -> Result<Page, ProviderError> {
    Ok(Page {
        id: body.id.parse().ok_or_else(unreadable)?,
        name: name(body.name).unwrap_or_default(),
        token: body.access_token.filter(|token| !token.is_empty()),
        account: body.instagram_business_account.map(account_of).transpose()?,
    })
}

fn account_of(body: AccountBody) -> Result<LinkedAccount, ProviderError> {
    let id: AccountId = body.id.parse().ok_or_else(unreadable)?;
    Ok(LinkedAccount {
        username: name(body.username).unwrap_or_else(|| id.to_string()),
        name: name(body.name),
        picture_url: body.profile_picture_url.and_then(|url| url.parse().ok()),
        id,
    })
}

/// A name as people may see it; `None` if it is empty.
fn name(text: Option<String>) -> Option<String> {
    let name: String = visible(text?.trim()).chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;

    fn response(body: &str) -> HttpResponse {
        HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() }
    }

    #[test]
    fn reads_pages_with_missing_and_unknown_keys_and_large_ids() {
        let body = r#"{"data":[
            {"id":"104","name":"\u5496\u5561 <b>","access_token":"EAAone","tasks":["MANAGE"],"unknown":{"a":[1]},
             "instagram_business_account":{"id":17841405793187218,"username":"blue_bottle","profile_picture_url":"not a link"}},
            {"id":105,"access_token":""}],
            "paging":{"cursors":{"before":"a","after":"b"},"next":"https://graph.facebook.com/?access_token=EAAuser"}}"#;
        let list = pages(&response(body)).unwrap();
        assert_eq!(list.after.as_deref(), Some("b"));
        let [first, second] = list.entries.as_slice() else { panic!("{list:?}") };
        let account = first.account.as_ref().unwrap();
        assert_eq!((first.name.as_str(), account.id.as_str()), ("咖啡 <b>", "17841405793187218"));
        assert_eq!((account.picture_url.as_ref(), account.name.as_ref()), (None, None));
        assert!(second.token.is_none() && second.account.is_none() && second.name.is_empty());
        assert!(!format!("{list:?}").contains("EAA"));
    }

    #[test]
    fn a_list_without_a_next_link_ends() {
        let body = r#"{"data":[{"id":"1"}],"paging":{"cursors":{"after":"b"}}}"#;
        assert_eq!(ids(&response(body)).unwrap().after, None);
        assert_eq!(ids(&response(r#"{"data":[]}"#)).unwrap().entries, []);
    }

    #[test]
    fn hidden_characters_in_names_become_visible_and_long_names_are_cut() {
        let body = format!(r#"{{"id":"1","name":"a\u202eb{}"}}"#, "x".repeat(1000));
        let page = page(&response(&body)).unwrap();
        assert!(page.name.starts_with("a\\u{202e}b") && page.name.chars().count() == LONGEST_NAME, "{}", page.name);
    }

    #[test]
    fn another_answer_is_unreadable() {
        for body in ["", "[]", r#"{"data":{}}"#, r#"{"data":[{"name":"x"}]}"#, r#"{"data":[{"id":"x"}]}"#] {
            assert_eq!(pages(&response(body)).unwrap_err().kind, ProviderErrorKind::Unreadable, "{body}");
        }
    }
}
