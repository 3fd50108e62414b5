//! Feeds altered and arbitrary text to the parsers of invites, states, receipts, cookies and deletion codes. Only text
//! that was signed may be accepted.

use std::sync::LazyLock;

use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::Invite;
use evertoken_core::login_state::LoginState;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::SigningKeys;
use time::macros::datetime;

use crate::altered::with_byte;

const NOW: time::OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

struct SignedTexts {
    keys: SigningKeys,
    state: LoginState,
    /// A valid invite, state, cookie, cookie of a consumed login, and deletion code.
    texts: [String; 5],
}

static SIGNED_TEXTS: LazyLock<SignedTexts> = LazyLock::new(|| {
    let keys =
        SigningKeys::parse(r#"{"keys":["newest-key-0123456789-abcdefghijk","oldest-key-0123456789-abcdefghijk"]}"#);
    let keys = keys.expect("two keys");
    let state = LoginState::start(None, NOW, &SystemEntropy).expect("randomness");
    let texts = [
        keys.sign(&Invite::new(datetime!(2090-01-01 0:00 UTC))),
        keys.sign(&state),
        state.cookie_value(&keys),
        state.consumed_value(&keys),
        Deletion { at: NOW, what: Deleted::Account }.code(&keys),
    ];
    SignedTexts { keys, state, texts }
});

/// Checks a text: arbitrary, or a number of a genuine text, a position and a byte to put there. Returns whether the text is
/// genuine.
pub fn check(data: &[u8]) -> bool {
    let SignedTexts { keys, state, texts } = &*SIGNED_TEXTS;
    let bytes = if let [which, low, high, byte] = data {
        with_byte(&texts[usize::from(*which) % texts.len()], [*low, *high], *byte)
    } else {
        data.to_vec()
    };
    let text = String::from_utf8_lossy(&bytes);
    let accepted = [
        keys.verify::<Invite>(&text, NOW).is_ok(),
        keys.verify::<LoginState>(&text, NOW).is_ok(),
        state.is_bound_to(&text, keys),
        state.is_consumed_by(&text, keys),
        Deletion::read(&text, keys).is_some(),
    ];
    assert!(keys.verify::<Receipt>(&text, NOW).is_err(), "no receipt was signed");
    assert_eq!(keys.open::<LoginState>(&text).is_some(), accepted[1]);
    // Each genuine text is accepted for its own purpose only.
    assert_eq!(accepted, texts.each_ref().map(|genuine| *genuine == text));
    accepted.contains(&true)
}
