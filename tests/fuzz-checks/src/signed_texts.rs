//! Genuine signed texts, which a fuzzer cannot guess. An input names them by placeholders such as `{state}`.

use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::document::ProviderName;
use evertoken_core::entropy::{Entropy, EntropyError};
use evertoken_core::invite::Invite;
use evertoken_core::login_state::{LIFETIME, LoginState};
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::SigningKeys;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::provider::token;

/// The time of every request.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

/// The key that signs every text, except for the signed request.
pub(crate) const SIGNING_KEY: &str = "a-signing-key-0123456789-abcdefghijk";

/// The app secret of the genuine signed request.
pub(crate) const APP_SECRET: &str = "test-app-secret";

/// When Meta signed the genuine signed request.
pub(crate) const SIGNED_AT: OffsetDateTime = datetime!(2010-12-08 19:33:20 UTC);

/// The account that the genuine invite names.
pub(crate) const INVITED: &str = "shop-fr";

/// Bytes that are the same in every run, so that an input always means the same request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedEntropy;

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(7);
        Ok(())
    }
}

/// The genuine signed texts and their placeholders.
#[derive(Debug)]
pub(crate) struct SignedTexts(Vec<(&'static str, String)>);

impl SignedTexts {
    pub(crate) fn new() -> Self {
        let keys = SigningKeys::parse(SIGNING_KEY).expect("a key");
        let invite =
            Invite { name: Some(INVITED.parse().expect("a name")), ..Invite::new(datetime!(2090-01-01 0:00 UTC)) };
        let state = LoginState::start(Some(invite.clone()), NOW, &FixedEntropy).expect("bytes");
        let connected = ConnectedAccount {
            name: INVITED.parse().expect("a name"),
            account_id: "17841405793187218".parse().expect("an id"),
            username: "blue_bottle".to_owned(),
            expires_at: None,
            cohort: None,
            reconnected: false,
        };
        let receipt = keys.sign(&Receipt::new(&connected, &state, NOW));
        let invite = keys.sign(&invite);
        let (tag, failed_tag) = (state.cookie_value(&keys), state.consumed_value(&keys));
        let cookie_name = |purpose: &str| format!("__Host-evertoken-{purpose}-{}", state.cookie_suffix());
        let (login, failed, choice) = (cookie_name("login"), cookie_name("failed"), cookie_name("choice"));
        // The invite of a login through Facebook allows several accounts.
        let mut facebook_state = state.clone();
        facebook_state.provider = ProviderName::Facebook;
        facebook_state.invite = state.invite.clone().map(|invite| Invite { many_accounts: true, ..invite });
        let waiting = format!("{} {}", (NOW + LIFETIME).unix_timestamp(), token().token.expose());
        let sealed = keys.seal("choice", facebook_state.login_id().as_str(), &waiting, &FixedEntropy).expect("bytes");
        let facebook_tag = facebook_state.cookie_value(&keys);
        let facebook_state = keys.sign(&facebook_state);
        Self(vec![
            ("{cookie}", format!("{login}={tag}.{invite}")),
            ("{receipt_cookie}", format!("{login}={receipt}")),
            ("{failed_cookie}", format!("{failed}={failed_tag}.{invite}")),
            ("{facebook_cookie}", format!("{login}={facebook_tag}")),
            ("{choice_cookie}", format!("{choice}={sealed}.{facebook_state}")),
            ("{choice_name}", choice),
            ("{sealed_token}", sealed),
            ("{facebook_tag}", facebook_tag),
            ("{facebook_state}", facebook_state),
            ("{cookie_name}", login),
            ("{failed_name}", failed),
            ("{cookie_tag}", tag),
            ("{failed_tag}", failed_tag),
            ("{invite}", invite),
            ("{state}", keys.sign(&state)),
            ("{receipt}", receipt),
            ("{deletion}", Deletion { at: NOW, what: Deleted::Account }.code(&keys)),
            // Signed with `APP_SECRET`, for the `user_id` 218471. The payload is a line of Base64, so it is not split.
            (
                "{signed_request}",
                "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9"
                    .to_owned(),
            ),
        ])
    }

    /// The text of a placeholder.
    pub(crate) fn get(&self, placeholder: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == placeholder).map(|(_, text)| text.as_str()).expect("a placeholder")
    }

    /// Replaces the placeholders.
    pub(crate) fn fill_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (placeholder, signed)| text.replace(placeholder, signed))
    }

    /// Replaces the placeholders if the bytes are UTF-8.
    pub(crate) fn fill_in_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        std::str::from_utf8(bytes).map_or_else(|_| bytes.to_vec(), |text| self.fill_in(text).into_bytes())
    }
}
