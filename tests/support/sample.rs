//! Sample account documents.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::sample;
use evertoken_core::secrets::AccessToken;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The time at which the sample accounts were connected.
pub const ISSUED_AT: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

/// The account ID of the sample documents and the scripted provider.
pub const ACCOUNT_ID: &str = "17841405793187218";

/// Parses an account name.
pub fn name(text: &str) -> AccountName {
    text.parse().unwrap()
}

/// Returns the document of a healthy account whose token was issued at [`ISSUED_AT`] and is valid for 60 days.
pub fn document(name: &str) -> Document {
    Document { access_token: AccessToken::new("IGAA-first"), ..sample::document(name, ISSUED_AT) }
}

/// Returns a copy of the document with another token.
pub fn with_token(token: &str, document: &Document) -> Document {
    Document { access_token: AccessToken::new(token), ..document.clone() }
}

/// Returns the JSON document of a healthy account that was connected at `connected_at`.
pub fn document_json(name: &str, token: &str, connected_at: OffsetDateTime) -> Value {
    let text = |time: OffsetDateTime| time.format(&time::format_description::well_known::Rfc3339).unwrap();
    json!({
        "schema": 1,
        "provider": "instagram",
        "name": name,
        "account_id": "17841405793187218",
        "app_scoped_id": "27640875392278831",
        "username": "blue_bottle",
        "account_type": "BUSINESS",
        "access_token": token,
        "token_type": "bearer",
        "scopes": ["instagram_business_basic"],
        "connected_at": text(connected_at),
        "issued_at": text(connected_at),
        "expires_at": text(connected_at + Duration::days(60)),
        "health": {"state": "healthy"},
        "last_attempt": {"at": text(connected_at), "outcome": "connected", "failures": 0},
    })
}

/// Returns a well-formed `signed_request` whose signature matches no app secret.
pub fn forged_signed_request() -> String {
    let payload = URL_SAFE_NO_PAD.encode(r#"{"algorithm":"HMAC-SHA256","user_id":"17841400000000001"}"#);
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode([0; 32]))
}
