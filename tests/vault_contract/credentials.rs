//! The app credentials and the signing keys in Secrets Manager, on a moto server.

use std::sync::atomic::{AtomicUsize, Ordering};

use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys};
use evertoken_core::app::InvalidApp;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_tests::fixed_clock::FixedClock;
use evertoken_tests::moto::Moto;
use evertoken_tests::sample::ISSUED_AT;

const KEY: &str = "a-signing-key-of-more-than-32-characters";

struct TestCredentials {
    app: SecretsManagerApp<FixedClock>,
    keys: SecretsManagerSigningKeys<FixedClock>,
}

/// Creates separate secrets with these values. `None` leaves a secret missing.
async fn credentials(app: Option<&str>, signing: Option<&str>) -> TestCredentials {
    static SECRETS: AtomicUsize = AtomicUsize::new(0);
    let prefix = format!("credentials-{}", SECRETS.fetch_add(1, Ordering::SeqCst));
    let (app_name, signing_name) = (format!("{prefix}/app"), format!("{prefix}/signing"));
    let client = Moto::shared().client();
    for (secret, value) in [(&app_name, app), (&signing_name, signing)] {
        if let Some(value) = value {
            client.create_secret().name(secret).secret_string(value).send().await.unwrap();
        }
    }
    TestCredentials {
        app: SecretsManagerApp::new(client.clone(), app_name, FixedClock(ISSUED_AT)),
        keys: SecretsManagerSigningKeys::new(client, signing_name, FixedClock(ISSUED_AT)),
    }
}

#[tokio::test]
async fn the_app_and_the_signing_keys_are_read() {
    let credentials = credentials(Some(r#"{"app_id":"1","app_secret":"s"}"#), Some(KEY)).await;
    assert_eq!(credentials.app.app().await.unwrap().id, "1");
    let keys = credentials.keys.signing_keys().await.unwrap();
    assert!(keys.holds("test", "text", &keys.tag("test", "text")));
}

#[tokio::test]
async fn an_invalid_secret_is_reported_without_its_value() {
    let credentials = credentials(Some("hunter2"), Some("hunter2")).await;
    let app = credentials.app.app().await.unwrap_err();
    assert!(matches!(&app, CredentialsError::App { reason: InvalidApp::Shape, .. }), "{app:?}");
    let signing = credentials.keys.signing_keys().await.unwrap_err();
    assert!(matches!(&signing, CredentialsError::SigningKeys { .. }), "{signing:?}");
    for error in [app, signing] {
        assert!(error.to_string().contains("credentials-") && !format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_missing_secret_is_reported_by_name() {
    let credentials = credentials(None, None).await;
    let app = credentials.app.app().await.unwrap_err();
    assert!(matches!(&app, CredentialsError::App { reason: InvalidApp::Absent, .. }), "{app:?}");
    let error = credentials.keys.signing_keys().await.unwrap_err().to_string();
    assert!(
        error.ends_with("/signing (ResourceNotFoundException)") && error.starts_with("cannot read the secret "),
        "{error}"
    );
}
