//! A second request to `/callback` for the same login that reaches another process: a double click, or a browser that
//! repeats a request.
//!
//! Instagram accepts a code once and rejects the second request, and the browser only shows the second response. The account
//! that the first request stores records which login stored it, so the second request waits for that account. A process
//! waits once per login ([`SeenLogins`](crate::seen_logins::SeenLogins)).

use std::time::Duration;

use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::login::outcome;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::Vault;

/// The waits before each attempt: two seconds in total. When Instagram rejects the second request, the first one has two
/// calls to Instagram and one write left, which take one to two seconds.
const DELAYS: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(600),
    Duration::from_millis(700),
];

/// The account that the first request stored; `None` if it stored none within two seconds.
pub(crate) async fn wait_for_first_request<V: Vault>(vault: &V, state: &LoginState) -> Option<ConnectedAccount> {
    for delay in DELAYS {
        tokio::time::sleep(delay).await;
        // If the vault fails now, the next attempt may succeed.
        if let Ok(Some(connected)) = outcome(vault, state).await {
            return Some(connected);
        }
    }
    None
}
