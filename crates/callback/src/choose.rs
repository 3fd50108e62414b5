//! `GET /choose` and `POST /choose`: the person chooses among several accounts after a login through Facebook.
//!
//! Nothing is stored between the two. The login's token travels sealed in a cookie, and the list of accounts is read again for
//! each request.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use evertoken_core::account::AccountId;
use evertoken_core::app::App;
use evertoken_core::login::{self, Deadlines, Login, LoginError};
use evertoken_core::login_state::LoginId;
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::provider::GrantedAccount;
use evertoken_core::public_url;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::{SigningKeys, looks_signed};
use evertoken_core::token::LongLivedToken;
use evertoken_core::variables::is_loopback;
use http::header::{CONTENT_SECURITY_POLICY, ORIGIN};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use tokio::time::Instant;
use tracing::Instrument;
use url::Url;

use crate::callback::{redirect, report_connected};
use crate::duplicate_callback::wait_for_first_request;
use crate::error_page::ErrorPage;
use crate::language::Language;
use crate::login_cookie::only_choice;
use crate::login_in_progress::{LoginInProgress, Opened};
use crate::offered_logins::{app_of, login_of};
use crate::pages::{ChooseTemplate, OfferedAccount, page};
use crate::request_error::RequestError;
use crate::security_policy::{Forms, policy_with_pictures};
use crate::seen_logins::{Advance, SeenLogins, Turn};
use crate::service::Ports;
use crate::texts::phrases;

/// The choices that this process completes, so that a double click completes one.
#[derive(Debug, Default)]
pub(crate) struct SeenChoices(SeenLogins);

#[derive(Deserialize)]
pub(crate) struct ChooseQuery {
    state: Option<String>,
}

/// The address of the choice.
pub(crate) fn choose_url<S: Ports>(service: &S, signed_state: &str) -> Url {
    let mut url = public_url::join(&service.environment().settings.public_url, "choose");
    url.query_pairs_mut().append_pair("state", signed_state);
    url
}

/// The state in a request, or the state of the only choice that waits in this browser. Without a state, the request must not
/// come from another site, which could have forged it.
fn state_of<S: Ports>(service: &S, headers: &HeaderMap, named: Option<String>) -> Option<String> {
    let public_url = &service.environment().settings.public_url;
    let is_foreign = headers.get(ORIGIN).is_some_and(|origin| *origin != public_url.origin().ascii_serialization());
    named.or_else(|| only_choice(headers, public_url).filter(|_| !is_foreign))
}

/// A login that waits for a choice, in the browser that started it.
struct Waiting {
    login: LoginInProgress,
    /// The app of this login.
    app: App,
    token: LongLivedToken,
}

/// What a request for a choice finds.
enum Found {
    Waiting(Box<Waiting>),
    /// The choice was made before.
    Completed(Box<Receipt>, Arc<SigningKeys>),
}

impl Waiting {
    /// The waiting login, if this browser started it and may go on.
    async fn find<S: Ports>(
        service: &S,
        headers: &HeaderMap,
        signed_state: Option<&str>,
    ) -> Result<Found, RequestError> {
        let signed_state = signed_state.filter(|state| looks_signed(state)).ok_or(ErrorPage::StateForged)?;
        let login = match LoginInProgress::open(service, headers, signed_state).await? {
            Opened::InProgress(login) => *login,
            Opened::Completed(receipt, keys) => return Ok(Found::Completed(receipt, keys)),
        };
        login.require_proof().map_err(|page| login.restartable(service, page))?;
        let token = login.token_for_choice(headers, signed_state);
        let token = token.ok_or_else(|| login.restartable(service, ErrorPage::ChoiceExpired))?;
        let app = app_of(&*login.app.clone()?, login.state.provider)?.into_owned();
        Ok(Found::Waiting(Box::new(Self { login, app, token })))
    }

    fn input<'a, S: Ports>(&'a self, service: &'a S, id: &'a LoginId, deadlines: Deadlines) -> Login<'a> {
        Login {
            app: &self.app,
            scopes: service.environment().settings.scopes_of(self.login.state.provider),
            invite: self.login.state.invite.as_ref(),
            id: Some(id),
            now: self.login.now,
            deadlines,
        }
    }

    fn allows_many(&self) -> bool {
        self.login.state.invite.as_ref().is_some_and(|invite| invite.many_accounts)
    }
}

/// Shows the accounts to choose from.
pub(crate) async fn choose<S: Ports>(
    State(service): State<Arc<S>>,
    language: Language,
    headers: HeaderMap,
    query: Result<Query<ChooseQuery>, QueryRejection>,
) -> Result<Response, RequestError> {
    let service = service.as_ref();
    let deadlines = service.environment().settings.time_limits.deadlines(Instant::now());
    let signed_state = state_of(service, &headers, query.ok().and_then(|Query(query)| query.state));
    let waiting = match Waiting::find(service, &headers, signed_state.as_deref()).await? {
        Found::Waiting(waiting) => waiting,
        Found::Completed(receipt, keys) => return Ok(redirect(service, &receipt, &keys).into_response()),
    };
    let provider = login_of(service, waiting.login.state.provider)?;
    let id = waiting.login.state.login_id();
    let accounts = login::choices(provider, &waiting.token, &waiting.input(service, &id, deadlines)).await;
    let accounts = accounts.map_err(|error| waiting.login.restartable(service, error))?;
    Ok(choice_page(service, language, &waiting, &accounts, &signed_state.unwrap_or_default()))
}

fn choice_page<S: Ports>(
    service: &S,
    language: Language,
    waiting: &Waiting,
    accounts: &[GrantedAccount],
    signed_state: &str,
) -> Response {
    let settings = &service.environment().settings;
    let offered: Vec<OfferedAccount<'_>> = accounts.iter().map(OfferedAccount::of).collect();
    let pictures: Vec<&Url> = offered.iter().filter_map(|account| account.picture).collect();
    let forms = waiting.login.state.destination().map_or(Forms::Here, Forms::HereAndTo);
    let policy = policy_with_pictures(&settings.brand, forms, &pictures);
    let action = public_url::join(&settings.public_url, "choose");
    let template = ChooseTemplate {
        phrases: phrases(language),
        brand: &settings.brand,
        action: action.as_str(),
        state: signed_state,
        many: waiting.allows_many(),
        accounts: offered,
    };
    let mut response = page(StatusCode::OK, &template);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

impl<'a> OfferedAccount<'a> {
    fn of(account: &'a GrantedAccount) -> Self {
        let facebook = account.facebook.as_ref();
        let is_other = |name: &&str| *name != account.profile.username;
        // A picture from another scheme would be mixed content, and a browser would not show it.
        let is_safe = |url: &&Url| url.scheme() == "https" || is_loopback(url);
        Self {
            id: account.profile.account_id.as_str(),
            username: &account.profile.username,
            name: facebook.and_then(|facebook| facebook.account_name.as_deref()).filter(is_other),
            page: facebook.and_then(|facebook| facebook.page_name.as_deref()).filter(|name| !name.is_empty()),
            picture: facebook.and_then(|facebook| facebook.picture_url.as_ref()).filter(is_safe),
        }
    }
}

/// Connects the chosen accounts.
pub(crate) async fn connect_chosen<S: Ports>(
    State(shared): State<Arc<S>>,
    Extension(choices): Extension<Arc<SeenChoices>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RequestError> {
    let service = shared.as_ref();
    let deadlines = service.environment().settings.time_limits.deadlines(Instant::now());
    let form = body.ok().and_then(|body| ChoiceForm::parse(&body)).ok_or(ErrorPage::ChoiceNotOffered)?;
    let signed_state = state_of(service, &headers, form.state);
    let waiting = match Waiting::find(service, &headers, signed_state.as_deref()).await? {
        Found::Waiting(waiting) => waiting,
        Found::Completed(receipt, keys) => return Ok(redirect(service, &receipt, &keys).into_response()),
    };
    // A person who selected nothing sees the choice again.
    if form.accounts.is_empty() {
        return Ok(Redirect::to(choose_url(service, &signed_state.unwrap_or_default()).as_str()).into_response());
    }
    let waiting = Arc::new(*waiting);
    let completed = match choices.0.enter(&waiting.login.state, waiting.login.now) {
        Turn::First(ending) => {
            // In a task of its own, because the server drops this future if the browser closes the connection.
            let completing = complete(Arc::clone(&shared), Arc::clone(&waiting), form.accounts, deadlines);
            let completed = tokio::spawn(completing.in_current_span()).await;
            let completed = completed.unwrap_or_else(|_| Err(ErrorPage::Internal.into()));
            if let Ok(receipt) = &completed {
                ending.succeeded(Advance::Connected(Box::new(receipt.clone())));
            } else {
                // Nothing was used up, so the person may choose again.
                choices.0.forget(&waiting.login.state);
                drop(ending);
            }
            completed
        }
        Turn::Later(later) => match later.outcome().await {
            Some(Advance::Connected(receipt)) => Ok(*receipt),
            _ => Err(ErrorPage::StateUsed.into()),
        },
    };
    let receipt = completed.map_err(|error| waiting.login.restartable(service, error))?;
    let cookies = waiting.login.cookie.replace_choice_with_receipt(&waiting.login.keys.sign(&receipt));
    Ok((cookies, redirect(service, &receipt, &waiting.login.keys)).into_response())
}

/// Stores the chosen accounts, and counts and publishes the login.
async fn complete<S: Ports>(
    service: Arc<S>,
    waiting: Arc<Waiting>,
    chosen: BTreeSet<AccountId>,
    deadlines: Deadlines,
) -> Result<Receipt, RequestError> {
    let provider = login_of(&*service, waiting.login.state.provider)?;
    let id = waiting.login.state.login_id();
    let login = waiting.input(&*service, &id, deadlines);
    let connecting = login::connect_chosen(provider, service.vault(), &waiting.token, &chosen, login);
    let connected = Box::pin(connecting).await;
    // Another process may have completed the same choice: a double click.
    if matches!(connected, Err(LoginError::InviteUsed))
        && let Some(connected) = wait_for_first_request(service.vault(), &waiting.login.state).await
    {
        return Ok(Receipt::new(&connected, &waiting.login.state, waiting.login.now));
    }
    let failed = [Measurement::one(Metric::LoginsFailed)];
    let connected = connected.inspect_err(|_| service.environment().metrics.record(&failed))?;
    for account in &connected {
        report_connected(&service, account, waiting.login.now, deadlines.response);
    }
    Receipt::of_many(&connected, &waiting.login.state, waiting.login.now).ok_or_else(|| ErrorPage::Internal.into())
}

/// The form: the account, once or several times, and the login's state, which may be left out while one choice waits.
struct ChoiceForm {
    state: Option<String>,
    accounts: BTreeSet<AccountId>,
}

impl ChoiceForm {
    /// `None` if it has an account that is not an id.
    fn parse(body: &[u8]) -> Option<Self> {
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
        let mut form = Self { state: None, accounts: BTreeSet::new() };
        for (name, value) in fields {
            match name.as_str() {
                "state" => form.state = Some(value),
                "account" => {
                    form.accounts.insert(value.parse().ok()?);
                }
                _ => {}
            }
        }
        Some(form)
    }
}

#[cfg(test)]
mod tests {
    use evertoken_core::document::TokenKind;
    use evertoken_core::provider::{FacebookAccess, Profile};
    use evertoken_core::secrets::AccessToken;

    use super::*;

    fn account(name: Option<&str>, picture: &str) -> GrantedAccount {
        let profile = Profile {
            account_id: "17841405793187218".parse().unwrap(),
            app_scoped_id: "2".parse().unwrap(),
            username: "blue_bottle".to_owned(),
            account_type: String::new(),
        };
        let facebook = FacebookAccess {
            token_kind: TokenKind::Page,
            page_id: None,
            page_name: None,
            account_name: name.map(str::to_owned),
            picture_url: Some(Url::parse(picture).unwrap()),
            data_access_expires_at: None,
        };
        let token = LongLivedToken::without_lifetime(AccessToken::new("a-token"));
        GrantedAccount { profile, token, facebook: Some(facebook) }
    }

    #[test]
    fn an_account_is_named_once() {
        for (name, shown) in [(Some("Blue Bottle"), Some("Blue Bottle")), (Some("blue_bottle"), None), (None, None)] {
            assert_eq!(OfferedAccount::of(&account(name, "https://cdn.example/1.jpg")).name, shown);
        }
    }

    #[test]
    fn a_picture_that_a_browser_would_block_is_left_out() {
        for (picture, shown) in [
            ("https://cdn.example/1.jpg", true),
            ("http://127.0.0.1:8080/1.jpg", true),
            ("http://cdn.example/1.jpg", false),
            ("data:image/png,x", false),
        ] {
            assert_eq!(OfferedAccount::of(&account(None, picture)).picture.is_some(), shown, "{picture}");
        }
    }

    #[test]
    fn a_form_names_accounts_by_their_ids() {
        let form = ChoiceForm::parse(b"state=a.b&account=17841405793187218&account=2&account=2&more=x").unwrap();
        assert_eq!((form.state.as_deref(), form.accounts.len()), (Some("a.b"), 2));
        assert!(ChoiceForm::parse(b"account=../x").is_none());
        assert!(ChoiceForm::parse(b"").unwrap().accounts.is_empty());
    }
}
