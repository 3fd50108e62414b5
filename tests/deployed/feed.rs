//! A feed from its first publication to the deletion of its account, and of its stack.

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::feed_visitor::FeedVisitor;
use evertoken_tests::http::Request;
use evertoken_tests::stack::NAME as STACK;
use evertoken_tests::wait;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

const PARAMETERS: [(&str, &str); 2] = [("Feed", "on"), ("AlarmEmail", "me@example.test")];

#[tokio::test]
async fn a_feed_is_published_served_and_deleted_with_its_account_and_its_stack() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.deploy(&package, STACK, &PARAMETERS).await;
    for (name, account) in [("my-shop", "blue_bottle"), ("other-shop", "corner_bakery")] {
        let page = owner.log_in(&owner.invite(STACK, name).await, account).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let document = owner.document(&format!("evertoken/accounts/{name}")).await;
        owner.scanner.register_secret("an access token", document["access_token"].as_str().unwrap());
        let enabled =
            owner.evertoken(&["--json", "feed", "enable", name, "--stack", STACK]).await.expect_code(0).json();
        assert_eq!(enabled["result"], "enabled", "{enabled}\n{}", owner.log(STACK, "Feeds.Logs").await);
        assert_eq!(enabled["report"]["failures"], json!([]), "{enabled}");
    }
    let listed = owner.evertoken(&["feed", "list", "--stack", STACK]).await.expect_code(0);
    assert!(listed.stdout.contains("my-shop") && listed.stdout.contains("other-shop"), "{}", listed.stdout);
    let unknown = owner.evertoken(&["feed", "enable", "nobody", "--stack", STACK]).await.expect_code(1);
    assert!(unknown.stderr.contains("the vault has no account nobody"), "{}", unknown.stderr);
    let visitor = FeedVisitor::new(&owner.aws, &owner.output(STACK, "FeedUrl").await);
    visit(&owner, &visitor).await;
    fail_to_publish(&owner, &visitor).await;
    delete_the_data(&owner, &visitor).await;
    let log = owner.log(STACK, "Feeds.Logs").await;
    assert!(log.contains("feeds published") && !log.contains(owner.instagram.origin()), "{log}");

    let bucket = owner.resource(STACK, "Feeds.Bucket").await;
    assert!(owner.files(&bucket).await.unwrap().iter().any(|key| key.starts_with("img/other-shop/")));
    owner.delete(STACK).await;
    assert_eq!(owner.files(&bucket).await, None, "the bucket must be gone");
}

/// A visitor's browser reads the feed, its pictures and the widget, and nothing else.
async fn visit(owner: &AwsAccount, visitor: &FeedVisitor) {
    let feed = visitor.get("/feed/my-shop.json").await;
    assert_eq!(feed.status(), 200);
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, stale-if-error=604800"),
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(feed.headers().get(name).map(|found| found.to_str().unwrap()), Some(value), "{name}");
    }
    let text = feed.text().await.unwrap();
    owner.scanner.record_output("a feed", &text);
    assert!(!text.contains(owner.instagram.origin()), "a feed must not link to Instagram's servers: {text}");
    let feed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&feed["version"], &feed["_evertoken"]["stale"]),
        (&json!("https://jsonfeed.org/version/1.1"), &json!(false))
    );
    let picture: Url =
        feed["items"].as_array().unwrap().iter().find_map(|item| item["image"].as_str()).unwrap().parse().unwrap();
    for (path, media_type) in [
        (picture.path(), "image/jpeg"),
        ("/feed/my-shop.html", "text/html; charset=utf-8"),
        ("/feed/my-shop.atom", "application/atom+xml; charset=utf-8"),
        ("/widget.js", "text/javascript; charset=utf-8"),
    ] {
        let file = visitor.get(path).await;
        assert_eq!(
            (file.status().as_u16(), file.headers()["content-type"].to_str().unwrap()),
            (200, media_type),
            "{path}"
        );
        assert!(!file.bytes().await.unwrap().is_empty(), "{path}");
    }
    // What exists and is private gets the same answer as what does not exist.
    for path in ["/settings/my-shop.json", "/state/my-shop.json", "/feed/nobody.json", "/"] {
        assert_eq!(visitor.get(path).await.status(), 403, "{path}");
    }
}

/// The publisher may neither read an account nor write a file. The last feed stays online, and the next run that may do both
/// publishes again.
async fn fail_to_publish(owner: &AwsAccount, visitor: &FeedVisitor) {
    let files = ["/feed/my-shop.json", "/feed/my-shop.html", "/feed/my-shop.atom"];
    let read = async || {
        let mut texts = Vec::new();
        for file in files {
            let response = visitor.get(file).await;
            assert_eq!(response.status(), 200, "{file}");
            texts.push(response.text().await.unwrap());
        }
        texts
    };
    let before = read().await;
    owner.provide_owner_resources(&owner.resource(STACK, "Feeds.Role").await).await;
    let refresh = ["--json", "feed", "refresh", "my-shop", "--stack", STACK];
    let failed = owner.evertoken(&refresh).await;
    assert_ne!(failed.code, 0, "{failed:?}");
    assert_eq!(read().await, before);

    owner.provide_owner_resources("").await;
    let refreshed = owner.evertoken(&refresh).await.expect_code(0).json();
    assert_eq!(refreshed["report"]["failures"], json!([]), "{refreshed}");
    read().await;
}

/// The account's owner requests the deletion of their data. No file of the account remains, and CloudFront is told to forget
/// its copies.
async fn delete_the_data(owner: &AwsAccount, visitor: &FeedVisitor) {
    let bucket = owner.resource(STACK, "Feeds.Bucket").await;
    let of_the_account = async || {
        let keys = owner.files(&bucket).await.unwrap();
        keys.into_iter().filter(|key| key.contains("my-shop")).collect::<Vec<_>>()
    };
    assert!(of_the_account().await.len() > 5);
    let url: Url = owner.output(STACK, "DataDeletionUrl").await.parse().unwrap();
    let form = vec![("signed_request".to_owned(), owner.instagram.signed_request("blue_bottle").await)];
    let answer = owner.browser().send(&Request { form, ..Request::get(&url).method(Method::POST) }).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // The event invokes the publisher.
    wait::until_async("the deletion of the feed", async || of_the_account().await.is_empty().then_some(())).await;
    let distribution = owner.resource(STACK, "Feeds.Distribution").await;
    assert_eq!(owner.invalidated(&distribution).await, ["/feed/my-shop.*", "/img/my-shop/*"]);
    assert_eq!(visitor.get("/feed/my-shop.json").await.status(), 403);
    assert_eq!(visitor.get("/feed/other-shop.json").await.status(), 200);
}
