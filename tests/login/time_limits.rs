//! A login always ends with one of our pages, however slow Instagram and the vault are.

use std::time::Duration;

use evertoken_core::login::TimeLimits;
use evertoken_core::vault::{FaultyVault, VaultError, VaultFaults};
use evertoken_sandbox::{Endpoint, InjectedFault};
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;

/// Longer than a test may run, in milliseconds.
const FOREVER: u64 = 3_600_000;

/// Far apart, so that a test shows which of them applied.
const LIMITS: TimeLimits = TimeLimits {
    provider: Duration::from_millis(300),
    login: Duration::from_mins(10),
    response: Duration::from_mins(15),
    removal: Duration::from_mins(20),
};

/// A vault that never responds.
#[derive(Clone, Copy, Debug)]
struct Hangs;

impl VaultFaults for Hangs {
    async fn pass<T: Send>(&self, _: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_login_ends_with_a_page_if_instagram_does_not_respond() {
    for endpoint in [Endpoint::Code, Endpoint::Exchange, Endpoint::Me] {
        let app = TestApp::with_vault(&[], LIMITS, |vault| vault).await;
        app.inject_fault(InjectedFault::latency(endpoint, FOREVER)).await;
        let browser = BrowserClient::new();
        let page = browser.log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
        assert_eq!((page.status.as_u16(), page.heading()), (502, "Instagram is currently unavailable"), "{endpoint:?}");
        assert!(page.text.contains("Start again"), "{}", page.text);
        assert!(app.document("shop-de").await.is_none());
    }
}

#[tokio::test]
async fn a_login_ends_with_a_page_if_the_vault_does_not_respond() {
    let limits = TimeLimits { login: Duration::from_millis(300), ..TimeLimits::default() };
    let app = TestApp::with_vault(&[], limits, |vault| FaultyVault { vault, faults: Hangs }).await;
    let browser = BrowserClient::new();
    let page = browser.log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    assert_eq!(page.status, 503, "{}", page.text);
    assert!(page.text.contains("Start again"), "{}", page.text);
}
