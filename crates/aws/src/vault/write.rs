//! Writes documents: an account's first and the ones that follow.

use aws_sdk_secretsmanager::operation::put_secret_value::builders::PutSecretValueFluentBuilder;
use evertoken_core::document::{Document, VersionId};
use evertoken_core::vault::{AccountIndex, AccountStore, Removal, VaultError};
use secrecy::ExposeSecret;

use super::request_token::RequestToken;
use super::{CURRENT, PREVIOUS, SecretsManagerVault, tags};
use crate::error_code::AwsErrorCode;

/// How many rolled-back versions a write skips before it reports a conflict.
const MAX_ROLLBACKS: usize = 8;

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
    /// Stores an account's first document.
    ///
    /// The SDK sends a random `ClientRequestToken`, so its retries are idempotent. Random version ids also keep a
    /// re-created secret from reusing the request tokens of the secret that it replaces.
    pub(super) async fn create_secret(&self, document: &Document) -> Result<VersionId, VaultError> {
        let create = self
            .client
            .create_secret()
            .name(self.settings.account_secret(&document.name))
            .description("An Instagram account's access token, kept alive by Evertoken")
            .set_kms_key_id(self.settings.kms_key())
            .set_tags(Some(tags::of(document, self.settings.stack())))
            .secret_string(document.encode().expose_secret());
        match create.send().await.map_err(AwsErrorCode::from) {
            Ok(created) => Ok(VersionId::new(created.version_id.unwrap_or_default())),
            Err(error) if error.already_exists() || error.is_invalid_request() => {
                let version = self.write_to_existing_secret(document).await?;
                // A deleted document is not restored: it may be another person's. If it remains, it must be found.
                let former = match self.forget_earlier(&document.name).await {
                    Ok(()) => None,
                    Err(_) => self.read(&document.name, PREVIOUS).await.ok().flatten(),
                };
                // The secret may have no tags, or another account's. The document is stored even if tagging fails.
                if self.label(document, former.as_ref().map(|former| &former.document)).await.is_err() {
                    tracing::warn!(account.name = %document.name, "could not tag an existing secret");
                }
                Ok(version)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Stores an account's first document in a secret that exists: one without a value, or one that is scheduled for
    /// deletion, which is restored first. If the document cannot be stored then, the secret is deleted again.
    async fn write_to_existing_secret(&self, document: &Document) -> Result<VersionId, VaultError> {
        let secret = self.settings.account_secret(&document.name);
        match self.secret_state(&secret).await? {
            SecretState::Current(_) => return Err(VaultError::Conflict),
            SecretState::Empty => return self.put_with(&RequestToken::first(), document).await,
            SecretState::Deleted => {}
        }
        // AWS rejects a write to a secret that is scheduled for deletion. Two concurrent logins both restore it; one of
        // them writes, the other gets a conflict.
        self.client.restore_secret().secret_id(&secret).send().await.map_err(AwsErrorCode::from)?;
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
        match self.secret_state(secret).await? {
            SecretState::Current(deleted) => self.put_with(&RequestToken::after(&deleted), document).await,
            SecretState::Empty => self.put_with(&RequestToken::first(), document).await,
            SecretState::Deleted => Err(VaultError::Conflict),
        }
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
