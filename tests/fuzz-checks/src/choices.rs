//! Sends arbitrary requests to the real router of a login through Facebook. None may cause a panic, a server error or a page
//! with a token. Only the browser whose login waits for a choice may choose, and only accounts that were offered.

use std::sync::LazyLock;

use axum::body::to_bytes;
use axum::http::StatusCode;
use evertoken_core::document::ProviderName;
use evertoken_core::vault::{AccountStore, MemoryVault};
use futures_util::TryStreamExt;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::input::Input;
use crate::provider::{OFFERED, token};
use crate::service::{STORED, router_for, vault};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Otherwise the target would only show that everything is refused.
    for (genuine, status, connected) in [
        ("GET /choose?state={facebook_state}\n{facebook_cookie}; {choice_cookie}", 200, 0),
        ("GET /choose\n{facebook_cookie}; {choice_cookie}", 200, 0),
        ("POST /choose\n{facebook_cookie}; {choice_cookie}\naccount=17841405793187219", 303, 1),
        (
            "POST /choose\n{facebook_cookie}; {choice_cookie}\n\
             state={facebook_state}&account=17841405793187218&account=17841405793187220",
            303,
            2,
        ),
        ("POST /choose\n{facebook_cookie}\nstate={facebook_state}&account=17841405793187219", 410, 0),
    ] {
        let input = Input::parse(genuine.as_bytes()).expect("a request");
        let effect = runtime.block_on(effect_of(input)).expect("a request");
        assert_eq!((effect.status.as_u16(), effect.connected.len()), (status, connected), "{genuine}");
    }
    runtime
});

/// What a request did.
#[derive(Debug)]
struct Effect {
    status: StatusCode,
    /// The ids of the accounts that it connected.
    connected: Vec<String>,
    shows_a_token: bool,
}

/// The ids of all accounts but the one that was there before.
async fn connected(vault: &MemoryVault) -> Vec<String> {
    let pages: Vec<_> = vault.list().try_collect().await.expect("a vault in memory");
    let accounts = pages.into_iter().flat_map(|page| page.accounts).map(|account| account.document);
    accounts.filter(|document| document.name.as_str() != STORED).map(|it| it.account_id.as_str().to_owned()).collect()
}

/// Sends a request to a new service. `None` if it is not valid HTTP.
async fn effect_of(input: Input<'_>) -> Option<Effect> {
    let request = input.request()?;
    let vault = vault().await;
    let router = router_for(ProviderName::Facebook, vault.clone());
    let response = router.oneshot(request).await.expect("the router is infallible");
    let (status, headers) = (response.status(), format!("{:?}", response.headers()));
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a page");
    let shown = headers + &String::from_utf8_lossy(&body);
    let shows_a_token = shown.contains(token().token.expose());
    Some(Effect { status, connected: connected(&vault).await, shows_a_token })
}

/// Checks a request. Returns whether it connected an account.
pub fn check(data: &[u8]) -> bool {
    let Some(input) = Input::parse(data) else { return false };
    let Some(effect) = RUNTIME.block_on(effect_of(input)) else { return false };
    let reports_error = input.reports_an_error();
    assert!(!effect.status.is_server_error() || reports_error, "{input:?}: {effect:?}");
    assert!(!effect.shows_a_token, "{input:?}: {effect:?}");
    assert!(effect.connected.iter().all(|id| OFFERED.contains(&id.as_str())), "{input:?}: {effect:?}");
    assert!(effect.connected.is_empty() || input.may_choose(), "{input:?}: {effect:?}");
    !effect.connected.is_empty()
}
