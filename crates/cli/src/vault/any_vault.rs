//! Either kind of vault behind the ports.

use evertoken_aws::SecretsManagerVault;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{
    AccountIndex, AccountStore, DocumentLocator, FoundAccounts, InviteClaims, LoginRecords, Page, ParkedDocuments,
    Removal, VaultError,
};
use evertoken_file_vault::FileVault;
use futures_util::{Stream, StreamExt};

/// A vault in a folder or in Secrets Manager. Delegates to one of the two.
#[derive(Clone, Debug)]
pub(crate) enum AnyVault {
    Files(FileVault),
    SecretsManager(SecretsManagerVault),
}

impl AnyVault {
    /// Where people find account documents.
    pub(crate) fn locator(&self) -> DocumentLocator {
        match self {
            Self::Files(vault) => vault.locator(),
            Self::SecretsManager(vault) => vault.locator(),
        }
    }

    /// Whether a removed account can be restored for some days.
    pub(crate) fn can_restore(&self) -> bool {
        matches!(self, Self::SecretsManager(_))
    }
}

impl AccountStore for AnyVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        match self {
            Self::Files(vault) => vault.get(name).await,
            Self::SecretsManager(vault) => vault.get(name).await,
        }
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        match self {
            Self::Files(vault) => vault.get_many(names).await,
            Self::SecretsManager(vault) => vault.get_many(names).await,
        }
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        match self {
            Self::Files(vault) => vault.list().left_stream(),
            Self::SecretsManager(vault) => vault.list().right_stream(),
        }
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        match self {
            Self::Files(vault) => vault.create(document).await,
            Self::SecretsManager(vault) => vault.create(document).await,
        }
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        match self {
            Self::Files(vault) => vault.replace(expected, document).await,
            Self::SecretsManager(vault) => vault.replace(expected, document).await,
        }
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        match self {
            Self::Files(vault) => vault.remove(name, removal).await,
            Self::SecretsManager(vault) => vault.remove(name, removal).await,
        }
    }
}

impl ParkedDocuments for AnyVault {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        match self {
            Self::Files(vault) => vault.park(base, document).await,
            Self::SecretsManager(vault) => vault.park(base, document).await,
        }
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        match self {
            Self::Files(vault) => vault.parked(name).await,
            Self::SecretsManager(vault) => vault.parked(name).await,
        }
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        match self {
            Self::Files(vault) => vault.forget_earlier(name).await,
            Self::SecretsManager(vault) => vault.forget_earlier(name).await,
        }
    }
}

impl AccountIndex for AnyVault {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        match self {
            Self::Files(vault) => vault.find(id).await,
            Self::SecretsManager(vault) => vault.find(id).await,
        }
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        match self {
            Self::Files(vault) => vault.label(document, former).await,
            Self::SecretsManager(vault) => vault.label(document, former).await,
        }
    }
}

impl LoginRecords for AnyVault {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        match self {
            Self::Files(vault) => vault.remember(login, name).await,
            Self::SecretsManager(vault) => vault.remember(login, name).await,
        }
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        match self {
            Self::Files(vault) => vault.recall(login).await,
            Self::SecretsManager(vault) => vault.recall(login).await,
        }
    }
}

impl InviteClaims for AnyVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        match self {
            Self::Files(vault) => vault.claim(invite).await,
            Self::SecretsManager(vault) => vault.claim(invite).await,
        }
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        match self {
            Self::Files(vault) => vault.is_claimed(invite).await,
            Self::SecretsManager(vault) => vault.is_claimed(invite).await,
        }
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        match self {
            Self::Files(vault) => vault.release(invite).await,
            Self::SecretsManager(vault) => vault.release(invite).await,
        }
    }
}
