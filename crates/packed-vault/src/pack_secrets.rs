//! The port to the secrets that hold packs, with the semantics of Secrets Manager.

use std::fmt;
use std::future::Future;

use evertoken_core::document::VersionId;
use evertoken_core::vault::VaultError;
use secrecy::{ExposeSecret, SecretSlice};

use crate::ids::{PackId, PackSecret};
use crate::request_token::RequestToken;

/// The code of the error of a [`put`](PackSecrets::put) to a secret that takes no further version: it has 100, and all are younger
/// than 24 hours (AWS, "Secrets Manager quotas").
pub const VERSIONS_USED_UP: &str = "LimitExceededException";

/// Reads and writes the secrets that hold packs. Each operation is one request to Secrets Manager.
///
/// - Reads may return a state that is some seconds old (AWS, "Secrets Manager eventual consistency").
/// - Writes are decided one after the other: of several [`put`](Self::put)s with the same token, one succeeds.
/// - A secret that does not exist, has no value or is scheduled for deletion is absent.
///
/// Errors are those of the vault: throttling, and the quota of versions ([`VERSIONS_USED_UP`]), are
/// [`VaultError::Unavailable`] with the cause `Throttled`. [`VaultError::Conflict`] and [`VaultError::Unreadable`] are never
/// returned.
pub trait PackSecrets: Send + Sync + 'static {
    /// The current version, or `None` if the secret is absent.
    ///
    /// `GetSecretValue` with the stage `AWSCURRENT`.
    fn current(&self, secret: &PackSecret) -> impl Future<Output = Result<Option<StoredPack>, VaultError>> + Send;

    /// The version with this id, or `None` if the secret or the version is absent.
    ///
    /// `GetSecretValue` with a version id and without a stage.
    fn version(
        &self,
        secret: &PackSecret,
        version: &VersionId,
    ) -> impl Future<Output = Result<Option<StoredPack>, VaultError>> + Send;

    /// Stores a value as the version that has the token as its id, and makes it current. The same token with the same value
    /// again changes nothing and succeeds.
    ///
    /// `PutSecretValue` with `SecretBinary` and `ClientRequestToken`.
    fn put(
        &self,
        secret: &PackSecret,
        token: &RequestToken,
        value: &PackValue,
    ) -> impl Future<Output = Result<(), PutError>> + Send;

    /// Creates a secret with its first value. Returns [`CreateError::Exists`] if the secret exists or is being deleted.
    ///
    /// `CreateSecret` with `SecretBinary`, the SDK's random `ClientRequestToken`, the KMS key and the tags of the stack. The
    /// version id must be random: the request tokens of the following versions depend on it.
    fn create(
        &self,
        secret: &PackSecret,
        value: &PackValue,
    ) -> impl Future<Output = Result<VersionId, CreateError>> + Send;

    /// Deletes a secret with all of its versions. A secret that is absent already counts as deleted.
    ///
    /// `DeleteSecret`; [`PackDeletion::ForGood`] also deletes a secret that is scheduled for deletion.
    fn delete(
        &self,
        secret: &PackSecret,
        deletion: PackDeletion,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Some of the secrets that hold packs, or one pack if `pack` names it. Secrets that are scheduled for deletion are left
    /// out.
    ///
    /// `ListSecrets` with a filter for the name's prefix `<prefix>/packs/` or `<prefix>/packs/<pack>/`. `page` is the
    /// `NextToken` of the page before. The list may be five minutes old (AWS, `ListSecrets`).
    fn list(
        &self,
        pack: Option<&PackId>,
        page: Option<String>,
    ) -> impl Future<Output = Result<SecretPage, VaultError>> + Send;
}

/// A version of a secret.
#[derive(Clone, Debug)]
pub struct StoredPack {
    /// The version's id.
    pub version: VersionId,
    /// Whether the version has the staging label AWSCURRENT.
    pub is_current: bool,
    /// The value.
    pub value: PackValue,
}

/// The bytes of a pack: compressed JSON with tokens. Overwritten in memory when dropped.
#[derive(Clone)]
pub struct PackValue(SecretSlice<u8>);

impl PackValue {
    /// Wraps the bytes of `SecretBinary`.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretSlice::from(bytes))
    }

    /// The bytes, only for the vault.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for PackValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackValue({} bytes, redacted)", self.expose().len())
    }
}

/// A put was not accepted.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PutError {
    /// Another value was stored with this token (`ResourceExistsException`): another writer was faster.
    #[error("another process changed the pack in the meantime")]
    TokenTaken,
    /// The secret does not exist or is scheduled for deletion (`ResourceNotFoundException`, `InvalidRequestException`).
    #[error("the pack's secret does not exist")]
    Absent,
    /// Any other error.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A secret was not created.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CreateError {
    /// A secret of this name exists or is being deleted (`ResourceExistsException`, `InvalidRequestException`).
    #[error("the pack's secret exists already")]
    Exists,
    /// Any other error.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// How the secret of a pack is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackDeletion {
    /// An operator can restore the secret for seven days (`RecoveryWindowInDays`).
    Recoverable,
    /// At once, with all versions (`ForceDeleteWithoutRecovery`).
    ForGood,
}

/// A page of [`PackSecrets::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretPage {
    /// The secrets. Names that are not those of packs are left out.
    pub secrets: Vec<PackSecret>,
    /// The next page, or `None` after the last.
    pub next: Option<String>,
}
