//! `evertoken debug`.

use std::sync::{Arc, Mutex};

use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use evertoken_sandbox::Endpoint;
use evertoken_tests::faults;
use evertoken_tests::test_cli::{self, CommandRun, TestCli};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Ten days, plus an hour so that a slow test does not change the number of whole days.
const TEN_DAYS: Duration = Duration::hours(241);

/// Replaces dates, which change from run to run, with a placeholder.
fn redact_dates(run: &CommandRun) -> String {
    let is_date = |word: &str| word.bytes().filter(u8::is_ascii_digit).count() == 8 && word.matches('-').count() == 2;
    let line = |line: &str| {
        line.split(' ').map(|word| if is_date(word) { "DATE" } else { word }).collect::<Vec<_>>().join(" ")
    };
    run.stdout.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn debug_explains_a_stored_token() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("my-shop", TEN_DAYS).await;
        let run = cli.run(&["debug", "my-shop"]).await.expect_code(0);
        insta::assert_snapshot!("a_stored_token", redact_dates(&run));
        let report = cli.run(&["--json", "debug", "my-shop"]).await.expect_code(0).json();
        assert_eq!((&report["valid"], &report["family"]), (&true.into(), &"instagram_login".into()));
        assert_eq!((&report["days_left"], &report["stored_as"]), (&49.into(), &"my-shop".into()));
        assert_eq!(report["scopes"][0], "instagram_business_basic");
    }
}

#[tokio::test]
async fn debug_explains_why_instagram_rejects_a_token() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", TEN_DAYS).await;
    cli.instagram().revoke("blue_bottle").await;
    let run = cli.run(&["debug", "my-shop"]).await.expect_code(3);
    let shown = redact_dates(&run).replace(cli.dir().to_str().unwrap(), "DIR");
    insta::assert_snapshot!("a_revoked_token", shown);
    let report = cli.run(&["--json", "debug", "my-shop"]).await.expect_code(3).json();
    assert_eq!((&report["problem"]["code"], &report["problem"]["subcode"]), (&190.into(), &458.into()));
    assert_eq!(report["problem"]["kind"], "login_required");
}

#[tokio::test]
async fn debug_recognizes_a_pasted_token_that_is_stored() {
    for cli in TestCli::for_each_vault().await {
        let token = cli.instagram().token("blue_bottle", Duration::days(10)).await;
        let run = cli.run_with_stdin(&["debug"], &format!("'{token}'\n")).await.expect_code(0);
        assert!(
            run.stdout.contains("@blue_bottle, BUSINESS") && run.stdout.contains("evertoken import NAME"),
            "{run:?}"
        );
        assert!(run.stderr.contains("quotes"), "{run:?}");
        let issued = (OffsetDateTime::now_utc() - Duration::days(10)).date().to_string();
        cli.run_with_stdin(&["import", "my-shop", "--issued", &issued], &token).await.expect_code(0);
        let report = cli.run_with_stdin(&["--json", "debug"], &token).await.expect_code(0).json();
        assert_eq!(report["stored_as"], "my-shop");
    }
}

#[tokio::test]
async fn debug_identifies_a_facebook_login_token() {
    let cli = TestCli::with_file_vault().await;
    let report =
        cli.run_with_stdin(&["--json", "debug"], "EAABsbCS1iHgBAkZCZBtoken0123456789").await.expect_code(3).json();
    assert_eq!((&report["valid"], &report["family"]), (&false.into(), &"facebook_login".into()));
    assert!(report["next"].as_str().unwrap().contains("Facebook Login"), "{report}");
}

/// Facebook's token debugger. Keeps the `Authorization` header and the query of each request.
async fn facebook(answer: Value) -> (String, Arc<Mutex<Vec<(String, String)>>>) {
    let requests: Arc<Mutex<Vec<_>>> = Arc::default();
    let seen = Arc::clone(&requests);
    let debug_token = move |headers: HeaderMap, RawQuery(query): RawQuery| async move {
        let authorization = headers["authorization"].to_str().unwrap().to_owned();
        let asked_by_app = authorization.contains('|');
        seen.lock().unwrap().push((authorization, query.unwrap()));
        match answer.get(if asked_by_app { "app" } else { "token" }) {
            Some(data) => (StatusCode::OK, Json(json!({"data": data}))),
            None => (StatusCode::BAD_REQUEST, Json(json!({"error": {"code": 100, "message": "m", "type": "t"}}))),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let account = json!({"id": "17841405793187299", "username": "my_shop"});
    let page = json!({"id": "100641205793199", "name": "My Shop", "instagram_business_account": account});
    let router = Router::new()
        .route("/v26.0/debug_token", get(debug_token))
        .route("/v26.0/me", get(move || async { Json(page) }))
        .route("/v26.0/17841405793187299", get(move || async { Json(account) }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (origin, requests)
}

const FACEBOOK_TOKEN: &str = "EAABsbCS1iHgBAkZCZBtoken0123456789";

fn page_token() -> Value {
    json!({"is_valid": true, "type": "PAGE", "app_id": "555", "application": "My Shop", "expires_at": 0,
        "issued_at": 1_795_165_200, "data_access_expires_at": 1_802_941_200,
        "scopes": ["instagram_basic", "pages_show_list"]})
}

#[tokio::test]
async fn debug_asks_facebook_about_a_facebook_login_token_with_the_meta_app() {
    let (origin, requests) = facebook(json!({"app": page_token()})).await;
    let app = json!({"app_id": "123", "app_secret": "0123456789abcdef0123456789abcdef", "meta_app_id": "555",
        "meta_app_secret": "fedcba9876543210fedcba9876543210"});
    let app = app.to_string();
    let variables = [("EVERTOKEN_FACEBOOK_GRAPH_URL", origin.as_str()), ("EVERTOKEN_APP_SECRET", &app)];
    let cli = TestCli::with_file_vault().await.with_variables(&variables);
    cli.scanner().register_secret("the Facebook token", FACEBOOK_TOKEN);
    cli.scanner().register_secret("the Meta app secret", "fedcba9876543210fedcba9876543210");
    let run = cli.run_with_stdin(&["--debug", "debug"], FACEBOOK_TOKEN).await.expect_code(0);
    let shown = run.stdout.replace(cli.dir().to_str().unwrap(), "DIR");
    insta::assert_snapshot!("a_facebook_login_token", shown);
    let asked = requests.lock().unwrap().clone();
    assert!(!asked.is_empty());
    for (authorization, query) in asked {
        assert_eq!(authorization, "Bearer 555|fedcba9876543210fedcba9876543210");
        let input = format!("input_token={FACEBOOK_TOKEN}&appsecret_proof=");
        assert!(query.starts_with(&input) && query.len() == input.len() + 64, "{query}");
    }
    let report = cli.run_with_stdin(&["--json", "debug"], FACEBOOK_TOKEN).await.expect_code(0).json();
    assert_eq!((&report["valid"], &report["facebook"]["valid"]), (&true.into(), &true.into()));
    assert_eq!((&report["username"], &report["account_id"]), (&"my_shop".into(), &"17841405793187299".into()));
    assert_eq!((&report["facebook"]["type"], &report["scopes"][1]), (&"PAGE".into(), &"pages_show_list".into()));
}

#[tokio::test]
async fn debug_asks_with_the_token_itself_without_a_meta_app_or_if_that_is_refused() {
    let (origin, requests) =
        facebook(json!({"token": {"is_valid": false, "error": {"code": 190, "subcode": 460}}})).await;
    let variables = [("EVERTOKEN_FACEBOOK_GRAPH_URL", origin.as_str())];
    let cli = TestCli::with_file_vault().await.with_variables(&variables);
    let run = cli.run_with_stdin(&["debug"], FACEBOOK_TOKEN).await.expect_code(3);
    assert!(run.stdout.contains("At Facebook    not valid (code 190, subcode 460)"), "{run:?}");
    assert_eq!(requests.lock().unwrap().len(), 1);
    let app = r#"{"app_id":"1","app_secret":"a","meta_app_id":"555","meta_app_secret":"b"}"#;
    let cli = cli.with_variables(&[("EVERTOKEN_APP_SECRET", app)]);
    cli.run_with_stdin(&["debug"], FACEBOOK_TOKEN).await.expect_code(3);
    let asked: Vec<_> = requests.lock().unwrap().iter().skip(1).map(|(by, _)| by.clone()).collect();
    assert_eq!(asked, ["Bearer 555|b".to_owned(), format!("Bearer {FACEBOOK_TOKEN}")]);
}

#[tokio::test]
async fn what_debug_cannot_know_has_a_reason() {
    let cli = TestCli::with_file_vault().await;
    // The debugger rejects the token, with which it is asked.
    let run = cli.run_with_stdin(&["debug"], FACEBOOK_TOKEN).await.expect_code(3);
    assert!(
        run.stdout.contains("At Facebook    not known: Facebook did not tell (the app secret has no meta_app_id"),
        "{run:?}"
    );
    let token = cli.instagram().token("blue_bottle", Duration::days(10)).await;
    let run = cli.run_with_stdin(&["debug"], &token).await.expect_code(0);
    insta::assert_snapshot!("a_pasted_token", run.stdout.replace(cli.dir().to_str().unwrap(), "DIR"));
    assert!(!run.stdout.contains("unknown"), "{run:?}");
    let report = cli.run_with_stdin(&["--json", "debug"], &token).await.expect_code(0).json();
    for key in ["scopes", "issued_at", "expires_at", "facebook"] {
        assert!(report["not_known"][key].is_string(), "{key}: {report}");
    }
    let run = test_cli::run(&["debug"], &cli.environment(), &token).await.expect_code(0);
    assert!(run.stdout.contains("Stored as      not known: no vault is selected"), "{run:?}");
    cli.instagram().inject_fault(faults::service_unavailable(Endpoint::Me)).await;
    let run = cli.run_with_stdin(&["debug"], &token).await.expect_code(1);
    assert!(run.stdout.starts_with("Valid          not known: Instagram"), "{run:?}");
}

#[tokio::test]
async fn debug_refuses_an_address_of_facebook_that_is_not_https() {
    for wrong in ["http://graph.example", "graph", "https://graph.facebook.com/v26.0", "javascript:alert(1)"] {
        let cli = TestCli::with_file_vault().await.with_variables(&[("EVERTOKEN_FACEBOOK_GRAPH_URL", wrong)]);
        let run = cli.run_with_stdin(&["debug"], FACEBOOK_TOKEN).await.expect_code(2);
        assert!(run.stderr.contains("EVERTOKEN_FACEBOOK_GRAPH_URL is "), "{run:?}");
    }
}

#[tokio::test]
async fn debug_reaches_no_verdict_while_instagram_is_down() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", TEN_DAYS).await;
    cli.instagram().inject_fault(faults::service_unavailable(Endpoint::Me)).await;
    let report = cli.run(&["--json", "debug", "my-shop"]).await.expect_code(1).json();
    assert_eq!(report["valid"], Value::Null);
    let run = cli.run(&["debug", "nobody"]).await.expect_code(1);
    assert!(run.stderr.contains("there is no account nobody"), "{run:?}");
}
