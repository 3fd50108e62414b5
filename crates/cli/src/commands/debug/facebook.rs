//! What Facebook says about a token of Facebook Login: its token debugger, and the account behind it.

use std::sync::Arc;

use evertoken_core::app::MetaApp;
use evertoken_core::document::{Document, ProviderName};
use evertoken_core::provider::{GrantedAccount, TokenApi};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::AccessToken;
use evertoken_https::Tls;
use evertoken_instagram::{AdoptError, FacebookDebugger, FacebookEndpoints, FacebookLogin, FacebookToken};

use super::{Facts, Owner, Stored};
use crate::context::Context;
use crate::credentials::any_credentials::AnyApp;
use crate::credentials::meta_app;
use crate::credentials::token_kind::TokenKind;
use crate::error::Result;
use crate::vault::location::VaultLocation;

const NO_APP: &str = "the app secret has no meta_app_id and meta_app_secret to ask with";

pub(super) enum Answer {
    Token(Box<FacebookToken>),
    /// Facebook was not asked, or did not tell, and why.
    None(String),
}

/// Whether Facebook is to be asked about a token instead of Instagram. An app's token consists of the app's ID and secret.
pub(super) fn is_of_facebook(token: &AccessToken, stored: Option<&Document>) -> bool {
    let is_of_app = token.expose().split_once('|').is_some_and(|(id, _)| id.bytes().all(|byte| byte.is_ascii_digit()));
    match stored {
        Some(document) => document.provider == ProviderName::Facebook,
        None => is_of_app || TokenKind::of(token) == TokenKind::FacebookLogin,
    }
}

pub(super) struct Examiner<'a> {
    debugger: FacebookDebugger,
    endpoints: FacebookEndpoints,
    location: &'a VaultLocation,
    context: &'a Context,
}

impl<'a> Examiner<'a> {
    pub(super) fn new(location: &'a VaultLocation, context: &'a Context) -> Result<Self> {
        let endpoints = FacebookEndpoints::read(&context.variables)?;
        Ok(Self { debugger: FacebookDebugger::new(endpoints.clone())?, endpoints, location, context })
    }

    /// Facts without those of the vault. `stored` is the document that holds the token.
    pub(super) async fn examine(&self, token: &AccessToken, stored: Option<&Document>) -> Facts {
        let app = if self.context.vault_option.is_open() {
            None
        } else {
            // The token itself may do.
            meta_app::find(self.location, self.context).await.unwrap_or_default()
        };
        let facts = Facts {
            kind: TokenKind::FacebookLogin,
            valid: None,
            owners: Vec::new(),
            error: None,
            unnamed: None,
            stored: Stored::Nowhere,
            facebook: Answer::None(String::new()),
        };
        let known = match self.inspect(token, app.as_ref()).await {
            Ok(known) => known,
            Err(error) => {
                let credentials = if app.is_some() { "also with the stored Meta app" } else { NO_APP };
                let code = error.code.map_or_else(String::new, |code| format!(", code {code}"));
                let reason = format!("Facebook did not tell ({credentials}{code})");
                let valid = error.rejects_token().then_some(false);
                return Facts { valid, error: Some(error), facebook: Answer::None(reason), ..facts };
            }
        };
        let named = match known.failure() {
            Some(failure) => Err(failure),
            None => self.name(&known, token, app.as_ref(), stored).await,
        };
        let facts = Facts { facebook: Answer::Token(Box::new(known)), ..facts };
        match named {
            Ok(Ok(owners)) => Facts { valid: Some(true), owners, ..facts },
            Ok(Err(reason)) => Facts { valid: Some(true), unnamed: Some(reason.to_owned()), ..facts },
            Err(error) => Facts { valid: Some(!error.rejects_token()), error: Some(error), ..facts },
        }
    }

    /// Asks with the Meta app's credentials if they are stored, and with the token itself otherwise, or if it belongs to
    /// another app.
    async fn inspect(&self, token: &AccessToken, app: Option<&MetaApp>) -> Result<FacebookToken, ProviderError> {
        if app.is_some()
            && let Ok(answer) = self.debugger.inspect(token, app).await
        {
            return Ok(answer);
        }
        self.debugger.inspect(token, None).await
    }

    /// The accounts of a token that works, or why they are not known.
    async fn name(
        &self,
        known: &FacebookToken,
        token: &AccessToken,
        app: Option<&MetaApp>,
        stored: Option<&Document>,
    ) -> Result<Result<Vec<Owner>, &'static str>, ProviderError> {
        match known.kind.as_deref() {
            Some("PAGE" | "SYSTEM_USER") => {}
            Some("USER") => return Ok(Err("a person may have access to several accounts")),
            Some("APP") => return Ok(Err("an app has no account")),
            _ => return Ok(Err("Facebook did not tell whose token it is")),
        }
        let Some(app) = app else { return Ok(Err(NO_APP)) };
        if known.app_id.as_ref().is_some_and(|id| *id != app.id) {
            return Ok(Err("the token belongs to another app than the stored one"));
        }
        if known.kind.as_deref() == Some("PAGE") && !known.never_expires && stored.is_none() {
            return Ok(Err("Evertoken only asks about tokens that it can keep"));
        }
        let Ok(login) = self.login().await else { return Ok(Err(NO_APP)) };
        if let Some(document) = stored {
            let checked = login.check(document).await?;
            return Ok(Ok(vec![Owner {
                account_id: checked.account_id,
                app_scoped_id: document.app_scoped_id.clone(),
                username: checked.username,
                account_type: document.account_type.clone(),
                page_name: document.page_name.clone(),
            }]));
        }
        match login.adopt(token).await {
            Ok(accounts) => Ok(Ok(accounts.into_iter().map(owner).collect())),
            Err(AdoptError::Provider(error)) => Err(error),
            Err(AdoptError::PersonsToken | AdoptError::OtherKind) => Ok(Err("Facebook did not tell whose token it is")),
        }
    }

    async fn login(&self) -> Result<FacebookLogin<AnyApp>> {
        let app = AnyApp::of_command(self.location, self.context).await?;
        let clock = Arc::new(self.context.clock);
        Ok(FacebookLogin::with_tls(&Tls::with_system_roots(), self.endpoints.clone(), app, clock)?)
    }
}

fn owner(account: GrantedAccount) -> Owner {
    let page_name = account.facebook.and_then(|facebook| facebook.page_name);
    Owner { page_name, ..account.profile.into() }
}
