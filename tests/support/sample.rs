//! Documents to test with.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, Health, LastAttempt, Outcome, ProviderName, SCHEMA};
use evertoken_core::secrets::AccessToken;
use serde_json::Map;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// When the sample accounts were connected.
pub const ISSUED_AT: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

/// The account that the sample documents and the scripted provider are about.
pub const ACCOUNT_ID: &str = "17841405793187218";

/// An account's name.
pub fn name(text: &str) -> AccountName {
    text.parse().unwrap()
}

/// A healthy account, good for 60 days from [`ISSUED_AT`] on.
pub fn document(name: &str) -> Document {
    Document {
        schema: SCHEMA,
        provider: ProviderName::Instagram,
        name: self::name(name),
        account_id: ACCOUNT_ID.parse().unwrap(),
        app_scoped_id: "28978671838402975".parse().unwrap(),
        username: "blue_bottle".to_owned(),
        account_type: "BUSINESS".to_owned(),
        access_token: AccessToken::new("IGAA-first"),
        token_type: "bearer".to_owned(),
        scopes: std::iter::once("instagram_business_basic").collect(),
        connected_at: ISSUED_AT,
        issued_at: ISSUED_AT,
        expires_at: Some(ISSUED_AT + Duration::days(60)),
        data_access_expires_at: None,
        health: Health::healthy(),
        last_attempt: LastAttempt::succeeded(ISSUED_AT, Outcome::Connected),
        unknown: Map::new(),
    }
}

/// The same account with another token.
pub fn with_token(token: &str, document: &Document) -> Document {
    Document { access_token: AccessToken::new(token), ..document.clone() }
}
