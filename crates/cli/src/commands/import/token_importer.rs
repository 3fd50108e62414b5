//! Imports a token that was issued elsewhere: verifies it, finds out when it expires, and stores the account.

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::app::App;
use evertoken_core::document::{Document, LastAttempt, Outcome, ProviderName, Versioned};
use evertoken_core::login;
use evertoken_core::provider::{GrantedAccount, Profile, Provider};
use evertoken_core::provider_error::{ErrorCategory, ProviderError, ProviderErrorKind};
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::AccessToken;
use evertoken_core::token::LongLivedToken;
use evertoken_core::vault::{AccountIndex, AccountStore, ParkedDocuments, store_account};
use evertoken_import::account_file::Candidate;
use evertoken_instagram::InstagramLogin;
use time::{Duration, OffsetDateTime};

use super::import_error::ImportError;
use super::restore::{Overwrite, check_name};
use crate::credentials::token_kind::TokenKind;

/// The lifetime of a long-lived token (Meta, "Business Login for Instagram").
const LIFETIME: Duration = Duration::days(60);

/// Meta does not refresh tokens that are younger ("refresh access token" reference).
const MINIMUM_AGE: Duration = Duration::hours(24);

/// A token that expires sooner is refreshed even if its dates are known: it is short-lived or about to expire.
const SHORTEST_LIFETIME: Duration = Duration::hours(24);

/// Instagram's code if a long-lived token is passed where a short-lived one is expected, or the other way round: "Session
/// key invalid" (`OAuthException` 452).
const WRONG_LIFETIME: i64 = 452;

#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenImporter<'a, V> {
    pub(crate) provider: &'a InstagramLogin,
    pub(crate) vault: &'a V,
    /// For extending short-lived tokens.
    pub(crate) app: Option<&'a App>,
    pub(crate) overwrite: Overwrite,
    pub(crate) now: OffsetDateTime,
}

/// How the token's expiry is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifetimeSource {
    /// From the dates in the candidate.
    Given,
    /// Instagram refreshed the token.
    Refreshed,
    /// The token was short-lived, and Instagram extended it.
    Extended,
    /// Instagram does not refresh the token yet, as in the first day of a long-lived one.
    FirstDay,
}

impl LifetimeSource {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Given => "as given",
            Self::Refreshed => "just refreshed",
            Self::Extended => "the short-lived token was extended",
            Self::FirstDay => "assumed: the token is less than a day old, and the renewal after that will tell",
        }
    }
}

/// An account that was imported.
#[derive(Clone, Debug)]
pub(crate) struct ImportedAccount {
    pub(crate) document: Document,
    pub(crate) lifetime_source: LifetimeSource,
    /// Whether the name existed before.
    pub(crate) replaced: bool,
}

impl<V: AccountStore + ParkedDocuments + AccountIndex> TokenImporter<'_, V> {
    /// Fails for a token that will stop working before it can be renewed. A token in its first day is kept as it is.
    /// `wanted` is the only account that is imported.
    pub(crate) async fn import(
        &self,
        candidate: Candidate,
        wanted: Option<&AccountId>,
    ) -> Result<ImportedAccount, ImportError> {
        let kind = TokenKind::of(&candidate.token);
        let profile = self.provider.profile(&candidate.token).await.map_err(|error| {
            if kind.is_rejected() && !is_temporary(&error) {
                ImportError::WrongKind(kind)
            } else {
                ImportError::Instagram(error)
            }
        })?;
        if profile.account_type == "PERSONAL" {
            return Err(ImportError::Personal(profile.username));
        }
        if wanted.is_some_and(|wanted| *wanted != profile.account_id) {
            return Err(ImportError::OtherAccount { username: profile.username, id: profile.account_id });
        }
        check_name(&candidate.name, &profile.account_id)?;
        // Before the token is refreshed, because that may invalidate the old one.
        let present = self.vault.get(&candidate.name).await?;
        self.check_owner(present.as_ref().map(|present| &present.document), &candidate.name, &profile)?;
        let (token, issued_at, lifetime_source) = self.determine_lifetime(&candidate, &profile).await?;
        let document = self.document(&candidate.name, token, issued_at, lifetime_source, profile.clone());
        let replaced = present.is_some();
        let document = self.store(document, &profile, present).await?;
        Ok(ImportedAccount { document, lifetime_source, replaced })
    }

    /// Fails if the import would overwrite another account.
    fn check_owner(
        &self,
        present: Option<&Document>,
        name: &AccountName,
        profile: &Profile,
    ) -> Result<(), ImportError> {
        match present {
            Some(present) if present.account_id != profile.account_id && self.overwrite == Overwrite::Never => {
                Err(ImportError::NameTaken {
                    name: name.clone(),
                    username: profile.username.clone(),
                    present: present.username.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    /// The token to store, when it was issued, and how that is known.
    async fn determine_lifetime(
        &self,
        candidate: &Candidate,
        profile: &Profile,
    ) -> Result<(LongLivedToken, OffsetDateTime, LifetimeSource), ImportError> {
        // With a date in the future, the token might be stored as one that never expires, and its owner's requests to
        // remove the account would be rejected as outdated.
        let issued_at = candidate.issued_at.map(|at| at.min(self.now));
        let given = candidate.expires_at.or_else(|| issued_at.map(|at| at + LIFETIME));
        let is_young = issued_at.is_some_and(|at| self.now - at < MINIMUM_AGE);
        match given {
            Some(end) if end <= self.now => Err(ImportError::Expired),
            Some(end) if end - self.now >= SHORTEST_LIFETIME => {
                // A token that was issued today may be short-lived; the dates do not tell.
                if is_young {
                    match self.refresh_or_extend(candidate, profile).await {
                        Ok((token, source)) if source != LifetimeSource::FirstDay => {
                            return Ok((token, self.now, source));
                        }
                        Err(error @ ImportError::ShortLived { .. }) => return Err(error),
                        _ => {}
                    }
                }
                let issued_at = issued_at.unwrap_or_else(|| (end - LIFETIME).min(self.now));
                Ok((unchanged(&candidate.token, end - issued_at), issued_at, LifetimeSource::Given))
            }
            _ => {
                let (token, source) = self.refresh_or_extend(candidate, profile).await?;
                Ok((token, self.now, source))
            }
        }
    }

    async fn refresh_or_extend(
        &self,
        candidate: &Candidate,
        profile: &Profile,
    ) -> Result<(LongLivedToken, LifetimeSource), ImportError> {
        // The token works, since Instagram returned its profile. So it is too young if it is not refreshed, or short-lived.
        let is_short_lived = match self.provider.renew(&candidate.token).await {
            Ok(refreshed) => {
                let token = self.verify(refreshed, &candidate.token, profile).await?;
                return Ok((token, LifetimeSource::Refreshed));
            }
            Err(error) if error.code == Some(WRONG_LIFETIME) => true,
            Err(error) if is_temporary(&error) || error.rejects_token() => return Err(ImportError::Instagram(error)),
            Err(_) => false,
        };
        let kept = || (unchanged(&candidate.token, LIFETIME - MINIMUM_AGE), LifetimeSource::FirstDay);
        let username = || profile.username.clone();
        let Some(app) = self.app else {
            return if is_short_lived {
                Err(ImportError::ShortLived { username: username(), has_app: false })
            } else {
                Ok(kept())
            };
        };
        let mut failure = ImportError::ShortLived { username: username(), has_app: true };
        for app in app.with_each_secret(self.now) {
            match self.provider.extend(&app, &candidate.token).await {
                Ok(extended) => {
                    let token = self.verify(extended, &candidate.token, profile).await?;
                    return Ok((token, LifetimeSource::Extended));
                }
                Err(error) if error.code == Some(WRONG_LIFETIME) => return Ok(kept()),
                Err(error) if is_temporary(&error) => return Err(ImportError::Instagram(error)),
                Err(error) if error.kind == ProviderErrorKind::WrongAppCredentials => {
                    failure = ImportError::Instagram(error);
                }
                Err(_) => {}
            }
        }
        if is_short_lived { Err(failure) } else { Ok(kept()) }
    }

    /// Verifies a new token before it replaces the old one. Keeps a token that cannot be verified now: the old one may no
    /// longer work.
    async fn verify(
        &self,
        new: LongLivedToken,
        old: &AccessToken,
        profile: &Profile,
    ) -> Result<LongLivedToken, ImportError> {
        // Without a lifetime in the response, it is that of a new token.
        let new = if new.expires_in.is_positive() { new } else { LongLivedToken { expires_in: LIFETIME, ..new } };
        if new.token == *old {
            return Ok(new);
        }
        match self.provider.profile(&new.token).await {
            Ok(theirs) if theirs.account_id != profile.account_id => {
                Err(ImportError::Instagram(ProviderError::new(ProviderErrorKind::OtherAccount)))
            }
            Err(error) if error.rejects_token() => Err(ImportError::Instagram(error)),
            _ => Ok(new),
        }
    }

    fn document(
        &self,
        name: &AccountName,
        token: LongLivedToken,
        issued_at: OffsetDateTime,
        lifetime_source: LifetimeSource,
        profile: Profile,
    ) -> Document {
        let refreshed = lifetime_source == LifetimeSource::Refreshed;
        let outcome = if refreshed { Outcome::Refreshed } else { Outcome::Connected };
        // Instagram reports scopes only when a code is exchanged. `/me` requires this one, and it answered.
        let scopes = std::iter::once("instagram_business_basic").collect::<Scopes>();
        Document {
            last_attempt: LastAttempt::succeeded(self.now, outcome),
            expires_at_assumed: lifetime_source == LifetimeSource::FirstDay,
            ..login::new_document(
                ProviderName::Instagram,
                name,
                scopes,
                GrantedAccount { profile, token, facebook: None },
                issued_at,
            )
        }
    }

    /// Stores the document. Scopes and unknown keys of the present document are kept.
    async fn store(
        &self,
        document: Document,
        profile: &Profile,
        present: Option<Versioned>,
    ) -> Result<Document, ImportError> {
        let next = |present: Option<&Document>| {
            self.check_owner(present, &document.name, profile)?;
            let mut document = document.clone();
            if let Some(present) = present {
                document.unknown.clone_from(&present.unknown);
                if present.account_id == document.account_id {
                    document.scopes = present.scopes.clone();
                }
            }
            Ok::<_, ImportError>(document)
        };
        Ok(store_account(self.vault, &document.name, Some(present), next).await?.current)
    }
}

/// The token as it is, with a known lifetime.
fn unchanged(token: &AccessToken, expires_in: Duration) -> LongLivedToken {
    LongLivedToken { token: token.clone(), token_type: "bearer".to_owned(), expires_in }
}

/// Whether an error says nothing about the token.
fn is_temporary(error: &ProviderError) -> bool {
    matches!(error.category(), ErrorCategory::Transient | ErrorCategory::Throttled)
}
