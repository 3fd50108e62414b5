//! Logins to accounts whose pack cannot be written, because its secret has taken its 100 versions of a day.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, LastAttempt, Outcome};
use evertoken_core::sample;
use evertoken_core::vault::{AccountIndex, AccountStore, OutageCause, Removal, VaultError};
use time::Duration;

use super::fixture::{NOW, TestVault, World, document, list, name, token_of, with_token};
use super::moves::check_places;
use crate::ids::PackId;
use crate::layered_vault::Moved;
use crate::pack::LARGEST_DOCUMENT;
use crate::pack_index::PackIndex;
use crate::process::Process;

/// Lets a day pass, after which AWS deletes the present versions to make room for new ones.
pub(super) async fn pass_a_day() {
    tokio::time::advance((Duration::DAY + Duration::SECOND).unsigned_abs()).await;
}

fn target() -> AccountName {
    name("shop-de")
}

fn pack() -> PackId {
    "main-00001".parse().unwrap()
}

/// A later login of the account.
fn login(token: &str) -> Document {
    with_token(&sample::document("shop-de", NOW + Duration::HOUR), token)
}

fn renewed(present: &Document, token: &str) -> Document {
    let last_attempt = LastAttempt::succeeded(NOW, Outcome::Refreshed);
    with_token(&Document { last_attempt, ..present.clone() }, token)
}

fn quota() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Throttled, code: "LimitExceededException".to_owned() }
}

/// Writes another account of the pack until its secret takes no further version.
pub(super) async fn use_up_versions(vault: &TestVault) {
    let mut beside = vault.get(&name("beside")).await.unwrap().unwrap();
    for number in 0.. {
        beside.document = renewed(&beside.document, &format!("IGAA-{number}"));
        match vault.replace(&beside.version, &beside.document).await {
            Ok(version) => beside.version = version,
            Err(error) => {
                assert_eq!(error, quota());
                return;
            }
        }
    }
}

/// A pack with two accounts that takes no further version today.
async fn used_up_pack() -> World {
    let world = World::new();
    let vault = world.vault();
    let mut beside = document("beside");
    beside.account_id = "17841400000000001".parse().unwrap();
    vault.create(&beside).await.unwrap();
    vault.create(&document("shop-de")).await.unwrap();
    use_up_versions(&vault).await;
    world
}

/// A secret of its own would cost as much as the whole pack.
#[tokio::test(start_paused = true)]
async fn a_new_account_gets_into_a_pack_although_one_request_fails() {
    for point in 0..16 {
        let world = World::new();
        world.vault().create(&document("beside")).await.unwrap();
        let vault = world.with_packs_of(&Process::default().failing_at(point));
        let created = vault.create(&document("shop-de")).await.unwrap();
        let stored = world.vault().get(&target()).await.unwrap().unwrap();
        assert_eq!(
            (stored.cohort.map(|pack| pack.to_string()), stored.version),
            (Some(pack().to_string()), created),
            "{point}"
        );
        assert_eq!(world.singles.get(&target()).await.unwrap(), None, "{point}");
        // Nothing is left of the failed attempt, so a removal gives up the place.
        assert_eq!(world.index.all_places()[&target()].uses.len(), 1, "{point}");
        world.vault().remove(&target(), Removal::ForGood).await.unwrap();
        assert!(!world.index.all_places().contains_key(&target()), "{point}");
    }
}

/// Otherwise the time of the login could end before the account is stored anywhere.
#[tokio::test(start_paused = true)]
async fn a_slow_failure_is_not_repeated() {
    let mut alone = 0;
    for point in 0..16 {
        let world = World::new();
        world.vault().create(&document("beside")).await.unwrap();
        let vault =
            world.with_packs_of(&Process::new(point.into(), std::time::Duration::from_secs(20)).failing_at(point));
        vault.create(&document("shop-de")).await.unwrap();
        alone += usize::from(world.singles.get(&target()).await.unwrap().is_some());
    }
    assert!(alone > 0);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_too_large_is_tried_once() {
    let world = World::new();
    world.vault().create(&document("beside")).await.unwrap();
    let before = world.index.all_packs()[&pack()].day_logins;
    let mut large = document("shop-de");
    large.unknown.insert("note".to_owned(), "x".repeat(LARGEST_DOCUMENT).into());
    world.vault().create(&large).await.unwrap();
    assert!(world.singles.get(&target()).await.unwrap().is_some());
    assert_eq!(world.index.all_packs()[&pack()].day_logins, before + 1);
}

/// As a login does.
async fn log_in(vault: &TestVault, token: &str) -> Result<(), VaultError> {
    for _ in 0..4 {
        let present = vault.get(&target()).await?.unwrap();
        match vault.replace(&present.version, &login(token)).await {
            Ok(_) => return Ok(()),
            Err(VaultError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Err(VaultError::Conflict)
}

/// Everybody finds the account with this token, once.
async fn check_readers(world: &World, token: &str, context: &str) {
    let vault = world.vault();
    let read = vault.get(&target()).await.unwrap().unwrap();
    assert_eq!((token_of(&read).as_str(), read.document.moved_to()), (token, None), "{context}");
    let listed: Vec<_> = list(&vault).await.into_iter().filter(|account| account.document.name == target()).collect();
    assert_eq!(listed, std::slice::from_ref(&read), "{context}");
    let batch = vault.get_many(&[target(), name("beside")]).await.unwrap();
    assert!(batch.accounts.len() == 2 && batch.accounts.contains(&read), "{context}");
    let found = vault.find(&document("shop-de").account_id).await.unwrap();
    assert_eq!((found.accounts, found.removed), (vec![read], vec![]), "{context}");
}

#[tokio::test(start_paused = true)]
async fn a_login_whose_pack_takes_no_version_is_stored_in_a_secret_of_its_own() {
    let world = used_up_pack().await;
    let vault = world.vault();
    log_in(&vault, "IGAA-login").await.unwrap();
    check_readers(&world, "IGAA-login", "after the login").await;
    // Again, while the pack still takes no version.
    log_in(&vault, "IGAA-again").await.unwrap();
    check_readers(&world, "IGAA-again", "after another login").await;
    // A renewal of the account waits for nothing either.
    let present = vault.get(&target()).await.unwrap().unwrap();
    vault.replace(&present.version, &renewed(&present.document, "IGAA-renewed")).await.unwrap();
    check_readers(&world, "IGAA-renewed", "after a renewal").await;
    // A day later, the next write takes it back into its pack.
    pass_a_day().await;
    let present = vault.get(&target()).await.unwrap().unwrap();
    let version = vault.replace(&present.version, &renewed(&present.document, "IGAA-packed")).await.unwrap();
    assert_eq!(vault.cohort_of(&version).unwrap().as_str(), "main-00001");
    check_readers(&world, "IGAA-packed", "a day later").await;
    assert_eq!(token_of(&vault.packed().get(&target()).await.unwrap().unwrap()), "IGAA-packed");
    assert!(world.singles.get(&target()).await.unwrap().unwrap().document.moved_to().is_some());
    assert!(world.index.all_packs()[&pack()].departures.is_empty());
    check_places(&world, "at the end");
}

#[tokio::test(start_paused = true)]
async fn any_write_of_the_pack_stores_that_an_account_has_left() {
    let world = used_up_pack().await;
    log_in(&world.vault(), "IGAA-login").await.unwrap();
    assert_eq!(world.index.all_packs()[&pack()].departures.len(), 1);
    assert!(world.pack(&pack()).holds(&target()));
    pass_a_day().await;
    let vault = world.vault();
    let beside = vault.get(&name("beside")).await.unwrap().unwrap();
    vault.replace(&beside.version, &with_token(&beside.document, "IGAA-beside")).await.unwrap();
    assert!(!world.pack(&pack()).holds(&target()));
    assert!(world.index.all_packs()[&pack()].departures.is_empty());
    check_readers(&world, "IGAA-login", "after the other account's write").await;
    assert_eq!(vault.unpack(&target()).await, Ok(Moved::Now));
    assert_eq!(token_of(&world.singles.get(&target()).await.unwrap().unwrap()), "IGAA-login");
    check_places(&world, "unpacked");
    vault.remove(&target(), Removal::ForGood).await.unwrap();
    assert_eq!((vault.get(&target()).await, world.singles.get(&target()).await), (Ok(None), Ok(None)));
    assert_eq!(world.traces(&target()), []);
    check_places(&world, "removed");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_waits_until_its_pack_can_be_written() {
    let world = used_up_pack().await;
    let vault = world.vault();
    let present = vault.get(&target()).await.unwrap().unwrap();
    let renewed = renewed(&present.document, "IGAA-renewed");
    assert_eq!(vault.replace(&present.version, &renewed).await, Err(quota()));
    assert_eq!(world.singles.get(&target()).await, Ok(None));
    pass_a_day().await;
    vault.replace(&present.version, &renewed).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_departure_has_no_effect_once_the_account_was_stored_again() {
    let world = used_up_pack().await;
    log_in(&world.vault(), "IGAA-login").await.unwrap();
    let departures = world.index.all_packs()[&pack()].departures.clone();
    pass_a_day().await;
    let vault = world.vault();
    assert_eq!(vault.pack(&target()).await, Ok(Moved::Now));
    // The process that has written the pack was stopped before it could forget the departure.
    for departure in departures {
        world.index.depart(&pack(), &departure).await.unwrap();
    }
    check_readers(&world, "IGAA-login", "packed").await;
    assert!(vault.packed().get(&target()).await.unwrap().is_some());
}

/// The login may be stored or not. Either way, the account has a token, and the next login succeeds.
#[tokio::test(start_paused = true)]
async fn a_login_that_crashes_while_its_account_leaves_can_be_repeated() {
    for point in 0.. {
        let world = used_up_pack().await;
        let context = format!("at {point}");
        let process = Process::default().crashing_at(point);
        let vault = world.vault_of(&process);
        let working = tokio::spawn(async move { log_in(&vault, "IGAA-one").await });
        let has_stopped = process.stops(&working).await;
        let present = world.vault().get(&target()).await.unwrap().unwrap();
        let token = token_of(&present);
        assert!(["IGAA-sample", "IGAA-one"].contains(&token.as_str()), "{context}: {token}");
        check_readers(&world, &token, &context).await;
        log_in(&world.vault(), "IGAA-two").await.unwrap();
        check_readers(&world, "IGAA-two", &context).await;
        pass_a_day().await;
        let vault = world.vault();
        assert_eq!(vault.pack(&target()).await, Ok(Moved::Now), "{context}");
        check_readers(&world, "IGAA-two", &context).await;
        check_places(&world, &context);
        if !has_stopped {
            assert!(point > 10, "{context}");
            return;
        }
    }
}

/// A login stops at each of its requests. Meanwhile, the account is moved or renewed, or logs in. No login that succeeds is
/// lost.
#[tokio::test(start_paused = true)]
async fn a_login_that_leaves_its_pack_is_not_lost_to_another_process() {
    for other in [Other::LogIn, Other::Unpack, Other::Pack, Other::Refresh] {
        for is_writable in [false, true] {
            for point in 0.. {
                let world = used_up_pack().await;
                let context = format!("{other:?} at {point}, writable: {is_writable}");
                let process = Process::default().pausing_at(point);
                let vault = world.vault_of(&process);
                let working = tokio::spawn(async move { log_in(&vault, "IGAA-one").await });
                let has_stopped = process.stops(&working).await;
                if is_writable {
                    pass_a_day().await;
                }
                let done = other.run(&world.vault()).await;
                assert!(
                    matches!(done, Ok(()) | Err(VaultError::Unavailable { .. } | VaultError::Conflict)),
                    "{context}: {done:?}"
                );
                process.resume();
                let logged_in = working.await.unwrap();
                assert!(matches!(logged_in, Ok(()) | Err(VaultError::Conflict)), "{context}: {logged_in:?}");
                let token = token_of(&world.vault().get(&target()).await.unwrap().unwrap());
                // Each login is later than what the pack had, and the renewal follows either.
                let expected: &[&str] = match (logged_in, other) {
                    (Ok(()), Other::LogIn) => &["IGAA-one", "IGAA-two"],
                    (Ok(()), Other::Refresh) => &["IGAA-one", "IGAA-one-renewed"],
                    (Ok(()), _) => &["IGAA-one"],
                    (Err(_), _) => &["IGAA-two", "IGAA-sample-renewed", "IGAA-sample"],
                };
                assert!(expected.contains(&token.as_str()), "{context}: {token}");
                check_readers(&world, &token, &context).await;
                pass_a_day().await;
                let vault = world.vault();
                assert!(matches!(vault.pack(&target()).await, Ok(Moved::Now | Moved::Already)), "{context}");
                check_readers(&world, &token, &context).await;
                check_places(&world, &context);
                if !has_stopped {
                    break;
                }
            }
        }
    }
}

/// What another process does while a login leaves its pack.
#[derive(Clone, Copy, Debug)]
enum Other {
    LogIn,
    Unpack,
    Pack,
    Refresh,
}

impl Other {
    async fn run(self, vault: &TestVault) -> Result<(), VaultError> {
        match self {
            Self::LogIn => log_in(vault, "IGAA-two").await,
            Self::Unpack => vault.unpack(&target()).await.map(drop),
            Self::Pack => vault.pack(&target()).await.map(drop),
            Self::Refresh => {
                let present = vault.get(&target()).await?.unwrap();
                let token = format!("{}-renewed", token_of(&present));
                vault.replace(&present.version, &renewed(&present.document, &token)).await.map(drop)
            }
        }
    }
}
