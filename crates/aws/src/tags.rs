//! What can be seen of an account without reading its secret.

use aws_sdk_secretsmanager::types::Tag;
use evertoken_core::document::Document;

/// The professional account's id.
pub(crate) const ACCOUNT_ID: &str = "evertoken:account-id";

/// The person's id within the app.
pub(crate) const APP_SCOPED_ID: &str = "evertoken:app-scoped-id";

/// Longest value of a tag (AWS, "Tag").
const LONGEST: usize = 256;

/// The tags of an account's secret. Hints: they are set when the secret is made and when a login changes them; a refresh
/// that learns of a new user name leaves them, since tagging has a write quota and a delay of its own. The value is the truth.
pub(crate) fn of(document: &Document, stack: &str) -> Vec<Tag> {
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(fit(value)).build();
    vec![
        tag(ACCOUNT_ID, document.account_id.as_str()),
        tag(APP_SCOPED_ID, document.app_scoped_id.as_str()),
        tag("evertoken:username", &document.username),
        tag("evertoken:stack", stack),
    ]
}

/// Makes a text fit for a tag's value: letters, digits, white space and `+-=._:/@` (AWS, "Tagging your resources").
/// Instagram's user names are of letters, digits, dots and underscores; whatever else comes must not fail the login.
fn fit(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || "+-=._:/@ ".contains(c) { c } else { '_' }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_stay_and_nothing_else_breaks_a_tag() {
        assert_eq!(fit("blue.bottle_7"), "blue.bottle_7");
        assert_eq!(fit("a*b\n<c>"), "a_b__c_");
        assert_eq!(fit(&"x".repeat(300)).len(), 256);
    }
}
