//! The functions in the packed layout: many accounts in one secret, with an index in DynamoDB.

use evertoken_core::cohort::Cohort;
use evertoken_core::document::{Placement, Versioned};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::{Invite, InviteId};
use evertoken_core::vault::AccountStore;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::{Deployment, SecretState};
use evertoken_tests::http::Request;
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::moto::Moto;
use evertoken_tests::sample;
use reqwest::Method;
use serde_json::json;
use time::{Duration, OffsetDateTime};

async fn account(stack: &Deployment, name: &str) -> Option<Versioned> {
    stack.packed_vault().get(&sample::name(name)).await.unwrap()
}

async fn log_in(stack: &Deployment, callback: &Lambda, name: &str, user: &str) {
    let page = stack.browser(callback).log_in(&stack.invite_link(name), Consent::allow(user)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let command = format!("evertoken token {name} --stack end-to-end");
    assert!(!page.body.contains(&command), "strangers see no location: {}", page.body);
}

async fn leave(stack: &Deployment, callback: &Lambda, path: &str, user: &str) {
    let form = vec![("signed_request".to_owned(), stack.instagram.signed_request(user).await)];
    let request = Request { form, ..Request::get(&stack.page_url(path)).method(Method::POST) };
    let answer = stack.browser(callback).send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn accounts_that_log_in_share_a_secret() {
    let stack = Deployment::new().await.with_packs().await;
    let callback = stack.callback().await;
    for (name, user) in [("shop-de", "blue_bottle"), ("shop-fr", "corner_bakery")] {
        log_in(&stack, &callback, name, user).await;
        let account = account(&stack, name).await.unwrap();
        assert_eq!(account.cohort.unwrap().as_str(), "main-00001", "{name}");
        assert_eq!(stack.secret_state(name).await, SecretState::Gone, "{name} has no secret of its own");
    }
    // A second login replaces the token.
    let before = account(&stack, "shop-de").await.unwrap().document;
    log_in(&stack, &callback, "shop-de", "blue_bottle").await;
    let after = account(&stack, "shop-de").await.unwrap().document;
    assert_ne!(after.access_token, before.access_token);
    assert_eq!(stack.describe_secret("packs/main-00001/1").await.version_ids_to_stages().unwrap().len(), 4);
}

/// They say where an account is. The test support scans both for tokens and keys.
#[tokio::test]
async fn the_index_and_the_queue_hold_no_token_and_no_username() {
    let stack = Deployment::new().await.with_workers().await;
    let (callback, refresh) = (stack.callback().await, stack.refresh().await);
    for (name, user) in [("shop-de", "blue_bottle"), ("shop-fr", "corner_bakery"), ("shop-it", "maya.makes")] {
        log_in(&stack, &callback, name, user).await;
    }
    leave(&stack, &callback, "/deauthorize", "corner_bakery").await;
    assert_eq!(refresh.invoke(&json!({"version": 1})).await["planned"], 2);
    let work = stack.take_work().await;
    assert_eq!(refresh.invoke(&work).await, json!({"batchItemFailures": []}));
    let texts = [stack.index_text().await, work.to_string()];
    assert!(texts.iter().all(|text| text.contains("main-00001")), "{texts:?}");
    for user in ["blue_bottle", "corner_bakery", "maya.makes"] {
        assert!(texts.iter().all(|text| !text.contains(user)), "{user}: {texts:?}");
    }
}

#[tokio::test]
async fn the_events_of_an_account_in_a_pack_name_the_pack() {
    let aws = AwsProxy::start().await;
    let stack = Deployment::new().await.with_packs().await;
    stack.add_account("old", Duration::days(30)).await;
    let stack = stack.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    let callback = stack.callback().await;
    log_in(&stack, &callback, "shop-de", "corner_bakery").await;
    stack.run_refresh().await;
    leave(&stack, &callback, "/deauthorize", "corner_bakery").await;
    let hour_ago = (stack.now() - Duration::HOUR).unix_timestamp();
    assert!(aws.events().iter().all(|event| event["Time"].as_i64().unwrap() > hour_ago), "{:?}", aws.events());
    let mut events: Vec<_> =
        aws.events().into_iter().map(|event| (event["DetailType"].clone(), event["Detail"].clone())).collect();
    let pack = |kind: &str| {
        let at = events.iter().position(|(found, _)| found == kind).unwrap_or_else(|| panic!("no event {kind}"));
        events.swap_remove(at).1.get("pack").cloned()
    };
    let packs = ["Account Connected", "Token Refreshed", "Account Disconnected"].map(pack);
    assert_eq!(packs, [Some(json!("main-00001")), None, Some(json!("main-00001"))]);
    assert_eq!(events, []);
}

#[tokio::test]
async fn a_pack_takes_the_configured_number_of_accounts() {
    let stack = Deployment::new().await.with_packs().await.with_parameters(&[("PackSize", "16")]);
    for number in 0..15 {
        stack.packed_vault().create(&sample::document(&format!("shop-{number}"))).await.unwrap();
    }
    let callback = stack.callback().await;
    for (name, pack) in [("sixteenth", "main-00001"), ("seventeenth", "main-00002")] {
        log_in(&stack, &callback, name, "blue_bottle").await;
        assert_eq!(account(&stack, name).await.unwrap().cohort.unwrap().as_str(), pack);
    }
}

#[tokio::test]
async fn an_account_that_had_a_secret_before_keeps_it() {
    let stack = Deployment::new().await;
    stack.add_account("old", Duration::days(30)).await;
    let stack = stack.with_packs().await;
    let report = stack.run_refresh().await;
    assert_eq!((&report["accounts"], &report["refreshed"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(account(&stack, "old").await.unwrap().cohort, None);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_refresh_renews_a_pack_with_few_writes() {
    let mut stack = Deployment::new().await.with_packs().await;
    let callback = stack.callback().await;
    for name in ["shop-a", "shop-b", "shop-c", "shop-d"] {
        log_in(&stack, &callback, name, "blue_bottle").await;
    }
    // A cycle has 20 days, so each pack had its turn.
    stack.pass_time(Duration::days(20));
    let before = account(&stack, "shop-a").await.unwrap().document;
    let report = stack.run_refresh().await;
    assert_eq!((&report["accounts"], &report["refreshed"]), (&json!(4), &json!(4)), "{report}");
    let after = account(&stack, "shop-a").await.unwrap().document;
    assert!(after.issued_at > before.issued_at);
    let again = stack.run_refresh().await;
    assert_eq!(again["too_young"], 4, "{again}");
    let versions = stack.describe_secret("packs/main-00001/1").await.version_ids_to_stages().unwrap().len();
    assert!(versions <= 4 + 1 + 3, "{versions} versions");
}

#[tokio::test]
async fn a_removed_account_can_be_restored_and_a_deleted_one_is_in_no_version_of_a_pack() {
    let stack = Deployment::new().await.with_packs().await;
    let callback = stack.callback().await;
    for (name, user) in [("shop-de", "blue_bottle"), ("shop-fr", "corner_bakery")] {
        log_in(&stack, &callback, name, user).await;
    }
    leave(&stack, &callback, "/deauthorize", "blue_bottle").await;
    assert_eq!(account(&stack, "shop-de").await, None);
    assert_eq!(stack.secret_state("shop-de").await, SecretState::Recoverable);
    leave(&stack, &callback, "/data-deletion", "corner_bakery").await;
    assert_eq!(account(&stack, "shop-fr").await, None);
    assert_eq!(stack.secret_state("shop-fr").await, SecretState::Gone);
    let pack = stack.describe_secret("packs/main-00001/2").await;
    assert_eq!(pack.version_ids_to_stages().unwrap().len(), 1, "the earlier versions are gone");
}

/// The secret that it had before its pack holds an older token.
#[tokio::test]
async fn an_account_that_is_removed_from_a_pack_is_restored_with_its_last_token() {
    let stack = Deployment::new().await;
    stack.add_account("shop-de", Duration::days(2)).await;
    let stack = stack.with_packs().await;
    let vault = stack.packed_vault();
    Box::pin(vault.pack(&sample::name("shop-de"))).await.unwrap();
    let packed = account(&stack, "shop-de").await.unwrap();
    let renewed = sample::with_token("IGAA-renewed", &packed.document);
    vault.replace(&packed.version, &renewed).await.unwrap();
    leave(&stack, &stack.callback().await, "/deauthorize", "blue_bottle").await;
    assert_eq!(account(&stack, "shop-de").await, None);
    Moto::shared().client().restore_secret().secret_id(stack.secret("shop-de")).send().await.unwrap();
    let restored = stack.current_document("shop-de").await.1;
    assert_eq!((&restored["access_token"], restored.get("evertoken_moved_to")), (&json!("IGAA-renewed"), None));
}

/// Otherwise the functions would change the date on which applications read them last.
#[tokio::test]
async fn the_refresh_does_not_read_the_copies_of_accounts_in_packs() {
    let stack = Deployment::new().await;
    stack.add_account("moved", Duration::days(30)).await;
    let stack = stack.with_packs().await;
    let vault = stack.packed_vault();
    Box::pin(vault.pack(&sample::name("moved"))).await.unwrap();
    let aws = AwsProxy::start().await;
    let stack = stack.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    let report = stack.run_refresh().await;
    assert_eq!((&report["accounts"], &report["failed"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(aws.count("BatchGetSecretValue"), 0);
}

/// An invite names where a new account is stored, and its document remembers that.
#[tokio::test]
async fn an_invite_decides_where_its_account_is_stored() {
    let stack = Deployment::new().await.with_packs().await;
    let callback = stack.callback().await;
    let group = Placement::Group("client-a".parse().unwrap());
    for (name, user, placement, pack) in [
        ("own", "blue_bottle", Placement::OwnSecret, None),
        ("client-shop", "corner_bakery", group, Some("client-a-00001")),
    ] {
        let expires_at = OffsetDateTime::now_utc() + Duration::days(1);
        let invite = Invite { name: Some(sample::name(name)), placement, ..Invite::new(expires_at) };
        let link = stack.invite_link_for(&invite);
        let page = stack.browser(&callback).log_in(&link, Consent::allow(user)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        // A later login with another link changes nothing.
        log_in(&stack, &callback, name, user).await;
        let stored = account(&stack, name).await.unwrap();
        assert_eq!(stored.cohort.as_ref().map(Cohort::as_str), pack);
        assert_eq!(stored.document.placement(), invite.placement);
        let secret = if pack.is_none() { SecretState::Current } else { SecretState::Gone };
        assert_eq!(stack.secret_state(name).await, secret);
    }
    let report = stack.run_refresh().await;
    assert_eq!((&report["accounts"], &report["failed"]), (&json!(2), &json!(0)), "{report}");
}

#[tokio::test]
async fn a_single_use_invite_is_used_once() {
    let stack = Deployment::new().await.with_packs().await;
    let callback = stack.callback().await;
    let once = InviteId::generate(&SystemEntropy).unwrap();
    let expires_at = OffsetDateTime::now_utc() + Duration::days(1);
    let invite = Invite { name: Some(sample::name("shop-de")), once: Some(once), ..Invite::new(expires_at) };
    let link = stack.invite_link_for(&invite);
    let page = stack.browser(&callback).log_in(&link, Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let page = stack.browser(&callback).open(&link).await;
    assert_eq!(page.status, 410, "{}", page.body);
}
