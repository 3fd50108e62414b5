//! Events for whoever listens at an address: a signed POST each.

use std::fmt;
use std::time::Duration;

use evertoken_core::backoff::{Backoff, Jitter, retry};
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::Event;
use evertoken_core::events::{EventError, Events};
use evertoken_core::signing::MINIMUM_KEY_LENGTH;
use evertoken_core::variables::{VariableError, Variables, is_loopback};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use url::Url;

use super::envelope::envelope;

/// Tries of one event.
const TRIES: u32 = 4;

/// One try.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Before the second try, at most; twice that before each further one.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(10), jitter: Jitter::Full };

const URL: &str = "EVERTOKEN_WEBHOOK_URL";
const SECRET: &str = "EVERTOKEN_WEBHOOK_SECRET";

/// One address. It may be a secret itself, so it is never shown.
#[derive(Clone)]
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    secret: SecretString,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(redacted)")
    }
}

impl Webhook {
    /// `EVERTOKEN_WEBHOOK_URL` and `EVERTOKEN_WEBHOOK_SECRET`; none where the former is absent.
    pub(crate) fn read(variables: &Variables) -> anyhow::Result<Option<Self>> {
        let Some(url) = variables.get(URL) else { return Ok(None) };
        let expected = "an https URL that takes POST requests (plain http on loopback only)";
        let url =
            Url::parse(url).ok().filter(|url| url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)));
        let url = url.ok_or(VariableError::InvalidSecret { name: URL, expected })?;
        let expected = "what signs the requests: a text of at least 32 characters, known to the receiver too";
        let secret = variables.require(SECRET, expected)?;
        if secret.chars().count() < MINIMUM_KEY_LENGTH {
            return Err(VariableError::InvalidSecret { name: SECRET, expected }.into());
        }
        let client = Client::builder()
            .user_agent(concat!("evertoken/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(ATTEMPT)
            .build()?;
        Ok(Some(Self { client, url, secret: SecretString::from(secret) }))
    }

    /// One try; what went wrong in a word that holds nothing of the address.
    async fn post(&self, body: &str) -> Result<(), String> {
        // Signed anew each time, so that a receiver may refuse what is minutes old.
        let timestamp = SystemClock.now().unix_timestamp().to_string();
        let request = self
            .client
            .post(self.url.clone())
            .header("Content-Type", "application/json")
            .header("Evertoken-Timestamp", &timestamp)
            .header("Evertoken-Signature", format!("v1={}", self.signature(&timestamp, body)))
            .body(body.to_owned());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("webhook http {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Err("webhook timeout".to_owned()),
            Err(_) => Err("webhook connection".to_owned()),
        }
    }

    /// HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal digits.
    fn signature(&self, timestamp: &str, body: &str) -> String {
        // A key of any length is fine, so this makes a MAC whatever the secret is.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes()) else {
            return String::new();
        };
        for part in [timestamp, ".", body] {
            mac.update(part.as_bytes());
        }
        hex::encode(mac.finalize().into_bytes())
    }
}

impl Events for Webhook {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        let body = envelope(&event).to_string();
        let wait = |_: &String, attempt| (attempt < TRIES).then(|| BACKOFF.delay(attempt, &SystemEntropy));
        retry(|| self.post(&body), wait).await.map_err(|code| EventError { code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> anyhow::Result<Option<Webhook>> {
        Webhook::read(&variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_signature_is_one_that_any_language_computes() {
        let secret = "0123456789abcdef0123456789abcdef";
        let webhook = read(&[(URL, "https://hooks.example.com/x?y=z"), (SECRET, secret)]).unwrap().unwrap();
        // printf '%s' '1767225600.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let expected = "5a178d9c0a752b5853bf52551646d72a3506620c785b7cfaf493f8b2adddfbdd";
        assert_eq!(webhook.signature("1767225600", r#"{"a":1}"#), expected);
        assert!(!format!("{webhook:?}").contains("hooks"));
    }

    #[test]
    fn an_address_without_a_secret_or_without_tls_is_refused_and_not_repeated() {
        assert!(read(&[]).unwrap().is_none());
        for (url, secret, name) in [
            ("https://hooks.example.com", "", SECRET),
            ("https://hooks.example.com", "short", SECRET),
            ("http://hooks.example.com", "0123456789abcdef0123456789abcdef", URL),
        ] {
            let error = read(&[(URL, url), (SECRET, secret)]).unwrap_err().to_string();
            assert!(error.starts_with(name) && !error.contains("hooks"), "{error}");
        }
    }
}
