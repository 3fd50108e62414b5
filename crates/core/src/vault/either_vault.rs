//! One of two kinds of vaults, chosen when the process starts.

use futures_util::{Stream, StreamExt};

use super::account_index::{AccountIndex, FoundAccounts};
use super::account_store::{AccountStore, Page, Removal, Selection};
use super::error::VaultError;
use super::invite_claims::InviteClaims;
use super::login_records::LoginRecords;
use super::parked_documents::ParkedDocuments;
use super::vault_parts::{Part, VaultParts};
use crate::account::{AccountId, AccountName};
use crate::cohort::Cohort;
use crate::document::{Document, VersionId, Versioned};
use crate::invite::InviteId;
use crate::login_state::LoginId;

/// Delegates to one of two vaults.
#[derive(Clone, Debug)]
pub enum EitherVault<A, B> {
    /// The usual vault.
    First(A),
    /// Another vault. Its futures are boxed, so that they take no space in the futures of a process that does not use it.
    Second(B),
}

/// Awaits the same call of either vault.
macro_rules! either {
    ($either:expr, $vault:ident => $call:expr) => {
        match $either {
            EitherVault::First($vault) => $call.await,
            EitherVault::Second($vault) => Box::pin($call).await,
        }
    };
}

impl<A: AccountStore, B: AccountStore> AccountStore for EitherVault<A, B> {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        either!(self, vault => vault.get(name))
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        either!(self, vault => vault.get_many(names))
    }

    fn most_at_once(&self) -> usize {
        match self {
            Self::First(vault) => vault.most_at_once(),
            Self::Second(vault) => vault.most_at_once(),
        }
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        match self {
            Self::First(vault) => vault.list().left_stream(),
            Self::Second(vault) => vault.list().boxed().right_stream(),
        }
    }

    fn scan<'a>(&'a self, acts_on: Selection<'a>) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        match self {
            Self::First(vault) => vault.scan(acts_on).left_stream(),
            Self::Second(vault) => vault.scan(acts_on).boxed().right_stream(),
        }
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        either!(self, vault => vault.create(document))
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        either!(self, vault => vault.replace(expected, document))
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        either!(self, vault => vault.remove(name, removal))
    }

    fn cohort_of(&self, version: &VersionId) -> Option<Cohort> {
        match self {
            Self::First(vault) => vault.cohort_of(version),
            Self::Second(vault) => vault.cohort_of(version),
        }
    }
}

impl<A: VaultParts, B: VaultParts> VaultParts for EitherVault<A, B> {
    async fn parts(&self) -> Result<Vec<Part>, VaultError> {
        either!(self, vault => vault.parts())
    }

    fn scan_part<'a>(
        &'a self,
        part: Part,
        acts_on: Selection<'a>,
    ) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        match self {
            Self::First(vault) => vault.scan_part(part, acts_on).left_stream(),
            Self::Second(vault) => vault.scan_part(part, acts_on).boxed().right_stream(),
        }
    }
}

impl<A: ParkedDocuments, B: ParkedDocuments> ParkedDocuments for EitherVault<A, B> {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        either!(self, vault => vault.park(base, document))
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        either!(self, vault => vault.parked(name))
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        either!(self, vault => vault.forget_earlier(name))
    }
}

impl<A: AccountIndex, B: AccountIndex> AccountIndex for EitherVault<A, B> {
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        either!(self, vault => vault.find(id))
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        either!(self, vault => vault.label(document, former))
    }
}

impl<A: LoginRecords, B: LoginRecords> LoginRecords for EitherVault<A, B> {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        either!(self, vault => vault.remember(login, name))
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        either!(self, vault => vault.recall(login))
    }
}

impl<A: InviteClaims, B: InviteClaims> InviteClaims for EitherVault<A, B> {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        either!(self, vault => vault.claim(invite))
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        either!(self, vault => vault.is_claimed(invite))
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        either!(self, vault => vault.release(invite))
    }
}
