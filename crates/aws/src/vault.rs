//! Secrets Manager as a vault: one secret an account, one write a change.

mod claims;
mod finding;
mod notes;
mod reading;
mod slot;
mod writing;

use aws_sdk_secretsmanager::Client;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{
    AccountIndex, AccountStore, DocumentLocator, FoundAccounts, InviteClaims, LoginRecords, Page, ParkedDocuments,
    Removal, VaultError,
};
use futures_util::Stream;

use crate::error_code::AwsErrorCode;
use crate::settings::VaultSettings;

/// The label that the document in force bears (AWS, "Staging labels").
pub(crate) const CURRENT: &str = "AWSCURRENT";

/// The label of a parked document. A version with a label is never pruned.
const PARKED: &str = "EVERTOKEN_PARKED";

/// How long a removed account can be had back, in days: the least that Secrets Manager takes.
const RECOVERY_WINDOW: i64 = 7;

/// Account documents in Secrets Manager, as `<prefix>/accounts/<name>`.
///
/// The current document bears the label AWSCURRENT and the one before AWSPREVIOUS: the way back.
#[derive(Clone, Debug)]
pub struct SecretsManagerVault {
    pub(crate) client: Client,
    pub(crate) settings: VaultSettings,
}

impl SecretsManagerVault {
    /// The vault that `settings` describe. Nothing is asked yet.
    pub fn new(client: Client, settings: &VaultSettings) -> Self {
        Self { client, settings: settings.clone() }
    }

    /// Where people find account documents.
    pub fn locator(&self) -> DocumentLocator {
        self.settings.locator()
    }
}

impl AccountStore for SecretsManagerVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.read(name, CURRENT).await
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        self.read_page(names).await
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.clone().read_all()
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.create_secret(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.put_after(expected, document).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        let delete = self.client.delete_secret().secret_id(self.settings.secret(name));
        let delete = match removal {
            Removal::Recoverable => delete.recovery_window_in_days(RECOVERY_WINDOW),
            // Takes a secret that is marked deleted as well.
            Removal::ForGood => delete.force_delete_without_recovery(true),
        };
        match delete.send().await.map_err(AwsErrorCode::from) {
            Err(error) if !error.is_absent() => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl ParkedDocuments for SecretsManagerVault {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        self.put_beside(base, document).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        Ok(self.read(name, PARKED).await?.map(|parked| parked.document))
    }
}

impl AccountIndex for SecretsManagerVault {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        self.find_by_label(id).await
    }

    async fn label(&self, document: &Document) -> Result<(), VaultError> {
        self.tag(document).await
    }
}

impl LoginRecords for SecretsManagerVault {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.note(login, name).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.noted(login).await
    }
}

impl InviteClaims for SecretsManagerVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.claim_name(invite).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.release_name(invite).await
    }
}
