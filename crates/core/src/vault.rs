//! The vault, where account documents are stored, as one port per role.
//!
//! All adapters pass the same contract tests.

mod account_index;
mod account_store;
mod either_vault;
mod error;
#[cfg(any(test, feature = "test-support"))]
mod faulty;
mod invite_claims;
mod locator;
mod login_records;
#[cfg(any(test, feature = "test-support"))]
mod memory;
mod parked_documents;
mod recent_logins;
mod stored_account;
mod vault_parts;

pub use account_index::{AccountIndex, FoundAccounts};
pub use account_store::{AccountStore, PAGE_SIZE, Page, Removal, Selection, Unreadable};
pub use either_vault::EitherVault;
pub use error::{DenialCause, OutageCause, VaultError};
#[cfg(any(test, feature = "test-support"))]
pub use faulty::{FaultyVault, VaultFaults};
pub use invite_claims::InviteClaims;
pub use locator::DocumentLocator;
pub use login_records::LoginRecords;
#[cfg(any(test, feature = "test-support"))]
pub use memory::MemoryVault;
pub use parked_documents::ParkedDocuments;
pub use recent_logins::RecentLogins;
pub use stored_account::{StoredAccount, store_account};
pub use vault_parts::{Part, VaultParts};

/// All roles of a vault together. Code that needs one role names that role instead.
pub trait Vault: AccountStore + ParkedDocuments + AccountIndex + LoginRecords + InviteClaims {}

impl<T: AccountStore + ParkedDocuments + AccountIndex + LoginRecords + InviteClaims> Vault for T {}
