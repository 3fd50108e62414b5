//! The control API of Facebook's tokens.

use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, parse, respond};
use crate::facebook::granted::Granted;
use crate::facebook::id::FacebookId;
use crate::facebook::person::Person;
use crate::facebook::settings::BASE_SCOPES;
use crate::facebook::state::{FacebookState, after};
use crate::facebook::token::{FacebookInvalidation, FacebookToken, FacebookTokenKind, TokenOwner};
use crate::sandbox::Sandbox;

/// A token to create. Its person has then granted the app its scopes and pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacebookTokenRequest {
    /// The person, or the system user: label or id.
    pub person: String,
    /// The kind of token.
    pub kind: FacebookTokenKind,
    /// The page of a page token: id or name. `None` is the person's first one.
    #[serde(default)]
    pub page: Option<String>,
    /// The pages that the person has granted. `None` grants all; for a system user of a portfolio it is all of them always.
    #[serde(default)]
    pub pages: Option<Vec<FacebookId>>,
    /// The granted permissions.
    #[serde(default = "base_scopes")]
    pub scopes: Vec<String>,
    /// The token's age. Excludes `issued_at`. Without either, the token is issued now.
    #[serde(default)]
    pub age_seconds: Option<i64>,
    /// The time of issue.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub issued_at: Option<OffsetDateTime>,
    /// The person's last login, from which data access counts. `None` is the time of issue, unless there was a later one.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub logged_in_at: Option<OffsetDateTime>,
    /// The Meta app to which the token belongs. `None` is the sandbox's own.
    #[serde(default)]
    pub app_id: Option<String>,
    /// The token's text, for a test that searches for it, or to restore a token of an earlier sandbox.
    #[serde(default)]
    pub access_token: Option<String>,
}

impl FacebookTokenRequest {
    /// A token of this kind that is issued now, with access to all pages of the person.
    pub fn new(person: impl Into<String>, kind: FacebookTokenKind) -> Self {
        Self {
            person: person.into(),
            kind,
            page: None,
            pages: None,
            scopes: base_scopes(),
            age_seconds: None,
            issued_at: None,
            logged_in_at: None,
            app_id: None,
            access_token: None,
        }
    }
}

#[derive(Serialize)]
struct CreatedToken {
    access_token: String,
    person: FacebookId,
    page: Option<FacebookId>,
    kind: FacebookTokenKind,
    scopes: Vec<String>,
    #[serde(with = "time::serde::rfc3339")]
    issued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

pub(crate) async fn create(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let request: FacebookTokenRequest = parse(&body)?;
    let kind = request.kind;
    let (access_token, token) = sandbox.issue_requested(request)?;
    let page = match token.owner {
        TokenOwner::Page(page) => Some(page),
        TokenOwner::User | TokenOwner::SystemUser => None,
    };
    let FacebookToken { person, scopes, issued_at, expires_at, .. } = token;
    respond(&CreatedToken { access_token, person, page, kind, scopes, issued_at, expires_at })
}

impl Sandbox {
    /// Creates a token of any kind and age. If the person has removed the app or changed the password, it is invalid.
    ///
    /// # Errors
    /// The person or the page does not exist, or both `age_seconds` and `issued_at` are given.
    pub fn create_facebook_token(&self, request: FacebookTokenRequest) -> Result<String, ControlError> {
        self.issue_requested(request).map(|(text, _)| text)
    }

    fn issue_requested(&self, request: FacebookTokenRequest) -> Result<(String, FacebookToken), ControlError> {
        let mut state = self.state();
        let now = state.clock.now();
        let facebook = &mut state.facebook;
        let person = facebook.persons.find(&request.person)?.clone();
        let issued_at = match (request.age_seconds, request.issued_at) {
            (None, None) => now,
            (Some(age), None) => now.saturating_sub(Duration::seconds(age)),
            (None, Some(time)) => time,
            (Some(_), Some(_)) => {
                return Err(ControlError::InvalidRequest("use either \"age_seconds\" or \"issued_at\"".to_owned()));
            }
        };
        let owner = owner(&request, &person)?;
        let is_system_users = owner == TokenOwner::SystemUser;
        if let Some(unknown) = request.pages.iter().flatten().find(|page| person.page(**page).is_none()) {
            return Err(ControlError::UnknownPage(unknown.to_string()));
        }
        if !is_system_users {
            grant(facebook, &request, &person, owner, issued_at);
        }
        let lasts = |seconds| Some(after(issued_at, seconds));
        let shapes = facebook.shapes;
        let token = FacebookToken {
            app_id: request.app_id.unwrap_or_else(|| facebook.app.id.clone()),
            person: person.id,
            owner,
            scopes: request.scopes,
            is_system_users,
            pages: request.pages.filter(|_| is_system_users),
            issued_at,
            expires_at: match request.kind {
                FacebookTokenKind::ShortLivedUser | FacebookTokenKind::ShortLivedPage => {
                    lasts(shapes.short_lived_seconds)
                }
                FacebookTokenKind::User | FacebookTokenKind::SystemUserFor60Days => lasts(shapes.long_lived_seconds),
                FacebookTokenKind::Page | FacebookTokenKind::SystemUser => None,
            },
            is_short_lived: matches!(
                request.kind,
                FacebookTokenKind::ShortLivedUser | FacebookTokenKind::ShortLivedPage
            ),
            invalidation: match (person.revoked, person.password_changed && !is_system_users) {
                (true, _) => Some(FacebookInvalidation::Revoked),
                (_, true) => Some(FacebookInvalidation::PasswordChanged),
                _ => None,
            },
        };
        let text = request.access_token.unwrap_or_else(|| facebook.new_token_text());
        facebook.tokens.insert(text.clone(), token.clone());
        Ok((text, token))
    }
}

fn owner(request: &FacebookTokenRequest, person: &Person) -> Result<TokenOwner, ControlError> {
    match request.kind {
        FacebookTokenKind::ShortLivedUser | FacebookTokenKind::User => Ok(TokenOwner::User),
        FacebookTokenKind::SystemUser | FacebookTokenKind::SystemUserFor60Days => Ok(TokenOwner::SystemUser),
        FacebookTokenKind::Page | FacebookTokenKind::ShortLivedPage => {
            let page = match &request.page {
                None => person.pages.first(),
                Some(name) => person.pages.iter().find(|page| page.name == *name || Ok(page.id) == name.parse()),
            };
            let name = request.page.clone().unwrap_or_default();
            page.map(|page| TokenOwner::Page(page.id)).ok_or(ControlError::UnknownPage(name))
        }
    }
}

fn grant(
    facebook: &mut FacebookState,
    request: &FacebookTokenRequest,
    person: &Person,
    owner: TokenOwner,
    issued_at: OffsetDateTime,
) {
    let granted: &mut Granted = facebook.granted.entry(person.id).or_default();
    granted.add_scopes(&request.scopes);
    let all = || person.offered_pages().map(|page| page.id).collect();
    for page in request.pages.clone().unwrap_or_else(all) {
        granted.add_page(page);
    }
    if let TokenOwner::Page(page) = owner {
        granted.add_page(page);
    }
    let login = request.logged_in_at.unwrap_or(issued_at);
    granted.at = Some(granted.at.map_or(login, |earlier| earlier.max(login)));
}

fn base_scopes() -> Vec<String> {
    BASE_SCOPES.map(str::to_owned).to_vec()
}
