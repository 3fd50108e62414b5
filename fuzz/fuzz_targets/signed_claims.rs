//! Feeds altered and arbitrary text to the parsers of invites, states, receipts, cookies and deletion codes. Only text
//! that was signed may be accepted.
#![no_main]

use std::sync::LazyLock;

use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::Invite;
use evertoken_core::login_state::LoginState;
use evertoken_core::receipt::Receipt;
use evertoken_core::signing::SigningKeys;
use libfuzzer_sys::fuzz_target;
use time::macros::datetime;

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

fuzz_target!(|data: (u8, u16, u8, &[u8])| {
    let (which, at, byte, arbitrary) = data;
    let SignedTexts { keys, state, texts } = &*SIGNED_TEXTS;
    // Either a valid text with one byte changed, or arbitrary text.
    let mut bytes = texts[usize::from(which) % texts.len()].clone().into_bytes();
    if arbitrary.is_empty() {
        let at = usize::from(at) % bytes.len();
        bytes[at] = byte;
    } else {
        bytes = arbitrary.to_vec();
    }
    let text = String::from_utf8_lossy(&bytes);
    if texts.iter().any(|valid| *valid == text) {
        return;
    }
    assert!(keys.verify::<Invite>(&text, NOW).is_err());
    assert!(keys.verify::<LoginState>(&text, NOW).is_err());
    assert!(keys.open::<LoginState>(&text).is_none());
    assert!(keys.verify::<Receipt>(&text, NOW).is_err());
    assert!(!state.is_bound_to(&text, keys) && !state.is_consumed_by(&text, keys));
    assert!(Deletion::read(&text, keys).is_none());
});
