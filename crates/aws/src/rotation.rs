//! Secrets Manager rotation, so that "Rotate secret immediately" in the console renews an account's token.
//!
//! Rotation has four steps and the checks of AWS's template (AWS, "Lambda rotation functions"). Scheduled runs do not use
//! it: they renew a token with one write.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, Health, LastAttempt, Outcome};
use evertoken_core::policy::{self, Decision};
use evertoken_core::provider::TokenApi;
use evertoken_core::provider_error::ProviderError;
use evertoken_core::vault::VaultError;
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::error_code::AwsErrorCode;
use crate::vault::{CURRENT, SecretsManagerVault};

/// The staging label of the renewed token until it is tested.
const PENDING: &str = "AWSPENDING";

/// The event that Secrets Manager sends for each step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RotationEvent {
    secret_id: String,
    client_request_token: String,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Step {
    #[serde(rename = "createSecret")]
    Create,
    #[serde(rename = "setSecret")]
    Set,
    #[serde(rename = "testSecret")]
    Test,
    #[serde(rename = "finishSecret")]
    Finish,
}

/// A rotation step failed. AWSCURRENT did not move.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The secret has no rotation.
    #[error("rotation is not enabled for the secret {secret}")]
    NotEnabled {
        /// The secret's ARN.
        secret: String,
    },
    /// The secret is not an account of this stack.
    #[error("the secret {secret} is not an account of this stack")]
    UnknownAccount {
        /// The secret's ARN.
        secret: String,
    },
    /// The event's version does not exist, or it is not the pending one.
    #[error("the version {version} is not the one that is pending")]
    NotPending {
        /// The version's id.
        version: String,
    },
    /// The account has no current document.
    #[error("the secret {secret} has no current version")]
    NoCurrentVersion {
        /// The secret's ARN.
        secret: String,
    },
    /// The secret is the copy of an account in a pack. A new token of the copy could invalidate the account's.
    #[error(
        "the secret {secret} is a copy of an account in a pack, which renews the token; delete the copy, or move the account back"
    )]
    Copy {
        /// The secret's ARN.
        secret: String,
    },
    /// An error from Instagram.
    #[error("the token in the secret {secret} was not rotated: {}", .error.message())]
    Instagram {
        /// The secret's ARN.
        secret: String,
        /// The error.
        error: ProviderError,
    },
    /// Instagram returned another account's profile for the renewed token.
    #[error("the token in the secret {secret} was not rotated: the renewed token belongs to another account")]
    OtherAccount {
        /// The secret's ARN.
        secret: String,
    },
    /// An error from Secrets Manager.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<AwsErrorCode> for RotationError {
    fn from(error: AwsErrorCode) -> Self {
        Self::Vault(error.into())
    }
}

/// A rotation that passed the checks of [`SecretsManagerVault::rotate`].
struct Rotation<'a> {
    vault: &'a SecretsManagerVault,
    name: AccountName,
    secret: String,
    /// The id of the version that this rotation creates.
    version: String,
}

impl SecretsManagerVault {
    /// Performs one rotation step. Every step is idempotent, because Secrets Manager may repeat it.
    pub async fn rotate<P: TokenApi, C: Clock>(
        &self,
        provider: &P,
        clock: &C,
        event: &RotationEvent,
    ) -> Result<(), RotationError> {
        let described =
            self.client.describe_secret().secret_id(&event.secret_id).send().await.map_err(AwsErrorCode::from)?;
        let version = event.client_request_token.clone();
        if described.rotation_enabled() != Some(true) {
            return Err(RotationError::NotEnabled { secret: event.secret_id.clone() });
        }
        let name = described.name().and_then(|secret| self.settings.account_name(secret)?.parse().ok());
        let name: AccountName =
            name.ok_or_else(|| RotationError::UnknownAccount { secret: event.secret_id.clone() })?;
        if has_stage(&described, &version, CURRENT) {
            return Ok(());
        }
        if !has_stage(&described, &version, PENDING) {
            return Err(RotationError::NotPending { version });
        }
        let rotation = Rotation { vault: self, name, secret: event.secret_id.clone(), version };
        match event.step {
            Step::Create => rotation.create(provider, clock).await,
            // Instagram issued the token, so there is nothing to set there.
            Step::Set => Ok(()),
            Step::Test => rotation.test(provider).await,
            Step::Finish => rotation.finish(&described).await,
        }
    }
}

impl Rotation<'_> {
    /// Renews the token and stores the document as AWSPENDING, unless there is a pending document already.
    async fn create<P: TokenApi, C: Clock>(&self, provider: &P, clock: &C) -> Result<(), RotationError> {
        if self.read(PENDING).await?.is_some() {
            return Ok(());
        }
        let current = self.read(CURRENT).await?;
        let current = current.ok_or_else(|| RotationError::NoCurrentVersion { secret: self.secret.clone() })?;
        let now = clock.now();
        if current.moved_to().is_some() {
            return Err(RotationError::Copy { secret: self.secret.clone() });
        }
        let next = if policy::decide_forced(&current, now) == Decision::Refresh {
            let token = provider.refresh(&current).await.map_err(|error| self.refused(error))?;
            Document {
                health: Health::healthy(),
                last_attempt: LastAttempt::succeeded(now, Outcome::Refreshed),
                ..current.with_token(token, now)
            }
        } else {
            // Meta rejects the refresh of a token younger than a day, and a token that never expires needs none. The rotation
            // completes with the same token.
            current
        };
        let client = &self.vault.client;
        let put = client.put_secret_value().secret_id(&self.secret).client_request_token(&self.version);
        let put = put.secret_string(next.encode().expose_secret()).version_stages(PENDING);
        put.send().await.map_err(AwsErrorCode::from)?;
        Ok(())
    }

    /// Tests the pending token.
    async fn test<P: TokenApi>(&self, provider: &P) -> Result<(), RotationError> {
        let pending = self.read_pending().await?;
        let checked = provider.check(&pending).await.map_err(|error| self.refused(error))?;
        if checked.account_id == pending.account_id {
            Ok(())
        } else {
            Err(RotationError::OtherAccount { secret: self.secret.clone() })
        }
    }

    fn refused(&self, error: ProviderError) -> RotationError {
        RotationError::Instagram { secret: self.secret.clone(), error }
    }

    /// Makes the pending document current, unless the current one has changed in the meantime: a login or a scheduled run has
    /// stored a newer token, an operator has added a note, or the account has moved to a pack.
    async fn finish(&self, described: &DescribeSecretOutput) -> Result<(), RotationError> {
        let pending = self.read_pending().await?;
        let newer = self.read(CURRENT).await?.is_some_and(|current| {
            current.connected_at != pending.connected_at
                || current.issued_at > pending.issued_at
                || current.unknown != pending.unknown
        });
        let client = &self.vault.client;
        let update = client.update_secret_version_stage().secret_id(&self.secret);
        if newer {
            tracing::warn!(account.name = %self.name, "skipped a rotation: the current document has changed");
            update
                .version_stage(PENDING)
                .remove_from_version_id(&self.version)
                .send()
                .await
                .map_err(AwsErrorCode::from)?;
            return Ok(());
        }
        let versions = described.version_ids_to_stages().into_iter().flatten();
        let old = versions.filter(|(_, stages)| stages.iter().any(|stage| stage == CURRENT)).map(|(id, _)| id).next();
        // A compare-and-swap: AWS rejects it if AWSCURRENT has moved in the meantime.
        let update = update.version_stage(CURRENT).move_to_version_id(&self.version);
        update.set_remove_from_version_id(old.cloned()).send().await.map_err(AwsErrorCode::from)?;
        Ok(())
    }

    async fn read_pending(&self) -> Result<Document, RotationError> {
        let pending = self.read(PENDING).await?;
        pending.ok_or_else(|| RotationError::NotPending { version: self.version.clone() })
    }

    async fn read(&self, stage: &str) -> Result<Option<Document>, RotationError> {
        Ok(self.vault.read(&self.name, stage).await?.map(|read| read.document))
    }
}

fn has_stage(described: &DescribeSecretOutput, version: &str, stage: &str) -> bool {
    let stages = described.version_ids_to_stages().and_then(|versions| versions.get(version));
    stages.is_some_and(|stages| stages.iter().any(|found| found == stage))
}
