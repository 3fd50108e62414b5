//! Parsing and encoding of documents.

use secrecy::ExposeSecret;
use serde_json::json;
use time::macros::datetime;

use super::*;
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::sample;

fn name() -> AccountName {
    "shop-de".parse().unwrap()
}

fn contract() -> Value {
    json!({
        "schema": 1, "provider": "instagram", "name": "shop-de",
        "account_id": "17841405793187218", "app_scoped_id": "28978671838402975",
        "username": "blue_bottle", "account_type": "BUSINESS",
        "access_token": "IGAA...", "token_type": "bearer", "scopes": ["instagram_business_basic"],
        "connected_at": "2026-11-22T05:00:00Z", "issued_at": "2026-11-22T05:00:00Z",
        "expires_at": "2027-01-21T05:00:00Z",
        "health": {"state": "healthy"},
        "last_attempt": {"at": "2026-12-12T05:00:00Z", "outcome": "refreshed", "failures": 0}
    })
}

#[test]
fn a_document_survives_a_round_trip_including_unknown_keys() {
    let mut value = contract();
    value["note"] = json!({"of": "the operator"});
    value["health"]["seen_by"] = json!("anna");
    let document = Document::decode(&name(), &value.to_string()).unwrap();
    let again: Value = serde_json::from_str(document.encode().expose_secret()).unwrap();
    assert_eq!(again, value);
}

#[test]
fn a_token_that_does_not_expire_has_a_null_expiry() {
    let mut document = sample::document("shop-de", datetime!(2026-11-22 05:00 UTC));
    document.expires_at = None;
    let json = document.encode();
    assert!(json.expose_secret().contains(r#""expires_at":null"#));
    assert_eq!(Document::decode(&name(), json.expose_secret()), Ok(document));
}

#[test]
fn a_renewal_ends_the_assumption_about_the_expiry() {
    let assumed = Document { expires_at_assumed: true, ..sample::document("shop-de", datetime!(2026-11-22 05:00 UTC)) };
    let json = assumed.encode();
    assert!(json.expose_secret().contains(r#""expires_at_assumed":true"#));
    assert_eq!(Document::decode(&name(), json.expose_secret()), Ok(assumed.clone()));
    let token = LongLivedToken {
        token: AccessToken::new("IGAAnew"),
        token_type: "bearer".to_owned(),
        expires_in: time::Duration::days(60),
    };
    let renewed = assumed.with_token(token, datetime!(2026-11-23 05:00 UTC));
    assert!(!renewed.expires_at_assumed && !renewed.encode().expose_secret().contains("assumed"));
}

#[test]
fn errors_name_the_problem_and_never_quote_the_value() {
    let field = |path: &str| DocumentError::Field { path: path.to_owned() };
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = contract();
        change(&mut value);
        value.to_string()
    };
    let cases = [
        ("hunter2".to_owned(), DocumentError::NotJson),
        (r#""hunter2""#.to_owned(), DocumentError::Foreign),
        (r#"{"password":"hunter2"}"#.to_owned(), DocumentError::Foreign),
        (with(&|v| v["schema"] = json!(2)), DocumentError::UnknownSchema { found: "2".to_owned() }),
        (
            with(&|v| v["schema"] = json!("hunter2")),
            DocumentError::UnknownSchema { found: "(not a number)".to_owned() },
        ),
        (with(&|v| v["access_token"] = json!(7)), field("access_token")),
        (with(&|v| v["access_token"] = json!("")), field("access_token")),
        (with(&|v| v["expires_at"] = json!("hunter2")), field("expires_at")),
        (with(&|v| v["health"] = json!({"state": "hunter2"})), field("health.state")),
        (with(&|v| drop(v.as_object_mut().unwrap().remove("scopes"))), field("scopes")),
        (with(&|v| v["name"] = json!("other")), DocumentError::OtherName { found: "other".parse().unwrap() }),
    ];
    for (json, expected) in cases {
        let error = Document::decode(&name(), &json).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(error, expected);
    }
}

/// Strangers choose the name of a page, for example, and commands print it.
#[test]
fn hidden_characters_in_every_shown_text_are_replaced_by_their_codes() {
    let mut value = contract();
    for key in ["username", "account_type", "token_type", "page_name"] {
        value[key] = json!("a\u{202e}b");
    }
    value["health"] = json!({"state": "attention", "message": "a\u{202e}b"});
    let document = Document::decode(&name(), &value.to_string()).unwrap();
    let Document { username, account_type, token_type, page_name, health, .. } = document;
    let shown = [username, account_type, token_type, page_name.unwrap(), health.message.unwrap()];
    assert!(shown.iter().all(|text| text == "a\\u{202e}b"), "{shown:?}");
}

#[test]
fn an_account_works_until_its_token_or_its_access_to_data_ends() {
    let (sooner, later) = (datetime!(2027-01-21 05:00 UTC), datetime!(2027-02-20 05:00 UTC));
    for (expires_at, data_access_expires_at, deadline) in [
        (Some(sooner), Some(later), Some(sooner)),
        (Some(later), Some(sooner), Some(sooner)),
        (Some(later), None, Some(later)),
        (None, Some(later), Some(later)),
        (None, None, None),
    ] {
        let document = Document { expires_at, data_access_expires_at, ..sample::document("shop-de", sooner) };
        assert_eq!(document.deadline(), deadline, "{expires_at:?} {data_access_expires_at:?}");
    }
}

#[test]
fn debug_output_contains_no_token() {
    let document = sample::document("shop-de", datetime!(2026-11-22 05:00 UTC));
    assert!(!format!("{document:?}").contains("IGAA"));
}

#[test]
fn a_state_that_lasts_keeps_its_beginning_and_a_new_one_starts_now() {
    let failure = ProviderError::new(ProviderErrorKind::Checkpoint);
    let (first, later) = (datetime!(2026-12-01 05:00 UTC), datetime!(2026-12-02 05:00 UTC));
    let mut attention = Health::healthy().worsened(HealthState::Attention, &failure, first);
    attention.announced_at = Some(first);
    let lasting = attention.worsened(HealthState::Attention, &failure, later);
    assert_eq!((lasting.since, lasting.announced_at), (Some(first), Some(first)));
    let worse = attention.worsened(HealthState::LoginRequired, &failure, later);
    assert_eq!((worse.since, worse.announced_at), (Some(later), None));
    let attempt = LastAttempt::succeeded(first, Outcome::Refreshed).failed(first, Outcome::Failed);
    assert_eq!((attempt.failures, attempt.failed(later, Outcome::Failed).failures), (1, 2));
}
