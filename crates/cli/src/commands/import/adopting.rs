//! From a token that somebody has to a stored account: proven, its life known, under a name that is free for it.

use evertoken_core::account::AccountName;
use evertoken_core::app::App;
use evertoken_core::document::{Document, LastAttempt, Outcome, Versioned};
use evertoken_core::login;
use evertoken_core::provider::{Profile, Provider};
use evertoken_core::provider_error::{ErrorCategory, ProviderError, ProviderErrorKind};
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::AccessToken;
use evertoken_core::token::LongLivedToken;
use evertoken_core::vault::{AccountStore, Vault, VaultError, store_account};
use time::{Duration, OffsetDateTime};

use crate::credentials::token_kind::TokenKind;

/// How long a long-lived token lives (Meta, "Business Login for Instagram").
const LIFE: Duration = Duration::days(60);

/// Meta renews no token that is younger ("refresh access token" reference).
const YOUNG: Duration = Duration::hours(24);

/// A life that is said to be shorter than this is a short-lived token's, or about to end: it is renewed all the same.
const TOO_SHORT_TO_KEEP: Duration = Duration::hours(24);

/// What Instagram says of a token of the wrong kind: "Session key invalid" (`OAuthException` 452).
const WRONG_KIND: i64 = 452;

/// A token to adopt.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// What the account is to be called.
    pub(crate) name: AccountName,
    /// The token.
    pub(crate) token: AccessToken,
    /// When it was issued or last renewed, if that is known.
    pub(crate) issued_at: Option<OffsetDateTime>,
    /// When it ends, if that is known.
    pub(crate) expires_at: Option<OffsetDateTime>,
}

/// Adopts tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adopter<'a, P, V> {
    pub(crate) provider: &'a P,
    pub(crate) vault: &'a V,
    /// Extends short-lived tokens; none where it is not known.
    pub(crate) app: Option<&'a App>,
    /// Another account may be overwritten.
    pub(crate) replace: bool,
    pub(crate) now: OffsetDateTime,
}

/// How the token's life was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Somebody said so.
    AsSaid,
    /// Instagram has renewed it.
    Renewed,
    /// It was short-lived, and Instagram has made it long-lived.
    Extended,
    /// Instagram neither renews nor extends it, as is so in a long-lived token's first day.
    FirstDay,
}

impl Life {
    /// For the person.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::AsSaid => "as you said",
            Self::Renewed => "renewed just now",
            Self::Extended => "it was short-lived and was extended",
            Self::FirstDay => "at least: it is less than a day old",
        }
    }
}

/// A token that was adopted.
#[derive(Clone, Debug)]
pub(crate) struct Adopted {
    pub(crate) document: Document,
    pub(crate) life: Life,
    /// Whether the name held an account before.
    pub(crate) replaced: bool,
}

/// Why a token was not adopted.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Instagram does not take the token, and its family is the reason.
    #[error("{0}")]
    WrongFamily(&'static str),
    /// Instagram refuses, or is not to be reached.
    #[error("{}", .0.message())]
    Instagram(ProviderError),
    /// Instagram's API serves professional accounts only.
    #[error("@{0} is a personal account; its owner switches it to a professional one in Instagram's settings first")]
    Personal(String),
    /// Its life cannot be found out.
    #[error(
        "@{username}'s token works, but Instagram neither renews nor extends it: it is less than a day old, or \
         short-lived{}. Say since when it is there with --issued (as --issued now for one that the dashboard has just \
         made)", if *.has_app { " and of another app" } else { ", for which the app secret would be needed" }
    )]
    LifeUnknown {
        /// Whose it is.
        username: String,
        /// Whether the app secret was there to extend it.
        has_app: bool,
    },
    /// The date that was given has passed.
    #[error("the token has ended by the date that was given; leave the date out and Instagram is asked")]
    Ended,
    /// The name belongs to somebody else.
    #[error("{name} is @{present} already, and this token is @{username}'s; choose another name, or say --replace")]
    OtherAccount {
        /// The name.
        name: AccountName,
        /// Whose token came.
        username: String,
        /// Who is stored under the name.
        present: String,
    },
    /// The vault did not take it.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl<P: Provider, V: Vault> Adopter<'_, P, V> {
    /// Proves the token, finds out how long it lives, and stores it.
    pub(crate) async fn adopt(&self, candidate: Candidate) -> Result<Adopted, Refusal> {
        let family = TokenKind::of(&candidate.token);
        let profile = self.provider.profile(&candidate.token).await.map_err(|failure| match family.objection() {
            Some(objection) if !passes(&failure) => Refusal::WrongFamily(objection),
            _ => Refusal::Instagram(failure),
        })?;
        if profile.account_type == "PERSONAL" {
            return Err(Refusal::Personal(profile.username));
        }
        // Before anything is renewed: that may end the token's older text.
        let present = self.vault.get(&candidate.name).await?;
        self.check_owner(present.as_ref().map(|present| &present.document), &candidate.name, &profile)?;
        let (token, issued_at, life) = self.with_life(&candidate, &profile).await?;
        let document = self.document(&candidate.name, token, issued_at, life, profile.clone());
        let replaced = present.is_some();
        let document = self.store(document, &profile, present).await?;
        Ok(Adopted { document, life, replaced })
    }

    /// Refuses to overwrite another account.
    fn check_owner(&self, present: Option<&Document>, name: &AccountName, profile: &Profile) -> Result<(), Refusal> {
        match present {
            Some(present) if present.account_id != profile.account_id && !self.replace => Err(Refusal::OtherAccount {
                name: name.clone(),
                username: profile.username.clone(),
                present: present.username.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// The token, since when it lives, and how that is known.
    async fn with_life(
        &self,
        candidate: &Candidate,
        profile: &Profile,
    ) -> Result<(LongLivedToken, OffsetDateTime, Life), Refusal> {
        let said = candidate.expires_at.or_else(|| candidate.issued_at.map(|at| at + LIFE));
        let is_young = candidate.issued_at.is_some_and(|at| self.now - at < YOUNG);
        match said {
            Some(end) if end <= self.now => Err(Refusal::Ended),
            Some(end) if end - self.now >= TOO_SHORT_TO_KEEP => {
                // Nobody sees by looking at a token of today whether it is one of an hour.
                if is_young
                    && self.app.is_some()
                    && let Ok((token, life)) = self.asked(candidate, profile).await
                    && life != Life::FirstDay
                {
                    return Ok((token, self.now, life));
                }
                let issued_at = candidate.issued_at.unwrap_or_else(|| (end - LIFE).min(self.now));
                Ok((unchanged(&candidate.token, end - issued_at), issued_at, Life::AsSaid))
            }
            _ => {
                let (token, life) = self.asked(candidate, profile).await?;
                let issued_at = if life == Life::FirstDay { self.now - YOUNG } else { self.now };
                Ok((token, issued_at, life))
            }
        }
    }

    /// Lets Instagram renew the token, or extend it.
    async fn asked(&self, candidate: &Candidate, profile: &Profile) -> Result<(LongLivedToken, Life), Refusal> {
        match self.provider.refresh(&candidate.token).await {
            Ok(renewed) => return Ok((self.proven(renewed, &candidate.token, profile).await?, Life::Renewed)),
            Err(failure) if passes(&failure) || failure.rejects_token() => return Err(Refusal::Instagram(failure)),
            // It has just told whose it is, so it is too young or short-lived.
            Err(_) => {}
        }
        let Some(app) = self.app else {
            return Err(Refusal::LifeUnknown { username: profile.username.clone(), has_app: false });
        };
        let mut refusal = Refusal::LifeUnknown { username: profile.username.clone(), has_app: true };
        for app in app.with_each_secret() {
            match self.provider.extend(&app, &candidate.token).await {
                Ok(extended) => return Ok((self.proven(extended, &candidate.token, profile).await?, Life::Extended)),
                // Not short-lived, then.
                Err(failure) if failure.code == Some(WRONG_KIND) => {
                    return Ok((unchanged(&candidate.token, LIFE), Life::FirstDay));
                }
                Err(failure) if passes(&failure) => return Err(Refusal::Instagram(failure)),
                Err(failure) if failure.kind == ProviderErrorKind::WrongAppCredentials => {
                    refusal = Refusal::Instagram(failure);
                }
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    /// Tries a new token before it takes the old one's place. What Instagram cannot be asked about is kept: the old text
    /// may have ended.
    async fn proven(
        &self,
        new: LongLivedToken,
        old: &AccessToken,
        profile: &Profile,
    ) -> Result<LongLivedToken, Refusal> {
        // A life that Instagram does not name is a whole one: it begins anew.
        let new = if new.expires_in.is_positive() { new } else { LongLivedToken { expires_in: LIFE, ..new } };
        if new.token == *old {
            return Ok(new);
        }
        match self.provider.profile(&new.token).await {
            Ok(theirs) if theirs.account_id != profile.account_id => {
                Err(Refusal::Instagram(ProviderError::new(ProviderErrorKind::OtherAccount)))
            }
            Err(failure) if failure.rejects_token() => Err(Refusal::Instagram(failure)),
            _ => Ok(new),
        }
    }

    fn document(
        &self,
        name: &AccountName,
        token: LongLivedToken,
        issued_at: OffsetDateTime,
        life: Life,
        profile: Profile,
    ) -> Document {
        let outcome = if life == Life::Renewed { Outcome::Refreshed } else { Outcome::Connected };
        // Instagram tells only whoever exchanges a code. `/me` has answered, which takes this one.
        let scopes = std::iter::once("instagram_business_basic").collect::<Scopes>();
        Document {
            last_attempt: LastAttempt::succeeded(self.now, outcome),
            ..login::new_document(self.provider, name, scopes, token, profile, issued_at)
        }
    }

    /// Stores the document. Scopes and unknown keys of the present document are kept.
    async fn store(
        &self,
        document: Document,
        profile: &Profile,
        present: Option<Versioned>,
    ) -> Result<Document, Refusal> {
        let next = |present: Option<&Document>| {
            self.check_owner(present, &document.name, profile)?;
            let mut document = document.clone();
            if let Some(present) = present {
                document.unknown = present.unknown.clone();
                if present.account_id == document.account_id {
                    document.scopes = present.scopes.clone();
                }
            }
            Ok::<_, Refusal>(document)
        };
        Ok(store_account(self.vault, &document.name, Some(present), next).await?.current)
    }
}

/// The token as it is, with a life that was found out.
fn unchanged(token: &AccessToken, expires_in: Duration) -> LongLivedToken {
    LongLivedToken { token: token.clone(), token_type: "bearer".to_owned(), expires_in }
}

/// Whether a failure says nothing about the token.
fn passes(failure: &ProviderError) -> bool {
    matches!(failure.category(), ErrorCategory::Transient | ErrorCategory::Throttled)
}
