//! The secrets that hold packs, in Secrets Manager.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::builders::GetSecretValueFluentBuilder;
use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};
use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{AwsErrorCode, CURRENT, RECOVERY_WINDOW, delete_if_exists};
use evertoken_core::document::VersionId;
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{
    CreateError, PackDeletion, PackId, PackSecret, PackSecrets, PackValue, PutError, RequestToken, SecretPage,
    StoredPack,
};

/// Names per `ListSecrets` call: AWS's maximum.
const NAMES_PER_CALL: i32 = 100;

/// Packs in Secrets Manager, named `<prefix>/packs/<pack>/<generation>`.
#[derive(Clone, Debug)]
pub struct SecretsManagerPacks {
    client: Client,
    settings: VaultSettings,
}

impl SecretsManagerPacks {
    /// Packs with the prefix, the KMS key and the tags of these settings. Sends no request.
    pub fn new(client: Client, settings: &VaultSettings) -> Self {
        Self { client, settings: settings.clone() }
    }

    fn id(&self, secret: &PackSecret) -> String {
        format!("{}/{secret}", self.settings.prefix())
    }

    /// The pack's secret with this name, or `None` if the name is not that of a pack.
    fn parse(&self, name: &str) -> Option<PackSecret> {
        name.strip_prefix(self.settings.prefix())?.strip_prefix('/')?.parse().ok()
    }
}

impl PackSecrets for SecretsManagerPacks {
    async fn current(&self, secret: &PackSecret) -> Result<Option<StoredPack>, VaultError> {
        read(self.client.get_secret_value().secret_id(self.id(secret)).version_stage(CURRENT)).await
    }

    async fn version(&self, secret: &PackSecret, version: &VersionId) -> Result<Option<StoredPack>, VaultError> {
        read(self.client.get_secret_value().secret_id(self.id(secret)).version_id(version.as_str())).await
    }

    async fn put(&self, secret: &PackSecret, token: &RequestToken, value: &PackValue) -> Result<(), PutError> {
        let put = self.client.put_secret_value().secret_id(self.id(secret)).client_request_token(token.as_str());
        match put.secret_binary(Blob::new(value.expose())).send().await.map_err(AwsErrorCode::from) {
            Ok(_) => Ok(()),
            Err(error) if error.already_exists() => Err(PutError::TokenTaken),
            Err(error) if error.is_absent() => Err(PutError::Absent),
            Err(error) => Err(VaultError::from(error).into()),
        }
    }

    async fn create(&self, secret: &PackSecret, value: &PackValue) -> Result<VersionId, CreateError> {
        // The SDK sets a random `ClientRequestToken`, the same one for all attempts (aws-sdk-secretsmanager,
        // `client_idempotency_token.rs`). So a retry after a lost response succeeds, and does not find its own secret.
        let create = self
            .client
            .create_secret()
            .name(self.id(secret))
            .description("Access tokens of Instagram accounts, kept alive by Evertoken")
            .secret_binary(Blob::new(value.expose()))
            .set_kms_key_id(self.settings.kms_key())
            .set_tags(Some(self.settings.tags()));
        match create.send().await.map_err(AwsErrorCode::from) {
            Ok(created) => Ok(VersionId::new(created.version_id.unwrap_or_default())),
            Err(error) if error.already_exists() || error.is_invalid_request() => Err(CreateError::Exists),
            Err(error) => Err(VaultError::from(error).into()),
        }
    }

    async fn delete(&self, secret: &PackSecret, deletion: PackDeletion) -> Result<(), VaultError> {
        let delete = self.client.delete_secret().secret_id(self.id(secret));
        delete_if_exists(match deletion {
            PackDeletion::Recoverable => delete.recovery_window_in_days(RECOVERY_WINDOW),
            // Also deletes a secret that is already scheduled for deletion.
            PackDeletion::ForGood => delete.force_delete_without_recovery(true),
        })
        .await
    }

    async fn list(&self, pack: Option<&PackId>, page: Option<String>) -> Result<SecretPage, VaultError> {
        let prefix = match pack {
            None => format!("{}/packs/", self.settings.prefix()),
            Some(pack) => format!("{}/packs/{pack}/", self.settings.prefix()),
        };
        let filter = Filter::builder().key(FilterNameStringType::Name).values(prefix).build();
        let list = self.client.list_secrets().filters(filter).max_results(NAMES_PER_CALL).set_next_token(page);
        let listed = list.send().await.map_err(AwsErrorCode::from)?;
        // Checked again here, whatever the filter matches.
        let found = listed.secret_list().iter().filter_map(|secret| self.parse(secret.name()?));
        let secrets = found.filter(|secret| pack.is_none_or(|pack| secret.pack == *pack)).collect();
        Ok(SecretPage { secrets, next: listed.next_token })
    }
}

/// Takes the value over, so that it can be overwritten.
async fn read(get: GetSecretValueFluentBuilder) -> Result<Option<StoredPack>, VaultError> {
    let found = match get.send().await.map_err(AwsErrorCode::from) {
        Ok(found) => found,
        Err(error) if error.is_absent() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let is_current = found.version_stages().iter().any(|stage| stage == CURRENT);
    let value = match (found.secret_binary, found.secret_string) {
        (Some(bytes), _) => bytes.into_inner(),
        // Text is not a pack. It is passed on, so that the secret counts as unreadable and not as absent.
        (None, text) => text.unwrap_or_default().into_bytes(),
    };
    let version = VersionId::new(found.version_id.unwrap_or_default());
    Ok(Some(StoredPack { version, is_current, value: PackValue::new(value) }))
}
