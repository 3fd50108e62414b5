//! A sample document for tests.

use time::{Duration, OffsetDateTime};

use crate::document::{Document, Health, LastAttempt, Outcome, ProviderName, SCHEMA, VersionId, Versioned};
use crate::secrets::AccessToken;

/// A healthy account that was connected at `issued_at`, with a token that is valid for 60 days.
///
/// # Panics
///
/// If `name` is not a valid account name.
#[expect(clippy::unwrap_used, reason = "for tests only: a wrong name should fail the test")]
#[must_use]
pub fn document(name: &str, issued_at: OffsetDateTime) -> Document {
    Document {
        schema: SCHEMA,
        provider: ProviderName::Instagram,
        name: name.parse().unwrap(),
        account_id: "17841405793187218".parse().unwrap(),
        app_scoped_id: "28978671838402975".parse().unwrap(),
        username: "blue_bottle".to_owned(),
        account_type: "BUSINESS".to_owned(),
        access_token: AccessToken::new("IGAA-sample"),
        token_type: "bearer".to_owned(),
        scopes: std::iter::once("instagram_business_basic").collect(),
        connected_at: issued_at,
        issued_at,
        expires_at: Some(issued_at + Duration::days(60)),
        expires_at_assumed: false,
        data_access_expires_at: None,
        token_kind: None,
        page_id: None,
        page_name: None,
        meta_user_id: None,
        reminded_days: None,
        health: Health::healthy(),
        last_attempt: LastAttempt::succeeded(issued_at, Outcome::Connected),
        unknown: serde_json::Map::new(),
    }
}

/// A document in a secret of its own.
#[must_use]
pub fn versioned(document: Document) -> Versioned {
    Versioned { version: VersionId::new("1"), document, cohort: None }
}
