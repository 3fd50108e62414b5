//! Feeds altered and arbitrary text to the verification of Meta's `signed_request`. Only the signed text may be accepted.
#![no_main]

use std::sync::LazyLock;

use evertoken_core::app::App;
use evertoken_instagram::signed_request::verify;
use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;

const SIGNATURE: &str = "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w";
const PAYLOAD: &str = "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";

static APP: LazyLock<App> = LazyLock::new(|| App::new("1", "test-app-secret", &[]).expect("an app"));

fuzz_target!(|data: (u16, u8, &[u8])| {
    let (at, byte, arbitrary) = data;
    let valid = format!("{SIGNATURE}.{PAYLOAD}");
    let mut bytes = valid.clone().into_bytes();
    if arbitrary.is_empty() {
        let at = usize::from(at) % bytes.len();
        bytes[at] = byte;
    } else {
        bytes = arbitrary.to_vec();
    }
    let text = String::from_utf8_lossy(&bytes);
    // Padding and surrounding whitespace are allowed.
    if text.trim() == valid || text.trim() == format!("{SIGNATURE}=.{PAYLOAD}") {
        return;
    }
    assert!(verify(&APP, &text, OffsetDateTime::UNIX_EPOCH).is_err());
});
