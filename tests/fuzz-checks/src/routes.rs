//! Sends arbitrary requests to the real router. None may cause a panic or a server error. Only requests with genuine signed
//! texts may start a login, connect an account or remove one.

use std::sync::LazyLock;

use axum::http::StatusCode;
use evertoken_core::vault::{AccountStore, MemoryVault};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::input::Input;
use crate::service::{STORED, router, vault};
use crate::signed_texts::INVITED;

/// What a request did.
#[derive(Debug)]
struct Effect {
    status: StatusCode,
    connected: bool,
    removed: bool,
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Otherwise the target would only show that everything is refused.
    for (genuine, status) in [
        ("GET /login?invite={invite}", 200),
        ("GET /login?invite={invite}&noted=1", 302),
        ("GET /callback?code=AQ&state={state}\n{cookie}", 303),
        ("GET /callback?code=AQ&state={state}\n{receipt_cookie}", 303),
        ("GET /connected?receipt={receipt}", 200),
        // No genuine invite allows it.
        ("POST /reveal\n{receipt_cookie}\nreceipt={receipt}", 403),
        ("GET /data-deletion/{deletion}", 200),
        ("POST /deauthorize\n\nsigned_request={signed_request}", 200),
        ("POST /data-deletion\n\n{\"signed_request\":\"{signed_request}\"}", 200),
    ] {
        let input = Input::parse(genuine.as_bytes()).expect("a request");
        let effect = runtime.block_on(effect_of(input)).expect("a request");
        assert_eq!(effect.status, status, "{genuine}");
        assert_eq!((effect.connected, effect.removed), (input.may_connect(), input.may_remove()), "{genuine}");
    }
    runtime
});

async fn has(vault: &MemoryVault, name: &str) -> bool {
    vault.get(&name.parse().expect("a name")).await.expect("a vault in memory").is_some()
}

/// Sends a request to a new service. `None` if it is not valid HTTP.
async fn effect_of(input: Input<'_>) -> Option<Effect> {
    let request = input.request()?;
    let vault = vault().await;
    let response = router(vault.clone()).oneshot(request).await.expect("the router is infallible");
    let (connected, removed) = (has(&vault, INVITED).await, !has(&vault, STORED).await);
    Some(Effect { status: response.status(), connected, removed })
}

/// Checks a request. Returns whether it connected or removed an account.
pub fn check(data: &[u8]) -> bool {
    let Some(input) = Input::parse(data) else { return false };
    let Some(effect) = RUNTIME.block_on(effect_of(input)) else { return false };
    let reports_error = input.reports_an_error();
    assert!(!effect.status.is_server_error() || reports_error, "{input:?}: {effect:?}");
    assert!(effect.status != StatusCode::FOUND || input.may_start_a_login(), "{input:?}: {effect:?}");
    assert!(!effect.connected || input.may_connect(), "{input:?}: {effect:?}");
    assert!(!effect.removed || input.may_remove(), "{input:?}: {effect:?}");
    // An error that Instagram reports instead of a code connects nothing.
    assert!(!(effect.connected && reports_error), "{input:?}: {effect:?}");
    effect.connected || effect.removed
}
