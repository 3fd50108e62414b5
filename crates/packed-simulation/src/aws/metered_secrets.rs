//! The secrets of packs behind a meter.

use evertoken_core::document::VersionId;
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{
    CreateError, PackDeletion, PackId, PackSecret, PackSecrets, PackValue, PutError, RequestToken, SecretPage,
    StoredPack,
};

use super::meter::{Meter, Units};
use super::operation::Operation;

/// Secrets whose calls take time, are limited, and are counted.
#[derive(Clone, Debug)]
pub(crate) struct MeteredSecrets<S> {
    pub(crate) secrets: S,
    pub(crate) meter: Meter,
}

impl<S: PackSecrets> PackSecrets for MeteredSecrets<S> {
    async fn current(&self, secret: &PackSecret) -> Result<Option<StoredPack>, VaultError> {
        self.meter.call(Operation::GetSecretValue, Units::default(), self.secrets.current(secret)).await
    }

    async fn version(&self, secret: &PackSecret, version: &VersionId) -> Result<Option<StoredPack>, VaultError> {
        self.meter.call(Operation::GetSecretValue, Units::default(), self.secrets.version(secret, version)).await
    }

    async fn put(&self, secret: &PackSecret, token: &RequestToken, value: &PackValue) -> Result<(), PutError> {
        self.meter.call(Operation::PutSecretValue, Units::default(), self.secrets.put(secret, token, value)).await
    }

    async fn create(&self, secret: &PackSecret, value: &PackValue) -> Result<VersionId, CreateError> {
        self.meter.call(Operation::CreateSecret, Units::default(), self.secrets.create(secret, value)).await
    }

    async fn delete(&self, secret: &PackSecret, deletion: PackDeletion) -> Result<(), VaultError> {
        self.meter.call(Operation::DeleteSecret, Units::default(), self.secrets.delete(secret, deletion)).await
    }

    async fn list(&self, pack: Option<&PackId>, page: Option<String>) -> Result<SecretPage, VaultError> {
        self.meter.call(Operation::ListSecrets, Units::default(), self.secrets.list(pack, page)).await
    }
}
