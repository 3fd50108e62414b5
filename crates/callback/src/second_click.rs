//! Two requests of one login: a double click, or a browser that asks twice.
//!
//! Instagram takes a code once, so the second request is told that it was used. The browser shows the second one's answer
//! and has forgotten the first one. What the first one stored says which login stored it; the second one waits for that.

use std::time::Duration;

use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::login::outcome;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::Vault;

/// When it looks: after these times, three seconds in all. The first request's remaining calls take one or two.
const LOOKS: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(600),
    Duration::from_millis(800),
    Duration::from_millis(900),
];

/// What the first request stored; none if nothing came of it in time.
pub(crate) async fn first_ones_outcome<V: Vault>(vault: &V, state: &LoginState) -> Option<ConnectedAccount> {
    for wait in LOOKS {
        tokio::time::sleep(wait).await;
        // A vault that does not answer now may do so at the next look.
        if let Ok(Some(connected)) = outcome(vault, state).await {
            return Some(connected);
        }
    }
    None
}
