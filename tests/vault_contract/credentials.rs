//! The app's credentials and the signing keys, on a real moto server.

use std::sync::atomic::{AtomicUsize, Ordering};

use evertoken_aws::SecretsManagerCredentials;
use evertoken_aws::settings::CredentialSettings;
use evertoken_core::app::InvalidApp;
use evertoken_core::ports::{Credentials, CredentialsError};
use evertoken_tests::fixed_clock::FixedClock;
use evertoken_tests::moto::Moto;
use evertoken_tests::sample::ISSUED_AT;

const KEY: &str = "a-signing-key-of-more-than-32-characters";

/// Two secrets of their own, with these values where there are any.
async fn credentials(app: Option<&str>, signing: Option<&str>) -> SecretsManagerCredentials<FixedClock> {
    static SECRETS: AtomicUsize = AtomicUsize::new(0);
    let prefix = format!("credentials-{}", SECRETS.fetch_add(1, Ordering::SeqCst));
    let settings = CredentialSettings { app: format!("{prefix}/app"), signing: format!("{prefix}/signing") };
    let client = Moto::shared().client();
    for (secret, value) in [(&settings.app, app), (&settings.signing, signing)] {
        if let Some(value) = value {
            client.create_secret().name(secret).secret_string(value).send().await.unwrap();
        }
    }
    SecretsManagerCredentials::new(client, settings, FixedClock(ISSUED_AT))
}

#[tokio::test]
async fn both_secrets_are_read() {
    let credentials = credentials(Some(r#"{"app_id":"1","app_secret":"s"}"#), Some(KEY)).await;
    assert_eq!(credentials.app().await.unwrap().id, "1");
    let keys = credentials.signing_keys().await.unwrap();
    assert!(keys.holds("test", "text", &keys.tag("test", "text")));
}

#[tokio::test]
async fn what_is_wrong_with_a_secret_is_told_and_the_secret_is_not() {
    let credentials = credentials(Some("hunter2"), Some("hunter2")).await;
    let app = credentials.app().await.unwrap_err();
    assert!(matches!(&app, CredentialsError::App { reason: InvalidApp::Shape, .. }), "{app:?}");
    let signing = credentials.signing_keys().await.unwrap_err();
    assert!(matches!(&signing, CredentialsError::SigningKeys { .. }), "{signing:?}");
    for error in [app, signing] {
        assert!(error.to_string().contains("credentials-") && !format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_missing_secret_is_named() {
    let credentials = credentials(None, None).await;
    let app = credentials.app().await.unwrap_err();
    assert!(matches!(&app, CredentialsError::App { reason: InvalidApp::Absent, .. }), "{app:?}");
    let error = credentials.signing_keys().await.unwrap_err().to_string();
    assert!(error.ends_with("/signing could not be read (ResourceNotFoundException)"), "{error}");
}
