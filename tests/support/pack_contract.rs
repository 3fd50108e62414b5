//! The contract of the two ports of the packed vault, as one test per behavior. One module holds the behaviors of one aspect.
//!
//! [`pack_secrets_contract!`](crate::pack_secrets_contract) and [`pack_index_contract!`](crate::pack_index_contract) generate
//! the tests. Nothing here depends on AWS.
#![expect(missing_docs, reason = "the name of a behavior describes it")]

pub mod app_limit;
pub mod concurrent_changes;
pub mod concurrent_writes;
pub mod fixture;
pub mod invites_and_logins;
pub mod moves;
pub mod packs;
pub mod places;
pub mod removals;
pub mod secrets;

/// Generates the tests of `PackSecrets`. The argument is an expression that creates a
/// [`PackSecretsFixture`](crate::pack_contract::fixture::PackSecretsFixture).
///
/// Emulators that deviate from AWS generate the parts that they emulate.
#[macro_export]
macro_rules! pack_secrets_contract {
    ($fixture:expr) => {
        $crate::pack_values_contract!($fixture);
        $crate::request_tokens_contract!($fixture);
        $crate::deleted_packs_contract!($fixture);
    };
}

/// Generates the tests of `PackSecrets` that need neither request tokens that are taken nor earlier versions.
#[macro_export]
macro_rules! pack_values_contract {
    ($fixture:expr) => {
        $crate::behaviors!(pack_contract, $fixture =>
            secrets::{
                a_created_pack_can_be_read,
                a_value_is_kept_byte_for_byte,
                each_new_secret_has_a_version_of_its_own,
                an_absent_secret_has_no_versions,
                creating_an_existing_secret_is_rejected,
                a_put_makes_its_token_the_current_version,
                a_deleted_secret_is_absent_and_its_name_is_taken,
                a_secret_deleted_for_good_is_absent,
                a_list_contains_each_pack_once_and_no_deleted_one,
                a_list_can_be_limited_to_one_pack,
            },
            concurrent_writes::{
                one_of_sixteen_creations_wins,
            },
        );
    };
}

/// Generates the tests of request tokens and of the versions that they name.
#[macro_export]
macro_rules! request_tokens_contract {
    ($fixture:expr) => {
        $crate::behaviors!(pack_contract, $fixture =>
            secrets::{
                earlier_versions_can_be_read_by_their_ids,
                the_same_put_again_changes_nothing,
                a_taken_token_rejects_another_value,
            },
            concurrent_writes::{
                one_of_sixteen_puts_with_one_token_wins,
            },
        );
    };
}

/// Generates the test that a secret which is scheduled for deletion cannot be written.
#[macro_export]
macro_rules! deleted_packs_contract {
    ($fixture:expr) => {
        $crate::behaviors!(pack_contract, $fixture =>
            secrets::{
                a_deleted_secret_accepts_no_value,
            },
        );
    };
}

/// Generates the tests of `PackIndex`. The argument is an expression that creates a
/// [`PackIndexFixture`](crate::pack_contract::fixture::PackIndexFixture).
#[macro_export]
macro_rules! pack_index_contract {
    ($fixture:expr) => {
        $crate::behaviors!(pack_contract, $fixture =>
            packs::{
                an_empty_index_knows_nothing,
                packs_are_added_in_order,
                each_group_counts_its_own_packs,
                a_closed_pack_can_be_opened_again,
                only_packs_that_exist_can_be_opened,
                a_batch_leaves_out_unknown_packs,
                a_pack_advances_by_one_generation_at_a_time,
                a_retired_generation_is_forgotten_once,
                a_purge_is_over_when_all_its_accounts_are_forgotten,
                a_found_pack_is_recorded,
                a_group_has_at_least_the_packs_that_were_recorded,
            },
            places::{
                a_reserved_place_can_be_found,
                a_batch_leaves_out_names_without_a_place,
                a_name_has_one_place,
                a_pack_gives_away_no_more_places_than_it_has,
                a_pack_gives_away_no_more_places_a_day_than_its_budget,
                an_unknown_pack_has_no_places,
                each_login_adds_a_use_to_the_place,
                a_place_with_another_use_is_not_as_read,
                a_use_can_be_taken_back,
                only_a_place_in_that_pack_gets_a_use,
                more_ids_can_be_registered,
                ids_can_be_unregistered,
                only_names_with_a_place_have_ids,
            },
            removals::{
                a_removed_account_keeps_its_place_until_it_is_released,
                an_account_is_removed_once,
                a_removal_does_not_postpone_the_purge_of_an_earlier_one,
                a_removed_account_can_return_to_its_pack,
                a_removed_account_can_return_to_another_pack,
                a_reservation_replaces_only_the_place_it_names,
                a_place_that_is_gone_cannot_be_replaced,
                a_released_name_is_forgotten,
                releasing_a_removed_account_does_not_count_it_twice,
                a_place_is_released_only_as_it_was_read,
            },
            moves::{
                a_moved_account_is_in_the_other_pack,
                an_account_is_moved_once,
                a_removed_account_is_not_moved,
                a_place_read_before_a_move_changes_nothing,
                departures_are_recorded_until_they_are_forgotten,
                only_a_pack_that_exists_has_departures,
            },
            app_limit::{
                the_latest_limit_of_the_app_counts,
            },
            invites_and_logins::{
                an_invite_is_claimed_once,
                a_withdrawn_claim_can_be_made_again,
                an_expired_claim_can_be_made_again,
                a_login_can_be_recalled,
            },
            concurrent_changes::{
                fifty_reservations_share_the_last_places,
                one_of_fifty_logins_starts_the_day,
                one_of_sixteen_reservations_of_a_name_wins,
                one_of_sixteen_claims_wins,
                one_of_sixteen_writers_adds_a_pack,
                one_of_sixteen_writers_advances_a_pack,
                either_logins_or_a_removal_win,
            },
        );
    };
}
