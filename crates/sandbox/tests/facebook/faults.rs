//! Faults and counters.

use evertoken_sandbox::{ControlError, Endpoint, FaultResponse, InjectedFault};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::facebook::person_sandbox::{BLUE_BOTTLE, PAGE, PersonSandbox};

async fn request(facebook: &PersonSandbox, endpoint: Endpoint, token: &str) -> Response {
    match endpoint {
        Endpoint::FacebookDialog => facebook.sandbox.get("/v26.0/dialog/oauth", &[]).await,
        Endpoint::FacebookToken => facebook.extend(token).await,
        Endpoint::FacebookMe => facebook.call("/me", token, &[]).await,
        Endpoint::FacebookAccounts => facebook.call("/me/accounts", token, &[]).await,
        Endpoint::FacebookBusinesses => facebook.call("/me/businesses", token, &[]).await,
        Endpoint::FacebookPage => facebook.call(&format!("/{PAGE}"), token, &[]).await,
        Endpoint::FacebookAccount => facebook.call(&format!("/{BLUE_BOTTLE}"), token, &[]).await,
        Endpoint::FacebookMedia => facebook.call(&format!("/{BLUE_BOTTLE}/media"), token, &[]).await,
        Endpoint::FacebookDebug => facebook.call("/debug_token", token, &[("input_token", token)]).await,
        other => panic!("{other:?}"),
    }
}

const ENDPOINTS: [(Endpoint, &str); 9] = [
    (Endpoint::FacebookDialog, "facebook_dialog"),
    (Endpoint::FacebookToken, "facebook_token"),
    (Endpoint::FacebookMe, "facebook_me"),
    (Endpoint::FacebookAccounts, "facebook_accounts"),
    (Endpoint::FacebookBusinesses, "facebook_businesses"),
    (Endpoint::FacebookPage, "facebook_page"),
    (Endpoint::FacebookAccount, "facebook_account"),
    (Endpoint::FacebookMedia, "facebook_media"),
    (Endpoint::FacebookDebug, "facebook_debug"),
];

#[tokio::test]
async fn every_endpoint_accepts_faults_and_is_counted() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "user").await;
    for (endpoint, name) in ENDPOINTS {
        let down = FaultResponse::status(StatusCode::SERVICE_UNAVAILABLE);
        facebook.sandbox.inject(InjectedFault::new(endpoint, down)).await;
        let failed = request(&facebook, endpoint, &token).await;
        assert_eq!(failed.status(), 503, "{name}");
        let body: Value = failed.json().await.unwrap();
        assert_eq!((&body["error"]["code"], &body["error"]["is_transient"]), (&json!(2), &json!(true)), "{name}");
        let status = request(&facebook, endpoint, &token).await.status();
        assert_eq!(status, if endpoint == Endpoint::FacebookDialog { 400 } else { 200 }, "{name}");
        assert_eq!(facebook.sandbox.counted(name, "fault_status").await, 1, "{name}");
    }
    let counters = facebook.sandbox.control(Method::GET, "/_sandbox/counters", json!({})).await;
    assert!(!counters.to_string().contains(&token));
}

#[tokio::test]
async fn a_fault_can_apply_to_one_person_or_account() {
    let facebook = PersonSandbox::start().await;
    let fault = |endpoint, who: &str| {
        InjectedFault::new(endpoint, FaultResponse::status(StatusCode::BAD_GATEWAY)).for_account(who).always()
    };
    facebook.sandbox.inject(fault(Endpoint::FacebookAccounts, "three_pages")).await;
    facebook.sandbox.inject(fault(Endpoint::FacebookAccount, "corner_bakery")).await;
    facebook.sandbox.inject(fault(Endpoint::FacebookDebug, "10229384756102933")).await;
    let (mine, theirs) = (facebook.token("one_page", "user").await, facebook.token("three_pages", "user").await);
    for (token, status) in [(&mine, 200), (&theirs, 502)] {
        for endpoint in [Endpoint::FacebookAccounts, Endpoint::FacebookDebug] {
            assert_eq!(request(&facebook, endpoint, token).await.status(), status);
        }
        assert_eq!(request(&facebook, Endpoint::FacebookAccount, token).await.status(), 200);
    }
    assert_eq!(facebook.call("/17841405793187219", &theirs, &[]).await.status(), 502);
    let nobodys = fault(Endpoint::FacebookMe, "nobody");
    let rejection = facebook.sandbox.handle.inject_fault(nobodys);
    assert_eq!(rejection, Err(ControlError::UnknownAccount("nobody".to_owned())));
}

#[tokio::test]
async fn a_lost_response_of_the_exchange_has_used_the_code() {
    let facebook = PersonSandbox::start().await;
    let code = facebook.code(&PersonSandbox::consent("one_page", &[PAGE])).await;
    let fault = InjectedFault::new(Endpoint::FacebookToken, FaultResponse::InvalidJson).after_processing();
    facebook.sandbox.inject(fault).await;
    assert!(facebook.get_token(&PersonSandbox::exchange(&code)).await.json::<Value>().await.is_err());
    let again: Value = facebook.get_token(&PersonSandbox::exchange(&code)).await.json().await.unwrap();
    assert_eq!(again["error"]["error_subcode"], 36009);
}

#[tokio::test]
async fn the_rate_limit_is_code_4_with_the_apps_usage() {
    let facebook = PersonSandbox::start().await;
    let token = facebook.token("one_page", "user").await;
    let limited = json!({"endpoint": "facebook_accounts", "answer": {"kind": "rate_limit", "status": 400}});
    facebook.sandbox.control(Method::POST, "/_sandbox/faults", limited).await;
    let response = facebook.call("/me/accounts", &token, &[]).await;
    assert!(response.headers().contains_key("x-app-usage"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], 4);
}
