//! The contract of every vault, as one test per behavior. One module holds the behaviors of one port or aspect.
//!
//! [`vault_contract!`](crate::vault_contract) and [`stored_value_contract!`](crate::stored_value_contract) generate the tests.
#![expect(missing_docs, reason = "the name of a behavior describes it")]

pub mod account_index;
pub mod account_store;
pub mod compare_and_swap;
pub mod concurrency;
pub mod fixture;
pub mod invite_claims;
pub mod login_records;
pub mod parked_documents;
pub mod stored_values;

/// Generates one test per behavior. The first argument is the contract's module.
#[macro_export]
macro_rules! behaviors {
    ($contract:ident, $fixture:expr => $($module:ident::{$($behavior:ident),+ $(,)?}),+ $(,)?) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behavior() {
                $crate::$contract::$module::$behavior(&$fixture).await;
            }
        )+)+
    };
}

/// Generates the tests for every vault. The argument is an expression that creates a
/// [`VaultFixture`](crate::contract::fixture::VaultFixture).
#[macro_export]
macro_rules! vault_contract {
    ($fixture:expr) => {
        $crate::behaviors!(contract, $fixture =>
            account_store::{
                a_created_account_can_be_read,
                list_returns_all_accounts_in_pages,
                get_many_omits_missing_accounts,
                creating_an_existing_account_is_a_conflict,
                a_removed_account_can_be_created_again,
                an_account_removed_for_good_can_be_created_again,
                unknown_fields_survive_a_replace,
            },
            compare_and_swap::{
                replacing_the_current_version_creates_a_new_one,
                replacing_a_stale_version_is_a_conflict,
                repeating_a_replace_is_idempotent,
                replacing_or_parking_a_missing_account_is_a_conflict,
                one_of_sixteen_concurrent_writers_wins,
            },
            parked_documents::{
                parking_does_not_change_the_current_document,
                parking_on_a_stale_version_is_a_conflict,
            },
            account_index::{
                find_returns_all_accounts_with_either_id,
                find_returns_the_replacement_of_an_account,
                a_replaced_account_is_found_until_it_is_forgotten,
            },
            login_records::{
                a_recorded_login_can_be_recalled_at_once,
            },
            invite_claims::{
                one_of_sixteen_concurrent_claims_wins_until_it_is_released,
            },
            concurrency::{
                a_login_during_a_refresh_is_kept,
                a_login_replaces_a_concurrent_refresh,
                a_second_run_during_a_refresh_is_kept,
                one_of_two_concurrent_runs_refreshes_the_account,
            },
        );
    };
}

/// Generates the tests for vaults whose stored values other programs can access. The argument is an expression that creates a
/// [`StoredValueFixture`](crate::contract::fixture::StoredValueFixture).
#[macro_export]
macro_rules! stored_value_contract {
    ($fixture:expr) => {
        $crate::behaviors!(contract, $fixture =>
            stored_values::{
                the_stored_value_is_exactly_the_document,
                the_previous_document_is_kept,
                unreadable_values_are_reported_and_left_unchanged,
                reading_an_unreadable_account_is_an_error,
                a_run_continues_past_unreadable_values,
            },
        );
    };
}
