//! What really goes wrong with Instagram, as people have reported it, one row a report: the symptom goes in, and what the
//! person in front of it then reads comes out. Where a renewal meets it, that is what the owner is told, and the page
//! behind the link that repairs it.

use std::pin::Pin;
use std::sync::Arc;

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::WithReconnect;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Request};
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_tests::login_house::House;
use evertoken_tests::visitor::{Seen, Visitor};
use serde_json::{Value, json};
use time::Duration;

const CONNECTED: &str = "@blue_bottle is connected";

type Read = Pin<Box<dyn Future<Output = String> + Send>>;

/// The symptom, what brings it about, and what is read in the end.
type Row = (&'static str, Read, &'static str);

fn rows() -> Vec<Row> {
    let tester = "This account does not have access yet";
    let set_up = "This service is not set up correctly";
    let address = "This service&#39;s address is not registered";
    let used = "Instagram&#39;s response has already been used";
    let unsupported = || graph(100, 0, "Unsupported request - method type: get");
    vec![
        ("Unsupported request at ig_exchange_token", Box::pin(refused("exchange", 400, unsupported())), tester),
        ("Unsupported request at /me", Box::pin(refused("me", 400, unsupported())), tester),
        (
            "Unsupported request at a refresh",
            Box::pin(told_of_a_refresh(400, unsupported())),
            "Token Refresh Failed: This account has not accepted the tester invitation, or the app lacks Advanced Access.",
        ),
        ("the same with a role: a line break in the secret", Box::pin(a_line_break_in_the_secret()), CONNECTED),
        ("the same with a role: the other pair's secret", Box::pin(another_secret()), set_up),
        (
            "Matching code was not found or was already used",
            Box::pin(refused("code", 400, flat("Matching code was not found or was already used"))),
            used,
        ),
        (
            "This authorization code has been used",
            Box::pin(refused("code", 400, flat("This authorization code has been used"))),
            used,
        ),
        ("This authorization code has been used: a reload", Box::pin(a_reload()), CONNECTED),
        ("the code is burnt by a prefetch", Box::pin(a_prefetch()), CONNECTED),
        ("Invalid state: the start was opened twice", Box::pin(two_starts()), CONNECTED),
        ("the state's cookie is in another jar", Box::pin(another_jar()), "This login was not started in this browser"),
        ("Invalid redirect_uri, sent back", Box::pin(sent_back("server_error", "Invalid redirect_uri")), address),
        (
            "Invalid redirect_uri, at the exchange",
            Box::pin(refused("code", 400, flat("Invalid redirect_uri"))),
            address,
        ),
        (
            "Redirect URI doesn't match original redirect URI",
            Box::pin(refused("code", 400, flat("Redirect URI doesn't match original redirect URI"))),
            address,
        ),
        ("the second step's redirect URI: Host lies, the constant is sent", Box::pin(a_host_that_lies()), CONNECTED),
        ("Invalid platform app, sent back", Box::pin(sent_back("unauthorized_client", "Invalid platform app")), set_up),
        ("Invalid platform app, at the exchange", Box::pin(refused("code", 400, flat("Invalid platform app"))), set_up),
        (
            "Insufficient developer role",
            Box::pin(sent_back("access_denied", "Insufficient developer role")),
            "This account has no role in the app",
        ),
        (
            "Invalid scope: user_profile",
            Box::pin(sent_back("invalid_scope", "Invalid scope: user_profile")),
            "This service asks for an unknown permission",
        ),
        ("no token_type in the answer", Box::pin(shaped(json!({}))), CONNECTED),
        ("400 for Basic authentication: the body has the credentials", Box::pin(shaped(json!({}))), CONNECTED),
        (
            "a token of one hour, since the long-lived exchange failed",
            Box::pin(refused("exchange", 500, json!("down"))),
            "Instagram is currently unavailable",
        ),
        (
            "Session has expired",
            Box::pin(told_of_a_refresh(400, graph(190, 463, "Error validating access token: Session has expired"))),
            "Login Required: The token has expired.",
        ),
        ("one bad token stops the batch", Box::pin(a_bad_neighbour()), "Token Refreshed: corner_bakery"),
        (
            "the session has been invalidated: password",
            Box::pin(told_of_a_refresh(400, graph(190, 460, "The session has been invalidated"))),
            "Login Required: The password was changed, or Instagram ended the session for security reasons.",
        ),
        (
            "Cannot parse access token",
            Box::pin(refused("me", 400, graph(190, 0, "Invalid OAuth access token - Cannot parse access token"))),
            "The connection test failed",
        ),
        ("an id above 2^53 as a number", Box::pin(shaped(json!({"user_id": "integer"}))), CONNECTED),
        ("the app-scoped id in place of the account's", Box::pin(the_right_id()), "17841405793187218"),
        (
            "failed to get user id: the cause is told",
            Box::pin(refused("me", 403, graph(4, 0, "Application request limit reached"))),
            "Too many requests to Instagram",
        ),
        (
            "the restored app: every token is dead",
            Box::pin(told_of_a_refresh(400, graph(190, 0, "Error validating access token: the token is invalid"))),
            "Login Required: Instagram no longer accepts the token.",
        ),
    ]
}

#[tokio::test]
async fn every_symptom_that_people_report_comes_out_as_a_page_that_helps() {
    let mut checks = tokio::task::JoinSet::new();
    for (symptom, read, expected) in rows() {
        checks.spawn(async move {
            let read = read.await;
            (!read.starts_with(expected)).then(|| format!("{symptom}: {read}"))
        });
    }
    let failed: Vec<String> = checks.join_all().await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

fn flat(message: &str) -> Value {
    json!({"error_type": "OAuthException", "code": 400, "error_message": message})
}

fn graph(code: i64, subcode: i64, message: &str) -> Value {
    let kind = if message.starts_with("Unsupported request") { "IGApiException" } else { "OAuthException" };
    json!({"error": {"message": message, "type": kind, "code": code, "error_subcode": subcode, "fbtrace_id": "AbC1"}})
}

/// The page at the end of a login: the one it was sent to, where it was.
async fn end_of(house: &House, visitor: &Visitor, seen: Seen) -> String {
    let page = if seen.status == 303 { visitor.open(house, &seen.location()).await } else { seen };
    page.heading().to_owned()
}

async fn a_login(house: &House) -> String {
    let visitor = Visitor::new();
    let seen = visitor.log_in(house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    end_of(house, &visitor, seen).await
}

async fn refused(endpoint: &'static str, status: u16, body: Value) -> String {
    let house = House::start().await;
    let answer = json!({"kind": "status", "status": status, "body": body});
    house.fault(json!({"endpoint": endpoint, "times": "always", "answer": answer})).await;
    let read = a_login(&house).await;
    assert!(house.document("shop-de").await.is_none(), "{read}");
    read
}

async fn sent_back(error: &'static str, description: &'static str) -> String {
    let house = House::start().await;
    let mut url = house.url("/callback");
    url.query_pairs_mut().append_pair("error", error).append_pair("error_description", description);
    Visitor::new().open(&house, &url).await.heading().to_owned()
}

async fn a_line_break_in_the_secret() -> String {
    let house = House::start().await;
    house.set_app_secrets(&format!("{}\r\n", evertoken_sandbox::Settings::default().app_secret), &[]);
    a_login(&house).await
}

async fn another_secret() -> String {
    let house = House::start().await;
    house.set_app_secrets("fedcba9876543210fedcba9876543210", &[]);
    a_login(&house).await
}

async fn a_reload() -> String {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    visitor.open(&house, &callback).await;
    let again = visitor.open(&house, &callback).await;
    end_of(&house, &visitor, again).await
}

async fn a_prefetch() -> String {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    visitor.send(house.client.get(callback.clone()).header("sec-purpose", "prefetch")).await;
    visitor.send(house.client.head(callback.clone())).await;
    let seen = visitor.open(&house, &callback).await;
    end_of(&house, &visitor, seen).await
}

async fn two_starts() -> String {
    let (house, visitor) = (House::start().await, Visitor::new());
    let link = house.link(&house.invite("shop-de"));
    let first = visitor.consent(&house, &link, "blue_bottle").await;
    visitor.open(&house, &link).await;
    let seen = visitor.open(&house, &first).await;
    end_of(&house, &visitor, seen).await
}

async fn another_jar() -> String {
    let house = House::start().await;
    let callback = Visitor::new().consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    Visitor::new().open(&house, &callback).await.heading().to_owned()
}

async fn a_host_that_lies() -> String {
    let (house, visitor) = (House::start().await, Visitor::new());
    let callback = visitor.consent(&house, &house.link(&house.invite("shop-de")), "blue_bottle").await;
    let seen = visitor.send(house.client.get(callback).header("host", "elsewhere.example")).await;
    end_of(&house, &visitor, seen).await
}

/// The sandbox's answer to a code has no `token_type`, and it takes credentials in the body only.
async fn shaped(shapes: Value) -> String {
    let house = House::start().await;
    house.control("PATCH", "shapes", shapes).await;
    a_login(&house).await
}

async fn the_right_id() -> String {
    let house = House::start().await;
    a_login(&house).await;
    house.document("shop-de").await.unwrap().account_id.to_string()
}

/// A run over all accounts, three weeks after their logins.
async fn refresh(house: &House) {
    house.sandbox.advance(Duration::days(21));
    let refresher = Refresher {
        provider: InstagramLogin::new(Endpoints::on_one_origin(&house.instagram)).unwrap(),
        vault: house.vault.clone(),
        clock: Arc::new(house.clock()),
        entropy: Arc::new(SystemEntropy),
        events: WithReconnect {
            events: house.events.clone(),
            pages: Some((house.public_url.clone(), house.credentials())),
        },
        policy: Policy::default(),
        limits: Limits::default(),
    };
    Arc::new(refresher).run(&Request::default(), None).await.unwrap();
}

/// What the owner is told of the renewal; where a login helps, the link leads through one that repairs it.
async fn told_of_a_refresh(status: u16, body: Value) -> String {
    let house = House::start().await;
    a_login(&house).await;
    house.events.take();
    let answer = json!({"kind": "status", "status": status, "body": body});
    house.fault(json!({"endpoint": "refresh", "times": "always", "answer": answer})).await;
    refresh(&house).await;
    let [event] = <[_; 1]>::try_from(house.events.take()).unwrap();
    let reason = event.reason.clone().unwrap_or_default();
    assert!(!reason.contains("AbC1") && !reason.contains("Error validating"), "Instagram's words: {reason}");
    if let Some(link) = &event.reconnect_url {
        let visitor = Visitor::new();
        let seen = visitor.log_in(&house, &link.parse().unwrap(), "blue_bottle").await;
        assert_eq!(end_of(&house, &visitor, seen).await, CONNECTED);
        assert_eq!(house.events.take()[0].kind.as_str(), "Account Reconnected");
    }
    format!("{}: {reason}", event.kind.as_str())
}

async fn a_bad_neighbour() -> String {
    let house = House::start().await;
    a_login(&house).await;
    Visitor::new().log_in(&house, &house.link(&house.invite("zebra")), "corner_bakery").await;
    house.events.take();
    house.control("PATCH", "accounts/blue_bottle", json!({"revoked": true})).await;
    refresh(&house).await;
    let told: Vec<_> =
        house.events.take().iter().map(|event| format!("{}: {}", event.kind.as_str(), event.username)).collect();
    told.into_iter().find(|told| told.starts_with("Token Refreshed")).unwrap_or_default()
}
