//! Sends arbitrary requests to the real router. None may cause a panic, a server error, a stored account or a call to
//! Instagram.
#![no_main]

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::app::App;
use evertoken_core::clock::SystemClock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::metrics::NoMetrics;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{DocumentLocator, MemoryVault};
use evertoken_instagram::{Endpoints, InstagramLogin};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;
use tower::ServiceExt;

struct FixedCredentials;

impl AppCredentials for FixedCredentials {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        Ok(Arc::new(App::new("1", "an-app-secret", &[]).expect("an app")))
    }
}

impl SigningKeySource for FixedCredentials {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        Ok(Arc::new(SigningKeys::parse("a-signing-key-0123456789-abcdefghijk").expect("a key")))
    }
}

static SERVICE: LazyLock<(Runtime, Router)> = LazyLock::new(|| {
    let public = ("EVERTOKEN_PUBLIC_URL".to_owned(), "https://connect.example.com".to_owned());
    let variables: Variables = std::iter::once(public).collect();
    let service = Service {
        // Nothing listens on this port, so a call to Instagram would appear as a server error.
        provider: InstagramLogin::new(Endpoints::on_one_origin(&"http://127.0.0.1:9".parse().expect("a URL")))
            .expect("a client"),
        vault: MemoryVault::default(),
        app_credentials: FixedCredentials,
        signing_keys: FixedCredentials,
        events: None::<MemoryEvents>,
        environment: Environment {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            metrics: Arc::new(NoMetrics),
            locator: DocumentLocator::Memory,
            settings: Settings::read(&variables).expect("settings"),
            removals: None,
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    (runtime, routes(Arc::new(service)))
});

fuzz_target!(|data: (u8, &str, &[u8], &[u8])| {
    let (route, query, cookie, body) = data;
    let paths = ["/", "/login", "/callback", "/connected", "/deauthorize", "/data-deletion", "/data-deletion/x", "/x"];
    let path = paths[usize::from(route) % paths.len()];
    let method = if route >= 128 { Method::POST } else { Method::GET };
    let request = Request::builder().method(method).uri(format!("{path}?{query}")).header("cookie", cookie);
    // The builder rejects what is not a valid HTTP request.
    let Ok(request) = request.body(Body::from(body.to_vec())) else { return };
    let (runtime, router) = &*SERVICE;
    let response = runtime.block_on(router.clone().oneshot(request)).expect("the router is infallible");
    // Only an error that Instagram supposedly returned may lead to a page with a 5xx status.
    assert!(!response.status().is_server_error() || query.contains("error"), "{path}?{query}: {}", response.status());
    assert_ne!(response.status(), 302, "{path}?{query}");
});
