//! Feeds altered and arbitrary text to the verification of Meta's `signed_request`. Only the signed text may be accepted.

use std::sync::LazyLock;

use evertoken_core::app::App;
use evertoken_instagram::signed_request::verify;
use time::OffsetDateTime;

use crate::altered::with_byte;

const SIGNATURE: &str = "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w";
const PAYLOAD: &str = "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";

static APP: LazyLock<App> = LazyLock::new(|| App::new("1", "test-app-secret", &[]).expect("an app"));

/// Checks a text: arbitrary, or a position in the genuine text and a byte to put there. Returns whether it was accepted.
pub fn check(data: &[u8]) -> bool {
    let genuine = format!("{SIGNATURE}.{PAYLOAD}");
    let bytes = if let [low, high, byte] = data { with_byte(&genuine, [*low, *high], *byte) } else { data.to_vec() };
    let text = String::from_utf8_lossy(&bytes);
    let accepted = verify(&APP, &text, OffsetDateTime::UNIX_EPOCH).is_ok();
    // Padding and surrounding whitespace are allowed.
    let is_genuine = text.trim() == genuine || text.trim() == format!("{SIGNATURE}=.{PAYLOAD}");
    assert_eq!(accepted, is_genuine, "{text}");
    accepted
}
