//! Writes documents: an account's first and the ones that follow.

use std::time::Duration;

use aws_sdk_secretsmanager::operation::put_secret_value::builders::PutSecretValueFluentBuilder;
use evertoken_core::backoff::retry;
use evertoken_core::document::{Document, VersionId};
use evertoken_core::vault::{AccountIndex, AccountStore, OutageCause, ParkedDocuments, Removal, VaultError};
use secrecy::ExposeSecret;
use tokio::time::sleep;

use super::request_token::RequestToken;
use super::{CURRENT, PREVIOUS, SecretsManagerVault, tags};
use crate::error_code::AwsErrorCode;

/// How many rolled-back versions a write skips before it reports a conflict.
const MAX_ROLLBACKS: usize = 8;

/// The waits for a name that AWS has not freed yet, 20 seconds in total.
///
/// Deleting a secret without a recovery window is asynchronous (AWS, `DeleteSecret`). It usually takes seconds and can take two
/// minutes. A login cannot wait that long, but the person can try again.
const NAME_DELAYS: [Duration; 7] = [
    Duration::from_millis(500),
    Duration::from_millis(1_500),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(4),
    Duration::from_secs(4),
    Duration::from_secs(4),
];

/// The waits for a read that shows a restoration. In most cases the first read does.
const CONSISTENCY_DELAYS: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(800)];

fn being_deleted(error: AwsErrorCode) -> VaultError {
    VaultError::Unavailable { cause: OutageCause::BeingDeleted, code: error.into_code() }
}

fn is_being_deleted(error: &VaultError) -> bool {
    matches!(error, VaultError::Unavailable { cause: OutageCause::BeingDeleted, .. })
}

/// The state of the secret with a given name.
pub(super) enum SecretState {
    /// The secret has a value. This is its current version.
    Current(VersionId),
    /// The secret never had a value: it was created manually or by a template.
    Empty,
    /// The secret does not exist or is scheduled for deletion.
    Deleted,
}

impl SecretsManagerVault {
    /// Stores an account's first document. Waits if AWS is still deleting a secret of that name.
    pub(super) async fn create_secret(&self, document: &Document) -> Result<VersionId, VaultError> {
        let mut delays = NAME_DELAYS.into_iter();
        retry(
            || self.create_secret_once(document),
            |error, _| {
                if is_being_deleted(error) { delays.next() } else { None }
            },
        )
        .await
    }

    /// The SDK sends a random `ClientRequestToken`, so its retries are idempotent. Random version ids also keep a
    /// re-created secret from reusing the request tokens of the secret that it replaces.
    async fn create_secret_once(&self, document: &Document) -> Result<VersionId, VaultError> {
        let create = self
            .client
            .create_secret()
            .name(self.settings.account_secret(&document.name))
            .description("An Instagram account's access token, kept alive by Evertoken")
            .set_kms_key_id(self.settings.kms_key())
            .set_tags(Some(tags::of(document, &self.settings)))
            .secret_string(document.encode().expose_secret());
        let version = match create.send().await.map_err(AwsErrorCode::from) {
            Ok(created) => return Ok(VersionId::new(created.version_id.unwrap_or_default())),
            Err(error) if error.already_exists() => self.fill_empty_secret(document).await?,
            Err(error) if error.is_invalid_request() => self.restore_secret(document).await?,
            Err(error) => return Err(error.into()),
        };
        // A deleted document is not restored: it may be another person's. If it remains, it must be found.
        let former = match self.forget_earlier(&document.name).await {
            Ok(()) => None,
            Err(_) => self.read(&document.name, PREVIOUS).await.ok().flatten(),
        };
        // The secret may have no tags, or another account's, or those of a copy. The document is stored even if tagging fails.
        let labeled = self.labeled_after_restore(document);
        if self.label(&labeled, former.as_ref().map(|former| &former.document)).await.is_err() {
            tracing::warn!(account.name = %document.name, "could not tag an existing secret");
        }
        Ok(version)
    }

    /// Stores an account's first document in a secret that exists, if the secret has no value.
    async fn fill_empty_secret(&self, document: &Document) -> Result<VersionId, VaultError> {
        match self.secret_state(&self.settings.account_secret(&document.name)).await? {
            SecretState::Empty => self.put_with(&RequestToken::first(), document).await,
            SecretState::Current(_) => Err(VaultError::Conflict),
            // Deleted since it was found to exist.
            SecretState::Deleted => self.restore_secret(document).await,
        }
    }

    /// Stores an account's first document in a secret that is scheduled for deletion, which is restored first, because AWS
    /// rejects a write to it. If the document cannot be stored then, the secret is deleted again.
    ///
    /// Two concurrent logins both restore the secret. One of them writes, the other gets a conflict.
    async fn restore_secret(&self, document: &Document) -> Result<VersionId, VaultError> {
        let secret = self.settings.account_secret(&document.name);
        match self.secret_state(&secret).await? {
            // Restored and written by another login.
            SecretState::Current(_) => return Err(VaultError::Conflict),
            SecretState::Empty | SecretState::Deleted => {}
        }
        match self.client.restore_secret().secret_id(&secret).send().await.map_err(AwsErrorCode::from) {
            Ok(_) => {}
            // Deleted without a recovery window: nothing can be restored, and the name is not free yet.
            Err(error) if error.is_absent() => return Err(being_deleted(error)),
            Err(error) => return Err(error.into()),
        }
        let written = self.write_to_restored_secret(&secret, document).await;
        // A conflict means that another login has stored its document.
        if let Err(error) = &written
            && *error != VaultError::Conflict
            && self.remove(&document.name, Removal::Recoverable).await.is_err()
        {
            tracing::error!(account.name = %document.name, "a removed account was restored and not stored; remove it again");
        }
        written
    }

    async fn write_to_restored_secret(&self, secret: &str, document: &Document) -> Result<VersionId, VaultError> {
        match self.state_after_restore(secret).await? {
            SecretState::Current(deleted) => self.put_with(&RequestToken::after(&deleted), document).await,
            SecretState::Empty => self.put_with(&RequestToken::first(), document).await,
            // Deleted again by another process.
            SecretState::Deleted => Err(VaultError::Conflict),
        }
    }

    /// Reads are eventually consistent: the first ones can be older than the restoration.
    async fn state_after_restore(&self, secret: &str) -> Result<SecretState, VaultError> {
        for delay in CONSISTENCY_DELAYS {
            match self.secret_state(secret).await? {
                SecretState::Deleted => sleep(delay).await,
                state => return Ok(state),
            }
        }
        self.secret_state(secret).await
    }

    /// Stores the document that follows `expected`, if `expected` is the current version.
    ///
    /// If an operator moved AWSCURRENT back to `expected`, the token that follows it is taken by the version that was
    /// rolled back. The write then skips to the next token; otherwise the account could never be written again.
    pub(super) async fn compare_and_swap(
        &self,
        expected: &VersionId,
        document: &Document,
    ) -> Result<VersionId, VaultError> {
        let secret = self.settings.account_secret(&document.name);
        let mut token = RequestToken::after(expected);
        for _ in 0..MAX_ROLLBACKS {
            match self.put_with(&token, document).await {
                Err(VaultError::Conflict) if self.was_rolled_back(&secret, expected, &token).await? => {
                    token = token.next();
                }
                result => return result,
            }
        }
        Err(VaultError::Conflict)
    }

    async fn put_with(&self, token: &RequestToken, document: &Document) -> Result<VersionId, VaultError> {
        send(self.put(document).client_request_token(token.as_str())).await
    }

    pub(super) fn put(&self, document: &Document) -> PutSecretValueFluentBuilder {
        let secret = self.settings.account_secret(&document.name);
        self.client.put_secret_value().secret_id(secret).secret_string(document.encode().expose_secret())
    }

    pub(super) async fn secret_state(&self, secret: &str) -> Result<SecretState, VaultError> {
        let read = self.client.get_secret_value().secret_id(secret).version_stage(CURRENT);
        match read.send().await.map_err(AwsErrorCode::from) {
            Ok(value) => Ok(SecretState::Current(VersionId::new(value.version_id.unwrap_or_default()))),
            Err(error) if error.is_not_found() => Ok(SecretState::Empty),
            Err(error) if error.is_invalid_request() => Ok(SecretState::Deleted),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the version with this token was written after `expected` and then rolled back.
    async fn was_rolled_back(
        &self,
        secret: &str,
        expected: &VersionId,
        token: &RequestToken,
    ) -> Result<bool, VaultError> {
        match self.secret_state(secret).await? {
            SecretState::Current(current) if current == *expected => {}
            _ => return Ok(false),
        }
        // Secrets Manager is eventually consistent: the state above may be older than the write that took the token. In
        // that case the version with the token has AWSCURRENT or is not found yet.
        let read = self.client.get_secret_value().secret_id(secret).version_id(token.as_str());
        match read.send().await.map_err(AwsErrorCode::from) {
            Ok(value) => Ok(!value.version_stages().iter().any(|stage| stage == CURRENT)),
            Err(error) if error.is_absent() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Sends a write. Returns a conflict if the request token is taken or the secret was deleted in the meantime.
pub(super) async fn send(put: PutSecretValueFluentBuilder) -> Result<VersionId, VaultError> {
    match put.send().await.map_err(AwsErrorCode::from) {
        Ok(written) => Ok(VersionId::new(written.version_id.unwrap_or_default())),
        Err(error) if error.already_exists() || error.is_absent() => Err(VaultError::Conflict),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_a_name_no_longer_than_a_login_may_take() {
        assert_eq!(NAME_DELAYS.iter().sum::<Duration>(), Duration::from_secs(20));
        let error = |code| being_deleted(AwsErrorCode::new(code));
        assert!(is_being_deleted(&error("InvalidRequestException")) && !is_being_deleted(&VaultError::Conflict));
    }
}
