//! The tags of an account's secret. They show the account without its token.

use aws_sdk_secretsmanager::types::Tag;
use evertoken_core::document::Document;

use crate::settings::VaultSettings;

pub(super) const ACCOUNT_ID: &str = "evertoken:account-id";

pub(super) const APP_SCOPED_ID: &str = "evertoken:app-scoped-id";

/// The person who connected the account through Facebook, who may have connected others too.
pub(super) const META_USER_ID: &str = "evertoken:meta-user-id";
/// The ids of an account that was replaced and could not be forgotten.
pub(super) const FORMER_ACCOUNT_ID: &str = "evertoken:former-account-id";

pub(super) const FORMER_APP_SCOPED_ID: &str = "evertoken:former-app-scoped-id";

/// The pack of an account whose secret is a copy. Without a value, the secret is no copy any more.
const MOVED_TO: &str = "evertoken:moved-to";

/// The maximum length of a tag's value (AWS, "Tag").
const MAX_LENGTH: usize = 256;

/// Builds the tags of an account's secret.
///
/// Tags are written with a new secret and when a login changes them. A refresh that finds a new username does not update
/// them, because tagging has a write quota and a delay of its own. The document is authoritative.
pub(super) fn of(document: &Document, settings: &VaultSettings) -> Vec<Tag> {
    let mut tags = vec![
        tag(ACCOUNT_ID, document.account_id.as_str()),
        tag(APP_SCOPED_ID, document.app_scoped_id.as_str()),
        tag("evertoken:username", &document.username),
    ];
    tags.extend(document.meta_user_id.as_ref().map(|id| tag(META_USER_ID, id.as_str())));
    tags.extend(document.moved_to().map(|moved_to| tag(MOVED_TO, &moved_to.pack)));
    tags.extend(settings.tags());
    tags
}

/// The pack that an account has moved to, if its secret is a copy.
pub(super) fn moved_to(tags: &[Tag]) -> Option<&str> {
    let tag = tags.iter().find(|tag| tag.key() == Some(MOVED_TO))?;
    tag.value().filter(|pack| !pack.is_empty())
}

/// The tags by which a replaced account is found that could not be forgotten.
pub(super) fn of_former(former: &Document) -> [Tag; 2] {
    [tag(FORMER_ACCOUNT_ID, former.account_id.as_str()), tag(FORMER_APP_SCOPED_ID, former.app_scoped_id.as_str())]
}

/// The same tags without a value.
pub(super) fn of_nobody() -> [Tag; 2] {
    [tag(FORMER_ACCOUNT_ID, ""), tag(FORMER_APP_SCOPED_ID, "")]
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(sanitize(value)).build()
}

/// Replaces characters that a tag's value cannot contain. Allowed are letters, digits, whitespace and `+-=._:/@` (AWS,
/// "Tagging your resources"). Instagram usernames consist of letters, digits, dots and underscores; an unexpected
/// character must not fail the login.
fn sanitize(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() || "+-=._:/@ ".contains(c) { c } else { '_' })
        .take(MAX_LENGTH)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sanitizes_and_truncates_tag_values() {
        assert_eq!(sanitize("blue.bottle_7"), "blue.bottle_7");
        assert_eq!(sanitize("a*b\n<c>"), "a_b__c_");
        assert_eq!(sanitize(&"x".repeat(300)).len(), 256);
    }
}
