//! Genuine signed texts, which a fuzzer cannot guess. An input names them by placeholders such as `{state}`.

use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::entropy::{Entropy, EntropyError};
use evertoken_core::invite::Invite;
use evertoken_core::login_state::LoginState;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::SigningKeys;
use time::OffsetDateTime;
use time::macros::datetime;

/// The time of every request.
pub const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

/// The key that signs every text, except for the signed request.
pub const SIGNING_KEY: &str = "a-signing-key-0123456789-abcdefghijk";

/// The app secret of the genuine signed request.
pub const APP_SECRET: &str = "test-app-secret";

/// The account that the genuine invite names.
pub const INVITED: &str = "shop-fr";

/// Bytes that are the same in every run, so that an input always means the same request.
#[derive(Clone, Copy, Debug)]
pub struct FixedEntropy;

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(7);
        Ok(())
    }
}

/// The placeholders and the texts that replace them.
pub fn signed_texts() -> Vec<(&'static str, String)> {
    let keys = SigningKeys::parse(SIGNING_KEY).expect("a key");
    let invite = Invite { name: Some(INVITED.parse().expect("a name")), ..Invite::new(datetime!(2090-01-01 0:00 UTC)) };
    let state = LoginState::start(Some(invite.clone()), NOW, &FixedEntropy).expect("bytes");
    let connected = ConnectedAccount {
        name: INVITED.parse().expect("a name"),
        account_id: "17841405793187218".parse().expect("an id"),
        username: "blue_bottle".to_owned(),
        expires_at: None,
        reconnected: false,
    };
    let receipt = keys.sign(&Receipt::new(&connected, &state, NOW));
    let cookie = |purpose: &str, value: &str| format!("__Host-evertoken-{purpose}-{}={value}", state.cookie_suffix());
    vec![
        ("{invite}", keys.sign(&invite)),
        ("{state}", keys.sign(&state)),
        ("{cookie}", cookie("login", &state.cookie_value(&keys))),
        ("{receipt_cookie}", cookie("login", &receipt)),
        ("{failed_cookie}", cookie("failed", &state.consumed_value(&keys))),
        ("{receipt}", receipt),
        ("{deletion}", Deletion { at: NOW, what: Deleted::Account }.code(&keys)),
        // Signed with `APP_SECRET`, for the `user_id` 218471. The payload is a line of Base64, so it is not split.
        (
            "{signed_request}",
            "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9"
                .to_owned(),
        ),
    ]
}
