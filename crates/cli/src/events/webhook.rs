//! Events as signed POST requests.
//!
//! Requests carry the headers of Standard Webhooks (standardwebhooks.com) and Evertoken's own.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use evertoken_core::backoff::{Backoff, Jitter, retry};
use evertoken_core::clock::{Clock, SystemClock};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::{Event, EventError, Events};
use evertoken_core::signing::MINIMUM_KEY_LENGTH;
use evertoken_core::variables::{VariableError, Variables, is_loopback};
use evertoken_https::{Tls, TlsError};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use url::Url;

use super::envelope::envelope;
use crate::error::Result;

/// Attempts to send one event.
const ATTEMPTS: u32 = 4;

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

const BACKOFF: Backoff =
    Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(4), jitter: Jitter::Full };

const URL: &str = "EVERTOKEN_WEBHOOK_URL";
const SECRET: &str = "EVERTOKEN_WEBHOOK_SECRET";

/// The prefix of a Standard Webhooks secret. Base64 follows.
const BASE64_SECRET: &str = "whsec_";

/// The shortest key that Standard Webhooks allows, in bytes.
const MINIMUM_BASE64_KEY_LENGTH: usize = 24;

/// A webhook. Its URL may contain a secret, so it is never shown.
#[derive(Clone)]
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    key: SecretSlice<u8>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(redacted)")
    }
}

impl Webhook {
    /// Reads `EVERTOKEN_WEBHOOK_URL` and `EVERTOKEN_WEBHOOK_SECRET`. Returns `None` if the former is not set.
    pub(crate) fn read(variables: &Variables) -> Result<Option<Self>> {
        let Some(url) = variables.get(URL) else { return Ok(None) };
        let expected = "an https URL that accepts POST requests (plain http on loopback only)";
        let url =
            Url::parse(url).ok().filter(|url| url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)));
        let url = url.ok_or(VariableError::InvalidSecret { name: URL, expected })?;
        let expected = "the key that signs the requests: a text of at least 32 characters, or whsec_ and Base64";
        let secret = variables.require(SECRET, expected)?;
        let key = key(secret).ok_or(VariableError::InvalidSecret { name: SECRET, expected })?;
        let client = Tls::with_system_roots()
            .client()
            .user_agent(concat!("evertoken/", env!("CARGO_PKG_VERSION")))
            .timeout(ATTEMPT_TIMEOUT)
            .build()
            .map_err(|_| TlsError::Unusable)?;
        Ok(Some(Self { client, url, key }))
    }

    /// Makes one attempt. The error contains nothing of the URL.
    async fn post(&self, id: &str, body: &str) -> Result<(), String> {
        // Each attempt is signed anew, so that a receiver can reject old requests.
        let timestamp = SystemClock.now().unix_timestamp().to_string();
        let standard = BASE64.encode(self.hmac(&[id, ".", &timestamp, ".", body]));
        let own = hex::encode(self.hmac(&[&timestamp, ".", body]));
        let request = self
            .client
            .post(self.url.clone())
            .header("Content-Type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", &timestamp)
            .header("webhook-signature", format!("v1,{standard}"))
            .header("Evertoken-Timestamp", &timestamp)
            .header("Evertoken-Signature", format!("v1={own}"))
            .body(body.to_owned());
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(format!("webhook http {}", response.status().as_u16())),
            Err(error) if error.is_timeout() => Err("webhook timeout".to_owned()),
            Err(_) => Err("webhook connection".to_owned()),
        }
    }

    /// HMAC-SHA256 over the parts.
    fn hmac(&self, parts: &[&str]) -> Vec<u8> {
        // HMAC accepts keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.expose_secret()) else { return Vec::new() };
        for part in parts {
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().to_vec()
    }
}

/// The bytes of the key, or `None` if it is too short.
fn key(secret: &str) -> Option<SecretSlice<u8>> {
    let key = match secret.strip_prefix(BASE64_SECRET) {
        Some(encoded) => BASE64.decode(encoded).ok().filter(|key| key.len() >= MINIMUM_BASE64_KEY_LENGTH),
        None => (secret.chars().count() >= MINIMUM_KEY_LENGTH).then(|| secret.as_bytes().to_vec()),
    };
    key.map(SecretSlice::from)
}

/// The same for every attempt, and different for every event.
fn message_id(body: &str) -> String {
    let digest = hex::encode(Sha256::digest(body));
    format!("msg_{}", digest.chars().take(32).collect::<String>())
}

impl Events for Webhook {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        let body = envelope(&event).to_string();
        let id = message_id(&body);
        let wait = |_: &String, attempt: u32| (attempt < ATTEMPTS).then(|| BACKOFF.delay(attempt, &SystemEntropy));
        retry(|| self.post(&id, &body), wait).await.map_err(|code| EventError { code })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;

    use evertoken_https::{RedirectTarget, read_request};
    use tokio::time::{Instant, timeout};

    use super::*;

    const HOOK: &str = "https://hooks.example.com/x?y=z";

    fn read(variables: &[(&str, &str)]) -> Result<Option<Webhook>> {
        Webhook::read(&variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn signs_with_hmac_sha256() {
        let secret = "0123456789abcdef0123456789abcdef";
        let webhook = read(&[(URL, HOOK), (SECRET, secret)]).unwrap().unwrap();
        // printf '%s' '1767225600.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let expected = "5a178d9c0a752b5853bf52551646d72a3506620c785b7cfaf493f8b2adddfbdd";
        assert_eq!(hex::encode(webhook.hmac(&["1767225600", ".", r#"{"a":1}"#])), expected);
        assert!(!format!("{webhook:?}").contains("hooks"));
    }

    #[test]
    fn signs_the_example_of_standard_webhooks() {
        // github.com/standard-webhooks/standard-webhooks, spec and libraries' tests.
        let webhook = read(&[(URL, HOOK), (SECRET, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]).unwrap().unwrap();
        let signature =
            webhook.hmac(&["msg_p5jXN8AQM9LWM0D4loKWxJek", ".", "1614265330", ".", r#"{"test": 2432232314}"#]);
        assert_eq!(BASE64.encode(signature), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    fn webhook_at(listener: &TcpListener) -> Webhook {
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        read(&[(URL, &url), (SECRET, "0123456789abcdef0123456789abcdef")]).unwrap().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn each_attempt_at_a_receiver_that_never_answers_ends_after_five_seconds() {
        // Connections are accepted by the operating system, and nobody answers.
        let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
        let webhook = webhook_at(&hanging);
        let start = Instant::now();
        let posted = timeout(Duration::from_hours(24), webhook.post("msg_1", "{}")).await;
        assert_eq!(posted.expect("the attempt has no timeout"), Err("webhook timeout".to_owned()));
        assert_eq!(start.elapsed().as_secs(), 5);
    }

    #[tokio::test]
    async fn a_redirect_is_an_error_and_its_target_never_receives_the_event() {
        for status in [302, 307, 308] {
            let (server, target) = (TcpListener::bind("127.0.0.1:0").unwrap(), RedirectTarget::start().unwrap());
            let location = target.address;
            let webhook = webhook_at(&server);
            std::thread::spawn(move || {
                let mut stream = server.accept().unwrap().0;
                read_request(&mut stream).unwrap();
                let head = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: http://{location}/");
                write!(stream, "{head}\r\ncontent-length: 0\r\n\r\n").unwrap();
            });
            let posted = webhook.post("msg_1", "{}").await;
            assert!(!target.was_contacted(), "the webhook followed status {status}");
            assert_eq!(posted, Err(format!("webhook http {status}")));
        }
    }

    #[test]
    fn rejects_a_url_without_a_secret_or_without_tls_and_does_not_repeat_it() {
        assert!(read(&[]).unwrap().is_none());
        for (url, secret, name) in [
            ("https://hooks.example.com", "", SECRET),
            ("https://hooks.example.com", "short", SECRET),
            ("https://hooks.example.com", "whsec_c2hvcnQ=", SECRET),
            ("https://hooks.example.com", "whsec_not-base64-0123456789abcdef0123", SECRET),
            ("http://hooks.example.com", "0123456789abcdef0123456789abcdef", URL),
        ] {
            let error = read(&[(URL, url), (SECRET, secret)]).unwrap_err().to_string();
            assert!(error.starts_with(name) && !error.contains("hooks"), "{error}");
        }
    }
}
