//! The policy of `infra/packed.yaml` allows exactly what each function calls to use packs.

use std::collections::BTreeSet;

use evertoken_core::document::Document;
use evertoken_core::vault::AccountStore;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::http::Request;
use evertoken_tests::permissions::{Call, Grant, differences, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use evertoken_tests::{packed_accounts, sample};
use reqwest::Method;
use serde_json::json;
use time::{Duration, OffsetDateTime};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Logins, a renewal, removals, and the purge of a removed account.
async fn record() -> Deployment {
    let mut stack = Deployment::new().await.with_packs().await.with_parameters(&[("KmsKeyArn", KEY)]);
    let callback = stack.callback().await;
    let log_in = async |name: &str, user: &str| {
        let page = stack.browser(&callback).log_in(&stack.invite_link(name), Consent::allow(user)).await;
        assert_eq!(page.status, 200, "{}", page.body);
    };
    log_in("shop-de", "blue_bottle").await;
    log_in("shop-fr", "corner_bakery").await;
    for (path, user) in [("/deauthorize", "blue_bottle"), ("/data-deletion", "corner_bakery")] {
        let form = vec![("signed_request".to_owned(), stack.instagram.signed_request(user).await)];
        let request = Request { form, ..Request::get(&stack.page_url(path)).method(Method::POST) };
        let answer = stack.browser(&callback).send(&request).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    log_in("shop-it", "corner_bakery").await;
    stack.pass_time(Duration::days(20));
    let report = stack.run_refresh().await;
    assert_eq!(report["refreshed"], 1, "{report}");
    stack
}

/// The permissions for packs and their index, among all of a role.
fn for_packs(stack: &Stack, role: &str) -> BTreeSet<Grant> {
    granted(stack, role).into_iter().filter(|grant| concerns_packs(&grant.resource, &grant.condition)).collect()
}

fn concerns_packs(resource: &str, condition: &str) -> bool {
    resource.contains("/packs/") || resource.starts_with("arn:aws:dynamodb:") || condition.contains("dynamodb.")
}

#[tokio::test]
async fn each_function_may_do_with_packs_exactly_what_it_does() {
    let deployment = record().await;
    let stack = deployment.stack();
    for role in ["CallbackRole", "RefreshRole"] {
        let calls: BTreeSet<Call> = deployment.calls.of(role);
        let of_packs = calls.into_iter().filter(|call| concerns_packs(&call.resource, &format!("{:?}", call.context)));
        let granted = for_packs(&stack, role);
        assert!(granted.len() > 8, "{granted:#?}");
        assert_eq!(differences(&granted, &of_packs.collect(), &deployment.prefix), [""; 0], "{role}");
    }
}

/// A login was stored outside of its pack. The refresh takes it back, and labels the secret as a copy.
#[tokio::test]
async fn the_refresh_may_label_a_copy() {
    let stack = Deployment::new().await.with_packs().await;
    let (token, age) = (stack.instagram.token("blue_bottle", Duration::days(30)).await, Duration::days(30));
    let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
    let json = sample::document_json("shop-de", &token, connected_at).to_string();
    let document = Document::decode(&sample::name("shop-de"), &json).unwrap();
    stack.packed_vault().create(&document).await.unwrap();
    packed_accounts::store_outside(&stack, &document).await;
    let report = stack.run_refresh().await;
    assert_eq!((&report["refreshed"], &report["failed"]), (&json!(1), &json!(0)), "{report}");
    let stored = stack.packed_vault().get(&document.name).await.unwrap().unwrap();
    assert_eq!(stored.cohort.unwrap().as_str(), "main-00001");
    let tags = stack.tags("shop-de").await;
    assert!(tags.contains(&("evertoken:moved-to".to_owned(), "main-00001".to_owned())), "{tags:?}");
}

#[test]
fn no_function_may_use_packs_in_the_default_layout() {
    let stack = Stack::new(Template::main(), &[("KmsKeyArn", KEY)]).unwrap();
    for role in ["CallbackRole", "RefreshRole"] {
        assert_eq!(for_packs(&stack, role), BTreeSet::new());
        assert_eq!(stack.properties(role).get("ManagedPolicyArns"), None);
    }
    assert_eq!(json!(stack.resources().contains_key("Packed")), false);
}
