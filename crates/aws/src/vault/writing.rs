//! Writing documents: the first, the next, and one beside.

use aws_sdk_secretsmanager::operation::put_secret_value::builders::PutSecretValueFluentBuilder;
use evertoken_core::document::{Document, VersionId};
use evertoken_core::vault::VaultError;
use secrecy::ExposeSecret;

use super::slot::Slot;
use super::{CURRENT, PARKED, SecretsManagerVault};
use crate::error_code::AwsErrorCode;
use crate::tags;

/// How many withdrawn versions a write steps over.
const ROLLBACKS: usize = 8;

/// What stands under a secret's name.
enum Standing {
    /// A value, in this version.
    Value(VersionId),
    /// A secret that never had one: made by hand or by a template.
    Empty,
    /// Nothing, or a secret that is marked deleted.
    Removed,
}

impl SecretsManagerVault {
    /// Stores a first document.
    ///
    /// The SDK's own random `ClientRequestToken` makes its retries harmless, and the slots of a secret that was made
    /// anew others than those of its predecessor.
    pub(super) async fn create_secret(&self, document: &Document) -> Result<VersionId, VaultError> {
        let create = self
            .client
            .create_secret()
            .name(self.settings.secret(&document.name))
            .description("An Instagram account's access token, kept alive by Evertoken")
            .set_kms_key_id(self.settings.kms_key())
            .set_tags(Some(tags::of(document, self.settings.stack())))
            .secret_string(document.encode().expose_secret());
        match create.send().await.map_err(AwsErrorCode::from) {
            Ok(made) => Ok(VersionId::new(made.version_id.unwrap_or_default())),
            Err(error) if error.is_taken() || error.is_invalid_request() => {
                let version = self.create_in_place(document).await?;
                // It was somebody else's, or had no tags at all. The document is stored, whatever comes of them.
                if self.tag(document).await.is_err() {
                    tracing::warn!(account.name = %document.name, "the tags of a secret that was there could not be set");
                }
                Ok(version)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Stores a first document where a secret of that name is already: one without a value, or one that is marked
    /// deleted and comes back for it. The removed document is then AWSPREVIOUS.
    async fn create_in_place(&self, document: &Document) -> Result<VersionId, VaultError> {
        let secret = self.settings.secret(&document.name);
        match self.standing(&secret).await? {
            Standing::Value(_) => return Err(VaultError::Conflict),
            Standing::Empty => return self.put(&Slot::first(), document).await,
            Standing::Removed => {}
        }
        // A value cannot be put while the mark is there. Two logins that come to this line together both restore;
        // one gets the slot, and the other starts again.
        self.client.restore_secret().secret_id(&secret).send().await.map_err(AwsErrorCode::from)?;
        match self.standing(&secret).await? {
            Standing::Value(removed) => self.put(&Slot::after(&removed), document).await,
            Standing::Empty => self.put(&Slot::first(), document).await,
            Standing::Removed => Err(VaultError::Conflict),
        }
    }

    /// Stores the document after `expected`.
    ///
    /// Where somebody has moved AWSCURRENT back to `expected`, the slot after it is taken by a version that is no longer
    /// in force. Without the step over it such an account could never be written again.
    pub(super) async fn put_after(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        let secret = self.settings.secret(&document.name);
        let mut slot = Slot::after(expected);
        for _ in 0..ROLLBACKS {
            match self.put(&slot, document).await {
                Err(VaultError::Conflict) if self.is_withdrawn(&secret, expected, &slot).await? => slot = slot.next(),
                written => return written,
            }
        }
        Err(VaultError::Conflict)
    }

    /// Keeps a document beside the current one. The look before it is no lock: a login may come between, and then the
    /// parked document is the older one, and whoever asks for it sees that by its `issued_at`.
    pub(super) async fn put_beside(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        match self.standing(&self.settings.secret(&document.name)).await? {
            Standing::Value(version) if version == *base => {}
            _ => return Err(VaultError::Conflict),
        }
        send(self.value_of(document).version_stages(PARKED)).await?;
        Ok(())
    }

    async fn put(&self, slot: &Slot, document: &Document) -> Result<VersionId, VaultError> {
        send(self.value_of(document).client_request_token(slot.as_str())).await
    }

    fn value_of(&self, document: &Document) -> PutSecretValueFluentBuilder {
        let secret = self.settings.secret(&document.name);
        self.client.put_secret_value().secret_id(secret).secret_string(document.encode().expose_secret())
    }

    async fn standing(&self, secret: &str) -> Result<Standing, VaultError> {
        let read = self.client.get_secret_value().secret_id(secret).version_stage(CURRENT);
        match read.send().await.map_err(AwsErrorCode::from) {
            Ok(value) => Ok(Standing::Value(VersionId::new(value.version_id.unwrap_or_default()))),
            Err(error) if error.is_not_found() => Ok(Standing::Empty),
            Err(error) if error.is_invalid_request() => Ok(Standing::Removed),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether `expected` is in force although the slot after it is taken: whoever took it was rolled back.
    async fn is_withdrawn(&self, secret: &str, expected: &VersionId, slot: &Slot) -> Result<bool, VaultError> {
        match self.standing(secret).await? {
            Standing::Value(current) if current == *expected => {}
            _ => return Ok(false),
        }
        // Secrets Manager is eventually consistent: the answer above may be older than the write that took the slot.
        // Then that version bears AWSCURRENT, or cannot be found yet.
        let read = self.client.get_secret_value().secret_id(secret).version_id(slot.as_str());
        match read.send().await.map_err(AwsErrorCode::from) {
            Ok(value) => Ok(!value.version_stages().iter().any(|stage| stage == CURRENT)),
            Err(error) if error.is_absent() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Sends a write. A slot that is taken is a conflict, and so is a secret that has gone meanwhile.
async fn send(put: PutSecretValueFluentBuilder) -> Result<VersionId, VaultError> {
    match put.send().await.map_err(AwsErrorCode::from) {
        Ok(written) => Ok(VersionId::new(written.version_id.unwrap_or_default())),
        Err(error) if error.is_taken() || error.is_absent() => Err(VaultError::Conflict),
        Err(error) => Err(error.into()),
    }
}
