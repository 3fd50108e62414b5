//! Secrets Manager's own rotation, so that "Rotate secret immediately" in the console renews an account.
//!
//! Four steps, with the guards of AWS's template (AWS, "Lambda rotation functions"). The schedule renews in one write;
//! this is for a hand in the console, and takes what the rotation protocol asks for.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, Health, LastAttempt, Outcome};
use evertoken_core::policy::{self, Decision};
use evertoken_core::provider::Provider;
use evertoken_core::provider_error::ProviderError;
use evertoken_core::vault::VaultError;
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::error_code::AwsErrorCode;
use crate::vault::{CURRENT, SecretsManagerVault};

/// Where the renewed token waits until it has been tried.
const PENDING: &str = "AWSPENDING";

/// What Secrets Manager sends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RotationEvent {
    secret_id: String,
    client_request_token: String,
    step: Step,
}

/// One of the four steps.
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

/// Why a rotation did not go on. The secret is as it was: AWSCURRENT has not moved.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// No rotation is set up for the secret.
    #[error("rotation is not enabled for this secret")]
    NotEnabled,
    /// Not one of this installation's accounts.
    #[error("this secret is none of this stack's accounts")]
    Foreign,
    /// The event's version is unknown, or not the one that waits.
    #[error("the version that the event names is not the one that is pending")]
    NotPending,
    /// Instagram refused.
    #[error("{}", .0.message())]
    Instagram(ProviderError),
    /// The renewed token is another account's.
    #[error("the renewed token belongs to another account")]
    OtherAccount,
    /// Secrets Manager did not do as asked.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<AwsErrorCode> for RotationError {
    fn from(error: AwsErrorCode) -> Self {
        Self::Vault(error.into())
    }
}

/// One secret within a step, past the guards.
struct Rotation<'a> {
    vault: &'a SecretsManagerVault,
    name: AccountName,
    secret: String,
    /// The version that this rotation makes.
    version: String,
}

impl SecretsManagerVault {
    /// Takes one step. Each may come twice.
    pub async fn rotate<P: Provider, C: Clock>(
        &self,
        provider: &P,
        clock: &C,
        event: &RotationEvent,
    ) -> Result<(), RotationError> {
        let described =
            self.client.describe_secret().secret_id(&event.secret_id).send().await.map_err(AwsErrorCode::from)?;
        let version = event.client_request_token.clone();
        if described.rotation_enabled() != Some(true) {
            return Err(RotationError::NotEnabled);
        }
        let name = described.name().and_then(|secret| self.settings.account(secret)?.parse().ok());
        let name: AccountName = name.ok_or(RotationError::Foreign)?;
        if has_stage(&described, &version, CURRENT) {
            return Ok(());
        }
        if !has_stage(&described, &version, PENDING) {
            return Err(RotationError::NotPending);
        }
        let rotation = Rotation { vault: self, name, secret: event.secret_id.clone(), version };
        match event.step {
            Step::Create => rotation.create(provider, clock).await,
            // Instagram has it already: it issued it.
            Step::Set => Ok(()),
            Step::Test => rotation.test(provider).await,
            Step::Finish => rotation.finish(&described).await,
        }
    }
}

impl Rotation<'_> {
    /// Renews the token and puts the document under AWSPENDING. One that is there already is kept.
    async fn create<P: Provider, C: Clock>(&self, provider: &P, clock: &C) -> Result<(), RotationError> {
        if self.read(PENDING).await?.is_some() {
            return Ok(());
        }
        let current = self.read(CURRENT).await?.ok_or(RotationError::NotPending)?;
        let now = clock.now();
        let next = if policy::decide_forced(&current, now) == Decision::TooYoung {
            // Meta refuses, and there is nothing to gain: the rotation ends with the same token.
            current
        } else {
            let token = provider.refresh(&current.access_token).await.map_err(RotationError::Instagram)?;
            Document {
                health: Health::healthy(),
                last_attempt: LastAttempt::succeeded(now, Outcome::Refreshed),
                ..current.with_token(token, now)
            }
        };
        let client = &self.vault.client;
        let put = client.put_secret_value().secret_id(&self.secret).client_request_token(&self.version);
        let put = put.secret_string(next.encode().expose_secret()).version_stages(PENDING);
        put.send().await.map_err(AwsErrorCode::from)?;
        Ok(())
    }

    /// Tries the waiting token.
    async fn test<P: Provider>(&self, provider: &P) -> Result<(), RotationError> {
        let pending = self.read(PENDING).await?.ok_or(RotationError::NotPending)?;
        let profile = provider.profile(&pending.access_token).await.map_err(RotationError::Instagram)?;
        if profile.account_id == pending.account_id { Ok(()) } else { Err(RotationError::OtherAccount) }
    }

    /// Makes the waiting document current, unless a login or the schedule has written a newer one meanwhile.
    async fn finish(&self, described: &DescribeSecretOutput) -> Result<(), RotationError> {
        let pending = self.read(PENDING).await?.ok_or(RotationError::NotPending)?;
        let newer = self.read(CURRENT).await?.is_some_and(|current| {
            current.connected_at != pending.connected_at || current.issued_at > pending.issued_at
        });
        let client = &self.vault.client;
        let update = client.update_secret_version_stage().secret_id(&self.secret);
        if newer {
            tracing::warn!(account.name = %self.name, "a rotation came too late: the current document is newer");
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
        // A compare-and-swap: it fails if AWSCURRENT has moved since.
        let update = update.version_stage(CURRENT).move_to_version_id(&self.version);
        update.set_remove_from_version_id(old.cloned()).send().await.map_err(AwsErrorCode::from)?;
        Ok(())
    }

    async fn read(&self, stage: &str) -> Result<Option<Document>, RotationError> {
        Ok(self.vault.read(&self.name, stage).await?.map(|read| read.document))
    }
}

fn has_stage(described: &DescribeSecretOutput, version: &str, stage: &str) -> bool {
    let stages = described.version_ids_to_stages().and_then(|versions| versions.get(version));
    stages.is_some_and(|stages| stages.iter().any(|found| found == stage))
}
