//! The end of the app's access to data, 90 days after a person's login through Facebook. The clock of the functions and the
//! sandbox's move forward together.

use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::deployment::Deployment;
use serde_json::{Value, json};
use time::Duration;
use url::Url;

use crate::facebook_login::{ACCOUNTS, THREE_PAGES, document, time};

/// A deployment and its AWS. The sandbox's person `three_pages` has connected the last of the three accounts as `shop-de`.
async fn connected() -> (Deployment, AwsProxy) {
    let aws = AwsProxy::start().await;
    let stack = Deployment::new().await.with_facebook("facebook").await;
    // Each run checks all accounts.
    let stack = stack.with_parameters(&[("CheckEveryHours", "6")]);
    let stack = stack.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let page = browser.log_in_with_facebook(&stack.invite_link("shop-de"), "three_pages", &THREE_PAGES).await;
    let page = browser.choose(&page, &[ACCOUNTS[2]]).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    document(&stack, "shop-de").await;
    (stack, aws)
}

/// Lets the days pass, with one refresh on each, and returns the events that ask for a login, with the day of each.
async fn live(stack: &mut Deployment, aws: &AwsProxy, days: impl IntoIterator<Item = i64>) -> Vec<(i64, Value)> {
    let mut asked = Vec::new();
    let mut today = 0;
    for day in days {
        stack.pass_time(Duration::days(day - today));
        today = day;
        let before = aws.events().len();
        let report = stack.run_refresh().await;
        assert_eq!((&report["accounts"], &report["failed"]), (&json!(1), &json!(0)), "{report}");
        let new = aws.events().split_off(before).into_iter();
        asked.extend(new.filter(|event| event["Detail"]["reconnect_url"].is_string()).map(|event| (day, event)));
    }
    asked
}

/// The link in an event. Only people receive it, so that it must not be in a log.
fn link(stack: &Deployment, event: &Value) -> Url {
    let link: Url = event["Detail"]["reconnect_url"].as_str().unwrap().parse().unwrap();
    let invite = link.query_pairs().find(|(name, _)| name == "invite").unwrap().1.into_owned();
    stack.scanner.register_log_secret("an invite", &invite);
    link
}

#[tokio::test]
async fn people_are_reminded_of_the_end_of_access_and_a_login_is_required_after_it() {
    let (mut stack, aws) = connected().await;
    let before = document(&stack, "shop-de").await;
    let asked = live(&mut stack, &aws, [1, 59, 60, 61, 75, 76, 77, 82, 83, 84, 86, 87, 88, 89]).await;
    let reminders: Vec<_> = asked.iter().map(|(day, event)| (*day, event["DetailType"].as_str().unwrap())).collect();
    assert_eq!(reminders, [60, 76, 83, 87].map(|day| (day, "Access Expiring")));
    for (day, event) in &asked {
        assert_eq!(event["Detail"]["name"], "shop-de");
        assert_eq!(event["Detail"]["expires_at"], before["data_access_expires_at"], "day {day}");
        link(&stack, event);
    }
    let kept = document(&stack, "shop-de").await;
    assert_eq!((&kept["access_token"], &kept["health"]["state"]), (&before["access_token"], &json!("healthy")));

    // Nobody came. The token that still has no expiry date no longer reaches the account.
    let asked = live(&mut stack, &aws, [2]).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].1["DetailType"], "Login Required");
    link(&stack, &asked[0].1);
    let health = document(&stack, "shop-de").await["health"].clone();
    assert_eq!((&health["state"], &health["subcode"]), (&json!("login_required"), &json!(493)), "{health}");
}

#[tokio::test]
async fn the_link_in_a_reminder_renews_access_without_a_choice() {
    let (mut stack, aws) = connected().await;
    let asked = live(&mut stack, &aws, [60]).await;
    let link = link(&stack, &asked[0].1);
    stack.pass_time(Duration::days(5));

    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in_with_facebook(&link, "three_pages", &THREE_PAGES).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    let renewed = document(&stack, "shop-de").await;
    assert_eq!(renewed["account_id"], ACCOUNTS[2]);
    let access = time(&renewed, "data_access_expires_at") - stack.now();
    assert!((access - Duration::days(90)).abs() < Duration::minutes(2), "{access}");

    // On what would have been the 91st day, the account is healthy. The reminders start again 30 days before the new end.
    let asked = live(&mut stack, &aws, [26, 59, 61]).await;
    let asked: Vec<_> = asked.iter().map(|(day, event)| (*day, event["DetailType"].as_str().unwrap())).collect();
    assert_eq!(asked, [(61, "Access Expiring")]);
    assert_eq!(document(&stack, "shop-de").await["health"]["state"], "healthy");
}
