//! How the life of a token reaches the world: small traits by role, one adapter each per world.

use std::future::Future;
use std::sync::Arc;

use futures_util::Stream;
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::app::{App, InvalidApp};
use crate::document::{Document, DocumentError, ProviderName, VersionId, Versioned};
use crate::events::Event;
use crate::failure::Failure;
use crate::invite::InviteId;
use crate::login_state::LoginId;
use crate::metrics::Measurement;
use crate::scopes::Scopes;
use crate::secrets::{AccessToken, AuthorizationCode};
use crate::signing::SigningKeys;

/// Who issues tokens: Instagram.
///
/// Every error is a [`Failure`] in our words: an HTTP client's errors carry URLs, and here URLs carry tokens.
pub trait Provider: Send + Sync + 'static {
    /// Which login this is.
    fn name(&self) -> ProviderName;

    /// Where to send a person who wants to connect.
    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url;

    /// Code to short-lived token. Never repeated by itself: a code works once.
    fn exchange_code(
        &self,
        app: &App,
        code: &AuthorizationCode,
        redirect_uri: &Url,
    ) -> impl Future<Output = Result<ShortLived, Failure>> + Send;

    /// Short-lived to long-lived token.
    fn extend(&self, app: &App, token: &AccessToken) -> impl Future<Output = Result<LongLived, Failure>> + Send;

    /// Renews a long-lived token that is at least 24 h old.
    fn refresh(&self, token: &AccessToken) -> impl Future<Output = Result<LongLived, Failure>> + Send;

    /// Whose token it is. Also the proof that it works.
    fn profile(&self, token: &AccessToken) -> impl Future<Output = Result<Profile, Failure>> + Send;
}

/// What the authorize URL says.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizeRequest<'a> {
    /// The app's id.
    pub app_id: &'a str,
    /// Where Instagram sends the person back to.
    pub redirect_uri: &'a Url,
    /// What to ask for.
    pub scopes: &'a Scopes,
    /// What Instagram hands back unread.
    pub state: &'a str,
}

/// An hour's token, never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortLived {
    /// The token.
    pub token: AccessToken,
    /// What was granted; none where Instagram does not say.
    pub granted: Option<Scopes>,
}

/// A token of some 60 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongLived {
    /// The token. A refresh may return the same text or another.
    pub token: AccessToken,
    /// `bearer`.
    pub token_type: String,
    /// How long it lives from now on, as Instagram says. Zero where a refresh's answer names no believable time: the
    /// token is as good as any, and the end that was known before is believed.
    pub expires_in: Duration,
}

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The professional account's id, `user_id`.
    pub account_id: AccountId,
    /// The person's id within the app, `id`.
    pub app_scoped_id: AccountId,
    /// The user name.
    pub username: String,
    /// Upper case, as `BUSINESS`.
    pub account_type: String,
}

/// Where account documents live.
///
/// Every adapter passes one contract suite. The rules:
/// - A write makes a new version; `replace` and `park` succeed only from the version that is current, so that nobody
///   overwrites what they have not read.
/// - The same write again is a no-op that returns the same version.
/// - What is no document of ours is reported and never touched.
pub trait Vault: Send + Sync + 'static {
    /// How a person finds the document: a secret's name or a file's path.
    fn locate(&self, name: &AccountName) -> String;

    /// A shell command that prints the token, for the page after a login and for the operator.
    fn read_command(&self, name: &AccountName) -> String;

    /// The current document; none if the account is not there.
    fn get(&self, name: &AccountName) -> impl Future<Output = Result<Option<Versioned>, VaultError>> + Send;

    /// The current documents of up to [`PAGE`] accounts, in one call where the vault can. Absent ones are left out.
    fn get_page(&self, names: &[AccountName]) -> impl Future<Output = Result<Page, VaultError>> + Send;

    /// All documents, page by page.
    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send;

    /// Stores an account's first document. [`VaultError::Conflict`] if there is one.
    fn create(&self, document: &Document) -> impl Future<Output = Result<VersionId, VaultError>> + Send;

    /// Stores the next document if `expected` is still the current version, else [`VaultError::Conflict`].
    /// The one before stays within reach of the operator.
    fn replace(
        &self,
        expected: &VersionId,
        document: &Document,
    ) -> impl Future<Output = Result<VersionId, VaultError>> + Send;

    /// Keeps a document beside the current one without making it current: a renewed token that Instagram refused
    /// when it was tried. One is kept; the next takes its place.
    fn park(&self, base: &VersionId, document: &Document) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The parked document, if any.
    fn parked(&self, name: &AccountName) -> impl Future<Output = Result<Option<Document>, VaultError>> + Send;

    /// Takes an account away. Removing what is not there is fine.
    fn remove(&self, name: &AccountName, removal: Removal) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The accounts that have an id, as [`Document::has_id`] says: one Instagram account may be stored under several names.
    fn find(&self, id: &AccountId) -> impl Future<Output = Result<Found, VaultError>> + Send;

    /// Brings up to date what [`Vault::find`] looks at, where that is not the document itself. Called when a document was
    /// stored over one of another account or user name.
    fn label(&self, document: &Document) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Notes under which name a login has stored its account, for a second request of that login which cannot know the
    /// name. The note may go once the login's state has expired.
    fn remember(&self, login: &LoginId, name: &AccountName) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The name that a login has stored its account under; none if it has not (yet).
    fn recall(&self, login: &LoginId) -> impl Future<Output = Result<Option<AccountName>, VaultError>> + Send;

    /// Uses up an invite that holds once. [`VaultError::Conflict`] if it was used before, by whomever. The mark stays for
    /// [`LONGEST_ONCE`](crate::invite::LONGEST_ONCE) at least.
    fn claim(&self, invite: &InviteId) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Takes a claim back: the login that made it was not stored after all.
    fn release(&self, invite: &InviteId) -> impl Future<Output = Result<(), VaultError>> + Send;
}

/// How an account is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The operator can have it back for seven days, in a vault that can do so; in others it is gone at once.
    Recoverable,
    /// At once and for good, what was kept to be had back included.
    ForGood,
}

/// What [`Vault::find`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The accounts, confirmed by their documents.
    pub accounts: Vec<Versioned>,
    /// Names of accounts that were removed and can still be had back. Their documents cannot be read.
    pub removed: Vec<AccountName>,
}

/// How many documents make a page: `BatchGetSecretValue` takes 20 at most.
pub const PAGE: usize = 20;

/// Some documents, and what lies among them and is none.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The documents.
    pub accounts: Vec<Versioned>,
    /// What could not be read, and why.
    pub unreadable: Vec<Unreadable>,
}

/// Something in the vault that is no document of ours. It is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What it is called there.
    pub name: String,
    /// What is wrong with it.
    pub reason: DocumentError,
}

/// Why a vault did not do as asked. Holds no value and no response of the vault's.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum VaultError {
    /// Somebody else wrote first: read again, decide again.
    #[error("the account was changed by somebody else meanwhile")]
    Conflict,
    /// The value there is no document of ours; it was left alone.
    #[error("the account's document is unreadable: {0}")]
    Unreadable(#[from] DocumentError),
    /// The vault refuses us.
    #[error("the vault refuses access ({code}); check the permissions")]
    Denied {
        /// The vault's own error code.
        code: String,
    },
    /// The vault does not answer, or not well.
    #[error("the vault is not available ({code})")]
    Unavailable {
        /// The vault's own error code.
        code: String,
    },
}

/// The secrets that a login needs: the app's, and the keys that sign invites and state.
pub trait Credentials: Send + Sync + 'static {
    /// The Meta app.
    fn app(&self) -> impl Future<Output = Result<Arc<App>, CredentialsError>> + Send;

    /// What signs and verifies.
    fn signing_keys(&self) -> impl Future<Output = Result<Arc<SigningKeys>, CredentialsError>> + Send;
}

/// Why credentials could not be had. Names the secret, never shows it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CredentialsError {
    /// The app secret is there but not filled in, or malformed.
    #[error("the app secret {secret} cannot be used: {reason}")]
    App {
        /// The secret's name.
        secret: String,
        /// What is wrong.
        reason: InvalidApp,
    },
    /// The signing secret is malformed.
    #[error(
        "the signing secret {secret} cannot be used: it must be one text of at least 32 characters, or {{\"keys\":[...]}} of such"
    )]
    SigningKeys {
        /// The secret's name.
        secret: String,
    },
    /// The secret could not be read.
    #[error("the secret {secret} could not be read ({code})")]
    Unavailable {
        /// The secret's name.
        secret: String,
        /// The vault's own error code.
        code: String,
    },
}

/// Who is told of what happened.
pub trait Events: Send + Sync + 'static {
    /// Whether anybody listens. Where nobody does, nothing is announced and nothing is written down about it.
    fn wanted(&self) -> bool;

    /// Tells. An event that cannot be sent costs nothing but itself.
    fn send(&self, event: Event) -> impl Future<Output = Result<(), EventError>> + Send;
}

/// An event was not sent. Holds nothing of it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the event could not be sent ({code})")]
pub struct EventError {
    /// The receiver's own error code.
    pub code: String,
}

/// Who counts what happens.
pub trait Metrics: Send + Sync + 'static {
    /// Takes these as measured together, now. What cannot be recorded is lost and costs nothing else.
    fn record(&self, measured: &[Measurement]);
}

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now, in UTC, to the second: documents hold whole seconds.
    fn now(&self) -> OffsetDateTime;
}

/// Unguessable bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The machine gave no randomness.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the machine gave no randomness")]
pub struct EntropyError;

impl<T: Clock> Clock for Arc<T> {
    fn now(&self) -> OffsetDateTime {
        T::now(self)
    }
}

impl<T: Events> Events for Option<T> {
    fn wanted(&self) -> bool {
        self.as_ref().is_some_and(T::wanted)
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        match self {
            Some(events) => events.send(event).await,
            None => Ok(()),
        }
    }
}
