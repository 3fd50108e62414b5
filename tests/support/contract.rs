//! What every vault promises, as named behaviours. `vault_contract!` makes a test of each.
#![expect(missing_docs, reason = "a behaviour's name says what it is")]

pub mod accounts;
pub mod interleaving;
pub mod storage;
pub mod versions;

use evertoken_core::account::AccountName;
use evertoken_core::vault::{Page, Vault, VaultError};
use futures_util::{StreamExt, pin_mut};

/// A vault that is empty at first. What it lies in lives as long as this.
pub trait Place: Send + Sync {
    /// The kind of vault. A clone is the same vault.
    type Vault: Vault + Clone;

    /// The vault.
    fn vault(&self) -> Self::Vault;
}

/// A place that others can reach as well, past the vault.
pub trait Storage: Place {
    /// Puts a value where the account `name` would be.
    fn plant(&self, name: &str, value: &str) -> impl Future<Output = ()>;

    /// What lies where the account `name` is.
    fn value(&self, name: &str) -> impl Future<Output = String>;

    /// What lay there before.
    fn previous_value(&self, name: &AccountName) -> impl Future<Output = String>;
}

/// All pages of a vault.
pub(crate) async fn pages(vault: &impl Vault) -> Vec<Page> {
    let list = vault.list();
    pin_mut!(list);
    let mut pages = Vec::new();
    while let Some(page) = list.next().await {
        pages.push(page.expect("the vault cannot be listed"));
    }
    pages
}

/// The names of all accounts in a vault, in order.
pub(crate) async fn names(vault: &impl Vault) -> Vec<String> {
    let pages = pages(vault).await;
    let mut names: Vec<String> =
        pages.iter().flat_map(|page| &page.accounts).map(|account| account.document.name.to_string()).collect();
    names.sort();
    names
}

/// Whether a write was refused because somebody else's came first.
pub(crate) fn is_conflict<T>(written: &Result<T, VaultError>) -> bool {
    matches!(written, Err(VaultError::Conflict))
}

/// One test for each behaviour.
#[macro_export]
macro_rules! behaviours {
    ($place:expr => $($group:ident::{$($behaviour:ident),+ $(,)?}),+ $(,)?) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                $crate::contract::$group::$behaviour(&$place).await;
            }
        )+)+
    };
}

/// The contract of every vault. Takes an expression that makes a [`contract::Place`](crate::contract::Place).
#[macro_export]
macro_rules! vault_contract {
    ($place:expr) => {
        $crate::behaviours!($place =>
            accounts::{
                what_was_created_is_read_again,
                forty_five_accounts_come_in_pages,
                a_page_of_names_leaves_out_who_is_absent,
                creating_twice_is_a_conflict,
                a_removed_account_is_gone_and_can_come_again,
                keys_that_are_not_ours_survive,
                an_account_removed_for_good_is_gone_and_can_come_again,
                an_account_is_found_by_either_id_under_each_of_its_names,
                an_account_that_took_anothers_place_is_found_and_the_other_is_not,
                what_a_login_stored_is_known_at_once,
                of_sixteen_claims_of_one_invite_one_wins_until_it_is_released,
            },
            versions::{
                a_replace_from_the_current_version_makes_a_new_one,
                a_stale_replace_is_a_conflict_and_the_newer_stands,
                the_same_replace_again_is_a_no_op,
                nothing_can_be_written_over_an_absent_account,
                of_sixteen_writers_from_one_version_one_wins,
                a_parked_document_leaves_the_current_one_alone,
                parking_from_a_stale_version_is_a_conflict,
            },
            interleaving::{
                a_login_during_a_refresh_stands,
                a_refresh_during_a_login_gives_way_to_the_login,
                a_second_run_during_a_refresh_stands,
                of_two_runs_that_write_at_once_one_is_counted_and_its_token_stands,
            },
        );
    };
}

/// The contract of vaults that others can reach as well. Takes an expression that makes a
/// [`contract::Storage`](crate::contract::Storage).
#[macro_export]
macro_rules! storage_contract {
    ($place:expr) => {
        $crate::behaviours!($place =>
            storage::{
                the_value_is_the_document_and_nothing_else,
                the_document_before_stays_within_reach,
                what_is_no_document_is_reported_by_name_and_left_alone,
                an_account_that_cannot_be_read_is_an_error_and_no_absence,
                a_run_goes_on_past_what_it_cannot_read,
            },
        );
    };
}
