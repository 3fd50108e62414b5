//! Values and index entries that nobody should have written. Each is reported, none is overwritten, all other accounts go on.

use std::io::Write;

use evertoken_core::vault::{AccountIndex, AccountStore, OutageCause, ParkedDocuments, Removal, VaultError};
use flate2::Compression;
use flate2::write::GzEncoder;
use secrecy::ExposeSecret;

use super::fixture::{World, document, list, name, pack_id, with_token};
use crate::ids::{Generation, PackSecret};
use crate::pack_secrets::{PackSecrets, PackValue};
use crate::request_token::RequestToken;
use crate::revision::AccountVersion;

fn gzip(text: &str) -> PackValue {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    PackValue::new(encoder.finish().unwrap())
}

/// Two packs. The first one has the accounts `shop-0` to `shop-15`, the second one `shop-16`.
async fn two_packs() -> (World, PackSecret) {
    let world = World::new();
    let vault = world.vault();
    for number in 0..17 {
        vault.create(&document(&format!("shop-{number}"), "IGAA-first")).await.unwrap();
    }
    (world, pack_id(1).at(Generation::FIRST))
}

/// Replaces the first pack's value. Reading, writing and removing its accounts fails with `problem`, changes nothing, and the
/// second pack goes on.
async fn is_reported(value: PackValue, problem: &str) {
    let (world, secret) = two_packs().await;
    let version = world.vault().get(&name("shop-0")).await.unwrap().unwrap().version;
    world.secrets.overwrite(&secret, value.clone());
    let vault = world.vault();
    let next = document("shop-0", "IGAA-next");
    let errors = [
        vault.get(&next.name).await.map(|_| ()),
        vault.parked(&next.name).await.map(|_| ()),
        vault.replace(&version, &next).await.map(|_| ()),
        vault.park(&version, &next).await,
        vault.create(&next).await.map(|_| ()),
        vault.remove(&next.name, Removal::Recoverable).await,
        vault.remove(&next.name, Removal::ForGood).await,
        vault.forget_earlier(&next.name).await,
        vault.find(&next.account_id).await.map(|_| ()),
    ];
    let expected =
        format!("the account's document is unreadable: the secret packs/main-00001/1 is unreadable: {problem}");
    for (at, result) in errors.into_iter().enumerate() {
        assert_eq!(result.unwrap_err().to_string(), expected, "{at}");
    }
    let (accounts, unreadable) = list(&vault).await;
    assert_eq!(accounts.into_keys().collect::<Vec<_>>(), ["shop-16"]);
    let reported = format!("the secret packs/main-00001/1 is unreadable: {problem}");
    assert_eq!(unreadable.into_iter().collect::<Vec<_>>(), [("packs/main-00001".to_owned(), reported)]);
    let page = vault.get_many(&[name("shop-0"), name("shop-16")]).await.unwrap();
    assert_eq!((page.accounts.len(), page.unreadable[0].name.as_str()), (1, "shop-0"));
    let other = vault.get(&name("shop-16")).await.unwrap().unwrap();
    vault.replace(&other.version, &with_token(&other.document, "IGAA-next")).await.unwrap();
    assert_eq!(world.secrets.current_values()[&secret].expose(), value.expose());
}

#[tokio::test(start_paused = true)]
async fn broken_gzip() {
    is_reported(PackValue::new(b"\x1f\x8b\x08 broken".to_vec()), "the value is not gzip, or is damaged").await;
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_not_json() {
    is_reported(gzip("{\"schema\":1,"), "the decompressed value is not JSON").await;
}

#[tokio::test(start_paused = true)]
async fn a_foreign_value() {
    is_reported(gzip(r#"{"password":"hunter2"}"#), "the value is not a pack: it has no \"schema\"").await;
}

#[tokio::test(start_paused = true)]
async fn a_later_schema() {
    let problem = "unsupported schema 2 of a pack: this version of Evertoken reads schema 1";
    is_reported(gzip(r#"{"schema":2}"#), problem).await;
}

#[tokio::test(start_paused = true)]
async fn another_packs_value() {
    let value = gzip(r#"{"schema":1,"pack":"main-00002","generation":1,"next":1,"accounts":{}}"#);
    is_reported(value, "the value belongs to another pack, main-00002").await;
}

#[tokio::test(start_paused = true)]
async fn a_decompression_bomb() {
    is_reported(gzip(&" ".repeat(40 << 20)), "the value decompresses to more than 1048576 bytes").await;
}

#[tokio::test(start_paused = true)]
async fn an_account_twice_and_one_that_is_half_written_do_not_affect_their_siblings() {
    let (world, secret) = two_packs().await;
    let one = document("shop-0", "IGAA-one").encode().expose_secret().to_owned();
    let two = document("shop-1", "IGAA-two").encode().expose_secret().to_owned();
    let text = format!(
        r#"{{"schema":1,"pack":"main-00001","generation":1,"next":90,"accounts":{{"shop-0":{one},"shop-1":{two},"shop-0":{one},"shop-2":{{"schema":1}}}}}}"#
    );
    world.secrets.overwrite(&secret, gzip(&text));
    let vault = world.vault();
    let read = vault.get(&name("shop-1")).await.unwrap().unwrap();
    vault.replace(&read.version, &with_token(&read.document, "IGAA-next")).await.unwrap();
    let (accounts, unreadable) = list(&vault).await;
    assert_eq!(accounts.into_keys().collect::<Vec<_>>(), ["shop-1", "shop-16"]);
    let expected = [
        ("shop-0", "the secret packs/main-00001/1 holds the account twice"),
        ("shop-2", "the field provider is missing or has the wrong type"),
    ];
    let expected = expected.map(|(name, reason)| (name.to_owned(), reason.to_owned()));
    assert_eq!(unreadable.into_iter().collect::<Vec<_>>(), expected);
    assert!(matches!(vault.get(&name("shop-0")).await, Err(VaultError::Unreadable(_))));
    assert_eq!(vault.create(&document("shop-2", "IGAA")).await, Err(VaultError::Conflict));
    let keys: Vec<_> = world.pack(&pack_id(1)).keys().map(str::to_owned).collect();
    assert_eq!(keys, ["shop-0", "shop-1", "shop-0", "shop-2"]);
    // What cannot be read can be deleted.
    vault.remove(&name("shop-0"), Removal::ForGood).await.unwrap();
    assert!(!world.pack(&pack_id(1)).holds(&name("shop-0")));
}

#[tokio::test(start_paused = true)]
async fn an_index_that_points_nowhere() {
    let (world, _) = two_packs().await;
    world.index.corrupt_generation(&pack_id(1), Generation::new(7));
    let vault = world.vault();
    let problem = "the index names the secret packs/main-00001/7, which does not exist";
    let error = vault.get(&name("shop-0")).await.unwrap_err().to_string();
    assert!(error.ends_with(problem), "{error}");
    let (accounts, unreadable) = list(&vault).await;
    assert_eq!(accounts.into_keys().collect::<Vec<_>>(), ["shop-16"]);
    assert_eq!(unreadable["packs/main-00001"], problem);
    assert!(vault.create(&document("shop-0", "IGAA")).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_somebody_has_deleted() {
    let (world, secret) = two_packs().await;
    world.secrets.destroy(&secret);
    let (accounts, unreadable) = list(&world.vault()).await;
    assert_eq!(accounts.len(), 1);
    assert!(unreadable["packs/main-00001"].contains("packs/main-00001/1, which does not exist"));
    assert!(!world.secrets.current_values().contains_key(&secret));
}

#[tokio::test(start_paused = true)]
async fn a_lost_table() {
    let (world, _) = two_packs().await;
    let before = world.secrets.writes();
    world.index.lose_table();
    let vault = world.vault();
    let next = document("shop-0", "IGAA-next");
    for result in [
        vault.get(&next.name).await.map(|_| ()),
        vault.create(&next).await.map(|_| ()),
        vault.remove(&next.name, Removal::ForGood).await,
        vault.find(&next.account_id).await.map(|_| ()),
    ] {
        let code = "the table of the index does not exist".to_owned();
        assert_eq!(result, Err(VaultError::Unavailable { cause: OutageCause::Other, code }));
    }
    let pages: Result<Vec<_>, _> = futures_util::TryStreamExt::try_collect(vault.list()).await;
    assert!(pages.is_err());
    assert_eq!(world.secrets.writes(), before);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_the_index_does_not_name() {
    let (world, secret) = two_packs().await;
    let stray = document("stray", "IGAA-stray").encode().expose_secret().to_owned();
    let text = format!(
        r#"{{"schema":1,"pack":"main-00001","generation":1,"next":90,"accounts":{{"stray":{stray}}},"revisions":{{"stray":80}}}}"#
    );
    world.secrets.overwrite(&secret, gzip(&text));
    let vault = world.vault();
    let (_, unreadable) = list(&vault).await;
    assert_eq!(unreadable["stray"], "the secret packs/main-00001/1 holds the account, and the index does not");
    assert_eq!(vault.get(&name("stray")).await, Ok(None));
    assert!(world.pack(&pack_id(1)).holds(&name("stray")));
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_too_large() {
    let (world, _) = two_packs().await;
    let vault = world.vault();
    let present = vault.get(&name("shop-0")).await.unwrap().unwrap();
    let mut large = present.document.clone();
    large.unknown.insert("note".to_owned(), "n".repeat(9_000).into());
    let error = vault.replace(&present.version, &large).await.unwrap_err();
    let code = "the document is too large for a pack".to_owned();
    assert_eq!(error, VaultError::Unavailable { cause: OutageCause::StorageFull, code });
    assert_eq!(vault.get(&name("shop-0")).await.unwrap().unwrap(), present);
}

/// An operator moves AWSCURRENT back, as for any secret.
#[tokio::test(start_paused = true)]
async fn a_pack_that_was_rolled_back_goes_on_and_uses_no_revision_twice() {
    let (world, secret) = two_packs().await;
    let vault = world.vault();
    let first = vault.get(&name("shop-0")).await.unwrap().unwrap();
    let lost = vault.replace(&first.version, &with_token(&first.document, "IGAA-lost")).await.unwrap();
    world.secrets.roll_back(&secret);
    for vault in [vault, world.vault()] {
        let read = vault.get(&name("shop-0")).await.unwrap().unwrap();
        let next = vault.replace(&read.version, &with_token(&read.document, "IGAA-next")).await.unwrap();
        assert!(next != lost && next != read.version);
    }
    assert_eq!(world.vault().get(&name("shop-0")).await.unwrap().unwrap().document.access_token.expose(), "IGAA-next");
}

/// A later release has written the pack, and its operator goes back to this one.
#[tokio::test(start_paused = true)]
async fn a_pack_that_was_rolled_back_from_a_later_schema_goes_on_and_uses_no_revision_twice() {
    let (world, secret) = two_packs().await;
    let used = world.pack(&pack_id(1)).next_revision();
    let before = world.secrets.current(&secret).await.unwrap().unwrap().version;
    world.secrets.put(&secret, &RequestToken::after(&before), &gzip(r#"{"schema":2}"#)).await.unwrap();
    assert!(matches!(world.vault().get(&name("shop-0")).await, Err(VaultError::Unreadable(_))));
    world.secrets.roll_back(&secret);
    for token in ["IGAA-next", "IGAA-last"] {
        let vault = world.vault();
        let read = vault.get(&name("shop-0")).await.unwrap().unwrap();
        let version = vault.replace(&read.version, &with_token(&read.document, token)).await.unwrap();
        // The later release may have used one for each account of the largest pack.
        assert!(AccountVersion::parse(&version).unwrap().revision > used + 200, "{version}");
    }
    assert_eq!(world.vault().get(&name("shop-0")).await.unwrap().unwrap().document.access_token.expose(), "IGAA-last");
}
