//! The error pages for every known way in which Instagram rejects a login.
//!
//! The sandbox returns response bodies that public issue threads and Meta's documentation quote.

use evertoken_core::invite::Invite;
use evertoken_sandbox::Endpoint::{self, Code, Exchange, Me};
use evertoken_sandbox::{FaultResponse, InjectedFault};
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::faults::{self, TRACE_ID, code_exchange_error, graph_error};
use evertoken_tests::test_app::TestApp;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The endpoint, the status and the body of Instagram's response; then the status of the page, its heading, and words that
/// it must contain.
type Row = (Endpoint, u16, Value, u16, &'static str, &'static [&'static str]);

const TESTER: &str = "This account does not have access yet";
const TESTER_WORDS: &[&str] = &[
    "Usually, an invitation on Instagram has not been accepted.",
    "href=\"https://www.instagram.com/accounts/manage_access/\"",
    "App Review",
];
const UNSUPPORTED: &str = "Unsupported request - method type: get";
const PASSWORD: &str = "Error validating access token: The session has been invalidated because the user changed their \
                        password or Facebook has changed the session for security reasons.";
const CHECKPOINT: &str =
    "You cannot access the app till you log in to www.instagram.com and follow the instructions given.";

#[expect(clippy::too_many_lines, reason = "a table with one row per error")]
fn rows() -> Vec<Row> {
    let used = "This login has already been used";
    let unavailable = "Instagram is currently unavailable";
    let unclear = "Unexpected response from Instagram";
    let wait = "Too many requests to Instagram";
    let set_up = "This service is not set up correctly";
    let address = "Instagram does not know this service yet";
    vec![
        (
            Code,
            400,
            code_exchange_error("Matching code was not found or was already used"),
            400,
            used,
            &["Start again"],
        ),
        (
            Code,
            400,
            code_exchange_error("Matching code was not found or was already used."),
            400,
            used,
            &["Start again"],
        ),
        (Code, 400, code_exchange_error("This authorization code has been used"), 400, used, &["Start again"]),
        (Code, 400, code_exchange_error("Invalid platform app"), 500, set_up, &["Instagram app ID", "App settings"]),
        (
            Code,
            400,
            code_exchange_error("Invalid redirect_uri"),
            500,
            address,
            &["OAuth redirect URIs", "match exactly"],
        ),
        (
            Code,
            400,
            code_exchange_error("Redirect URI doesn't match original redirect URI"),
            500,
            address,
            &["/callback"],
        ),
        (
            Code,
            400,
            code_exchange_error("Redirect URI does not match registered redirect URI"),
            500,
            address,
            &["slash"],
        ),
        (
            Code,
            403,
            json!({"error_type": "OAuthForbiddenException", "code": 403, "error_message": "Insufficient developer role"}),
            403,
            "This account has not been invited on Instagram",
            &["Instagram Testers", "manage_access"],
        ),
        (Code, 400, code_exchange_error("You must provide a code"), 400, used, &[]),
        (
            Code,
            400,
            code_exchange_error("Something new"),
            502,
            "Instagram did not accept the login",
            &["code and trace ID"],
        ),
        (Code, 500, json!("<html>Oops</html>"), 502, unavailable, &["Nothing was saved"]),
        (Code, 503, code_exchange_error("An unexpected error has occurred."), 502, unavailable, &["Nothing was saved"]),
        (
            Code,
            429,
            code_exchange_error("You have exceeded the maximum number of requests per hour."),
            503,
            wait,
            &["Wait an hour"],
        ),
        (Code, 200, json!("no json"), 502, unclear, &["Nothing was saved"]),
        (Code, 200, json!({"access_token": ""}), 502, unclear, &[]),
        (Code, 429, json!(""), 503, wait, &["Wait an hour"]),
        (Exchange, 400, graph_error(100, 0, UNSUPPORTED), 403, TESTER, TESTER_WORDS),
        (Exchange, 400, graph_error(1, 0, "Error validating client secret."), 500, set_up, &["whitespace"]),
        (
            Exchange,
            400,
            graph_error(190, 0, "Invalid OAuth access token - Cannot parse access token"),
            403,
            "The connection test failed",
            &["Code 190"],
        ),
        // A short-lived token is never stored, so a login fails if the long-lived exchange fails.
        (Exchange, 503, json!(""), 502, unavailable, &["Nothing was saved"]),
        (Exchange, 200, json!({"access_token": "IGAAx", "token_type": "bearer"}), 502, unclear, &[]),
        (Me, 400, graph_error(100, 0, UNSUPPORTED), 403, TESTER, TESTER_WORDS),
        (
            Me,
            400,
            graph_error(100, 33, "Unsupported get request. Object with ID 'me' does not exist"),
            502,
            "Instagram did not accept the login",
            &[],
        ),
        (
            Me,
            400,
            graph_error(190, 463, "Error validating access token: Session has expired"),
            403,
            "The connection test failed",
            &[],
        ),
        (Me, 400, graph_error(190, 460, PASSWORD), 403, "Instagram ended your session", &["password was changed"]),
        (
            Me,
            400,
            graph_error(190, 458, "The user has not authorized application 1."),
            403,
            "The permission was withdrawn during the login",
            &["Allow"],
        ),
        (Me, 400, graph_error(190, 467, "The session is invalid"), 403, "The connection test failed", &[]),
        (
            Me,
            400,
            graph_error(190, 459, CHECKPOINT),
            403,
            "Instagram needs your confirmation",
            &["href=\"https://www.instagram.com/\""],
        ),
        (
            Me,
            400,
            graph_error(190, 490, "The user is enrolled in a blocking, logged-in checkpoint"),
            403,
            "Instagram needs your confirmation",
            &[],
        ),
        (Me, 400, graph_error(190, 0, CHECKPOINT), 403, "Instagram needs your confirmation", &[]),
        (Me, 400, graph_error(190, 0, "Session key is malformed"), 403, "Instagram needs your confirmation", &[]),
        (
            Me,
            400,
            graph_error(190, 464, "Sessions for the user are not allowed because the user is not a confirmed user."),
            403,
            "This Instagram account is not confirmed",
            &["Confirm it"],
        ),
        (Me, 400, graph_error(102, 0, "Session key invalid"), 403, "The connection test failed", &[]),
        (
            Me,
            400,
            graph_error(10, 0, "(#10) Application does not have permission for this action"),
            403,
            "A permission was not granted",
            &["leave all permissions selected"],
        ),
        (Me, 400, graph_error(200, 0, "Permissions error"), 403, "A permission was not granted", &[]),
        (Me, 400, graph_error(299, 0, "Permissions error"), 403, "A permission was not granted", &[]),
        (Me, 400, graph_error(3, 0, "Capability"), 500, "Instagram does not allow this yet", &["Instagram product"]),
        (Me, 400, graph_error(1, 0, "An unknown error occurred"), 502, unavailable, &[]),
        (Me, 500, graph_error(2, 0, "An unexpected error has occurred."), 502, unavailable, &[]),
        (Me, 400, graph_error(341, 0, "Application limit reached"), 503, wait, &[]),
        (Me, 400, graph_error(4, 0, "(#4) Application request limit reached"), 503, wait, &["usage"]),
        (Me, 403, graph_error(17, 0, "User request limit reached"), 503, wait, &[]),
        (Me, 400, graph_error(32, 0, "Page request limit reached"), 503, wait, &[]),
        (Me, 429, graph_error(613, 1996, "Calls to this api have exceeded the rate limit."), 503, wait, &[]),
        (Me, 400, graph_error(80_002, 0, "There have been too many calls to this Instagram account."), 503, wait, &[]),
        (
            Me,
            403,
            graph_error(4, 2_207_051, "action is blocked"),
            403,
            "Instagram has restricted this account",
            &["Open Instagram"],
        ),
        (Me, 400, graph_error(368, 0, "Temporarily blocked"), 503, "Temporarily blocked by Instagram", &["alerts"]),
        (
            Me,
            500,
            graph_error(2500, 0, "Unknown path components: /me"),
            502,
            "Instagram did not accept the login",
            &["EVERTOKEN_GRAPH_VERSION"],
        ),
        (Me, 400, graph_error(99_999, 0, "Never seen"), 502, unclear, &[]),
        (Me, 401, json!("plain"), 502, unclear, &[]),
        (
            Me,
            200,
            json!({"id": "1", "user_id": "2", "username": "anna", "account_type": "PERSONAL"}),
            403,
            "This is a personal account",
            &["@anna", "Switch to professional account"],
        ),
    ]
}

#[tokio::test]
async fn every_instagram_error_has_its_own_page_and_stores_nothing() {
    // Run all checks concurrently, each with its own service, because some of them wait before they fail.
    let mut checks = JoinSet::new();
    for row in rows() {
        checks.spawn(check(row));
    }
    let failed: Vec<String> = checks.join_all().await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

async fn check((endpoint, status, body, expected, heading, words): Row) -> Option<String> {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let link = app.link(&app.invite("shop-de"));
    app.inject_fault(faults::response(endpoint, status, body.clone())).await;
    let page = browser.log_in(&app, &link, "blue_bottle").await;
    let is_expected = page.status == expected
        && page.heading().contains(heading)
        && words.iter().all(|word| page.text.contains(word))
        && page.text.contains("For the operator of this service")
        && page.text.contains("/login?invite=")
        // The page does not repeat Instagram's message.
        && !page.text.contains(TRACE_ID)
        && app.document("shop-de").await.is_none();
    (!is_expected).then(|| format!("{endpoint:?} {body}: {} {}", page.status, page.text))
}

#[tokio::test]
async fn every_oauth_error_redirect_has_its_own_page() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let role = "Insufficient+developer+role";
    let table = [
        (
            "error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request",
            403,
            "The account was not connected",
        ),
        (
            &format!("error=access_denied&error_description={role}"),
            403,
            "This account has not been invited on Instagram",
        ),
        (
            "error=invalid_scope&error_description=Invalid+scope%3A+user_profile",
            500,
            "This service asks for an unknown permission",
        ),
        ("error=server_error&error_description=Invalid+redirect_uri", 500, "Instagram does not know this service yet"),
        (
            "error=unauthorized_client&error_description=Invalid+platform+app",
            500,
            "This service is not set up correctly",
        ),
        ("error=server_error", 502, "Instagram is currently unavailable"),
        ("error=something_new", 502, "Instagram did not accept the login"),
        ("error=", 502, "Instagram did not accept the login"),
    ];
    let started = browser.start(&app, &app.link(&app.invite("shop-de"))).await;
    let state = started.location().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    for (query, status, heading) in table {
        // Instagram returns `state` with an error, but the page does not depend on it.
        for state in [format!("&state={state}"), String::new(), "&state=x".to_owned()] {
            let page = browser.open(&app, &app.url(&format!("/callback?{query}{state}"))).await;
            assert_eq!((page.status.as_u16(), page.heading()), (status, heading), "{query}");
            assert_eq!(page.text.contains("/login?invite="), state.len() > 10, "{query}");
        }
    }
}

#[tokio::test]
async fn errors_produced_by_the_sandbox_show_the_same_pages() {
    let app =
        TestApp::with_variables(&[("EVERTOKEN_SCOPES", "instagram_business_basic,instagram_business_manage_comments")])
            .await;
    let browser = BrowserClient::new();
    let link = app.link(&app.invite("shop-de"));
    let authorize = async || browser.start(&app, &link).await.location();

    let callback = browser.submit_consent(&app, &authorize().await, "blue_bottle", "cancel", None).await;
    assert_eq!(browser.open(&app, &callback).await.heading(), "The account was not connected");

    let granted = Some(&["instagram_business_basic"][..]);
    let callback = browser.submit_consent(&app, &authorize().await, "blue_bottle", "allow", granted).await;
    let missing = browser.open(&app, &callback).await;
    assert_eq!(missing.heading(), "Some permissions are missing");
    assert!(missing.text.contains("not granted: Read, answer, hide and delete comments."), "{}", missing.text);
    // The retry link requests the permissions again, and this time all are granted.
    assert_eq!(browser.log_in(&app, &missing.button().unwrap(), "blue_bottle").await.status, 303);

    app.control("PATCH", "accounts/corner_bakery", json!({"role": "invited"})).await;
    let link = app.link(&Invite { name: None, ..app.invite("x") });
    assert_eq!(browser.log_in(&app, &link, "corner_bakery").await.heading(), TESTER);
    app.control("PATCH", "accounts/corner_bakery", json!({"role": "none"})).await;
    assert_eq!(
        browser.log_in(&app, &link, "corner_bakery").await.heading(),
        "This account has not been invited on Instagram"
    );
    app.inject_fault(InjectedFault::new(Code, FaultResponse::Truncated).after_processing()).await;
    assert_eq!(browser.log_in(&app, &link, "maya.makes").await.heading(), "Instagram is currently unavailable");
    app.inject_fault(InjectedFault::new(Me, FaultResponse::Oversized { bytes: 1_000_000 })).await;
    assert_eq!(browser.log_in(&app, &link, "maya.makes").await.heading(), "Unexpected response from Instagram");
}
